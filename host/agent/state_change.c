/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_change: what people do to an agent's state: go back, migrate, import, save.
 *
 * Each of these is a new version, and the commit that adds it is the switch: before it, all that
 * can be tried is tried on an instance of its own that nobody else calls, so a failure leaves the
 * agent as it was. A host at work finds the newer state before its next call, or when it saves.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/keep.h"
#include "agent/life.h"
#include "base/json.h"

/* --- what they share --- */

static int check(const struct tdh_agents *agents, const char *agent, struct td_err *err)
{
    if (!tdh_agent_is_name(agent))
        return td_fail(err, TD_E_NOTFOUND, "there is no agent \"%.64s\"", agent);
    if (agents->store == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "there is no store that states could be kept in");
    return 0;
}

/* What the agent's file says, or the defaults; also when its plugin is not there. */
static int read_policy(const struct tdh_agents *agents, const char *agent,
                       struct tdh_keep_policy *ret_policy, struct td_err *err)
{
    struct tdh_yaml *file;
    char where[96];
    int rc;

    if (tdh_agent_file(agents, agent, &file, NULL, err) != 0)
        return -1;
    snprintf(where, sizeof(where), "agent \"%s\"", agent);
    rc = tdh_keep_read(file != NULL ? file->root : NULL, where, file, ret_policy, err);
    tdh_yaml_free(file);
    return rc;
}

static int read_newest(const struct tdh_agents *agents, const char *agent,
                       struct tdh_states *states, struct td_err *err)
{
    if (check(agents, agent, err) != 0)
        return -1;
    return tdh_states_read(agents->store, agent, states, err);
}

static uint32_t form_of(const json_t *note)
{
    return (uint32_t)json_integer_value(json_object_get(note, "version"));
}

static int fail_behind(const char *agent, struct td_err *err)
{
    if (err->code != TD_E_CONFLICT)
        return -1;
    td_fail(err, TD_E_CONFLICT, "agent \"%s\": another state of it was saved meanwhile", agent);
    return td_hint(err, "nothing has changed; try again");
}

/* Adds a version behind the newest; ret_note: new. */
static int add(struct tdh_agents *agents, struct tdh_states *states, struct tdh_state_new *version,
               json_t **ret_note, struct td_err *err)
{
    const json_t *newest = tdh_states_newest(states), *note;
    struct tdh_keep_policy policy;

    if (read_policy(agents, states->agent, &policy, err) != 0)
        return -1;
    version->parent = tdh_json_str(newest, "id", NULL);
    version->keep = policy.keep > 1 ? policy.keep : 2; /* the one before is the way back */
    version->ttl_ms = policy.ttl_ms;
    if (tdh_states_add(agents->store, states, version, &note, err) != 0)
        return fail_behind(states->agent, err);
    *ret_note = json_incref((json_t *)(uintptr_t)note);
    return 0;
}

/* --- an instance to try on --- */

/* One that is not registered, and whose state nobody keeps. */
static struct tdh_agent_template *make_scratch(struct tdh_agents *agents, const char *agent,
                                               struct td_err *err)
{
    struct tdh_agent_template *template;

    tdh_agents_lock(agents);
    template = tdh_agent_make_scratch(agents, agent, err);
    tdh_agents_unlock(agents);
    if (template == NULL)
        return NULL;
    if (template->plugin->manifest->state_version > 0)
        return template;
    td_fail(err, TD_E_UNSUPPORTED, "agent \"%s\": plugin \"%s\" has no state that could be kept",
            agent, template->plugin->manifest->name);
    tdh_agent_template_free(template);
    return NULL;
}

struct trial {
    uint32_t from, to;
    const json_t *state;
    json_t *next, *path; /* new: as version `to` */
};

/* What becomes of the state has to be one that the plugin loads, also when it is of another version
 * than its own: then by the way there. */
