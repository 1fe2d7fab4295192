/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trigger key: the keys of triggers: which kinds have one is a table, and so is what is done with
 * it.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/near.h"
#include "flow/plan.h"
#include "message/message.h"

#define ON(kind) (1U << (kind))
#define NEWS (ON(TRIGGER_EVENT) | ON(TRIGGER_FILE))
#define TIMES (ON(TRIGGER_CRON) | ON(TRIGGER_INTERVAL))
#define ANY ((1U << TRIGGER_KINDS) - 1)
#define INTERVAL_MS_MAX (INT64_C(3650) * 86400 * 1000)

typedef int key_fn(struct tdh_flow_reader *reader, struct tdh_trigger *trigger, const json_t *value,
                   const char *pointer, struct td_err *err);

/* What the event of a trigger holds as data; NULL: anything. */
static const char time_data[] =
    "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": "
    "{\"time\": {\"type\": \"string\"}, \"missed\": {\"type\": \"integer\"}}}";
static const char file_data[] =
    "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": "
    "{\"path\": {\"type\": \"string\"}, \"name\": {\"type\": \"string\"}, "
    "\"change\": {\"type\": \"string\"}}}";
static const char *const data_schemas[TRIGGER_KINDS] = {
    [TRIGGER_CRON] = time_data, [TRIGGER_INTERVAL] = time_data, [TRIGGER_FILE] = file_data
};

static int no_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate a trigger");
}

/* --- expressions --- */

/* The only root: `event`. new; NULL: err. */
static json_t *event_schema(const struct tdh_trigger *trigger, struct td_err *err)
{
    static const char *const texts[] = {
        "id", "name", "source", "time", "correlation", "replay_of"
    };
    const char *data = data_schemas[trigger->kind];
    json_t *properties = json_object(), *schema;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        json_object_set_new(properties, texts[i], json_pack("{s:s}", "type", "string"));
    json_object_set_new(properties, "data",
                        data != NULL ? tdh_json_parse(data, strlen(data), "event", err)
                                     : json_object());
    schema = json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties,
                       "additionalProperties", 0);
    if (schema == NULL)
        no_memory(err);
    return schema;
}

static int read_when(struct tdh_flow_reader *reader, struct tdh_trigger *trigger,
                     const json_t *value, const char *pointer, struct td_err *err)
{
    json_t *schema = event_schema(trigger, err), *want = json_pack("{s:s}", "type", "boolean");
    const struct tdh_cel_root root = { "event", schema };
    const struct tdh_cel_options options = { .roots = &root, .root_count = 1, .want = want };
    int rc = -1;

    if (schema == NULL)
        goto out;
    if (!json_is_string(value)) {
        tdh_flow_fail(reader, pointer, err,
                      "must be an expression such as \"event.data.total > 100\"");
        goto out;
    }
    trigger->when = tdh_cel_compile(json_string_value(value), &options, err);
    if (trigger->when != NULL) {
        rc = 0;
    } else {
        td_context(err, "\"%.120s\"", json_string_value(value));
        tdh_flow_at(reader, pointer, err);
    }
out:
    json_decref(schema);
    json_decref(want);
    return rc;
}

static int template_place(void *arg, const char *pointer, struct td_err *err)
{
    return tdh_flow_at(arg, pointer, err);
}

static int read_inputs(struct tdh_flow_reader *reader, struct tdh_trigger *trigger,
                       const json_t *value, const char *pointer, struct td_err *err)
{
    json_t *schema = event_schema(trigger, err);
    const struct tdh_cel_root root = { "event", schema };
    const struct tdh_cel_options options = {
        .roots = &root,
        .root_count = 1,
        .want = json_object_get(reader->plan->text, "inputs"),
    };

    if (schema == NULL)
        return -1;
    trigger->inputs = tdh_template_new(value, &options, pointer, template_place, reader, err);
    json_decref(schema);
    return trigger->inputs != NULL ? 0 : -1;
}

/* --- what it reacts to --- */

/* Copies the text for people. NULL: it is none, and err says that it must be `what`. */
static const char *read_source(struct tdh_flow_reader *reader, struct tdh_trigger *trigger,
                               const json_t *value, const char *pointer, const char *what,
                               struct td_err *err)
{
    if (!json_is_string(value)) {
        tdh_flow_fail(reader, pointer, err, "must be %s", what);
        return NULL;
    }
    trigger->source = strdup(json_string_value(value));
    if (trigger->source == NULL)
        no_memory(err);
    return trigger->source;
}

static int read_event(struct tdh_flow_reader *reader, struct tdh_trigger *trigger,
                      const json_t *value, const char *pointer, struct td_err *err)
{
    const char *text = read_source(reader, trigger, value, pointer,
                                   "the name of an event, or a pattern such as order.*", err);

    if (text == NULL)
        return -1;
    return tdh_event_check_pattern(text, err) == 0 ? 0 : tdh_flow_at(reader, pointer, err);
}

