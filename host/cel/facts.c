/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts: what an index can look up of a condition, read off its program.
 *
 * The program is walked once with symbols in the place of values. What the walk does not know
 * becomes OTHER, so a fact is never wrong: at worst it says nothing.
 */
#include <string.h>

#include "cel/collection.h"
#include "cel/function.h"
#include "cel/program.h"

enum { SYMBOLS = 64 }; /* deepest stack that is followed */

enum symbol_kind { SYMBOL_UNKNOWN, SYMBOL_ROOT, SYMBOL_CONST, SYMBOL_FACT };

struct symbol {
    enum symbol_kind kind;
    uint32_t number; /* of the root, or the constant */
    size_t begin;    /* of its facts */
};

struct walk {
    const struct tdh_cel *cel;
    struct tdh_cel_fact *facts;
    size_t count, room;
    struct symbol stack[SYMBOLS];
    struct symbol none; /* when the stack has fewer */
    unsigned depth;
    bool is_lost; /* no room, or an instruction that is not followed */
};

static void push(struct walk *walk, enum symbol_kind kind, uint32_t number, size_t begin)
{
    if (walk->depth == SYMBOLS) {
        walk->is_lost = true;
        return;
    }
    walk->stack[walk->depth++] = (struct symbol){ kind, number, begin };
}

/* The symbol below the top by `back`, from 1. */
static struct symbol *peek(struct walk *walk, unsigned back)
{
    if (walk->depth >= back)
        return &walk->stack[walk->depth - back];
    walk->is_lost = true;
    walk->none = (struct symbol){ 0 };
    return &walk->none;
}

static void add(struct walk *walk, struct tdh_cel_fact fact)
{
    if (walk->count == walk->room)
        walk->is_lost = true;
    else
        walk->facts[walk->count++] = fact;
}

/* Puts one symbol in the place of the top `count`, and forgets their facts. */
static size_t pop(struct walk *walk, unsigned count)
{
    size_t begin = peek(walk, count)->begin;

    if (walk->is_lost)
        return 0;
    walk->depth -= count;
    walk->count = begin;
    return begin;
}

static void replace(struct walk *walk, unsigned count)
{
    size_t begin = count > 0 ? pop(walk, count) : walk->count;

    push(walk, SYMBOL_UNKNOWN, 0, begin);
}

/* The top is an operand of && or ||, or the result: it has to be a fact. */
static void settle(struct walk *walk)
{
    struct symbol *top = peek(walk, 1);

    if (walk->is_lost || top->kind == SYMBOL_FACT)
        return;
    top->kind = SYMBOL_FACT;
    add(walk, (struct tdh_cel_fact){ .kind = TDH_CEL_FACT_OTHER });
}

static const struct cel_value *text_of(const struct walk *walk, const struct symbol *symbol)
{
    const struct cel_value *value = &walk->cel->consts[symbol->number];

    return symbol->kind == SYMBOL_CONST && value->type == CEL_STRING ? value : NULL;
}

static void add_leaf(struct walk *walk, enum tdh_cel_fact_kind kind, uint32_t root,
                     const struct cel_value *text)
{
    add(walk, (struct tdh_cel_fact){
                  .kind = kind, .root = root, .text = text->as.s, .length = text->size });
}

/* A fact about a root in the place of the top two. */
static void put_leaf(struct walk *walk, enum tdh_cel_fact_kind kind, const struct symbol *root,
                     const struct cel_value *text)
{
    uint32_t number = root->number;
    size_t begin = pop(walk, 2);

    push(walk, SYMBOL_FACT, 0, begin);
    add_leaf(walk, kind, number, text);
}

static void walk_equal(struct walk *walk)
{
    struct symbol *left = peek(walk, 2), *right = peek(walk, 1);

    if (left->kind == SYMBOL_ROOT && text_of(walk, right) != NULL)
        put_leaf(walk, TDH_CEL_FACT_IS, left, text_of(walk, right));
    else if (right->kind == SYMBOL_ROOT && text_of(walk, left) != NULL)
        put_leaf(walk, TDH_CEL_FACT_IS, right, text_of(walk, left));
    else
        replace(walk, 2);
}

static bool is_list_of_texts(struct cel_value value)
{
    if (value.type != CEL_LIST || cel_count(value) == 0)
        return false;
    for (size_t i = 0; i < cel_count(value); i++)
        if (cel_list_at(value, i).type != CEL_STRING)
            return false;
    return true;
}

