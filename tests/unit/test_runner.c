/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner: a plugin in a process of its own behaves as it does inline, and whatever becomes of the
 * process, the host lives and says so. The plugin is tests/plugins/wild.
 */
#include "runner_bed.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <sched.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "held.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* --- the same inside --- */

static const struct {
    const char *action, *input;
    const char *error; /* NULL: it is done */
} calls[] = {
    { "echo", "{'a': [1, 2.5, 1e300, null, true, 'x\\u0000y', '\\uc548\\ub155']}", NULL },
    { "facts", "{}", NULL },
    { "facts", "{}", NULL }, /* the instance counts on */
    { "nap", "{'ms': 5}", NULL },
    { "count", "{'key': 'one'}", NULL },
    { "count", "{'key': 'two'}", NULL },
    { "count", "{'key': 'one', 'delete': true}", NULL },
    { "count", "{'key': 'two'}", NULL },
    { "tell", "{'x': 1}", NULL },
    { "big", "{'bytes': 3000000}", NULL },
    { "ask", "{'agent': 'echo', 'action': 'echo', 'input': {'text': 'hi'}}", NULL },
    { "ask", "{'agent': 'wild', 'action': 'echo', 'input': {'text': 'me'}}", NULL },
    { "ask", "{'agent': 'ecko', 'action': 'echo', 'input': {}}", "ecko" },
    { "ask", "{'agent': 'echo', 'action': 'echo', 'input': {'text': 5}}", "/text" },
    { "die", "{'how': 'not'}", "is alive after \"not\"" },
};

static json_t *call_row(struct runner_bed *bed, size_t row)
{
    json_t *output = runner_bed_call(bed, "wild", calls[row].action, 10000, "%s", calls[row].input);

    if (calls[row].error == NULL && output == NULL)
        fail_msg("%s %s: %s", calls[row].action, calls[row].input, bed->err.text);
    if (calls[row].error != NULL && strstr(bed->err.text, calls[row].error) == NULL)
        fail_msg("%s %s: says \"%s\", not \"%s\"", calls[row].action, calls[row].input,
                 bed->err.text, calls[row].error);
    return json_pack("{s:o*, s:s, s:i, s:s, s:b, s:O}", "output", output, "text", bed->err.text,
                     "code", bed->err.code, "hint", bed->err.hint, "retryable",
                     bed->err.is_retryable, "chunks", bed->chunks);
}

static json_t *seen[COUNT(calls)]; /* what came back inline */

static void call_inline(struct runner_bed *bed)
{
    for (size_t i = 0; i < COUNT(calls); i++)
        seen[i] = call_row(bed, i);
    assert_int_equal(runner_bed_children(), 0);
}

static void call_isolated(struct runner_bed *bed)
{
    for (size_t i = 0; i < COUNT(calls); i++) {
        json_t *row = call_row(bed, i);

        if (!json_equal(row, seen[i]))
            fail_msg("%s %s:\ninline   %s\nisolated %s", calls[i].action, calls[i].input,
                     json_dumps(seen[i], JSON_SORT_KEYS), json_dumps(row, JSON_SORT_KEYS));
        json_decref(row);
        json_decref(seen[i]);
    }
    assert_int_equal(runner_bed_children(), 1);
}

static void trust_the_bed(const struct runner_bed *bed)
{
    char *roots;

    assert_true(asprintf(&roots, "%s:%s", TEST_BUILDDIR "/plugins-tree", bed->dir) > 0);
    setenv("TDEV_PLUGINS_INLINE", roots, 1);
    free(roots);
}

static void an_isolated_plugin_does_what_it_does_inline(void **state)
{
    struct runner_bed *bed = *state;

    trust_the_bed(bed);
    runner_bed_plugin(bed, "isolation: inline", NULL);
    runner_bed_run(bed, call_inline);
    runner_bed_plugin(bed, NULL, NULL);
    runner_bed_run(bed, call_isolated);
}

