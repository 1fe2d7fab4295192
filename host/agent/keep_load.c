/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep_load: a template's instance gets the newest state, in the version of its plugin; and takes
 * the place of the one that serves.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/keep.h"
#include "base/json.h"
#include "base/log.h"
#include "base/metric.h"

static struct tdh_metric loaded =
    TDH_COUNTER("tdev_agent_states_loaded_total", "States given to instances of agents");
static struct tdh_metric migrated =
    TDH_COUNTER("tdev_agent_states_migrated_total",
                "States of agents brought to another version while they were loaded");

/* --- one state --- */

struct loading {
    uint32_t from; /* version of the state */
    json_t *state; /* as it was read, then as it is loaded; owned */
    json_t *path;  /* of migrations; NULL: none */
};

/* What the plugin has to do: a migration, when it is of another version, and load. */
static int migrate_it(struct tdh_ctx *ctx, struct loading *loading, uint32_t to, struct td_err *err)
{
    json_t *next;

    if (tdh_state_migrate(ctx, loading->from, to, loading->state, &next, &loading->path, err) != 0)
        return -1;
    json_decref(loading->state);
    loading->state = next;
    return 0;
}

static int load_it(struct tdh_ctx *ctx, void *arg, struct td_err *err)
{
    struct loading *loading = arg;
    uint32_t own = ctx->plugin->manifest->state_version;

    if (loading->from != own && loading->path == NULL && migrate_it(ctx, loading, own, err) != 0)
        return -1;
    return tdh_state_load(ctx, loading->state, err);
}

/* An older plugin knows no way back from a newer version, but the one that saved it does, as long
 * as that is kept. */
static int migrate_by_its_saver(struct tdh_agent_template *template, const json_t *note,
                                struct loading *loading, struct td_err *err)
{
    const struct tdh_manifest *manifest = template->plugin->manifest;
    const char *edition = tdh_json_str(note, "edition", "");
    struct tdh_plugin *saver;
    struct tdh_ctx ctx;
    int rc = -1;

    if (strcmp(tdh_json_str(note, "plugin", ""), manifest->name) != 0)
        return -1;
    saver = tdh_plugins_edition(template->agents->options.plugins, TD_KIND_AGENT, manifest->name,
                                edition, err);
    if (saver == NULL)
        return -1;
    if (saver->manifest->state_version > 0) {
        tdh_ctx_begin(&ctx, template->agents->options.services, saver, template->name, NULL, NULL);
        rc = migrate_it(&ctx, loading, manifest->state_version, err);
        tdh_ctx_end(&ctx);
    }
    tdh_plugin_release(saver);
    return rc;
}

/* state: what was loaded, which a migration may have made of the version's own. */
static int keep_note(struct tdh_agent_template *template, const json_t *note, const json_t *state,
                     struct td_err *err)
{
    char *text = tdh_state_text(state, template->kept.sha256);

    free(text);
    snprintf(template->kept.id, sizeof(template->kept.id), "%s", tdh_json_str(note, "id", ""));
    return text != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the state");
}

/* The migrated state is a version of its own; the one before stays as the way back. */
static int add_migrated(struct tdh_agent_template *template, struct tdh_states *versions,
                        const struct loading *loading, const char *before, struct td_err *err)
{
    const struct tdh_manifest *manifest = template->plugin->manifest;
    const struct tdh_state_new version = {
        .state = loading->state,
        .version = manifest->state_version,
        .plugin = manifest->name,
        .plugin_version = manifest->version_text,
        .edition = template->plugin->edition,
        .why = "migrated",
        .parent = before,
        .keep = template->keep_policy.keep > 1 ? template->keep_policy.keep : 2,
        .ttl_ms = template->keep_policy.ttl_ms,
    };
    const json_t *note;

    if (tdh_states_add(template->agents->store, versions, &version, &note, err) != 0)
        return err->code == TD_E_CONFLICT
                   ? 0 /* another host was first: this one is behind, as the next save finds out */
                   : td_context(err, "could not save the migrated state");
    tdh_metric_add(&migrated, 1);
    if (keep_note(template, note, loading->state, err) != 0)
        return -1;
    tdh_log(TDH_LOG_INFO, "agent",
            TDH_FACTS(TDH_S("agent", template->name), TDH_S("version", template->kept.id)),
            "its state was migrated from version %u to %u", loading->from, manifest->state_version);
    tdh_keep_tell("agent.state.migrated",
                  json_pack("{s:s, s:s, s:I, s:I}", "agent", template->name, "id",
                            template->kept.id, "from", (json_int_t)loading->from, "to",
                            (json_int_t)manifest->state_version));
    return 0;
}

