/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_pattern_kit: what the patterns share: the configuration's errors, JSON pointers, forms, and
 * states that do not fit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kit/kit.h"

#include <cmocka.h>

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *value = json_loads(text, JSON_DECODE_ANY, &error);

    if (value == NULL)
        fail_msg("%s: %s", text, error.text);
    return value;
}

static void durations_are_read_as_people_write_them(void **state)
{
    static const struct {
        const char *text;
        long want; /* -1: refused */
    } cases[] = {
        { "\"5ms\"", 5 },
        { "\"1.5s\"", 1500 },
        { "\"1h30m\"", 5400000 },
        { "\"2d\"", 172800000 },
        { "\"500us\"", 1 },
        { "\"0s\"", 0 },
        { "\"0.3s\"", 300 },
        { "\"1500us\"", 2 },
        { "\"5\"", -1 },
        { "\"\"", -1 },
        { "\"5 s\"", -1 },
        { "\"s\"", -1 },
        { "5", -1 },
        { "\"1.s\"", -1 },
        { "\"-1s\"", -1 },
        { "\"50d\"", -1 },
        { "\"1msx\"", -1 },
        { "\"1e3s\"", -1 },
        { "\"9999999999d\"", -1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *config = json_pack("{s:o}", "t", parse(cases[i].text));
        struct td_err err;
        uint32_t ms = 7;
        int rc = kit_duration(config, "t", &ms, &err);

        if (rc != (cases[i].want < 0 ? -1 : 0) || (rc == 0 && ms != (uint32_t)cases[i].want))
            fail_msg("%s: %d, %u ms", cases[i].text, rc, ms);
        json_decref(config);
    }
}

static void a_pointer_finds_what_rfc_6901_says(void **state)
{
    static const struct {
        const char *pointer, *want; /* NULL: nothing */
    } cases[] = {
        { "/foo/0", "\"bar\"" }, { "/", "0" },      { "/a~1b", "1" },   { "/m~0n", "8" },
        { "/k\"l", "6" },        { "/ ", "7" },     { "/foo/2", NULL }, { "/foo/-", NULL },
        { "/foo/00", NULL },     { "/foo/", NULL }, { "/none", NULL },  { "/foo/0/x", NULL },
        { "/~01", "9" },         { "/fo", NULL },
    };
    json_t *value =
        parse("{\"foo\": [\"bar\", \"baz\"], \"\": 0, \"a/b\": 1, \"k\\\"l\": 6, \" \": 7, "
              "\"m~n\": 8, \"~1\": 9}");

    (void)state;
    assert_ptr_equal(kit_at(value, ""), value);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *found = kit_at(value, cases[i].pointer),
               *want = cases[i].want != NULL ? parse(cases[i].want) : NULL;

        if ((found == NULL) != (want == NULL) || (found != NULL && !json_equal(found, want)))
            fail_msg("%s", cases[i].pointer);
        json_decref(want);
    }
    json_decref(value);
    assert_true(kit_is_pointer("") && kit_is_pointer("/a~0~1"));
    assert_false(kit_is_pointer("a") || kit_is_pointer("/~2") || kit_is_pointer("/~") ||
                 kit_is_pointer(NULL));
}

static void a_form_is_filled_and_what_is_not_there_is_null(void **state)
{
    json_t *form = parse("{\"a\": {\"$at\": \"/x\"}, \"l\": [{\"$at\": \"/none\"}, 1], "
                         "\"two\": {\"$at\": \"/x\", \"b\": 1}, \"n\": {\"$at\": 3}}");
    json_t *given = parse("{\"x\": {\"$at\": \"/y\"}, \"y\": 2}"), *filled = kit_fill(form, given);
    json_t *want = parse("{\"a\": {\"$at\": \"/y\"}, \"l\": [null, 1], "
                         "\"two\": {\"$at\": \"/x\", \"b\": 1}, \"n\": {\"$at\": 3}}");

    (void)state;
    assert_true(json_equal(filled, want));
    json_decref(form);
    json_decref(given);
    json_decref(filled);
    json_decref(want);
}

static void only_lists_and_objects_that_are_not_deep_are_read(void **state)
{
    static const struct {
        const char *text;
        bool is_read;
    } cases[] = {
        { "{\"a\": 1}", true },
        { "[]", true },
        { "\"[1, {\\\"a\\\": []}]\"", true },
        { "\"{} x\"", false },
        { "\"5\"", false },
        { "5", false },
        { "\"{\\\"a\\\":1,\\\"a\\\":2}\"", false },
        { "null", false },
    };
    char deep[256];
    json_t *text, *none;
    struct td_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *value = parse(cases[i].text), *read;

        assert_int_equal(kit_reading(value, &read, &err), 0);
        if ((read != NULL) != cases[i].is_read)
            fail_msg("%s", cases[i].text);
        json_decref(value);
        json_decref(read);
    }
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    text = json_stringn(deep, 200);
    assert_int_equal(kit_reading(text, &none, &err), 0);
    assert_null(none);
    json_decref(text);
    assert_int_equal(kit_reading(NULL, &none, &err), 0);
    assert_null(none);
}

/* --- members --- */