static int read_cron(struct tdh_flow_reader *reader, struct tdh_trigger *trigger,
                     const json_t *value, const char *pointer, struct td_err *err)
{
    const char *text =
        read_source(reader, trigger, value, pointer, "a cron such as \"0 9 * * MON-FRI\"", err);

    if (text == NULL)
        return -1;
    return tdh_cron_parse(text, &trigger->cron, err) == 0 ? 0 : tdh_flow_at(reader, pointer, err);
}

static int read_zone(struct tdh_flow_reader *reader, struct tdh_trigger *trigger,
                     const json_t *value, const char *pointer, struct td_err *err)
{
    if (!json_is_string(value))
        return tdh_flow_fail(reader, pointer, err, "must be a time zone such as Asia/Seoul");
    trigger->zone = tdh_zone_new(json_string_value(value), err);
    return trigger->zone != NULL ? 0 : tdh_flow_at(reader, pointer, err);
}

static int read_interval(struct tdh_flow_reader *reader, struct tdh_trigger *trigger,
                         const json_t *value, const char *pointer, struct td_err *err)
{
    const char *text =
        read_source(reader, trigger, value, pointer, "a duration such as \"5m\"", err);
    int64_t ms;

    if (text == NULL)
        return -1;
    if (tdh_duration_parse(text, &ms, err) != 0)
        return tdh_flow_at(reader, pointer, err);
    if (ms < 1000 || ms > INTERVAL_MS_MAX)
        return tdh_flow_fail(reader, pointer, err, "an interval is from 1s to 3650d");
    trigger->interval_us = ms * 1000;
    return 0;
}

static int read_missed(struct tdh_flow_reader *reader, struct tdh_trigger *trigger,
                       const json_t *value, const char *pointer, struct td_err *err)
{
    static const char *const names[] = { "once", "skip", "all" };
    const char *text = json_string_value(value);

    for (unsigned i = 0; text != NULL && i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            trigger->missed = (enum tdh_missed)i;
            return 0;
        }
    return tdh_flow_fail_near(reader, pointer, NULL, text != NULL ? tdh_near(text, names, 3) : NULL,
                              err, "must be skip, once or all");
}

/* Where a relative path begins: beside the workflow's file. */
static int print_path(const struct tdh_flow_reader *reader, const char *text, char path[PATH_MAX])
{
    const char *file = reader->yaml->name, *slash = strrchr(file, '/');
    int base = text[0] == '/' || slash == NULL ? 0 : (int)(slash - file) + 1;

    return snprintf(path, PATH_MAX, "%.*s%s", base, file, text) < PATH_MAX ? 0 : -1;
}

static int read_file(struct tdh_flow_reader *reader, struct tdh_trigger *trigger,
                     const json_t *value, const char *pointer, struct td_err *err)
{
    static const char wild[] = "*?[";
    const char *text = read_source(reader, trigger, value, pointer,
                                   "a path, whose last part may be a pattern such as *.csv", err);
    char path[PATH_MAX], *slash;

    if (text == NULL)
        return -1;
    if (print_path(reader, text, path) != 0)
        return tdh_flow_fail(reader, pointer, err, "the path is too long");
    slash = strrchr(path, '/');
    if (path[0] == '\0' || (slash != NULL && slash[1] == '\0'))
        return tdh_flow_fail(reader, pointer, err, "\"%.200s\" names no file", text);
    if (slash != NULL)
        *slash = '\0';
    if (slash != NULL && strpbrk(path, wild) != NULL)
        return tdh_flow_fail(reader, pointer, err,
                             "only the last part of a path may be a pattern, not \"%.200s\"", path);
    trigger->folder = strdup(slash == NULL ? "." : slash == path ? "/" : path);
    trigger->pattern = strdup(slash != NULL ? slash + 1 : path);
    return trigger->folder != NULL && trigger->pattern != NULL ? 0 : no_memory(err);
}

static int read_change(const struct tdh_flow_reader *reader, const json_t *value,
                       const char *pointer, unsigned *on, struct td_err *err)
{
    static const char *const names[] = { "created", "changed", "removed" };
    const char *text = json_string_value(value);

    for (unsigned i = 0; text != NULL && i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            *on |= 1U << i;
            return 0;
        }
    return tdh_flow_fail_near(reader, pointer, NULL, text != NULL ? tdh_near(text, names, 3) : NULL,
                              err, "must be created, changed or removed");
}

static int read_on(struct tdh_flow_reader *reader, struct tdh_trigger *trigger, const json_t *value,
                   const char *pointer, struct td_err *err)
{
    json_t *item;
    size_t i;

    trigger->on = 0;
    if (!json_is_array(value))
        return read_change(reader, value, pointer, &trigger->on, err);
    if (json_array_size(value) == 0)
        return tdh_flow_fail(reader, pointer, err, "must be created, changed or removed");
    json_array_foreach (value, i, item) {
        char at[TDH_POINTER_MAX];

        snprintf(at, sizeof(at), "%s/%zu", pointer, i);
        if (read_change(reader, item, at, &trigger->on, err) != 0)
            return -1;
    }
    return 0;
}

