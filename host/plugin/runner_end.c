/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner_end: how a plugin's process ended, in words.
 *
 * What it writes to its standard error goes to the log, a line at a time. When it crashes it writes
 * TDH_CRASH_MARK and its stack there (inmate_crash.c); that becomes part of what the calls under
 * way fail with.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "plugin/inmate.h"
#include "plugin/runner.h"

enum { READS_MAX = 16, FRAMES_SHOWN = 6, STACK_TEXT = 480 };

static const struct {
    int number;
    const char *name, *words;
} signals[] = {
    { SIGSEGV, "SIGSEGV", "invalid memory access" },
    { SIGBUS, "SIGBUS", "memory that is not there" },
    { SIGFPE, "SIGFPE", "division by zero or another arithmetic fault" },
    { SIGILL, "SIGILL", "invalid instruction" },
    { SIGABRT, "SIGABRT", "it called abort()" },
    { SIGSYS, "SIGSYS", "a system call that is not allowed" },
    { SIGTRAP, "SIGTRAP", "trap" },
    { SIGKILL, "SIGKILL", "it was killed" },
    { SIGXFSZ, "SIGXFSZ", "a file larger than allowed" },
};

/* --- standard error --- */

static void log_lines(struct tdh_runner *runner)
{
    char *line = runner->tail, *end;
    size_t done;

    while ((end = memchr(line, '\n', (size_t)(runner->tail + runner->tail_length - line))) !=
           NULL) {
        *end = '\0';
        if (line[0] != '\0' && tdh_log_wants(TDH_LOG_INFO) && tdh_runner_may_log(runner))
            tdh_log(TDH_LOG_INFO, runner->plugin->manifest->name, TDH_NO_FACTS, "%s", line);
        line = end + 1;
    }
    done = (size_t)(line - runner->tail);
    memmove(runner->tail, line, runner->tail_length - done);
    runner->tail_length -= done;
}

/* From the mark of a crash on, all is kept, as far as there is room. */
static void take_tail(struct tdh_runner *runner, const char *bytes, size_t length)
{
    char *mark;
    size_t room = sizeof(runner->tail) - 1 - runner->tail_length;

    length = length < room ? length : room;
    memcpy(runner->tail + runner->tail_length, bytes, length);
    runner->tail_length += length;
    runner->tail[runner->tail_length] = '\0';
    mark = memmem(runner->tail, runner->tail_length, TDH_CRASH_MARK, strlen(TDH_CRASH_MARK));
    if (mark == NULL) {
        log_lines(runner);
        if (runner->tail_length == sizeof(runner->tail) - 1)
            runner->tail_length = 0; /* a line without end */
    }
}

void tdh_runner_read_tail(struct tdh_runner *runner)
{
    char bytes[1024];

    for (unsigned i = 0; i < READS_MAX; i++) {
        ssize_t got = read(runner->err_fd, bytes, sizeof(bytes));

        if (got <= 0)
            return;
        take_tail(runner, bytes, (size_t)got);
    }
}

/* --- the stack --- */

/* "/path/HASH.so(name+0x12)[0x7f..]" as "x.so(name+0x12)"; false: a line of the runner's own. */
static bool print_frame(const struct tdh_runner *runner, const char *line, size_t length,
                        char *text, size_t size)
{
    const char *bracket = memchr(line, '[', length), *slash, *paren;
    size_t end = bracket != NULL ? (size_t)(bracket - line) : length;

    slash = memrchr(line, '/', end);
    slash = slash != NULL ? slash + 1 : line;
    paren = memchr(slash, '(', (size_t)(line + end - slash));
    if (paren == NULL || strncmp(slash, "tdev-runner", 11) == 0)
        return false;
    if (strncmp(slash, runner->plugin->hash, 32) == 0)
        snprintf(text, size, "%s%.*s", runner->plugin->manifest->library, (int)(line + end - paren),
                 paren);
    else
        snprintf(text, size, "%.*s", (int)(line + end - slash), slash);
    return true;
}

