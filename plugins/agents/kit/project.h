/* SPDX-License-Identifier: Apache-2.0 */
/*
 * project: what all agents must say alike of one project.
 */
#ifndef KIT_PROJECT_H
#define KIT_PROJECT_H

#include <jansson.h>
#include <tdev/err.h>

#define KIT_FILES 500                 /* most files of a project */
#define KIT_FILE_BYTES (1U << 20)     /* most bytes of one file */
#define KIT_PROJECT_BYTES (16U << 20) /* most bytes of all files */
#define KIT_NAME_BYTES 64             /* most bytes of a project's name */

/**
 * The id of a project: its name and eight digits of the hash of its name, entities and relations.
 * The records in the browser are kept under it, so the same data model finds them again, and
 * another one does not.
 *
 * Returns new: a JSON string; NULL: told in err.
 */
json_t *kit_project_id(const json_t *understanding, const json_t *model, struct td_err *err);

/**
 * Checks that a list of {path, text} may be a project: paths that kit_path_fault accepts, each
 * once, within the bounds. err: TD_E_INVAL or TD_E_LIMIT, with the path.
 */
int kit_project_check(const json_t *files, struct td_err *err);

#endif
