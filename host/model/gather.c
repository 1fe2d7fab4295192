/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather: the deltas of a stream as a reply in the host's form, and each of them as JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_memory.h"
#include "model/model.h"

struct part {
    enum td_delta_type type; /* TEXT, THINKING, OPAQUE or TOOL; 0: nothing came of it */
    struct tdh_buf text;     /* of a tool: its input */
    char *id, *name, *signature;
};

struct tdh_gather {
    struct td_sink sink; /* first: what gives has only this */
    const struct td_sink *next;
    struct part *parts;
    size_t count, room, bytes;
    char *id, *model, *finish_raw;
    enum td_finish finish;
    struct td_usage usage;
    json_t *usage_raw;
    bool has_content;
};

/* --- parts --- */

static int fail_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate a reply");
}

static struct part *part_at(struct tdh_gather *gather, uint32_t index, struct td_err *err)
{
    if (index >= TDH_MODEL_PARTS_MAX) {
        td_fail(err, TD_E_LIMIT, "the reply has more than %d parts", TDH_MODEL_PARTS_MAX);
        return NULL;
    }
    if (index >= gather->room) {
        size_t room = index < 8 ? 8 : (size_t)index * 2;
        struct part *parts = realloc(gather->parts, room * sizeof(*parts));

        if (parts == NULL) {
            fail_memory(err);
            return NULL;
        }
        memset(parts + gather->room, 0, (room - gather->room) * sizeof(*parts));
        gather->parts = parts;
        gather->room = room;
    }
    if (index >= gather->count)
        gather->count = index + 1;
    return &gather->parts[index];
}

static int keep(char **place, const char *text, size_t length, struct td_err *err)
{
    char *copy = text != NULL ? strndup(text, length) : NULL;

    if (text == NULL)
        return 0;
    if (copy == NULL)
        return fail_memory(err);
    free(*place);
    *place = copy;
    return 0;
}

static int keep_text(char **place, const char *text, struct td_err *err)
{
    return keep(place, text, text != NULL ? strlen(text) : 0, err);
}

static int check_type(struct part *part, enum td_delta_type type, uint32_t index,
                      struct td_err *err)
{
    if (part->type == 0)
        part->type = type;
    return part->type == type
               ? 0
               : td_fail(err, TD_E_EXTERNAL, "part %u of the reply is of two kinds", index);
}

static int take_part(struct tdh_gather *gather, const struct td_delta *delta, struct td_err *err)
{
    struct part *part = part_at(gather, delta->index, err);
    enum td_delta_type type = delta->type == TD_DELTA_INPUT ? TD_DELTA_TOOL : delta->type;

    if (part == NULL)
        return -1;
    if (delta->type == TD_DELTA_SIGNATURE)
        return keep(&part->signature, delta->text, delta->length, err);
    if (check_type(part, type, delta->index, err) != 0)
        return -1;
    if (delta->type == TD_DELTA_TOOL)
        return keep_text(&part->id, delta->id, err) == 0 ? keep_text(&part->name, delta->name, err)
                                                         : -1;
    gather->bytes += delta->length;
    if (gather->bytes > TDH_MODEL_REPLY_MAX)
        return td_fail(err, TD_E_LIMIT, "the reply is longer than %d bytes", TDH_MODEL_REPLY_MAX);
    tdh_buf_add(&part->text, delta->text, delta->length);
    return part->text.failed ? fail_memory(err) : 0;
}

/* What is not told now holds as it was told before. */
static void add_usage(struct tdh_gather *gather, const struct td_delta *delta)
{
    const struct td_usage *usage = delta->usage;
    struct td_usage *own = &gather->usage;

    if (usage != NULL) {
        own->input = usage->input >= 0 ? usage->input : own->input;
        own->cache_read = usage->cache_read >= 0 ? usage->cache_read : own->cache_read;
        own->cache_write = usage->cache_write >= 0 ? usage->cache_write : own->cache_write;
        own->output = usage->output >= 0 ? usage->output : own->output;
        own->reasoning = usage->reasoning >= 0 ? usage->reasoning : own->reasoning;
    }
    if (delta->json != NULL) {
        json_decref(gather->usage_raw);
        gather->usage_raw = json_incref((json_t *)(uintptr_t)delta->json);
    }
}

