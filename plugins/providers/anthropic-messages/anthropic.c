/* SPDX-License-Identifier: Apache-2.0 */
/* anthropic: messages, at Anthropic, at Google, and at those who follow them. */
#include "anthropic.h"

#include <stdio.h>

static const struct td_binding *const bindings[] = {
    TD_BIND_STR(struct anthropic, path),
    TD_BIND_STR(struct anthropic, stream_path),
    TD_BIND_STR(struct anthropic, version),
    TD_BIND_STR(struct anthropic, version_in),
    TD_BIND_STR(struct anthropic, system),
    TD_BIND_STR(struct anthropic, schema),
    TD_BIND_STR(struct anthropic, reasoning),
    TD_BIND_STR(struct anthropic, display),
    TD_BIND_STR(struct anthropic, thoughts),
    TD_BIND_INT(struct anthropic, max_tokens),
    TD_BIND_REAL(struct anthropic, temperature_max),
    TD_BIND_LIST(struct anthropic, beta),
    TD_BIND_LIST(struct anthropic, reasoning_of),
    TD_BIND_LIST(struct anthropic, drop),
    TD_BIND_LIST(struct anthropic, extra),
    NULL,
};

/* "anthropic-beta: name1,name2" */
static int set_beta(struct anthropic *self, struct td_err *err)
{
    size_t length = (size_t)snprintf(self->beta_line, sizeof(self->beta_line), "anthropic-beta: ");
    size_t begin = length;

    for (const char *const *beta = self->beta; beta != NULL && *beta != NULL; beta++) {
        int count = snprintf(self->beta_line + length, sizeof(self->beta_line) - length, "%s%s",
                             length > begin ? "," : "", *beta);

        if (count < 0 || (size_t)count >= sizeof(self->beta_line) - length)
            return td_fail(err, TD_E_CONFIG, "option \"beta\": all names are more than %d bytes",
                           ANTHROPIC_HEADER_MAX - 32);
        length += (size_t)count;
    }
    if (length == begin)
        self->beta_line[0] = '\0';
    return 0;
}

static int init(struct td_ctx *ctx, struct td_err *err)
{
    static const char *const ways[] = { "any", "words", "budget", "none", NULL };
    struct anthropic *self = td_self(ctx);
    size_t count = 0;

    if (strlen(self->version) > sizeof(self->version_line) - 32)
        return td_fail(err, TD_E_CONFIG, "option \"version\" is longer than %zu bytes",
                       sizeof(self->version_line) - 32);
    if (wire_check_rows("reasoning_of", self->reasoning_of, ways, err) != 0 ||
        set_beta(self, err) != 0 || wire_extra("extra", self->extra, &self->more, err) != 0)
        return -1;
    snprintf(self->version_line, sizeof(self->version_line), "anthropic-version: %s",
             self->version);
    if (strcmp(self->version_in, "header") == 0)
        self->headers[count++] = self->version_line;
    if (self->beta_line[0] != '\0')
        self->headers[count++] = self->beta_line;
    return 0;
}

static void drop(struct td_ctx *ctx)
{
    struct anthropic *self = td_self(ctx);

    json_decref(self->more);
}

static const struct td_wire wire = {
    TD_SIZE(struct td_wire),
    .framing = TD_FRAMES_SSE,
    .reader_size = sizeof(struct anthropic_reader),
    .chat = anthropic_chat,
    .reply = anthropic_reply,
    .read = anthropic_read,
    .end = anthropic_end,
    .drop = anthropic_drop,
    .failure = anthropic_failure,
};
static const struct td_provider provider = { TD_SIZE(struct td_provider), .wire = &wire };
static const struct td_plugin plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_PROVIDER,
    .name = "anthropic-messages",
    .version = "1.0.0",
    .state_size = sizeof(struct anthropic),
    .bindings = bindings,
    .init = init,
    .drop = drop,
    .provider = &provider,
};
TD_PLUGIN(plugin);
