/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner: the life of a plugin's process: up, down, back-off, given up.
 *
 * A crash that follows a finished call is followed by a new process at once; each further one
 * without a finished call between doubles the wait. After a number of them that is configured it
 * stays down until somebody asks for it (tdh_plugins_revive).
 */
#include "plugin/runner.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

static atomic_uint processes; /* of all runners */

static const char *name_of(const struct tdh_runner *runner)
{
    return runner->plugin->manifest->name;
}

void tdh_runner_kill(struct tdh_runner *runner, const char *fmt, ...)
{
    va_list ap;

    if (runner->pid_fd < 0)
        return;
    if (runner->killed[0] == '\0') {
        va_start(ap, fmt);
        vsnprintf(runner->killed, sizeof(runner->killed), fmt, ap);
        va_end(ap);
    }
    syscall(SYS_pidfd_send_signal, runner->pid_fd, SIGKILL, NULL, 0);
}

/* --- going down --- */

/* How long until the next start, after so many crashes in a row. */
static uint64_t backoff_ms(unsigned crashes)
{
    uint64_t ms = TDH_RUNNER_BACKOFF_MS;

    if (crashes <= 1)
        return 0;
    for (unsigned i = 2; i < crashes && ms < TDH_RUNNER_BACKOFF_MAX_MS; i++)
        ms *= 2;
    return ms < TDH_RUNNER_BACKOFF_MAX_MS ? ms : TDH_RUNNER_BACKOFF_MAX_MS;
}

static void count_crash(struct tdh_runner *runner)
{
    runner->crashes++;
    runner->not_before_ns = tdh_clock_mono_ns() + backoff_ms(runner->crashes) * 1000000;
    runner->state = runner->crashes >= runner->crashes_max ? TDH_RUNNER_GIVEN_UP : TDH_RUNNER_DOWN;
    tdh_log_err(TDH_LOG_WARNING, "plugin", &runner->why);
    tdh_runner_tell(runner);
    if (runner->state == TDH_RUNNER_GIVEN_UP)
        tdh_log(TDH_LOG_ERROR, "plugin", TDH_FACTS(TDH_S("plugin", name_of(runner))),
                "ended %u times in a row before a call was done, and is not started any more",
                runner->crashes);
}

static void drop_watches(struct tdh_runner *runner)
{
    tdh_fd_watch_free(runner->in_watch);
    tdh_fd_watch_free(runner->pid_watch);
    tdh_fd_watch_free(runner->err_watch);
    runner->in_watch = runner->pid_watch = runner->err_watch = NULL;
    tdh_lookout_remove(&runner->lookout);
}

/* The process is no more. */
static void go_down(struct tdh_runner *runner)
{
    drop_watches(runner);
    tdh_runner_close(runner);
    runner->generation = 0;
    atomic_fetch_sub(&processes, 1);
}

static void on_death(void *arg)
{
    struct tdh_runner *runner = arg;

    tdh_runner_drain(runner); /* what it has said before stands */
    tdh_runner_reap(runner);
    go_down(runner);
    count_crash(runner);
    tdh_runner_end_requests(runner);
}

/* --- coming up --- */

static void on_wake(void *arg)
{
    struct tdh_runner *runner = arg;
    char bytes[64];
    ssize_t got;

    do
        got = read(runner->wake_in, bytes, sizeof(bytes));
    while (got == sizeof(bytes) || (got < 0 && errno == EINTR));
    tdh_runner_drain(runner);
    if (got == 0) { /* it has closed its end: it has ended, or is to */
        tdh_fd_watch_free(runner->in_watch);
        runner->in_watch = NULL;
        syscall(SYS_pidfd_send_signal, runner->pid_fd, SIGKILL, NULL, 0);
    }
}

static void on_stderr(void *arg)
{
    struct tdh_runner *runner = arg;
    struct pollfd poll_fd = { .fd = runner->err_fd, .events = POLLIN };

    tdh_runner_read_tail(runner);
    if (poll(&poll_fd, 1, 0) == 1 && !(poll_fd.revents & POLLIN)) {
        tdh_fd_watch_free(runner->err_watch); /* closed */
        runner->err_watch = NULL;
    }
}

