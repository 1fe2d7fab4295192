/* SPDX-License-Identifier: Apache-2.0 */
/*
 * member: literals, lists, maps and groups, and the selections, indexes and calls behind them.
 */
#include "cel/literal.h"
#include "cel/parser.h"

/* Skips the token if it stands here; -1 when the one behind it is faulty. */
static int accept(struct cel_parser *parser, enum cel_token token, bool *ret_was_there)
{
    *ret_was_there = parser->lexer.token == token;
    return *ret_was_there ? cel_next_token(parser) : 0;
}

CEL_APART static int fail_field(struct cel_parser *parser, struct cel_word name,
                                struct cel_shape shape)
{
    const char *known[64];
    char near[128];

    cel_near(name, known, cel_shape_fields(shape, known, 64), near, sizeof(near));
    return cel_parse_fail(parser, name.place, "field \"%.*s\" is not known%s", (int)name.length,
                          name.text, near);
}

/* What x.name is; x may be an optional around it. */
CEL_APART static int check_field(struct cel_parser *parser, struct cel_word name, bool is_optional,
                                 struct cel_shape *shape)
{
    const uint32_t selectable = CEL_BIT(CEL_MAP) | CEL_BIT(CEL_OPTIONAL);
    struct cel_shape field;
    char type[96];

    if (!cel_is_checked(parser)) {
        *shape = cel_shape_any();
        return 0;
    }
    if ((shape->types & selectable) == 0)
        return cel_parse_fail(parser, name.place, "%s has no field \"%.*s\"",
                              cel_shape_name(shape->types, type, sizeof(type)), (int)name.length,
                              name.text);
    if (!cel_shape_field(*shape, name.text, name.length, &field))
        return fail_field(parser, name, *shape);
    if (is_optional || shape->types == CEL_BIT(CEL_OPTIONAL))
        field = cel_shape_of(CEL_BIT(CEL_OPTIONAL));
    else if ((shape->types & CEL_BIT(CEL_OPTIONAL)) != 0)
        field.types = CEL_ANY;
    *shape = field;
    return 0;
}

CEL_APART static int parse_select(struct cel_parser *parser, struct cel_word name, bool is_optional,
                                  struct cel_shape *shape)
{
    char *copy = tdh_arena_copy(&parser->cel->arena, name.text, name.length);
    uint32_t constant;

    if (copy == NULL)
        return td_fail(parser->err, TD_E_NOMEM, "could not allocate a name of an expression");
    if (check_field(parser, name, is_optional, shape) != 0)
        return -1;
    constant = cel_intern(parser, cel_string(copy, name.length));
    cel_emit(parser, (struct cel_op){ .code = CEL_OP_SELECT, .flag = is_optional, .a = constant },
             name.place);
    parser->last_select = is_optional ? 0 : parser->cel->op_count;
    return 0;
}

/* Behind "[". */
CEL_APART static int parse_index(struct cel_parser *parser, struct cel_shape *shape)
{
    size_t place = parser->lexer.begin;
    uint32_t begin = parser->cel->op_count;
    const struct cel_value *key;
    struct cel_shape index, found;
    bool is_optional;

    if (accept(parser, CEL_T_QUESTION, &is_optional) != 0 ||
        cel_parse_expression(parser, &index) != 0)
        return -1;
    key = cel_emitted_const(parser, begin);
    if (cel_check_operator(parser, CEL_OP_INDEX, place, shape->types, index.types, &found) != 0 ||
        cel_expect(parser, CEL_T_CLOSE_LIST) != 0)
        return -1;
    if (key != NULL && key->type == CEL_STRING && shape->types == CEL_BIT(CEL_MAP)) {
        if (check_field(parser, (struct cel_word){ key->as.s, key->size, place }, is_optional,
                        shape) != 0)
            return -1;
    } else if (is_optional || (shape->types & CEL_BIT(CEL_OPTIONAL)) != 0) {
        *shape = is_optional ? cel_shape_of(CEL_BIT(CEL_OPTIONAL)) : cel_shape_any();
    } else {
        *shape = cel_shape_element(*shape);
    }
    cel_emit(parser, (struct cel_op){ .code = CEL_OP_INDEX, .flag = is_optional }, place);
    return 0;
}

/* Behind "." */
CEL_APART static int parse_dot(struct cel_parser *parser, struct cel_shape *shape)
{
    struct cel_word name;
    bool is_optional, is_macro = false, can_call;

    if (accept(parser, CEL_T_QUESTION, &is_optional) != 0)
        return -1;
    can_call = !is_optional && parser->lexer.token != CEL_T_QUOTED;
    if (cel_parse_word(parser, &name) != 0)
        return -1;
    if (!can_call || parser->lexer.token != CEL_T_OPEN)
        return parse_select(parser, name, is_optional, shape);
    if (cel_next_token(parser) != 0 || cel_parse_macro(parser, name, shape, &is_macro) != 0)
        return -1;
    return is_macro ? 0 : cel_parse_call(parser, name, true, shape);
}

/* `x` or `?x`. */
static int parse_element(struct cel_parser *parser, bool is_optional, struct cel_shape *ret_shape)
{
    size_t place = parser->lexer.begin;

    if (cel_parse_expression(parser, ret_shape) != 0)
        return -1;
    if (!is_optional)
        return 0;
    if ((ret_shape->types & CEL_BIT(CEL_OPTIONAL)) == 0 && cel_is_checked(parser))
        return cel_parse_misfit(parser, place, "?", &ret_shape->types, 1);
    *ret_shape = cel_shape_any();
    cel_emit(parser, (struct cel_op){ .code = CEL_OP_ELEMENT }, place);
    return 0;
}

