/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialect: what servers of one wire differ by: what they want besides, and where the model stands.
 */
#ifndef TDEV_PROVIDERS_DIALECT_H
#define TDEV_PROVIDERS_DIALECT_H

#include "kit/request.h"

enum { WIRE_PATH_MAX = 2048 }; /* bytes of a path with its model in it */

/** Adds what wire_extra() has read to a body. Of a member that is an object on both sides, the
 * members are added. */
void wire_add_extra(json_t *body, const json_t *more);

/**
 * A word that depends on the model: the first of the rows PREFIX=WORD whose prefix the model's name
 * has.
 *
 * rows      end with NULL; may be NULL
 * fallback  when there is none; borrowed, as what is returned
 */
const char *wire_of_model(const char *const *rows, const char *model, const char *fallback);
/** Is each of the rows PREFIX=WORD, with one of the words? option: its name, for messages. err
 * TD_E_CONFIG */
int wire_check_rows(const char *option, const char *const *rows, const char *const *words,
                    struct td_err *err);

/**
 * A path with a model in place of each "{model}". What is no letter, digit, '-', '.',
 * '_', '~' or '@' is percent-encoded, so no model leads to another path.
 *
 * form  a path, as an option says it
 * err   TD_E_INVAL: it would be too long, or the model is "." or ".."
 *
 * Returns memory of the call, or form itself.
 */
const char *wire_path(struct td_ctx *ctx, const char *form, const char *model, struct td_err *err);
/** Does the model's name stand in that path, and so not in the body? */
bool wire_path_has_model(const char *form);

#endif
