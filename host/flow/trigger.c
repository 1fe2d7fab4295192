/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trigger: reads what starts a workflow; trigger_key.c has the keys.
 */
#include "flow/trigger.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "flow/plan.h"

#define ON(kind) (1U << (kind))
#define TIMES (ON(TRIGGER_CRON) | ON(TRIGGER_INTERVAL))
#define ANY ((1U << TRIGGER_KINDS) - 1)

static const char *const kind_names[TRIGGER_KINDS] = { "event", "cron", "interval", "file",
                                                       "manual" };

const char *tdh_trigger_kind_name(enum tdh_trigger_kind kind)
{
    return kind_names[kind];
}

static int no_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate a trigger");
}

static int check_keys(const struct tdh_flow_reader *reader, const struct tdh_trigger *trigger,
                      const json_t *text, const char *pointer, struct td_err *err)
{
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)text, key, value) {
        if (tdh_trigger_key_is(key, ON(trigger->kind)))
            continue;
        if (tdh_trigger_key_is(key, ANY))
            return tdh_flow_fail_near(reader, pointer, key, NULL, err,
                                      "a trigger with \"%s\" has no \"%s\"",
                                      kind_names[trigger->kind], key);
        return tdh_flow_fail_near(reader, pointer, key,
                                  tdh_trigger_key_near(key, ON(trigger->kind)), err,
                                  "unrecognized key \"%.100s\" of a trigger", key);
    }
    return 0;
}

static int find_kind(const struct tdh_flow_reader *reader, const json_t *text, const char *pointer,
                     enum tdh_trigger_kind *ret_kind, struct td_err *err)
{
    const char *found = NULL, *key;
    json_t *value;

    for (unsigned i = 0; i < TRIGGER_KINDS; i++) {
        if (json_object_get(text, kind_names[i]) == NULL)
            continue;
        if (found != NULL)
            return tdh_flow_fail_near(reader, pointer, kind_names[i], NULL, err,
                                      "\"%s\" and \"%s\" are two triggers: write them as two",
                                      found, kind_names[i]);
        found = kind_names[i];
        *ret_kind = (enum tdh_trigger_kind)i;
    }
    if (found != NULL)
        return 0;
    json_object_foreach ((json_t *)text, key, value)
        if (!tdh_trigger_key_is(key, ANY))
            return tdh_flow_fail_near(reader, pointer, key, tdh_trigger_key_near(key, ANY), err,
                                      "unrecognized key \"%.100s\" of a trigger", key);
    return tdh_flow_fail(reader, pointer, err,
                         "a trigger needs one of event, cron, interval, file and manual");
}

/* Its name in the store: the same as long as it reacts to the same. */
static int make_key(struct tdh_trigger *trigger, const json_t *text, struct td_err *err)
{
    const char *id = tdh_json_str(text, "id", NULL);
    json_t *source = json_object(), *value;
    const char *name;
    char hash[TDH_SHA256_HEX], *words;

    if (id != NULL)
        snprintf(trigger->key, sizeof(trigger->key), "%s", id);
    json_object_foreach ((json_t *)text, name, value)
        if (tdh_trigger_key_is_source(name))
            json_object_set(source, name, value);
    words = tdh_json_text(source, TDH_JSON_SORTED);
    json_decref(source);
    if (words == NULL)
        return no_memory(err);
    tdh_sha256_hex(words, strlen(words), hash);
    free(words);
    snprintf(trigger->hash, sizeof(trigger->hash), "%.12s", hash);
    if (id == NULL)
        snprintf(trigger->key, sizeof(trigger->key), "%s-%s", kind_names[trigger->kind],
                 trigger->hash);
    return 0;
}

/* --- what a run gets --- */

/* Without an expression that is known now. */
static int check_input(struct tdh_flow_reader *reader, const struct tdh_trigger *trigger,
                       const char *pointer, struct td_err *err)
{
    bool is_time = (ON(trigger->kind) & TIMES) != 0;
    json_t *empty = json_object();
    const json_t *input = trigger->inputs != NULL ? tdh_template_const(trigger->inputs)
                          : is_time               ? empty
                                                  : NULL;
    int rc = 0;

    if (input != NULL && tdh_plan_check_input(reader->plan, input, err) != 0)
        rc = trigger->inputs != NULL ? tdh_flow_at_member(reader, pointer, "inputs", err)
                                     : tdh_flow_at(reader, pointer, err);
    json_decref(empty);
    return rc;
}

