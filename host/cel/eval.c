/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eval: the stack machine.
 *
 * Faults are values, so a fault needs no unwinding: every operation passes a faulty operand on, and
 * only && || all() exists() drop one. The bounds are checked in one place, before each instruction.
 */
#include "cel/program.h"

#include <string.h>

#include "cel/collection.h"
#include "cel/function.h"
#include "cel/loop.h"
#include "cel/operator.h"
#include "cel/regex.h"
#include "cel/run.h"

enum { SMALL_STACK = 32 };

static struct cel_value load_root(struct cel_run *run, uint32_t root)
{
    if (run->typed != NULL)
        return run->typed[root];
    if (root >= run->root_count || run->roots[root] == NULL) {
        const char *name = run->cel->roots[root];

        return cel_fault_about(run, "variable %s has no value in this run",
                               cel_string(name, strlen(name)));
    }
    return cel_from_json(run->roots[root]);
}

static struct cel_value unknown(struct cel_run *run, const struct cel_op *op,
                                const struct cel_value *args)
{
    for (uint32_t i = 0; i < op->n; i++)
        if (args[i].type == CEL_FAULT)
            return args[i];
    return cel_fault_about(
        run, op->flag ? "no function takes this call of %s" : "variable %s is not known",
        run->cel->consts[op->a]);
}

static struct cel_value make_list(struct cel_run *run, const struct cel_value *items, size_t count)
{
    struct cel_list *list = cel_list_new(run, count);

    if (list == NULL)
        return cel_stopped();
    for (size_t i = 0; i < count; i++) {
        if (items[i].type == CEL_FAULT)
            return items[i];
        if (items[i].type != CEL_ABSENT)
            list->items[list->count++] = items[i];
    }
    return cel_list(list);
}

static struct cel_value make_map(struct cel_run *run, const struct cel_value *pairs, size_t count)
{
    struct cel_map *map = cel_map_new(run, count);

    if (map == NULL)
        return cel_stopped();
    for (size_t i = 0; i < count; i++) {
        struct cel_value key = pairs[2 * i], value = pairs[2 * i + 1];
        enum cel_put put = CEL_PUT_DONE;

        if (key.type == CEL_FAULT || value.type == CEL_FAULT)
            return key.type == CEL_FAULT ? key : value;
        if (value.type != CEL_ABSENT)
            put = cel_map_put(run, map, key, value);
        if (put != CEL_PUT_DONE)
            return cel_put_fault(run, put, key);
    }
    return cel_map(map);
}

static struct cel_value element_of(struct cel_run *run, struct cel_value x)
{
    if (x.type != CEL_OPTIONAL)
        return cel_no_overload(run, "?", &x, 1);
    return x.as.inner != NULL ? *x.as.inner : (struct cel_value){ .type = CEL_ABSENT };
}

/* x.or(...), x.orValue(...): whether x settles it; then *x is the result. */
static bool settles(struct cel_run *run, struct cel_value *x, bool wants_value)
{
    if (x->type != CEL_OPTIONAL) {
        *x = cel_no_overload(run, wants_value ? "orValue" : "or", x, 1);
        return true;
    }
    if (x->as.inner == NULL)
        return false;
    if (wants_value)
        *x = *x->as.inner;
    return true;
}

/* x.optMap(v, ...): whether there is a value to map; else *x is the result. */
static bool opens(struct cel_run *run, struct cel_value *x)
{
    if (x->type != CEL_OPTIONAL)
        *x = cel_no_overload(run, "optMap", x, 1);
    return x->type == CEL_OPTIONAL && x->as.inner != NULL;
}

static struct cel_value want_optional(struct cel_run *run, struct cel_value x)
{
    return x.type == CEL_OPTIONAL ? x : cel_no_overload(run, "optional", &x, 1);
}

/* A condition that is no bool becomes the fault that stands in its place. */
static bool is_condition(struct cel_run *run, struct cel_value *x)
{
    if (x->type == CEL_BOOL)
        return true;
    *x = cel_fault_about(run, "a condition cannot be %s", *x);
    return false;
}

/* The fields of every object on the way of `a.b.c` come here: no call but jansson's own. */
static inline struct cel_value select_fast(struct cel_run *run, struct cel_value x,
                                           struct cel_value name, bool is_optional)
{
    if (x.type == CEL_MAP && x.form == CEL_JSON && !is_optional) {
        const json_t *json = json_object_getn(x.as.json, name.as.s, name.size);

        if (json != NULL)
            return cel_from_json(json);
    }
    return cel_select(run, x, name, is_optional);
}

/* One flat switch over the instructions. `top` is the first free place. */
static struct cel_value execute(struct cel_run *run, struct cel_value *stack)
{
    const struct tdh_cel *cel = run->cel;
    const struct cel_op *ops = cel->ops, *op = ops;
    struct cel_value *top = stack;