static int bring(struct tdh_agent_template *template, const json_t *note, struct loading *loading,
                 struct td_err *err)
{
    struct td_err ignored;
    int rc = tdh_keep_enter(template, load_it, loading, err);

    if (rc != 0 && loading->path == NULL && err->code == TD_E_UNSUPPORTED &&
        migrate_by_its_saver(template, note, loading, &ignored) == 0)
        rc = tdh_keep_enter(template, load_it, loading, err);
    return rc;
}

static int load_note(struct tdh_agent_template *template, struct tdh_states *versions,
                     const json_t *note, bool may_write, struct td_err *err)
{
    struct loading loading = { .from =
                                   (uint32_t)json_integer_value(json_object_get(note, "version")) };
    char before[TDH_STATE_ID];
    int rc = tdh_states_get(template->agents->store, versions, note, &loading.state, err);

    snprintf(before, sizeof(before), "%s", tdh_json_str(note, "id", ""));
    if (rc == 0 && (rc = bring(template, note, &loading, err)) != 0)
        td_context(err, "version %s of its state", before);
    if (rc == 0)
        rc = keep_note(template, note, loading.state, err);
    if (rc == 0 && loading.path != NULL && may_write)
        rc = add_migrated(template, versions, &loading, before, err);
    if (rc == 0)
        tdh_metric_add(&loaded, 1);
    json_decref(loading.state);
    json_decref(loading.path);
    return rc;
}

/* One that serves no more goes on with what it had, as long as that is kept. */
static const json_t *choose_note(const struct tdh_agent_template *template,
                                 const struct tdh_states *versions, bool may_write)
{
    struct td_err ignored;
    const json_t *note = NULL;

    if (!may_write && template->kept.aside[0] != '\0')
        note = tdh_states_find(versions, template->kept.aside, &ignored);
    return note != NULL ? note : tdh_states_newest(versions);
}

static int load_newest(struct tdh_agent_template *template, bool may_write, struct td_err *err)
{
    struct tdh_states versions;
    const json_t *note;
    int rc;

    if (tdh_states_read(template->agents->store, template->name, &versions, err) != 0)
        return -1;
    note = choose_note(template, &versions, may_write);
    rc = note != NULL ? load_note(template, &versions, note, may_write, err) : 0;
    tdh_states_end(&versions);
    return rc == 0 ? 0 : td_context(err, "agent \"%s\"", template->name);
}

/* --- when an instance was made --- */

int tdh_keep_load(struct tdh_agent_template *template, bool is_first, struct td_err *err)
{
    unsigned depth;
    int rc;

    if (template->keep == NULL || template->plugin->runner != NULL)
        return 0;
    depth = tdh_plugins_pause(template->agents->options.plugins);
    rc = load_newest(template, is_first, err);
    tdh_plugins_resume(template->agents->options.plugins, depth);
    return rc;
}

static bool may_write(const struct tdh_agent_template *template)
{
    struct tdh_keep *keep = template->keep;
    bool may;

    pthread_mutex_lock(&keep->lock);
    may = keep->serving == template || keep->next == template;
    pthread_mutex_unlock(&keep->lock);
    return may;
}

int tdh_keep_fresh(struct tdh_ctx *ctx, struct td_err *err)
{
    struct tdh_agent_template *template = ctx->fresh_arg;
    int rc;

    tdh_keep_begin_work(template->keep);
    rc = load_newest(template, may_write(template), err);
    tdh_keep_end_work(template->keep);
    return rc;
}

static int wake(struct tdh_ctx *ctx, void *arg, struct td_err *err)
{
    (void)arg;
    return tdh_state_wake(ctx, err);
}

