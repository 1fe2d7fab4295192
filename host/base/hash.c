/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash: the hash of the host's tables.
 *
 * Eight bytes a step: mixed in, multiplied by an odd constant, and the high half folded onto the
 * low one, since tables look at the low bits. A secret of the process goes in first, so that keys
 * from outside cannot be chosen to collide.
 */
#include "base/id.h"

#include <stdatomic.h>
#include <string.h>

/* Odd, half of the bits set, no pattern: the fractions of the golden ratio and of the square root
 * of two. */
#define MIX_A 0x9E3779B97F4A7C15U
#define MIX_B 0x6A09E667F3BCC909U

static _Atomic uint64_t process_secret; /* 0: not drawn yet */

static uint64_t get_secret(void)
{
    uint64_t secret = atomic_load_explicit(&process_secret, memory_order_relaxed);
    uint64_t drawn;

    if (secret != 0)
        return secret;
    drawn = tdh_id_random();
    if (atomic_compare_exchange_strong(&process_secret, &secret, drawn))
        return drawn;
    return secret; /* another thread was first */
}

static uint64_t mix(uint64_t hash, uint64_t word, uint64_t factor)
{
    hash = (hash ^ word) * factor;
    return hash ^ (hash >> 32);
}

uint64_t tdh_hash(const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    uint64_t hash = get_secret() ^ length, word = 0;

    for (; length >= sizeof(word); length -= sizeof(word), at += sizeof(word)) {
        memcpy(&word, at, sizeof(word));
        hash = mix(hash, word, MIX_A);
    }
    word = 0;
    if (length != 0)
        memcpy(&word, at, length);
    hash = mix(hash, word, MIX_A);
    return mix(hash, hash >> 29, MIX_B);
}