static void the_same_holds_when_it_blocks(void **state)
{
    struct runner_bed *bed = *state;

    trust_the_bed(bed);
    runner_bed_plugin(bed, "isolation: inline\nexecution: blocking", NULL);
    runner_bed_run(bed, call_inline);
    runner_bed_plugin(bed, "isolation: process\nexecution: blocking", NULL);
    runner_bed_run(bed, call_isolated);
}

static void see_the_default(struct runner_bed *bed)
{
    json_decref(runner_bed_call(bed, "wild", "echo", 0, "{}"));
    assert_string_equal(bed->err.text, "");
    assert_int_equal(runner_bed_children(), 1);
}

static void who_says_nothing_is_isolated(void **state)
{
    struct runner_bed *bed = *state;

    runner_bed_plugin(bed, "tags: []", NULL);
    runner_bed_run(bed, see_the_default);
}

/* --- ends --- */

static const struct {
    const char *how, *want;
    bool has_stack;
} ends[] = {
    { "memory", "plugin \"wild\": crashed with SIGSEGV (invalid memory access), at ", true },
    { "abort", "plugin \"wild\": crashed with SIGABRT (it called abort()), at ", true },
    { "divide",
      "plugin \"wild\": crashed with SIGFPE (division by zero or another arithmetic "
      "fault), at ",
      true },
    { "stack", "plugin \"wild\": crashed with SIGSEGV (invalid memory access), at ", true },
    { "exit", "plugin \"wild\": ended its process with exit code 3", false },
    { "_exit", "plugin \"wild\": ended its process with exit code 4", false },
    { "exit_group", "plugin \"wild\": ended its process with exit code 5", false },
    { "kill", "plugin \"wild\": crashed with SIGKILL (it was killed)", false },
    { "execve", "plugin \"wild\": crashed with SIGSYS (execve is not permitted), at ", true },
    { "fork", "plugin \"wild\": crashed with SIGSYS (clone is not permitted), at ", true },
};

static void end_in_every_way(struct runner_bed *bed)
{
    for (size_t i = 0; i < COUNT(ends); i++) {
        size_t length = strlen(ends[i].want);
        json_t *output;

        assert_null(runner_bed_call(bed, "wild", "die", 0, "{'how': '%s'}", ends[i].how));
        if (strncmp(bed->err.text, ends[i].want, length) != 0)
            fail_msg("%s: %s", ends[i].how, bed->err.text);
#ifndef __SANITIZE_THREAD__ /* under which the frames of a signal's handler lead nowhere */
        assert_int_equal(strstr(bed->err.text + length, "wild.so(+0x") != NULL, ends[i].has_stack);
#endif
        assert_int_equal(bed->err.code, TD_E_UNAVAILABLE);
        assert_true(bed->err.is_retryable);
        output = runner_bed_call(bed, "wild", "facts", 0, "{}"); /* with its options, anew */
        assert_int_equal(json_integer_value(json_object_get(output, "calls")), 1);
        json_decref(output);
    }
}

/* How these end depends on what the host, or the plugin's side, trips over first. */
static void break_the_line(struct runner_bed *bed)
{
    static const char *const ways[] = { "scribble", "hush", "scribble" };

    for (size_t i = 0; i < COUNT(ways); i++) {
        json_t *output;

        assert_null(runner_bed_call(bed, "wild", "die", 1000, "{'how': '%s'}", ways[i]));
        if (strncmp(bed->err.text, "plugin \"wild\": ", 15) != 0 &&
            strncmp(bed->err.text, "is alive after", 14) != 0)
            fail_msg("%s: %s", ways[i], bed->err.text);
        output = runner_bed_call(bed, "wild", "echo", 0, "{}");
        if (output == NULL) /* it ended after the call before had been answered */
            output = runner_bed_call(bed, "wild", "echo", 0, "{}");
        assert_non_null(output);
        json_decref(output);
    }
}

