/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep: who serves under a name, the gate in front of it, and the policy of its file.
 *
 * Templates of one name may live on different workers, so what they share is under a lock that is
 * held for moments only; who has to wait does so in a list and is woken on its own worker.
 */
#include "agent/keep.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hook.h"
#include "base/json.h"
#include "base/near.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* --- the policy --- */

enum { EVERY_MS_MIN = 100, EVERY_MS_MAX = 24 * 3600 * 1000 };

static const char *const policy_keys[] = { "save", "keep", "ttl" };

static int fail_at(const struct tdh_yaml *file, const char *pointer, const char *where,
                   struct td_err *err)
{
    struct tdh_place place;

    if (file == NULL)
        return td_context(err, "%s", where);
    place = tdh_yaml_place(file, pointer);
    return td_context(err, "%s:%u:%u", file->name, place.line, place.column);
}

static int check_policy_keys(const json_t *state, struct td_err *err)
{
    const char *key;
    json_t *value;

    if (!json_is_object(state))
        return td_fail(err, TD_E_CONFIG, "\"state\" is a map with \"save\", \"keep\" and \"ttl\"");
    json_object_foreach ((json_t *)(uintptr_t)state, key, value) {
        const char *near;
        size_t i = 0;

        while (i < COUNT(policy_keys) && strcmp(policy_keys[i], key) != 0)
            i++;
        if (i < COUNT(policy_keys))
            continue;
        near = tdh_near(key, policy_keys, COUNT(policy_keys));
        return td_fail(err, TD_E_CONFIG, "unrecognized key \"%.60s\" of \"state\"%s%s%s", key,
                       near ? ", did you mean \"" : "", near ? near : "", near ? "\"" : "");
    }
    return 0;
}

static int read_save(const json_t *save, struct tdh_keep_policy *policy, struct td_err *err)
{
    const char *text = json_string_value(save);

    if (save == NULL)
        return 0;
    if (text != NULL && strcmp(text, "each_call") == 0)
        policy->when = TDH_KEEP_EACH_CALL;
    else if (text != NULL && strcmp(text, "end") == 0)
        policy->when = TDH_KEEP_END;
    else if (text != NULL && tdh_duration_parse(text, &policy->every_ms, err) == 0 &&
             policy->every_ms >= EVERY_MS_MIN && policy->every_ms <= EVERY_MS_MAX)
        policy->when = TDH_KEEP_EVERY;
    else
        return td_fail(err, TD_E_CONFIG,
                       "\"save\" must be each_call, end, or a duration from 100ms to 24h");
    return 0;
}

static int read_bounds(const json_t *state, struct tdh_keep_policy *policy, struct td_err *err)
{
    const json_t *keep = json_object_get(state, "keep"), *ttl = json_object_get(state, "ttl");

    if (keep != NULL && (!json_is_integer(keep) || json_integer_value(keep) < 1 ||
                         json_integer_value(keep) > TDH_STATES_KEEP_MAX))
        return td_fail(err, TD_E_CONFIG, "\"keep\" must be a whole number from 1 to %d",
                       TDH_STATES_KEEP_MAX);
    if (keep != NULL)
        policy->keep = (unsigned)json_integer_value(keep);
    if (ttl != NULL &&
        (!json_is_string(ttl) || tdh_duration_parse(json_string_value(ttl), &policy->ttl_ms, err) ||
         policy->ttl_ms < 1000))
        return td_fail(err, TD_E_CONFIG, "\"ttl\" must be a duration of 1s or more, such as 30d");
    return 0;
}

int tdh_keep_read(const json_t *text, const char *where, const struct tdh_yaml *file,
                  struct tdh_keep_policy *ret_policy, struct td_err *err)
{
    const json_t *state = json_object_get(text, "state");

    *ret_policy = (struct tdh_keep_policy){ .when = TDH_KEEP_EACH_CALL, .keep = TDH_STATES_KEEP };
    if (state == NULL)
        return 0;
    if (check_policy_keys(state, err) != 0)
        return fail_at(file, "/state", where, err);
    if (read_save(json_object_get(state, "save"), ret_policy, err) != 0)
        return fail_at(file, "/state/save", where, err);
    if (read_bounds(state, ret_policy, err) != 0)
        return fail_at(file, "/state", where, err);
    return 0;
}

/* --- life --- */

void tdh_agents_keep(struct tdh_agents *agents, struct tdh_store *store)
{
    agents->store = store;
}

