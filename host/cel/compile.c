/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile: sets a parser up, lets it read the whole text, and checks what comes out.
 */
#include <stdlib.h>
#include <string.h>

#include "cel/parser.h"
#include "cel/text.h"

static const struct tdh_cel_options no_options;

static int no_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the program of an expression");
}

static int check_text(const char *text, size_t length, struct td_err *err)
{
    if (length > TDH_CEL_TEXT)
        return td_fail(err, TD_E_LIMIT, "expression is %zu bytes long, at most %u are allowed",
                       length, TDH_CEL_TEXT);
    if (!tdh_utf8_is_valid(text, length))
        return td_fail(err, TD_E_INVAL, "expression is not UTF-8");
    return 0;
}

/* Copies what the program needs of its options. */
static int copy_roots(struct tdh_cel *cel, const struct tdh_cel_options *options)
{
    cel->roots = tdh_arena_alloc(&cel->arena, options->root_count * sizeof(*cel->roots));
    if (cel->roots == NULL)
        return -1;
    for (size_t i = 0; i < options->root_count; i++) {
        cel->roots[i] = tdh_arena_strdup(&cel->arena, options->roots[i].name);
        if (cel->roots[i] == NULL)
            return -1;
    }
    cel->root_count = (uint32_t)options->root_count;
    return 0;
}

static struct tdh_cel *new_program(const char *text, size_t length,
                                   const struct tdh_cel_options *options, struct td_err *err)
{
    struct tdh_cel *cel = calloc(1, sizeof(*cel));

    if (cel == NULL || copy_roots(cel, options) != 0 ||
        (cel->text = tdh_arena_copy(&cel->arena, text, length)) == NULL) {
        no_memory(err);
        tdh_cel_free(cel);
        return NULL;
    }
    cel->length = length;
    return cel;
}

/* The most parts that a name to be looked up may have: types have up to three. */
static unsigned count_parts(const struct tdh_cel_options *options)
{
    unsigned most = 3;

    for (size_t i = 0; i < options->root_count; i++) {
        unsigned parts = 1;

        for (const char *at = options->roots[i].name; *at != '\0'; at++)
            parts += *at == '.';
        most = parts > most ? parts : most;
    }
    return most;
}

static int check_result(struct cel_parser *parser, const struct cel_shape *shape)
{
    const json_t *want = parser->options->want;
    const char *type = json_string_value(json_object_get(want, "type"));
    char name[96];

    if (want == NULL || !cel_is_checked(parser) || cel_shape_fits(shape->types, want))
        return 0;
    return cel_parse_fail(parser, 0, "result is %s, which does not fit %s",
                          cel_shape_name(shape->types, name, sizeof(name)),
                          type != NULL ? type : "its schema");
}

/* Words that are operators elsewhere are the commonest slip. */
static int fail_rest(struct cel_parser *parser)
{
    static const char *const words[][2] = { { "and", "&&" }, { "or", "||" }, { "is", "==" } };
    const struct cel_lexer *lexer = &parser->lexer;

    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (lexer->token == CEL_T_NAME && lexer->size == strlen(words[i][0]) &&
            memcmp(lexer->text + lexer->begin, words[i][0], lexer->size) == 0)
            return cel_parse_fail(parser, lexer->begin,
                                  "\"%s\" is not an operator, did you mean \"%s\"", words[i][0],
                                  words[i][1]);
    return cel_parse_fail(parser, lexer->begin, "expected an operator or the end, found %s",
                          cel_token_name(lexer->token));
}

static int parse(struct cel_parser *parser)
{
    struct cel_shape shape;

    if (cel_next_token(parser) != 0 || cel_parse_expression(parser, &shape) != 0)
        return -1;
    if (parser->lexer.token != CEL_T_END)
        return fail_rest(parser);
    cel_emit(parser, (struct cel_op){ .code = CEL_OP_END }, 0);
    if (parser->has_no_memory)
        return no_memory(parser->err);
    return check_result(parser, &shape);
}

struct tdh_cel *tdh_cel_compile_bytes(const char *text, size_t length,
                                      const struct tdh_cel_options *options, struct td_err *err)
{
    struct cel_parser parser = { .options = options != NULL ? options : &no_options, .err = err };
    struct tdh_cel *cel;

    if (check_text(text, length, err) != 0)
        return NULL;
    cel = new_program(text, length, parser.options, err);
    if (cel == NULL)
        return NULL;
    parser.cel = cel;
    parser.lexer = (struct cel_lexer){ .text = cel->text, .length = length };
    parser.root_parts = count_parts(parser.options);
    parser.build =
        (struct cel_run){ .arena = &cel->arena, .steps_left = UINT64_MAX, .bytes_left = SIZE_MAX };
    if (parse(&parser) != 0) {
        tdh_cel_free(cel);
        cel = NULL;
    }
    tdh_arena_free(&parser.scratch);
    free(parser.interned);
    return cel;
}

struct tdh_cel *tdh_cel_compile(const char *text, const struct tdh_cel_options *options,
                                struct td_err *err)
{
    return tdh_cel_compile_bytes(text, strlen(text), options, err);
}
