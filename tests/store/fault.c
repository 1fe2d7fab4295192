/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault: a file system and an allocator that pass everything on, and count.
 *
 * A file's table of functions is replaced after it was opened by the real file system; the real one
 * is found again by the place of ours.
 */
#include "fault.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdlib.h>

enum { TABLES = 8 };

struct table {
    sqlite3_io_methods ours;
    const sqlite3_io_methods *real;
};

static struct table tables[TABLES];
static sqlite3_vfs vfs, *real_vfs;
static sqlite3_mem_methods memory;
static enum fault_kind armed;
static int left;
static bool has_struck;

static bool strikes(enum fault_kind kind)
{
    if (kind != armed || left == 0 || --left != 0)
        return false;
    has_struck = true;
    return true;
}

static const sqlite3_io_methods *real_of(const sqlite3_file *file)
{
    return ((const struct table *)file->pMethods)->real;
}

/* The real functions look at the file's table, too. */
static int write_file(sqlite3_file *file, const void *data, int length, sqlite3_int64 offset)
{
    if (strikes(FAULT_WRITE))
        return SQLITE_IOERR_WRITE;
    if (strikes(FAULT_FULL))
        return SQLITE_FULL;
    return real_of(file)->xWrite(file, data, length, offset);
}

static int sync_file(sqlite3_file *file, int flags)
{
    return strikes(FAULT_SYNC) ? SQLITE_IOERR_FSYNC : real_of(file)->xSync(file, flags);
}

static const sqlite3_io_methods *wrap(const sqlite3_io_methods *real)
{
    for (size_t i = 0; i < TABLES; i++) {
        if (tables[i].real == NULL) {
            tables[i] = (struct table){ *real, real };
            tables[i].ours.xWrite = write_file;
            tables[i].ours.xSync = sync_file;
        }
        if (tables[i].real == real)
            return &tables[i].ours;
    }
    abort();
}

static int open_file(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags,
                     int *ret_flags)
{
    int rc = real_vfs->xOpen(real_vfs, name, file, flags, ret_flags);

    (void)self;
    if (file->pMethods != NULL)
        file->pMethods = wrap(file->pMethods);
    return rc;
}

static void *allocate(int size)
{
    return strikes(FAULT_MEMORY) ? NULL : memory.xMalloc(size);
}

static void *reallocate(void *old, int size)
{
    return strikes(FAULT_MEMORY) ? NULL : memory.xRealloc(old, size);
}

void fault_install(void)
{
    sqlite3_mem_methods ours;

    if (real_vfs != NULL)
        return;
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory);
    ours = memory;
    ours.xMalloc = allocate;
    ours.xRealloc = reallocate;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) != SQLITE_OK ||
        sqlite3_initialize() != SQLITE_OK)
        abort();
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "fault";
    vfs.xOpen = open_file;
    if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
        abort();
}

void fault_arm(enum fault_kind kind, int n)
{
    armed = kind;
    left = n;
    has_struck = false;
}

bool fault_has_struck(void)
{
    return has_struck;
}
