/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program: what becomes of calls to a program, whatever that does; and that nothing of it is left.
 */
#include "plugin_home.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "held.h"
#include "plugin/process.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define TALKER TEST_BUILDDIR "/tests/plugins/talker"
#define MS UINT64_C(1000000)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY (INT64_C(1) << 47) /* shadow memory takes terabytes of it */
#else
#define MEMORY 0
#endif

struct bed {
    struct plugin_home *home;
    struct tdh_program_options options;
    struct tdh_program *program;
    void (*fn)(struct bed *bed);
    unsigned chunks;
    bool is_external;
    struct td_err err;
};

static void open_program(struct bed *bed)
{
    bed->program = tdh_program_new(bed->home->plugins, &bed->options, &bed->err);
    assert_non_null(bed->program);
}

static void run_fn(void *arg)
{
    struct bed *bed = arg;

    open_program(bed);
    bed->fn(bed);
    tdh_program_free(bed->program);
}

/* Runs fn in a coroutine of the only worker, with a program. */
static void run(void **state, void (*fn)(struct bed *bed), const json_t *permissions)
{
    const char *const command[] = { TALKER, ((struct plugin_home *)*state)->dir, NULL };
    static const char *const environment[] = { "WORDS=some words", "ASAN_OPTIONS=detect_leaks=0",
                                               NULL };
    struct tdh_runtime_options options = { .workers = 1, .blocking_threads = 1 };
    struct bed bed = { .home = *state, .fn = fn };
    struct tdh_runtime *runtime;

    tdh_log_setup(TDH_LOG_ERROR, TDH_LOG_TEXT, STDERR_FILENO);
    signal(SIGPIPE, SIG_IGN);
    bed.home->options.runner_path = TEST_BUILDDIR "/tdev-runner";
    plugin_home_open(bed.home);
    bed.options = (struct tdh_program_options){ .name = "exec/t",
                                                .command = command,
                                                .environment = environment,
                                                .permissions = permissions,
                                                .memory_bytes = MEMORY,
                                                .line_bytes = 4096 };
    runtime = tdh_runtime_new(&options, &bed.err);
    assert_non_null(runtime);
    assert_int_equal(tdh_runtime_run(runtime, run_fn, &bed, &bed.err), 0);
    tdh_runtime_free(runtime);
}

static int count_chunk(void *arg, const json_t *chunk, struct td_err *err)
{
    struct bed *bed = arg;

    (void)err;
    assert_int_equal(json_integer_value(json_object_get(chunk, "n")), bed->chunks);
    bed->chunks++;
    return 0;
}

/* new, or NULL: bed->err. timeout_ms 0: none. */
static json_t *call(struct bed *bed, const char *action, const char *input, unsigned timeout_ms)
{
    json_t *value = json_loads(input, 0, NULL);
    struct tdh_program_call call = {
        .action = action,
        .input = value,
        .deadline_ns = timeout_ms > 0 ? tdh_clock_mono_ns() + timeout_ms * MS : 0,
        .is_external = bed->is_external,
        .emit = count_chunk,
        .emit_arg = bed,
    };

    assert_non_null(value);
    bed->chunks = 0;
    bed->err = (struct td_err){ 0 };
    tdh_program_call(bed->program, &call, &bed->err);
    json_decref(value);
    return call.output;
}

/* Processes of this test's programs, wherever they are: they have its folder as an argument. */
static unsigned count_talkers(const struct bed *bed)
{
    DIR *dir = opendir("/proc");
    const struct dirent *entry;
    unsigned count = 0;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char path[300], words[512] = "";
        FILE *file;
        size_t length = 0;

        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        snprintf(path, sizeof(path), "/proc/%s/cmdline", entry->d_name);
        file = fopen(path, "re");
        if (file != NULL) {
            length = fread(words, 1, sizeof(words), file);
            fclose(file);
        }
        count += memmem(words, length, bed->home->dir, strlen(bed->home->dir) + 1) != NULL;
    }
    if (dir != NULL)
        closedir(dir);
    return count;
}

static unsigned count_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned count = 0;

    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

