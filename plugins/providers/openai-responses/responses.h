/* SPDX-License-Identifier: Apache-2.0 */
/*
 * responses: what the files of this plugin share.
 *
 * A response is a list of items. Reasoning is an item that must go back whole, or the server
 * forgets what the model thought, or refuses the request: it travels as a text,
 * {"openai-responses": ITEM}, in the signature of its thinking part; in an opaque part when it has
 * nothing to be read. Items of kinds that the host does not know travel in opaque parts, too.
 */
#ifndef TDEV_RESPONSES_H
#define TDEV_RESPONSES_H

#include "kit/fault.h"
#include "kit/places.h"
#include "kit/request.h"

/* The options: by what servers of this wire differ. */
struct responses {
    const char *path, *store, *thoughts, *summary, *reasoning, *system, *user, *schema;
    const char *const *drop;
    const char *const *extra;
    json_t *more; /* what extra says */
};

/* What is kept of a stream between frames. */
struct responses_reader {
    struct wire_places places; /* by output_index, and content_index for texts */
    bool is_begun, is_finished, has_calls, has_refusal;
};

/* item.c */
/** The item as it travels. new; NULL: no memory */
json_t *responses_seal(const json_t *item);
/** The item in what travelled. new; NULL: it is none, or another provider's */
json_t *responses_unseal(const char *text);
/** All that can be read of a reasoning item, a blank line between its texts. new */
json_t *responses_thought(const json_t *item);

/* input.c */
/** The messages as items. system: those that come first are left out, they are told elsewhere */
json_t *responses_input(const struct responses *self, const json_t *messages, size_t first,
                        struct td_wire_request *ret);
/* request.c */
int responses_chat(struct td_ctx *ctx, const json_t *request, bool is_stream,
                   struct td_wire_request *ret, struct td_err *err);
/* reply.c */
int responses_reply(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err);
/** ret_word: the server's, borrowed */
enum td_finish responses_finish(const json_t *response, bool has_calls, bool has_refusal,
                                const char **ret_word);
/** false: there is none */
bool responses_usage(const json_t *usage, struct td_usage *ret_usage);
void responses_failure(struct td_ctx *ctx, const struct td_wire_failure *failure,
                       enum td_fault *fault, struct td_err *err);
/* stream.c */
int responses_read(struct td_ctx *ctx, void *reader, const struct td_frame *frame,
                   const struct td_sink *sink, struct td_err *err);
int responses_end(struct td_ctx *ctx, void *reader, const struct td_sink *sink, struct td_err *err);

#endif
