/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collection: lists and maps, whether our own or views of JSON.
 *
 * Our own live in the arena of a run (or of the program, when constant), grow while they are built
 * and are not changed afterwards. A map of more than a few entries has a hash index; numeric keys
 * are equal across int and uint.
 */
#ifndef TDH_CEL_COLLECTION_H
#define TDH_CEL_COLLECTION_H

#include "cel/run.h"
#include "cel/value.h"

struct cel_list {
    struct cel_value *items;
    uint32_t count, capacity;
};

struct cel_entry {
    struct cel_value key, value;
};

struct cel_map {
    struct cel_entry *entries;
    uint32_t *index; /* entry + 1 by hash, 0 is free; NULL while the map is small */
    uint32_t count, capacity, index_size;
};

/** Both return NULL at the memory bound. */
struct cel_list *cel_list_new(struct cel_run *run, size_t capacity);
struct cel_map *cel_map_new(struct cel_run *run, size_t capacity);
/** 0, or -1 at the memory bound. */
int cel_list_add(struct cel_run *run, struct cel_list *list, struct cel_value item);

enum cel_put { CEL_PUT_DONE, CEL_PUT_DUPLICATE, CEL_PUT_BAD_KEY, CEL_PUT_STOPPED };
enum cel_put cel_map_put(struct cel_run *run, struct cel_map *map, struct cel_value key,
                         struct cel_value value);
/** The fault for a result that is not CEL_PUT_DONE. */
struct cel_value cel_put_fault(struct cel_run *run, enum cel_put put, struct cel_value key);

/** Elements of a list or entries of a map. */
size_t cel_count(struct cel_value collection);
struct cel_value cel_list_at(struct cel_value list, size_t position);
/** Looks a key up: whole doubles find integers, a key of another type finds nothing. */
bool cel_map_get(struct cel_value map, struct cel_value key, struct cel_value *ret_value);

/** The state before the first element. */
struct cel_value cel_first(struct cel_value collection);
/** Gives the next index or key and its value; false at the end. */
bool cel_next(struct cel_value collection, struct cel_value *state, struct cel_value *ret_key,
              struct cel_value *ret_value);

#endif
