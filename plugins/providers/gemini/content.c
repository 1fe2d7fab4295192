/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content: the host's messages as contents, and their parts as parts.
 *
 * Results of tools are contents of their own, right behind the calls they answer; the server counts
 * both. A result says the name of its tool, so the names of calls are kept until then.
 */
#include "gemini.h"

#include "kit/data.h"

enum place { NOWHERE, MODEL, RESULTS, USER };

/* What is made of a request. */
struct making {
    const struct gemini *self;
    struct td_wire_request *ret;
    json_t *contents;
    enum place last;  /* what the last content is */
    bool has_calls;   /* it has a call in it */
    json_t *names;    /* of calls, by id */
    json_t *nameless; /* names of calls without an id, in their order */
    size_t answered;  /* of those */
};

/* --- parts: each returns NULL when there is nothing to send --- */

/* An empty text may carry a signature. */
static json_t *text_part(struct making *making, const json_t *part)
{
    (void)making;
    return wire_str(part, "text", "")[0] != '\0' || json_object_get(part, "signature") != NULL
               ? json_pack("{s:O}", "text", json_object_get(part, "text"))
               : NULL;
}

static json_t *thinking_part(struct making *making, const json_t *part)
{
    const char *thoughts = making->self->thoughts;
    bool is_signed = json_object_get(part, "signature") != NULL;

    if (strcmp(thoughts, "none") == 0 || (!is_signed && strcmp(thoughts, "all") != 0)) {
        wire_drop_word(making->ret,
                       is_signed ? "a part of type thinking" : "thinking without a signature");
        return NULL;
    }
    return json_pack("{s:O, s:b}", "text", json_object_get(part, "text"), "thought", 1);
}

/* Parts of this server have no type; those of others have. */
static json_t *opaque_part(struct making *making, const json_t *part)
{
    json_t *value = turns_opaque(part);

    if (value != NULL && json_object_get(value, "type") == NULL)
        return value;
    json_decref(value);
    wire_drop_part(making->ret, part);
    return NULL;
}

/* The kind of a picture may be left out, that of others hardly ever. */
static json_t *data_part(struct making *making, const json_t *part)
{
    const char *url = wire_str(part, "url", wire_str(part, "id", "")),
               *mime = wire_str(part, "mime", NULL);
    struct wire_blob blob;

    wire_drop(making->ret, part, "detail");
    if (json_object_get(part, "name") != NULL)
        wire_drop_word(making->ret, "the name of a file");
    if (wire_blob(part, &blob)) {
        if (blob.mime[0] == '\0')
            mime = wire_is(part, "image") ? "image/png" : "application/pdf";
        else
            mime = blob.mime;
        return json_pack("{s:{s:s, s:s}}", "inlineData", "mimeType", mime, "data", blob.data);
    }
    if (mime == NULL)
        mime = wire_mime_of_url(url);
    return json_pack("{s:{s:s*, s:s}}", "fileData", "mimeType", mime, "fileUri", url);
}

static json_t *call_part(struct making *making, const json_t *part)
{
    const char *id = wire_str(part, "id", "");
    json_t *name = json_object_get(part, "name");

    if (id[0] != '\0')
        json_object_set(making->names, id, name);
    else
        json_array_append(making->nameless, name);
    return json_pack("{s:{s:s*, s:O, s:o}}", "functionCall", "id",
                     id[0] != '\0' && making->self->call_ids ? id : NULL, "name", name, "args",
                     turns_input(part));
}

static const struct {
    const char *type;
    json_t *(*make)(struct making *making, const json_t *part);
} kinds[] = {
    { "text", text_part },      { "thinking", thinking_part }, { "opaque", opaque_part },
    { "image", data_part },     { "audio", data_part },        { "file", data_part },
    { "tool_call", call_part },
};

/* The first call of a turn has to be signed, also when it is of another model. */
static void sign(struct making *making, const json_t *part, json_t *made)
{
    const char *signature = wire_str(part, "signature", "");
    bool is_call = wire_is(part, "tool_call");

    if (signature[0] == '\0' && is_call && !making->has_calls)
        signature = making->self->unsigned_calls;
    making->has_calls = making->has_calls || is_call;
    if (signature[0] != '\0')
        json_object_set_new(made, "thoughtSignature", json_string(signature));
}

static json_t *part_of(struct making *making, const json_t *part)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (wire_is(part, kinds[i].type))
            return kinds[i].make(making, part);
    wire_drop_part(making->ret, part);
    return NULL;
}

/* --- contents --- */

/* The parts of the content that is open; another is begun when it is of another place. */
static json_t *open_content(struct making *making, enum place place)
{
    size_t count = json_array_size(making->contents);

    if (making->last != place) {
        json_array_append_new(
            making->contents,
            json_pack("{s:s, s:[]}", "role", place == MODEL ? "model" : "user", "parts"));
        making->last = place;
        making->has_calls = false;
        count++;
    }
    return json_object_get(json_array_get(making->contents, count - 1), "parts");
}

static void add_part(struct making *making, enum place place, const json_t *part)
{
    json_t *made = part_of(making, part), *parts;

    if (made == NULL)
        return;
    parts = open_content(making, place);
    sign(making, part, made);
    json_array_append_new(parts, made);
}

/* --- results --- */

static const char *name_of(struct making *making, const json_t *part)
{
    const char *id = wire_str(part, "id", ""), *name = wire_str(part, "name", NULL);

    if (name == NULL && id[0] != '\0')
        name = wire_str(making->names, id, NULL);
    if (id[0] == '\0') {
        const json_t *called = json_array_get(making->nameless, making->answered++);

        name = name == NULL ? json_string_value(called) : name;
    }
    return name != NULL ? name : "unknown";
}

/* An object with the text in it; pictures stand behind it. */
static void add_result(struct making *making, const json_t *part)
{
    const json_t *parts = json_object_get(part, "parts"), *within;
    const char *id = wire_str(part, "id", "");
    bool is_error = json_is_true(json_object_get(part, "is_error"));
    size_t i;

    json_array_append_new(open_content(making, RESULTS),
                          json_pack("{s:{s:s*, s:s, s:{s:o}}}", "functionResponse", "id",
                                    id[0] != '\0' && making->self->call_ids ? id : NULL, "name",
                                    name_of(making, part), "response",
                                    is_error ? "error" : "output", wire_text(parts, "\n")));
    json_array_foreach (parts, i, within)
        if (!wire_is(within, "text"))
            add_part(making, RESULTS, within);
}

static void add_message(struct making *making, const json_t *message)
{
    const json_t *parts = json_object_get(message, "parts"), *part;
    bool is_model = strcmp(wire_str(message, "role", ""), "assistant") == 0;
    size_t i;

    json_array_foreach (parts, i, part)
        if (wire_is(part, "tool_result"))
            add_result(making, part);
    json_array_foreach (parts, i, part)
        if (!wire_is(part, "tool_result"))
            add_part(making, is_model ? MODEL : USER, part);
}

json_t *gemini_contents(const struct gemini *self, const json_t *request,
                        struct td_wire_request *ret)
{
    struct making making = { .self = self,
                             .ret = ret,
                             .contents = json_array(),
                             .names = json_object(),
                             .nameless = json_array() };
    const json_t *message;
    size_t i;

    json_array_foreach (json_object_get(request, "messages"), i, message)
        if (!turns_is_system(message))
            add_message(&making, message);
    json_decref(making.names);
    json_decref(making.nameless);
    return making.contents;
}
