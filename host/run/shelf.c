/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shelf: reads the list of runs that have ended by definition: one record for each definition and
 * each way to end, whatever their number.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "run/keeper.h"

enum { CLASSES_AT_ONCE = 256 };

void tdh_shelf_class(const struct tdh_shelf *shelf, unsigned letter,
                     char ret_class[static TDH_ENDED_CLASS + 1])
{
    snprintf(ret_class, TDH_ENDED_CLASS + 1, "%s/%c/", shelf->hash, tdh_ended_letters[letter]);
}

static void clear(struct tdh_shelf *shelf)
{
    free(shelf->name);
    shelf->name = NULL;
}

void tdh_shelves_free(struct tdh_shelves *shelves)
{
    for (size_t i = 0; i < shelves->count; i++)
        clear(&shelves->list[i]);
    free(shelves->list);
    *shelves = (struct tdh_shelves){ 0 };
}

/* --- which there are --- */

struct reading {
    struct tdh_shelves *shelves;
    char key[TD_NAME_MAX + 1]; /* of the oldest of a class; "": none */
    char after[TD_NAME_MAX + 1];
    struct td_err *err;
};

static int note_key(void *arg, const char *key, struct td_bytes value, uint64_t version)
{
    struct reading *reading = arg;

    (void)value, (void)version;
    snprintf(reading->key, sizeof(reading->key), "%s", key);
    return 1;
}

/* The shelf of that hash, which is the last one or a new one behind it. */
static struct tdh_shelf *shelf_of(struct tdh_shelves *shelves, const char *hash)
{
    struct tdh_shelf *shelf = &shelves->list[shelves->count];

    if (shelves->count > 0 && strncmp(shelf[-1].hash, hash, TDH_ENDED_HASH) == 0)
        return shelf - 1;
    if (shelves->count == shelves->room) {
        size_t room = shelves->room > 0 ? shelves->room * 2 : 64;
        struct tdh_shelf *list = realloc(shelves->list, room * sizeof(*list));

        if (list == NULL)
            return NULL;
        shelves->list = list;
        shelves->room = room;
        shelf = &list[shelves->count];
    }
    *shelf = (struct tdh_shelf){ .oldest_us = { -1, -1, -1, -1 } };
    memcpy(shelf->hash, hash, TDH_ENDED_HASH);
    shelves->count++;
    return shelf;
}

