/* SPDX-License-Identifier: Apache-2.0 */
/*
 * breaker: when it opens, whom it lets through, and when it closes. Time is given, none passes.
 */
#include "call_bed.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "base/hook.h"
#include "base/json.h"
#include "base/log.h"
#include "call/internal.h"
#include "policy_bed.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/*
 * A play, character by character, a second before each: "s" a call that succeeds, "f" one that
 * fails (timeout), "v" one with a wrong input, "c" one that was cancelled; "w" waits 10 more
 * seconds; in capitals: a call that began and ends later, at "e", the oldest first. An answer for
 * each call: "." it went through, "x" it was refused.
 */
static const struct {
    const char *claim, *breaker, *play, *want, *events;
} plays[] = {
    { "failures in a row open it", "failures: 3", "fffss", "...xx", "o" },
    { "a success begins the row anew", "failures: 3", "ffsffs", "......", "" },
    { "what the caller did wrong is no failure", "failures: 2", "fvvcvs", "......", "" },
    { "nor does it end a row", "failures: 2", "fvfs", "...x", "o" },
    { "after the cool-down one goes through, and closes it", "failures: 2, cool_down: 5s",
      "ffswsff", "..x...", "ohco" },
    { "it must succeed", "failures: 2, cool_down: 5s", "ffwfs", "...x", "oho" },
    { "each cool-down is longer than the one before", "failures: 1, cool_down: 10s", "fwfwswfwws",
      "..x.x", "ohoho" },
    { "up to the longest", "failures: 1, cool_down: 10s, max: 11s", "fwfwfws", "....", "ohohohc" },
    { "one is tried while the others wait", "failures: 1, cool_down: 5s", "fwSsses", "..xx.",
      "ohc" },
    { "as many are tried as it says, and all must succeed", "failures: 1, cool_down: 5s, probes: 2",
      "fwSSSees", "...x.", "ohc" },
    { "one of them that fails opens it, the rest is of an earlier time",
      "failures: 1, cool_down: 5s, probes: 2", "fwFSees", "...x", "oho" },
    { "one that tells nothing lets another one try", "failures: 1, cool_down: 5s", "fwvs", "...",
      "ohc" },
    { "what began before it opened counts for nothing after", "failures: 1, cool_down: 5s",
      "FFewSees", "....", "ohc" },
    { "a rate needs enough calls", "rate: 0.5, min_calls: 4", "fffs", "....", "" },
    { "a rate opens it", "rate: 0.5, min_calls: 4", "ssffs", "....x", "o" },
    { "below the rate it stays", "rate: 0.5, min_calls: 4", "sssffss", ".......", "" },
    { "what is out of the window does not count", "rate: 0.5, min_calls: 4, window: 10s", "ffwwffs",
      ".....", "" },
    { "only what is configured counts", "failures: 1, categories: [resource]", "fffs", "....", "" },
};

static char events[40];

static void hear(void *arg, const char *name, const json_t *data)
{
    size_t used = strlen(events);

    (void)arg;
    assert_string_equal(tdh_json_str(data, "agent", ""), "a");
    events[used] = name[strlen("breaker.")];
    events[used + 1] = '\0';
}

struct stage {
    struct tdh_target target;
    uint64_t now_ns;
    struct {
        unsigned ticket;
        char how;
    } open[8];
    unsigned first, count;
    char said[40];
};

static void leave(struct stage *stage, unsigned ticket, char how)
{
    static const struct {
        char how;
        enum td_code code;
    } codes[] = { { 'f', TD_E_TIMEOUT }, { 'v', TD_E_INVAL }, { 'c', TD_E_CANCELLED } };
    struct td_err err;

    for (size_t i = 0; i < COUNT(codes); i++)
        if (codes[i].how == how) {
            td_fail(&err, codes[i].code, "that failed");
            tdh_breaker_leave(stage->target.breaker, ticket, stage->now_ns, &err);
            return;
        }
    tdh_breaker_leave(stage->target.breaker, ticket, stage->now_ns, NULL);
}

