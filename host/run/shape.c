/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shape: what stands in a row of the journal is of the shape that was written there, before
 * anything of it is used. A row may come from a disk that lost a part of it, or from a newer host.
 *
 * An event in the journal is a JSON array, its first member one letter:
 *
 *   ["s", time, {id, def, kind, name, input, parent}, asks]   started
 *   ["d", time, ask, attempts, output, asks]                  the ask is done
 *   ["f", time, ask, attempts, error, asks]                   the ask failed for good
 *   ["a", time, ask, attempt, error, due]                     an attempt failed; next is due then
 *   ["a", time, ask, attempt, error, agent, edition, rule, due]  same; that agent acts from now on;
 *                                                             edition "": as it was told before
 *   ["b", time, ask, attempt]                                 the next begins: effects, budgets
 *   ["g", time, ask, signal, payload, asks]                   a wait took a signal (0: it is kept)
 *   ["c", time, asks]                                         cancel was asked for
 *   ["p", time, 1 or 0]                                       paused, or not any more
 *   ["p", time, 1, why or {}, [ask]]                          paused; those never began
 *   ["u", time, used]                                         so much was used by what was cut off
 *   ["l", time, limits]                                       the budget is that from now on
 *   ["e", time, status, output or error]                      ended
 *   ["e", time, status, output or error, used]                same, of a child run that used some
 *
 * What an attempt used, {meter: millionths}, stands behind the output or error of "d", "f" and "a"
 * when it used something; of a child run there, all that it used.
 *
 * asks: [[number, "c"all|"t"imer|"w"ait|"r"un, path, (run: its id; a call, when it is the first of
 * its agent: the edition of that)] ...]. A row of the log holds an
 * array of events, or a snapshot: the first, of a run that was made from another; one with which a
 * run went over to another definition; and those that tdev 0.1.0 wrote.
 */
#include <string.h>

#include "run/internal.h"

/* Past any clock and any count, and far from where arithmetic ends. */
#define NUMBER_MAX INT64_C(9007199254740991)

static bool is_of(const json_t *value, char type)
{
    switch (type) {
    case 'i':
        return json_is_integer(value) && json_integer_value(value) >= 0 &&
               json_integer_value(value) <= NUMBER_MAX;
    case 'n':
        return is_of(value, 'i') && json_integer_value(value) <= UINT32_MAX;
    case 'r':
        return json_is_number(value);
    case 's':
        return json_is_string(value);
    case 'S':
        return json_is_string(value) || json_is_null(value);
    case 'o':
        return json_is_object(value);
    case 'a':
        return json_is_array(value);
    case 'u':
        return tdh_meters_parse(value, &(struct tdh_meters){ 0 });
    default:
        return value != NULL;
    }
}

bool tdh_row_fits(const json_t *array, const char *types)
{
    size_t count = strlen(types);

    if (json_array_size(array) != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!is_of(json_array_get(array, i), types[i]))
            return false;
    return true;
}

bool tdh_facts_fit(const json_t *facts)
{
    const json_t *limits = json_object_get(facts, "budget");

    return limits == NULL || is_of(limits, 'u');
}

bool tdh_event_fits(const json_t *event)
{
    static const struct {
        char letter;
        const char *types; /* behind the letter */
    } shapes[] = {
        { 's', "sioa" },      { 'd', "sinn*a" }, { 'd', "sinn*ua" }, { 'f', "sinnoa" },
        { 'f', "sinnoua" },   { 'a', "sinnoi" }, { 'a', "sinnoui" }, { 'a', "sinnosssi" },
        { 'a', "sinnousssi" }, { 'b', "sinn" },   { 'g', "sins*a" },  { 'g', "sins*" },
        { 'c', "sia" },       { 'p', "sin" },    { 'p', "sinoa" },   { 'm', "siso" },
        { 'u', "siu" },       { 'l', "siu" },
    };
    const char *letter = json_string_value(json_array_get(event, 0));

    for (size_t i = 0; letter != NULL && i < sizeof(shapes) / sizeof(shapes[0]); i++)
        if (letter[0] == shapes[i].letter && letter[1] == '\0' &&
            tdh_row_fits(event, shapes[i].types))
            return letter[0] != 's' || tdh_facts_fit(json_array_get(event, 2));
    return false;
}
