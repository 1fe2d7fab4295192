/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema: the public functions: one compile, three ways to check.
 */
#include "schema/schema.h"

#include <stdlib.h>

#include "schema/compile.h"
#include "schema/pattern.h"
#include "schema/run.h"

enum { MEMORY_BYTES = 256 * 1024 * 1024 }; /* most memory of one compiled schema */

static struct tdh_schema *make_schema(struct td_err *err)
{
    struct tdh_schema *schema = calloc(1, sizeof(*schema));

    if (schema != NULL)
        schema->values = json_array();
    if (schema != NULL && schema->values != NULL) {
        schema->arena.max_bytes = MEMORY_BYTES;
        return schema;
    }
    tdh_schema_free(schema);
    td_fail(err, TD_E_NOMEM, "could not allocate a schema");
    return NULL;
}

static void end_compiler(struct tdh_js_compiler *c)
{
    json_decref(c->documents);
    tdh_map_free(&c->nodes, NULL);
    tdh_map_free(&c->resources, NULL);
    tdh_map_free(&c->anchors, NULL);
    tdh_arena_free(&c->scratch);
}

struct tdh_schema *tdh_schema_compile(const json_t *document,
                                      const struct tdh_schema_options *options, struct td_err *err)
{
    static const struct tdh_schema_options defaults = { 0 };
    struct tdh_js_compiler c = { .options = options != NULL ? options : &defaults, .err = err };
    int rc;

    c.schema = make_schema(err);
    if (c.schema == NULL)
        return NULL;
    c.documents = json_object();
    rc = c.documents != NULL ? 0 : tdh_js_compile_no_memory(&c);
    if (rc == 0 &&
        tdh_js_resource_add(&c, document, c.options->uri != NULL ? c.options->uri : "") == NULL)
        rc = -1;
    if (rc == 0)
        rc = tdh_js_refs_follow(&c);
    end_compiler(&c);
    if (rc == 0)
        return c.schema;
    tdh_schema_free(c.schema);
    return NULL;
}

void tdh_schema_free(struct tdh_schema *schema)
{
    if (schema == NULL)
        return;
    tdh_js_pattern_free(schema->patterns);
    json_decref(schema->values);
    tdh_arena_free(&schema->arena);
    free(schema);
}

bool tdh_schema_accepts_all(const struct tdh_schema *schema)
{
    return schema->root->rule_count == 0;
}

static int check(struct tdh_js_run *run, const json_t *value)
{
    run->steps_left = TDH_SCHEMA_STEPS;
    return tdh_js_node_check(run, run->schema->root, value) && !run->is_stuck ? 0 : -1;
}

int tdh_schema_check(const struct tdh_schema *schema, const json_t *value, struct td_err *err)
{
    struct tdh_js_run run = { .schema = schema, .err = err, .tell = tdh_js_tell_err };

    return check(&run, value);
}

int tdh_schema_check_part(const struct tdh_schema *schema, const struct tdh_yaml *yaml,
                          const char *pointer, const json_t *value, struct td_err *err)
{
    struct tdh_js_run run = {
        .schema = schema, .err = err, .tell = tdh_js_tell_yaml, .yaml = yaml, .under = pointer
    };

    return check(&run, value);
}

int tdh_schema_check_yaml(const struct tdh_schema *schema, const struct tdh_yaml *yaml,
                          struct td_err *err)
{
    return tdh_schema_check_part(schema, yaml, "", yaml->root, err);
}

json_t *tdh_schema_errors(const struct tdh_schema *schema, const json_t *value, struct td_err *err)
{
    struct tdh_js_run run = { .schema = schema,
                              .err = err,
                              .tell = tdh_js_tell_list,
                              .errors = json_array(),
                              .is_collecting = true };

    if (run.errors == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the list of errors");
        return NULL;
    }
    check(&run, value);
    if (!run.is_stuck)
        return run.errors;
    json_decref(run.errors);
    return NULL;
}
