/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program: running a program that answers calls. A part of plugin.h, which includes it; what its
 * files share is in process.h.
 */
#ifndef TDH_PLUGIN_PROGRAM_H
#define TDH_PLUGIN_PROGRAM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <tdev/ctx.h>
#include <tdev/err.h>

struct tdh_plugins;

/*
 * A program that answers calls, one JSON value a line, confined as its permissions say (docs/
 * bridges.md). It has a process from the first call on. Of one worker: that on which it is made,
 * or, made elsewhere, of the first call.
 */
struct tdh_program;
struct tdh_program_options {
    const char *name;               /* for messages and the log */
    const char *const *command;     /* the first an absolute path; ends with NULL */
    const char *const *environment; /* all it has, NAME=VALUE; ends with NULL; may be NULL */
    const char *folder;             /* that it is in; NULL: "/" */
    const json_t *permissions;      /* files, network */
    int64_t memory_bytes;           /* of each of its processes; 0: 1 GiB */
    int64_t line_bytes;             /* longest line it may write; 0: 16 MiB */
};
struct tdh_program_call {
    const char *action;
    const json_t *input;
    const char *key;      /* NULL: none */
    uint64_t deadline_ns; /* 0 or TDH_NEVER: none */
    bool is_external;     /* when it is cut off, nobody knows whether it was done */
    /* A piece of the output, in the coroutine of the call at the program's home. */
    int (*emit)(void *arg, const json_t *chunk, struct td_err *err);
    void *emit_arg;
    json_t *output; /* new, on success */
};
/** new; starts nothing. Options are copied. err TD_E_INVAL, TD_E_UNSUPPORTED */
struct tdh_program *tdh_program_new(const struct tdh_plugins *plugins,
                                    const struct tdh_program_options *options, struct td_err *err);
/** Ends it, and waits until all it has started has ended: they have 0.3 s to do so themselves. On
 * its worker, or when the runtime has ended; no call is under way. */
void tdh_program_free(struct tdh_program *program);
/** err: what it says; TD_E_UNAVAILABLE: it ended; TD_E_DOUBT: the same, of an external one;
 * TD_E_TIMEOUT, TD_E_CANCELLED, TD_E_LIMIT */
TD_YIELDS int tdh_program_call(struct tdh_program *program, struct tdh_program_call *call,
                               struct td_err *err);

#endif
