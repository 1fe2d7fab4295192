/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree: a folder that is written file by file, and is on the disk when it is finished.
 *
 * A folder that is not finished, or not published yet, holds the file TREE_MARK: this is how a
 * folder of ours is told from one of the user's after a crash. All functions block.
 */
#ifndef DOWNLOAD_TREE_H
#define DOWNLOAD_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <tdev/err.h>

#define TREE_MARK ".tdev-pack"

/* A folder being written. Made by tree_begin, ended by tree_end or tree_cancel. */
struct tree {
    int fd;           /* -1: none */
    const char *path; /* borrowed */
    size_t above;     /* length of the first folder above it that was made; 0: all were there */
    char **made;      /* owned: every file and folder in it, by its path in the tree */
    size_t count;
};

/**
 * Makes the folder, and those above it, with the mark in it. A folder with the mark is from an
 * attempt that was cut off: it is removed first. An empty folder is taken.
 *
 * err  TD_E_EXISTS: there is something else; TD_E_IO names the path
 */
int tree_begin(struct tree *tree, const char *path, struct td_err *err);
/** Makes a new file for writing, and the folders above it. Returns its descriptor or -1. */
int tree_create(struct tree *tree, const char *path, struct td_err *err);
/** Writes all bytes. err: TD_E_IO names folder and file. */
int tree_write(const struct tree *tree, int fd, const char *path, const void *bytes, size_t length,
               struct td_err *err);
/** A whole file. */
int tree_put(struct tree *tree, const char *path, const void *bytes, size_t length,
             struct td_err *err);
/** Puts everything on the disk; then `mark` into the mark. Closes the tree in any case. */
int tree_end(struct tree *tree, const char *mark, struct td_err *err);
/** Removes the folder with all that is in it, those above it that were made for it, and closes the
 * tree. A zeroed tree is fine. */
void tree_cancel(struct tree *tree);

/** Reads the mark of a folder: true when there is one; `ret_mark` gets what it says, "" when it was
 * never finished. */
bool tree_mark(const char *path, char *ret_mark, size_t size);
/** Takes the mark away. One that is not there is fine; one that comes back after a crash does no
 * harm. */
int tree_unmark(const char *path, struct td_err *err);
/** Removes a folder with all that is in it, following no links. What is not there is fine. */
int tree_remove(const char *path, struct td_err *err);
/** Puts the names in the folder of `path` on the disk. */
int tree_sync_above(const char *path, struct td_err *err);

#endif
