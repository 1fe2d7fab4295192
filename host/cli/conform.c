/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform: the kit a plugin's author runs, `tdev plugin conform`.
 *
 * The rules run in a child process (conform_run.c) that tells each one before it tries it and
 * after; here they are printed. So a plugin that ends the process, or never comes back, is a broken
 * rule like any other.
 */
#include "cli/conform.h"

#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/cli.h"

enum { RULE_MS_MAX = 60000, TREE_DEPTH = 16 };

struct report {
    const struct tdh_args *args;
    json_t *rules;  /* of those that were tried */
    char rule[256]; /* the one that is being tried; empty: none */
    size_t broken;
    bool is_complete; /* the child came to its end */
};

/* --- telling --- */

static void add_rule(struct report *report, json_t *rule)
{
    const json_t *ok = json_object_get(rule, "ok");
    const char *name = tdh_json_str(rule, "rule", ""), *hint = tdh_json_str(rule, "hint", NULL);

    report->broken += json_is_false(ok);
    if (!report->args->is_json && ok == NULL)
        printf("-       %s\n", name);
    else if (!report->args->is_json && json_is_true(ok))
        printf("ok      %s\n", name);
    else if (!report->args->is_json)
        printf("not ok  %s\n        %s\n", name, tdh_json_str(rule, "why", ""));
    if (!report->args->is_json && hint != NULL)
        printf("        %s\n", hint);
    fflush(stdout);
    json_array_append_new(report->rules, rule);
}

/* The child went away, or was made to, while it tried a rule. */
static void add_end(struct report *report, const char *why)
{
    add_rule(report,
             json_pack("{s:s, s:b, s:s}", "rule",
                       report->rule[0] != '\0' ? report->rule : "the plugin lets the suite end",
                       "ok", 0, "why", why));
}

/* --- listening --- */

static void take_line(struct report *report, const char *line, size_t length)
{
    struct td_err ignored;
    json_t *told = tdh_json_parse(line, length, "rule", &ignored);
    const char *begun = tdh_json_str(told, "begin", NULL);

    if (told == NULL)
        return;
    if (begun != NULL || json_object_get(told, "end") != NULL) {
        report->is_complete = begun == NULL;
        snprintf(report->rule, sizeof(report->rule), "%s", begun != NULL ? begun : "");
        json_decref(told);
        return;
    }
    report->rule[0] = '\0';
    add_rule(report, told);
}

/* Waits for more from the child. Returns the bytes, 0 at its end, -1 when it took too long. */
static ssize_t read_more(int fd, struct tdh_buf *buf)
{
    struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
    char *room = tdh_buf_room(buf, 4096);
    ssize_t got;
    int ready;

    do
        ready = poll(&poll_fd, 1, RULE_MS_MAX);
    while (ready < 0 && errno == EINTR);
    if (ready == 0)
        return -1;
    do
        got = room != NULL ? read(fd, room, 4096) : 0;
    while (got < 0 && errno == EINTR);
    if (got > 0)
        tdh_buf_end(buf, room + got);
    return got > 0 ? got : 0;
}

/* Takes all lines until the child's end. Returns false when it had to be given up. */
static bool listen_to(struct report *report, int fd)
{
    struct tdh_buf buf = { 0 };
    ssize_t got;

    while ((got = read_more(fd, &buf)) > 0) {
        size_t used = 0;
        const char *end;

        while ((end = memchr(buf.data + used, '\n', buf.length - used)) != NULL) {
            take_line(report, buf.data + used, (size_t)(end - buf.data) - used);
            used = (size_t)(end - buf.data) + 1;
        }
        memmove(buf.data, buf.data + used, buf.length - used + 1);
        buf.length -= used;
    }
    tdh_buf_free(&buf);
    return got == 0;
}

/* --- the child --- */

static int run_child(const struct tdh_args *args, const char *folder, const char *temp, int fd)
{
    struct tdh_conform conform = { .args = args, .temp = temp, .fd = fd };

    return tdh_conform_run(&conform, folder);
}

static void take_end(struct report *report, int status)
{
    char why[128];

    if (WIFSIGNALED(status))
        snprintf(why, sizeof(why), "the plugin ended the process: %s", strsignal(WTERMSIG(status)));
    else
        snprintf(why, sizeof(why), "the plugin ended the process with exit code %d",
                 WEXITSTATUS(status));
    if (!report->is_complete || WIFSIGNALED(status))
        add_end(report, why);
}

static int try_folder(struct report *report, const char *folder, const char *temp,
                      struct td_err *err)
{
    int fds[2], status = 0;
    pid_t child;

    if (pipe(fds) != 0)
        return td_fail_sys(err, "could not make a pipe");
    fflush(NULL);
    child = fork();
    if (child == 0) {
        close(fds[0]);
        dup2(STDERR_FILENO, STDOUT_FILENO); /* what a plugin prints is no part of the report */
        _exit(run_child(report->args, folder, temp, fds[1]));
    }
    close(fds[1]);
    if (child < 0) {
        close(fds[0]);
        return td_fail_sys(err, "could not start a process");
    }
    if (!listen_to(report, fds[0])) {
        kill(child, SIGKILL);
        add_end(report, "no answer within a minute");
        report->rule[0] = '\0';
        waitpid(child, &status, 0);
    } else if (waitpid(child, &status, 0) == child) {
        take_end(report, status);
    }
    close(fds[0]);
    return 0;
}

/* --- the verb --- */

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    remove(path); /* what cannot be taken away stays, the rest goes */
    return 0;
}

static int try_all(struct report *report, struct td_err *err)
{
    const char *tmp = getenv("TMPDIR");
    char folder[PATH_MAX], temp[PATH_MAX];
    int rc;

    if (realpath(report->args->words[0], folder) == NULL)
        return td_fail(err, TD_E_NOTFOUND, "could not resolve folder \"%s\": %s",
                       report->args->words[0], strerror(errno));
    if (snprintf(temp, sizeof(temp), "%s/tdev-conform-XXXXXX",
                 tmp != NULL && tmp[0] == '/' ? tmp : "/tmp") >= PATH_MAX ||
        mkdtemp(temp) == NULL)
        return td_fail_sys(err, "could not make a folder for the try");
    rc = try_folder(report, folder, temp, err);
    nftw(temp, remove_one, TREE_DEPTH, FTW_DEPTH | FTW_PHYS);
    return rc;
}

int tdh_verb_plugin_conform(const struct tdh_args *args)
{
    struct report report = { .args = args, .rules = json_array() };
    struct td_err err;
    size_t count;

    if (report.rules == NULL || try_all(&report, &err) != 0) {
        json_decref(report.rules);
        return tdh_cli_fail(args, &err);
    }
    count = json_array_size(report.rules);
    if (args->is_json)
        tdh_cli_print(json_pack("{s:s, s:b, s:o}", "folder", args->words[0], "conforms",
                                report.broken == 0, "rules", report.rules));
    else if (report.broken == 0)
        printf("\n%s keeps all rules\n", args->words[0]);
    else
        printf("\n%s breaks %zu of %zu rules\n", args->words[0], report.broken, count);
    if (!args->is_json)
        json_decref(report.rules);
    return report.broken == 0 ? TDH_EXIT_DONE : TDH_EXIT_REFUSED;
}
