/* SPDX-License-Identifier: Apache-2.0 */
/*
 * span: pieces of text, a text that grows, and a map of words. The small things the rest of lang
 * stands on.
 */
#include "lang.h"

#include <stdlib.h>
#include <string.h>

struct lang_span lang_span_of(const char *text)
{
    return (struct lang_span){ text, text != NULL ? strlen(text) : 0 };
}

bool lang_span_is(struct lang_span span, const char *text)
{
    return span.length == strlen(text) && memcmp(span.at, text, span.length) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

struct lang_span lang_span_trim(struct lang_span span)
{
    while (span.length > 0 && is_blank(span.at[0])) {
        span.at++;
        span.length--;
    }
    while (span.length > 0 && is_blank(span.at[span.length - 1]))
        span.length--;
    return span;
}

void lang_buf_add(struct lang_buf *buf, const char *data, size_t length)
{
    if (buf->is_failed)
        return;
    if (buf->capacity - buf->length <= length) {
        size_t capacity = (buf->length + length + 1) * 2;
        char *grown = realloc(buf->data, capacity);

        if (grown == NULL) {
            buf->is_failed = true;
            return;
        }
        buf->data = grown;
        buf->capacity = capacity;
    }
    if (length > 0)
        memcpy(buf->data + buf->length, data, length);
    buf->length += length;
    buf->data[buf->length] = '\0';
}

void lang_buf_add_text(struct lang_buf *buf, const char *text)
{
    lang_buf_add(buf, text, strlen(text));
}

void lang_buf_free(struct lang_buf *buf)
{
    free(buf->data);
    *buf = (struct lang_buf){ 0 };
}

/* FNV-1a: the keys are a few bytes long and come from our own files. */
static uint32_t hash_of(const char *key, size_t length)
{
    uint32_t hash = 2166136261U;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)key[i]) * 16777619U;
    return hash;
}

static struct lang_map_slot *find_slot(const struct lang_map *map, const char *key, size_t length,
                                       uint32_t hash)
{
    size_t mask = map->capacity - 1;

    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct lang_map_slot *slot = &map->slots[i];

        if (slot->key == NULL || (slot->hash == hash && slot->key_length == length &&
                                  memcmp(slot->key, key, length) == 0))
            return slot;
    }
}

const void *lang_map_get(const struct lang_map *map, const char *key, size_t length)
{
    return map->capacity == 0 ? NULL : find_slot(map, key, length, hash_of(key, length))->value;
}

static int grow(struct lang_map *map)
{
    struct lang_map old = *map;
    size_t capacity = old.capacity == 0 ? 64 : old.capacity * 4;
    struct lang_map_slot *slots = calloc(capacity, sizeof(*slots));

    if (slots == NULL)
        return -1;
    map->slots = slots;
    map->capacity = capacity;
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].key != NULL)
            *find_slot(map, old.slots[i].key, old.slots[i].key_length, old.slots[i].hash) =
                old.slots[i];
    free(old.slots);
    return 0;
}

int lang_map_set(struct lang_map *map, const char *key, size_t length, const void *value)
{
    uint32_t hash = hash_of(key, length);
    struct lang_map_slot *slot;

    if (map->count * 2 >= map->capacity && grow(map) != 0)
        return -1;
    slot = find_slot(map, key, length, hash);
    if (slot->key == NULL) {
        *slot = (struct lang_map_slot){ key, (uint32_t)length, hash, NULL };
        map->count++;
    }
    slot->value = value;
    return 0;
}

void lang_map_free(struct lang_map *map)
{
    free(map->slots);
    *map = (struct lang_map){ 0 };
}
