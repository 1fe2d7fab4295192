/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_host: libtdtest, which plugin authors test with. The plugin that it is tried with is here:
 * an agent whose actions do what a row says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>
#include <tdev/test.h>

/* --- a plugin --- */

struct state {
    const char *name;
    int64_t limit, delay, room;
    double share;
    bool is_loud;
    const char *const *words;
    char *made; /* by init, freed by drop */
};

static const struct td_binding *const bindings[] = {
    TD_BIND_STR(struct state, name),       TD_BIND_INT(struct state, limit),
    TD_BIND_DURATION(struct state, delay), TD_BIND_BYTES(struct state, room),
    TD_BIND_REAL(struct state, share),     TD_BIND_BOOL(struct state, is_loud),
    TD_BIND_LIST(struct state, words),     NULL,
};

static char order[64]; /* of what has run */

static void note(void *arg)
{
    strncat(order, arg, sizeof(order) - strlen(order) - 1);
}

static int prepare(struct td_ctx *ctx, void **ret_shared, struct td_err *err)
{
    const struct state *self = td_self(ctx);

    if (self->limit == 13)
        return td_fail(err, TD_E_CONFIG, "13 is no limit");
    *ret_shared = strdup(self->name);
    return 0;
}

static int init(struct td_ctx *ctx, struct td_err *err)
{
    struct state *self = td_self(ctx);

    self->made = strdup(td_shared(ctx));
    return self->limit != 14 ? 0 : td_fail(err, TD_E_EXEC, "14 is none, either");
}

static void drop(struct td_ctx *ctx)
{
    struct state *self = td_self(ctx);

    free(self->made);
}

/* What the state, the instance and its surroundings are. */
static int tell(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const struct state *self = td_self(ctx);

    (void)input, (void)err;
    *ret_output =
        json_pack("{s:s, s:I, s:I, s:I, s:f, s:b, s:s, s:s, s:s, s:s, s:s, s:s?}", "name",
                  self->made, "limit", (json_int_t)self->limit, "delay", (json_int_t)self->delay,
                  "room", (json_int_t)self->room, "share", self->share, "is_loud", self->is_loud,
                  "first", self->words[0], "second", self->words[1], "instance", td_instance(ctx),
                  "folder", td_folder(ctx), "data_dir", td_data_dir(ctx), "key", td_key(ctx));
    return 0;
}

/* One service, by name, with what the input says. */
static int use(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const char *what = json_string_value(json_object_get(input, "what"));
    const char *key = json_string_value(json_object_get(input, "key"));
    const json_t *value = json_object_get(input, "value");
    const json_t *given = json_object_get(input, "version");
    uint64_t version = given != NULL ? (uint64_t)json_integer_value(given) : TD_VERSION_ANY;
    json_t *got = NULL;
    int rc = -1;

    if (strcmp(what, "call") == 0)
        rc = td_call(ctx, "other", key, value, NULL, &got, err);
    else if (strcmp(what, "sleep") == 0)
        rc = td_sleep(ctx, (uint64_t)json_integer_value(value), err);
    else if (strcmp(what, "check") == 0)
        rc = td_check(ctx, err);
    else if (strcmp(what, "emit") == 0)
        rc = td_emit(ctx, value, err);
    else if (strcmp(what, "spend") == 0)
        rc = td_spend(ctx, key, json_number_value(value), err);
    else if (strcmp(what, "get") == 0)
        rc = td_store_get(ctx, key, &got, &version, err);
    else if (strcmp(what, "put") == 0)
        rc = td_store_put(ctx, key, value, version, &version, err);
    else if (strcmp(what, "delete") == 0)
        rc = td_store_delete(ctx, key, version, err);
    if (rc == 0)
        *ret_output = json_pack("{s:I, s:o?}", "version", (json_int_t)version, "value", got);
    return rc;
}

static int take_key(void *arg, const char *key, const json_t *value, uint64_t version)
{
    json_array_append_new(arg, json_pack("[s, O, I]", key, value, (json_int_t)version));
    return strcmp(key, "stop") == 0;
}

