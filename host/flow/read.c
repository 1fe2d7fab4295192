/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read: a workflow's text into a plan: head, variables, inputs, then its graph.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/near.h"
#include "flow/plan.h"

/*
 * A name that is not there at some place: no word of CEL, and too long to be near one, so it keeps
 * the root's number and can be neither read nor suggested.
 */
static const char hidden[] = "(-----------------------------------------------------------------)";

static const struct {
    const char *name;
    const char *where; /* NULL: everywhere */
} roots[ROOT_COUNT] = {
    [ROOT_INPUT] = { "input", NULL },
    [ROOT_VARS] = { "vars", NULL },
    [ROOT_NODES] = { "nodes", NULL },
    [ROOT_RESULT] = { "result", "in \"outputs\", in conditions of edges, and in \"until\" and "
                                "\"output\" of a loop or map" },
    [ROOT_ITEM] = { "item", "in the body of a map, or of a loop with \"for_each\"" },
    [ROOT_INDEX] = { "index", "in the body of a loop or map" },
    [ROOT_RUN] = { "run", NULL },
    [ROOT_NOW] = { "now", NULL },
};

/* --- telling --- */

static int at_place(const struct tdh_flow_reader *reader, const char *pointer, bool is_key,
                    struct td_err *err)
{
    struct tdh_place place;

    err->code = TD_E_CONFIG;
    err->is_retryable = false;
    if (reader->yaml == NULL)
        return td_context(err, "workflow \"%s\", %s", tdh_json_str(reader->plan->text, "id", ""),
                          pointer);
    place =
        is_key ? tdh_yaml_key_place(reader->yaml, pointer) : tdh_yaml_place(reader->yaml, pointer);
    return td_context(err, "%s:%u:%u", reader->yaml->name, place.line, place.column);
}

static int at_member(const struct tdh_flow_reader *reader, const char *pointer, const char *key,
                     bool is_key, struct td_err *err)
{
    struct tdh_buf path = { 0 };

    tdh_buf_text(&path, pointer);
    tdh_buf_pointer(&path, key, strlen(key));
    at_place(reader, path.failed ? pointer : path.data, is_key, err);
    tdh_buf_free(&path);
    return -1;
}

int tdh_flow_at(const struct tdh_flow_reader *reader, const char *pointer, struct td_err *err)
{
    return at_place(reader, pointer, false, err);
}

int tdh_flow_at_member(const struct tdh_flow_reader *reader, const char *pointer, const char *key,
                       struct td_err *err)
{
    return at_member(reader, pointer, key, false, err);
}

int tdh_flow_at_key(const struct tdh_flow_reader *reader, const char *pointer, const char *key,
                    struct td_err *err)
{
    return at_member(reader, pointer, key, true, err);
}

int tdh_flow_fail(const struct tdh_flow_reader *reader, const char *pointer, struct td_err *err,
                  const char *fmt, ...)
{
    char text[TD_ERR_TEXT];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    td_fail(err, TD_E_CONFIG, "%s", text);
    return at_place(reader, pointer, false, err);
}

int tdh_flow_fail_near(const struct tdh_flow_reader *reader, const char *pointer, const char *key,
                       const char *near, struct td_err *err, const char *fmt, ...)
{
    char text[TD_ERR_TEXT];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (near != NULL)
        td_fail(err, TD_E_CONFIG, "%s, did you mean \"%s\"", text, near);
    else
        td_fail(err, TD_E_CONFIG, "%s", text);
    return key != NULL ? at_member(reader, pointer, key, true, err)
                       : at_place(reader, pointer, false, err);
}

const char *tdh_flow_near(const char *name, const json_t *object)
{
    const char **names = calloc(json_object_size(object) + 1, sizeof(*names)), *key, *near = NULL;
    size_t count = 0;
    json_t *value;

    if (names == NULL)
        return NULL;
    json_object_foreach ((json_t *)object, key, value)
        names[count++] = key;
    near = tdh_near(name, names, count);
    free(names);
    return near;
}

/* --- expressions --- */

static void fill_options(const struct tdh_flow_reader *reader, unsigned sees,
                         struct tdh_cel_root cel_roots[ROOT_COUNT], struct tdh_cel_options *options)
{
    for (unsigned i = 0; i < ROOT_COUNT; i++)
        cel_roots[i] = (sees & ROOT_BIT(i)) != 0
                           ? (struct tdh_cel_root){ roots[i].name, reader->root_schemas[i] }
                           : (struct tdh_cel_root){ hidden, NULL };
    cel_roots[ROOT_NODES].schema = reader->graph->names;
    *options = (struct tdh_cel_options){ .roots = cel_roots,
                                         .root_count = ROOT_COUNT,
                                         .want = reader->want };
}

