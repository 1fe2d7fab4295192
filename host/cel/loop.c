/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop: one row of behaviour per kind of sum.
 */
#include "cel/loop.h"

#include "cel/collection.h"

/* NULL memory leaves a fault in the sum; the run stops before anyone looks. */
static struct cel_value first_sum(struct cel_run *run, enum cel_sum sum)
{
    struct cel_list *list;
    struct cel_map *map;

    switch (sum) {
    case CEL_SUM_ALL:
    case CEL_SUM_EXISTS:
        return cel_bool(sum == CEL_SUM_ALL);
    case CEL_SUM_ONE:
        return cel_int(0);
    case CEL_SUM_LIST:
    case CEL_SUM_FILTER:
        list = cel_list_new(run, 0);
        return list != NULL ? cel_list(list) : cel_stopped();
    default:
        map = cel_map_new(run, 0);
        return map != NULL ? cel_map(map) : cel_stopped();
    }
}

bool cel_loop_begin(struct cel_run *run, struct cel_value *places, enum cel_sum sum)
{
    struct cel_value range = places[CEL_LOOP_RANGE];

    if (range.type != CEL_LIST && range.type != CEL_MAP) {
        if (range.type != CEL_FAULT)
            places[CEL_LOOP_RANGE] =
                cel_fault_about(run, "a value %s has no elements to go through", range);
        return false;
    }
    places[CEL_LOOP_STATE] = cel_first(range);
    places[CEL_LOOP_SUM] = first_sum(run, sum);
    places[CEL_LOOP_KEY] = cel_null();
    places[CEL_LOOP_VALUE] = cel_null();
    return true;
}

bool cel_loop_next(struct cel_run *run, struct cel_value *places, bool has_two)
{
    struct cel_value range = places[CEL_LOOP_RANGE];

    cel_charge(run, 1);
    if (!cel_next(range, &places[CEL_LOOP_STATE], &places[CEL_LOOP_KEY], &places[CEL_LOOP_VALUE]))
        return false;
    if (!has_two && range.type == CEL_LIST)
        places[CEL_LOOP_KEY] = places[CEL_LOOP_VALUE];
    return true;
}

/* all and exists: the deciding value ends the loop, the first fault waits for it. */
static bool sum_logic(struct cel_run *run, struct cel_value *sum, bool deciding,
                      struct cel_value body)
{
    if (body.type == CEL_BOOL && body.as.i == deciding) {
        *sum = body;
        return false;
    }
    if (body.type != CEL_BOOL && sum->type == CEL_BOOL)
        *sum = cel_no_overload(run, deciding ? "exists" : "all", &body, 1);
    return true;
}

static bool stop_with(struct cel_value *sum, struct cel_value fault)
{
    *sum = fault;
    return false;
}

static bool sum_one(struct cel_run *run, struct cel_value *sum, struct cel_value body)
{
    if (body.type != CEL_BOOL)
        return stop_with(sum, cel_no_overload(run, "exists_one", &body, 1));
    sum->as.i += body.as.i;
    return true;
}

static bool sum_filter(struct cel_run *run, struct cel_value *places, struct cel_value body)
{
    if (body.type != CEL_BOOL)
        return stop_with(&places[CEL_LOOP_SUM], cel_no_overload(run, "filter", &body, 1));
    return body.as.i == 0 ||
           cel_list_add(run, places[CEL_LOOP_SUM].as.list, places[CEL_LOOP_KEY]) == 0;
}

static bool sum_entry(struct cel_run *run, struct cel_value *sum, struct cel_value key,
                      struct cel_value value)
{
    enum cel_put put = cel_map_put(run, sum->as.map, key, value);

    return put == CEL_PUT_DONE || stop_with(sum, cel_put_fault(run, put, key));
}

static bool sum_entries(struct cel_run *run, struct cel_value *sum, struct cel_value body)
{
    struct cel_value state, key, value;

    if (body.type != CEL_MAP)
        return stop_with(sum, cel_no_overload(run, "transformMapEntry", &body, 1));
    state = cel_first(body);
    while (cel_next(body, &state, &key, &value))
        if (!sum_entry(run, sum, key, value))
            return false;
    return true;
}

bool cel_loop_sum(struct cel_run *run, struct cel_value *places, enum cel_sum kind,
                  struct cel_value body)
{
    struct cel_value *sum = &places[CEL_LOOP_SUM];

    if (run->steps_left == 0)
        return false; /* the sum may be no collection when there was no memory for it */
    if (body.type == CEL_FAULT && kind > CEL_SUM_EXISTS)
        return stop_with(sum, body);
    switch (kind) {
    case CEL_SUM_ALL:
    case CEL_SUM_EXISTS:
        return sum_logic(run, sum, kind == CEL_SUM_EXISTS, body);
    case CEL_SUM_ONE:
        return sum_one(run, sum, body);
    case CEL_SUM_LIST:
        return cel_list_add(run, sum->as.list, body) == 0;
    case CEL_SUM_FILTER:
        return sum_filter(run, places, body);
    case CEL_SUM_MAP:
        return sum_entry(run, sum, places[CEL_LOOP_KEY], body);
    default:
        return sum_entries(run, sum, body);
    }
}

struct cel_value cel_loop_end(const struct cel_value *places, enum cel_sum kind)
{
    struct cel_value sum = places[CEL_LOOP_SUM];

    return kind == CEL_SUM_ONE && sum.type == CEL_INT ? cel_bool(sum.as.i == 1) : sum;
}