static void noise_on_the_line_ends_the_process_only(void **state)
{
    struct runner_bed *bed = *state;

    runner_bed_plugin(bed, NULL, NULL);
    runner_bed_run(bed, break_the_line);
}

static void each_end_is_told_and_the_next_call_is_done(void **state)
{
    struct runner_bed *bed = *state;

    runner_bed_plugin(bed, NULL, NULL);
    runner_bed_run(bed, end_in_every_way);
}

static void pay_and_end(struct runner_bed *bed)
{
    assert_null(runner_bed_call(bed, "wild", "pay", 0, "{'how': 'memory'}"));
    assert_int_equal(bed->err.code, TD_E_DOUBT);
    assert_false(bed->err.is_retryable);
    assert_string_equal(bed->err.hint,
                        "look whether action \"pay\" was done before it is tried again");
}

static void an_external_effect_that_was_cut_off_is_in_doubt(void **state)
{
    struct runner_bed *bed = *state;

    runner_bed_plugin(bed, NULL, NULL);
    runner_bed_run(bed, pay_and_end);
}

/* A call beside the one that crashes: in the same process, or in another plugin. */
struct beside {
    struct runner_bed bed;
    struct tdh_co *waiting;
    bool is_done;
    const char *agent, *input;
};

static void call_beside(void *arg)
{
    struct beside *beside = arg;

    json_decref(runner_bed_call(&beside->bed, beside->agent,
                                strcmp(beside->agent, "wild") == 0 ? "nap" : "echo", 0, "%s",
                                beside->input));
    json_decref(beside->bed.chunks);
    beside->is_done = true;
    tdh_co_wake(beside->waiting);
}

static void crash_beside(struct runner_bed *bed)
{
    struct beside same = { .agent = "wild", .input = "{'ms': 60000}", .waiting = tdh_co_self() };
    struct beside other = { .agent = "echo", .input = "{'text': 'x'}", .waiting = tdh_co_self() };

    same.bed.watcher = tdh_co_self();
    assert_int_equal(tdh_co_spawn(call_beside, &same, NULL, &bed->err), 0);
    assert_int_equal(tdh_co_spawn(call_beside, &other, NULL, &bed->err), 0);
    while (json_array_size(same.bed.chunks) == 0)
        tdh_co_park();
    assert_null(runner_bed_call(bed, "wild", "die", 0, "{'how': 'abort'}"));
    while (!same.is_done || !other.is_done)
        tdh_co_park();
    assert_string_equal(other.bed.err.text, "");
    assert_string_equal(same.bed.err.text, bed->err.text);
    assert_true(same.bed.err.is_retryable);
}

static void a_crash_ends_the_calls_of_its_process_only(void **state)
{
    struct runner_bed *bed = *state;

    runner_bed_plugin(bed, NULL, NULL);
    runner_bed_run(bed, crash_beside);
}

static void crash_in_a_row(struct runner_bed *bed)
{
    for (int i = 0; i < 3; i++)
        assert_null(runner_bed_call(bed, "wild", "die", 0, "{'how': 'exit'}"));
    assert_string_equal(bed->err.text, "plugin \"wild\": ended its process with exit code 3");
    assert_null(runner_bed_call(bed, "wild", "echo", 0, "{}"));
    assert_string_equal(bed->err.text,
                        "not started any more after 3 ends in a row, the last one: plugin "
                        "\"wild\": ended its process with exit code 3");
    assert_false(bed->err.is_retryable);
    assert_int_equal(runner_bed_children(), 0);
    tdh_plugins_revive(bed->host->plugins);
    json_decref(runner_bed_call(bed, "wild", "echo", 0, "{}"));
    assert_string_equal(bed->err.text, "");
}

static void one_that_only_crashes_stays_down_until_it_is_asked_for(void **state)
{
    struct runner_bed *bed = *state;

    setenv("TDEV_PLUGINS_CRASHES", "3", 1);
    runner_bed_plugin(bed, NULL, NULL);
    runner_bed_run(bed, crash_in_a_row);
}

