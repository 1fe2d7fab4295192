/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena: memory that is given back all at once.
 *
 * One owner, no lock. Allocations are aligned to 16 bytes and never freed one by one;
 * tdh_arena_reset keeps the first chunk for the next use, so a call in a steady state allocates
 * nothing.
 */
#ifndef TDH_BASE_ARENA_H
#define TDH_BASE_ARENA_H

#include <stddef.h>

struct tdh_arena_chunk;

/* Zero-initialised is valid and empty: no constructor is needed. */
struct tdh_arena {
    struct tdh_arena_chunk *chunk; /* the newest */
    char *next, *end;              /* free room in it */
    size_t total_bytes;            /* of all chunks */
    size_t max_bytes;              /* 0: no bound; else an allocation past it returns NULL */
};

/** Zeroed memory, or NULL when there is none. size 0 gives a valid pointer. */
void *tdh_arena_alloc(struct tdh_arena *arena, size_t size);
/** As tdh_arena_alloc, not zeroed. */
void *tdh_arena_alloc_raw(struct tdh_arena *arena, size_t size);
/** A NUL-terminated copy of `length` bytes; NULL without memory. */
char *tdh_arena_copy(struct tdh_arena *arena, const char *text, size_t length);
char *tdh_arena_strdup(struct tdh_arena *arena, const char *text);
/** Printed text; NULL without memory. */
char *tdh_arena_printf(struct tdh_arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/** Forgets all allocations, keeps the oldest chunk. */
void tdh_arena_reset(struct tdh_arena *arena);
/** Gives everything back; the arena is empty and usable again. */
void tdh_arena_free(struct tdh_arena *arena);

#endif
