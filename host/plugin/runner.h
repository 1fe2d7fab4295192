/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner: the host's side of a plugin that runs in a process of its own (`isolation: process`).
 *
 * A runner belongs to one plugin and has at most one process, started by the first call and again
 * after a crash. All of it lives on one worker, its home; who calls from another hops there.
 *
 * runner.c       its life: up, down, back-off, given up
 * runner_start.c a process is started, and answers
 * runner_end.c   how a process ended, in words
 * runner_call.c  requests to it, and how long they may take
 * runner_serve.c what it asks for within a request
 * status.c       what became of it, for who looks from outside
 * proxy.c        the plugin as the host sees it: a descriptor whose functions send requests
 * proxy_state.c  requests about the state of an instance
 */
#ifndef TDH_PLUGIN_RUNNER_H
#define TDH_PLUGIN_RUNNER_H

#include "plugin/internal.h"
#include "plugin/link.h"
#include "runtime/runtime.h"

enum {
    TDH_RUNNER_CALLS = 1024,           /* most requests under way; a power of two */
    TDH_RUNNER_START_MS = 20000,       /* from start to READY */
    TDH_RUNNER_STOP_MS = 2000,         /* from CANCEL, or END, to the end of it */
    TDH_RUNNER_WAIT_MS = 1000,         /* longest back-off that a call waits for */
    TDH_RUNNER_BACKOFF_MS = 50,        /* the first; then twice as long each */
    TDH_RUNNER_BACKOFF_MAX_MS = 30000, /* and never longer */
    TDH_RUNNER_TAIL = 4096,            /* bytes of its standard error that are kept */
    TDH_RUNNER_LOGS = 500              /* log lines taken of it in a second */
};

/* Descriptors of the process, from 3 on; 0 and 1 are /dev/null, 2 is read by the host. */
enum { TDH_FD_LINK = 3, TDH_FD_PAPER, TDH_FD_WAKE_IN, TDH_FD_WAKE_OUT, TDH_FD_COUNT };

/* One coroutine at a time; zeroed is free. Of one worker. */
struct tdh_turn {
    bool is_taken;
    struct tdh_turn_wait *first;
};
/** err TD_E_CANCELLED, TD_E_TIMEOUT */
TD_YIELDS int tdh_turn_take(struct tdh_turn *turn, uint64_t until_ns, struct td_err *err);
void tdh_turn_give(struct tdh_turn *turn);

enum tdh_runner_state { TDH_RUNNER_DOWN, TDH_RUNNER_UP, TDH_RUNNER_GIVEN_UP };

/* One request under way; on the stack of the coroutine that waits for it. */
struct tdh_request {
    uint64_t id;
    struct tdh_runner *runner;
    struct tdh_co *co;
    const char *what; /* for messages: `action "x"` */
    struct tdh_frame *ask, *done;
    struct tdh_timer timer; /* after CANCEL: how long it may still take */
    enum td_code told;      /* why it was told to stop; TD_OK: it was not */
    bool is_gone;           /* the process is; runner->why says how */
    bool is_waiting;        /* for one of these, not for something it does meanwhile */
};

struct tdh_runner {
    const struct tdh_plugin *plugin;
    char *program, *data_dir, *private_dir;
    bool is_strict; /* a process that cannot be confined as a whole is refused */
    unsigned processes_max, crashes_max;
    struct tdh_worker *home;
    enum tdh_runner_state state;
    uint64_t generation; /* of the process, from 1; 0: there is none */
    uint64_t generations;
    struct tdh_turn starting;
    /* of the process */
    pid_t pid;
    int pid_fd, wake_in, wake_out, wake_out_far, err_fd; /* -1: none */
    struct tdh_link link;
    struct tdh_link_shared *shared;
    struct tdh_fd_watch *in_watch, *pid_watch, *err_watch;
    struct tdh_lookout lookout;
    struct tdh_task again; /* more frames are there than are taken at once */
    bool is_again;
    char tail[TDH_RUNNER_TAIL];
    size_t tail_length;
    char killed[256]; /* why the host ended it; empty: it did not */
    uint64_t log_second;
    unsigned logs, logs_lost;
    /* how it went */
    unsigned crashes; /* since the last finished call */
    uint64_t restarts;
    uint64_t not_before_ns;
    struct td_err why; /* how the last process ended */
    /* requests, by the low bits of their number */
    struct tdh_request *requests[TDH_RUNNER_CALLS];
    unsigned request_count;
    uint64_t request_serial;
    uint64_t next_subject; /* number of a template or an instance */
};

