/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_group: links side by side. All begin with the value that the chain has there; what they
 * give is merged by one node, which waits for all of them, or for the first and lets go of the
 * rest.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "flow/chain_write.h"
#include "flow/plan.h"

static int no_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate a group of links");
}

static bool is_first(const struct tdh_chain_step *step)
{
    const json_t *merge = step->is_group ? tdh_chain_merge(step) : NULL;

    return json_is_string(merge) && strcmp(json_string_value(merge), "first") == 0;
}

bool tdh_chain_is_rival(const struct tdh_chain *chain, const struct tdh_chain_link *link)
{
    for (size_t i = 0; i < chain->step_count; i++)
        if (link->number >= chain->steps[i].first &&
            link->number - chain->steps[i].first < chain->steps[i].count)
            return is_first(&chain->steps[i]);
    return false;
}

/* The members of a group while it is being written. */
struct group {
    const struct tdh_chain_step *step;
    char (*last)[TDH_CHAIN_NODE]; /* the node that each ends with */
    char **values;
};

static json_t *merge_values(const struct group *group, const struct tdh_chain *chain, bool is_list)
{
    json_t *merged = is_list ? json_array() : json_object();
    int rc = merged != NULL ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < group->step->count; i++) {
        const char *id = chain->links[group->step->first + i].id;
        json_t *value = json_sprintf("${%s}", group->values[i]);

        rc =
            is_list ? json_array_append_new(merged, value) : json_object_set_new(merged, id, value);
    }
    if (rc == 0)
        return merged;
    json_decref(merged);
    return NULL;
}

/* When the node begins, one of them is done. */
static json_t *merge_first(const struct group *group)
{
    struct tdh_buf text = { 0 };
    json_t *merged;

    tdh_buf_text(&text, "${");
    for (size_t i = 0; i < group->step->count; i++)
        tdh_buf_printf(&text, "has(nodes.%s) ? %s : ", group->last[i], group->values[i]);
    tdh_buf_text(&text, "null}");
    merged = text.failed ? NULL : json_string(text.data);
    tdh_buf_free(&text);
    return merged;
}

static json_t *merge_template(const struct group *group, const struct tdh_chain *chain,
                              const json_t *merge, const char *before, const char *pointer,
                              struct td_err *err)
{
    struct tdh_chain_scope scope = { .chain = chain, .value = before };
    struct tdh_buf text = { 0 };
    json_t *merged;

    tdh_buf_char(&text, '{');
    for (size_t i = 0; i < group->step->count; i++)
        tdh_buf_printf(&text, "%s\"%s\": %s", i > 0 ? ", " : "",
                       chain->links[group->step->first + i].id, group->values[i]);
    tdh_buf_char(&text, '}');
    scope.values = text.data;
    merged = text.failed ? NULL : tdh_chain_fill(&scope, merge, pointer, err);
    if (text.failed)
        no_memory(err);
    tdh_buf_free(&text);
    return merged;
}

static int add_merge(struct tdh_chain_writer *writer, const struct group *group, const char *before,
                     struct td_err *err)
{
    const struct tdh_chain_step *step = group->step;
    const json_t *merge = tdh_chain_merge(step);
    const char *name = merge == NULL ? "object" : json_string_value(merge);
    char at[TDH_POINTER_MAX];
    json_t *output;

    snprintf(at, sizeof(at), "%s/merge", step->pointer);
    if (is_first(step))
        output = merge_first(group);
    else if (name != NULL && strcmp(name, "last") == 0)
        output = json_sprintf("${%s}", group->values[step->count - 1]);
    else if (name != NULL && (strcmp(name, "object") == 0 || strcmp(name, "list") == 0))
        output = merge_values(group, writer->chain, name[0] == 'l');
    else if ((output = merge_template(group, writer->chain, merge, before, at, err)) == NULL)
        return -1;
    if (tdh_chain_add_set(writer, step->id, output, step->pointer, at, err) != 0)
        return -1;
    if (is_first(step) &&
        json_object_set_new(json_array_get(writer->nodes, json_array_size(writer->nodes) - 1),
                            "join", json_string("first")) != 0)
        return no_memory(err);
    return 0;
}

/* All members begin where the chain stands, and with the value it has there. */
static int add_members(struct tdh_chain_writer *writer, struct group *group, const char *before,
                       struct td_err *err)
{
    json_t *tail = writer->tail, *tails = json_array();
    int rc = tails != NULL ? 0 : no_memory(err);

    writer->tail = NULL;
    for (size_t i = 0; rc == 0 && i < group->step->count; i++) {
        json_decref(writer->tail);
        writer->tail = json_array();
        rc = writer->tail != NULL && json_array_extend(writer->tail, tail) == 0
                 ? tdh_chain_set_value(writer, err, "%s", before)
                 : no_memory(err);
        if (rc == 0)
            rc = tdh_chain_add_link(writer, &writer->chain->links[group->step->first + i], "null",
                                    err);
        if (rc == 0 && ((group->values[i] = strdup(writer->value)) == NULL ||
                        json_array_extend(tails, writer->tail) != 0))
            rc = no_memory(err);
        snprintf(group->last[i], sizeof(group->last[i]), "%s", writer->last);
    }
    json_decref(tail);
    json_decref(writer->tail);
    writer->tail = tails;
    return rc;
}

int tdh_chain_add_group(struct tdh_chain_writer *writer, struct tdh_chain_step *step,
                        struct td_err *err)
{
    struct group group = { step, calloc(step->count, sizeof(*group.last)),
                           calloc(step->count, sizeof(char *)) };
    char *before = strdup(writer->value);
    int rc = -1;

    if (group.last == NULL || group.values == NULL || before == NULL)
        no_memory(err);
    else if (add_members(writer, &group, before, err) == 0)
        rc = add_merge(writer, &group, before, err);
    for (size_t i = 0; group.values != NULL && i < step->count; i++)
        writer->chain->links[step->first + i].value = group.values[i];
    if (rc == 0 && (step->value = strdup(writer->value)) == NULL)
        rc = no_memory(err);
    free(group.last);
    free(group.values);
    free(before);
    return rc;
}
