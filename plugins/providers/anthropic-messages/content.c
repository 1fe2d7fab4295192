/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content: the host's messages as turns, and their parts as blocks.
 *
 * Neighbours of one role become one turn, in which results of tools stand first: the server wants
 * all results of a turn of the model in the one that follows it.
 */
#include "anthropic.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "kit/data.h"

enum { ID_MAX = 64 };

/* What is made of a request. */
struct making {
    const struct anthropic *self;
    struct td_wire_request *ret;
    json_t *turns;
    size_t first;            /* results that the last turn begins with */
    unsigned calls, results; /* those without ids so far: they belong together in their order */
};

static json_t *incref(const json_t *value)
{
    return json_incref((json_t *)(uintptr_t)value);
}

/* --- ids of calls --- */

static bool is_fit(const char *id)
{
    size_t length = strlen(id);

    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)id[i]) && id[i] != '-' && id[i] != '_')
            return false;
    return length > 0 && length <= ID_MAX;
}

/* Ids that other providers gave may have letters in them which are refused here. */
static json_t *call_id(const json_t *part, unsigned *nameless)
{
    const char *id = wire_str(part, "id", "");
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */

    if (is_fit(id))
        return json_string(id);
    if (id[0] == '\0')
        return json_sprintf("call_%u", (*nameless)++);
    for (; *id != '\0'; id++)
        hash = (hash ^ (unsigned char)*id) * UINT64_C(1099511628211);
    return json_sprintf("call_%016" PRIx64, hash);
}

/* --- blocks: each returns NULL when there is nothing to send --- */

/* The server refuses blocks of nothing but white space. */
static json_t *text_block(struct making *making, const json_t *part)
{
    const char *text = wire_str(part, "text", "");

    (void)making;
    return text[strspn(text, " \t\r\n")] != '\0'
               ? json_pack("{s:s, s:O}", "type", "text", "text", json_object_get(part, "text"))
               : NULL;
}

static json_t *thinking_block(struct making *making, const json_t *part)
{
    const char *thoughts = making->self->thoughts;
    json_t *signature = json_object_get(part, "signature");

    if (strcmp(thoughts, "none") == 0 || (signature == NULL && strcmp(thoughts, "all") != 0)) {
        wire_drop_word(making->ret, signature == NULL ? "thinking without a signature"
                                                      : "a part of type thinking");
        return NULL;
    }
    return json_pack("{s:s, s:O, s:O*}", "type", "thinking", "thinking",
                     json_object_get(part, "text"), "signature", signature);
}

static json_t *opaque_block(struct making *making, const json_t *part)
{
    json_t *block = turns_opaque(part);

    if (json_is_string(json_object_get(block, "type")))
        return block;
    json_decref(block);
    wire_drop_part(making->ret, part); /* it is of another provider */
    return NULL;
}

static json_t *url_source(const json_t *part)
{
    json_t *id = json_object_get(part, "id");

    return id != NULL ? json_pack("{s:s, s:O}", "type", "file", "file_id", id)
                      : json_pack("{s:s, s:O}", "type", "url", "url", json_object_get(part, "url"));
}

static json_t *data_source(const char *mime, const char *data)
{
    return json_pack("{s:s, s:s, s:s}", "type", "base64", "media_type", mime, "data", data);
}

static json_t *image_block(struct making *making, const json_t *part)
{
    struct wire_blob blob;
    json_t *source;

    wire_drop(making->ret, part, "detail");
    source = wire_blob(part, &blob)
                 ? data_source(blob.mime[0] != '\0' ? blob.mime : "image/png", blob.data)
                 : url_source(part);
    return json_pack("{s:s, s:o}", "type", "image", "source", source);
}

/* A document has its text as it is, or is a PDF; there is no word for other kinds of files. */
static json_t *document_source(struct making *making, const struct wire_blob *blob)
{
    const char *mime = blob->mime[0] != '\0' ? blob->mime : "application/pdf";
    bool is_text = strncmp(mime, "text/", 5) == 0 || strcmp(mime, "application/json") == 0;
    json_t *text = is_text ? wire_blob_text(blob->data) : NULL;
    char word[WIRE_MIME_MAX + 32];

    if (text != NULL)
        return json_pack("{s:s, s:s, s:o}", "type", "text", "media_type", "text/plain", "data",
                         text);
    if (strcmp(mime, "application/pdf") == 0)
        return data_source(mime, blob->data);
    snprintf(word, sizeof(word), "a file of type %s", mime);
    wire_drop_word(making->ret, word);
    return NULL;
}

