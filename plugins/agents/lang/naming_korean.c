/* SPDX-License-Identifier: Apache-2.0 */
/*
 * naming_korean: "X라는 앱", "X라고 부를 앱", "이름은 X", "앱 이름: X", "이름이 X인 앱".
 */
#include "naming.h"

#include <string.h>

#define QUOTING_BYTES 6 /* "란" alone ends too many nouns */

/* The length that stays of a word when "라는", "이라고" is taken off its end; 0: it has none. */
static size_t cut_quoting(const struct naming_reader *reader, const struct lang_token *token)
{
    size_t shortest = 0;
    size_t i;
    json_t *end;

    json_array_foreach (json_object_get(reader->lexicon->naming_rows, "quoting"), i, end) {
        size_t n = json_string_length(end);

        if (n >= QUOTING_BYTES && token->span.length > n &&
            memcmp(token->span.at + token->span.length - n, json_string_value(end), n) == 0 &&
            (shortest == 0 || token->span.length - n < shortest))
            shortest = token->span.length - n;
    }
    return shortest;
}

/* A word that a name without quotes may go over; "나의" where nothing else can be meant. */
static bool is_plain(const struct naming_reader *reader, size_t at, bool with_fillers)
{
    const struct lang_token *token = naming_token(reader, at);
    uint32_t stops = LANG_AND | LANG_PRONOUN | LANG_CREATE | LANG_EACH;

    if (!with_fillers)
        stops |= LANG_FILLER;
    return token->kind != LANG_PUNCT &&
           (token->particle == LANG_CASE_NONE || token->particle == LANG_CASE_POSSESSIVE) &&
           (token->tags & stops) == 0;
}

/* "이라는 필드가 있는 앱": the phrase ends at the field. */
static size_t phrase_end(const struct naming_reader *reader, size_t at)
{
    while (at < reader->end && naming_token(reader, at)->kind != LANG_PUNCT) {
        enum lang_case particle = naming_token(reader, at++)->particle;

        if (particle == LANG_CASE_SUBJECT || particle == LANG_CASE_OBJECT ||
            particle == LANG_CASE_TOPIC || particle == LANG_CASE_AND)
            break;
    }
    return at;
}

/* "라는" needs an app behind it, "라고" a word for calling; the token after both, or `at`. */
static size_t after_quoting(const struct naming_reader *reader, size_t at, bool is_saying)
{
    size_t after = naming_after(reader, at, LANG_NAMING_CALLING);

    if (is_saying) {
        while (after > at && naming_after(reader, after, LANG_NAMING_END) > after)
            after = naming_after(reader, after, LANG_NAMING_END);
        return after > at ? after : 0;
    }
    return after > at || naming_has_app(reader, at, phrase_end(reader, at)) ? after : 0;
}

static bool set(struct lang_naming *naming, size_t first, size_t end)
{
    naming->first = first;
    naming->count = end - first;
    return true;
}

static bool ends_in_go(const char *text, size_t length)
{
    return length >= strlen("고") && memcmp(text + length - strlen("고"), "고", strlen("고")) == 0;
}

/* ""X"라는 앱", "X라고 부를 앱" */
static bool read_quoting(const struct naming_reader *reader, size_t at, struct lang_naming *naming)
{
    const struct lang_token *token = naming_token(reader, at);
    size_t after = naming_quoted(reader, at, &naming->name);
    size_t first = at;
    size_t end;

    if (after > at) {
        const struct lang_token *mark = naming_token(reader, after);

        if (naming_after(reader, after, LANG_NAMING_QUOTING) != after + 1)
            return false;
        end = after_quoting(reader, after + 1, ends_in_go(mark->text, mark->length));
        return end > 0 && set(naming, at, end);
    }
    if (cut_quoting(reader, token) == 0)
        return false;
    end = after_quoting(reader, at + 1, ends_in_go(token->text, token->length));
    while (first > reader->first && at - first < LANG_NAME_WORDS &&
           is_plain(reader, first - 1, false))
        first--;
    naming->name = lang_tokens_span(reader->tokens, first, at + 1 - first);
    naming->name.length -= token->span.length - cut_quoting(reader, token);
    return end > 0 && set(naming, first, end);
}