static int try_in(struct tdh_ctx *ctx, void *arg, struct td_err *err)
{
    struct trial *trial = arg;
    uint32_t own = ctx->plugin->manifest->state_version;
    json_t *back, *way;
    int rc;

    if (tdh_state_migrate(ctx, trial->from, trial->to, trial->state, &trial->next, &trial->path,
                          err) != 0)
        return -1;
    if (tdh_state_migrate(ctx, trial->to, own, trial->next, &back, &way, err) != 0)
        return td_context(err, "it could not be used again");
    rc = tdh_state_wake(ctx, err);
    if (rc == 0 && tdh_state_load(ctx, back, err) != 0)
        rc = td_context(err, "its plugin does not take it");
    json_decref(back);
    json_decref(way);
    return rc;
}

/* to: 0: the plugin's own version. */
static int try_state(struct tdh_agent_template *scratch, struct trial *trial, struct td_err *err)
{
    if (trial->to == 0)
        trial->to = scratch->plugin->manifest->state_version;
    if (tdh_keep_enter(scratch, try_in, trial, err) == 0)
        return 0;
    json_decref(trial->next);
    json_decref(trial->path);
    trial->next = trial->path = NULL;
    return td_context(err, "agent \"%s\"", scratch->name);
}

/* --- back to one before --- */

static int roll_back(struct tdh_agents *agents, struct tdh_states *states, const char *word,
                     const char *note, json_t **ret_note, struct td_err *err)
{
    const json_t *to = tdh_states_find(states, word, err);
    struct tdh_state_new version = { .why = "rolled back", .note = note };
    json_t *state;
    int rc;

    if (to == NULL || tdh_states_get(agents->store, states, to, &state, err) != 0)
        return -1;
    version.state = state;
    version.version = form_of(to);
    version.plugin = tdh_json_str(to, "plugin", "");
    version.plugin_version = tdh_json_str(to, "plugin_version", "");
    version.edition = tdh_json_str(to, "edition", NULL);
    version.from = tdh_json_str(to, "id", "");
    rc = add(agents, states, &version, ret_note, err);
    json_decref(state);
    return rc;
}

int tdh_agent_state_rollback(struct tdh_agents *agents, const char *agent, const char *word,
                             const char *note, json_t **ret_note, struct td_err *err)
{
    struct tdh_states states;
    int rc;

    if (read_newest(agents, agent, &states, err) != 0)
        return -1;
    rc = roll_back(agents, &states, word, note, ret_note, err);
    tdh_states_end(&states);
    if (rc == 0)
        tdh_keep_tell("agent.state.rolled-back",
                      json_pack("{s:s, s:s, s:s}", "agent", agent, "id",
                                tdh_json_str(*ret_note, "id", ""), "from",
                                tdh_json_str(*ret_note, "from", "")));
    return rc;
}

/* --- to another version --- */

static int add_migrated(struct tdh_agents *agents, struct tdh_states *states,
                        const struct tdh_agent_template *scratch, const struct trial *trial,
                        json_t *report, struct td_err *err)
{
    struct tdh_state_new version = {
        .state = trial->next,
        .version = trial->to,
        .plugin = scratch->plugin->manifest->name,
        .plugin_version = scratch->plugin->manifest->version_text,
        .edition = scratch->plugin->edition,
        .why = "migrated",
    };
    json_t *note;

    if (add(agents, states, &version, &note, err) != 0)
        return -1;
    tdh_keep_tell("agent.state.migrated",
                  json_pack("{s:s, s:s, s:I, s:I}", "agent", states->agent, "id",
                            tdh_json_str(note, "id", ""), "from", (json_int_t)trial->from, "to",
                            (json_int_t)trial->to));
    return json_object_set_new(report, "note", note);
}

