/* SPDX-License-Identifier: Apache-2.0 */
/* gemini: what the files of this plugin share. */
#ifndef TDEV_GEMINI_H
#define TDEV_GEMINI_H

#include "kit/dialect.h"
#include "kit/turns.h"

enum { GEMINI_WORD_MAX = 64, GEMINI_SCHEMA_DEPTH = 64 };

/* The options: by what servers of this wire differ. */
struct gemini {
    const char *path, *stream_path, *embed, *embed_path;
    const char *schema, *reasoning, *thoughts, *unsigned_calls;
    bool show_thoughts, call_ids;
    const char *const *reasoning_of;
    const char *const *drop;
    const char *const *extra;
    json_t *more; /* what extra says */
};

/* What a part of a reply is. */
enum gemini_kind {
    GEMINI_NOTHING,
    GEMINI_TEXT,
    GEMINI_THINKING,
    GEMINI_CALL,
    GEMINI_OTHER /* the server's own, kept as it is */
};

/* What is kept of a stream between chunks. Parts are numbered as they begin. */
struct gemini_reader {
    uint32_t parts;
    enum gemini_kind open; /* the kind of the last part, when the next may go on with it */
    bool is_begun, has_call, is_finished;
    bool is_blocked;
    char word[GEMINI_WORD_MAX]; /* why it has ended */
};

/* What an error object means. */
struct gemini_meaning {
    enum td_fault fault; /* TD_FAULT_NONE: nothing special */
    uint32_t retry_after_ms;
    bool is_daily; /* a limit of a day */
};

/* content.c */
/** The messages as contents of the user and the model. new */
json_t *gemini_contents(const struct gemini *self, const json_t *request,
                        struct td_wire_request *ret);
/* request.c */
int gemini_chat(struct td_ctx *ctx, const json_t *request, bool is_stream,
                struct td_wire_request *ret, struct td_err *err);
/** The model without the "models/" that some put before it. */
const char *gemini_model(const json_t *request);
/* schema.c */
/** A JSON Schema in the server's older form, which knows few keywords. What it does not know is
 * told. new */
json_t *gemini_schema(const json_t *schema, struct td_wire_request *ret);
/* reply.c */
int gemini_reply(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err);
enum gemini_kind gemini_kind(const json_t *part);
/** The first candidate, which is the only one that was asked for; NULL: there is none. */
const json_t *gemini_candidate(const json_t *body);
/** Why the prompt was not answered; NULL: it was. */
const char *gemini_block(const json_t *body);
enum td_finish gemini_finish(const char *word, bool has_call, bool is_blocked);
/** usage: as the server says it */
struct td_usage gemini_usage(const json_t *usage);
/* failure.c */
void gemini_failure(struct td_ctx *ctx, const struct td_wire_failure *failure, enum td_fault *fault,
                    struct td_err *err);
struct gemini_meaning gemini_meaning(const json_t *error);
/* stream.c */
int gemini_read(struct td_ctx *ctx, void *reader, const struct td_frame *frame,
                const struct td_sink *sink, struct td_err *err);
int gemini_end(struct td_ctx *ctx, void *reader, const struct td_sink *sink, struct td_err *err);
/* embed.c */
int gemini_embed(struct td_ctx *ctx, const json_t *request, struct td_wire_request *ret,
                 struct td_err *err);
int gemini_vectors(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err);

#endif