static void check_echo(struct bed *bed)
{
    json_t *output = call(bed, "echo", "{\"text\": \"hello\"}", 0);

    assert_string_equal(bed->err.text, "");
    assert_string_equal(tdh_json_str(output, "text", ""), "hello");
    json_decref(output);
}

/* --- tests --- */

static void answer(struct bed *bed)
{
    json_t *output;
    pid_t pid;

    check_echo(bed);
    pid = bed->program->pid;
    check_echo(bed);
    assert_int_equal(bed->program->pid, pid); /* one process does all */
    output = call(bed, "emit", "{\"count\": 1000}", 0);
    assert_non_null(output);
    assert_int_equal(bed->chunks, 1000);
    json_decref(output);
}

static void a_program_answers_and_sends_ahead(void **state)
{
    run(state, answer, NULL);
}

#define ENDED "program of \"exec/t\": was ended"
static const struct {
    const char *action, *input;
    enum td_code code;
    bool is_retryable;
    const char *want, *hint;
} misdeeds[] = {
    { "fail", "{\"code\": \"invalid\", \"text\": \"no such word\"}", TD_E_INVAL, false,
      "no such word", "" },
    { "fail",
      "{\"code\": \"unavailable\", \"text\": \"busy\", \"retryable\": false, \"hint\": \"wait\"}",
      TD_E_UNAVAILABLE, false, "busy", "wait" },
    { "fail", "{\"code\": \"nonsense\"}", TD_E_EXEC, false, "it says no more", "" },
    { "mute", "{}", TD_E_TIMEOUT, true, "the call's time ran out: action \"mute\"", "" },
    { "text", "{\"text\": \"hello\"}", TD_E_UNAVAILABLE, true,
      ENDED ": it wrote a line that is no reply: hello", "" },
    { "text", "{\"text\": \"{\\\"id\\\": 1}\"}", TD_E_UNAVAILABLE, true,
      ENDED ": it wrote a line that is no reply: {\"id\": 1}", "" },
    { "text", "{\"text\": \"{\\\"id\\\": 99, \\\"output\\\": 1}\"}", TD_E_UNAVAILABLE, true,
      ENDED ": it wrote a line that is no reply: {\"id\": 99, \"output\": 1}", "" },
    { "fill", "{\"bytes\": 300000}", TD_E_UNAVAILABLE, true,
      ENDED ": it wrote a line of more than 4096 bytes", "" },
    { "die", "{\"code\": 3}", TD_E_UNAVAILABLE, true,
      "program of \"exec/t\": ended with exit code 3",
      "the last it wrote to its standard error: oh dear" },
    { "die", "{\"signal\": 9}", TD_E_UNAVAILABLE, true, ENDED " by signal 9 (Killed)",
      "the last it wrote to its standard error: oh dear" },
    { "close", "{}", TD_E_UNAVAILABLE, true, ENDED ": it closed its standard output", "" },
};

static void misbehave(struct bed *bed)
{
    for (size_t i = 0; i < COUNT(misdeeds); i++) {
        unsigned timeout_ms = misdeeds[i].code == TD_E_TIMEOUT ? 50 : 0;

        tdh_program_free(bed->program);
        open_program(bed);
        check_echo(bed); /* so that no call's time goes into starting it */
        assert_null(call(bed, misdeeds[i].action, misdeeds[i].input, timeout_ms));
        assert_string_equal(bed->err.text, misdeeds[i].want);
        assert_string_equal(bed->err.hint, misdeeds[i].hint);
        assert_int_equal(bed->err.code, misdeeds[i].code);
        assert_int_equal(bed->err.is_retryable, misdeeds[i].is_retryable);
        check_echo(bed); /* the next call finds one that works */
    }
}

static void each_misdeed_is_told_and_the_next_call_works(void **state)
{
    run(state, misbehave, NULL);
}

static void cut_off(struct bed *bed)
{
    bed->is_external = true;
    assert_null(call(bed, "die", "{\"code\": 1}", 0));
    assert_int_equal(bed->err.code, TD_E_DOUBT);
    assert_false(bed->err.is_retryable);
    assert_string_equal(bed->err.hint,
                        "look whether action \"die\" was done before it is tried again");
}

