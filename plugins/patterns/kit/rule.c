/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule: conditions on values. The tests are a table. Each costs at most the length of the text
 * times that of the form, so no input can hold the router up.
 */
#include "kit.h"

#include <string.h>

/* --- texts --- */

/* By hand: what tolower() does depends on the machine's language. */
static char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

static bool is_same(char one, char other, bool any_case)
{
    return one == other || (any_case && lower(one) == lower(other));
}

static bool is_same_text(const char *one, const char *other, bool any_case)
{
    while (*one != '\0' && is_same(*one, *other, any_case)) {
        one++;
        other++;
    }
    return *one == *other;
}

static const char *next_letter(const char *text)
{
    do
        text++;
    while ((*text & 0xC0) == 0x80);
    return text;
}

/* "*" is any text, "?" any letter. On a misfit the last "*" takes one letter more. */
static bool fits_form(const char *text, const char *form, bool any_case)
{
    const char *star = NULL, *retry = NULL;

    while (*text != '\0') {
        if (*form == '*') {
            star = ++form;
            retry = text;
        } else if (*form == '?') {
            text = next_letter(text);
            form++;
        } else if (*form != '\0' && is_same(*text, *form, any_case)) {
            text++;
            form++;
        } else if (star != NULL) {
            text = retry = next_letter(retry);
            form = star;
        } else {
            return false;
        }
    }
    return form[strspn(form, "*")] == '\0';
}

static bool has_word(const char *text, const char *word, bool any_case)
{
    size_t length = strlen(word);

    for (; *text != '\0'; text++) {
        size_t i = 0;

        while (i < length && text[i] != '\0' && is_same(text[i], word[i], any_case))
            i++;
        if (i == length)
            return true;
    }
    return length == 0;
}

/* --- tests --- */

static bool equals(const json_t *value, const json_t *wanted, bool any_case)
{
    if (any_case && json_is_string(value) && json_is_string(wanted))
        return is_same_text(json_string_value(value), json_string_value(wanted), true);
    return kit_equal(value, wanted);
}

static bool is_one_of(const json_t *value, const json_t *wanted, bool any_case)
{
    const json_t *item;
    size_t i;

    json_array_foreach (wanted, i, item)
        if (equals(value, item, any_case))
            return true;
    return false;
}

static bool matches(const json_t *value, const json_t *wanted, bool any_case)
{
    return json_is_string(value) &&
           fits_form(json_string_value(value), json_string_value(wanted), any_case);
}

/* A text that has one of the words in it, or a list that has one of the items. */
static bool contains(const json_t *value, const json_t *wanted, bool any_case)
{
    const json_t *item;
    size_t i;

    json_array_foreach (value, i, item)
        if (is_one_of(item, wanted, any_case))
            return true;
    json_array_foreach (wanted, i, item)
        if (json_is_string(value) && json_is_string(item) &&
            has_word(json_string_value(value), json_string_value(item), any_case))
            return true;
    return false;
}

static bool is_least(const json_t *value, const json_t *wanted, bool any_case)
{
    (void)any_case;
    return json_is_number(value) && json_number_value(value) >= json_number_value(wanted);
}

static bool is_most(const json_t *value, const json_t *wanted, bool any_case)
{
    (void)any_case;
    return json_is_number(value) && json_number_value(value) <= json_number_value(wanted);
}

static bool is_above(const json_t *value, const json_t *wanted, bool any_case)
{
    return json_is_number(value) && !is_most(value, wanted, any_case);
}

static bool is_below(const json_t *value, const json_t *wanted, bool any_case)
{
    return json_is_number(value) && !is_least(value, wanted, any_case);
}

static bool exists(const json_t *value, const json_t *wanted, bool any_case)
{
    (void)any_case;
    return (value != NULL && !json_is_null(value)) == json_is_true(wanted);
}

enum wants { ANY, LIST, TEXT, NUMBER, TRUTH };
static const char *const kinds[] = { "a value", "a list", "a text", "a number", "true or false" };

static const struct {
    const char *name;
    enum wants wants;
    bool (*holds)(const json_t *value, const json_t *wanted, bool any_case);
} tests[] = {
    { "equals", ANY, equals },      { "one_of", LIST, is_one_of }, { "matches", TEXT, matches },
    { "contains", LIST, contains }, { "min", NUMBER, is_least },   { "max", NUMBER, is_most },
    { "above", NUMBER, is_above },  { "below", NUMBER, is_below }, { "exists", TRUTH, exists },
};
enum { TESTS = sizeof(tests) / sizeof(tests[0]) };

static bool is_wanted(const json_t *value, enum wants wants)
{
    switch (wants) {
    case LIST:
        return json_is_array(value);
    case TEXT:
        return json_is_string(value);
    case NUMBER:
        return json_is_number(value);
    case TRUTH:
        return json_is_boolean(value);
    case ANY:
    default:
        return true;
    }
}

static const char *pointer_of(const json_t *rule)
{
    const json_t *at = json_object_get(rule, "at");

    return at != NULL ? json_string_value(at) : "";
}

static int check(const json_t *rule, struct td_err *err)
{
    size_t count = 0;

    if (!json_is_object(rule) || !kit_is_pointer(pointer_of(rule)))
        return td_fail(err, TD_E_CONFIG,
                       "\"at\" must be a JSON pointer, \"\" or one that begins with \"/\"");
    for (size_t i = 0; i < TESTS; i++) {
        const json_t *wanted = json_object_get(rule, tests[i].name);

        if (wanted != NULL && !is_wanted(wanted, tests[i].wants))
            return td_fail(err, TD_E_CONFIG, "\"%s\" must be %s", tests[i].name,
                           kinds[tests[i].wants]);
        count += wanted != NULL;
    }
    return count > 0
               ? 0
               : td_fail(err, TD_E_CONFIG,
                         "a rule needs a test: \"equals\", \"one_of\", \"matches\", "
                         "\"contains\", \"min\", \"max\", \"above\", \"below\" or \"exists\"");
}

static bool holds(const json_t *rule, const json_t *input)
{
    const json_t *value = kit_at(input, pointer_of(rule));
    bool any_case = json_is_true(json_object_get(rule, "any_case"));

    for (size_t i = 0; i < TESTS; i++) {
        const json_t *wanted = json_object_get(rule, tests[i].name);

        if (wanted != NULL && (value != NULL || tests[i].wants == TRUTH) &&
            tests[i].holds(value, wanted, any_case))
            continue;
        if (wanted != NULL)
            return false;
    }
    return true;
}

/* --- lists of rules --- */

int kit_rules(const json_t *config, const char *key, const json_t **ret_rules, struct td_err *err)
{
    const json_t *rules = json_object_get(config, key), *rule;
    size_t i;

    if (rules != NULL && (!json_is_array(rules) || json_array_size(rules) == 0 ||
                          json_array_size(rules) > KIT_RULES_MAX))
        return td_fail(err, TD_E_CONFIG, "\"%s\" must be a list of 1 to %d rules", key,
                       KIT_RULES_MAX);
    json_array_foreach (rules, i, rule)
        if (check(rule, err) != 0)
            return td_context(err, "\"%s\": rule %zu", key, i);
    *ret_rules = rules;
    return 0;
}

bool kit_rules_hold(const json_t *rules, const json_t *value)
{
    const json_t *rule;
    size_t i;

    json_array_foreach (rules, i, rule)
        if (!holds(rule, value))
            return false;
    return true;
}
