/* SPDX-License-Identifier: Apache-2.0 */
/*
 * css: comments, strings and brackets end where they should, and no rule stands open at the end.
 */
#include <string.h>

#include "check.h"
#include "source.h"

static int read_token(struct source *source)
{
    char c = source_peek(source, 0);
    int rc = 0;

    if (c == '/' && source_peek(source, 1) == '*')
        return source_comment(source);
    if (c == '"' || c == '\'')
        return source_string(source);
    if (c == '(' || c == '[' || c == '{')
        rc = source_open(source, c, false);
    else if (c == ')' || c == ']' || c == '}')
        rc = source_close(source, c, NULL);
    source_skip(source, c == '\\' ? 2 : 1);
    return rc;
}

int check_css(const char *path, const char *text, size_t length, struct td_err *err)
{
    struct source source;

    source_begin(&source, path, text, length, err);
    while (source.at < source.stop)
        if (read_token(&source) != 0)
            return -1;
    return source_end(&source);
}