static void call(struct stage *stage, char how)
{
    bool is_long = how < 'a';
    struct td_err err;
    unsigned ticket;
    int rc = tdh_breaker_enter(stage->target.breaker, stage->now_ns, &ticket, &err);
    size_t used = strlen(stage->said);

    stage->said[used] = rc == 0 ? '.' : 'x';
    stage->said[used + 1] = '\0';
    if (rc != 0) {
        assert_int_equal(err.code, TD_E_UNAVAILABLE);
        assert_true(err.is_retryable && err.retry_after_ms > 0);
    } else if (is_long) {
        stage->open[stage->count].ticket = ticket;
        stage->open[stage->count++].how = (char)(how - 'A' + 'a');
    } else {
        leave(stage, ticket, how);
    }
}

static void act(struct stage *stage, char what)
{
    stage->now_ns += UINT64_C(1000000000);
    if (what == 'w') {
        stage->now_ns += UINT64_C(10000000000);
    } else if (what == 'e') {
        leave(stage, stage->open[stage->first].ticket, stage->open[stage->first].how);
        stage->first++;
    } else {
        call(stage, what);
    }
}

static void it_opens_tries_and_closes_as_it_says(void **state)
{
    (void)state;
    tdh_hook_add(hear, NULL);
    for (size_t i = 0; i < COUNT(plays); i++) {
        struct stage stage = { .target = { .kind = "agent", .name = "a", .action = "do" },
                               .now_ns = UINT64_C(123456789000000) };
        struct td_err err;
        char text[200];

        snprintf(text, sizeof(text), "breakers:\n- {match: {agents: a}, %s}\n", plays[i].breaker);
        use_policies(text);
        events[0] = '\0';
        assert_int_equal(tdh_target_ready(&stage.target, &err), 0);
        assert_non_null(stage.target.breaker);
        for (const char *at = plays[i].play; *at != '\0'; at++)
            act(&stage, *at);
        if (strcmp(stage.said, plays[i].want) != 0 || strcmp(events, plays[i].events) != 0)
            fail_msg("%s: %s, not %s; events %s, not %s", plays[i].claim, stage.said, plays[i].want,
                     events, plays[i].events);
        tdh_target_end(&stage.target);
    }
    use_policies(NULL);
    tdh_hook_clear();
}

static void fail_and_be_refused(void *arg)
{
    struct bed *bed = arg;
    struct td_err err;
    json_t *list;

    bed->fails = 2;
    bed_error(bed, TD_E_EXTERNAL, false);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(bed_call(bed, NULL, NULL, &err), -1);
    assert_int_equal(bed_call(bed, NULL, NULL, &err), -1);
    assert_int_equal(atomic_load(&bed->calls), 2);
    assert_int_equal(err.code, TD_E_UNAVAILABLE);
    assert_in_range(err.retry_after_ms, 3000000, 3600000);
    assert_non_null(strstr(err.text, "\"a\" action \"do\" was not called: its breaker is open "
                                     "since 2"));
    assert_non_null(strstr(err.text, "Z, the next try is in 3"));
    assert_string_equal(err.hint, "it opened as it kept failing: that failed");
    list = tdh_breakers_list();
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(tdh_json_str(json_array_get(list, 0), "state", ""), "open");
    assert_string_equal(tdh_json_str(json_array_get(list, 0), "why", ""), "that failed");
    json_decref(list);
}

static void an_open_one_says_since_when_and_until_when(void **state)
{
    use_policies("breakers:\n- {match: {agents: a}, failures: 2, cool_down: 1h}\n");
    bed_run(*state, 1, fail_and_be_refused);
    bed_teardown(state);
    use_policies(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_opens_tries_and_closes_as_it_says),
        cmocka_unit_test_setup(an_open_one_says_since_when_and_until_when, bed_setup),
    };

    tdh_log_setup(TDH_LOG_OFF, TDH_LOG_TEXT, 2);
    return cmocka_run_group_tests_name("breaker", tests, NULL, NULL);
}
