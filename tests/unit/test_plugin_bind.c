/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin bind: options of every type into a state, with a plugin that has no library.
 */
#include "plugin/internal.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "alloc_fail.h"
#include "base/json.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

struct state {
    const char *text, *word, *secret;
    int64_t count, wait, room;
    double share;
    bool flag;
    const char *const *list;
};

static const char manifest_text[] =
    "apiVersion: tdev/v1\nkind: agent\nname: x\nversion: 1.0.0\nlibrary: x.so\nsdk: "
    "'1'\ncapabilities: [{name: a}]\n"
    "options:\n"
    "  - {name: text, type: string, required: true}\n"
    "  - {name: word, type: choice, choices: [red, green], default: red}\n"
    "  - {name: secret, type: string, secret: true}\n"
    "  - {name: count, type: int, default: 8, min: 1, max: 65536}\n"
    "  - {name: wait, type: duration, default: 10s, min: 1s, max: 1h}\n"
    "  - {name: room, type: size, min: 1KiB}\n"
    "  - {name: share, type: real, default: 0.5, min: 0, max: 1}\n"
    "  - {name: flag, type: bool, default: true}\n"
    "  - {name: list, type: list}\n";

static const struct td_binding *bindings[9];

/* A plugin as it is after its library was read. */
static int make_plugin(void **state)
{
    static struct tdh_plugin plugin;
    struct td_err err = { 0 };

    const struct td_binding *rows[] = {
        TD_BIND_STR(struct state, text),      TD_BIND_STR(struct state, word),
        TD_BIND_STR(struct state, secret),    TD_BIND_INT(struct state, count),
        TD_BIND_DURATION(struct state, wait), TD_BIND_BYTES(struct state, room),
        TD_BIND_REAL(struct state, share),    TD_BIND_BOOL(struct state, flag),
        TD_BIND_LIST(struct state, list),
    };
    static struct td_binding copies[COUNT(rows)];

    for (size_t i = 0; i < COUNT(rows); i++) {
        copies[i] = *rows[i];
        bindings[i] = &copies[i];
    }
    plugin.manifest = tdh_manifest_parse(manifest_text, strlen(manifest_text), "x", &err);
    assert_string_equal(err.text, "");
    plugin.bindings = bindings;
    *state = &plugin;
    return 0;
}

static int free_plugin(void **state)
{
    struct tdh_plugin *plugin = *state;

    tdh_manifest_free(plugin->manifest);
    return 0;
}

static json_t *parse(const char *text)
{
    struct td_err err = { 0 };
    json_t *value = tdh_json_parse(text, strlen(text), "options", &err);

    assert_string_equal(err.text, "");
    return value;
}

static int bind(void **state, const char *options, struct state *into, void **ret_block,
                struct td_err *err)
{
    json_t *value = options != NULL ? parse(options) : NULL;
    int rc = tdh_plugin_bind(*state, value, "agent \"mail\"", into, ret_block, err);

    json_decref(value);
    return rc;
}

static void what_is_not_given_has_its_default(void **state)
{
    struct state into = { 0 };
    struct td_err err = { 0 };
    void *block;

    assert_int_equal(bind(state, "{\"text\": \"\", \"count\": null}", &into, &block, &err), 0);
    assert_string_equal(into.text, "");
    assert_string_equal(into.word, "red");
    assert_null(into.secret);
    assert_null(into.list);
    assert_int_equal(into.count, 8);
    assert_int_equal(into.wait, 10000);
    assert_int_equal(into.room, 0);
    assert_true(into.share == 0.5 && into.flag);
    free(block);
}

static void every_type_gets_its_member(void **state)
{
    struct state into = { 0 };
    struct td_err err = { 0 };
    void *block;

    assert_int_equal(
        bind(state,
             "{\"text\": \"h\u00e9\", \"word\": \"green\", \"secret\": \"s\", \"count\": 65536, "
             "\"wait\": \"1m30s\","
             " \"room\": 2048, \"share\": 1, \"flag\": false, \"list\": [\"a\", \"\", \"c\"]}",
             &into, &block, &err),
        0);
    assert_string_equal(into.text, "h\u00e9");
    assert_string_equal(into.word, "green");
    assert_string_equal(into.secret, "s");
    assert_int_equal(into.count, 65536);
    assert_int_equal(into.wait, 90000);
    assert_int_equal(into.room, 2048);
    assert_true(into.share == 1.0 && !into.flag);
    assert_string_equal(into.list[0], "a");
    assert_string_equal(into.list[1], "");
    assert_string_equal(into.list[2], "c");
    assert_null(into.list[3]);
    free(block);
}

