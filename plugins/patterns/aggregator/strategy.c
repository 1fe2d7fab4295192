/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strategy: the messages stand in the order of their sources, not of their arrival, so that the
 * result of all of them does not depend on who was faster.
 */
#include "strategy.h"

#include <stdlib.h>
#include <string.h>

const char *const strategies[] = { "list", "concat", "merge",         "first",   "sum", "average",
                                   "min",  "max",    "most_frequent", "by_name", NULL };

int strategy_check(enum strategy strategy, const json_t *value, struct td_err *err)
{
    if (value == NULL)
        return td_fail(err, TD_E_INVAL, "there is nothing at the place it is read from");
    if (strategy == CONCAT && !json_is_string(value))
        return td_fail(err, TD_E_INVAL, "\"concat\" needs a text");
    if (strategy == MERGE && !json_is_object(value))
        return td_fail(err, TD_E_INVAL, "\"merge\" needs an object");
    if (strategy >= SUM && strategy <= MAX && !json_is_number(value))
        return td_fail(err, TD_E_INVAL, "\"%s\" needs a number", strategies[strategy]);
    return 0;
}

/* The values that are there. new */
static json_t *values_of(const json_t *messages)
{
    json_t *values = json_array(), *message;
    size_t i;

    json_array_foreach (messages, i, message)
        if (!json_is_null(message) && json_array_append(values, json_array_get(message, 0)) != 0) {
            json_decref(values);
            return NULL;
        }
    return values;
}

static json_t *concat(const json_t *values, const char *separator)
{
    size_t length = 0, used = 0, i;
    const json_t *value;
    json_t *joined = NULL;
    char *text;

    json_array_foreach (values, i, value)
        length += json_string_length(value) + strlen(separator);
    text = malloc(length + 1);
    if (text == NULL)
        return NULL;
    json_array_foreach (values, i, value) {
        if (i > 0) {
            memcpy(text + used, separator, strlen(separator));
            used += strlen(separator);
        }
        memcpy(text + used, json_string_value(value), json_string_length(value));
        used += json_string_length(value);
    }
    joined = json_stringn(text, used);
    free(text);
    return joined;
}

static json_t *merge(const json_t *values)
{
    json_t *merged = json_object(), *value;
    size_t i;

    json_array_foreach (values, i, value)
        if (json_object_update(merged, value) != 0) {
            json_decref(merged);
            return NULL;
        }
    return merged;
}

/* Whole as long as all are, and the sum fits. */
static json_t *sum(const json_t *values)
{
    const json_t *value;
    json_int_t whole = 0;
    double real = 0;
    bool is_whole = true;
    size_t i;

    json_array_foreach (values, i, value) {
        real += json_number_value(value);
        if (!json_is_integer(value) ||
            __builtin_add_overflow(whole, json_integer_value(value), &whole))
            is_whole = false;
    }
    return is_whole ? json_integer(whole) : json_real(real);
}

static json_t *average(const json_t *values)
{
    const json_t *value;
    double real = 0;
    size_t i;

    json_array_foreach (values, i, value)
        real += json_number_value(value) / (double)json_array_size(values);
    return json_real(real);
}

static json_t *extreme(const json_t *values, bool is_max)
{
    json_t *best = json_array_get(values, 0), *value;
    size_t i;

    json_array_foreach (values, i, value) {
        double one = json_number_value(value), other = json_number_value(best);

        if (is_max ? one > other : one < other)
            best = value;
    }
    return json_incref(best);
}

/* Of equally frequent ones, the first. */
static json_t *most_frequent(const json_t *values)
{
    json_t *best = NULL, *value, *other;
    size_t most = 0, i, j;

    json_array_foreach (values, i, value) {
        size_t count = 0;

        json_array_foreach (values, j, other)
            count += kit_equal(value, other);
        if (count > most) {
            most = count;
            best = value;
        }
    }
    return json_incref(best);
}

static json_t *by_name(const json_t *messages, const struct kit_member *sources)
{
    json_t *named = json_object(), *message;
    size_t i;

    json_array_foreach (messages, i, message)
        if (!json_is_null(message))
            kit_add_member(&named, sources[i].name, json_incref(json_array_get(message, 0)));
    return named;
}

static json_t *apply(enum strategy strategy, json_t *values, const char *separator)
{
    switch (strategy) {
    case CONCAT:
        return concat(values, separator);
    case MERGE:
        return merge(values);
    case FIRST:
        return json_incref(json_array_get(values, 0));
    case SUM:
        return sum(values);
    case AVERAGE:
        return average(values);
    case MIN:
        return extreme(values, false);
    case MAX:
        return extreme(values, true);
    case MOST_FREQUENT:
        return most_frequent(values);
    case LIST:
    default:
        return json_incref(values);
    }
}

json_t *strategy_apply(enum strategy strategy, const json_t *messages, const char *separator,
                       const struct kit_member *sources, struct td_err *err)
{
    json_t *values = values_of(messages), *result = NULL;

    if (values != NULL)
        result =
            strategy == BY_NAME ? by_name(messages, sources) : apply(strategy, values, separator);
    json_decref(values);
    if (result == NULL) /* no memory, or a sum that no number can hold */
        td_fail(err, TD_E_EXEC, "could not make \"%s\" of %zu messages", strategies[strategy],
                json_array_size(messages));
    return result;
}