static int take_own(struct tdh_gather *gather, const struct td_delta *delta, struct td_err *err)
{
    switch (delta->type) {
    case TD_DELTA_BEGIN:
        return keep_text(&gather->id, delta->id, err) == 0
                   ? keep_text(&gather->model, delta->name, err)
                   : -1;
    case TD_DELTA_FINISH:
        gather->finish = delta->finish;
        return keep(&gather->finish_raw, delta->text, delta->length, err);
    case TD_DELTA_USAGE:
        add_usage(gather, delta);
        return 0;
    case TD_DELTA_TEXT:
    case TD_DELTA_THINKING:
    case TD_DELTA_SIGNATURE:
    case TD_DELTA_OPAQUE:
    case TD_DELTA_TOOL:
    case TD_DELTA_INPUT:
        gather->has_content = gather->has_content || delta->length > 0 || delta->name != NULL;
        return take_part(gather, delta, err);
    case TD_DELTA_FAULT:
        break;
    }
    return 0;
}

static int take(const struct td_sink *sink, const struct td_delta *delta, struct td_err *err)
{
    struct tdh_gather *gather = (struct tdh_gather *)(uintptr_t)sink;

    if (take_own(gather, delta, err) != 0)
        return -1;
    return gather->next != NULL ? gather->next->take(gather->next, delta, err) : 0;
}

/* --- its life --- */

struct tdh_gather *tdh_gather_new(const struct td_sink *next, struct td_err *err)
{
    struct tdh_gather *gather = calloc(1, sizeof(*gather));

    if (gather == NULL) {
        fail_memory(err);
        return NULL;
    }
    gather->sink = (struct td_sink){ .size = sizeof(gather->sink), .take = take };
    gather->next = next;
    gather->usage = (struct td_usage){ -1, -1, -1, -1, -1 };
    return gather;
}

const struct td_sink *tdh_gather_sink(struct tdh_gather *gather)
{
    return &gather->sink;
}

bool tdh_gather_has_content(const struct tdh_gather *gather)
{
    return gather->has_content;
}

void tdh_gather_free(struct tdh_gather *gather)
{
    if (gather == NULL)
        return;
    for (size_t i = 0; i < gather->count; i++) {
        tdh_buf_free(&gather->parts[i].text);
        free(gather->parts[i].id);
        free(gather->parts[i].name);
        free(gather->parts[i].signature);
    }
    free(gather->parts);
    free(gather->id);
    free(gather->model);
    free(gather->finish_raw);
    json_decref(gather->usage_raw);
    free(gather);
}

/* --- the reply --- */

/* What a model wrote as the input of a tool need not be JSON. No word at all is an empty object. */
static int set_input(json_t *tool, const struct part *part)
{
    struct td_err ignored;
    const char *text = part->text.data != NULL ? part->text.data : "";
    json_t *input = part->text.length > 0
                        ? tdh_json_parse(text, part->text.length, "input", &ignored)
                        : json_object();

    return input != NULL
               ? json_object_set_new(tool, "input", input)
               : json_object_set_new(tool, "input_text", json_stringn(text, part->text.length));
}

static json_t *part_json(const struct part *part)
{
    const char *text = part->text.data != NULL ? part->text.data : "";
    json_t *json = NULL;

    if (part->type == TD_DELTA_TOOL)
        json =
            json_pack("{s:s, s:s*, s:s*}", "type", "tool_call", "id", part->id, "name", part->name);
    else if (part->type == TD_DELTA_OPAQUE)
        json = json_pack("{s:s, s:s%}", "type", "opaque", "data", text, part->text.length);
    else
        json =
            json_pack("{s:s, s:s%}", "type", part->type == TD_DELTA_THINKING ? "thinking" : "text",
                      "text", text, part->text.length);
    if (json != NULL &&
        ((part->type == TD_DELTA_TOOL && set_input(json, part) != 0) ||
         (part->signature != NULL &&
          json_object_set_new(json, "signature", json_string(part->signature)) != 0))) {
        json_decref(json);
        json = NULL;
    }
    return json;
}

