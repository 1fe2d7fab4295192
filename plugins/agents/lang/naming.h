/* SPDX-License-Identifier: Apache-2.0 */
/*
 * naming: what the files that look for the app's own name share; for lang's own files only.
 */
#ifndef LANG_NAMING_H
#define LANG_NAMING_H

#include "lexicon.h"

#define LANG_NAME_WORDS 6 /* of a name that no quotes end */

/* What a phrase of naming.json is for. */
enum lang_naming_word {
    LANG_NAMING_VERB = 1 << 0,       /* call, name */
    LANG_NAMING_OBJECT = 1 << 1,     /* it, the app */
    LANG_NAMING_CALLED = 1 << 2,     /* called, named */
    LANG_NAMING_NOUN = 1 << 3,       /* name, "앱 이름" */
    LANG_NAMING_WHOLE_NOUN = 1 << 4, /* of those, the ones that can be of an app only */
    LANG_NAMING_NO_NAME = 1 << 5,    /* "required": what is said of a field called "name" */
    LANG_NAMING_QUOTING = 1 << 6,    /* "라는" */
    LANG_NAMING_CALLING = 1 << 7,    /* "부를", behind the one before */
    LANG_NAMING_END = 1 << 8,        /* "으로 해줘", behind a name */
    LANG_NAMING_WITH_NAME = 1 << 9,  /* "with the name", when it goes on with a name */
};

/* One sentence. Lives during one lang_find_naming. */
struct naming_reader {
    const struct lang_lexicon *lexicon;
    const struct lang_tokens *tokens;
    struct lang_span text;
    size_t first, end; /* tokens of the sentence */
    bool is_only;      /* the request has no other sentence */
};

const struct lang_token *naming_token(const struct naming_reader *reader, size_t at);
bool naming_is(const struct naming_reader *reader, size_t at, uint32_t tags);
bool naming_is_mark(const struct naming_reader *reader, size_t at, char mark);
/** The token after a phrase of naming.json with one of the bits; `at` when there is none. */
size_t naming_after(const struct naming_reader *reader, size_t at, unsigned bits);
/** Reads a name in quotes that starts with the token `at`; the token after it, or `at`. */
size_t naming_quoted(const struct naming_reader *reader, size_t at, struct lang_span *ret_name);
/** Whether the words [first, end) have only what can be a name: no word for a kind of field. */
bool naming_is_name(const struct naming_reader *reader, size_t first, size_t end);
/** Whether a word for "app" stands in [first, end). */
bool naming_has_app(const struct naming_reader *reader, size_t first, size_t end);

bool lang_find_english_naming(const struct naming_reader *reader, struct lang_naming *ret_naming);
bool lang_find_korean_naming(const struct naming_reader *reader, struct lang_naming *ret_naming);

#endif
