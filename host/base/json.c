/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json: the rules around jansson's reader, and walks through values.
 *
 * jansson recurses per level; the levels are counted in a pass of their own first, so that a small
 * coroutine stack is enough for any text.
 */
#include "base/json.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_memory.h"
#include "base/utf8.h"

enum { TOKEN_MAX = 256, JSON_FLAGS = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY };

/* The last byte of the string that begins at `text`: its quote, or the last of a text that ends too
 * early. */
static const char *skip_string(const char *text, const char *end)
{
    for (text++; text < end && *text != '"'; text++)
        if (*text == '\\' && end - text > 1)
            text++;
    return text < end ? text : end - 1;
}

/* The bracket that goes one level too deep, or NULL. Brackets that do not match are left to the
 * parser. */
static const char *find_too_deep(const char *text, const char *end)
{
    unsigned depth = 0;

    for (; text < end; text++) {
        if (*text == '"')
            text = skip_string(text, end);
        else if ((*text == '[' || *text == '{') && ++depth > TDH_JSON_DEPTH)
            return text;
        else if ((*text == ']' || *text == '}') && depth > 0)
            depth--;
    }
    return NULL;
}

static int fail_too_deep(const char *text, const char *at, const char *name, struct td_err *err)
{
    unsigned line = 1;
    const char *begin = text;

    for (const char *p = text; p < at; p++)
        if (*p == '\n') {
            line++;
            begin = p + 1;
        }
    return td_fail(err, TD_E_LIMIT, "%s:%u:%u: more than %d levels deep", name, line,
                   (unsigned)(at - begin) + 1, TDH_JSON_DEPTH);
}

static bool is_blank(const char *text, const char *end)
{
    while (text < end && memchr(" \t\r\n", *text, 4) != NULL)
        text++;
    return text == end;
}

/* What jansson could not say, or would say in other words. */
static int check_text(const char *text, size_t length, const char *name, struct td_err *err)
{
    const char *deep;

    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        return td_fail(err, TD_E_INVAL,
                       "%s:1:1: begins with a byte order mark, JSON does not allow one", name);
    if (is_blank(text, text + length))
        return td_fail(err, TD_E_INVAL, "%s:1:1: the text is empty, expected a JSON value", name);
    deep = find_too_deep(text, text + length);
    return deep != NULL ? fail_too_deep(text, deep, name, err) : 0;
}

/*
 * Where jansson (2.14) has no memory, it calls a string an invalid token, or leaves a byte of it
 * out and goes on. errno would not tell: reading a number sets it to 0.
 */
json_t *tdh_json_parse(const char *text, size_t length, const char *name, struct td_err *err)
{
    json_error_t error;
    bool has_memory, before;
    json_t *value;

    if (check_text(length != 0 ? text : "", length, name, err) != 0)
        return NULL;
    before = tdh_json_memory_begin();
    value = json_loadb(text, length, JSON_FLAGS, &error);
    has_memory = !tdh_json_memory_end(before);
    if (value != NULL && has_memory)
        return value;
    json_decref(value);
    if (!has_memory || error.text[0] == '\0')
        td_fail(err, TD_E_NOMEM, "%s: could not allocate the JSON value", name);
    else
        td_fail(err, TD_E_INVAL, "%s:%d:%d: %s", name, error.line, error.column, error.text);
    return NULL;
}

json_t *tdh_json_read(const char *path, size_t limit_bytes, struct td_err *err)
{
    size_t length;
    char *text = tdh_file_read(path, limit_bytes, &length, err);
    json_t *value;

    if (text == NULL)
        return NULL;
    value = tdh_json_parse(text, length, path, err);
    free(text);
    return value;
}

/* One token of a pointer, still escaped. */
struct token {
    const char *text;
    size_t length;
};

/* The byte at *at of an escaped token; moves *at. An escape that is none stands for itself. */
static char next_byte(const struct token *token, size_t *at)
{
    char c = token->text[(*at)++];

    if (c != '~' || *at == token->length || (token->text[*at] != '0' && token->text[*at] != '1'))
        return c;
    return token->text[(*at)++] == '0' ? '~' : '/';
}

static bool token_is(const struct token *token, const char *key)
{
    size_t at = 0;

    while (at < token->length && *key != '\0')
        if (next_byte(token, &at) != *key++)
            return false;
    return at == token->length && *key == '\0';
}

static json_t *find_member(json_t *object, const struct token *token)
{
    char key[TOKEN_MAX];
    size_t length = 0, at = 0;

    if (token->length < sizeof(key)) {
        while (at < token->length)
            key[length++] = next_byte(token, &at);
        key[length] = '\0';
        return json_object_get(object, key);
    }
    for (void *iter = json_object_iter(object); iter != NULL;
         iter = json_object_iter_next(object, iter))
        if (token_is(token, json_object_iter_key(iter)))
            return json_object_iter_value(iter);
    return NULL;
}

static json_t *find_element(const json_t *array, const struct token *token)
{
    size_t index = 0, size = json_array_size(array);

    if (token->length == 0 || (token->text[0] == '0' && token->length > 1))
        return NULL;
    for (size_t i = 0; i < token->length; i++) {
        if (token->text[i] < '0' || token->text[i] > '9')
            return NULL;
        index = index * 10 + (size_t)(token->text[i] - '0');
        if (index >= size)
            return NULL;
    }
    return json_array_get(array, index);
}

json_t *tdh_json_at(const json_t *root, const char *pointer)
{
    json_t *value = (json_t *)(uintptr_t)
        root; /* who gave a const value knows not to write through the result */

    while (value != NULL && *pointer == '/') {
        struct token token = { .text = pointer + 1, .length = strcspn(pointer + 1, "/") };

        value = json_is_object(value) ? find_member(value, &token) : find_element(value, &token);
        pointer = token.text + token.length;
    }
    return *pointer == '\0' ? value : NULL;
}

const char *tdh_json_str(const json_t *object, const char *key, const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : fallback;
}

const char *tdh_json_type_name(const json_t *value)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "object",   [JSON_ARRAY] = "array", [JSON_STRING] = "string",
        [JSON_INTEGER] = "integer", [JSON_REAL] = "number", [JSON_TRUE] = "boolean",
        [JSON_FALSE] = "boolean",   [JSON_NULL] = "null",
    };

    return value != NULL ? names[json_typeof(value)] : "null";
}

_Static_assert(TDH_JSON_DEPTH == 128, "the number stands in a text below");

static const char *find_fault(const json_t *value, unsigned left)
{
    const char *fault = NULL, *key;
    const json_t *member;
    size_t i, length;

    if (json_is_string(value) &&
        !tdh_utf8_is_valid(json_string_value(value), json_string_length(value)))
        return "holds a text that is not UTF-8";
    if (!json_is_array(value) && !json_is_object(value))
        return NULL;
    if (left == 0)
        return "nests deeper than 128";
    json_array_foreach ((json_t *)value, i, member)
        if (fault == NULL)
            fault = find_fault(member, left - 1);
    json_object_keylen_foreach((json_t *)value, key, length, member) if (fault == NULL) fault =
        tdh_utf8_is_valid(key, length) ? find_fault(member, left - 1)
                                       : "has a key that is not UTF-8";
    return fault;
}

const char *tdh_json_fault(const json_t *value)
{
    return find_fault(value, TDH_JSON_DEPTH);
}
