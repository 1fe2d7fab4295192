/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wal: tells a write-ahead log that was damaged from one whose end was being written.
 *
 * SQLite reads the log up to the first frame that has not its checksum, as after a lost machine
 * that is where the last commit was cut off. A changed byte in the middle is the same to it: the
 * commits behind would be gone without a word. So frames of this log behind that place are counted
 * that end a commit: when a killed process leaves a log there are none. Read before SQLite opens
 * it, and only while nobody else has the store open.
 */
#include "store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The form of the file, as SQLite documents it. */
enum { HEADER = 32, FRAME = 24, SUMMED_HEADER = 24, SUMMED_FRAME = 8 };
#define MAGIC 0x377f0682U /* one more: checksums of big-endian words */

struct log {
    int fd;
    unsigned char header[HEADER];
    unsigned char *frame; /* the one that was read last */
    uint32_t page_bytes;
    uint32_t sums[2];
    bool is_big;
};

static uint32_t big_at(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t word_at(const struct log *log, const unsigned char *at)
{
    return log->is_big
               ? big_at(at)
               : (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static void add(struct log *log, const unsigned char *at, size_t length)
{
    for (const unsigned char *end = at + length; at < end; at += 8) {
        log->sums[0] += word_at(log, at) + log->sums[1];
        log->sums[1] += word_at(log, at + 4) + log->sums[0];
    }
}

static bool are_sums(const struct log *log, const unsigned char *at)
{
    return log->sums[0] == big_at(at) && log->sums[1] == big_at(at + 4);
}

static bool read_header(struct log *log)
{
    if (pread(log->fd, log->header, HEADER, 0) != HEADER || (big_at(log->header) & ~1U) != MAGIC)
        return false;
    log->is_big = (big_at(log->header) & 1U) != 0;
    log->page_bytes = big_at(log->header + 8);
    add(log, log->header, SUMMED_HEADER);
    return are_sums(log, log->header + SUMMED_HEADER) && log->page_bytes >= 512 &&
           log->page_bytes <= 65536;
}

/* Is it of this log, not left from before it was begun anew? */
static bool is_own(const struct log *log)
{
    return memcmp(log->frame + 8, log->header + 16, 8) == 0;
}

static bool is_sound(struct log *log)
{
    add(log, log->frame, SUMMED_FRAME);
    add(log, log->frame + FRAME, log->page_bytes);
    return is_own(log) && are_sums(log, log->frame + 16);
}

/* Ends of commits behind the first frame that is not sound; *ret_at: where that is. */
static unsigned count_lost(struct log *log, long long *ret_at)
{
    size_t size = FRAME + log->page_bytes;
    bool is_reading = true;
    unsigned lost = 0;

    for (long long at = HEADER; pread(log->fd, log->frame, size, at) == (ssize_t)size;
         at += (long long)size) {
        if (is_reading && !is_sound(log)) {
            is_reading = false;
            *ret_at = at;
        }
        if (!is_reading && is_own(log) && big_at(log->frame + 4) != 0)
            lost++;
    }
    return lost;
}

static void tell(struct td_ctx *ctx, const struct store *store, unsigned lost, long long at)
{
    char commits[48] = "all commits in it";

    if (at > 0)
        snprintf(commits, sizeof(commits), "%u commits behind that", lost);
    td_log(ctx, TD_WARNING,
           "the write-ahead log of store \"%s\" is damaged at byte %lld: %s are lost. If they "
           "matter, " STORE_BACKUP,
           store->file, at, commits);
}

static void look(struct td_ctx *ctx, const struct store *store, struct log *log)
{
    long long at = 0;
    unsigned lost;

    if (!read_header(log)) {
        tell(ctx, store, 0, 0);
        return;
    }
    log->frame = malloc(FRAME + log->page_bytes);
    if (log->frame == NULL)
        return; /* SQLite needs more than that, and tells */
    lost = count_lost(log, &at);
    if (lost > 0)
        tell(ctx, store, lost, at);
    free(log->frame);
}

void store_look_at_log(struct td_ctx *ctx, const struct store *store)
{
    struct log log = { .fd = -1 };
    char path[4096], holder[160];
    struct stat found;

    snprintf(path, sizeof(path), "%s-wal", store->file);
    if (stat(path, &found) != 0 || found.st_size <= HEADER + FRAME ||
        holder_tell(store->file, holder, sizeof(holder)))
        return;
    log.fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (log.fd < 0)
        return; /* SQLite tells why it cannot be read */
    look(ctx, store, &log);
    close(log.fd);
}
