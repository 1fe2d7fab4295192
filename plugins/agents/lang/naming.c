/* SPDX-License-Identifier: Apache-2.0 */
/*
 * naming: where a request names its app: "call it X", "an app called X", "이름은 X". What says so,
 * and the name itself, are no words about what the app is for, so they are taken out of the tokens.
 */
#include "naming.h"

#include <ctype.h>
#include <string.h>

#define FILE_NAME "naming.json"
#define QUOTED_BYTES 90

static const struct {
    const char *key;
    unsigned bit;
} lists[] = {
    { "verbs", LANG_NAMING_VERB },       { "objects", LANG_NAMING_OBJECT },
    { "called", LANG_NAMING_CALLED },    { "nouns", LANG_NAMING_NOUN },
    { "quoting", LANG_NAMING_QUOTING },  { "whole_nouns", LANG_NAMING_WHOLE_NOUN },
    { "no_names", LANG_NAMING_NO_NAME }, { "calling", LANG_NAMING_CALLING },
    { "ends", LANG_NAMING_END },         { "with_name", LANG_NAMING_WITH_NAME },
};

static int load_list(struct lang_lexicon *lexicon, const char *key, unsigned bit,
                     struct td_err *err)
{
    json_t *list = lang_data_member(lexicon->naming_rows, FILE_NAME, key, JSON_ARRAY, err);
    size_t i;
    json_t *item;

    if (list == NULL || lang_data_check_texts(list, FILE_NAME, key, err) != 0)
        return -1;
    json_array_foreach (list, i, item) {
        char text[LANG_KEY];
        size_t length = lang_key_of(lexicon, json_string_value(item), text);
        const char *kept = lang_keep(lexicon, text, length);

        if (kept == NULL || lang_add_tag(&lexicon->naming, kept, bit) != 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate the word lists");
    }
    return 0;
}

int lang_naming_load(struct lang_lexicon *lexicon, struct td_err *err)
{
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (load_list(lexicon, lists[i].key, lists[i].bit, err) != 0)
            return -1;
    return 0;
}

/* ---- reading ---- */

const struct lang_token *naming_token(const struct naming_reader *reader, size_t at)
{
    static const struct lang_token past_the_end = { .kind = LANG_PUNCT, .text = "", .lemma = "" };

    return at < reader->end ? &reader->tokens->all[at] : &past_the_end;
}

bool naming_is(const struct naming_reader *reader, size_t at, uint32_t tags)
{
    return (naming_token(reader, at)->tags & tags) != 0;
}

bool naming_is_mark(const struct naming_reader *reader, size_t at, char mark)
{
    const struct lang_token *token = naming_token(reader, at);

    return token->kind == LANG_PUNCT && token->punct == mark;
}

size_t naming_after(const struct naming_reader *reader, size_t at, unsigned bits)
{
    size_t end = reader->end;

    while (at < end) { /* the longest phrase may be of another list: then a shorter one */
        size_t count;
        uintptr_t found = (uintptr_t)lang_find(reader->lexicon, &reader->lexicon->naming,
                                               reader->tokens, at, end, &count);

        if (found == 0)
            return at;
        if ((found & bits) != 0)
            return at + count;
        end = at + count - 1;
    }
    return at;
}

/* A single quote inside a word is an apostrophe. */
static bool is_closing(struct lang_span text, size_t at, char quote)
{
    return text.at[at] == quote &&
           (quote == '"' || at + 1 == text.length || !isalnum((unsigned char)text.at[at + 1]));
}

size_t naming_quoted(const struct naming_reader *reader, size_t at, struct lang_span *ret_name)
{
    struct lang_span text = reader->text;
    size_t start = (size_t)(naming_token(reader, at)->span.at - text.at);
    size_t close = start;
    size_t after = at;

    if (at >= reader->end || start == 0 ||
        (text.at[start - 1] != '"' && text.at[start - 1] != '\''))
        return at;
    while (close < text.length && close - start < QUOTED_BYTES && text.at[close] != '\n' &&
           !is_closing(text, close, text.at[start - 1]))
        close++;
    if (close == text.length || !is_closing(text, close, text.at[start - 1]))
        return at;
    while (after < reader->tokens->count && reader->tokens->all[after].span.at < text.at + close)
        after++;
    *ret_name = lang_span_trim((struct lang_span){ text.at + start, close - start });
    return after;
}

bool naming_is_name(const struct naming_reader *reader, size_t first, size_t end)
{
    for (size_t at = first; at < end; at++)
        if (naming_after(reader, at, LANG_NAMING_NO_NAME) > at ||
            naming_is(reader, at, LANG_OPTIONAL | LANG_REQUIRED))
            return false;
    return end > first;
}

bool naming_has_app(const struct naming_reader *reader, size_t first, size_t end)
{
    for (size_t at = first; at < end; at++)
        if (naming_is(reader, at, LANG_APP | LANG_KIND))
            return true;
    return false;
}

static bool ends_sentence(const struct lang_token *token)
{
    return token->kind == LANG_PUNCT &&
           (token->punct == '.' || token->punct == '\n' || token->punct == ';');
}

/* "오늘 뭐 먹지?": a mark in a name ends no sentence. Only a name's length is looked at. */
static bool is_quoted(struct lang_span text, const struct lang_token *mark)
{
    const char *start =
        mark->span.at - text.at > QUOTED_BYTES ? mark->span.at - QUOTED_BYTES : text.at;
    size_t rest = (size_t)(text.at + text.length - mark->span.at);
    bool is_open = false;

    if (mark->punct == '\n')
        return false;
    for (const char *at = mark->span.at; at > start && at[-1] != '\n'; at--)
        is_open = is_open != (at[-1] == '"');
    return is_open && memchr(mark->span.at, '"', rest < QUOTED_BYTES ? rest : QUOTED_BYTES) != NULL;
}

bool lang_find_naming(const struct lang_lexicon *lexicon, const struct lang_tokens *tokens,
                      struct lang_span text, struct lang_naming *ret_naming)
{
    struct naming_reader reader = { .lexicon = lexicon, .tokens = tokens, .text = text };

    for (size_t first = 0; first < tokens->count; first = reader.end + 1) {
        reader.first = reader.end = first;
        while (reader.end < tokens->count && (!ends_sentence(&tokens->all[reader.end]) ||
                                              is_quoted(text, &tokens->all[reader.end])))
            reader.end++;
        reader.is_only = first == 0 && reader.end + 1 >= tokens->count;
        if (lang_find_english_naming(&reader, ret_naming) ||
            lang_find_korean_naming(&reader, ret_naming)) {
            const char *name = ret_naming->name.at;

            ret_naming->is_quoted = name > text.at && (name[-1] == '"' || name[-1] == '\'');
            return true;
        }
    }
    return false;
}

void lang_cut_naming(struct lang_tokens *tokens, const struct lang_naming *naming)
{
    memmove(tokens->all + naming->first, tokens->all + naming->first + naming->count,
            (tokens->count - naming->first - naming->count) * sizeof(*tokens->all));
    tokens->count -= naming->count;
}
