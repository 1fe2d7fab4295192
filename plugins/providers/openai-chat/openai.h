/* SPDX-License-Identifier: Apache-2.0 */
/* openai: what the files of this plugin share. */
#ifndef TDEV_OPENAI_H
#define TDEV_OPENAI_H

#include "kit/fault.h"
#include "kit/request.h"

enum { OPENAI_ID_NINE = 9, OPENAI_CALLS_MAX = 128 };

/* The options: by what servers of this wire differ. */
struct openai {
    const char *path, *embed_path;
    const char *max_tokens, *system, *required, *seed, *schema, *reasoning, *thoughts, *tool_ids;
    bool stream_usage;
    const char *const *drop;
    const char *const *extra;
    json_t *more; /* what extra says; NULL: nothing */
};

/* What is kept of a stream between frames. Parts are numbered as they begin. */
struct openai_reader {
    uint32_t parts;         /* that have begun */
    int64_t text, thoughts; /* their parts, plus one; 0: none yet */
    struct {
        int64_t number; /* the server's */
        uint32_t part;
        char id[64];
    } calls[OPENAI_CALLS_MAX];
    size_t call_count;
    bool is_begun, is_finished, is_over;
};

/* request.c */
int openai_chat(struct td_ctx *ctx, const json_t *request, bool is_stream,
                struct td_wire_request *ret, struct td_err *err);
/* reply.c */
int openai_reply(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err);
/** false: there is none in it */
bool openai_usage(const json_t *body, struct td_usage *ret_usage, const json_t **ret_raw);
extern const struct wire_word openai_words[];
/** The thoughts of a message or a delta; NULL: none. */
const char *openai_thoughts(const json_t *message);
void openai_failure(struct td_ctx *ctx, const struct td_wire_failure *failure, enum td_fault *fault,
                    struct td_err *err);
/* stream.c */
int openai_read(struct td_ctx *ctx, void *reader, const struct td_frame *frame,
                const struct td_sink *sink, struct td_err *err);
int openai_end(struct td_ctx *ctx, void *reader, const struct td_sink *sink, struct td_err *err);
/* embed.c */
int openai_embed(struct td_ctx *ctx, const json_t *request, struct td_wire_request *ret,
                 struct td_err *err);
int openai_vectors(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err);

#endif
