/* SPDX-License-Identifier: Apache-2.0 */
/*
 * naming_english: "call it X", "an app called X", "the name is X", "Name: X", ""X", an app with".
 */
#include "naming.h"

#include <ctype.h>
#include <string.h>

#define STOPS                                                                                      \
    (LANG_AND | LANG_OR | LANG_WITH | LANG_PRONOUN | LANG_MODAL | LANG_HAS | LANG_BREAK |          \
     LANG_QUESTION | LANG_PREPOSITION | LANG_NEGATION | LANG_FILLER | LANG_EACH)
#define OPENING 8 /* words */
#define SUBJECT (LANG_MODAL | LANG_PRONOUN | LANG_FILLER | LANG_DETERMINER | LANG_APP | LANG_CREATE)

static bool is_capital(const struct naming_reader *reader, size_t at)
{
    const struct lang_token *token = naming_token(reader, at);

    return token->kind != LANG_PUNCT &&
           (isupper((unsigned char)token->span.at[0]) || token->kind == LANG_NUMBER);
}

static bool is_joint(const struct naming_reader *reader, size_t at)
{
    return (naming_is_mark(reader, at, '-') || naming_is_mark(reader, at, '&') ||
            naming_is_mark(reader, at, '+')) &&
           naming_token(reader, at)->is_glued == naming_token(reader, at + 1)->is_glued &&
           naming_token(reader, at + 1)->kind == LANG_WORD &&
           (naming_token(reader, at)->is_glued || naming_is_mark(reader, at, '&'));
}

/* "of", "and" between two words with a capital. */
static bool is_small_between(const struct naming_reader *reader, size_t at)
{
    return naming_is(reader, at, LANG_PREPOSITION | LANG_AND | LANG_DETERMINER) &&
           (is_capital(reader, at + 1) ||
            (naming_is(reader, at + 1, LANG_DETERMINER) && is_capital(reader, at + 2)));
}

/* A name without quotes: words with capitals, or, when `any`, whatever comes before the clause goes
 * on. Returns the token after it. */
static size_t plain_name(const struct naming_reader *reader, size_t at, bool any,
                         struct lang_span *ret_name)
{
    size_t first = at;
    bool has_capital = is_capital(reader, at);

    if (!has_capital && !any)
        return first;
    while (at < reader->end && at - first < LANG_NAME_WORDS) {
        bool is_word =
            naming_token(reader, at)->kind != LANG_PUNCT && !naming_token(reader, at)->is_hangul &&
            (is_capital(reader, at) || (any && !naming_is(reader, at, STOPS | LANG_DETERMINER)));

        if (!is_word && !(at > first && is_joint(reader, at)) &&
            !(at > first && has_capital && is_small_between(reader, at)))
            break;
        at++;
    }
    if (at > first)
        *ret_name = lang_tokens_span(reader->tokens, first, at - first);
    return at;
}

static size_t read_name(const struct naming_reader *reader, size_t at, bool any,
                        struct lang_span *ret_name)
{
    size_t after = naming_quoted(reader, at, ret_name);

    return after > at ? after : plain_name(reader, at, any, ret_name);
}

/* What joins the naming to what comes next: "and", a comma, a dash, a colon. */
static size_t skip_joint(const struct naming_reader *reader, size_t at)
{
    while (naming_is_mark(reader, at, ',') || naming_is_mark(reader, at, ':') ||
           naming_is_mark(reader, at, '-') || naming_is(reader, at, LANG_AND) ||
           (naming_is(reader, at, LANG_FILLER | LANG_MODAL) &&
            naming_token(reader, at + 1)->kind == LANG_PUNCT))
        at++;
    return at;
}

static bool starts_clause(const struct naming_reader *reader, size_t at)
{
    return at == reader->first || naming_token(reader, at - 1)->kind == LANG_PUNCT ||
           naming_is(reader, at - 1, LANG_AND);
}

/* Back over "please", "I want to", "the app should". */
static size_t clause_start(const struct naming_reader *reader, size_t at)
{
    while (!starts_clause(reader, at) && naming_is(reader, at - 1, SUBJECT))
        at--;
    return at;
}

static void set(struct lang_naming *naming, size_t first, size_t end)
{
    naming->first = first;
    naming->count = end - first;
}

