/* SPDX-License-Identifier: Apache-2.0 */
/*
 * states between versions: the path of migrations, and each step on it. The migrations here write
 * down which way they went.
 */
#include "plugin/plugin.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static json_t *went(const json_t *saved, const char *step)
{
    json_t *copy = json_deep_copy(saved);

    json_array_append_new(json_object_get(copy, "way"), json_string(step));
    return copy;
}

#define STEP(from, to)                                                                             \
    static json_t *go_##from##_##to(const json_t *saved, struct td_err *err)                       \
    {                                                                                              \
        (void)err;                                                                                 \
        return went(saved, #from ">" #to);                                                         \
    }
STEP(1, 2)
STEP(2, 1)
STEP(2, 3)
STEP(3, 2)
STEP(3, 4)
STEP(1, 4)
STEP(4, 5)
STEP(5, 4)

/* Breaks the rule: what it is given is not its own. */
static json_t *change_it(const json_t *saved, struct td_err *err)
{
    (void)err;
    json_object_set_new((json_t *)(uintptr_t)saved, "changed", json_true());
    return json_incref((json_t *)(uintptr_t)saved);
}

static json_t *refuse(const json_t *saved, struct td_err *err)
{
    (void)saved;
    td_fail(err, TD_E_INVAL, "there is no \"name\"");
    return NULL;
}

static json_t *say_nothing(const json_t *saved, struct td_err *err)
{
    (void)saved, (void)err;
    return NULL;
}

static json_t *make_long(const json_t *saved, struct td_err *err)
{
    char *text = calloc(1, TD_STATE_BYTES_MAX + 1);
    json_t *value;

    (void)saved, (void)err;
    memset(text, 'x', TD_STATE_BYTES_MAX);
    value = json_string(text);
    free(text);
    return value;
}

#define MIGRATION(from, to, up, down)                                                              \
    (&(const struct td_state_migration){ sizeof(struct td_state_migration), from, to, up, down })

static const struct td_state_migration *const steps[] = {
    MIGRATION(1, 2, go_1_2, go_2_1),   MIGRATION(2, 3, go_2_3, go_3_2),
    MIGRATION(3, 4, go_3_4, NULL),     MIGRATION(1, 4, go_1_4, NULL),
    MIGRATION(4, 5, go_4_5, go_5_4),   MIGRATION(5, 10, change_it, NULL),
    MIGRATION(5, 11, refuse, NULL),    MIGRATION(5, 12, say_nothing, NULL),
    MIGRATION(5, 13, make_long, NULL), NULL,
};
static const struct td_agent_state agent_state = { .size = sizeof(struct td_agent_state),
                                                   .version = 5,
                                                   .migrations = steps };

static int migrate(uint32_t from, uint32_t to, const json_t *saved, json_t **ret_saved,
                   json_t **ret_path, struct td_err *err)
{
    struct tdh_manifest manifest = { .name = (char *)(uintptr_t) "p", .state_version = 5 };
    struct tdh_plugin plugin = { .manifest = &manifest, .state = &agent_state };
    struct tdh_ctx ctx = { .plugin = &plugin, .instance = "p" };

    return tdh_state_migrate(&ctx, from, to, saved, ret_saved, ret_path, err);
}

static void check_text(const json_t *value, const char *want)
{
    char *text = json_dumps(value, JSON_COMPACT);

    assert_string_equal(text, want);
    free(text);
}

/* --- 3.3.4: steps after the first went down, and a version could not stay what it was --- */

static void the_shortest_path_is_taken_and_each_step_goes_its_own_way(void **state)
{
    static const struct {
        uint32_t from, to;
        const char *path, *way;
    } cases[] = {
        { 1, 2, "[1,2]", "[\"1>2\"]" },
        { 1, 3, "[1,2,3]", "[\"1>2\",\"2>3\"]" },
        { 3, 1, "[3,2,1]", "[\"3>2\",\"2>1\"]" },
        { 1, 5, "[1,4,5]", "[\"1>4\",\"4>5\"]" },           /* not by 2 and 3 */
        { 2, 5, "[2,3,4,5]", "[\"2>3\",\"3>4\",\"4>5\"]" }, /* as long as by 1, and never down */
        { 5, 4, "[5,4]", "[\"5>4\"]" },
        { 2, 2, "[2]", "[]" },
        { 77, 77, "[77]", "[]" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *given = json_pack("{s:[]}", "way"), *saved, *path;
        struct td_err err;

        assert_int_equal(migrate(cases[i].from, cases[i].to, given, &saved, &path, &err), 0);
        check_text(path, cases[i].path);
        check_text(json_object_get(saved, "way"), cases[i].way);
        check_text(given, "{\"way\":[]}");
        json_decref(given);
        json_decref(saved);
        json_decref(path);
    }
}

static void what_cannot_be_is_told_and_changes_nothing(void **state)
{
    static const struct {
        uint32_t from, to;
        enum td_code code;
        const char *text;
    } cases[] = {
        { 4, 1, TD_E_UNSUPPORTED,
          "no migrations lead from version 4 of its state to version 1; there are 1 <-> 2, 2 <-> "
          "3, 3 -> 4, 1 -> 4, 4 <-> 5, 5 -> 10, 5 -> 11, 5 -> 12, 5 -> 13" },
        { 6, 5, TD_E_UNSUPPORTED,
          "no migrations lead from version 6 of its state to version 5; there are 1 <-> 2, 2 <-> "
          "3, 3 -> 4, 1 -> 4, 4 <-> 5, 5 -> 10, 5 -> 11, 5 -> 12, 5 -> 13" },
        { 4, 11, TD_E_INVAL, "the migration from version 5 to 11: there is no \"name\"" },
        { 4, 12, TD_E_EXEC, "the migration from version 5 to 12 failed and did not say why" },
        { 4, 13, TD_E_LIMIT,
          "the migration from version 5 to 13 gave a state of 16777218 bytes, the most is "
          "16777216" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *given = json_pack("{s:[]}", "way"), *saved = NULL, *path = NULL;
        struct td_err err;

        assert_int_equal(migrate(cases[i].from, cases[i].to, given, &saved, &path, &err), -1);
        assert_string_equal(err.text, cases[i].text);
        assert_int_equal(err.code, cases[i].code);
        assert_null(saved);
        assert_null(path);
        check_text(given, "{\"way\":[]}");
        json_decref(given);
    }
}

/* 3.3.4: the copy was shallow. */
static void a_migration_that_changes_what_it_is_given_changes_a_copy(void **state)
{
    json_t *given = json_pack("{s:[]}", "way"), *saved, *path;
    struct td_err err;

    (void)state;
    assert_int_equal(migrate(5, 10, given, &saved, &path, &err), 0);
    check_text(given, "{\"way\":[]}");
    check_text(saved, "{\"way\":[],\"changed\":true}");
    json_decref(given);
    json_decref(saved);
    json_decref(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shortest_path_is_taken_and_each_step_goes_its_own_way),
        cmocka_unit_test(what_cannot_be_is_told_and_changes_nothing),
        cmocka_unit_test(a_migration_that_changes_what_it_is_given_changes_a_copy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
