/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry: what queries find, and how they find it.
 */
#include "agent/registry.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_fail.h"
#include "base/json.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char some_rows[] =
    "[{\"name\": \"sum\", \"kind\": \"agent\", \"version\": \"1.2.0\", \"status\": \"active\","
    "  \"capabilities\": [\"summarize\", \"translate\"], \"tags\": [\"text\", \"ko\"],"
    "  \"types\": [\"analysis\"], \"description\": \"Short texts\", \"calls\": 10, \"failures\": "
    "1},"
    " {\"name\": \"abridge\", \"kind\": \"agent\", \"version\": \"1.10.0\", \"status\": \"active\","
    "  \"capabilities\": [\"summarize\"], \"tags\": [\"text\"], \"description\": \"Shorter\"},"
    " {\"name\": \"old\", \"kind\": \"agent\", \"version\": \"0.9.0\", \"status\": \"deprecated\","
    "  \"capabilities\": [\"summarize\"]},"
    " {\"name\": \"bad\", \"kind\": \"agent\", \"status\": \"refused\"},"
    " {\"name\": \"sum\", \"kind\": \"pattern\", \"version\": \"2.0.0\", \"status\": \"active\","
    "  \"permissions\": {\"agents\": [\"*\"]}}]";

struct bed {
    struct tdh_registry *registry;
    struct tdh_finder *finder;
    struct td_err err;
};

static void set_rows(struct bed *bed, const char *text)
{
    json_t *rows = json_loads(text, 0, NULL);

    assert_non_null(rows);
    if (tdh_registry_set(bed->registry, rows, &bed->err) != 0)
        fail_msg("%s", bed->err.text);
    json_decref(rows);
}

static int set_up(void **state)
{
    static struct bed bed;

    bed.registry = tdh_registry_new(&bed.err);
    assert_non_null(bed.registry);
    bed.finder = tdh_finder_new(bed.registry, &bed.err);
    assert_non_null(bed.finder);
    set_rows(&bed, some_rows);
    *state = &bed;
    return 0;
}

static int tear_down(void **state)
{
    struct bed *bed = *state;

    tdh_finder_free(bed->finder);
    tdh_registry_free(bed->registry);
    return 0;
}

/* "name/kind name/kind ..." */
static void print_found(const struct tdh_found *found, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < found->count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s/%s", i > 0 ? " " : "",
                                 tdh_json_str(found->rows[i], "name", ""),
                                 tdh_json_str(found->rows[i], "kind", ""));
}

static const struct tdh_found *find(struct bed *bed, const char *query)
{
    const struct tdh_found *found = NULL;

    if (tdh_find(bed->finder, query, &found, &bed->err) != 0)
        fail_msg("%s: %s", query, bed->err.text);
    return found;
}

static const struct {
    const char *query, *want;
} queries[] = {
    { "'summarize' in capabilities", "abridge/agent sum/agent" },
    { "'summarize' in capabilities && 'ko' in tags", "sum/agent" },
    { "'summarize' in capabilities && version.satisfies('>=1.3')", "abridge/agent" },
    { "version.satisfies('<1')", "" }, /* what is deprecated is not found by chance */
    { "version.satisfies('<1') && status == 'deprecated'", "old/agent" },
    { "status != 'active'", "bad/agent old/agent" },
    { "name == 'sum'", "sum/agent sum/pattern" },
    { "kind == 'pattern' || 'translate' in capabilities", "sum/agent sum/pattern" },
    { "name in ['old', 'abridge', 'sum'] && kind == 'agent'", "abridge/agent sum/agent" },
    { "'analysis' in types", "sum/agent" },
    { "'agents' in permissions", "sum/pattern" },
    { "description.contains('Short')", "abridge/agent sum/agent" },
    { "calls > 0 && failures * 5 < calls", "sum/agent" },
    { "'nobody' in capabilities", "" },
    { "'nobody' in capabilities || false", "" },
    { "true", "abridge/agent sum/agent sum/pattern" },
    { "false", "" },
};

