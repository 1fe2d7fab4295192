/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template: compiles a value with ${CEL} in its strings into a tree, in which whole parts without any are one constant.
 */
#include "flow/template.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum kind { CONSTANT, EXPRESSION, TEXT, ARRAY, OBJECT };

struct tdh_template {
    enum kind kind;
    json_t *constant;
    struct tdh_cel *cel;
    size_t count;
    struct tdh_template **parts; /* of a text, array or object */
    char **keys;                 /* of an object */
    uint64_t reads;
};

struct reading {
    const struct tdh_cel_options *options;
    tdh_place_fail_fn *at;
    void *at_arg;
};

static struct tdh_template *new_template(enum kind kind, struct td_err *err)
{
    struct tdh_template *template = calloc(1, sizeof(*template));

    if (template == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a template");
    else
        template->kind = kind;
    return template;
}

void tdh_template_free(struct tdh_template *template)
{
    if (template == NULL)
        return;
    for (size_t i = 0; i < template->count; i++) {
        tdh_template_free(template->parts[i]);
        if (template->keys != NULL)
            free(template->keys[i]);
    }
    free(template->parts);
    free(template->keys);
    tdh_cel_free(template->cel);
    json_decref(template->constant);
    free(template);
}

static struct tdh_template *constant(json_t *value, struct td_err *err)
{
    struct tdh_template *template = value != NULL ? new_template(CONSTANT, err) : NULL;

    if (value == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a template");
    if (template != NULL)
        template->constant = value;
    else
        json_decref(value);
    return template;
}

/* Adds a part, which is taken also on failure; grows by doubling at powers of two. */
static int add_part(struct tdh_template *whole, struct tdh_template *part, const char *key, struct td_err *err)
{
    size_t count = whole->count;

    if (part == NULL)
        return -1;
    if ((count & (count - 1)) == 0) {
        size_t room = count > 0 ? count * 2 : 1;
        struct tdh_template **parts = realloc(whole->parts, room * sizeof(struct tdh_template *));
        char **keys = key != NULL ? realloc(whole->keys, room * sizeof(char *)) : NULL;

        whole->parts = parts != NULL ? parts : whole->parts;
        whole->keys = keys != NULL ? keys : whole->keys;
        if (parts == NULL || (key != NULL && keys == NULL))
            goto no_memory;
    }
    if (key != NULL && (whole->keys[count] = strdup(key)) == NULL)
        goto no_memory;
    whole->parts[whole->count++] = part;
    whole->reads |= part->reads;
    return 0;
no_memory:
    tdh_template_free(part);
    return td_fail(err, TD_E_NOMEM, "could not allocate a template");
}

/* The end of the expression that begins at `text`: its closing brace, seeing CEL's own braces and strings. NULL: there is none. */
static const char *expression_end(const char *text)
{
    unsigned depth = 0;

    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\'' || *at == '"') {
            char quote = *at;

            for (at++; *at != '\0' && *at != quote; at++)
                if (*at == '\\' && at[1] != '\0')
                    at++;
            if (*at == '\0')
                return NULL;
        } else if (*at == '{') {
            depth++;
        } else if (*at == '}' && depth-- == 0) {
            return at;
        }
    }
    return NULL;
}

static struct tdh_template *expression(const struct reading *reading, const char *text, size_t length, bool is_alone, struct td_err *err)
{
    struct tdh_template *template = new_template(EXPRESSION, err);
    struct tdh_cel_options options = *reading->options;
    char *copy = strndup(text, length);

    if (!is_alone)
        options.want = NULL;
    if (template != NULL && copy != NULL)
        template->cel = tdh_cel_compile(copy, &options, err);
    if (template != NULL && template->cel == NULL) {
        td_context(err, "\"${%.*s}\"", (int)(length < 120 ? length : 120), text);
        tdh_template_free(template);
        template = NULL;
    } else if (template != NULL) {
        template->reads = tdh_cel_reads(template->cel);
    }
    free(copy);
    return template;
}

/* Plain text up to the next ${, with $${ turned into ${. */
static size_t plain_length(const char *text, struct tdh_buf *plain)
{
    const char *at = text;

    while (*at != '\0' && !(at[0] == '$' && at[1] == '{')) {
        if (at[0] == '$' && at[1] == '$' && at[2] == '{') {
            tdh_buf_text(plain, "${");
            at += 3;
        } else {
            tdh_buf_char(plain, *at++);
        }
    }
    return (size_t)(at - text);
}

