/* SPDX-License-Identifier: Apache-2.0 */
/* parts: parts of messages as blocks: objects with one member, which says what they are. */
#include "converse.h"

#include <ctype.h>
#include <stdio.h>

#include "kit/data.h"
#include "kit/turns.h"

enum { NAME_MAX_BYTES = 180, HASH_DIGITS = 16 };

/* --- pictures, files and films --- */

struct format {
    const char *mime, *block, *word; /* the block's name, and the format's there */
};
static const struct format formats[] = {
    { "image/png", "image", "png" },
    { "image/jpeg", "image", "jpeg" },
    { "image/jpg", "image", "jpeg" },
    { "image/gif", "image", "gif" },
    { "image/webp", "image", "webp" },
    { "application/pdf", "document", "pdf" },
    { "text/csv", "document", "csv" },
    { "application/msword", "document", "doc" },
    { "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document",
      "docx" },
    { "application/vnd.ms-excel", "document", "xls" },
    { "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "document", "xlsx" },
    { "text/html", "document", "html" },
    { "text/plain", "document", "txt" },
    { "text/markdown", "document", "md" },
    { "video/mp4", "video", "mp4" },
    { "video/quicktime", "video", "mov" },
    { "video/webm", "video", "webm" },
    { "video/x-matroska", "video", "mkv" },
};
enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

/* NULL: there is none of that mime. What stands behind a ';' is no part of it. */
static const struct format *format_of_mime(const char *mime)
{
    size_t length = strcspn(mime, "; ");

    for (size_t i = 0; i < FORMATS; i++)
        if (strlen(formats[i].mime) == length && strncasecmp(formats[i].mime, mime, length) == 0)
            return &formats[i];
    return NULL;
}

static const struct format *format_of_ending(const char *url)
{
    const char *ending = strrchr(url, '.');

    if (ending == NULL)
        return NULL;
    ending = strcasecmp(ending, ".jpg") == 0 ? "jpeg" : ending + 1;
    for (size_t i = 0; i < FORMATS; i++)
        if (strcasecmp(formats[i].word, ending) == 0)
            return &formats[i];
    return NULL;
}

/* With it, or in a bucket; NULL: it is elsewhere. */
static json_t *source_of(const json_t *part, const struct format **ret_format)
{
    const char *url = wire_str(part, "url", ""), *mime = wire_str(part, "mime", "");
    struct wire_blob blob;

    if (wire_blob(part, &blob)) {
        *ret_format = format_of_mime(blob.mime);
        return json_pack("{s:s}", "bytes", blob.data);
    }
    if (strncmp(url, "s3://", 5) != 0)
        return NULL;
    *ret_format = mime[0] != '\0' ? format_of_mime(mime) : format_of_ending(url);
    return json_pack("{s:{s:s}}", "s3Location", "uri", url);
}

/* A document has a name of letters, digits, single spaces and few signs, unlike the others'. */
static void write_name(const char *name, unsigned number, char *text, size_t size)
{
    const char *end = strrchr(name, '.');
    size_t length = end != NULL && end != name ? (size_t)(end - name) : strlen(name), used = 0;
    bool has_letters = false;

    for (size_t i = 0; i < length && used < NAME_MAX_BYTES; i++) {
        unsigned char c = (unsigned char)name[i];
        char next = isalnum(c) || strchr("()[]-", c) != NULL ? (char)c : ' ';

        if (next == ' ' && (used == 0 || text[used - 1] == ' '))
            continue;
        has_letters = has_letters || isalnum(c);
        text[used++] = next;
    }
    while (used > 0 && text[used - 1] == ' ')
        used--;
    if (!has_letters)
        snprintf(text, size, "document %u", number);
    else if (number > 1)
        snprintf(text + used, size - used, " %u", number);
    else
        text[used] = '\0';
}

/* NULL: the servers take no such thing. */
static json_t *media_block(const json_t *part, unsigned *documents)
{
    const struct format *format = NULL;
    json_t *source = source_of(part, &format), *media;
    char name[NAME_MAX_BYTES + 16];

    if (source == NULL || format == NULL) {
        json_decref(source);
        return NULL;
    }
    media = json_pack("{s:s, s:o}", "format", format->word, "source", source);
    if (strcmp(format->block, "document") == 0) {
        write_name(wire_str(part, "name", ""), ++*documents, name, sizeof(name));
        json_object_set_new(media, "name", json_string(name));
    }
    return json_pack("{s:o}", format->block, media);
}

/* --- calls of tools and their results --- */

/* An id that the server takes is left as it is; of another a hash, the same for the same. */
static void write_id(const char *id, char text[static CONVERSE_ID])
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    size_t length = strlen(id);
    bool is_fit = length > 0 && length < CONVERSE_ID;

    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)id[i];

        is_fit = is_fit && (isalnum(c) || strchr("_.:-", c) != NULL);
        hash = (hash ^ c) * UINT64_C(1099511628211);
    }
    if (is_fit)
        memcpy(text, id, length + 1);
    else
        snprintf(text, CONVERSE_ID, "call-%0*llx", HASH_DIGITS, (unsigned long long)hash);
}