static size_t skip_ends(const struct naming_reader *reader, size_t at)
{
    for (size_t after; (after = naming_after(reader, at, LANG_NAMING_END)) > at; at = after)
        ;
    while (naming_is_mark(reader, at, ','))
        at++;
    return at;
}

/* The end of a name without quotes behind "이름은": a word with "인", "이야", or with "으로" and
 * what goes with it. */
static size_t plain_name(const struct naming_reader *reader, size_t at, bool is_whole,
                         struct lang_span *ret_name)
{
    size_t first = at;

    while (at < reader->end && at - first < LANG_NAME_WORDS && is_plain(reader, at, is_whole))
        at++;
    if (at < reader->end && at - first < LANG_NAME_WORDS &&
        (naming_token(reader, at)->particle == LANG_CASE_IS ||
         (naming_token(reader, at)->particle == LANG_CASE_TO &&
          naming_after(reader, at + 1, LANG_NAMING_END | LANG_NAMING_CALLING) > at + 1))) {
        const struct lang_token *last = naming_token(reader, at);

        *ret_name = lang_tokens_span(reader->tokens, first, at + 1 - first);
        ret_name->length -= last->span.length - last->stem.length;
        return at + 1;
    }
    if (at == first || !is_whole || at < reader->end)
        return first;
    *ret_name = lang_tokens_span(reader->tokens, first, at - first);
    return at;
}

/* Behind a comma, or behind "앱인데", "앱이고". */
static bool starts_clause(const struct naming_reader *reader, size_t at)
{
    const struct lang_token *before = naming_token(reader, at > reader->first ? at - 1 : at);

    return at == reader->first || naming_is_mark(reader, at - 1, ',') ||
           (before->tags & (LANG_APP | LANG_AND)) != 0 || before->particle == LANG_CASE_IS ||
           before->ending == LANG_END_CONNECTIVE;
}

/* ""X" 앱" */
static bool read_beside_app(const struct naming_reader *reader, size_t at,
                            struct lang_naming *naming)
{
    size_t end = naming_quoted(reader, at, &naming->name);

    return end > at && naming_is(reader, end, LANG_APP) && set(naming, at, end);
}

/* "이름은 X", "앱 이름: X" */
static bool read_name_is(const struct naming_reader *reader, size_t at, struct lang_naming *naming)
{
    size_t after = naming_after(reader, at, LANG_NAMING_NOUN);
    bool is_whole = naming_after(reader, at, LANG_NAMING_WHOLE_NOUN) > at;
    bool is_colon = naming_is_mark(reader, after, ':');
    enum lang_case particle =
        after > at ? naming_token(reader, after - 1)->particle : LANG_CASE_NONE;
    size_t name = after + is_colon;
    size_t end;

    if (after == at || !naming_token(reader, after - 1)->is_hangul || !starts_clause(reader, at) ||
        (!is_colon && particle != LANG_CASE_TOPIC && particle != LANG_CASE_SUBJECT &&
         particle != LANG_CASE_OBJECT))
        return false;
    end = naming_quoted(reader, name, &naming->name);
    if (end == name)
        end = plain_name(reader, name, is_whole || (is_colon && at == 0 && !reader->is_only),
                         &naming->name);
    if (end == name || !naming_is_name(reader, name, end))
        return false;
    return set(naming, at, skip_ends(reader, end));
}

bool lang_find_korean_naming(const struct naming_reader *reader, struct lang_naming *ret_naming)
{
    for (size_t at = reader->first; at < reader->end; at++)
        if (read_name_is(reader, at, ret_naming) || read_quoting(reader, at, ret_naming) ||
            read_beside_app(reader, at, ret_naming))
            return true;
    return false;
}