static int scan(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    *ret_output = json_array();
    return td_store_scan(ctx, json_string_value(json_object_get(input, "prefix")),
                         (uint32_t)json_integer_value(json_object_get(input, "limit")), take_key,
                         *ret_output, err);
}

static int remember(struct td_ctx *ctx, const json_t *input, json_t **ret_output,
                    struct td_err *err)
{
    char *piece = td_alloc(ctx, 8);

    (void)input;
    if (piece == NULL)
        return td_fail(err, TD_E_NOMEM, "no piece");
    assert_string_equal(piece, "");
    td_defer(ctx, note, (void *)(uintptr_t) "a", err);
    if (td_defer(ctx, note, (void *)(uintptr_t) "b", err) != 0)
        return -1;
    td_log(ctx, TD_WARNING, "piece of %d bytes", 8);
    note((void *)(uintptr_t) "c");
    *ret_output = json_null();
    return 0;
}

static int give_nothing(struct td_ctx *ctx, const json_t *input, json_t **ret_output,
                        struct td_err *err)
{
    (void)ctx, (void)input, (void)ret_output, (void)err;
    return 0;
}

static int say_nothing(struct td_ctx *ctx, const json_t *input, json_t **ret_output,
                       struct td_err *err)
{
    (void)ctx, (void)input, (void)ret_output, (void)err;
    return -1;
}

static int give_both(struct td_ctx *ctx, const json_t *input, json_t **ret_output,
                     struct td_err *err)
{
    (void)ctx, (void)input;
    *ret_output = json_object();
    return td_fail(err, TD_E_EXEC, "and yet");
}

static int find_out(struct td_ctx *ctx, const json_t *input, enum td_reconciled *ret_answer,
                    json_t **ret_output, struct td_err *err)
{
    (void)input, (void)err;
    *ret_answer = td_key(ctx) != NULL ? TD_DONE : TD_NOT_DONE;
    if (*ret_answer == TD_DONE)
        *ret_output = json_string(td_key(ctx));
    return 0;
}

static const struct td_action *const actions[] = {
    TD_ACTION("tell", tell),
    TD_ACTION("use", use),
    TD_ACTION("scan", scan),
    TD_ACTION("remember", remember),
    TD_ACTION("give_nothing", give_nothing),
    TD_ACTION("say_nothing", say_nothing),
    TD_ACTION("give_both", give_both),
    TD_ACTION_RECONCILED("find_out", give_nothing, find_out),
    NULL,
};
static const struct td_agent agent = { TD_SIZE(struct td_agent), .actions = actions };
static const struct td_plugin agent_plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_AGENT,
    .name = "tried",
    .version = "1.0.0",
    .agent = &agent,
    .state_size = sizeof(struct state),
    .bindings = bindings,
    .prepare = prepare,
    .release = free,
    .init = init,
    .drop = drop,
};
static const struct td_entry agent_entry = { TD_STAMP_HERE, &agent_plugin };

#define OPTIONS                                                                                    \
    "{'name': 'n', 'limit': 5, 'delay': 1500, 'room': 4096, 'share': 0.5, 'is_loud': true, "       \
    "'words': ['a', 'b']}"

/* --- the instance --- */

static int open_setup(void **state)
{
    struct td_test *test = td_test_new(&agent_entry, NULL);
    struct td_err err = { 0 };

    td_test_open(test, td_test_json(OPTIONS), &err);
    assert_string_equal(err.text, "");
    order[0] = '\0';
    *state = test;
    return 0;
}

static int open_teardown(void **state)
{
    td_test_free(*state);
    return 0;
}

#define OPEN_TEST(test) cmocka_unit_test_setup_teardown(test, open_setup, open_teardown)

/* The output of an action as text, or the error's. */
static const char *call(struct td_test *test, const char *action, const char *input)
{
    static char text[1024];
    struct td_err err = { 0 };
    json_t *output;
    char *dump;

    if (td_test_call(test, action, td_test_json(input), &output, &err) != 0) {
        assert_null(output);
        snprintf(text, sizeof(text), "%s: %s", td_code_info(err.code)->name, err.text);
        return text;
    }
    dump = json_dumps(output, JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_COMPACT);
    snprintf(text, sizeof(text), "%s", dump);
    free(dump);
    json_decref(output);
    return text;
}

