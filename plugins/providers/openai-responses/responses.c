/* SPDX-License-Identifier: Apache-2.0 */
/* responses: OpenAI's newer wire, and others' that follow it. It has no embeddings. */
#include "responses.h"

static const struct td_binding *const bindings[] = {
    TD_BIND_STR(struct responses, path),
    TD_BIND_STR(struct responses, store),
    TD_BIND_STR(struct responses, thoughts),
    TD_BIND_STR(struct responses, summary),
    TD_BIND_STR(struct responses, reasoning),
    TD_BIND_STR(struct responses, system),
    TD_BIND_STR(struct responses, user),
    TD_BIND_STR(struct responses, schema),
    TD_BIND_LIST(struct responses, drop),
    TD_BIND_LIST(struct responses, extra),
    NULL,
};

static int init(struct td_ctx *ctx, struct td_err *err)
{
    struct responses *self = td_self(ctx);

    return wire_extra("extra", self->extra, &self->more, err);
}

static void drop(struct td_ctx *ctx)
{
    struct responses *self = td_self(ctx);

    json_decref(self->more);
}

static const struct td_wire wire = {
    TD_SIZE(struct td_wire),
    .framing = TD_FRAMES_SSE,
    .reader_size = sizeof(struct responses_reader),
    .chat = responses_chat,
    .reply = responses_reply,
    .read = responses_read,
    .end = responses_end,
    .failure = responses_failure,
};
static const struct td_provider provider = { TD_SIZE(struct td_provider), .wire = &wire };
static const struct td_plugin plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_PROVIDER,
    .name = "openai-responses",
    .version = "1.0.0",
    .state_size = sizeof(struct responses),
    .bindings = bindings,
    .init = init,
    .drop = drop,
    .provider = &provider,
};
TD_PLUGIN(plugin);
