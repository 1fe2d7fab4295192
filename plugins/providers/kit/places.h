/* SPDX-License-Identifier: Apache-2.0 */
/*
 * places: which part of a reply a piece of a stream belongs to.
 *
 * Servers number what they send in ways of their own; the host's parts are numbered from 0 as they
 * begin. A reader of a stream holds a table of both.
 */
#ifndef TDEV_PROVIDERS_PLACES_H
#define TDEV_PROVIDERS_PLACES_H

#include "kit/wire.h"

enum { WIRE_PLACES_MAX = 256 };

struct wire_place {
    int kind;               /* the wire's; not 0 */
    int64_t number, within; /* the server's, of that kind */
    int64_t mark;           /* the wire's, 0 at first */
    uint32_t part;
    bool is_told, is_closed; /* the wire's: something of it was given; nothing more comes of it */
};
/* Zeroed: nothing has begun. */
struct wire_places {
    uint32_t parts; /* that have begun */
    uint32_t count;
    struct wire_place rows[WIRE_PLACES_MAX];
};

/** NULL: it has not begun. Borrowed */
struct wire_place *wire_place_find(struct wire_places *places, int kind, int64_t number,
                                   int64_t within);
/** Begins it if need be. Borrowed; err TD_E_LIMIT */
struct wire_place *wire_place_at(struct wire_places *places, int kind, int64_t number,
                                 int64_t within, struct td_err *err);

#endif
