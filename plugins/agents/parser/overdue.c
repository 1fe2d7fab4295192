/* SPDX-License-Identifier: Apache-2.0 */
/*
 * overdue: what says that a date is due: "when it has to be back", "언제까지", and what is said of
 * records whose date has passed: "반납일이 지나면 표시", "those past the return date".
 */
#include "model.h"

#include <string.h>

#define DATE_WORDS 4 /* "return date", "best before date" */

/* "언제까지" */
static bool says_until(const struct lang_token *token)
{
    const char *until = "까지";
    size_t n = strlen(until);

    return token->particle == LANG_CASE_UNTIL ||
           (token->length > n && memcmp(token->text + token->length - n, until, n) == 0);
}

bool pa_asks_due(const struct pa_reading *reading, const struct pa_item *item)
{
    size_t count;

    for (size_t at = item->first; at < item->end; at++) {
        const struct pa_type *type = lang_find(reading->rules->lexicon, &reading->rules->type_words,
                                               &reading->tokens, at, item->end, &count);

        if ((type != NULL && type->role != NULL && strcmp(type->role, "due") == 0) ||
            says_until(pa_token(reading, at)) ||
            pa_find_name(reading->rules, &reading->rules->obligations, &reading->tokens, at,
                         item->end, &count) != NULL)
            return true;
    }
    return false;
}

static bool is_date(const struct pa_reading *reading, size_t first, size_t end)
{
    const struct pa_type *type = pa_type_of(reading->rules, &reading->tokens, first, end);

    return type != NULL && strcmp(type->type, "date") == 0;
}

/* "지나면", "지난", "넘긴": the forms of a verb, by their beginnings. */
static bool is_passing(const struct pa_reading *reading, size_t at)
{
    static const char *const verbs[] = { "지나", "지난", "지났", "넘긴",
                                         "넘은", "넘으", "넘었", "넘기" };
    const struct lang_token *token = pa_token(reading, at);

    if (!token->is_hangul)
        return false;
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (token->length >= strlen(verbs[i]) &&
            memcmp(token->text, verbs[i], strlen(verbs[i])) == 0)
            return true;
    return false;
}

/* The date in tokens [first, end) has passed; its words, up to `after`, ask for nothing else. */
static void ask(struct pa_reading *reading, size_t first, size_t end, size_t after)
{
    struct lang_span words = lang_tokens_span(&reading->tokens, first, end - first);
    const struct lang_token *last = pa_token(reading, end - 1);

    words.length -= last->span.length - last->stem.length;
    pa_ask(reading, "due-dates", words);
    for (size_t at = first; at < after; at++)
        reading->tokens.all[at].is_used = true;
}

/* "나갈" of "나갈 날": a verb's form before a noun, or what looks like one. */
static bool describes_date(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    return token->kind == LANG_WORD && token->is_hangul && !token->is_used &&
           (token->ending == LANG_END_ADNOMINAL ||
            (token->ending == LANG_END_NONE && token->particle == LANG_CASE_NONE &&
             (token->tags & ~(uint32_t)LANG_ADNOMINAL) == 0));
}

/* "것", "건", "거": those whose date it is. */
static bool is_stand_in(const struct pa_reading *reading, size_t at)
{
    static const char *const words[] = { "것", "건", "거" };
    const struct lang_token *token = pa_token(reading, at);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (token->is_hangul && !token->is_used && token->length <= 6 &&
            strncmp(token->text, words[i], strlen(words[i])) == 0)
            return true;
    return false;
}

/* "반납일이 지나면": the date stands in front of the verb. */
static void read_korean(struct pa_reading *reading, size_t at)
{
    const struct lang_token *noun = pa_token(reading, at - 1);

    if (is_passing(reading, at) && !pa_token(reading, at)->is_used && noun->kind == LANG_WORD &&
        noun->is_hangul && !noun->is_used && noun->ending == LANG_END_NONE &&
        (noun->particle == LANG_CASE_SUBJECT || noun->particle == LANG_CASE_OBJECT ||
         noun->particle == LANG_CASE_NONE) &&
        is_date(reading, at - 1, at)) {
        size_t first = at >= 2 && describes_date(reading, at - 2) ? at - 2 : at - 1;

        ask(reading, first, at, at + 1 + is_stand_in(reading, at + 1));
    }
}

/* "past the return date", "after its best before date" */
static void read_english(struct pa_reading *reading, size_t at)
{
    size_t first = at + 2;
    size_t end = first;

    if (!pa_is_word(reading, at, "past") || !pa_is(reading, at + 1, LANG_DETERMINER) ||
        pa_token(reading, at)->is_used)
        return;
    while (end < first + DATE_WORDS && pa_token(reading, end)->kind == LANG_WORD &&
           !pa_token(reading, end)->is_used)
        end++;
    for (; end > first; end--)
        if (is_date(reading, first, end)) {
            ask(reading, first, end, end);
            return;
        }
}

/* "late returns", "overdue books", behind a verb or by themselves; "late fees" are an amount. */
static void read_late(struct pa_reading *reading, size_t at)
{
    const struct lang_token *noun = pa_token(reading, at + 1);
    const struct pa_type *type;
    size_t first = at;
    size_t count;

    if (pa_token(reading, at)->is_used || noun->kind != LANG_WORD || noun->is_used ||
        strcmp(noun->text, noun->lemma) == 0 ||
        pa_find_name(reading->rules, &reading->rules->late, &reading->tokens, at, at + 1, &count) ==
            NULL)
        return;
    type = pa_type_of(reading->rules, &reading->tokens, at + 1, at + 2);
    if (type != NULL && (strcmp(type->type, "money") == 0 || strcmp(type->type, "number") == 0))
        return;
    first -= pa_is(reading, first - 1, LANG_DETERMINER | LANG_EACH);
    if (first > 0 && pa_is(reading, first - 1, LANG_VERB) && !pa_token(reading, first - 1)->is_used)
        first--;
    ask(reading, first, at + 2, at + 2);
}

void pa_read_overdue(struct pa_reading *reading)
{
    for (size_t at = 1; at < reading->tokens.count; at++) {
        read_korean(reading, at);
        read_english(reading, at);
        read_late(reading, at);
    }
}

static bool ends_in(struct lang_span label, struct lang_span words)
{
    return words.length > 0 && label.length >= words.length &&
           memcmp(label.at + label.length - words.length, words.at, words.length) == 0;
}

bool pa_give_asked_due(struct pa_model *model)
{
    const struct pa_reading *reading = model->reading;

    for (size_t a = 0; a < reading->asked_count; a++)
        for (size_t e = 0; e < model->entity_count; e++)
            for (size_t i = 0; i < model->entities[e].field_count; i++) {
                struct pa_field *field = &model->entities[e].fields[i];

                if (strcmp(reading->asked[a].feature, "due-dates") != 0 ||
                    strcmp(field->type, "date") != 0 || field->role != NULL || !field->is_named ||
                    !ends_in(field->label, reading->asked[a].from))
                    continue;
                field->role = "due";
                return true;
            }
    return false;
}
