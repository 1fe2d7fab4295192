/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guard: the process between tdev and a program that it runs: tdev-runner, told to be a guard.
 *
 * guard.c      starts the program, waits, and ends all that it has started
 * guard_run.c  what the program gives up before it is run
 * guard_end.c  finds and ends every descendant
 * denied.c     which system calls it may not make
 *
 * The program's descriptors 0, 1 and 2 are the host's pipes. The guard has the life line: while
 * that is open the program may live; a byte ends it at once, its end gives it TDH_GUARD_GRACE_MS.
 */
#ifndef TDH_PLUGIN_GUARD_H
#define TDH_PLUGIN_GUARD_H

#include <jansson.h>
#include <stdint.h>
#include <sys/types.h>
#include <tdev/err.h>

enum { TDH_GUARD_GRACE_MS = 300 };

/* What the guard tells the host, each in one write. */
enum tdh_guard_kind {
    TDH_GUARD_STARTED, /* value: what could not be confined, TDH_LACKS_... */
    TDH_GUARD_FAILED,  /* code and text: why it was not started */
    TDH_GUARD_EXITED,  /* value: its exit code */
    TDH_GUARD_KILLED   /* value: the signal */
};
struct tdh_guard_word {
    uint32_t kind, code;
    int32_t value;
    char text[TD_ERR_TEXT];
};

/** All of a guard: `paper` is what the host has written. Returns the exit code of the process. */
int tdh_guard_main(const json_t *paper);

/* guard_run.c */
/** In a new process: confines itself and becomes the program. Returns only when that fails, or
 * tells `lacks` before the last step. told: descriptor for that. */
void tdh_guard_run(const json_t *paper, pid_t guard, int told);
/* guard_end.c */
/** Ends every descendant of this process and waits until none is left. */
void tdh_guard_end_all(void);
/* denied.c */
/** From now on this process, and what it starts, may not make certain system calls.
 * err TD_E_UNSUPPORTED */
int tdh_deny_calls(const json_t *permissions, pid_t guard, pid_t host, struct td_err *err);

#endif
