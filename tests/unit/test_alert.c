/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alert: when one is raised and resolved, how often it is told, and of whom. Time is given, none
 * passes.
 */
#include "policy_bed.h" /* before cmocka, which makes a macro of "fail" */

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
#include "observe/observe.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define SECOND UINT64_C(1000000000)

/*
 * A play, character by character: "s" an attempt of agent "a" that succeeds, "f" one that fails
 * (timeout), "i" with a wrong input, "l" one that takes 3 s; "S", "F": of agent "b". "w" waits
 * 10 s, "m" a minute; "." looks. What was told: agent of a raise in capitals, of a resolve small.
 */
static const struct {
    const char *claim, *alert, *play, *want;
} plays[] = {
    { "a rate above its bound raises it, once", "rate: 0.1, min_calls: 10", "sssssssssfff...ff.",
      "A" },
    { "at the bound it does not", "rate: 0.1, min_calls: 10", "sssssssssf.", "" },
    { "nor with too few calls", "rate: 0.1, min_calls: 10", "fffffffff.", "" },
    { "it is resolved when the window is over", "rate: 0.1, min_calls: 2, window: 1m", "ffm.",
      "Aa" },
    { "and by calls that succeed", "rate: 0.5, min_calls: 2", "ffss.", "Aa" },
    { "each agent has its own", "rate: 0.5, min_calls: 2, by: agent", "fSFfSFFF", "AB" },
    { "all together have one", "rate: 0.5, min_calls: 4, by: all", "fSFfFF", "?" },
    { "a count raises it", "count: 3", "fsfsf", "A" },
    { "of what matches only", "count: 2, match: {codes: timeout}", "fiiiif", "A" },
    { "of agents that match only", "count: 2, match: {agents: b}", "ffffFF", "B" },
    { "what does not match is still a call", "rate: 0.5, min_calls: 4, match: {codes: timeout}",
      "iiff.f", "A" },
    { "`for` wants it to last", "count: 1, for: 30s", "fww.w.", "A" },
    { "and begins anew when it ends meanwhile", "rate: 0.5, min_calls: 2, for: 30s",
      "ffwwss.ffff.ww.w.", "A" },
    { "within the cool-down there is no second one",
      "rate: 0.5, min_calls: 2, window: 1m, cool_down: 10m", "ffm.ff.m.ff.", "Aa" },
    { "after it there is", "rate: 0.5, min_calls: 2, window: 1m, cool_down: 2m", "ffm.mff.m.",
      "AaAa" },
    { "and one that waited for its end is raised then",
      "rate: 0.5, min_calls: 2, window: 5m, cool_down: 2m", "ffsss.fffff.m.m.", "AaA" },
    { "slow calls raise it", "latency: 2s, quantile: 0.5, min_calls: 4", "sslll", "A" },
    { "a few of them do not", "latency: 2s, min_calls: 4", "sssssssssssssssssssl.", "" },
    { "calls that fail are no slow ones", "latency: 2s, min_calls: 4", "ffffff.", "" },
};

static char told[40];

static void hear(void *arg, const char *name, const json_t *data)
{
    size_t used = strlen(told);
    const char *subject = tdh_json_str(data, "subject", "?");
    bool is_raised = strcmp(name, "alert.raised") == 0;
    char letter = strcmp(subject, "all") == 0 ? '?' : subject[0];

    (void)arg;
    assert_string_equal(tdh_json_str(data, "alert", ""), "x");
    told[used] = is_raised && letter != '?' ? (char)(letter - 'a' + 'A') : letter;
    told[used + 1] = '\0';
}

struct stage {
    struct tdh_alerts *alerts;
    struct tdh_target a, b;
    uint64_t now_ns;
};

static void note(struct stage *stage, char what)
{
    bool is_b = what < 'a';
    struct td_err err;

    td_fail(&err, what == 'i' ? TD_E_INVAL : TD_E_TIMEOUT, "that failed");
    tdh_alerts_note(stage->alerts, is_b ? &stage->b : &stage->a,
                    strchr("fFi", what) != NULL ? &err : NULL, 1,
                    what == 'l' ? 3 * SECOND : SECOND / 1000, stage->now_ns);
}