static void refuse_in_init(struct runner_bed *bed)
{
    assert_null(runner_bed_call(bed, "sulky", "echo", 0, "{}"));
    assert_string_equal(bed->err.text, "agent \"sulky\": does not want to");
    assert_int_equal(bed->err.code, TD_E_CONFIG);
    assert_null(runner_bed_call(bed, "wrong", "echo", 0, "{}"));
    assert_string_equal(bed->err.text,
                        "initialization, step 4 of 6 (configure): agent \"wrong\": option "
                        "\"patience\": duration \"long\": expected a number and a unit, like "
                        "\"1h30m\"");
}

static void what_init_says_is_what_the_call_says(void **state)
{
    struct runner_bed *bed = *state;
    static const char sulky[] = "plugin: wild\noptions: {refuse: true}\n";
    static const char wrong[] = "plugin: wild\noptions: {patience: long}\n";

    runner_bed_plugin(bed, NULL, NULL);
    tdh_file_mkdirs(runner_bed_path(bed, "tdev/agents"), 0755, &bed->err);
    tdh_file_write(runner_bed_path(bed, "tdev/agents/sulky.yaml"), sulky, sizeof(sulky) - 1, 0644,
                   &bed->err);
    tdh_file_write(runner_bed_path(bed, "tdev/agents/wrong.yaml"), wrong, sizeof(wrong) - 1, 0644,
                   &bed->err);
    runner_bed_run(bed, refuse_in_init);
}

/* --- time --- */

static void take_too_long(struct runner_bed *bed)
{
    assert_null(runner_bed_call(bed, "wild", "loop", 50, "{'polite': true}"));
    assert_int_equal(bed->err.code, TD_E_TIMEOUT);
    assert_null(runner_bed_call(bed, "wild", "nap", 50, "{'ms': 60000}"));
    assert_int_equal(bed->err.code, TD_E_TIMEOUT);
    assert_int_equal(runner_bed_children(), 1); /* these have ended by themselves */
    assert_null(runner_bed_call(bed, "wild", "loop", 50, "{}"));
    assert_string_equal(bed->err.text, "plugin \"wild\": its process was ended: action \"loop\" "
                                       "did not end within 2 s after it was told to");
    assert_int_equal(bed->err.code, TD_E_TIMEOUT);
    json_decref(runner_bed_call(bed, "wild", "echo", 0, "{}"));
    assert_string_equal(bed->err.text, "");
}

static void a_call_ends_with_its_time_whatever_it_does(void **state)
{
    struct runner_bed *bed = *state;

    runner_bed_plugin(bed, NULL, NULL);
    runner_bed_run(bed, take_too_long);
}

static void cancel_a_nap(struct runner_bed *bed)
{
    struct beside nap = { .agent = "wild", .input = "{'ms': 60000}", .waiting = tdh_co_self() };
    struct tdh_co *co;

    nap.bed.watcher = tdh_co_self();
    assert_int_equal(tdh_co_spawn(call_beside, &nap, &co, &bed->err), 0);
    while (json_array_size(nap.bed.chunks) == 0)
        tdh_co_park();
    tdh_co_cancel(co);
    while (!nap.is_done)
        tdh_co_park();
    assert_string_equal(nap.bed.err.text, "the call was cancelled");
    assert_int_equal(nap.bed.err.code, TD_E_CANCELLED);
    assert_int_equal(runner_bed_children(), 1);
}

static void a_call_that_is_cancelled_ends(void **state)
{
    struct runner_bed *bed = *state;

    runner_bed_plugin(bed, NULL, NULL);
    runner_bed_run(bed, cancel_a_nap);
    runner_bed_plugin(bed, "isolation: process\nexecution: blocking", NULL);
    runner_bed_run(bed, cancel_a_nap);
}

/* --- many --- */

