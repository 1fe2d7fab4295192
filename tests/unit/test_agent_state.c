/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agents whose state is kept, in hosts that share a disk: restarts, exchanges, calls at the same
 * time, and what goes wrong. The plugin "tally" counts; it has a build for each version of its
 * state.
 */
#include "fake_store.h" /* before cmocka, whose fail() is a macro */
#include "plugin_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/agent.h"
#include "base/clock.h"
#include "base/hook.h"
#include "base/json.h"
#include "base/log.h"
#include "runtime/runtime.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
enum { CALLERS = 8, CALLS = 50 };

struct bed {
    struct plugin_home *home;
    struct td_services services;
    struct tdh_runtime *runtime;
    struct fake_disk *disk;
    struct tdh_store *store;
    const char *folders[2];
    struct tdh_agents *agents;
    void (*fn)(struct bed *bed);
    unsigned left, failed;
    struct td_err err;
};

/* --- hosts --- */

static struct tdh_agents *open_agents(struct bed *bed)
{
    struct tdh_agents_options options = { .runtime = bed->runtime,
                                          .plugins = bed->home->plugins,
                                          .services = &bed->services,
                                          .folders = bed->folders,
                                          .policy = { .size = sizeof(struct td_policy) } };
    struct tdh_agents *agents = tdh_agents_new(&options, &bed->err);

    assert_non_null(agents);
    tdh_agents_keep(agents, bed->store);
    return agents;
}

static void plug(const struct bed *bed, unsigned build, bool is_isolated)
{
    char text[1024];

    snprintf(text, sizeof(text),
             "apiVersion: tdev/v1\nkind: agent\nname: tally\nversion: %u.0.0\nlibrary: tally.so\n"
             "sdk: \"^1.4\"\nisolation: %s\nstate: {version: %u}\npermissions: {agents: [\"*\"]}\n"
             "capabilities: [{name: add, effects: idempotent}, {name: get, effects: none},\n"
             "  {name: twice, effects: idempotent}, {name: crash, effects: idempotent}]\n"
             "options: [{name: refuse, type: string, default: \"\"}]\n",
             build, is_isolated ? "process" : "inline", build);
    plugin_home_write(bed->home, "inline/tally/plugin.yaml", text);
    snprintf(text, sizeof(text), "../tally/.libs/tally%u", build);
    plugin_home_library(bed->home, text, "inline/tally/tally.so");
}

static void say(const struct bed *bed, const char *text)
{
    plugin_home_write(bed->home, "agents/tally.yaml", text);
}

static void run_fn(void *arg)
{
    struct bed *bed = arg;

    bed->agents = open_agents(bed);
    tdh_agents_register(bed->agents);
    bed->fn(bed);
    tdh_agents_save(bed->agents);
    tdh_agents_free(bed->agents);
}

static int call_itself(struct td_ctx *ctx, const char *agent, const char *action,
                       const json_t *input, const struct td_call_options *options,
                       json_t **ret_output, struct td_err *err);

static int sleep_a_little(struct td_ctx *ctx, uint64_t ms, struct td_err *err)
{
    (void)ctx, (void)err;
    tdh_co_wait(tdh_clock_mono_ns() + ms * UINT64_C(1000000));
    return 0;
}

static int64_t have_time(struct td_ctx *ctx)
{
    (void)ctx;
    return INT64_MAX;
}

static const char *have_no_key(struct td_ctx *ctx)
{
    (void)ctx;
    return NULL;
}

static void run_build(void **state, unsigned build, bool is_isolated, void (*fn)(struct bed *bed))
{
    struct tdh_runtime_options options = { .workers = 2, .blocking_threads = 1 };
    struct bed bed = { .home = *state, .fn = fn, .disk = fake_disk_new() };

    plug(&bed, build, is_isolated);
    bed.folders[0] = strdup(plugin_home_path(bed.home, "agents"));
    bed.home->options.runner_path = TEST_BUILDDIR "/tdev-runner";
    plugin_home_open(bed.home);
    tdh_ctx_fill(&bed.services);
    bed.services.call = call_itself;
    bed.services.sleep = sleep_a_little;
    bed.services.remaining_ms = have_time;
    bed.services.key = have_no_key;
    bed.runtime = tdh_runtime_new(&options, &bed.err);
    bed.store = fake_store_open(bed.runtime, bed.disk, true);
    assert_int_equal(tdh_runtime_run(bed.runtime, run_fn, &bed, &bed.err), 0);
    tdh_store_close(bed.store);
    tdh_plugins_stop(bed.home->plugins);
    tdh_runtime_free(bed.runtime);
    fake_disk_free(bed.disk);
    free((void *)(uintptr_t)bed.folders[0]);
}

