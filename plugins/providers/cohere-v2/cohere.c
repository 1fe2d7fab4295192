/* SPDX-License-Identifier: Apache-2.0 */
/* cohere: chats and embeddings of Cohere, by its second interface. */
#include "cohere.h"

static const struct td_binding *const bindings[] = {
    TD_BIND_STR(struct cohere, path),
    TD_BIND_STR(struct cohere, embed_path),
    TD_BIND_STR(struct cohere, count),
    TD_BIND_BOOL(struct cohere, thinking),
    TD_BIND_BOOL(struct cohere, plan),
    TD_BIND_STR(struct cohere, schema),
    TD_BIND_STR(struct cohere, input_type),
    TD_BIND_STR(struct cohere, truncate),
    TD_BIND_LIST(struct cohere, drop),
    TD_BIND_LIST(struct cohere, extra),
    NULL,
};

static int init(struct td_ctx *ctx, struct td_err *err)
{
    struct cohere *self = td_self(ctx);

    return wire_extra("extra", self->extra, &self->more, err);
}

static void drop(struct td_ctx *ctx)
{
    struct cohere *self = td_self(ctx);

    json_decref(self->more);
}

static const struct td_wire wire = {
    TD_SIZE(struct td_wire),
    .framing = TD_FRAMES_SSE,
    .reader_size = sizeof(struct cohere_reader),
    .chat = cohere_chat,
    .reply = cohere_reply,
    .read = cohere_read,
    .end = cohere_end,
    .embed = cohere_embed,
    .vectors = cohere_vectors,
    .failure = cohere_failure,
};
static const struct td_provider provider = { TD_SIZE(struct td_provider), .wire = &wire };
static const struct td_plugin plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_PROVIDER,
    .name = "cohere-v2",
    .version = "1.0.0",
    .state_size = sizeof(struct cohere),
    .bindings = bindings,
    .init = init,
    .drop = drop,
    .provider = &provider,
};
TD_PLUGIN(plugin);
