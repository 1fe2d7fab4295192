/* SPDX-License-Identifier: Apache-2.0 */
/*
 * find: queries of one thread: plans and results are kept, the least recently used goes first. A
 * result counts as long as its snapshot is the one in use.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/registry.h"

enum {
    KEPT_MAX = 64,       /* queries */
    KEPT_ROWS_MAX = 4096 /* of one query: a longer result is looked for each time */
};

struct kept {
    uint64_t hash, used_at, generation; /* generation 0: no result */
    char *query;                        /* NULL: free */
    struct tdh_query *plan;
    const json_t **rows;
    struct tdh_found found;
    uint32_t judged;
};

struct tdh_finder {
    struct tdh_registry *registry;
    unsigned pin;
    uint64_t clock;
    struct kept kept[KEPT_MAX];
    struct tdh_arena arena, scratch; /* of a search; of one entry's judgement */
};

struct tdh_finder *tdh_finder_new(struct tdh_registry *registry, struct td_err *err)
{
    struct tdh_finder *finder = calloc(1, sizeof(*finder));

    if (finder == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a finder");
        return NULL;
    }
    finder->registry = registry;
    while (finder->pin < TDH_FINDERS_MAX && atomic_exchange(&registry->is_taken[finder->pin], true))
        finder->pin++;
    if (finder->pin < TDH_FINDERS_MAX)
        return finder;
    td_fail(err, TD_E_LIMIT, "the registry has %d finders already", TDH_FINDERS_MAX);
    free(finder);
    return NULL;
}

static void drop_result(struct kept *kept)
{
    free(kept->rows);
    kept->rows = NULL;
    kept->generation = 0;
    kept->found = (struct tdh_found){ 0 };
}

static void drop(struct kept *kept)
{
    drop_result(kept);
    tdh_query_free(kept->plan);
    free(kept->query);
    *kept = (struct kept){ 0 };
}

void tdh_finder_free(struct tdh_finder *finder)
{
    if (finder == NULL)
        return;
    for (size_t i = 0; i < KEPT_MAX; i++)
        drop(&finder->kept[i]);
    tdh_arena_free(&finder->arena);
    tdh_arena_free(&finder->scratch);
    atomic_store(&finder->registry->pins[finder->pin], NULL);
    atomic_store(&finder->registry->is_taken[finder->pin], false);
    free(finder);
}

/* --- plans --- */

static uint64_t hash_text(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325U;

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3U;
    return hash;
}

static int keep(struct tdh_finder *finder, struct kept *kept, const char *query, uint64_t hash,
                struct td_err *err)
{
    struct tdh_query *plan = tdh_query_new(finder->registry, query, err);
    char *copy;

    if (plan == NULL)
        return -1;
    copy = strdup(query);
    if (copy == NULL) {
        tdh_query_free(plan);
        return td_fail(err, TD_E_NOMEM, "could not allocate a query");
    }
    drop(kept);
    kept->query = copy;
    kept->hash = hash;
    kept->plan = plan;
    return 0;
}

/* The query's plan, made or kept. NULL: err. */
static struct kept *find_plan(struct tdh_finder *finder, const char *query, struct td_err *err)
{
    uint64_t hash = hash_text(query);
    struct kept *oldest = &finder->kept[0];

    for (size_t i = 0; i < KEPT_MAX; i++) {
        struct kept *kept = &finder->kept[i];

        if (kept->query != NULL && kept->hash == hash && strcmp(kept->query, query) == 0) {
            kept->used_at = ++finder->clock;
            return kept;
        }
        if (kept->used_at < oldest->used_at)
            oldest = kept;
    }
    if (keep(finder, oldest, query, hash, err) != 0)
        return NULL;
    oldest->used_at = ++finder->clock;
    return oldest;
}

/* --- results --- */

/* The words of the first that could not be judged stay with the result. */
static bool is_match(struct tdh_finder *finder, struct kept *kept,
                     const struct tdh_snapshot *snapshot, uint32_t place)
{
    const json_t **values = &snapshot->values[(size_t)place * TDH_ENTRY_FIELDS];
    struct tdh_cel_env env = { values, TDH_ENTRY_FIELDS };
    struct td_err err;
    bool is_true = false;

    if (tdh_cel_eval_bool(kept->plan->cel, &env, &finder->scratch, &is_true, &err) != 0) {
        is_true = false;
        if (kept->found.faults++ == 0)
            kept->found.why = err;
    }
    tdh_arena_reset(&finder->scratch);
    return is_true;
}

static int fill_rows(struct tdh_finder *finder, struct kept *kept,
                     const struct tdh_snapshot *snapshot, struct td_err *err)
{
    struct tdh_places places;
    uint32_t count;

    if (!tdh_query_places(kept->plan, snapshot, &finder->arena, &places))
        return td_fail(err, TD_E_NOMEM, "could not allocate the result of a query");
    count = places.is_all ? snapshot->count : places.count;
    kept->rows = malloc(((size_t)count + 1) * sizeof(json_t *));
    if (kept->rows == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the result of a query");
    kept->judged = kept->plan->is_exact ? 0 : count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = places.is_all ? i : places.list[i];

        if (kept->plan->is_exact || is_match(finder, kept, snapshot, place))
            kept->rows[kept->found.count++] = snapshot->rows[place];
    }
    return 0;
}

static int find(struct tdh_finder *finder, struct kept *kept, struct td_err *err)
{
    const struct tdh_snapshot *snapshot = tdh_registry_pin(finder->registry, finder->pin);
    int rc;

    kept->found.is_kept = kept->generation == snapshot->generation;
    if (kept->found.is_kept)
        return 0;
    drop_result(kept);
    rc = fill_rows(finder, kept, snapshot, err);
    tdh_arena_reset(&finder->arena);
    if (rc != 0) {
        drop_result(kept);
        return -1;
    }
    kept->found.rows = kept->rows;
    if (kept->found.count <= KEPT_ROWS_MAX)
        kept->generation = snapshot->generation;
    return 0;
}

int tdh_find(struct tdh_finder *finder, const char *query, const struct tdh_found **ret_found,
             struct td_err *err)
{
    struct kept *kept = find_plan(finder, query, err);

    if (kept == NULL || find(finder, kept, err) != 0)
        return -1;
    *ret_found = &kept->found;
    return 0;
}

json_t *tdh_find_explain(struct tdh_finder *finder, const char *query, struct td_err *err)
{
    const struct tdh_snapshot *snapshot = tdh_registry_pin(finder->registry, finder->pin);
    struct kept *kept = find_plan(finder, query, err);
    json_t *plan, *explained;

    if (kept == NULL || find(finder, kept, err) != 0)
        return NULL;
    snapshot = atomic_load(&finder->registry->pins[finder->pin]);
    plan = tdh_query_describe(kept->plan, snapshot, &finder->arena);
    tdh_arena_reset(&finder->arena);
    explained =
        json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:b}", "query", query, "plan", plan, "entries",
                  (json_int_t)snapshot->count, "judged", (json_int_t)kept->judged, "found",
                  (json_int_t)kept->found.count, "faults", (json_int_t)kept->found.faults, "kept",
                  (int)kept->found.is_kept);
    if (explained == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate what explains a query");
    return explained;
}
