/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program: a compiled expression: instructions for a stack machine, and their constants.
 *
 * The parser emits instructions while it reads, so there is no tree: neither compiling nor running
 * nor freeing recurses along `a + a + a + ...`. How deep the stack is at each instruction is known
 * at compile time, so a local variable is a place in the stack. Immutable once compiled.
 */
#ifndef TDH_CEL_PROGRAM_H
#define TDH_CEL_PROGRAM_H

#include "base/arena.h"
#include "cel/cel.h"
#include "cel/value.h"

/*
 * What each does to the stack stands behind it, before -> after, then what its operands in struct
 * cel_op mean. The operators stand in the order of their tokens in lexer.h.
 */
enum cel_code {
    CEL_OP_END,     /* x ->             the result */
    CEL_OP_CONST,   /* -> x             a: constant */
    CEL_OP_ROOT,    /* -> x             a: root */
    CEL_OP_LOCAL,   /* -> x             a: place in the stack, copied */
    CEL_OP_UNKNOWN, /* x1..xn -> fault  a: constant, the name of nothing; flag: of no function */
    CEL_OP_SELECT,  /* x -> x.name      a: constant, the name; flag: `.?` */
    CEL_OP_HAS,     /* x -> bool        a: as for SELECT */
    CEL_OP_INDEX,   /* x i -> x[i]      flag: `[?` */
    CEL_OP_LIST,    /* x1..xa -> list */
    CEL_OP_MAP,     /* k1 v1..ka va -> map */
    CEL_OP_ELEMENT, /* optional -> x    of an element written `?x` */
    CEL_OP_NOT,     /* x -> !x */
    CEL_OP_NEGATE,  /* x -> -x */
    CEL_OP_ADD,     /* x y -> x + y, and so on */
    CEL_OP_SUBTRACT,
    CEL_OP_MULTIPLY,
    CEL_OP_DIVIDE,
    CEL_OP_MODULO,
    CEL_OP_EQUAL,
    CEL_OP_UNEQUAL,
    CEL_OP_LESS,
    CEL_OP_LESS_EQUAL,
    CEL_OP_GREATER,
    CEL_OP_GREATER_EQUAL,
    CEL_OP_IN,
    CEL_OP_SKIP,     /* x -> x           to a when x is the bool `flag`, which decides */
    CEL_OP_AND,      /* x y -> x && y */
    CEL_OP_OR,       /* x y -> x || y */
    CEL_OP_BRANCH,   /* bool ->          to a when false; a fault stays, for the JUMP at a - 1 */
    CEL_OP_JUMP,     /* ->               to a */
    CEL_OP_CALL,     /* x1..xn -> y      flag: family; a: first overload | count << 16 */
    CEL_OP_MATCH,    /* x -> bool        a: pattern */
    CEL_OP_LOOP,     /* range -> range state sum key value; flag: cel_sum; a fault goes to a */
    CEL_OP_NEXT,     /* fills key, value; to a at the end; flag: two variables */
    CEL_OP_TEST,     /* bool ->          n back when false; a fault ends the loop at a */
    CEL_OP_SUM,      /* x ->             into the sum; to a when it is settled; flag: cel_sum */
    CEL_OP_LOOP_END, /* range state sum key value -> sum; flag: cel_sum */
    CEL_OP_OPEN,     /* optional -> optional x; to a when there is no x */
    CEL_OP_WRAP,     /* optional x -> optional.of(x); flag: x is an optional itself */
    CEL_OP_ELSE,     /* optional ->      to a with it when it has a value; flag: with the value */
    CEL_OP_OPTIONAL, /* x -> x           a fault unless it is an optional */
    CEL_OP_UNDER,    /* x y -> y */
};

/* How a loop sums up its bodies. */
enum cel_sum {
    CEL_SUM_ALL,
    CEL_SUM_EXISTS,
    CEL_SUM_ONE,
    CEL_SUM_LIST,
    CEL_SUM_FILTER,
    CEL_SUM_MAP,
    CEL_SUM_ENTRIES
};

struct cel_op {
    uint8_t code;
    uint8_t flag;
    uint16_t n;
    uint32_t a;
};
_Static_assert(sizeof(struct cel_op) == 8, "eight to a cache line");
_Static_assert(TDH_CEL_TEXT <= 65536U,
               "arguments and jumps back fit in n: each takes a character or more");

struct cel_pattern; /* one compiled regular expression */

struct tdh_cel {
    struct tdh_arena arena; /* constants' texts and collections, names of roots, this text */
    const char *text;
    size_t length;
    struct cel_op *ops;
    uint32_t *places; /* offset in the text, by op */
    struct cel_value *consts;
    struct cel_pattern **patterns;
    const char **roots;
    uint32_t op_count, const_count, pattern_count, root_count;
    uint32_t stack_size;
    uint64_t reads;
};

/** Line and column, from 1 and in code points, of a place in the text or of an instruction. */
void cel_text_place(const char *text, size_t offset, unsigned *ret_line, unsigned *ret_column);
void cel_place(const struct tdh_cel *cel, uint32_t op, unsigned *ret_line, unsigned *ret_column);

/** What an instruction adds to the stack where it does not jump. */
int64_t cel_op_effect(struct cel_op op);

struct cel_run;

/** Runs the program of `run`. Gives a value or a fault; when no steps are left it is neither. */
struct cel_value cel_evaluate(struct cel_run *run);

#endif
