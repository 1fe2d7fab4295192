/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch: what changes in folders, by inotify. Things that never close a file they write, and links,
 * are not told: who must know of them looks by himself from time to time.
 */
#ifndef TDH_BASE_WATCH_H
#define TDH_BASE_WATCH_H

#include <stdbool.h>
#include <tdev/err.h>

struct tdh_watch;
/** err TD_E_IO. new; tdh_watch_free(). */
struct tdh_watch *tdh_watch_new(struct td_err *err);
void tdh_watch_free(struct tdh_watch *watch);
/** Can be read when something has changed. */
int tdh_watch_fd(const struct tdh_watch *watch);

/* Between begin and end all paths are named that are to be watched: folders, or single files. */
void tdh_watch_begin(struct tdh_watch *watch);
/**
 * ret_wd  its number, as changes tell it; -1 on failure
 * err     TD_E_NOTFOUND: it is not there (yet): name it again later; TD_E_IO, TD_E_NOMEM
 */
int tdh_watch_want(struct tdh_watch *watch, const char *path, int *ret_wd, struct td_err *err);
void tdh_watch_end(struct tdh_watch *watch);

/**
 * The next change, without waiting; false: none.
 *
 * ret_wd    of what was named; -1: changes were lost, anything may be another
 * ret_name  within that folder, borrowed until the next call; "": the thing itself
 */
bool tdh_watch_next(struct tdh_watch *watch, int *ret_wd, const char **ret_name);

#endif
