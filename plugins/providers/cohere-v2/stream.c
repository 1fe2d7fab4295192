/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream: events of a chat. Contents and calls of tools are numbered each for themselves; a plan
 * has no number. The call that begins is an object, where a whole reply has a list.
 */
#include "cohere.h"

enum kind { TEXT = 1, THOUGHT, PLAN, CALL };

struct event {
    struct cohere_reader *reader;
    const struct cohere *self;
    const struct td_sink *sink;
    const json_t *json, *message; /* the whole; its delta's */
    int64_t index;
};

static int give(const struct event *event, enum kind kind, enum td_delta_type type,
                const char *text, struct td_err *err)
{
    const struct wire_place *place;

    if (text[0] == '\0')
        return 0;
    place = wire_place_at(&event->reader->places, kind, event->index, 0, err);
    return place != NULL ? wire_give_text(event->sink, type, place->part, text, err) : -1;
}

static int read_start(const struct event *event, struct td_err *err)
{
    return wire_give_begin(event->sink, wire_str(event->json, "id", NULL), NULL, err);
}

static int read_content(const struct event *event, struct td_err *err)
{
    const json_t *content = json_object_get(event->message, "content");

    if (give(event, THOUGHT, TD_DELTA_THINKING, wire_str(content, "thinking", ""), err) != 0)
        return -1;
    return give(event, TEXT, TD_DELTA_TEXT, wire_str(content, "text", ""), err);
}

static int read_plan(const struct event *event, struct td_err *err)
{
    return give(event, PLAN, TD_DELTA_THINKING, wire_str(event->message, "tool_plan", ""), err);
}

/* Of a list, as the whole reply has it, the first. */
static const json_t *call_of(const struct event *event)
{
    const json_t *calls = json_object_get(event->message, "tool_calls");

    return json_is_array(calls) ? json_array_get(calls, 0) : calls;
}

static int read_call_start(const struct event *event, struct td_err *err)
{
    const json_t *call = call_of(event), *function = json_object_get(call, "function");
    const struct wire_place *place =
        wire_place_at(&event->reader->places, CALL, event->index, 0, err);

    if (place == NULL || wire_give_tool(event->sink, place->part, wire_str(call, "id", NULL),
                                        wire_str(function, "name", ""), err) != 0)
        return -1;
    return wire_give_text(event->sink, TD_DELTA_INPUT, place->part,
                          wire_str(function, "arguments", ""), err);
}

static int read_call(const struct event *event, struct td_err *err)
{
    const struct wire_place *place = wire_place_find(&event->reader->places, CALL, event->index, 0);

    if (place == NULL)
        return wire_fail_reply(err, "a piece of a call comes before the call");
    return wire_give_text(event->sink, TD_DELTA_INPUT, place->part,
                          wire_str(json_object_get(call_of(event), "function"), "arguments", ""),
                          err);
}

static int give_error(const struct event *event, const char *word, const char *text,
                      struct td_err *err)
{
    enum td_fault fault = cohere_fault(text);

    if (fault == TD_FAULT_NONE)
        fault = word != NULL && strcmp(word, "TIMEOUT") == 0 ? TD_FAULT_TIMEOUT : TD_FAULT_OUTAGE;
    return wire_give_failure(event->sink, fault, text, wire_retry_words_ms(text), err);
}

static int read_end(const struct event *event, struct td_err *err)
{
    const json_t *delta = json_object_get(event->json, "delta"),
                 *raw = json_object_get(delta, "usage");
    const char *word = wire_str(delta, "finish_reason", NULL);
    enum td_finish finish = wire_finish(cohere_words, word);
    struct td_usage usage;

    if (finish == TD_FINISH_ERROR || json_is_string(json_object_get(delta, "error")))
        return give_error(event, word, wire_str(delta, "error", word != NULL ? word : ""), err);
    event->reader->is_finished = true;
    if (wire_give_finish(event->sink, finish, word, err) != 0)
        return -1;
    return cohere_usage(event->self, raw, &usage) ? wire_give_usage(event->sink, &usage, raw, err)
                                                  : 0;
}

/* All others tell nothing that the host has a place for. */
static const struct {
    const char *type;
    int (*read)(const struct event *event, struct td_err *err);
} types[] = {
    { "content-delta", read_content },
    { "tool-call-delta", read_call },
    { "tool-plan-delta", read_plan },
    { "content-start", read_content },
    { "tool-call-start", read_call_start },
    { "message-start", read_start },
    { "message-end", read_end },
};

static int read_event(const struct event *event, const char *type, struct td_err *err)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i].type, type) == 0)
            return types[i].read(event, err);
    return 0;
}

int cohere_read(struct td_ctx *ctx, void *arg, const struct td_frame *frame,
                const struct td_sink *sink, struct td_err *err)
{
    struct cohere_reader *reader = arg;
    struct event event = { reader, td_self(ctx), sink, frame->json, NULL, 0 };
    const char *type, *text;

    if (reader->is_finished || strcmp(frame->text, "[DONE]") == 0)
        return 0;
    if (!json_is_object(frame->json))
        return wire_fail_reply(err, "an event of the stream is no JSON object");
    event.message = wire_at(frame->json, "delta/message");
    event.index = json_integer_value(json_object_get(frame->json, "index"));
    type = wire_str(frame->json, "type", frame->event);
    text = wire_str(frame->json, "message", NULL);
    if (type == NULL && text != NULL)
        return give_error(&event, NULL, text, err);
    return type != NULL ? read_event(&event, type, err) : 0;
}

int cohere_end(struct td_ctx *ctx, void *arg, const struct td_sink *sink, struct td_err *err)
{
    const struct cohere_reader *reader = arg;

    (void)ctx, (void)sink;
    return reader->is_finished ? 0 : td_fail(err, TD_E_EXTERNAL, "the stream ended in the middle");
}