static void an_external_effect_that_is_cut_off_is_in_doubt(void **state)
{
    run(state, cut_off, NULL);
}

/* Several at once: each in a coroutine. */
struct flight {
    struct bed *bed;
    const char *action, *input, *want;
    struct tdh_co *co, *waiter;
    struct td_err err;
    bool is_over;
};

static void fly(void *arg)
{
    struct flight *flight = arg;
    struct bed bed = *flight->bed;
    json_t *output = call(&bed, flight->action, flight->input, 0);

    json_decref(output);
    flight->err = bed.err;
    flight->is_over = true;
    tdh_co_wake(flight->waiter);
}

static void take_off(struct flight *flight)
{
    struct td_err err;

    flight->waiter = tdh_co_self();
    assert_int_equal(tdh_co_spawn(fly, flight, &flight->co, &err), 0);
}

static void land(const struct flight *flight)
{
    while (!flight->is_over)
        tdh_co_park();
}

static void cancel(struct bed *bed)
{
    struct flight mute = { .bed = bed, .action = "mute", .input = "{}" };
    struct flight deaf = { .bed = bed, .action = "deaf", .input = "{}" };

    check_echo(bed);
    take_off(&mute);
    tdh_co_yield();
    take_off(&deaf);
    tdh_co_yield();
    tdh_co_cancel(mute.co); /* it will not heed this, nor end the other */
    land(&mute);
    assert_int_equal(mute.err.code, TD_E_CANCELLED);
    assert_false(deaf.is_over); /* so it has not waited for the end of the process */
    land(&deaf);
    assert_string_equal(deaf.err.text, "program of \"exec/t\": was ended: it did not end a call "
                                       "within 2 s of its cancel");
    check_echo(bed);
}

static void a_cancelled_call_ends_at_once_and_its_process_soon(void **state)
{
    run(state, cancel, NULL);
}

static void flood(struct bed *bed)
{
    struct flight endless = { .bed = bed,
                              .action = "emit",
                              .input = "{\"count\": 5000, \"endless\": true}" };

    take_off(&endless);
    tdh_co_yield();
    tdh_co_cancel(endless.co);
    land(&endless);
    assert_int_equal(endless.err.code, TD_E_CANCELLED);
    check_echo(bed); /* what still comes of the other is left out */
}

static void output_that_nobody_waits_for_is_left_out(void **state)
{
    run(state, flood, NULL);
}

static void leave_children(struct bed *bed)
{
    json_t *output = call(bed, "children", "{\"count\": 50}", 0);
    uint64_t until_ns = tdh_clock_mono_ns() + 20000 * MS;
    pid_t guard = bed->program->pid;

    assert_non_null(output);
    json_decref(output);
    while (count_talkers(bed) != 51) { /* those in between are on their way out */
        assert_true(tdh_clock_mono_ns() < until_ns);
        tdh_co_wait(tdh_clock_mono_ns() + MS);
    }
    assert_null(call(bed, "die", "{\"code\": 0}", 0));
    assert_int_equal(kill(guard, 0), -1);
    assert_int_equal(count_talkers(bed), 0);
}

static void children_in_sessions_of_their_own_end_with_the_program(void **state)
{
    run(state, leave_children, NULL);
}

static void reach(struct bed *bed)
{
    char input[128];
    json_t *output;

    snprintf(input, sizeof(input), "{\"path\": \"%s\"}", plugin_home_path(bed->home, "secret"));
    plugin_home_write(bed->home, "secret", "x");
    output = call(bed, "probe", input, 0);
    assert_non_null(output);
    assert_int_equal(json_integer_value(json_object_get(output, "kill")), EPERM);
    assert_int_equal(json_integer_value(json_object_get(output, "ptrace")), EPERM);
    assert_string_equal(tdh_json_str(output, "words", ""), "some words");
    assert_false(json_is_true(json_object_get(output, "home")));
    assert_int_equal(json_integer_value(json_object_get(output, "socket")),
                     bed->options.permissions != NULL ? 0 : EPERM);
    assert_int_equal(json_integer_value(json_object_get(output, "read")),
                     bed->options.permissions != NULL ? 0 : EACCES);
    assert_int_equal(json_integer_value(json_object_get(output, "write")), EACCES);
    json_decref(output);
}

