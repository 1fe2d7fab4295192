/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expr: evaluates one CEL expression.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cel/cel.h"
#include "cli/cli.h"

enum { DATA_BYTES_MAX = 64 << 20, ROOTS_MAX = 1024 };

struct roots {
    struct tdh_cel_root names[ROOTS_MAX];
    const json_t *values[ROOTS_MAX];
    size_t count;
};

static int read_roots(const char *path, json_t **ret_data, struct roots *roots, struct td_err *err)
{
    const char *name;
    json_t *value;

    *ret_data = path != NULL ? tdh_json_read(path, DATA_BYTES_MAX, err) : json_object();
    if (*ret_data == NULL)
        return -1;
    if (!json_is_object(*ret_data))
        return td_fail(err, TD_E_INVAL, "\"%s\" does not hold a map of variables", path);
    json_object_foreach (*ret_data, name, value) {
        if (roots->count == ROOTS_MAX)
            return td_fail(err, TD_E_LIMIT, "\"%s\" has more than %d variables", path, ROOTS_MAX);
        roots->names[roots->count].name = name;
        roots->values[roots->count++] = value;
    }
    return 0;
}

/* A JSON value as a typed one: whole numbers are int, others double. */
static json_t *tag_value(const json_t *value)
{
    json_t *list, *item;
    const char *key;
    char text[40];
    size_t i;

    switch (json_typeof(value)) {
    case JSON_NULL:
        return json_pack("{s:n}", "null");
    case JSON_TRUE:
    case JSON_FALSE:
        return json_pack("{s:b}", "bool", json_is_true(value));
    case JSON_INTEGER:
        return json_pack("{s:I}", "int", json_integer_value(value));
    case JSON_REAL:
        snprintf(text, sizeof(text), "%.17g", json_real_value(value));
        return json_pack("{s:s}", "double", text);
    case JSON_STRING:
        return json_pack("{s:O}", "string", value);
    case JSON_ARRAY:
        list = json_array();
        json_array_foreach ((json_t *)value, i, item)
            json_array_append_new(list, tag_value(item));
        return json_pack("{s:o}", "list", list);
    default:
        list = json_array();
        json_object_foreach ((json_t *)value, key, item)
            json_array_append_new(list, json_pack("[{s:s}, o]", "string", key, tag_value(item)));
        return json_pack("{s:o}", "map", list);
    }
}

/* The variables of --data as typed ones; those of --bindings are so already. */
static json_t *tag_roots(const json_t *data, bool is_tagged)
{
    json_t *roots = json_object(), *value;
    const char *name;

    if (is_tagged) {
        json_decref(roots);
        return json_incref((json_t *)data);
    }
    json_object_foreach ((json_t *)data, name, value)
        json_object_set_new(roots, name, tag_value(value));
    return roots;
}

static json_t *evaluate_typed(const struct tdh_args *args, const struct tdh_cel *cel,
                              const json_t *data, struct tdh_arena *arena, struct td_err *err)
{
    json_t *roots = tag_roots(data, tdh_args_has(args, "bindings"));
    json_t *value = tdh_cel_eval_typed(cel, roots, arena, err);

    json_decref(roots);
    return value;
}

/* An expression that does not compile is refused; one that fails when it runs has failed. */
static json_t *evaluate(const struct tdh_args *args, const json_t *data, const struct roots *roots,
                        bool is_typed, int *ret_exit, struct td_err *err)
{
    struct tdh_cel_options options = { .roots = roots->names,
                                       .root_count = roots->count,
                                       .is_unchecked = is_typed,
                                       .container = tdh_args_value(args, "container", NULL) };
    struct tdh_cel_env env = { roots->values, roots->count };
    struct tdh_arena arena = { 0 };
    struct tdh_cel *cel = tdh_cel_compile(args->words[0], &options, err);
    json_t *value;

    *ret_exit = TDH_EXIT_REFUSED;
    if (cel == NULL)
        return NULL;
    *ret_exit = TDH_EXIT_FAILED;
    value = is_typed ? evaluate_typed(args, cel, data, &arena, err)
                     : tdh_cel_eval(cel, &env, &arena, err);
    tdh_cel_free(cel);
    tdh_arena_free(&arena);
    return value;
}

int tdh_verb_expr(const struct tdh_args *args)
{
    const char *data_path = tdh_args_value(args, "data", NULL),
               *bindings_path = tdh_args_value(args, "bindings", NULL);
    struct roots *roots = calloc(1, sizeof(*roots));
    json_t *data = NULL, *value = NULL;
    struct td_err err;
    int rc = TDH_EXIT_REFUSED;

    if (roots == NULL)
        return TDH_EXIT_FAILED;
    if (data_path != NULL && bindings_path != NULL) {
        free(roots);
        return tdh_cli_usage(args, "--data and --bindings cannot go together");
    }
    if (read_roots(bindings_path != NULL ? bindings_path : data_path, &data, roots, &err) == 0)
        value = evaluate(args, data, roots, tdh_args_has(args, "typed") || bindings_path != NULL,
                         &rc, &err);
    if (value != NULL) {
        rc = tdh_cli_print(value);
    } else {
        tdh_cli_fail(args, &err);
    }
    json_decref(data);
    free(roots);
    return rc;
}
