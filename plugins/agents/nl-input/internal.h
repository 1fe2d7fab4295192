/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: what the files of nl-input share. A `reading` is one normalised request with its words.
 */
#ifndef NL_INTERNAL_H
#define NL_INTERNAL_H

#include "understand.h"

/* What a phrase of constraints.json means. */
struct nl_meaning {
    const char *kind; /* "device"; "intent" for intents */
    const char *what; /* "phone" */
};

struct nl_rules {
    struct lang_lexicon *lexicon;
    json_t *file;            /* constraints.json */
    json_t *made;            /* keys of the map */
    struct lang_map phrases; /* key -> nl_meaning */
    struct nl_meaning *meanings;
    size_t meaning_count;
};

struct nl_reading {
    const struct nl_rules *rules;
    const char *text; /* normalised */
    size_t length;
    const char *lang;          /* "en" or "ko" */
    struct lang_tokens tokens; /* without those that name the app */
    bool is_named;             /* the request names its app */
    bool is_quoted;            /* in quotes, so it stays as it is */
    struct lang_span own_name;
    const struct lang_frame *name_frame; /* what the name's words are about, or NULL */
};

/** Fails unless the request is text of the right size. */
int nl_check(const struct nl_request *request, struct td_err *err);
/** "en" or "ko", by the share of the scripts and by small words. */
const char *nl_language(const struct lang_tokens *tokens);

/* What the app is called and where the request says so. */
struct nl_title {
    struct lang_span from; /* empty when the request does not say */
    size_t first, count;   /* the title's tokens; count 0 when it does not say */
};
struct nl_title nl_title_of(const struct nl_reading *reading);
/** The title without the verb in front of it, for a name: "본 영화 목록" is a list of movies. */
struct nl_title nl_bare_title(const struct nl_reading *reading, const struct nl_title *title);
/** new: the title that a name of one's own makes: "my-thing" is "My Thing"; NULL without memory. */
char *nl_own_title(struct lang_span name);
/** The text of a title, in `reading`'s language; new, end it with free(). */
char *nl_title_text(const struct nl_reading *reading, const struct nl_title *title);

/** new: the list of constraints; NULL without memory. */
json_t *nl_constraints(struct nl_reading *reading);
/** new: the request's sentences with their byte offsets; NULL without memory. */
json_t *nl_clauses(const struct nl_reading *reading);
/** "create", "change" or "question". */
const char *nl_intent(const struct nl_reading *reading);

#endif