/* --- taking over --- */

/* The gate is closed, and nobody is within. */
static int load_as_next(struct tdh_agent_template *template, struct td_err *err)
{
    struct tdh_keep *keep = template->keep;

    pthread_mutex_lock(&keep->lock);
    keep->next = template;
    pthread_mutex_unlock(&keep->lock);
    return template->plugin->runner != NULL ? tdh_keep_enter(template, wake, NULL, err)
                                            : load_newest(template, true, err);
}

/* The one that serves has all it knows in the store; one that is behind has saved it aside. */
static int have_saved(struct tdh_keep *keep, struct td_err *err)
{
    struct tdh_agent_template *serving;

    tdh_keep_drain(keep);
    pthread_mutex_lock(&keep->lock);
    serving = keep->serving;
    if (serving != NULL)
        tdh_edition_hold(&serving->edition);
    pthread_mutex_unlock(&keep->lock);
    if (serving == NULL)
        return 0;
    if (tdh_keep_save(serving, NULL, err) == 0 || err->code == TD_E_CONFLICT) {
        tdh_edition_release(&serving->edition);
        return 0;
    }
    tdh_edition_release(&serving->edition);
    return td_context(err, "agent \"%s\": what it knows now could not be saved", keep->name);
}

/* The gate is closed; after a failure it is open. */
static int take_over(struct tdh_agent_template *template, struct td_err *err)
{
    struct tdh_keep *keep = template->keep;

    if (have_saved(keep, err) == 0 && load_as_next(template, err) == 0)
        return 0;
    pthread_mutex_lock(&keep->lock);
    keep->next = NULL;
    pthread_mutex_unlock(&keep->lock);
    tdh_keep_open(keep);
    return -1;
}

int tdh_keep_take_over(struct tdh_agent_template *template, struct td_err *err)
{
    unsigned depth;
    int rc;

    if (template->keep == NULL)
        return 0;
    depth = tdh_plugins_pause(template->agents->options.plugins);
    tdh_keep_close(template->keep);
    rc = take_over(template, err);
    tdh_plugins_resume(template->agents->options.plugins, depth);
    return rc;
}

/* The gate is closed, and open when this returns. */
static int make_next(struct tdh_agent_template *template, struct td_err *err)
{
    struct tdh_agents *agents = template->agents;
    struct tdh_agent_template *next = tdh_agent_make(agents, template->name, NULL, err);
    unsigned depth;
    int rc;

    if (next == NULL || next->keep == NULL) { /* its plugin keeps nothing any more */
        tdh_keep_open(template->keep);
        if (next != NULL)
            tdh_agent_swap(agents, template->name, next);
        return next != NULL ? 0 : -1;
    }
    depth = tdh_plugins_pause(agents->options.plugins);
    rc = take_over(next, err);
    tdh_plugins_resume(agents->options.plugins, depth);
    if (rc == 0)
        tdh_agent_swap(agents, template->name, next);
    else
        tdh_agent_template_free(next);
    return rc;
}

int tdh_keep_renew(struct tdh_agent_template *template, struct td_err *err)
{
    int rc;

    tdh_keep_close(template->keep);
    if (!tdh_keep_serves(template)) { /* somebody was faster */
        tdh_keep_open(template->keep);
        return 0;
    }
    tdh_agents_lock(template->agents);
    rc = make_next(template, err);
    tdh_agents_unlock(template->agents);
    return rc;
}

void tdh_keep_leave(struct tdh_agent_template *template)
{
    struct tdh_keep *keep = template->keep;
    struct td_err err;
    unsigned depth;

    if (keep == NULL)
        return;
    depth = tdh_plugins_pause(template->agents->options.plugins);
    tdh_keep_close(keep);
    if (have_saved(keep, &err) != 0)
        tdh_log_err(TDH_LOG_ERROR, "agent", &err);
    pthread_mutex_lock(&keep->lock);
    if (keep->serving == template)
        keep->serving = NULL;
    pthread_mutex_unlock(&keep->lock);
    tdh_keep_open(keep);
    tdh_plugins_resume(template->agents->options.plugins, depth);
}