static void run(void **state, void (*fn)(struct bed *bed))
{
    run_build(state, 1, false, fn);
}

/* --- calls --- */

static int call_within(struct bed *bed, struct tdh_agents *agents, const char *action, int by,
                       struct tdh_call *parent, json_t **ret_output, struct td_err *err)
{
    json_t *input = json_pack("{s:i, s:i}", "by", by, "ms", bed != NULL && by < 0 ? 1 : 0);
    struct tdh_call call = { .input = input, .parent = parent };
    int rc = tdh_agents_find(agents, "tally", action, NULL, &call.target, err);

    if (rc == 0) {
        rc = tdh_call_run(&call, err);
        tdh_edition_release(call.target->edition);
    }
    json_decref(input);
    *ret_output = call.output;
    return rc;
}

static struct tdh_agents *nested; /* whose agent calls itself */

static int call_itself(struct td_ctx *ctx, const char *agent, const char *action,
                       const json_t *input, const struct td_call_options *options,
                       json_t **ret_output, struct td_err *err)
{
    (void)agent, (void)options;
    return call_within(NULL, nested, action, (int)json_integer_value(json_object_get(input, "by")),
                       tdh_ctx_of(ctx)->call, ret_output, err);
}

/* What the count is after the action; -1: err. */
static int ask(struct bed *bed, struct tdh_agents *agents, const char *action, int by)
{
    json_t *output = NULL;
    int count = -1;

    bed->err.text[0] = '\0';
    if (call_within(bed, agents, action, by, NULL, &output, &bed->err) == 0)
        count = (int)json_integer_value(json_object_get(output, "count"));
    json_decref(output);
    return count;
}

static int add(struct bed *bed, int by)
{
    return ask(bed, bed->agents, "add", by);
}

/* Which build answers. */
static int build_of(struct bed *bed)
{
    json_t *output = NULL;
    int build = -1;

    if (call_within(bed, bed->agents, "get", 0, NULL, &output, &bed->err) == 0)
        build = (int)json_integer_value(json_object_get(output, "build"));
    json_decref(output);
    return build;
}

static void restart(struct bed *bed)
{
    tdh_agents_free(bed->agents);
    bed->agents = open_agents(bed);
    tdh_agents_register(bed->agents);
}

/* Returns how many were exchanged. */
static unsigned look(const struct bed *bed)
{
    struct tdh_exchanged exchanged;
    unsigned count = 0;

    for (int i = 0; i < 2; i++) {
        tdh_plugins_exchange(bed->home->plugins, tdh_agents_exchange, bed->agents, &exchanged);
        count += exchanged.exchanged;
        tdh_agents_sweep(bed->agents);
        tdh_plugins_sweep(bed->home->plugins);
    }
    return count;
}

static size_t count_versions(struct bed *bed, bool is_aside)
{
    struct tdh_states states;
    const json_t *note;
    size_t i, count = 0;

    assert_int_equal(tdh_states_read(bed->store, "tally", &states, &bed->err), 0);
    json_array_foreach (json_object_get(states.list, "versions"), i, note)
        count += json_is_true(json_object_get(note, "aside")) == is_aside;
    tdh_states_end(&states);
    return count;
}

/* --- restarts --- */

static void go_on(struct bed *bed)
{
    assert_int_equal(add(bed, 5), 5);
    restart(bed); /* nothing was saved at the end: as if it was killed */
    assert_int_equal(add(bed, 2), 7);
    restart(bed);
    assert_int_equal(ask(bed, bed->agents, "get", 0), 7);
    assert_int_equal(count_versions(bed, false), 2); /* what changes nothing makes none */
}

