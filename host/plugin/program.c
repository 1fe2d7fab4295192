/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program: the life of a program's process: started, ended, started again.
 *
 * An end that follows a finished call is followed by a new process at once; each further one
 * without a finished call between doubles the wait.
 */
#include "plugin/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "plugin/inmate.h"
#include "plugin/spawn.h"

enum {
    MEMORY = 1 << 30,    /* when nothing is said */
    LINE = 16 << 20,     /* the same */
    CLOSE_MS = 5 * 1000, /* for the guard to end all */
    READ_WORDS = 8
};

/* --- the end of a process --- */

void tdh_program_kill(struct tdh_program *program, const char *fmt, ...)
{
    va_list ap;

    if (program->pid == 0)
        return;
    if (program->killed[0] == '\0') {
        va_start(ap, fmt);
        vsnprintf(program->killed, sizeof(program->killed), fmt, ap);
        va_end(ap);
    }
    if (write(program->life, "k", 1) != 1)
        syscall(SYS_pidfd_send_signal, program->pid_fd, SIGKILL, NULL, 0);
}

static void say_end(struct tdh_program *program, const struct tdh_guard_word *end)
{
    struct td_err *why = &program->why;
    bool has_line = program->last_line[0] != '\0';

    if (program->failed.kind == TDH_GUARD_FAILED) {
        td_fail(why, (enum td_code)program->failed.code, "%s", program->failed.text);
        td_context(why, "program of \"%s\"", program->name);
        return;
    }
    if (program->killed[0] != '\0')
        td_fail(why, TD_E_UNAVAILABLE, "program of \"%s\": was ended: %s", program->name,
                program->killed);
    else if (end->kind == TDH_GUARD_EXITED)
        td_fail(why, TD_E_UNAVAILABLE, "program of \"%s\": ended with exit code %d", program->name,
                end->value);
    else
        td_fail(why, TD_E_UNAVAILABLE, "program of \"%s\": was ended by signal %d (%s)",
                program->name, end->value, strsignal(end->value));
    if (has_line)
        td_hint(why, "the last it wrote to its standard error: %s", program->last_line);
    why->is_retryable = true;
}

static void tell_lacks(const struct tdh_program *program, int lacks)
{
    if (lacks != 0)
        tdh_log(TDH_LOG_WARNING, program->name, TDH_NO_FACTS,
                "its program runs without a list of %s%s%s (plugins.confinement is possible)",
                lacks & TDH_LACKS_FILES ? "files" : "", lacks == 3 ? " and of " : "",
                lacks & TDH_LACKS_CALLS ? "system calls" : "");
}

/* What the guard has said; the last word is how it ended. */
static void hear_guard(struct tdh_program *program, struct tdh_guard_word *end)
{
    struct tdh_guard_word word;

    *end = (struct tdh_guard_word){ .kind = TDH_GUARD_KILLED, .value = SIGKILL };
    for (int i = 0; i < READ_WORDS && read(program->report, &word, sizeof(word)) == sizeof(word);
         i++) {
        word.text[sizeof(word.text) - 1] = '\0';
        if (word.kind == TDH_GUARD_STARTED)
            tell_lacks(program, word.value);
        else if (word.kind == TDH_GUARD_FAILED)
            program->failed = word;
        else
            *end = word;
    }
}

