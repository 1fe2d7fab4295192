/* SPDX-License-Identifier: Apache-2.0 */
/*
 * javascript: reads a script as far as needed to know that its strings, templates, regular
 * expressions, comments and brackets end where they should.
 *
 * The one hard question of the language is whether "/" divides or begins a regular expression. It
 * divides after a value: a name, a number, a string, "]" or ")", unless that ")" ends the head of
 * an if, while or for.
 */
#include <string.h>

#include "check.h"
#include "source.h"

struct script {
    struct source source;
    bool after_value; /* could what stands before be divided? */
    bool after_head;  /* is it a word whose brackets hold a condition? */
    bool after_dot;
};

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || c == '#' || (unsigned char)c >= 0x80;
}

static bool is_word_of(const char *const *words, const char *start, size_t length)
{
    for (; *words != NULL; words++)
        if (strlen(*words) == length && memcmp(*words, start, length) == 0)
            return true;
    return false;
}

/* Words behind which an expression begins. */
static const char *const operators[] = { "return",     "typeof", "case",  "in",  "of",
                                         "delete",     "void",   "throw", "new", "else",
                                         "instanceof", "yield",  "await", "do",  NULL };
static const char *const heads[] = { "if", "while", "for", "with", NULL };

static void read_word(struct script *script)
{
    const char *start = script->source.at;
    bool is_member = script->after_dot; /* a.return is a value, a.if() is a call */
    size_t length = 0;

    while (start + length < script->source.stop && is_name_byte(start[length]))
        length++;
    script->after_value = is_member || !is_word_of(operators, start, length);
    script->after_head = !is_member && is_word_of(heads, start, length);
    script->after_dot = false;
    source_skip(&script->source, length);
}

static int read_regex(struct script *script)
{
    struct source *source = &script->source;
    bool in_class = false;
    size_t line = source->line;

    source_skip(source, 1);
    while (source->at < source->stop && *source->at != '\n' && (in_class || *source->at != '/')) {
        in_class = *source->at == '[' || (in_class && *source->at != ']');
        source_skip(source, *source->at == '\\' ? 2 : 1);
    }
    if (source_peek(source, 0) != '/')
        return source_fail(source, line, "a regular expression is not ended on its line");
    source_skip(source, 1);
    while (is_name_byte(source_peek(source, 0)))
        source_skip(source, 1);
    script->after_value = true;
    return 0;
}

/* Inside a template, up to its end or to the next ${. */
static int read_template(struct script *script)
{
    struct source *source = &script->source;
    size_t line = source->line;

    while (source->at < source->stop && *source->at != '`') {
        if (*source->at == '$' && source_peek(source, 1) == '{') {
            script->after_value = false;
            if (source_open(source, '$', false) != 0)
                return -1;
            source_skip(source, 2);
            return 0;
        }
        source_skip(source, *source->at == '\\' ? 2 : 1);
    }
    if (source->at >= source->stop)
        return source_fail(source, line, "a template is not ended");
    source_skip(source, 1);
    script->after_value = true;
    return 0;
}

static int read_opening(struct script *script, char c)
{
    if (source_open(&script->source, c, c == '(' && script->after_head) != 0)
        return -1;
    source_skip(&script->source, 1);
    script->after_value = script->after_head = false;
    return 0;
}

static int read_closing(struct script *script, char c)
{
    struct source *source = &script->source;
    bool was_template = source->depth > 0 && source->open[source->depth - 1].open == '$';
    bool was_head = false;

    if (source_close(source, c, &was_head) != 0)
        return -1;
    source_skip(source, 1);
    script->after_value = c == ']' || (c == ')' && !was_head);
    return was_template ? read_template(script) : 0;
}

static int read_slash(struct script *script)
{
    char next = source_peek(&script->source, 1);
    const char *end;

    if (next == '*')
        return source_comment(&script->source);
    if (next == '/') {
        end = memchr(script->source.at, '\n', (size_t)(script->source.stop - script->source.at));
        source_skip(&script->source,
                    (size_t)((end != NULL ? end : script->source.stop) - script->source.at));
        return 0;
    }
    if (!script->after_value)
        return read_regex(script);
    source_skip(&script->source, 1);
    script->after_value = false;
    return 0;
}

static int read_quoted(struct script *script, char quote)
{
    if (quote == '`') {
        source_skip(&script->source, 1);
        return read_template(script);
    }
    script->after_value = true;
    return source_string(&script->source);
}

static void read_other(struct script *script, char c)
{
    bool is_twice = (c == '+' || c == '-') && source_peek(&script->source, 1) == c;

    source_skip(&script->source, is_twice ? 2 : 1);
    if (strchr(" \t\r\n", c) != NULL)
        return;
    script->after_dot = c == '.';
    script->after_head = false;
    if (!is_twice) /* i++ / 2 divides as i / 2 does */
        script->after_value = false;
}

static int read_token(struct script *script)
{
    char c = source_peek(&script->source, 0);

    if (is_name_byte(c)) {
        read_word(script);
        return 0;
    }
    if (c == '/')
        return read_slash(script);
    if (strchr("([{", c) != NULL && c != '\0')
        return read_opening(script, c);
    if (strchr(")]}", c) != NULL && c != '\0')
        return read_closing(script, c);
    if (c == '"' || c == '\'' || c == '`')
        return read_quoted(script, c);
    read_other(script, c);
    return 0;
}

int check_javascript(const char *path, const char *text, size_t length, struct td_err *err)
{
    struct script script = { .after_value = false };

    source_begin(&script.source, path, text, length, err);
    while (script.source.at < script.source.stop)
        if (read_token(&script) != 0)
            return -1;
    return source_end(&script.source);
}
