/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_build: a stack of open collections, the place tree beside the values, and the anchors.
 *
 * A collection enters its parent when it begins, so one decref of the root frees a half-built
 * document. What is counted (values, bytes of text, levels) is counted for each anchor too: an
 * alias is checked against the limits before its copy is made.
 */
#include "base/yaml_build.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/yaml_places.h"
#include "base/yaml_scalar.h"

struct count {
    size_t values, bytes;
};

struct anchor {
    struct anchor *older;
    json_t *value;      /* a reference; NULL: its collection is still open */
    struct count count; /* of it and all in it */
    unsigned levels;    /* of collections in it, with itself */
    const char *text;   /* of a scalar, as a key would take it; NULL: a collection */
    size_t text_length;
};

/* An open collection. */
struct frame {
    json_t *value;
    uint32_t node;
    unsigned levels;       /* of collections in it so far, with itself */
    struct count before;   /* when it began */
    struct anchor *anchor; /* NULL: it has none */
};

struct tdh_yaml_builder {
    struct tdh_yaml *yaml;
    struct frame frames[TDH_JSON_DEPTH];
    unsigned depth;
    struct count count;
    struct tdh_buf key; /* of the member whose value comes next */
    struct tdh_place key_place;
    bool has_key;
    struct tdh_map anchors; /* name -> struct anchor in `arena`: the latest of that name */
    struct anchor *newest;
    struct tdh_arena arena;
};

static struct tdh_place place_of(const yaml_event_t *event)
{
    return (struct tdh_place){
        .line = (unsigned)event->start_mark.line + 1,
        .column = (unsigned)event->start_mark.column + 1,
    };
}

static int fail_at(const struct tdh_yaml_builder *builder, struct tdh_place place,
                   struct td_err *err, enum td_code code, const char *fmt, ...) TD_PRINTF(5, 6);
static int fail_at(const struct tdh_yaml_builder *builder, struct tdh_place place,
                   struct td_err *err, enum td_code code, const char *fmt, ...)
{
    char text[TD_ERR_TEXT];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return td_fail(err, code, "%s:%u:%u: %s", builder->yaml->name, place.line, place.column, text);
}

static int fail_memory(const struct tdh_yaml_builder *builder, struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "%s: could not allocate the document", builder->yaml->name);
}

struct tdh_yaml_builder *tdh_yaml_builder_new(const char *name, struct td_err *err)
{
    struct tdh_yaml_builder *builder = calloc(1, sizeof(*builder));

    if (builder != NULL)
        builder->yaml = calloc(1, sizeof(*builder->yaml));
    if (builder != NULL && builder->yaml != NULL) {
        builder->yaml->name = strdup(name);
        builder->yaml->places = calloc(1, sizeof(*builder->yaml->places));
        if (builder->yaml->name != NULL && builder->yaml->places != NULL)
            return builder;
    }
    tdh_yaml_builder_free(builder);
    td_fail(err, TD_E_NOMEM, "%s: could not allocate the document", name);
    return NULL;
}

static struct frame *top(struct tdh_yaml_builder *builder)
{
    return builder->depth != 0 ? &builder->frames[builder->depth - 1] : NULL;
}

/* Checks what would be there with `more` against the limits, and counts it. */
static int count_in(struct tdh_yaml_builder *builder, const struct count *more,
                    struct tdh_place place, struct td_err *err)
{
    if (more->values > TDH_YAML_VALUES - builder->count.values)
        return fail_at(builder, place, err, TD_E_LIMIT, "more than %u values, aliases expanded",
                       TDH_YAML_VALUES);
    if (more->bytes > TDH_YAML_TEXTS - builder->count.bytes)
        return fail_at(builder, place, err, TD_E_LIMIT,
                       "more than %u bytes of text, aliases expanded", TDH_YAML_TEXTS);
    builder->count.values += more->values;
    builder->count.bytes += more->bytes;
    return 0;
}

static int fail_repeated(const struct tdh_yaml_builder *builder, uint32_t parent,
                         struct td_err *err)
{
    const struct tdh_buf *key = &builder->key;
    const struct tdh_yaml_node *first =
        tdh_yaml_places_first(builder->yaml->places, parent, key->data, key->length);