static bool look(struct tdh_lookout *lookout, bool is_last)
{
    struct tdh_runner *runner =
        (struct tdh_runner *)((char *)lookout - offsetof(struct tdh_runner, lookout));

    if (!tdh_link_await(&runner->link, is_last))
        return false;
    tdh_runner_drain(runner);
    return true;
}

static int set_watches(struct tdh_runner *runner, struct td_err *err)
{
    runner->in_watch = tdh_fd_watch_new(runner->wake_in, on_wake, runner, err);
    runner->pid_watch = tdh_fd_watch_new(runner->pid_fd, on_death, runner, err);
    runner->err_watch = tdh_fd_watch_new(runner->err_fd, on_stderr, runner, err);
    if (runner->in_watch == NULL || runner->pid_watch == NULL || runner->err_watch == NULL)
        return -1;
    runner->lookout = (struct tdh_lookout){ .look = look };
    tdh_lookout_add(&runner->lookout);
    tdh_runner_drain(runner); /* from here on the process wakes this worker */
    return 0;
}

static int start(struct tdh_runner *runner, struct td_err *err)
{
    if (atomic_fetch_add(&processes, 1) >= runner->processes_max) {
        atomic_fetch_sub(&processes, 1);
        td_fail(err, TD_E_LIMIT, "plugin \"%s\": %u processes of plugins run already",
                name_of(runner), runner->processes_max);
        return td_hint(err, "raise plugins.processes");
    }
    if (tdh_runner_start(runner, err) != 0) {
        atomic_fetch_sub(&processes, 1);
        runner->why = *err;
        if (err->code != TD_E_CANCELLED)
            count_crash(runner);
        return -1;
    }
    if (set_watches(runner, err) != 0) {
        tdh_runner_kill(runner, "the host has no memory");
        tdh_runner_reap(runner);
        go_down(runner);
        return -1;
    }
    runner->restarts += runner->generations > 0;
    runner->generation = ++runner->generations;
    runner->state = TDH_RUNNER_UP;
    tdh_runner_tell(runner);
    tdh_log(TDH_LOG_INFO, "plugin",
            TDH_FACTS(TDH_S("plugin", name_of(runner)), TDH_I("process", runner->pid)),
            "runs in a process of its own");
    return 0;
}

static int fail_given_up(const struct tdh_runner *runner, struct td_err *err)
{
    *err = runner->why;
    td_context(err, "not started any more after %u ends in a row, the last one", runner->crashes);
    err->is_retryable = false;
    return td_hint(err, "mend the plugin; a new tdev, or SIGHUP to tdevd, starts it again");
}

static int fail_backoff(const struct tdh_runner *runner, uint64_t wait_ns, struct td_err *err)
{
    *err = runner->why;
    td_context(err, "started again in %llu ms after %u ends in a row, the last one",
               (unsigned long long)(wait_ns / 1000000), runner->crashes);
    err->code = TD_E_UNAVAILABLE;
    err->is_retryable = true;
    err->retry_after_ms = (uint32_t)(wait_ns / 1000000) + 1;
    return -1;
}

/* A short back-off is waited for. */
static int wait_backoff(const struct tdh_runner *runner, uint64_t until_ns, struct td_err *err)
{
    uint64_t now_ns;

    while ((now_ns = tdh_clock_mono_ns()) < runner->not_before_ns) {
        if (runner->not_before_ns - now_ns > TDH_RUNNER_WAIT_MS * UINT64_C(1000000) ||
            runner->not_before_ns > until_ns)
            return fail_backoff(runner, runner->not_before_ns - now_ns, err);
        if (tdh_co_wait(runner->not_before_ns) == TDH_WAIT_CANCELLED)
            return td_fail(err, TD_E_CANCELLED, "the call was cancelled");
    }
    return 0;
}

static int bring_up(struct tdh_runner *runner, uint64_t until_ns, struct td_err *err)
{
    if (runner->state == TDH_RUNNER_UP)
        return 0;
    if (runner->state == TDH_RUNNER_GIVEN_UP)
        return fail_given_up(runner, err);
    if (wait_backoff(runner, until_ns, err) != 0)
        return -1;
    return start(runner, err);
}

