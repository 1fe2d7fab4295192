/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc: what the system tells of a process, out of /proc/PID/stat.
 */
#include "base/proc.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_S UINT64_C(1000000000)

bool tdh_proc_read(long pid, struct tdh_proc *ret_proc)
{
    unsigned long long user = 0, system = 0, began = 0;
    long pages = 0;
    char path[64], text[1024], *end;
    size_t length;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    file = fopen(path, "re");
    if (file == NULL)
        return false;
    length = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[length] = '\0';
    end = strrchr(text, ')'); /* the name before it may be anything */
    if (end == NULL ||
        sscanf(end + 1,
               " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d "
               "%llu %*u %ld",
               &user, &system, &began, &pages) != 4)
        return false;
    *ret_proc =
        (struct tdh_proc){ .cpu_ns = (user + system) * NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK),
                           .bytes = (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE),
                           .began_ticks = began };
    return true;
}