static void what_a_call_has_changed_outlives_the_process(void **state)
{
    run(state, go_on);
}

static void what_a_call_has_changed_outlives_the_plugins_process(void **state)
{
    run_build(state, 1, true, go_on);
}

static void crash(struct bed *bed)
{
    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(ask(bed, bed->agents, "crash", 0), -1);
    assert_int_equal(add(bed, 1), 6);
}

static void a_plugins_process_that_crashed_goes_on_with_the_newest(void **state)
{
    run_build(state, 1, true, crash);
}

/* --- policies --- */

static void save_at_the_end(struct bed *bed)
{
    say(bed, "plugin: tally\nstate: {save: end}\n");
    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(count_versions(bed, false), 0);
    restart(bed);
    assert_int_equal(add(bed, 1), 1); /* that is what the policy allows */
    tdh_agents_save(bed->agents);
    restart(bed);
    assert_int_equal(add(bed, 1), 2);
}

static void what_is_saved_at_the_end_is_lost_before(void **state)
{
    run(state, save_at_the_end);
}

static void save_every(struct bed *bed)
{
    say(bed, "plugin: tally\nstate: {save: 100ms}\n");
    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(add(bed, 5), 10);
    assert_int_equal(count_versions(bed, false), 0);
    while (count_versions(bed, false) == 0)
        tdh_co_wait(tdh_clock_mono_ns() + UINT64_C(5000000));
    assert_int_equal(count_versions(bed, false), 1);
    assert_int_equal(add(bed, 1), 11); /* a new wait */
    while (count_versions(bed, false) == 1)
        tdh_co_wait(tdh_clock_mono_ns() + UINT64_C(5000000));
    restart(bed);
    assert_int_equal(ask(bed, bed->agents, "get", 0), 11);
}

static void what_changed_is_saved_within_the_time_of_the_policy(void **state)
{
    run(state, save_every);
}

static void misspell(struct bed *bed)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "plugin: tally\nstate: {safe: end}\n", "~/agents/tally.yaml:2:8: unrecognized key "
                                                 "\"safe\" of \"state\", did you mean \"save\"" },
        { "plugin: tally\nstate:\n  save: 10ms\n",
          "~/agents/tally.yaml:3:9: \"save\" must be each_call, end, or a duration from 100ms to "
          "24h" },
        { "plugin: tally\nstate: {keep: 0}\n",
          "~/agents/tally.yaml:2:8: \"keep\" must be a whole number from 1 to 100" },
        { "plugin: tally\nstate: {ttl: long}\n",
          "~/agents/tally.yaml:2:8: \"ttl\" must be a duration of 1s or more, such as 30d" },
        { "plugin: tally\nstate: end\n",
          "~/agents/tally.yaml:2:8: \"state\" is a map with \"save\", \"keep\" and \"ttl\"" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        say(bed, cases[i].text);
        assert_int_equal(add(bed, 1), -1);
        assert_string_equal(plugin_home_shown(bed->home, bed->err.text),
                            plugin_home_shown(bed->home, cases[i].want));
    }
}

static void a_policy_that_is_none_is_refused_at_its_place(void **state)
{
    run(state, misspell);
}

/* --- exchange --- */

static void exchange(struct bed *bed)
{
    assert_int_equal(add(bed, 5), 5);
    plug(bed, 3, false);
    assert_int_equal(look(bed), 1);
    assert_int_equal(build_of(bed), 3);
    assert_int_equal(add(bed, 1), 6); /* by way of version 2 */
    plug(bed, 2, false);
    assert_int_equal(look(bed), 1);
    assert_int_equal(add(bed, 1), 7); /* and back */
    assert_int_equal(build_of(bed), 2);
}

static void the_new_one_has_what_the_old_one_knew(void **state)
{
    run(state, exchange);
}

static void exchange_from_memory(struct bed *bed)
{
    say(bed, "plugin: tally\nstate: {save: end}\n");
    exchange(bed);
}

