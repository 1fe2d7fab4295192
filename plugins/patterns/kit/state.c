/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state: begins, saves, loads and ends a state by the table of its members.
 *
 * A list or object of a state grows and changes at its top, so what is saved is a copy of that
 * level; below it everything is shared and never changed.
 */
#include "kit.h"

#include <string.h>

static json_t **json_of(const void *state, const struct kit_field *field)
{
    return (json_t **)((char *)state + field->offset);
}

static size_t *count_of(const void *state, const struct kit_field *field)
{
    return (size_t *)((char *)state + field->offset);
}

static const struct kit_pattern *pattern_of(const void *plan)
{
    return ((const struct kit_plan *)plan)->pattern;
}

int kit_start(void *state, const void *plan, const json_t *input, struct td_asks *asks,
              struct td_err *err)
{
    const struct kit_pattern *pattern = pattern_of(plan);

    for (const struct kit_field *field = pattern->fields; field->kind != KIT_END_; field++) {
        json_t **member = json_of(state, field);

        if (field->kind != KIT_LIST_ && field->kind != KIT_OBJECT_)
            continue;
        *member = field->kind == KIT_LIST_ ? json_array() : json_object();
        if (*member == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate the state");
    }
    return pattern->start(state, plan, input, asks, err);
}

/* What a run says that is done but not successful. */
static void read_failure(const json_t *output, struct td_err *ret_error)
{
    const char *error = json_string_value(json_object_get(output, "error")),
               *outcome = json_string_value(json_object_get(output, "outcome"));

    td_fail(ret_error, TD_E_EXEC, "%s",
            error != NULL ? error : (outcome != NULL ? outcome : "was not successful"));
}

/* A strict member that is done and says `success: false` has failed. */
static int fold_strict(void *state, const void *plan, const struct td_event *event,
                       struct td_asks *asks, struct td_err *err)
{
    struct td_event plain = *event;
    struct td_err why;

    plain.tag &= ~KIT_STRICT;
    if (event->kind == TD_EVENT_DONE && json_is_false(json_object_get(event->output, "success"))) {
        read_failure(event->output, &why);
        plain.kind = TD_EVENT_FAILED;
        plain.error = &why;
        plain.output = NULL;
    }
    return pattern_of(plan)->fold(state, plan, &plain, asks, err);
}

int kit_fold(void *state, const void *plan, const struct td_event *event, struct td_asks *asks,
             struct td_err *err)
{
    const struct kit_pattern *pattern = pattern_of(plan);
    struct td_err why;

    if (event->kind != TD_EVENT_CANCEL && event->tag & KIT_STRICT)
        return fold_strict(state, plan, event, asks, err);
    if (event->kind != TD_EVENT_CANCEL)
        return pattern->fold(state, plan, event, asks, err);
    if (pattern->cancel != NULL)
        return pattern->cancel(state, plan, asks, err);
    td_fail(&why, TD_E_CANCELLED, "the pattern was cancelled");
    return td_ask_fail(asks, &why, err); /* and the host takes back what is open */
}

static json_t *save_field(const void *state, const struct kit_field *field)
{
    if (field->kind == KIT_COUNT_)
        return json_integer((json_int_t)*count_of(state, field));
    return field->kind == KIT_VALUE_ ? json_incref(*json_of(state, field))
                                     : kit_copy(*json_of(state, field));
}

json_t *kit_save(const void *state, const void *plan, struct td_err *err)
{
    json_t *saved = json_object();

    for (const struct kit_field *field = pattern_of(plan)->fields; field->kind != KIT_END_;
         field++) {
        if (field->kind == KIT_VALUE_ && *json_of(state, field) == NULL)
            continue;
        if (saved != NULL &&
            json_object_set_new(saved, field->name, save_field(state, field)) != 0) {
            json_decref(saved);
            saved = NULL;
        }
    }
    if (saved == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the state");
    return saved;
}

static bool has_kind(const json_t *value, enum kit_field_kind kind)
{
    switch (kind) {
    case KIT_COUNT_:
        return json_is_integer(value) && json_integer_value(value) >= 0;
    case KIT_LIST_:
        return json_is_array(value);
    case KIT_OBJECT_:
        return json_is_object(value);
    default:
        return true;
    }
}

static int load_field(json_t **member, const struct kit_field *field, json_t *value,
                      struct td_err *err)
{
    *member = field->kind == KIT_VALUE_ ? json_incref(value) : kit_copy(value);
    return *member != NULL || value == NULL
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate \"%s\" of the state", field->name);
}

int kit_load(void *state, const void *plan, const json_t *saved, uint32_t version,
             struct td_err *err)
{
    const struct kit_pattern *pattern = pattern_of(plan);

    if (version != 1)
        return td_fail(err, TD_E_UNSUPPORTED, "states of version %u are not known to this plugin",
                       version);
    for (const struct kit_field *field = pattern->fields; field->kind != KIT_END_; field++) {
        json_t *value = json_object_get(saved, field->name);

        if (!has_kind(value, field->kind))
            return td_fail(err, TD_E_CORRUPT, "\"%s\" of the saved state is not of its kind",
                           field->name);
        if (field->kind == KIT_COUNT_)
            *count_of(state, field) = (size_t)json_integer_value(value);
        else if (load_field(json_of(state, field), field, value, err) != 0)
            return -1;
    }
    if (pattern->fits != NULL && !pattern->fits(state, plan))
        return td_fail(err, TD_E_CORRUPT, "the saved state does not fit the configuration");
    return 0;
}

void kit_drop(void *state, const void *plan)
{
    for (const struct kit_field *field = pattern_of(plan)->fields; field->kind != KIT_END_; field++)
        if (field->kind != KIT_COUNT_)
            json_decref(*json_of(state, field));
}
