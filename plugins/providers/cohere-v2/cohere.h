/* SPDX-License-Identifier: Apache-2.0 */
/* cohere: what the files of this plugin share. */
#ifndef TDEV_COHERE_H
#define TDEV_COHERE_H

#include "kit/fault.h"
#include "kit/places.h"
#include "kit/request.h"

enum { COHERE_TEXTS_MAX = 96 }; /* of one request for embeddings */

/* The options. */
struct cohere {
    const char *path, *embed_path, *count, *schema, *input_type, *truncate;
    bool thinking, plan;
    const char *const *drop;
    const char *const *extra;
    json_t *more; /* what extra says */
};

/* What is kept of a stream between frames. */
struct cohere_reader {
    struct wire_places places; /* by the server's index, which contents and calls have each */
    bool is_finished;
};

/* request.c */
int cohere_chat(struct td_ctx *ctx, const json_t *request, bool is_stream,
                struct td_wire_request *ret, struct td_err *err);
/* reply.c */
int cohere_reply(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err);
extern const struct wire_word cohere_words[];
/** false: there is none */
bool cohere_usage(const struct cohere *self, const json_t *usage, struct td_usage *ret_usage);
/** What a sentence of a server means; TD_FAULT_NONE: nothing special. */
enum td_fault cohere_fault(const char *text);
void cohere_failure(struct td_ctx *ctx, const struct td_wire_failure *failure, enum td_fault *fault,
                    struct td_err *err);
/* stream.c */
int cohere_read(struct td_ctx *ctx, void *reader, const struct td_frame *frame,
                const struct td_sink *sink, struct td_err *err);
int cohere_end(struct td_ctx *ctx, void *reader, const struct td_sink *sink, struct td_err *err);
/* embed.c */
int cohere_embed(struct td_ctx *ctx, const json_t *request, struct td_wire_request *ret,
                 struct td_err *err);
int cohere_vectors(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err);

#endif