/* A name that is there in other places is told apart from one that is nowhere. */
static void hint_at_hidden(const struct tdh_flow_reader *reader, unsigned sees, struct td_err *err)
{
    tdh_declare_hint(reader, err);
    for (unsigned i = 0; i < ROOT_COUNT; i++) {
        char words[64];

        snprintf(words, sizeof(words), "variable \"%s\" is not known", roots[i].name);
        if ((sees & ROOT_BIT(i)) == 0 && strstr(err->text, words) != NULL)
            td_hint(err, "\"%s\" is there %s", roots[i].name, roots[i].where);
    }
}

struct tdh_cel *tdh_flow_condition(struct tdh_flow_reader *reader, const json_t *text,
                                   const char *pointer, unsigned sees, struct td_err *err)
{
    const char *source =
        json_is_boolean(text) ? (json_is_true(text) ? "true" : "false") : json_string_value(text);
    json_t *boolean = json_pack("{s:s}", "type", "boolean");
    struct tdh_cel_root cel_roots[ROOT_COUNT];
    struct tdh_cel_options options;
    struct tdh_cel *cel = NULL;

    sees |= reader->graph->sees;
    fill_options(reader, sees, cel_roots, &options);
    options.want = boolean;
    if (source == NULL) {
        tdh_flow_fail(reader, pointer, err,
                      "must be an expression such as \"vars.status == 'valid'\"");
    } else if ((cel = tdh_cel_compile(source, &options, err)) == NULL) {
        td_context(err, "\"%.120s\"", source);
        hint_at_hidden(reader, sees, err);
        if (strncmp(source, "${", 2) == 0)
            td_hint(err, "a condition is an expression by itself, without \"${\" and \"}\"");
        tdh_flow_at(reader, pointer, err);
    } else {
        reader->graph->reads |= tdh_cel_reads(cel);
    }
    json_decref(boolean);
    return cel;
}

struct place_arg {
    const struct tdh_flow_reader *reader;
    unsigned sees;
};

static int template_place(void *arg, const char *pointer, struct td_err *err)
{
    const struct place_arg *place = arg;

    hint_at_hidden(place->reader, place->sees, err);
    return tdh_flow_at(place->reader, pointer, err);
}

struct tdh_template *tdh_flow_template(struct tdh_flow_reader *reader, const json_t *value,
                                       const char *pointer, unsigned sees, struct td_err *err)
{
    struct place_arg place = { reader, sees | reader->graph->sees };
    struct tdh_cel_root cel_roots[ROOT_COUNT];
    struct tdh_cel_options options;
    struct tdh_template *template;

    fill_options(reader, place.sees, cel_roots, &options);
    template = tdh_template_new(value, &options, pointer, template_place, &place, err);
    if (template != NULL)
        reader->graph->reads |= tdh_template_reads(template);
    return template;
}

/* --- the whole --- */

static int read_inputs(struct tdh_flow_reader *reader, const json_t *text, struct td_err *err)
{
    const json_t *inputs = json_object_get(text, "inputs");
    char at[TDH_POINTER_MAX];

    if (inputs == NULL)
        return 0;
    reader->plan->inputs = tdh_schema_compile(inputs, NULL, err);
    if (reader->plan->inputs != NULL)
        return 0;
    /* the keyword's pointer stands in front of what is wrong with it */
    snprintf(at, sizeof(at), "/inputs%.*s", err->text[0] == '/' ? (int)strcspn(err->text, ":") : 0,
             err->text);
    return tdh_flow_at(reader, at, err);
}

int tdh_flow_duration(const struct tdh_flow_reader *reader, const json_t *value,
                      const char *pointer, uint32_t *ret_ms, struct td_err *err)
{
    int64_t ms = json_integer_value(value);

    if (json_is_string(value) && tdh_duration_parse(json_string_value(value), &ms, err) != 0)
        return tdh_flow_at(reader, pointer, err);
    if ((!json_is_string(value) && !json_is_integer(value)) || ms < 1 || ms > UINT32_MAX)
        return tdh_flow_fail(reader, pointer, err,
                             "must be a duration from 1ms to 49d, such as \"5s\"");
    *ret_ms = (uint32_t)ms;
    return 0;
}