static void the_old_one_saves_when_it_is_exchanged(void **state)
{
    run(state, exchange_from_memory);
}

static void refuse(struct bed *bed)
{
    size_t versions;

    assert_int_equal(add(bed, 5), 5);
    versions = count_versions(bed, false);
    plug(bed, 9, false);
    assert_int_equal(look(bed), 0);
    assert_int_equal(build_of(bed), 1);
    assert_int_equal(add(bed, 1), 6);
    say(bed, "plugin: tally\noptions: {refuse: load}\n");
    assert_int_equal(tdh_agents_refresh(bed->agents), 0);
    assert_int_equal(add(bed, 1), 7);
    assert_int_equal(count_versions(bed, false), versions + 2);
    bed->disk->is_full = true;
    say(bed, "plugin: tally\nstate: {save: end}\n");
    assert_int_equal(tdh_agents_refresh(bed->agents), 1); /* nothing was to be saved */
    assert_int_equal(add(bed, 1), 8);
    say(bed, "plugin: tally\n");
    assert_int_equal(tdh_agents_refresh(bed->agents), 0); /* but now */
    bed->disk->is_full = false;
    assert_int_equal(ask(bed, bed->agents, "get", 0), 8);
}

static void one_that_cannot_take_over_leaves_the_old_one_with_all_it_knew(void **state)
{
    run(state, refuse);
}

static void refuse_isolated(struct bed *bed)
{
    assert_int_equal(add(bed, 5), 5);
    plug(bed, 9, true);
    assert_int_equal(look(bed), 0);
    assert_int_equal(build_of(bed), 1);
    plug(bed, 2, true);
    assert_int_equal(look(bed), 1);
    assert_int_equal(build_of(bed), 2);
    assert_int_equal(add(bed, 1), 6);
}

static void the_same_is_so_of_isolated_plugins(void **state)
{
    run_build(state, 1, true, refuse_isolated);
}

/* --- calls at the same time --- */

static void add_often(void *arg)
{
    struct bed *bed = arg;

    for (int i = 0; i < CALLS; i++) {
        json_t *output = NULL;
        struct td_err err;

        if (call_within(bed, bed->agents, "add", -1, NULL, &output, &err) != 0)
            bed->failed++;
        json_decref(output);
    }
    bed->left--;
}

static void exchange_under_load(struct bed *bed)
{
    unsigned exchanged = 0, build = 1;

    bed->left = CALLERS;
    for (unsigned i = 0; i < CALLERS; i++)
        assert_int_equal(tdh_co_spawn(add_often, bed, NULL, &bed->err), 0);
    while (bed->left > 0) {
        build = build % 3 + 1;
        plug(bed, build, false);
        exchanged += look(bed);
        tdh_co_wait(tdh_clock_mono_ns() + UINT64_C(2000000));
    }
    assert_int_equal(bed->failed, 0);
    assert_true(exchanged > 1);
    assert_int_equal(ask(bed, bed->agents, "get", 0), -CALLERS * CALLS);
    assert_int_equal(count_versions(bed, true), 0);
}

static void exchange_and_restart(struct bed *bed)
{
    exchange_under_load(bed);
    restart(bed);
    assert_int_equal(ask(bed, bed->agents, "get", 0), -CALLERS * CALLS);
}

static void no_call_is_lost_while_versions_are_exchanged(void **state)
{
    run(state, exchange_and_restart);
}

static void exchange_from_memory_under_load(struct bed *bed)
{
    say(bed, "plugin: tally\nstate: {save: end}\n");
    exchange_under_load(bed);
    tdh_agents_save(bed->agents);
    restart(bed);
    assert_int_equal(ask(bed, bed->agents, "get", 0), -CALLERS * CALLS);
}

static void nor_of_a_state_that_is_in_memory_only(void **state)
{
    run(state, exchange_from_memory_under_load);
}

static void call_within_a_call(struct bed *bed)
{
    nested = bed->agents;
    assert_int_equal(ask(bed, bed->agents, "twice", 3), 6);
    restart(bed);
    assert_int_equal(ask(bed, bed->agents, "get", 0), 6);
}

