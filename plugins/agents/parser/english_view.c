/* SPDX-License-Identifier: Apache-2.0 */
/*
 * english_view: pieces that say how records are to be looked at: "show total cost per month", "the
 * priciest bottles first", "hide what is sold out". They ask for a feature, and no noun in them is
 * a field.
 */
#include "english.h"

#include <string.h>

/* What a piece asks for. */
struct view {
    size_t end;
    bool is_total, is_ordered, is_partial;
};

static bool is_in(const struct pa_reading *reading, const struct lang_map *map, size_t at)
{
    size_t count;

    return pa_token(reading, at)->kind == LANG_WORD &&
           pa_find_name(reading->rules, map, &reading->tokens, at, at + 1, &count) != NULL;
}

/* "total", "average", "how many" */
static bool is_measure(const struct pa_reading *reading, size_t at)
{
    return is_in(reading, &reading->rules->measures, at) ||
           (pa_is_word(reading, at, "how") &&
            (pa_is_word(reading, at + 1, "many") || pa_is_word(reading, at + 1, "much")));
}

/* "priciest", "most": but no noun that ends like one ("guest", "harvest"), which stands alone. */
static bool is_superlative(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);
    size_t n = token->length;

    if (token->kind != LANG_WORD || token->is_hangul)
        return false;
    return pa_is_word(reading, at, "most") || pa_is_word(reading, at, "least") ||
           pa_is_word(reading, at, "best") || pa_is_word(reading, at, "worst") ||
           (n > 5 && strcmp(token->text + n - 3, "est") == 0);
}

static size_t piece_end(const struct pa_reading *reading, size_t at, size_t end)
{
    size_t start = at;

    for (; at < end && at < start + LANG_SENTENCE; at++) {
        const struct lang_token *token = pa_token(reading, at);

        if (token->kind == LANG_PUNCT && !(token->is_glued && token->punct == '-'))
            break;
        if ((token->tags & (LANG_AND | LANG_BREAK)) != 0 ||
            ((token->tags & LANG_WITH) != 0 && strcmp(token->text, "like") != 0))
            break;
    }
    return at;
}

/* "... first", "... at the top", in front of `end`. */
static bool ends_in_order(const struct pa_reading *reading, size_t end)
{
    if (pa_is_word(reading, end - 1, "first") || pa_is_word(reading, end - 1, "last"))
        return !pa_is(reading, end - 2, LANG_DETERMINER | LANG_PREPOSITION | LANG_PRONOUN);
    return pa_is_word(reading, end - 1, "top") &&
           (pa_is_word(reading, end - 2, "the") || pa_is_word(reading, end - 2, "on"));
}

static bool has_chart(const struct pa_reading *reading, size_t first, size_t end)
{
    for (size_t i = 0; i < reading->match_count; i++)
        if (reading->matches[i].first >= first && reading->matches[i].first < end &&
            strcmp(reading->matches[i].phrase->name, "chart") == 0)
            return true;
    return false;
}

static bool starts_piece(const struct pa_reading *reading, size_t at, size_t first)
{
    return at == first || pa_token(reading, at - 1)->kind == LANG_PUNCT ||
           pa_is(reading, at - 1, LANG_AND | LANG_MODAL | LANG_PRONOUN | LANG_FILLER | LANG_BREAK);
}

/* "show", "see", "hide", in front of what is to be seen. */
static bool is_view_verb(const struct pa_reading *reading, size_t at)
{
    return is_in(reading, &reading->rules->views, at) && !pa_token(reading, at)->is_used &&
           pa_token(reading, at + 1)->kind == LANG_WORD;
}

/* What the piece from `at` on asks for; false: it is none of these. */
static bool find_view(const struct pa_reading *reading, size_t at, size_t first, size_t end,
                      struct view *ret_view)
{
    bool is_verb = is_view_verb(reading, at);
    bool is_list = pa_is(reading, at, LANG_DETERMINER) && pa_is(reading, at + 1, LANG_GROUP) &&
                   pa_is_word(reading, at + 2, "of"); /* "a list of unpaid shoots first" */
    struct view view = { .end = at };

    if (at >= end || !starts_piece(reading, at, first) ||
        (!is_verb && !is_list && !is_measure(reading, at) && !is_superlative(reading, at)))
        return false;
    view.end = piece_end(reading, at, end);
    if (view.end < at + 2)
        return false;
    for (size_t i = at + is_verb; i < view.end; i++)
        view.is_total = view.is_total || is_measure(reading, i);
    if (!is_verb)
        view.is_total = view.is_total && has_chart(reading, at, view.end);
    view.is_ordered =
        ends_in_order(reading, view.end) && (is_verb || is_list || is_superlative(reading, at));
    view.is_partial = is_verb && pa_is_word(reading, at, "hide");
    *ret_view = view;
    return view.is_total || view.is_ordered || view.is_partial;
}

bool en_view_at(const struct pa_reading *reading, size_t at, size_t first, size_t end)
{
    struct view view;

    return find_view(reading, at, first, end, &view);
}

bool en_read_view(struct en_reader *reader)
{
    struct pa_reading *reading = reader->reading;
    struct lang_span words;
    struct view view;

    if (!find_view(reading, reader->at, reader->first, reader->end, &view))
        return false;
    words = lang_tokens_span(&reading->tokens, reader->at, view.end - reader->at);
    if (view.is_total)
        pa_ask(reading, "chart", words);
    if (view.is_ordered)
        pa_ask(reading, "sort", words);
    if (view.is_partial)
        pa_ask(reading, "filter", words);
    reader->at = view.end;
    return true;
}
