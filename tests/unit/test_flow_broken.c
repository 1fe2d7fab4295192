/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow broken: every workflow of tests/data/broken-workflows.txt is refused with the words that
 * stand behind it there: its place in the file, what is wrong, and the nearest right name where
 * there is one. A row of that file is
 *
 *   %% what is wrong with it
 *   the file
 *   => LINE:COLUMN: the error
 *   => hint: the way out, when the error has one
 *
 * On failure all rows that differ are told.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"

enum { FILE_MAX = 1 << 20, ROWS_MIN = 200 };

#define ROWS TEST_SRCDIR "/tests/data/broken-workflows.txt"

struct row {
    char *claim, *text, *want, *hint;
};

/* The rest of the line, which is ended; NULL: the line begins with something else. */
static char *line_of(char **at, const char *sign)
{
    size_t length = strlen(sign);
    char *begin = *at, *end;

    if (strncmp(begin, sign, length) != 0)
        return NULL;
    end = strchr(begin, '\n');
    assert_non_null(end);
    *end = '\0';
    *at = end + 1;
    return begin + length;
}

/* Cuts the next row out of the file's text. */
static struct row next_row(char **at)
{
    static char none[] = "";
    struct row row = { .hint = none };
    char *end;

    row.claim = line_of(at, "%% ");
    assert_non_null(row.claim);
    row.text = *at;
    end = strncmp(*at, "=> ", 3) == 0 ? *at : strstr(*at, "\n=> ");
    assert_non_null(end);
    *at = end == row.text ? end : end + 1;
    row.want = line_of(at, "=> ");
    *(end == row.text ? end : end + 1) = '\0';
    end = line_of(at, "=> hint: ");
    row.hint = end != NULL ? end : none;
    return row;
}

/* The place stands in the file. */
static bool has_place(const struct row *row, const char *error)
{
    int used = 0;
    unsigned line, column, lines = 1;
    const char *at = row->text;

    if (sscanf(error, "t.yaml:%u:%u: %n", &line, &column, &used) < 2 || used == 0)
        return false;
    for (; lines < line && (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    return line == lines && column <= strcspn(at, "\n") + 1;
}

static bool is_refused_so(const struct row *row)
{
    struct td_err err;
    struct tdh_definition *definition = read_flow(row->text, &fake_world, &err);
    char want[TD_ERR_TEXT];

    if (definition != NULL) {
        tdh_definition_release(definition);
        fprintf(stderr, "%%%% %s\n=> valid\n", row->claim);
        return false;
    }
    snprintf(want, sizeof(want), "t.yaml:%s", row->want);
    if (strcmp(err.text, want) == 0 && strcmp(err.hint, row->hint) == 0 && has_place(row, err.text))
        return true;
    fprintf(stderr, "%%%% %s\n=> %s%s%s\n", row->claim, err.text + strlen("t.yaml:"),
            err.hint[0] != '\0' ? "\n=> hint: " : "", err.hint);
    return false;
}

/* Asked for all that is wrong, the reader says the same first; what is no YAML has no faults. */
static bool is_first_of_all(const struct row *row)
{
    struct td_err err;
    struct tdh_yaml *yaml = tdh_yaml_parse(row->text, strlen(row->text), "t.yaml", &err);
    json_t *faults = yaml != NULL ? tdh_flow_faults(yaml, &fake_world) : json_array();
    size_t count = json_array_size(faults);
    const char *first = tdh_json_str(json_array_get(faults, 0), "text", "t.yaml:");
    bool is_chain = yaml != NULL && tdh_chain_is(yaml->root);
    bool is_it =
        count == 0 ? yaml == NULL || is_chain : strcmp(first + strlen("t.yaml:"), row->want) == 0;

    if (!is_it || count > TDH_FLOW_FAULTS)
        fprintf(stderr, "%%%% %s\n%zu faults, the first is %s\n", row->claim, count, first);
    tdh_yaml_free(yaml);
    json_decref(faults);
    return is_it && count <= TDH_FLOW_FAULTS;
}

static void the_first_of_all_faults_is_the_one_it_is_refused_for(void **state)
{
    struct td_err err;
    size_t length;
    char *file = tdh_file_read(ROWS, FILE_MAX, &length, &err), *at = file;
    unsigned wrong = 0;

    (void)state;
    assert_non_null(file);
    while (*at != '\0') {
        struct row row = next_row(&at);

        wrong += !is_first_of_all(&row);
    }
    free(file);
    assert_int_equal(wrong, 0);
}

static void each_broken_workflow_is_refused_in_these_words(void **state)
{
    struct td_err err;
    size_t length;
    char *file = tdh_file_read(ROWS, FILE_MAX, &length, &err), *at = file;
    unsigned rows = 0, wrong = 0;

    (void)state;
    assert_non_null(file);
    for (; *at != '\0'; rows++) {
        struct row row = next_row(&at);

        wrong += !is_refused_so(&row);
    }
    free(file);
    assert_int_equal(wrong, 0);
    assert_in_range(rows, ROWS_MIN, FILE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_broken_workflow_is_refused_in_these_words),
        cmocka_unit_test(the_first_of_all_faults_is_the_one_it_is_refused_for),
    };

    return cmocka_run_group_tests_name("flow broken", tests, NULL, NULL);
}
