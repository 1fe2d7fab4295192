/* SPDX-License-Identifier: Apache-2.0 */
/*
 * beside: what the store's file and the two files beside it say together, before SQLite opens them:
 * it makes anew what is missing, and takes an empty file for a new one.
 *
 * A store that is closed has none of the two; while one is open, or after its process was killed,
 * both are there. The log goes first when a store is closed, so "-shm" alone is looked at again for
 * a moment.
 */
#include "store.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

enum { LOOKS = 50, LOOK_NS = 2000000, FRESH_S = 10 };

/* Size of the file with that ending; -1: it is not there. */
static long long size_of(const struct store *store, const char *ending)
{
    char path[4096];
    struct stat found;

    snprintf(path, sizeof(path), "%s%s", store->file, ending);
    return stat(path, &found) == 0 ? (long long)found.st_size : -1;
}

static bool is_log_missing(const struct store *store)
{
    const struct timespec pause = { .tv_nsec = LOOK_NS };

    for (int i = 0; i < LOOKS; i++) {
        if (size_of(store, "-shm") < 0 || size_of(store, "-wal") >= 0)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

static int check_log(struct td_ctx *ctx, const struct store *store, struct td_err *err)
{
    char holder[160];

    if (!is_log_missing(store))
        return 0;
    if (holder_tell(store->file, holder, sizeof(holder))) {
        td_fail(err, TD_E_UNAVAILABLE,
                "the write-ahead log of store \"%s\" was taken away while %s has it open",
                store->file, holder);
        return td_hint(err,
                       "put \"%s-wal\" back, or end that process: it copies the log into the "
                       "store when it ends by itself",
                       store->file);
    }
    td_log(ctx, TD_WARNING,
           "the write-ahead log of store \"%s\" is missing, and the store was not closed: what was "
           "committed last may be lost. Put \"%s-wal\" back, or go on with what is there",
           store->file, store->file);
    return 0;
}

int store_check_beside(struct td_ctx *ctx, const struct store *store, struct td_err *err)
{
    struct stat found;

    if (stat(store->file, &found) != 0)
        return td_fail_sys(err, "could not look at store \"%s\"", store->file);
    if (found.st_size > 0) {
        store_look_at_log(ctx, store);
        return check_log(ctx, store, err);
    }
    if (size_of(store, "-wal") > 0) {
        td_fail(err, TD_E_CORRUPT,
                "store \"%s\" is empty, and the write-ahead log beside it is not", store->file);
        return td_hint(err, STORE_BACKUP);
    }
    /* one that is younger is just being made, perhaps by another process */
    if (time(NULL) - found.st_mtime > FRESH_S)
        td_log(ctx, TD_WARNING,
               "store \"%s\" was an empty file and begins anew; if it held anything, " STORE_BACKUP,
               store->file);
    return 0;
}