/* root in ['a', 'b']: it is one or the other. */
static void put_either(struct walk *walk, uint32_t root, struct cel_value list)
{
    size_t begin = pop(walk, 2);

    push(walk, SYMBOL_FACT, 0, begin);
    for (size_t i = 0; i < cel_count(list) && !walk->is_lost; i++) {
        struct cel_value text = cel_list_at(list, i);

        add_leaf(walk, TDH_CEL_FACT_IS, root, &text);
        if (i > 0)
            add(walk, (struct tdh_cel_fact){ .kind = TDH_CEL_FACT_OR });
    }
}

static void walk_in(struct walk *walk)
{
    struct symbol *left = peek(walk, 2), *right = peek(walk, 1);

    if (right->kind == SYMBOL_ROOT && text_of(walk, left) != NULL)
        put_leaf(walk, TDH_CEL_FACT_HAS, right, text_of(walk, left));
    else if (left->kind == SYMBOL_ROOT && right->kind == SYMBOL_CONST &&
             is_list_of_texts(walk->cel->consts[right->number]))
        put_either(walk, left->number, walk->cel->consts[right->number]);
    else
        replace(walk, 2);
}

static bool is_satisfies(struct cel_op op)
{
    struct cel_overloads overloads = { .family = op.flag,
                                       .first = op.a & 0xffff,
                                       .count = op.a >> 16 };

    return op.n == 2 && strcmp(cel_overloads_row(overloads, 0)->name, "satisfies") == 0;
}

static void walk_call(struct walk *walk, struct cel_op op)
{
    const struct cel_value *text;

    if (!is_satisfies(op)) {
        replace(walk, op.n);
        return;
    }
    text = text_of(walk, peek(walk, 1));
    if (text != NULL && peek(walk, 2)->kind == SYMBOL_ROOT)
        put_leaf(walk, TDH_CEL_FACT_FITS, peek(walk, 2), text);
    else
        replace(walk, 2);
}

/* Both sides are settled: their facts stand one behind the other. */
static void walk_both(struct walk *walk, enum tdh_cel_fact_kind kind)
{
    settle(walk);
    if (walk->is_lost || walk->depth < 2)
        return;
    walk->depth--;
    add(walk, (struct tdh_cel_fact){ .kind = kind });
}

/* Instructions that go on behind the next one. Returns where. */
static uint32_t walk_plain(struct walk *walk, uint32_t at)
{
    struct cel_op op = walk->cel->ops[at];
    int64_t effect = cel_op_effect(op);

    if (effect > 1 || op.code == CEL_OP_OPEN || op.code == CEL_OP_ELSE)
        walk->is_lost = true; /* they jump on values */
    else
        replace(walk, (unsigned)(1 - effect));
    return at + 1;
}

static uint32_t step(struct walk *walk, uint32_t at)
{
    struct cel_op op = walk->cel->ops[at];

    switch (op.code) {
    case CEL_OP_CONST:
        push(walk, SYMBOL_CONST, op.a, walk->count);
        return at + 1;
    case CEL_OP_ROOT:
        push(walk, SYMBOL_ROOT, op.a, walk->count);
        return at + 1;
    case CEL_OP_EQUAL:
        walk_equal(walk);
        return at + 1;
    case CEL_OP_IN:
        walk_in(walk);
        return at + 1;
    case CEL_OP_CALL:
        walk_call(walk, op);
        return at + 1;
    case CEL_OP_SKIP: /* behind the left side of && and || */
        settle(walk);
        return at + 1;
    case CEL_OP_AND:
        walk_both(walk, TDH_CEL_FACT_AND);
        return at + 1;
    case CEL_OP_OR:
        walk_both(walk, TDH_CEL_FACT_OR);
        return at + 1;
    case CEL_OP_BRANCH: /* both branches end where the first one jumps to */
        replace(walk, 1);
        return walk->cel->ops[op.a - 1].a;
    case CEL_OP_LOOP:
        replace(walk, 1);
        return op.a;
    default:
        return walk_plain(walk, at);
    }
}

size_t tdh_cel_facts(const struct tdh_cel *cel, struct tdh_cel_fact *ret_facts, size_t room)
{
    struct walk walk = { .cel = cel, .facts = ret_facts, .room = room };

    for (uint32_t at = 0; !walk.is_lost && cel->ops[at].code != CEL_OP_END;) {
        uint32_t next = step(&walk, at);

        walk.is_lost = walk.is_lost || next <= at;
        at = next;
    }
    settle(&walk);
    if (!walk.is_lost && walk.depth == 1)
        return walk.count;
    ret_facts[0] = (struct tdh_cel_fact){ .kind = TDH_CEL_FACT_OTHER };
    return 1;
}
