/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path: which paths may be files of a project. They come from outside and end up below a folder of
 * the user's.
 */
#ifndef KIT_PATH_H
#define KIT_PATH_H

#define KIT_PATH_LENGTH 200 /* most bytes of a path */
#define KIT_PATH_DEPTH 12   /* most folders of a path */

/**
 * What is wrong with a path, as words for a message; NULL when it is fine: relative, no empty, "."
 * or ".." part, only A-Z a-z 0-9 . _ - and "/" (so that it means the same on every system and in
 * every archive).
 */
const char *kit_path_fault(const char *path);

#endif
