/* SPDX-License-Identifier: Apache-2.0 */
/*
 * english_behind: what stands behind the words of a noun phrase and says something about its field:
 * "in euros", "(easy, hard)", "from 1 to 5", "of A, B or C", "which is", and questions that are
 * fields themselves.
 */
#include "english.h"

#include <string.h>

/* Words after the phrase that belong to it, up to the next separator. */
static bool ends_item(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    if (token->kind == LANG_PUNCT)
        return token->punct != '-' && token->punct != '/';
    return (token->tags & (LANG_AND | LANG_WITH | LANG_BREAK | LANG_NEGATION)) != 0 ||
           token->is_used || strcmp(token->text, "by") == 0;
}

/* "where it is stored" */
static bool is_passive(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    return at > 0 && token->length > 4 && strcmp(token->text + token->length - 2, "ed") == 0 &&
           (pa_is_word(reading, at - 1, "is") || pa_is_word(reading, at - 1, "are") ||
            pa_is_word(reading, at - 1, "was") || pa_is_word(reading, at - 1, "were"));
}

static size_t skip_rest(const struct pa_reading *reading, size_t at, size_t end)
{
    while (at < end && !ends_item(reading, at) &&
           (!pa_is(reading, at, LANG_HAS) || is_passive(reading, at) ||
            (at > 0 && en_is_perfect(reading, at - 1))))
        at++;
    return at;
}

/* "low, medium or high": only a list that ends in "or" is a list of options. */
static size_t or_list_end(const struct pa_reading *reading, size_t at, size_t end)
{
    bool has_or = false;
    size_t last = at;

    for (; at < end; at++) {
        const struct lang_token *token = pa_token(reading, at);

        if (token->kind == LANG_PUNCT && token->punct != ',' && token->punct != '/' &&
            token->punct != '-')
            break;
        if (token->kind == LANG_WORD &&
            (token->tags & (EN_STOPS & ~(LANG_OR | LANG_DETERMINER))) != 0)
            break;
        if (has_or && token->kind == LANG_PUNCT && token->punct == ',')
            break;
        has_or = has_or || (token->tags & LANG_OR) != 0 ||
                 (token->punct == '/' && token->kind == LANG_PUNCT);
        last = at + 1;
    }
    return has_or ? last : 0;
}

static void add_or_list(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    size_t first = at;

    for (; at <= end; at++) {
        if (at < end && !pa_is_mark(reading, at, ',') && !pa_is_mark(reading, at, '/') &&
            !pa_is(reading, at, LANG_OR))
            continue;
        pa_add_option(reading, item, first, at);
        first = at + 1;
    }
}

/* "status: to read, reading, done": all that is left of the sentence. */
static size_t read_colon_choice(struct pa_reading *reading, struct pa_item *item, size_t at,
                                size_t end)
{
    const struct pa_type *type =
        pa_type_of(reading->rules, &reading->tokens, item->head_first, item->head_end);
    size_t last = at + 1;

    bool is_equal = pa_is_mark(reading, at, '=');

    if ((!pa_is_mark(reading, at, ':') && !is_equal) || type == NULL ||
        strcmp(type->type, "choice") != 0)
        return at;
    if (is_equal) { /* "status = new/fixed, payout" */
        while (last < end && !pa_is_mark(reading, last, ','))
            last++;
        add_or_list(reading, item, at + 1, last);
        return last;
    }
    while (last < end &&
           (pa_token(reading, last)->kind != LANG_PUNCT || pa_is_mark(reading, last, ',') ||
            pa_is_mark(reading, last, '/') || pa_is_mark(reading, last, '-')))
        last++;
    for (size_t i = at + 1, first = at + 1; i <= last; i++) {
        if (i < last && !pa_is_mark(reading, i, ',') && !pa_is_mark(reading, i, '/') &&
            !pa_is(reading, i, LANG_AND | LANG_OR))
            continue;
        pa_add_option(reading, item, first, i);
        first = i + 1;
    }
    return last;
}

/* Options after "of", ":", "being", "either", "which is", "can be"; the token after them, or `at`.
 */