static void each_query_finds_what_it_says(void **state)
{
    struct bed *bed = *state;

    for (size_t i = 0; i < COUNT(queries); i++) {
        char out[256];

        print_found(find(bed, queries[i].query), out, sizeof(out));
        if (strcmp(out, queries[i].want) != 0)
            fail_msg("%s: \"%s\", want \"%s\"", queries[i].query, out, queries[i].want);
    }
}

static const struct {
    const char *query, *want;
} refusals[] = {
    { "nmae == 'x'", "query: 1:1: variable \"nmae\" is not known, did you mean \"name\"" },
    { "name", "query: 1:1: result is string, which does not fit boolean" },
    { "name == 1", "query: 1:6: \"==\" cannot be applied to string and int" },
    { "version.satisfies('what')",
      "query: range \"what\": expected a version like 1.2.3, 1.2 or 1.x" },
};

static void a_query_that_is_none_is_refused_with_its_place(void **state)
{
    struct bed *bed = *state;
    const struct tdh_found *found;

    for (size_t i = 0; i < COUNT(refusals); i++) {
        assert_int_equal(tdh_find(bed->finder, refusals[i].query, &found, &bed->err), -1);
        assert_string_equal(bed->err.text, refusals[i].want);
    }
}

static void what_cannot_be_judged_is_not_found_and_told(void **state)
{
    struct bed *bed = *state;
    const struct tdh_found *found = find(bed, "tags[0] == 'text'");

    assert_int_equal(found->count, 2);
    assert_int_equal(found->faults, 1); /* the pattern, which has no tags */
    assert_string_equal(found->why.text, "1:6: index 0 is not in the list");
}

static const struct {
    const char *rows, *want;
} bad_rows[] = {
    { "[{\"name\": \"a\", \"kind\": \"agent\"}, {\"name\": \"b\", \"kind\": \"agent\"},"
      " {\"name\": \"a\", \"kind\": \"agent\", \"version\": \"2.0.0\"}]",
      "registry: there are two of kind \"agent\" named \"a\"" },
    { "[{\"name\": \"a\", \"tags\": \"x\"}]", "registry: entry \"a\": its \"tags\" is string" },
    { "[{\"name\": \"a\", \"tags\": [\"x\", 1]}]", "registry: entry \"a\": its \"tags\" is array" },
};

static void rows_that_make_no_sense_change_nothing(void **state)
{
    struct bed *bed = *state;

    for (size_t i = 0; i < COUNT(bad_rows); i++) {
        json_t *rows = json_loads(bad_rows[i].rows, 0, NULL);

        assert_int_equal(tdh_registry_set(bed->registry, rows, &bed->err), -1);
        assert_string_equal(bed->err.text, bad_rows[i].want);
        assert_int_equal(find(bed, "true")->count, 3);
        json_decref(rows);
    }
}

static void a_result_is_kept_until_the_registry_changes(void **state)
{
    struct bed *bed = *state;

    assert_false(find(bed, "'summarize' in capabilities")->is_kept);
    assert_true(find(bed, "'summarize' in capabilities")->is_kept);
    set_rows(bed, "[{\"name\": \"new\", \"kind\": \"agent\", \"status\": \"active\","
                  "  \"capabilities\": [\"summarize\"]}]");
    assert_false(find(bed, "'summarize' in capabilities")->is_kept);
    assert_string_equal(tdh_json_str(find(bed, "'summarize' in capabilities")->rows[0], "name", ""),
                        "new");
}

static void the_query_used_last_longest_ago_is_forgotten(void **state)
{
    struct bed *bed = *state;
    char query[64];

    find(bed, "true");
    for (int i = 0; i < 63; i++) {
        snprintf(query, sizeof(query), "calls > %d", i);
        find(bed, query);
    }
    assert_true(find(bed, "true")->is_kept);
    find(bed, "calls > 100"); /* the 65th takes the place of "calls > 0" */
    assert_true(find(bed, "true")->is_kept);
    assert_true(find(bed, "calls > 1")->is_kept);
    assert_false(find(bed, "calls > 0")->is_kept);
}

