/* SPDX-License-Identifier: Apache-2.0 */
/*
 * macro: calls that are forms of the language: they name variables, or do not evaluate all they are
 * given.
 */
#include <string.h>

#include "cel/loop.h"
#include "cel/parser.h"

/*
 * The loops: how many variables, whether a condition may stand before the body, and what the body
 * must be.
 */
static const struct loop_macro {
    const char *name;
    enum cel_sum sum;
    int vars_min, vars_max;
    bool has_test;
    uint32_t body;
} loops[] = {
    { "all", CEL_SUM_ALL, 1, 2, false, CEL_BIT(CEL_BOOL) },
    { "exists", CEL_SUM_EXISTS, 1, 2, false, CEL_BIT(CEL_BOOL) },
    { "exists_one", CEL_SUM_ONE, 1, 2, false, CEL_BIT(CEL_BOOL) },
    { "existsOne", CEL_SUM_ONE, 1, 2, false, CEL_BIT(CEL_BOOL) },
    { "filter", CEL_SUM_FILTER, 1, 1, false, CEL_BIT(CEL_BOOL) },
    { "map", CEL_SUM_LIST, 1, 1, true, CEL_ANY },
    { "transformList", CEL_SUM_LIST, 2, 2, true, CEL_ANY },
    { "transformMap", CEL_SUM_MAP, 2, 2, true, CEL_ANY },
    { "transformMapEntry", CEL_SUM_ENTRIES, 2, 2, true, CEL_BIT(CEL_MAP) },
};

typedef int macro_fn(struct cel_parser *parser, struct cel_word name, struct cel_shape *shape);

/* A variable of the macro, and the comma behind it. */
static int parse_variable(struct cel_parser *parser, struct cel_word macro,
                          struct cel_local *ret_local)
{
    const struct cel_lexer *lexer = &parser->lexer;

    if (lexer->token != CEL_T_NAME)
        return cel_parse_fail(parser, lexer->begin,
                              "\"%.*s\" wants the name of a variable here, found %s",
                              (int)macro.length, macro.text, cel_token_name(lexer->token));
    *ret_local = (struct cel_local){ .name = lexer->text + lexer->begin, .length = lexer->size };
    return cel_next_token(parser) != 0 ? -1 : cel_expect(parser, CEL_T_COMMA);
}

/* Whether NAME, stands here: a second variable, where one may stand. */
CEL_APART static bool is_variable(const struct cel_parser *parser)
{
    struct cel_lexer lexer = parser->lexer;
    struct td_err unused;

    return lexer.token == CEL_T_NAME && cel_lexer_next(&lexer, &unused) == 0 &&
           lexer.token == CEL_T_COMMA;
}

CEL_APART static int want_types(struct cel_parser *parser, struct cel_word macro, size_t place,
                                uint32_t types, uint32_t wanted)
{
    char type[96], want[96];

    if ((types & wanted) != 0 || !cel_is_checked(parser))
        return 0;
    return cel_parse_fail(parser, place, "\"%.*s\" wants %s here, not %s", (int)macro.length,
                          macro.text, cel_shape_name(wanted, want, sizeof(want)),
                          cel_shape_name(types, type, sizeof(type)));
}

/* What the variables of a loop over `range` are. */
static void shape_variables(struct cel_shape range, bool has_two, struct cel_local *first,
                            struct cel_local *second)
{
    bool is_list = range.types == CEL_BIT(CEL_LIST), is_map = range.types == CEL_BIT(CEL_MAP);
    struct cel_shape key = cel_shape_any();

    if (is_map && range.schema != NULL)
        key = cel_shape_of(CEL_BIT(CEL_STRING));
    else if (is_list && has_two)
        key = cel_shape_of(CEL_BIT(CEL_INT));
    first->shape = is_list && !has_two ? cel_shape_element(range) : key;
    second->shape = is_list || is_map ? cel_shape_element(range) : cel_shape_any();
}

/*
 * A loop while it is parsed: its variables, what it has become so far, and its instructions that
 * jump.
 */
struct loop {
    const struct loop_macro *macro;
    struct cel_word name;
    struct cel_local first, second;
    struct cel_shape body;
    uint32_t begin, next, test;
    bool has_two;
};

/* The condition, if there is one, and the body. */
static int parse_body(struct cel_parser *parser, struct loop *loop)
{
    size_t place = parser->lexer.begin;
    struct cel_op test = { .code = CEL_OP_TEST };

    if (cel_parse_expression(parser, &loop->body) != 0)
        return -1;
    if (loop->macro->has_test && parser->lexer.token == CEL_T_COMMA) {
        if (want_types(parser, loop->name, place, loop->body.types, CEL_BIT(CEL_BOOL)) != 0)
            return -1;
        test.n = (uint16_t)(parser->cel->op_count - loop->next);
        loop->test = cel_emit(parser, test, place);
        if (cel_next_token(parser) != 0)
            return -1;
        place = parser->lexer.begin;
        if (cel_parse_expression(parser, &loop->body) != 0)
            return -1;
    }
    if (want_types(parser, loop->name, place, loop->body.types, loop->macro->body) != 0)
        return -1;
    return cel_expect(parser, CEL_T_CLOSE);
}

