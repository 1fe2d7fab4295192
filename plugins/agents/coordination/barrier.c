/* SPDX-License-Identifier: Apache-2.0 */
/*
 * barrier: parties that wait for each other. It is passed when all have arrived, and broken when
 * that has not happened in time. A party counts once, however often it arrives.
 */
#include "coordination.h"

#include <string.h>

/* -1: it has not arrived. */
static json_int_t place_of(const json_t *arrived, const char *party)
{
    const json_t *name;
    size_t i;

    json_array_foreach (arrived, i, name)
        if (strcmp(json_string_value(name), party) == 0)
            return (json_int_t)i;
    return -1;
}

static json_t *begin(int64_t now_ms, const json_t *input)
{
    int64_t ttl = int_of(input, "ttl_ms", 0);

    return json_pack("{s:I, s:[], s:I, s:I}", "parties", (json_int_t)int_of(input, "parties", 1),
                     "arrived", "until", (json_int_t)(now_ms + ttl), "ends",
                     (json_int_t)(now_ms + 2 * ttl));
}

static int arrive(json_t *record, const char *party, struct td_err *err)
{
    json_t *arrived = json_object_get(record, "arrived");

    if (json_array_size(arrived) == (size_t)int_of(record, "parties", 0))
        return td_fail(err, TD_E_EXISTS, "the barrier was passed by %zu others",
                       json_array_size(arrived));
    return json_array_append_new(arrived, json_string(party)) == 0
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate the barrier");
}

static json_t *answer_of(const json_t *record, int64_t now_ms, const char *party)
{
    const json_t *arrived = json_object_get(record, "arrived");
    json_int_t parties = int_of(record, "parties", 0), place = place_of(arrived, party);
    bool is_passed = (json_int_t)json_array_size(arrived) == parties;
    bool is_broken = !is_passed && int_of(record, "until", 0) <= now_ms;

    return json_pack("{s:b, s:b, s:I, s:I, s:O}", "passed", is_passed, "broken", is_broken, "place",
                     place, "parties", parties, "arrived", arrived);
}

int barrier_step(const json_t *old, int64_t now_ms, const json_t *input, struct step *ret_step,
                 struct td_err *err)
{
    const char *party = text_of(input, "party");
    bool is_new = old == NULL || int_of(old, "ends", 0) <= now_ms;
    json_t *record = is_new ? begin(now_ms, input) : copy_of(old);
    int rc = 0;

    if (record == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the barrier");
    if (int_of(record, "parties", 0) != int_of(input, "parties", 1))
        rc = td_fail(err, TD_E_INVAL, "the barrier is for %lld parties, not %lld",
                     (long long)int_of(record, "parties", 0),
                     (long long)int_of(input, "parties", 1));
    else if (place_of(json_object_get(record, "arrived"), party) < 0 &&
             int_of(record, "until", 0) > now_ms && (rc = arrive(record, party, err)) == 0)
        ret_step->record = json_incref(record);
    if (rc == 0) {
        ret_step->answer = answer_of(record, now_ms, party);
        ret_step->is_waiting = json_is_false(json_object_get(ret_step->answer, "passed")) &&
                               json_is_false(json_object_get(ret_step->answer, "broken"));
    }
    json_decref(record);
    return rc;
}
