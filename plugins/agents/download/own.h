/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own: is all that is in a folder from an earlier build? Only then may it be replaced.
 */
#ifndef DOWNLOAD_OWN_H
#define DOWNLOAD_OWN_H

#include <stdbool.h>
#include <tdev/err.h>

/**
 * Looks for what no build has left in the folder. A file counts as left by a build when the list of
 * hashes in `dist/` names it, also when it was edited since; without that list, or without the list
 * of parts that says it is tdev's, nothing does.
 *
 * ret_foreign  new: the first such path, a folder's with "/" at its end; NULL: there is none. End
 *              it with free()
 * err          TD_E_IO: a folder could not be read
 */
int own_check(const char *folder, char **ret_foreign, struct td_err *err);

#endif
