/* SPDX-License-Identifier: Apache-2.0 */
/*
 * meter: amounts of what work uses up: calls, tokens, money, or what else its author counts.
 *
 * Inside, an amount is a whole number of millionths, so that sums are exact; outside, a decimal
 * number. A meter is known by its name: a small letter, then small letters, digits and "_". "calls"
 * is the host's own.
 */
#ifndef TDH_BASE_METER_H
#define TDH_BASE_METER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <tdev/err.h>

#define TDH_METER_CALLS "calls"
#define TDH_METER_UNIT INT64_C(1000000)
#define TDH_AMOUNT_MAX INT64_C(9007199254740991) /* 9 thousand million whole ones */

enum {
    TDH_METER_NAME = 32, /* bytes of a name, with its end */
    TDH_METERS_MAX = 8,  /* besides the calls */
    TDH_AMOUNT_TEXT = 24
};

struct tdh_meter {
    char name[TDH_METER_NAME];
    int64_t amount; /* millionths */
};

/* A sum per name, in the order they came. Empty when `count` is 0: the rest need not be set. */
struct tdh_meters {
    unsigned count;
    struct tdh_meter list[TDH_METERS_MAX + 1];
};

bool tdh_meter_is_name(const char *name);
/** a + b, at most TDH_AMOUNT_MAX. */
int64_t tdh_amount_sum(int64_t a, int64_t b);
/** Millionths of a number that is not negative and not too large; else -1. Rounds to the nearest.
 */
int64_t tdh_amount_of(double number);
/** As a decimal number: a whole one is a JSON integer. new; NULL: without memory. */
json_t *tdh_amount_json(int64_t amount);
/** As a decimal number, such as 2.48. Returns text. */
const char *tdh_amount_print(int64_t amount, char text[static TDH_AMOUNT_TEXT]);

/** The amount of that name; 0: none. */
int64_t tdh_meters_get(const struct tdh_meters *meters, const char *name);
/** False: there are as many names as there may be. amount may be negative. */
bool tdh_meters_add(struct tdh_meters *meters, const char *name, int64_t amount);

/* What is wrong with a mapping of names to decimal numbers, for a message with its place. */
struct tdh_meter_fault {
    const char *key; /* borrowed from the mapping; NULL: of the whole */
    char text[160];
};
/** Reads {tokens: 50000, cost: 2.5}. False: the fault says why; then nothing is read. */
bool tdh_meters_read(const json_t *object, struct tdh_meters *ret_meters,
                     struct tdh_meter_fault *ret_fault);
/** The same as decimal numbers. new; NULL: without memory. */
json_t *tdh_meters_json(const struct tdh_meters *meters);

/** As journals have it: whole numbers of millionths. False: it is not of that shape. */
bool tdh_meters_parse(const json_t *object, struct tdh_meters *ret_meters);

#endif