static size_t read_choice(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    size_t start = at;
    size_t last;

    while (at < end && at < start + 5 &&
           (pa_is_mark(reading, at, ':') ||
            pa_is(reading, at, LANG_PRONOUN | LANG_MODAL | LANG_FILLER) ||
            pa_is_word(reading, at, "of") || pa_is_word(reading, at, "one") ||
            pa_is_word(reading, at, "as")))
        at++;
    if (at == start && !en_is_content(reading, at))
        return start;
    last = or_list_end(reading, at, end);
    if (last == 0)
        return start;
    add_or_list(reading, item, at, last);
    return last;
}

/* "of purchase": the phrase goes on, its head stays. "of A, B or C" lists options. */
static size_t read_of(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    size_t after = read_choice(reading, item, at, end);
    size_t noun;

    if (after > at)
        return after;
    noun = at + 1;
    while (noun < end && pa_is(reading, noun, LANG_DETERMINER | LANG_EACH))
        noun++;
    after = en_content_end(reading, noun, end);
    if (after == noun)
        return at + 1;
    if (pa_is(reading, after - 1, LANG_PERSON) && pa_is(reading, after, LANG_AND) &&
        pa_is(reading, after + 1, LANG_PERSON) && after + 2 <= end) {
        return after + 2; /* "birthdays of friends and family" */
    }
    if (noun == at + 1 && pa_is(reading, at - 1, LANG_KIND) && item->end == at &&
        item->end > item->first + 1 && en_is_plural(reading, after - 1)) {
        item->first = item->head_first = noun; /* "price comparison list of laptops" */
        item->head_end = after;
        item->is_plural = true;
    }
    item->end = after;
    return after;
}

static size_t read_hint(const struct pa_reading *reading, struct pa_item *item, size_t at,
                        size_t end)
{
    size_t noun = at + 1;
    size_t count;
    const char *hint;

    while (noun < end && pa_is(reading, noun, LANG_DETERMINER | LANG_FILLER))
        noun++;
    hint =
        pa_find_name(reading->rules, &reading->rules->hints, &reading->tokens, noun, end, &count);
    if (hint != NULL)
        item->hint = hint;
    return hint != NULL ? noun + count : at + 1;
}

static size_t read_in(const struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    size_t after = pa_read_unit(reading, item, at + 1, end);

    if (after == at + 1)
        return at;
    while (after + 1 < end &&
           pa_is(reading, after, LANG_OR)) /* "in km or miles": the first counts */
        after = pa_read_unit(reading, &(struct pa_item){ 0 }, after + 1, end);
    return after;
}

/* "paid or unpaid", "billable or not": yes or no; the token after it, or `at`. */
static size_t read_opposite(const struct pa_reading *reading, struct pa_item *item, size_t at)
{
    const char *other = pa_token(reading, at + 1)->text;
    const struct pa_type *type = pa_item_type(reading, item);
    const char *word = pa_token(reading, item->head_end - 1)->text;
    bool is_boolean = type != NULL && strcmp(type->type, "boolean") == 0;

    if (!pa_is(reading, at, LANG_OR))
        return at;
    if (strcmp(other, "not") == 0 &&
        (is_boolean || type == NULL || en_is_past(reading, item->head_end - 1))) {
        item->hint = is_boolean ? item->hint : "boolean";
        return at + 2;
    }
    if (is_boolean && item->end == item->first + 1 && en_is_content(reading, at + 1) &&
        (pa_token(reading, at + 2)->kind == LANG_PUNCT || pa_is(reading, at + 2, LANG_AND)))
        return at + 2; /* "present or absent" */
    return is_boolean && (strncmp(other, "un", 2) == 0 || strncmp(other, "in", 2) == 0) &&
                   strcmp(other + 2, word) == 0
               ? at + 2
               : at;
}

/* "found by", at the end of its piece: who did it. */
static bool ends_in_by(const struct pa_reading *reading, struct pa_item *item, size_t at)
{
    if (!pa_is_word(reading, at, "by") || item->end != at || item->is_question ||
        !en_is_past(reading, at - 1) ||
        (pa_token(reading, at + 1)->kind != LANG_PUNCT && !pa_is(reading, at + 1, LANG_AND)))
        return false;
    item->hint = "text";
    return true;
}

/* "watering every x days": how many of them; the token after it, or `at`. */
static size_t read_every(const struct pa_reading *reading, struct pa_item *item, size_t at,
                         size_t end)
{
    size_t count = 0;
    const char *unit = NULL;

    if (at + 2 < end && pa_is_word(reading, at, "every") && pa_is(reading, at + 2, LANG_PERIOD) &&
        pa_token(reading, at + 1)->kind == LANG_WORD)
        unit = pa_find_name(reading->rules, &reading->rules->units, &reading->tokens, at + 2, end,
                            &count);
    if (unit == NULL)
        return at;
    item->unit = unit;
    return at + 2 + count;
}

