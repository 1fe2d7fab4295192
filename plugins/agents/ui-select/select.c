/* SPDX-License-Identifier: Apache-2.0 */
/*
 * select: scores every layout by the rules that hold, and takes the best; of equals, the first of
 * the file.
 */
#include "select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lang.h>

static bool is_same(const json_t *string, const char *text)
{
    return json_is_string(string) && text != NULL && strcmp(json_string_value(string), text) == 0;
}

static bool has_constraint(const json_t *understanding, const char *kind, const char *what)
{
    size_t i;
    json_t *constraint;

    json_array_foreach (json_object_get(understanding, "constraints"), i, constraint) {
        if (is_same(json_object_get(constraint, "kind"), kind) &&
            (what == NULL || is_same(json_object_get(constraint, "what"), what)))
            return true;
    }
    return false;
}

/* How many fields of the first entity, the app's main one, have this member. */
static size_t count_fields(const json_t *model, const char *key, const char *value)
{
    const json_t *entity = json_array_get(json_object_get(model, "entities"), 0);
    size_t count = 0;
    size_t i;
    json_t *field;

    json_array_foreach (json_object_get(entity, "fields"), i, field) {
        count += key == NULL || is_same(json_object_get(field, key), value);
    }
    return count;
}

static bool has_feature(const json_t *model, const char *name)
{
    size_t i;
    json_t *feature;

    json_array_foreach (json_object_get(model, "features"), i, feature) {
        if (is_same(json_object_get(feature, "name"), name))
            return true;
    }
    return false;
}

static bool counts_hold(const json_t *model, const char *key, const json_t *value)
{
    size_t number = (size_t)json_integer_value(value);
    size_t count = count_fields(model, NULL, NULL);

    if (strcmp(key, "numbers") == 0)
        return count_fields(model, "type", "number") + count_fields(model, "type", "money") >=
               number;
    if (strcmp(key, "min_fields") == 0)
        return count >= number;
    return count > 0 && count <= number;
}

static bool holds(const json_t *rule, const json_t *understanding, const json_t *model)
{
    json_t *when = json_object_get(rule, "when");
    void *at = json_object_iter(when);
    const char *key = json_object_iter_key(at);
    const json_t *value = json_object_iter_value(at);
    const char *text = json_string_value(value);

    if (text == NULL)
        return counts_hold(model, key, value);
    if (strcmp(key, "style") == 0 || strcmp(key, "device") == 0)
        return has_constraint(understanding, key, text);
    if (strcmp(key, "domain") == 0)
        return is_same(json_object_get(json_object_get(understanding, "domain"), "name"), text);
    if (strcmp(key, "feature") == 0)
        return has_feature(model, text);
    return count_fields(model, strcmp(key, "role") == 0 ? "role" : "type", text) > 0;
}

static json_t *text_of(const json_t *row, const json_t *understanding)
{
    return json_object_get(row,
                           is_same(json_object_get(understanding, "lang"), "ko") ? "ko" : "en");
}

/* json_string_value of a shared object is read, never its reference count. */
static int add_text(json_t *list, const json_t *text)
{
    return json_array_append_new(list, json_string(json_string_value(text)));
}

static bool is_wish_for_looks(const json_t *rule)
{
    return json_object_get(json_object_get(rule, "when"), "style") != NULL &&
           json_number_value(json_object_get(rule, "score")) >= 1;
}

/* The score of a layout, 0..1, with what speaks for it. Only one that was asked for reaches 1. */
static json_t *score_layout(const json_t *choices, const char *layout, const json_t *row,
                            const json_t *input)
{
    const json_t *understanding = json_object_get(input, "understanding");
    double score = json_number_value(json_object_get(row, "score"));
    double most = 0.9;
    json_t *reasons = json_array();
    int rc = add_text(reasons, text_of(row, understanding));
    size_t i;
    json_t *rule;

    json_array_foreach (json_object_get(choices, "rules"), i, rule) {
        if (!is_same(json_object_get(rule, "layout"), layout) ||
            !holds(rule, understanding, json_object_get(input, "model")))
            continue;
        score += json_number_value(json_object_get(rule, "score"));
        most = is_wish_for_looks(rule) ? 1.0 : most;
        rc |= add_text(reasons, text_of(rule, understanding));
    }
    if (rc != 0) {
        json_decref(reasons);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:f, s:o}", "choice", layout, "kind", "layout", "score",
                     score > most ? most : score, "reasons", reasons);
}

static double score_of(const json_t *row)
{
    return json_number_value(json_object_get(row, "score"));
}

/* Adds the layouts' scores to `scores`; the best one, borrowed from it, or NULL without memory. */
static const json_t *score_layouts(const json_t *choices, const json_t *input, json_t *scores)
{
    const json_t *best = NULL;
    const char *layout;
    json_t *row;

    json_object_foreach (json_object_get(choices, "layouts"), layout, row) {
        json_t *scored = score_layout(choices, layout, row, input);

        if (scored == NULL || json_array_append_new(scores, scored) != 0)
            return NULL;
        if (best == NULL || score_of(scored) > score_of(best))
            best = scored;
    }
    return best;
}

/* ---- the stack ---- */

/* Levenshtein's distance, for words of a few letters. */
static size_t distance(const char *a, const char *b)
{
    size_t row[33];
    size_t n = strlen(b);

    if (n >= sizeof(row) / sizeof(row[0]) || strlen(a) > 64)
        return SIZE_MAX;
    for (size_t i = 0; i <= n; i++)
        row[i] = i;
    for (; *a != '\0'; a++) {
        size_t diagonal = row[0]++;

        for (size_t i = 1; i <= n; i++) {
            size_t cost = diagonal + (*a != b[i - 1]);

            diagonal = row[i];
            cost = cost < row[i] + 1 ? cost : row[i] + 1;
            row[i] = cost < row[i - 1] + 1 ? cost : row[i - 1] + 1;
        }
    }
    return row[n];
}

