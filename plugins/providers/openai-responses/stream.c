/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream: events of a response.
 *
 * Pieces go by output_index: the ids of items change from event to event at some servers. An item
 * that is done, and the response itself at the end, are told whole once more; what did not come in
 * pieces is taken from there.
 */
#include "responses.h"

enum kind { TEXT = 1, CALL, THOUGHT, OTHER };

struct event {
    struct responses_reader *reader;
    const struct td_sink *sink;
    const json_t *json;
    int64_t output, content; /* the item's number, and that of a text in it */
};
typedef int read_fn(const struct event *event, struct td_err *err);

static int64_t number(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

static struct wire_place *place_of(const struct event *event, enum kind kind, int64_t content,
                                   struct td_err *err)
{
    return wire_place_at(&event->reader->places, kind, event->output, content, err);
}

/* --- texts --- */

static int give_text(const struct event *event, int64_t content, const char *text, bool is_rest,
                     struct td_err *err)
{
    struct wire_place *place;

    if (text[0] == '\0')
        return 0;
    place = place_of(event, TEXT, content, err);
    if (place == NULL)
        return -1;
    if (is_rest && place->is_told)
        return 0;
    place->is_told = true;
    return wire_give_text(event->sink, TD_DELTA_TEXT, place->part, text, err);
}

static int read_text(const struct event *event, struct td_err *err)
{
    return give_text(event, event->content, wire_str(event->json, "delta", ""), false, err);
}

static int read_refusal(const struct event *event, struct td_err *err)
{
    event->reader->has_refusal = true;
    return read_text(event, err);
}

static int end_message(const struct event *event, const json_t *item, struct td_err *err)
{
    const json_t *content;
    size_t i;

    json_array_foreach (json_object_get(item, "content"), i, content) {
        const char *refusal = wire_str(content, "refusal", NULL);

        if (give_text(event, (int64_t)i, wire_str(content, "text", refusal != NULL ? refusal : ""),
                      true, err) != 0)
            return -1;
        event->reader->has_refusal = event->reader->has_refusal || wire_is(content, "refusal");
    }
    return 0;
}

/* --- thoughts --- */

/* Each summary, and each text, is a paragraph of the thinking part. */
static int give_thought(const struct event *event, int64_t paragraph, const char *text,
                        struct td_err *err)
{
    struct wire_place *place = text[0] != '\0' ? place_of(event, THOUGHT, 0, err) : NULL;
    bool is_next;

    if (text[0] == '\0' || place == NULL)
        return text[0] == '\0' ? 0 : -1;
    is_next = place->is_told && place->mark != paragraph;
    place->is_told = true;
    place->mark = paragraph;
    if (is_next && wire_give_text(event->sink, TD_DELTA_THINKING, place->part, "\n\n", err) != 0)
        return -1;
    return wire_give_text(event->sink, TD_DELTA_THINKING, place->part, text, err);
}

static int read_summary(const struct event *event, struct td_err *err)
{
    return give_thought(event, number(event->json, "summary_index"),
                        wire_str(event->json, "delta", ""), err);
}

static int read_reasoning(const struct event *event, struct td_err *err)
{
    return give_thought(event, -1 - event->content, wire_str(event->json, "delta", ""), err);
}

static int give_sealed(const struct event *event, enum td_delta_type type, struct wire_place *place,
                       const json_t *item, struct td_err *err)
{
    json_t *sealed = responses_seal(item);
    int rc = sealed != NULL
                 ? wire_give_text(event->sink, type, place->part, json_string_value(sealed), err)
                 : wire_fail_memory(err);

    place->is_closed = true;
    json_decref(sealed);
    return rc;
}

static int end_reasoning(const struct event *event, const json_t *item, struct td_err *err)
{
    struct wire_place *place = wire_place_find(&event->reader->places, THOUGHT, event->output, 0);
    json_t *text = place == NULL ? responses_thought(item) : NULL;
    int rc = 0;

    if (json_string_length(text) > 0)
        rc = give_thought(event, 0, json_string_value(text), err);
    json_decref(text);
    place = rc == 0 ? place_of(event, THOUGHT, 0, err) : NULL;
    if (place == NULL)
        return -1;
    if (place->is_closed)
        return 0;
    return give_sealed(event, place->is_told ? TD_DELTA_SIGNATURE : TD_DELTA_OPAQUE, place, item,
                       err);
}

/* --- calls of tools --- */

static int begin_call(const struct event *event, const json_t *item, struct td_err *err)
{
    struct wire_place *place = wire_place_find(&event->reader->places, CALL, event->output, 0);

    if (place != NULL)
        return 0;
    place = place_of(event, CALL, 0, err);
    event->reader->has_calls = true;
    return place != NULL ? wire_give_tool(event->sink, place->part,
                                          wire_str(item, "call_id", wire_str(item, "id", NULL)),
                                          wire_str(item, "name", ""), err)
                         : -1;
}

static int give_input(const struct event *event, const char *text, bool is_rest, struct td_err *err)
{
    struct wire_place *place = wire_place_find(&event->reader->places, CALL, event->output, 0);

    if (place == NULL)
        return wire_fail_reply(err, "a piece of a call comes before the call");
    if (text[0] == '\0' || (is_rest && place->is_told))
        return 0;
    place->is_told = true;
    return wire_give_text(event->sink, TD_DELTA_INPUT, place->part, text, err);
}

static int read_input(const struct event *event, struct td_err *err)
{
    return give_input(event, wire_str(event->json, "delta", ""), false, err);
}

static int end_call(const struct event *event, const json_t *item, struct td_err *err)
{
    if (begin_call(event, item, err) != 0)
        return -1;
    return give_input(event, wire_str(item, "arguments", ""), true, err);
}

/* --- items --- */

static int end_other(const struct event *event, const json_t *item, struct td_err *err)
{
    struct wire_place *place = place_of(event, OTHER, 0, err);

    if (place == NULL || place->is_closed)
        return place != NULL ? 0 : -1;
    return give_sealed(event, TD_DELTA_OPAQUE, place, item, err);
}

static int end_item(const struct event *event, const json_t *item, struct td_err *err)
{
    if (wire_is(item, "message"))
        return end_message(event, item, err);
    if (wire_is(item, "function_call"))
        return end_call(event, item, err);
    if (wire_is(item, "reasoning"))
        return end_reasoning(event, item, err);
    return json_is_string(json_object_get(item, "type")) ? end_other(event, item, err) : 0;
}

static int read_added(const struct event *event, struct td_err *err)
{
    const json_t *item = json_object_get(event->json, "item");

    return wire_is(item, "function_call") ? begin_call(event, item, err) : 0;
}

static int read_done(const struct event *event, struct td_err *err)
{
    return end_item(event, json_object_get(event->json, "item"), err);
}

/* --- the response --- */

static int read_created(const struct event *event, struct td_err *err)
{
    const json_t *response = json_object_get(event->json, "response");

    if (event->reader->is_begun)
        return 0;
    event->reader->is_begun = true;
    return wire_give_begin(event->sink, wire_str(response, "id", NULL),
                           wire_str(response, "model", NULL), err);
}

/* Of a server that streams nothing but the end. */
static int give_all(const struct event *event, const json_t *response, struct td_err *err)
{
    const json_t *item;
    size_t i;

    json_array_foreach (json_object_get(response, "output"), i, item) {
        struct event one = *event;

        one.output = (int64_t)i;
        if (end_item(&one, item, err) != 0)
            return -1;
    }
    return 0;
}

static int read_end(const struct event *event, struct td_err *err)
{
    const json_t *response = json_object_get(event->json, "response"),
                 *raw = json_object_get(response, "usage");
    struct responses_reader *reader = event->reader;
    struct td_usage usage;
    enum td_finish finish;
    const char *word;

    if (read_created(event, err) != 0 ||
        (reader->places.count == 0 && give_all(event, response, err) != 0))
        return -1;
    finish = responses_finish(response, reader->has_calls, reader->has_refusal, &word);
    reader->is_finished = true;
    if (wire_give_finish(event->sink, finish, word, err) != 0)
        return -1;
    return responses_usage(raw, &usage) ? wire_give_usage(event->sink, &usage, raw, err) : 0;
}

static int give_error(const struct event *event, const json_t *error, struct td_err *err)
{
    enum td_fault fault = wire_error_meaning(error);
    const char *text = wire_str(error, "message", wire_str(error, "code", "it has failed"));

    return wire_give_failure(event->sink, fault != TD_FAULT_NONE ? fault : TD_FAULT_OUTAGE, text,
                             wire_retry_words_ms(text), err);
}

/* The error stands in the event itself, or in a member of it. */
static int read_error(const struct event *event, struct td_err *err)
{
    const json_t *error = json_object_get(event->json, "error");

    return give_error(event, json_is_object(error) ? error : event->json, err);
}

static int read_failed(const struct event *event, struct td_err *err)
{
    return give_error(event, wire_at(event->json, "response/error"), err);
}

/* --- events --- */

/* Others tell again what these told, or nothing that the host has a place for. */
static const struct {
    const char *type;
    read_fn *read;
} types[] = {
    { "response.output_text.delta", read_text },
    { "response.function_call_arguments.delta", read_input },
    { "response.reasoning_summary_text.delta", read_summary },
    { "response.reasoning_text.delta", read_reasoning },
    { "response.refusal.delta", read_refusal },
    { "response.created", read_created },
    { "response.output_item.added", read_added },
    { "response.output_item.done", read_done },
    { "response.completed", read_end },
    { "response.incomplete", read_end },
    { "response.failed", read_failed },
    { "error", read_error },
};

int responses_read(struct td_ctx *ctx, void *arg, const struct td_frame *frame,
                   const struct td_sink *sink, struct td_err *err)
{
    const json_t *json = frame->json;
    struct event event = { arg, sink, json, number(json, "output_index"),
                           number(json, "content_index") };
    const char *type;

    (void)ctx;
    if (event.reader->is_finished || strcmp(frame->text, "[DONE]") == 0)
        return 0;
    if (!json_is_object(json))
        return wire_fail_reply(err, "an event of the stream is no JSON object");
    type = wire_str(json, "type", frame->event != NULL ? frame->event : "");
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i].type, type) == 0)
            return types[i].read(&event, err);
    return json_is_object(json_object_get(json, "error")) ? read_error(&event, err) : 0;
}

int responses_end(struct td_ctx *ctx, void *arg, const struct td_sink *sink, struct td_err *err)
{
    const struct responses_reader *reader = arg;

    (void)ctx, (void)sink;
    return reader->is_finished ? 0 : td_fail(err, TD_E_EXTERNAL, "the stream ended in the middle");
}
