/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema: checks data against a JSON Schema, and tells every error.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/yaml.h"
#include "cli/cli.h"
#include "schema/schema.h"

enum { FILE_BYTES_MAX = 64 << 20 };

static bool is_yaml(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot != NULL && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

/* The value of a JSON or YAML file; *ret_yaml only for YAML. */
static json_t *read_value(const char *path, struct tdh_yaml **ret_yaml, struct td_err *err)
{
    *ret_yaml = NULL;
    if (!is_yaml(path))
        return tdh_json_read(path, FILE_BYTES_MAX, err);
    *ret_yaml = tdh_yaml_read(path, err);
    return *ret_yaml != NULL ? json_incref((*ret_yaml)->root) : NULL;
}

/* With YAML, each error also says where. */
static void add_places(const struct tdh_yaml *yaml, json_t *errors)
{
    json_t *error;
    size_t i;

    if (yaml == NULL)
        return;
    json_array_foreach (errors, i, error) {
        struct tdh_place place = tdh_yaml_place(yaml, tdh_json_str(error, "instance", ""));

        json_object_set_new(error, "line", json_integer(place.line));
        json_object_set_new(error, "column", json_integer(place.column));
    }
}

static void print_errors(const char *path, const struct tdh_yaml *yaml, const json_t *errors)
{
    json_t *error;
    size_t i;

    json_array_foreach (errors, i, error) {
        const char *instance = tdh_json_str(error, "instance", "");

        if (yaml != NULL) {
            struct tdh_place place = tdh_yaml_place(yaml, instance);

            printf("%s:%u:%u: ", path, place.line, place.column);
        } else {
            printf("%s: ", path);
        }
        printf("%s: %s (schema %s)\n", instance[0] != '\0' ? instance : "/",
               tdh_json_str(error, "text", ""), tdh_json_str(error, "schema", ""));
    }
}

static int check(const struct tdh_args *args, const json_t *document, const json_t *value,
                 const struct tdh_yaml *yaml, struct td_err *err)
{
    struct tdh_schema_options options = { .is_format_asserted = true };
    struct tdh_schema *schema = tdh_schema_compile(document, &options, err);
    json_t *errors;
    size_t count;

    if (schema == NULL) {
        td_context(err, "schema \"%s\"", args->words[0]);
        return tdh_cli_fail(args, err);
    }
    errors = tdh_schema_errors(schema, value, err);
    tdh_schema_free(schema);
    if (errors == NULL)
        return tdh_cli_fail(args, err);
    count = json_array_size(errors);
    add_places(yaml, errors);
    if (args->is_json)
        tdh_cli_print(json_pack("{s:b, s:O}", "valid", count == 0, "errors", errors));
    else if (count == 0)
        printf("%s is valid\n", args->words[1]);
    else
        print_errors(args->words[1], yaml, errors);
    json_decref(errors);
    return count == 0 ? TDH_EXIT_DONE : TDH_EXIT_REFUSED;
}

int tdh_verb_schema_check(const struct tdh_args *args)
{
    struct tdh_yaml *schema_yaml = NULL, *yaml = NULL;
    json_t *document, *value = NULL;
    struct td_err err;
    int rc;

    document = read_value(args->words[0], &schema_yaml, &err);
    if (document != NULL)
        value = read_value(args->words[1], &yaml, &err);
    rc = value != NULL ? check(args, document, value, yaml, &err) : tdh_cli_fail(args, &err);
    json_decref(document);
    json_decref(value);
    tdh_yaml_free(schema_yaml);
    tdh_yaml_free(yaml);
    return rc;
}
