/* SPDX-License-Identifier: Apache-2.0 */
/*
 * level: people write the fields of a thing in many marks: "books [title, author]", "{title,
 * author}", "customers - name, phone; orders - date, total". All are made the one that the grammars
 * read: "(title, author)".
 */
#include "reading.h"

#include <string.h>

#define MOST_LISTED 256 /* words between brackets */

void pa_level_brackets(struct pa_reading *reading)
{
    for (size_t at = 1; at < reading->tokens.count; at++) {
        bool is_square = pa_is_mark(reading, at, '[');
        size_t close = at + 1;

        if ((!is_square && !pa_is_mark(reading, at, '{')) ||
            pa_token(reading, at - 1)->kind != LANG_WORD)
            continue;
        while (close < reading->tokens.count && close < at + MOST_LISTED &&
               !pa_is_mark(reading, close, is_square ? ']' : '}'))
            close++;
        if (close == reading->tokens.count || close == at + MOST_LISTED)
            continue;
        reading->tokens.all[at].punct = '(';
        reading->tokens.all[close].punct = ')';
    }
}

/* "독서 - 제목, 저자": what the app is about, no thing. */
static bool is_about(const struct pa_reading *reading, size_t noun)
{
    struct lang_frame_match match;

    return lang_frame_in(reading->rules->lexicon, &reading->tokens, noun, 1, &match) &&
           !match.is_named;
}

/* Whether fields stand in [mark + 1, end) behind the noun in front of the mark. A noun of several
 * words in Korean, or of one thing in English, may as well be what the app is called. */
static bool is_listed(const struct pa_reading *reading, size_t mark, size_t end)
{
    const struct lang_token *noun = pa_token(reading, mark - 1);
    bool is_alone =
        mark > 1 ? pa_token(reading, mark - 2)->kind == LANG_PUNCT : !is_about(reading, mark - 1);
    struct pa_item thing = { .first = mark - 1,
                             .end = mark,
                             .head_first = mark - 1,
                             .head_end = mark,
                             .is_plural = strcmp(noun->text, noun->lemma) != 0,
                             .list_first = mark + 1,
                             .list_end = end };

    return noun->kind == LANG_WORD && (noun->is_hangul ? is_alone : thing.is_plural) &&
           !noun->is_used && (noun->tags & (LANG_APP | LANG_KIND)) == 0 &&
           noun->particle == LANG_CASE_NONE && pa_item_declares(reading, &thing);
}

static bool is_dash(const struct pa_reading *reading, size_t at)
{
    return pa_is_mark(reading, at, '-') && !pa_token(reading, at + 1)->is_glued;
}

/* Where the sentence ends, or, of a long one, the most that is looked at. */
static size_t sentence_end(const struct pa_reading *reading, size_t at)
{
    size_t most =
        at + MOST_LISTED < reading->tokens.count ? at + MOST_LISTED : reading->tokens.count;

    while (at < most && !pa_ends_sentence(reading, at))
        at++;
    return at;
}

/* "CRM - customers (name, phone)": what stands in front of the dash is what the app is called. */
static void level_heading(struct pa_reading *reading)
{
    size_t at = 1;
    size_t end;

    while (pa_token(reading, at)->kind == LANG_WORD && at < LANG_SENTENCE)
        at++;
    if (!is_dash(reading, at))
        return;
    end = sentence_end(reading, at);
    for (size_t i = at + 1; i < end && is_dash(reading, at); i++)
        if (pa_is_mark(reading, i, '('))
            reading->tokens.all[at].punct = ':';
}

/* "customers: name, phone; orders: date": one such list may be the app's, several are things'. */
static bool has_many_lists(const struct pa_reading *reading)
{
    size_t count = 0;

    for (size_t at = 1; at < reading->tokens.count && count < 2; at++)
        if (pa_is_mark(reading, at, ':')) {
            size_t end = sentence_end(reading, at);

            count += is_listed(reading, at, end);
            at = end;
        }
    return count > 1;
}

/* "things to lend, e.g. drill, ladder": examples, up to the end of the sentence; in parentheses
 * they are options. */
static void skip_examples(struct pa_reading *reading)
{
    struct lang_token *all = reading->tokens.all;
    size_t depth = 0;

    for (size_t at = 0; at + 1 < reading->tokens.count; at++) {
        depth += pa_is_mark(reading, at, '(');
        depth -= depth > 0 && pa_is_mark(reading, at, ')');
        if (depth > 0 || !(pa_is_word(reading, at, "e.g") || pa_is_word(reading, at, "eg") ||
                           pa_is_word(reading, at, "i.e")))
            continue;
        if (pa_is_mark(reading, at + 1, '.') && all[at + 1].is_glued)
            all[at + 1].punct = ',';
        for (; at < reading->tokens.count && !pa_ends_sentence(reading, at); at++)
            all[at].is_used = true;
    }
}

void pa_level_marks(struct pa_reading *reading)
{
    struct lang_token *all = reading->tokens.all;
    bool has_many = has_many_lists(reading);
    size_t end;

    skip_examples(reading);
    for (size_t at = 1; at < reading->tokens.count; at++) {
        if (!is_dash(reading, at) && !(has_many && pa_is_mark(reading, at, ':')))
            continue;
        end = sentence_end(reading, at);
        if (is_listed(reading, at, end)) {
            all[at].punct = '(';
            if (end < reading->tokens.count && pa_ends_sentence(reading, end))
                all[end].punct = ')';
            at = end;
        }
    }
    level_heading(reading);
}
