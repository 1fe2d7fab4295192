/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_bed: see state_bed.h.
 */
#include "state_bed.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "held.h"

/* --- hosts --- */

struct tdh_agents *state_bed_open(struct state_bed *bed)
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

void state_bed_plug(const struct state_bed *bed, unsigned build, bool is_isolated)
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

void state_bed_say(const struct state_bed *bed, const char *text)
{
    plugin_home_write(bed->home, "agents/tally.yaml", text);
}

static void run_fn(void *arg)
{
    struct state_bed *bed = arg;

    bed->agents = state_bed_open(bed);
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

void state_bed_run(void **state, unsigned build, bool is_isolated,
                   void (*fn)(struct state_bed *bed))
{
    struct tdh_runtime_options options = { .workers = 2, .blocking_threads = 1 };
    struct state_bed bed = { .home = *state, .fn = fn };

    if (is_isolated && !processes_can_be_held())
        skip();
    bed.disk = fake_disk_new();
    state_bed_plug(&bed, build, is_isolated);
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

/* --- calls --- */

int state_bed_call(struct state_bed *bed, struct tdh_agents *agents, const char *action, int by,
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

struct tdh_agents *state_bed_nested; /* whose agent calls itself */

static int call_itself(struct td_ctx *ctx, const char *agent, const char *action,
                       const json_t *input, const struct td_call_options *options,
                       json_t **ret_output, struct td_err *err)
{
    (void)agent, (void)options;
    return state_bed_call(NULL, state_bed_nested, action,
                          (int)json_integer_value(json_object_get(input, "by")),
                          tdh_ctx_of(ctx)->call, ret_output, err);
}

/* What the count is after the action; -1: err. */
int state_bed_ask(struct state_bed *bed, struct tdh_agents *agents, const char *action, int by)
{
    json_t *output = NULL;
    int count = -1;

    bed->err.text[0] = '\0';
    if (state_bed_call(bed, agents, action, by, NULL, &output, &bed->err) == 0)
        count = (int)json_integer_value(json_object_get(output, "count"));
    json_decref(output);
    return count;
}

/* Which build answers. */
int state_bed_build(struct state_bed *bed)
{
    json_t *output = NULL;
    int build = -1;

    if (state_bed_call(bed, bed->agents, "get", 0, NULL, &output, &bed->err) == 0)
        build = (int)json_integer_value(json_object_get(output, "build"));
    json_decref(output);
    return build;
}

void state_bed_restart(struct state_bed *bed)
{
    tdh_agents_free(bed->agents);
    bed->agents = state_bed_open(bed);
    tdh_agents_register(bed->agents);
}

/* Returns how many were exchanged. */
unsigned state_bed_look(const struct state_bed *bed)
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

size_t state_bed_count(struct state_bed *bed, bool is_aside)
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
