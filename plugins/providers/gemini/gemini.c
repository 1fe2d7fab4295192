/* SPDX-License-Identifier: Apache-2.0 */
/* gemini: Google's generateContent, at AI Studio and at Vertex AI. */
#include "gemini.h"

static const struct td_binding *const bindings[] = {
    TD_BIND_STR(struct gemini, path),           TD_BIND_STR(struct gemini, stream_path),
    TD_BIND_STR(struct gemini, embed),          TD_BIND_STR(struct gemini, embed_path),
    TD_BIND_STR(struct gemini, schema),         TD_BIND_STR(struct gemini, reasoning),
    TD_BIND_STR(struct gemini, thoughts),       TD_BIND_STR(struct gemini, unsigned_calls),
    TD_BIND_BOOL(struct gemini, show_thoughts), TD_BIND_BOOL(struct gemini, call_ids),
    TD_BIND_LIST(struct gemini, reasoning_of),  TD_BIND_LIST(struct gemini, drop),
    TD_BIND_LIST(struct gemini, extra),         NULL,
};

static int init(struct td_ctx *ctx, struct td_err *err)
{
    static const char *const ways[] = { "level", "budget", "none", NULL };
    struct gemini *self = td_self(ctx);

    return wire_check_rows("reasoning_of", self->reasoning_of, ways, err) == 0
               ? wire_extra("extra", self->extra, &self->more, err)
               : -1;
}

static void drop(struct td_ctx *ctx)
{
    struct gemini *self = td_self(ctx);

    json_decref(self->more);
}

static const struct td_wire wire = {
    TD_SIZE(struct td_wire),
    .framing = TD_FRAMES_SSE,
    .reader_size = sizeof(struct gemini_reader),
    .chat = gemini_chat,
    .reply = gemini_reply,
    .read = gemini_read,
    .end = gemini_end,
    .embed = gemini_embed,
    .vectors = gemini_vectors,
    .failure = gemini_failure,
};
static const struct td_provider provider = { TD_SIZE(struct td_provider), .wire = &wire };
static const struct td_plugin plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_PROVIDER,
    .name = "gemini",
    .version = "1.0.0",
    .state_size = sizeof(struct gemini),
    .bindings = bindings,
    .init = init,
    .drop = drop,
    .provider = &provider,
};
TD_PLUGIN(plugin);
