/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recover: what the path of calls does by the policies: who tries again, who stands in, what counts
 * in the end. test_run_recover has the same within runs.
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
#include "policy_bed.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define RULE "rules:\n- "

static const struct {
    const char *policies;
    unsigned fails; /* attempts that fail first, whoever makes them */
    enum td_code code;
    bool is_retryable, says_retry;
    unsigned asked; /* attempts that the caller asks for; 0: it says nothing */
    int rc;
    unsigned attempts;  /* in all */
    const char *told;   /* the output as JSON, or the error */
    enum td_code ended; /* the error's code */
} rows[] = {
    /* no rule: as ever */
    { RULE "{match: {agents: b}, ignore: true}\n", 1, TD_E_EXEC, false, false, 0, -1, 1,
      "that failed", TD_E_EXEC },
    /* a rule says what is tried again, where nobody else does */
    { RULE "{match: {}, retry: {max_attempts: 3, initial: 1ms}}\n", 2, TD_E_EXEC, false, false, 0,
      0, 3, "7", TD_OK },
    { RULE "{match: {}, retry: {max_attempts: 3, initial: 1ms}}\n", 3, TD_E_EXEC, false, false, 0,
      -1, 3, "that failed", TD_E_EXEC },
    { RULE "{match: {}, retry: {max_attempts: 5, initial: 1ms}}\n", 9, TD_E_EXEC, true, false, 2,
      -1, 2, "that failed", TD_E_EXEC },
    { RULE "{match: {}, retry: {max_attempts: 5, initial: 1ms}}\n", 9, TD_E_EXEC, true, true, 0, -1,
      1, "that failed", TD_E_EXEC },
    { RULE "{match: {codes: timeout}, retry: {max_attempts: 5, initial: 1ms}}\n", 9, TD_E_EXEC,
      true, false, 0, -1, 1, "that failed", TD_E_EXEC },
    /* others stand in, behind the attempts */
    { RULE "{match: {}, fallback: [b]}\n", 1, TD_E_EXEC, false, false, 0, 0, 2, "7", TD_OK },
    { RULE "{match: {}, retry: {max_attempts: 2, initial: 1ms}, fallback: [b]}\n", 9, TD_E_EXEC,
      false, false, 0, -1, 4, "\"b\" stood in for \"a\": that failed", TD_E_EXEC },
    { RULE "{match: {agents: a}, fallback: [gone, b]}\n", 1, TD_E_EXEC, false, false, 0, 0, 2, "7",
      TD_OK },
    { RULE "{match: {agents: a}, fallback: [gone]}\n", 1, TD_E_EXEC, false, false, 0, -1, 1,
      "\"gone\" cannot stand in for \"a\": there is no agent \"gone\"", TD_E_NOTFOUND },
    { RULE "{match: {agents: a}, fallback: [strong]}\n", 1, TD_E_EXEC, false, false, 0, -1, 1,
      "\"strong\" cannot stand in for \"a\": its action \"do\" has stronger effects", TD_E_CONFIG },
    /* of those who stand in nobody's fallback counts: no circle */
    { RULE "{match: {agents: a}, fallback: [b]}\n- {match: {agents: b}, fallback: [a], use: 3}\n",
      9, TD_E_EXEC, false, false, 0, -1, 2, "\"b\" stood in for \"a\": that failed", TD_E_EXEC },
    /* the end */
    { RULE "{match: {}, use: {x: [1]}}\n", 9, TD_E_EXEC, false, false, 0, 0, 1, "{\"x\":[1]}",
      TD_OK },
    { RULE "{match: {}, ignore: true}\n", 9, TD_E_EXEC, false, false, 0, 0, 1, "null", TD_OK },
    { RULE "{match: {}, fallback: [b], use: 5}\n", 9, TD_E_EXEC, false, false, 0, 0, 2, "5",
      TD_OK },
    { RULE "{match: {}, fail: {code: unavailable, text: later}}\n", 9, TD_E_EXEC, false, false, 0,
      -1, 1, "later: that failed", TD_E_UNAVAILABLE },
    { RULE "{match: {}, escalate: ops}\n", 9, TD_E_EXEC, false, false, 0, -1, 1, "that failed",
      TD_E_EXEC },
};

static char heard[300];
static size_t row;

