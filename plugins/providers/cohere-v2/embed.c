/* SPDX-License-Identifier: Apache-2.0 */
/* embed: embeddings, as lists of numbers. Each is made for a purpose, which must be said. */
#include "cohere.h"

static const struct {
    const char *purpose, *input_type;
} purposes[] = {
    { "document", "search_document" },
    { "query", "search_query" },
    { "similarity", "clustering" },
    { "classification", "classification" },
};

static const char *input_type(const struct cohere *self, const json_t *request,
                              struct td_wire_request *ret)
{
    const char *purpose = wire_str(request, "purpose", NULL);

    for (size_t i = 0; purpose != NULL && i < sizeof(purposes) / sizeof(purposes[0]); i++)
        if (strcmp(purposes[i].purpose, purpose) == 0)
            return purposes[i].input_type;
    wire_drop(ret, request, "purpose");
    return self->input_type;
}

int cohere_embed(struct td_ctx *ctx, const json_t *request, struct td_wire_request *ret,
                 struct td_err *err)
{
    const struct cohere *self = td_self(ctx);
    size_t count = json_array_size(json_object_get(request, "texts"));

    if (count > COHERE_TEXTS_MAX)
        return td_fail(err, TD_E_UNSUPPORTED,
                       "embeddings are made of at most %d texts at once, these are %zu",
                       COHERE_TEXTS_MAX, count);
    ret->path = self->embed_path;
    ret->body =
        json_pack("{s:O, s:s, s:O, s:[s], s:O*, s:s}", "model", json_object_get(request, "model"),
                  "input_type", input_type(self, request, ret), "texts",
                  json_object_get(request, "texts"), "embedding_types", "float", "output_dimension",
                  json_object_get(request, "dimensions"), "truncate", self->truncate);
    return ret->body != NULL ? 0 : wire_fail_memory(err);
}

int cohere_vectors(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err)
{
    (void)ctx;
    return wire_vectors(wire_at(body, "embeddings/float"), "\"float\" of embeddings",
                        wire_count(body, "meta/billed_units/input_tokens"), ret_reply, err);
}
