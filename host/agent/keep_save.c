/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep_save: what a template's instance knows becomes a version in the store, if it is another than
 * what was saved last.
 *
 * One commit for each, guarded by the list of versions. Who finds that another version became the
 * newest meanwhile (another host, a person) has lost: its state is kept aside, and told; the next
 * call goes to an instance that has the newest.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/keep.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/metric.h"

static struct tdh_metric saved =
    TDH_COUNTER("tdev_agent_states_saved_total", "Versions of the states of agents");
static struct tdh_metric lost =
    TDH_COUNTER("tdev_agent_states_aside_total",
                "States of agents that were kept aside, as another was the newest by then");
static struct tdh_metric failed =
    TDH_COUNTER("tdev_agent_states_failed_total", "States of agents that could not be saved");

/* --- one save --- */

struct saving {
    struct tdh_agent_template *template;
    json_t *state; /* owned; NULL: there is nothing to save */
    const char *note;
    char sha256[TDH_SHA256_HEX];
};

static int ask(struct tdh_ctx *ctx, void *arg, struct td_err *err)
{
    struct saving *saving = arg;

    return tdh_state_save(ctx, &saving->state, err);
}

/* Is there anything to be saved? -1: err. */
static int look(struct saving *saving, struct td_err *err)
{
    const struct tdh_kept *kept = &saving->template->kept;
    char *text;

    if (tdh_keep_enter(saving->template, ask, saving, err) != 0)
        return -1;
    if (saving->state == NULL)
        return 0;
    text = tdh_state_text(saving->state, saving->sha256);
    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the state as JSON");
    free(text);
    return saving->note != NULL || strcmp(saving->sha256, kept->sha256) != 0;
}

/* Is it what the newest version is to come after? */
static bool is_in_line(const struct tdh_agent_template *template, const struct tdh_states *versions)
{
    const char *newest = tdh_json_str(versions->list, "newest", "");

    return strcmp(newest, template->kept.id) == 0 && tdh_keep_serves(template);
}

static int add(const struct saving *saving, struct tdh_states *versions, bool is_aside,
               const json_t **ret_note, struct td_err *err)
{
    const struct tdh_agent_template *template = saving->template;
    const struct tdh_manifest *manifest = template->plugin->manifest;
    const struct tdh_kept *kept = &template->kept;
    const struct tdh_state_new version = {
        .state = saving->state,
        .version = manifest->state_version,
        .plugin = manifest->name,
        .plugin_version = manifest->version_text,
        .edition = template->plugin->edition,
        .why = "saved",
        .note = saving->note,
        .parent = kept->id[0] != '\0' ? kept->id : NULL,
        .is_aside = is_aside,
        .replaces = is_aside && kept->aside[0] != '\0' ? kept->aside : NULL,
        .keep = template->keep_policy.keep,
        .ttl_ms = template->keep_policy.ttl_ms,
    };

    return tdh_states_add(template->agents->store, versions, &version, ret_note, err);
}

static void tell_saved(struct tdh_agent_template *template, const json_t *note)
{
    tdh_metric_add(&saved, 1);
    snprintf(template->kept.id, sizeof(template->kept.id), "%s", tdh_json_str(note, "id", ""));
    if (template->keep_policy.when == TDH_KEEP_EACH_CALL) /* too many to be told one by one */
        return;
    tdh_keep_tell("agent.state.saved",
                  json_pack("{s:s, s:s, s:s*}", "agent", template->name, "id", template->kept.id,
                            "parent", tdh_json_str(note, "parent", NULL)));
}

static int tell_aside(struct tdh_agent_template *template, const json_t *note, struct td_err *err)
{
    struct tdh_kept *kept = &template->kept;
    bool is_serving = tdh_keep_serves(template);

    tdh_metric_add(&lost, 1);
    snprintf(kept->aside, sizeof(kept->aside), "%s", tdh_json_str(note, "id", ""));
    tdh_keep_tell("agent.state.conflict",
                  json_pack("{s:s, s:s, s:s}", "agent", template->name, "id", kept->aside, "parent",
                            tdh_json_str(note, "parent", "")));
    if (is_serving)
        template->is_stale = true;
    td_fail(err, TD_E_CONFLICT,
            "agent \"%s\": %s meanwhile; what this one knows is kept aside as version %s",
            template->name,
            is_serving ? "another state of it was saved" : "another of it has taken its place",
            kept->aside);
    td_hint(err, "\"tdev agent state diff %s %s newest\" shows the difference, rollback puts it in",
            template->name, kept->aside);
    tdh_log_err(TDH_LOG_WARNING, "agent", err);
    return is_serving ? -1 : 0;
}