static int add_text_part(struct tdh_template *whole, const struct reading *reading, const char **at, bool is_alone, struct td_err *err)
{
    struct tdh_buf plain = { 0 };
    const char *end;
    int rc;

    if ((*at)[0] == '$' && (*at)[1] == '{') {
        end = expression_end(*at + 2);
        if (end == NULL)
            return td_fail(err, TD_E_CONFIG, "\"${\" without its closing \"}\" in \"%.80s\"", *at);
        rc = add_part(whole, expression(reading, *at + 2, (size_t)(end - *at - 2), is_alone, err), NULL, err);
        *at = end + 1;
        return rc;
    }
    *at += plain_length(*at, &plain);
    rc = add_part(whole, constant(json_stringn(plain.data, plain.length), err), NULL, err);
    tdh_buf_free(&plain);
    return rc;
}

static struct tdh_template *read_string(const struct reading *reading, const json_t *value, struct td_err *err)
{
    const char *text = json_string_value(value), *at = text;
    const char *end = strncmp(text, "${", 2) == 0 ? expression_end(text + 2) : NULL;
    struct tdh_template *whole, *only;

    if (strstr(text, "${") == NULL)
        return constant(json_incref((json_t *)value), err);
    if (end != NULL && end[1] == '\0')
        return expression(reading, text + 2, (size_t)(end - text - 2), true, err);
    whole = new_template(TEXT, err);
    while (whole != NULL && *at != '\0')
        if (add_text_part(whole, reading, &at, false, err) != 0) {
            tdh_template_free(whole);
            return NULL;
        }
    if (whole != NULL && whole->count == 1 && whole->parts[0]->kind == CONSTANT) {
        only = whole->parts[0];
        whole->count = 0;
        tdh_template_free(whole);
        return only;
    }
    return whole;
}

static struct tdh_template *read_value(const struct reading *reading, const json_t *value, const char *pointer, struct td_err *err);

/* A whole whose parts are all constants is one constant: the value itself. */
static struct tdh_template *fold_constants(struct tdh_template *whole, const json_t *value, struct td_err *err)
{
    for (size_t i = 0; i < whole->count; i++)
        if (whole->parts[i]->kind != CONSTANT || whole->parts[i]->constant == NULL)
            return whole;
    for (size_t i = 0; i < whole->count; i++)
        if (json_is_string(whole->parts[i]->constant) &&
            !json_equal(whole->parts[i]->constant, whole->keys != NULL ? json_object_get(value, whole->keys[i]) : json_array_get(value, i)))
            return whole; /* it had an escaped ${ */
    tdh_template_free(whole);
    return constant(json_incref((json_t *)value), err);
}

static struct tdh_template *read_member(const struct reading *reading, const json_t *value, const char *pointer, const char *key,
                                        struct td_err *err)
{
    struct tdh_buf path = { 0 };
    struct tdh_template *part;

    tdh_buf_printf(&path, "%s/", pointer);
    for (const char *at = key; *at != '\0'; at++)
        if (*at == '~' || *at == '/')
            tdh_buf_text(&path, *at == '~' ? "~0" : "~1");
        else
            tdh_buf_char(&path, *at);
    part = read_value(reading, value, path.data != NULL ? path.data : pointer, err);
    tdh_buf_free(&path);
    return part;
}

static const json_t *member_schema(const json_t *schema, const char *key)
{
    return json_object_get(json_object_get(schema, "properties"), key);
}

static struct tdh_template *read_object(const struct reading *reading, const json_t *value, const char *pointer, struct td_err *err)
{
    struct tdh_template *whole = new_template(OBJECT, err);
    struct tdh_cel_options options = *reading->options;
    struct reading inner = { &options, reading->at, reading->at_arg };
    const char *key;
    json_t *member;

    if (whole == NULL)
        return NULL;
    json_object_foreach((json_t *)value, key, member)
    {
        options.want = member_schema(reading->options->want, key);
        if (add_part(whole, read_member(&inner, member, pointer, key, err), key, err) != 0) {
            tdh_template_free(whole);
            return NULL;
        }
    }
    return fold_constants(whole, value, err);
}

