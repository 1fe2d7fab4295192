/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inmate_crash: the last words of a process whose plugin crashes: a mark and the stack, on standard
 * error, which the host reads. Then the signal does what it would have done, so the host sees it as
 * the end of the process.
 */
#include <execinfo.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "plugin/inmate.h"

enum { FRAMES = 32, OWN_FRAMES = 2 /* this handler, and what calls it */, CALLS_NAMED = 64 };

static struct {
    int number;
    const char *name;
} calls[CALLS_NAMED];
static size_t call_count;

void tdh_inmate_name_call(int number, const char *name)
{
    if (call_count == CALLS_NAMED)
        return;
    calls[call_count].number = number;
    calls[call_count++].name = name;
}

static void say(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));

    (void)ignored;
}

static void name_call(int number)
{
    const char *name = "a system call";

    for (size_t i = 0; i < call_count; i++)
        if (calls[i].number == number)
            name = calls[i].name;
    say(name);
    say(" is not permitted");
}

static void on_crash(int number, siginfo_t *info, void *context)
{
    void *frames[FRAMES];
    int count;

    (void)context;
    say("\n" TDH_CRASH_MARK);
    if (number == SIGSYS)
        name_call(info->si_syscall);
    say("\n");
    count = backtrace(frames, FRAMES);
    if (count > OWN_FRAMES)
        backtrace_symbols_fd(frames + OWN_FRAMES, count - OWN_FRAMES, STDERR_FILENO);
    signal(number, SIG_DFL);
    raise(number);
}

void tdh_inmate_watch_crashes(void)
{
    static const int numbers[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP };
    struct sigaction action = { .sa_sigaction = on_crash,
                                .sa_flags = SA_ONSTACK | SA_SIGINFO | SA_NODEFER };
    void *frame;

    backtrace(&frame, 1); /* its library is loaded now, not in the handler */
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaction(numbers[i], &action, NULL);
}
