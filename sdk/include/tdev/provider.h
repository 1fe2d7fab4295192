/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider: how models are spoken to.
 *
 * A plugin of this kind knows one wire: the form that requests for a model, replies and streams
 * have on the way to servers of one family. It turns the host's own form, below, into that, and
 * back. It does no I/O: connections, keys, deadlines, retries, limits and money are the host's. So
 * the functions of a wire wait for nothing (no service of TD_YIELDS), and what they give follows
 * from what they are given and from the instance's options alone. Where a provider's servers are,
 * which models it has and what they cost stands in a file of conf/models; what differs among
 * servers of one wire are options of the plugin, which that file sets.
 *
 * A plugin whose models are at no server (a script, a model in this process) is `native` instead:
 * its functions are as those of an agent, and may wait.
 *
 * The host's form of a request, as JSON; only model and messages must be there:
 *
 *   model              as the server calls it
 *   messages           [{role: system|user|assistant|tool, parts: [PART, ...]}, ...], never empty
 *   tools              [{name, description, input: SCHEMA, strict: BOOL}, ...]
 *   tool_choice        auto, none, required, or {name}
 *   parallel_tools     false: one call of a tool at a time
 *   max_tokens, temperature, top_p, top_k, stop: [TEXT], seed, presence_penalty, frequency_penalty
 *   output             {type: text}, {type: json}, or {type: schema, name, schema, strict}
 *   reasoning          {effort: none|minimal|low|medium|high|max} or {budget: TOKENS}
 *   user               who asks, for the provider's own records
 *
 *   PART               {type: text, text}
 *                      {type: image, url} or {type: image, mime, data}, with detail: low|high|auto
 *                      {type: audio, mime, data}
 *                      {type: file, url|id} or {type: file, mime, data}, with name
 *                      {type: tool_call, id, name, input: VALUE}; input_text: TEXT in place of
 *                        input, when what the model wrote is no JSON
 *                      {type: tool_result, id, name, parts: [text and image parts], is_error}
 *                      {type: thinking, text}
 *                      {type: opaque, data}: the provider's own, to be given back as it is
 *                      `data` is Base64. Any part may have `signature`, to be given back with it.
 *
 * and of a reply:
 *
 *   id, model          as the server says; may be missing
 *   parts              text, thinking, opaque and tool_call parts
 *   finish             stop, length, tool_calls, content_filter, error, other
 *   finish_raw         the server's word for it
 *   usage              {input, cache_read, cache_write, output, reasoning}: tokens, those that are
 *                      known. input has the cached ones in it, and output those of the reasoning
 *   usage_raw          as the server says it
 *
 * Embeddings: {model, texts: [TEXT], purpose: document|query|similarity|classification, dimensions}
 * and {vectors: [[NUMBER]], usage}, in the order of the texts.
 */
#ifndef TDEV_PROVIDER_H
#define TDEV_PROVIDER_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <tdev/ctx.h>
#include <tdev/err.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What kind of failure it is: it decides what is tried next. Numbers are part of the ABI. */
enum td_fault {
    TD_FAULT_NONE,
    TD_FAULT_REQUEST,    /* the request breaks a rule of the server */
    TD_FAULT_AUTH,       /* the key is not accepted, or may not do this */
    TD_FAULT_MONEY,      /* no credit, a spending limit */
    TD_FAULT_MODEL,      /* there is no such model */
    TD_FAULT_CONTEXT,    /* the request is too long for the model */
    TD_FAULT_REFUSED,    /* by a filter of contents */
    TD_FAULT_RATE,       /* too many requests or tokens in a time */
    TD_FAULT_OVERLOADED, /* the server has too much to do */
    TD_FAULT_OUTAGE,     /* the server failed, or cannot be reached */
    TD_FAULT_TIMEOUT,
    TD_FAULT_BROKEN, /* what came is not what the wire says, or not all of it */
    TD_FAULT_MAX_
};

enum td_finish {
    TD_FINISH_NONE,
    TD_FINISH_STOP,
    TD_FINISH_LENGTH,
    TD_FINISH_TOOL_CALLS,
    TD_FINISH_CONTENT_FILTER,
    TD_FINISH_ERROR,
    TD_FINISH_OTHER,
    TD_FINISH_MAX_
};

/* Tokens; -1: not told. */
struct td_usage {
    int64_t input, cache_read, cache_write, output, reasoning;
};

/*
 * A piece of a stream. Parts are numbered by the plugin, from 0, as they begin; those of a wire
 * that interleaves them may be told in turns.
 *
 *   BEGIN      id, name: of the reply, and the model's; either may be NULL. At most once, first
 *   TEXT       text: of the text part `index`
 *   THINKING   text: of the thinking part `index`
 *   SIGNATURE  text: of the part `index`, as a whole
 *   OPAQUE     text: the part `index`, as a whole
 *   TOOL       id, name: a tool_call part begins. id NULL: the server gave none
 *   INPUT      text: a fragment of the JSON of its input
 *   FINISH     finish, text: the server's word
 *   USAGE      usage: all so far, which replaces what was told before; json: as the server says it
 *   FAULT      fault, text: a sentence; retry_after_ms. The stream has failed
 */