static void an_instance_has_its_options_and_its_surroundings(void **state)
{
    const struct td_test_setup setup = { TD_SIZE(struct td_test_setup), .instance = "one",
                                         .folder = "/f", .data_dir = "/d", .key = "k" };
    struct td_test *test = td_test_new(&agent_entry, &setup);
    struct td_err err = { 0 };

    assert_string_equal(
        call(*state, "tell", "{}"),
        "{\"data_dir\":\".\",\"delay\":1500,\"first\":\"a\",\"folder\":\".\",\"instance\":\"tried\""
        ",\"is_loud\":true,\"key\":null,\"limit\":5,\"name\":\"n\",\"room\":4096,\"second\":\"b\","
        "\"share\":0.5}");
    assert_int_equal(td_test_open(test, td_test_json(OPTIONS), &err), 0);
    assert_non_null(
        strstr(call(test, "tell", "{}"),
               "\"folder\":\"/f\",\"instance\":\"one\",\"is_loud\":true,\"key\":\"k\""));
    td_test_free(test);
}

static const struct {
    const char *options, *want;
} faults[] = {
    { "{'limit': 5}", "configuration: option \"name\" is not given" },
    { "{'nam': 'n'}", "configuration: the plugin binds no option \"nam\"" },
    { "{'name': 5}", "configuration: option \"name\" must be a string" },
    { "{'name': 'n', 'limit': '5'}", "configuration: option \"limit\" must be a whole number" },
    { "{'name': 'n', 'limit': 13, 'delay': 0, 'room': 0, 'share': 0, 'is_loud': false, 'words': "
      "null}",
      "configuration: 13 is no limit" },
    { "{'name': 'n', 'limit': 14, 'delay': 0, 'room': 0, 'share': 0, 'is_loud': false, 'words': "
      "[]}",
      "execution: 14 is none, either" },
    { "{'name': 'n', 'limit': 1, 'delay': 0, 'room': 0, 'share': 0, 'is_loud': false, 'words': "
      "[1]}",
      "configuration: option \"words\" must be a list of strings" },
};

static void options_that_do_not_fit_are_refused(void **state)
{
    struct td_test *test = td_test_new(&agent_entry, NULL);
    struct td_err err;
    char text[1024];

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        err = (struct td_err){ 0 };
        assert_int_equal(td_test_open(test, td_test_json(faults[i].options), &err), -1);
        snprintf(text, sizeof(text), "%s: %s", td_code_info(err.code)->name, err.text);
        assert_string_equal(text, faults[i].want);
    }
    td_test_free(test);
}

static void a_call_ends_with_what_was_deferred_last_first(void **state)
{
    struct td_test *test = *state;

    assert_string_equal(call(test, "remember", "{}"), "null");
    assert_string_equal(order, "cba");
    assert_true(td_test_has_log(test, TD_WARNING, "of 8"));
    assert_false(td_test_has_log(test, TD_ERROR, "of 8"));
    td_test_fail(test, "alloc", 1, TD_E_NOMEM);
    assert_string_equal(call(test, "remember", "{}"), "no_memory: no piece");
    order[0] = '\0';
    td_test_fail(test, "defer", 2, TD_E_NOMEM); /* then it runs at once, and the first at the end */
    assert_string_equal(call(test, "remember", "{}"), "no_memory: the test has td_defer fail");
    assert_string_equal(order, "ba");
}

static void an_action_that_breaks_a_rule_is_told(void **state)
{
    assert_string_equal(call(*state, "give_nothing", "{}"),
                        "internal: action \"give_nothing\" returned 0 and gave no output");
    assert_string_equal(call(*state, "say_nothing", "{}"),
                        "internal: action \"say_nothing\" failed without saying why");
    assert_string_equal(call(*state, "give_both", "{}"),
                        "internal: action \"give_both\" failed and gave an output");
    assert_string_equal(call(*state, "gone", "{}"),
                        "not_found: plugin \"tried\" has no action \"gone\"");
}

