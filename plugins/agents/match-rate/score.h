/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score: how well one component meets one need, as a number and as sentences.
 */
#ifndef MATCH_RATE_SCORE_H
#define MATCH_RATE_SCORE_H

#include <jansson.h>
#include <tdev/err.h>

#include "kit/catalogue.h"

/* What each part of a match counts; their sum is what a full match has, whatever it is. */
struct weights {
    double capability, field_types, features, place;
};

/* The parts of one match, each 0..1. */
struct match {
    double capability, field_types, features, place;
    double total; /* weighted, 0..1, rounded to four digits */
};

/**
 * Compares. `found` is 0..1, what the search thought of the component; 0 when it did not find it:
 * it stands in for a capability that the component does not name. A capability counts only together
 * with at least one of the field types and one of the features that the need asks for, if it asks
 * for any.
 */
struct match score_match(const struct weights *weights, const json_t *need,
                         const struct kit_component *component, double found);
/** The sentences for a match: list of strings, new; NULL: no memory, told in err. */
json_t *score_reasons(const struct match *match, const json_t *need,
                      const struct kit_component *component, struct td_err *err);

#endif
