/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check: is the project whole? Looks at texts only; runs nothing.
 */
#ifndef ASSEMBLY_CHECK_H
#define ASSEMBLY_CHECK_H

#include <jansson.h>
#include <stddef.h>
#include <tdev/err.h>

/* Each checks one file. err: TD_E_EXEC, "FILE:LINE: what is wrong". */
int check_javascript(const char *path, const char *text, size_t length, struct td_err *err);
int check_css(const char *path, const char *text, size_t length, struct td_err *err);
int check_json(const char *path, const char *text, size_t length, struct td_err *err);
/**
 * One page: what src and href name is there, ids are unique, the `for` of labels names an id.
 *
 * files     the project's files, {path, text}
 * ret_refs  list that gets the paths of the page's scripts and styles, in order; may be NULL
 */
int check_html(const char *path, const char *text, size_t length, const json_t *files,
               json_t *ret_refs, struct td_err *err);

/**
 * All checks over all files.
 *
 * loaded  the paths of the components' scripts and styles: a page must name each, in this order
 *
 * Returns new: list of {check, files}; NULL: told in err.
 */
json_t *check_project(const json_t *files, const json_t *loaded, struct td_err *err);

#endif