/* The frames of the plugin and its libraries, the innermost first; empty when there are none. */
static void print_stack(const struct tdh_runner *runner, char text[static STACK_TEXT])
{
    const char *line =
        memmem(runner->tail, runner->tail_length, TDH_CRASH_MARK, strlen(TDH_CRASH_MARK));
    const char *end = runner->tail + runner->tail_length, *stop;
    size_t used = 0;
    unsigned shown = 0;

    text[0] = '\0';
    for (; line != NULL && shown < FRAMES_SHOWN; line = stop + 1) {
        char frame[160];

        stop = memchr(line, '\n', (size_t)(end - line));
        if (stop == NULL)
            break;
        if (!print_frame(runner, line, (size_t)(stop - line), frame, sizeof(frame)))
            continue;
        if (used + strlen(frame) + 8 >= STACK_TEXT)
            break;
        used +=
            (size_t)snprintf(text + used, STACK_TEXT - used, "%s%s", shown > 0 ? " < " : "", frame);
        shown++;
    }
}

/* What the process's handler said behind the mark: the number of a system call, or nothing. */
static void print_word(const struct tdh_runner *runner, char *text, size_t size)
{
    const char *mark =
        memmem(runner->tail, runner->tail_length, TDH_CRASH_MARK, strlen(TDH_CRASH_MARK));
    const char *word = mark != NULL ? mark + strlen(TDH_CRASH_MARK) : "";
    size_t length = strcspn(word, "\n");

    snprintf(text, size, "%.*s", length < 64 ? (int)length : 64, word);
}

/* --- the end --- */

static void say_signal(struct tdh_runner *runner, int number)
{
    char stack[STACK_TEXT], word[80], name[16];
    const char *words = "a signal that ends it";

    snprintf(name, sizeof(name), "signal %d", number);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (signals[i].number == number) {
            snprintf(name, sizeof(name), "%s", signals[i].name);
            words = signals[i].words;
        }
    print_stack(runner, stack);
    print_word(runner, word, sizeof(word));
    td_fail(&runner->why, TD_E_UNAVAILABLE, "plugin \"%s\": crashed with %s (%s)%s%s",
            runner->plugin->manifest->name, name, word[0] != '\0' ? word : words,
            stack[0] != '\0' ? ", at " : "", stack);
}

static void say_end(struct tdh_runner *runner, const siginfo_t *info)
{
    const char *name = runner->plugin->manifest->name;

    if (runner->killed[0] != '\0')
        td_fail(&runner->why, TD_E_UNAVAILABLE, "plugin \"%s\": its process was ended: %s", name,
                runner->killed);
    else if (info->si_code == CLD_EXITED)
        td_fail(&runner->why, TD_E_UNAVAILABLE,
                "plugin \"%s\": ended its process with exit code %d", name, info->si_status);
    else
        say_signal(runner, info->si_status);
    runner->why.is_retryable = true;
}

static uint64_t nanoseconds(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * 1000000000 + (uint64_t)time->tv_usec * 1000;
}

void tdh_runner_reap(struct tdh_runner *runner)
{
    struct pollfd poll_fd = { .fd = runner->pid_fd, .events = POLLIN };
    siginfo_t info = { 0 };
    struct rusage used = { 0 };

    while (poll(&poll_fd, 1, TDH_RUNNER_STOP_MS) < 0 && errno == EINTR)
        ;
    if (!(poll_fd.revents & POLLIN)) /* it has closed everything and is still there */
        tdh_runner_kill(runner, "it did not end");
    /* the library's waitid does not say what it used */
    while (syscall(SYS_waitid, P_PIDFD, runner->pid_fd, &info, WEXITED, &used) != 0 &&
           errno == EINTR)
        ;
    if (runner->plugin->line != NULL)
        tdh_ledger_add(&runner->plugin->line->cpu_ns,
                       nanoseconds(&used.ru_utime) + nanoseconds(&used.ru_stime));
    tdh_runner_read_tail(runner);
    say_end(runner, &info);
}
