/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lang: what the agents that read English and Korean share: text, words, noun phrases' pieces and
 * phrase lists.
 *
 * Everything it knows about the two languages stands in data/ (english.json, korean.json,
 * words.json, frames.json, features.json, naming.json), read once into a lexicon that is never
 * written again, so threads share it. It keeps no other state, and a function that takes no `err`
 * allocates nothing. Texts are UTF-8 and need no final NUL: they are spans.
 */
#ifndef LANG_H
#define LANG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tdev/err.h>

#define LANG_NAME 48     /* bytes of an identifier, with the NUL */
#define LANG_KEY 96      /* bytes of a key that is looked up, with the NUL */
#define LANG_SENTENCE 32 /* words of a phrase at most */

/* A piece of a text somebody else owns. */
struct lang_span {
    const char *at;
    size_t length;
};

/** The span of a C string; of NULL, an empty one. */
struct lang_span lang_span_of(const char *text);
bool lang_span_is(struct lang_span span, const char *text);
/** The span without white space at both ends. */
struct lang_span lang_span_trim(struct lang_span span);

/* A text that grows. Zero-initialised is valid and empty; after a failed allocation it stays as it
 * is and says so. */
struct lang_buf {
    char *data; /* ends with a NUL once anything was added */
    size_t length, capacity;
    bool is_failed;
};

void lang_buf_add(struct lang_buf *buf, const char *data, size_t length);
void lang_buf_add_text(struct lang_buf *buf, const char *text);
void lang_buf_add_code_point(struct lang_buf *buf, uint32_t code_point);
void lang_buf_free(struct lang_buf *buf);

/* Byte-string keys to pointers. Zero-initialised is valid and empty. Keys are borrowed: they
 * outlive the map. */
struct lang_map_slot {
    const char *key; /* NULL: empty */
    uint32_t key_length, hash;
    const void *value;
};
struct lang_map {
    struct lang_map_slot *slots;
    size_t capacity, count;
};

const void *lang_map_get(const struct lang_map *map, const char *key, size_t length);
/** Sets a key, over what was there; returns -1 without memory. */
int lang_map_set(struct lang_map *map, const char *key, size_t length, const void *value);
void lang_map_free(struct lang_map *map);

/* ---- text ---- */

/** Reads one code point; returns its bytes, 0 at the end or when the bytes are not UTF-8
 * (surrogates are not). */
size_t lang_utf8_next(const char *text, size_t length, uint32_t *ret_code_point);
/** Whether all of it is UTF-8; *ret_bad_at is the offset of the first byte that is not. */
bool lang_utf8_check(const char *text, size_t length, size_t *ret_bad_at);
/**
 * Normalises: NFC, full-width forms to plain ones, curly quotes to straight ones, runs of blanks to
 * one, line ends to
 * "\n", no white space at the ends. The text must be UTF-8.
 *
 * ret_text  new; end it with free()
 */
int lang_normalise(const char *text, size_t length, char **ret_text, struct td_err *err);
bool lang_is_hangul(uint32_t code_point);
/** Whether the text has a Hangul syllable. */
bool lang_has_hangul(struct lang_span text);
/* How a Korean word ends, which decides the form of the particle after it. */
enum lang_final { LANG_FINAL_OPEN, LANG_FINAL_CLOSED, LANG_FINAL_RIEUL, LANG_FINAL_UNSURE };
enum lang_final lang_final_of(struct lang_span word);
/** Adds the particle that fits a word: `forms` is "을/를", the one behind a final consonant first.
 * A word in Latin letters or digits counts as it is read aloud. */
void lang_add_particle(struct lang_buf *out, struct lang_span word, struct lang_span forms);
/** Writes a word with the syllables of Hangul in Latin letters (Revised Romanization), cut to
 * `size` with its NUL. */
void lang_romanise(struct lang_span word, char *ret_text, size_t size);

/* ---- data files ---- */