static struct tdh_template *read_array(const struct reading *reading, const json_t *value, const char *pointer, struct td_err *err)
{
    struct tdh_template *whole = new_template(ARRAY, err);
    struct tdh_cel_options options = *reading->options;
    struct reading inner = { &options, reading->at, reading->at_arg };
    char key[24];

    options.want = json_object_get(reading->options->want, "items");
    for (size_t i = 0; whole != NULL && i < json_array_size(value); i++) {
        snprintf(key, sizeof(key), "%zu", i);
        if (add_part(whole, read_member(&inner, json_array_get(value, i), pointer, key, err), NULL, err) != 0) {
            tdh_template_free(whole);
            return NULL;
        }
    }
    return whole != NULL ? fold_constants(whole, value, err) : NULL;
}

/* Depth is that of the YAML or JSON text, which is bounded. */
static struct tdh_template *read_value(const struct reading *reading, const json_t *value, const char *pointer, struct td_err *err)
{
    struct tdh_template *template;

    if (json_is_object(value))
        return read_object(reading, value, pointer, err);
    if (json_is_array(value))
        return read_array(reading, value, pointer, err);
    if (!json_is_string(value))
        return constant(json_incref((json_t *)value), err);
    template = read_string(reading, value, err);
    if (template == NULL && reading->at != NULL)
        reading->at(reading->at_arg, pointer, err);
    return template;
}

struct tdh_template *tdh_template_new(const json_t *value, const struct tdh_cel_options *options, const char *pointer,
                                      tdh_place_fail_fn *at, void *at_arg, struct td_err *err)
{
    struct reading reading = { options, at, at_arg };

    return read_value(&reading, value, pointer, err);
}

const json_t *tdh_template_const(const struct tdh_template *template)
{
    return template->kind == CONSTANT ? template->constant : NULL;
}

uint64_t tdh_template_reads(const struct tdh_template *template)
{
    return template->reads;
}

/* --- evaluation --- */

static void print_value(struct tdh_buf *buf, const json_t *value)
{
    if (json_is_string(value))
        tdh_buf_add(buf, json_string_value(value), json_string_length(value));
    else
        tdh_buf_json(buf, value, 0);
}

static json_t *eval_text(const struct tdh_template *template, const struct tdh_cel_env *env, struct tdh_arena *arena, struct td_err *err)
{
    struct tdh_buf buf = { 0 };
    json_t *text = NULL;
    bool is_ok = true;

    for (size_t i = 0; i < template->count && is_ok; i++) {
        json_t *part = tdh_template_eval(template->parts[i], env, arena, err);

        is_ok = part != NULL;
        if (is_ok)
            print_value(&buf, part);
        json_decref(part);
    }
    if (is_ok) {
        text = buf.failed ? NULL : json_stringn(buf.data != NULL ? buf.data : "", buf.length);
        if (text == NULL)
            td_fail(err, TD_E_NOMEM, "could not allocate a text");
    }
    tdh_buf_free(&buf);
    return text;
}

static json_t *eval_parts(const struct tdh_template *template, const struct tdh_cel_env *env, struct tdh_arena *arena, struct td_err *err)
{
    json_t *whole = template->kind == OBJECT ? json_object() : json_array();

    for (size_t i = 0; whole != NULL && i < template->count; i++) {
        json_t *part = tdh_template_eval(template->parts[i], env, arena, err);
        int rc;

        if (part == NULL) {
            json_decref(whole);
            return NULL;
        }
        rc = template->kind == OBJECT ? json_object_set_new_nocheck(whole, template->keys[i], part) : json_array_append_new(whole, part);
        if (rc != 0) {
            json_decref(whole);
            whole = NULL;
        }
    }
    if (whole == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a value");
    return whole;
}

json_t *tdh_template_eval(const struct tdh_template *template, const struct tdh_cel_env *env, struct tdh_arena *arena, struct td_err *err)
{
    json_t *value;

    switch (template->kind) {
    case CONSTANT:
        return json_incref(template->constant);
    case EXPRESSION:
        value = tdh_cel_eval(template->cel, env, arena, err);
        if (value == NULL)
            td_context(err, "\"${%.120s}\"", tdh_cel_text(template->cel));
        return value;
    case TEXT:
        return eval_text(template, env, arena, err);
    default:
        return eval_parts(template, env, arena, err);
    }
}
