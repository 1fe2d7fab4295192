/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template: compiles a value with ${CEL} in its strings into a tree, in which whole parts without
 * any are one constant.
 */
#include "cel/template.h"

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
    tdh_place_fn *at;
    void *at_arg;
};

/* --- the tree --- */

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

/* Takes value. */
static struct tdh_template *constant(json_t *value, struct td_err *err)
{
    struct tdh_template *template = new_template(CONSTANT, err);

    if (template == NULL || value == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a template");
        json_decref(value);
        free(template);
        return NULL;
    }
    template->constant = value;
    return template;
}

/* Takes part. Grows by doubling at powers of two. */
static int add_part(struct tdh_template *whole, struct tdh_template *part, const char *key,
                    struct td_err *err)
{
    size_t count = whole->count, room = count > 0 ? count * 2 : 1;

    if (part == NULL)
        return -1;
    if ((count & (count - 1)) == 0) {
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

/* --- expressions in strings --- */

/* Behind the string of CEL whose quote is at `at`; NULL: it does not end. */
static const char *skip_string(const char *at, const char *end, bool is_raw)
{
    size_t quotes = end - at >= 3 && at[1] == at[0] && at[2] == at[0] ? 3 : 1;
    const char *quote = at;

    for (at += quotes; at < end; at++)
        if (*at == '\\' && !is_raw)
            at++;
        else if (*at == *quote &&
                 (quotes == 1 || (end - at >= 3 && at[1] == *quote && at[2] == *quote)))
            return at + quotes;
    return NULL;
}

/* A string is raw when r stands in front of it, maybe with b for bytes. */
static bool is_raw_quote(const char *begin, const char *at)
{
    return at > begin && (at[-1] == 'r' || at[-1] == 'R' ||
                          (at - begin > 1 && (at[-1] == 'b' || at[-1] == 'B') &&
                           (at[-2] == 'r' || at[-2] == 'R')));
}

const char *tdh_template_skip_string(const char *begin, const char *at, const char *end)
{
    return skip_string(at, end, is_raw_quote(begin, at));
}

const char *tdh_template_close(const char *text, const char *end)
{
    unsigned depth = 0;

    for (const char *at = text; at != NULL && at < end;) {
        if (*at == '\'' || *at == '"') {
            at = tdh_template_skip_string(text, at, end);
            continue;
        }
        if (*at == '}' && depth-- == 0)
            return at;
        depth += *at == '{';
        at++;
    }
    return NULL;
}

static struct tdh_template *expression(const struct reading *reading, const char *text,
                                       size_t length, bool is_alone, struct td_err *err)
{
    struct tdh_template *template = new_template(EXPRESSION, err);
    struct tdh_cel_options options = *reading->options;

    if (!is_alone)
        options.want = NULL;
    if (template == NULL)
        return NULL;
    template->cel = tdh_cel_compile_bytes(text, length, &options, err);
    if (template->cel == NULL) {
        td_context(err, "\"${%.*s}\"", (int)(length < 120 ? length : 120), text);
        tdh_template_free(template);
        return NULL;
    }
    template->reads = tdh_cel_reads(template->cel);
    return template;
}

static bool begins_expression(const char *at, const char *end)
{
    return end - at >= 2 && at[0] == '$' && at[1] == '{';
}

/* Plain text up to the next ${, with $${ turned into ${. Returns where it ends. */
static const char *add_plain(struct tdh_template *whole, const char *at, const char *end,
                             struct td_err *err)
{
    struct tdh_buf plain = { 0 };
    int rc;

    while (at < end && !begins_expression(at, end)) {
        if (*at == '$' && begins_expression(at + 1, end)) {
            tdh_buf_text(&plain, "${");
            at += 3;
        } else {
            tdh_buf_char(&plain, *at++);
        }
    }
    rc =
        add_part(whole, constant(plain.failed ? NULL : json_stringn(plain.data, plain.length), err),
                 NULL, err);
    tdh_buf_free(&plain);
    return rc == 0 ? at : NULL;
}

static const char *add_expression(struct tdh_template *whole, const struct reading *reading,
                                  const char *at, const char *end, struct td_err *err)
{
    const char *close = tdh_template_close(at + 2, end);

    if (close == NULL) {
        td_fail(err, TD_E_CONFIG, "\"${\" without its closing \"}\" in \"%.*s\"",
                (int)(end - at < 80 ? end - at : 80), at);
        return NULL;
    }
    if (add_part(whole, expression(reading, at + 2, (size_t)(close - at - 2), false, err), NULL,
                 err) != 0)
        return NULL;
    return close + 1;
}

/* A printed text is a string, whatever is in it. */
static int check_text(const struct reading *reading, struct td_err *err)
{
    const json_t *type = json_object_get(reading->options->want, "type");

    if (!json_is_string(type) || strcmp(json_string_value(type), "string") == 0)
        return 0;
    return td_fail(err, TD_E_CONFIG, "must be of type %s, is a text with an expression in it",
                   json_string_value(type));
}

static struct tdh_template *read_text(const struct reading *reading, const char *text,
                                      const char *end, struct td_err *err)
{
    struct tdh_template *whole = check_text(reading, err) == 0 ? new_template(TEXT, err) : NULL;
    struct tdh_template *only;

    for (const char *at = text; whole != NULL && at < end;) {
        at = begins_expression(at, end) ? add_expression(whole, reading, at, end, err)
                                        : add_plain(whole, at, end, err);
        if (at == NULL) {
            tdh_template_free(whole);
            return NULL;
        }
    }
    if (whole == NULL || whole->count != 1 || whole->parts[0]->kind != CONSTANT)
        return whole;
    only = whole->parts[0];
    whole->count = 0;
    tdh_template_free(whole);
    return only;
}

static struct tdh_template *read_string(const struct reading *reading, const json_t *value,
                                        struct td_err *err)
{
    const char *text = json_string_value(value), *end = text + json_string_length(value),
               *close = NULL;

    if (begins_expression(text, end))
        close = tdh_template_close(text + 2, end);
    if (close != NULL && close + 1 == end)
        return expression(reading, text + 2, (size_t)(close - text - 2), true, err);
    return read_text(reading, text, end, err);
}

/* --- values without any --- */

bool tdh_template_is_plain(const json_t *value)
{
    const char *key;
    json_t *member;

    if (json_is_string(value))
        return memmem(json_string_value(value), json_string_length(value), "${", 2) == NULL;
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!tdh_template_is_plain(json_array_get(value, i)))
            return false;
    json_object_foreach ((json_t *)value, key, member)
        if (!tdh_template_is_plain(member))
            return false;
    return true;
}

/* --- arrays and objects --- */

static struct tdh_template *read_value(const struct reading *reading, const json_t *value,
                                       const char *pointer, struct td_err *err);

static int add_member(struct tdh_template *whole, const struct reading *reading, const json_t *want,
                      const json_t *value, const char *pointer, const char *key, struct td_err *err)
{
    struct tdh_cel_options options = *reading->options;
    struct reading inner = { &options, reading->at, reading->at_arg };
    struct tdh_buf path = { 0 };
    struct tdh_template *part;

    options.want = want;
    tdh_buf_text(&path, pointer);
    tdh_buf_pointer(&path, key, strlen(key));
    part = read_value(&inner, value, path.failed ? pointer : path.data, err);
    tdh_buf_free(&path);
    return add_part(whole, part, whole->kind == OBJECT ? key : NULL, err);
}

static int add_members(struct tdh_template *whole, const struct reading *reading,
                       const json_t *value, const char *pointer, struct td_err *err)
{
    const json_t *want = reading->options->want, *properties = json_object_get(want, "properties");
    const char *key;
    json_t *member;
    char place[24];

    json_object_foreach ((json_t *)value, key, member)
        if (add_member(whole, reading, json_object_get(properties, key), member, pointer, key,
                       err) != 0)
            return -1;
    for (size_t i = 0; i < json_array_size(value); i++) {
        snprintf(place, sizeof(place), "%zu", i);
        if (add_member(whole, reading, json_object_get(want, "items"), json_array_get(value, i),
                       pointer, place, err) != 0)
            return -1;
    }
    return 0;
}

static bool are_constant(const struct tdh_template *whole)
{
    for (size_t i = 0; i < whole->count; i++)
        if (whole->parts[i]->kind != CONSTANT)
            return false;
    return true;
}

/* A whole whose parts are all constants, as an escaped ${ is, is one constant. */
static struct tdh_template *read_whole(const struct reading *reading, const json_t *value,
                                       const char *pointer, struct td_err *err)
{
    struct tdh_template *whole = new_template(json_is_object(value) ? OBJECT : ARRAY, err);
    json_t *folded;

    if (whole == NULL || add_members(whole, reading, value, pointer, err) != 0) {
        tdh_template_free(whole);
        return NULL;
    }
    if (!are_constant(whole))
        return whole;
    folded = tdh_template_eval(whole, NULL, NULL, err);
    tdh_template_free(whole);
    return constant(folded, err);
}

static struct tdh_template *read_value(const struct reading *reading, const json_t *value,
                                       const char *pointer, struct td_err *err)
{
    struct tdh_template *template;

    if (tdh_template_is_plain(value))
        return constant(json_incref((json_t *)value), err);
    if (!json_is_string(value))
        return read_whole(reading, value, pointer, err);
    template = read_string(reading, value, err);
    if (template == NULL)
        reading->at(reading->at_arg, pointer, err);
    return template;
}

struct tdh_template *tdh_template_new(const json_t *value, const struct tdh_cel_options *options,
                                      const char *pointer, tdh_place_fn *at, void *at_arg,
                                      struct td_err *err)
{
    struct reading reading = { options, at, at_arg };

    return read_value(&reading, value, pointer, err);
}

/* --- what is known of it --- */

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

static json_t *eval_text(const struct tdh_template *template, const struct tdh_cel_env *env,
                         struct tdh_arena *arena, struct td_err *err)
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

static json_t *eval_parts(const struct tdh_template *template, const struct tdh_cel_env *env,
                          struct tdh_arena *arena, struct td_err *err)
{
    json_t *whole = template->kind == OBJECT ? json_object() : json_array();

    for (size_t i = 0; whole != NULL && i < template->count; i++) {
        json_t *part = tdh_template_eval(template->parts[i], env, arena, err);
        int rc;

        if (part == NULL) {
            json_decref(whole);
            return NULL;
        }
        rc = template->kind == OBJECT ? json_object_set_new_nocheck(whole, template->keys[i], part)
                                      : json_array_append_new(whole, part);
        if (rc != 0) {
            json_decref(whole);
            whole = NULL;
        }
    }
    if (whole == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a value");
    return whole;
}

json_t *tdh_template_eval(const struct tdh_template *template, const struct tdh_cel_env *env,
                          struct tdh_arena *arena, struct td_err *err)
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
