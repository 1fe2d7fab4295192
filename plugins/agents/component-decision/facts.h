/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts: what one app is, asked in the words of the rules.
 *
 * Borrows the three inputs of a call and changes nothing.
 */
#ifndef DECISION_FACTS_H
#define DECISION_FACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <tdev/err.h>

struct facts {
    const json_t *understanding, *selection, *model;
    const char *lang;
};

/** Is this a condition that facts_hold knows? Names and kinds of value stand in README.md. */
bool facts_knows(const char *condition, const json_t *value);
/** Do all conditions of a rule's `when` hold? */
bool facts_hold(const struct facts *facts, const json_t *when);
/** The field types of the model, each once, in order. Returns new; NULL: no memory, told in err. */
json_t *facts_field_types(const struct facts *facts, struct td_err *err);
/**
 * The text with {app}, {entities} and {fields} replaced: the app's title, the labels of the
 * entities, the labels of the fields that `when` speaks of; {name} is `name`. Returns new, or NULL:
 * no memory, told in err.
 */
json_t *facts_words(const struct facts *facts, const json_t *when, const char *name,
                    const char *text, struct td_err *err);

#endif