    if (first == NULL)
        return fail_memory(builder, err);
    return fail_at(builder, builder->key_place, err, TD_E_INVAL,
                   "key \"%.100s\" stands twice, first in line %u, column %u", key->data,
                   first->key_place.line, first->key_place.column);
}

static int put_member(struct tdh_yaml_builder *builder, const struct frame *frame, json_t *value,
                      struct tdh_place place, uint32_t *ret_node, struct td_err *err)
{
    const struct tdh_buf *key = &builder->key;
    size_t size = json_object_size(frame->value);

    builder->has_key = false;
    if (json_object_set_new_nocheck(frame->value, key->data, value) != 0)
        return fail_memory(builder, err);
    if (json_object_size(frame->value) == size)
        return fail_repeated(builder, frame->node, err);
    *ret_node = tdh_yaml_places_member(builder->yaml->places, frame->node, key->data, key->length,
                                       builder->key_place, place);
    return 0;
}

/* Takes `value` into the open collection, or as the root. */
static int put(struct tdh_yaml_builder *builder, json_t *value, struct tdh_place place,
               uint32_t *ret_node, struct td_err *err)
{
    struct frame *frame = top(builder);

    if (frame == NULL) {
        builder->yaml->root = value;
        *ret_node = tdh_yaml_places_root(builder->yaml->places, place);
    } else if (json_is_object(frame->value)) {
        if (put_member(builder, frame, value, place, ret_node, err) != 0)
            return -1;
    } else {
        size_t index = json_array_size(frame->value);

        if (json_array_append_new(frame->value, value) != 0)
            return fail_memory(builder, err);
        *ret_node = tdh_yaml_places_element(builder->yaml->places, frame->node, index, place);
    }
    return *ret_node != TDH_YAML_NO_NODE ? 0 : fail_memory(builder, err);
}

/* Makes the anchor of an event, if it has one. A later anchor of the same name takes the place of
 * an earlier one. */
static int add_anchor(struct tdh_yaml_builder *builder, const yaml_char_t *name,
                      struct anchor **ret_anchor, struct td_err *err)
{
    struct anchor *anchor;

    *ret_anchor = NULL;
    if (name == NULL)
        return 0;
    anchor = tdh_arena_alloc(&builder->arena, sizeof(*anchor));
    if (anchor == NULL || tdh_map_set(&builder->anchors, (const char *)name, anchor, NULL) != 0)
        return fail_memory(builder, err);
    anchor->older = builder->newest;
    builder->newest = anchor;
    *ret_anchor = anchor;
    return 0;
}

/* The whole anchor of a scalar: what an alias to it stands for, as a value or as a key. */
static int add_scalar_anchor(struct tdh_yaml_builder *builder, const yaml_event_t *event,
                             json_t *value, struct td_err *err)
{
    const char *text = (const char *)event->data.scalar.value;
    struct anchor *anchor;

    if (add_anchor(builder, event->data.scalar.anchor, &anchor, err) != 0)
        return -1;
    if (anchor == NULL)
        return 0;
    anchor->value = json_incref(value);
    anchor->count = (struct count){ .values = 1, .bytes = event->data.scalar.length };
    anchor->text_length = event->data.scalar.length;
    anchor->text = tdh_arena_copy(&builder->arena, text, anchor->text_length);
    return anchor->text != NULL ? 0 : fail_memory(builder, err);
}

static int set_key(struct tdh_yaml_builder *builder, const char *text, size_t length,
                   struct tdh_place place, struct td_err *err)
{
    struct count more = { .bytes = length };

    if (memchr(text, '\0', length) != NULL)
        return fail_at(builder, place, err, TD_E_INVAL, "a key cannot hold a NUL character");
    if (count_in(builder, &more, place, err) != 0)
        return -1;
    tdh_buf_clear(&builder->key);
    tdh_buf_add(&builder->key, text, length);
    if (builder->key.failed)
        return fail_memory(builder, err);
    builder->key_place = place;
    builder->has_key = true;
    return 0;
}

