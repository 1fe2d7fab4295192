/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tally: counts votes, and says whether they decide. For patterns in which several vote.
 */
#ifndef PATTERNS_KIT_TALLY_H
#define PATTERNS_KIT_TALLY_H

#include "kit.h"

enum { VOTERS_MAX = 100, WEIGHT_MAX = 1000 };

enum rule { MAJORITY, TWO_THIRDS, UNANIMOUS, PLURALITY, VOTES };

struct tally_row {
    json_t *choice; /* borrowed */
    size_t votes, weight;
};

/* Of the votes that are there. Rows stand in the order of the voters who first named them. */
struct tally {
    struct tally_row rows[VOTERS_MAX];
    size_t count;
    size_t voted, abstained, failed; /* voters */
    size_t cast, open, all;          /* weights: of votes, of voters not heard yet, of everybody */
};

enum verdict { WAITING, DECIDED, TIE, UNDECIDED, NO_QUORUM };

struct rules {
    enum rule rule;
    bool is_of_all; /* shares are of all voters, not of the votes cast */
    size_t votes;   /* VOTES: so many are enough */
    size_t quorum;  /* voters */
};

/** Reads the keys `rule`, `of`, `votes` and `quorum`. */
int tally_rules(const json_t *config, size_t voters, size_t quorum, struct rules *ret_rules,
                struct td_err *err);
/** What an answer is worth, as it stands in `votes`: the choice at a JSON pointer, which is one of
 * `choices` (a list; NULL: anything); null and "abstain" are abstentions. new */
json_t *tally_vote(const struct td_event *event, const char *choice_at, const json_t *choices);
/** Counts `votes`: by voter null (not heard), {choice}, {abstained} or {error}. When it is final,
 * who was not heard counts as failed. */
void tally_make(struct tally *tally, const json_t *votes, const size_t *weights, bool is_final);
/** What the votes say; DECIDED only when votes to come cannot change it. *ret_best is the row of
 * the most weight, if there is one. */
enum verdict tally_verdict(const struct tally *tally, const struct rules *rules,
                           const struct tally_row **ret_best);
/** Whether a choice is among those of the most weight. */
bool tally_is_leading(const struct tally *tally, const json_t *choice);
/** [{choice, votes, weight}]; with is_leading only those of the most weight. new */
json_t *tally_json(const struct tally *tally, bool is_leading);

#endif
