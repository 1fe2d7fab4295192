/* SPDX-License-Identifier: Apache-2.0 */
/* eventstream: preludes, headers and checksums of messages. */
#include "model/eventstream.h"

#include <stdbool.h>
#include <string.h>

#include "model/model.h"

/* Bytes of a header's value, by its type: true, false, four whole numbers, bytes, a text, a time, a
 * UUID. SIZED: two more bytes in front of it say how many. */
enum { SIZED = -1, TYPE_TEXT = 7 };
static const int type_bytes[] = { 0, 0, 1, 2, 4, 8, SIZED, SIZED, 8, 16 };
enum { TYPES = sizeof(type_bytes) / sizeof(type_bytes[0]) };

/* --- numbers and checksums --- */

static uint32_t number_at(const unsigned char *at, size_t bytes)
{
    uint32_t number = 0;

    for (size_t i = 0; i < bytes; i++)
        number = number << 8 | at[i];
    return number;
}

/* CRC-32 of IEEE 802.3, four bits at a time. */
static uint32_t checksum(const unsigned char *bytes, size_t length)
{
    static const uint32_t of_four[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t sum = UINT32_MAX;

    for (size_t i = 0; i < length; i++) {
        sum ^= bytes[i];
        sum = sum >> 4 ^ of_four[sum & 15];
        sum = sum >> 4 ^ of_four[sum & 15];
    }
    return ~sum;
}

static int fail_broken(struct td_err *err, const char *why)
{
    return tdh_fault_fail(err, TD_FAULT_BROKEN, "a message of the stream is damaged: %s", why);
}

int tdh_eventstream_length(const void *prelude, size_t limit_bytes, size_t *ret_length,
                           struct td_err *err)
{
    const unsigned char *at = prelude;
    size_t length = number_at(at, 4), headers = number_at(at + 4, 4);

    if (number_at(at + 8, 4) != checksum(at, 8))
        return fail_broken(err, "the checksum of its lengths is another");
    if (length < TDH_EVENTSTREAM_LEAST || headers > length - TDH_EVENTSTREAM_LEAST)
        return fail_broken(err, "its headers do not fit into it");
    if (length > limit_bytes)
        return td_fail(err, TD_E_LIMIT, "a message of the stream is longer than %zu bytes",
                       limit_bytes);
    *ret_length = length;
    return 0;
}

/* --- headers --- */

struct header {
    const unsigned char *name, *value;
    size_t name_length, value_length;
    unsigned type;
};

/* The next header; false: it does not fit into what is there. */
static bool next_header(const unsigned char **at, const unsigned char *end, struct header *ret)
{
    const unsigned char *here = *at;
    size_t left = (size_t)(end - here), bytes;

    if (left < 2 || (size_t)here[0] + 2 > left)
        return false;
    ret->name_length = here[0];
    ret->name = here + 1;
    here += 1 + ret->name_length;
    ret->type = *here++;
    left = (size_t)(end - here);
    if (ret->type >= TYPES || (type_bytes[ret->type] == SIZED && left < 2))
        return false;
    if (type_bytes[ret->type] == SIZED) {
        bytes = number_at(here, 2);
        here += 2;
        left -= 2;
    } else
        bytes = (size_t)type_bytes[ret->type];
    if (bytes > left)
        return false;
    ret->value = here;
    ret->value_length = bytes;
    *at = here + bytes;
    return true;
}

static bool is_text(const unsigned char *bytes, size_t length, const char *text)
{
    return length == strlen(text) && memcmp(bytes, text, length) == 0;
}

static bool is_named(const struct header *header, const char *name)
{
    return header->type == TYPE_TEXT && is_text(header->name, header->name_length, name);
}

/* --- the whole --- */

/* What its headers say; their order has no meaning. */
struct said {
    struct header event, failure, text; /* no value: not said */
    bool is_failure;
};

static void take_header(struct said *said, const struct header *header)
{
    if (is_named(header, ":event-type"))
        said->event = *header;
    else if (is_named(header, ":exception-type") || is_named(header, ":error-code"))
        said->failure = *header;
    else if (is_named(header, ":error-message"))
        said->text = *header;
    else if (is_named(header, ":message-type"))
        said->is_failure = is_text(header->value, header->value_length, "exception") ||
                           is_text(header->value, header->value_length, "error");
}

static int take_headers(struct said *said, const unsigned char *at, const unsigned char *end,
                        struct td_err *err)
{
    struct header header;

    while (at < end) {
        if (!next_header(&at, end, &header))
            return fail_broken(err, "one of its headers is cut off, or of no known type");
        take_header(said, &header);
    }
    said->is_failure = said->is_failure || said->failure.value != NULL;
    return 0;
}

static int set_name(struct tdh_eventstream_message *ret, const struct said *said,
                    struct td_err *err)
{
    const struct header *name = said->is_failure ? &said->failure : &said->event;
    size_t lead = said->is_failure ? 1 : 0;

    if (name->value_length > TDH_EVENTSTREAM_NAME ||
        (name->value != NULL && memchr(name->value, '\0', name->value_length) != NULL))
        return fail_broken(err, "the name of its event is none");
    memset(ret->name, '!', lead);
    if (name->value != NULL)
        memcpy(ret->name + lead, name->value, name->value_length);
    ret->name[lead + name->value_length] = '\0';
    return 0;
}

int tdh_eventstream_read(const void *bytes, size_t length, struct tdh_eventstream_message *ret,
                         struct td_err *err)
{
    const unsigned char *first = bytes;
    size_t headers = number_at(first + 4, 4);
    const unsigned char *at = first + TDH_EVENTSTREAM_PRELUDE, *end = at + headers;
    struct said said = { .is_failure = false };

    if (number_at(first + length - 4, 4) != checksum(first, length - 4))
        return fail_broken(err, "its checksum is another");
    if (take_headers(&said, at, end, err) != 0 || set_name(ret, &said, err) != 0)
        return -1;
    ret->text_at = (size_t)(end - first);
    ret->text_length = length - TDH_EVENTSTREAM_LEAST - headers;
    if (ret->text_length == 0 && said.text.value != NULL) {
        ret->text_at = (size_t)(said.text.value - first);
        ret->text_length = said.text.value_length;
    }
    return 0;
}
