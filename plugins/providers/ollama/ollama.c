/* SPDX-License-Identifier: Apache-2.0 */
/* ollama: models of a server near by, or of its makers. */
#include "ollama.h"

static const struct td_binding *const bindings[] = {
    TD_BIND_STR(struct ollama, path),
    TD_BIND_STR(struct ollama, embed_path),
    TD_BIND_INT(struct ollama, num_ctx),
    TD_BIND_BOOL(struct ollama, truncate),
    TD_BIND_STR(struct ollama, keep_alive),
    TD_BIND_STR(struct ollama, think),
    TD_BIND_STR(struct ollama, schema),
    TD_BIND_LIST(struct ollama, drop),
    TD_BIND_LIST(struct ollama, extra),
    TD_BIND_LIST(struct ollama, settings),
    NULL,
};

static int init(struct td_ctx *ctx, struct td_err *err)
{
    struct ollama *self = td_self(ctx);

    if (wire_extra("extra", self->extra, &self->more, err) != 0)
        return -1;
    return wire_extra("settings", self->settings, &self->more_settings, err);
}

static void drop(struct td_ctx *ctx)
{
    struct ollama *self = td_self(ctx);

    json_decref(self->more);
    json_decref(self->more_settings);
}

static const struct td_wire wire = {
    TD_SIZE(struct td_wire),
    .framing = TD_FRAMES_LINES,
    .reader_size = sizeof(struct ollama_reader),
    .chat = ollama_chat,
    .reply = ollama_reply,
    .read = ollama_read,
    .end = ollama_end,
    .embed = ollama_embed,
    .vectors = ollama_vectors,
    .failure = ollama_failure,
};
static const struct td_provider provider = { TD_SIZE(struct td_provider), .wire = &wire };
static const struct td_plugin plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_PROVIDER,
    .name = "ollama",
    .version = "1.0.0",
    .state_size = sizeof(struct ollama),
    .bindings = bindings,
    .init = init,
    .drop = drop,
    .provider = &provider,
};
TD_PLUGIN(plugin);
