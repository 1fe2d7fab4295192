/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name: what a name means: a macro's variable, a function, a root (by the longest prefix of a
 * qualified name, in the container and in those around it), or a type.
 */
#include <stdio.h>
#include <string.h>

#include "base/near.h"
#include "cel/parser.h"

enum { NAMES_MAX = 320, NAME_BYTES = 256 };

static const char *const namespaces[] = { "math", "optional", "strings", "base64", "cel" };

void cel_near(struct cel_word word, const char *const *names, size_t count, char *out, size_t size)
{
    char text[65];
    const char *near = NULL;

    if (word.length < sizeof(text)) {
        memcpy(text, word.text, word.length);
        text[word.length] = '\0';
        near = tdh_near(text, names, count);
    }
    snprintf(out, size, near != NULL ? ", did you mean \"%s\"" : "%.0s", near != NULL ? near : "");
}

static const struct cel_local *find_local(const struct cel_parser *parser, struct cel_word word)
{
    for (const struct cel_local *local = parser->locals; local != NULL; local = local->outer)
        if (local->length == word.length && memcmp(local->name, word.text, word.length) == 0)
            return local;
    return NULL;
}

/* The root named PREFIX.NAME, or NAME when prefix_length is 0; -1 when there is none. */
static int find_root(const struct cel_parser *parser, size_t prefix_length, const char *name,
                     size_t length)
{
    const struct tdh_cel_options *options = parser->options;
    size_t total = prefix_length > 0 ? prefix_length + 1 + length : length;

    for (size_t i = 0; i < options->root_count; i++) {
        const char *root = options->roots[i].name;

        if (strlen(root) != total || memcmp(root + total - length, name, length) != 0)
            continue;
        if (prefix_length == 0 ||
            (root[prefix_length] == '.' && memcmp(root, options->container, prefix_length) == 0))
            return (int)i;
    }
    return -1;
}

/* From the innermost container outwards. */
static int find_in_containers(const struct cel_parser *parser, bool is_absolute, const char *name,
                              size_t length)
{
    const char *container = parser->options->container;
    size_t prefix = container != NULL && !is_absolute ? strlen(container) : 0;
    int root = -1;

    while (root < 0 && prefix > 0) {
        root = find_root(parser, prefix, name, length);
        for (prefix--; prefix > 0 && container[prefix] != '.'; prefix--)
            continue;
    }
    return root >= 0 ? root : find_root(parser, 0, name, length);
}

/*
 * A name whose parts are joined by dots, with no blanks, and the tokens behind each of its
 * prefixes.
 */
struct qualified {
    char text[NAME_BYTES];
    size_t lengths[8];
    struct cel_lexer behind[8];
    unsigned parts;
};

static bool append_part(struct qualified *name, const struct cel_lexer *lexer)
{
    size_t length = name->parts > 0 ? name->lengths[name->parts - 1] : 0;

    if (length + 1 + lexer->size > sizeof(name->text))
        return false;
    if (length > 0)
        name->text[length++] = '.';
    memcpy(name->text + length, lexer->text + lexer->begin, lexer->size);
    name->lengths[name->parts++] = length + lexer->size;
    return true;
}

/* Reads ahead as far as a name of a root or type may go. A part with "(" behind it is a function.
 */
static void read_ahead(const struct cel_parser *parser, struct qualified *ret_name)
{
    unsigned most = parser->root_parts < 8 ? parser->root_parts : 8;
    struct cel_lexer lexer = parser->lexer;
    struct td_err unused;

    ret_name->parts = 0;
    while (lexer.token == CEL_T_NAME && ret_name->parts < most) {
        struct cel_lexer behind = lexer;

        if (cel_lexer_next(&behind, &unused) != 0 ||
            (ret_name->parts > 0 && behind.token == CEL_T_OPEN) || !append_part(ret_name, &lexer))
            return;
        ret_name->behind[ret_name->parts - 1] = behind;
        if (behind.token != CEL_T_DOT || cel_lexer_next(&behind, &unused) != 0)
            return;
        lexer = behind;
    }
}

static void emit_root(struct cel_parser *parser, int root, size_t place,
                      struct cel_shape *ret_shape)
{
    const json_t *schema = parser->options->roots[root].schema;

    cel_emit(parser, (struct cel_op){ .code = CEL_OP_ROOT, .a = (uint32_t)root }, place);
    parser->cel->reads |= UINT64_C(1) << (root < 63 ? root : 63);
    *ret_shape = cel_is_checked(parser) ? cel_shape_schema(schema, schema) : cel_shape_any();
}

/* The longest prefix that is a root, else the longest that is a type. Skips it. */
CEL_APART static bool resolve(struct cel_parser *parser, bool is_absolute,
                              struct cel_shape *ret_shape)
{
    struct qualified name;
    size_t place = parser->lexer.begin;
    enum cel_type type;
    int root;

