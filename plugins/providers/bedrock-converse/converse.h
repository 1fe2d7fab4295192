/* SPDX-License-Identifier: Apache-2.0 */
/* converse: what the files of this plugin share. */
#ifndef TDEV_CONVERSE_H
#define TDEV_CONVERSE_H

#include "kit/request.h"

enum {
    CONVERSE_OPEN_MAX = 128, /* blocks of a stream that are open at once */
    CONVERSE_ID = 65         /* bytes of an id of a call that the server takes, with its NUL */
};

/* Whose models they are: what has no word on this wire goes to them as they know it. */
enum converse_family { FAMILY_OTHER, FAMILY_ANTHROPIC, FAMILY_NOVA, FAMILY_OPENAI, FAMILY_COHERE };

struct converse {
    const char *family, *schema, *thoughts, *cache;
    const char *const *drop;
    const char *const *extra;
    json_t *more; /* what extra says */
};

/* What is kept of a stream between frames. Parts are numbered as they begin. */
struct converse_reader {
    uint32_t parts; /* that have begun */
    struct {
        int64_t number; /* the server's */
        enum td_delta_type type;
        uint32_t part;
    } open[CONVERSE_OPEN_MAX];
    size_t open_count;
    bool is_begun, is_finished;
};

/* family.c */
enum converse_family converse_family(const struct converse *self, const json_t *request);
/** top_k and reasoning, into additionalModelRequestFields; or they are dropped. */
void converse_set_own(const struct converse *self, const json_t *request,
                      struct td_wire_request *ret);

/* parts.c */
/** A part of a message as a block; NULL: it has no word, which is told. documents: so far; counted
 */
json_t *converse_block(const struct converse *self, const json_t *part, unsigned *documents,
                       struct td_wire_request *ret);

/* tools.c */
/** toolConfig of a request; NULL: none is wanted. new */
json_t *converse_tools(const struct converse *self, const json_t *request,
                       struct td_wire_request *ret);

/* request.c */
int converse_chat(struct td_ctx *ctx, const json_t *request, bool is_stream,
                  struct td_wire_request *ret, struct td_err *err);
/** A point up to which what is asked is kept, behind the list, if that is wanted and there is any.
 */
void converse_add_cache_point(const struct converse *self, json_t *list);

/* reply.c */
int converse_reply(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err);
struct td_usage converse_usage(const json_t *usage);
extern const struct wire_word converse_words[];

/* stream.c */
int converse_read(struct td_ctx *ctx, void *reader, const struct td_frame *frame,
                  const struct td_sink *sink, struct td_err *err);
int converse_end(struct td_ctx *ctx, void *reader, const struct td_sink *sink, struct td_err *err);

/* fault.c */
/** What an error of that name and sentence means; TD_FAULT_NONE: nothing special. */
enum td_fault converse_fault(const char *name, const char *sentence);
void converse_failure(struct td_ctx *ctx, const struct td_wire_failure *failure,
                      enum td_fault *fault, struct td_err *err);

/* embed.c */
int converse_embed(struct td_ctx *ctx, const json_t *request, struct td_wire_request *ret,
                   struct td_err *err);
int converse_vectors(struct td_ctx *ctx, const json_t *body, json_t **ret_reply,
                     struct td_err *err);

#endif
