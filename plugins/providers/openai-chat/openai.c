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

/* "safe_prompt=true" */
static int add_extra(struct openai *self, const char *text, struct td_err *err)
{
    size_t length = strcspn(text, "=");
    json_t *value;
    char name[64];

    if (length == 0 || length >= sizeof(name) || text[length] == '\0')
        return td_fail(err, TD_E_CONFIG, "option \"extra\": \"%.60s\" is not NAME=JSON", text);
    memcpy(name, text, length);
    name[length] = '\0';
    value = json_loads(text + length + 1, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    if (value == NULL)
        return td_fail(err, TD_E_CONFIG, "option \"extra\": what \"%s\" is to be is no JSON", name);
    return json_object_set_new(self->more, name, value) == 0 ? 0 : wire_fail_memory(err);
}

static int init(struct td_ctx *ctx, struct td_err *err)
{
    struct openai *self = td_self(ctx);

    self->more = json_object();
    if (self->more == NULL)
        return wire_fail_memory(err);
    for (const char *const *extra = self->extra; extra != NULL && *extra != NULL; extra++)
        if (add_extra(self, *extra, err) != 0)
            return -1;
    return 0;
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