/* --- runner.c --- */
/** new. Starts nothing. The plugin is borrowed: the runner is its own. */
struct tdh_runner *tdh_runner_new(const struct tdh_gate *gate, const struct tdh_plugin *plugin,
                                  struct td_err *err);
/** Ends the process, if there is one. */
void tdh_runner_free(struct tdh_runner *runner);
/** Ends the process and waits, a bounded time, until it has; then the runner may be used anew, also
 * in another runtime. On the home worker, or when its runtime has ended. */
void tdh_runner_stop(struct tdh_runner *runner);
/** One that was given up may be started again. */
void tdh_runner_revive(struct tdh_runner *runner);
/** Has the process up. On the home worker. err TD_E_UNAVAILABLE, and what start says. */
TD_YIELDS int tdh_runner_up(struct tdh_runner *runner, uint64_t until_ns, struct td_err *err);
/** Starts the process, without a runtime, so that the library passes its gates there; and ends it.
 */
int tdh_runner_try(struct tdh_runner *runner, struct td_err *err);
/** Has the process end at once; the words come in front of what each request says. */
void tdh_runner_kill(struct tdh_runner *runner, const char *fmt, ...) TD_PRINTF(2, 3);

/* --- runner_start.c --- */
/** A process whose library is open. err: why not, as loading inline says it. */
TD_YIELDS int tdh_runner_start(struct tdh_runner *runner, struct td_err *err);
/** Closes what belongs to the process, which has ended. */
void tdh_runner_close(struct tdh_runner *runner);

/* --- runner_end.c --- */
/** Reads what the process writes to its standard error: into the log, and into the tail. */
void tdh_runner_read_tail(struct tdh_runner *runner);
/** Waits for the process, which has ended or was killed, and says in runner->why how it did. */
void tdh_runner_reap(struct tdh_runner *runner);

/* --- runner_call.c --- */
/**
 * Sends a request and waits for its end, doing meanwhile what it asks for.
 *
 * ctx         in which services are done
 * until_ns    when it is told to stop; TDH_NEVER
 * what        of the request, for messages
 * ret_is_gone on failure: the process ended in the middle
 * ret_done    new: the frame, with rc 0
 */
TD_YIELDS int tdh_runner_request(struct tdh_runner *runner, const struct tdh_frame_head *head,
                                 const struct tdh_buf *payload, struct tdh_ctx *ctx,
                                 uint64_t until_ns, const char *what, bool *ret_is_gone,
                                 struct tdh_frame **ret_done, struct td_err *err);
/** May another line of the process go into the log? Counts it. */
bool tdh_runner_may_log(struct tdh_runner *runner);
/** Takes the frames that have come. */
void tdh_runner_drain(struct tdh_runner *runner);
/** The process is gone: all requests end. */
void tdh_runner_end_requests(struct tdh_runner *runner);

/* --- runner_serve.c --- */
/** Does what is asked for and answers. */
TD_YIELDS void tdh_runner_serve(const struct tdh_request *request, const struct tdh_frame *ask,
                                struct tdh_ctx *ctx);

/* --- status.c --- */
/** Leaves word of the state that the runner is in. */
void tdh_runner_tell(const struct tdh_runner *runner);
/** There is nothing to be told any more. */
void tdh_runner_untell(const struct tdh_runner *runner);

/* --- proxy.c --- */
/** Fills the descriptor, actions and bindings of a plugin that has a runner. */
int tdh_proxy_fill(struct tdh_plugin *plugin, struct td_err *err);
void tdh_proxy_free(struct tdh_plugin *plugin);
/** proxy_state.c: tdh_state_save and its kind for such a plugin. */
TD_YIELDS int tdh_proxy_save(struct tdh_ctx *ctx, json_t **ret_saved, struct td_err *err);
TD_YIELDS int tdh_proxy_load(struct tdh_ctx *ctx, const json_t *saved, struct td_err *err);
TD_YIELDS int tdh_proxy_migrate(struct tdh_ctx *ctx, uint32_t from, uint32_t to,
                                const json_t *saved, json_t **ret_saved, json_t **ret_path,
                                struct td_err *err);
TD_YIELDS int tdh_proxy_wake(struct tdh_ctx *ctx, struct td_err *err);
/** tdh_plugin_bind for such a plugin, its options checked. */
int tdh_proxy_bind(const json_t *options, void *state, void **ret_block, struct td_err *err);

#endif
