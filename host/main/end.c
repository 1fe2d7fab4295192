/* SPDX-License-Identifier: Apache-2.0 */
/*
 * end: the process ends only when tdev says so. A plugin that crashes, or calls exit() or _exit(),
 * takes it down all the same, but it is named, the way out is told, and the exit code is that of a
 * failure.
 *
 * The program has an _exit() of its own, and the dynamic linker gives it to plugins in the place of
 * the system's. A child that a plugin has forked ends as it likes. The sanitizers tell of crashes
 * better than we do, so theirs are left alone.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "main/end.h"
#include "main/main.h"
#include "runtime/runtime.h"

static pid_t watched; /* the process; 0: it may end */

static const struct {
    int number;
    const char *words;
} crashes[] = {
    { SIGSEGV, "crashed: invalid memory access" },
    { SIGBUS, "crashed: memory that is not there" },
    { SIGFPE, "crashed: division by zero or another arithmetic fault" },
    { SIGILL, "crashed: invalid instruction" },
    { SIGABRT, "crashed: it called abort()" },
    { SIGSYS, "crashed: a system call that is not allowed" },
    { SIGTRAP, "crashed: trap" },
};

static _Noreturn void end_now(int status)
{
    for (;;)
        syscall(SYS_exit_group, status);
}

static void say(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));

    (void)ignored;
}

/* Only what a signal's handler may do. */
static _Noreturn void tell_end(const char *how)
{
    const char *plugin = tdh_holder(), *last = tdh_holder_last();

    say(plugin != NULL ? "\ntdev: plugin \"" : "\ntdev: the process ");
    if (plugin != NULL) {
        say(plugin);
        say("\" ");
    }
    say(how);
    if (plugin == NULL && last != NULL) {
        say("; the plugin that was at work last is \"");
        say(last);
        say("\"");
    }
    say("\n  \"tdev plugin conform FOLDER\" tries a plugin apart, "
        "\"tdev runs resume\" goes on with runs that were cut off\n");
    end_now(TDH_EXIT_FAILED);
}

static void on_crash(int number)
{
    size_t i = 0;

    if (getpid() != watched) {
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    while (crashes[i].number != number)
        i++;
    tell_end(crashes[i].words);
}

static void on_exit_of_plugin(void)
{
    if (getpid() == watched)
        tell_end("ended the process with exit()");
}

__attribute__((visibility("default"))) void _exit(int status)
{
    if (getpid() == watched)
        tell_end("ended the process with _exit()");
    end_now(status);
}

__attribute__((visibility("default"))) void _Exit(int status)
{
    _exit(status);
}

/* A worker whose thread is gone would be waited for, for ever. Threads of a plugin's own end as
 * they like. */
__attribute__((visibility("default"))) void pthread_exit(void *value)
{
    typedef void pthread_exit_fn(void *value);
    pthread_exit_fn *system_s;

    if (getpid() == watched && tdh_holder() != NULL)
        tell_end("ended its thread with pthread_exit()");
    *(void **)&system_s = dlsym(RTLD_NEXT, "pthread_exit");
    system_s(value);
    end_now(TDH_EXIT_FAILED); /* it does not return */
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static void watch_crashes(void)
{
    struct sigaction action = { .sa_handler = on_crash, .sa_flags = SA_ONSTACK | SA_NODEFER };

    for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
        sigaction(crashes[i].number, &action, NULL);
}
#else
static void watch_crashes(void)
{
    (void)on_crash;
}
#endif

void tdh_end_watch(void)
{
    watched = getpid();
    atexit(on_exit_of_plugin);
    at_quick_exit(on_exit_of_plugin);
    watch_crashes();
}

void tdh_end_allow(void)
{
    watched = 0;
}
