/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trigger read: what the triggers of a workflow may not say, by its exact words, with file, line
 * and column; and what becomes of those that are read.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "flow/plan.h"

#define FLOW(triggers)                                                                             \
    "id: t\ninputs: {type: object, required: [n], properties: {n: {type: integer}}}\n"             \
    "nodes: [{id: s, type: start, next: e}, {id: e, type: end}]\ntriggers:\n" triggers

static const struct {
    const char *triggers, *want;
} refusals[] = {
    { "  3\n", "5:3: must be a list of triggers such as {event: order.created}" },
    { "- 3\n", "5:3: a trigger is a map such as {event: order.created}" },
    { "- {}\n", "5:3: a trigger needs one of event, cron, interval, file and manual" },
    { "- {id: a}\n", "5:3: a trigger needs one of event, cron, interval, file and manual" },
    { "- {evnt: a}\n", "5:4: unrecognized key \"evnt\" of a trigger, did you mean \"event\"" },
    { "- {event: a, whn: 'true'}\n",
      "5:14: unrecognized key \"whn\" of a trigger, did you mean \"when\"" },
    { "- {event: a, cron: '* * * * *'}\n",
      "5:14: \"event\" and \"cron\" are two triggers: write them as two" },
    { "- {event: a, zone: UTC}\n", "5:14: a trigger with \"event\" has no \"zone\"" },
    { "- {cron: '* * * * *', debounce: 1s}\n",
      "5:23: a trigger with \"cron\" has no \"debounce\"" },
    { "- {event: [a]}\n", "5:11: must be the name of an event, or a pattern such as order.*" },
    { "- {event: 'a.**.b'}\n", "5:11: \"a.**.b\" is no pattern of events: that is a name such as "
                               "order.created in which \"*\" "
                               "stands for one word, and \"**\" at its end for one or more" },
    { "- {event: a, when: 3}\n", "5:20: must be an expression such as \"event.data.total > 100\"" },
    { "- {event: a, when: evnt.id == ''}\n",
      "5:20: \"evnt.id == ''\": 1:1: variable \"evnt\" is not known, did you mean \"event\"" },
    { "- {event: a, when: event.nam == ''}\n",
      "5:20: \"event.nam == ''\": 1:7: field \"nam\" is not known, did you mean \"name\"" },
    { "- {event: a, when: input.n == 1}\n",
      "5:20: \"input.n == 1\": 1:1: variable \"input\" is not known" },
    { "- {event: a, inputs: {n: '${event.nme}'}}\n",
      "5:26: \"${event.nme}\": 1:7: field \"nme\" is not known, did you mean \"name\"" },
    { "- {file: a, inputs: {n: 1, x: '${event.data.size}'}}\n",
      "5:31: \"${event.data.size}\": 1:12: field \"size\" is not known" },
    { "- {event: a, inputs: {m: 1}}\n",
      "5:22: input of workflow \"t\": the key \"n\" is missing (schema /required)" },
    { "- {event: a, inputs: {n: '${event.id}'}}\n",
      "5:26: \"${event.id}\": 1:1: result is string, which does not fit integer" },
    { "- {cron: '* * * * *'}\n",
      "5:3: input of workflow \"t\": the key \"n\" is missing (schema /required)" },
    { "- {cron: '61 * * * *', inputs: {n: 1}}\n",
      "5:10: cron \"61 * * * *\": minute \"61\" is none: it goes from 0 to 59" },
    { "- {cron: 5, inputs: {n: 1}}\n", "5:10: must be a cron such as \"0 9 * * MON-FRI\"" },
    { "- {cron: '* * * * *', zone: Asia/Seol, inputs: {n: 1}}\n",
      "5:29: there is no time zone \"Asia/Seol\", did you mean \"Asia/Seoul\"" },
    { "- {cron: '* * * * *', missed: al, inputs: {n: 1}}\n",
      "5:31: must be skip, once or all, did you mean \"all\"" },
    { "- {interval: 5, inputs: {n: 1}}\n", "5:14: must be a duration such as \"5m\"" },
    { "- {interval: 5ms, inputs: {n: 1}}\n", "5:14: an interval is from 1s to 3650d" },
    { "- {file: '', on: created}\n", "5:10: \"\" names no file" },
    { "- {file: in/}\n", "5:10: \"in/\" names no file" },
    { "- {file: '/a*/b'}\n", "5:10: only the last part of a path may be a pattern, not \"/a*\"" },
    { "- {file: a, on: [created, chnged]}\n",
      "5:27: must be created, changed or removed, did you mean \"changed\"" },
    { "- {file: a, on: []}\n", "5:17: must be created, changed or removed" },
    { "- {manual: false}\n", "5:12: \"manual\" is true, or not there" },
    { "- {event: a, debounce: 0}\n", "5:24: must be a duration from 1ms to 49d, such as \"5s\"" },
    { "- {event: a, throttle: 5}\n", "5:24: must be a map such as {max: 10, per: 1m}" },
    { "- {event: a, throttle: {max: 10}}\n", "5:24: must be a map such as {max: 10, per: 1m}" },
    { "- {event: a, throttle: {max: 10, pr: 1m}}\n",
      "5:34: unrecognized key \"pr\" of a throttle, did you mean \"per\"" },
    { "- {event: a, throttle: {max: 1001, per: 1m}}\n",
      "5:30: must be a whole number from 1 to 1000" },
    { "- {event: a, id: 'x y'}\n",
      "5:18: \"id\" must be a text of at most 64 letters, digits, \"_\" or \"-\"" },
    { "- {event: a}\n- {event: a, debounce: 1s}\n", "6:3: triggers 1 and 2 are the same" },
    { "- {event: a, id: x}\n- {event: b, id: x}\n", "6:3: triggers 1 and 2 are the same" },
};

