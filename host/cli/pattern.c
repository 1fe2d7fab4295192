/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern: what patterns are good for: the catalogue in Markdown, and which one fits a sentence or
 * traits.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/cli.h"

enum { EXAMPLE_BYTES_MAX = 64 << 10, SHOWN_MAX = 5 };

/* --- show --- */

static void print_list(const json_t *catalogue, const char *key, const char *title)
{
    const json_t *item, *list = json_object_get(catalogue, key);
    size_t i;

    if (json_array_size(list) > 0)
        printf("\n%s\n", title);
    json_array_foreach (list, i, item)
        printf("  %s\n", json_string_value(item));
}

/* "few, many" of a list of words. */
static void print_joined(const char *name, const json_t *list)
{
    const json_t *item;
    size_t i;

    json_array_foreach (list, i, item)
        printf("%s%s", i == 0 ? name : ", ", json_string_value(item));
    if (json_array_size(list) > 0)
        putchar('\n');
}

static void print_text(const json_t *catalogue, const char *key)
{
    const char *text = tdh_json_str(catalogue, key, NULL);

    if (text != NULL)
        printf("  %-13s %s\n", key, text);
}

static void print_traits(const json_t *catalogue)
{
    json_t *list;
    const char *name;
    char left[64];

    puts("\ntraits");
    print_text(catalogue, "category");
    print_text(catalogue, "complexity");
    json_object_foreach (json_object_get(catalogue, "traits"), name, list) {
        snprintf(left, sizeof(left), "  %-13s ", name);
        print_joined(left, list);
    }
    print_text(catalogue, "calls");
    print_text(catalogue, "bounds");
}

void tdh_cli_print_catalogue(const json_t *catalogue)
{
    const char *example = tdh_json_str(catalogue, "example", NULL);

    if (json_object_size(catalogue) == 0)
        return;
    printf("\nuse it when %s\navoid it when %s\n", tdh_json_str(catalogue, "use_when", ""),
           tdh_json_str(catalogue, "avoid_when", ""));
    print_list(catalogue, "use_cases", "use it for");
    print_list(catalogue, "advantages", "advantages");
    print_list(catalogue, "drawbacks", "drawbacks");
    print_list(catalogue, "advice", "advice");
    print_traits(catalogue);
    putchar('\n');
    print_joined("related: ", json_object_get(catalogue, "related"));
    if (example != NULL)
        printf("example: workflows/patterns/%s.yaml\n", example);
}

/* --- docs --- */

/* The text of a pattern's example, new; NULL when it is not there. */
static char *read_example(const struct tdh_host *host, const struct tdh_manifest *pattern)
{
    char path[PATH_MAX];
    struct td_err ignored;
    size_t length;
    int printed;

    if (pattern->catalogue == NULL || pattern->catalogue->example == NULL)
        return NULL;
    printed = snprintf(path, sizeof(path), "%s/workflows/patterns/%s.yaml", host->data_dir,
                       pattern->catalogue->example);
    if (printed < 0 || (size_t)printed >= sizeof(path))
        return NULL;
    return tdh_file_read(path, EXAMPLE_BYTES_MAX, &length, &ignored);
}

static void add_page(struct tdh_buf *buf, const struct tdh_host *host,
                     const struct tdh_manifest *pattern)
{
    char *example = read_example(host, pattern);

    tdh_pattern_page(buf, pattern, example);
    free(example);
}

static void add_all(struct tdh_buf *buf, const struct tdh_host *host,
                    const struct tdh_manifest *const *patterns, size_t count)
{
    tdh_pattern_overview(buf, patterns, count);
    for (size_t i = 0; i < count; i++) {
        tdh_buf_text(buf, "\n");
        add_page(buf, host, patterns[i]);
    }
}

static int write_docs(const struct tdh_args *args, struct tdh_host *host, struct tdh_buf *buf,
                      struct td_err *err)
{
    const struct tdh_manifest **patterns;
    size_t count;

    if (args->word_count == 1) {
        char name[TDH_PATTERN_NAME];
        const struct tdh_plugin_entry *entry = tdh_plugins_find(
            host->plugins, TD_KIND_PATTERN, tdh_pattern_name(args->words[0], name), err);

        if (entry == NULL)
            return -1;
        add_page(buf, host, entry->manifest);
        return 0;
    }
    patterns = tdh_patterns_all(host->plugins, &count, err);
    if (patterns == NULL)
        return -1;
    if (tdh_args_has(args, "matrix"))
        tdh_pattern_matrix(buf, patterns, count);
    else
        add_all(buf, host, patterns, count);
    free(patterns);
    return 0;
}

