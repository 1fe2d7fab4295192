/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request: the host's request as a body of Converse.
 *
 * Only two speak there, in turns: messages of one side that follow each other become one, and
 * results of tools are the user's.
 */
#include "converse.h"

#include <ctype.h>
#include <stdlib.h>

#include "kit/dialect.h"
#include "kit/turns.h"

void converse_add_cache_point(const struct converse *self, json_t *list)
{
    bool is_hour = strcmp(self->cache, "1h") == 0;

    if (strcmp(self->cache, "none") != 0 && json_array_size(list) > 0)
        json_array_append_new(list, json_pack("{s:{s:s, s:s*}}", "cachePoint", "type", "default",
                                              "ttl", is_hour ? "1h" : NULL));
}

/* --- messages --- */

static void set_system(const struct converse *self, const json_t *request,
                       struct td_wire_request *ret)
{
    json_t *texts = turns_system(json_object_get(request, "messages"), true, ret),
           *blocks = json_array();
    const json_t *text;
    size_t i;

    json_array_foreach (texts, i, text)
        json_array_append_new(blocks, json_pack("{s:O}", "text", text));
    json_decref(texts);
    converse_add_cache_point(self, blocks);
    if (json_array_size(blocks) > 0)
        json_object_set(ret->body, "system", blocks);
    json_decref(blocks);
}

/* The blocks of the last message, if it is of that side; else of a new one. Borrowed */
static json_t *turn_of(json_t *list, const char *side)
{
    json_t *last = json_array_get(list, json_array_size(list) - 1);

    if (json_array_size(list) == 0 || strcmp(wire_str(last, "role", ""), side) != 0) {
        last = json_pack("{s:s, s:[]}", "role", side, "content");
        json_array_append_new(list, last);
    }
    return json_object_get(last, "content");
}

static void add_message(const struct converse *self, const json_t *message, json_t *list,
                        unsigned *documents, struct td_wire_request *ret)
{
    bool is_model = strcmp(wire_str(message, "role", ""), "assistant") == 0;
    const json_t *part;
    size_t i;

    json_array_foreach (json_object_get(message, "parts"), i, part) {
        json_t *block = converse_block(self, part, documents, ret);

        if (block != NULL)
            json_array_append_new(turn_of(list, is_model ? "assistant" : "user"), block);
    }
}

static void set_messages(const struct converse *self, const json_t *request,
                         struct td_wire_request *ret)
{
    json_t *list = json_array();
    const json_t *message, *last;
    unsigned documents = 0;
    size_t i;

    json_array_foreach (json_object_get(request, "messages"), i, message)
        if (!turns_is_system(message))
            add_message(self, message, list, &documents, ret);
    last = json_array_get(list, json_array_size(list) - 1);
    if (json_array_size(list) > 0 && strcmp(wire_str(last, "role", ""), "user") == 0)
        converse_add_cache_point(self, json_object_get(last, "content"));
    json_object_set_new(ret->body, "messages", list);
}

/* --- what else is said --- */

static void set_numbers(const struct converse *self, const json_t *request,
                        struct td_wire_request *ret)
{
    static const struct wire_member rows[] = {
        { "max_tokens", "maxTokens" },
        { "temperature", "temperature" },
        { "top_p", "topP" },
        { "stop", "stopSequences" },
        { "seed", NULL },
        { "presence_penalty", NULL },
        { "frequency_penalty", NULL },
        { NULL, NULL },
    };
    json_t *numbers = json_object();

    wire_members(rows, self->drop, request, numbers, ret);
    if (json_object_size(numbers) > 0)
        json_object_set(ret->body, "inferenceConfig", numbers);
    json_decref(numbers);
    if (json_is_false(json_object_get(request, "parallel_tools")))
        wire_drop_word(ret, "parallel_tools");
}

/* Only these may stand in the metadata of a request. */
static bool is_metadata(const char *text)
{
    size_t length = strlen(text);

    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && strchr(" :_@$#=/+,-.", text[i]) == NULL)
            return false;
    return length <= 256;
}

static void set_user(const struct converse *self, const json_t *request,
                     struct td_wire_request *ret)
{
    json_t *user = json_object_get(request, "user");

    if (user != NULL && wire_may(self->drop, "user") && is_metadata(json_string_value(user)))
        json_object_set_new(ret->body, "requestMetadata", json_pack("{s:O}", "user", user));
    else
        wire_drop(ret, request, "user");
}

/* The schema goes as a text. */
static json_t *text_format(const json_t *output)
{
    char *text = json_dumps(json_object_get(output, "schema"), JSON_COMPACT);
    json_t *format =
        json_pack("{s:s, s:{s:{s:s*, s:s}}}", "type", "json_schema", "structure", "jsonSchema",
                  "schema", text, "name", wire_str(output, "name", "reply"));

    free(text);
    return format;
}

static void set_output(const struct converse *self, const json_t *request,
                       struct td_wire_request *ret)
{
    const json_t *output = json_object_get(request, "output");
    const char *type = wire_str(output, "type", "text");
    json_t *config = json_object_get(ret->body, "outputConfig");

    if (strcmp(type, "text") == 0)
        return;
    if (strcmp(type, "schema") != 0 || strcmp(self->schema, "none") == 0 ||
        !wire_may(self->drop, "output")) {
        wire_drop_word(ret, strcmp(type, "schema") == 0 ? "output.schema" : "output");
        return;
    }
    if (config != NULL)
        json_object_set_new(config, "textFormat", text_format(output));
    else
        json_object_set_new(ret->body, "outputConfig",
                            json_pack("{s:o}", "textFormat", text_format(output)));
}

int converse_chat(struct td_ctx *ctx, const json_t *request, bool is_stream,
                  struct td_wire_request *ret, struct td_err *err)
{
    const struct converse *self = td_self(ctx);
    json_t *tools;

    ret->path =
        wire_path(ctx, is_stream ? "/model/{model}/converse-stream" : "/model/{model}/converse",
                  wire_str(request, "model", ""), err);
    if (ret->path == NULL)
        return -1;
    ret->body = json_object();
    if (ret->body == NULL)
        return wire_fail_memory(err);
    set_system(self, request, ret);
    set_messages(self, request, ret);
    set_numbers(self, request, ret);
    converse_set_own(self, request, ret);
    set_output(self, request, ret);
    set_user(self, request, ret);
    tools = converse_tools(self, request, ret);
    if (tools != NULL)
        json_object_set_new(ret->body, "toolConfig", tools);
    wire_add_extra(ret->body, self->more);
    return 0;
}
