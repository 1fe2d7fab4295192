/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index: full text over the component catalogue, in memory, in two languages.
 *
 * Made once, then only read; SQLite's own lock lets threads share it. English goes through
 * unicode61 with Porter stems, Korean through trigrams, which need no word borders; Korean terms of
 * less than three characters are looked for as parts of the text, since a trigram cannot hold them.
 */
#ifndef SEARCH_INDEX_H
#define SEARCH_INDEX_H

#include <stddef.h>
#include <tdev/err.h>

#include "kit/catalogue.h"
#include "terms.h"

struct index;

/** catalogue: take. Returns new; end it with index_free(). NULL on failure, and the catalogue is
 * freed. */
struct index *index_new(struct kit_catalogue *catalogue, struct td_err *err);
void index_free(struct index *index);
const struct kit_catalogue *index_catalogue(const struct index *index);

/* What was found of one component. */
struct hit {
    size_t component; /* its place in the catalogue */
    double score;     /* 0..1: the share of the terms it has, rare terms count more */
    double rank;      /* sum of bm25, better is larger; orders equal scores */
};

/**
 * Looks for the terms in the components of one stack.
 *
 * ret_hits  room for as many as the catalogue has components; best first
 * Returns how many there are; -1: told in err.
 */
int index_find(const struct index *index, const char *stack, const struct terms *terms,
               struct hit *ret_hits, struct td_err *err);

#endif