static int add_class(struct reading *reading, struct td_err *err)
{
    const char *letter = strlen(reading->key) == TDH_ENDED_KEY - 1
                             ? strchr(tdh_ended_letters, reading->key[TDH_ENDED_HASH + 1])
                             : NULL;
    struct tdh_shelf *shelf;

    if (letter == NULL) { /* not written by us: the next key */
        snprintf(reading->after, sizeof(reading->after), "%s", reading->key);
        return 0;
    }
    shelf = shelf_of(reading->shelves, reading->key);
    if (shelf == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of definitions");
    shelf->oldest_us[letter - tdh_ended_letters] = tdh_ended_us(reading->key);
    /* behind all of its class: '0' comes after '/' */
    snprintf(reading->after, sizeof(reading->after), "%.*s0", TDH_ENDED_CLASS - 1, reading->key);
    return 0;
}

static int ask_classes(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                       struct td_err *err)
{
    struct reading *reading = arg;

    for (unsigned i = 0; i < CLASSES_AT_ONCE; i++) {
        reading->key[0] = '\0';
        if (table->kv->scan(ctx, TDH_ENDED_SPACE, NULL,
                            reading->after[0] != '\0' ? reading->after : NULL, 1, TD_SCAN_SOUND,
                            tdh_clock_us(), note_key, reading, err) != 0)
            return -1;
        if (reading->key[0] == '\0')
            return 0;
        if (add_class(reading, err) != 0)
            return -1;
    }
    return 0;
}

static int by_hash(const void *a, const void *b)
{
    return strcmp(((const struct tdh_shelf *)a)->hash, ((const struct tdh_shelf *)b)->hash);
}

/* A hash always leads to the same definition. */
static void take_known(struct tdh_shelves *from, struct tdh_shelves *to)
{
    for (size_t i = 0; i < to->count && from->count > 0; i++) {
        struct tdh_shelf *known =
            bsearch(&to->list[i], from->list, from->count, sizeof(*known), by_hash);

        if (known == NULL || known->name == NULL)
            continue;
        to->list[i].name = known->name;
        to->list[i].own = known->own;
        known->name = NULL;
    }
}

int tdh_shelves_read(struct tdh_shelves *shelves, struct tdh_store *store, struct td_err *err)
{
    struct tdh_shelves fresh = { 0 };
    struct reading reading = { .shelves = &fresh, .key = "?" };

    while (reading.key[0] != '\0')
        if (tdh_store_ask(store, ask_classes, &reading, err) != 0) {
            tdh_shelves_free(&fresh);
            return -1;
        }
    take_known(shelves, &fresh);
    tdh_shelves_free(shelves);
    *shelves = fresh;
    return 0;
}

int tdh_shelf_know(struct tdh_shelf *shelf, struct tdh_store *store, struct td_err *err)
{
    const json_t *text;
    json_t *list;

    if (shelf->name != NULL)
        return 0;
    if (tdh_store_list(store, TDH_DEF_SPACE, shelf->hash, NULL, 1, TD_SCAN_SOUND, &list, err) != 0)
        return -1;
    text = json_object_get(json_array_get(list, 0), "value");
    tdh_retention_read(text, &shelf->own);
    shelf->name = strdup(tdh_json_str(text, "id", tdh_json_str(text, "pattern", "")));
    json_decref(list);
    return shelf->name != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a name");
}

/* --- the newest that stay --- */

struct newest {
    const char *prefix;
    int64_t *times;
    uint32_t keep;
    size_t count;
};

static int note_time(void *arg, const char *key, struct td_bytes value, uint64_t version)
{
    struct newest *newest = arg;

    (void)value, (void)version;
    if (strlen(key) == TDH_ENDED_KEY - 1)
        newest->times[newest->count++] = tdh_ended_us(key);
    return 0;
}

static int ask_newest(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                      struct td_err *err)
{
    struct newest *newest = arg;

    return table->kv->scan(ctx, TDH_ENDED_SPACE, newest->prefix, NULL, newest->keep,
                           TD_SCAN_DOWN | TD_SCAN_SOUND, tdh_clock_us(), note_time, newest, err);
}

static int newest_first(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;

    return (*left < *right) - (*left > *right);
}

/* Those of one class go to the others; of all, the newest stay in front. */
static int add_newest(struct newest *newest, struct tdh_store *store, struct td_err *err)
{
    if (tdh_store_ask(store, ask_newest, newest, err) != 0)
        return -1;
    qsort(newest->times, newest->count, sizeof(*newest->times), newest_first);
    if (newest->count > newest->keep)
        newest->count = newest->keep;
    return 0;
}

int tdh_shelves_floor(struct tdh_shelves *shelves, const char *name, uint32_t keep,
                      struct tdh_store *store, int64_t *ret_floor_us, struct td_err *err)
{
    char class[TDH_ENDED_CLASS + 1];
    struct newest newest = { .prefix = class, .keep = keep };
    int rc = 0;

    newest.times = calloc((size_t)keep * 2, sizeof(*newest.times));
    if (newest.times == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of %u runs", keep);
    for (size_t i = 0; rc == 0 && i < shelves->count; i++)
        for (unsigned letter = 0; rc == 0 && letter < TDH_ENDED_LETTERS; letter++) {
            if (shelves->list[i].oldest_us[letter] < 0 || strcmp(shelves->list[i].name, name) != 0)
                continue;
            tdh_shelf_class(&shelves->list[i], letter, class);
            rc = add_newest(&newest, store, err);
        }
    if (rc == 0)
        *ret_floor_us = newest.count == keep ? newest.times[keep - 1] : INT64_MIN;
    free(newest.times);
    return rc;
}