static bool wants_key(struct tdh_yaml_builder *builder)
{
    const struct frame *frame = top(builder);

    return frame != NULL && json_is_object(frame->value) && !builder->has_key;
}

/* new: what a scalar means, or NULL. */
static json_t *read_scalar(const struct tdh_yaml_builder *builder, const yaml_event_t *event,
                           struct td_err *err)
{
    struct tdh_place place = place_of(event);
    json_t *value = tdh_yaml_scalar((const char *)event->data.scalar.value,
                                    event->data.scalar.length, (const char *)event->data.scalar.tag,
                                    event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE, err);

    if (value == NULL)
        td_context(err, "%s:%u:%u", builder->yaml->name, place.line, place.column);
    return value;
}

/* A key is its text, whatever it would mean as a value; only an anchor on it makes a value. */
static int add_key(struct tdh_yaml_builder *builder, const yaml_event_t *event, struct td_err *err)
{
    const char *text = (const char *)event->data.scalar.value,
               *tag = (const char *)event->data.scalar.tag;
    struct tdh_place place = place_of(event);
    json_t *value;
    int rc;

    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && tag == NULL &&
        strcmp(text, "<<") == 0)
        return fail_at(builder, place, err, TD_E_INVAL,
                       "merge keys (<<) are not part of YAML 1.2, write the members out");
    if (tdh_yaml_scalar_tag(tag, err) != 0)
        return td_context(err, "%s:%u:%u", builder->yaml->name, place.line, place.column);
    if (event->data.scalar.anchor != NULL) {
        value = read_scalar(builder, event, err);
        rc = value != NULL ? add_scalar_anchor(builder, event, value, err) : -1;
        json_decref(value);
        if (rc != 0)
            return -1;
    }
    return set_key(builder, text, event->data.scalar.length, place, err);
}

static int add_scalar(struct tdh_yaml_builder *builder, const yaml_event_t *event,
                      struct td_err *err)
{
    struct count more = { .values = 1, .bytes = event->data.scalar.length };
    struct tdh_place place = place_of(event);
    uint32_t node;
    json_t *value;

    if (wants_key(builder))
        return add_key(builder, event, err);
    if (count_in(builder, &more, place, err) != 0)
        return -1;
    value = read_scalar(builder, event, err);
    if (value == NULL || put(builder, value, place, &node, err) != 0)
        return -1;
    return add_scalar_anchor(builder, event, value, err);
}

static void note_levels(struct tdh_yaml_builder *builder, unsigned levels)
{
    struct frame *frame = top(builder);

    if (frame != NULL && frame->levels < levels + 1)
        frame->levels = levels + 1;
}

static int add_alias(struct tdh_yaml_builder *builder, const yaml_event_t *event,
                     struct td_err *err)
{
    const char *name = (const char *)event->data.alias.anchor;
    const struct anchor *anchor = tdh_map_get(&builder->anchors, name);
    struct tdh_place place = place_of(event);
    uint32_t node;
    json_t *copy;

    if (anchor == NULL)
        return fail_at(builder, place, err, TD_E_INVAL, "alias \"%.100s\" has no anchor before it",
                       name);
    if (anchor->value == NULL)
        return fail_at(builder, place, err, TD_E_INVAL,
                       "alias \"%.100s\" stands inside its own anchor", name);
    if (wants_key(builder)) {
        if (anchor->text == NULL)
            return fail_at(builder, place, err, TD_E_INVAL,
                           "a key must be a scalar, alias \"%.100s\" is a collection", name);
        return set_key(builder, anchor->text, anchor->text_length, place, err);
    }
    if (builder->depth + anchor->levels > TDH_JSON_DEPTH)
        return fail_at(builder, place, err, TD_E_LIMIT,
                       "more than %d levels deep, aliases expanded", TDH_JSON_DEPTH);
    if (count_in(builder, &anchor->count, place, err) != 0)
        return -1;
    copy = json_deep_copy(anchor->value);
    if (copy == NULL)
        return fail_memory(builder, err);
    note_levels(builder, anchor->levels);
    return put(builder, copy, place, &node, err);
}

