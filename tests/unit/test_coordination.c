/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_coordination: the steps of locks, barriers, votes and elections, with a clock of paper: what
 * comes of one call after another, each at its time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "coordination/coordination.h"

#include <cmocka.h>

/* One call; the record is that of the row before, but in the first row of a story. */
struct call {
    const char *story; /* begins one */
    step_fn *step;
    int64_t now_ms;
    const char *input, *want; /* want: the answer; or the error, when it is no JSON */
};

static const struct call calls[] = {
    { "the holder keeps its token, the next one gets a greater one", lock_step, 1000,
      "{'holder': 'a', 'ttl_ms': 500}",
      "{'acquired': true, 'holder': 'a', 'token': 1, 'until_ms': 1500}" },
    { NULL, lock_step, 1400, "{'holder': 'a', 'ttl_ms': 500}",
      "{'acquired': true, 'holder': 'a', 'token': 1, 'until_ms': 1900}" },
    { NULL, lock_step, 1899, "{'holder': 'b', 'ttl_ms': 500}",
      "{'acquired': false, 'holder': 'a', 'until_ms': 1900}" },
    { NULL, lock_step, 1900, "{'holder': 'b', 'ttl_ms': 500}",
      "{'acquired': true, 'holder': 'b', 'token': 2, 'until_ms': 2400}" },
    { NULL, unlock_step, 1901, "{'token': 1}", "{'released': false}" },
    { NULL, lock_step, 1902, "{'holder': 'a', 'ttl_ms': 500}",
      "{'acquired': false, 'holder': 'b', 'until_ms': 2400}" },
    { NULL, unlock_step, 1903, "{'token': 2}", "{'released': true}" },
    { NULL, unlock_step, 1904, "{'token': 2}", "{'released': true}" },
    { NULL, lock_step, 1905, "{'holder': 'b', 'ttl_ms': 500}",
      "{'acquired': true, 'holder': 'b', 'token': 3, 'until_ms': 2405}" },
    { NULL, unlock_step, 1906, "{'token': 2}", "{'released': true}" },
    { NULL, lock_step, 9000, "{'holder': 'b', 'ttl_ms': 500}",
      "{'acquired': true, 'holder': 'b', 'token': 4, 'until_ms': 9500}" },
    { "the clock goes back", lock_step, 9000, "{'holder': 'a', 'ttl_ms': 500}",
      "{'acquired': true, 'holder': 'a', 'token': 1, 'until_ms': 9500}" },
    { NULL, lock_step, 10, "{'holder': 'b', 'ttl_ms': 500}",
      "{'acquired': false, 'holder': 'a', 'until_ms': 9500}" },
    { NULL, unlock_step, 11, "{'token': 1}", "{'released': true}" },
    { NULL, lock_step, 12, "{'holder': 'b', 'ttl_ms': 500}",
      "{'acquired': true, 'holder': 'b', 'token': 2, 'until_ms': 512}" },

    { "a barrier is passed", barrier_step, 1000, "{'party': 'a', 'parties': 2, 'ttl_ms': 100}",
      "{'passed': false, 'broken': false, 'place': 0, 'parties': 2, 'arrived': ['a']}" },
    { NULL, barrier_step, 1050, "{'party': 'a', 'parties': 2, 'ttl_ms': 100}",
      "{'passed': false, 'broken': false, 'place': 0, 'parties': 2, 'arrived': ['a']}" },
    { NULL, barrier_step, 1099, "{'party': 'b', 'parties': 2, 'ttl_ms': 100}",
      "{'passed': true, 'broken': false, 'place': 1, 'parties': 2, 'arrived': ['a', 'b']}" },
    { NULL, barrier_step, 1150, "{'party': 'a', 'parties': 2, 'ttl_ms': 100}",
      "{'passed': true, 'broken': false, 'place': 0, 'parties': 2, 'arrived': ['a', 'b']}" },
    { NULL, barrier_step, 1160, "{'party': 'b', 'parties': 3, 'ttl_ms': 100}",
      "the barrier is for 2 parties, not 3" },
    { NULL, barrier_step, 1199, "{'party': 'c', 'parties': 2, 'ttl_ms': 100}",
      "{'passed': true, 'broken': false, 'place': -1, 'parties': 2, 'arrived': ['a', 'b']}" },
    { NULL, barrier_step, 1200, "{'party': 'c', 'parties': 3, 'ttl_ms': 100}",
      "{'passed': false, 'broken': false, 'place': 0, 'parties': 3, 'arrived': ['c']}" },
    { "a stranger behind the last party", barrier_step, 1000,
      "{'party': 'a', 'parties': 1, 'ttl_ms': 100}",
      "{'passed': true, 'broken': false, 'place': 0, 'parties': 1, 'arrived': ['a']}" },
    { NULL, barrier_step, 1001, "{'party': 'b', 'parties': 1, 'ttl_ms': 100}",
      "the barrier was passed by 1 others" },
    { "or broken, for all", barrier_step, 1000, "{'party': 'a', 'parties': 2, 'ttl_ms': 100}",
      "{'passed': false, 'broken': false, 'place': 0, 'parties': 2, 'arrived': ['a']}" },
    { NULL, barrier_step, 1100, "{'party': 'b', 'parties': 2, 'ttl_ms': 100}",
      "{'passed': false, 'broken': true, 'place': -1, 'parties': 2, 'arrived': ['a']}" },
    { NULL, barrier_step, 1110, "{'party': 'a', 'parties': 2, 'ttl_ms': 100}",
      "{'passed': false, 'broken': true, 'place': 0, 'parties': 2, 'arrived': ['a']}" },

    { "a decision stands", vote_step, 1000,
      "{'voter': 'a', 'choice': 'x', 'voters': 3, 'ttl_ms': 100}",
      "{'outcome': 'open', 'decision': null, 'counted': true, 'tally': {'x': 1}, 'heard': 1, "
      "'voters': 3, 'needed': 2}" },
    { NULL, vote_step, 1001, "{'voter': 'a', 'choice': 'y', 'voters': 3, 'ttl_ms': 100}",
      "\"a\" has voted for \"x\"" },
    { NULL, vote_step, 1002, "{'voter': 'b', 'choice': 'x', 'voters': 3, 'ttl_ms': 100}",
      "{'outcome': 'decided', 'decision': 'x', 'counted': true, 'tally': {'x': 2}, 'heard': 2, "
      "'voters': 3, 'needed': 2}" },
    { NULL, vote_step, 1003, "{'voter': 'c', 'choice': 'y', 'voters': 3, 'ttl_ms': 100}",
      "{'outcome': 'decided', 'decision': 'x', 'counted': false, 'tally': {'x': 2}, 'heard': 2, "
      "'voters': 3, 'needed': 2}" },
    { NULL, vote_step, 1150, "{'voter': 'a', 'choice': 'x', 'voters': 3, 'ttl_ms': 100}",
      "{'outcome': 'decided', 'decision': 'x', 'counted': true, 'tally': {'x': 2}, 'heard': 2, "
      "'voters': 3, 'needed': 2}" },
    { NULL, vote_step, 1151, "{'voter': 'a', 'choice': 'x', 'voters': 5, 'ttl_ms': 100}",
      "the vote is of 3 voters and needs 2 votes" },
    { NULL, vote_step, 1200, "{'voter': 'a', 'choice': 'y', 'voters': 1, 'ttl_ms': 100}",
      "{'outcome': 'decided', 'decision': 'y', 'counted': true, 'tally': {'y': 1}, 'heard': 1, "
      "'voters': 1, 'needed': 1}" },
    { "nobody can get there any more", vote_step, 1000,
      "{'voter': 'a', 'choice': 'x', 'voters': 3, 'needed': 3, 'ttl_ms': 100}",
      "{'outcome': 'open', 'decision': null, 'counted': true, 'tally': {'x': 1}, 'heard': 1, "
      "'voters': 3, 'needed': 3}" },
    { NULL, vote_step, 1001,
      "{'voter': 'b', 'choice': 'abstain', 'voters': 3, 'needed': 3, 'ttl_ms': 100}",
      "{'outcome': 'undecided', 'decision': null, 'counted': true, 'tally': {'x': 1}, 'heard': 2, "
      "'voters': 3, 'needed': 3}" },
    { NULL, vote_step, 1002,
      "{'voter': 'c', 'choice': 'x', 'voters': 3, 'needed': 3, 'ttl_ms': 100}",
      "{'outcome': 'undecided', 'decision': null, 'counted': false, 'tally': {'x': 1}, 'heard': 2, "
      "'voters': 3, 'needed': 3}" },
    { "too few in time", vote_step, 1000,
      "{'voter': 'a', 'choice': 'x', 'voters': 3, 'ttl_ms': 100}",
      "{'outcome': 'open', 'decision': null, 'counted': true, 'tally': {'x': 1}, 'heard': 1, "
      "'voters': 3, 'needed': 2}" },
    { NULL, vote_step, 1100, "{'voter': 'b', 'choice': 'x', 'voters': 3, 'ttl_ms': 100}",
      "{'outcome': 'expired', 'decision': null, 'counted': false, 'tally': {'x': 1}, 'heard': 1, "
      "'voters': 3, 'needed': 2}" },

    { "the highest priority of those who came in time leads", elect_step, 1000,
      "{'candidate': 'a', 'priority': 1, 'ttl_ms': 800, 'window_ms': 100}",
      "{'is_leader': false, 'leader': null, 'token': 0, 'until_ms': 0, 'candidates': 1}" },
    { NULL, elect_step, 1050, "{'candidate': 'b', 'priority': 9, 'ttl_ms': 800}",
      "{'is_leader': false, 'leader': null, 'token': 0, 'until_ms': 0, 'candidates': 2}" },
    { NULL, elect_step, 1100, "{'candidate': 'a', 'priority': 1, 'ttl_ms': 800}",
      "{'is_leader': false, 'leader': 'b', 'token': 1, 'until_ms': 1950, 'candidates': 2}" },
    { NULL, elect_step, 1150, "{'candidate': 'c', 'priority': 99, 'ttl_ms': 800}",
      "{'is_leader': false, 'leader': 'b', 'token': 1, 'until_ms': 1950, 'candidates': 3}" },
    { NULL, elect_step, 1500, "{'candidate': 'b', 'priority': 9, 'ttl_ms': 800}",
      "{'is_leader': true, 'leader': 'b', 'token': 1, 'until_ms': 2300, 'candidates': 3}" },
    { NULL, elect_step, 2299, "{'candidate': 'c', 'priority': 99, 'ttl_ms': 800}",
      "{'is_leader': false, 'leader': 'b', 'token': 1, 'until_ms': 2300, 'candidates': 2}" },
    { NULL, elect_step, 2300, "{'candidate': 'c', 'priority': 99, 'ttl_ms': 800}",
      "{'is_leader': true, 'leader': 'c', 'token': 2, 'until_ms': 3199, 'candidates': 2}" },
    { NULL, elect_step, 9000, "{'candidate': 'a', 'priority': 1, 'ttl_ms': 800}",
      "{'is_leader': true, 'leader': 'a', 'token': 3, 'until_ms': 9900, 'candidates': 1}" },
    { "all who are waited for are there", elect_step, 1000,
      "{'candidate': 'b', 'ttl_ms': 800, 'window_ms': 400, 'expected': 2}",
      "{'is_leader': false, 'leader': null, 'token': 0, 'until_ms': 0, 'candidates': 1}" },
    { NULL, elect_step, 1001, "{'candidate': 'a', 'ttl_ms': 800, 'window_ms': 400, 'expected': 2}",
      "{'is_leader': true, 'leader': 'a', 'token': 1, 'until_ms': 1901, 'candidates': 2}" },
    { "nobody came back while registering was open", elect_step, 1000,
      "{'candidate': 'a', 'ttl_ms': 800, 'window_ms': 100}",
      "{'is_leader': false, 'leader': null, 'token': 0, 'until_ms': 0, 'candidates': 1}" },
    { NULL, elect_step, 9000, "{'candidate': 'b', 'ttl_ms': 800, 'window_ms': 100}",
      "{'is_leader': false, 'leader': null, 'token': 0, 'until_ms': 0, 'candidates': 1}" },
    { NULL, elect_step, 9100, "{'candidate': 'b', 'ttl_ms': 800, 'window_ms': 100}",
      "{'is_leader': true, 'leader': 'b', 'token': 1, 'until_ms': 9900, 'candidates': 1}" },
};
enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