static json_t *call_block(const json_t *part)
{
    char id[CONVERSE_ID];

    write_id(wire_str(part, "id", ""), id);
    return json_pack("{s:{s:s, s:O, s:o}}", "toolUse", "toolUseId", id, "name",
                     json_object_get(part, "name"), "input", turns_input(part));
}

static json_t *text_block(const json_t *part)
{
    return wire_str(part, "text", "")[0] != '\0'
               ? json_pack("{s:O}", "text", json_object_get(part, "text"))
               : NULL;
}

static json_t *result_block(const json_t *part, unsigned *documents, struct td_wire_request *ret)
{
    json_t *content = json_array(), *result;
    const json_t *within;
    char id[CONVERSE_ID];
    size_t i;

    json_array_foreach (json_object_get(part, "parts"), i, within) {
        bool is_text = wire_is(within, "text");
        json_t *block = is_text ? text_block(within) : media_block(within, documents);

        if (block != NULL)
            json_array_append_new(content, block);
        else if (!is_text)
            wire_drop_part(ret, within);
        wire_drop_signature(ret, within);
    }
    write_id(wire_str(part, "id", ""), id);
    result = json_pack("{s:s, s:o}", "toolUseId", id, "content", content);
    if (json_is_true(json_object_get(part, "is_error")))
        json_object_set_new(result, "status", json_string("error"));
    return json_pack("{s:o}", "toolResult", result);
}

/* --- thoughts --- */

/* Unsigned ones are refused by those who sign, and not wanted by most others. */
static json_t *thought_block(const struct converse *self, const json_t *part)
{
    const json_t *signature = json_object_get(part, "signature");

    if (strcmp(self->thoughts, "none") == 0 ||
        (strcmp(self->thoughts, "signed") == 0 && signature == NULL))
        return NULL;
    return json_pack("{s:{s:{s:O, s:O*}}}", "reasoningContent", "reasoningText", "text",
                     json_object_get(part, "text"), "signature", signature);
}

/* What is no Base64 is not from here. */
static json_t *opaque_block(const struct converse *self, const json_t *part)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                 "+/=";
    const char *data = wire_str(part, "data", "");

    if (strcmp(self->thoughts, "none") == 0 || data[0] == '\0' ||
        data[strspn(data, digits)] != '\0')
        return NULL;
    return json_pack("{s:{s:s}}", "reasoningContent", "redactedContent", data);
}

/* --- all of them --- */

json_t *converse_block(const struct converse *self, const json_t *part, unsigned *documents,
                       struct td_wire_request *ret)
{
    json_t *block = NULL;

    if (!wire_is(part, "thinking"))
        wire_drop_signature(ret, part);
    if (wire_is(part, "text"))
        return text_block(part); /* an empty one is refused, and says nothing */
    if (wire_is(part, "tool_call"))
        return call_block(part);
    if (wire_is(part, "tool_result"))
        return result_block(part, documents, ret);
    if (wire_is(part, "thinking"))
        block = thought_block(self, part);
    else if (wire_is(part, "opaque"))
        block = opaque_block(self, part);
    else
        block = media_block(part, documents);
    if (block == NULL)
        wire_drop_part(ret, part);
    else if (json_object_get(part, "detail") != NULL)
        wire_drop_word(ret, "detail");
    return block;
}
