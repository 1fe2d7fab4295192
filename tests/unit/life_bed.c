/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life_bed: the plugin "moody", and who calls it.
 */
#include "life_bed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hook.h"
#include "base/json.h"
#include "base/log.h"

static struct tdh_runtime *the_runtime;

/* --- services: what main/ does, as far as moody needs it --- */

static int service_sleep(struct td_ctx *ctx, uint64_t ms, struct td_err *err)
{
    const struct tdh_call *call = tdh_ctx_of(ctx)->call;
    uint64_t until_ns = tdh_clock_mono_ns() + ms * 1000000;
    enum tdh_woken woken = TDH_WOKEN;

    if (call == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "td_sleep needs a call");
    while (woken == TDH_WOKEN) /* one that was meant for an earlier wait ends none */
        woken = tdh_co_wait(until_ns < call->deadline_ns ? until_ns : call->deadline_ns);
    if (woken == TDH_WAIT_CANCELLED)
        return td_fail(err, TD_E_CANCELLED, "the call was cancelled");
    return until_ns < call->deadline_ns ? 0 : td_fail(err, TD_E_TIMEOUT, "no time is left");
}

static int service_blocking(struct td_ctx *ctx, td_blocking_fn *fn, void *arg, struct td_err *err)
{
    (void)ctx;
    return tdh_blocking_plugin(the_runtime, TDH_NEVER, fn, arg, err);
}

static int service_call(struct td_ctx *ctx, const char *agent, const char *action,
                        const json_t *input, const struct td_call_options *options,
                        json_t **ret_output, struct td_err *err)
{
    struct tdh_call call = { .input = input, .parent = tdh_ctx_of(ctx)->call };
    int rc;

    (void)options;
    if (tdh_call_resolve(TD_TARGET_AGENT, agent, action, NULL, &call.target, err) != 0)
        return -1;
    rc = tdh_call_run(&call, err);
    tdh_edition_release(call.target->edition);
    *ret_output = call.output;
    return rc;
}

/* --- the bed --- */

static void hear(void *arg, const char *name, const json_t *data)
{
    struct bed *bed = arg;
    size_t length = strlen(bed->told);

    if (strncmp(name, "agent.lifecycle.", 16) == 0)
        snprintf(bed->told + length, sizeof(bed->told) - length, "%s:%s ",
                 tdh_json_str(data, "agent", ""), name + 16);
}

static void run_fn(void *arg)
{
    static char folder[96];
    static const char *const folders[] = { folder, NULL };
    struct bed *bed = arg;
    struct tdh_agents_options options = { .runtime = bed->runtime,
                                          .plugins = bed->home->plugins,
                                          .services = &bed->services,
                                          .folders = folders,
                                          .policy = { .size = sizeof(struct td_policy) } };

    snprintf(folder, sizeof(folder), "%s/agents", bed->home->dir);
    bed->agents = tdh_agents_new(&options, &bed->err);
    assert_non_null(bed->agents);
    tdh_agents_register(bed->agents);
    bed->fn(bed);
    tdh_agents_free(bed->agents);
}

void bed_run(void **state, const char *library, void (*fn)(struct bed *bed))
{
    struct tdh_runtime_options options = { .workers = 2, .blocking_threads = 4 };
    struct bed bed = { .home = *state, .fn = fn };
    char text[4096], path[4096];
    size_t length;
    FILE *file;

    snprintf(path, sizeof(path), "%s/tests/plugins/moody/plugin.yaml", getenv("TEST_SRCDIR"));
    file = fopen(path, "re");
    assert_non_null(file);
    length = fread(text, 1, sizeof(text) - 1, file);
    text[length] = '\0';
    fclose(file);
    plugin_home_write(bed.home, "inline/moody/plugin.yaml", text);
    snprintf(path, sizeof(path), "../moody/.libs/%s", library);
    plugin_home_library(bed.home, path, "inline/moody/moody.so");
    plugin_home_open(bed.home);
    tdh_ctx_fill(&bed.services);
    bed.services.sleep = service_sleep;
    bed.services.blocking = service_blocking;
    bed.services.call = service_call;
    assert_int_equal(tdh_hook_add(hear, &bed), 0);
    bed.runtime = the_runtime = tdh_runtime_new(&options, &bed.err);
    assert_int_equal(tdh_runtime_run(bed.runtime, run_fn, &bed, &bed.err), 0);
    tdh_runtime_free(bed.runtime);
    tdh_hook_clear();
}