static json_t *file_block(struct making *making, const json_t *part)
{
    struct wire_blob blob;
    bool has_data = wire_blob(part, &blob);
    json_t *source;

    if (has_data && strncmp(blob.mime, "image/", 6) == 0)
        return json_pack("{s:s, s:o}", "type", "image", "source",
                         data_source(blob.mime, blob.data));
    source = has_data ? document_source(making, &blob) : url_source(part);
    return source != NULL ? json_pack("{s:s, s:o, s:O*}", "type", "document", "source", source,
                                      "title", json_object_get(part, "name"))
                          : NULL;
}

static json_t *call_block(struct making *making, const json_t *part)
{
    return json_pack("{s:s, s:o, s:O, s:o}", "type", "tool_use", "id",
                     call_id(part, &making->calls), "name", json_object_get(part, "name"), "input",
                     turns_input(part));
}

static json_t *block(struct making *making, const json_t *part);

/* A text when it is only that, which all servers take. */
static json_t *result_content(struct making *making, const json_t *parts)
{
    json_t *list;
    const json_t *part;
    size_t i;

    if (json_array_size(parts) == 1 && wire_is_text(parts))
        return incref(json_object_get(json_array_get(parts, 0), "text"));
    list = json_array();
    json_array_foreach (parts, i, part) {
        json_t *made = block(making, part);

        if (made != NULL)
            json_array_append_new(list, made);
    }
    return list;
}

static json_t *result_block(struct making *making, const json_t *part)
{
    json_t *made = json_pack("{s:s, s:o}", "type", "tool_result", "tool_use_id",
                             call_id(part, &making->results));
    const json_t *parts = json_object_get(part, "parts");

    if (json_array_size(parts) > 0)
        json_object_set_new(made, "content", result_content(making, parts));
    if (json_is_true(json_object_get(part, "is_error")))
        json_object_set_new(made, "is_error", json_true());
    return made;
}

static const struct {
    const char *type;
    json_t *(*make)(struct making *making, const json_t *part);
} kinds[] = {
    { "text", text_block },          { "thinking", thinking_block }, { "opaque", opaque_block },
    { "image", image_block },        { "file", file_block },         { "tool_call", call_block },
    { "tool_result", result_block },
};

/* Only thoughts have room for a signature. */
static json_t *block(struct making *making, const json_t *part)
{
    if (!wire_is(part, "thinking"))
        wire_drop_signature(making->ret, part);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (wire_is(part, kinds[i].type))
            return kinds[i].make(making, part);
    wire_drop_part(making->ret, part);
    return NULL;
}

/* --- turns --- */

static json_t *turn_of(struct making *making, const char *role)
{
    size_t count = json_array_size(making->turns);
    json_t *last = count > 0 ? json_array_get(making->turns, count - 1) : NULL;

    if (last == NULL || strcmp(wire_str(last, "role", ""), role) != 0) {
        last = json_pack("{s:s, s:[]}", "role", role, "content");
        if (json_array_append_new(making->turns, last) != 0)
            return NULL; /* no memory: the host takes nothing of this */
        making->first = 0;
    }
    return json_object_get(last, "content");
}

static void add_message(struct making *making, const json_t *message)
{
    const char *role = wire_str(message, "role", "user");
    const json_t *part;
    size_t i;

    if (strcmp(role, "tool") == 0)
        role = "user";
    json_array_foreach (json_object_get(message, "parts"), i, part) {
        json_t *made = block(making, part), *content;

        if (made == NULL)
            continue; /* a turn of nothing is refused */
        content = turn_of(making, role);
        if (wire_is(part, "tool_result"))
            json_array_insert_new(content, making->first++, made);
        else
            json_array_append_new(content, made);
    }
}

json_t *anthropic_turns(const struct anthropic *self, const json_t *request,
                        struct td_wire_request *ret)
{
    struct making making = { .self = self, .ret = ret, .turns = json_array() };
    bool is_anywhere = strcmp(self->system, "anywhere") == 0, is_behind = false;
    const json_t *message;
    size_t i;

    json_array_foreach (json_object_get(request, "messages"), i, message) {
        if (turns_is_system(message) && !(is_anywhere && is_behind))
            continue;
        is_behind = true;
        add_message(&making, message);
    }
    return making.turns;
}