static void emit_loop_end(struct cel_parser *parser, const struct loop *loop)
{
    uint8_t sum = (uint8_t)loop->macro->sum;
    size_t place = loop->name.place;
    uint32_t add = cel_emit(parser, (struct cel_op){ .code = CEL_OP_SUM, .flag = sum }, place);

    cel_emit(parser, (struct cel_op){ .code = CEL_OP_JUMP, .a = loop->next }, place);
    cel_patch(parser, add);
    cel_patch(parser, loop->next);
    if (loop->test != 0)
        cel_patch(parser, loop->test);
    cel_emit(parser, (struct cel_op){ .code = CEL_OP_LOOP_END, .flag = sum }, place);
    cel_patch(parser, loop->begin);
}

static struct cel_shape shape_loop(struct cel_parser *parser, enum cel_sum sum,
                                   struct cel_shape range, struct cel_shape body)
{
    struct cel_shape shape = cel_shape_of(CEL_BIT(CEL_BOOL));

    if (sum == CEL_SUM_FILTER && range.types == CEL_BIT(CEL_LIST))
        return range;
    if (sum >= CEL_SUM_LIST)
        shape.types = sum >= CEL_SUM_MAP ? CEL_BIT(CEL_MAP) : CEL_BIT(CEL_LIST);
    if (sum == CEL_SUM_LIST || sum == CEL_SUM_MAP)
        shape.element = cel_shape_keep(body, &parser->scratch);
    return shape;
}

/* Reads the variables. */
CEL_APART static int parse_variables(struct cel_parser *parser, struct loop *loop)
{
    struct cel_local *first = &loop->first, *second = &loop->second;
    size_t place;

    if (parse_variable(parser, loop->name, first) != 0)
        return -1;
    loop->has_two =
        loop->macro->vars_min == 2 || (loop->macro->vars_max == 2 && is_variable(parser));
    place = parser->lexer.begin;
    if (!loop->has_two)
        return 0;
    if (parse_variable(parser, loop->name, second) != 0)
        return -1;
    if (second->length == first->length && memcmp(second->name, first->name, first->length) == 0)
        return cel_parse_fail(parser, place, "\"%.*s\" names two variables \"%.*s\"",
                              (int)loop->name.length, loop->name.text, (int)first->length,
                              first->name);
    return 0;
}

/* Begins the loop and puts its variables in scope. */
static void emit_loop_begin(struct cel_parser *parser, struct loop *loop)
{
    struct cel_op begin = { .code = CEL_OP_LOOP, .flag = (uint8_t)loop->macro->sum };
    struct cel_op next = { .code = CEL_OP_NEXT, .flag = loop->has_two };

    loop->begin = cel_emit(parser, begin, loop->name.place);
    loop->first.place = parser->stack - (CEL_LOOP_PLACES - CEL_LOOP_KEY);
    loop->second.place = parser->stack - (CEL_LOOP_PLACES - CEL_LOOP_VALUE);
    loop->next = cel_emit(parser, next, loop->name.place);
    loop->first.outer = parser->locals;
    loop->second.outer = &loop->first;
    parser->locals = loop->has_two ? &loop->second : &loop->first;
}

static int no_memory(struct cel_parser *parser)
{
    return td_fail(parser->err, TD_E_NOMEM, "could not allocate a variable of an expression");
}

static int parse_loop(struct cel_parser *parser, const struct loop_macro *macro,
                      struct cel_word name, struct cel_shape *shape)
{
    struct loop *loop = tdh_arena_alloc(&parser->scratch, sizeof(*loop));

    if (loop == NULL)
        return no_memory(parser);
    loop->macro = macro;
    loop->name = name;
    if (want_types(parser, name, name.place, shape->types, CEL_BIT(CEL_LIST) | CEL_BIT(CEL_MAP)) !=
            0 ||
        parse_variables(parser, loop) != 0)
        return -1;
    shape_variables(*shape, loop->has_two, &loop->first, &loop->second);
    emit_loop_begin(parser, loop);
    if (parse_body(parser, loop) != 0)
        return -1;
    parser->locals = loop->first.outer;
    emit_loop_end(parser, loop);
    *shape = shape_loop(parser, macro->sum, *shape, loop->body);
    return 0;
}

