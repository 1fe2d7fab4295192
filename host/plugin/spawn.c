/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spawn: starts tdev-runner with the descriptors it is to have, and no others.
 */
#include "plugin/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"

enum { HIGH_FD = 32 };

int tdh_fd_raise(int *fd)
{
    int high = *fd >= 0 ? fcntl(*fd, F_DUPFD_CLOEXEC, HIGH_FD) : -1;

    if (*fd >= 0)
        close(*fd);
    *fd = high;
    return high >= 0 ? 0 : -1;
}

int tdh_pipe_make(int *near, int *far, bool is_far_reader, struct td_err *err)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0)
        return td_fail_sys(err, "could not make a pipe to its process");
    *near = fds[is_far_reader ? 1 : 0];
    *far = fds[is_far_reader ? 0 : 1];
    if (tdh_fd_raise(near) == 0 && tdh_fd_raise(far) == 0 && fcntl(*near, F_SETFL, O_NONBLOCK) == 0)
        return 0;
    return td_fail_sys(err, "could not make a pipe to its process");
}

int tdh_paper_make(const json_t *paper, int *ret_fd, struct td_err *err)
{
    struct tdh_buf text = { 0 };
    int rc = -1;

    tdh_buf_json(&text, paper, 0);
    *ret_fd = memfd_create("tdev-paper", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (paper == NULL || text.failed)
        td_fail(err, TD_E_NOMEM, "could not allocate what its process is told");
    else if (*ret_fd < 0 || write(*ret_fd, text.data, text.length) != (ssize_t)text.length ||
             fcntl(*ret_fd, F_ADD_SEALS,
                   F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0 ||
             tdh_fd_raise(ret_fd) != 0)
        td_fail_sys(err, "could not write what its process is told");
    else
        rc = 0;
    tdh_buf_free(&text);
    return rc;
}

/* --- the process --- */

static int add_descriptors(posix_spawn_file_actions_t *actions, const int *fds, int count)
{
    int rc = 0;

    for (int i = 0; rc == 0 && i < count; i++)
        rc = posix_spawn_file_actions_adddup2(actions, fds[i], i);
    return rc;
}

/* A session of its own: what is pressed at the terminal is the host's. */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                    POSIX_SPAWN_SETSID);
}

static int open_pid(pid_t pid, int *ret_pid_fd, struct td_err *err)
{
    *ret_pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (*ret_pid_fd >= 0)
        return 0;
    td_fail_sys(err, "could not get hold of its process");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return td_hint(err, "isolation takes Linux 5.4 or newer");
}

int tdh_spawn(const char *program, char *const arguments[], char *const environment[],
              const int *fds, int count, pid_t *ret_pid, int *ret_pid_fd, struct td_err *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t pid;
    int rc;

    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    rc = add_descriptors(&actions, fds, count);
    if (rc == 0)
        rc = set_attributes(&attributes);
    if (rc == 0)
        rc = posix_spawn(&pid, program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (rc != 0) {
        errno = rc;
        td_fail_sys(err, "could not start \"%s\"", program);
        return td_hint(err, "tdev-runner is part of tdev: install it again");
    }
    if (open_pid(pid, ret_pid_fd, err) != 0)
        return -1;
    *ret_pid = pid;
    return 0;
}