static unsigned count_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned count = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

static long resident_kib(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long size, resident;

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &size, &resident), 2);
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE) / 1024;
}

/* How many of the numbers from..to ended the process; each that failed says how. */
static unsigned roll(struct runner_bed *bed, unsigned from, unsigned to)
{
    unsigned crashed = 0;

    for (unsigned n = from; n < to; n++) {
        json_t *output = runner_bed_call(bed, "wild", "dice", 0, "{'n': %u}", n);

        if (output == NULL) {
            crashed++;
            if (strstr(bed->err.text, "plugin \"wild\": crashed with SIG") == NULL &&
                strcmp(bed->err.text, "plugin \"wild\": ended its process with exit code 3") != 0)
                fail_msg("%u: %s", n, bed->err.text);
            assert_true(bed->err.is_retryable);
        } else {
            assert_int_equal(json_integer_value(json_object_get(output, "n")), n);
        }
        json_decref(output);
    }
    return crashed;
}

static void roll_the_dice(struct runner_bed *bed)
{
    const char *more = getenv("CALLS");
    unsigned count = more != NULL ? (unsigned)atoi(more) : 300, files, crashed;
    uint64_t begun_ns;
    long memory;

    roll(bed, 0, 100);
    json_decref(runner_bed_call(bed, "wild", "echo", 0, "{}"));
    files = count_files();
    memory = resident_kib();
    begun_ns = tdh_clock_mono_ns();
    crashed = roll(bed, 100, 100 + count);
    json_decref(runner_bed_call(bed, "wild", "echo", 0, "{}"));
    printf("%u calls, %u of them ended the process, %.1f s; %+ld KiB\n", count, crashed,
           (double)(tdh_clock_mono_ns() - begun_ns) / 1e9, resident_kib() - memory);
    assert_in_range(crashed, count / 20, count / 5);
    assert_int_equal(count_files(), files);
    assert_true(resident_kib() - memory < 4096);
    assert_int_equal(runner_bed_children(), 1);
}

static void calls_into_a_plugin_that_crashes_at_random_leave_the_host_as_it_was(void **state)
{
    struct runner_bed *bed = *state;

    runner_bed_plugin(bed, NULL, NULL);
    runner_bed_run(bed, roll_the_dice);
}

static void roll_more_dice(struct runner_bed *bed)
{
    assert_in_range(roll(bed, 0, 200), 1, 50);
}

/* Where nobody can look for an answer and has to be woken. */
static void one_core_is_enough(void **state)
{
    struct runner_bed *bed = *state;
    cpu_set_t before, one;

    assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    runner_bed_plugin(bed, NULL, NULL);
    runner_bed_run(bed, roll_more_dice);
    assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
}

#define RUNNER_TEST(fn) cmocka_unit_test_setup_teardown(fn, runner_bed_setup, runner_bed_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUNNER_TEST(an_isolated_plugin_does_what_it_does_inline),
        RUNNER_TEST(the_same_holds_when_it_blocks),
        RUNNER_TEST(who_says_nothing_is_isolated),
        RUNNER_TEST(each_end_is_told_and_the_next_call_is_done),
        RUNNER_TEST(noise_on_the_line_ends_the_process_only),
        RUNNER_TEST(an_external_effect_that_was_cut_off_is_in_doubt),
        RUNNER_TEST(a_crash_ends_the_calls_of_its_process_only),
        RUNNER_TEST(one_that_only_crashes_stays_down_until_it_is_asked_for),
        RUNNER_TEST(what_init_says_is_what_the_call_says),
        RUNNER_TEST(a_call_ends_with_its_time_whatever_it_does),
        RUNNER_TEST(a_call_that_is_cancelled_ends),
        RUNNER_TEST(one_core_is_enough),
        RUNNER_TEST(calls_into_a_plugin_that_crashes_at_random_leave_the_host_as_it_was),
    };

    if (!processes_can_be_held())
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
