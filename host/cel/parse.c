/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse: operators and branches, and what the other parts of the parser share.
 */
#include "cel/parser.h"

#include <stdio.h>
#include <string.h>

#include "cel/operator.h"

enum { LEVEL_NONE, LEVEL_OR, LEVEL_AND, LEVEL_RELATION, LEVEL_ADD, LEVEL_MULTIPLY };

bool cel_is_checked(const struct cel_parser *parser)
{
    return !parser->options->is_unchecked;
}

bool cel_word_is(struct cel_word word, const char *text)
{
    return strlen(text) == word.length && memcmp(text, word.text, word.length) == 0;
}

int cel_next_token(struct cel_parser *parser)
{
    return cel_lexer_next(&parser->lexer, parser->err);
}

int cel_expect(struct cel_parser *parser, enum cel_token token)
{
    if (parser->lexer.token != token)
        return cel_parse_fail(parser, parser->lexer.begin, "expected %s, found %s",
                              cel_token_name(token), cel_token_name(parser->lexer.token));
    return cel_next_token(parser);
}

int cel_parse_word(struct cel_parser *parser, struct cel_word *ret_word)
{
    const struct cel_lexer *lexer = &parser->lexer;
    bool is_quoted = lexer->token == CEL_T_QUOTED;

    if (lexer->token != CEL_T_NAME && lexer->token != CEL_T_RESERVED && !is_quoted)
        return cel_expect(parser, CEL_T_NAME);
    *ret_word = (struct cel_word){ lexer->text + lexer->begin + is_quoted,
                                   lexer->size - 2U * is_quoted, lexer->begin };
    return cel_next_token(parser);
}

CEL_APART int cel_parse_misfit(struct cel_parser *parser, size_t place, const char *name,
                               const uint32_t *types, size_t count)
{
    char words[256] = "nothing", type[96];
    size_t used = 0;

    for (size_t i = 0; i < count && i < CEL_ARGS_MAX && used < sizeof(words); i++)
        used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%s",
                                 i == 0          ? ""
                                 : i + 1 < count ? ", "
                                                 : " and ",
                                 cel_shape_name(types[i], type, sizeof(type)));
    return cel_parse_fail(parser, place, "\"%s\" cannot be applied to %s", name, words);
}

CEL_APART int cel_check_operator(struct cel_parser *parser, enum cel_code code, size_t place,
                                 uint32_t left, uint32_t right, struct cel_shape *ret_shape)
{
    uint32_t types = cel_shape_operator(code, left, right);

    if (types == 0 && cel_is_checked(parser))
        return cel_parse_misfit(parser, place, cel_code_name(code), (uint32_t[]){ left, right },
                                right != 0 ? 2 : 1);
    *ret_shape = cel_shape_of(types);
    return 0;
}

static bool is_number(enum cel_token token)
{
    return token == CEL_T_INT || token == CEL_T_UINT || token == CEL_T_DOUBLE;
}

/* Signs in front: all "!" or all "-". The last "-" in front of a number belongs to it. */
static int parse_unary(struct cel_parser *parser, struct cel_shape *ret_shape)
{
    enum cel_token sign = parser->lexer.token;
    enum cel_code code = sign == CEL_T_NOT ? CEL_OP_NOT : CEL_OP_NEGATE;
    size_t place = parser->lexer.begin;
    uint32_t count = 0;
    bool is_negative;

    for (; (sign == CEL_T_NOT || sign == CEL_T_SUBTRACT) && parser->lexer.token == sign; count++)
        if (cel_next_token(parser) != 0)
            return -1;
    is_negative = count > 0 && sign == CEL_T_SUBTRACT && is_number(parser->lexer.token);
    if (cel_parse_member(parser, is_negative, ret_shape) != 0)
        return -1;
    for (count -= is_negative; count > 0; count--) {
        if (cel_check_operator(parser, code, place, ret_shape->types, 0, ret_shape) != 0)
            return -1;
        cel_emit(parser, (struct cel_op){ .code = (uint8_t)code }, place);
    }
    return 0;
}

/* The operator that stands here, and how tight it binds; LEVEL_NONE when there is none. */
static int level_of(enum cel_token token, enum cel_code *ret_code)
{
    if (token >= CEL_T_ADD) {
        *ret_code = (enum cel_code)(CEL_OP_ADD + (token - CEL_T_ADD));
        return token <= CEL_T_SUBTRACT ? LEVEL_ADD : LEVEL_MULTIPLY;
    }
    if (token >= CEL_T_EQUAL) {
        *ret_code = (enum cel_code)(CEL_OP_EQUAL + (token - CEL_T_EQUAL));
        return LEVEL_RELATION;
    }
    *ret_code = token == CEL_T_OR ? CEL_OP_OR : CEL_OP_AND;
    return token == CEL_T_OR ? LEVEL_OR : token == CEL_T_AND ? LEVEL_AND : LEVEL_NONE;
}