/* A part of which only its signature came belongs to the provider, and is kept as an empty text. */
static json_t *parts_json(const struct tdh_gather *gather)
{
    json_t *parts = json_array();

    for (size_t i = 0; i < gather->count; i++) {
        const struct part *part = &gather->parts[i];

        if (part->type == 0 && part->signature == NULL)
            continue;
        if (json_array_append_new(parts, part_json(part)) != 0) {
            json_decref(parts);
            return NULL;
        }
    }
    return parts;
}

json_t *tdh_gather_reply(const struct tdh_gather *gather)
{
    json_t *parts, *reply;

    tdh_json_memory_begin();
    parts = parts_json(gather);
    if (parts == NULL)
        return NULL;
    reply = json_pack("{s:s*, s:s*, s:o, s:s, s:s*, s:o, s:O*}", "id", gather->id, "model",
                      gather->model, "parts", parts, "finish", tdh_finish_name(gather->finish),
                      "finish_raw", gather->finish_raw, "usage", tdh_usage_json(&gather->usage),
                      "usage_raw", gather->usage_raw);
    if (!tdh_json_memory_failed())
        return reply;
    json_decref(reply);
    return NULL;
}

/* --- as JSON --- */

static const struct {
    const char *name;
    size_t offset;
} usages[] = {
    { "input", offsetof(struct td_usage, input) },
    { "cache_read", offsetof(struct td_usage, cache_read) },
    { "cache_write", offsetof(struct td_usage, cache_write) },
    { "output", offsetof(struct td_usage, output) },
    { "reasoning", offsetof(struct td_usage, reasoning) },
};
enum { USAGES = sizeof(usages) / sizeof(usages[0]) };

json_t *tdh_usage_json(const struct td_usage *usage)
{
    json_t *json = json_object();

    for (size_t i = 0; i < USAGES; i++) {
        int64_t count;

        memcpy(&count, (const char *)usage + usages[i].offset, sizeof(count));
        if (count >= 0)
            json_object_set_new(json, usages[i].name, json_integer(count));
    }
    return json;
}

struct td_usage tdh_usage_read(const json_t *json)
{
    struct td_usage usage;

    for (size_t i = 0; i < USAGES; i++) {
        const json_t *value = json_object_get(json, usages[i].name);
        int64_t count = json_is_integer(value) ? json_integer_value(value) : -1;

        memcpy((char *)&usage + usages[i].offset, &count, sizeof(count));
    }
    return usage;
}

static const char *const types[] = {
    [TD_DELTA_BEGIN] = "begin",       [TD_DELTA_TEXT] = "text",
    [TD_DELTA_THINKING] = "thinking", [TD_DELTA_SIGNATURE] = "signature",
    [TD_DELTA_OPAQUE] = "opaque",     [TD_DELTA_TOOL] = "tool",
    [TD_DELTA_INPUT] = "input",       [TD_DELTA_FINISH] = "finish",
    [TD_DELTA_USAGE] = "usage",       [TD_DELTA_FAULT] = "fault",
};

json_t *tdh_delta_json(const struct td_delta *delta)
{
    bool is_part = delta->type >= TD_DELTA_TEXT && delta->type <= TD_DELTA_INPUT;
    json_t *json;

    tdh_json_memory_begin();
    json = json_pack("{s:s, s:s*, s:s*}", "type", types[delta->type], "id", delta->id, "name",
                     delta->name);
    if (is_part)
        json_object_set_new(json, "index", json_integer(delta->index));
    if (delta->text != NULL)
        json_object_set_new(json, "text", json_stringn(delta->text, delta->length));
    if (delta->type == TD_DELTA_FINISH)
        json_object_set_new(json, "finish", json_string(tdh_finish_name(delta->finish)));
    if (delta->type == TD_DELTA_USAGE && delta->usage != NULL)
        json_object_set_new(json, "usage", tdh_usage_json(delta->usage));
    if (delta->type == TD_DELTA_FAULT)
        json_object_set_new(json, "fault", json_string(tdh_fault_name(delta->fault)));
    if (!tdh_json_memory_failed())
        return json;
    json_decref(json);
    return NULL;
}
