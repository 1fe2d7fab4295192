/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options: fills a state through the plugin's bindings, as the host does, but for what only the
 * manifest knows: defaults and ranges.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static const char *const wanted[] = {
    [TD_BIND_STR_] = "a string",
    [TD_BIND_INT_] = "a whole number",
    [TD_BIND_REAL_] = "a number",
    [TD_BIND_BOOL_] = "true or false",
    [TD_BIND_DURATION_] = "a whole number of milliseconds",
    [TD_BIND_BYTES_] = "a whole number of bytes",
    [TD_BIND_LIST_] = "a list of strings",
};

static size_t count_bindings(const struct td_plugin *plugin)
{
    size_t count = 0;

    while (plugin->bindings != NULL && plugin->bindings[count] != NULL)
        count++;
    return count;
}

static bool is_bound(const struct td_plugin *plugin, const char *name)
{
    for (size_t i = 0; i < count_bindings(plugin); i++)
        if (strcmp(plugin->bindings[i]->name, name) == 0)
            return true;
    return false;
}

static bool fits(enum td_bind type, const json_t *value)
{
    const json_t *item;
    size_t i;

    switch (type) {
    case TD_BIND_STR_:
        return json_is_string(value);
    case TD_BIND_INT_:
    case TD_BIND_DURATION_:
    case TD_BIND_BYTES_:
        return json_is_integer(value);
    case TD_BIND_REAL_:
        return json_is_number(value);
    case TD_BIND_BOOL_:
        return json_is_boolean(value);
    case TD_BIND_LIST_:
        break;
    }
    json_array_foreach (value, i, item)
        if (!json_is_string(item))
            return false;
    return json_is_array(value);
}

/* new: ends with NULL; the texts are the value's. */
static const char **make_list(const json_t *value)
{
    const char **list = td_testing_must(calloc(json_array_size(value) + 1, sizeof(*list)));

    for (size_t i = 0; i < json_array_size(value); i++)
        list[i] = json_string_value(json_array_get(value, i));
    return list;
}

static void put(struct td_test *test, size_t number, const json_t *value, void *member)
{
    const char **list;

    switch (test->plugin->bindings[number]->type) {
    case TD_BIND_STR_:
        *(const char **)member = json_string_value(value);
        break;
    case TD_BIND_INT_:
    case TD_BIND_DURATION_:
    case TD_BIND_BYTES_:
        *(int64_t *)member = json_integer_value(value);
        break;
    case TD_BIND_REAL_:
        *(double *)member = json_number_value(value);
        break;
    case TD_BIND_BOOL_:
        *(bool *)member = json_is_true(value);
        break;
    case TD_BIND_LIST_:
        list = make_list(value);
        test->lists[number] = list;
        *(const char *const **)member = list;
        break;
    }
}

static int fill_one(struct td_test *test, size_t number, void *state, struct td_err *err)
{
    const struct td_binding *binding = test->plugin->bindings[number];
    const json_t *value = json_object_get(test->options, binding->name);

    if (value == NULL) {
        td_fail(err, TD_E_CONFIG, "option \"%s\" is not given", binding->name);
        return td_hint(err, "the fake host reads no manifest: give every option, null for none");
    }
    if (json_is_null(value))
        return 0;
    if (!fits(binding->type, value))
        return td_fail(err, TD_E_CONFIG, "option \"%s\" must be %s", binding->name,
                       wanted[binding->type]);
    put(test, number, value, (char *)state + binding->offset);
    return 0;
}

int td_testing_fill(struct td_test *test, void *state, struct td_err *err)
{
    size_t count = count_bindings(test->plugin);
    const json_t *value;
    const char *name;

    test->lists = td_testing_must(calloc(count + 1, sizeof(*test->lists)));
    json_object_foreach ((json_t *)(uintptr_t)test->options, name, value)
        if (!is_bound(test->plugin, name))
            return td_fail(err, TD_E_CONFIG, "the plugin binds no option \"%s\"", name);
    for (size_t i = 0; i < count; i++)
        if (fill_one(test, i, state, err) != 0)
            return -1;
    return 0;
}

void td_testing_unfill(struct td_test *test)
{
    for (size_t i = 0; test->lists != NULL && i < count_bindings(test->plugin); i++)
        free(test->lists[i]);
    free(test->lists);
    test->lists = NULL;
}