static const struct {
    const char *query, *want;
} plans[] = {
    { "'summarize' in capabilities",
      "{\"step\":\"intersection\",\"entries\":2,\"of\":["
      "{\"step\":\"index\",\"field\":\"capabilities\",\"value\":\"summarize\",\"entries\":3},"
      "{\"step\":\"index\",\"field\":\"status\",\"value\":\"active\",\"entries\":3}]}" },
    { "status == 'active' && name.size() > 1",
      "{\"step\":\"intersection\",\"entries\":3,\"of\":["
      "{\"step\":\"index\",\"field\":\"status\",\"value\":\"active\",\"entries\":3},"
      "{\"step\":\"scan\",\"entries\":5}]}" },
    { "status == 'x' || version.satisfies('1') && kind == 'agent'",
      "{\"step\":\"union\",\"entries\":2,\"of\":["
      "{\"step\":\"index\",\"field\":\"status\",\"value\":\"x\",\"entries\":0},"
      "{\"step\":\"intersection\",\"entries\":2,\"of\":["
      "{\"step\":\"range\",\"field\":\"version\",\"value\":\"1\",\"entries\":2},"
      "{\"step\":\"index\",\"field\":\"kind\",\"value\":\"agent\",\"entries\":4}]}]}" },
};

static void a_plan_is_told_as_data(void **state)
{
    struct bed *bed = *state;

    for (size_t i = 0; i < COUNT(plans); i++) {
        json_t *explained = tdh_find_explain(bed->finder, plans[i].query, &bed->err);
        json_t *want = json_loads(plans[i].want, 0, NULL);

        assert_non_null(explained);
        if (!json_equal(json_object_get(explained, "plan"), want))
            fail_msg("%s", json_dumps(explained, 0));
        json_decref(want);
        json_decref(explained);
    }
}

/* --- bounds --- */

static void there_are_no_more_finders_than_the_registry_can_watch(void **state)
{
    struct bed *bed = *state;
    struct tdh_finder *finders[TDH_FINDERS_MAX] = { NULL };
    size_t count = 0;

    while ((finders[count] = tdh_finder_new(bed->registry, &bed->err)) != NULL)
        count++;
    assert_int_equal(count, TDH_FINDERS_MAX - 1);
    assert_string_equal(bed->err.text, "the registry has 64 finders already");
    tdh_finder_free(finders[0]);
    finders[0] = tdh_finder_new(bed->registry, &bed->err);
    assert_non_null(finders[0]);
    for (size_t i = 0; i < count; i++)
        tdh_finder_free(finders[i]);
}

/* --- memory --- */

static int work(json_t *rows, struct td_err *err)
{
    struct tdh_registry *registry = tdh_registry_new(err);
    struct tdh_finder *finder = registry != NULL ? tdh_finder_new(registry, err) : NULL;
    const struct tdh_found *found;
    int rc = -1;

    if (finder != NULL && tdh_registry_set(registry, rows, err) == 0 &&
        tdh_find(finder, "('summarize' in capabilities || name == 'x') && calls >= 0", &found,
                 err) == 0)
        rc = found->count == 2 ? 0 : -2;
    tdh_finder_free(finder);
    tdh_registry_free(registry);
    return rc;
}

static void without_memory_it_is_told(void **state)
{
    json_t *rows = json_loads(some_rows, 0, NULL);
    bool is_done = false;

    (void)state;
    for (unsigned n = 1; !is_done; n++) {
        struct td_err err = { 0 };
        int rc;

        alloc_fail_at(n);
        rc = work(rows, &err);
        is_done = !alloc_fail_end();
        assert_true(rc == 0 || (rc == -1 && err.code == TD_E_NOMEM));
    }
    json_decref(rows);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_query_finds_what_it_says),
        TEST(a_query_that_is_none_is_refused_with_its_place),
        TEST(what_cannot_be_judged_is_not_found_and_told),
        TEST(rows_that_make_no_sense_change_nothing),
        TEST(a_result_is_kept_until_the_registry_changes),
        TEST(the_query_used_last_longest_ago_is_forgotten),
        TEST(a_plan_is_told_as_data),
        TEST(there_are_no_more_finders_than_the_registry_can_watch),
        cmocka_unit_test(without_memory_it_is_told),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
