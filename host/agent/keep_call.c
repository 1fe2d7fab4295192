/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep_call: calls of agents whose state is kept: through the gate, to the one that serves, and
 * what it knows then is saved as its policy says.
 *
 * A call that was found before its agent was exchanged goes to the new one, but a step of a run
 * only if that is of the same build: runs stay with what they began with. A call within a call of
 * the same agent passes the gate: the outer one would wait for it.
 */
#include <string.h>

#include "agent/keep.h"
#include "base/json.h"
#include "base/log.h"

enum { RENEWALS_MAX = 3 };

struct visit {
    struct tdh_call *call;
    struct tdh_agent_template *template; /* to whom it goes, held when it is_redirected */
    bool is_inner, is_redirected;
    bool is_alone; /* no other call was under way */
};

static bool is_inner(const struct tdh_call *call)
{
    const struct tdh_call *outer = call->parent;

    while (outer != NULL && (strcmp(outer->target->kind, "agent") != 0 ||
                             strcmp(outer->target->name, call->target->name) != 0))
        outer = outer->parent;
    return outer != NULL;
}

/* A step of a run stays with the build of the plugin that it began with. */
static bool may_go_to(const struct visit *visit, const struct tdh_agent_template *own,
                      struct tdh_agent_template *serving)
{
    struct td_err ignored;

    if (visit->call->key != NULL && strcmp(serving->edition.id, own->edition.id) != 0)
        return false;
    return tdh_agent_target(serving, visit->call->target->action, &ignored) != NULL;
}

/* Whom the call goes to; under the lock. */
static void choose(struct visit *visit, struct tdh_agent_template *own)
{
    struct tdh_agent_template *serving = own->keep->serving;

    visit->template = own;
    visit->is_redirected = serving != NULL && serving != own && may_go_to(visit, own, serving);
    if (visit->is_redirected) {
        visit->template = serving;
        tdh_edition_hold(&serving->edition);
    }
    visit->is_alone = visit->template->running++ == 0;
}

static int enter(struct visit *visit, struct tdh_agent_template *own, struct td_err *err)
{
    struct tdh_keep *keep = own->keep;
    uint64_t until_ns = visit->call->deadline_ns != 0 ? visit->call->deadline_ns : TDH_NEVER;
    int rc = 0;

    pthread_mutex_lock(&keep->lock);
    if (!visit->is_inner)
        rc = tdh_keep_pass(keep, until_ns, err);
    if (rc == 0)
        choose(visit, own);
    pthread_mutex_unlock(&keep->lock);
    return rc;
}

static void leave(const struct visit *visit)
{
    struct tdh_keep *keep = visit->template->keep;

    pthread_mutex_lock(&keep->lock);
    visit->template->running--;
    pthread_mutex_unlock(&keep->lock);
    if (visit->is_redirected)
        tdh_edition_release(&visit->template->edition);
}

/* Has anybody else saved a newer state? With `each_call` that is looked up, unless other calls are
 * under way: they are about to save, and would find out. */
static int look(const struct visit *visit, bool *ret_is_stale, struct td_err *err)
{
    struct tdh_agent_template *template = visit->template;
    struct tdh_states versions;

    *ret_is_stale = template->is_stale;
    if (template->is_stale || !visit->is_alone || template->keep_policy.when != TDH_KEEP_EACH_CALL)
        return 0;
    tdh_keep_begin_work(template->keep);
    if (tdh_states_read(template->agents->store, template->name, &versions, err) != 0) {
        tdh_keep_end_work(template->keep);
        return td_context(err, "agent \"%s\"", template->name);
    }
    *ret_is_stale = template->kept.sha256[0] != '\0' &&
                    strcmp(tdh_json_str(versions.list, "newest", ""), template->kept.id) != 0;
    tdh_keep_end_work(template->keep);
    tdh_states_end(&versions);
    return 0;
}

/* Through the gate, to one that has the newest state. */
static int enter_newest(struct visit *visit, struct tdh_agent_template *own, struct td_err *err)
{
    for (int i = 0;; i++) {
        struct tdh_agent_template *template;
        bool is_stale = false;

        if (enter(visit, own, err) != 0)
            return -1;
        if (visit->is_inner || i == RENEWALS_MAX || !tdh_keep_serves(visit->template))
            return 0;
        if (look(visit, &is_stale, err) != 0) {
            leave(visit);
            return -1;
        }
        if (!is_stale)
            return 0;
        template = visit->template;
        tdh_edition_hold(&template->edition);
        leave(visit);
        if (tdh_keep_renew(template, err) != 0) {
            tdh_edition_release(&template->edition);
            return -1;
        }
        tdh_edition_release(&template->edition);
    }
}

/* What was done cannot be kept: the caller has to know. */
static int fail_unsaved(struct tdh_call *call, const struct td_err *why, struct td_err *err)
{
    json_decref(call->output);
    call->output = NULL;
    *err = *why;
    err->is_retryable = why->code == TD_E_CONFLICT && call->target->effects != TDH_EFFECTS_EXTERNAL;
    return td_context(err, "action \"%s\" was done", call->target->action);
}

int tdh_keep_call(struct tdh_call *call, struct tdh_agent_template *own, struct td_err *err)
{
    struct visit visit = { .call = call, .is_inner = is_inner(call) };
    const struct tdh_target *target;
    struct td_err why;
    int rc;

    if (enter_newest(&visit, own, err) != 0)
        return -1;
    target = tdh_agent_target(visit.template, call->target->action, err);
    rc = tdh_agent_do(call, visit.template->own,
                      tdh_agent_action(visit.template, (size_t)(target - visit.template->targets)),
                      NULL, err);
    if (tdh_keep_after_call(visit.template, &why) != 0) {
        if (rc == 0)
            rc = fail_unsaved(call, &why, err);
        else
            tdh_log_err(TDH_LOG_ERROR, "agent", &why);
    }
    leave(&visit);
    return rc;
}