static void an_agent_that_calls_itself_does_not_wait_for_itself(void **state)
{
    run(state, call_within_a_call);
}

/* --- two hosts --- */

static void share(struct bed *bed)
{
    struct tdh_agents *other = open_agents(bed);

    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(ask(bed, other, "add", 1), 6);
    assert_int_equal(add(bed, 1), 7); /* it looks before the call */
    assert_int_equal(ask(bed, other, "add", 1), 8);
    assert_int_equal(count_versions(bed, true), 0);
    tdh_agents_free(other);
}

static void two_hosts_that_save_each_call_count_as_one(void **state)
{
    run(state, share);
}

static unsigned conflicts;

static void hear(void *arg, const char *name, const json_t *data)
{
    (void)arg, (void)data;
    conflicts += strcmp(name, "agent.state.conflict") == 0;
}

static void collide(struct bed *bed)
{
    struct tdh_agents *other;

    say(bed, "plugin: tally\nstate: {save: end}\n");
    other = open_agents(bed);
    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(ask(bed, other, "add", 1), 1);
    tdh_agents_save(bed->agents);
    conflicts = 0;
    tdh_hook_add(hear, NULL);
    tdh_agents_save(other);
    tdh_agents_save(other); /* told once */
    tdh_hook_remove(hear, NULL);
    assert_int_equal(conflicts, 1);
    assert_int_equal(count_versions(bed, false), 1);
    assert_int_equal(count_versions(bed, true), 1); /* and not lost */
    assert_int_equal(ask(bed, other, "add", 1), 6); /* it goes on with the newest */
    tdh_agents_save(other);
    assert_int_equal(count_versions(bed, false), 2);
    tdh_agents_free(other);
}

static void the_loser_is_told_and_what_it_knows_is_kept_aside(void **state)
{
    run(state, collide);
}

/* --- people --- */

static void roll_back(struct bed *bed)
{
    struct tdh_states states;
    json_t *note, *document;
    char first[TDH_STATE_ID], want[300];

    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(tdh_states_read(bed->store, "tally", &states, &bed->err), 0);
    snprintf(first, sizeof(first), "%s", tdh_json_str(tdh_states_newest(&states), "id", ""));
    tdh_states_end(&states);
    assert_int_equal(add(bed, 1), 6);
    assert_int_equal(tdh_agent_state_rollback(bed->agents, "tally", first, "why", &note, &bed->err),
                     0);
    assert_string_equal(tdh_json_str(note, "from", ""), first);
    assert_string_equal(tdh_json_str(note, "note", ""), "why");
    json_decref(note);
    assert_int_equal(add(bed, 1), 6); /* the one at work has found out */
    document = tdh_agent_state_export(bed->agents, "tally", first, &bed->err);
    assert_non_null(document);
    assert_int_equal(tdh_agent_state_import(bed->agents, "tally", document, &note, &bed->err), 0);
    json_decref(note);
    assert_int_equal(ask(bed, bed->agents, "get", 0), 5);
    json_object_set_new(json_object_get(document, "state"), "count", json_integer(50));
    assert_int_equal(tdh_agent_state_import(bed->agents, "tally", document, &note, &bed->err), -1);
    assert_int_equal(bed->err.code, TD_E_CORRUPT);
    json_object_set_new(json_object_get(document, "note"), "version", json_integer(4));
    json_object_set_new(json_object_get(document, "state"), "count", json_integer(5));
    assert_int_equal(tdh_agent_state_import(bed->agents, "tally", document, &note, &bed->err), -1);
    snprintf(want, sizeof(want), "%s",
             "agent \"tally\": no migrations lead from version 4 of its state to version 1; there "
             "are none");
    assert_string_equal(bed->err.text, want);
    json_decref(document);
    assert_int_equal(ask(bed, bed->agents, "get", 0), 5);
}

static void people_go_back_and_an_agent_at_work_follows(void **state)
{
    run(state, roll_back);
}