    for (;; op++) {
        if (run->steps_left == 0)
            return cel_stopped();
        run->steps_left--;
        switch ((enum cel_code)op->code) {
        case CEL_OP_END:
            return top[-1];
        case CEL_OP_CONST:
            *top++ = cel->consts[op->a];
            continue;
        case CEL_OP_LOCAL:
            *top++ = stack[op->a];
            continue;
        case CEL_OP_ROOT:
            *top++ = load_root(run, op->a);
            break;
        case CEL_OP_UNKNOWN:
            top -= op->n;
            *top = unknown(run, op, top);
            top++;
            break;
        case CEL_OP_SELECT:
            top[-1] = select_fast(run, top[-1], cel->consts[op->a], op->flag);
            break;
        case CEL_OP_HAS:
            top[-1] = cel_has(run, top[-1], cel->consts[op->a]);
            break;
        case CEL_OP_INDEX:
            top--;
            top[-1] = cel_index(run, top[-1], top[0], op->flag);
            break;
        case CEL_OP_LIST:
            top -= op->a;
            *top = make_list(run, top, op->a);
            top++;
            break;
        case CEL_OP_MAP:
            top -= 2 * (size_t)op->a;
            *top = make_map(run, top, op->a);
            top++;
            break;
        case CEL_OP_ELEMENT:
            top[-1] = element_of(run, top[-1]);
            break;
        case CEL_OP_NOT:
            top[-1] = cel_not(run, top[-1]);
            break;
        case CEL_OP_NEGATE:
            top[-1] = cel_negate(run, top[-1]);
            break;
        case CEL_OP_EQUAL:
        case CEL_OP_UNEQUAL:
        case CEL_OP_ADD:
        case CEL_OP_SUBTRACT:
        case CEL_OP_MULTIPLY:
        case CEL_OP_DIVIDE:
        case CEL_OP_MODULO:
        case CEL_OP_LESS:
        case CEL_OP_LESS_EQUAL:
        case CEL_OP_GREATER:
        case CEL_OP_GREATER_EQUAL:
        case CEL_OP_IN:
            top--;
            top[-1] = cel_binary(run, (enum cel_code)op->code, top[-1], top[0]);
            break;
        case CEL_OP_SKIP:
            if (top[-1].type == CEL_BOOL && top[-1].as.i == op->flag)
                op = ops + op->a - 1;
            continue;
        case CEL_OP_AND:
        case CEL_OP_OR:
            top--;
            top[-1] = cel_logic(run, op->code == CEL_OP_OR, top[-1], top[0]);
            break;
        case CEL_OP_BRANCH:
            if (!is_condition(run, &top[-1])) {
                cel_mark(&top[-1], op - ops);
                op = ops + op->a - 2;
            } else if ((--top)->as.i == 0) {
                op = ops + op->a - 1;
            }
            continue;
        case CEL_OP_JUMP:
            op = ops + op->a - 1;
            continue;
        case CEL_OP_CALL:
            top -= op->n;
            *top = cel_call(run, (struct cel_overloads){ op->flag, op->a & 0xFFFF, op->a >> 16 },
                            top, op->n);
            top++;
            break;
        case CEL_OP_MATCH:
            top[-1] = cel_match(run, cel->patterns[op->a], top[-1]);
            break;
        case CEL_OP_LOOP:
            top += CEL_LOOP_PLACES - 1;
            if (!cel_loop_begin(run, top - CEL_LOOP_PLACES, op->flag)) {
                top -= CEL_LOOP_PLACES - 1;
                cel_mark(&top[-1], op - ops);
                op = ops + op->a - 1;
            }
            continue;
        case CEL_OP_NEXT:
            if (!cel_loop_next(run, top - CEL_LOOP_PLACES, op->flag))
                op = ops + op->a - 1;
            continue;
        case CEL_OP_TEST:
            top--;
            if (!is_condition(run, top)) {
                cel_mark(top, op - ops);
                top[CEL_LOOP_SUM - CEL_LOOP_PLACES] = *top;
                op = ops + op->a - 1;
            } else if (top->as.i == 0) {
                op -= op->n + 1;
            }
            continue;
        case CEL_OP_SUM:
            top--;
            if (!cel_loop_sum(run, top - CEL_LOOP_PLACES, op->flag, *top))
                op = ops + op->a - 1;
            continue;
        case CEL_OP_LOOP_END:
            top -= CEL_LOOP_PLACES - 1;
            top[-1] = cel_loop_end(top - 1, op->flag);
            break;
        case CEL_OP_OPEN:
            if (opens(run, &top[-1])) {
                *top = *top[-1].as.inner;
                top++;
            } else {
                cel_mark(&top[-1], op - ops);
                op = ops + op->a - 1;
            }
            continue;
        case CEL_OP_WRAP:
            top -= 2;
            top[-1] = op->flag ? want_optional(run, top[1]) : cel_new_optional(run, top[1]);
            break;
        case CEL_OP_ELSE:
            if (settles(run, &top[-1], op->flag)) {
                cel_mark(&top[-1], op - ops);
                op = ops + op->a - 1;
            } else {
                top--;
            }
            continue;
        case CEL_OP_OPTIONAL:
            top[-1] = want_optional(run, top[-1]);
            break;
        case CEL_OP_UNDER:
            top--;
            top[-1] = top[0];
            continue;
        }
        cel_mark(&top[-1], op - ops);
    }
}

struct cel_value cel_evaluate(struct cel_run *run)
{
    struct cel_value small[SMALL_STACK], *stack = small;

    if (run->cel->stack_size > SMALL_STACK)
        stack = cel_alloc(run, run->cel->stack_size * sizeof(*stack));
    return stack != NULL ? execute(run, stack) : cel_stopped();
}