static int read_trigger(struct tdh_flow_reader *reader, struct tdh_trigger *trigger,
                        const json_t *text, const char *pointer, struct td_err *err)
{
    const char *key;
    json_t *value;

    if (!json_is_object(text))
        return tdh_flow_fail(reader, pointer, err,
                             "a trigger is a map such as {event: order.created}");
    if (find_kind(reader, text, pointer, &trigger->kind, err) != 0 ||
        check_keys(reader, trigger, text, pointer, err) != 0)
        return -1;
    trigger->on = FILE_CREATED | FILE_CHANGED;
    json_object_foreach ((json_t *)text, key, value) {
        char at[TDH_POINTER_MAX];

        snprintf(at, sizeof(at), "%s/%s", pointer, key);
        if (tdh_trigger_key_read(reader, trigger, key, value, at, err) != 0)
            return -1;
    }
    if (make_key(trigger, text, err) != 0)
        return -1;
    return check_input(reader, trigger, pointer, err);
}

static int check_twin(const struct tdh_flow_reader *reader, size_t index, const char *pointer,
                      struct td_err *err)
{
    const struct tdh_plan *plan = reader->plan;

    for (size_t i = 0; i < index; i++)
        if (strcmp(plan->triggers[i].key, plan->triggers[index].key) == 0) {
            tdh_flow_fail(reader, pointer, err, "triggers %zu and %zu are the same", i + 1,
                          index + 1);
            return td_hint(err, "give each an \"id\" of its own");
        }
    return 0;
}

int tdh_triggers_read(struct tdh_flow_reader *reader, const json_t *triggers, struct td_err *err)
{
    struct tdh_plan *plan = reader->plan;
    size_t count = json_array_size(triggers);

    if (triggers == NULL)
        return 0;
    if (!json_is_array(triggers))
        return tdh_flow_fail(reader, "/triggers", err,
                             "must be a list of triggers such as {event: order.created}");
    if (count > TDH_TRIGGERS_MAX)
        return tdh_flow_fail(reader, "/triggers", err,
                             "there are %zu triggers, at most %d are allowed", count,
                             TDH_TRIGGERS_MAX);
    plan->triggers = calloc(count + 1, sizeof(*plan->triggers));
    if (plan->triggers == NULL)
        return no_memory(err);
    for (size_t i = 0; i < count; i++) {
        char pointer[32];

        snprintf(pointer, sizeof(pointer), "/triggers/%zu", i);
        plan->trigger_count = i + 1;
        if (read_trigger(reader, &plan->triggers[i], json_array_get(triggers, i), pointer, err) !=
                0 ||
            check_twin(reader, i, pointer, err) != 0)
            return -1;
    }
    return 0;
}

void tdh_trigger_end(struct tdh_trigger *trigger)
{
    free(trigger->source);
    tdh_cel_free(trigger->when);
    tdh_template_free(trigger->inputs);
    tdh_zone_free(trigger->zone);
    free(trigger->folder);
    free(trigger->pattern);
}

/* --- when it comes --- */

int tdh_trigger_holds(const struct tdh_trigger *trigger, const json_t *event,
                      struct tdh_arena *arena, bool *ret_holds, struct td_err *err)
{
    const json_t *const roots[] = { event };
    const struct tdh_cel_env env = { roots, 1 };
    int rc;

    *ret_holds = true;
    if (trigger->when == NULL)
        return 0;
    rc = tdh_cel_eval_bool(trigger->when, &env, arena, ret_holds, err);
    tdh_arena_reset(arena);
    return rc == 0 ? 0 : td_context(err, "\"%.120s\"", tdh_cel_text(trigger->when));
}

json_t *tdh_trigger_input(const struct tdh_trigger *trigger, const json_t *event,
                          struct tdh_arena *arena, struct td_err *err)
{
    const json_t *const roots[] = { event };
    const struct tdh_cel_env env = { roots, 1 };
    json_t *input;

    if (trigger->inputs == NULL) {
        input = json_object_get(event, "data");
        if ((ON(trigger->kind) & TIMES) != 0 || input == NULL || json_is_null(input))
            return json_object();
        return json_incref(input);
    }
    input = tdh_template_eval(trigger->inputs, &env, arena, err);
    tdh_arena_reset(arena);
    if (input == NULL)
        td_context(err, "\"inputs\"");
    return input;
}
