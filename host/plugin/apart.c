/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apart: checks a plugin's folder in a child process. To open a library is to run its code, and the
 * system's loader trusts what it reads; when either ends the process, or never comes back, only the
 * child is gone, and that is told like any other fault.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/internal.h"

/* What the child tells. Less than PIPE_BUF, so it comes as one piece or not at all. */
struct answer {
    int rc;
    struct td_err err;
};

/* It does not outlive who waits for it. */
static void run_child(struct tdh_plugins *plugins, const char *folder, int fd)
{
    struct answer answer = { 0 };

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(STDERR_FILENO, STDOUT_FILENO); /* what a plugin prints is no part of the answer */
    answer.rc = tdh_plugins_check(plugins, folder, &answer.err);
    _exit(write(fd, &answer, sizeof(answer)) == (ssize_t)sizeof(answer) ? 0 : 1);
}

/* False: there is none, since the child ended or did not end. */
static bool read_answer(int fd, int limit_ms, struct answer *ret_answer, bool *ret_is_late)
{
    struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
    int ready;
    ssize_t got;

    do
        ready = poll(&poll_fd, 1, limit_ms);
    while (ready < 0 && errno == EINTR);
    *ret_is_late = ready == 0;
    if (ready <= 0)
        return false;
    do
        got = read(fd, ret_answer, sizeof(*ret_answer));
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof(*ret_answer);
}

static int fail_end(const char *folder, int status, struct td_err *err)
{
    if (WIFSIGNALED(status))
        return td_fail(err, TD_E_ABI, "plugin in \"%s\": opening it ended the process: %s", folder,
                       strsignal(WTERMSIG(status)));
    return td_fail(err, TD_E_ABI,
                   "plugin in \"%s\": opening it ended the process with exit code %d", folder,
                   WEXITSTATUS(status));
}

static int wait_for(pid_t child, const char *folder, int fd, int limit_ms, struct td_err *err)
{
    struct answer answer;
    bool is_late, is_told = read_answer(fd, limit_ms, &answer, &is_late);
    int status = 0;

    if (is_late)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (is_late)
        return td_fail(err, TD_E_ABI, "plugin in \"%s\": opening it took more than %g s", folder,
                       limit_ms / 1000.0);
    if (!is_told)
        return fail_end(folder, status, err);
    if (answer.rc != 0)
        *err = answer.err;
    return answer.rc;
}

int tdh_plugins_check_apart(struct tdh_plugins *plugins, const char *folder, int limit_ms,
                            struct td_err *err)
{
    int fds[2], rc = -1;
    pid_t child;

    if (pipe2(fds, O_CLOEXEC) != 0)
        return td_fail_sys(err, "could not make a pipe");
    fflush(NULL);
    child = fork();
    if (child == 0) {
        close(fds[0]);
        run_child(plugins, folder, fds[1]);
    }
    close(fds[1]);
    if (child > 0)
        rc = wait_for(child, folder, fds[0], limit_ms, err);
    else
        td_fail_sys(err, "could not start a process");
    close(fds[0]);
    return rc;
}
