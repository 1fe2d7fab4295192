/* SPDX-License-Identifier: Apache-2.0 */
/* data: what a part carries with it. */
#include "kit/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* "data:image/png;base64,AAAA" */
static bool read_data_url(const char *url, struct wire_blob *blob)
{
    static const char scheme[] = "data:", mark[] = ";base64,";
    const char *end;
    size_t length;

    if (url == NULL || strncasecmp(url, scheme, strlen(scheme)) != 0)
        return false;
    url += strlen(scheme);
    length = strcspn(url, ";,");
    end = strchr(url, ',');
    if (length >= WIRE_MIME_MAX || end == NULL || (size_t)(end - url) + 1 < strlen(mark) ||
        strncmp(end + 1 - strlen(mark), mark, strlen(mark)) != 0)
        return false;
    memcpy(blob->mime, url, length);
    blob->mime[length] = '\0';
    blob->data = end + 1;
    return true;
}

bool wire_blob(const json_t *part, struct wire_blob *ret_blob)
{
    const char *data = wire_str(part, "data", NULL);

    if (data == NULL)
        return read_data_url(wire_str(part, "url", NULL), ret_blob);
    ret_blob->data = data;
    snprintf(ret_blob->mime, WIRE_MIME_MAX, "%s", wire_str(part, "mime", ""));
    return true;
}

/* --- Base64 --- */

/* -1: it is no digit. Both alphabets are read. */
static int digit(char letter)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const char *place = letter != '\0' ? strchr(digits, letter) : NULL;

    if (place != NULL)
        return (int)(place - digits);
    if (letter == '+' || letter == '-')
        return 62;
    return letter == '/' || letter == '_' ? 63 : -1;
}

/* Returns how many bytes; SIZE_MAX: it is no Base64. bytes: has room for all of it */
static size_t decode(const char *data, char *bytes)
{
    uint32_t held = 0;
    unsigned bits = 0;
    size_t count = 0;

    for (; *data != '\0' && *data != '='; data++) {
        int value = digit(*data);

        if (value < 0)
            return SIZE_MAX;
        held = (held << 6 | (uint32_t)value) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[count++] = (char)(held >> bits & 0xff);
        }
    }
    return data[strspn(data, "=")] == '\0' ? count : SIZE_MAX;
}

json_t *wire_blob_text(const char *data)
{
    char *bytes = malloc(strlen(data) + 1);
    size_t count = bytes != NULL ? decode(data, bytes) : SIZE_MAX;
    json_t *text = count != SIZE_MAX ? json_stringn(bytes, count) : NULL;

    free(bytes);
    return text;
}

/* --- addresses --- */

static const struct {
    const char *ending, *mime;
} endings[] = {
    { ".png", "image/png" },         { ".jpg", "image/jpeg" }, { ".jpeg", "image/jpeg" },
    { ".webp", "image/webp" },       { ".gif", "image/gif" },  { ".heic", "image/heic" },
    { ".pdf", "application/pdf" },   { ".txt", "text/plain" }, { ".html", "text/html" },
    { ".csv", "text/csv" },          { ".mp3", "audio/mpeg" }, { ".wav", "audio/wav" },
    { ".json", "application/json" }, { ".mp4", "video/mp4" },
};

const char *wire_mime_of_url(const char *url)
{
    size_t length = strcspn(url, "?#");

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t ending = strlen(endings[i].ending);

        if (length >= ending && strncasecmp(url + length - ending, endings[i].ending, ending) == 0)
            return endings[i].mime;
    }
    return NULL;
}
