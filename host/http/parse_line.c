/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_line: lines, and what each byte may be.
 */
#include "http/parse_line.h"

#include <string.h>
#include <strings.h>

/* clang-format off */
const uint8_t tdh_byte_classes[256] = { /* sixteen in a row: 0x00, 0x10, 0x20 (blank) ... */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    2, 7, 6, 3, 7, 7, 7, 7, 6, 6, 7, 7, 6, 15, 15, 6,
    63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 6, 6, 6, 6, 6, 6,
    6, 47, 47, 47, 47, 47, 47, 15, 15, 15, 15, 15, 15, 15, 15, 15,
    15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 6, 6, 6, 7, 15,
    7, 47, 47, 47, 47, 47, 47, 15, 15, 15, 15, 15, 15, 15, 15, 15,
    15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 6, 7, 6, 15, 0,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,};
/* clang-format on */

size_t tdh_bytes_of(const char *bytes, size_t length, unsigned class)
{
    size_t count = 0;

    while (count < length && tdh_byte_is(bytes[count], class))
        count++;
    return count;
}

bool tdh_bytes_are(const char *bytes, size_t length, const char *text)
{
    if (strlen(text) != length)
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];

        if (byte != (unsigned char)text[i] &&
            (byte < 'A' || byte > 'Z' || byte + ('a' - 'A') != (unsigned char)text[i]))
            return false;
    }
    return true;
}

enum tdh_parse_step tdh_parse_refuse(struct tdh_parse *parse, unsigned status, const char *why)
{
    parse->state = TDH_PARSE_REFUSED;
    parse->refusal = status;
    parse->why = why;
    return TDH_PARSE_FAILED;
}

enum tdh_parse_step tdh_parse_line(struct tdh_parse *parse, const char *bytes, size_t length,
                                   size_t limit, unsigned status_too_long, size_t *ret_length)
{
    size_t from = parse->scanned > parse->line ? parse->scanned : parse->line;
    const char *end = length > from ? memchr(bytes + from, '\n', length - from) : NULL;
    size_t seen = (end != NULL ? (size_t)(end - bytes) : length) - parse->line;

    if (seen > limit + 1) /* the last of them may be the CR */
        return tdh_parse_refuse(parse, status_too_long, "a line is too long");
    if (end == NULL) {
        parse->scanned = (uint32_t)length;
        return TDH_PARSE_MORE;
    }
    if (seen == 0 || end[-1] != '\r')
        return tdh_parse_refuse(parse, 400, "a line ends with a bare line feed");
    *ret_length = seen - 1;
    return TDH_PARSE_END;
}

static size_t blanks_before(const char *bytes, size_t length)
{
    size_t count = 0;

    while (count < length && (bytes[count] == ' ' || bytes[count] == '\t'))
        count++;
    return count;
}

enum tdh_parse_step tdh_parse_field(struct tdh_parse *parse, const char *line, size_t length,
                                    struct tdh_field *ret_field)
{
    size_t name = tdh_bytes_of(line, length, TDH_BYTE_TOKEN), value;

    if (length > 0 && (line[0] == ' ' || line[0] == '\t'))
        return tdh_parse_refuse(parse, 400, "a field is continued on a further line");
    if (name == 0 || name == length || line[name] != ':')
        return tdh_parse_refuse(parse, 400,
                                "a field has no name, or its name is not followed by a colon");
    value = name + 1 + blanks_before(line + name + 1, length - name - 1);
    while (length > value && (line[length - 1] == ' ' || line[length - 1] == '\t'))
        length--;
    if (tdh_bytes_of(line + value, length - value, TDH_BYTE_VALUE) != length - value)
        return tdh_parse_refuse(parse, 400, "the value of a field holds a control character");
    *ret_field = (struct tdh_field){ .name = { 0, (uint16_t)name },
                                     .value = { (uint16_t)value, (uint16_t)(length - value) } };
    return TDH_PARSE_END;
}
