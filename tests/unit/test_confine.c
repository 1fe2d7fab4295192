/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine: what an isolated plugin tries to do to others comes to nothing, and is told; what its
 * manifest permits can be done, so that the refusals mean something. The plugin is
 * tests/plugins/wild.
 */
#include "runner_bed.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "held.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static int listener = -1;
static unsigned port;    /* of the listener, on 127.0.0.1 */
static char target[256]; /* a file that is none of the plugin's */

static void make_targets(const struct runner_bed *bed)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(address);
    struct td_err err;

    if (listener >= 0)
        close(listener);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    port = ntohs(address.sin_port);
    tdh_file_mkdirs(runner_bed_path(bed, "outside"), 0755, &err);
    snprintf(target, sizeof(target), "%s", runner_bed_path(bed, "outside/file"));
    assert_int_equal(tdh_file_write(target, "kept", 4, 0644, &err), 0);
}

/* Needs what this kernel and this build have. */
static void need_all(void)
{
    if (tdh_landlock_version() < 1 || !tdh_has_call_lists())
        skip();
}

static const struct {
    const char *what, *input; /* $FILE and $PORT stand for the targets */
    const char *want;         /* what the system said to it, or what the call says */
} escapes[] = {
    { "read", "{'what': 'read', 'path': '/etc/shadow'}", "EACCES" },
    { "read", "{'what': 'read', 'path': '/etc/hostname'}", "EACCES" },
    { "read", "{'what': 'read', 'path': '/proc/1/environ'}", "EACCES" },
    { "read", "{'what': 'read', 'path': '/proc/self/root/etc/shadow'}", "EACCES" },
    { "read", "{'what': 'read', 'path': '$FILE'}", "EACCES" },
    { "write", "{'what': 'write', 'path': '$FILE'}", "EACCES" },
    { "write", "{'what': 'write', 'path': '$FILE.new'}", "EACCES" },
    { "unlink", "{'what': 'unlink', 'path': '$FILE'}", "EACCES" },
    { "connect", "{'what': 'connect', 'port': $PORT}", "EPERM" },
    { "listen", "{'what': 'listen', 'port': 0}", "EPERM" },
    { "unix", "{'what': 'unix', 'path': '/run/docker.sock'}", "EPERM" },
    { "datagram", "{'what': 'datagram', 'path': '/dev/log'}", "EPERM" },
    { "pair", "{'what': 'pair'}", "done" },
    { "ptrace", "{'what': 'ptrace'}", "crashed with SIGSYS (ptrace is not permitted)" },
    { "kill", "{'what': 'kill'}", "crashed with SIGSYS (kill is not permitted)" },
    { "fork", "{'what': 'fork'}", "crashed with SIGSYS (clone is not permitted)" },
    { "exec", "{'what': 'exec'}", "crashed with SIGSYS (execve is not permitted)" },
    { "namespace", "{'what': 'namespace'}", "crashed with SIGSYS (unshare is not permitted)" },
    { "hidden", "{'what': 'hidden'}", "EPERM" },
    { "limits", "{'what': 'limits'}", "EPERM" },
    { "outlive", "{'what': 'outlive'}", "EPERM" },
    { "files", "{'what': 'files'}", "EMFILE" },
};

static void fill_in(const char *text, char *filled, size_t size)
{
    const char *dollar = strchr(text, '$');

    if (dollar == NULL)
        snprintf(filled, size, "%s", text);
    else if (strncmp(dollar, "$FILE", 5) == 0)
        snprintf(filled, size, "%.*s%s%s", (int)(dollar - text), text, target, dollar + 5);
    else
        snprintf(filled, size, "%.*s%u%s", (int)(dollar - text), text, port, dollar + 5);
}

/* What came of it; "done" when it could. */
static const char *attempt(struct runner_bed *bed, const char *input)
{
    static char word[1024];
    char filled[512];
    json_t *output;

    fill_in(input, filled, sizeof(filled));
    output = runner_bed_call(bed, "wild", "escape", 0, "%s", filled);
    snprintf(word, sizeof(word), "%s",
             output == NULL ? bed->err.text : tdh_json_str(output, "error", "done"));
    json_decref(output);
    return word;
}

static void break_out(struct runner_bed *bed)
{
    struct stat status;

    for (size_t i = 0; i < COUNT(escapes); i++) {
        const char *word = attempt(bed, escapes[i].input);

        if (strstr(word, escapes[i].want) == NULL)
            fail_msg("%s: says \"%s\", not \"%s\"", escapes[i].input, word, escapes[i].want);
    }
    assert_int_equal(stat(target, &status), 0);
    assert_int_equal(status.st_size, 4);
    json_decref(runner_bed_call(bed, "wild", "echo", 0, "{}"));
    assert_string_equal(bed->err.text, "");
}

static void nothing_that_is_not_permitted_can_be_done(void **state)
{
    struct runner_bed *bed = *state;

    need_all();
    make_targets(bed);
    runner_bed_plugin(bed, NULL, NULL);
    runner_bed_run(bed, break_out);
}

static void use_up(struct runner_bed *bed)
{
    assert_string_equal(attempt(bed, "{'what': 'memory'}"), "ENOMEM");
    assert_null(runner_bed_call(bed, "wild", "die", 0, "{'how': 'kill'}")); /* to start anew */
    assert_string_equal(attempt(bed, "{'what': 'threads'}"), "EAGAIN");
}

