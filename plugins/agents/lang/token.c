/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token: splits a text into words, numbers and marks, and tags each word. All memory is taken
 * before the first word is read: no text needs more than one token and eight bytes of words a byte.
 */
#include "lexicon.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum char_class { CLASS_SPACE, CLASS_LETTER, CLASS_DIGIT, CLASS_MARK, CLASS_SYMBOL };

/* Marks the grammar reads, and what they are the same as. */
static char mark_of(uint32_t c)
{
    switch (c) {
    case ',':
    case 0x00B7:
    case 0x318D:
    case 0x30FB:
    case 0xFF65: /* middle dots separate a Korean list */
        return ',';
    case '.':
    case '!':
    case '?':
    case '\n':
        return c == '\n' ? '\n' : '.';
    case 0x2022:
    case 0x25AA:
    case 0x25CF:
    case 0x2023:
    case '*': /* bullets */
        return '\n';
    case '(':
    case '[':
    case '{':
        return '(';
    case ')':
    case ']':
    case '}':
        return ')';
    case '-':
    case 0x2013:
    case 0x2014:
    case 0x2012:
        return '-';
    case '~':
    case 0x301C:
    case 0x223C:
        return '~';
    case ':':
    case ';':
    case '/':
    case '&':
    case '+':
    case '|':
    case '=':
        return (char)c;
    default:
        return c >= 0x3131 && c <= 0x318E ? '.' : '\0'; /* "ㅎㅎ": ends what was said */
    }
}

static bool is_currency(uint32_t c)
{
    return c == '$' || c == '%' || c == 0xA3 || c == 0xA5 || c == 0x20A9 || c == 0x20AC ||
           c == 0x20B9;
}

static enum char_class class_of(uint32_t c)
{
    utf8proc_category_t category;

    if (c == ' ')
        return CLASS_SPACE;
    if (mark_of(c) != '\0')
        return CLASS_MARK;
    if (is_currency(c))
        return CLASS_SYMBOL;
    category = utf8proc_category((utf8proc_int32_t)c);
    if (category == UTF8PROC_CATEGORY_ND)
        return CLASS_DIGIT;
    if ((category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO))
        return CLASS_LETTER;
    return CLASS_SPACE; /* emoji, quotes, other signs */
}

/* Where the reader stands. */
struct reader {
    const struct lang_lexicon *lexicon;
    const char *text;
    size_t length, at;
    bool is_glued;
    struct lang_tokens *tokens;
};

static uint32_t peek(const struct reader *reader, size_t at, size_t *ret_used)
{
    uint32_t c;

    *ret_used = lang_utf8_next(reader->text + at, reader->length - at, &c);
    return *ret_used > 0 ? c : 0;
}

static bool is_letter_at(const struct reader *reader, size_t at)
{
    size_t used;
    uint32_t c = peek(reader, at, &used);

    return used > 0 && (class_of(c) == CLASS_LETTER || class_of(c) == CLASS_DIGIT);
}

static bool is_digit_at(const struct reader *reader, size_t at)
{
    size_t used;
    uint32_t c = peek(reader, at, &used);

    return used > 0 && class_of(c) == CLASS_DIGIT;
}

/* Inside a word: an apostrophe, or a dot as in "node.js", between letters. In front of Hangul it
 * ends a quotation or a sentence. */
static bool joins_letters(const struct reader *reader, size_t at)
{
    char c = reader->text[at];

    return (c == '\'' || c == '.' || c == '_') && at + 1 < reader->length &&
           is_letter_at(reader, at + 1) &&
           !(c != '_' && lang_has_hangul((struct lang_span){
                             reader->text + at + 1,
                             reader->length - at - 1 > 4 ? 3 : reader->length - at - 1 }));
}

/* "w/o" and "w/": how "without" and "with" are written in a hurry. 0: none stands at `at`. */
static size_t short_with(const struct reader *reader, size_t at)
{
    size_t end = at + 2;

    if (end > reader->length || (reader->text[at] | 0x20) != 'w' || reader->text[at + 1] != '/')
        return 0;
    if (end < reader->length && (reader->text[end] | 0x20) == 'o' && !is_letter_at(reader, end + 1))
        return end + 1;
    return end == reader->length || reader->text[end] == ' ' ? end : 0;
}

static size_t word_end(const struct reader *reader, size_t at)
{
    size_t known = reader->is_glued ? 0 : short_with(reader, at);
    bool is_hangul = false;

    if (known > 0)
        return known;
    for (size_t used; at < reader->length; at += used) {
        uint32_t c = peek(reader, at, &used);

        if (used == 0)
            return at;
        if (class_of(c) != CLASS_LETTER && class_of(c) != CLASS_DIGIT && !joins_letters(reader, at))
            return at;
        if (c < 0x80 && class_of(c) == CLASS_LETTER && is_hangul)
            return at; /* "주행거리km" */
        is_hangul = lang_is_hangul(c);
    }
    return at;
}

static size_t number_end(const struct reader *reader, size_t at)
{
    while (at < reader->length) {
        char c = reader->text[at];

        if (!is_digit_at(reader, at) &&
            !((c == '.' || c == ',') && at + 1 < reader->length && is_digit_at(reader, at + 1)))
            return at;
        at++;
    }
    return at;
}

static struct lang_token *new_token(struct reader *reader, enum lang_kind kind, size_t start,
                                    size_t end)
{
    struct lang_token *token = &reader->tokens->all[reader->tokens->count++];

    token->kind = kind;
    token->is_glued = reader->is_glued;
    token->span = (struct lang_span){ reader->text + start, end - start };
    token->stem = token->span;
    token->text = "";
    token->lemma = "";
    reader->at = end;
    reader->is_glued = true;
    return token;
}

