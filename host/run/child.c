/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child: an ask that is a run of its own. Parent and child live on one worker.
 */
#include <string.h>

#include "run/internal.h"

void tdh_run_adopt(struct tdh_run *parent, struct tdh_ask_entry *ask, struct tdh_run *child)
{
    struct tdh_meters total;

    child->parent = parent;
    child->parent_ask = ask;
    child->parent_number = ask->number;
    memcpy(child->parent_id, parent->id, TDH_ID_SIZE);
    child->depth = parent->depth + 1;
    child->hops = parent->hops;
    child->priority = parent->priority < child->priority ? parent->priority : child->priority;
    tdh_tenant_inherit(child, parent);
    child->watch = parent->watch;
    child->watch_arg = parent->watch_arg;
    ask->child = child;
    tdh_purse_total(&child->purse, false, &total);
    tdh_purse_live(parent, &total, 1);
}

bool tdh_child_is_async(const struct tdh_ask_entry *ask)
{
    return ask->run_target == TD_TARGET_WORKFLOW &&
           json_is_true(json_object_get(ask->config, "async"));
}

json_t *tdh_child_told(const struct tdh_ask_entry *ask)
{
    return json_pack("{s:s}", "run", ask->child_id);
}

/* A run of its own, whose start is written together with what its beginner hears of it. */
static void begin_alone(struct tdh_ask_entry *ask, struct tdh_run *child)
{
    json_t *told = tdh_child_told(ask);
    struct td_err err;

    memcpy(child->origin_id, ask->run->id, TDH_ID_SIZE);
    child->depth = ask->run->depth + 1;
    child->hops = ask->run->hops;
    tdh_tenant_inherit(child, ask->run);
    tdh_run_begin(child, ask->input);
    ask->attempt = 1;
    td_fail(&err, TD_E_NOMEM, "could not allocate an answer");
    tdh_answer_late(ask, told, &err);
    json_decref(told);
}

/* The nearest run above of the same definition; NULL: none. */
static const struct tdh_run *find_same(const struct tdh_run *run)
{
    const struct tdh_run *above = run->parent;

    while (above != NULL && strcmp(above->definition->name, run->definition->name) != 0)
        above = above->parent;
    return above;
}

/* Which runs began which: the round they go, or all of them, from the outermost on. */
static void name_nest(const struct tdh_run *run, char *text, size_t size)
{
    const struct tdh_run *same = find_same(run), *nest[TDH_CALL_DEPTH + 1];
    size_t count = 0, used = 0;

    while (run != NULL && count <= TDH_CALL_DEPTH) {
        nest[count++] = run;
        run = run == same ? NULL : run->parent;
    }
    text[0] = '\0';
    while (count > 0 && used < size)
        used += (size_t)snprintf(text + used, size - used, "%s%.40s", used > 0 ? " -> " : "",
                                 nest[--count]->definition->name);
}

static int fail_too_deep(const struct tdh_run *run, struct td_err *err)
{
    char nest[TD_ERR_TEXT / 2];

    name_nest(run, nest, sizeof(nest));
    return td_fail(err, TD_E_LIMIT, TDH_RUN_TOO_DEEP "%d deep: %s", TDH_CALL_DEPTH, nest);
}

void tdh_child_begin(struct tdh_ask_entry *ask)
{
    struct tdh_run *run = ask->run, *child = NULL;
    const struct tdh_run_kind *kind = tdh_run_kind_of(run->engine, NULL, ask->run_target);
    struct tdh_definition *definition = NULL;
    struct td_err err;

    if (run->depth >= TDH_CALL_DEPTH) {
        fail_too_deep(run, &err);
        tdh_answer_late(ask, NULL, &err);
        return;
    }
    if (kind == NULL)
        td_fail(&err, TD_E_UNSUPPORTED, "\"%s\" cannot be run: no such kind of definition",
                ask->name);
    else if (kind->find(kind->arg, ask->name, ask->config, &definition, &err) == 0)
        child = tdh_run_new(run->engine, definition, ask->child_id, &err);
    tdh_definition_release(definition);
    if (child == NULL) {
        tdh_answer_late(ask, NULL, &err);
        return;
    }
    if (tdh_child_is_async(ask)) {
        begin_alone(ask, child);
    } else {
        tdh_run_adopt(run, ask, child);
        tdh_run_begin(child, ask->input);
    }
    tdh_run_release(child);
}