static void memory_and_threads_have_an_end(void **state)
{
    struct runner_bed *bed = *state;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* their shadow memory takes terabytes, so addresses are not limited */
#endif
    runner_bed_plugin(bed, NULL, NULL);
    runner_bed_run(bed, use_up);
}

static void use_permissions(struct runner_bed *bed)
{
    assert_string_equal(attempt(bed, "{'what': 'read', 'path': '$FILE'}"), "done");
    assert_string_equal(attempt(bed, "{'what': 'write', 'path': '$FILE'}"), "done");
    assert_string_equal(attempt(bed, "{'what': 'unlink', 'path': '$FILE'}"), "done");
    assert_string_equal(attempt(bed, "{'what': 'connect', 'port': $PORT}"), "done");
    assert_string_equal(attempt(bed, "{'what': 'read', 'path': '/etc/hostname'}"), "done");
    assert_string_equal(attempt(bed, "{'what': 'write', 'path': '/etc/hostname'}"), "EACCES");
    assert_string_equal(attempt(bed, "{'what': 'read', 'path': '/etc/shadow'}"), "EACCES");
    if (tdh_landlock_version() >= 4) {
        assert_string_equal(attempt(bed, "{'what': 'connect', 'port': 1}"), "EACCES");
        assert_string_equal(attempt(bed, "{'what': 'listen', 'port': 0}"), "EACCES");
    }
}

static void what_the_manifest_permits_can_be_done(void **state)
{
    struct runner_bed *bed = *state;
    char permissions[512];

    need_all();
    make_targets(bed);
    snprintf(permissions, sizeof(permissions),
             "permissions: {network: [\"localhost:%u\"], files: [\"%s/outside\", "
             "\"/etc/hostname:ro\", \"/not/there\"]}",
             port, bed->dir);
    runner_bed_plugin(bed, NULL, permissions);
    runner_bed_run(bed, use_permissions);
}

/* The only process that this one has begun. */
static long child_of_mine(void)
{
    FILE *file = fopen("/proc/thread-self/children", "re");
    long pid = 0;

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld", &pid), 1);
    fclose(file);
    return pid;
}

static void have_one_core(struct runner_bed *bed)
{
    cpu_set_t set;

    json_decref(runner_bed_call(bed, "wild", "echo", 0, "{}"));
    assert_string_equal(bed->err.text, "");
    assert_int_equal(sched_getaffinity((pid_t)child_of_mine(), sizeof(set), &set), 0);
    assert_int_equal(CPU_COUNT(&set), 1);
}

static void cores_are_those_of_the_manifest(void **state)
{
    struct runner_bed *bed = *state;

    runner_bed_plugin(bed, NULL, NULL);
    runner_bed_change(bed, "limits:", "limits: {cpu: 1.0}");
    runner_bed_run(bed, have_one_core);
}

static void have_no_secret(struct runner_bed *bed)
{
    char text[4096] = "";
    FILE *file;
    size_t got;

    json_decref(runner_bed_call(bed, "wild", "echo", 0, "{}"));
    snprintf(text, sizeof(text), "/proc/%ld/environ", child_of_mine());
    file = fopen(text, "re");
    if (file == NULL) /* only root may look */
        return;
    got = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    assert_null(memmem(text, got, "SECRET", 6));
    assert_null(memmem(text, got, "HOME", 4));
}

static void secrets_of_the_environment_stay_with_the_host(void **state)
{
    struct runner_bed *bed = *state;

    setenv("MY_SECRET", "word", 1);
    runner_bed_plugin(bed, NULL, NULL);
    runner_bed_run(bed, have_no_secret);
}

static const struct {
    const char *isolation, *permissions, *want;
} refused[] = {
    { NULL, "permissions: {files: [\"here\"]}",
      "plugin \"wild\": permissions.files: \"here\" is no absolute path" },
    { "isolation: inline", NULL, "plugin \"wild\": cannot run inside the host from folder " },
};

static void be_refused(struct runner_bed *bed)
{
    assert_null(runner_bed_call(bed, "wild", "echo", 0, "{}"));
}

static void what_cannot_be_is_refused_in_words(void **state)
{
    struct runner_bed *bed = *state;

    need_all();
    for (size_t i = 0; i < COUNT(refused); i++) {
        runner_bed_plugin(bed, refused[i].isolation, refused[i].permissions);
        runner_bed_run(bed, be_refused);
        if (strncmp(bed->err.text, refused[i].want, strlen(refused[i].want)) != 0)
            fail_msg("says \"%s\", not \"%s\"", bed->err.text, refused[i].want);
    }
}

#define RUNNER_TEST(fn) cmocka_unit_test_setup_teardown(fn, runner_bed_setup, runner_bed_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUNNER_TEST(nothing_that_is_not_permitted_can_be_done),
        RUNNER_TEST(memory_and_threads_have_an_end),
        RUNNER_TEST(what_the_manifest_permits_can_be_done),
        RUNNER_TEST(cores_are_those_of_the_manifest),
        RUNNER_TEST(secrets_of_the_environment_stay_with_the_host),
        RUNNER_TEST(what_cannot_be_is_refused_in_words),
    };

    if (!processes_can_be_held())
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
