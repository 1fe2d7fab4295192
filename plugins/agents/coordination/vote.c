/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vote: a voter has one vote, which cannot be changed. A choice that has the votes it needs is
 * decided for good: a vote that comes later is not counted. It ends undecided as soon as no choice
 * can get there any more, and expired when too few have voted in time.
 */
#include "coordination.h"

#include <string.h>

#define ABSTAIN "abstain"

static json_t *begin(int64_t now_ms, const json_t *input)
{
    int64_t ttl = int_of(input, "ttl_ms", 0), voters = int_of(input, "voters", 1);

    return json_pack("{s:I, s:I, s:{}, s:n, s:I, s:I}", "voters", (json_int_t)voters, "needed",
                     (json_int_t)int_of(input, "needed", voters / 2 + 1), "votes", "decision",
                     "until", (json_int_t)(now_ms + ttl), "ends", (json_int_t)(now_ms + 2 * ttl));
}

/* {CHOICE: VOTES}. new */
static json_t *tally_of(const json_t *record, struct td_err *err)
{
    json_t *tally = json_object(), *choice;
    const char *voter;

    json_object_foreach (json_object_get(record, "votes"), voter, choice) {
        const char *text = json_string_value(choice);

        if (strcmp(text, ABSTAIN) != 0 &&
            json_object_set_new(tally, text, json_integer(int_of(tally, text, 0) + 1)) != 0) {
            json_decref(tally);
            tally = NULL;
            break;
        }
    }
    if (tally == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the votes");
    return tally;
}

static json_int_t most_votes(const json_t *tally)
{
    const char *choice;
    json_t *votes;
    json_int_t most = 0;

    json_object_foreach ((json_t *)tally, choice, votes)
        if (json_integer_value(votes) > most)
            most = json_integer_value(votes);
    return most;
}

static const char *outcome_of(const json_t *record, const json_t *tally, int64_t now_ms)
{
    json_int_t heard = (json_int_t)json_object_size(json_object_get(record, "votes"));
    json_int_t open = int_of(record, "voters", 0) - heard;

    if (!json_is_null(json_object_get(record, "decision")))
        return "decided";
    if (most_votes(tally) + open < int_of(record, "needed", 0))
        return "undecided";
    return int_of(record, "until", 0) <= now_ms ? "expired" : "open";
}

static int check(const json_t *record, const json_t *input, struct td_err *err)
{
    json_int_t voters = int_of(input, "voters", 1),
               needed = int_of(input, "needed", voters / 2 + 1);
    const char *voter = text_of(input, "voter"), *choice = text_of(input, "choice"),
               *before = text_of(json_object_get(record, "votes"), voter);

    if (needed > voters)
        return td_fail(err, TD_E_INVAL, "\"needed\" is %lld, more than \"voters\", which is %lld",
                       (long long)needed, (long long)voters);
    if (int_of(record, "voters", 0) != voters || int_of(record, "needed", 0) != needed)
        return td_fail(err, TD_E_INVAL, "the vote is of %lld voters and needs %lld votes",
                       (long long)int_of(record, "voters", 0),
                       (long long)int_of(record, "needed", 0));
    if (before != NULL && strcmp(before, choice) != 0)
        return td_fail(err, TD_E_EXISTS, "\"%s\" has voted for \"%s\"", voter, before);
    return 0;
}

/* A vote counts as long as nothing is decided. */
static int count(json_t *record, const json_t *input, struct td_err *err)
{
    const char *choice = text_of(input, "choice");
    json_t *tally;
    int rc = 0;

    if (json_object_set_new(json_object_get(record, "votes"), text_of(input, "voter"),
                            json_string(choice)) != 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate the vote");
    tally = tally_of(record, err);
    if (tally == NULL)
        return -1;
    if (int_of(tally, choice, 0) >= int_of(record, "needed", 0) &&
        json_object_set_new(record, "decision", json_string(choice)) != 0)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate the decision");
    json_decref(tally);
    return rc;
}

static int answer(const json_t *record, int64_t now_ms, const json_t *input, struct step *ret_step,
                  struct td_err *err)
{
    json_t *tally = tally_of(record, err);
    const json_t *votes = json_object_get(record, "votes");
    const char *outcome;

    if (tally == NULL)
        return -1;
    outcome = outcome_of(record, tally, now_ms);
    ret_step->is_waiting = strcmp(outcome, "open") == 0;
    ret_step->answer = json_pack("{s:s, s:O, s:b, s:o, s:I, s:I, s:I}", "outcome", outcome,
                                 "decision", json_object_get(record, "decision"), "counted",
                                 json_object_get(votes, text_of(input, "voter")) != NULL, "tally",
                                 tally, "heard", (json_int_t)json_object_size(votes), "voters",
                                 (json_int_t)int_of(record, "voters", 0), "needed",
                                 (json_int_t)int_of(record, "needed", 0));
    return ret_step->answer != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the answer");
}

static int look_whether_open(const json_t *record, int64_t now_ms, bool *ret_is_open,
                             struct td_err *err)
{
    json_t *tally = tally_of(record, err);

    if (tally == NULL)
        return -1;
    *ret_is_open = strcmp(outcome_of(record, tally, now_ms), "open") == 0;
    json_decref(tally);
    return 0;
}

int vote_step(const json_t *old, int64_t now_ms, const json_t *input, struct step *ret_step,
              struct td_err *err)
{
    bool is_new = old == NULL || int_of(old, "ends", 0) <= now_ms;
    json_t *record = is_new ? begin(now_ms, input) : copy_of(old);
    bool is_open = false;
    int rc;

    if (record == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the vote");
    rc = check(record, input, err);
    if (rc == 0)
        rc = look_whether_open(record, now_ms, &is_open, err);
    if (rc == 0 && is_open &&
        text_of(json_object_get(record, "votes"), text_of(input, "voter")) == NULL) {
        ret_step->record = json_incref(record);
        rc = count(record, input, err);
    }
    if (rc == 0)
        rc = answer(record, now_ms, input, ret_step, err);
    json_decref(record);
    return rc;
}