static void reap(struct tdh_program *program)
{
    struct pollfd poll_fd = { .fd = program->pid_fd, .events = POLLIN };

    while (poll(&poll_fd, 1, CLOSE_MS) < 0 && errno == EINTR)
        ;
    if (!(poll_fd.revents & POLLIN))
        syscall(SYS_pidfd_send_signal, program->pid_fd, SIGKILL, NULL, 0);
    while (waitpid(program->pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

static void close_fds(struct tdh_program *program)
{
    int *fds[] = { &program->pid_fd, &program->in,   &program->in_far, &program->out,
                   &program->err,    &program->life, &program->report };

    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
        if (*fds[i] >= 0)
            close(*fds[i]);
        *fds[i] = -1;
    }
}

static void drop_watches(struct tdh_program *program)
{
    tdh_fd_watch_free(program->pid_watch);
    tdh_fd_watch_free(program->out_watch);
    tdh_fd_watch_free(program->err_watch);
    tdh_fd_watch_free(program->in_watch);
    program->pid_watch = program->out_watch = program->err_watch = program->in_watch = NULL;
    if (tdh_worker_self() != NULL)
        tdh_timer_stop(&program->closed_timer);
}

/* The process is no more. What belongs to it is given back. */
static void go_down(struct tdh_program *program)
{
    drop_watches(program);
    close_fds(program);
    tdh_buf_free(&program->to);
    tdh_buf_free(&program->from);
    program->to_done = program->from_seen = 0;
    program->is_held = false;
    program->line_length = 0;
    program->pid = 0;
}

static uint64_t backoff_ms(unsigned ends)
{
    uint64_t ms = TDH_RUNNER_BACKOFF_MS;

    if (ends <= 1)
        return 0;
    for (unsigned i = 2; i < ends && ms < TDH_RUNNER_BACKOFF_MAX_MS; i++)
        ms *= 2;
    return ms < TDH_RUNNER_BACKOFF_MAX_MS ? ms : TDH_RUNNER_BACKOFF_MAX_MS;
}

/* The guard has ended, and all it guarded: what they have written before stands. */
static void on_end(void *arg)
{
    struct tdh_program *program = arg;
    struct tdh_guard_word end;

    program->is_held = false;
    tdh_program_read(program);
    tdh_program_read_log(program);
    hear_guard(program, &end);
    reap(program);
    say_end(program, &end);
    go_down(program);
    program->ends++;
    program->not_before_ns = tdh_clock_mono_ns() + backoff_ms(program->ends) * 1000000;
    tdh_log_err(TDH_LOG_WARNING, "plugin", &program->why);
    tdh_program_end_asks(program);
}

/* --- the start --- */

static void on_log(void *arg)
{
    struct tdh_program *program = arg;

    tdh_program_read_log(program);
}

static int set_watches(struct tdh_program *program, struct td_err *err)
{
    program->pid_watch = tdh_fd_watch_new(program->pid_fd, on_end, program, err);
    program->err_watch = tdh_fd_watch_new(program->err, on_log, program, err);
    if (program->pid_watch == NULL || program->err_watch == NULL)
        return -1;
    tdh_program_read(program); /* and whenever there is something, from now on */
    return 0;
}

/* The host keeps the far end of what it writes to open: nothing is written to nobody. */
static int make_descriptors(struct tdh_program *program, int fds[static TDH_FD_COUNT],
                            struct td_err *err)
{
    fds[TDH_FD_LINK] = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (tdh_fd_raise(&fds[TDH_FD_LINK]) != 0)
        return td_fail_sys(err, "could not open \"/dev/null\"");
    if (tdh_pipe_make(&program->in, &fds[0], true, err) != 0 ||
        tdh_pipe_make(&program->out, &fds[1], false, err) != 0 ||
        tdh_pipe_make(&program->err, &fds[2], false, err) != 0 ||
        tdh_pipe_make(&program->life, &fds[TDH_FD_WAKE_IN], true, err) != 0 ||
        tdh_pipe_make(&program->report, &fds[TDH_FD_WAKE_OUT], false, err) != 0)
        return -1;
    return tdh_paper_make(program->paper, &fds[TDH_FD_PAPER], err);
}

static int launch(struct tdh_program *program, struct td_err *err)
{
    char *arguments[] = { (char *)"tdev-runner", program->name, NULL };
    char *environment[] = { NULL };
    int fds[TDH_FD_COUNT], rc;

    memset(fds, -1, sizeof(fds));
    rc = make_descriptors(program, fds, err);
    if (rc == 0)
        rc = tdh_spawn(program->runner_path, arguments, environment, fds, TDH_FD_COUNT,
                       &program->pid, &program->pid_fd, err);
    program->in_far = fds[0];
    for (int i = 1; i < TDH_FD_COUNT; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    return rc;
}

static int start(struct tdh_program *program, struct td_err *err)
{
    int rc = launch(program, err);

    program->killed[0] = program->last_line[0] = '\0';
    program->failed.kind = TDH_GUARD_STARTED;
    program->written = 0;
    if (rc == 0)
        rc = set_watches(program, err);
    if (rc == 0) {
        tdh_log(TDH_LOG_INFO, program->name, TDH_FACTS(TDH_I("process", program->pid)),
                "its program runs");
        return 0;
    }
    if (program->pid != 0) {
        tdh_program_kill(program, "the host has no memory");
        reap(program);
    }
    go_down(program);
    return td_context(err, "program of \"%s\"", program->name);
}

static int fail_backoff(const struct tdh_program *program, uint64_t wait_ns, struct td_err *err)
{
    *err = program->why;
    td_context(err, "started again in %llu ms after %u ends in a row, the last one",
               (unsigned long long)(wait_ns / 1000000), program->ends);
    err->retry_after_ms = (uint32_t)(wait_ns / 1000000) + 1;
    return -1;
}

/* A short back-off is waited for. */
int tdh_program_up(struct tdh_program *program, uint64_t until_ns, struct td_err *err)
{
    uint64_t now_ns;

    while (program->pid == 0 && (now_ns = tdh_clock_mono_ns()) < program->not_before_ns) {
        uint64_t wait_ns = program->not_before_ns - now_ns;

        if (wait_ns > TDH_RUNNER_WAIT_MS * UINT64_C(1000000) || program->not_before_ns > until_ns)
            return fail_backoff(program, wait_ns, err);
        if (tdh_co_wait(program->not_before_ns) == TDH_WAIT_CANCELLED)
            return td_fail(err, TD_E_CANCELLED, "the call was cancelled");
    }
    return program->pid != 0 ? 0 : start(program, err);
}

/* --- made and ended --- */

static json_t *list_of(const char *const *texts)
{
    json_t *list = json_array();

    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++)
        if (json_array_append_new(list, json_string(texts[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static size_t count_of(const char *const *texts)
{
    size_t count = 0;

    while (texts != NULL && texts[count] != NULL)
        count++;
    return count;
}

static int check(const struct tdh_program_options *options, struct td_err *err)
{
    if (count_of(options->command) == 0)
        return td_fail(err, TD_E_INVAL, "there is no command to run");
    if (count_of(options->command) > TDH_PROGRAM_WORDS ||
        count_of(options->environment) > TDH_PROGRAM_WORDS)
        return td_fail(err, TD_E_LIMIT, "a command and its environment have at most %d words each",
                       TDH_PROGRAM_WORDS);
    if (options->command[0][0] != '/') {
        td_fail(err, TD_E_INVAL, "program \"%s\" must be an absolute path", options->command[0]);
        return td_hint(err, "command -v %s tells it", options->command[0]);
    }
    for (size_t i = 0; i < count_of(options->environment); i++)
        if (strchr(options->environment[i], '=') == NULL || options->environment[i][0] == '=')
            return td_fail(err, TD_E_INVAL, "\"%s\" in the environment must be NAME=VALUE",
                           options->environment[i]);
    return 0;
}

static json_t *describe(const struct tdh_gate *gate, const struct tdh_program_options *options)
{
    json_int_t memory = options->memory_bytes > 0 ? options->memory_bytes : MEMORY;

    return json_pack("{s:i, s:s, s:i, s:{s:o, s:o, s:s, s:o, s:I, s:b}}", "link", TDH_LINK_VERSION,
                     "tdev", TDH_HOST_VERSION, "host", (int)getpid(), "program", "command",
                     list_of(options->command), "environment", list_of(options->environment),
                     "folder", options->folder != NULL ? options->folder : "/", "permissions",
                     options->permissions != NULL ? json_deep_copy(options->permissions)
                                                  : json_object(),
                     "memory", memory, "strict", gate->is_strict);
}

struct tdh_program *tdh_program_new(const struct tdh_plugins *plugins,
                                    const struct tdh_program_options *options, struct td_err *err)
{
    const struct tdh_gate *gate = &plugins->gate;
    struct tdh_program *program;

    if (check(options, err) != 0)
        return NULL;
    if (gate->runner_path == NULL) {
        td_fail(err, TD_E_UNSUPPORTED,
                "programs cannot be run by this host: it has no tdev-runner");
        return NULL;
    }
    program = calloc(1, sizeof(*program));
    if (program == NULL)
        goto no_memory;
    program->pid_fd = program->in = program->in_far = program->out = -1;
    program->err = program->life = program->report = -1;
    program->line_bytes = options->line_bytes > 0 ? (size_t)options->line_bytes : LINE;
    program->home = tdh_worker_self();
    program->name = strdup(options->name);
    program->runner_path = strdup(gate->runner_path);
    program->paper = describe(gate, options);
    if (program->name != NULL && program->runner_path != NULL && program->paper != NULL)
        return program;
    tdh_program_free(program);
no_memory:
    td_fail(err, TD_E_NOMEM, "could not allocate a program");
    return NULL;
}

void tdh_program_free(struct tdh_program *program)
{
    if (program == NULL)
        return;
    if (program->pid != 0) { /* its input and the life line end: it has a moment for its own end */
        snprintf(program->killed, sizeof(program->killed), "its agent was ended");
        close(program->in);
        close(program->in_far);
        close(program->life);
        program->in = program->in_far = program->life = -1;
        reap(program);
        go_down(program);
    }
    tdh_program_end_asks(program);
    free(program->name);
    free(program->runner_path);
    json_decref(program->paper);
    free(program);
}
