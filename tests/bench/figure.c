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

/* The values in order; those of the figure stay in the order of rounds. */
struct spread {
    double values[FIGURE_ROUNDS_MAX], median;
};

static struct spread spread_of(const struct figure *figure)
{
    struct spread spread;

    memcpy(spread.values, figure->values, sizeof(spread.values));
    spread.median = figure_median(spread.values, figure->count);
    return spread;
}

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

static void print_value(const struct figure *figure, double median)
{
    int places = median >= 1000 ? 0 : median >= 10 ? 1 : 3;

    printf(" %12.*f %-6s %-2s", places, median, figure->unit, figure->class);
}

static void print_budget(const struct figure *figure, double median)
{
    bool is_kept = figure->is_least ? median >= figure->budget : median <= figure->budget;

    if (!figure->has_budget)
        printf(" %-13s     ", "-");
    else
        printf(" %s %-10g %s", figure->is_least ? ">=" : "<=", figure->budget,
               is_kept ? "ok  " : "MISS");
}

static void print_spread(const struct figure *figure, const struct spread *spread)
{
    if (figure->count > 1)
        printf("  %.4g..%.4g of %zu", spread->values[0], spread->values[figure->count - 1],
               figure->count);
    putchar('\n');
}

void figures_print(const struct figures *figures)
{
    printf("%-30s %12s %-6s %-2s %-13s %-4s  %s\n", "", "median", "", "", "budget", "", "spread");
    for (size_t i = 0; i < figures->count; i++) {
        const struct figure *figure = &figures->list[i];
        struct spread spread = spread_of(figure);

        printf("%-30s", figure->name);
        print_value(figure, spread.median);
        print_budget(figure, spread.median);
        print_spread(figure, &spread);
    }
}

/* --- beside each other --- */

/* Of rates more is better, of everything else less. */
static double advantage(const struct figure *own, double a, double b)
{
    return strcmp(own->unit, "1/s") == 0 ? a / b : b / a;
}

/* The median of the rounds' ratios; of the medians when a round of one of them failed. */
static double times_ours(const struct figure *own, const struct figure *theirs)
{
    double ratios[FIGURE_ROUNDS_MAX];

    if (own->count != theirs->count)
        return advantage(own, spread_of(own).median, spread_of(theirs).median);
    for (size_t i = 0; i < own->count; i++)
        ratios[i] = advantage(own, own->values[i], theirs->values[i]);
    return figure_median(ratios, own->count);
}

static void print_beside(const struct figure *figure, const struct figure *own)
{
    struct spread spread = spread_of(figure);

    printf("%-22s %-12s", figure->name, figure->who[0] != '\0' ? figure->who : "tdev");
    print_value(figure, spread.median);
    if (own != figure)
        printf("  ours x%-6.3g", times_ours(own, figure));
    else
        printf("  %-12s", "");
    print_spread(figure, &spread);
}

static bool is_same_work(const struct figure *a, const struct figure *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->class, b->class) == 0 &&
           strcmp(a->unit, b->unit) == 0;
}

void figures_compare(const struct figures *figures)
{
    printf("%-22s %-12s %12s\n", "", "", "median");
    for (size_t i = 0; i < figures->count; i++) {
        const struct figure *own = &figures->list[i];

        if (own->who[0] != '\0')
            continue;
        for (size_t j = 0; j < figures->count; j++)
            if (is_same_work(own, &figures->list[j]))
                print_beside(&figures->list[j], own);
    }
}

/* --- written --- */

static json_t *figure_json(const struct figure *figure)
{
    struct spread spread = spread_of(figure);
    json_t *json = json_pack("{s:s, s:f, s:f, s:f, s:i, s:s, s:s}", "name", figure->name, "value",
                             spread.median, "least", spread.values[0], "most",
                             spread.values[figure->count - 1], "rounds", (int)figure->count, "unit",
                             figure->unit, "class", figure->class);

    if (figure->has_budget)
        json_object_set_new(json, figure->is_least ? "at_least" : "at_most",
                            json_real(figure->budget));
    if (figure->who[0] != '\0')
        json_object_set_new(json, "who", json_string(figure->who));
    return json;
}

int figures_write(const struct figures *figures, const char *path, struct td_err *err)
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
