/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger: lines by kind, name and plugin, in a list that only grows.
 */
#include "base/ledger.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

#define OTHERS "(others)"

static const char *const kinds[] = {
    [TDH_LEDGER_PLUGIN] = "plugin", [TDH_LEDGER_AGENT] = "agent", [TDH_LEDGER_TENANT] = "tenant"
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the map, the list, and the meters */
static struct tdh_map lines;
static unsigned counts[TDH_LEDGER_KINDS]; /* of lines; under the lock */
static _Atomic(struct tdh_ledger_line *) newest;
static struct tdh_ledger_line others[] = {
    [TDH_LEDGER_PLUGIN] = { .kind = TDH_LEDGER_PLUGIN, .name = OTHERS, .plugin = OTHERS },
    [TDH_LEDGER_AGENT] = { .kind = TDH_LEDGER_AGENT, .name = OTHERS, .plugin = OTHERS },
    [TDH_LEDGER_TENANT] = { .kind = TDH_LEDGER_TENANT, .name = OTHERS },
};

/* Under the lock. */
static struct tdh_ledger_line *make(const char *key, enum tdh_ledger_kind kind, const char *name,
                                    const char *plugin)
{
    unsigned max = kind == TDH_LEDGER_TENANT ? TDH_LEDGER_TENANTS : TDH_LEDGER_LINES;
    bool has_room = lines.count < TDH_LEDGER_LINES && counts[kind] < max;
    struct tdh_ledger_line *line = has_room ? calloc(1, sizeof(*line)) : NULL;

    if (line == NULL || tdh_map_set(&lines, key, line, NULL) != 0) {
        free(line);
        return &others[kind];
    }
    counts[kind]++;
    line->kind = kind;
    snprintf(line->name, sizeof(line->name), "%s", name);
    snprintf(line->plugin, sizeof(line->plugin), "%s", plugin);
    line->next = atomic_load(&newest);
    atomic_store(&newest, line);
    return line;
}

struct tdh_ledger_line *tdh_ledger_line(enum tdh_ledger_kind kind, const char *name,
                                        const char *plugin)
{
    char key[2 * TDH_LEDGER_NAME + 4];
    struct tdh_ledger_line *line;

    snprintf(key, sizeof(key), "%d %.*s %.*s", (int)kind, TDH_LEDGER_NAME - 1, plugin,
             TDH_LEDGER_NAME - 1, name);
    pthread_mutex_lock(&lock);
    line = tdh_map_get(&lines, key);
    if (line == NULL)
        line = make(key, kind, name, plugin);
    pthread_mutex_unlock(&lock);
    return line;
}

void tdh_ledger_spend(struct tdh_ledger_line *line, const char *meter, int64_t amount)
{
    pthread_mutex_lock(&lock);
    tdh_meters_add(&line->spent, meter, amount);
    pthread_mutex_unlock(&lock);
}

static json_int_t of(const _Atomic uint64_t *cell)
{
    return (json_int_t)atomic_load_explicit(cell, memory_order_relaxed);
}

static json_t *row_of(const struct tdh_ledger_line *line)
{
    struct tdh_meters spent;

    pthread_mutex_lock(&lock);
    spent = line->spent;
    pthread_mutex_unlock(&lock);
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "kind",
                     kinds[line->kind], "name", line->name, "plugin", line->plugin, "cpu_ns",
                     of(&line->cpu_ns), "wall_ns", of(&line->wall_ns), "calls", of(&line->calls),
                     "failures", of(&line->failures), "retries", of(&line->retries), "cache_hits",
                     of(&line->cache_hits), "bytes", (json_int_t)atomic_load(&line->bytes), "spent",
                     tdh_meters_json(&spent));
}

static bool is_used(const struct tdh_ledger_line *line)
{
    return of(&line->cpu_ns) > 0 || of(&line->calls) > 0;
}

static int add_rows(json_t *rows, const struct tdh_ledger_line *line)
{
    return is_used(line) ? json_array_append_new(rows, row_of(line)) : 0;
}

json_t *tdh_ledger_rows(void)
{
    json_t *rows = json_array();
    int rc = 0;

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        rc |= add_rows(rows, &others[i]);
    for (const struct tdh_ledger_line *line = atomic_load(&newest); line != NULL; line = line->next)
        rc |= add_rows(rows, line);
    if (rc == 0)
        return rows;
    json_decref(rows);
    return NULL;
}
