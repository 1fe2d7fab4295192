/* SPDX-License-Identifier: Apache-2.0 */
/*
 * finding: what it costs to find agents in a registry of ten thousand.
 */
#include "bench.h"

enum { ENTRIES = 10000, CAPABILITIES = 1000, QUERIES = 20000 };

static json_t *make_rows(void)
{
    json_t *rows = json_array();

    for (int i = 0; i < ENTRIES; i++)
        json_array_append_new(rows,
                              json_pack("{s:o, s:s, s:o, s:s, s:[o, s], s:[s, s]}", "name",
                                        json_sprintf("agent-%d", i), "kind", "agent", "version",
                                        json_sprintf("1.%d.0", i % 50), "status", "active",
                                        "capabilities", json_sprintf("work-%d", i % CAPABILITIES),
                                        "help", "tags", "text", i % 2 == 0 ? "even" : "odd"));
    return rows;
}

/* By a capability that ten have. More queries than a finder keeps, unless it is always the same. */
static double time_queries(struct tdh_finder *finder, unsigned count, const char *more,
                           unsigned kinds)
{
    uint64_t begun_ns = tdh_clock_mono_ns();
    const struct tdh_found *found;
    struct td_err err;
    char query[128];

    for (unsigned i = 0; i < count; i++) {
        snprintf(query, sizeof(query), "\"work-%u\" in capabilities%s", i % kinds, more);
        if (tdh_find(finder, query, &found, &err) != 0 || found->count == 0)
            bench_die("query", &err);
    }
    return bench_since_s(begun_ns) * 1e6 / count;
}

void measure_finding(const struct bench *bench)
{
    unsigned count = bench_size(bench, QUERIES, 200);
    struct td_err err = { 0 };
    struct tdh_registry *registry = tdh_registry_new(&err);
    struct tdh_finder *finder = registry != NULL ? tdh_finder_new(registry, &err) : NULL;
    json_t *rows = make_rows();
    uint64_t begun_ns = tdh_clock_mono_ns();

    if (finder == NULL || tdh_registry_set(registry, rows, &err) != 0)
        bench_die("registry", &err);
    figure_tell("registry_set_10k_ms", bench_since_s(begun_ns) * 1e3, "ms", "M");
    figure_at_most("registry_query_us", time_queries(finder, count, "", CAPABILITIES), "us", "M",
                   50);
    figure_tell("registry_query_ranged_us",
                time_queries(finder, count, " && \"text\" in tags && version.satisfies(\"^1\")",
                             CAPABILITIES / 2),
                "us", "M");
    figure_tell("registry_query_kept_us", time_queries(finder, count, "", 1), "us", "M");
    json_decref(rows);
    tdh_finder_free(finder);
    tdh_registry_free(registry);
}
