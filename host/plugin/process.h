/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process: a program that answers calls, one JSON value a line (program.h): the host's side of its
 * process, which the files of a program share.
 *
 *   to it    {"id": 7, "action": "add", "input": {...}, "key": "..."}      {"cancel": 7}
 *   from it  {"id": 7, "emit": ...}   {"id": 7, "output": ...}
 *            {"id": 7, "error": {"code": "invalid", "text": "...", "retryable": false}}
 *
 * A program has at most one process, with a guard of its own (guard.h), started by the first call
 * and again after its end. All of it lives on one worker, its home; who calls from another hops
 * there. What it writes is not believed: what is no reply ends the process.
 *
 * program.c       its life: made, started, back-off, ended
 * program_call.c  calls to it, and how long they may take
 * program_read.c  what it writes: replies, and lines for the log
 */
#ifndef TDH_PLUGIN_PROCESS_H
#define TDH_PLUGIN_PROCESS_H

#include "base/buf.h"
#include "plugin/guard.h"
#include "plugin/internal.h"
#include "plugin/runner.h"

enum {
    TDH_PROGRAM_CALLS = 1024,        /* at once; a power of two */
    TDH_PROGRAM_CHUNKS = 256,        /* pieces of output that wait for their call; then it waits */
    TDH_PROGRAM_WAITING = 128 << 20, /* bytes that it has not read yet */
    TDH_PROGRAM_STOP_MS = 2000,      /* from a cancel to the end of that call, or of the process */
    TDH_PROGRAM_CLOSED_MS = 1000,    /* from the end of its output to its own */
    TDH_PROGRAM_LOGS = 100,          /* lines of its standard error taken in a second */
    TDH_PROGRAM_LOG_LINE = 1024,     /* longest of them; the rest of it is left out */
    TDH_PROGRAM_WORDS = 256          /* of a command or an environment */
};

/* One call under way. Made by its coroutine, which ends it, unless it has left. */
struct tdh_program_ask {
    uint64_t id;
    struct tdh_program *program;
    struct tdh_program_call *call; /* NULL: nobody waits any more */
    struct tdh_co *co;
    uint64_t begins; /* its first byte in all that is written to this process */
    json_t *chunks;  /* that wait; NULL: none */
    json_t *output;
    struct td_err why;
    bool is_done, is_ok;
    struct tdh_timer timer; /* after the cancel */
};

struct tdh_program {
    char *name; /* for messages and the log */
    char *runner_path;
    json_t *paper; /* what the guard is told */
    size_t line_bytes;
    struct tdh_worker *home; /* NULL: not known yet */
    /* of the process */
    pid_t pid;  /* the guard's; 0: there is none */
    int pid_fd; /* -1, as all of these: none */
    int in, in_far, out, err, life, report;
    struct tdh_fd_watch *pid_watch, *out_watch, *err_watch, *in_watch;
    struct tdh_buf to, from; /* what waits to be written, and what has no end of line yet */
    size_t to_done, from_seen;
    uint64_t written;                /* bytes, of this process */
    bool is_held;                    /* chunks wait, so nothing is read */
    char killed[256];                /* why the host ended it; empty: it did not */
    struct tdh_timer closed_timer;   /* it has closed its output: it is to end */
    struct tdh_guard_word failed;    /* kind FAILED when the guard said so */
    char line[TDH_PROGRAM_LOG_LINE]; /* of standard error, not ended yet */
    size_t line_length;
    char last_line[200]; /* the last whole one */
    uint64_t log_second;
    unsigned logs, logs_lost;
    /* how it went */
    unsigned ends; /* since the last finished call */
    uint64_t not_before_ns;
    struct td_err why;                               /* how the last process ended */
    struct tdh_program_ask *asks[TDH_PROGRAM_CALLS]; /* by the low bits of their number */
    unsigned ask_count;
    uint64_t next_id;
};

/* program.c */
/** Has a process. On the home worker. err TD_E_UNAVAILABLE, TD_E_CANCELLED, and why not */
TD_YIELDS int tdh_program_up(struct tdh_program *program, uint64_t until_ns, struct td_err *err);
/** Has the process end at once; the words are part of what its calls fail with. */
void tdh_program_kill(struct tdh_program *program, const char *fmt, ...) TD_PRINTF(2, 3);
/** Writes as much as the process takes. */
void tdh_program_flush(struct tdh_program *program);
/* program_call.c */
/** It is done: its coroutine is woken, or, when that has left, it is ended. */
void tdh_program_finish(struct tdh_program_ask *ask);
/** The process is gone: all calls end. */
void tdh_program_end_asks(struct tdh_program *program);
/* program_read.c */
/** Takes what the process has written. */
void tdh_program_read(struct tdh_program *program);
void tdh_program_read_log(struct tdh_program *program);
/** The call of that number, or NULL. */
struct tdh_program_ask *tdh_program_ask_of(const struct tdh_program *program, uint64_t id);

#endif
