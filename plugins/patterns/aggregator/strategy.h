/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strategy: what becomes of several messages.
 */
#ifndef AGGREGATOR_STRATEGY_H
#define AGGREGATOR_STRATEGY_H

#include "kit/kit.h"

enum strategy { LIST, CONCAT, MERGE, FIRST, SUM, AVERAGE, MIN, MAX, MOST_FREQUENT, BY_NAME };

/** The names, in the order of the enum, ended by NULL. */
extern const char *const strategies[];
/** Whether a message can be used: it is a text, an object or a number, if one is needed. */
int strategy_check(enum strategy strategy, const json_t *value, struct td_err *err);
/** One value of all messages (a list of [VALUE]; null: there is none). At least one is there.
 * `sources` are named by BY_NAME. new */
json_t *strategy_apply(enum strategy strategy, const json_t *messages, const char *separator,
                       const struct kit_member *sources, struct td_err *err);

#endif