static int migrate(struct tdh_agents *agents, struct tdh_states *states,
                   struct tdh_agent_template *scratch, uint32_t to, bool is_dry,
                   json_t **ret_report, struct td_err *err)
{
    const json_t *newest = tdh_states_newest(states);
    struct trial trial = { .from = form_of(newest), .to = to };
    json_t *state, *report = NULL;
    int rc = -1;

    if (newest == NULL)
        return td_fail(err, TD_E_NOTFOUND, "of agent \"%s\" no state was saved", states->agent);
    if (tdh_states_get(agents->store, states, newest, &state, err) != 0)
        return -1;
    trial.state = state;
    if (try_state(scratch, &trial, err) == 0) {
        report = json_pack("{s:s, s:I, s:I, s:O, s:o, s:b}", "agent", states->agent, "from",
                           (json_int_t)trial.from, "to", (json_int_t)trial.to, "path", trial.path,
                           "diff", tdh_state_diff(state, trial.next), "dry_run", (int)is_dry);
        rc = report != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a report");
    }
    if (rc == 0 && !is_dry && trial.from != trial.to)
        rc = add_migrated(agents, states, scratch, &trial, report, err);
    json_decref(state);
    json_decref(trial.next);
    json_decref(trial.path);
    if (rc == 0)
        *ret_report = report;
    else
        json_decref(report);
    return rc;
}

int tdh_agent_state_migrate(struct tdh_agents *agents, const char *agent, uint32_t to, bool is_dry,
                            json_t **ret_report, struct td_err *err)
{
    struct tdh_agent_template *scratch;
    struct tdh_states states;
    int rc = -1;

    if (read_newest(agents, agent, &states, err) != 0)
        return -1;
    scratch = make_scratch(agents, agent, err);
    if (scratch != NULL)
        rc = migrate(agents, &states, scratch, to, is_dry, ret_report, err);
    tdh_agent_template_free(scratch);
    tdh_states_end(&states);
    return rc;
}

/* --- out of a store, and into one --- */

json_t *tdh_agent_state_export(struct tdh_agents *agents, const char *agent, const char *word,
                               struct td_err *err)
{
    struct tdh_states states;
    const json_t *note;
    json_t *state, *document = NULL;

    if (read_newest(agents, agent, &states, err) != 0)
        return NULL;
    note = tdh_states_find(&states, word, err);
    if (note != NULL && tdh_states_get(agents->store, &states, note, &state, err) == 0) {
        document = json_pack("{s:s, s:O, s:o}", "agent", agent, "note", note, "state", state);
        if (document == NULL)
            td_fail(err, TD_E_NOMEM, "could not allocate what is exported");
    }
    tdh_states_end(&states);
    return document;
}

static int check_document(const json_t *document, struct td_err *err)
{
    const json_t *note = json_object_get(document, "note"),
                 *state = json_object_get(document, "state");
    const char *want = tdh_json_str(note, "sha256", "");
    char sha256[TDH_SHA256_HEX];
    char *text;

    if (state == NULL || form_of(note) < 1)
        return td_fail(err, TD_E_INVAL,
                       "this is no exported state: it needs \"note\" and \"state\"");
    text = tdh_state_text(state, sha256);
    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the state");
    free(text);
    if (strcmp(sha256, want) == 0)
        return 0;
    return td_fail(err, TD_E_CORRUPT,
                   "the state is not what was exported: its SHA-256 is %s, its note says %.64s",
                   sha256, want);
}

static int import(struct tdh_agents *agents, struct tdh_states *states,
                  struct tdh_agent_template *scratch, const json_t *document, json_t **ret_note,
                  struct td_err *err)
{
    const json_t *note = json_object_get(document, "note");
    struct trial trial = { .from = form_of(note), .state = json_object_get(document, "state") };
    struct tdh_state_new version = { .state = trial.state,
                                     .version = trial.from,
                                     .plugin = tdh_json_str(note, "plugin", ""),
                                     .plugin_version = tdh_json_str(note, "plugin_version", ""),
                                     .edition = tdh_json_str(note, "edition", NULL),
                                     .why = "imported",
                                     .from = tdh_json_str(note, "id", NULL),
                                     .note = tdh_json_str(note, "note", NULL) };

    if (try_state(scratch, &trial, err) != 0)
        return -1;
    json_decref(trial.next);
    json_decref(trial.path);
    return add(agents, states, &version, ret_note, err);
}

