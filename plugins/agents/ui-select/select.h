/* SPDX-License-Identifier: Apache-2.0 */
/*
 * select: picks the stack and the layout of an app by the rules of data/choices.json, and says why
 * in the language of the request. A new layout, stack or rule is a row of that file.
 */
#ifndef UI_SELECT_H
#define UI_SELECT_H

#include <jansson.h>
#include <tdev/err.h>

/** Reads and checks data/choices.json; new, end it with json_decref(). err: TD_E_IO, TD_E_CONFIG,
 * with file and key. */
json_t *ui_choices_read(const char *folder, struct td_err *err);

/**
 * input          {"understanding", "model"?, "stack"?}
 * ret_selection  new; as docs/app-model.md has it
 * err            TD_E_INVAL: the stack is not one of the choices; the text lists them
 */
int ui_select(const json_t *choices, const json_t *input, json_t **ret_selection,
              struct td_err *err);

#endif