/* JSON with single quotes; NULL: it is none. */
static json_t *parse(const char *text)
{
    char quoted[512];
    json_error_t error;
    size_t length = strlen(text);

    assert_true(length < sizeof(quoted));
    for (size_t i = 0; i <= length; i++)
        quoted[i] = text[i] == '\'' ? '"' : text[i];
    return json_loads(quoted, 0, &error);
}

/* Takes one step; the record is what it was or what it is to become. */
static int take(const struct call *call, json_t **record, struct step *step, struct td_err *err)
{
    json_t *input = parse(call->input);
    int rc;

    assert_non_null(input);
    *step = (struct step){ 0 };
    rc = call->step(*record, call->now_ms, input, step, err);
    if (rc == 0 && step->record != NULL) {
        json_decref(*record);
        *record = json_incref(step->record);
    }
    json_decref(step->record);
    json_decref(input);
    return rc;
}

static void check(const struct call *call, int rc, const struct step *step,
                  const struct td_err *err)
{
    json_t *want = parse(call->want);
    char *told = json_dumps(step->answer, JSON_SORT_KEYS | JSON_ENCODE_ANY);

    if (want != NULL && (rc != 0 || !json_equal(want, step->answer)))
        fail_msg("at %lld, %s: %s", (long long)call->now_ms, call->input,
                 rc != 0 ? err->text : told);
    if (want == NULL)
        assert_string_equal(rc != 0 ? err->text : "no error", call->want);
    free(told);
    json_decref(want);
}

