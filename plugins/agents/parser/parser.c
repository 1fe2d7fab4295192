/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parser: the third agent: makes the model of an app from an understanding. The grammar of English
 * and Korean is in C, all words are in data/.
 */
#include "parse.h"

#include <tdev/plugin.h>

struct parser {
    int64_t limit;
    int64_t max_entities, max_fields, max_options;
};

static const struct td_binding *const parser_bindings[] = {
    TD_BIND_BYTES(struct parser, limit),
    TD_BIND_INT(struct parser, max_entities),
    TD_BIND_INT(struct parser, max_fields),
    TD_BIND_INT(struct parser, max_options),
    NULL,
};

static int prepare(struct td_ctx *ctx, void **ret_shared, struct td_err *err)
{
    struct pa_rules *rules = pa_rules_read(td_folder(ctx), err);

    if (rules == NULL)
        return td_context(err, "could not read the word lists");
    *ret_shared = rules;
    return 0;
}

static void release(void *shared)
{
    pa_rules_free(shared);
}

static int parse(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const struct parser *self = td_self(ctx);
    struct pa_limits limits = {
        .bytes = (size_t)self->limit,
        .entities = (size_t)self->max_entities,
        .fields = (size_t)self->max_fields,
        .options = (size_t)self->max_options,
    };

    return pa_parse(td_shared(ctx), &limits, json_object_get(input, "understanding"), ret_output,
                    err);
}

static const struct td_action *const parser_actions[] = { TD_ACTION("parse", parse), NULL };
static const struct td_agent parser_agent = { TD_SIZE(struct td_agent), .actions = parser_actions };
static const struct td_plugin parser_plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_AGENT,
    .name = "parser",
    .version = "1.0.0",
    .state_size = sizeof(struct parser),
    .bindings = parser_bindings,
    .prepare = prepare,
    .release = release,
    .agent = &parser_agent,
};
TD_PLUGIN(parser_plugin);