/* x.optMap(v, expression) and x.optFlatMap(v, expression) */
static int parse_opt_map(struct cel_parser *parser, struct cel_word name, struct cel_shape *shape)
{
    bool is_flat = name.length == strlen("optFlatMap");
    struct cel_local *local = tdh_arena_alloc(&parser->scratch, sizeof(*local));
    uint32_t open;
    size_t place;

    if (local == NULL)
        return no_memory(parser);
    if (want_types(parser, name, name.place, shape->types, CEL_BIT(CEL_OPTIONAL)) != 0 ||
        parse_variable(parser, name, local) != 0)
        return -1;
    open = cel_emit(parser, (struct cel_op){ .code = CEL_OP_OPEN }, name.place);
    local->shape = cel_shape_any();
    local->place = parser->stack - 1;
    local->outer = parser->locals;
    parser->locals = local;
    place = parser->lexer.begin;
    if (cel_parse_expression(parser, shape) != 0 ||
        (is_flat && want_types(parser, name, place, shape->types, CEL_BIT(CEL_OPTIONAL)) != 0))
        return -1;
    parser->locals = local->outer;
    cel_emit(parser, (struct cel_op){ .code = CEL_OP_WRAP, .flag = is_flat }, name.place);
    cel_patch(parser, open);
    *shape = cel_shape_of(CEL_BIT(CEL_OPTIONAL));
    return cel_expect(parser, CEL_T_CLOSE);
}

/* x.or(optional) and x.orValue(value): the argument is evaluated only when x has no value. */
static int parse_else(struct cel_parser *parser, struct cel_word name, struct cel_shape *shape)
{
    bool wants_value = name.length == strlen("orValue");
    uint32_t jump;
    size_t place = parser->lexer.begin;

    if (want_types(parser, name, name.place, shape->types, CEL_BIT(CEL_OPTIONAL)) != 0)
        return -1;
    jump =
        cel_emit(parser, (struct cel_op){ .code = CEL_OP_ELSE, .flag = wants_value }, name.place);
    if (cel_parse_expression(parser, shape) != 0 ||
        (!wants_value && want_types(parser, name, place, shape->types, CEL_BIT(CEL_OPTIONAL)) != 0))
        return -1;
    if (!wants_value)
        cel_emit(parser, (struct cel_op){ .code = CEL_OP_OPTIONAL }, place);
    cel_patch(parser, jump);
    *shape = wants_value ? cel_shape_any() : cel_shape_of(CEL_BIT(CEL_OPTIONAL));
    return cel_expect(parser, CEL_T_CLOSE);
}

static const struct {
    const char *name;
    macro_fn *parse;
} others[] = {
    { "optMap", parse_opt_map },
    { "optFlatMap", parse_opt_map },
    { "or", parse_else },
    { "orValue", parse_else },
};

enum {
    LOOP_COUNT = sizeof(loops) / sizeof(loops[0]),
    OTHER_COUNT = sizeof(others) / sizeof(others[0])
};

int cel_parse_macro(struct cel_parser *parser, struct cel_word name, struct cel_shape *shape,
                    bool *ret_found)
{
    *ret_found = true;
    for (int i = 0; i < LOOP_COUNT; i++)
        if (cel_word_is(name, loops[i].name))
            return parse_loop(parser, &loops[i], name, shape);
    for (int i = 0; i < OTHER_COUNT; i++)
        if (cel_word_is(name, others[i].name))
            return others[i].parse(parser, name, shape);
    *ret_found = false;
    return 0;
}

size_t cel_macro_names(const char **names, size_t room)
{
    size_t count = 0;

    for (int i = 0; i < LOOP_COUNT && count < room; i++)
        names[count++] = loops[i].name;
    for (int i = 0; i < OTHER_COUNT && count < room; i++)
        names[count++] = others[i].name;
    return count;
}

/* has(x.name): the selection that was just emitted becomes the question for it. */
int cel_parse_has(struct cel_parser *parser, struct cel_shape *ret_shape)
{
    size_t place = parser->lexer.begin;

    if (cel_parse_member(parser, false, ret_shape) != 0)
        return -1;
    if (parser->last_select == 0 || parser->last_select != parser->cel->op_count)
        return cel_parse_fail(parser, place, "\"has\" wants a field, such as has(x.name)");
    if (!parser->has_no_memory)
        parser->cel->ops[parser->last_select - 1].code = CEL_OP_HAS;
    parser->last_select = 0;
    *ret_shape = cel_shape_of(CEL_BIT(CEL_BOOL));
    return cel_expect(parser, CEL_T_CLOSE);
}

/* cel.bind(name, value, expression) */
int cel_parse_bind(struct cel_parser *parser, struct cel_shape *ret_shape)
{
    struct cel_local *local = tdh_arena_alloc(&parser->scratch, sizeof(*local));

    if (local == NULL)
        return no_memory(parser);
    if (parse_variable(parser, (struct cel_word){ "cel.bind", 8, 0 }, local) != 0 ||
        cel_parse_expression(parser, &local->shape) != 0 || cel_expect(parser, CEL_T_COMMA) != 0)
        return -1;
    local->place = parser->stack - 1;
    local->outer = parser->locals;
    parser->locals = local;
    if (cel_parse_expression(parser, ret_shape) != 0)
        return -1;
    parser->locals = local->outer;
    cel_emit(parser, (struct cel_op){ .code = CEL_OP_UNDER }, parser->lexer.begin);
    return cel_expect(parser, CEL_T_CLOSE);
}