    read_ahead(parser, &name);
    for (unsigned i = name.parts; i > 0; i--) {
        root = find_in_containers(parser, is_absolute, name.text, name.lengths[i - 1]);
        if (root < 0)
            continue;
        emit_root(parser, root, place, ret_shape);
        parser->lexer = name.behind[i - 1];
        return true;
    }
    for (unsigned i = name.parts; i > 0; i--) {
        type = cel_type_named(name.text, name.lengths[i - 1]);
        if (type == CEL_TYPES_)
            continue;
        cel_emit_const(parser, cel_type(type), place);
        *ret_shape = cel_shape_of(CEL_BIT(CEL_TYPE));
        parser->lexer = name.behind[i - 1];
        return true;
    }
    return false;
}

void cel_near_root(const struct cel_parser *parser, struct cel_word word, char *near, size_t size)
{
    const char *names[NAMES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < parser->options->root_count && count < NAMES_MAX; i++)
        names[count++] = parser->options->roots[i].name;
    cel_near(word, names, count, near, size);
}

CEL_APART static int fail_unknown(struct cel_parser *parser, struct cel_word word)
{
    char near[128];

    cel_near_root(parser, word, near, sizeof(near));
    return cel_parse_fail(parser, word.place, "variable \"%.*s\" is not known%s",
                          (int)(word.length < 200 ? word.length : 200), word.text, near);
}

CEL_APART static int emit_unknown(struct cel_parser *parser, struct cel_word word,
                                  struct cel_shape *ret_shape)
{
    char *copy = tdh_arena_copy(&parser->cel->arena, word.text, word.length);

    if (cel_is_checked(parser))
        return fail_unknown(parser, word);
    if (copy == NULL)
        return td_fail(parser->err, TD_E_NOMEM, "could not allocate a name of an expression");
    cel_emit(parser,
             (struct cel_op){ .code = CEL_OP_UNKNOWN,
                              .a = cel_intern(parser, cel_string(copy, word.length)) },
             word.place);
    *ret_shape = cel_shape_any();
    return 0;
}

static bool is_namespace(const struct cel_parser *parser, struct cel_word word, bool is_absolute)
{
    for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++)
        if (cel_word_is(word, namespaces[i]))
            return find_in_containers(parser, is_absolute, word.text, word.length) < 0;
    return false;
}

/*
 * NAME.NAME( of one of our namespaces: moves behind the "(" and tells the whole name. A root with
 * the name of a namespace hides it.
 */
CEL_APART static bool accept_namespaced(struct cel_parser *parser, bool is_absolute,
                                        struct cel_word *word)
{
    struct cel_lexer lexer = parser->lexer;
    struct td_err unused;
    size_t end;

    if (!is_namespace(parser, *word, is_absolute) || cel_lexer_next(&lexer, &unused) != 0 ||
        lexer.token != CEL_T_DOT || lexer.begin != word->place + word->length ||
        cel_lexer_next(&lexer, &unused) != 0 || lexer.token != CEL_T_NAME ||
        lexer.begin != word->place + word->length + 1)
        return false;
    end = lexer.begin + lexer.size;
    if (cel_lexer_next(&lexer, &unused) != 0 || lexer.token != CEL_T_OPEN ||
        cel_lexer_next(&lexer, &unused) != 0)
        return false;
    word->length = end - word->place;
    parser->lexer = lexer;
    return true;
}

/* NAME(: moves behind the "(". */
CEL_APART static bool accept_call(struct cel_parser *parser)
{
    struct cel_lexer lexer = parser->lexer;
    struct td_err unused;

    if (cel_lexer_next(&lexer, &unused) != 0 || lexer.token != CEL_T_OPEN ||
        cel_lexer_next(&lexer, &unused) != 0)
        return false;
    parser->lexer = lexer;
    return true;
}

static int parse_local(struct cel_parser *parser, const struct cel_local *local,
                       struct cel_shape *ret_shape)
{
    cel_emit(parser, (struct cel_op){ .code = CEL_OP_LOCAL, .a = local->place },
             parser->lexer.begin);
    *ret_shape = local->shape;
    return cel_next_token(parser);
}

int cel_parse_name(struct cel_parser *parser, bool is_absolute, struct cel_shape *ret_shape)
{
    const struct cel_lexer *lexer = &parser->lexer;
    struct cel_word word = { lexer->text + lexer->begin, lexer->size, lexer->begin };
    const struct cel_local *local = is_absolute ? NULL : find_local(parser, word);

    if (accept_call(parser))
        return cel_word_is(word, "has") ? cel_parse_has(parser, ret_shape)
                                        : cel_parse_call(parser, word, false, ret_shape);
    if (local != NULL)
        return parse_local(parser, local, ret_shape);
    if (accept_namespaced(parser, is_absolute, &word))
        return cel_word_is(word, "cel.bind") ? cel_parse_bind(parser, ret_shape)
                                             : cel_parse_call(parser, word, false, ret_shape);
    if (resolve(parser, is_absolute, ret_shape))
        return 0;
    return emit_unknown(parser, word, ret_shape) != 0 ? -1 : cel_next_token(parser);
}
