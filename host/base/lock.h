/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock: a file that one process holds as long as it lives, however it ends; it says which one.
 */
#ifndef TDH_BASE_LOCK_H
#define TDH_BASE_LOCK_H

#include <stdbool.h>
#include <tdev/err.h>

/**
 * Takes the lock, making the file when it is not there, and writes the process's number into it.
 *
 * ret_fd  close() lets go of it
 * err     TD_E_CONFLICT: process N has it; TD_E_IO
 */
int tdh_lock_take(const char *path, int *ret_fd, struct td_err *err);
/** Does any process hold it? Takes nothing, so it is in nobody's way. */
bool tdh_lock_is_held(const char *path);

#endif
