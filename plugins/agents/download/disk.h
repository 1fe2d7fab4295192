/* SPDX-License-Identifier: Apache-2.0 */
/*
 * disk: what the system says when a folder cannot be written, and what a person can do about it.
 */
#ifndef DOWNLOAD_DISK_H
#define DOWNLOAD_DISK_H

#include <tdev/err.h>

/**
 * As td_fail_sys: "could not WHAT "PATH"". A refusal that stays, however often it is tried, is not
 * retryable, and has a hint.
 */
int disk_fail(struct td_err *err, const char *what, const char *path);
/** The same for what td_fail_sys has told already. Returns -1. */
int disk_judge(struct td_err *err);

#endif
