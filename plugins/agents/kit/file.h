/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file: reads whole files and lists folders, in an order that does not depend on the file system.
 */
#ifndef KIT_FILE_H
#define KIT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <tdev/err.h>

/**
 * Reads a regular file of at most `limit_bytes`.
 *
 * err  TD_E_NOTFOUND, TD_E_IO; TD_E_LIMIT: it is larger; TD_E_INVAL: no regular file
 * Returns new, NUL-terminated; end it with free().
 */
char *kit_file_read(const char *path, size_t limit_bytes, size_t *ret_length, struct td_err *err);

/* The names in one folder, sorted by bytes, without those that begin with a dot. Ended by
 * kit_names_free. */
struct kit_names {
    char **items;
    size_t count;
};
/** err: TD_E_NOTFOUND, TD_E_IO, TD_E_NOMEM; TD_E_LIMIT: more than `limit` names. Untouched on
 * failure. */
int kit_names_read(const char *folder, size_t limit, struct kit_names *ret_names,
                   struct td_err *err);
void kit_names_free(struct kit_names *names);

/** True when the path is a folder. */
bool kit_is_folder(const char *path);
/** "a/b", new; free() it. NULL: no memory, told in err. */
char *kit_path_join(const char *folder, const char *name, struct td_err *err);
/** The folder an option names, or `name` in tdev's data folder when the option is NULL; new; free()
 * it. */
char *kit_data_path(const char *option, const char *data_dir, const char *name, struct td_err *err);

#endif