/* Others may add versions in between: then it is looked again what became of the newest. */
static int write_version(struct saving *saving, struct td_err *err)
{
    struct tdh_agent_template *template = saving->template;
    const json_t *note = NULL;
    bool is_aside = false;
    int rc = -1;

    for (int i = 0; rc != 0 && i < TDH_KEEP_TRIES; i++) {
        struct tdh_states versions;

        if (tdh_states_read(template->agents->store, template->name, &versions, err) != 0)
            return -1;
        is_aside = !is_in_line(template, &versions);
        rc = add(saving, &versions, is_aside, &note, err);
        if (rc == 0) {
            memcpy(template->kept.sha256, saving->sha256, sizeof(saving->sha256));
            if (is_aside)
                rc = tell_aside(template, note, err);
            else
                tell_saved(template, note);
            tdh_states_end(&versions);
            return rc;
        }
        tdh_states_end(&versions);
        if (err->code != TD_E_CONFLICT)
            return -1;
    }
    return td_fail(err, TD_E_UNAVAILABLE, "%d others were first, one after the other",
                   TDH_KEEP_TRIES);
}

int tdh_keep_save(struct tdh_agent_template *template, const char *note, struct td_err *err)
{
    struct saving saving = { .template = template, .note = note };
    int rc;

    tdh_keep_begin_work(template->keep);
    rc = template->own != NULL ? look(&saving, err) : 0; /* it was stopped, and saved before that */
    if (rc > 0)
        rc = write_version(&saving, err);
    tdh_keep_end_work(template->keep);
    json_decref(saving.state);
    if (rc != 0 && err->code != TD_E_CONFLICT) {
        tdh_metric_add(&failed, 1);
        td_context(err, "agent \"%s\": its state could not be saved", template->name);
    }
    return rc;
}

/* --- after a call --- */

/* Until it is saved, or ended by the end of the host, which saves itself. */
static void save_later(void *arg)
{
    struct tdh_agent_template *template = arg;
    uint64_t every_ns = (uint64_t) template->keep_policy.every_ms * UINT64_C(1000000);
    uint64_t at_ns = tdh_clock_mono_ns() + every_ns;
    bool is_over = false;

    while (!is_over) {
        uint64_t slice_ns = tdh_clock_mono_ns() + TDH_KEEP_SLICE_MS * UINT64_C(1000000);
        struct td_err err;

        if (tdh_co_wait(slice_ns < at_ns ? slice_ns : at_ns) == TDH_WAIT_CANCELLED)
            break;
        if (tdh_clock_mono_ns() < at_ns && tdh_keep_serves(template))
            continue;
        template->is_awaited = false; /* what comes from now on is another's to save */
        is_over = tdh_keep_save(template, NULL, &err) == 0 || err.code == TD_E_CONFLICT ||
                  !tdh_keep_serves(template);
        if (!is_over) {
            tdh_log_err(TDH_LOG_ERROR, "agent", &err);
            is_over = atomic_exchange(&template->is_awaited, true);
            at_ns = tdh_clock_mono_ns() + every_ns;
        }
    }
    tdh_edition_release(&template->edition);
}

static int begin_to_wait(struct tdh_agent_template *template, struct td_err *err)
{
    if (atomic_exchange(&template->is_awaited, true))
        return 0;
    tdh_edition_hold(&template->edition);
    if (tdh_co_spawn(save_later, template, NULL, err) == 0)
        return 0;
    tdh_edition_release(&template->edition);
    template->is_awaited = false;
    return tdh_keep_save(template, NULL, err); /* then at once */
}

/* One that serves no more has nobody else to save what it comes to know. */
int tdh_keep_after_call(struct tdh_agent_template *template, struct td_err *err)
{
    if (!tdh_keep_serves(template) || template->keep_policy.when == TDH_KEEP_EACH_CALL)
        return tdh_keep_save(template, NULL, err);
    return template->keep_policy.when == TDH_KEEP_EVERY ? begin_to_wait(template, err) : 0;
}

/* --- the end --- */

void tdh_agents_save(struct tdh_agents *agents)
{
    const struct tdh_map_slot *slot;
    size_t at = 0;

    while (agents != NULL && (slot = tdh_map_next(&agents->keeps, &at)) != NULL) {
        struct tdh_agent_template *template = ((struct tdh_keep *)slot->value)->serving;
        struct td_err err;

        if (template != NULL && tdh_keep_save(template, NULL, &err) != 0)
            tdh_log_err(TDH_LOG_ERROR, "agent", &err);
    }
}
