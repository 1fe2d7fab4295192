/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embed: embeddings, which have no common form there: Amazon's Titan takes one text a request,
 * Cohere's models many.
 */
#include "converse.h"

#include "kit/dialect.h"

static const char *purpose(const json_t *request)
{
    static const struct {
        const char *word, *theirs;
    } rows[] = {
        { "query", "search_query" },
        { "similarity", "clustering" },
        { "classification", "classification" },
    };
    const char *word = wire_str(request, "purpose", "document");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].word, word) == 0)
            return rows[i].theirs;
    return "search_document";
}

static int fill_cohere(const json_t *request, struct td_wire_request *ret)
{
    ret->body =
        json_pack("{s:O, s:s, s:O*}", "texts", json_object_get(request, "texts"), "input_type",
                  purpose(request), "output_dimension", json_object_get(request, "dimensions"));
    return 0;
}

/* The first of them knows of no dimensions. */
static int fill_titan(const json_t *request, struct td_wire_request *ret, struct td_err *err)
{
    const json_t *texts = json_object_get(request, "texts");
    const char *model = wire_str(request, "model", "");
    bool is_first = strstr(model, "embed-text-v1") != NULL;

    if (json_array_size(texts) != 1) {
        td_fail(err, TD_E_UNSUPPORTED, "model \"%.100s\" embeds one text a request, not %zu", model,
                json_array_size(texts));
        return td_hint(err, "ask for each text by itself");
    }
    ret->body = json_pack("{s:O}", "inputText", json_array_get(texts, 0));
    if (!is_first) {
        wire_copy(ret->body, "dimensions", request, "dimensions");
        json_object_set_new(ret->body, "normalize", json_true());
    } else
        wire_drop(ret, request, "dimensions");
    wire_drop(ret, request, "purpose");
    return 0;
}

int converse_embed(struct td_ctx *ctx, const json_t *request, struct td_wire_request *ret,
                   struct td_err *err)
{
    const struct converse *self = td_self(ctx);
    bool is_cohere = converse_family(self, request) == FAMILY_COHERE;

    ret->path = wire_path(ctx, "/model/{model}/invoke", wire_str(request, "model", ""), err);
    if (ret->path == NULL)
        return -1;
    if ((is_cohere ? fill_cohere(request, ret) : fill_titan(request, ret, err)) != 0)
        return -1;
    return ret->body != NULL ? 0 : wire_fail_memory(err);
}

static bool are_vectors(const json_t *list)
{
    const json_t *vector;
    size_t i;

    json_array_foreach (list, i, vector)
        if (!json_is_array(vector))
            return false;
    return json_is_array(list);
}

int converse_vectors(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err)
{
    json_t *one = json_object_get(body, "embedding"), *many = json_object_get(body, "embeddings");
    int64_t tokens = wire_count(body, "inputTextTokenCount");

    (void)ctx;
    if (json_is_object(many))
        many = json_object_get(many, "float");
    if (!json_is_array(one) && !are_vectors(many))
        return wire_fail_reply(err, "it has no embeddings");
    *ret_reply = json_pack("{s:o, s:{}}", "vectors",
                           json_is_array(one) ? json_pack("[O]", one) : json_incref(many), "usage");
    if (*ret_reply == NULL)
        return wire_fail_memory(err);
    if (tokens >= 0)
        json_object_set_new(json_object_get(*ret_reply, "usage"), "input", json_integer(tokens));
    return 0;
}
