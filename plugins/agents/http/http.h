/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http: what the files of the bridge share: an instance with its actions, a request, a reply.
 */
#ifndef HTTP_H
#define HTTP_H

#include <tdev/plugin.h>

/* One action, from the `config` of its row in the agent's file. */
struct http_action {
    const char *name;   /* the file's */
    const char *method; /* the file's, or static */
    char *url;          /* with {NAME} for members of the input */
    bool has_effects;   /* its key goes along */
    bool sends_input;   /* no body is given, and one is wanted: the input */
    struct td_template *query, *headers, *body, *output; /* NULL: not given */
};

struct http {
    /* options */
    const char *base, *auth, *secret_file, *secret_env, *ca_file;
    const char *const *headers;
    int64_t limit;
    /* init */
    char *auth_header; /* has the secret in it; wiped in the end */
    struct http_action *actions;
    size_t action_count;
};

enum { HTTP_HEADERS_MAX = 64 };

/* What is sent; lives as long as the call. */
struct http_request {
    char *url;
    const char *headers[HTTP_HEADERS_MAX + 1];
    size_t header_count;
    char *body;
    size_t body_bytes;
};

/* action.c */
/** Reads all actions of the instance. err TD_E_CONFIG */
int http_actions_read(struct td_ctx *ctx, struct http *self, struct td_err *err);
void http_actions_free(struct td_ctx *ctx, struct http *self);
/* request.c */
int http_request_make(struct td_ctx *ctx, const struct http_action *action, const json_t *input,
                      struct http_request *request, struct td_err *err);
/* reply.c */
/** The output, or what the status means. ret_output: new. */
int http_reply_take(struct td_ctx *ctx, const struct http_action *action, const json_t *input,
                    const struct td_http_reply *reply, json_t **ret_output, struct td_err *err);

#endif
