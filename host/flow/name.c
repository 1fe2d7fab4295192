/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name: goes through the tokens of an expression.
 */
#include "flow/name.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cel/cel.h"

enum { BOUND_MAX = 32 }; /* macros within macros; deeper ones bind nothing */

/* A variable of a macro: bound until the parenthesis closes. */
struct bound {
    const char *at;
    size_t length;
    unsigned depth;
};

struct scan {
    const char *begin, *at, *end;
    unsigned depth; /* of parentheses */
    struct bound bounds[BOUND_MAX];
    size_t bound_count;
    bool is_field;  /* a dot stands in front */
    bool is_macro;  /* `.map` was read last, and then its `(` */
    bool was_macro; /* `.map` was read last */
};

bool tdh_name_is(const struct tdh_name *name, const char *text)
{
    return strlen(text) == name->length && memcmp(text, name->at, name->length) == 0;
}

static bool is_letter(char c)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_in_word(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9');
}

static const char *word_end(const char *at, const char *end)
{
    while (at < end && is_in_word(*at))
        at++;
    return at;
}

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r' || *at == '\f'))
        at++;
    return at;
}

static bool is_macro(const char *at, size_t length)
{
    static const char *const names[] = {
        "map",        "filter",       "all",    "exists",        "existsOne",
        "exists_one", "transformMap", "sortBy", "transformList", "transformMapEntry"
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i]) == length && memcmp(names[i], at, length) == 0)
            return true;
    return false;
}

static bool is_bound(const struct scan *scan, const char *at, size_t length)
{
    for (size_t i = 0; i < scan->bound_count; i++)
        if (scan->bounds[i].length == length && memcmp(scan->bounds[i].at, at, length) == 0)
            return true;
    return false;
}

/* What is no word, string or comment: dots and parentheses count. */
static void pass_sign(struct scan *scan)
{
    char sign = *scan->at++;

    scan->is_macro = sign == '(' && scan->was_macro;
    scan->was_macro = false;
    scan->is_field = sign == '.' || (scan->is_field && sign == '?');
    scan->depth += sign == '(';
    if (sign != ')')
        return;
    while (scan->bound_count > 0 && scan->bounds[scan->bound_count - 1].depth == scan->depth)
        scan->bound_count--;
    scan->depth -= scan->depth > 0;
}

/* The words of a string are none of ours, and neither are those of a comment. */
static void pass_quoted(struct scan *scan, const char *behind)
{
    scan->at = behind != NULL ? behind : scan->end;
    scan->is_field = scan->is_macro = scan->was_macro = false;
}

/* The field that is selected of the name which ends at `at`: not a method. */
static void find_field(const struct scan *scan, const char *at, struct tdh_name *name)
{
    const char *end;

    at = skip_space(at, scan->end);
    if (at == scan->end || *at != '.')
        return;
    at = skip_space(at + 1, scan->end);
    end = word_end(at, scan->end);
    if (end == at || !is_letter(*at) ||
        (skip_space(end, scan->end) < scan->end && *skip_space(end, scan->end) == '('))
        return;
    name->field = at;
    name->field_length = (size_t)(end - at);
}

/* A word; true when it is a free name. */
static bool pass_word(struct scan *scan, struct tdh_name *ret_name)
{
    const char *at = scan->at, *end = word_end(at, scan->end), *next = skip_space(end, scan->end);
    size_t length = (size_t)(end - at);
    char sign = next < scan->end ? *next : '\0';
    bool is_field = scan->is_field,
         binds = scan->is_macro && sign == ',' && scan->bound_count < BOUND_MAX;

    scan->was_macro = is_field && sign == '(' && is_macro(at, length);
    scan->is_field = scan->is_macro = false;
    scan->at = end;
    if (binds)
        scan->bounds[scan->bound_count++] = (struct bound){ at, length, scan->depth };
    if (is_field || binds || sign == '(' || sign == '\'' || sign == '"' ||
        is_bound(scan, at, length))
        return false;
    *ret_name = (struct tdh_name){ .at = at, .length = length };
    find_field(scan, end, ret_name);
    return true;
}