static int read_plan(struct tdh_flow_reader *reader, const json_t *text, struct td_err *err)
{
    struct tdh_plan *plan = reader->plan;

    if (!json_is_object(text))
        return tdh_flow_fail(reader, "", err, "a workflow is a map with \"id\" and \"nodes\"");
    if ((tdh_head_check(reader, text, err) != 0 && !tdh_fault_note(reader, err)) ||
        (read_inputs(reader, text, err) != 0 && !tdh_fault_note(reader, err)) ||
        tdh_declare_workflow(reader, text, err) != 0 || tdh_scope_enter(reader, text, err) != 0)
        return -1;
    plan->name = json_string_value(json_object_get(text, "id"));
    if (json_object_get(text, "timeout") != NULL &&
        tdh_flow_duration(reader, json_object_get(text, "timeout"), "/timeout", &plan->timeout_ms,
                          err) != 0)
        return -1;
    if (json_object_get(text, "nodes") == NULL)
        return tdh_flow_fail(reader, "", err, "a workflow needs \"nodes\"");
    plan->graph =
        tdh_graph_read(reader, json_object_get(text, "nodes"), "/nodes", NULL, ROOTS_ALWAYS, err);
    if (plan->graph == NULL)
        return -1;
    tdh_graph_forget(plan->graph);
    if ((reader->yaml != NULL || reader->is_deployed) &&
        tdh_triggers_read(reader, json_object_get(text, "triggers"), err) != 0)
        return -1;
    if (json_array_size(reader->faults) > 0)
        return -1; /* of the head: err is of one of them */
    return tdh_uses_check(reader, plan->graph, err);
}

static struct tdh_plan *new_plan(const struct tdh_flow_reader *how, const json_t *text,
                                 struct td_err *err)
{
    struct tdh_plan *plan = calloc(1, sizeof(*plan));
    struct tdh_flow_reader reader = *how;
    int rc;

    reader.plan = plan;
    if (plan == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a workflow");
        return NULL;
    }
    plan->text = json_incref((json_t *)text);
    rc = read_plan(&reader, text, err);
    if (rc != 0)
        tdh_fault_note(&reader, err);
    tdh_scope_leave(&reader);
    if (rc != 0) {
        tdh_plan_free(plan);
        return NULL;
    }
    return plan;
}

struct tdh_plan *tdh_plan_new(const json_t *text, const struct tdh_yaml *yaml,
                              const struct tdh_flow_world *world, struct td_err *err)
{
    return new_plan(&(struct tdh_flow_reader){ .yaml = yaml, .world = world }, text, err);
}

struct tdh_plan *tdh_plan_new_within(const json_t *text, const struct tdh_yaml *yaml,
                                     const struct tdh_flow_world *world, struct td_err *err)
{
    return new_plan(&(struct tdh_flow_reader){ .yaml = yaml, .world = world, .is_within = true },
                    text, err);
}

struct tdh_plan *tdh_plan_new_deployed(const json_t *text, struct td_err *err)
{
    return new_plan(&(struct tdh_flow_reader){ .is_deployed = true }, text, err);
}

struct tdh_plan *tdh_plan_new_told(const json_t *text, const struct tdh_yaml *yaml,
                                   const struct tdh_flow_world *world, json_t *faults)
{
    struct td_err err = { .code = TD_OK };

    return new_plan(&(struct tdh_flow_reader){ .yaml = yaml, .world = world, .faults = faults },
                    text, &err);
}

void tdh_plan_free(struct tdh_plan *plan)
{
    if (plan == NULL)
        return;
    tdh_graph_free(plan->graph);
    tdh_schema_free(plan->inputs);
    for (size_t i = 0; i < plan->trigger_count; i++)
        tdh_trigger_end(&plan->triggers[i]);
    free(plan->triggers);
    json_decref(plan->warnings);
    tdh_scope_end(&plan->scope);
    json_decref(plan->text);
    free(plan->undos);
    free(plan);
}

int tdh_plan_check_input(const struct tdh_plan *plan, const json_t *input, struct td_err *err)
{
    if (plan->inputs == NULL || tdh_schema_check(plan->inputs, input, err) == 0)
        return 0;
    return td_context(err, "input of workflow \"%s\"", plan->name);
}
