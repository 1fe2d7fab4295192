/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalogue: what people, and `tdev pattern recommend`, are told of a pattern. A part of plugin.h.
 */
#ifndef TDH_PLUGIN_CATALOGUE_H
#define TDH_PLUGIN_CATALOGUE_H

#include <jansson.h>

/* By what patterns are told apart. A trait has few words (tdh_traits); a pattern has one or more of
 * them. */
enum tdh_trait {
    TDH_TRAIT_COMPLEXITY,
    TDH_TRAIT_MEMBERS,
    TDH_TRAIT_COORDINATION,
    TDH_TRAIT_ORDER,
    TDH_TRAIT_ENDS,
    TDH_TRAIT_FAILURE,
    TDH_TRAIT_WORK,
    TDH_TRAIT_COST,
    TDH_TRAIT_COUNT
};
enum { TDH_TRAIT_WORDS = 4 }; /* most words of a trait */
/* How far what a pattern has is from what is wanted. */
enum tdh_trait_scale {
    TDH_SCALE_NONE,   /* it is the word, or it is not */
    TDH_SCALE_NEAR,   /* the words are in order, the next one is half right */
    TDH_SCALE_AT_MOST /* as NEAR, and less than wanted is right */
};
struct tdh_trait_row {
    const char *name, *text;
    enum tdh_trait_scale scale;
    const char *words[TDH_TRAIT_WORDS + 1]; /* ends with NULL */
    const char *texts[TDH_TRAIT_WORDS + 1]; /* what each word means */
};
extern const struct tdh_trait_row tdh_traits[TDH_TRAIT_COUNT];

/* What people, and `tdev pattern recommend`, are told of a pattern (`catalogue:`). Lists are arrays
 * of strings; all but the first three may be NULL. */
struct tdh_catalogue {
    json_t *use_cases, *advantages, *drawbacks;
    json_t *advice, *words, *related;
    char *category, *use_when, *avoid_when, *calls, *bounds, *example;
    unsigned traits[TDH_TRAIT_COUNT]; /* 1 << word for each it has; 0: not told */
};

#endif
