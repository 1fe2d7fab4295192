/* SPDX-License-Identifier: Apache-2.0 */
/*
 * router: scores, room, balance.
 */
#include "agent/router.h"

#include <stdlib.h>
#include <string.h>

#include "base/id.h"

const struct tdh_cel_root tdh_router_roots[TDH_ROUTER_ROOTS] = { { .name = "input" },
                                                                 { .name = "text" },
                                                                 { .name = "action" } };

int tdh_router_start(struct tdh_router *router, uint32_t candidates,
                     const struct tdh_router_options *options, struct td_err *err)
{
    *router = (struct tdh_router){ .options = *options, .count = candidates };
    router->random = tdh_id_random() | 1;
    router->candidates = calloc(candidates + 1U, sizeof(*router->candidates));
    router->rules = calloc(TDH_ROUTER_RULES, sizeof(*router->rules));
    router->by_rules = calloc(candidates + 1U, sizeof(*router->by_rules));
    router->picked = calloc(candidates + 1U, sizeof(*router->picked));
    router->scores = calloc(candidates + 1U, sizeof(*router->scores));
    if (router->candidates == NULL || router->rules == NULL || router->by_rules == NULL ||
        router->picked == NULL || router->scores == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a route");
    return tdh_rank_start(&router->rank, candidates, options->learn, err);
}

void tdh_router_end(struct tdh_router *router)
{
    for (uint32_t i = 0; i < router->rule_count; i++) {
        tdh_cel_free(router->rules[i].when);
        free(router->rules[i].candidates);
    }
    free(router->rules);
    free(router->candidates);
    free(router->by_rules);
    free(router->picked);
    free(router->scores);
    tdh_rank_end(&router->rank);
    tdh_arena_free(&router->arena);
    *router = (struct tdh_router){ 0 };
}

static bool has_action(const struct tdh_router *router, uint32_t number, unsigned action)
{
    return (router->candidates[number].actions >> action & 1) != 0;
}

/* --- scores --- */

/* A rule that cannot be worked out does not hold. */
static bool holds(struct tdh_router *router, const struct tdh_router_rule *rule,
                  const json_t *const *roots)
{
    struct tdh_cel_env env = { roots, TDH_ROUTER_ROOTS };
    struct td_err ignored;
    bool is_true = false;

    if (tdh_cel_eval_bool(rule->when, &env, &router->arena, &is_true, &ignored) != 0)
        is_true = false;
    tdh_arena_reset(&router->arena);
    return is_true;
}

static uint32_t add_rule(struct tdh_router *router, const struct tdh_router_rule *rule,
                         uint32_t count)
{
    for (uint32_t i = 0; i < rule->count; i++) {
        uint32_t number = rule->candidates[i];

        if (router->by_rules[number] == 0 && router->rank.scores[number] == 0)
            router->picked[count++] = number;
        router->by_rules[number] += rule->weight;
    }
    return count;
}

/* All that words or rules speak for: fills `picked`, returns how many. */
static uint32_t gather(struct tdh_router *router, const struct tdh_router_request *request)
{
    uint32_t count = 0;

    tdh_words_read(request->text, request->text_length, &router->words);
    if (router->options.similarity > 0)
        tdh_rank_score(&router->rank, &router->words);
    for (; count < router->rank.touched_count; count++)
        router->picked[count] = router->rank.touched[count];
    for (uint32_t i = 0; i < router->rule_count; i++)
        if (holds(router, &router->rules[i], request->roots))
            count = add_rule(router, &router->rules[i], count);
    return count;
}

/* 0 to 1, without an end that is reached: half of it for a word that few have. */
static double similarity_of(const struct tdh_router *router, uint32_t number)
{
    double score = router->rank.scores[number];

    return router->options.similarity * score / (score + 2);
}

static double score_of(const struct tdh_router *router, uint32_t number, bool is_blind,
                       uint64_t now_ns)
{
    const struct tdh_candidate *candidate = &router->candidates[number];
    double base = is_blind ? 1 : router->by_rules[number] + similarity_of(router, number);

    return base * tdh_candidate_success(router, candidate, now_ns) *
           tdh_candidate_speed(router, candidate);
}

static void clear(struct tdh_router *router)
{
    for (uint32_t i = 0; i < router->rule_count; i++)
        for (uint32_t at = 0; at < router->rules[i].count; at++)
            router->by_rules[router->rules[i].candidates[at]] = 0;
    tdh_rank_clear(&router->rank);
}

/* --- choosing --- */

/* Keeps those that can do the action and have a score; without any, all that can. */
static uint32_t pick(struct tdh_router *router, const struct tdh_router_request *request,
                     struct tdh_choice *choice)
{
    uint32_t count = gather(router, request), kept = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = router->picked[i];

        router->scores[number] = score_of(router, number, false, request->now_ns);
        if (has_action(router, number, request->action) && router->scores[number] > 0)
            router->picked[kept++] = number;
    }
    choice->is_blind = kept == 0;
    for (uint32_t number = 0; choice->is_blind && number < router->count; number++)
        if (has_action(router, number, request->action)) {
            router->scores[number] = score_of(router, number, true, request->now_ns);
            router->picked[kept++] = number;
        }
    return kept;
}