/**
 * Reads `folder`/data/`name`, or, in a source tree, `folder`/../lang/data/`name`. Returns a new
 * reference to an object. err: TD_E_IO, TD_E_CONFIG; the text names the file, and line and column
 * of a mistake.
 */
json_t *lang_data_read(const char *folder, const char *name, struct td_err *err);
/** A member of the right type, borrowed; else NULL, with an error that names file and key. */
json_t *lang_data_member(const json_t *object, const char *file, const char *key, json_type type,
                         struct td_err *err);
/** Fails, naming file and key, unless `list` is an array of strings with at least one byte each. */
int lang_data_check_texts(const json_t *list, const char *file, const char *key,
                          struct td_err *err);

/* ---- words ---- */

/* What a word may be. A word has as many tags as it has uses; the grammar decides. */
enum lang_tag {
    LANG_DETERMINER = 1 << 0, /* a, the, my, some */
    LANG_EACH = 1 << 1,       /* each, every; Korean "each" before or "per" after a noun */
    LANG_MANY = 1 << 2,       /* several, multiple */
    LANG_AND = 1 << 3,
    LANG_OR = 1 << 4,
    LANG_PREPOSITION = 1 << 5,
    LANG_PRONOUN = 1 << 6, /* I, it, that, who */
    LANG_MODAL = 1 << 7,   /* can, should, want, be */
    LANG_HAS = 1 << 8,     /* has, includes, contains; in Korean "is there" and its like */
    LANG_MANAGE = 1 << 9,  /* track, keep, record */
    LANG_CREATE = 1 << 10, /* make, build */
    LANG_APP = 1 << 11,    /* app, site, tool */
    LANG_KIND =
        1 << 12, /* tracker, log, list: says the request is for an app, and is part of its title */
    LANG_FILLER = 1 << 13,   /* please, simple, just */
    LANG_NEGATION = 1 << 14, /* no, without */
    LANG_QUESTION = 1 << 15, /* how, when, whether */
    LANG_PERSON = 1 << 16,   /* me, my family: an audience, not a thing that is recorded */
    LANG_VERB = 1 << 17,     /* any other verb that starts a clause: see, show, sort, mark */
    LANG_RELATE = 1 << 18,   /* belongs, refers */
    LANG_OPTIONAL = 1 << 19,
    LANG_REQUIRED = 1 << 20,
    LANG_PERIOD = 1 << 21,      /* day, week, month: "by month" names no field */
    LANG_GROUP = 1 << 22,       /* list, set, kind in front of "of" */
    LANG_WITH = 1 << 23,        /* with, including: a list of parts follows */
    LANG_ADNOMINAL = 1 << 24,   /* a Korean verb form that stands in front of a noun */
    LANG_NUMBER_WORD = 1 << 25, /* one, two, ... */
    LANG_UNNEEDED = 1 << 26,    /* needed, necessary: negates what stands before a "not" */
    LANG_KNOWN = 1 << 27,       /* a Korean noun of the word lists */
    LANG_BREAK = 1 << 28,       /* because, so, but: a list ends here */
    LANG_SYSTEM = 1 << 29, /* a word for "app" that is also a noun of other things: site, service */
    LANG_OWNS = 1 << 30,   /* "I run a bakery": what the app is for */
};

/* What a Korean particle says of its noun. */
enum lang_case {
    LANG_CASE_NONE,
    LANG_CASE_TOPIC,
    LANG_CASE_SUBJECT,
    LANG_CASE_OBJECT,
    LANG_CASE_POSSESSIVE,
    LANG_CASE_AND,
    LANG_CASE_ALSO,
    LANG_CASE_TO,
    LANG_CASE_EACH,
    LANG_CASE_FROM,
    LANG_CASE_UNTIL,
    LANG_CASE_IS,
    LANG_CASE_MAX_
};

/* How a Korean verb form goes on. */
enum lang_ending {
    LANG_END_NONE,
    LANG_END_ADNOMINAL,
    LANG_END_CONNECTIVE,
    LANG_END_NOMINAL,
    LANG_END_FINAL,
    LANG_END_WHETHER
};

