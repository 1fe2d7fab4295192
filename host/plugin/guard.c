/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guard: starts a program, waits for its end or the host's word, and ends all that it has started.
 *
 * Descendants of the program whose parents have ended become children of the guard, whatever
 * sessions and groups they have made, so none gets away. The guard opens nothing that the program
 * wrote, and believes nothing of it.
 */
#include "plugin/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/inmate.h"

enum { LIFE_LINE = TDH_FD_WAKE_IN, REPORT = TDH_FD_WAKE_OUT };

struct guard {
    pid_t program;
    int children; /* readable when one has ended */
    bool is_over;
    struct tdh_guard_word end;
};

static void tell(const struct tdh_guard_word *word)
{
    ssize_t wrote;

    do
        wrote = write(REPORT, word, sizeof(*word));
    while (wrote < 0 && errno == EINTR);
}

static int fail(const struct td_err *err)
{
    struct tdh_guard_word word = { .kind = TDH_GUARD_FAILED, .code = err->code };

    snprintf(word.text, sizeof(word.text), "%s", err->text);
    tell(&word);
    return 1;
}

/* --- the program --- */

/* The child tells by its pipe: a word when it failed or could not be confined, nothing more when
 * it was run. */
static void pass_on(int told)
{
    struct tdh_guard_word word;
    ssize_t got;

    do
        got = read(told, &word, sizeof(word));
    while ((got < 0 && errno == EINTR) || (got == sizeof(word) && (tell(&word), true)));
    close(told);
}

static int start(struct guard *guard, const json_t *paper, struct td_err *err)
{
    pid_t self = getpid();
    int told[2];

    if (pipe2(told, O_CLOEXEC) != 0)
        return td_fail_sys(err, "could not make a pipe to the program");
    guard->program = fork();
    if (guard->program == 0) {
        close(told[0]);
        tdh_guard_run(paper, self, told[1]);
        _exit(127);
    }
    close(told[1]);
    if (guard->program < 0) {
        close(told[0]);
        return td_fail_sys(err, "could not start a process");
    }
    for (int fd = 0; fd <= 2; fd++) /* theirs alone: when they close them the host sees it */
        close(fd);
    pass_on(told[0]);
    return 0;
}

/* --- waiting --- */

static void note_end(struct guard *guard, int status)
{
    guard->is_over = true;
    guard->end.kind = WIFSIGNALED(status) ? TDH_GUARD_KILLED : TDH_GUARD_EXITED;
    guard->end.value = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

/* Also of those that the program has left behind. */
static void reap(struct guard *guard)
{
    struct signalfd_siginfo info;
    int status;
    pid_t pid;

    while (read(guard->children, &info, sizeof(info)) == sizeof(info))
        ;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (pid == guard->program)
            note_end(guard, status);
}

/* Until the program has ended, or the host wants it to. Returns what the life line says: 0 nothing,
 * 1 it has ended, 2 at once. */
static int watch(struct guard *guard, int timeout_ms)
{
    struct pollfd fds[] = { { .fd = LIFE_LINE, .events = POLLIN },
                            { .fd = guard->children, .events = POLLIN } };
    char byte;

    if (timeout_ms >= 0)
        fds[0].fd = -1;
    while (!guard->is_over) {
        int ready = poll(fds, 2, timeout_ms);

        if (ready == 0)
            return 0;
        reap(guard);
        if (fds[0].fd >= 0 && fds[0].revents != 0)
            return read(LIFE_LINE, &byte, 1) == 1 ? 2 : 1;
    }
    return 0;
}

static int open_children(struct guard *guard, struct td_err *err)
{
    sigset_t children;

    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, NULL);
    guard->children = signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC);
    return guard->children >= 0 ? 0 : td_fail_sys(err, "could not wait for the program");
}

int tdh_guard_main(const json_t *paper)
{
    struct guard guard = { .children = -1 };
    struct td_err err;

    syscall(SYS_close_range, TDH_FD_COUNT, ~0U, 0);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        td_fail_sys(&err, "could not become the guard of the program");
        return fail(&err);
    }
    if (open_children(&guard, &err) != 0 || start(&guard, paper, &err) != 0)
        return fail(&err);
    if (watch(&guard, -1) == 1)
        watch(&guard, TDH_GUARD_GRACE_MS);
    tdh_guard_end_all();
    tell(&guard.end);
    return 0;
}
