/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream: things in the order of their growing numbers, added at the end and mostly taken from the
 * front: rows of a log, items of a topic.
 *
 * Pieces of a fixed number of places: adding never moves what is there, finding is two binary
 * searches, and a piece whose last thing is taken is given back. A stream of zeros is empty.
 */
#ifndef MEMORY_STREAM_H
#define MEMORY_STREAM_H

#include "pool.h"

#include <stdint.h>

enum { STREAM_PIECE = 512 };

struct stream_piece {
    uint32_t used;  /* places filled so far */
    uint32_t alive; /* of them, not taken yet */
    uint64_t number[STREAM_PIECE];
    void *thing[STREAM_PIECE]; /* NULL: taken */
};

struct stream {
    struct stream_piece **pieces;
    size_t count, room;
};

struct stream_cursor {
    size_t piece;
    uint32_t place;
};

/** Adds at the end; `number` is larger than all that are there. err TD_E_LIMIT, TD_E_NOMEM */
int stream_push(struct stream *stream, struct pool *pool, uint64_t number, void *thing,
                struct td_err *err);
/** Takes the thing with this number out and returns it; NULL when it is not there. */
void *stream_take(struct stream *stream, struct pool *pool, uint64_t number);
/** The thing with this number, or NULL. */
void *stream_find(const struct stream *stream, uint64_t number);
/** Where the first number that is not less stands. */
struct stream_cursor stream_seek(const struct stream *stream, uint64_t number);
/** The thing at the cursor, which moves on; NULL at the end. Nothing may be pushed or taken
 * between. */
void *stream_next(const struct stream *stream, struct stream_cursor *cursor);
/** Gives the pieces back; the things are the caller's. */
void stream_free(struct stream *stream, struct pool *pool);

#endif
