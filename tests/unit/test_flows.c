/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flows: workflows by name, out of folders whose files change.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"

#define TEXT(id, version, rest)                                                                    \
    "id: " id "\nversion: " version "\ndescription: about " id                                     \
    "\nnodes:\n- {id: s, type: start, next: e}\n- {id: e, type: end}\n" rest

/* Two folders and what looks into them. */
struct home {
    char dir[64], first[80], second[80], path[160];
    struct tdh_flows *flows;
    struct td_err err;
};

static int setup(void **state)
{
    struct home *home = calloc(1, sizeof(*home));

    strcpy(home->dir, "/tmp/tdev-flows-XXXXXX");
    assert_non_null(mkdtemp(home->dir));
    snprintf(home->first, sizeof(home->first), "%s/first", home->dir);
    snprintf(home->second, sizeof(home->second), "%s/second", home->dir);
    assert_int_equal(mkdir(home->first, 0700), 0);
    assert_int_equal(mkdir(home->second, 0700), 0);
    home->flows = tdh_flows_new(
        (const char *const[]){ home->first, home->second, "/nonexistent", NULL }, NULL, &home->err);
    assert_non_null(home->flows);
    *state = home;
    return 0;
}

static int teardown(void **state)
{
    struct home *home = *state;
    char command[128];
    int rc;

    tdh_flows_free(home->flows);
    snprintf(command, sizeof(command), "rm -r %s", home->dir);
    rc = system(command);
    free(home);
    return rc;
}

static const char *path_in(struct home *home, const char *name)
{
    snprintf(home->path, sizeof(home->path), "%s/%s", home->dir, name);
    return home->path;
}

static void put(struct home *home, const char *name, const char *text)
{
    assert_int_equal(tdh_file_write(path_in(home, name), text, strlen(text), 0600, &home->err), 0);
}

/* The version found, or the error with "~" for the folder. free(). */
static char *found(struct home *home, const char *name)
{
    struct tdh_definition *definition = tdh_flows_find(home->flows, name, &home->err);
    char *shown = strdup(definition != NULL ? definition->version : home->err.text), *at;

    while ((at = strstr(shown, home->dir)) != NULL) {
        *at = '~';
        memmove(at + 1, at + strlen(home->dir), strlen(at + strlen(home->dir)) + 1);
    }
    tdh_definition_release(definition);
    return shown;
}

static void is_found(struct home *home, const char *name, const char *want)
{
    char *shown = found(home, name);

    assert_string_equal(shown, want);
    free(shown);
}

static void the_first_folder_that_has_it_wins(void **state)
{
    struct home *home = *state;

    put(home, "second/hello.yaml", TEXT("hello", "2.0.0", ""));
    is_found(home, "hello", "2.0.0");
    put(home, "first/hello.yaml", TEXT("hello", "1.0.0", ""));
    is_found(home, "hello", "1.0.0");
    assert_int_equal(unlink(path_in(home, "first/hello.yaml")), 0);
    is_found(home, "hello", "2.0.0");
}

static void a_changed_file_is_read_again(void **state)
{
    struct home *home = *state;
    struct tdh_definition *first, *second;

    put(home, "first/hello.yaml", TEXT("hello", "1.0.0", ""));
    first = tdh_flows_find(home->flows, "hello", &home->err);
    second = tdh_flows_find(home->flows, "hello", &home->err);
    assert_ptr_equal(first, second);
    tdh_definition_release(second);
    put(home, "first/hello.yaml", TEXT("hello", "1.0.1", ""));
    is_found(home, "hello", "1.0.1");
    assert_string_equal(first->version, "1.0.0"); /* who follows it still does */
    tdh_definition_release(first);
    put(home, "first/hello.yaml", TEXT("hello", "oops", ""));
    is_found(home, "hello",
             "~/first/hello.yaml:2:10: \"version\" must be a text such as \"1.0.0\"");
    assert_int_equal(unlink(path_in(home, "first/hello.yaml")), 0);
    is_found(home, "hello", "there is no workflow \"hello\"");
    assert_int_equal(home->err.code, TD_E_NOTFOUND);
}

static void names_and_paths_are_told_apart(void **state)
{
    struct home *home = *state;

    put(home, "first/hello.yaml", TEXT("hello", "1.0.0", ""));
    put(home, "any.yml", TEXT("other", "3.0.0", ""));
    is_found(home, path_in(home, "any.yml"), "3.0.0");
    is_found(home, path_in(home, "none.yaml"),
             "there is no workflow \"~/none.yaml\": No such file or directory");
    is_found(home, "helo", "there is no workflow \"helo\", did you mean \"hello\"");
    is_found(home, "../first/hello",
             "there is no workflow \"../first/hello\": No such file or directory");
    is_found(home, "hello.yaml", "there is no workflow \"hello.yaml\": No such file or directory");
    is_found(home, ".", "there is no workflow \".\"");
    is_found(home, "", "there is no workflow \"\"");
    put(home, "first/bye.yaml", TEXT("hello", "1.0.0", ""));
    is_found(home, "bye",
             "~/first/bye.yaml: the file is called \"bye\", its workflow has the id \"hello\"");
}

