/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holder: finds who holds the write lock of a store, or has it open, for the words of an error.
 *
 * SQLite locks one byte of the -shm file while it writes, and some of the file itself as long as it
 * is open. Asking with fcntl would need the file open here, and closing it would drop the locks
 * this process has on it; so the system's list of locks is read instead.
 */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Part of SQLite's file format: a byte of the -shm file, and of the file. */
enum { WRITE_LOCK_BYTE = 120, OPEN_LOCK_BYTE = 0x40000000 + 2 };

/* What of a file is locked. */
struct place {
    struct stat file;
    unsigned long long byte;
    bool is_write; /* alone */
};

/* The process of one line of /proc/locks, if it is another one and has that lock; else 0. */
static long parse_line(const char *line, const struct place *place)
{
    const struct stat *file = &place->file;
    unsigned high, low;
    unsigned long long inode, first;
    char kind[16], end[24];
    long process;

    if (sscanf(line, "%*s POSIX %*s %15s %ld %x:%x:%llu %llu %23s", kind, &process, &high, &low,
               &inode, &first, end) != 7)
        return 0;
    if ((place->is_write && strcmp(kind, "WRITE") != 0) || inode != file->st_ino ||
        high != major(file->st_dev) || low != minor(file->st_dev) || first > place->byte ||
        (!place->is_write && process == (long)getpid()))
        return 0;
    return strcmp(end, "EOF") == 0 || strtoull(end, NULL, 10) >= place->byte ? process : 0;
}

static long find_process(const struct place *place)
{
    FILE *locks = fopen("/proc/locks", "re");
    char line[256];
    long process = 0;

    if (locks == NULL)
        return 0;
    while (process == 0 && fgets(line, sizeof(line), locks) != NULL)
        process = parse_line(line, place);
    fclose(locks);
    return process;
}

static void read_command(long process, char command[32])
{
    char path[64];
    FILE *file;

    command[0] = '\0';
    snprintf(path, sizeof(path), "/proc/%ld/comm", process);
    file = fopen(path, "re");
    if (file == NULL)
        return;
    if (fgets(command, 32, file) != NULL)
        command[strcspn(command, "\n")] = '\0';
    fclose(file);
}

bool holder_tell(const char *file, char *text, size_t size)
{
    struct place writes = { .byte = WRITE_LOCK_BYTE, .is_write = true };
    struct place opens = { .byte = OPEN_LOCK_BYTE };
    char shm[4096], command[32];
    long process = 0;

    if ((size_t)snprintf(shm, sizeof(shm), "%s-shm", file) < sizeof(shm) &&
        stat(shm, &writes.file) == 0)
        process = find_process(&writes);
    if (process <= 0 && stat(file, &opens.file) == 0)
        process = find_process(&opens);
    if (process <= 0) {
        snprintf(text, size, "another process or thread");
        return false;
    }
    read_command(process, command);
    snprintf(text, size, "process %ld (\"%s\")", process, command);
    return true;
}
