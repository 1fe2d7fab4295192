/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state: an instance's state through the functions of its plugin. Used on both sides of isolation:
 * the host sends an isolated plugin's to its process, which comes here again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/said.h"
#include "plugin/runner.h"

/* --- the shortest path --- */

enum { FORMS_MAX = 2 * TD_STATE_MIGRATIONS_MAX + 1 };

struct path {
    uint32_t forms[FORMS_MAX]; /* that were reached, nearest first */
    unsigned before[FORMS_MAX];
    unsigned count;
};

static void reach(struct path *path, uint32_t form, unsigned before)
{
    for (unsigned i = 0; i < path->count; i++)
        if (path->forms[i] == form)
            return;
    path->forms[path->count] = form;
    path->before[path->count++] = before;
}

/* Ways up first: of paths that are as long, the one that goes down least. */
static void reach_from(struct path *path, const struct td_agent_state *state, unsigned place)
{
    const struct td_state_migration *const *at;

    for (at = state->migrations; at != NULL && *at != NULL; at++)
        if ((*at)->from == path->forms[place])
            reach(path, (*at)->to, place);
    for (at = state->migrations; at != NULL && *at != NULL; at++)
        if ((*at)->to == path->forms[place] && (*at)->down != NULL)
            reach(path, (*at)->from, place);
}

/* The versions from one to the other, as an array; new. NULL: there is no path. */
static json_t *find_path(const struct td_agent_state *state, uint32_t from, uint32_t to)
{
    struct path path = { .count = 0 };
    json_t *forms;

    reach(&path, from, 0);
    for (unsigned place = 0; place < path.count; place++) {
        if (path.forms[place] != to) {
            reach_from(&path, state, place);
            continue;
        }
        forms = json_array();
        for (unsigned at = place; at > 0; at = path.before[at])
            json_array_insert_new(forms, 0, json_integer(path.forms[at]));
        json_array_insert_new(forms, 0, json_integer(from));
        return forms;
    }
    return NULL;
}

static int fail_pathless(const struct td_agent_state *state, uint32_t from, uint32_t to,
                         struct td_err *err)
{
    struct tdh_buf steps = { 0 };
    const struct td_state_migration *const *at = state->migrations;

    for (; at != NULL && *at != NULL; at++)
        tdh_buf_printf(&steps, "%s%u %s %u", steps.length > 0 ? ", " : "", (*at)->from,
                       (*at)->down != NULL ? "<->" : "->", (*at)->to);
    td_fail(err, TD_E_UNSUPPORTED,
            "no migrations lead from version %u of its state to version %u; there are %s", from, to,
            steps.length > 0 ? steps.data : "none");
    tdh_buf_free(&steps);
    return td_hint(err, "install a version of the plugin that has migrations between the two");
}

/* --- steps --- */

static td_state_migrate_fn *find_step(const struct td_agent_state *state, uint32_t from,
                                      uint32_t to)
{
    const struct td_state_migration *const *at = state->migrations;

    for (; *at != NULL; at++) {
        if ((*at)->from == from && (*at)->to == to)
            return (*at)->up;
        if ((*at)->from == to && (*at)->to == from)
            return (*at)->down;
    }
    return NULL;
}

/* What the plugin gave: is it JSON, and not too long? */
static int check_saved(const json_t *saved, const char *what, struct td_err *err)
{
    const char *fault = saved != NULL ? tdh_json_fault(saved) : NULL;
    struct tdh_buf text = { 0 };
    size_t length;

    if (saved == NULL)
        return err->code != TD_OK ? -1
                                  : td_fail(err, TD_E_EXEC, "%s failed and did not say why", what);
    if (fault != NULL)
        return td_fail(err, TD_E_EXEC, "%s gave a state; it %s", what, fault);
    tdh_buf_json(&text, saved, 0);
    length = text.failed ? SIZE_MAX : text.length;
    tdh_buf_free(&text);
    if (length == SIZE_MAX)
        return td_fail(err, TD_E_NOMEM, "could not allocate the state as JSON");
    if (length > TD_STATE_BYTES_MAX)
        return td_fail(err, TD_E_LIMIT, "%s gave a state of %zu bytes, the most is %u", what,
                       length, TD_STATE_BYTES_MAX);
    return 0;
}

/* Takes saved. The next value, new, or NULL. */
static json_t *make_step(const struct td_agent_state *state, uint32_t from, uint32_t to,
                         json_t *saved, struct td_err *err)
{
    char what[80];
    json_t *next;

    snprintf(what, sizeof(what), "the migration from version %u to %u", from, to);
    tdh_unsaid(err);
    next = find_step(state, from, to)(saved, err);
    json_decref(saved);
    if (check_saved(next, what, err) == 0)
        return next;
    json_decref(next);
    if (strncmp(err->text, what, strlen(what)) != 0)
        td_context(err, "%s", what);
    return NULL;
}

/* Each step begins with what the one before gave; what was given to the first is a copy. */
static int make_steps(const struct td_agent_state *state, const json_t *path, const json_t *saved,
                      json_t **ret_saved, struct td_err *err)
{
    json_t *value = json_deep_copy(saved);

    if (value == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the state");
    for (size_t i = 1; value != NULL && i < json_array_size(path); i++)
        value = make_step(state, (uint32_t)json_integer_value(json_array_get(path, i - 1)),
                          (uint32_t)json_integer_value(json_array_get(path, i)), value, err);
    if (value == NULL)
        return -1;
    *ret_saved = value;
    return 0;
}

static int migrate_here(const struct td_agent_state *state, uint32_t from, uint32_t to,
                        const json_t *saved, json_t **ret_saved, json_t **ret_path,
                        struct td_err *err)
{
    json_t *path = find_path(state, from, to);

    if (path == NULL)
        return fail_pathless(state, from, to, err);
    if (make_steps(state, path, saved, ret_saved, err) != 0) {
        json_decref(path);
        return -1;
    }
    *ret_path = path;
    return 0;
}

/* --- here, or in the plugin's process --- */

int tdh_state_save(struct tdh_ctx *ctx, json_t **ret_saved, struct td_err *err)
{
    json_t *saved;

    if (ctx->plugin->runner != NULL)
        return tdh_proxy_save(ctx, ret_saved, err);
    tdh_unsaid(err);
    saved = ctx->plugin->state->save(&ctx->pub, err);
    if (check_saved(saved, "save", err) != 0) {
        json_decref(saved);
        return -1;
    }
    *ret_saved = saved;
    return 0;
}

int tdh_state_load(struct tdh_ctx *ctx, const json_t *saved, struct td_err *err)
{
    if (ctx->plugin->runner != NULL)
        return tdh_proxy_load(ctx, saved, err);
    tdh_unsaid(err);
    return tdh_said(ctx->plugin->state->load(&ctx->pub, saved, err), ctx->instance, "load", err);
}

int tdh_state_migrate(struct tdh_ctx *ctx, uint32_t from, uint32_t to, const json_t *saved,
                      json_t **ret_saved, json_t **ret_path, struct td_err *err)
{
    if (ctx->plugin->runner != NULL)
        return tdh_proxy_migrate(ctx, from, to, saved, ret_saved, ret_path, err);
    return migrate_here(ctx->plugin->state, from, to, saved, ret_saved, ret_path, err);
}

int tdh_state_wake(struct tdh_ctx *ctx, struct td_err *err)
{
    return ctx->plugin->runner != NULL ? tdh_proxy_wake(ctx, err) : 0;
}
