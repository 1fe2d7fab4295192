/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near: the edit distance of Damerau's restricted kind, row by row; three rows are enough to see a
 * swap.
 */
#include "base/near.h"

#include <string.h>

enum { WORD_MAX = 64, DISTANCE_MAX = 3 };

static unsigned min2(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Edits that make `a` into `b`; both have at most WORD_MAX bytes. */
static unsigned distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    unsigned char rows[3][WORD_MAX + 1];

    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = (unsigned char)j;
    for (size_t i = 1; i <= a_length; i++) {
        unsigned char *row = rows[i % 3];
        const unsigned char *above = rows[(i + 2) % 3], *swap = rows[(i + 1) % 3];

        row[0] = (unsigned char)i;
        for (size_t j = 1; j <= b_length; j++) {
            unsigned cost = above[j - 1] + (a[i - 1] != b[j - 1]);

            cost = min2(cost, min2(above[j], row[j - 1]) + 1U);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost = min2(cost, swap[j - 2] + 1U);
            row[j] = (unsigned char)cost;
        }
    }
    return rows[a_length % 3][b_length];
}

const char *tdh_near(const char *word, const char *const *candidates, size_t count)
{
    size_t length = strlen(word);
    unsigned limit = length >= 3 * DISTANCE_MAX ? DISTANCE_MAX : (unsigned)length / 3;
    const char *best = NULL;

    if (length > WORD_MAX)
        return NULL;
    if (limit == 0)
        limit = 1;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        unsigned edits;

        if (other > length + limit || length > other + limit || other > WORD_MAX)
            continue;
        edits = distance(word, length, candidates[i], other);
        if (edits <= limit && (edits < length || edits < other)) { /* something is the same */
            best = candidates[i];
            if (edits == 0)
                break;
            limit = edits - 1; /* the next must be nearer */
        }
    }
    return best;
}