static void hear(void *arg, const char *name, const json_t *data)
{
    (void)arg;
    snprintf(heard, sizeof(heard), "%s %s %s %s", name, tdh_json_str(data, "to", "?"),
             tdh_json_str(data, "rule", "?"),
             tdh_json_str(json_object_get(data, "error"), "category", "?"));
}

static struct bed *the_bed;
static struct tdh_target strong;

static int resolve(void *arg, const char *name, const char *action, const char *edition,
                   struct tdh_target **ret_target, struct td_err *err)
{
    (void)arg;
    (void)edition;
    assert_string_equal(action, "do");
    if (strcmp(name, "gone") == 0)
        return td_fail(err, TD_E_NOTFOUND, "there is no agent \"gone\"");
    strong = (struct tdh_target){ .name = "strong", .effects = TDH_EFFECTS_EXTERNAL };
    *ret_target = strcmp(name, "strong") == 0 ? &strong
                  : strcmp(name, "b") == 0    ? &the_bed->other
                                              : &the_bed->target;
    return 0;
}

static void check_row(void *arg)
{
    struct bed *bed = arg;
    struct td_policy policy = { .max_attempts = rows[row].asked, .initial_ms = 1 };
    struct tdh_call call = { .target = &bed->target, .policy = &policy };
    struct td_err err = { 0 };
    int rc;

    bed->answer = 7;
    bed->fails = rows[row].fails;
    bed_error(bed, rows[row].code, rows[row].is_retryable);
    rc = tdh_call_run(&call, &err);
    if (rc != rows[row].rc || atomic_load(&bed->calls) != rows[row].attempts)
        fail_msg("row %zu: %d after %u: %s", row, rc, atomic_load(&bed->calls), err.text);
    if (rc == 0) {
        char *text = json_dumps(call.output, JSON_COMPACT | JSON_ENCODE_ANY);

        assert_string_equal(text, rows[row].told);
        free(text);
    } else {
        assert_string_equal(err.text, rows[row].told);
        assert_int_equal(err.code, rows[row].ended);
    }
    json_decref(call.output);
}

static void policies_say_what_becomes_of_a_failure(void **state)
{
    void *bed;

    (void)state;
    tdh_call_register(TD_TARGET_AGENT, resolve, NULL);
    for (row = 0; row < COUNT(rows); row++) {
        use_policies(rows[row].policies);
        assert_int_equal(bed_setup(&bed), 0);
        the_bed = bed;
        the_bed->target.says_retry = rows[row].says_retry;
        bed_run(bed, 1, check_row);
        bed_teardown(&bed);
        use_policies(NULL);
    }
}

static void fail_once(void *arg)
{
    struct bed *bed = arg;
    struct td_err err;

    bed->fails = 1;
    bed_error(bed, TD_E_TIMEOUT, false);
    assert_int_equal(bed_call(bed, NULL, NULL, &err), -1);
}

static void a_failure_is_escalated_as_an_event(void **state)
{
    tdh_hook_add(hear, NULL);
    use_policies(RULE "{name: calls, match: {}, escalate: ops}\n");
    bed_run(*state, 1, fail_once);
    assert_string_equal(heard, "error.escalated ops p/calls timeout");
    tdh_hook_clear();
}

static void call_twice(void *arg)
{
    struct bed *bed = arg;
    struct td_err err;

    bed->fails = 1;
    bed_error(bed, TD_E_TIMEOUT, false);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(bed_call(bed, json_null(), NULL, &err), 0);
    assert_int_equal(atomic_load(&bed->calls), 2); /* the first output was not the agent's own */
}

static void what_is_used_instead_is_not_kept_in_the_cache(void **state)
{
    struct bed *bed = *state;

    use_policies(RULE "{match: {}, use: 3}\n");
    bed->target.cache_ttl_ms = 60000;
    bed_run(bed, 1, call_twice);
}

static int teardown(void **state)
{
    int rc = bed_teardown(state);

    use_policies(NULL);
    return rc;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(policies_say_what_becomes_of_a_failure),
        cmocka_unit_test_setup_teardown(a_failure_is_escalated_as_an_event, bed_setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_used_instead_is_not_kept_in_the_cache, bed_setup,
                                        teardown),
    };

    tdh_log_setup(TDH_LOG_OFF, TDH_LOG_TEXT, 2);
    return cmocka_run_group_tests_name("recover", tests, NULL, NULL);
}