enum td_delta_type {
    TD_DELTA_BEGIN = 1,
    TD_DELTA_TEXT,
    TD_DELTA_THINKING,
    TD_DELTA_SIGNATURE,
    TD_DELTA_OPAQUE,
    TD_DELTA_TOOL,
    TD_DELTA_INPUT,
    TD_DELTA_FINISH,
    TD_DELTA_USAGE,
    TD_DELTA_FAULT
};
struct td_delta {
    uint32_t size;
    enum td_delta_type type;
    uint32_t index;
    uint32_t retry_after_ms;
    enum td_finish finish;
    enum td_fault fault;
    const char *text; /* need not end with a NUL */
    size_t length;
    const char *id, *name;
    const struct td_usage *usage;
    const json_t *json;
    uint64_t reserved[4];
};
/* Takes a piece; all of it is borrowed for the call. err: give it back, and go no further. */
struct td_sink {
    uint32_t size;
    uint32_t reserved_flags;
    int (*take)(const struct td_sink *sink, const struct td_delta *delta, struct td_err *err);
};

/* A request of HTTP. All texts live until the call ends: constants, or of td_alloc. */
struct td_wire_request {
    uint32_t size;
    uint32_t flags;             /* none yet */
    const char *method;         /* NULL: POST */
    const char *path;           /* behind the provider's base URL, with its query: "/messages" */
    const char *const *headers; /* "Name: value", besides those of JSON and the key; ends with NULL;
                                   may be NULL */
    json_t *body;               /* new; NULL: none */
    json_t *dropped;            /* new: [TEXT], members of the request that this wire, or this
                                   server, has no word for; NULL: none */
    uint64_t reserved[4];
};

/* A reply that is no success. */
struct td_wire_failure {
    uint32_t size;
    uint32_t status;
    const json_t *headers; /* names in small letters to values */
    const json_t *body;    /* NULL: it is no JSON */
    const char *text;      /* the body's first bytes; ends with a NUL */
    uint64_t reserved[4];
};

/* How a stream is cut into frames, which the host does. */
enum td_framing {
    TD_FRAMES_SSE = 1, /* text/event-stream; event: its name, or NULL */
    TD_FRAMES_LINES,   /* a JSON value a line; event is NULL */
    TD_FRAMES_AWS      /* application/vnd.amazon.eventstream; event: its :event-type, or "!" and its
                          :exception-type or :error-code */
};
struct td_frame {
    uint32_t size;
    uint32_t reserved_flags;
    const char *event;
    const char *text; /* ends with a NUL */
    size_t length;
    const json_t *json; /* the text; NULL: it is no JSON */
    uint64_t reserved[4];
};

struct td_wire {
    uint32_t size;
    enum td_framing framing;
    size_t reader_size; /* bytes of what a stream's reader keeps between frames; zeroed first */

    /** request: in the host's form, checked. ret: zeroed but for its size. err TD_E_UNSUPPORTED: it
     * cannot be said on this wire at all */
    int (*chat)(struct td_ctx *ctx, const json_t *request, bool is_stream,
                struct td_wire_request *ret, struct td_err *err);
    /** body: of a success. ret_reply: new. err TD_E_EXTERNAL: it is no reply */
    int (*reply)(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err);
    /** The next frame of a stream. err TD_E_EXTERNAL: it is none of this wire; what sink says */
    int (*read)(struct td_ctx *ctx, void *reader, const struct td_frame *frame,
                const struct td_sink *sink, struct td_err *err);
    /** The stream is over. Did all of it come? err TD_E_EXTERNAL: no */
    int (*end)(struct td_ctx *ctx, void *reader, const struct td_sink *sink, struct td_err *err);
    void (*drop)(void *reader); /* also after a failure; may be NULL */

    /* Both NULL: the wire has no embeddings. */
    int (*embed)(struct td_ctx *ctx, const json_t *request, struct td_wire_request *ret,
                 struct td_err *err);
    int (*vectors)(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err);

    /**
     * What a failure is. The host has filled the error as it is usual: from the status, the header
     * Retry-After and the texts that most servers send.
     *
     * fault  of the status; to be changed where the body knows better
     * err    the same: text, is_retryable, retry_after_ms. May be NULL, then the host's words hold
     */
    void (*failure)(struct td_ctx *ctx, const struct td_wire_failure *failure, enum td_fault *fault,
                    struct td_err *err);
};

struct td_native {
    uint32_t size;
    uint32_t reserved_flags;
    /** sink: takes the reply piece by piece, as a stream; NULL: only the whole is wanted. ret_reply
     * new, NULL with a sink. */
    TD_YIELDS int (*chat)(struct td_ctx *ctx, const json_t *request, const struct td_sink *sink,
                          json_t **ret_reply, struct td_err *err);
    /** NULL: there are no embeddings. ret_reply new */
    TD_YIELDS int (*embed)(struct td_ctx *ctx, const json_t *request, json_t **ret_reply,
                           struct td_err *err);
};

struct td_provider {
    uint32_t size;
    uint32_t reserved_flags;
    const struct td_wire *wire; /* one of the two */
    const struct td_native *native;
    /** About how many tokens the request is. No host of SDK 1.4 asks for it: NULL */
    int64_t (*estimate)(struct td_ctx *ctx, const json_t *request);
};

#ifdef __cplusplus
}
#endif
#endif
