/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream: an array of pointers to pieces, each an array of numbers and things.
 */
#include "stream.h"

#include <string.h>

/* Index of the first piece whose last number is not less. */
static size_t piece_of(const struct stream *stream, uint64_t number)
{
    size_t low = 0, high = stream->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct stream_piece *piece = stream->pieces[middle];

        if (piece->number[piece->used - 1] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t place_of(const struct stream_piece *piece, uint64_t number)
{
    uint32_t low = 0, high = piece->used;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (piece->number[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct stream_cursor stream_seek(const struct stream *stream, uint64_t number)
{
    struct stream_cursor cursor = { .piece = piece_of(stream, number) };

    if (cursor.piece < stream->count)
        cursor.place = place_of(stream->pieces[cursor.piece], number);
    return cursor;
}

void *stream_next(const struct stream *stream, struct stream_cursor *cursor)
{
    while (cursor->piece < stream->count) {
        const struct stream_piece *piece = stream->pieces[cursor->piece];

        while (cursor->place < piece->used) {
            void *thing = piece->thing[cursor->place++];

            if (thing != NULL)
                return thing;
        }
        cursor->piece++;
        cursor->place = 0;
    }
    return NULL;
}

static int grow(struct stream *stream, struct pool *pool, struct td_err *err)
{
    size_t room = stream->room != 0 ? stream->room * 2 : 8;
    struct stream_piece **pieces = pool_alloc(pool, room * sizeof(*pieces), err);

    if (pieces == NULL)
        return -1;
    if (stream->count != 0)
        memcpy(pieces, stream->pieces, stream->count * sizeof(*pieces));
    pool_free(pool, stream->pieces);
    stream->pieces = pieces;
    stream->room = room;
    return 0;
}

static int add_piece(struct stream *stream, struct pool *pool, struct td_err *err)
{
    struct stream_piece *piece;

    if (stream->count == stream->room && grow(stream, pool, err) != 0)
        return -1;
    piece = pool_alloc(pool, sizeof(*piece), err);
    if (piece == NULL)
        return -1;
    stream->pieces[stream->count++] = piece;
    return 0;
}

int stream_push(struct stream *stream, struct pool *pool, uint64_t number, void *thing,
                struct td_err *err)
{
    struct stream_piece *piece;

    if ((stream->count == 0 || stream->pieces[stream->count - 1]->used == STREAM_PIECE) &&
        add_piece(stream, pool, err) != 0)
        return -1;
    piece = stream->pieces[stream->count - 1];
    piece->number[piece->used] = number;
    piece->thing[piece->used] = thing;
    piece->used++;
    piece->alive++;
    return 0;
}

static void remove_piece(struct stream *stream, struct pool *pool, size_t i)
{
    pool_free(pool, stream->pieces[i]);
    stream->count--;
    memmove(&stream->pieces[i], &stream->pieces[i + 1],
            (stream->count - i) * sizeof(stream->pieces[0]));
}

void *stream_take(struct stream *stream, struct pool *pool, uint64_t number)
{
    struct stream_cursor at = stream_seek(stream, number);
    struct stream_piece *piece = at.piece < stream->count ? stream->pieces[at.piece] : NULL;
    void *thing;

    if (piece == NULL || piece->number[at.place] != number)
        return NULL;
    thing = piece->thing[at.place];
    piece->thing[at.place] = NULL;
    if (thing == NULL)
        return NULL;
    if (at.place == piece->used - 1 && at.place > 0)
        piece->used--; /* undoing a batch takes from the end; the first place keeps its number for
                          the search */
    if (--piece->alive == 0)
        remove_piece(stream, pool, at.piece);
    return thing;
}

void *stream_find(const struct stream *stream, uint64_t number)
{
    struct stream_cursor at = stream_seek(stream, number);
    const struct stream_piece *piece = at.piece < stream->count ? stream->pieces[at.piece] : NULL;

    return piece != NULL && piece->number[at.place] == number ? piece->thing[at.place] : NULL;
}

void stream_free(struct stream *stream, struct pool *pool)
{
    for (size_t i = 0; i < stream->count; i++)
        pool_free(pool, stream->pieces[i]);
    pool_free(pool, stream->pieces);
    memset(stream, 0, sizeof(*stream));
}