/* "times per day", "times a week": how many; the token after it, or `at`. */
static size_t read_times(const struct pa_reading *reading, struct pa_item *item, size_t at,
                         size_t end)
{
    if (at + 1 >= end || !pa_is_word(reading, at - 1, "times") ||
        !(pa_is_word(reading, at, "per") || pa_is_word(reading, at, "a")) ||
        !pa_is(reading, at + 1, LANG_PERIOD))
        return at;
    item->end = item->head_end = at + 2;
    item->hint = "number";
    return at + 2;
}

/* One thing behind the phrase; returns the token after it, or `at` when nothing more belongs to the
 * item. */
static size_t read_behind(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    size_t after;

    if (pa_is_mark(reading, at, '('))
        return pa_read_parentheses(reading, item, at, end);
    if (en_is_yes_no(reading, at)) {
        item->hint = "boolean";
        return at + 3;
    }
    after = read_opposite(reading, item, at);
    if (after > at)
        return after;
    after = pa_read_range(reading, item, at, end);
    if (after == at)
        after = pa_read_bound(reading, item, at, end);
    if (after == at)
        after = read_every(reading, item, at, end);
    if (after == at)
        after = read_times(reading, item, at, end);
    if (after > at)
        return after;
    after = read_colon_choice(reading, item, at, end);
    if (after > at)
        return after;
    if (ends_in_by(reading, item, at))
        return item->end = item->head_end = at + 1;
    after = en_read_whose(reading, item, at, end);
    if (after > at)
        return after;
    if (pa_is_word(reading, at, "of"))
        return read_of(reading, item, at, end);
    if (pa_is_word(reading, at, "as"))
        return read_hint(reading, item, at, end);
    if (pa_is_word(reading, at, "in") && (after = read_in(reading, item, at, end)) > at)
        return after;
    if (pa_is_word(reading, at, "which") || pa_is_word(reading, at, "that") ||
        pa_is(reading, at, LANG_MODAL) || pa_is_word(reading, at, "either")) {
        after = read_choice(reading, item, at, end);
        if (after > at)
            return after;
    }
    return at;
}

/* "that I want to visit", "for each book", "when it was sold": said of the noun, no field of its
 * own. */
static bool starts_aside(const struct pa_reading *reading, size_t at)
{
    if (pa_is_word(reading, at, "to") &&
        pa_is(reading, at + 1, LANG_MANAGE | LANG_VERB | LANG_CREATE))
        return at > 0 && en_is_plural(reading, at - 1) && /* "restaurants to try with" */
               (pa_token(reading, at + 2)->kind == LANG_PUNCT ||
                pa_is(reading, at + 2, LANG_WITH | LANG_AND));
    return pa_is(reading, at, LANG_PREPOSITION | LANG_PRONOUN | LANG_QUESTION | LANG_FILLER) &&
           !pa_is(reading, at, LANG_WITH | LANG_BREAK) && !pa_is_word(reading, at, "by") &&
           !pa_is_word(reading, at, "where");
}

bool en_is_perfect(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *past = pa_token(reading, at + 2);
    size_t n = past->length;

    return (pa_is_word(reading, at, "i") || pa_is_word(reading, at, "we") ||
            pa_is_word(reading, at, "you") || pa_is_word(reading, at, "they")) &&
           pa_is(reading, at + 1, LANG_HAS) && past->kind == LANG_WORD &&
           ((past->tags & LANG_ADNOMINAL) != 0 || (n > 4 && strcmp(past->text + n - 2, "ed") == 0));
}

/* "that have a name", "which can have": the clause is the owner's. */
static bool starts_has(const struct pa_reading *reading, size_t at)
{
    if (en_is_perfect(reading, at))
        return false;
    while (pa_is(reading, at, LANG_PRONOUN | LANG_MODAL))
        at++;
    return pa_is(reading, at, LANG_HAS);
}

