/* SPDX-License-Identifier: Apache-2.0 */
/* embed: embeddings, as lists of numbers. */
#include "openai.h"

int openai_embed(struct td_ctx *ctx, const json_t *request, struct td_wire_request *ret,
                 struct td_err *err)
{
    const struct openai *self = td_self(ctx);

    ret->path = self->embed_path;
    ret->body = json_pack("{s:O, s:O, s:s, s:O*}", "model", json_object_get(request, "model"),
                          "input", json_object_get(request, "texts"), "encoding_format", "float",
                          "dimensions", json_object_get(request, "dimensions"));
    wire_drop(ret, request, "purpose");
    return ret->body != NULL ? 0 : wire_fail_memory(err);
}

/* Their order is what `index` says, not that of the list. */
static json_t *order(const json_t *data, struct td_err *err)
{
    size_t count = json_array_size(data), i;
    json_t *vectors = json_array();
    const json_t *row;

    for (i = 0; i < count; i++)
        json_array_append_new(vectors, json_null());
    json_array_foreach (data, i, row) {
        const json_t *index = json_object_get(row, "index");
        json_t *vector = json_object_get(row, "embedding");
        size_t place = json_is_integer(index) ? (size_t)json_integer_value(index) : i;

        if (!json_is_array(vector) || place >= count ||
            !json_is_null(json_array_get(vectors, place))) {
            json_decref(vectors);
            wire_fail_reply(err, "its vectors are not one for each text");
            return NULL;
        }
        json_array_set(vectors, place, vector);
    }
    return vectors;
}

int openai_vectors(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err)
{
    const json_t *data = json_object_get(body, "data");
    int64_t tokens = wire_count(body, "usage/prompt_tokens");
    json_t *vectors;

    (void)ctx;
    if (!json_is_array(data))
        return wire_fail_reply(err, "it has no list \"data\"");
    vectors = order(data, err);
    if (vectors == NULL)
        return -1;
    *ret_reply = json_pack("{s:o, s:{}}", "vectors", vectors, "usage");
    if (*ret_reply == NULL)
        return wire_fail_memory(err);
    if (tokens >= 0)
        json_object_set_new(json_object_get(*ret_reply, "usage"), "input", json_integer(tokens));
    return 0;
}