static void an_empty_list_ends_at_once(void **state)
{
    struct state into = { 0 };
    struct td_err err = { 0 };
    void *block;

    assert_int_equal(bind(state, "{\"text\": \"\", \"list\": []}", &into, &block, &err), 0);
    assert_non_null(into.list);
    assert_null(into.list[0]);
    free(block);
}

static const struct {
    const char *options, *want; /* behind `agent "mail": ` */
} refusals[] = {
    { NULL, "option \"text\" is required" },
    { "{\"text\": null}", "option \"text\" is required" },
    { "[]", "options must be a mapping" },
    { "{\"txt\": \"\"}", "unrecognized option \"txt\", did you mean \"text\"" },
    { "{\"colour\": 1}", "unrecognized option \"colour\"" },
    { "{\"text\": 1}", "option \"text\": 1 is not a string" },
    { "{\"text\": \"a\\u0000b\"}", "option \"text\": the text has a NUL inside" },
    { "{\"text\": \"\", \"word\": \"gren\"}",
      "option \"word\": \"gren\" is not one of red, green, did you mean \"green\"" },
    { "{\"text\": \"\", \"secret\": 7}", "option \"secret\": \"***\" is not a string" },
    { "{\"text\": \"\", \"count\": 0}", "option \"count\": 0 is not in 1 to 65536" },
    { "{\"text\": \"\", \"count\": 65537}", "option \"count\": 65537 is not in 1 to 65536" },
    { "{\"text\": \"\", \"count\": 1.5}", "option \"count\": 1.5 is not a whole number" },
    { "{\"text\": \"\", \"count\": \"ten\"}", "option \"count\": \"ten\" is not a whole number" },
    { "{\"text\": \"\", \"wait\": \"2h\"}", "option \"wait\": \"2h\" is not in 1s to 1h" },
    { "{\"text\": \"\", \"wait\": 999}", "option \"wait\": 999 is not in 1s to 1h" },
    { "{\"text\": \"\", \"wait\": true}", "option \"wait\": true is not a duration like 10s" },
    { "{\"text\": \"\", \"wait\": \"5\"}",
      "option \"wait\": duration \"5\": a number needs a unit: us, ms, s, m, h or d" },
    { "{\"text\": \"\", \"room\": 1023}", "option \"room\": 1023 is less than 1KiB" },
    { "{\"text\": \"\", \"share\": 1.25}", "option \"share\": 1.25 is not in 0 to 1" },
    { "{\"text\": \"\", \"flag\": 1}", "option \"flag\": 1 is not true or false" },
    { "{\"text\": \"\", \"list\": [\"a\", 1]}",
      "option \"list\": [\"a\",1] is not a list of strings" },
    { "{\"text\": \"\", \"list\": \"a\"}", "option \"list\": \"a\" is not a list of strings" },
    { "{\"text\": "
      "[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]"
      "}",
      "option \"text\": "
      "[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa... is not a "
      "string" },
};

static void what_breaks_a_row_is_told(void **state)
{
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct state into = { 0 };
        struct td_err err = { 0 };
        char want[512];
        void *block = state;

        snprintf(want, sizeof(want), "agent \"mail\": %s", refusals[i].want);
        assert_int_equal(bind(state, refusals[i].options, &into, &block, &err), -1);
        assert_string_equal(err.text, want);
        assert_int_equal(err.code, TD_E_CONFIG);
        assert_ptr_equal(block, state);
    }
}

static void a_hint_tells_where_options_are_listed(void **state)
{
    struct state into = { 0 };
    struct td_err err = { 0 };
    void *block;

    assert_int_equal(bind(state, "{\"colour\": 1}", &into, &block, &err), -1);
    assert_string_equal(err.hint, "tdev plugin info x lists the options");
}

static void without_memory_nothing_is_left_over(void **state)
{
    json_t *options = parse("{\"text\": \"t\", \"list\": [\"a\"]}");
    bool has_failed = true;
    void *block = NULL;
    unsigned n = 0;

    while (has_failed) {
        struct state into = { 0 };
        struct td_err err = { 0 };
        int rc;

        alloc_fail_at(++n);
        rc = tdh_plugin_bind(*state, options, "agent \"mail\"", &into, &block, &err);
        has_failed = alloc_fail_end();
        assert_int_equal(rc, has_failed ? -1 : 0);
        assert_int_equal(err.code, has_failed ? TD_E_NOMEM : TD_OK);
    }
    free(block);
    json_decref(options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_given_has_its_default),
        cmocka_unit_test(every_type_gets_its_member),
        cmocka_unit_test(an_empty_list_ends_at_once),
        cmocka_unit_test(what_breaks_a_row_is_told),
        cmocka_unit_test(a_hint_tells_where_options_are_listed),
        cmocka_unit_test(without_memory_nothing_is_left_over),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, make_plugin, free_plugin);
}
