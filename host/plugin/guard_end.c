/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guard_end: finds and ends every descendant of the guard.
 *
 * All that are found are stopped first, round by round, until a round finds no other: what is
 * stopped starts no more. Then all are killed. Those whose parents have ended are children of the
 * guard, which waits until it has none.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "plugin/guard.h"

enum { ROUNDS = 1000, PROCESSES = 8192, WAITS = 500, WAIT_MS = 10 };

struct process {
    pid_t pid, parent;
    bool is_ours, is_stopped;
};

struct family {
    struct process processes[PROCESSES];
    size_t count;
};

/* The parent of a process: the fourth word of its stat, behind its name in parentheses. */
static pid_t parent_of(const char *pid)
{
    char path[64], text[512];
    const char *end;
    FILE *file;
    size_t length;
    long parent;

    snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    length = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[length] = '\0';
    end = strrchr(text, ')');
    return end != NULL && end[1] == ' ' && sscanf(end + 4, "%ld", &parent) == 1 ? (pid_t)parent : 0;
}

static const struct process *find(const struct family *family, pid_t pid)
{
    for (size_t i = 0; i < family->count; i++)
        if (family->processes[i].pid == pid)
            return &family->processes[i];
    return NULL;
}

/* Those that live now; what was known of them stays. */
static void look(struct family *family)
{
    static struct family before;
    DIR *dir = opendir("/proc");
    const struct dirent *entry;

    before = *family;
    family->count = 0;
    while (dir != NULL && (entry = readdir(dir)) != NULL && family->count < PROCESSES) {
        struct process *process = &family->processes[family->count];
        const struct process *known;

        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        *process = (struct process){ .pid = (pid_t)atol(entry->d_name),
                                     .parent = parent_of(entry->d_name) };
        known = find(&before, process->pid);
        process->is_stopped = known != NULL && known->is_stopped;
        family->count += process->parent > 0;
    }
    if (dir != NULL)
        closedir(dir);
}

/* Marks the descendants: a pass finds at least one generation more. */
static void mark(struct family *family, pid_t self)
{
    bool is_changed = true;

    while (is_changed) {
        is_changed = false;
        for (size_t i = 0; i < family->count; i++) {
            struct process *process = &family->processes[i];
            const struct process *parent = find(family, process->parent);

            if (process->is_ours ||
                (process->parent != self && (parent == NULL || !parent->is_ours)))
                continue;
            process->is_ours = is_changed = true;
        }
    }
}

/* Returns how many were stopped. */
static size_t stop(struct family *family)
{
    size_t stopped = 0;

    for (size_t i = 0; i < family->count; i++) {
        struct process *process = &family->processes[i];

        if (!process->is_ours || process->is_stopped)
            continue;
        kill(process->pid, SIGSTOP);
        process->is_stopped = true;
        stopped++;
    }
    return stopped;
}

/* True: no child is left. */
static bool reap(void)
{
    pid_t pid;

    do
        pid = waitpid(-1, NULL, WNOHANG);
    while (pid > 0 || (pid < 0 && errno == EINTR));
    return pid < 0;
}

void tdh_guard_end_all(void)
{
    static struct family family;
    const struct timespec pause = { .tv_nsec = WAIT_MS * 1000000L };
    bool is_alone = reap();

    for (unsigned waits = 0; !is_alone && waits < WAITS; waits++) {
        unsigned rounds = 0;

        family.count = 0;
        do {
            look(&family);
            mark(&family, getpid());
        } while (stop(&family) > 0 && rounds++ < ROUNDS);
        for (size_t i = 0; i < family.count; i++)
            if (family.processes[i].is_ours)
                kill(family.processes[i].pid, SIGKILL);
        is_alone = reap();
        if (!is_alone)
            nanosleep(&pause, NULL);
        is_alone = is_alone || reap();
    }
}