void bed_agent(struct bed *bed, const char *name, const char *fmt, ...)
{
    char more[1024], text[2048], path[128];
    va_list args;

    va_start(args, fmt);
    vsnprintf(more, sizeof(more), fmt, args);
    va_end(args);
    snprintf(text, sizeof(text), "plugin: moody\n%s", more);
    if (strstr(more, "options: {") == NULL) {
        snprintf(text, sizeof(text), "plugin: moody\noptions: {file: %s/words}\n%s", bed->home->dir,
                 more);
    } else {
        const char *brace = strstr(more, "options: {") + 10;

        snprintf(text, sizeof(text), "plugin: moody\n%.*sfile: %s/words, %s", (int)(brace - more),
                 more, bed->home->dir, brace);
    }
    snprintf(path, sizeof(path), "agents/%s.yaml", name);
    plugin_home_write(bed->home, path, text);
}

const char *bed_words(struct bed *bed)
{
    static char words[4096];
    const char *path = plugin_home_path(bed->home, "words");
    FILE *file = fopen(path, "re");
    size_t length = file != NULL ? fread(words, 1, sizeof(words) - 1, file) : 0;

    words[length > 0 ? length - 1 : 0] = '\0'; /* the last blank */
    if (file != NULL)
        fclose(file);
    unlink(path);
    return words;
}

/* --- calls --- */

static void run_call(void *arg)
{
    struct caller *caller = arg;
    struct td_policy policy = { .size = sizeof(policy), .timeout_ms = caller->timeout_ms };
    struct tdh_call call = { .input = caller->input, .policy = &policy };

    caller->rc = tdh_agents_find(caller->bed->agents, caller->agent, caller->action, NULL,
                                 &call.target, &caller->err);
    if (caller->rc == 0) {
        caller->rc = tdh_call_run(&call, &caller->err);
        tdh_edition_release(call.target->edition);
    }
    caller->output = call.output;
    caller->is_over = true;
    if (caller->waiter != NULL)
        tdh_co_wake(caller->waiter);
}

void bed_begin(struct bed *bed, struct caller *caller, const char *agent, const char *action,
               int ms)
{
    *caller = (struct caller){ .bed = bed,
                               .agent = agent,
                               .action = action,
                               .timeout_ms = caller->timeout_ms,
                               .input = json_pack("{s:i, s:s, s:s*, s:s*}", "ms", ms, "agent",
                                                  caller->asks != NULL ? caller->asks : agent,
                                                  "code", caller->code, "gate", caller->gate) };
    assert_int_equal(tdh_co_spawn(run_call, caller, NULL, &bed->err), 0);
    tdh_co_yield();
}

int bed_end(struct caller *caller)
{
    caller->waiter = tdh_co_self();
    while (!caller->is_over)
        tdh_co_park();
    json_decref(caller->input);
    json_decref(caller->output);
    return caller->rc;
}

json_t *bed_call(struct bed *bed, const char *agent, const char *action, int ms)
{
    struct caller caller = { .bed = bed,
                             .agent = agent,
                             .action = action,
                             .input = json_pack("{s:i, s:s}", "ms", ms, "agent", agent) };

    run_call(&caller);
    json_decref(caller.input);
    bed->err = caller.err;
    return caller.output;
}

/* --- status --- */

json_int_t bed_number(struct bed *bed, const char *agent, const char *member)
{
    json_t *list = tdh_agents_status(bed->agents, agent, &bed->err);
    const json_t *of = json_array_get(list, 0);
    json_int_t number;

    assert_non_null(list);
    if (strncmp(member, "pool.", 5) == 0) {
        of = json_object_get(of, "pool");
        member += 5;
    }
    number = json_integer_value(json_object_get(of, member));
    json_decref(list);
    return number;
}

void bed_until(struct bed *bed, const char *agent, const char *member, json_int_t number)
{
    while (bed_number(bed, agent, member) != number)
        tdh_co_wait(tdh_clock_mono_ns() + 1000000);
}

const char *bed_state(struct bed *bed, const char *agent)
{
    static char state[32];
    json_t *list = tdh_agents_status(bed->agents, agent, &bed->err);

    assert_non_null(list);
    snprintf(state, sizeof(state), "%s", tdh_json_str(json_array_get(list, 0), "state", ""));
    json_decref(list);
    return state;
}

int bed_act(struct bed *bed, const char *agent, enum tdh_agent_act what,
            struct tdh_agent_stopped *stopped)
{
    struct tdh_agent_stopped ignored;

    return tdh_agents_act(bed->agents, agent, what, stopped != NULL ? stopped : &ignored,
                          &bed->err);
}
