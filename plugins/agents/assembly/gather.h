/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather: puts the files of all components and the generated ones into one list, and settles what
 * two of them bring.
 */
#ifndef ASSEMBLY_GATHER_H
#define ASSEMBLY_GATHER_H

#include <jansson.h>
#include <tdev/err.h>

#include "kit/resolve.h"

/**
 * Reads the components' files and merges them with the generated ones. The same path with the same
 * text is one file. With another text, a component replaces what it rests on (it requires it, so it
 * knows what it replaces); anything else is refused, naming both.
 *
 * ret_files   new: {path, text}, sorted by path, within the bounds of kit/project.h
 * ret_loaded  new: paths of the components' scripts and styles, in load order
 * err         TD_E_CONFLICT: two owners of one path; TD_E_LIMIT;
 *             TD_E_DEPENDENCY: a component's file is not there
 */
int gather_files(const struct kit_order *order, const json_t *generated, json_t **ret_files,
                 json_t **ret_loaded, struct td_err *err);

#endif