static void reconcile_is_asked_with_the_key(void **state)
{
    struct td_test *test = *state;
    enum td_reconciled answer;
    struct td_err err;
    json_t *output;

    assert_int_equal(td_test_reconcile(test, "find_out", NULL, &answer, &output, &err), 0);
    assert_int_equal(answer, TD_NOT_DONE);
    assert_null(output);
    td_test_set_key(test, "key");
    assert_int_equal(td_test_reconcile(test, "find_out", NULL, &answer, &output, &err), 0);
    assert_int_equal(answer, TD_DONE);
    assert_true(td_test_equal(output, "'key'"));
    json_decref(output);
    assert_int_equal(td_test_reconcile(test, "tell", NULL, &answer, NULL, &err), -1);
    assert_int_equal(err.code, TD_E_UNSUPPORTED);
}

/* --- services --- */

static int answer_late(void *arg, const char *to, const char *action, const json_t *input,
                       json_t **ret_output, struct td_err *err)
{
    (void)err;
    td_test_advance(arg, 100);
    *ret_output = json_pack("[s, s, O]", to, action, input);
    return 0;
}

static void calls_are_answered_in_order_and_kept(void **state)
{
    struct td_test *test = *state;

    assert_string_equal(call(test, "use", "{'what': 'call', 'key': 'a', 'value': 1}"),
                        "not_found: the test has no answer of agent \"other\" action \"a\"");
    td_test_answer(test, "other", "a", td_test_json("'one'"));
    td_test_answer_error(test, "other", "a", TD_E_UNAVAILABLE, "away");
    td_test_answer(test, "other", "b", td_test_json("'b'"));
    assert_non_null(strstr(call(test, "use", "{'what': 'call', 'key': 'a', 'value': 2}"), "one"));
    for (int i = 0; i < 2; i++) /* the last one stays */
        assert_string_equal(call(test, "use", "{'what': 'call', 'key': 'a', 'value': 3}"),
                            "unavailable: away");
    assert_non_null(strstr(call(test, "use", "{'what': 'call', 'key': 'b', 'value': 4}"), "\"b\""));
    td_test_answer_with(test, answer_late, test);
    assert_non_null(strstr(call(test, "use", "{'what': 'call', 'key': 'c', 'value': 5}"),
                           "[\"other\",\"c\",5]"));
    td_test_set_timeout(test, 100);
    assert_string_equal(call(test, "use", "{'what': 'call', 'key': 'c', 'value': 6}"),
                        "timeout: the call's time ran out");
    assert_int_equal(json_array_size(td_test_calls(test)), 7);
    assert_true(td_test_equal(json_array_get(td_test_calls(test), 1),
                              "{'agent': 'other', 'action': 'a', 'input': 2}"));
    td_test_forget(test);
    assert_true(td_test_equal(td_test_calls(test), "[]"));
}

static void time_passes_only_in_waits(void **state)
{
    struct td_test *test = *state;

    assert_non_null(strstr(call(test, "use", "{'what': 'sleep', 'value': 3600000}"), "null"));
    assert_int_equal(td_test_now_ms(test), 3600000);
    td_test_set_timeout(test, 1000);
    assert_string_equal(call(test, "use", "{'what': 'sleep', 'value': 2000}"),
                        "timeout: the call's time ran out");
    assert_int_equal(td_test_now_ms(test), 3601000); /* not a moment longer */
    assert_non_null(strstr(call(test, "use", "{'what': 'check'}"), "null"));
    td_test_set_timeout(test, INT64_MAX);
    td_test_cancel_at(test, 1);
    assert_string_equal(call(test, "use", "{'what': 'check'}"),
                        "cancelled: the call was cancelled");
    assert_non_null(strstr(call(test, "use", "{'what': 'check'}"), "null"));
    td_test_cancel_at(test, 2);
    assert_non_null(strstr(call(test, "use", "{'what': 'check'}"), "null"));
}

