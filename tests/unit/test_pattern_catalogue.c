/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern_catalogue: what the manifest of a pattern may tell of it, what the bundled ones do tell,
 * and the pages made of it.
 */
#include "base/json.h" /* before cmocka, whose fail() is a macro */
#include "pattern/pattern.h"
#include "plugin/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "alloc_fail.h"
#include "pattern_shelf.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* --- manifests --- */

#define LEAST "use_cases: [u], advantages: [a], drawbacks: [d], complexity: low"

/* What stands behind `plugin "x": plugin.yaml:`. */
static void a_fault_of_a_catalogue_is_named_with_its_place(void **state)
{
    static const struct {
        const char *line, *want;
    } cases[] = {
        { "catalogue: {" LEAST "}", NULL },
        { "catalogue: []", "7:12: \"catalogue\" is of type array, must be a mapping" },
        { "catalogue: {use_cases: [u], advantages: [a], complexity: low}",
          "7:12: key \"drawbacks\" is missing" },
        { "catalogue: {" LEAST ", traist: {}}",
          "7:79: unrecognized key \"traist\", did you mean \"traits\"" },
        { "catalogue: {" LEAST ", advice: text}",
          "7:87: \"advice\" is of type string, must be a list" },
        { "catalogue: {" LEAST ", advice: []}", "7:87: \"advice\" has 0 items, must have 1 to 64" },
        { "catalogue: {" LEAST ", advice: [a, 7]}",
          "7:91: item 2 of \"advice\" is of type integer, must be a string" },
        { "catalogue: {" LEAST ", advice: [a, a]}", "7:91: \"a\" stands in \"advice\" twice" },
        { "catalogue: {" LEAST ", advice: [\"a\\nb\"]}",
          "7:88: item 1 of \"advice\" must be one line without tabs" },
        { "catalogue: {" LEAST ", calls: 1}",
          "7:86: \"calls\" is of type integer, must be a string" },
        { "catalogue: {use_cases: [u], advantages: [a], drawbacks: [d], complexity: hihg}",
          "7:74: complexity is \"hihg\", must be one of low, medium, high, did you mean \"high\"" },
        { "catalogue: {use_cases: [u], advantages: [a], drawbacks: [d], complexity: [low]}",
          "7:74: \"complexity\" is of type array, must be a string" },
        { "catalogue: {" LEAST ", traits: {order: parallell}}",
          "7:95: order is \"parallell\", must be one of fixed, parallel, free, did you mean "
          "\"parallel\"" },
        { "catalogue: {" LEAST ", traits: {order: [free, free]}}",
          "7:102: \"free\" stands in \"order\" twice" },
        { "catalogue: {" LEAST ", traits: {order: []}}", "7:95: \"order\" is empty" },
        { "catalogue: {" LEAST ", traits: {cots: low}}",
          "7:88: unrecognized key \"cots\", did you mean \"cost\"" },
        { "catalogue: {" LEAST ", related: [Saga]}",
          "7:89: item 1 of \"related\": \"Saga\" must be a small letter, then small letters, "
          "digits "
          "and \"-\"" },
        { "catalogue: {" LEAST ", example: ../x}", "7:88: \"example\": \"../x\" must be a small "
                                                   "letter, then small letters, digits and \"-\"" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct td_err err = { 0 };
        struct tdh_manifest *manifest = pattern_shelf_parse("x", cases[i].line, &err);
        char want[512] = "";

        if (cases[i].want != NULL)
            snprintf(want, sizeof(want), "plugin \"x\": plugin.yaml:%s", cases[i].want);
        assert_string_equal(err.text, want);
        assert_int_equal(manifest != NULL, cases[i].want == NULL);
        tdh_manifest_free(manifest);
    }
}

static void only_patterns_have_a_catalogue(void **state)
{
    static const char text[] = "apiVersion: tdev/v1\nkind: storage\nname: x\nversion: 1.0.0\n"
                               "library: x.so\nsdk: '1'\ncatalogue: {" LEAST "}\n";
    struct td_err err = { 0 };

    (void)state;
    assert_null(tdh_manifest_parse(text, strlen(text), "/plugins/x", &err));
    assert_string_equal(err.text,
                        "plugin \"x\": plugin.yaml:7:1: a storage has no catalogue, only patterns "
                        "do");
}

static const char whole[] =
    "catalogue:\n  category: c\n  use_when: w\n  avoid_when: v\n  use_cases: [u1, u2]\n"
    "  advantages: [a]\n  drawbacks: [d]\n  advice: [e]\n  complexity: medium\n  calls: n\n"
    "  bounds: b\n  traits: {members: few, ends: [all, first]}\n  words: [w, 투표]\n"
    "  related: [saga]\n  example: z";

static void all_of_a_catalogue_is_kept(void **state)
{
    struct td_err err = { 0 };
    struct tdh_manifest *manifest = pattern_shelf_parse("x", whole, &err);
    json_t *told = tdh_pattern_describe(manifest);
    char *text = tdh_json_text(told, 0);

    (void)state;
    assert_string_equal(
        text, "{\"category\":\"c\",\"use_when\":\"w\",\"avoid_when\":\"v\",\"use_cases\":[\"u1\","
              "\"u2\"],\"advantages\":[\"a\"],\"drawbacks\":[\"d\"],\"advice\":[\"e\"],"
              "\"complexity\":\"medium\",\"calls\":\"n\",\"bounds\":\"b\",\"traits\":{\"members\":"
              "[\"few\"],\"ends\":[\"first\",\"all\"]},\"words\":[\"w\",\"투표\"],\"related\":"
              "[\"saga\"],\"example\":\"z\"}");
    free(text);
    json_decref(told);
    tdh_manifest_free(manifest);
}

static void without_memory_nothing_is_left_over(void **state)
{
    struct tdh_manifest *manifest = NULL;
    unsigned n = 0;

    (void)state;
    while (manifest == NULL) {
        struct td_err err = { 0 };

        alloc_fail_at(++n);
        manifest = pattern_shelf_parse("x", whole, &err);
        if (!alloc_fail_end())
            break;
        assert_true(manifest != NULL || err.code == TD_E_NOMEM);
        tdh_manifest_free(manifest);
        manifest = NULL;
    }
    assert_non_null(manifest);
    tdh_manifest_free(manifest);
}

/* --- those that come with tdev --- */

static void check_related(const struct pattern_shelf *shelf, const struct tdh_manifest *pattern)
{
    const json_t *item;
    size_t i;

    json_array_foreach (pattern->catalogue->related, i, item) {
        if (pattern_shelf_find(shelf, json_string_value(item)) == NULL ||
            strcmp(json_string_value(item), pattern->name) == 0)
            fail_msg("%s: related to \"%s\"", pattern->name, json_string_value(item));
    }
}

static void every_bundled_pattern_tells_all_of_itself(void **state)
{
    const struct pattern_shelf *shelf = *state;

    assert_true(shelf->count >= 21);
    for (size_t i = 0; i < shelf->count; i++) {
        const struct tdh_manifest *pattern = shelf->patterns[i];
        const struct tdh_catalogue *catalogue = pattern->catalogue;
        char path[512];
        struct stat status;

        if (catalogue == NULL)
            fail_msg("%s has no catalogue", pattern->name);
        for (int k = 0; k < TDH_TRAIT_COUNT; k++)
            if (catalogue->traits[k] == 0)
                fail_msg("%s does not tell %s", pattern->name, tdh_traits[k].name);
        if (catalogue->category == NULL || catalogue->use_when == NULL ||
            catalogue->avoid_when == NULL || catalogue->advice == NULL ||
            catalogue->words == NULL || catalogue->related == NULL || catalogue->calls == NULL ||
            catalogue->bounds == NULL || catalogue->example == NULL)
            fail_msg("%s leaves something out", pattern->name);
        check_related(shelf, pattern);
        snprintf(path, sizeof(path), TEST_SRCDIR "/conf/workflows/patterns/%s.yaml",
                 catalogue->example);
        if (stat(path, &status) != 0)
            fail_msg("%s: there is no example %s", pattern->name, path);
    }
}

static void the_schema_of_manifests_takes_every_bundled_pattern(void **state)
{
    const struct pattern_shelf *shelf = *state;
    struct td_err err = { 0 };
    json_t *document = tdh_json_read(TEST_SRCDIR "/conf/schema/plugin.json", 1 << 20, &err);
    struct tdh_schema *schema = document != NULL ? tdh_schema_compile(document, NULL, &err) : NULL;
    struct tdh_manifest *wrong =
        pattern_shelf_parse("x", "catalogue: {" LEAST ", words: ['']}", &err);

    assert_non_null(schema);
    assert_null(wrong);
    for (size_t i = 0; i < shelf->count; i++)
        if (tdh_schema_check_yaml(schema, shelf->patterns[i]->yaml, &err) != 0)
            fail_msg("%s: %s", shelf->patterns[i]->name, err.text);
    tdh_schema_free(schema);
    json_decref(document);
}

/* --- pages --- */

static void what_markdown_would_take_for_its_own_is_escaped(void **state)
{
    struct td_err err = { 0 };
    struct tdh_manifest *manifest = pattern_shelf_parse(
        "x",
        "catalogue: {use_cases: ['a|b *c*'], advantages: [a], drawbacks: ['[d](e)'], complexity: "
        "low, example: z, related: [saga]}",
        &err);
    const struct tdh_manifest *const all[] = { manifest };
    struct tdh_buf buf = { 0 };

    (void)state;
    tdh_pattern_matrix(&buf, all, 1);
    assert_string_equal(
        buf.data,
        "| pattern | use it when | avoid it when | members | coordination | order | ends | failure "
        "| work | cost | calls, at most | bounds | complexity |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        "| [x](#x) | a\\|b \\*c\\* | \\[d\\](e) |  |  |  |  |  |  |  |  |  | low |\n");
    tdh_buf_clear(&buf);
    tdh_pattern_page(&buf, manifest, "a: b\n```\n");
    assert_string_equal(buf.data,
                        "## x\n\nVersion 1.0.0.\n\n| | |\n| --- | --- |\n| complexity | low |\n\n"
                        "**Use it for**\n\n- a\\|b \\*c\\*\n\n**Advantages**\n\n- a\n\n"
                        "**Drawbacks**\n\n- \\[d\\](e)\n\n**Example**: workflows/patterns/z.yaml\n"
                        "\n````yaml\na: b\n```\n````\n\nRelated: [saga](#saga)\n");
    tdh_buf_free(&buf);
    tdh_manifest_free(manifest);
}

static void a_pattern_without_a_catalogue_is_left_out_of_the_matrix(void **state)
{
    struct td_err err = { 0 };
    struct tdh_manifest *manifest = pattern_shelf_parse("x", "description: Does it", &err);
    const struct tdh_manifest *const all[] = { manifest };
    struct tdh_buf buf = { 0 };

    (void)state;
    tdh_pattern_matrix(&buf, all, 1);
    assert_null(strstr(buf.data, "[x]"));
    tdh_buf_clear(&buf);
    tdh_pattern_page(&buf, manifest, NULL);
    assert_string_equal(buf.data, "## x\n\nDoes it. Version 1.0.0.\n");
    tdh_buf_free(&buf);
    tdh_manifest_free(manifest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_of_a_catalogue_is_named_with_its_place),
        cmocka_unit_test(only_patterns_have_a_catalogue),
        cmocka_unit_test(all_of_a_catalogue_is_kept),
        cmocka_unit_test(without_memory_nothing_is_left_over),
        cmocka_unit_test(every_bundled_pattern_tells_all_of_itself),
        cmocka_unit_test(the_schema_of_manifests_takes_every_bundled_pattern),
        cmocka_unit_test(what_markdown_would_take_for_its_own_is_escaped),
        cmocka_unit_test(a_pattern_without_a_catalogue_is_left_out_of_the_matrix),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, pattern_shelf_open, pattern_shelf_close);
}