void tdh_keep_free(void *value)
{
    struct tdh_keep *keep = value;

    pthread_mutex_destroy(&keep->lock);
    free(keep->name);
    free(keep);
}

static struct tdh_keep *new_keep(struct tdh_agents *agents, const char *name)
{
    struct tdh_keep *keep = calloc(1, sizeof(*keep));

    if (keep == NULL)
        return NULL;
    pthread_mutex_init(&keep->lock, NULL);
    keep->agents = agents;
    keep->name = strdup(name);
    if (keep->name != NULL && tdh_map_set(&agents->keeps, name, keep, NULL) == 0)
        return keep;
    tdh_keep_free(keep);
    return NULL;
}

int tdh_keep_attach(struct tdh_agent_template *template, struct td_err *err)
{
    struct tdh_agents *agents = template->agents;

    if (agents->store == NULL || template->plugin->manifest->state_version == 0)
        return 0;
    tdh_agents_lock(agents);
    template->keep = tdh_map_get(&agents->keeps, template->name);
    if (template->keep == NULL)
        template->keep = new_keep(agents, template->name);
    tdh_agents_unlock(agents);
    return template->keep != NULL
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate agent \"%s\"", template->name);
}

void tdh_keep_detach(struct tdh_agent_template *template)
{
    struct tdh_keep *keep = template->keep;
    bool is_next;

    if (keep == NULL)
        return;
    pthread_mutex_lock(&keep->lock);
    if (keep->serving == template)
        keep->serving = NULL;
    is_next = keep->next == template;
    if (is_next)
        keep->next = NULL;
    pthread_mutex_unlock(&keep->lock);
    if (is_next)
        tdh_keep_open(keep);
    template->keep = NULL;
}

/* --- waiting --- */

static void on_wake(struct tdh_task *task)
{
    struct tdh_keep_wait *wait = (struct tdh_keep_wait *)task; /* its first member */

    wait->is_woken = true;
    tdh_co_wake(wait->co);
}

/* Under the lock. Who is in the list stays there until its own worker has run the task. */
static void wake_all(struct tdh_keep_wait **list)
{
    struct tdh_keep_wait *wait = *list;

    *list = NULL;
    while (wait != NULL) {
        struct tdh_keep_wait *next = wait->next;

        wait->is_taken = true;
        tdh_worker_post(wait->worker, &wait->task);
        wait = next;
    }
}

static void take_out(struct tdh_keep_wait **list, const struct tdh_keep_wait *wait)
{
    while (*list != wait)
        list = &(*list)->next;
    *list = wait->next;
}

/* Under the lock, which is given up meanwhile. Returns what ended the wait. */
static enum tdh_woken wait_in(struct tdh_keep *keep, struct tdh_keep_wait **list, uint64_t until_ns,
                              bool may_be_cancelled)
{
    struct tdh_keep_wait wait = {
        .task = { .run = on_wake }, .next = *list, .worker = tdh_worker_self(), .co = tdh_co_self()
    };
    enum tdh_woken woken = TDH_WOKEN;

    *list = &wait;
    pthread_mutex_unlock(&keep->lock);
    while (!wait.is_woken && woken == TDH_WOKEN)
        if (may_be_cancelled)
            woken = tdh_co_wait(until_ns);
        else
            tdh_co_park();
    pthread_mutex_lock(&keep->lock);
    if (!wait.is_woken && !wait.is_taken)
        take_out(list, &wait);
    if (!wait.is_woken && wait.is_taken) {
        pthread_mutex_unlock(&keep->lock);
        while (!wait.is_woken)
            tdh_co_park();
        pthread_mutex_lock(&keep->lock);
    }
    return wait.is_woken ? TDH_WOKEN : woken;
}

int tdh_keep_pass(struct tdh_keep *keep, uint64_t until_ns, struct td_err *err)
{
    enum tdh_woken woken = TDH_WOKEN;

    while (keep->is_closed && woken == TDH_WOKEN)
        woken = wait_in(keep, &keep->at_gate, until_ns, true);
    if (woken == TDH_WAIT_TIMEOUT)
        return td_fail(err, TD_E_TIMEOUT,
                       "agent \"%s\" was being exchanged until the call's time was over",
                       keep->name);
    return woken == TDH_WOKEN ? 0
                              : td_fail(err, TD_E_CANCELLED,
                                        "the call was cancelled while agent "
                                        "\"%s\" was being exchanged",
                                        keep->name);
}

