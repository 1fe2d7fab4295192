/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emit: the growing program: instructions, interned constants, and how deep the stack is.
 */
#include <stdlib.h>
#include <string.h>

#include "cel/collection.h"
#include "cel/loop.h"
#include "cel/parser.h"
#include "cel/regex.h"

/*
 * What an instruction adds to the stack where it does not jump. Those with operands by number are
 * not here.
 */
static const int8_t effects[] = {
    [CEL_OP_CONST] = 1,
    [CEL_OP_ROOT] = 1,
    [CEL_OP_LOCAL] = 1,
    [CEL_OP_INDEX] = -1,
    [CEL_OP_ADD] = -1,
    [CEL_OP_SUBTRACT] = -1,
    [CEL_OP_MULTIPLY] = -1,
    [CEL_OP_DIVIDE] = -1,
    [CEL_OP_MODULO] = -1,
    [CEL_OP_EQUAL] = -1,
    [CEL_OP_UNEQUAL] = -1,
    [CEL_OP_LESS] = -1,
    [CEL_OP_LESS_EQUAL] = -1,
    [CEL_OP_GREATER] = -1,
    [CEL_OP_GREATER_EQUAL] = -1,
    [CEL_OP_IN] = -1,
    [CEL_OP_AND] = -1,
    [CEL_OP_OR] = -1,
    [CEL_OP_BRANCH] = -1,
    [CEL_OP_LOOP] = CEL_LOOP_PLACES - 1,
    [CEL_OP_TEST] = -1,
    [CEL_OP_SUM] = -1,
    [CEL_OP_LOOP_END] = 1 - CEL_LOOP_PLACES,
    [CEL_OP_OPEN] = 1,
    [CEL_OP_WRAP] = -2,
    [CEL_OP_ELSE] = -1,
    [CEL_OP_UNDER] = -1,
};

int64_t cel_op_effect(struct cel_op op)
{
    switch (op.code) {
    case CEL_OP_UNKNOWN:
    case CEL_OP_CALL:
        return 1 - (int64_t)op.n;
    case CEL_OP_LIST:
        return 1 - (int64_t)op.a;
    case CEL_OP_MAP:
        return 1 - 2 * (int64_t)op.a;
    default:
        return effects[op.code];
    }
}

/* Makes room for one more; false, with has_no_memory set, when there is none. */
static bool reserve(struct cel_parser *parser, void *array, size_t size, uint32_t count,
                    uint32_t capacity)
{
    void **vector = array, *grown;

    if (count < capacity)
        return true;
    grown = realloc(*vector, (capacity < 8 ? 16 : (size_t)capacity * 2) * size);
    if (grown == NULL)
        parser->has_no_memory = true;
    else
        *vector = grown;
    return grown != NULL;
}

static uint32_t next_capacity(uint32_t capacity)
{
    return capacity < 8 ? 16 : capacity * 2;
}

uint32_t cel_emit(struct cel_parser *parser, struct cel_op op, size_t place)
{
    struct tdh_cel *cel = parser->cel;

    parser->stack = (uint32_t)((int64_t)parser->stack + cel_op_effect(op));
    if (parser->stack > cel->stack_size)
        cel->stack_size = parser->stack;
    if (!reserve(parser, &cel->ops, sizeof(*cel->ops), cel->op_count, parser->op_capacity) ||
        !reserve(parser, &cel->places, sizeof(*cel->places), cel->op_count, parser->op_capacity))
        return 0;
    if (cel->op_count == parser->op_capacity)
        parser->op_capacity = next_capacity(parser->op_capacity);
    cel->ops[cel->op_count] = op;
    cel->places[cel->op_count] = (uint32_t)place;
    return cel->op_count++;
}

static uint32_t hash_const(struct cel_value value)
{
    uint64_t hash = 0xcbf29ce484222325U ^ value.type;

    if (value.type != CEL_STRING && value.type != CEL_BYTES)
        return (uint32_t)((hash ^ value.as.u) * 0x9E3779B97F4A7C15U >> 32);
    for (uint32_t i = 0; i < value.size; i++)
        hash = (hash ^ (unsigned char)value.as.s[i]) * 0x100000001b3U;
    return (uint32_t)(hash ^ hash >> 32);
}

/* The same in type and bits: 0.0 and -0.0 are two. */
static bool is_same_const(struct cel_value a, struct cel_value b)
{
    if (a.type != b.type || a.size != b.size)
        return false;
    if (a.type == CEL_STRING || a.type == CEL_BYTES)
        return memcmp(a.as.s, b.as.s, a.size) == 0;
    return a.as.u == b.as.u;
}

static uint32_t *slot_of(const struct cel_parser *parser, struct cel_value value)
{
    for (uint32_t at = hash_const(value);; at++) {
        uint32_t *slot = &parser->interned[at & (parser->interned_size - 1)];

        if (*slot == 0 || is_same_const(parser->cel->consts[*slot - 1], value))
            return slot;
    }
}