/* Copies a word in lower case into the pool; letters whose lower case has another length stay. */
static const char *lower(struct reader *reader, struct lang_span word)
{
    char *out = reader->tokens->pool + reader->tokens->pool_used;
    uint32_t c;

    memcpy(out, word.at, word.length);
    out[word.length] = '\0';
    for (size_t at = 0, used; at < word.length; at += used) {
        utf8proc_uint8_t bytes[4];

        used = lang_utf8_next(word.at + at, word.length - at, &c);
        if (used == 0)
            break;
        if (utf8proc_encode_char(utf8proc_tolower((utf8proc_int32_t)c), bytes) ==
            (utf8proc_ssize_t)used)
            memcpy(out + at, bytes, used);
    }
    reader->tokens->pool_used += word.length + 1;
    return out;
}

static void read_english(struct reader *reader, struct lang_token *token)
{
    char *lemma = reader->tokens->pool + reader->tokens->pool_used;

    lang_lemma(reader->lexicon, token->text, token->length, lemma);
    reader->tokens->pool_used += strlen(lemma) + 1;
    token->lemma = lemma;
    token->tags = lang_tags_of(&reader->lexicon->tags_en, token->text, token->length);
    if (token->tags ==
        0) /* "tools" and "books" are things, "a tool" may be the app, a "log book" too */
        token->tags = lang_tags_of(&reader->lexicon->tags_en, lemma, strlen(lemma)) &
                      ~(uint32_t)(LANG_APP | LANG_KIND);
}

static void read_word(struct reader *reader)
{
    struct lang_token *token =
        new_token(reader, LANG_WORD, reader->at, word_end(reader, reader->at));

    token->text = lower(reader, token->span);
    token->length = (uint32_t)token->span.length;
    token->is_hangul = lang_has_hangul(token->span);
    if (!token->is_hangul) {
        read_english(reader, token);
        return;
    }
    token->span.length = lang_korean_word(reader->lexicon, token);
    if (token->span.length < token->length) { /* the rest is a kind word: read it next */
        reader->at -= token->length - token->span.length;
        token->text = lower(reader, token->span);
        token->length = (uint32_t)token->span.length;
    }
    token->lemma = lower(reader, token->stem);
}

static void read_one(struct reader *reader)
{
    size_t used;
    uint32_t c = peek(reader, reader->at, &used);
    struct lang_token *token;

    switch (class_of(c)) {
    case CLASS_LETTER:
        read_word(reader);
        break;
    case CLASS_DIGIT:
        token = new_token(reader, LANG_NUMBER, reader->at, number_end(reader, reader->at + used));
        token->text = token->lemma = lower(reader, token->span);
        token->length = (uint32_t)token->span.length;
        break;
    case CLASS_MARK:
        new_token(reader, LANG_PUNCT, reader->at, reader->at + used)->punct = mark_of(c);
        break;
    case CLASS_SYMBOL:
        token = new_token(reader, LANG_WORD, reader->at, reader->at + used);
        token->text = token->lemma = lower(reader, token->span);
        token->length = (uint32_t)used;
        break;
    case CLASS_SPACE:
        reader->at += used;
        reader->is_glued = false;
        break;
    }
}

/* A word needs its text, perhaps once more when it is cut, and its lemma: each its length and a few
 * bytes. */
/* "a tool library, every tool": where tools are spoken of, a tool is one of them and no app. */
static void free_apps(struct lang_tokens *tokens)
{
    for (size_t i = 0; i < tokens->count; i++) {
        const struct lang_token *plural = &tokens->all[i];

        if (plural->kind != LANG_WORD || plural->is_hangul ||
            strcmp(plural->text, plural->lemma) == 0 || strcmp(plural->lemma, "tool") != 0)
            continue;
        for (size_t at = 0; at < tokens->count; at++)
            if (tokens->all[at].kind == LANG_WORD &&
                strcmp(tokens->all[at].text, plural->lemma) == 0)
                tokens->all[at].tags &= ~(uint32_t)LANG_APP;
        return;
    }
}

int lang_tokenise(const struct lang_lexicon *lexicon, const char *text, size_t length,
                  struct lang_tokens *ret_tokens, struct td_err *err)
{
    struct lang_tokens tokens = { calloc(length + 1, sizeof(*tokens.all)), 0,
                                  malloc(16 * length + 64), 0 };
    struct reader reader = { lexicon, text, length, 0, false, &tokens };
    size_t bad_at;

    if (tokens.all == NULL || tokens.pool == NULL) {
        lang_tokens_free(&tokens);
        return td_fail(err, TD_E_NOMEM, "could not allocate the words of a text of %zu bytes",
                       length);
    }
    if (!lang_utf8_check(text, length, &bad_at)) {
        lang_tokens_free(&tokens);
        return td_fail(err, TD_E_INVAL, "the text is not UTF-8 at byte %zu", bad_at);
    }
    while (reader.at < length)
        read_one(&reader);
    lang_join_nouns(lexicon, &tokens);
    lang_join_compounds(lexicon, &tokens);
    free_apps(&tokens);
    *ret_tokens = tokens;
    return 0;
}

void lang_tokens_free(struct lang_tokens *tokens)
{
    free(tokens->all);
    free(tokens->pool);
    *tokens = (struct lang_tokens){ 0 };
}

struct lang_span lang_tokens_span(const struct lang_tokens *tokens, size_t first, size_t count)
{
    const char *start = tokens->all[first].span.at;
    struct lang_span last = tokens->all[first + count - 1].span;

    return (struct lang_span){ start, (size_t)(last.at + last.length - start) };
}
