/* SPDX-License-Identifier: Apache-2.0 */
/*
 * solve_case: questions for the solver, as text.
 */
#include "solve_case.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static enum td_kind read_kind(const char **name)
{
    const char *slash = strchr(*name, '/');
    enum td_kind kind = (enum td_kind)0;
    char word[32] = "";

    if (slash == NULL)
        return kind;
    memcpy(word, *name, (size_t)(slash - *name));
    *name = slash + 1;
    kind = tdh_kind_from_name(word);
    assert(kind != 0);
    return kind;
}

/* NAME or NAME:RANGE; the range is "*" then. */
static void read_need(char *word, struct tdh_need *need)
{
    char *colon = strchr(word, ':');
    const char *name = word;
    struct td_err err;
    int rc;

    if (colon != NULL)
        *colon = '\0';
    *need = (struct tdh_need){ .range_text = colon != NULL ? colon + 1 : "*" };
    need->kind = read_kind(&name);
    need->plugin = (char *)(uintptr_t)name;
    rc = tdh_range_parse(need->range_text, &need->range, &err);
    assert(rc == 0);
    (void)rc;
}

static void read_want(struct solve_case *one, char *who, char **rest)
{
    struct tdh_solve_want *want = &one->wants[one->want_count];
    char *word = strtok_r(NULL, " ", rest);
    struct tdh_need need;
    bool has_range = strchr(word, ':') != NULL;

    read_need(word, &need);
    one->ranges[one->want_count] = need.range;
    *want = (struct tdh_solve_want){ .who = who + 1,
                                     .name = need.plugin,
                                     .kind = need.kind,
                                     .range = has_range ? &one->ranges[one->want_count] : NULL,
                                     .range_text = has_range ? need.range_text : NULL,
                                     .is_limit = who[0] == '=' };
    one->want_count++;
}

static void read_option(struct solve_case *one, char *name, char **rest)
{
    size_t at = one->option_count++;
    struct tdh_solve_option *option = &one->options[at];
    const char *plain = name;
    struct td_err err;
    char *word;
    int rc;

    *option = (struct tdh_solve_option){ .kind = read_kind(&plain),
                                         .version = &one->versions[at],
                                         .version_text = strtok_r(NULL, " ", rest),
                                         .needs = one->needs[at],
                                         .conflicts = one->conflicts[at] };
    if (option->kind == 0)
        option->kind = TD_KIND_AGENT;
    option->name = plain;
    rc = tdh_semver_parse(option->version_text, &one->versions[at], &err);
    assert(rc == 0);
    (void)rc;
    while ((word = strtok_r(NULL, " ", rest)) != NULL) {
        if (strcmp(word, "-") == 0)
            option->why_out = "it is broken";
        else if (word[0] == '!')
            read_need(word + 1, &one->conflicts[at][option->conflict_count++]);
        else {
            read_need(word + (word[0] == '?'), &one->needs[at][option->need_count]);
            one->needs[at][option->need_count++].is_optional = word[0] == '?';
        }
    }
}

void solve_case_read(struct solve_case *one, const char *text)
{
    char *lines = NULL, *line;

    memset(one, 0, sizeof(*one));
    one->text = strdup(text);
    for (line = strtok_r(one->text, "\n", &lines); line != NULL;
         line = strtok_r(NULL, "\n", &lines)) {
        char *rest = NULL, *first = strtok_r(line, " ", &rest);

        if (first[0] == '@' || first[0] == '=')
            read_want(one, first, &rest);
        else
            read_option(one, first, &rest);
    }
}

void solve_case_end(struct solve_case *one)
{
    free(one->text);
}

int solve_case_solve(const struct solve_case *one, struct tdh_solved *solved, struct td_err *err)
{
    *solved = (struct tdh_solved){ 0 };
    return tdh_solve(one->options, one->option_count, one->wants, one->want_count, solved, err);
}

char *solve_case_print(const struct solve_case *one, const struct tdh_solved *solved)
{
    struct tdh_buf text = { 0 };

    tdh_buf_text(&text, "");
    for (size_t i = 0; i < one->option_count; i++) {
        if (!solved->is_taken[i])
            continue;
        tdh_buf_printf(&text, "%s%s %s", text.length > 0 ? ", " : "", one->options[i].name,
                       one->options[i].version_text);
        for (size_t k = 0; k < one->options[i].need_count; k++)
            if (!solved->is_met[solved->first[i] + k])
                tdh_buf_printf(&text, " (-%s)", one->options[i].needs[k].plugin);
    }
    return text.data;
}
