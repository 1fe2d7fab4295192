/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema suite: every case of the public JSON Schema suite, draft 2020-12, that is found beside the
 * tree.
 *
 * Looked for in $TDEV_SHARED_DATA, then in ../shared/data; skipped where there is none. The suite's
 * remotes are handed over as resources under the address its own test server has.
 */
#include <dirent.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/json.h"
#include "schema/schema.h"

#define REMOTE "http://localhost:1234/draft2020-12/"

enum { FILES_MAX = 200, FILE_BYTES = 4 << 20 };

struct suite {
    char folder[PATH_MAX];
    struct tdh_schema_resource remotes[FILES_MAX];
    size_t remote_count;
    size_t case_count, failed_count;
};

static json_t *read_json(const char *path)
{
    struct td_err err;
    json_t *value = tdh_json_read(path, FILE_BYTES, &err);

    if (value == NULL)
        fail_msg("%s", err.text);
    return value;
}

static bool is_json(const char *name)
{
    size_t length = strlen(name);

    return length > 5 && strcmp(name + length - 5, ".json") == 0;
}

/* Takes in every document below a folder; `uri` is what the folder is served as. */
static void add_remotes(struct suite *suite, const char *folder, const char *uri)
{
    DIR *dir = opendir(folder);

    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char path[PATH_MAX], address[PATH_MAX];

        snprintf(path, sizeof(path), "%.2000s/%s", folder, entry->d_name);
        snprintf(address, sizeof(address), "%.2000s%s", uri, entry->d_name);
        if (is_json(entry->d_name) && suite->remote_count < FILES_MAX) {
            struct tdh_schema_resource *remote = &suite->remotes[suite->remote_count++];

            remote->uri = strdup(address);
            remote->document = read_json(path);
        } else if (entry->d_name[0] != '.') {
            strcat(address, "/");
            add_remotes(suite, path, address);
        }
    }
    if (dir != NULL)
        closedir(dir);
}

static int set_up(void **state)
{
    static struct suite suite;
    const char *shared = getenv("TDEV_SHARED_DATA");
    char remotes[PATH_MAX + 16];

    snprintf(suite.folder, sizeof(suite.folder), "%s/json-schema-2020-12",
             shared != NULL ? shared : TEST_SRCDIR "/../shared/data");
    snprintf(remotes, sizeof(remotes), "%s/remotes", suite.folder);
    add_remotes(&suite, remotes, REMOTE);
    *state = &suite;
    return 0;
}

static int tear_down(void **state)
{
    struct suite *suite = *state;

    for (size_t i = 0; i < suite->remote_count; i++) {
        free((char *)suite->remotes[i].uri);
        json_decref((json_t *)suite->remotes[i].document);
    }
    return 0;
}

static void run_group(struct suite *suite, const char *file, const json_t *group)
{
    const struct tdh_schema_options options = { .resources = suite->remotes,
                                                .resource_count = suite->remote_count };
    const json_t *tests = json_object_get(group, "tests");
    struct td_err err = { .code = TD_OK };
    struct tdh_schema *schema =
        tdh_schema_compile(json_object_get(group, "schema"), &options, &err);

    for (size_t i = 0; i < json_array_size(tests); i++) {
        const json_t *test = json_array_get(tests, i);
        bool want = json_is_true(json_object_get(test, "valid"));
        int rc =
            schema != NULL ? tdh_schema_check(schema, json_object_get(test, "data"), &err) : -1;
        bool is_right = schema != NULL && (rc == 0) == want && (rc == 0 || err.code == TD_E_INVAL);

        suite->case_count++;
        if (is_right)
            continue;
        suite->failed_count++;
        print_error("%s: %s: %s: should be %s: %s\n", file, tdh_json_str(group, "description", ""),
                    tdh_json_str(test, "description", ""), want ? "valid" : "invalid",
                    rc != 0 ? err.text : "valid");
    }
    tdh_schema_free(schema);
}

static void every_case_of_the_suite_has_its_verdict(void **state)
{
    struct suite *suite = *state;
    DIR *dir = opendir(suite->folder);

    if (dir == NULL) {
        print_message("no suite in %s\n", suite->folder);
        skip();
    }
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[PATH_MAX + 300];
        json_t *groups;

        if (!is_json(entry->d_name))
            continue;
        snprintf(path, sizeof(path), "%s/%s", suite->folder, entry->d_name);
        groups = read_json(path);
        for (size_t i = 0; i < json_array_size(groups); i++)
            run_group(suite, entry->d_name, json_array_get(groups, i));
        json_decref(groups);
    }
    closedir(dir);
    print_message("%zu of %zu cases have their verdict\n", suite->case_count - suite->failed_count,
                  suite->case_count);
    assert_int_equal(suite->failed_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_case_of_the_suite_has_its_verdict) };

    return cmocka_run_group_tests_name("schema suite", tests, set_up, tear_down);
}