static int refuse_stack(const json_t *stacks, const char *stack, struct td_err *err)
{
    char list[256] = "";
    const char *nearest = NULL;
    const char *name;
    json_t *row;

    json_object_foreach ((json_t *)stacks, name, row) {
        size_t length = strlen(list);

        snprintf(list + length, sizeof(list) - length, "%s\"%s\"", length > 0 ? ", " : "", name);
        if (distance(stack, name) <= 2 && distance(stack, name) < strlen(name))
            nearest = name;
    }
    if (nearest != NULL)
        td_fail(err, TD_E_INVAL, "stack \"%s\" is not one of %s, did you mean \"%s\"", stack, list,
                nearest);
    else
        td_fail(err, TD_E_INVAL, "stack \"%s\" is not one of %s", stack, list);
    td_hint(err, "leave the stack out, or name one of %s", list);
    return -1;
}

/* Puts the name where the text has "{name}"; "{name:은/는}" with the particle that fits. */
static json_t *fill_name(const char *text, const char *name)
{
    const char *hole = strstr(text, "{name");
    const char *end = hole != NULL ? strchr(hole, '}') : NULL;
    struct lang_buf out = { 0 };
    json_t *filled;

    if (end == NULL)
        return json_string(text);
    lang_buf_add(&out, text, (size_t)(hole - text));
    lang_buf_add_text(&out, name);
    hole += strlen("{name");
    if (*hole == ':')
        lang_add_particle(&out, lang_span_of(name),
                          (struct lang_span){ hole + 1, (size_t)(end - hole - 1) });
    lang_buf_add_text(&out, end + 1);
    filled = out.is_failed ? NULL : json_stringn(out.data, out.length);
    lang_buf_free(&out);
    return filled;
}

/* A stack the request names that is none of ours is told, not built. */
static int add_other_stacks(const json_t *choices, const json_t *understanding, json_t *reasons)
{
    size_t i;
    json_t *constraint;

    json_array_foreach (json_object_get(understanding, "constraints"), i, constraint) {
        const json_t *what = json_object_get(constraint, "what");
        const char *template =
            json_string_value(text_of(json_object_get(choices, "stack_other"), understanding));

        if (!is_same(json_object_get(constraint, "kind"), "stack") || !json_is_string(what) ||
            json_object_get(json_object_get(choices, "stacks"), json_string_value(what)) != NULL)
            continue;
        if (json_array_append_new(reasons, fill_name(template, json_string_value(what))) != 0)
            return -1;
    }
    return 0;
}

static json_t *stack_reasons(const json_t *choices, const json_t *input, const char *stack)
{
    const json_t *understanding = json_object_get(input, "understanding");
    json_t *reasons = json_array();
    int rc = 0;

    if (json_object_get(input, "stack") != NULL)
        rc |= add_text(reasons, text_of(json_object_get(choices, "stack_given"), understanding));
    rc |= add_text(reasons, text_of(json_object_get(json_object_get(choices, "stacks"), stack),
                                    understanding));
    if (has_constraint(understanding, "offline", NULL))
        rc |= add_text(reasons, text_of(json_object_get(choices, "stack_offline"), understanding));
    if (rc == 0 && add_other_stacks(choices, understanding, reasons) == 0)
        return reasons;
    json_decref(reasons);
    return NULL;
}

/* The stack that was asked for, or the one with the best score; NULL with an error when there is no
 * such stack. */
static const char *choose_stack(const json_t *choices, const json_t *input, struct td_err *err)
{
    json_t *stacks = json_object_get(choices, "stacks");
    const char *asked = json_string_value(json_object_get(input, "stack"));
    const char *best = NULL;
    const char *name;
    json_t *row;

    if (asked != NULL && json_object_get(stacks, asked) == NULL) {
        refuse_stack(stacks, asked, err);
        return NULL;
    }
    json_object_foreach (stacks, name, row) {
        if (best == NULL || score_of(row) > score_of(json_object_get(stacks, best)))
            best = name;
    }
    return asked != NULL ? asked : best;
}

static json_t *pack(const json_t *choices, const json_t *input, const char *stack)
{
    json_t *scores = json_array();
    json_t *reasons = stack_reasons(choices, input, stack);
    double score = json_number_value(
        json_object_get(json_object_get(json_object_get(choices, "stacks"), stack), "score"));
    const json_t *best;
    int rc = json_array_append_new(scores, json_pack("{s:s, s:s, s:f, s:o}", "choice", stack,
                                                     "kind", "stack", "score", score, "reasons",
                                                     json_copy(reasons)));

    best = rc == 0 ? score_layouts(choices, input, scores) : NULL;
    if (best == NULL || json_array_extend(reasons, json_object_get(best, "reasons")) != 0) {
        json_decref(scores);
        json_decref(reasons);
        return NULL;
    }
    return json_pack("{s:s, s:O, s:o, s:o}", "stack", stack, "layout",
                     json_object_get(best, "choice"), "scores", scores, "reasons", reasons);
}

int ui_select(const json_t *choices, const json_t *input, json_t **ret_selection,
              struct td_err *err)
{
    const char *stack = choose_stack(choices, input, err);
    json_t *selection;

    if (stack == NULL)
        return -1;
    selection = pack(choices, input, stack);
    if (selection == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the selection");
    *ret_selection = selection;
    return 0;
}
