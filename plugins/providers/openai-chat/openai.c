/* SPDX-License-Identifier: Apache-2.0 */
/* openai: chat completions, with the dialects of those who follow them as options. */
#include "openai.h"

static const struct td_binding *const bindings[] = {
    TD_BIND_STR(struct openai, path),          TD_BIND_STR(struct openai, embed_path),
    TD_BIND_STR(struct openai, max_tokens),    TD_BIND_STR(struct openai, system),
    TD_BIND_STR(struct openai, required),      TD_BIND_STR(struct openai, seed),
    TD_BIND_STR(struct openai, schema),        TD_BIND_STR(struct openai, reasoning),
    TD_BIND_STR(struct openai, thoughts),      TD_BIND_STR(struct openai, tool_ids),
    TD_BIND_BOOL(struct openai, stream_usage), TD_BIND_LIST(struct openai, drop),
    TD_BIND_LIST(struct openai, extra),        NULL,
};

static int init(struct td_ctx *ctx, struct td_err *err)
{
    struct openai *self = td_self(ctx);

    return wire_extra("extra", self->extra, &self->more, err);
}

static void drop(struct td_ctx *ctx)
{
    struct openai *self = td_self(ctx);

    json_decref(self->more);
}

static const struct td_wire wire = {
    TD_SIZE(struct td_wire),
    .framing = TD_FRAMES_SSE,
    .reader_size = sizeof(struct openai_reader),
    .chat = openai_chat,
    .reply = openai_reply,
    .read = openai_read,
    .end = openai_end,
    .embed = openai_embed,
    .vectors = openai_vectors,
    .failure = openai_failure,
};
static const struct td_provider provider = { TD_SIZE(struct td_provider), .wire = &wire };
static const struct td_plugin plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_PROVIDER,
    .name = "openai-chat",
    .version = "1.0.0",
    .state_size = sizeof(struct openai),
    .bindings = bindings,
    .init = init,
    .drop = drop,
    .provider = &provider,
};
TD_PLUGIN(plugin);