static const struct {
    const char *input, *want;
} records[] = {
    { "{'what': 'get', 'key': 'a'}", "not_found: record \"a\" is not there" },
    { "{'what': 'put', 'key': 'a', 'value': 1, 'version': 0}", "{\"value\":null,\"version\":1}" },
    { "{'what': 'put', 'key': 'a', 'value': 1, 'version': 0}",
      "conflict: record \"a\" has version 1, expected 0" },
    { "{'what': 'put', 'key': 'a', 'value': 2, 'version': 1}", "{\"value\":null,\"version\":2}" },
    { "{'what': 'get', 'key': 'a'}", "{\"value\":2,\"version\":2}" },
    { "{'what': 'delete', 'key': 'a', 'version': 1}",
      "conflict: record \"a\" has version 2, expected 1" },
    { "{'what': 'delete', 'key': 'a'}", "{\"value\":null,\"version\":-1}" },
    { "{'what': 'delete', 'key': 'a'}", "{\"value\":null,\"version\":-1}" },
    { "{'what': 'put', 'key': 'a', 'value': 3}", "{\"value\":null,\"version\":1}" },
};

static void records_have_the_versions_of_a_store(void **state)
{
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
        assert_string_equal(call(*state, "use", records[i].input), records[i].want);
}

static void records_are_walked_in_the_order_of_their_keys(void **state)
{
    struct td_test *test = *state;

    td_test_store_put(test, "x/2", json_integer(2));
    td_test_store_put(test, "x/1", json_integer(1));
    td_test_store_put(test, "x/1", json_integer(3));
    td_test_store_put(test, "stop", json_true());
    td_test_store_put(test, "y", json_true());
    assert_string_equal(call(test, "scan", "{'prefix': 'x/'}"), "[[\"x/1\",3,2],[\"x/2\",2,1]]");
    assert_string_equal(call(test, "scan", "{'prefix': 'x/', 'limit': 1}"), "[[\"x/1\",3,2]]");
    assert_string_equal(call(test, "scan", "{'prefix': ''}"), "[[\"stop\",true,1]]");
    assert_true(
        td_test_equal(td_test_store(test), "{'x/1': 3, 'x/2': 2, 'stop': true, 'y': true}"));
}

static void what_is_sent_and_spent_is_kept(void **state)
{
    struct td_test *test = *state;

    call(test, "use", "{'what': 'emit', 'value': {'n': 1}}");
    assert_true(td_test_equal(td_test_chunks(test), "[{'n': 1}]"));
    call(test, "use", "{'what': 'spend', 'key': 'tokens', 'value': 1.5}");
    call(test, "use", "{'what': 'spend', 'key': 'tokens', 'value': 0.0000001}");
    assert_true(td_test_spent(test, "tokens") == 1.500001);
    assert_true(td_test_spent(test, "others") == 0);
    assert_string_equal(call(test, "use", "{'what': 'spend', 'key': 'calls', 'value': 1}"),
                        "invalid: the meter \"calls\" is the host's own: it counts them");
    assert_string_equal(call(test, "use", "{'what': 'spend', 'key': 'x', 'value': -1}"),
                        "invalid: -1 of \"x\" cannot be used, only 0 to 9007199254");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPEN_TEST(an_instance_has_its_options_and_its_surroundings),
        cmocka_unit_test(options_that_do_not_fit_are_refused),
        OPEN_TEST(a_call_ends_with_what_was_deferred_last_first),
        OPEN_TEST(an_action_that_breaks_a_rule_is_told),
        OPEN_TEST(reconcile_is_asked_with_the_key),
        OPEN_TEST(calls_are_answered_in_order_and_kept),
        OPEN_TEST(time_passes_only_in_waits),
        OPEN_TEST(records_have_the_versions_of_a_store),
        OPEN_TEST(records_are_walked_in_the_order_of_their_keys),
        OPEN_TEST(what_is_sent_and_spent_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