#define FLOW(id, version) "workflow " id " v" version ":\n  a -> parallel\n"

static void a_text_stands_where_yaml_does(void **state)
{
    struct home *home = *state;

    put(home, "second/hello.flow", FLOW("hello", "1.2"));
    is_found(home, "hello", "1.2.0");
    is_found(home, path_in(home, "second/hello.flow"), "1.2.0");
    is_found(home, "helo", "there is no workflow \"helo\", did you mean \"hello\"");
    put(home, "first/hello.yaml", TEXT("hello", "3.0.0", ""));
    is_found(home, "hello", "3.0.0");
    put(home, "second/main.flow", "workflow main v1:\n  a -> workflow:hello\n");
    is_found(home, "main", "1.0.0");
    put(home, "second/bye.flow", "workflow bye v1:\n  a => b\n");
    is_found(home, "bye", "~/second/bye.flow:2:3: there is no node \"a\" beside this edge");
}

static void two_notations_of_one_name_are_refused(void **state)
{
    static const char both[] = "workflow \"hello\" is there twice: ~/second/hello.yaml and "
                               "~/second/hello.flow, keep one of them";
    struct home *home = *state;
    json_t *list;

    put(home, "second/hello.flow", FLOW("hello", "1.0"));
    put(home, "second/hello.yaml", TEXT("hello", "2.0.0", ""));
    is_found(home, "hello", both);
    assert_int_equal(home->err.code, TD_E_CONFIG);
    put(home, "second/main.flow", "workflow main:\n  a -> workflow:hello\n");
    is_found(home, "main",
             "~/second/main.flow:2:17: workflow \"hello\" is there twice: ~/second/hello.yaml and "
             "~/second/hello.flow, keep one of them");
    list = tdh_flows_list(home->flows, &home->err);
    assert_int_equal(json_array_size(list), 2);
    assert_non_null(strstr(tdh_json_str(json_array_get(list, 0), "error", ""), "is there twice"));
    json_decref(list);
    put(home, "first/hello.flow", FLOW("hello", "3.0"));
    is_found(home, "hello", "3.0.0"); /* folders go before notations */
}

static void subworkflows_must_be_there(void **state)
{
    struct home *home = *state;

    put(home, "first/a.yaml",
        TEXT("a", "1.0.0", "- {id: w, type: subworkflow, workflow: b, depends_on: s}\n"));
    is_found(home, "a", "~/first/a.yaml:7:40: there is no workflow \"b\"");
    put(home, "second/b.yaml",
        TEXT("b", "1.0.0", "- {id: w, type: subworkflow, workflow: a, depends_on: s}\n"));
    is_found(home, "a", "1.0.0");
    is_found(home, "b", "1.0.0");
}

static void the_list_tells_what_cannot_be_read(void **state)
{
    struct home *home = *state;
    json_t *list, *row;
    const char *error;

    put(home, "first/hello.yaml", TEXT("hello", "1.0.0", ""));
    put(home, "second/hello.yaml", TEXT("hello", "2.0.0", ""));
    put(home, "second/bad.yaml", "id: bad\n");
    put(home, "second/each.yaml", TEXT("each", "0.1.0", ""));
    put(home, "second/notes.txt", "no workflow\n");
    list = tdh_flows_list(home->flows, &home->err);
    assert_int_equal(json_array_size(list), 3);
    error = tdh_json_str(json_array_get(list, 0), "error", "");
    assert_non_null(strstr(error, "second/bad.yaml:1:1: a workflow needs \"nodes\""));
    assert_non_null(strstr(tdh_json_str(json_array_get(list, 0), "path", ""), "second/bad.yaml"));
    row = json_array_get(list, 1);
    assert_string_equal(tdh_json_str(row, "id", ""), "each");
    assert_string_equal(tdh_json_str(row, "description", ""), "about each");
    row = json_array_get(list, 2);
    assert_string_equal(tdh_json_str(row, "id", ""), "hello");
    assert_string_equal(tdh_json_str(row, "version", ""), "1.0.0");
    assert_non_null(strstr(tdh_json_str(row, "path", ""), "first/hello.yaml"));
    json_decref(list);
}

/* The examples that are shipped, with the shipped echo agent. */
static void the_examples_can_be_read(void **state)
{
    struct home *home = *state;
    struct tdh_flows *flows =
        tdh_flows_new((const char *const[]){ TEST_SRCDIR "/conf/workflows/examples", NULL },
                      &fake_world, &home->err);
    json_t *list = tdh_flows_list(flows, &home->err), *row;
    size_t i;

    assert_in_range(json_array_size(list), 3, 100);
    json_array_foreach (list, i, row)
        assert_string_equal(tdh_json_str(row, "error", ""), "");
    json_decref(list);
    tdh_flows_free(flows);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_folder_that_has_it_wins),     TEST(a_changed_file_is_read_again),
        TEST(names_and_paths_are_told_apart),        TEST(a_text_stands_where_yaml_does),
        TEST(two_notations_of_one_name_are_refused), TEST(subworkflows_must_be_there),
        TEST(the_list_tells_what_cannot_be_read),    TEST(the_examples_can_be_read),
    };

    return cmocka_run_group_tests_name("flows", tests, NULL, NULL);
}
