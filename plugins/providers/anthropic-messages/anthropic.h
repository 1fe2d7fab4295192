/* SPDX-License-Identifier: Apache-2.0 */
/* anthropic: what the files of this plugin share. */
#ifndef TDEV_ANTHROPIC_H
#define TDEV_ANTHROPIC_H

#include "kit/dialect.h"
#include "kit/turns.h"

enum {
    ANTHROPIC_SCHEMA_DEPTH = 64,  /* within that, schemas are left as they are */
    ANTHROPIC_HEADER_MAX = 1024,  /* bytes of the header with the betas */
    ANTHROPIC_OPEN_MAX = 64,      /* blocks of a stream that are open at once */
    ANTHROPIC_INPUT_MAX = 1 << 20 /* bytes of the input of a server's own tool */
};

/* The options: by what servers of this wire differ. */
struct anthropic {
    const char *path, *stream_path;
    const char *version, *version_in;
    const char *system, *schema, *reasoning, *display, *thoughts;
    int64_t max_tokens;
    double temperature_max;
    const char *const *reasoning_of;
    const char *const *beta;
    const char *const *drop;
    const char *const *extra;

    json_t *more; /* what extra says */
    char version_line[128], beta_line[ANTHROPIC_HEADER_MAX];
    const char *headers[3];
};

/* What a block of a reply is. */
enum anthropic_kind {
    ANTHROPIC_TEXT = 1,
    ANTHROPIC_THINKING,
    ANTHROPIC_TOOL,
    ANTHROPIC_OTHER /* the server's own, kept as it is */
};

/* A block of a stream that has begun and not stopped. */
struct anthropic_block {
    int64_t number; /* the server's */
    uint32_t part;
    enum anthropic_kind kind;
    bool has_any;        /* some text of it has come */
    json_t *begun;       /* what it began with, of TOOL and OTHER */
    char *input;         /* of OTHER; NULL: none came */
    size_t length, room; /* of input */
};

/* What is kept of a stream between events. Parts are numbered as they begin. */
struct anthropic_reader {
    uint32_t parts;
    struct anthropic_block open[ANTHROPIC_OPEN_MAX];
    size_t open_count;
    json_t *usage; /* all that was said of it; NULL: nothing yet */
    bool is_begun, is_finished, is_over;
};

/* content.c */
/** The messages as turns of the user and the model. new */
json_t *anthropic_turns(const struct anthropic *self, const json_t *request,
                        struct td_wire_request *ret);
/* schema.c */
/** A schema that the server is to keep to, as it wants it. What is left out is told. new */
json_t *anthropic_schema(const struct anthropic *self, const json_t *schema,
                         struct td_wire_request *ret);
/* request.c */
int anthropic_chat(struct td_ctx *ctx, const json_t *request, bool is_stream,
                   struct td_wire_request *ret, struct td_err *err);
/* reasoning.c */
/** Sets `thinking`, `output_config` and, when it has to be more, `max_tokens`. */
void anthropic_reason(const struct anthropic *self, const json_t *request, json_t *body,
                      struct td_wire_request *ret);
/** The object that a member of the body is; it is made when it is not there. */
json_t *anthropic_object(json_t *body, const char *name);
/* reply.c */
int anthropic_reply(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err);
enum anthropic_kind anthropic_kind(const json_t *block);
/** usage: as the server says it */
struct td_usage anthropic_usage(const json_t *usage);
extern const struct wire_word anthropic_words[];
/* failure.c */
void anthropic_failure(struct td_ctx *ctx, const struct td_wire_failure *failure,
                       enum td_fault *fault, struct td_err *err);
/** What an error object means; TD_FAULT_NONE: nothing special. */
enum td_fault anthropic_fault(const json_t *error);
/* stream.c */
int anthropic_read(struct td_ctx *ctx, void *reader, const struct td_frame *frame,
                   const struct td_sink *sink, struct td_err *err);
int anthropic_end(struct td_ctx *ctx, void *reader, const struct td_sink *sink, struct td_err *err);
void anthropic_drop(void *reader);
/* block.c: the blocks of a stream */
/** The number of the block that an event is about. */
int64_t anthropic_number(const json_t *event);
int anthropic_begin_block(struct anthropic_reader *reader, const struct td_sink *sink,
                          const json_t *event, struct td_err *err);
int anthropic_add_block(struct anthropic_reader *reader, const struct td_sink *sink,
                        const json_t *event, struct td_err *err);
/** number -1: all that are open */
int anthropic_end_block(struct anthropic_reader *reader, const struct td_sink *sink, int64_t number,
                        struct td_err *err);
void anthropic_drop_blocks(struct anthropic_reader *reader);

#endif