static void migrate(struct bed *bed)
{
    json_t *report;
    size_t versions;

    assert_int_equal(add(bed, 5), 5);
    versions = count_versions(bed, false);
    assert_int_equal(tdh_agent_state_migrate(bed->agents, "tally", 1, true, &report, &bed->err), 0);
    assert_int_equal(json_array_size(json_object_get(report, "diff")), 3);
    json_decref(report);
    assert_int_equal(count_versions(bed, false), versions);
    assert_int_equal(tdh_agent_state_migrate(bed->agents, "tally", 1, false, &report, &bed->err),
                     0);
    json_decref(report);
    assert_int_equal(count_versions(bed, false), versions + 1);
    assert_int_equal(tdh_agent_state_migrate(bed->agents, "tally", 0, false, &report, &bed->err),
                     0);
    assert_int_equal(json_integer_value(json_object_get(report, "to")), 2);
    json_decref(report);
    assert_int_equal(add(bed, 1), 6);
    say(bed, "plugin: tally\noptions: {refuse: load}\n");
    assert_int_equal(tdh_agent_state_migrate(bed->agents, "tally", 1, false, &report, &bed->err),
                     -1);
    assert_string_equal(bed->err.text,
                        "agent \"tally\": its plugin does not take it: it takes no state");
    assert_int_equal(add(bed, 1), 7);
}

static void a_migration_is_tried_before_it_counts(void **state)
{
    run_build(state, 2, false, migrate);
}

/* --- what goes wrong --- */

static void fill(struct bed *bed)
{
    assert_int_equal(add(bed, 5), 5);
    bed->disk->is_full = true;
    assert_int_equal(add(bed, 1), -1); /* nobody is told of what cannot be kept */
    assert_non_null(strstr(bed->err.text, "action \"add\" was done: agent \"tally\": its state "
                                          "could not be saved: "));
    assert_false(bed->err.is_retryable);
    assert_int_equal(ask(bed, bed->agents, "get", 0), -1);
    bed->disk->is_full = false;
    assert_int_equal(ask(bed, bed->agents, "get", 0), 6); /* and with the next it is saved */
    restart(bed);
    assert_int_equal(ask(bed, bed->agents, "get", 0), 6);
}

static void on_a_full_disk_no_call_succeeds_that_is_not_kept(void **state)
{
    run(state, fill);
}

static void damage(struct bed *bed)
{
    struct tdh_states states;
    char key[64];
    json_t *other = json_pack("{s:{s:i}}", "state", "count", 70), *note;
    const json_t *newest;

    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(add(bed, 1), 6);
    assert_int_equal(tdh_states_read(bed->store, "tally", &states, &bed->err), 0);
    newest = tdh_states_newest(&states);
    snprintf(key, sizeof(key), "tally/%s", tdh_json_str(newest, "id", ""));
    assert_int_equal(
        tdh_store_put(bed->store, "agent.state.saved", key, other, TD_VERSION_ANY, NULL, &bed->err),
        0);
    json_decref(other);
    restart(bed);
    assert_int_equal(ask(bed, bed->agents, "get", 0), -1);
    assert_int_equal(bed->err.code, TD_E_CORRUPT);
    assert_int_equal(tdh_agent_state_rollback(bed->agents, "tally",
                                              tdh_json_str(newest, "parent", ""), NULL, &note,
                                              &bed->err),
                     0);
    json_decref(note);
    tdh_states_end(&states);
    assert_int_equal(ask(bed, bed->agents, "get", 0), 5);
}

static void a_damaged_state_is_never_loaded(void **state)
{
    run(state, damage);
}

static void save_nothing(struct bed *bed)
{
    say(bed, "plugin: tally\noptions: {refuse: save}\n");
    assert_int_equal(add(bed, 5), -1);
    assert_string_equal(bed->err.text, "action \"add\" was done: agent \"tally\": its state could "
                                       "not be saved: it does not say what it knows");
}

static void a_save_that_fails_is_told_to_the_caller(void **state)
{
    run(state, save_nothing);
}

/* --- runs that are pinned --- */