int tdh_agent_state_import(struct tdh_agents *agents, const char *agent, const json_t *document,
                           json_t **ret_note, struct td_err *err)
{
    struct tdh_agent_template *scratch;
    struct tdh_states states;
    int rc = -1;

    if (check_document(document, err) != 0 || read_newest(agents, agent, &states, err) != 0)
        return -1;
    scratch = make_scratch(agents, agent, err);
    if (scratch != NULL)
        rc = import(agents, &states, scratch, document, ret_note, err);
    tdh_agent_template_free(scratch);
    tdh_states_end(&states);
    return rc;
}

/* --- with another store --- */

struct receiver {
    struct tdh_agents *agents;
    const char *agent;
};

/* What another store brings has to be a state that the plugin here loads. */
static int try_received(void *arg, const json_t *note, const json_t *state, struct td_err *err)
{
    const struct receiver *receiver = arg;
    struct tdh_agent_template *scratch = make_scratch(receiver->agents, receiver->agent, err);
    struct trial trial = { .from = form_of(note), .state = state };
    int rc = scratch != NULL ? try_state(scratch, &trial, err) : -1;

    if (rc == 0) {
        json_decref(trial.next);
        json_decref(trial.path);
    }
    tdh_agent_template_free(scratch);
    return rc;
}

int tdh_agent_state_sync(struct tdh_agents *agents, const char *agent, struct tdh_store *other,
                         const struct tdh_sync *wish, json_t **ret_report, struct td_err *err)
{
    struct receiver receiver = { agents, agent };
    struct tdh_sync sync = *wish;
    struct tdh_keep_policy policy;

    if (check(agents, agent, err) != 0 || read_policy(agents, agent, &policy, err) != 0)
        return -1;
    sync.keep = policy.keep > 1 ? policy.keep : 2;
    sync.ttl_ms = policy.ttl_ms;
    sync.try = try_received;
    sync.arg = &receiver;
    if (tdh_states_sync(agents->store, other, agent, &sync, ret_report, err) != 0)
        return -1;
    if (!sync.is_dry && json_integer_value(json_object_get(*ret_report, "pulled")) > 0)
        tdh_keep_tell("agent.state.synchronised",
                      json_pack("{s:s, s:O, s:O, s:O}", "agent", agent, "id",
                                json_object_get(*ret_report, "newest"), "relation",
                                json_object_get(*ret_report, "relation"), "aside",
                                json_object_get(*ret_report, "aside")));
    return 0;
}

/* --- now --- */

static int wake(struct tdh_ctx *ctx, void *arg, struct td_err *err)
{
    (void)arg;
    return tdh_state_wake(ctx, err);
}

static int save_held(struct tdh_agent_template *template, const char *note, json_t **ret_note,
                     struct td_err *err)
{
    struct tdh_states states;

    if (template->keep == NULL)
        return td_fail(err, TD_E_UNSUPPORTED,
                       "agent \"%s\": plugin \"%s\" has no state that could be kept",
                       template->name, template->plugin->manifest->name);
    if (tdh_keep_enter(template, wake, NULL, err) != 0 || tdh_keep_save(template, note, err) != 0 ||
        tdh_states_read(template->agents->store, template->name, &states, err) != 0)
        return -1;
    *ret_note = json_incref((json_t *)(uintptr_t)tdh_states_newest(&states));
    tdh_states_end(&states);
    return 0;
}

int tdh_agent_state_save(struct tdh_agents *agents, const char *agent, const char *note,
                         json_t **ret_note, struct td_err *err)
{
    struct tdh_agent_template *template;
    int rc;

    if (check(agents, agent, err) != 0)
        return -1;
    tdh_agents_lock(agents);
    template = tdh_life_make(agents, agent, NULL, err);
    if (template != NULL)
        tdh_edition_hold(&template->edition);
    tdh_agents_unlock(agents);
    if (template == NULL)
        return -1;
    rc = save_held(template, note, ret_note, err);
    tdh_edition_release(&template->edition);
    return rc;
}