/* What stands between the braces; a comma may stand behind the last. */
static int parse_elements(struct cel_parser *parser, enum cel_code code, enum cel_token close,
                          uint32_t *ret_count, struct cel_shape *ret_element)
{
    struct cel_shape shape;
    bool is_optional, goes_on = true;

    for (*ret_count = 0; goes_on && parser->lexer.token != close; ++*ret_count) {
        if (accept(parser, CEL_T_QUESTION, &is_optional) != 0)
            return -1;
        if (code == CEL_OP_MAP &&
            (cel_parse_expression(parser, &shape) != 0 || cel_expect(parser, CEL_T_COLON) != 0))
            return -1;
        if (parse_element(parser, is_optional, &shape) != 0)
            return -1;
        *ret_element = *ret_count == 0 ? shape : cel_shape_either(*ret_element, shape);
        if (accept(parser, CEL_T_COMMA, &goes_on) != 0)
            return -1;
    }
    return cel_expect(parser, close);
}

/* Behind "[" or "{". */
CEL_APART static int parse_collection(struct cel_parser *parser, enum cel_code code,
                                      enum cel_token close, size_t place,
                                      struct cel_shape *ret_shape)
{
    uint32_t begin = parser->cel->op_count, count;
    struct cel_shape element;

    if (parse_elements(parser, code, close, &count, &element) != 0)
        return -1;
    cel_emit_collection(parser, code, begin, count, place);
    *ret_shape = cel_shape_of(code == CEL_OP_LIST ? CEL_BIT(CEL_LIST) : CEL_BIT(CEL_MAP));
    if (count > 0)
        ret_shape->element = cel_shape_keep(element, &parser->scratch);
    return 0;
}

CEL_APART static int parse_literal(struct cel_parser *parser, bool is_negative,
                                   struct cel_shape *ret_shape)
{
    struct cel_value value;
    size_t place = parser->lexer.begin;

    if (cel_literal_read(&parser->lexer, is_negative, &parser->cel->arena, &value, parser->err) !=
        0)
        return -1;
    cel_emit_const(parser, value, place);
    *ret_shape = cel_shape_of(CEL_BIT(value.type));
    return cel_next_token(parser);
}

static int parse_word_literal(struct cel_parser *parser, struct cel_value value,
                              struct cel_shape *ret_shape)
{
    cel_emit_const(parser, value, parser->lexer.begin);
    *ret_shape = cel_shape_of(CEL_BIT(value.type));
    return cel_next_token(parser);
}

static int parse_group(struct cel_parser *parser, struct cel_shape *ret_shape)
{
    if (cel_next_token(parser) != 0 || cel_parse_expression(parser, ret_shape) != 0)
        return -1;
    return cel_expect(parser, CEL_T_CLOSE);
}

CEL_APART static int fail_primary(struct cel_parser *parser)
{
    const struct cel_lexer *lexer = &parser->lexer;
    const struct cel_word word = { lexer->text + lexer->begin, lexer->size, lexer->begin };
    char near[128];

    if (lexer->token == CEL_T_RESERVED) {
        cel_near_root(parser, word, near, sizeof(near));
        return cel_parse_fail(parser, word.place, "\"%.*s\" is a reserved word%s", (int)word.length,
                              word.text, near);
    }
    return cel_parse_fail(parser, lexer->begin, "expected an expression, found %s",
                          cel_token_name(lexer->token));
}

static int parse_primary(struct cel_parser *parser, bool is_negative, struct cel_shape *ret_shape)
{
    size_t place = parser->lexer.begin;

    switch (parser->lexer.token) {
    case CEL_T_INT:
    case CEL_T_UINT:
    case CEL_T_DOUBLE:
    case CEL_T_STRING:
    case CEL_T_BYTES:
        return parse_literal(parser, is_negative, ret_shape);
    case CEL_T_TRUE:
    case CEL_T_FALSE:
        return parse_word_literal(parser, cel_bool(parser->lexer.token == CEL_T_TRUE), ret_shape);
    case CEL_T_NULL:
        return parse_word_literal(parser, cel_null(), ret_shape);
    case CEL_T_OPEN:
        return parse_group(parser, ret_shape);
    case CEL_T_OPEN_LIST:
        return cel_next_token(parser) != 0
                   ? -1
                   : parse_collection(parser, CEL_OP_LIST, CEL_T_CLOSE_LIST, place, ret_shape);
    case CEL_T_OPEN_MAP:
        return cel_next_token(parser) != 0
                   ? -1
                   : parse_collection(parser, CEL_OP_MAP, CEL_T_CLOSE_MAP, place, ret_shape);
    case CEL_T_NAME:
        return cel_parse_name(parser, false, ret_shape);
    case CEL_T_DOT:
        if (cel_next_token(parser) != 0)
            return -1;
        return parser->lexer.token == CEL_T_NAME ? cel_parse_name(parser, true, ret_shape)
                                                 : fail_primary(parser);
    default:
        return fail_primary(parser);
    }
}

int cel_parse_member(struct cel_parser *parser, bool is_negative, struct cel_shape *ret_shape)
{
    int rc = parse_primary(parser, is_negative, ret_shape);

    while (rc == 0) {
        if (parser->lexer.token == CEL_T_DOT)
            rc = cel_next_token(parser) != 0 ? -1 : parse_dot(parser, ret_shape);
        else if (parser->lexer.token == CEL_T_OPEN_LIST)
            rc = cel_next_token(parser) != 0 ? -1 : parse_index(parser, ret_shape);
        else if (parser->lexer.token == CEL_T_OPEN_MAP)
            rc = cel_parse_fail(parser, parser->lexer.begin,
                                "messages cannot be made: there are no message types");
        else
            break;
    }
    return rc;
}
