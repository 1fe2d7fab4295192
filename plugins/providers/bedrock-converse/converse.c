/* SPDX-License-Identifier: Apache-2.0 */
/* converse: chats with any model of Bedrock in one form, and embeddings in the models' own. */
#include "converse.h"

static const struct td_binding *const bindings[] = {
    TD_BIND_STR(struct converse, family),
    TD_BIND_STR(struct converse, schema),
    TD_BIND_STR(struct converse, thoughts),
    TD_BIND_STR(struct converse, cache),
    TD_BIND_LIST(struct converse, drop),
    TD_BIND_LIST(struct converse, extra),
    NULL,
};

static int init(struct td_ctx *ctx, struct td_err *err)
{
    struct converse *self = td_self(ctx);

    return wire_extra("extra", self->extra, &self->more, err);
}

static void drop(struct td_ctx *ctx)
{
    struct converse *self = td_self(ctx);

    json_decref(self->more);
}

static const struct td_wire wire = {
    TD_SIZE(struct td_wire),
    .framing = TD_FRAMES_AWS,
    .reader_size = sizeof(struct converse_reader),
    .chat = converse_chat,
    .reply = converse_reply,
    .read = converse_read,
    .end = converse_end,
    .embed = converse_embed,
    .vectors = converse_vectors,
    .failure = converse_failure,
};
static const struct td_provider provider = { TD_SIZE(struct td_provider), .wire = &wire };
static const struct td_plugin plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_PROVIDER,
    .name = "bedrock-converse",
    .version = "1.0.0",
    .state_size = sizeof(struct converse),
    .bindings = bindings,
    .init = init,
    .drop = drop,
    .provider = &provider,
};
TD_PLUGIN(plugin);
