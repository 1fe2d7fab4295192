/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache: results of pure actions, by their input. Bounded in entries, oldest use leaves first.
 *
 * One cache per target. A target may be called from several workers, so an entry is looked up under
 * a flag that nobody waits for: who finds it taken goes without the cache.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/map.h"
#include "call/internal.h"

struct entry {
    struct entry *newer, *older;
    char key[TDH_SHA256_HEX];
    json_t *output;
    uint64_t until_ns;
};

struct tdh_cache {
    struct tdh_map map;
    struct entry *newest, *oldest;
    unsigned max;
    uint64_t ttl_ns;
    atomic_flag is_busy;
};

struct tdh_cache *tdh_cache_new(unsigned entries, int64_t ttl_ms, struct td_err *err)
{
    struct tdh_cache *cache = calloc(1, sizeof(*cache));

    if (cache == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a cache");
        return NULL;
    }
    cache->max = entries > 0 ? entries : 1000;
    cache->ttl_ns = (uint64_t)ttl_ms * 1000000;
    return cache;
}

static void unlink_entry(struct tdh_cache *cache, struct entry *entry)
{
    *(entry->newer != NULL ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older != NULL ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void put_newest(struct tdh_cache *cache, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static void drop_entry(struct tdh_cache *cache, struct entry *entry)
{
    tdh_map_remove(&cache->map, entry->key);
    unlink_entry(cache, entry);
    json_decref(entry->output);
    free(entry);
}

void tdh_cache_free(struct tdh_cache *cache)
{
    if (cache == NULL)
        return;
    while (cache->newest != NULL)
        drop_entry(cache, cache->newest);
    tdh_map_free(&cache->map, NULL);
    free(cache);
}

static json_t *look_up(struct tdh_cache *cache, const char *key)
{
    struct entry *entry = tdh_map_get(&cache->map, key);

    if (entry == NULL)
        return NULL;
    if (entry->until_ns <= tdh_clock_mono_ns()) {
        drop_entry(cache, entry);
        return NULL;
    }
    unlink_entry(cache, entry);
    put_newest(cache, entry);
    return json_incref(entry->output);
}

/* Without memory the result is just not kept. */
static void remember(struct tdh_cache *cache, const char *key, json_t *output)
{
    struct entry *entry = tdh_map_get(&cache->map, key);

    if (entry != NULL)
        drop_entry(cache, entry);
    entry = calloc(1, sizeof(*entry));
    if (entry == NULL || tdh_map_set(&cache->map, key, entry, NULL) != 0) {
        free(entry);
        return;
    }
    memcpy(entry->key, key, TDH_SHA256_HEX);
    entry->output = json_incref(output);
    entry->until_ns = tdh_clock_mono_ns() + cache->ttl_ns;
    put_newest(cache, entry);
    if (cache->map.count > cache->max)
        drop_entry(cache, cache->oldest);
}

static int hash_input(const json_t *input, char key[TDH_SHA256_HEX])
{
    struct tdh_buf buf = { 0 };
    bool failed;

    tdh_buf_json(&buf, input, TDH_JSON_SORTED);
    failed = buf.failed;
    if (!failed)
        tdh_sha256_hex(buf.data, buf.length, key);
    tdh_buf_free(&buf);
    return failed ? -1 : 0;
}

int tdh_stage_cache(struct tdh_call *call, unsigned next, struct td_err *err)
{
    struct tdh_cache *cache = call->target->cache;
    char key[TDH_SHA256_HEX];

    if (hash_input(call->input, key) != 0)
        return tdh_call_next(call, next, err);
    if (!atomic_flag_test_and_set(&cache->is_busy)) {
        call->output = look_up(cache, key);
        atomic_flag_clear(&cache->is_busy);
    }
    if (call->output != NULL) {
        TDH_COUNT(call, cache_hits);
        return 0;
    }
    if (tdh_call_next(call, next, err) != 0)
        return -1;
    if (!call->has_emitted && !call->is_made_up && !atomic_flag_test_and_set(&cache->is_busy)) {
        remember(cache, key, call->output);
        atomic_flag_clear(&cache->is_busy);
    }
    return 0;
}
