/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reply: an output made of a reply, or the failure that its status means.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "http.h"

enum { DEPTH = 128, SHOWN = 200, AFTER_MAX_S = 24 * 3600 };

/* Statuses with a meaning of their own; others by their hundred. */
static const struct {
    unsigned status;
    enum td_code code;
    bool is_retryable;
} statuses[] = {
    { 400, TD_E_INVAL, false },      { 401, TD_E_PERM, false },
    { 403, TD_E_PERM, false },       { 404, TD_E_NOTFOUND, false },
    { 408, TD_E_UNAVAILABLE, true }, { 409, TD_E_CONFLICT, false },
    { 410, TD_E_NOTFOUND, false },   { 412, TD_E_CONFLICT, false },
    { 413, TD_E_LIMIT, false },      { 422, TD_E_INVAL, false },
    { 425, TD_E_UNAVAILABLE, true }, { 429, TD_E_UNAVAILABLE, true },
    { 500, TD_E_EXTERNAL, true },    { 502, TD_E_UNAVAILABLE, true },
    { 503, TD_E_UNAVAILABLE, true }, { 504, TD_E_UNAVAILABLE, true },
};

static const char *header(const struct td_http_reply *reply, const char *name)
{
    return json_string_value(json_object_get(reply->headers, name));
}

/* --- failures --- */

/* Retry-After: seconds, or a date. */
static uint32_t retry_after_ms(const struct td_http_reply *reply)
{
    const char *text = header(reply, "retry-after");
    struct tm date = { 0 };
    long long seconds;
    char *end;

    if (text == NULL)
        return 0;
    seconds = strtoll(text, &end, 10);
    if (end == text || *end != '\0') {
        end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &date);
        if (end == NULL || *end != '\0')
            return 0;
        seconds = (long long)timegm(&date) - (long long)time(NULL);
    }
    if (seconds < 0)
        return 0;
    return (uint32_t)(seconds < AFTER_MAX_S ? seconds : AFTER_MAX_S) * 1000;
}

/* The first of the body, as far as it is plain text. */
static void show(const struct td_http_reply *reply, char text[static SHOWN + 4])
{
    size_t used = 0;

    for (size_t i = 0; i < reply->body_bytes && used < SHOWN; i++) {
        unsigned char c = (unsigned char)reply->body[i];

        if (c >= ' ' && c != 127)
            text[used++] = (char)c;
        else if (used > 0 && text[used - 1] != ' ')
            text[used++] = ' ';
    }
    text[used] = '\0';
}

static int fail_status(const struct td_http_reply *reply, struct td_err *err)
{
    enum td_code code = reply->status >= 500 ? TD_E_EXTERNAL : TD_E_INVAL;
    bool is_retryable = reply->status >= 500;
    char text[SHOWN + 4];

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (statuses[i].status == reply->status) {
            code = statuses[i].code;
            is_retryable = statuses[i].is_retryable;
        }
    show(reply, text);
    td_fail(err, code, "the server answered %u%s%s", reply->status, text[0] != '\0' ? ": " : "",
            text);
    err->is_retryable = is_retryable;
    err->retry_after_ms = is_retryable ? retry_after_ms(reply) : 0;
    return -1;
}

static int fail_redirect(const struct td_http_reply *reply, struct td_err *err)
{
    const char *to = header(reply, "location");

    td_fail(err, TD_E_EXTERNAL, "the server answered %u, to %.200s, and redirects are not followed",
            reply->status, to != NULL ? to : "nowhere");
    err->is_retryable = false;
    return td_hint(err, "write the url as it is now into the agent's file");
}

/* --- the body --- */

/* jansson goes down with the text, on the stack: deeper ones are refused before. */
static bool is_deep(const char *text, size_t length)
{
    size_t depth = 0;
    bool is_quoted = false;

    for (size_t i = 0; i < length; i++) {
        if (is_quoted && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && (text[i] == '[' || text[i] == '{') && ++depth > DEPTH)
            return true;
        else if (!is_quoted && (text[i] == ']' || text[i] == '}') && depth > 0)
            depth--;
    }
    return false;
}

static bool is_json(const struct td_http_reply *reply)
{
    const char *type = header(reply, "content-type");
    size_t length = type != NULL ? strcspn(type, "; ") : 0;

    return (length == 16 && strncasecmp(type, "application/json", 16) == 0) ||
           (length > 5 && strncasecmp(type + length - 5, "+json", 5) == 0);
}

/* JSON when it is called so, else text; nothing is null. */
static json_t *read_body(const struct td_http_reply *reply, struct td_err *err)
{
    json_error_t fault;
    json_t *body;

    if (reply->body_bytes == 0)
        return json_null();
    if (!is_json(reply)) {
        body = json_stringn(reply->body, reply->body_bytes);
        if (body == NULL)
            td_fail(err, TD_E_EXTERNAL, "its reply is neither JSON nor text in UTF-8");
        return body;
    }
    if (is_deep(reply->body, reply->body_bytes)) {
        td_fail(err, TD_E_LIMIT, "its reply nests deeper than %d", DEPTH);
        return NULL;
    }
    body = json_loadb(reply->body, reply->body_bytes,
                      JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &fault);
    if (body == NULL)
        td_fail(err, TD_E_EXTERNAL, "its reply is no JSON: %s, line %d", fault.text, fault.line);
    return body;
}

int http_reply_take(struct td_ctx *ctx, const struct http_action *action, const json_t *input,
                    const struct td_http_reply *reply, json_t **ret_output, struct td_err *err)
{
    json_t *body, *values;
    int rc;

    if (reply->status >= 300 && reply->status < 400 && reply->status != 304)
        return fail_redirect(reply, err);
    if (reply->status >= 400)
        return fail_status(reply, err);
    body = read_body(reply, err);
    if (body == NULL)
        return -1;
    if (action->output == NULL) {
        *ret_output = body;
        return 0;
    }
    values = json_pack("{s:O, s:i, s:O, s:o}", "input", input, "status", (int)reply->status,
                       "headers", reply->headers, "body", body);
    if (values == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the output");
    rc = td_template_eval(ctx, action->output, values, ret_output, err);
    json_decref(values);
    if (rc == 0)
        return 0;
    err->code = err->code == TD_E_INVAL ? TD_E_EXTERNAL : err->code;
    return td_context(err, "output");
}
