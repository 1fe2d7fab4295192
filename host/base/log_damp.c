/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_damp: sets of four slots, found by the sentence's hash; the one that began first makes room.
 */
#include "base/log_damp.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/id.h"

enum { SETS = 32, WAYS = 4, SLOTS = SETS * WAYS };

struct slot {
    uint64_t hash; /* 0: free */
    uint64_t begin_ns;
    unsigned written;
    struct tdh_damped damped;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct slot slots[SLOTS];
static struct tdh_damped pushed_out; /* a damping whose slot was needed; count 0: none */
static atomic_uint damping_count;    /* dampings with something to tell; read without the lock */

static uint64_t hash_line(const char *unit, const char *text)
{
    uint64_t hash = tdh_hash(unit, strlen(unit)) * 31 + tdh_hash(text, strlen(text));

    return hash != 0 ? hash : 1;
}

static bool has_ended(const struct slot *slot, uint64_t now_ns)
{
    return now_ns - slot->begin_ns >= TDH_DAMP_NS;
}

/* The slot of a line, or the one that is to become it: a free one, else the oldest of the set. */
static struct slot *find(uint64_t hash)
{
    struct slot *set = &slots[hash % SETS * WAYS], *oldest = set;

    for (struct slot *slot = set; slot < set + WAYS; slot++) {
        if (slot->hash == hash)
            return slot;
        if (oldest->hash != 0 && (slot->hash == 0 || slot->begin_ns < oldest->begin_ns))
            oldest = slot;
    }
    return oldest;
}

size_t tdh_log_cut(const char *text, size_t max)
{
    size_t length = strnlen(text, max + 1);

    if (length > max)
        for (length = max; length > 0 && ((unsigned char)text[length] & 0xC0U) == 0x80;)
            length--;
    return length;
}

static void copy_cut(char *to, size_t size, const char *from)
{
    size_t length = tdh_log_cut(from, size - 1);

    memcpy(to, from, length);
    to[length] = '\0';
}

/* Takes a slot for a line. What the slot had still to tell is kept aside; with two of those at once
 * the larger stays. */
static void begin(struct slot *slot, uint64_t hash, enum tdh_log_level level, const char *unit,
                  const char *text, uint64_t now_ns)
{
    if (slot->damped.count > 0) {
        if (pushed_out.count > 0)
            atomic_fetch_sub(&damping_count, 1);
        if (slot->damped.count > pushed_out.count)
            pushed_out = slot->damped;
    }
    slot->hash = hash;
    slot->begin_ns = now_ns;
    slot->written = 0;
    slot->damped.level = level;
    slot->damped.count = 0;
    copy_cut(slot->damped.unit, sizeof(slot->damped.unit), unit);
    copy_cut(slot->damped.text, sizeof(slot->damped.text), text);
}

bool tdh_damp_admits(enum tdh_log_level level, const char *unit, const char *text, uint64_t now_ns)
{
    uint64_t hash = hash_line(unit, text);
    struct slot *slot;
    bool is_admitted;

    pthread_mutex_lock(&lock);
    slot = find(hash);
    if (slot->hash != hash || has_ended(slot, now_ns))
        begin(slot, hash, level, unit, text, now_ns);
    is_admitted = slot->written < TDH_DAMP_LINES;
    if (is_admitted)
        slot->written++;
    else if (slot->damped.count++ == 0)
        atomic_fetch_add(&damping_count, 1);
    pthread_mutex_unlock(&lock);
    return is_admitted;
}

/* Moves what a slot has to tell out of it, and frees it. */
static bool take(struct slot *slot, uint64_t now_ns, struct tdh_damped *ret_damped)
{
    if (slot->damped.count == 0 || (now_ns != UINT64_MAX && !has_ended(slot, now_ns)))
        return false;
    *ret_damped = slot->damped;
    memset(slot, 0, sizeof(*slot));
    return true;
}

bool tdh_damp_take(uint64_t now_ns, struct tdh_damped *ret_damped)
{
    bool is_found = false;

    if (atomic_load_explicit(&damping_count, memory_order_relaxed) == 0)
        return false;
    pthread_mutex_lock(&lock);
    if (pushed_out.count > 0) {
        *ret_damped = pushed_out;
        pushed_out.count = 0;
        is_found = true;
    }
    for (size_t i = 0; i < SLOTS && !is_found; i++)
        is_found = take(&slots[i], now_ns, ret_damped);
    if (is_found)
        atomic_fetch_sub(&damping_count, 1);
    pthread_mutex_unlock(&lock);
    return is_found;
}