int tdh_verb_pattern_docs(const struct tdh_args *args)
{
    struct td_err err;
    struct tdh_host *host;
    struct tdh_buf buf = { 0 };
    int rc;

    if (args->word_count == 1 && tdh_args_has(args, "matrix"))
        return tdh_cli_usage(args, "--matrix compares all patterns, so it takes no NAME");
    host = tdh_cli_host(args, &err);
    rc = host != NULL ? write_docs(args, host, &buf, &err) : -1;
    args->hosts->free(host);
    if (rc == 0 && buf.failed)
        rc = td_fail(&err, TD_E_NOMEM, "could not allocate the text of the catalogue");
    if (rc != 0)
        rc = tdh_cli_fail(args, &err);
    else if (args->is_json)
        rc = tdh_cli_print(json_pack("{s:s}", "markdown", buf.data));
    else
        fputs(buf.data, stdout);
    tdh_buf_free(&buf);
    return rc;
}

/* --- recommend --- */

static int read_wish(const struct tdh_args *args, struct tdh_wish *wish, struct td_err *err)
{
    if (args->word_count == 1)
        wish->sentence = args->words[0];
    for (size_t i = 0; i < args->given_count; i++)
        if (strcmp(args->given[i]->name, "trait") == 0 &&
            tdh_wish_add(wish, args->values[i], err) != 0)
            return -1;
    return 0;
}

static json_t *recommend(struct tdh_host *host, const struct tdh_wish *wish, struct td_err *err)
{
    size_t count;
    const struct tdh_manifest **patterns = tdh_patterns_all(host->plugins, &count, err);
    json_t *answer = patterns != NULL ? tdh_pattern_recommend(patterns, count, wish, err) : NULL;

    free(patterns);
    return answer;
}

static void print_row(const json_t *row)
{
    const json_t *item, *example = json_object_get(row, "example");
    size_t i;

    printf("%3d  %s: %s\n", (int)json_integer_value(json_object_get(row, "score")),
           tdh_json_str(row, "pattern", ""), tdh_json_str(row, "description", ""));
    json_array_foreach (json_object_get(row, "for"), i, item)
        printf("     + %s\n", json_string_value(item));
    json_array_foreach (json_object_get(row, "lost"), i, item)
        printf("     -%d %s\n", (int)json_integer_value(json_object_get(item, "points")),
               tdh_json_str(item, "reason", ""));
    printf("     use it when %s\n     avoid it when %s\n", tdh_json_str(row, "use_when", ""),
           tdh_json_str(row, "avoid_when", ""));
    if (example != NULL)
        printf("     example: workflows/patterns/%s.yaml\n", json_string_value(example));
}

/* Those that fit; when none does, the nearest. */
static void print_answer(const json_t *answer)
{
    const json_t *row, *rows = json_object_get(answer, "patterns");
    bool is_any = json_is_true(json_object_get(json_array_get(rows, 0), "fits"));
    size_t i;

    print_joined("words that no pattern has: ", json_object_get(answer, "unknown"));
    if (json_array_size(rows) == 0)
        puts("nothing fits; tdev pattern docs tells what there is, and the traits to ask for");
    else if (!is_any)
        puts("nothing fits well; the nearest are:");
    json_array_foreach (rows, i, row)
        if (i < SHOWN_MAX && (!is_any || json_is_true(json_object_get(row, "fits"))))
            print_row(row);
}

int tdh_verb_pattern_recommend(const struct tdh_args *args)
{
    struct tdh_wish wish = { 0 };
    struct tdh_host *host;
    json_t *answer;
    struct td_err err;
    bool is_any;

    if (read_wish(args, &wish, &err) != 0)
        return tdh_cli_usage(args, "%s", err.text);
    host = tdh_cli_host(args, &err);
    if (host == NULL)
        return tdh_cli_fail(args, &err);
    answer = recommend(host, &wish, &err);
    args->hosts->free(host);
    if (answer == NULL)
        return err.code == TD_E_INVAL ? tdh_cli_usage(args, "%s", err.text)
                                      : tdh_cli_fail(args, &err);
    is_any = json_array_size(json_object_get(answer, "patterns")) > 0;
    if (args->is_json) {
        tdh_cli_print(answer);
    } else {
        print_answer(answer);
        json_decref(answer);
    }
    return is_any ? TDH_EXIT_DONE : TDH_EXIT_FAILED;
}