int tdh_runner_up(struct tdh_runner *runner, uint64_t until_ns, struct td_err *err)
{
    int rc;

    if (runner->state == TDH_RUNNER_UP)
        return 0;
    if (runner->home == NULL)
        runner->home = tdh_worker_self();
    if (tdh_turn_take(&runner->starting, until_ns, err) != 0)
        return -1;
    rc = bring_up(runner, until_ns, err);
    tdh_turn_give(&runner->starting);
    return rc;
}

void tdh_runner_revive(struct tdh_runner *runner)
{
    if (runner->state != TDH_RUNNER_GIVEN_UP)
        return;
    runner->state = TDH_RUNNER_DOWN;
    runner->crashes = 0;
    runner->not_before_ns = 0;
}

int tdh_runner_try(struct tdh_runner *runner, struct td_err *err)
{
    int rc = tdh_runner_start(runner, err);

    if (rc == 0) {
        tdh_runner_kill(runner, "it was only tried");
        tdh_runner_reap(runner);
        tdh_runner_close(runner);
    }
    return rc;
}

bool tdh_has_call_lists(void)
{
#ifdef HAVE_SECCOMP
    return true;
#else
    return false;
#endif
}

/* --- the end --- */

/* It drops what it holds and ends; when it does not, it is ended. */
static void end_process(struct tdh_runner *runner)
{
    const struct tdh_frame_head end = { .kind = TDH_FRAME_END };
    struct pollfd poll_fd = { .fd = runner->pid_fd, .events = POLLIN };
    uint64_t until_ns = tdh_clock_mono_ns() + TDH_RUNNER_STOP_MS * UINT64_C(1000000);
    struct td_err ignored;

    tdh_link_send(&runner->link, &end, NULL, 0, &ignored);
    while (poll_fd.revents == 0 && tdh_clock_mono_ns() < until_ns) {
        tdh_link_flush(&runner->link);
        tdh_runner_drain(runner);
        poll(&poll_fd, 1, 1);
    }
    tdh_runner_drain(runner);
    if (poll_fd.revents == 0)
        tdh_runner_kill(runner, "it did not end in time");
    tdh_runner_reap(runner);
}

void tdh_runner_stop(struct tdh_runner *runner)
{
    if (runner->state == TDH_RUNNER_UP) {
        end_process(runner);
        if (runner->killed[0] != '\0')
            tdh_log_err(TDH_LOG_WARNING, "plugin", &runner->why);
        go_down(runner);
        runner->state = TDH_RUNNER_DOWN;
        tdh_runner_end_requests(runner);
    }
    if (runner->generations > 0 || runner->crashes > 0)
        tdh_runner_untell(runner);
    runner->home = NULL;
}

static int fill(struct tdh_runner *runner, const struct tdh_gate *gate, struct td_err *err)
{
    runner->pid_fd = runner->wake_in = runner->wake_out = runner->wake_out_far = -1;
    runner->err_fd = runner->link.wake_fd = -1;
    runner->is_strict = gate->is_strict;
    runner->processes_max = gate->processes_max;
    runner->crashes_max = gate->crashes_max;
    runner->program = strdup(gate->runner_path);
    runner->data_dir = strdup(gate->data_dir != NULL ? gate->data_dir : "");
    runner->private_dir = strdup(gate->private_dir);
    return runner->program != NULL && runner->data_dir != NULL && runner->private_dir != NULL
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate a runner");
}

struct tdh_runner *tdh_runner_new(const struct tdh_gate *gate, const struct tdh_plugin *plugin,
                                  struct td_err *err)
{
    struct tdh_runner *runner = calloc(1, sizeof(*runner));

    if (runner == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a runner");
        return NULL;
    }
    runner->plugin = plugin;
    if (fill(runner, gate, err) == 0)
        return runner;
    tdh_runner_free(runner);
    return NULL;
}

void tdh_runner_free(struct tdh_runner *runner)
{
    if (runner == NULL)
        return;
    tdh_runner_stop(runner);
    free(runner->program);
    free(runner->data_dir);
    free(runner->private_dir);
    free(runner);
}
