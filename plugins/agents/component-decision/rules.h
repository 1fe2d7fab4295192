/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules: the data that leads from a model to needs, read and checked once.
 */
#ifndef DECISION_RULES_H
#define DECISION_RULES_H

#include <jansson.h>
#include <stdbool.h>
#include <tdev/err.h>

#define RULES_MAX 500

/**
 * Reads a rules file, JSON or YAML, and checks every rule: it makes a need ("id" and "capability"),
 * adds to one ("to"), or is repeated ("each"); its conditions are known; its texts are there in
 * English and Korean.
 *
 * err  TD_E_CONFIG names the file, the rule and the key; TD_E_IO, TD_E_NOTFOUND
 * Returns new: the whole document; NULL on failure.
 */
json_t *rules_read(const char *path, struct td_err *err);
/** Does a rule speak of this feature by name? */
bool rules_name_feature(const json_t *rules, const char *feature);

#endif
