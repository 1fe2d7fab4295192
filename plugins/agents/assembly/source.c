/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source: the parts that JavaScript and CSS have in common.
 */
#include "source.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void source_begin(struct source *source, const char *path, const char *text, size_t length,
                  struct td_err *err)
{
    source->path = path;
    source->at = text;
    source->stop = text + length;
    source->line = 1;
    source->depth = 0;
    source->err = err;
}

char source_peek(const struct source *source, size_t ahead)
{
    return ahead < (size_t)(source->stop - source->at) ? source->at[ahead] : '\0';
}

void source_skip(struct source *source, size_t count)
{
    for (; count > 0 && source->at < source->stop; count--)
        source->line += *source->at++ == '\n';
}

int source_fail(const struct source *source, size_t line, const char *fmt, ...)
{
    char text[256];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return td_fail(source->err, TD_E_EXEC, "%s:%zu: %s", source->path, line, text);
}

int source_open(struct source *source, char bracket, bool flag)
{
    if (source->depth == SOURCE_DEPTH)
        return source_fail(source, source->line, "more than %d brackets are open", SOURCE_DEPTH);
    source->open[source->depth++] =
        (struct source_bracket){ .open = bracket, .flag = flag, .line = source->line };
    return 0;
}

static char partner(char open)
{
    switch (open) {
    case '(':
        return ')';
    case '[':
        return ']';
    default:
        return '}'; /* of { and of ${ */
    }
}

int source_close(struct source *source, char bracket, bool *ret_flag)
{
    const struct source_bracket *open;

    if (source->depth == 0)
        return source_fail(source, source->line, "\"%c\" ends nothing", bracket);
    open = &source->open[source->depth - 1];
    if (partner(open->open) != bracket)
        return source_fail(source, source->line, "\"%c\" cannot end the \"%c\" of line %zu",
                           bracket, open->open, open->line);
    if (ret_flag != NULL)
        *ret_flag = open->flag;
    source->depth--;
    return 0;
}

int source_end(const struct source *source)
{
    const struct source_bracket *open;

    if (source->depth == 0)
        return 0;
    open = &source->open[source->depth - 1];
    return source_fail(source, open->line, "\"%c\" is not ended", open->open);
}

int source_string(struct source *source)
{
    char quote = source_peek(source, 0);
    size_t line = source->line;

    source_skip(source, 1);
    while (source->at < source->stop && *source->at != quote && *source->at != '\n')
        source_skip(source, *source->at == '\\' ? 2 : 1);
    if (source_peek(source, 0) != quote)
        return source_fail(source, line, "a string is not ended on its line");
    source_skip(source, 1);
    return 0;
}

int source_comment(struct source *source)
{
    const char *end = memmem(source->at + 2, (size_t)(source->stop - source->at) - 2, "*/", 2);

    if (end == NULL)
        return source_fail(source, source->line, "a comment is not ended");
    source_skip(source, (size_t)(end - source->at) + 2);
    return 0;
}
