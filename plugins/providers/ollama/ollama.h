/* SPDX-License-Identifier: Apache-2.0 */
/* ollama: what the files of this plugin share. */
#ifndef TDEV_OLLAMA_H
#define TDEV_OLLAMA_H

#include "kit/fault.h"
#include "kit/request.h"

/* The options: by what servers of this wire, and their models, differ. */
struct ollama {
    const char *path, *embed_path, *keep_alive, *think, *schema;
    int64_t num_ctx;
    bool truncate;
    const char *const *drop;
    const char *const *extra;
    const char *const *settings;
    json_t *more, *more_settings; /* what extra and settings say */
};

/* What is kept of a stream between lines. */
struct ollama_reader {
    uint32_t parts;         /* that have begun */
    int64_t text, thoughts; /* their parts, plus one; 0: none yet */
    bool is_begun, is_finished, has_calls;
};

/* request.c */
int ollama_chat(struct td_ctx *ctx, const json_t *request, bool is_stream,
                struct td_wire_request *ret, struct td_err *err);
int ollama_embed(struct td_ctx *ctx, const json_t *request, struct td_wire_request *ret,
                 struct td_err *err);
/* reply.c */
int ollama_reply(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err);
int ollama_vectors(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err);
enum td_finish ollama_finish(const char *word, bool has_calls);
/** ret_raw: new; what of a reply is counted: tokens and times. NULL: nothing is */
void ollama_usage(const json_t *body, struct td_usage *ret_usage, json_t **ret_raw);
/** What a sentence of a server means; TD_FAULT_NONE: nothing special. */
enum td_fault ollama_fault(const char *text);
void ollama_failure(struct td_ctx *ctx, const struct td_wire_failure *failure, enum td_fault *fault,
                    struct td_err *err);
/* stream.c */
int ollama_read(struct td_ctx *ctx, void *reader, const struct td_frame *frame,
                const struct td_sink *sink, struct td_err *err);
int ollama_end(struct td_ctx *ctx, void *reader, const struct td_sink *sink, struct td_err *err);

#endif
