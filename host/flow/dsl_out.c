/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dsl_out: values, expressions and keys of the text notation, said to the document.
 */
#include "flow/dsl_out.h"

#include <string.h>

/* --- values --- */

bool tdh_dsl_is(const struct tdh_dsl_span *span, const char *text)
{
    return span->length == strlen(text) && memcmp(span->text, text, span->length) == 0;
}

int tdh_dsl_out_text(struct tdh_dsl_reading *reading, const struct tdh_dsl_span *span, bool is_word,
                     struct td_err *err)
{
    char *text = tdh_arena_copy(&reading->dsl->arena, span->text, span->length);

    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "%s: could not allocate a value", reading->name);
    return (is_word ? tdh_yaml_make_word : tdh_yaml_make_text)(reading->out, text, span->place,
                                                               err);
}

int tdh_dsl_out_member(struct tdh_dsl_reading *reading, const char *key,
                       const struct tdh_dsl_span *value, struct td_err *err)
{
    return tdh_yaml_make_text(reading->out, key, value->place, err) == 0
               ? tdh_dsl_out_text(reading, value, false, err)
               : -1;
}

int tdh_dsl_out_value(struct tdh_dsl_reading *reading, enum tdh_dsl_value kind,
                      const struct tdh_dsl_span *span, struct td_err *err)
{
    if (kind != TDH_DSL_YAML)
        return tdh_dsl_out_text(reading, span, kind == TDH_DSL_WORD, err);
    return tdh_yaml_make_value(reading->out, span->text, span->length, span->place, err);
}

/* --- expressions --- */

/* The lines of an expression as one. */
static char *join_lines(struct tdh_dsl_reading *reading, const char *at, const char *end)
{
    char *text = tdh_arena_alloc(&reading->dsl->arena, (size_t)(end - at) + 1), *to = text;

    while (text != NULL && at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *next = newline != NULL ? newline + 1 : end, *last;

        while (at < next && strchr(" \t\r\n", *at) != NULL)
            at++;
        last = at < next && *at == '#' && to > text ? at : tdh_dsl_expression_end(at, next);
        if (last > at) {
            if (to > text)
                *to++ = ' ';
            memcpy(to, at, (size_t)(last - at));
            to += last - at;
        }
        at = next;
    }
    return text; /* the arena gives zeros */
}

/* What is in quotes as a whole is YAML; true and false are what they are there. */
int tdh_dsl_out_expression(struct tdh_dsl_reading *reading, struct tdh_dsl_cursor cursor,
                           struct td_err *err)
{
    const char *quoted_end = NULL;
    char *text;

    if (tdh_dsl_is_over(&cursor))
        return tdh_dsl_expected(&cursor, "an expression, such as vars.status == 'valid'", NULL,
                                err);
    if (*cursor.at == '"' || *cursor.at == '\'')
        quoted_end = tdh_dsl_quoted_end(cursor.at, cursor.end);
    if (quoted_end != NULL && tdh_dsl_expression_end(quoted_end, cursor.end) == quoted_end)
        return tdh_yaml_make_value(reading->out, cursor.at, (size_t)(quoted_end - cursor.at),
                                   cursor.place, err);
    text = join_lines(reading, cursor.at, cursor.end);
    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "%s: could not allocate an expression", reading->name);
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return tdh_yaml_make_word(reading->out, text, cursor.place, err);
    return tdh_yaml_make_text(reading->out, text, cursor.place, err);
}

/* --- keys --- */

static bool takes_expression(const struct tdh_dsl_span *key)
{
    return tdh_dsl_is(key, "when") || tdh_dsl_is(key, "while") || tdh_dsl_is(key, "until");
}

/* KEY: VALUE, at the cursor behind ":". An expression is all that is left of the line. */
int tdh_dsl_out_item(struct tdh_dsl_reading *reading, struct tdh_dsl_cursor *cursor,
                     const struct tdh_dsl_span *key, struct td_err *err)
{
    enum tdh_dsl_value kind;
    struct tdh_dsl_span value;

    if (tdh_dsl_out_text(reading, key, false, err) != 0)
        return -1;
    if (takes_expression(key)) {
        if (tdh_dsl_out_expression(reading, *cursor, err) != 0)
            return -1;
        cursor->at = cursor->end;
        return 0;
    }
    if (tdh_dsl_is_over(cursor))
        return tdh_dsl_expected(cursor, "a value in the same line", NULL, err);
    if (tdh_dsl_value(cursor, '\0', &kind, &value, err) != 0)
        return -1;
    return tdh_dsl_out_value(reading, kind, &value, err);
}

/* The keys that stand in the line of a node or trigger. */
int tdh_dsl_out_items(struct tdh_dsl_reading *reading, struct tdh_dsl_cursor *cursor,
                      struct td_err *err)
{
    while (!tdh_dsl_is_over(cursor)) {
        struct tdh_dsl_cursor begin = *cursor;
        struct tdh_dsl_span key = tdh_dsl_word(cursor);

        if (key.length == 0)
            return tdh_dsl_expected(&begin, "a key or the end of the line", NULL, err);
        if (!tdh_dsl_take(cursor, ":"))
            return tdh_dsl_expected(cursor, "\":\" behind a key", NULL, err);
        if (tdh_dsl_out_item(reading, cursor, &key, err) != 0)
            return -1;
    }
    return 0;
}