static bool next_name(struct scan *scan, struct tdh_name *ret_name)
{
    while (scan->at < scan->end) {
        const char *at = scan->at;

        if (*at == '\'' || *at == '"')
            pass_quoted(scan, tdh_template_skip_string(scan->begin, at, scan->end));
        else if (*at == '`')
            pass_quoted(scan, (at = memchr(at + 1, '`', (size_t)(scan->end - at - 1))) != NULL
                                  ? at + 1
                                  : NULL);
        else if (*at == '/' && scan->end - at > 1 && at[1] == '/')
            pass_quoted(scan, memchr(at, '\n', (size_t)(scan->end - at)));
        else if (is_letter(*at) && (at == scan->begin || !is_in_word(at[-1]))) {
            if (pass_word(scan, ret_name))
                return true;
        } else if (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')
            scan->at++;
        else
            pass_sign(scan);
    }
    return false;
}

char *tdh_name_expression(const char *text, size_t length, tdh_name_fn *fn, void *arg,
                          struct td_err *err)
{
    struct scan scan = { .begin = text, .at = text, .end = text + length };
    struct tdh_buf buf = { 0 };
    const char *copied = text;
    struct tdh_name name;

    while (next_name(&scan, &name)) {
        char *other = NULL;
        bool takes_field = false;
        int rc = fn(arg, &name, &other, &takes_field, err);

        if (rc < 0) {
            tdh_buf_free(&buf);
            return NULL;
        }
        if (rc == 0)
            continue;
        tdh_buf_add(&buf, copied, (size_t)(name.at - copied));
        tdh_buf_text(&buf, other);
        free(other);
        copied = takes_field ? name.field + name.field_length : name.at + name.length;
        scan.at = copied;
    }
    tdh_buf_add(&buf, copied, (size_t)(scan.end - copied));
    tdh_buf_text(&buf, "");
    if (!buf.failed && buf.data != NULL)
        return tdh_buf_steal(&buf);
    tdh_buf_free(&buf);
    td_fail(err, TD_E_NOMEM, "could not allocate an expression");
    return NULL;
}

/* --- templates --- */

static json_t *in_string(const json_t *value, tdh_name_fn *fn, void *arg, struct td_err *err)
{
    const char *at = json_string_value(value), *end = at + json_string_length(value);
    struct tdh_buf buf = { 0 };
    json_t *made = NULL;

    while (at < end) {
        bool is_escaped = end - at > 2 && memcmp(at, "$${", 3) == 0;
        const char *close = !is_escaped && end - at > 1 && memcmp(at, "${", 2) == 0
                                ? tdh_template_close(at + 2, end)
                                : NULL;
        char *text;

        if (close == NULL) {
            tdh_buf_add(&buf, at, is_escaped ? 3 : 1);
            at += is_escaped ? 3 : 1;
            continue;
        }
        text = tdh_name_expression(at + 2, (size_t)(close - at - 2), fn, arg, err);
        if (text == NULL)
            goto out;
        tdh_buf_printf(&buf, "${%s}", text);
        free(text);
        at = close + 1;
    }
    made = buf.failed ? NULL : json_stringn(buf.data != NULL ? buf.data : "", buf.length);
    if (made == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a template");
out:
    tdh_buf_free(&buf);
    return made;
}

/* A member that is not there has told why. */
static int add(int rc, const json_t *member, struct td_err *err)
{
    return rc == 0 || member == NULL ? rc
                                     : td_fail(err, TD_E_NOMEM, "could not allocate a template");
}

json_t *tdh_name_template(const json_t *value, tdh_name_fn *fn, void *arg, struct td_err *err)
{
    json_t *made, *member;
    const char *key;
    int rc = 0;

    if (json_is_string(value))
        return in_string(value, fn, arg, err);
    if (!json_is_array(value) && !json_is_object(value))
        return json_incref((json_t *)value);
    made = json_is_array(value) ? json_array() : json_object();
    if (made == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a template");
    rc = made != NULL ? 0 : -1;
    for (size_t i = 0; rc == 0 && i < json_array_size(value); i++) {
        member = tdh_name_template(json_array_get(value, i), fn, arg, err);
        rc = add(json_array_append_new(made, member), member, err);
    }
    json_object_foreach ((json_t *)value, key, member) {
        json_t *other = rc == 0 ? tdh_name_template(member, fn, arg, err) : NULL;

        if (rc == 0)
            rc = add(json_object_set_new(made, key, other), other, err);
    }
    if (rc == 0)
        return made;
    json_decref(made);
    return NULL;
}
