/* SPDX-License-Identifier: Apache-2.0 */
/* http: an agent whose actions are requests to a server, as its file describes them. */
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET_MAX = 16 << 10 };

static const struct td_binding *const http_bindings[] = {
    TD_BIND_STR(struct http, base),        TD_BIND_STR(struct http, auth),
    TD_BIND_STR(struct http, secret_file), TD_BIND_STR(struct http, secret_env),
    TD_BIND_STR(struct http, ca_file),     TD_BIND_LIST(struct http, headers),
    TD_BIND_BYTES(struct http, limit),     NULL,
};

/* --- the secret --- */

/* new: the text of the file without the line's end. */
static char *read_secret_file(const char *path, struct td_err *err)
{
    FILE *file = fopen(path, "re");
    char *secret = calloc(1, SECRET_MAX);
    size_t length;

    if (file == NULL || secret == NULL) {
        td_fail_sys(err, "could not open the secret \"%s\"", path);
        if (file != NULL)
            fclose(file);
        free(secret);
        return NULL;
    }
    length = fread(secret, 1, SECRET_MAX - 1, file);
    fclose(file);
    while (length > 0 && (secret[length - 1] == '\n' || secret[length - 1] == '\r'))
        secret[--length] = '\0';
    if (length > 0 && strlen(secret) == length)
        return secret;
    td_fail(err, TD_E_CONFIG, "the secret \"%s\" is empty, or no text", path);
    free(secret);
    return NULL;
}

static char *read_secret(const struct http *self, struct td_err *err)
{
    const char *value;

    if (self->secret_file != NULL)
        return read_secret_file(self->secret_file, err);
    value = getenv(self->secret_env);
    if (value == NULL || value[0] == '\0') {
        td_fail(err, TD_E_CONFIG, "the secret is not in the environment: %s is not set",
                self->secret_env);
        return NULL;
    }
    value = strdup(value);
    if (value == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the secret");
    return (char *)(uintptr_t)value;
}

/* The header of the option `auth`, with {secret} filled in. */
static int make_auth(struct http *self, struct td_err *err)
{
    static const char mark[] = "{secret}";
    const char *at = strstr(self->auth, mark);
    char *secret;
    int rc;

    if (self->secret_file == NULL && self->secret_env == NULL)
        return 0;
    if (self->secret_file != NULL && self->secret_env != NULL)
        return td_fail(err, TD_E_CONFIG, "the secret is in secret_file or in secret_env, not both");
    if (at == NULL || strchr(self->auth, ':') == NULL)
        return td_fail(err, TD_E_CONFIG, "auth must be a header with {secret} in it");
    secret = read_secret(self, err);
    if (secret == NULL)
        return -1;
    rc = asprintf(&self->auth_header, "%.*s%s%s", (int)(at - self->auth), self->auth, secret,
                  at + strlen(mark));
    explicit_bzero(secret, strlen(secret));
    free(secret);
    if (rc >= 0)
        return 0;
    self->auth_header = NULL;
    return td_fail(err, TD_E_NOMEM, "could not allocate the secret");
}

/* --- the life of an instance --- */

static int init(struct td_ctx *ctx, struct td_err *err)
{
    struct http *self = td_self(ctx);

    return make_auth(self, err) == 0 ? http_actions_read(ctx, self, err) : -1;
}

static void drop(struct td_ctx *ctx)
{
    struct http *self = td_self(ctx);

    http_actions_free(ctx, self);
    if (self->auth_header != NULL)
        explicit_bzero(self->auth_header, strlen(self->auth_header));
    free(self->auth_header);
}

/* --- a call --- */

static const struct http_action *find(const struct http *self, const char *name)
{
    for (size_t i = 0; i < self->action_count; i++)
        if (strcmp(self->actions[i].name, name) == 0)
            return &self->actions[i];
    return NULL;
}

/* METHOD and URL without what follows "?": that may hold what is nobody's business. */
static int say_where(const struct http_action *action, const char *url, struct td_err *err)
{
    return td_context(err, "%s %.*s", action->method, (int)strcspn(url, "?#"), url);
}

static int run(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const struct http *self = td_self(ctx);
    const struct http_action *action = find(self, td_action_name(ctx));
    struct http_request request = { .url = NULL };
    struct td_http_reply reply = { TD_SIZE(struct td_http_reply) };
    struct td_http_request send = { TD_SIZE(struct td_http_request), .headers = request.headers,
                                    .limit_bytes = (size_t)self->limit, .ca_file = self->ca_file };

    if (action == NULL)
        return td_fail(err, TD_E_NOTFOUND, "there is no action \"%s\"", td_action_name(ctx));
    if (http_request_make(ctx, action, input, &request, err) != 0)
        return -1;
    send.method = action->method;
    send.url = request.url;
    send.body = request.body;
    send.body_bytes = request.body_bytes;
    if (td_http_fetch(ctx, &send, &reply, err) != 0 ||
        http_reply_take(ctx, action, input, &reply, ret_output, err) != 0)
        return say_where(action, request.url, err);
    return 0;
}

static const struct td_action *const http_actions[] = { TD_ACTION("*", run), NULL };
static const struct td_agent http_agent = { TD_SIZE(struct td_agent), .actions = http_actions };
static const struct td_plugin http_plugin = {
    TD_SIZE(struct td_plugin),
    .name = "http",
    .version = "1.0.0",
    .kind = TD_KIND_AGENT,
    .agent = &http_agent,
    .bindings = http_bindings,
    .state_size = sizeof(struct http),
    .init = init,
    .drop = drop,
};
TD_PLUGIN(http_plugin);
