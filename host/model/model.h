/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model: models, their providers, and how they are spoken to.
 *
 * A provider's plugin turns the host's form of requests and replies (sdk/include/tdev/provider.h)
 * into that of one wire and back, and does no I/O; what is here enters it, cuts streams into
 * frames, and gathers their pieces. docs/model.md tells it to users.
 */
#ifndef TDH_MODEL_MODEL_H
#define TDH_MODEL_MODEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "call/call.h"
#include "model/catalogue.h"
#include "plugin/plugin.h"

enum {
    TDH_MODEL_MESSAGES_MAX = 100000, /* of a request */
    TDH_MODEL_TOOLS_MAX = 1024,      /* of a request */
    TDH_MODEL_PARTS_MAX = 10000,     /* of a reply */
    TDH_MODEL_REPLY_MAX = 64 << 20,  /* bytes of all parts of a reply */
    TDH_MODEL_FRAME_MAX = 16 << 20,  /* bytes of a frame of a stream */
    TDH_MODEL_FAILURE_TEXT = 4 << 10 /* bytes of a failure's body that are looked at */
};

/** "rate", "auth", ...: the word of a fault; never NULL. */
const char *tdh_fault_name(enum td_fault fault);
/** Fills err with the fault's code, and whether another attempt is worth it; -1. */
int tdh_fault_fail(struct td_err *err, enum td_fault fault, const char *fmt, ...) TD_PRINTF(3, 4);
/** Makes an error one of that kind, with its code; the text stays. */
void tdh_fault_mark(struct td_err *err, enum td_fault fault);
/** What kind of failure an error of a model is; TD_FAULT_NONE: it does not come from one. */
enum td_fault tdh_fault_of(const struct td_err *err);
const char *tdh_finish_name(enum td_finish finish);

/** A delta as JSON: {type, index, text, id, name, finish, usage, fault}, what it has. new */
json_t *tdh_delta_json(const struct td_delta *delta);
/** {input, ...}: what is known. new */
json_t *tdh_usage_json(const struct td_usage *usage);
/** What is not there is -1. */
struct td_usage tdh_usage_read(const json_t *usage);

/**
 * Is it a request for a chat, in the host's form? Shorthands become what they stand for: a message
 * may have `text` in place of parts, and the request `prompt` in place of messages.
 *
 * request      borrow
 * ret_request  new: another one, or the same
 * err          TD_E_INVAL with the JSON Pointer of what is wrong
 */
int tdh_request_check(const json_t *request, json_t **ret_request, struct td_err *err);
/** The same of a request for embeddings: `text` for `texts`. */
int tdh_request_check_embed(const json_t *request, json_t **ret_request, struct td_err *err);

/*
 * A provider's plugin with its options. Made once, entered from any thread, never changed.
 */
struct tdh_wire;
/**
 * plugin    held from now on
 * services  borrow, for as long as it is there
 * name      of the provider, for messages
 * options   NULL: none
 * err       TD_E_CONFIG, what the plugin says
 */
struct tdh_wire *tdh_wire_new(struct tdh_plugin *plugin, const struct td_services *services,
                              const char *name, const json_t *options, struct td_err *err);
void tdh_wire_free(struct tdh_wire *wire);
bool tdh_wire_is_native(const struct tdh_wire *wire);
bool tdh_wire_has_embeddings(const struct tdh_wire *wire);
enum td_framing tdh_wire_framing(const struct tdh_wire *wire);

/* What is to be sent. End it: tdh_outgoing_end. */
struct tdh_outgoing {
    const char *method;
    char *path;      /* behind the base URL */
    char **headers;  /* "Name: value"; ends with NULL; NULL: none */
    json_t *body;    /* NULL: none */
    json_t *dropped; /* [TEXT] of what could not be said; NULL: nothing */
};
void tdh_outgoing_end(struct tdh_outgoing *sending);
/** request: checked. err TD_E_UNSUPPORTED */
int tdh_wire_chat(const struct tdh_wire *wire, const json_t *request, bool is_stream,
                  struct tdh_outgoing *ret_sending, struct td_err *err);
int tdh_wire_embed(const struct tdh_wire *wire, const json_t *request,
                   struct tdh_outgoing *ret_sending, struct td_err *err);
/** The reply to a chat, or to embeddings; ret_reply new. err TD_E_EXTERNAL, TD_FAULT_BROKEN */
int tdh_wire_reply(const struct tdh_wire *wire, bool is_embed, const char *body, size_t length,
                   json_t **ret_reply, struct td_err *err);
/**
 * What a reply that is no success comes to. Always fills err.
 *
 * headers  names in small letters to values
 * err      retry_after_ms that is there holds, unless the wire knows better
 */
void tdh_wire_failure(const struct tdh_wire *wire, unsigned status, const json_t *headers,
                      const char *body, size_t length, struct td_err *err);
/** Of one that is native. */
TD_YIELDS int tdh_wire_run(const struct tdh_wire *wire, struct tdh_call *call,
                           const json_t *request, const struct td_sink *sink, json_t **ret_reply,
                           struct td_err *err);
TD_YIELDS int tdh_wire_run_embed(const struct tdh_wire *wire, struct tdh_call *call,
                                 const json_t *request, json_t **ret_reply, struct td_err *err);

/*
 * A stream that is read: bytes in, deltas out. In one thread at a time.
 */
struct tdh_stream;
/** sink: borrow. new */
struct tdh_stream *tdh_stream_new(const struct tdh_wire *wire, const struct td_sink *sink,
                                  struct td_err *err);
/** err what the sink says; TD_FAULT_BROKEN: it is no stream of this wire; TD_E_LIMIT; what the
 * server says has failed, by its fault. It is over then. */
int tdh_stream_feed(struct tdh_stream *stream, const char *bytes, size_t length,
                    struct td_err *err);
/** There is no more. err TD_FAULT_BROKEN: the end is missing */
int tdh_stream_end(struct tdh_stream *stream, struct td_err *err);
void tdh_stream_free(struct tdh_stream *stream);

/*
 * Gathers the deltas of a stream into a reply.
 */
struct tdh_gather;
/** next: gets each delta, too, after it was gathered; NULL. new; err TD_E_NOMEM */
struct tdh_gather *tdh_gather_new(const struct td_sink *next, struct td_err *err);
const struct td_sink *tdh_gather_sink(struct tdh_gather *gather);
/** Has anything come that its reader would see twice, were the request sent again? */
bool tdh_gather_has_content(const struct tdh_gather *gather);
/** All that came. new; NULL: no memory */
json_t *tdh_gather_reply(const struct tdh_gather *gather);
void tdh_gather_free(struct tdh_gather *gather);

#include "model/models.h"

#endif
