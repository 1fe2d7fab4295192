/* SPDX-License-Identifier: Apache-2.0 */
/*
 * estimate: about how many tokens a request is, when nobody knows better.
 *
 * Models cut text differently. Four letters of English are about a token, a syllable of Korean or a
 * Chinese sign one; numbers, JSON and code take more than prose. It is for choosing and reserving:
 * what is paid is what the provider says.
 */
#include <string.h>

#include "model/wire.h"

enum {
    ASCII_TENTHS = 3,    /* tokens of a letter, in tenths */
    OTHER_TENTHS = 8,    /* of a letter that is none of ASCII */
    MESSAGE_TOKENS = 4,  /* around each message */
    IMAGE_TOKENS = 1000, /* of a picture of usual size */
    DEPTH_MAX = 128
};

static int64_t text_tenths(const char *text, size_t length)
{
    int64_t tenths = 0;

    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte < 0x80)
            tenths += ASCII_TENTHS;
        else if (byte >= 0xc0) /* what follows belongs to it */
            tenths += OTHER_TENTHS;
    }
    return tenths;
}

/* Is it the Base64 of a picture, a sound or a file? */
static bool is_data(const char *key)
{
    return strcmp(key, "data") == 0;
}

static int64_t value_tenths(const json_t *value, unsigned depth)
{
    int64_t tenths = 0;
    const char *key;
    json_t *member;
    size_t i;

    if (depth == DEPTH_MAX)
        return 0;
    switch (json_typeof(value)) {
    case JSON_STRING:
        return text_tenths(json_string_value(value), json_string_length(value));
    case JSON_ARRAY:
        json_array_foreach (value, i, member)
            tenths += value_tenths(member, depth + 1);
        return tenths;
    case JSON_OBJECT:
        json_object_foreach ((json_t *)(uintptr_t)value, key, member)
            tenths += is_data(key)
                          ? 10 * IMAGE_TOKENS
                          : text_tenths(key, strlen(key)) + value_tenths(member, depth + 1);
        return tenths;
    default:
        return 10;
    }
}

int64_t tdh_request_estimate(const json_t *request)
{
    const json_t *messages = json_object_get(request, "messages"),
                 *tools = json_object_get(request, "tools"),
                 *texts = json_object_get(request, "texts");
    int64_t tenths = (int64_t)json_array_size(messages) * MESSAGE_TOKENS * 10;

    if (messages != NULL)
        tenths += value_tenths(messages, 0);
    if (tools != NULL)
        tenths += value_tenths(tools, 0);
    if (texts != NULL)
        tenths += value_tenths(texts, 0);
    return (tenths + 9) / 10;
}

int64_t tdh_wire_estimate(const struct tdh_wire *wire, const json_t *request)
{
    const struct td_provider *provider = wire->plugin->descriptor.provider;
    struct tdh_ctx ctx;
    int64_t tokens;

    if (provider->estimate == NULL)
        return tdh_request_estimate(request);
    tdh_wire_enter(wire, NULL, &ctx);
    tokens = provider->estimate(&ctx.pub, request);
    tdh_ctx_end(&ctx);
    return tokens >= 0 ? tokens : tdh_request_estimate(request);
}