static void it_reaches_what_is_permitted(void **state)
{
    struct plugin_home *home = *state;
    json_t *permissions;

    if (tdh_landlock_version() < 1 || !tdh_has_call_lists())
        skip();
    permissions = json_pack("{s:[s], s:[s+]}", "network", "localhost", "files", home->dir, ":ro");
    run(state, reach, NULL);
    run(state, reach, permissions);
    json_decref(permissions);
}

static void lose_it(struct bed *bed)
{
    unsigned seed = 7, failed = 0, fds;
    json_t *output = call(bed, "echo", "{}", 0);
    int calls = getenv("CALLS") != NULL ? atoi(getenv("CALLS")) : 1000;

    json_decref(output);
    fds = count_fds();
    for (int i = 0; i < calls; i++) {
        struct flight flights[4] = { 0 };

        for (size_t k = 0; k < COUNT(flights); k++) {
            flights[k] = (struct flight){ .bed = bed, .action = "echo", .input = "{\"a\": 1}" };
            take_off(&flights[k]);
        }
        tdh_co_yield();
        if (rand_r(&seed) % 50 == 0 && bed->program->pid != 0) /* the guard, or all through it */
            rand_r(&seed) % 2 == 0 ? (void)kill(bed->program->pid, SIGKILL)
                                   : tdh_program_kill(bed->program, "of the test");
        for (size_t k = 0; k < COUNT(flights); k++) {
            land(&flights[k]);
            failed += flights[k].err.text[0] != '\0';
        }
    }
    assert_true(failed > 0 && failed < (unsigned)calls);
    check_echo(bed);
    assert_int_equal(count_fds(), fds);
    tdh_program_free(bed->program);
    bed->program = NULL;
    assert_int_equal(count_talkers(bed), 0);
}

static void nothing_is_left_of_a_thousand_calls_with_kills(void **state)
{
    run(state, lose_it, NULL);
}

static const struct {
    const char *command[3], *environment, *want;
} refusals[] = {
    { { NULL }, NULL, "there is no command to run" },
    { { "ls", NULL }, NULL, "program \"ls\" must be an absolute path" },
    { { "/bin/ls", NULL }, "LANG", "\"LANG\" in the environment must be NAME=VALUE" },
};

static void refuse(struct bed *bed)
{
    static const char *const gone[] = { "/nowhere/to/be/found", NULL };

    for (size_t i = 0; i < COUNT(refusals); i++) {
        const char *const environment[] = { refusals[i].environment, NULL };
        struct tdh_program_options options = { .name = "t",
                                               .command = refusals[i].command,
                                               .environment = environment };

        assert_null(tdh_program_new(bed->home->plugins, &options, &bed->err));
        assert_string_equal(bed->err.text, refusals[i].want);
    }
    tdh_program_free(bed->program);
    bed->options.command = gone;
    open_program(bed);
    assert_null(call(bed, "echo", "{}", 0));
    assert_string_equal(bed->err.text, "program of \"exec/t\": could not run "
                                       "\"/nowhere/to/be/found\": No such file or directory");
    assert_false(bed->err.is_retryable);
}

static void what_cannot_be_run_is_refused(void **state)
{
    run(state, refuse, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(a_program_answers_and_sends_ahead),
        PLUGIN_HOME_TEST(each_misdeed_is_told_and_the_next_call_works),
        PLUGIN_HOME_TEST(an_external_effect_that_is_cut_off_is_in_doubt),
        PLUGIN_HOME_TEST(a_cancelled_call_ends_at_once_and_its_process_soon),
        PLUGIN_HOME_TEST(output_that_nobody_waits_for_is_left_out),
        PLUGIN_HOME_TEST(children_in_sessions_of_their_own_end_with_the_program),
        PLUGIN_HOME_TEST(it_reaches_what_is_permitted),
        PLUGIN_HOME_TEST(nothing_is_left_of_a_thousand_calls_with_kills),
        PLUGIN_HOME_TEST(what_cannot_be_run_is_refused),
    };

    if (!processes_can_be_held())
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
