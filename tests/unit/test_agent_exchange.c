/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agents whose plugin is exchanged while they are looked for. The plugin "turn" has two builds, of
 * the versions 1.0.0 and 2.0.0.
 */
#include "plugin_home.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/agent.h"
#include "base/clock.h"
#include "base/log.h"
#include "runtime/runtime.h"

enum { EXCHANGES = 100, FINDS = 500 };

struct bed {
    struct plugin_home *home;
    struct td_services services;
    struct tdh_runtime *runtime;
    struct tdh_agents *agents;
    void (*fn)(struct bed *bed);
    atomic_bool is_over, is_finder_done;
    atomic_ulong lost;
};

static void plug(const struct bed *bed, unsigned version)
{
    char text[512];

    snprintf(text, sizeof(text),
             "apiVersion: tdev/v1\nkind: agent\nname: turn\nversion: %u.0.0\nlibrary: turn.so\n"
             "sdk: \"^1.0\"\ncapabilities: [{name: say}]\noptions: [{name: mark, type: string}]\n",
             version);
    plugin_home_write(bed->home, "inline/turn/plugin.yaml", text);
    snprintf(text, sizeof(text), "../turn/.libs/turn%u", version);
    plugin_home_library(bed->home, text, "inline/turn/turn.so");
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

/* The target of the agent, held, or NULL. */
static struct tdh_target *find(const struct bed *bed, const char *edition)
{
    struct tdh_target *target = NULL;
    struct td_err err;

    return tdh_agents_find(bed->agents, "turn", "say", edition, &target, &err) == 0 ? target : NULL;
}

static void run_fn(void *arg)
{
    struct bed *bed = arg;
    struct tdh_agents_options options = { .runtime = bed->runtime,
                                          .plugins = bed->home->plugins,
                                          .services = &bed->services,
                                          .policy = { .size = sizeof(struct td_policy) } };

    bed->agents = tdh_agents_new(&options, &bed->home->err);
    assert_non_null(bed->agents);
    bed->fn(bed);
    tdh_agents_free(bed->agents);
}

static void run(void **state, void (*fn)(struct bed *bed))
{
    struct tdh_runtime_options options = { .workers = 2, .blocking_threads = 1 };
    struct bed bed = { .home = *state, .fn = fn };

    plug(&bed, 1);
    plugin_home_open(bed.home);
    tdh_ctx_fill(&bed.services);
    bed.runtime = tdh_runtime_new(&options, &bed.home->err);
    assert_int_equal(tdh_runtime_run(bed.runtime, run_fn, &bed, &bed.home->err), 0);
    tdh_runtime_free(bed.runtime);
}

/* --- another worker --- */

static void find_often(void *arg)
{
    struct bed *bed = arg;

    while (!bed->is_over) {
        for (int i = 0; i < FINDS; i++) {
            const struct tdh_target *target = find(bed, NULL);

            if (target == NULL || strcmp(target->action, "say") != 0)
                bed->lost++;
            else
                tdh_edition_release(target->edition);
        }
        tdh_co_yield();
    }
}

static void find_there(void *arg)
{
    struct bed *bed = arg;
    struct td_err err;

    if (tdh_hop(tdh_runtime_worker(bed->runtime, 1), find_often, bed, &err) != 0)
        bed->lost++;
    bed->is_finder_done = true;
}

static void exchange_often(struct bed *bed)
{
    unsigned exchanged = 0;

    tdh_edition_release(find(bed, NULL)->edition);
    assert_int_equal(tdh_co_spawn(find_there, bed, NULL, &bed->home->err), 0);
    for (unsigned i = 0; i < EXCHANGES; i++) {
        plug(bed, 2 - i % 2);
        exchanged += look(bed);
        tdh_co_yield();
    }
    bed->is_over = true;
    while (!bed->is_finder_done)
        tdh_co_wait(tdh_clock_mono_ns() + 1000000);
    assert_int_equal(exchanged, EXCHANGES);
    assert_int_equal(bed->lost, 0);
    assert_int_equal(tdh_agents_sweep(bed->agents), 0);
    assert_int_equal(tdh_plugins_sweep(bed->home->plugins), 0);
}

/* Runs of all workers look for agents; sanitizers see what would be used after its end. */
static void an_agent_is_found_by_other_workers_while_it_is_exchanged(void **state)
{
    run(state, exchange_often);
}

/* --- editions --- */

static void ask_for_the_former(struct bed *bed)
{
    struct tdh_target *first = find(bed, NULL), *now, *again;
    char edition[TDH_EDITION_ID];

    strcpy(edition, first->edition->id);
    plug(bed, 2);
    assert_int_equal(look(bed), 1);
    now = find(bed, NULL);
    assert_ptr_not_equal(now, first);
    again = find(bed, edition);
    assert_ptr_equal(again, first); /* that very one: somebody holds it */
    tdh_edition_release(again->edition);
    tdh_edition_release(first->edition);
    look(bed);
    again = find(bed, edition); /* of what was kept */
    assert_string_equal(again->edition->id, edition);
    tdh_edition_release(again->edition);
    tdh_edition_release(now->edition);
    assert_int_equal(tdh_agents_sweep(bed->agents), 0);
}

static void a_former_edition_is_had_as_long_as_it_is_kept(void **state)
{
    run(state, ask_for_the_former);
}

static void ask_for_what_is_gone(struct bed *bed)
{
    struct tdh_target *target;
    char said[1024];
    ssize_t length;
    int fds[2];

    assert_int_equal(pipe(fds), 0);
    tdh_log_setup(TDH_LOG_WARNING, TDH_LOG_TEXT, fds[1]);
    target = find(bed, "0123456789abcdef0123456789abcdef");
    tdh_log_flush();
    tdh_log_setup(TDH_LOG_OFF, TDH_LOG_TEXT, STDERR_FILENO);
    close(fds[1]);
    length = read(fds[0], said, sizeof(said) - 1);
    close(fds[0]);
    said[length > 0 ? length : 0] = '\0';
    assert_non_null(target);
    assert_ptr_equal(find(bed, NULL), target);
    tdh_edition_release(target->edition);
    tdh_edition_release(target->edition);
    assert_non_null(strstr(said, "is taken as it is now, not as it was when the run began"));
    assert_non_null(strstr(said, "it is not kept any more"));
}

static void what_serves_takes_the_place_of_an_edition_that_is_gone(void **state)
{
    run(state, ask_for_what_is_gone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(an_agent_is_found_by_other_workers_while_it_is_exchanged),
        PLUGIN_HOME_TEST(a_former_edition_is_had_as_long_as_it_is_kept),
        PLUGIN_HOME_TEST(what_serves_takes_the_place_of_an_edition_that_is_gone),
    };

    tdh_log_setup(TDH_LOG_OFF, TDH_LOG_TEXT, STDERR_FILENO);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