void tdh_keep_close(struct tdh_keep *keep)
{
    pthread_mutex_lock(&keep->lock);
    while (keep->is_closed)
        wait_in(keep, &keep->at_gate, TDH_NEVER, false);
    keep->is_closed = true;
    pthread_mutex_unlock(&keep->lock);
}

void tdh_keep_open(struct tdh_keep *keep)
{
    pthread_mutex_lock(&keep->lock);
    keep->is_closed = false;
    wake_all(&keep->at_gate);
    pthread_mutex_unlock(&keep->lock);
}

void tdh_keep_begin_work(struct tdh_keep *keep)
{
    pthread_mutex_lock(&keep->lock);
    while (keep->is_at_work)
        wait_in(keep, &keep->at_work, TDH_NEVER, false);
    keep->is_at_work = true;
    pthread_mutex_unlock(&keep->lock);
}

void tdh_keep_end_work(struct tdh_keep *keep)
{
    pthread_mutex_lock(&keep->lock);
    keep->is_at_work = false;
    wake_all(&keep->at_work);
    pthread_mutex_unlock(&keep->lock);
}

static bool is_running(struct tdh_keep *keep)
{
    bool is_so;

    pthread_mutex_lock(&keep->lock);
    is_so = keep->serving != NULL && keep->serving->running > 0;
    pthread_mutex_unlock(&keep->lock);
    return is_so;
}

/* It looks every so often: this is rare, and a call need not know of it. */
void tdh_keep_drain(struct tdh_keep *keep)
{
    uint64_t until_ns = tdh_clock_mono_ns() + TDH_KEEP_DRAIN_MS * UINT64_C(1000000);

    while (is_running(keep) && tdh_clock_mono_ns() < until_ns)
        if (tdh_co_wait(tdh_clock_mono_ns() + UINT64_C(1000000)) == TDH_WAIT_CANCELLED)
            return;
}

/* --- who serves --- */

bool tdh_keep_serves(const struct tdh_agent_template *template)
{
    struct tdh_keep *keep = template->keep;
    bool is_so;

    pthread_mutex_lock(&keep->lock);
    is_so = keep->serving == template;
    pthread_mutex_unlock(&keep->lock);
    return is_so;
}

void tdh_keep_serve(struct tdh_agent_template *template)
{
    struct tdh_keep *keep = template->keep;
    bool is_next;

    if (keep == NULL)
        return;
    pthread_mutex_lock(&keep->lock);
    keep->serving = template;
    is_next = keep->next == template;
    if (is_next)
        keep->next = NULL;
    pthread_mutex_unlock(&keep->lock);
    if (is_next)
        tdh_keep_open(keep);
}

/* --- into the plugin --- */

struct entering {
    struct tdh_agent_template *template;
    tdh_keep_fn *fn;
    void *arg;
    struct td_err *err;
    int rc;
};

static int enter(void *arg, struct td_err *err)
{
    struct entering *entering = arg;
    struct tdh_agent_template *template = entering->template;
    struct tdh_ctx ctx;
    int rc;

    tdh_agent_enter(template, template->own->state, NULL, &ctx);
    rc = entering->fn(&ctx, entering->arg, err);
    tdh_agent_leave(template, &ctx);
    return rc;
}

static void enter_in_place(void *arg)
{
    struct entering *entering = arg;
    struct tdh_agent_template *template = entering->template;

    entering->rc = tdh_plugin_blocks(template->plugin)
                       ? tdh_blocking_plugin(template->agents->options.runtime, TDH_NEVER, enter,
                                             entering, entering->err)
                       : enter(entering, entering->err);
}

/* A plugin's process is reached from any worker. */
int tdh_keep_enter(struct tdh_agent_template *template, tdh_keep_fn *fn, void *arg,
                   struct td_err *err)
{
    struct entering entering = { template, fn, arg, err, 0 };

    if (template->plugin->runner != NULL || template->plugin->manifest->is_threaded ||
        template->home == tdh_worker_self())
        enter_in_place(&entering);
    else if (tdh_hop(template->home, enter_in_place, &entering, err) != 0)
        return -1;
    return entering.rc;
}

void tdh_keep_tell(const char *event, json_t *data)
{
    if (tdh_hook_is_wanted() && data != NULL)
        tdh_hook_event(event, data);
    json_decref(data);
}
