/* SPDX-License-Identifier: Apache-2.0 */
/* places: a short table, looked through from its end, where the piece before this one was. */
#include "kit/places.h"

struct wire_place *wire_place_find(struct wire_places *places, int kind, int64_t number,
                                   int64_t within)
{
    for (uint32_t i = places->count; i > 0; i--) {
        struct wire_place *place = &places->rows[i - 1];

        if (place->kind == kind && place->number == number && place->within == within)
            return place;
    }
    return NULL;
}

struct wire_place *wire_place_at(struct wire_places *places, int kind, int64_t number,
                                 int64_t within, struct td_err *err)
{
    struct wire_place *place = wire_place_find(places, kind, number, within);

    if (place != NULL)
        return place;
    if (places->count == WIRE_PLACES_MAX) {
        td_fail(err, TD_E_LIMIT, "the stream has more than %d parts", WIRE_PLACES_MAX);
        return NULL;
    }
    place = &places->rows[places->count++];
    *place = (struct wire_place){
        .kind = kind, .number = number, .within = within, .part = places->parts++
    };
    return place;
}
