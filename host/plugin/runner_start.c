/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner_start: a process for a plugin is started, and told what it is to run.
 *
 * What it is told (the paper) is in memory of its own, sealed; the rings are in memory that cannot
 * be made smaller, or a plugin could take it away under the host. Each side wakes the other with a
 * byte through a pipe: unlike with an eventfd, nothing the process does to its end can make the
 * host's block. The host keeps the far end of its own pipe open, too, so a write never finds
 * nobody.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "plugin/inmate.h"
#include "plugin/runner.h"
#include "plugin/spawn.h"

enum { CHILD_FDS = TDH_FD_COUNT };

/* What of the environment a plugin may know. */
static const char *const kept_names[] = { "LANG", "LC_ALL", "LC_CTYPE", "TZ" };
enum { KEPT = sizeof(kept_names) / sizeof(kept_names[0]) };

/* --- what the process gets --- */

static int make_link(struct tdh_runner *runner, int *ret_fd, struct td_err *err)
{
    int fd = memfd_create("tdev-link", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    *ret_fd = fd;
    if (fd < 0 || ftruncate(fd, sizeof(*runner->shared)) != 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return td_fail_sys(err, "could not make the memory for its messages");
    runner->shared = mmap(NULL, sizeof(*runner->shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (runner->shared != MAP_FAILED)
        return tdh_fd_raise(ret_fd) == 0 ? 0 : td_fail_sys(err, "could not keep a descriptor");
    runner->shared = NULL;
    return td_fail_sys(err, "could not map the memory for its messages");
}

static json_t *describe(const struct tdh_runner *runner)
{
    const struct tdh_plugin *plugin = runner->plugin;

    return json_pack("{s:i, s:s, s:I, s:s, s:s, s:s, s:s, s:b, s:O}", "link", TDH_LINK_VERSION,
                     "tdev", TDH_HOST_VERSION, "host", (json_int_t)getpid(), "folder",
                     plugin->manifest->folder, "copy", plugin->copy, "hash", plugin->hash,
                     "data_dir", runner->data_dir, "strict", runner->is_strict, "manifest",
                     plugin->manifest->yaml->root);
}

static int make_paper(const struct tdh_runner *runner, int *ret_fd, struct td_err *err)
{
    json_t *paper = describe(runner);
    int rc = tdh_paper_make(paper, ret_fd, err);

    json_decref(paper);
    return rc;
}

static int make_descriptors(struct tdh_runner *runner, int fds[static CHILD_FDS],
                            struct td_err *err)
{
    fds[0] = open("/dev/null", O_RDWR | O_CLOEXEC);
    fds[1] = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (tdh_fd_raise(&fds[0]) != 0 || tdh_fd_raise(&fds[1]) != 0)
        return td_fail_sys(err, "could not open \"/dev/null\"");
    if (tdh_pipe_make(&runner->err_fd, &fds[2], false, err) != 0 ||
        tdh_pipe_make(&runner->wake_in, &fds[TDH_FD_WAKE_OUT], false, err) != 0 ||
        tdh_pipe_make(&runner->wake_out, &fds[TDH_FD_WAKE_IN], true, err) != 0 ||
        make_link(runner, &fds[TDH_FD_LINK], err) != 0 ||
        make_paper(runner, &fds[TDH_FD_PAPER], err) != 0)
        return -1;
    return 0;
}

/* --- the process --- */

static void fill_environment(char *environment[static KEPT + 1])
{
    size_t count = 0;

    for (size_t i = 0; i < KEPT; i++) {
        const char *value = getenv(kept_names[i]);

        if (value != NULL)
            environment[count++] = (char *)(uintptr_t)(value - strlen(kept_names[i]) - 1);
    }
    environment[count] = NULL;
}

static int spawn(struct tdh_runner *runner, const int fds[static CHILD_FDS], struct td_err *err)
{
    const struct tdh_manifest *manifest = runner->plugin->manifest;
    char *arguments[] = { (char *)"tdev-runner", manifest->name, manifest->version_text, NULL };
    char *environment[KEPT + 1];

    fill_environment(environment);
    return tdh_spawn(runner->program, arguments, environment, fds, CHILD_FDS, &runner->pid,
                     &runner->pid_fd, err);
}

static int launch(struct tdh_runner *runner, struct td_err *err)
{
    int fds[CHILD_FDS];
    int rc;

    memset(fds, -1, sizeof(fds));
    rc = make_descriptors(runner, fds, err);
    if (rc == 0)
        rc = spawn(runner, fds, err);
    runner->wake_out_far = fds[TDH_FD_WAKE_IN];
    fds[TDH_FD_WAKE_IN] = -1;
    for (int i = 0; i < CHILD_FDS; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    return rc;
}

/* --- its first word --- */

/* In a coroutine it gives way; where there is none, this thread waits. */
static enum tdh_woken wait_for_wake(const struct tdh_runner *runner, uint64_t until_ns)
{
    struct pollfd poll_fd = { .fd = runner->wake_in, .events = POLLIN };
    uint64_t now_ns = tdh_clock_mono_ns();
    int ready;

    if (tdh_co_self() != NULL)
        return tdh_co_wait_readable(runner->wake_in, until_ns);
    do
        ready = now_ns < until_ns ? poll(&poll_fd, 1, (int)((until_ns - now_ns) / 1000000) + 1) : 0;
    while (ready < 0 && errno == EINTR);
    return ready > 0 ? TDH_WOKEN : TDH_WAIT_TIMEOUT;
}

/* False: the process has closed its end. */
static bool take_wakes(const struct tdh_runner *runner)
{
    char bytes[64];
    ssize_t got;

    do
        got = read(runner->wake_in, bytes, sizeof(bytes));
    while (got == sizeof(bytes) || (got < 0 && errno == EINTR));
    return got > 0 || (got < 0 && errno == EAGAIN);
}

static void tell_lacks(const struct tdh_runner *runner, uint32_t lacks)
{
    if (lacks != 0)
        tdh_log(TDH_LOG_WARNING, "plugin",
                TDH_FACTS(TDH_S("plugin", runner->plugin->manifest->name)),
                "runs without a list of %s%s%s (plugins.confinement is possible)",
                lacks & TDH_LACKS_FILES ? "files" : "", lacks == 3 ? " and of " : "",
                lacks & TDH_LACKS_CALLS ? "system calls" : "");
}

static int take_word(struct tdh_runner *runner, struct tdh_frame *frame, struct td_err *err)
{
    int rc = 0;

    if (frame->head.kind != TDH_FRAME_READY) {
        tdh_runner_kill(runner, "it sent something before it was ready");
        rc = td_fail(err, TD_E_ABI, "its process sent something before it was ready");
    } else if (frame->head.rc != 0) {
        tdh_frame_get_err(frame, err);
        rc = -1;
    } else {
        tell_lacks(runner, frame->head.place);
    }
    free(frame);
    return rc;
}

/* Waits for more of it. Returns -1 when that came to nothing, and the process is ended. */
static int wait_for_word(struct tdh_runner *runner, uint64_t until_ns, struct td_err *err)
{
    enum tdh_woken woken = TDH_WOKEN;

    if (!tdh_link_await(&runner->link, true))
        woken = wait_for_wake(runner, until_ns);
    if (woken == TDH_WOKEN)
        return 0;
    if (woken == TDH_WAIT_CANCELLED) {
        tdh_runner_kill(runner, "the call was cancelled while it started");
        return td_fail(err, TD_E_CANCELLED, "the call was cancelled");
    }
    tdh_runner_kill(runner, "opening it took more than %d s", TDH_RUNNER_START_MS / 1000);
    return td_fail(err, TD_E_ABI, "opening it took more than %d s", TDH_RUNNER_START_MS / 1000);
}

/* What READY says; *ret_is_told is false when the process ended before it. */
static int hear(struct tdh_runner *runner, bool *ret_is_told, struct td_err *err)
{
    uint64_t until_ns = tdh_clock_mono_ns() + TDH_RUNNER_START_MS * UINT64_C(1000000);
    struct tdh_frame *frame;
    bool is_there = true;

    *ret_is_told = true;
    for (;;) {
        frame = tdh_link_take(&runner->link);
        if (frame != NULL)
            return take_word(runner, frame, err);
        if (!is_there || runner->link.fault != NULL)
            break;
        tdh_runner_read_tail(runner);
        if (wait_for_word(runner, until_ns, err) != 0)
            return -1;
        is_there = take_wakes(runner);
    }
    *ret_is_told = false;
    return -1;
}

void tdh_runner_close(struct tdh_runner *runner)
{
    int *fds[] = { &runner->pid_fd, &runner->wake_in, &runner->wake_out, &runner->wake_out_far,
                   &runner->err_fd };

    tdh_link_end(&runner->link);
    if (runner->shared != NULL)
        munmap(runner->shared, sizeof(*runner->shared));
    runner->shared = NULL;
    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
        if (*fds[i] >= 0)
            close(*fds[i]);
        *fds[i] = -1;
    }
    runner->pid = 0;
}

int tdh_runner_start(struct tdh_runner *runner, struct td_err *err)
{
    bool is_told = true;
    int rc = launch(runner, err);

    runner->killed[0] = '\0';
    runner->tail_length = 0;
    if (rc == 0) {
        runner->link = (struct tdh_link){ 0 };
        tdh_link_begin(&runner->link, runner->shared, true, runner->wake_out);
        rc = hear(runner, &is_told, err);
        if (rc != 0)
            tdh_runner_reap(runner);
    }
    if (rc != 0 && is_told)
        td_context(err, "plugin \"%s\"", runner->plugin->manifest->name);
    else if (rc != 0)
        *err = runner->why;
    if (rc != 0)
        tdh_runner_close(runner);
    return rc;
}