static int read_manual(struct tdh_flow_reader *reader, struct tdh_trigger *trigger,
                       const json_t *value, const char *pointer, struct td_err *err)
{
    if (!json_is_true(value))
        return tdh_flow_fail(reader, pointer, err, "\"manual\" is true, or not there");
    trigger->source = strdup("by hand");
    return trigger->source != NULL ? 0 : no_memory(err);
}

/* --- how often --- */

static int read_debounce(struct tdh_flow_reader *reader, struct tdh_trigger *trigger,
                         const json_t *value, const char *pointer, struct td_err *err)
{
    return tdh_flow_duration(reader, value, pointer, &trigger->debounce_ms, err);
}

static int read_throttle(struct tdh_flow_reader *reader, struct tdh_trigger *trigger,
                         const json_t *value, const char *pointer, struct td_err *err)
{
    static const char *const names[] = { "max", "per" };
    const json_t *max = json_object_get(value, "max"), *per = json_object_get(value, "per");
    char at[TDH_POINTER_MAX];
    const char *key;
    json_t *member;

    json_object_foreach ((json_t *)value, key, member)
        if (strcmp(key, "max") != 0 && strcmp(key, "per") != 0)
            return tdh_flow_fail_near(reader, pointer, key, tdh_near(key, names, 2), err,
                                      "unrecognized key \"%.100s\" of a throttle", key);
    if (!json_is_object(value) || max == NULL || per == NULL)
        return tdh_flow_fail(reader, pointer, err, "must be a map such as {max: 10, per: 1m}");
    snprintf(at, sizeof(at), "%s/max", pointer);
    if (!json_is_integer(max) || json_integer_value(max) < 1 ||
        json_integer_value(max) > TDH_TRIGGER_THROTTLE)
        return tdh_flow_fail(reader, at, err, "must be a whole number from 1 to %d",
                             TDH_TRIGGER_THROTTLE);
    trigger->throttle_max = (uint32_t)json_integer_value(max);
    snprintf(at, sizeof(at), "%s/per", pointer);
    return tdh_flow_duration(reader, per, at, &trigger->throttle_ms, err);
}

/* --- the table --- */

/* Read with the key of the trigger. */
static int skip(struct tdh_flow_reader *reader, struct tdh_trigger *trigger, const json_t *value,
                const char *pointer, struct td_err *err)
{
    (void)trigger;
    if (json_is_string(value) && tdh_flow_is_id(json_string_value(value)))
        return 0;
    return tdh_flow_fail(reader, pointer, err,
                         "\"id\" must be a text of at most 64 letters, digits, \"_\" or \"-\"");
}

static const struct key_row {
    const char *name;
    unsigned kinds;
    bool is_source; /* part of what it reacts to */
    key_fn *read;
} keys[] = {
    { "event", ON(TRIGGER_EVENT), true, read_event },
    { "cron", ON(TRIGGER_CRON), true, read_cron },
    { "interval", ON(TRIGGER_INTERVAL), true, read_interval },
    { "file", ON(TRIGGER_FILE), true, read_file },
    { "manual", ON(TRIGGER_MANUAL), true, read_manual },
    { "id", ANY, false, skip },
    { "inputs", ANY, false, read_inputs },
    { "when", NEWS, true, read_when },
    { "zone", ON(TRIGGER_CRON), true, read_zone },
    { "missed", TIMES, false, read_missed },
    { "on", ON(TRIGGER_FILE), true, read_on },
    { "debounce", NEWS, false, read_debounce },
    { "throttle", NEWS | TIMES, false, read_throttle },
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static const struct key_row *find_key(const char *name, unsigned wanted)
{
    for (size_t i = 0; i < KEYS; i++)
        if (strcmp(keys[i].name, name) == 0 && (keys[i].kinds & wanted) != 0)
            return &keys[i];
    return NULL;
}

bool tdh_trigger_key_is(const char *name, unsigned wanted)
{
    return find_key(name, wanted) != NULL;
}

const char *tdh_trigger_key_near(const char *name, unsigned wanted)
{
    const char *names[KEYS];
    size_t count = 0;

    for (size_t i = 0; i < KEYS; i++)
        if ((keys[i].kinds & wanted) != 0)
            names[count++] = keys[i].name;
    return tdh_near(name, names, count);
}

int tdh_trigger_key_read(struct tdh_flow_reader *reader, struct tdh_trigger *trigger,
                         const char *name, const json_t *value, const char *pointer,
                         struct td_err *err)
{
    return find_key(name, ON(trigger->kind))->read(reader, trigger, value, pointer, err);
}

bool tdh_trigger_key_is_source(const char *name)
{
    return find_key(name, ~0U)->is_source;
}
