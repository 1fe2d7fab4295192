/* SPDX-License-Identifier: Apache-2.0 */
/*
 * figure: figures as lines, medians, the table and the JSON.
 */
#include "figure.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"

/* --- told --- */

static void tell(json_t *figure)
{
    if (figure == NULL || json_dumpf(figure, stdout, JSON_COMPACT) != 0) {
        fprintf(stderr, "bench: could not tell a figure: there is no memory\n");
        exit(1);
    }
    putchar('\n');
    fflush(stdout);
    json_decref(figure);
}

void figure_tell(const char *name, double value, const char *unit, const char *class)
{
    tell(json_pack("{s:s, s:f, s:s, s:s}", "name", name, "value", value, "unit", unit, "class",
                   class));
}

static void tell_budget(const char *name, double value, const char *unit, const char *class,
                        double budget, bool is_least)
{
    tell(json_pack("{s:s, s:f, s:s, s:s, s:f, s:b}", "name", name, "value", value, "unit", unit,
                   "class", class, "budget", budget, "least", is_least));
}

void figure_at_most(const char *name, double value, const char *unit, const char *class,
                    double budget)
{
    tell_budget(name, value, unit, class, budget, false);
}

void figure_at_least(const char *name, double value, const char *unit, const char *class,
                     double budget)
{
    tell_budget(name, value, unit, class, budget, true);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double figure_median(double *values, size_t count)
{
    qsort(values, count, sizeof(values[0]), compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* --- gathered --- */

static void copy(char text[static FIGURE_TEXT], const json_t *line, const char *key)
{
    snprintf(text, FIGURE_TEXT, "%s", tdh_json_str(line, key, ""));
}

static struct figure *place_of(struct figures *figures, const struct figure *like)
{
    for (size_t i = 0; i < figures->count; i++) {
        struct figure *figure = &figures->list[i];

        if (strcmp(figure->name, like->name) == 0 && strcmp(figure->class, like->class) == 0 &&
            strcmp(figure->who, like->who) == 0 && strcmp(figure->unit, like->unit) == 0)
            return figure;
    }
    if (figures->count == FIGURES_MAX)
        return NULL;
    figures->list[figures->count] = *like;
    return &figures->list[figures->count++];
}

int figures_take(struct figures *figures, const char *text, struct td_err *err)
{
    json_t *line = json_loads(text, 0, NULL), *value = json_object_get(line, "value");
    struct figure like = { .count = 0 }, *figure;
    bool is_figure = json_is_number(value) && json_is_string(json_object_get(line, "name"));
    double number = json_number_value(value);

    like.has_budget = json_is_number(json_object_get(line, "budget"));
    like.budget = json_number_value(json_object_get(line, "budget"));
    like.is_least = json_is_true(json_object_get(line, "least"));
    copy(like.name, line, "name");
    copy(like.unit, line, "unit");
    copy(like.class, line, "class");
    copy(like.who, line, "who");
    json_decref(line);
    if (!is_figure)
        return td_fail(err, TD_E_INVAL, "this is no figure: %.200s", text);
    figure = place_of(figures, &like);
    if (figure == NULL || figure->count == FIGURE_ROUNDS_MAX)
        return td_fail(err, TD_E_LIMIT, "no room for figure \"%s\": at most %d of %d rounds",
                       like.name, FIGURES_MAX, FIGURE_ROUNDS_MAX);
    figure->values[figure->count++] = number;
    return 0;
}

static void print_values(struct figure *figure)
{
    double median = figure_median(figure->values, figure->count);

    printf(" %12.*f %-6s %-2s",
           median >= 1000 ? 0
           : median >= 10 ? 1
                          : 3,
           median, figure->unit, figure->class);
}

static void print_budget(struct figure *figure)
{
    double median = figure_median(figure->values, figure->count);
    bool is_kept = figure->is_least ? median >= figure->budget : median <= figure->budget;

    if (!figure->has_budget)
        printf(" %-13s     ", "-");
    else
        printf(" %s %-10g %s", figure->is_least ? ">=" : "<=", figure->budget,
               is_kept ? "ok  " : "MISS");
}

static void print_spread(const struct figure *figure)
{
    if (figure->count > 1)
        printf("  %.4g..%.4g of %zu", figure->values[0], figure->values[figure->count - 1],
               figure->count);
    putchar('\n');
}

void figures_print(struct figures *figures)
{
    printf("%-28s %12s %-6s %-2s %-13s %-4s  %s\n", "", "median", "", "", "budget", "", "spread");
    for (size_t i = 0; i < figures->count; i++) {
        printf("%-28s", figures->list[i].name);
        print_values(&figures->list[i]);
        print_budget(&figures->list[i]);
        print_spread(&figures->list[i]);
    }
}

static struct figure *ours(struct figures *figures, const struct figure *theirs)
{
    for (size_t i = 0; i < figures->count; i++) {
        struct figure *figure = &figures->list[i];

        if (figure->who[0] == '\0' && strcmp(figure->name, theirs->name) == 0 &&
            strcmp(figure->class, theirs->class) == 0 && strcmp(figure->unit, theirs->unit) == 0)
            return figure;
    }
    return NULL;
}

/* Of rates more is better, of everything else less. */
static void print_times(struct figures *figures, struct figure *theirs)
{
    struct figure *own = ours(figures, theirs);
    double a, b;

    if (theirs->who[0] == '\0' || own == NULL) {
        printf("  %-11s", "");
        return;
    }
    a = figure_median(own->values, own->count);
    b = figure_median(theirs->values, theirs->count);
    printf("  ours x%-5.3g", strcmp(own->unit, "1/s") == 0 ? a / b : b / a);
}

void figures_compare(struct figures *figures)
{
    printf("%-14s %-24s %12s\n", "", "", "median");
    for (size_t i = 0; i < figures->count; i++) {
        struct figure *figure = &figures->list[i];

        printf("%-14s %-24s", figure->who[0] != '\0' ? figure->who : "tdev", figure->name);
        print_values(figure);
        print_times(figures, figure);
        print_spread(figure);
    }
}

static json_t *figure_json(struct figure *figure)
{
    double median = figure_median(figure->values, figure->count);
    json_t *json =
        json_pack("{s:s, s:f, s:f, s:f, s:i, s:s, s:s}", "name", figure->name, "value", median,
                  "least", figure->values[0], "most", figure->values[figure->count - 1], "rounds",
                  (int)figure->count, "unit", figure->unit, "class", figure->class);

    if (figure->has_budget)
        json_object_set_new(json, figure->is_least ? "at_least" : "at_most",
                            json_real(figure->budget));
    if (figure->who[0] != '\0')
        json_object_set_new(json, "who", json_string(figure->who));
    return json;
}

int figures_write(struct figures *figures, const char *path, struct td_err *err)
{
    json_t *list = json_array();
    char *text;
    int rc;

    for (size_t i = 0; i < figures->count; i++)
        json_array_append_new(list, figure_json(&figures->list[i]));
    text = tdh_json_text(list, TDH_JSON_PRETTY);
    json_decref(list);
    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the figures");
    rc = tdh_file_write(path, text, strlen(text), 0644, err);
    free(text);
    return rc;
}
