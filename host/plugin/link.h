/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link: frames between the host and the process of an isolated plugin, over a ring each way.
 *
 * Both ends use the same code: a frame is a head and up to TDH_FRAME_MAX bytes, larger than the
 * ring if need be. What does not fit now waits in a queue and goes on when the other end makes
 * room. An end belongs to one worker. A frame that breaks the rules, or positions that make no
 * sense, break the link for good.
 *
 * The other end is not trusted: a frame is copied out before anything of it is looked at, and what
 * its numbers and texts say is held against what can be by whoever takes it.
 */
#ifndef TDH_PLUGIN_LINK_H
#define TDH_PLUGIN_LINK_H

#include <jansson.h>

#include "base/buf.h"
#include "plugin/ring.h"
#include "runtime/runtime.h"

enum {
    TDH_FRAME_MAX = 64 << 20, /* bytes behind the head */
    TDH_LINK_VERSION = 2      /* of head, kinds and payloads; host and runner must be of one */
};

enum tdh_frame_kind {
    /* host to plugin; `call` is the request's number, answered by TDH_FRAME_DONE */
    TDH_FRAME_PREPARE = 1, /* subject: template; name, options */
    TDH_FRAME_INIT,        /* subject: instance; number: its template */
    TDH_FRAME_CALL,        /* subject: instance; place: action; number: deadline; key, input */
    TDH_FRAME_RECONCILE,   /* as TDH_FRAME_CALL */
    TDH_FRAME_CANCEL,      /* the request is to end soon; not answered */
    TDH_FRAME_DROP,        /* subject: instance; not answered */
    TDH_FRAME_RELEASE,     /* subject: template; not answered */
    TDH_FRAME_ANSWER,      /* of TDH_FRAME_ASK; rc, and what the service gives, or an error */
    TDH_FRAME_END,         /* the process is to end; not answered */
    /* plugin to host */
    TDH_FRAME_READY, /* the library is open; rc, an error; place: what is not confined */
    TDH_FRAME_DONE,  /* of a request; rc, and an output or an error; number: what reconcile says */
    TDH_FRAME_ASK,   /* within a request; place: enum tdh_service */
    TDH_FRAME_LOG,   /* place: the level; instance, text */
    /* host to plugin, as those above; answered by TDH_FRAME_DONE */
    TDH_FRAME_SAVE,   /* subject: instance; the answer has its state */
    TDH_FRAME_LOAD,   /* subject: instance; its state */
    TDH_FRAME_MIGRATE /* number: version it has, place: the one wanted; a state. The answer is
                         {path, state} */
};

/* What a plugin's code asks its host for. Texts come in this order, each with its NUL. */
enum tdh_service {
    TDH_SERVICE_CALL = 1, /* agent, action, input; number: time, subject: attempts */
    TDH_SERVICE_EMIT,     /* chunk */
    TDH_SERVICE_GET,      /* key */
    TDH_SERVICE_PUT,      /* key, value; number: version */
    TDH_SERVICE_DELETE,   /* key; number: version */
    TDH_SERVICE_SCAN,     /* prefix; number: limit */
    TDH_SERVICE_SPEND,    /* meter; number: the bits of the amount */
    TDH_SERVICE_HAS_USE,  /* role. The answer's number: 1, or 0 */
    TDH_SERVICE_USE       /* role, input; as TDH_SERVICE_CALL */
};

struct tdh_frame_head {
    uint32_t kind;
    uint32_t length; /* of what follows */
    uint64_t call;
    uint64_t subject;
    uint64_t number;
    uint32_t place;
    int32_t rc;
};

/* One that came, or waits to go. free() ends it. */
struct tdh_frame {
    struct tdh_frame *next;
    struct tdh_frame_head head;
    char payload[]; /* with a NUL behind it */
};

struct tdh_link {
    struct tdh_ring in, out;
    int wake_fd; /* a byte to it wakes the other end; -1: the other end is gone */
    /* what waits to go, the first of it in part */
    struct tdh_frame *first, *last;
    size_t sent;
    /* what is coming */
    struct tdh_frame_head head;
    struct tdh_frame *coming;
    size_t got;
    const char *fault; /* why the link is broken; static. NULL: it is not */
};

/* The memory of both rings, for mmap. */
struct tdh_link_shared {
    struct tdh_ring_shared to_plugin, to_host;
};

/** Zeroed before; the memory and the descriptor are borrowed. */
void tdh_link_begin(struct tdh_link *link, struct tdh_link_shared *shared, bool is_host,
                    int wake_fd);
/** Gives back what waits. */
void tdh_link_end(struct tdh_link *link);
/** Sends a copy, now or as soon as there is room; length is that of the payload.
 * err TD_E_NOMEM; TD_E_LIMIT: longer than TDH_FRAME_MAX; TD_E_UNAVAILABLE: the link is broken. */
int tdh_link_send(struct tdh_link *link, const struct tdh_frame_head *head, const void *payload,
                  size_t length, struct td_err *err);
/** The next frame that has come as a whole, the caller's; NULL: none yet, or the link is broken. */
struct tdh_frame *tdh_link_take(struct tdh_link *link);
/** After a wake: sends on what waits. */
void tdh_link_flush(struct tdh_link *link);
/** As tdh_ring_await_bytes for what comes in. */
bool tdh_link_await(struct tdh_link *link, bool is_waiting);

/* --- payloads --- */

/** The next text, which ends with a NUL inside of the frame; NULL: there is none. `at` begins as 0
 * and moves on. Borrowed. */
const char *tdh_frame_text(const struct tdh_frame *frame, size_t *at);
/** The JSON value that is all the rest; new, or NULL: err. */
json_t *tdh_frame_json(const struct tdh_frame *frame, size_t at, struct td_err *err);
/** An error as a payload, and back: what cannot be in one is made to fit. */
void tdh_frame_put_err(struct tdh_buf *buf, const struct td_err *error);
void tdh_frame_get_err(const struct tdh_frame *frame, struct td_err *ret_err);

#endif
