/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexicon: the tables behind lang's words, for lang's own files only.
 */
#ifndef LANG_LEXICON_H
#define LANG_LEXICON_H

#include "lang.h"

#define LANG_PARTICLES 128
#define LANG_ENDINGS 64

struct lang_particle {
    struct lang_span text;
    enum lang_case sense;
    enum lang_final after; /* LANG_FINAL_UNSURE: after any */
};

struct lang_end {
    struct lang_span text;
    enum lang_ending sense;
};

/* A row of frames.json as the phrase tables see it. */
struct lang_frame_word {
    const struct lang_frame *frame;
    bool is_named;
};

struct lang_lexicon {
    json_t *english, *korean, *words, *frame_rows, *phrase_rows,
        *naming_rows;             /* the files, owned */
    json_t *made;                 /* strings that keys point to: verb forms, joined words */
    struct lang_map tags_en;      /* word -> bits of enum lang_tag */
    struct lang_map tags_ko;      /* word without blanks -> bits */
    struct lang_map singulars;    /* irregular plural -> singular, as C strings */
    struct lang_map translations; /* Korean word without blanks -> English, as C strings */
    struct lang_map suffixes;     /* Korean syllables that end nouns -> English */
    struct lang_map verbs_ko;     /* beginning of a verb form -> bits */
    struct lang_map tails;        /* what may stand behind a phrase in one word */
    struct lang_map phrases;      /* English lemmas with blanks, or Korean without -> lang_phrase */
    struct lang_map acts;         /* verb form -> bits of act.c */
    struct lang_map quantifiers;  /* the same -> themselves */
    struct lang_map idioms;       /* the same, verbs of several words -> themselves */
    struct lang_map adverbs;      /* the same, of several words -> themselves */
    struct lang_map joined_nouns; /* English phrases that are nouns: "pick up" */
    struct lang_map noun_verbs;   /* the same, that are nouns behind a noun */
    struct lang_map deeds;        /* verb -> the noun of what is done, as C strings */
    struct lang_map naming;       /* the same -> bits of enum lang_naming_word */
    struct lang_map frame_words;  /* the same -> lang_frame_word */
    struct lang_particle particles[LANG_PARTICLES]; /* longest first */
    size_t particle_count;
    struct lang_end endings[LANG_ENDINGS]; /* longest first */
    size_t ending_count;
    struct lang_phrase *phrase_list;
    size_t phrase_count;
    struct lang_frame *frames;
    struct lang_frame_word *frame_word_list; /* two a frame: named, about */
    size_t frame_count;
};

/** Keeps a string as long as the lexicon lives; NULL without memory. */
const char *lang_keep(struct lang_lexicon *lexicon, const char *text, size_t length);
/** Adds bits to a word's tags. */
int lang_add_tag(struct lang_map *tags, const char *word, uint32_t bits);
uint32_t lang_tags_of(const struct lang_map *tags, const char *word, size_t length);
int lang_english_load(struct lang_lexicon *lexicon, struct td_err *err);
int lang_korean_load(struct lang_lexicon *lexicon, struct td_err *err);
int lang_phrases_load(struct lang_lexicon *lexicon, struct td_err *err);
int lang_frames_load(struct lang_lexicon *lexicon, struct td_err *err);
int lang_naming_load(struct lang_lexicon *lexicon, struct td_err *err);
int lang_acts_load(struct lang_lexicon *lexicon, struct td_err *err);
/** Words that only look like verbs inside a noun of several words ("할 일") become nouns. */
void lang_join_nouns(const struct lang_lexicon *lexicon, struct lang_tokens *tokens);
/** Words that only look like joints inside an English noun ("plus-one", "a to do list") become
 * nouns. */
void lang_join_compounds(const struct lang_lexicon *lexicon, struct lang_tokens *tokens);

/**
 * Takes a Korean word apart: particle, ending, tags. A kind word at its end ("독서기록" + "앱") is
 * cut off: the return value is the number of bytes of the word that belong to this token; the rest
 * is the next one.
 */
size_t lang_korean_word(const struct lang_lexicon *lexicon, struct lang_token *token);

#endif