/* What mappings and sequences have in common. */
struct opening {
    const char *name, *tag_name;
    json_t *(*make)(void);
    const yaml_char_t *anchor, *tag;
};

static int check_opening(struct tdh_yaml_builder *builder, const struct opening *opening,
                         struct tdh_place place, struct td_err *err)
{
    const struct count more = { .values = 1 };

    if (wants_key(builder))
        return fail_at(builder, place, err, TD_E_INVAL, "a key must be a scalar, this is a %s",
                       opening->name);
    if (builder->depth == TDH_JSON_DEPTH)
        return fail_at(builder, place, err, TD_E_LIMIT, "more than %d levels deep", TDH_JSON_DEPTH);
    if (tdh_yaml_collection_tag((const char *)opening->tag, opening->tag_name, err) != 0)
        return td_context(err, "%s:%u:%u", builder->yaml->name, place.line, place.column);
    return count_in(builder, &more, place, err);
}

static int begin(struct tdh_yaml_builder *builder, const struct opening *opening,
                 struct tdh_place place, struct td_err *err)
{
    struct frame frame = { .levels = 1, .before = builder->count };

    if (check_opening(builder, opening, place, err) != 0)
        return -1;
    frame.value = opening->make();
    if (frame.value == NULL)
        return fail_memory(builder, err);
    if (put(builder, frame.value, place, &frame.node, err) != 0 ||
        add_anchor(builder, opening->anchor, &frame.anchor, err) != 0)
        return -1;
    builder->frames[builder->depth++] = frame;
    return 0;
}

static int begin_mapping(struct tdh_yaml_builder *builder, const yaml_event_t *event,
                         struct td_err *err)
{
    const struct opening opening = { "mapping", "map", json_object,
                                     event->data.mapping_start.anchor,
                                     event->data.mapping_start.tag };

    return begin(builder, &opening, place_of(event), err);
}

static int begin_sequence(struct tdh_yaml_builder *builder, const yaml_event_t *event,
                          struct td_err *err)
{
    const struct opening opening = { "sequence", "seq", json_array,
                                     event->data.sequence_start.anchor,
                                     event->data.sequence_start.tag };

    return begin(builder, &opening, place_of(event), err);
}

static void end_collection(struct tdh_yaml_builder *builder)
{
    const struct frame *frame = &builder->frames[--builder->depth];

    if (frame->anchor != NULL) {
        frame->anchor->value = json_incref(frame->value);
        frame->anchor->levels = frame->levels;
        frame->anchor->count.values = builder->count.values - frame->before.values;
        frame->anchor->count.bytes = builder->count.bytes - frame->before.bytes;
    }
    note_levels(builder, frame->levels);
}

int tdh_yaml_builder_add(struct tdh_yaml_builder *builder, const yaml_event_t *event,
                         struct td_err *err)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return add_scalar(builder, event, err);
    case YAML_ALIAS_EVENT:
        return add_alias(builder, event, err);
    case YAML_MAPPING_START_EVENT:
        return begin_mapping(builder, event, err);
    case YAML_SEQUENCE_START_EVENT:
        return begin_sequence(builder, event, err);
    default:
        end_collection(builder);
        return 0;
    }
}

struct tdh_yaml *tdh_yaml_builder_end(struct tdh_yaml_builder *builder)
{
    struct tdh_yaml *yaml = builder->yaml;

    builder->yaml = NULL;
    return yaml;
}

const char *tdh_yaml_builder_name(const struct tdh_yaml_builder *builder)
{
    return builder->yaml->name;
}

void tdh_yaml_builder_free(struct tdh_yaml_builder *builder)
{
    if (builder == NULL)
        return;
    for (struct anchor *anchor = builder->newest; anchor != NULL; anchor = anchor->older)
        json_decref(anchor->value);
    tdh_map_free(&builder->anchors, NULL);
    tdh_arena_free(&builder->arena);
    tdh_buf_free(&builder->key);
    tdh_yaml_free(builder->yaml);
    free(builder);
}
