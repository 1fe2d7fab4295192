/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reading: what the two grammars make of a request, for the builder: noun phrases (items) and what
 * is said of them (statements). Both arrays are as long as the text has words, so nothing is
 * allocated while reading.
 */
#ifndef PA_READING_H
#define PA_READING_H

#include "rules.h"

#define PA_NONE SIZE_MAX
#define PA_MATCHES 256

/* Whether something is done by itself. */
enum pa_act {
    PA_ACT_NONE,
    PA_ACT_ASIDE, /* "a mascot that dances": unless the noun is known as a field */
    PA_ACT_VERB,  /* "predicts my spending", "a coach that motivates me" */
};

/* One noun phrase, with what stands around it that says something about a field. */
struct pa_item {
    size_t first, end;                 /* tokens of the phrase: "date of purchase" */
    size_t head_first, head_end;       /* tokens that tell its type: "date" */
    size_t from_first, from_end;       /* all its words, with quantifiers, units and options */
    size_t option_first, option_count; /* in pa_reading.options */
    size_t list_first, list_end;       /* tokens of the list in parentheses, when there is one */
    size_t whose_first, whose_end;     /* "donations made by sponsors": tokens of "sponsors" */
    bool is_many, is_plural, is_optional, is_required, is_each;
    bool is_question; /* "when I bought it": the phrase has no head */
    bool is_upload;   /* "photo upload" */
    bool is_done;     /* "mark as done" */
    bool is_counted;  /* "two teams": so many of each */
    bool is_owned;    /* "their orders": of what the list names before it */
    bool is_per;      /* "직원마다 일정이": each has its own, or several */
    bool is_actor;    /* of "customers place orders": a person, when nothing else is known */
    enum pa_act act;
    bool has_range;
    bool has_min, has_max; /* "(max 30)": one end only */
    double min, max;
    enum lang_case particle;     /* what a Korean phrase ends in */
    const char *hint;            /* a field type the words ask for, or NULL */
    const char *unit, *currency; /* or NULL */
};

enum pa_says {
    PA_TOPIC,  /* items: what the app is for */
    PA_HAS,    /* owner has items */
    PA_MANAGE, /* items are tracked, recorded */
    PA_LIST,   /* items just stand there */
    PA_RELATE, /* owner belongs to items */
    PA_JOIN,   /* owner refers to many of each item */
    PA_BY,     /* things are sorted, filtered or grouped by items */
};
struct pa_statement {
    enum pa_says says;
    size_t owner;        /* an item, or PA_NONE: the thing spoken of */
    size_t first, count; /* items */
    /* Of the list as a whole, by list.c: */
    bool has_attributes; /* fields among them that are nothing else */
    bool is_things;      /* nothing but plurals that name no field */
    size_t nouns;        /* that name something */
    bool is_shown;       /* PA_BY: "구역별로 보기": only those of one are shown */
};

/* A feature that a piece of the sentence asks for by its grammar: "priciest first". */
#define PA_ASKED 16
struct pa_asked {
    const char *feature;
    struct lang_span from;
};

struct pa_reading {
    const struct pa_rules *rules;
    const char *lang;
    struct lang_tokens tokens;           /* without those that name the app */
    const struct lang_frame *name_frame; /* what the app's own name is about, or NULL */
    struct lang_match matches[PA_MATCHES];
    size_t match_count;
    struct pa_asked asked[PA_ASKED];
    size_t asked_count;
    struct pa_item *items;
    size_t item_count, item_max;
    struct pa_statement *statements;
    size_t statement_count, statement_max;
    struct lang_span *options;
    size_t option_count, option_max;
};

/** Reads a text; `reading` is zeroed but for rules and lang. The text outlives it. */
int pa_read(struct pa_reading *reading, const char *text, size_t length, struct td_err *err);
void pa_reading_free(struct pa_reading *reading);

/* For the grammars. */

/** A token, or a mark that no text has when `at` is past the end. Never NULL. */
const struct lang_token *pa_token(const struct pa_reading *reading, size_t at);
bool pa_is(const struct pa_reading *reading, size_t at, uint32_t tags);
bool pa_is_mark(const struct pa_reading *reading, size_t at, char mark);
bool pa_is_word(const struct pa_reading *reading, size_t at, const char *word);
/** Whether a phrase for a feature or a wish ends in front of `at`. */
bool pa_ends_feature(const struct pa_reading *reading, size_t at);
/** Adds a statement about the items from `first` on to the last. */
void pa_say(struct pa_reading *reading, enum pa_says says, size_t owner, size_t first);
/** The same about `count` items. */
void pa_say_of(struct pa_reading *reading, enum pa_says says, size_t owner, size_t first,
               size_t count);
