/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embed: embeddings, in the three forms there are: of many texts or one at AI Studio, and as a
 * prediction at Vertex AI.
 */
#include "gemini.h"

static const struct {
    const char *purpose, *task;
} purposes[] = {
    { "document", "RETRIEVAL_DOCUMENT" },
    { "query", "RETRIEVAL_QUERY" },
    { "similarity", "SEMANTIC_SIMILARITY" },
    { "classification", "CLASSIFICATION" },
};

/* NULL: it is not told, or has no word there. */
static const char *task_of(const json_t *request, struct td_wire_request *ret)
{
    const char *purpose = wire_str(request, "purpose", NULL);

    for (size_t i = 0; purpose != NULL && i < sizeof(purposes) / sizeof(purposes[0]); i++)
        if (strcmp(purposes[i].purpose, purpose) == 0)
            return purposes[i].task;
    wire_drop(ret, request, "purpose");
    return NULL;
}

/* --- requests --- */

static json_t *one(const json_t *request, json_t *text, const char *task)
{
    return json_pack("{s:{s:[{s:O}]}, s:s*, s:O*}", "content", "parts", "text", text, "taskType",
                     task, "outputDimensionality", json_object_get(request, "dimensions"));
}

static json_t *batch(const json_t *request, const char *task)
{
    json_t *list = json_array(), *text;
    size_t i;

    json_array_foreach (json_object_get(request, "texts"), i, text) {
        json_t *row = one(request, text, task);

        json_object_set_new(row, "model", json_sprintf("models/%s", gemini_model(request)));
        json_array_append_new(list, row);
    }
    return json_pack("{s:o}", "requests", list);
}

static json_t *prediction(const json_t *request, const char *task)
{
    json_t *list = json_array(), *text, *dimensions = json_object_get(request, "dimensions"), *body;
    size_t i;

    json_array_foreach (json_object_get(request, "texts"), i, text)
        json_array_append_new(list, json_pack("{s:O, s:s*}", "content", text, "task_type", task));
    body = json_pack("{s:o}", "instances", list);
    if (dimensions != NULL)
        json_object_set_new(body, "parameters",
                            json_pack("{s:O}", "outputDimensionality", dimensions));
    return body;
}

static const char *default_path(const struct gemini *self)
{
    if (self->embed_path[0] != '\0')
        return self->embed_path;
    if (strcmp(self->embed, "predict") == 0)
        return "/models/{model}:predict";
    return strcmp(self->embed, "one") == 0 ? "/models/{model}:embedContent"
                                           : "/models/{model}:batchEmbedContents";
}

int gemini_embed(struct td_ctx *ctx, const json_t *request, struct td_wire_request *ret,
                 struct td_err *err)
{
    const struct gemini *self = td_self(ctx);
    json_t *texts = json_object_get(request, "texts");
    const char *task = task_of(request, ret);

    if (strcmp(self->embed, "predict") == 0)
        ret->body = prediction(request, task);
    else if (strcmp(self->embed, "batch") == 0)
        ret->body = batch(request, task);
    else if (json_array_size(texts) != 1)
        return td_fail(err, TD_E_UNSUPPORTED,
                       "the server takes one text in a request, these are %zu",
                       json_array_size(texts));
    else
        ret->body = one(request, json_array_get(texts, 0), task);
    ret->path = wire_path(ctx, default_path(self), gemini_model(request), err);
    if (ret->path == NULL)
        return -1;
    return ret->body != NULL ? 0 : wire_fail_memory(err);
}

/* --- replies --- */

static const struct {
    const char *list, *vector; /* where the rows are; where in a row the numbers */
} forms[] = {
    { "embeddings", "values" },
    { "predictions", "embeddings/values" },
};

/* NULL: it is in none of the forms. */
static json_t *rows_of(const json_t *body, const char **ret_vector)
{
    const json_t *single = json_object_get(body, "embedding");

    *ret_vector = "values";
    if (json_is_object(single))
        return json_pack("[O]", single);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        json_t *rows = json_object_get(body, forms[i].list);

        *ret_vector = forms[i].vector;
        if (json_is_array(rows))
            return json_incref(rows);
    }
    return NULL;
}

/* Takes nothing. new; NULL: some row has no numbers */
static json_t *vectors_of(const json_t *rows, const char *place, int64_t *tokens)
{
    json_t *vectors = json_array();
    const json_t *row;
    size_t i;

    json_array_foreach (rows, i, row) {
        const json_t *vector = wire_at(row, place);

        if (!json_is_array(vector)) {
            json_decref(vectors);
            return NULL;
        }
        json_array_append(vectors, (json_t *)(uintptr_t)vector);
        *tokens = wire_sum(*tokens, wire_count(row, "embeddings/statistics/token_count"));
    }
    return vectors;
}

int gemini_vectors(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err)
{
    int64_t tokens = wire_count(body, "usageMetadata/promptTokenCount");
    const char *place;
    json_t *rows = rows_of(body, &place), *vectors = NULL;

    (void)ctx;
    if (rows == NULL)
        return wire_fail_reply(err, "it has no embeddings");
    vectors = vectors_of(rows, place, &tokens);
    json_decref(rows);
    if (vectors == NULL)
        return wire_fail_reply(err, "its vectors are not all lists");
    *ret_reply = json_pack("{s:o, s:{}}", "vectors", vectors, "usage");
    if (*ret_reply == NULL)
        return wire_fail_memory(err);
    if (tokens >= 0)
        json_object_set_new(json_object_get(*ret_reply, "usage"), "input", json_integer(tokens));
    return 0;
}
