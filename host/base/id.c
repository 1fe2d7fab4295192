/* SPDX-License-Identifier: Apache-2.0 */
/*
 * id: time-ordered names, randomness in small pools, hashes.
 *
 * A thread draws its randomness from a pool of its own, so a name costs no system call. A child of
 * fork() must not draw what its parent draws: it counts as a new generation, and a pool of an older
 * one is filled anew.
 */
/* The low-level SHA-256 calls work on the stack and cannot fail; the ones that replace them
 * allocate. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/id.h"

#include <errno.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

enum { POOL_BYTES = 256 /* what getrandom gives without ever being interrupted */ };

struct pool {
    unsigned char bytes[POOL_BYTES];
    size_t left;
    unsigned generation;
};

static const char hex_digits[] = "0123456789abcdef";

static _Thread_local struct pool pool;
static pthread_once_t watch_forks = PTHREAD_ONCE_INIT;
static atomic_uint generation;      /* counts the forks above this process */
static _Atomic uint64_t last_stamp; /* of the newest name */

static void count_fork(void)
{
    atomic_fetch_add_explicit(&generation, 1, memory_order_relaxed);
}

static void start_watching(void)
{
    pthread_atfork(NULL, NULL, count_fork);
}

static void fill_pool(unsigned now)
{
    ssize_t got;

    pthread_once(&watch_forks, start_watching);
    do
        got = getrandom(pool.bytes, sizeof(pool.bytes), 0);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof(pool.bytes)) {
        fprintf(stderr,
                "tdev: the system gives no random numbers (getrandom: %s), names could repeat\n",
                strerror(errno));
        abort();
    }
    pool.left = sizeof(pool.bytes);
    pool.generation = now;
}

static uint64_t draw(void)
{
    unsigned now = atomic_load_explicit(&generation, memory_order_relaxed);
    uint64_t number;

    if (pool.left < sizeof(number) || pool.generation != now)
        fill_pool(now);
    pool.left -= sizeof(number);
    memcpy(&number, pool.bytes + pool.left, sizeof(number));
    memset(pool.bytes + pool.left, 0, sizeof(number)); /* what was given leaves no copy here */
    return number;
}

uint64_t tdh_id_random(void)
{
    uint64_t number;

    do
        number = draw();
    while (number == 0);
    return number;
}

/*
 * The next stamp: 48 bits of milliseconds, 12 bits of what is left of them in 1/4096 (RFC 9562,
 * section 6.2, method 3). When the clock stands still or steps back, the stamp counts on from the
 * last one.
 */
static uint64_t next_stamp(void)
{
    uint64_t time_us = (uint64_t)tdh_clock_us();
    uint64_t now = (time_us / 1000) << 12 | (time_us % 1000) * 4096 / 1000;
    uint64_t last = atomic_load_explicit(&last_stamp, memory_order_relaxed);
    uint64_t stamp;

    do
        stamp = now > last ? now : last + 1;
    while (!atomic_compare_exchange_weak_explicit(&last_stamp, &last, stamp, memory_order_relaxed,
                                                  memory_order_relaxed));
    return stamp;
}

/* The stamp of a name; 0: it has none, or one of the year 6429 and later, which leaves no room
 * above. */
static uint64_t stamp_of(const char *id)
{
    uint64_t stamp = 0;

    if (!tdh_id_is_valid(id) || id[14] != '7')
        return 0;
    for (int i = 0; i < 18; i++)
        if (i != 8 && i != 13 && i != 14)
            stamp = stamp << 4 | (uint64_t)(id[i] <= '9' ? id[i] - '0' : (id[i] | 0x20) - 'a' + 10);
    return stamp >> 59 == 0 ? stamp : 0;
}

void tdh_id_after(const char *id)
{
    uint64_t stamp = stamp_of(id), last = atomic_load_explicit(&last_stamp, memory_order_relaxed);

    while (stamp > last &&
           !atomic_compare_exchange_weak_explicit(&last_stamp, &last, stamp, memory_order_relaxed,
                                                  memory_order_relaxed))
        ;
}

static char *print_hex(char *text, uint64_t number, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        text[i] = hex_digits[number & 0xF];
        number >>= 4;
    }
    return text + digits;
}

void tdh_id_new(char id[static TDH_ID_SIZE])
{
    uint64_t stamp = next_stamp(), noise = draw();
    char *at = print_hex(id, stamp >> 28, 8);

    *at++ = '-';
    at = print_hex(at, stamp >> 12, 4);
    *at++ = '-';
    at = print_hex(at, 0x7000 | (stamp & 0xFFF), 4); /* version 7 */
    *at++ = '-';
    at = print_hex(at, 0x8000 | (noise >> 50), 4); /* variant 10 */
    *at++ = '-';
    at = print_hex(at, noise, 12);
    *at = '\0';
}

_Bool tdh_id_is_valid(const char *id)
{
    for (int i = 0; i < TDH_ID_SIZE - 1; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (id[i] != '-')
                return 0;
        } else if (id[i] == '\0' || strchr("0123456789abcdefABCDEF", id[i]) == NULL)
            return 0;
    }
    return id[TDH_ID_SIZE - 1] == '\0';
}

void tdh_sha256_hex(const void *bytes, size_t length, char hex[static TDH_SHA256_HEX])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX context;

    SHA256_Init(&context);
    SHA256_Update(&context, length != 0 ? bytes : "", length);
    SHA256_Final(digest, &context);
    for (size_t i = 0; i < sizeof(digest); i++) {
        hex[2 * i] = hex_digits[digest[i] >> 4];
        hex[2 * i + 1] = hex_digits[digest[i] & 0xF];
    }
    hex[TDH_SHA256_HEX - 1] = '\0';
}