/* Those with room stand first. Returns how many are in question: all when none has room. */
static uint32_t with_room(struct tdh_router *router, uint32_t count, struct tdh_choice *choice)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = router->picked[i];

        if (tdh_candidate_is_full(&router->candidates[number]))
            continue;
        router->picked[i] = router->picked[kept];
        router->picked[kept++] = number;
    }
    choice->is_full = kept == 0;
    return kept > 0 ? kept : count;
}

/* Those that are as good as the best stand first. Returns how many. */
static uint32_t best_of(struct tdh_router *router, uint32_t count)
{
    double best = 0, least;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < count; i++)
        if (router->scores[router->picked[i]] > best)
            best = router->scores[router->picked[i]];
    least = best * (1 - router->options.margin);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = router->picked[i];

        if (router->scores[number] < least)
            continue;
        router->picked[i] = router->picked[kept];
        router->picked[kept++] = number;
    }
    return kept;
}

/* The best of the others, in order, for when the chosen one cannot be reached. */
static void list_next(const struct tdh_router *router, uint32_t count, struct tdh_choice *choice)
{
    choice->next_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = router->picked[i];
        unsigned at = choice->next_count;

        if (number == choice->chosen)
            continue;
        if (at == TDH_ROUTER_TRIES &&
            router->scores[number] <= router->scores[choice->next[at - 1]])
            continue;
        at -= at == TDH_ROUTER_TRIES;
        for (; at > 0 && router->scores[choice->next[at - 1]] < router->scores[number]; at--)
            choice->next[at] = choice->next[at - 1];
        choice->next[at] = number;
        choice->next_count += choice->next_count < TDH_ROUTER_TRIES;
    }
}

/* Leaves the scores as they are, for who tells them. Returns how many are picked. */
static uint32_t choose(struct tdh_router *router, const struct tdh_router_request *request,
                       struct tdh_choice *choice)
{
    uint32_t count = pick(router, request, choice), best;

    if (count == 0)
        return 0;
    best = best_of(router, with_room(router, count, choice));
    choice->alike = best;
    choice->chosen = tdh_router_balance(router, router->picked, best);
    list_next(router, count, choice);
    return count;
}

bool tdh_router_choose(struct tdh_router *router, const struct tdh_router_request *request,
                       struct tdh_choice *ret_choice)
{
    bool has_any = choose(router, request, ret_choice) > 0;

    clear(router);
    return has_any;
}

/* --- telling it --- */

static json_t *tell_rules(struct tdh_router *router, const struct tdh_router_request *request,
                          uint32_t number)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < router->rule_count; i++) {
        const struct tdh_router_rule *rule = &router->rules[i];

        for (uint32_t at = 0; at < rule->count; at++)
            if (rule->candidates[at] == number && holds(router, rule, request->roots))
                json_array_append_new(
                    list, json_pack("{s:s, s:f}", "rule", rule->text, "weight", rule->weight));
    }
    return list;
}

static json_t *tell_words(const struct tdh_router *router, uint32_t number)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < router->words.count; i++) {
        const struct tdh_word *word = &router->words.list[i];

        if (router->options.similarity > 0 && tdh_rank_has(&router->rank, number, word->hash))
            json_array_append_new(list, json_stringn(word->text, word->length));
    }
    return list;
}

static json_t *tell_candidate(struct tdh_router *router, const struct tdh_router_request *request,
                              uint32_t number)
{
    const struct tdh_candidate *candidate = &router->candidates[number];
    json_t *row = json_pack(
        "{s:s, s:f, s:f, s:o, s:f, s:o, s:f, s:f, s:I, s:b}", "agent", candidate->name, "score",
        router->scores[number], "rules_score", router->by_rules[number], "rules",
        tell_rules(router, request, number), "similarity", similarity_of(router, number), "words",
        tell_words(router, number), "success",
        tdh_candidate_success(router, candidate, request->now_ns), "speed",
        tdh_candidate_speed(router, candidate), "running",
        (json_int_t)tdh_candidate_running(candidate), "full", tdh_candidate_is_full(candidate));

    if (candidate->capacity > 0)
        json_object_set_new(row, "capacity", json_integer(candidate->capacity));
    return row;
}

/* The turns are as before afterwards. Without memory they go on by one: that harms nobody. */
static uint32_t choose_aside(struct tdh_router *router, const struct tdh_router_request *request,
                             struct tdh_choice *choice)
{
    int64_t *turns = calloc(router->count + 1U, sizeof(*turns));
    uint64_t random = router->random;
    uint32_t count;

    for (uint32_t i = 0; turns != NULL && i < router->count; i++)
        turns[i] = router->candidates[i].turn;
    count = choose(router, request, choice);
    for (uint32_t i = 0; turns != NULL && i < router->count; i++)
        router->candidates[i].turn = turns[i];
    router->random = random;
    free(turns);
    return count;
}

json_t *tdh_router_explain(struct tdh_router *router, const struct tdh_router_request *request,
                           unsigned most, struct tdh_choice *ret_choice)
{
    uint32_t count = choose_aside(router, request, ret_choice);
    json_t *rows = json_array();

    if (count > 0)
        json_array_append_new(rows, tell_candidate(router, request, ret_choice->chosen));
    for (unsigned i = 0; count > 0 && i < ret_choice->next_count && i + 1 < most; i++)
        json_array_append_new(rows, tell_candidate(router, request, ret_choice->next[i]));
    clear(router);
    return rows;
}
