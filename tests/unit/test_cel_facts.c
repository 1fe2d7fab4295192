/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts: what an index can look up of a condition, as a list for a stack machine: `name=x` is, has
 * `tags~x`, fits `version^x`, `?` is not known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cel/cel.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct tdh_cel_root roots[] = {
    { "name", NULL }, { "tags", NULL }, { "version", NULL }, { "n", NULL }
};

static const struct {
    const char *text, *want;
} rows[] = {
    { "name == 'x'", "name=x" },
    { "'x' == name", "name=x" },
    { "'x' in tags", "tags~x" },
    { "version.satisfies('^1')", "version^^1" },
    { "name in ['a', 'b']", "name=a name=b |" },
    { "name in ['a', 'b', 'c'] && 'x' in tags", "name=a name=b | name=c | tags~x &" },
    { "name in []", "?" },
    { "name in ['a', 1]", "?" },
    { "name == 'x' && 'y' in tags", "name=x tags~y &" },
    { "name == 'x' || 'y' in tags", "name=x tags~y |" },
    { "name == 'x' && n > 3 && 'y' in tags", "name=x ? & tags~y &" },
    { "n > 3 && (name == 'x' || name == 'y')", "? name=x name=y | &" },
    { "!(name == 'x') && 'y' in tags", "? tags~y &" },
    { "!(name == 'x' && 'y' in tags) || name == 'z'", "? name=z |" },
    { "name != 'x'", "?" },
    { "name == tags", "?" },
    { "name == 1", "?" },
    { "name + 'y' == 'xy' && name == 'x'", "? name=x &" },
    { "tags.exists(t, t == 'x') && name == 'x'", "? name=x &" },
    { "tags.filter(t, 'a' in tags && t == 'x').size() == 1 && name == 'x'", "? name=x &" },
    { "(n > 3 ? name == 'x' : name == 'y') && 'z' in tags", "? tags~z &" },
    { "(n > 3 ? (n > 4 ? name == 'x' : true) : name == 'y') && 'z' in tags", "? tags~z &" },
    { "'z' in tags && (n > 3 ? name == 'x' : n > 2 ? true : name == 'y')", "tags~z ? &" },
    { "cel.bind(x, name, x == 'a') && 'z' in tags", "? tags~z &" },
    { "name.matches('^x') && 'z' in tags", "? tags~z &" },
    { "tags.all(t, t.startsWith(name)) || 'z' in tags", "? tags~z |" },
    { "{'a': name, 'b': 'c'}['a'] == 'x' && [name, 'y'].size() == 2 && name == 'x'",
      "? ? & name=x &" },
    { "tags[?0].orValue('x') == 'x' && name == 'x'", "?" },
    { "true", "?" },
    { "(name == 'x') == (name == 'y')", "?" },
    { "(name == 'x') in [true] && name == 'y'", "? name=y &" },
    { "'a'.satisfies(name) && name == 'x'", "? name=x &" },
    { "'x' in tags == true || name == 'a'", "? name=a |" },
};

static void print(const struct tdh_cel_fact *facts, size_t count, char *out, size_t size)
{
    static const char signs[] = "?=~^&|";
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const char *between = i > 0 ? " " : "";
        bool is_leaf = facts[i].kind != TDH_CEL_FACT_OTHER && facts[i].kind < TDH_CEL_FACT_AND;

        used += (size_t)snprintf(out + used, size - used, "%s%s%c%.*s", between,
                                 is_leaf ? roots[facts[i].root].name : "", signs[facts[i].kind],
                                 is_leaf ? (int)facts[i].length : 0, is_leaf ? facts[i].text : "");
    }
}

static struct tdh_cel *compile(const char *text)
{
    const struct tdh_cel_options options = { .roots = roots, .root_count = COUNT(roots) };
    struct td_err err;
    struct tdh_cel *cel = tdh_cel_compile(text, &options, &err);

    if (cel == NULL)
        fail_msg("%s: %s", text, err.text);
    return cel;
}

static void each_condition_gives_its_facts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct tdh_cel *cel = compile(rows[i].text);
        struct tdh_cel_fact facts[32];
        char out[512];

        print(facts, tdh_cel_facts(cel, facts, COUNT(facts)), out, sizeof(out));
        if (strcmp(out, rows[i].want) != 0)
            fail_msg("%s: %s, want %s", rows[i].text, out, rows[i].want);
        tdh_cel_free(cel);
    }
}

static void what_does_not_fit_is_not_known(void **state)
{
    struct tdh_cel *cel = compile("name == 'a' || name == 'b'");
    struct tdh_cel_fact facts[3];

    (void)state;
    assert_int_equal(tdh_cel_facts(cel, facts, 3), 3);
    assert_int_equal(tdh_cel_facts(cel, facts, 2), 1);
    assert_int_equal(facts[0].kind, TDH_CEL_FACT_OTHER);
    tdh_cel_free(cel);
}

/* Deeper than the walk follows. */
static void what_is_nested_deep_is_not_known(void **state)
{
    char text[2048] = "";
    struct tdh_cel_fact facts[256];
    struct tdh_cel *cel;

    (void)state;
    for (int i = 0; i < 100; i++)
        strcat(text, "n > 1 && (");
    strcat(text, "name == 'x'");
    for (int i = 0; i < 100; i++)
        strcat(text, ")");
    cel = compile(text);
    assert_int_equal(tdh_cel_facts(cel, facts, COUNT(facts)), 1);
    assert_int_equal(facts[0].kind, TDH_CEL_FACT_OTHER);
    tdh_cel_free(cel);
}

static const struct {
    const char *text;
    int want; /* -1: an error of the run */
} satisfied[] = {
    { "'1.2.3'.satisfies('^1')", 1 },     { "'1.2.3'.satisfies('>=1.2 <1.3')", 1 },
    { "'2.0.0'.satisfies('^1')", 0 },     { "'1.2.0-rc.1'.satisfies('^1')", 0 },
    { "'1.10.0'.satisfies('>1.9')", 1 },  { "'x'.satisfies('^1')", -1 },
    { "'1.0.0'.satisfies('what')", -1 },  { "'1.0.0\\000'.satisfies('^1')", -1 },
    { "'1.0.0'.satisfies('1 || 2')", 1 },
};

static void a_version_satisfies_a_range_as_in_manifests(void **state)
{
    struct tdh_arena arena = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT(satisfied); i++) {
        struct tdh_cel *cel = compile(satisfied[i].text);
        struct td_err err;
        bool is_true = false;
        int rc = tdh_cel_eval_bool(cel, NULL, &arena, &is_true, &err);

        if ((rc == 0 ? is_true : -1) != satisfied[i].want)
            fail_msg("%s gives %d", satisfied[i].text, rc == 0 ? is_true : -1);
        tdh_cel_free(cel);
    }
    tdh_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_condition_gives_its_facts),
        cmocka_unit_test(what_does_not_fit_is_not_known),
        cmocka_unit_test(what_is_nested_deep_is_not_known),
        cmocka_unit_test(a_version_satisfies_a_range_as_in_manifests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