size_t en_read_behind(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    for (;;) {
        size_t after = at < end ? read_behind(reading, item, at, end) : at;

        if (en_is_which(reading, at))
            return at;
        if (after == at && item->is_plural && en_is_for_each(reading, at, end))
            return at;
        if (after == at && at < end && starts_aside(reading, at) && !starts_has(reading, at) &&
            !pa_is(reading, item->end - 1, LANG_APP | LANG_KIND)) {
            if (item->act == PA_ACT_NONE)
                item->act = en_act_at(reading, at, end);
            after = skip_rest(reading, at + 1, end);
        }
        if (after == at)
            return at;
        at = after;
    }
}

/* "when I last watered them": what is asked is named without the question. */
static bool starts_near_time(const struct pa_reading *reading, size_t at, size_t end)
{
    size_t count;

    while (at < end && pa_is(reading, at, LANG_PRONOUN | LANG_MODAL))
        at++;
    return pa_find_name(reading->rules, &reading->rules->near_times, &reading->tokens, at, end,
                        &count) != NULL;
}

/* "whether they have a licence": the verb is part of the question. */
static size_t skip_subject(const struct pa_reading *reading, size_t at, size_t end)
{
    size_t start = at;

    while (at < end && pa_is(reading, at, LANG_PRONOUN | LANG_MODAL))
        at++;
    return at < end && at > start && pa_is(reading, at, LANG_HAS) ? at + 1 : start;
}

bool en_is_which(const struct pa_reading *reading, size_t at)
{
    return pa_is_word(reading, at, "which") && at > 0 && en_is_past(reading, at - 1) &&
           en_is_content(reading, at + 1);
}

/* "what they cost per month" asks for money. */
static const char *asked_type(const struct pa_reading *reading, const char *hint, size_t first,
                              size_t end)
{
    size_t count;

    for (size_t at = first; at < end && first > 0 && pa_is_word(reading, first - 1, "what"); at++) {
        const struct pa_type *type = pa_token(reading, at)->kind == LANG_WORD
                                         ? pa_type_of(reading->rules, &reading->tokens, at, at + 1)
                                         : NULL;

        if ((type != NULL && strcmp(type->type, "money") == 0) ||
            pa_find_name(reading->rules, &reading->rules->paying, &reading->tokens, at, end,
                         &count) != NULL)
            return "money";
    }
    return hint;
}

/* "who I was with": at the end of a question, no list of parts. */
static size_t with_preposition(const struct pa_reading *reading, size_t at, size_t end)
{
    return at < end && pa_is_word(reading, at, "with") &&
                   (at + 1 >= end || pa_token(reading, at + 1)->kind == LANG_PUNCT ||
                    pa_is(reading, at + 1, LANG_AND))
               ? at + 1
               : at;
}

/* "whether it is done", "how many pages": the question tells the type, the rest is the name. */
size_t en_read_question(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    size_t count;
    const char *hint =
        pa_find_name(reading->rules, &reading->rules->questions, &reading->tokens, at, end, &count);
    size_t first = at + count;
    size_t last;

    if (hint == NULL)
        return at;
    last =
        with_preposition(reading, skip_rest(reading, skip_subject(reading, first, end), end), end);
    item->hint = hint = asked_type(reading, hint, first, last);
    if (en_is_which(reading, at)) { /* "which amp": the noun is asked for */
        first = at + 1;
        item->first = item->head_first = first;
        last = en_content_end(reading, first, last);
        item->end = item->head_end = last;
        item->hint = NULL;
        return last;
    }
    for (size_t i = first + 1; i < last; i++)
        if (en_is_which(reading, i))
            last = i;
    for (size_t i = first + 1; i < last; i++)
        if (pa_read_range(reading, item, i, end) == last)
            last = i;
    if (strcmp(hint, "boolean") == 0 ||
        (count > 1 && en_is_content(reading, first) &&
         !pa_is(reading, first, LANG_VERB | LANG_MANAGE)) ||
        starts_near_time(reading, first, last))
        while (first < last &&
               pa_is(reading, first, LANG_PRONOUN | LANG_MODAL | LANG_DETERMINER | LANG_HAS))
            first++;
    else
        first = at;
    item->first = item->head_first = first < last ? first : at;
    item->end = last;
    while ((strcmp(hint, "boolean") == 0 || item->first > at) && item->end > item->first + 1 &&
           pa_is(reading, item->end - 1, LANG_PRONOUN))
        item->end--; /* "whether I finished it" */
    item->head_end = item->end;
    item->is_question = true;
    return last;
}
