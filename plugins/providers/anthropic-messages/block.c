/* SPDX-License-Identifier: Apache-2.0 */
/*
 * block: the blocks of a stream, which begin, go on and stop.
 *
 * The server gives them one after the other; others that follow this wire let them overlap, so they
 * are told apart by their numbers. Blocks of the server's own, such as what it searched for, are
 * put together here and given as they stop, so that they can go back as they were.
 */
#include "anthropic.h"

#include <stdlib.h>

int64_t anthropic_number(const json_t *event)
{
    int64_t number = json_integer_value(json_object_get(event, "index"));

    return number >= 0 ? number : 0;
}

static struct anthropic_block *find(struct anthropic_reader *reader, int64_t number)
{
    for (size_t i = 0; i < reader->open_count; i++)
        if (reader->open[i].number == number)
            return &reader->open[i];
    return NULL;
}

static void close_block(struct anthropic_reader *reader, struct anthropic_block *block)
{
    json_decref(block->begun);
    free(block->input);
    *block = reader->open[--reader->open_count];
}

void anthropic_drop_blocks(struct anthropic_reader *reader)
{
    while (reader->open_count > 0)
        close_block(reader, &reader->open[0]);
}

/* --- it begins --- */

static struct anthropic_block *open_block(struct anthropic_reader *reader, int64_t number,
                                          enum anthropic_kind kind, struct td_err *err)
{
    struct anthropic_block *block;

    if (reader->open_count == ANTHROPIC_OPEN_MAX) {
        td_fail(err, TD_E_LIMIT, "more than %d blocks of the stream are open at once",
                ANTHROPIC_OPEN_MAX);
        return NULL;
    }
    block = &reader->open[reader->open_count++];
    *block = (struct anthropic_block){ .number = number, .part = reader->parts++, .kind = kind };
    return block;
}

static int give_text(struct anthropic_block *block, const struct td_sink *sink,
                     enum td_delta_type type, const char *text, struct td_err *err)
{
    block->has_any = block->has_any || text[0] != '\0';
    return wire_give_text(sink, type, block->part, text, err);
}

/* Thoughts that are hidden are an empty part with a signature. */
static int give_signature(struct anthropic_block *block, const struct td_sink *sink,
                          const char *signature, struct td_err *err)
{
    const struct td_delta empty = {
        .size = sizeof(empty), .type = TD_DELTA_THINKING, .index = block->part, .text = ""
    };

    if (signature[0] == '\0')
        return 0;
    if (!block->has_any && wire_give(sink, &empty, err) != 0)
        return -1;
    block->has_any = true;
    return wire_give_text(sink, TD_DELTA_SIGNATURE, block->part, signature, err);
}

static int begin(struct anthropic_block *block, const struct td_sink *sink, json_t *begun,
                 struct td_err *err)
{
    switch (block->kind) {
    case ANTHROPIC_TEXT:
        return give_text(block, sink, TD_DELTA_TEXT, wire_str(begun, "text", ""), err);
    case ANTHROPIC_THINKING:
        return give_text(block, sink, TD_DELTA_THINKING, wire_str(begun, "thinking", ""), err) == 0
                   ? give_signature(block, sink, wire_str(begun, "signature", ""), err)
                   : -1;
    case ANTHROPIC_TOOL:
        block->begun = json_incref(begun);
        return wire_give_tool(sink, block->part, wire_str(begun, "id", NULL),
                              wire_str(begun, "name", ""), err);
    case ANTHROPIC_OTHER:
        block->begun = json_incref(begun);
    }
    return 0;
}

int anthropic_begin_block(struct anthropic_reader *reader, const struct td_sink *sink,
                          const json_t *event, struct td_err *err)
{
    int64_t number = anthropic_number(event);
    json_t *begun = json_object_get(event, "content_block");
    struct anthropic_block *block;

    if (!json_is_object(begun))
        return wire_fail_reply(err, "a block begins without saying what it is");
    if (find(reader, number) != NULL && anthropic_end_block(reader, sink, number, err) != 0)
        return -1;
    block = open_block(reader, number, anthropic_kind(begun), err);
    return block != NULL ? begin(block, sink, begun, err) : -1;
}

/* --- it goes on --- */