enum lang_kind { LANG_WORD, LANG_NUMBER, LANG_PUNCT };

/* One token. Words of English are split at hyphens; a Korean word is what stands between blanks. */
struct lang_token {
    enum lang_kind kind;
    bool is_glued; /* no blank before it */
    bool is_hangul;
    bool is_used;    /* by a phrase of the lists: no noun any more */
    bool is_negated; /* stands in the scope of a "no" */
    char punct;      /* of LANG_PUNCT; every list separator is ',', every line end '\n' */
    enum lang_case particle;
    enum lang_ending ending;
    uint32_t tags;         /* of enum lang_tag */
    uint32_t length;       /* of `text` */
    struct lang_span span; /* where it stands in the text */
    struct lang_span stem; /* the span without particle */
    const char *text;      /* lower case */
    const char *lemma;     /* English: singular; Korean: the stem in lower case */
};

/* The tokens of one text, and the memory their words live in. End it with lang_tokens_free(). */
struct lang_tokens {
    struct lang_token *all;
    size_t count;
    char *pool;
    size_t pool_used;
};

struct lang_lexicon;

/** Reads the six files of data/. ret: new; end it with lang_lexicon_free(). */
struct lang_lexicon *lang_lexicon_read(const char *folder, struct td_err *err);
void lang_lexicon_free(struct lang_lexicon *lexicon);

/** Splits and tags a text, which outlives the tokens. */
int lang_tokenise(const struct lang_lexicon *lexicon, const char *text, size_t length,
                  struct lang_tokens *ret_tokens, struct td_err *err);
void lang_tokens_free(struct lang_tokens *tokens);
/** What a particle that stands alone says of the word before it ("를" after a parenthesis);
 * LANG_CASE_NONE: none. */
enum lang_case lang_particle(const struct lang_lexicon *lexicon, const char *text, size_t length);
/** The singular of an English word in lower case, into `ret_lemma` of at least length + 4 bytes. */
void lang_lemma(const struct lang_lexicon *lexicon, const char *word, size_t length,
                char *ret_lemma);
/** The plural of an English word in lower case. */
void lang_plural(const struct lang_lexicon *lexicon, const char *word, char *ret_plural,
                 size_t size);
/** The English word a Korean one is named by in code, or NULL. Blanks in the key do not count. */
const char *lang_translate(const struct lang_lexicon *lexicon, struct lang_span word);
/**
 * An ASCII identifier for a phrase in either language: Korean by the word lists, longest pieces
 * first, else romanised. Words are joined by `joint` ('_' or '-'). Empty when the phrase has
 * nothing to name.
 */
void lang_identifier(const struct lang_lexicon *lexicon, struct lang_span phrase, char joint,
                     char ret_name[LANG_NAME]);

/* ---- verbs that join two nouns ---- */

enum lang_act {
    LANG_ACT_NONE,
    LANG_ACT_MAKES, /* "customers place orders": the order refers to the customer */
    LANG_ACT_JOINS, /* "students attend classes": the student refers to classes */
};

/** Whether such a verb stands at `at`, in the form that goes with the noun in front of it, and a
 * noun follows, from *ret_object on. */
enum lang_act lang_english_act(const struct lang_lexicon *lexicon, const struct lang_tokens *tokens,
                               size_t at, size_t *ret_object);
/** The noun of what such a verb does ("book": "booking"), or NULL when it is the verb itself. */
const char *lang_english_deed(const struct lang_lexicon *lexicon, const char *verb);
/** The noun of what a Korean verb does, by the verb's beginning ("빌리고": "대여"), or NULL. */
const char *lang_korean_deed(const struct lang_lexicon *lexicon, const struct lang_token *verb);
/** The same of a Korean verb, however it ends. */
enum lang_act lang_korean_act(const struct lang_lexicon *lexicon, const struct lang_token *verb);

/* ---- the app's own name ---- */

/* Where a request names its app: the tokens that do, and the name. */
struct lang_naming {
    size_t first, count; /* of what says so: "call it X", "라는" */
    struct lang_span name;
    bool is_quoted;
};

