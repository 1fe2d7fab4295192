/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena: chunks of doubling size, a bump pointer in the newest.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 16, CHUNK_MIN = 1024, CHUNK_MAX = 256 * 1024 };

struct tdh_arena_chunk {
    struct tdh_arena_chunk *older;
    size_t size; /* of data */
    _Alignas(ALIGN) char data[];
};

static void use_chunk(struct tdh_arena *arena, struct tdh_arena_chunk *chunk)
{
    arena->chunk = chunk;
    arena->next = chunk != NULL ? chunk->data : NULL;
    arena->end = chunk != NULL ? chunk->data + chunk->size : NULL;
}

static int grow(struct tdh_arena *arena, size_t need)
{
    size_t size = arena->chunk != NULL ? arena->chunk->size * 2 : CHUNK_MIN;
    struct tdh_arena_chunk *chunk;

    if (size > CHUNK_MAX)
        size = CHUNK_MAX;
    if (size < need)
        size = need;
    if (arena->max_bytes != 0 && arena->total_bytes + size > arena->max_bytes)
        size = need;
    if (arena->max_bytes != 0 &&
        (need > arena->max_bytes || arena->total_bytes > arena->max_bytes - need))
        return -1;
    if (size > SIZE_MAX - sizeof(*chunk))
        return -1;
    chunk = malloc(sizeof(*chunk) + size);
    if (chunk == NULL)
        return -1;
    chunk->older = arena->chunk;
    chunk->size = size;
    arena->total_bytes += size;
    use_chunk(arena, chunk);
    return 0;
}

void *tdh_arena_alloc_raw(struct tdh_arena *arena, size_t size)
{
    char *memory;

    if (size > SIZE_MAX - ALIGN)
        return NULL;
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if ((arena->chunk == NULL || (size_t)(arena->end - arena->next) < size) &&
        grow(arena, size) != 0)
        return NULL;
    memory = arena->next;
    arena->next += size;
    return memory;
}

void *tdh_arena_alloc(struct tdh_arena *arena, size_t size)
{
    void *memory = tdh_arena_alloc_raw(arena, size);

    return memory != NULL ? memset(memory, 0, size) : NULL;
}

char *tdh_arena_copy(struct tdh_arena *arena, const char *text, size_t length)
{
    char *copy = length != SIZE_MAX ? tdh_arena_alloc_raw(arena, length + 1) : NULL;

    if (copy == NULL)
        return NULL;
    if (length != 0) /* text may be NULL then */
        memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *tdh_arena_strdup(struct tdh_arena *arena, const char *text)
{
    return tdh_arena_copy(arena, text, strlen(text));
}

char *tdh_arena_printf(struct tdh_arena *arena, const char *fmt, ...)
{
    va_list ap, again;
    char *text = NULL;
    int length;

    va_start(ap, fmt);
    va_copy(again, ap);
    length = vsnprintf(NULL, 0, fmt, ap);
    if (length >= 0)
        text = tdh_arena_alloc_raw(arena, (size_t)length + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, fmt, again);
    va_end(again);
    va_end(ap);
    return text;
}

static void drop_to(struct tdh_arena *arena, struct tdh_arena_chunk *last)
{
    while (arena->chunk != last) {
        struct tdh_arena_chunk *older = arena->chunk->older;

        arena->total_bytes -= arena->chunk->size;
        free(arena->chunk);
        arena->chunk = older;
    }
    use_chunk(arena, last);
}

void tdh_arena_reset(struct tdh_arena *arena)
{
    struct tdh_arena_chunk *oldest = arena->chunk;

    while (oldest != NULL && oldest->older != NULL)
        oldest = oldest->older;
    drop_to(arena, oldest);
}

void tdh_arena_free(struct tdh_arena *arena)
{
    drop_to(arena, NULL);
}
