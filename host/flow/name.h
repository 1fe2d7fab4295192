/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name: the free names in the expressions of a template, found without compiling: who is read, and
 * other words put in their place.
 *
 * A name is free when it is neither a field, nor a function, nor bound by a macro such as
 * `list.map(x, ...)`. What is no CEL is left as it is: compiling tells what is wrong with it.
 */
#ifndef TDH_FLOW_NAME_H
#define TDH_FLOW_NAME_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <tdev/err.h>

/* A free name, and the field that is selected of it, if one is. Borrowed from the expression. */
struct tdh_name {
    const char *at;
    size_t length;
    const char *field; /* NULL: none, or not by its name */
    size_t field_length;
};

bool tdh_name_is(const struct tdh_name *name, const char *text);

/*
 * What stands for a name.
 * Returns 1 and a new text, free(), which takes the place of the name, and of its field as well
 * with *ret_field set; 0: it stays; -1: err.
 */
typedef int tdh_name_fn(void *arg, const struct tdh_name *name, char **ret_text, bool *ret_field,
                        struct td_err *err);

/** Calls `fn` for each free name of a bare expression, and puts its texts in. new text, free(). */
char *tdh_name_expression(const char *text, size_t length, tdh_name_fn *fn, void *arg,
                          struct td_err *err);
/** The same for all ${...} of a template; keys are not looked at. new. */
json_t *tdh_name_template(const json_t *value, tdh_name_fn *fn, void *arg, struct td_err *err);

#endif
