/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tally: counted anew after each vote, from the votes alone: the order in which they came does not
 * matter.
 */
#include "tally.h"

#include <string.h>

int tally_rules(const json_t *config, size_t voters, size_t quorum, struct rules *ret_rules,
                struct td_err *err)
{
    static const char *const names[] = { "majority",  "two_thirds", "unanimous",
                                         "plurality", "votes",      NULL };
    static const char *const bases[] = { "cast", "all", NULL };
    struct rules rules = { 0 };
    unsigned rule, base;

    if (kit_choice(config, "rule", names, MAJORITY, &rule, err) != 0 ||
        kit_choice(config, "of", bases, 0, &base, err) != 0 ||
        kit_count(config, "votes", 1, VOTERS_MAX * WEIGHT_MAX, 0, &rules.votes, err) != 0 ||
        kit_count(config, "quorum", 1, voters, quorum, &rules.quorum, err) != 0)
        return -1;
    if ((rule == VOTES) != (rules.votes > 0))
        return td_fail(err, TD_E_CONFIG, "\"votes\" and the rule \"votes\" need each other");
    rules.rule = (enum rule)rule;
    rules.is_of_all = base == 1;
    *ret_rules = rules;
    return 0;
}

/* --- votes --- */

static bool is_allowed(const json_t *choices, const json_t *choice)
{
    const json_t *allowed;
    size_t i;

    json_array_foreach (choices, i, allowed)
        if (kit_equal(allowed, choice))
            return true;
    return choices == NULL;
}

static bool is_abstention(const json_t *choice)
{
    return choice == NULL || json_is_null(choice) ||
           (json_is_string(choice) && strcmp(json_string_value(choice), "abstain") == 0);
}

json_t *tally_vote(const struct td_event *event, const char *choice_at, const json_t *choices)
{
    json_t *choice;

    if (event->kind == TD_EVENT_FAILED)
        return json_pack("{s:s}", "error", event->error->text);
    choice = kit_at(event->output, choice_at);
    if (is_abstention(choice))
        return json_pack("{s:b}", "abstained", 1);
    if (!is_allowed(choices, choice))
        return json_pack("{s:s}", "error", "voted for what is no choice");
    return json_pack("{s:O}", "choice", choice);
}

/* --- counting --- */

static struct tally_row *row_of(struct tally *tally, json_t *choice)
{
    for (size_t i = 0; i < tally->count; i++)
        if (kit_equal(tally->rows[i].choice, choice))
            return &tally->rows[i];
    tally->rows[tally->count] = (struct tally_row){ .choice = choice };
    return &tally->rows[tally->count++];
}

void tally_make(struct tally *tally, const json_t *votes, const size_t *weights, bool is_final)
{
    const json_t *vote;
    size_t i;

    *tally = (struct tally){ 0 };
    json_array_foreach (votes, i, vote) {
        json_t *choice = json_object_get(vote, "choice");

        tally->all += weights[i];
        if (choice != NULL) {
            struct tally_row *row = row_of(tally, choice);

            row->votes++;
            row->weight += weights[i];
            tally->voted++;
            tally->cast += weights[i];
        } else if (json_object_get(vote, "abstained") != NULL) {
            tally->abstained++;
        } else if (json_is_null(vote) && !is_final) {
            tally->open += weights[i];
        } else {
            tally->failed++;
        }
    }
}

static const struct tally_row *best_row(const struct tally *tally)
{
    const struct tally_row *best = NULL;

    for (size_t i = 0; i < tally->count; i++)
        if (best == NULL || tally->rows[i].weight > best->weight)
            best = &tally->rows[i];
    return best;
}

/* The most that another choice has. */
static size_t second_weight(const struct tally *tally, const struct tally_row *best)
{
    size_t most = 0;

    for (size_t i = 0; i < tally->count; i++)
        if (&tally->rows[i] != best && tally->rows[i].weight > most)
            most = tally->rows[i].weight;
    return most;
}

/* Whether it has won, even if all who were not heard yet vote for one other choice. */
static bool has_won(const struct tally *tally, const struct rules *rules,
                    const struct tally_row *row)
{
    size_t base = rules->is_of_all ? tally->all : tally->cast + tally->open;

    switch (rules->rule) {
    case TWO_THIRDS:
        return 3 * row->weight >= 2 * base;
    case UNANIMOUS:
        return row->weight == base;
    case PLURALITY:
        return row->weight > second_weight(tally, row) + tally->open;
    case VOTES:
        return row->weight >= rules->votes;
    case MAJORITY:
    default:
        return 2 * row->weight > base;
    }
}

enum verdict tally_verdict(const struct tally *tally, const struct rules *rules,
                           const struct tally_row **ret_best)
{
    const struct tally_row *best = best_row(tally);
    bool is_quorate = tally->voted + tally->abstained >= rules->quorum;

    *ret_best = best;
    if (is_quorate && best != NULL && has_won(tally, rules, best))
        return DECIDED;
    if (tally->open > 0)
        return WAITING;
    if (!is_quorate)
        return NO_QUORUM;
    return best != NULL && second_weight(tally, best) == best->weight ? TIE : UNDECIDED;
}

bool tally_is_leading(const struct tally *tally, const json_t *choice)
{
    const struct tally_row *best = best_row(tally);

    for (size_t i = 0; i < tally->count; i++)
        if (tally->rows[i].weight == best->weight && kit_equal(tally->rows[i].choice, choice))
            return true;
    return false;
}

json_t *tally_json(const struct tally *tally, bool is_leading)
{
    const struct tally_row *best = best_row(tally);
    json_t *rows = json_array();

    for (size_t i = 0; i < tally->count; i++)
        if (!is_leading || tally->rows[i].weight == best->weight)
            kit_add(&rows, json_pack("{s:O, s:I, s:I}", "choice", tally->rows[i].choice, "votes",
                                     (json_int_t)tally->rows[i].votes, "weight",
                                     (json_int_t)tally->rows[i].weight));
    return rows;
}