/* A clause of its own goes with the "and" or the comma that joins it. */
static bool take_clause(const struct naming_reader *reader, size_t first, size_t end,
                        struct lang_naming *naming)
{
    size_t start = clause_start(reader, first);

    if (!starts_clause(reader, start))
        return false;
    end =
        start == reader->first || naming_is(reader, end, LANG_AND) ? skip_joint(reader, end) : end;
    while (start > reader->first &&
           (naming_is(reader, start - 1, LANG_AND) || naming_is_mark(reader, start - 1, ',')) &&
           end == reader->end)
        start--;
    set(naming, start, end);
    return true;
}

/* "it", "this app", "my tracker" */
static size_t after_object(const struct naming_reader *reader, size_t at)
{
    if (naming_is(reader, at, LANG_DETERMINER) && naming_is(reader, at + 1, LANG_APP | LANG_KIND) &&
        !is_capital(reader, at + 1))
        return at + 2;
    return naming_after(reader, at, LANG_NAMING_OBJECT);
}

/* "call it X", "please name the app X" */
static bool read_call(const struct naming_reader *reader, size_t at, struct lang_naming *naming)
{
    size_t object = naming_after(reader, at, LANG_NAMING_VERB);
    size_t name = after_object(reader, object);
    size_t end;

    if (object == at || name == object)
        return false;
    if (strcmp(naming_token(reader, name)->text, "as") == 0 || naming_is_mark(reader, name, ':'))
        name++;
    end = read_name(reader, name, true, &naming->name);
    return end > name && take_clause(reader, at, end, naming);
}

static bool is_be(const struct naming_reader *reader, size_t at)
{
    const char *text = naming_token(reader, at)->text;

    return strcmp(text, "is") == 0 || strcmp(text, "be") == 0 || strcmp(text, "it's") == 0 ||
           strcmp(text, "that's") == 0;
}

/* "a CRM called X": what the request begins with is the app. */
static bool is_opening(const struct naming_reader *reader, size_t at)
{
    bool has_article = false;

    if (reader->first > 0 || at > OPENING)
        return false;
    for (size_t i = 0; i < at; i++) {
        if (naming_token(reader, i)->kind == LANG_PUNCT ||
            naming_is(reader, i, LANG_PREPOSITION | LANG_MANAGE | LANG_WITH | LANG_HAS))
            return false;
        has_article = has_article || naming_is(reader, i, LANG_DETERMINER);
    }
    return has_article;
}

/* Whose name it is: "an app called X", "a log for my family named X"; not "my dog called X". */
static bool is_app_before(const struct naming_reader *reader, size_t at)
{
    return at > reader->first &&
           (naming_is(reader, at - 1, LANG_APP | LANG_KIND | LANG_PERSON) ||
            strcmp(naming_token(reader, at - 1)->text, "project") == 0 || is_opening(reader, at));
}

/* "an app called X", "the app should be called X" */
static bool read_called(const struct naming_reader *reader, size_t at, struct lang_naming *naming)
{
    size_t called = naming_after(reader, at, LANG_NAMING_CALLED);
    size_t name = called > at ? called : naming_after(reader, at, LANG_NAMING_WITH_NAME);
    bool is_clause = at > reader->first && is_be(reader, at - 1);
    size_t end;

    if (name == at || (!is_clause && !is_app_before(reader, at)))
        return false;
    end = read_name(reader, name, called > at && (is_clause || naming_is(reader, at - 1, LANG_APP)),
                    &naming->name);
    if (end == name)
        return false;
    if (is_clause)
        return naming_has_app(reader, clause_start(reader, at), at) ||
                       naming_is(reader, clause_start(reader, at), LANG_PRONOUN)
                   ? take_clause(reader, at, end, naming)
                   : false;
    set(naming, at, end);
    return true;
}

/* "a title": the article, and "the name of". */
static size_t skip_determiner(const struct naming_reader *reader, size_t at)
{
    return naming_is(reader, at, LANG_DETERMINER) ? at + 1 : at;
}