static int parse_binary(struct cel_parser *parser, int level, struct cel_shape *ret_shape);

/* The operator at the current token and what stands right of it. */
static int parse_right(struct cel_parser *parser, enum cel_code code, int level,
                       struct cel_shape *shape)
{
    size_t place = parser->lexer.begin;
    uint32_t skip = 0;
    struct cel_shape right;

    if (level <= LEVEL_AND)
        skip = cel_emit(parser, (struct cel_op){ .code = CEL_OP_SKIP, .flag = level == LEVEL_OR },
                        place);
    if (cel_next_token(parser) != 0 || parse_binary(parser, level + 1, &right) != 0 ||
        cel_check_operator(parser, code, place, shape->types, right.types, &right) != 0)
        return -1;
    cel_emit(parser, (struct cel_op){ .code = (uint8_t)code }, place);
    if (level <= LEVEL_AND)
        cel_patch(parser, skip);
    *shape = right;
    return 0;
}

/* Operators that bind at least as tight as `level`. */
static int parse_binary(struct cel_parser *parser, int level, struct cel_shape *ret_shape)
{
    enum cel_code code;
    int rc, found;

    if (parser->depth >= TDH_CEL_DEPTH) {
        cel_parse_fail(parser, parser->lexer.begin, "nested deeper than %u levels", TDH_CEL_DEPTH);
        parser->err->code = TD_E_LIMIT;
        return -1;
    }
    parser->depth++;
    rc = parse_unary(parser, ret_shape);
    while (rc == 0 && (found = level_of(parser->lexer.token, &code)) >= level &&
           found != LEVEL_NONE)
        rc = parse_right(parser, code, found, ret_shape);
    parser->depth--;
    return rc;
}

/*
 * Behind a condition and "?": both branches. `ends`: the jump of the branch before, to be led to
 * the common end.
 */
static int parse_branch(struct cel_parser *parser, struct cel_shape *condition,
                        struct cel_shape *result, uint32_t *ends)
{
    size_t place = parser->lexer.begin;
    uint32_t branch, jump;
    struct cel_shape shape;

    if ((condition->types & CEL_BIT(CEL_BOOL)) == 0 && cel_is_checked(parser))
        return cel_parse_misfit(parser, place, "?:", &condition->types, 1);
    branch = cel_emit(parser, (struct cel_op){ .code = CEL_OP_BRANCH }, place);
    if (cel_next_token(parser) != 0 || parse_binary(parser, LEVEL_OR, &shape) != 0)
        return -1;
    *result = result->types == 0 ? shape : cel_shape_either(*result, shape);
    jump = cel_emit(parser, (struct cel_op){ .code = CEL_OP_JUMP, .a = *ends }, place);
    *ends = jump;
    cel_patch(parser, branch);
    parser->stack--;
    if (cel_expect(parser, CEL_T_COLON) != 0)
        return -1;
    return parse_binary(parser, LEVEL_OR,
                        condition); /* the condition of the next branch, or the last result */
}

/* The jumps are chained through their targets until those are known. */
static void patch_all(struct cel_parser *parser, uint32_t jump)
{
    while (jump != UINT32_MAX && !parser->has_no_memory) {
        uint32_t before = parser->cel->ops[jump].a;

        cel_patch(parser, jump);
        jump = before;
    }
}

/* Behind the first condition; `a ? b : c ? d : e` is a loop. */
CEL_APART static int parse_branches(struct cel_parser *parser, struct cel_shape *shape)
{
    struct cel_shape result = { 0 };
    uint32_t ends = UINT32_MAX;

    while (parser->lexer.token == CEL_T_QUESTION)
        if (parse_branch(parser, shape, &result, &ends) != 0)
            return -1;
    patch_all(parser, ends);
    *shape = cel_shape_either(result, *shape);
    parser->last_select = 0;
    return 0;
}

int cel_parse_expression(struct cel_parser *parser, struct cel_shape *ret_shape)
{
    int rc = parse_binary(parser, LEVEL_OR, ret_shape);

    return rc == 0 && parser->lexer.token == CEL_T_QUESTION ? parse_branches(parser, ret_shape)
                                                            : rc;
}