static void each_wrong_trigger_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        char text[1024], want[1024];
        struct td_err err;

        snprintf(text, sizeof(text), FLOW("%s"), refusals[i].triggers);
        snprintf(want, sizeof(want), "t.yaml:%s", refusals[i].want);
        if (read_flow(text, NULL, &err) != NULL)
            fail_msg("taken: %s", refusals[i].triggers);
        assert_string_equal(err.text, want);
        assert_int_equal(err.code, TD_E_CONFIG);
    }
}

static const struct tdh_plan *plan_of(const struct tdh_definition *definition)
{
    return definition->plan;
}

static void a_key_lasts_as_long_as_what_it_reacts_to(void **state)
{
    struct tdh_definition *first = flow_of(FLOW("- {cron: '0 * * * *', inputs: {n: 1}}\n"
                                                "- {event: a, id: mine}\n- {event: a}\n"));
    struct tdh_definition *second = flow_of(
        FLOW("- {event: a, debounce: 1s, throttle: {max: 1, per: 1s}}\n- {event: b, id: mine}\n"
             "- {cron: '0 * * * *', inputs: {n: 2}, missed: all}\n"
             "- {cron: '0 * * * *', zone: Asia/Seoul, inputs: {n: 2}}\n"));
    const struct tdh_trigger *a = plan_of(first)->triggers, *b = plan_of(second)->triggers;

    (void)state;
    assert_int_equal(plan_of(first)->trigger_count, 3);
    assert_string_equal(a[0].key, b[2].key);
    assert_string_not_equal(a[0].key, b[3].key);
    assert_string_equal(a[1].key, "mine");
    assert_string_equal(a[1].key, b[1].key);
    assert_string_equal(a[2].key, b[0].key);
    tdh_definition_release(first);
    tdh_definition_release(second);
}

static void a_definition_from_the_store_needs_no_triggers(void **state)
{
    struct tdh_definition *definition = flow_of(FLOW("- {event: a}\n"));
    struct td_err err;
    json_t *text = json_deep_copy(definition->text);
    struct tdh_definition *again;

    (void)state;
    json_object_set_new(text, "triggers",
                        json_pack("[{s:s, s:s}]", "cron", "* * * * *", "zone", "Gone/Zone"));
    again = tdh_flow_remake(text, &err);
    assert_non_null(again);
    assert_int_equal(plan_of(again)->trigger_count, 0);
    tdh_definition_release(again);
    tdh_definition_release(definition);
    json_decref(text);
}

static const struct {
    const char *trigger, *event, *want; /* "": it does not hold; "!": an error with that */
} starts[] = {
    { "{event: a}", "{'data': {'n': 3}}", "{'n':3}" },
    { "{event: a}", "{'data': null}", "{}" },
    { "{event: a, when: event.data.n > 3}", "{'data': {'n': 4}}", "{'n':4}" },
    { "{event: a, when: event.data.n > 3}", "{'data': {'n': 3}}", "" },
    { "{event: a, when: event.data.n > 3}", "{'data': {}}",
      "!\"event.data.n > 3\": 1:12: no such key \"n\"" },
    { "{event: a, inputs: {n: '${event.data.m + 1}', by: 'x ${event.name}'}}",
      "{'name': 'a', 'data': {'m': 1}}", "{'by':'x a','n':2}" },
    { "{interval: 1m, inputs: {n: '${event.data.missed}'}}", "{'data': {'time': '', 'missed': 2}}",
      "{'n':2}" },
    { "{file: a, inputs: {n: 1, p: '${event.data.path}'}}", "{'data': {'path': '/x'}}",
      "{'n':1,'p':'/x'}" },
};

static void an_event_gives_the_input_of_a_run(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        char text[1024];
        struct tdh_definition *definition;
        const struct tdh_trigger *trigger;
        struct tdh_arena arena = { 0 };
        struct td_err err;
        json_t *event = json_of(starts[i].event), *input = NULL;
        bool holds = false;

        snprintf(text, sizeof(text), FLOW("- %s\n"), starts[i].trigger);
        definition = flow_of(text);
        trigger = &plan_of(definition)->triggers[0];
        if (tdh_trigger_holds(trigger, event, &arena, &holds, &err) == 0 && holds)
            input = tdh_trigger_input(trigger, event, &arena, &err);
        if (starts[i].want[0] == '!') {
            assert_null(input);
            assert_string_equal(err.text, starts[i].want + 1);
        } else if (starts[i].want[0] == '\0') {
            assert_false(holds);
        } else {
            char *got = text_of(input);

            assert_string_equal(got, starts[i].want);
            free(got);
        }
        json_decref(input);
        json_decref(event);
        tdh_arena_free(&arena);
        tdh_definition_release(definition);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wrong_trigger_is_refused),
        cmocka_unit_test(a_key_lasts_as_long_as_what_it_reacts_to),
        cmocka_unit_test(a_definition_from_the_store_needs_no_triggers),
        cmocka_unit_test(an_event_gives_the_input_of_a_run),
    };

    return cmocka_run_group_tests_name("trigger read", tests, NULL, NULL);
}