/** Finds the first that names the app in a text and its tokens; false: none does. */
bool lang_find_naming(const struct lang_lexicon *lexicon, const struct lang_tokens *tokens,
                      struct lang_span text, struct lang_naming *ret_naming);
/** Takes the tokens that name the app out: they say nothing else of it. */
void lang_cut_naming(struct lang_tokens *tokens, const struct lang_naming *naming);

/* ---- phrase lists ---- */

/* What a phrase of the lists stands for. */
enum lang_phrase_kind {
    LANG_PHRASE_FEATURE = 1, /* features.json "features": can be built */
    LANG_PHRASE_WISH,        /* features.json "wishes": cannot */
    LANG_PHRASE_GUARD,       /* features.json "guards": only looks like one of them */
    LANG_PHRASE_LOOK,        /* features.json "looks": how the app looks, no feature and no field */
};
struct lang_phrase {
    enum lang_phrase_kind kind;
    const char *name;
    const json_t *both; /* the features it stands for when they are several; else NULL */
    bool is_attribute;  /* its words may also name a field: rating, tags, category */
};

/**
 * The key a phrase is found by in a map: English singulars joined by blanks, Korean without blanks.
 * Returns its length, 0 when there is no word in it or it is longer than LANG_KEY.
 */
size_t lang_key_of(const struct lang_lexicon *lexicon, const char *phrase, char ret_key[LANG_KEY]);
/** The value of the longest phrase of a map that starts at token `first`, and how many tokens it
 * is; or NULL. */
const void *lang_find(const struct lang_lexicon *lexicon, const struct lang_map *map,
                      const struct lang_tokens *tokens, size_t first, size_t end,
                      size_t *ret_count);

/* A stretch of tokens that is a phrase of the lists. */
struct lang_match {
    const struct lang_phrase *phrase;
    size_t first, count;
    bool is_negated;
};

/** Finds the longest phrase that starts at `first`; false when there is none. */
bool lang_phrase_at(const struct lang_lexicon *lexicon, const struct lang_tokens *tokens,
                    size_t first, struct lang_match *ret_match);
/** Finds the phrases of the text from left to right, and whether each is wished away. Returns how
 * many, at most `max`. */
size_t lang_phrases(const struct lang_lexicon *lexicon, struct lang_tokens *tokens,
                    struct lang_match *ret_matches, size_t max);
/** The words of the tokens [first, first + count), as they stand in the text. */
struct lang_span lang_tokens_span(const struct lang_tokens *tokens, size_t first, size_t count);

/* ---- frames: what is known about nouns ---- */

/* A row of frames.json. */
struct lang_frame {
    const char *name, *domain;
    const char *label_en, *label_ko;
    const json_t *fields; /* names of fields.json */
    const json_t *kinds;  /* words that name one kind of it: "cat"; or NULL */
    bool is_thing;        /* can be counted and has a life of its own: book, member; not "mood" */
    bool is_measure;      /* one value of a day's record: sleep, mood, weight */
    bool is_party;        /* is what other things refer to: book, member, customer */
    bool is_deed;         /* is done by somebody with something: loan, appointment, order */
    bool is_people;       /* somebody: "team member leave" is no member */
};

/* A frame found in a phrase. */
struct lang_frame_match {
    const struct lang_frame *frame;
    bool is_named; /* the words name the thing itself ("book"), not what it is about ("reading") */
    bool is_head;  /* they end the phrase */
    size_t first, count; /* tokens */
};

/** The frame whose words stand in tokens [first, first + count); the last that names a thing wins,
 * being nearest to the head. */
bool lang_frame_in(const struct lang_lexicon *lexicon, const struct lang_tokens *tokens,
                   size_t first, size_t count, struct lang_frame_match *ret_match);
/** How many frames there are, and the frame of a number; NULL past the end. */
const struct lang_frame *lang_frame_number(const struct lang_lexicon *lexicon, size_t number);

#endif
