/* SPDX-License-Identifier: Apache-2.0 */
/*
 * korean_ask: questions in a row, each of which a field answers: "누구한테 얼마 언제까지", "누가
 * 어떤 책을 언제 빌렸고 언제까지 갖다줘야 하는지".
 */
#include "korean.h"

#include <string.h>

#define TAIL_WORDS 3 /* of the verb behind the questions: "갖다줘야 하는지" */
#define ASKED_PARTS 8

/* A row: its parts, and where it ends. */
struct row {
    struct {
        size_t first, end;
        bool is_question;
    } parts[ASKED_PARTS];
    size_t count, questions;
    size_t end;
    bool goes_on; /* "빌렸고": another one follows */
};

const char *ko_question_hint(const struct ko_reader *reader, size_t first, size_t end)
{
    const struct pa_rules *rules = reader->reading->rules;
    size_t count;

    for (size_t at = first; at < end; at++) {
        const char *hint =
            pa_find_name(rules, &rules->questions, &reader->reading->tokens, at, end, &count);

        if (hint != NULL)
            return hint;
    }
    return "boolean";
}

static bool is_question_word(const struct pa_reading *reading, size_t at)
{
    size_t count;

    return pa_token(reading, at)->kind == LANG_WORD && pa_token(reading, at)->is_hangul &&
           pa_find_name(reading->rules, &reading->rules->questions, &reading->tokens, at, at + 1,
                        &count) != NULL;
}

/* "어떤 악기를": the noun is what is asked for. */
static bool asks_which(const struct pa_reading *reading, size_t at)
{
    return pa_is_word(reading, at, "어떤") || pa_is_word(reading, at, "무슨");
}

/* "책을", between questions. */
static bool is_noun(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    return token->kind == LANG_WORD && token->is_hangul && !token->is_used && !token->is_negated &&
           token->ending == LANG_END_NONE && !pa_is_whether(reading, at) &&
           (token->particle == LANG_CASE_OBJECT || token->particle == LANG_CASE_SUBJECT);
}

static size_t read_parts(const struct ko_reader *reader, size_t at, struct row *row)
{
    const struct pa_reading *reading = reader->reading;

    while (at < reader->end && row->count < ASKED_PARTS) {
        bool is_which = asks_which(reading, at) && at + 1 < reader->end && is_noun(reading, at + 1);
        bool is_question = is_question_word(reading, at);

        if (!is_question && (row->questions == 0 || !is_noun(reading, at)))
            break;
        row->parts[row->count].first = at + is_which;
        row->parts[row->count].end = at + is_which + 1;
        row->parts[row->count++].is_question = is_question && !is_which;
        row->questions += is_question;
        at += 1 + is_which;
    }
    return at;
}

/* "빌렸고", "냈으며", also of a verb that no list knows. */
static bool is_connective(const struct lang_token *token)
{
    static const char *const ends[] = { "고", "며", "는데" };

    if (token->ending != LANG_END_NONE || (token->tags & LANG_KNOWN) != 0)
        return token->ending == LANG_END_CONNECTIVE;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t n = strlen(ends[i]);

        if (token->length > n && memcmp(token->text + token->length - n, ends[i], n) == 0)
            return true;
    }
    return false;
}

static bool ends_clause(const struct ko_reader *reader, size_t at, bool *ret_goes_on)
{
    const struct lang_token *token = pa_token(reader->reading, at);

    *ret_goes_on = is_connective(token) && (is_question_word(reader->reading, at + 1) ||
                                            pa_is_mark(reader->reading, at + 1, ','));
    return token->is_hangul && (*ret_goes_on || token->ending == LANG_END_WHETHER ||
                                pa_is_whether(reader->reading, at));
}

/* The token behind the verb of the questions, or 0: none is there. */
static size_t read_tail(const struct ko_reader *reader, size_t at, struct row *row)
{
    size_t most = at + TAIL_WORDS < reader->end ? at + TAIL_WORDS : reader->end;

    for (; at < most && pa_token(reader->reading, at)->kind == LANG_WORD; at++)
        if (ends_clause(reader, at, &row->goes_on))
            return at + 1 + pa_is_word(reader->reading, at + 1, "여부");
    return 0;
}

/* One question by itself is read with its verb, as its name; behind another row it goes on as that
 * did. */
static bool find_row(const struct ko_reader *reader, size_t at, bool is_later, struct row *row)
{
    size_t end = read_parts(reader, at, row);

    if (row->questions == 0 || (row->questions < 2 && !is_later))
        return false;
    row->end = read_tail(reader, end, row);
    if (row->end == 0 && row->questions == row->count && row->questions >= 2 &&
        (end >= reader->end || pa_token(reader->reading, end)->kind == LANG_PUNCT))
        row->end = end; /* "누구한테 얼마 언제까지" */
    return row->end > 0;
}

/* "언제 빌려갔고 언제 반납하기로 했는지": asked with the same word before, which the verb then
 * tells apart. */
static bool is_asked_before(const struct pa_reading *reading, size_t at)
{
    for (size_t i = 0; i < reading->item_count; i++)
        if (reading->items[i].is_question &&
            lang_span_is(pa_token(reading, at)->span,
                         pa_token(reading, reading->items[i].first)->text))
            return true;
    return false;
}

static void say_row(struct ko_reader *reader, const struct row *row)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;

    for (size_t i = 0; i < row->count; i++) {
        size_t at = row->parts[i].first;
        bool is_again = row->parts[i].is_question && is_asked_before(reading, at);
        struct pa_item *item = pa_new_item(reading);

        if (item == NULL)
            break;
        *item = (struct pa_item){ .first = at,
                                  .end = row->parts[i].end,
                                  .head_first = at,
                                  .head_end = row->parts[i].end,
                                  .from_first = at,
                                  .from_end = row->parts[i].end,
                                  .is_question = row->parts[i].is_question };
        if (!item->is_question)
            continue;
        item->hint = ko_question_hint(reader, at, at + 1);
        if (is_again && i + 1 == row->count && row->end > item->end)
            item->end = item->head_end = item->from_end = row->end;
    }
    pa_say(reading, PA_LIST, reader->owner, first);
}

bool ko_read_questions(struct ko_reader *reader)
{
    struct row row = { .count = 0 };
    bool is_later = false;

    while (reader->at < reader->end && find_row(reader, reader->at, is_later, &row)) {
        if (!is_later)
            ko_say_groups_before(reader, reader->at);
        say_row(reader, &row);
        reader->at = row.end;
        is_later = true;
        if (!row.goes_on)
            break;
        while (pa_is_mark(reader->reading, reader->at, ','))
            reader->at++;
        row = (struct row){ .count = 0 };
    }
    return is_later;
}
