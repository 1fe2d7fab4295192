/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request: what is sent, made of the input. What comes from the input is percent-encoded in the
 * URL, so it is always one part of a path, one name or one value.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http.h"

/* --- texts: each lives as long as the call --- */

/* Where a text is written. Zeroed, then begin, then end. */
struct text {
    FILE *file;
    char *bytes;
    size_t length;
};

static int begin(struct text *text, struct td_err *err)
{
    text->file = open_memstream(&text->bytes, &text->length);
    return text->file != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a request");
}

static int end(struct td_ctx *ctx, struct text *text, struct td_err *err)
{
    bool has_failed = ferror(text->file) != 0;

    has_failed = fclose(text->file) != 0 || has_failed;
    text->file = NULL;
    if (text->bytes != NULL && td_defer(ctx, free, text->bytes, err) != 0)
        return -1;
    return has_failed ? td_fail(err, TD_E_NOMEM, "could not allocate a request") : 0;
}

static int put_encoded(FILE *file, const char *bytes, size_t length)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    for (size_t i = 0; i < length; i++)
        if (bytes[i] != '\0' && strchr(plain, bytes[i]) != NULL)
            fputc(bytes[i], file);
        else
            fprintf(file, "%%%02X", (unsigned char)bytes[i]);
    return 0;
}

/* A text, a number or a boolean; 1: none of them. */
static int put_scalar(FILE *file, const json_t *value, int put(FILE *, const char *, size_t))
{
    char *text;

    if (json_is_string(value))
        return put(file, json_string_value(value), json_string_length(value));
    if (!json_is_number(value) && !json_is_boolean(value))
        return 1;
    text = json_dumps(value, JSON_ENCODE_ANY);
    if (text != NULL)
        put(file, text, strlen(text));
    free(text);
    return 0;
}

/* --- the URL --- */

/* The value of {NAME}: a member of the input, or "a.b" of one within. */
static const json_t *find(const json_t *input, const char *name, size_t length)
{
    while (length > 0 && input != NULL) {
        const char *dot = memchr(name, '.', length);
        size_t step = dot != NULL ? (size_t)(dot - name) : length;

        input = json_object_getn(input, name, step);
        name += step + (dot != NULL);
        length -= step + (dot != NULL);
    }
    return input;
}

/* "." and ".." are parts of a path that lead elsewhere, however they are written. */
static bool leads_elsewhere(const json_t *value)
{
    const char *text = json_string_value(value);

    return text != NULL && (text[0] == '\0' || strcmp(text, ".") == 0 || strcmp(text, "..") == 0);
}

static int put_path(FILE *file, const char *url, const json_t *input, struct td_err *err)
{
    while (*url != '\0') {
        size_t plain = strcspn(url, "{"), length;
        const json_t *value;

        fwrite(url, 1, plain, file);
        url += plain;
        if (*url == '\0')
            return 0;
        length = strcspn(url, "}");
        value = find(input, url + 1, length - 1);
        if (value == NULL || leads_elsewhere(value) || put_scalar(file, value, put_encoded) != 0)
            return td_fail(
                err, TD_E_INVAL,
                "\"%.*s\" of the input goes into the URL: it must be a number, a boolean, "
                "or a text that is not empty and no part of a path by itself",
                (int)(length - 1), url + 1);
        url += length + 1;
    }
    return 0;
}

static int put_pair(FILE *file, const char *name, const json_t *value, char *before,
                    struct td_err *err)
{
    if (json_is_null(value))
        return 0;
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++)
            if (put_pair(file, name, json_array_get(value, i), before, err) != 0)
                return -1;
        return 0;
    }
    fputc(*before, file);
    *before = '&';
    put_encoded(file, name, strlen(name));
    fputc('=', file);
    return put_scalar(file, value, put_encoded) == 0
               ? 0
               : td_fail(err, TD_E_INVAL, "query: \"%s\" is no text, number or boolean", name);
}

static int put_query(FILE *file, const char *url, json_t *query, struct td_err *err)
{
    char before = strchr(url, '?') != NULL ? '&' : '?';
    const char *name;
    json_t *value;

    json_object_foreach (query, name, value)
        if (put_pair(file, name, value, &before, err) != 0)
            return -1;
    return 0;
}

static int eval(struct td_ctx *ctx, const struct td_template *template_, const json_t *values,
                const char *what, json_t **ret_value, struct td_err *err)
{
    *ret_value = NULL;
    if (template_ == NULL || td_template_eval(ctx, template_, values, ret_value, err) == 0)
        return 0;
    return td_context(err, "%s", what);
}

static int make_url(struct td_ctx *ctx, const struct http_action *action, const json_t *values,
                    struct http_request *request, struct td_err *err)
{
    struct text text = { .file = NULL };
    json_t *query;
    int rc = eval(ctx, action->query, values, "query", &query, err);