static void a_member_that_is_none_is_told(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "{}", "who: needs \"agent\" and \"action\", or else \"pattern\" or \"workflow\"" },
        { "7", "who: needs \"agent\" and \"action\", or else \"pattern\" or \"workflow\"" },
        { "{\"agent\": \"a\", \"action\": \"x\", \"workflow\": \"w\"}",
          "who: needs \"agent\" and \"action\", or else \"pattern\" or \"workflow\"" },
        { "{\"workflow\": \"w\", \"name\": \"\"}", "who: \"name\" must not be empty" },
        { "{\"agent\": \"a\", \"action\": \"x\", \"timeout\": \"5\"}",
          "who: \"timeout\" must be a duration of at most 49 days, such as \"30s\" or \"1h30m\"" },
        { "{\"agent\": \"a\", \"action\": \"x\", \"retry\": {\"backoff\": \"slow\"}}",
          "who: \"retry\": \"backoff\" is \"slow\", it must be \"fixed\", \"linear\", "
          "\"exponential\" or \"fibonacci\"" },
        { "{\"agent\": \"a\", \"action\": \"x\", \"retry\": {\"max_attempts\": 0}}",
          "who: \"retry\": \"max_attempts\" must be a whole number from 1 to 1000" },
        { "{\"agent\": \"a\", \"action\": \"x\", \"retry\": {\"jitter\": 2}}",
          "who: \"retry\": \"jitter\" must be a number from 0 to 1" },
        { "{\"workflow\": \"w\", \"timeout\": \"5s\"}",
          "who: \"timeout\" and \"retry\" are of an agent's attempts" },
        { "{\"pattern\": \"p\", \"retry\": {}}",
          "who: \"timeout\" and \"retry\" are of an agent's attempts" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *text = parse(cases[i].text);
        struct kit_member member;
        struct td_err err;

        assert_int_equal(kit_member_read(text, "who", &member, &err), -1);
        assert_string_equal(err.text, cases[i].want);
        json_decref(text);
    }
}

static void a_policy_is_handed_on(void **state)
{
    json_t *text =
        parse("{\"agent\": \"a\", \"action\": \"x\", \"timeout\": \"2s\", \"retry\": {\"backoff\": "
              "\"linear\", \"initial\": \"1s\", \"max\": \"1m\", \"jitter\": 0.5}}");
    struct kit_member member;
    struct td_err err;

    (void)state;
    assert_int_equal(kit_member_read(text, "who", &member, &err), 0);
    assert_true(member.has_policy && member.target == TD_TARGET_AGENT);
    assert_string_equal(member.name, "a");
    assert_int_equal(member.policy.timeout_ms, 2000);
    assert_int_equal(member.policy.max_attempts, 3);
    assert_int_equal(member.policy.backoff, TD_BACKOFF_LINEAR);
    assert_int_equal(member.policy.initial_ms, 1000);
    assert_int_equal(member.policy.max_ms, 60000);
    assert_true(member.policy.jitter == 0.5);
    json_decref(text);
}

/* --- states --- */

struct sample {
    size_t count;
    json_t *value, *list, *object;
};
static const struct kit_field fields[] = { KIT_COUNT(struct sample, count),
                                           KIT_VALUE(struct sample, value),
                                           KIT_LIST(struct sample, list),
                                           KIT_OBJECT(struct sample, object), KIT_END };
static bool fits(const void *state, const void *plan)
{
    (void)plan;
    return ((const struct sample *)state)->count < 5;
}
static const struct kit_pattern pattern = { .fields = fields, .fits = fits };
static const struct kit_plan plan = { .pattern = &pattern };

static void a_state_that_was_saved_does_not_change_with_the_run(void **state)
{
    struct sample sample = { .count = 3, .list = json_array(), .object = json_object() };
    struct td_err err;
    json_t *saved, *want = parse("{\"count\": 3, \"list\": [], \"object\": {}}");

    (void)state;
    saved = kit_save(&sample, &plan, &err);
    json_array_append_new(sample.list, json_true());
    json_object_set_new(sample.object, "a", json_true());
    assert_true(json_equal(saved, want));
    kit_drop(&sample, &plan);
    json_decref(saved);
    json_decref(want);
}

static void a_state_that_does_not_fit_is_refused(void **state)
{
    static const struct {
        const char *saved;
        uint32_t version;
        const char *want;
    } cases[] = {
        { "{}", 2, "states of version 2 are not known to this plugin" },
        { "{}", 1, "\"count\" of the saved state is not of its kind" },
        { "{\"count\": -1}", 1, "\"count\" of the saved state is not of its kind" },
        { "{\"count\": 1, \"list\": {}}", 1, "\"list\" of the saved state is not of its kind" },
        { "{\"count\": 1, \"list\": []}", 1, "\"object\" of the saved state is not of its kind" },
        { "{\"count\": 5, \"list\": [], \"object\": {}}", 1,
          "the saved state does not fit the configuration" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *saved = parse(cases[i].saved);
        struct sample sample = { 0 };
        struct td_err err;

        assert_int_equal(kit_load(&sample, &plan, saved, cases[i].version, &err), -1);
        assert_string_equal(err.text, cases[i].want);
        kit_drop(&sample, &plan);
        json_decref(saved);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_read_as_people_write_them),
        cmocka_unit_test(a_pointer_finds_what_rfc_6901_says),
        cmocka_unit_test(a_form_is_filled_and_what_is_not_there_is_null),
        cmocka_unit_test(only_lists_and_objects_that_are_not_deep_are_read),
        cmocka_unit_test(a_member_that_is_none_is_told),
        cmocka_unit_test(a_policy_is_handed_on),
        cmocka_unit_test(a_state_that_was_saved_does_not_change_with_the_run),
        cmocka_unit_test(a_state_that_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
