/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule: {at: POINTER, TEST: VALUE, ...}: whether a value passes all tests of a rule.
 */
#ifndef ROUTER_RULE_H
#define ROUTER_RULE_H

#include "kit/kit.h"

/** Checks one rule of the configuration: its pointer, and that each test has a value of its kind.
 */
int rule_check(const json_t *rule, struct td_err *err);
/** Whether what stands at the rule's pointer passes all its tests. */
bool rule_holds(const json_t *rule, const json_t *input);

#endif
