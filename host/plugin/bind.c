/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bind: fills a plugin's state from the options of an instance.
 *
 * Knows nothing of files: options come as JSON, whoever wrote them. Texts and lists go into one
 * block: first all pointers of all lists, then all bytes, so one walk that measures and one that
 * writes are enough.
 */
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "plugin/internal.h"
#include "plugin/runner.h"

/* The block being filled. */
struct block {
    const char **lists; /* next free pointer */
    char *bytes;        /* next free byte */
};

static int fail_unrecognized(const struct tdh_manifest *manifest, const char *name,
                             struct td_err *err)
{
    const char **names = calloc(manifest->option_count + 1, sizeof(*names));
    const char *near;

    if (names == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the names of options");
    for (size_t i = 0; i < manifest->option_count; i++)
        names[i] = manifest->options[i].name;
    near = tdh_near(name, names, manifest->option_count);
    free(names);
    td_fail(err, TD_E_CONFIG, "unrecognized option \"%.64s\"%s%s%s", name,
            near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
            near != NULL ? "\"" : "");
    return near != NULL ? -1
                        : td_hint(err, "tdev plugin info %s lists the options", manifest->name);
}

static bool has_option(const struct tdh_manifest *manifest, const char *name)
{
    for (size_t i = 0; i < manifest->option_count; i++)
        if (strcmp(manifest->options[i].name, name) == 0)
            return true;
    return false;
}

/* ret_name: the last one looked at. */
static int check_names(const struct tdh_manifest *manifest, const json_t *options,
                       const char **ret_name, struct td_err *err)
{
    const char *name;
    json_t *value;

    *ret_name = "";
    if (options != NULL && !json_is_object(options))
        return td_fail(err, TD_E_CONFIG, "options must be a mapping");
    json_object_foreach ((json_t *)(uintptr_t)options, name, value) {
        *ret_name = name;
        if (!has_option(manifest, name))
            return fail_unrecognized(manifest, name, err);
    }
    return 0;
}

/* What an option is set to: what was given, or its default. A null is as if it was not there. */
static int read_value(const struct tdh_option *option, const json_t *options,
                      struct tdh_value *ret_value, struct td_err *err)
{
    const json_t *given = json_object_get(options, option->name);

    if (given == NULL || json_is_null(given))
        given = option->value;
    *ret_value = (struct tdh_value){ 0 };
    if (given != NULL)
        return tdh_option_check(option, given, ret_value, err);
    if (option->is_required)
        return td_fail(err, TD_E_CONFIG, "option \"%s\" is required", option->name);
    return 0;
}

/* Adds the room that a text or a list takes in the block. */
static void measure(const struct tdh_value *value, size_t *pointers, size_t *bytes)
{
    size_t count = json_array_size(value->json);

    if (json_is_string(value->json))
        *bytes += json_string_length(value->json) + 1;
    if (json_is_array(value->json))
        *pointers += count + 1;
    for (size_t i = 0; i < count; i++)
        *bytes += json_string_length(json_array_get(value->json, i)) + 1;
}

static const char *put_text(struct block *block, const json_t *value)
{
    size_t size = json_string_length(value) + 1;
    char *text = memcpy(block->bytes, json_string_value(value), size);

    block->bytes += size;
    return text;
}

static const char *const *put_list(struct block *block, const json_t *value)
{
    const char **list = block->lists;
    size_t count = json_array_size(value);

    for (size_t i = 0; i < count; i++)
        list[i] = put_text(block, json_array_get(value, i));
    list[count] = NULL;
    block->lists += count + 1;
    return list;
}

/* Members that are not given stay zero. */
static void put(const struct td_binding *binding, const struct tdh_value *value, void *state,
                struct block *block)
{
    char *member = (char *)state + binding->offset;

    if (value->json == NULL)
        return;
    switch (binding->type) {
    case TD_BIND_STR_:
        *(const char **)member = put_text(block, value->json);
        break;
    case TD_BIND_REAL_:
        *(double *)member = value->real;
        break;
    case TD_BIND_BOOL_:
        *(bool *)member = value->integer != 0;
        break;
    case TD_BIND_LIST_:
        *(const char *const **)member = put_list(block, value->json);
        break;
    default:
        *(int64_t *)member = value->integer;
        break;
    }
}

static int read_values(const struct tdh_manifest *manifest, const json_t *options,
                       struct tdh_value *values, size_t *ret_pointers, size_t *ret_bytes,
                       struct td_err *err)
{
    const char *name;

    *ret_pointers = *ret_bytes = 0;
    if (check_names(manifest, options, &name, err) != 0)
        return -1;
    for (size_t i = 0; i < manifest->option_count; i++) {
        if (read_value(&manifest->options[i], options, &values[i], err) != 0)
            return -1;
        measure(&values[i], ret_pointers, ret_bytes);
    }
    return 0;
}

static int bind(const struct tdh_plugin *plugin, const json_t *options, struct tdh_value *values,
                void *state, void **ret_block, struct td_err *err)
{
    size_t pointers, bytes, size;
    struct block block;
    void *memory = NULL;

    if (read_values(plugin->manifest, options, values, &pointers, &bytes, err) != 0)
        return -1;
    size = pointers * sizeof(const char *) + bytes;
    if (size != 0) {
        memory = malloc(size);
        if (memory == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate the texts of options");
    }
    block =
        (struct block){ memory,
                        memory != NULL ? (char *)memory + pointers * sizeof(const char *) : NULL };
    for (size_t i = 0; i < plugin->manifest->option_count; i++)
        put(plugin->bindings[i], &values[i], state, &block);
    *ret_block = memory;
    return 0;
}

/* Checked here, bound in the plugin's own process. */
static int bind_isolated(const struct tdh_plugin *plugin, const json_t *options, const char *where,
                         void *state, void **ret_block, struct td_err *err)
{
    const char *name;

    if (tdh_options_check(plugin->manifest, options, &name, err) == 0 &&
        tdh_proxy_bind(options, state, ret_block, err) == 0)
        return 0;
    return td_context(err, "%s", where);
}

int tdh_plugin_bind(const struct tdh_plugin *plugin, const json_t *options, const char *where,
                    void *state, void **ret_block, struct td_err *err)
{
    struct tdh_value *values;
    int rc;

    if (plugin->runner != NULL)
        return bind_isolated(plugin, options, where, state, ret_block, err);
    values = calloc(plugin->manifest->option_count + 1, sizeof(*values));
    if (values == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate options");
    rc = bind(plugin, options, values, state, ret_block, err);
    free(values);
    return rc == 0 ? 0 : td_context(err, "%s", where);
}

int tdh_options_check(const struct tdh_manifest *manifest, const json_t *options,
                      const char **ret_name, struct td_err *err)
{
    struct tdh_value value;

    if (check_names(manifest, options, ret_name, err) != 0)
        return -1;
    for (size_t i = 0; i < manifest->option_count; i++) {
        *ret_name = manifest->options[i].name;
        if (read_value(&manifest->options[i], options, &value, err) != 0)
            return -1;
    }
    return 0;
}