/** Notes a feature that is asked for; past PA_ASKED the others say enough. */
void pa_ask(struct pa_reading *reading, const char *feature, struct lang_span from);
/** Adds an item; NULL when there are as many as words. */
struct pa_item *pa_new_item(struct pa_reading *reading);
/** The token after the ")" that closes the "(" at `at`; `end` when none does. */
size_t pa_after_parentheses(const struct pa_reading *reading, size_t at, size_t end);
/** Reads "(...)": a unit, a range, flags, options. Returns the token after it. */
size_t pa_read_parentheses(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end);
/** Reads a range ("1 to 5", "1~5점") into the item; returns the token after it, or `at` when there
 * is none. */
size_t pa_read_range(const struct pa_reading *reading, struct pa_item *item, size_t at, size_t end);
/** Reads one end of a range ("max 30", "최대 20명"); returns the token after it, or `at`. */
size_t pa_read_bound(const struct pa_reading *reading, struct pa_item *item, size_t at, size_t end);
/** Whether such words stand at `at`. */
bool pa_is_bound(const struct pa_reading *reading, size_t at, size_t end);
/** Reads a unit or currency; returns the token after it, or `at`. */
size_t pa_read_unit(const struct pa_reading *reading, struct pa_item *item, size_t at, size_t end);
/** Adds one option from tokens [first, end), without articles and particles. */
void pa_add_option(struct pa_reading *reading, struct pa_item *item, size_t first, size_t end);

/** "photo upload" is a photo: leaves the upload out of the item's phrase. */
void pa_drop_upload(const struct pa_reading *reading, struct pa_item *item);

bool pa_ends_sentence(const struct pa_reading *reading, size_t at);

/* ---- overdue.c ---- */

/** Asks for due dates where records are spoken of whose date has passed. */
void pa_read_overdue(struct pa_reading *reading);

/* ---- modifier.c ---- */

/** Leaves out the matches whose words only describe the noun behind them. */
void pa_free_modifiers(struct pa_reading *reading);

/* ---- level.c ---- */

/** "books [title, author]", "{title, author}": read as "(title, author)". */
void pa_level_brackets(struct pa_reading *reading);
/** "customers - name, phone; orders - date": so are fields behind a dash. */
void pa_level_marks(struct pa_reading *reading);

/* ---- the grammars ---- */

void pa_read_english(struct pa_reading *reading, size_t first, size_t end);
void pa_read_korean(struct pa_reading *reading, size_t first, size_t end);
/** Reads one English noun phrase as a new item; returns the token after it, `at` and no item when
 * there is none. */
size_t pa_english_item(struct pa_reading *reading, size_t at, size_t end);
/** Reads a list of English noun phrases as items; returns the token after it. */
size_t pa_english_list(struct pa_reading *reading, size_t at, size_t end);
/** Whether a verb of belonging stands at `at`: "links to", "references a"; not the noun "link". */
bool pa_is_relation(const struct pa_reading *reading, size_t at);
/** Whether its last words name a thing that the frames know. */
bool pa_item_is_named(const struct pa_reading *reading, const struct pa_item *item);
/** "books (title, author)": whether it is a thing with all its fields in parentheses. */
bool pa_item_declares(const struct pa_reading *reading, const struct pa_item *item);
/** The type its words name, or NULL. */
const struct pa_type *pa_item_type(const struct pa_reading *reading, const struct pa_item *item);
/** Whether a plural noun that names no field stands in the item. */
bool pa_item_has_plural(const struct pa_reading *reading, size_t item);
/** Whether a verb with one of the tags stands at `at` as a verb, not as a noun ("track plants", not
 * "track record"). */
bool pa_is_english_verb(const struct pa_reading *reading, size_t at, size_t first, size_t end,
                        uint32_t tags);
/** Whether a Korean word asks what a field answers: "외웠는지". */
bool pa_is_whether(const struct pa_reading *reading, size_t at);
/** Whether a Korean verb stands inside a noun phrase: "먹는" of "약 먹는 시간". */
bool pa_is_inner_verb(const struct pa_reading *reading, size_t at);
/** Makes one verb of "들을 수 있다", and a place of "산 곳" in a list, before anything is read. */
void pa_join_korean(struct pa_reading *reading);
/** Whether a Korean verb stands at `at`. */
bool pa_is_korean_verb(const struct pa_reading *reading, size_t at);
/** Reads items up to the first that carries the particle of a case, or that no separator follows;
 * the token after. */
size_t pa_korean_list(struct pa_reading *reading, size_t at, size_t end);

#endif