static bool grow_interned(struct cel_parser *parser)
{
    uint32_t size = parser->interned_size == 0 ? 64 : parser->interned_size * 2;
    uint32_t *grown = calloc(size, sizeof(*grown));

    if (grown == NULL) {
        parser->has_no_memory = true;
        return false;
    }
    free(parser->interned);
    parser->interned = grown;
    parser->interned_size = size;
    for (uint32_t i = 0; i < parser->cel->const_count; i++)
        *slot_of(parser, parser->cel->consts[i]) = i + 1;
    return true;
}

uint32_t cel_intern(struct cel_parser *parser, struct cel_value value)
{
    struct tdh_cel *cel = parser->cel;
    uint32_t *slot;

    if (2 * cel->const_count >= parser->interned_size && !grow_interned(parser))
        return 0;
    slot = slot_of(parser, value);
    if (*slot != 0)
        return *slot - 1;
    if (!reserve(parser, &cel->consts, sizeof(*cel->consts), cel->const_count,
                 parser->const_capacity))
        return 0;
    if (cel->const_count == parser->const_capacity)
        parser->const_capacity = next_capacity(parser->const_capacity);
    cel->consts[cel->const_count] = value;
    *slot = ++cel->const_count;
    return *slot - 1;
}

uint32_t cel_emit_const(struct cel_parser *parser, struct cel_value value, size_t place)
{
    return cel_emit(parser, (struct cel_op){ .code = CEL_OP_CONST, .a = cel_intern(parser, value) },
                    place);
}

void cel_patch(struct cel_parser *parser, uint32_t op)
{
    if (!parser->has_no_memory)
        parser->cel->ops[op].a = parser->cel->op_count;
}

const struct cel_value *cel_emitted_const(const struct cel_parser *parser, uint32_t begin)
{
    const struct tdh_cel *cel = parser->cel;

    if (parser->has_no_memory || cel->op_count != begin + 1 || cel->ops[begin].code != CEL_OP_CONST)
        return NULL;
    return &cel->consts[cel->ops[begin].a];
}

void cel_unemit_const(struct cel_parser *parser)
{
    parser->cel->op_count--;
    parser->stack--;
}

/* All the code since `begin` is `count` constants. */
static bool is_constant(const struct cel_parser *parser, uint32_t begin, uint32_t count)
{
    const struct tdh_cel *cel = parser->cel;

    if (parser->has_no_memory || cel->op_count - begin != count)
        return false;
    for (uint32_t i = begin; i < cel->op_count; i++)
        if (cel->ops[i].code != CEL_OP_CONST)
            return false;
    return true;
}

/* From the constants since `begin`. A fault when the constants cannot be such a collection. */
static struct cel_value build(struct cel_parser *parser, enum cel_code code, uint32_t begin,
                              uint32_t count)
{
    const struct tdh_cel *cel = parser->cel;
    struct cel_run *run = &parser->build;
    struct cel_list *list = code == CEL_OP_LIST ? cel_list_new(run, count) : NULL;
    struct cel_map *map = code == CEL_OP_MAP ? cel_map_new(run, count) : NULL;

    for (uint32_t i = 0; i < count; i++) {
        if (list != NULL)
            list->items[list->count++] = cel->consts[cel->ops[begin + i].a];
        else if (map == NULL ||
                 cel_map_put(run, map, cel->consts[cel->ops[begin + 2 * i].a],
                             cel->consts[cel->ops[begin + 2 * i + 1].a]) != CEL_PUT_DONE)
            return cel_stopped();
    }
    if (list == NULL && map == NULL)
        return cel_stopped();
    return list != NULL ? cel_list(list) : cel_map(map);
}

void cel_emit_collection(struct cel_parser *parser, enum cel_code code, uint32_t begin,
                         uint32_t count, size_t place)
{
    uint32_t values = code == CEL_OP_MAP ? 2 * count : count;
    struct cel_value made = cel_stopped();

    if (is_constant(parser, begin, values))
        made = build(parser, code, begin, count);
    if (made.type == CEL_FAULT) {
        cel_emit(parser, (struct cel_op){ .code = (uint8_t)code, .a = count }, place);
        return;
    }
    parser->cel->op_count = begin;
    parser->stack -= values;
    cel_emit_const(parser, made, place);
}

uint32_t cel_keep_pattern(struct cel_parser *parser, struct cel_pattern *pattern)
{
    struct tdh_cel *cel = parser->cel;

    if (!reserve(parser, &cel->patterns, sizeof(*cel->patterns), cel->pattern_count,
                 parser->pattern_capacity)) {
        cel_pattern_free(pattern);
        return 0;
    }
    if (cel->pattern_count == parser->pattern_capacity)
        parser->pattern_capacity = next_capacity(parser->pattern_capacity);
    cel->patterns[cel->pattern_count] = pattern;
    return cel->pattern_count++;
}
