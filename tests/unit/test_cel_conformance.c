/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cel conformance: every case of the public CEL suite that is found beside the tree.
 *
 * Looked for in $TDEV_SHARED_DATA, then in ../shared/data; skipped where there is none. What
 * cel-exceptions.txt names is let pass, but has to fail.
 */
#include <dirent.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "cel/cel.h"

enum { FILE_BYTES = 4 << 20, ROOTS_MAX = 16 };

struct suite {
    char folder[PATH_MAX];
    char *exceptions;
    struct tdh_arena arena;
    size_t case_count, failed_count, excepted_count, refused_count;
};

static int set_up(void **state)
{
    static struct suite suite;
    const char *shared = getenv("TDEV_SHARED_DATA");
    struct td_err err;
    size_t length;
    DIR *dir;

    snprintf(suite.folder, sizeof(suite.folder), "%s/cel",
             shared != NULL ? shared : TEST_SRCDIR "/../shared/data");
    suite.exceptions =
        tdh_file_read(TEST_SRCDIR "/tests/unit/cel-exceptions.txt", FILE_BYTES, &length, &err);
    assert_non_null(suite.exceptions);
    dir = opendir(suite.folder);
    *state = dir != NULL ? &suite : NULL;
    if (dir != NULL)
        closedir(dir);
    else
        print_message("no folder \"%s\": set TDEV_SHARED_DATA\n", suite.folder);
    return 0;
}

static int tear_down(void **state)
{
    struct suite *suite = *state;

    if (suite == NULL)
        return 0;
    free(suite->exceptions);
    tdh_arena_free(&suite->arena);
    return 0;
}

static bool is_tag(const char *tag, const char *name)
{
    return tag != NULL && strcmp(tag, name) == 0;
}

static bool is_equal(const json_t *a, const json_t *b);

static bool are_doubles_equal(const json_t *a, const json_t *b)
{
    double x = strtod(json_string_value(a), NULL), y = strtod(json_string_value(b), NULL);

    return (isnan(x) && isnan(y)) || (!(x < y) && !(x > y) && signbit(x) == signbit(y));
}

static bool are_lists_equal(const json_t *a, const json_t *b)
{
    for (size_t i = 0; i < json_array_size(a); i++)
        if (!is_equal(json_array_get(a, i), json_array_get(b, i)))
            return false;
    return json_array_size(a) == json_array_size(b);
}

/* Each entry of a has its like in b, whose keys differ. */
static bool are_maps_equal(const json_t *a, const json_t *b)
{
    size_t found = 0;

    for (size_t i = 0; i < json_array_size(a); i++)
        for (size_t k = 0; k < json_array_size(b); k++)
            found += are_lists_equal(json_array_get(a, i), json_array_get(b, k));
    return found == json_array_size(a) && found == json_array_size(b);
}

/* Two tagged values. */
static bool is_equal(const json_t *a, const json_t *b)
{
    const char *tag = json_object_iter_key(json_object_iter((json_t *)a));
    const json_t *x = json_object_get(a, tag), *y = json_object_get(b, tag);

    if (y == NULL)
        return false;
    if (is_tag(tag, "double"))
        return are_doubles_equal(x, y);
    if (is_tag(tag, "list"))
        return are_lists_equal(x, y);
    return is_tag(tag, "map") ? are_maps_equal(x, y) : json_equal(x, y);
}

/* NULL when the case came to an error. */
static json_t *run_case(struct suite *suite, const json_t *test, bool is_unchecked,
                        bool *ret_is_refused, struct td_err *err)
{
    struct tdh_cel_root roots[ROOTS_MAX];
    struct tdh_cel_options options = { .roots = roots, .is_unchecked = is_unchecked };
    json_t *bindings = json_object_get(test, "bindings"), *unused, *result = NULL;
    const json_t *text = json_object_get(test, "expr");
    const char *name;
    struct tdh_cel *cel;

    options.container = json_string_value(json_object_get(test, "container"));
    json_object_foreach (bindings, name, unused)
        if (options.root_count < ROOTS_MAX)
            roots[options.root_count++] = (struct tdh_cel_root){ .name = name };
    (void)unused;
    cel = tdh_cel_compile_bytes(json_string_value(text), json_string_length(text), &options, err);
    *ret_is_refused = cel == NULL;
    if (cel != NULL)
        result = tdh_cel_eval_typed(cel, bindings, &suite->arena, err);
    tdh_cel_free(cel);
    return result;
}

static bool is_excepted(const struct suite *suite, const char *id)
{
    char line[512];

    snprintf(line, sizeof(line), "\n%s: ", id);
    return strstr(suite->exceptions, line) != NULL;
}

static void check_case(struct suite *suite, const char *file, const json_t *test)
{
    const json_t *want = json_object_get(test, "want");
    struct td_err err = { 0 };
    bool is_refused, passed;
    json_t *result = run_case(suite, test, true, &is_refused, &err), *checked;
    char id[400], *text = NULL;

    passed = want == NULL ? result == NULL : result != NULL && is_equal(want, result);
    snprintf(id, sizeof(id), "%s/%s/%s", file, json_string_value(json_object_get(test, "section")),
             json_string_value(json_object_get(test, "name")));
    suite->case_count++;
    if (is_excepted(suite, id)) {
        suite->excepted_count++;
        assert_false(passed);
    } else if (!passed) {
        text = result != NULL ? json_dumps(result, JSON_COMPACT) : strdup(err.text);
        print_message("%s: %s: %s\n", id, json_string_value(json_object_get(test, "expr")), text);
        suite->failed_count++;
        free(text);
    }
    checked = run_case(suite, test, false, &is_refused, &err);
    suite->refused_count += is_refused;
    if (!is_refused) /* the checks refuse, but never change what comes out */
        assert_true((checked == NULL) == (result == NULL) &&
                    (result == NULL || is_equal(result, checked)));
    json_decref(checked);
    json_decref(result);
}

static void check_file(struct suite *suite, const char *file)
{
    char path[PATH_MAX + 300], name[256];
    struct td_err err;
    json_t *cases;
    const json_t *test;
    size_t i;

    snprintf(path, sizeof(path), "%s/%s", suite->folder, file);
    snprintf(name, sizeof(name), "%.*s", (int)strlen(file) - 5, file);
    cases = tdh_json_read(path, FILE_BYTES, &err);
    if (cases == NULL)
        fail_msg("%s", err.text);
    json_array_foreach (cases, i, test)
        check_case(suite, name, test);
    json_decref(cases);
}

static void every_case_passes(void **state)
{
    struct suite *suite = *state;
    DIR *dir;

    if (suite == NULL)
        skip();
    dir = opendir(suite->folder);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (strlen(entry->d_name) > 5 &&
            strcmp(entry->d_name + strlen(entry->d_name) - 5, ".json") == 0)
            check_file(suite, entry->d_name);
    closedir(dir);
    print_message(
        "%zu cases, %zu failed, %zu excepted; with checks %zu are refused at compile time\n",
        suite->case_count, suite->failed_count, suite->excepted_count, suite->refused_count);
    assert_true(suite->case_count > 0);
    assert_int_equal(suite->failed_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_case_passes) };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
