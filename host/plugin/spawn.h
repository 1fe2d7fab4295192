/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spawn: starting tdev-runner, for whatever it is to run. Any thread.
 */
#ifndef TDH_PLUGIN_SPAWN_H
#define TDH_PLUGIN_SPAWN_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>
#include <tdev/err.h>

/** Moves a descriptor out of the way of the numbers that a process's descriptors get; the old one
 * is closed. Returns 0, or -1 with *fd -1 and errno. */
int tdh_fd_raise(int *fd);
/** A pipe. near: the host's end, which never blocks; far: the process's. Both are raised, also
 * set after a failure as far as they are there. */
int tdh_pipe_make(int *near, int *far, bool is_far_reader, struct td_err *err);
/** What the process is told: a value in sealed memory. paper: borrow; NULL: no memory. */
int tdh_paper_make(const json_t *paper, int *ret_fd, struct td_err *err);
/**
 * Starts the program in a session of its own, with fds[i] as its descriptor i.
 *
 * ret_pid_fd  readable when it has ended; close() it
 */
int tdh_spawn(const char *program, char *const arguments[], char *const environment[],
              const int *fds, int count, pid_t *ret_pid, int *ret_pid_fd, struct td_err *err);

#endif
