/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern: collaboration patterns: reducers from plugins of kind pattern, with a configuration, as
 * runs; and the catalogue of what each is good for.
 */
#ifndef TDH_PATTERN_PATTERN_H
#define TDH_PATTERN_PATTERN_H

#include <jansson.h>

#include "base/buf.h"
#include "plugin/plugin.h"
#include "run/run.h"

enum { TDH_PATTERN_NAME = 65 };
/** The plugin's name for a pattern's: plugins are called `scatter-gather`,
 * books write scatter_gather; both are understood. */
const char *tdh_pattern_name(const char *name, char text[static TDH_PATTERN_NAME]);

/**
 * A definition of a pattern with its configuration.
 * config        borrow; NULL: an empty one
 * err           TD_E_NOTFOUND, TD_E_CONFIG: what the manifest's schema, or the pattern, says of its
 *               configuration
 * Returns new.
 */
struct tdh_definition *tdh_pattern_definition(struct tdh_plugins *plugins, const char *name,
                                              const json_t *config, struct td_err *err);
/** Registers patterns with the engine, as child runs and for resuming. */
int tdh_patterns_register(struct tdh_plugins *plugins, struct tdh_engine *engine,
                          struct td_err *err);

/*
 * catalogue.c: what the manifests of patterns tell people. Opens nothing.
 */
/** The manifests of all patterns that can be used, by name. new array of borrowed, good as long as
 * `plugins`; free(). err: TD_E_NOMEM. */
const struct tdh_manifest **tdh_patterns_all(struct tdh_plugins *plugins, size_t *ret_count,
                                             struct td_err *err);
/** The words a pattern has of a trait, "first, all"; needs 64 bytes; "" when it does not tell.
 * Returns text. */
const char *tdh_trait_print(const struct tdh_catalogue *catalogue, enum tdh_trait trait,
                            char text[static 64]);
/** The catalogue of a manifest as JSON, {} when it has none. new. */
json_t *tdh_pattern_describe(const struct tdh_manifest *manifest);
/** The decision matrix in Markdown: a row for each pattern that has a catalogue. */
void tdh_pattern_matrix(struct tdh_buf *buf, const struct tdh_manifest *const *patterns,
                        size_t count);
/** What stands in front of the patterns in the whole catalogue: overview, matrix, traits. */
void tdh_pattern_overview(struct tdh_buf *buf, const struct tdh_manifest *const *patterns,
                          size_t count);
/** One pattern in Markdown. example: the text of its workflow; NULL: only its name is told. */
void tdh_pattern_page(struct tdh_buf *buf, const struct tdh_manifest *manifest,
                      const char *example);

/*
 * recommend.c: which pattern fits. The same wish and the same plugins give the same answer.
 */
enum {
    TDH_WISH_BYTES = 2000, /* most bytes of a sentence */
    TDH_WISH_WORDS = 64,   /* most words of it that count */
    TDH_WISH_FITS = 50     /* of 100: what has more fits */
};
struct tdh_wish {
    const char *sentence;             /* NULL: none */
    unsigned traits[TDH_TRAIT_COUNT]; /* 1 << word for each that will do; 0: any */
};
/** Adds "NAME=WORD" to the wish; a trait named twice is "one of these". err: TD_E_INVAL with the
 * nearest name or word. */
int tdh_wish_add(struct tdh_wish *wish, const char *text, struct td_err *err);
/**
 * Weighs all patterns that have a catalogue. Words of the sentence and traits count half each when
 * both are given; a word counts the more the fewer patterns have it.
 *
 * Returns new: {words: [known], unknown: [...], patterns: [{pattern, score, fits, description,
 * use_when, avoid_when, complexity, for: [reason], lost: [{reason, points}]}]}, the best first, of
 * equal ones the simpler, then by name; those without a point are left out.
 * err: TD_E_INVAL: nothing is asked for, or too much; TD_E_NOMEM.
 */
json_t *tdh_pattern_recommend(const struct tdh_manifest *const *patterns, size_t count,
                              const struct tdh_wish *wish, struct td_err *err);

#endif
