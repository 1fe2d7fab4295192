/* SPDX-License-Identifier: Apache-2.0 */
/*
 * finding: what it costs to find agents in a registry of ten thousand, and to choose one of a
 * thousand for a request.
 */
#include "bench.h"

#include <string.h>

#include "agent/router.h"

enum {
    ENTRIES = 10000,
    CAPABILITIES = 1000,
    QUERIES = 20000,
    CANDIDATES = 1000,
    TOPICS = 200, /* words that are some candidates' own */
    ROUTES = 300000,
    RULES = 4
};

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

/* --- routes --- */

static void add_candidate(struct tdh_router *router, uint32_t number)
{
    static char names[CANDIDATES][24];
    struct td_err err;
    char text[256];

    snprintf(names[number], sizeof(names[number]), "agent-%u", number);
    snprintf(text, sizeof(text),
             "agent-%u answers questions about topic%u and subject%u, writes a reply with help%u",
             number, number % TOPICS, number % (TOPICS - 1), number % 7);
    router->candidates[number] = (struct tdh_candidate){
        .name = names[number], .weight = 1 + number % 3, .capacity = 10, .actions = 1
    };
    tdh_words_read(text, strlen(text), &router->words);
    if (tdh_rank_add(&router->rank, number, &router->words, &err) != 0)
        bench_die("router", &err);
}

static void add_rule(struct tdh_router *router, uint32_t number)
{
    struct tdh_cel_options options = { .roots = tdh_router_roots, .root_count = TDH_ROUTER_ROOTS };
    struct tdh_router_rule *rule = &router->rules[router->rule_count++];
    char text[64];
    struct td_err err;

    snprintf(text, sizeof(text), "text.matches('(?i)urgent|rule%u')", number);
    *rule = (struct tdh_router_rule){ .when = tdh_cel_compile(text, &options, &err),
                                      .text = "",
                                      .weight = 0.8,
                                      .candidates = calloc(1, sizeof(uint32_t)),
                                      .count = 1 };
    if (rule->when == NULL || rule->candidates == NULL)
        bench_die("router", &err);
    rule->candidates[0] = number;
}

/* A sentence of ten words, two of which are about something. */
static void route_one(struct tdh_router *router, json_t *const *inputs, unsigned i)
{
    json_t *text = json_object_get(inputs[i % 64], "text");
    const json_t *roots[TDH_ROUTER_ROOTS] = { inputs[i % 64], text, text };
    struct tdh_router_request request = { .roots = roots,
                                          .text = json_string_value(text),
                                          .text_length = json_string_length(text),
                                          .now_ns = tdh_clock_mono_ns() };
    struct td_err err = { .text = "no candidate" };
    struct tdh_choice choice;

    if (!tdh_router_choose(router, &request, &choice) || choice.is_blind)
        bench_die("route", &err);
    tdh_router_settle(router, choice.chosen, true, 1000, &router->words, request.now_ns);
}

static double time_routes(struct tdh_router *router, unsigned count)
{
    json_t *inputs[64];
    uint64_t begun_ns;

    for (unsigned i = 0; i < 64; i++)
        inputs[i] = json_pack(
            "{s:o}", "text",
            json_sprintf("Please tell me what to do when topic%u fails in subject%u today", i * 3,
                         i * 2));
    begun_ns = tdh_clock_mono_ns();
    for (unsigned i = 0; i < count; i++)
        route_one(router, inputs, i);
    for (unsigned i = 0; i < 64; i++)
        json_decref(inputs[i]);
    return count / bench_since_s(begun_ns);
}

void measure_routes(const struct bench *bench)
{
    struct tdh_router_options options = {
        .similarity = 1, .margin = 0.05, .half_life_ns = UINT64_C(600) * 1000000000, .learn = 1000
    };
    struct tdh_router router;
    struct td_err err;

    if (tdh_router_start(&router, CANDIDATES, &options, &err) != 0)
        bench_die("router", &err);
    for (uint32_t i = 0; i < CANDIDATES; i++)
        add_candidate(&router, i);
    for (uint32_t i = 0; i < RULES; i++)
        add_rule(&router, i);
    figure_at_least("routes_per_s", time_routes(&router, bench_size(bench, ROUTES, 1000)), "1/s",
                    "M", 100000);
    tdh_router_end(&router);
}