/* "Name: text" says of a field what it is; "Name: Larder, a pantry app" does not. */
static bool is_value(const struct naming_reader *reader, size_t first, size_t end)
{
    if (!naming_is_name(reader, first, end) ||
        (reader->first > 0 && (end < reader->end || !is_capital(reader, first))))
        return false;
    if (end < reader->end &&
        !(naming_is_mark(reader, end, ',') || naming_is_mark(reader, end, '-')))
        return false;
    return end == reader->end ? !reader->is_only
                              : naming_is(reader, end + 1, LANG_DETERMINER) &&
                                    naming_has_app(reader, end + 1, reader->end);
}

/* "Name: X.", "The name is X", "App title: X" */
static bool read_name_is(const struct naming_reader *reader, size_t at, struct lang_naming *naming)
{
    size_t noun = skip_determiner(reader, at);
    size_t after = naming_after(reader, noun, LANG_NAMING_NOUN);
    bool is_whole = naming_after(reader, noun, LANG_NAMING_WHOLE_NOUN) > noun;
    bool is_colon = naming_is_mark(reader, after, ':') || naming_is_mark(reader, after, '=');
    size_t name = after;
    size_t end;

    if (after == noun || !starts_clause(reader, at) || naming_token(reader, noun)->is_hangul)
        return false;
    while (is_colon ? name == after : naming_is(reader, name, LANG_MODAL))
        name++;
    if (name == after)
        return false;
    end = read_name(reader, name, is_colon, &naming->name);
    if (end == name)
        return false;
    if (naming_quoted(reader, name, &naming->name) == name &&
        (is_colon && !is_whole ? at > reader->first || !is_value(reader, name, end)
                               : !naming_is_name(reader, name, end)))
        return false;
    return take_clause(reader, at, end, naming);
}

/* ""X": a pantry app with", "Build "X", a log of", "X - a diary for" */
static bool read_leading(const struct naming_reader *reader, struct lang_naming *naming)
{
    size_t at = reader->first;
    size_t end;
    size_t noun;

    if (at > 0)
        return false;
    while (naming_is(reader, at, LANG_CREATE | LANG_PRONOUN | LANG_MODAL | LANG_FILLER) &&
           naming_token(reader, at)->kind == LANG_WORD &&
           naming_quoted(reader, at, &naming->name) == at)
        at++;
    end = naming_quoted(reader, at, &naming->name);
    if (end == at && at == 0)
        end = plain_name(reader, at, false, &naming->name);
    if (end == at || (!naming_is_mark(reader, end, ':') && !naming_is_mark(reader, end, ',') &&
                      !naming_is_mark(reader, end, '-')))
        return false;
    noun = end + 1;
    if (!naming_is(reader, noun, LANG_DETERMINER))
        return false;
    for (noun++; noun < reader->end && !naming_is(reader, noun, LANG_APP | LANG_KIND); noun++)
        if (naming_token(reader, noun)->kind == LANG_PUNCT ||
            naming_is(reader, noun, LANG_WITH | LANG_HAS | LANG_PREPOSITION | LANG_PRONOUN))
            return false;
    if (noun == reader->end || ((noun < end + 3 || naming_is(reader, noun - 1, LANG_FILLER)) &&
                                strcmp(naming_token(reader, noun + 1)->text, "of") != 0))
        return false; /* "Books: a list with": the list says nothing of what is in it */
    set(naming, 0, end + 1);
    return true;
}

/* "a "X" app", "the app "X"" */
static bool read_beside_app(const struct naming_reader *reader, size_t at,
                            struct lang_naming *naming)
{
    size_t end = naming_quoted(reader, at, &naming->name);

    if (end == at || (!naming_is(reader, end, LANG_APP) &&
                      (at == reader->first || !naming_is(reader, at - 1, LANG_APP))))
        return false;
    set(naming, at, end);
    return true;
}

bool lang_find_english_naming(const struct naming_reader *reader, struct lang_naming *ret_naming)
{
    if (read_leading(reader, ret_naming))
        return true;
    for (size_t at = reader->first; at < reader->end; at++)
        if (!naming_token(reader, at)->is_hangul &&
            (read_call(reader, at, ret_naming) || read_called(reader, at, ret_naming) ||
             read_name_is(reader, at, ret_naming) || read_beside_app(reader, at, ret_naming)))
            return true;
    return false;
}
