/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run: one evaluation: its inputs, its bounds, and the faults that travel as values.
 *
 * A fault is a value, since `||`, `&&`, all() and exists() may swallow it. Reaching a bound is not:
 * it empties steps_left, and the evaluator stops before its next instruction, so nothing can
 * swallow it.
 */
#ifndef TDH_CEL_RUN_H
#define TDH_CEL_RUN_H

#include "base/arena.h"
#include "cel/cel.h"
#include "cel/value.h"

struct cel_matcher;
struct cel_zone;

struct cel_run {
    const struct tdh_cel *cel;
    struct tdh_arena *arena;
    const json_t *const *roots; /* NULL: `typed` holds the roots */
    const struct cel_value *typed;
    size_t root_count;
    uint64_t steps_left;
    size_t bytes_left;
    const char *stop;            /* the bound that was reached, when it was not the steps */
    enum td_code stop_code;      /* of `stop` */
    struct cel_matcher *matcher; /* made at the first `matches` */
    struct cel_zone *zone;       /* the last time zone read */
};

/* What a fault is about, in the arena. */
struct cel_detail {
    const char *text; /* CEL_SUBJECT: with one %s; CEL_NO_OVERLOAD: the operator or function */
    struct cel_value values[3];
    uint32_t count;
};

/** Counts memory that is not from the arena: that of the result. False when the run is to stop. */
bool cel_claim(struct cel_run *run, size_t size);
/**
 * From the arena, not zeroed; NULL at the memory bound: return cel_stopped() then. Aligned for any
 * value.
 */
void *cel_alloc(struct cel_run *run, size_t size);
/** Ends the run at its next step; text: static, told instead of the steps. */
void cel_stop(struct cel_run *run, enum td_code code, const char *text);
/** One more part of a value is looked at, `depth` levels down; false when the run is to stop. */
bool cel_visit(struct cel_run *run, int depth);
/** What a function returns when cel_alloc gave NULL. */
struct cel_value cel_stopped(void);

static inline void cel_charge(struct cel_run *run, uint64_t steps)
{
    run->steps_left = steps < run->steps_left ? run->steps_left - steps : 0;
}

/* Gives a new fault its place in the program. */
static inline void cel_mark(struct cel_value *value, ptrdiff_t op)
{
    if (__builtin_expect(value->type == CEL_FAULT, 0) && value->size == 0)
        value->size = (uint32_t)op + 1;
}

/** text: static, a whole sentence in the words of an error. */
struct cel_value cel_fault(const char *text);
/** text: static, with one %s where the subject is printed. */
struct cel_value cel_fault_about(struct cel_run *run, const char *text, struct cel_value subject);
/**
 * `"name" cannot be applied to int and string`, of at most three arguments; passes a fault among
 * them on instead.
 */
struct cel_value cel_no_overload(struct cel_run *run, const char *name,
                                 const struct cel_value *args, size_t count);
/** Fills err with the fault's words behind its place in the program. Returns -1. */
int cel_fault_tell(const struct cel_run *run, struct cel_value fault, struct td_err *err);
/** Fills err with the bound that was reached. Returns -1. */
int cel_stop_tell(const struct cel_run *run, struct td_err *err);

/** A copy of a text or bytes in the arena. */
struct cel_value cel_new_string(struct cel_run *run, const char *text, size_t length);
/** optional.of(value). */
struct cel_value cel_new_optional(struct cel_run *run, struct cel_value value);

#endif