/* The step of a run was found before a newer state came: it goes to who has that. */
static void follow(struct bed *bed)
{
    struct tdh_call call = { .key = "run/step/1" };
    struct tdh_agents *other = open_agents(bed);

    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(tdh_agents_find(bed->agents, "tally", "get", NULL, &call.target, &bed->err),
                     0);
    assert_int_equal(ask(bed, other, "add", 1), 6);
    call.input = json_object();
    assert_int_equal(tdh_call_run(&call, &bed->err), 0);
    tdh_edition_release(call.target->edition);
    assert_int_equal(json_integer_value(json_object_get(call.output, "count")), 6);
    json_decref(call.output);
    json_decref((json_t *)(uintptr_t)call.input);
    tdh_agents_free(other);
}

static void a_run_of_the_same_build_goes_on_with_the_newest(void **state)
{
    run(state, follow);
}

static void pin(struct bed *bed)
{
    struct tdh_call call = { .key = "run/step/1" };
    char edition[TDH_EDITION_ID];

    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(tdh_agents_find(bed->agents, "tally", "add", NULL, &call.target, &bed->err),
                     0);
    snprintf(edition, sizeof(edition), "%s", call.target->edition->id);
    plug(bed, 2, false);
    assert_int_equal(look(bed), 1);
    call.input = json_object();
    assert_int_equal(tdh_call_run(&call, &bed->err), 0);
    assert_int_equal(json_integer_value(json_object_get(call.output, "build")), 1);
    json_decref(call.output);
    call.output = NULL;
    assert_int_equal(tdh_call_run(&call, &bed->err), 0); /* its own aside takes its place */
    tdh_edition_release(call.target->edition);
    json_decref(call.output);
    json_decref((json_t *)(uintptr_t)call.input);
    assert_int_equal(ask(bed, bed->agents, "get", 0), 5);
    assert_int_equal(count_versions(bed, true), 1);
}

static void what_a_pinned_run_changes_afterwards_is_kept_aside(void **state)
{
    run(state, pin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(what_a_call_has_changed_outlives_the_process),
        PLUGIN_HOME_TEST(what_a_call_has_changed_outlives_the_plugins_process),
        PLUGIN_HOME_TEST(a_plugins_process_that_crashed_goes_on_with_the_newest),
        PLUGIN_HOME_TEST(what_is_saved_at_the_end_is_lost_before),
        PLUGIN_HOME_TEST(what_changed_is_saved_within_the_time_of_the_policy),
        PLUGIN_HOME_TEST(a_policy_that_is_none_is_refused_at_its_place),
        PLUGIN_HOME_TEST(the_new_one_has_what_the_old_one_knew),
        PLUGIN_HOME_TEST(the_old_one_saves_when_it_is_exchanged),
        PLUGIN_HOME_TEST(one_that_cannot_take_over_leaves_the_old_one_with_all_it_knew),
        PLUGIN_HOME_TEST(the_same_is_so_of_isolated_plugins),
        PLUGIN_HOME_TEST(no_call_is_lost_while_versions_are_exchanged),
        PLUGIN_HOME_TEST(nor_of_a_state_that_is_in_memory_only),
        PLUGIN_HOME_TEST(an_agent_that_calls_itself_does_not_wait_for_itself),
        PLUGIN_HOME_TEST(two_hosts_that_save_each_call_count_as_one),
        PLUGIN_HOME_TEST(the_loser_is_told_and_what_it_knows_is_kept_aside),
        PLUGIN_HOME_TEST(people_go_back_and_an_agent_at_work_follows),
        PLUGIN_HOME_TEST(a_migration_is_tried_before_it_counts),
        PLUGIN_HOME_TEST(on_a_full_disk_no_call_succeeds_that_is_not_kept),
        PLUGIN_HOME_TEST(a_damaged_state_is_never_loaded),
        PLUGIN_HOME_TEST(a_save_that_fails_is_told_to_the_caller),
        PLUGIN_HOME_TEST(a_run_of_the_same_build_goes_on_with_the_newest),
        PLUGIN_HOME_TEST(what_a_pinned_run_changes_afterwards_is_kept_aside),
    };

    tdh_log_setup(TDH_LOG_OFF, TDH_LOG_TEXT, STDERR_FILENO);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