/* Of a tool of the server's own. */
static int keep_input(struct anthropic_block *block, const char *text, struct td_err *err)
{
    size_t length = strlen(text);

    if (length > ANTHROPIC_INPUT_MAX - block->length)
        return td_fail(err, TD_E_LIMIT, "the input of a server's tool is longer than %d bytes",
                       ANTHROPIC_INPUT_MAX);
    if (block->length + length + 1 > block->room) {
        size_t room = (block->length + length + 1) * 2;
        char *input = realloc(block->input, room);

        if (input == NULL)
            return wire_fail_memory(err);
        block->input = input;
        block->room = room;
    }
    memcpy(block->input + block->length, text, length + 1);
    block->length += length;
    return 0;
}

static int add_input(struct anthropic_block *block, const struct td_sink *sink, const char *text,
                     struct td_err *err)
{
    return block->kind == ANTHROPIC_TOOL ? give_text(block, sink, TD_DELTA_INPUT, text, err)
                                         : keep_input(block, text, err);
}

static const struct {
    const char *type, *member;
    enum anthropic_kind kind; /* of the block that it must be in; 0: TOOL or OTHER */
    enum td_delta_type delta;
} rows[] = {
    { "text_delta", "text", ANTHROPIC_TEXT, TD_DELTA_TEXT },
    { "thinking_delta", "thinking", ANTHROPIC_THINKING, TD_DELTA_THINKING },
    { "signature_delta", "signature", ANTHROPIC_THINKING, TD_DELTA_SIGNATURE },
    { "input_json_delta", "partial_json", 0, TD_DELTA_INPUT },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static bool is_fit(const struct anthropic_block *block, enum anthropic_kind kind)
{
    return kind != 0 ? block->kind == kind
                     : block->kind == ANTHROPIC_TOOL || block->kind == ANTHROPIC_OTHER;
}

/* A kind of piece that is new says nothing to us. */
int anthropic_add_block(struct anthropic_reader *reader, const struct td_sink *sink,
                        const json_t *event, struct td_err *err)
{
    const json_t *delta = json_object_get(event, "delta");
    struct anthropic_block *block = find(reader, anthropic_number(event));
    const char *text;
    size_t i = 0;

    while (i < ROWS && !wire_is(delta, rows[i].type))
        i++;
    if (i == ROWS)
        return 0;
    if (block == NULL)
        return wire_fail_reply(err, "a block goes on that has not begun");
    if (!is_fit(block, rows[i].kind))
        return wire_fail_reply(err, "a block goes on as another kind than it began");
    text = wire_str(delta, rows[i].member, "");
    if (rows[i].delta == TD_DELTA_SIGNATURE)
        return give_signature(block, sink, text, err);
    if (rows[i].delta == TD_DELTA_INPUT)
        return add_input(block, sink, text, err);
    return give_text(block, sink, rows[i].delta, text, err);
}

/* --- it stops --- */

static int give_json(const struct td_sink *sink, enum td_delta_type type, uint32_t part,
                     const json_t *value, struct td_err *err)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    int rc = text != NULL ? wire_give_text(sink, type, part, text, err) : wire_fail_memory(err);

    free(text);
    return rc;
}

/* Some servers give the whole input where the block begins. */
static int end_tool(const struct anthropic_block *block, const struct td_sink *sink,
                    struct td_err *err)
{
    const json_t *input = json_object_get(block->begun, "input");

    return block->has_any || json_object_size(input) == 0
               ? 0
               : give_json(sink, TD_DELTA_INPUT, block->part, input, err);
}

static int end_other(const struct anthropic_block *block, const struct td_sink *sink,
                     struct td_err *err)
{
    json_t *whole = json_copy(block->begun),
           *input = block->length > 0 ? wire_parse(block->input) : NULL;
    int rc;

    if (input != NULL)
        json_object_set_new(whole, "input", input);
    rc = whole != NULL ? give_json(sink, TD_DELTA_OPAQUE, block->part, whole, err)
                       : wire_fail_memory(err);
    json_decref(whole);
    return rc;
}

static int end(const struct anthropic_block *block, const struct td_sink *sink, struct td_err *err)
{
    if (block->kind == ANTHROPIC_TOOL)
        return end_tool(block, sink, err);
    return block->kind == ANTHROPIC_OTHER ? end_other(block, sink, err) : 0;
}

int anthropic_end_block(struct anthropic_reader *reader, const struct td_sink *sink, int64_t number,
                        struct td_err *err)
{
    struct anthropic_block *block;
    int rc = 0;

    if (number >= 0) {
        block = find(reader, number);
        if (block == NULL)
            return 0;
        rc = end(block, sink, err);
        close_block(reader, block);
        return rc;
    }
    for (size_t i = 0; i < reader->open_count && rc == 0; i++)
        rc = end(&reader->open[i], sink, err);
    anthropic_drop_blocks(reader);
    return rc;
}
