/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outside: what a bridge asks of the fake host: programs, servers, templates, and its agent.
 *
 * Programs and servers are answered as other agents are: a program is called as its path, a server
 * as the URL with the method as its action. Nothing is run or sent.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static struct td_test *enter(struct td_ctx *ctx, const char *service)
{
    struct td_test *test = (struct td_test *)ctx;

    if (!test->is_called)
        td_testing_end("td_%s was used when no call was under way", service);
    return test;
}

/* --- the agent --- */

const char *td_testing_action(struct td_ctx *ctx)
{
    return enter(ctx, "action_name")->action;
}

const json_t *td_testing_capabilities(struct td_ctx *ctx)
{
    return enter(ctx, "capabilities")->capabilities;
}

void td_test_set_capabilities(struct td_test *test, json_t *capabilities)
{
    json_decref(test->capabilities);
    test->capabilities = capabilities;
}

/* --- programs --- */

/* A handle is the path. */

int td_testing_program_open(struct td_ctx *ctx, const struct td_program_options *options,
                            struct td_program **ret_program, struct td_err *err)
{
    const char *path = options->command != NULL ? options->command[0] : NULL;

    if (td_testing_fails(enter(ctx, "program_open"), "program_open", err))
        return -1;
    if (path == NULL || path[0] != '/')
        return td_fail(err, TD_E_INVAL, "program \"%s\" must be an absolute path",
                       path != NULL ? path : "");
    *ret_program = td_testing_must(strdup(path));
    return 0;
}

int td_testing_program_call(struct td_ctx *ctx, struct td_program *program, const char *action,
                            const json_t *input, json_t **ret_output, struct td_err *err)
{
    if (td_testing_fails(enter(ctx, "program_call"), "program_call", err))
        return -1;
    return td_call(ctx, (const char *)program, action, input, NULL, ret_output, err);
}

void td_testing_program_close(struct td_ctx *ctx, struct td_program *program)
{
    enter(ctx, "program_close");
    free(program);
}

/* --- servers --- */

/* JSON as it is, else a text. */
static json_t *body_of(const struct td_http_request *request)
{
    json_t *body = NULL;

    if (request->body != NULL)
        body = json_loadb(request->body, request->body_bytes, JSON_DECODE_ANY, NULL);
    if (request->body != NULL && body == NULL)
        body = json_stringn(request->body, request->body_bytes);
    return body != NULL ? body : json_null();
}

static json_t *describe(const struct td_http_request *request)
{
    json_t *headers = td_testing_must(json_array());

    for (const char *const *at = request->headers; at != NULL && *at != NULL; at++)
        json_array_append_new(headers, json_string(*at));
    return td_testing_must(json_pack("{s:o, s:o}", "headers", headers, "body", body_of(request)));
}

static void drop(void *value)
{
    json_decref(value);
}

int td_testing_fetch(struct td_ctx *ctx, const struct td_http_request *request,
                     struct td_http_reply *ret_reply, struct td_err *err)
{
    json_t *input, *answer = NULL, *body;
    char *text = NULL;
    int rc;

    if (td_testing_fails(enter(ctx, "http_fetch"), "http_fetch", err))
        return -1;
    input = describe(request);
    rc = td_call(ctx, request->url, request->method, input, NULL, &answer, err);
    json_decref(input);
    if (rc != 0 || td_defer(ctx, drop, answer, err) != 0)
        return -1;
    body = json_object_get(answer, "body");
    if (body != NULL && !json_is_string(body)) {
        text = td_testing_must(json_dumps(body, JSON_ENCODE_ANY | JSON_COMPACT));
        if (td_defer(ctx, free, text, err) != 0)
            return -1;
    }
    ret_reply->status = (uint32_t)json_integer_value(json_object_get(answer, "status"));
    ret_reply->headers = json_object_get(answer, "headers");
    ret_reply->body = text != NULL ? text : body != NULL ? json_string_value(body) : "";
    ret_reply->body_bytes = strlen(ret_reply->body);
    return 0;
}

/* --- templates --- */

struct td_template {
    json_t *value;
};

static bool has_expression(const json_t *value)
{
    const char *key;
    json_t *member;

    if (json_is_string(value))
        return strstr(json_string_value(value), "${") != NULL;
    for (size_t i = 0; i < json_array_size(value); i++)
        if (has_expression(json_array_get(value, i)))
            return true;
    json_object_foreach ((json_t *)(uintptr_t)value, key, member)
        if (has_expression(member))
            return true;
    return false;
}

/* There is no CEL here: what is plain is its own value. */
int td_testing_template_new(struct td_ctx *ctx, const json_t *value, const char *const *roots,
                            struct td_template **ret_template, struct td_err *err)
{
    struct td_template *plain;

    (void)roots;
    if (td_testing_fails(enter(ctx, "template_new"), "template_new", err))
        return -1;
    if (has_expression(value))
        return td_fail(err, TD_E_UNSUPPORTED,
                       "the fake host has no expressions: try the plugin "
                       "with tdev plugin conform");
    plain = td_testing_must(malloc(sizeof(*plain)));
    plain->value = td_testing_must(json_deep_copy(value));
    *ret_template = plain;
    return 0;
}

int td_testing_template_eval(struct td_ctx *ctx, const struct td_template *plain,
                             const json_t *values, json_t **ret_value, struct td_err *err)
{
    (void)values;
    if (td_testing_fails(enter(ctx, "template_eval"), "template_eval", err))
        return -1;
    *ret_value = json_incref(plain->value);
    return 0;
}

void td_testing_template_free(struct td_ctx *ctx, struct td_template *plain)
{
    enter(ctx, "template_free");
    if (plain == NULL)
        return;
    json_decref(plain->value);
    free(plain);
}
