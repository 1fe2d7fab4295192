/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call: a call of a function: its arguments, and whether any overload can take them.
 */
#include <stdio.h>
#include <string.h>

#include "cel/parser.h"
#include "cel/regex.h"

enum { NAMES_MAX = 320 };

/* The arguments of a call while they are parsed. */
struct call {
    struct cel_word name;
    bool is_member;
    struct cel_overloads overloads;
    uint32_t types[CEL_ARGS_MAX]; /* of the first ones: all that a row can hold against them */
    uint32_t argc;
    uint32_t last; /* where the code of the last argument begins */
    size_t last_place;
};

static int parse_arguments(struct cel_parser *parser, struct call *call)
{
    struct cel_shape shape;

    while (parser->lexer.token != CEL_T_CLOSE) {
        call->last = parser->cel->op_count;
        call->last_place = parser->lexer.begin;
        if (cel_parse_expression(parser, &shape) != 0)
            return -1;
        if (call->argc < CEL_ARGS_MAX)
            call->types[call->argc] = shape.types;
        call->argc++;
        if (parser->lexer.token != CEL_T_COMMA)
            break;
        if (cel_next_token(parser) != 0)
            return -1;
    }
    return cel_expect(parser, CEL_T_CLOSE);
}

CEL_APART static int fail_unknown(struct cel_parser *parser, const struct call *call)
{
    const char *names[NAMES_MAX];
    size_t count = cel_function_names(call->is_member, names, NAMES_MAX);
    char near[128];

    if (call->is_member)
        count += cel_macro_names(names + count, NAMES_MAX - count);
    cel_near(call->name, names, count, near, sizeof(near));
    return cel_parse_fail(parser, call->name.place, "function \"%.*s\" is not known%s",
                          (int)(call->name.length < 200 ? call->name.length : 200), call->name.text,
                          near);
}

/*
 * "1", "1 or 2": the numbers of arguments that the rows take, not counting the one in front of the
 * dot.
 */
static void print_arities(const struct call *call, char *out, size_t size)
{
    size_t used = 0;
    int last = -2; /* no row has this many */

    for (uint32_t i = 0; i < call->overloads.count && used < size; i++) {
        int argc = cel_overloads_row(call->overloads, i)->argc - call->is_member;

        if (argc == last)
            continue;
        if (cel_overloads_row(call->overloads, i)->argc == CEL_VARIADIC)
            snprintf(out, size, "1 or more");
        else
            used += (size_t)snprintf(out + used, size - used, "%s%d", used > 0 ? " or " : "", argc);
        last = argc;
    }
}

CEL_APART static int fail_arity(struct cel_parser *parser, const struct call *call)
{
    char arities[64];

    print_arities(call, arities, sizeof(arities));
    return cel_parse_fail(parser, call->name.place, "function \"%.*s\" takes %s argument%s, not %u",
                          (int)call->name.length, call->name.text, arities,
                          strcmp(arities, "1") == 0 ? "" : "s", call->argc - call->is_member);
}

static bool can_take(const struct cel_function *row, const struct call *call)
{
    for (uint32_t i = 0; i < call->argc && i < CEL_ARGS_MAX; i++)
        if ((row->args[row->argc == CEL_VARIADIC ? 0 : i] & call->types[i]) == 0)
            return false;
    return true;
}

/* The types the call may have; 0 with *ret_has_arity when no row can take the arguments' types. */
static uint32_t result_of(const struct call *call, bool *ret_has_arity)
{
    uint32_t types = 0;

    *ret_has_arity = false;
    for (uint32_t i = 0; i < call->overloads.count; i++) {
        const struct cel_function *row = cel_overloads_row(call->overloads, i);

        if (!cel_function_takes(row, call->argc))
            continue;
        *ret_has_arity = true;
        if (can_take(row, call))
            types |= row->result;
    }
    return types;
}

CEL_APART static int check(struct cel_parser *parser, const struct call *call,
                           struct cel_shape *ret_shape)
{
    bool has_arity;
    uint32_t types = result_of(call, &has_arity);

    *ret_shape = cel_shape_of(types != 0 ? types : CEL_ANY);
    if (types != 0 || !cel_is_checked(parser))
        return 0;
    if (!has_arity)
        return fail_arity(parser, call);
    return cel_parse_misfit(parser, call->name.place, cel_overloads_row(call->overloads, 0)->name,
                            call->types, call->argc);
}

/*
 * x.matches('constant'): the pattern becomes part of the program. A faulty one is left to the run
 * when unchecked.
 */
CEL_APART static int emit_match(struct cel_parser *parser, const struct call *call,
                                const struct cel_value *text)
{
    struct cel_pattern *pattern = cel_pattern_new(text->as.s, text->size, parser->err);
    char words[TD_ERR_TEXT];

    if (pattern == NULL) {
        snprintf(words, sizeof(words), "%s", parser->err->text);
        if (parser->err->code == TD_E_INVAL)
            cel_parse_fail(parser, call->last_place, "%s", words);
        return -1;
    }
    cel_unemit_const(parser);
    cel_emit(parser,
             (struct cel_op){ .code = CEL_OP_MATCH, .a = cel_keep_pattern(parser, pattern) },
             call->name.place);
    return 0;
}

static int emit_call(struct cel_parser *parser, const struct call *call)
{
    const struct cel_value *last = call->argc == 2 ? cel_emitted_const(parser, call->last) : NULL;
    struct cel_op op = { .code = CEL_OP_CALL,
                         .flag = (uint8_t)call->overloads.family,
                         .n = (uint16_t)call->argc };

    if (last != NULL && last->type == CEL_STRING &&
        strcmp(cel_overloads_row(call->overloads, 0)->name, "matches") == 0) {
        if (emit_match(parser, call, last) == 0)
            return 0;
        if (cel_is_checked(parser))
            return -1;
    }
    op.a = call->overloads.first | call->overloads.count << 16;
    cel_emit(parser, op, call->name.place);
    return 0;
}

static int emit_unknown(struct cel_parser *parser, const struct call *call,
                        struct cel_shape *ret_shape)
{
    char *copy = tdh_arena_copy(&parser->cel->arena, call->name.text, call->name.length);
    struct cel_op op = { .code = CEL_OP_UNKNOWN, .flag = 1, .n = (uint16_t)call->argc };

    if (copy == NULL)
        return td_fail(parser->err, TD_E_NOMEM, "could not allocate a name of an expression");
    op.a = cel_intern(parser, cel_string(copy, call->name.length));
    cel_emit(parser, op, call->name.place);
    *ret_shape = cel_shape_any();
    return 0;
}

int cel_parse_call(struct cel_parser *parser, struct cel_word name, bool is_member,
                   struct cel_shape *shape)
{
    struct call call = { .name = name, .is_member = is_member };

    if (is_member)
        call.types[call.argc++] = shape->types;
    call.overloads = cel_overloads_find(name.text, name.length, is_member);
    if (call.overloads.count == 0 && cel_is_checked(parser))
        return fail_unknown(parser, &call);
    if (parse_arguments(parser, &call) != 0)
        return -1;
    if (call.overloads.count == 0)
        return emit_unknown(parser, &call, shape);
    return check(parser, &call, shape) != 0 ? -1 : emit_call(parser, &call);
}
