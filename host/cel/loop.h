/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop: the comprehensions: all, exists, exists_one, map, filter, transformList, transformMap,
 * transformMapEntry.
 *
 * A loop keeps five places of the stack: its range, where it stands, its sum, and its one or two
 * variables.
 */
#ifndef TDH_CEL_LOOP_H
#define TDH_CEL_LOOP_H

#include "cel/program.h"
#include "cel/run.h"

enum {
    CEL_LOOP_RANGE,
    CEL_LOOP_STATE,
    CEL_LOOP_SUM,
    CEL_LOOP_KEY,
    CEL_LOOP_VALUE,
    CEL_LOOP_PLACES
};

/** Fills the places behind the range; false with a fault in place of the range. */
bool cel_loop_begin(struct cel_run *run, struct cel_value *places, enum cel_sum sum);
/** Moves to the next element; false at the end. With one variable it stands in CEL_LOOP_KEY. */
bool cel_loop_next(struct cel_run *run, struct cel_value *places, bool has_two);
/** Adds a body's value to the sum; false when nothing that follows can change it. */
bool cel_loop_sum(struct cel_run *run, struct cel_value *places, enum cel_sum sum,
                  struct cel_value body);
/** What the loop comes to. */
struct cel_value cel_loop_end(const struct cel_value *places, enum cel_sum sum);

#endif
