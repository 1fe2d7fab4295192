/* SPDX-License-Identifier: Apache-2.0 */
/*
 * action: the actions of an agent, from the `config` of each in its file; templates are compiled
 * once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"

static const char *text_of(const json_t *object, const char *key, const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : fallback;
}

static bool has_scheme(const char *url)
{
    return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
}

/* The server is that of the file: what an input says stands behind it. */
static int check_url(const char *url, struct td_err *err)
{
    const char *host = strstr(url, "://"), *brace;

    if (!has_scheme(url)) {
        td_fail(err, TD_E_CONFIG, "url \"%s\" must begin with http:// or https://", url);
        return td_hint(err, "or give the option base, which goes in front");
    }
    brace = strchr(url, '{');
    if (brace != NULL && brace < host + 3 + strcspn(host + 3, "/?#"))
        return td_fail(err, TD_E_CONFIG, "url \"%s\": its server cannot come from the input", url);
    while ((brace = strpbrk(url, "{}")) != NULL) {
        const char *end = brace + 1 + strcspn(brace + 1, "{}");

        if (*brace != '{' || *end != '}' || end == brace + 1)
            return td_fail(err, TD_E_CONFIG, "url: \"%s\" is no {NAME}", brace);
        url = end + 1;
    }
    return 0;
}

static int read_url(const struct http *self, struct http_action *action, const json_t *config,
                    struct td_err *err)
{
    const char *url = text_of(config, "url", ""), *base = self->base;

    if (asprintf(&action->url, "%s%s", base != NULL && !has_scheme(url) ? base : "", url) < 0) {
        action->url = NULL;
        return td_fail(err, TD_E_NOMEM, "could not allocate a url");
    }
    return check_url(action->url, err);
}

static int read_template(struct td_ctx *ctx, const json_t *config, const char *key,
                         const char *const *roots, struct td_template **ret_template,
                         struct td_err *err)
{
    const json_t *value = json_object_get(config, key);

    if (value == NULL || td_template_new(ctx, value, roots, ret_template, err) == 0)
        return 0;
    return td_context(err, "%s", key);
}

static int read_templates(struct td_ctx *ctx, struct http_action *action, const json_t *config,
                          struct td_err *err)
{
    static const char *const before[] = { "input", "key", NULL };
    static const char *const behind[] = { "input", "status", "headers", "body", NULL };

    return read_template(ctx, config, "query", before, &action->query, err) == 0 &&
                   read_template(ctx, config, "headers", before, &action->headers, err) == 0 &&
                   read_template(ctx, config, "body", before, &action->body, err) == 0 &&
                   read_template(ctx, config, "output", behind, &action->output, err) == 0
               ? 0
               : -1;
}

static int read_action(struct td_ctx *ctx, const struct http *self, const json_t *row,
                       struct http_action *action, struct td_err *err)
{
    const json_t *config = json_object_get(row, "config");
    bool has_body = json_object_get(config, "body") != NULL;

    action->name = text_of(row, "name", "");
    action->method = text_of(config, "method", has_body ? "POST" : "GET");
    action->has_effects = strcmp(text_of(row, "effects", "external"), "none") != 0;
    action->sends_input =
        !has_body && (strcmp(action->method, "POST") == 0 || strcmp(action->method, "PUT") == 0 ||
                      strcmp(action->method, "PATCH") == 0);
    if (read_url(self, action, config, err) == 0 && read_templates(ctx, action, config, err) == 0)
        return 0;
    return td_context(err, "action \"%s\"", action->name);
}

int http_actions_read(struct td_ctx *ctx, struct http *self, struct td_err *err)
{
    const json_t *rows = td_capabilities(ctx);
    size_t count = json_array_size(rows);

    self->actions = calloc(count + 1, sizeof(*self->actions));
    if (self->actions == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the actions");
    for (size_t i = 0; i < count; i++) {
        self->action_count = i + 1;
        if (read_action(ctx, self, json_array_get(rows, i), &self->actions[i], err) != 0)
            return -1;
    }
    return 0;
}

void http_actions_free(struct td_ctx *ctx, struct http *self)
{
    for (size_t i = 0; i < self->action_count; i++) {
        struct http_action *action = &self->actions[i];

        free(action->url);
        td_template_free(ctx, action->query);
        td_template_free(ctx, action->headers);
        td_template_free(ctx, action->body);
        td_template_free(ctx, action->output);
    }
    free(self->actions);
    self->actions = NULL;
    self->action_count = 0;
}