static void each_call_gets_what_its_time_gives(void **state)
{
    json_t *record = NULL;

    (void)state;
    for (size_t i = 0; i < CALLS; i++) {
        struct td_err err = { 0 };
        struct step step;
        int rc;

        if (calls[i].story != NULL) {
            json_decref(record);
            record = NULL;
        }
        rc = take(&calls[i], &record, &step, &err);
        check(&calls[i], rc, &step, &err);
        json_decref(step.answer);
    }
    json_decref(record);
}

/* The n-th allocation of each call fails for n = 1, 2, ...: the call fails with a text, or gives
 * what it gives else; and it never changes the record it was given. */
static void short_memory_fails_a_call_and_changes_nothing(void **state)
{
    json_t *record = NULL;

    (void)state;
    for (size_t i = 0; i < CALLS; i++) {
        json_t *input = parse(calls[i].input), *want = parse(calls[i].want), *before;
        bool has_failed = true;

        if (calls[i].story != NULL) {
            json_decref(record);
            record = NULL;
        }
        before = json_deep_copy(record);
        for (unsigned n = 1; has_failed; n++) {
            struct td_err err = { 0 };
            struct step step = { 0 };
            int rc;

            alloc_fail_at(n);
            rc = calls[i].step(record, calls[i].now_ms, input, &step, &err);
            has_failed = alloc_fail_end();
            assert_true(rc == 0 || err.text[0] != '\0');
            if (rc == 0 && step.answer != NULL && want != NULL)
                assert_true(json_equal(want, step.answer));
            assert_true(record == NULL || json_equal(record, before));
            if (!has_failed && rc == 0 && step.record != NULL) {
                json_decref(record);
                record = json_incref(step.record);
            }
            json_decref(step.record);
            json_decref(step.answer);
        }
        json_decref(before);
        json_decref(want);
        json_decref(input);
    }
    json_decref(record);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_gets_what_its_time_gives),
        cmocka_unit_test(short_memory_fails_a_call_and_changes_nothing),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