    if (rc == 0)
        rc = begin(&text, err);
    if (rc == 0)
        rc = put_path(text.file, action->url, json_object_get(values, "input"), err);
    if (rc == 0)
        rc = put_query(text.file, action->url, query, err);
    json_decref(query);
    if (text.file != NULL) {
        struct td_err late;

        if (end(ctx, &text, &late) != 0 && rc == 0) {
            *err = late;
            rc = -1;
        }
    }
    request->url = text.bytes;
    return rc;
}

/* --- headers and body --- */

static bool has_header(const struct http_request *request, const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < request->header_count; i++)
        if (strncasecmp(request->headers[i], name, length) == 0 &&
            request->headers[i][length] == ':')
            return true;
    return false;
}

/* The first of a name counts. */
static int add_header(struct td_ctx *ctx, struct http_request *request, const char *name,
                      const char *value, struct td_err *err)
{
    size_t bytes = strlen(name) + strlen(value) + 3;
    char *header;

    if (has_header(request, name))
        return 0;
    if (request->header_count == HTTP_HEADERS_MAX)
        return td_fail(err, TD_E_LIMIT, "a request has at most %d headers", HTTP_HEADERS_MAX);
    header = td_alloc(ctx, bytes);
    if (header == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a request");
    snprintf(header, bytes, "%s: %s", name, value);
    request->headers[request->header_count++] = header;
    return 0;
}

static int add_own_headers(struct td_ctx *ctx, const struct http_action *action,
                           const json_t *values, struct http_request *request, struct td_err *err)
{
    json_t *headers, *value;
    const char *name;
    int rc = eval(ctx, action->headers, values, "headers", &headers, err);

    json_object_foreach (headers, name, value) {
        char *text = json_is_string(value) ? strdup(json_string_value(value))
                                           : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

        if (rc == 0 && !json_is_null(value))
            rc = text != NULL ? add_header(ctx, request, name, text, err)
                              : td_fail(err, TD_E_NOMEM, "could not allocate a request");
        free(text);
    }
    json_decref(headers);
    return rc;
}

static int add_fixed_headers(const struct http *self, struct http_request *request,
                             struct td_err *err)
{
    const char *const *at = self->headers;

    for (; at != NULL && *at != NULL; at++) {
        if (request->header_count == HTTP_HEADERS_MAX)
            return td_fail(err, TD_E_LIMIT, "a request has at most %d headers", HTTP_HEADERS_MAX);
        request->headers[request->header_count++] = *at;
    }
    return 0;
}

static int make_headers(struct td_ctx *ctx, const struct http_action *action, const json_t *values,
                        struct http_request *request, struct td_err *err)
{
    const struct http *self = td_self(ctx);
    const char *key = td_key(ctx);

    /* what the host says goes first, so that no input takes its place */
    if (self->auth_header != NULL)
        request->headers[request->header_count++] = self->auth_header;
    if (action->has_effects && key != NULL &&
        add_header(ctx, request, "Idempotency-Key", key, err) != 0)
        return -1;
    if (add_fixed_headers(self, request, err) != 0 ||
        add_own_headers(ctx, action, values, request, err) != 0)
        return -1;
    return add_header(ctx, request, "Accept", "application/json, */*;q=0.5", err);
}

static int make_body(struct td_ctx *ctx, const struct http_action *action, const json_t *values,
                     struct http_request *request, struct td_err *err)
{
    json_t *body;
    bool is_text;

    if (eval(ctx, action->body, values, "body", &body, err) != 0)
        return -1;
    if (action->sends_input)
        body = json_incref(json_object_get(values, "input"));
    if (body == NULL)
        return 0;
    is_text = json_is_string(body);
    request->body = is_text ? strdup(json_string_value(body))
                            : json_dumps(body, JSON_ENCODE_ANY | JSON_COMPACT);
    if (request->body != NULL)
        request->body_bytes = is_text ? json_string_length(body) : strlen(request->body);
    json_decref(body);
    if (request->body == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a request");
    if (td_defer(ctx, free, request->body, err) != 0)
        return -1;
    return add_header(ctx, request, "Content-Type",
                      is_text ? "text/plain; charset=utf-8" : "application/json", err);
}

int http_request_make(struct td_ctx *ctx, const struct http_action *action, const json_t *input,
                      struct http_request *request, struct td_err *err)
{
    json_t *values = json_pack("{s:O, s:s?}", "input", input, "key", td_key(ctx));
    int rc;

    if (values == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a request");
    rc = make_url(ctx, action, values, request, err);
    if (rc == 0)
        rc = make_headers(ctx, action, values, request, err);
    if (rc == 0)
        rc = make_body(ctx, action, values, request, err);
    json_decref(values);
    return rc;
}