static void act(struct stage *stage, char what)
{
    switch (what) {
    case 'w':
        stage->now_ns += 10 * SECOND;
        break;
    case 'm':
        stage->now_ns += 60 * SECOND;
        break;
    case '.':
        tdh_alerts_look(stage->alerts, stage->now_ns);
        break;
    default:
        note(stage, what);
    }
}

static void it_is_raised_and_resolved_as_it_says(void **state)
{
    (void)state;
    tdh_hook_add(hear, NULL);
    for (size_t i = 0; i < COUNT(plays); i++) {
        struct stage stage = { .now_ns = 123456789 * SECOND };
        struct tdh_policies *policies;
        struct td_err err;
        char text[200];

        stage.a = (struct tdh_target){ .kind = "agent", .name = "a", .action = "do" };
        stage.b = (struct tdh_target){ .kind = "agent", .name = "b", .action = "do" };
        snprintf(text, sizeof(text), "alerts:\n- {name: x, %s}\n", plays[i].alert);
        policies = read_policies(text, &err);
        if (policies == NULL)
            fail_msg("%s", err.text);
        stage.alerts = tdh_alerts_new(policies, &err);
        if (stage.alerts == NULL)
            fail_msg("%s", err.text);
        told[0] = '\0';
        for (const char *at = plays[i].play; *at != '\0'; at++)
            act(&stage, *at);
        if (strcmp(told, plays[i].want) != 0)
            fail_msg("%s: told \"%s\", not \"%s\"", plays[i].claim, told, plays[i].want);
        tdh_alerts_free(stage.alerts);
        tdh_policies_free(policies);
    }
    tdh_hook_clear();
}

static void subjects_are_bounded(void **state)
{
    struct td_err err;
    struct tdh_policies *policies = read_policies("alerts:\n- {name: x, count: 1}\n", &err);
    struct tdh_alerts *alerts = tdh_alerts_new(policies, &err);
    unsigned count = 0;

    (void)state;
    td_fail(&err, TD_E_EXEC, "no");
    for (unsigned i = 0; i < TDH_ALERT_SUBJECTS + 10; i++) {
        char name[24];
        struct tdh_target target = { .kind = "agent", .name = name, .action = "do" };

        snprintf(name, sizeof(name), "a%u", i);
        told[0] = '\0';
        tdh_hook_add(hear, NULL);
        tdh_alerts_note(alerts, &target, &err, 1, 1, SECOND);
        tdh_hook_clear();
        count += told[0] != '\0';
    }
    assert_int_equal(count, TDH_ALERT_SUBJECTS);
    tdh_alerts_free(alerts);
    tdh_policies_free(policies);
}

static const struct {
    const char *text, *want;
} misfits[] = {
    { "{name: x}", "p.yaml:2:3: an alert needs one of \"rate\", \"count\" and \"latency\"" },
    { "{name: x, rate: 0.1, count: 3}",
      "p.yaml:2:3: an alert needs one of \"rate\", \"count\" and \"latency\"" },
    { "{name: x, count: 3, quantile: 0.5}", "p.yaml:2:3: \"quantile\" is for \"latency\" only" },
    { "{name: x, count: 3, window: 0s}", "p.yaml:2:31: \"window\" is \"0s\", must be 1ms to 30d" },
    { "{name: x, count: 3, match: {codes: tiemout}}",
      "p.yaml:2:38: \"tiemout\" is no code of errors, did you mean \"timeout\"" },
};

static void each_misfit_is_named_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(misfits); i++) {
        struct tdh_policies *policies;
        struct td_err err;
        char text[200];

        snprintf(text, sizeof(text), "alerts:\n- %s\n", misfits[i].text);
        policies = read_policies(text, &err);
        assert_non_null(policies);
        assert_null(tdh_alerts_new(policies, &err));
        assert_int_equal(err.code, TD_E_CONFIG);
        if (strstr(err.text, misfits[i].want) == NULL)
            assert_string_equal(err.text, misfits[i].want);
        tdh_policies_free(policies);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_raised_and_resolved_as_it_says),
        cmocka_unit_test(subjects_are_bounded),
        cmocka_unit_test(each_misfit_is_named_with_its_place),
    };

    tdh_log_setup(TDH_LOG_OFF, TDH_LOG_TEXT, 2);
    return cmocka_run_group_tests_name("alert", tests, NULL, NULL);
}
