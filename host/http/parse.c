/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse: heads of messages: the start line, the fields, and what they say of the body.
 */
#include "http/parse.h"

#include <string.h>

#include "http/parse_line.h"

void tdh_parse_begin(struct tdh_parse *parse, bool is_reply, uint64_t body_limit)
{
    memset(parse, 0, offsetof(struct tdh_parse, fields)); /* of those only field_count count */
    memset(&parse->field_count, 0, sizeof(*parse) - offsetof(struct tdh_parse, field_count));
    parse->is_reply = is_reply;
    parse->body_limit = body_limit;
}

/* --- start lines --- */

/* "HTTP/1.1" or "HTTP/1.0" */
static enum tdh_parse_step read_version(struct tdh_parse *parse, const char *bytes, size_t length)
{
    if (length != 8 || memcmp(bytes, "HTTP/", 5) != 0 || !tdh_byte_is(bytes[5], TDH_BYTE_DIGIT) ||
        bytes[6] != '.' || !tdh_byte_is(bytes[7], TDH_BYTE_DIGIT))
        return tdh_parse_refuse(parse, 400, "the start line does not name a version of HTTP");
    if (bytes[5] != '1' || bytes[7] > '1')
        return tdh_parse_refuse(parse, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    parse->minor = (uint8_t)(bytes[7] - '0');
    return TDH_PARSE_END;
}

/* The place of a line's bytes in the window. */
static struct tdh_span span_at(const struct tdh_parse *parse, size_t at, size_t length)
{
    return (struct tdh_span){ (uint16_t)(parse->line + at), (uint16_t)length };
}

static void split_query(struct tdh_parse *parse, const char *line, size_t at, size_t length)
{
    const char *mark = memchr(line + at, '?', length);
    size_t path = mark != NULL ? (size_t)(mark - line) - at : length;

    parse->path = span_at(parse, at, path);
    if (mark != NULL)
        parse->query = span_at(parse, at + path + 1, length - path - 1);
}

/* "http://host/path": what it says of the host must be what the field says. */
static enum tdh_parse_step read_absolute(struct tdh_parse *parse, const char *line, size_t at,
                                         size_t length)
{
    size_t scheme = length >= 7 && tdh_bytes_are(line + at, 7, "http://")    ? 7
                    : length >= 8 && tdh_bytes_are(line + at, 8, "https://") ? 8
                                                                             : 0;
    const char *path = scheme != 0 ? memchr(line + at + scheme, '/', length - scheme) : NULL;
    size_t authority;

    if (path == NULL)
        return tdh_parse_refuse(parse, 400, "the target is no path, and no address with a path");
    authority = (size_t)(path - line) - at - scheme;
    if (authority == 0)
        return tdh_parse_refuse(parse, 400, "the target names no host");
    parse->authority = span_at(parse, at + scheme, authority);
    split_query(parse, line, at + scheme + authority, length - scheme - authority);
    return TDH_PARSE_END;
}

static enum tdh_parse_step read_target(struct tdh_parse *parse, const char *line, size_t at,
                                       size_t length)
{
    bool is_options = parse->method.length == 7 && memcmp(line, "OPTIONS", 7) == 0;

    if (length == 0 || tdh_bytes_of(line + at, length, TDH_BYTE_TARGET) != length)
        return tdh_parse_refuse(parse, 400, "the target is missing, or holds bytes it may not");
    if (parse->method.length == 7 && memcmp(line, "CONNECT", 7) == 0)
        return tdh_parse_refuse(parse, 501, "this is no proxy: CONNECT is not served");
    if (length == 1 && line[at] == '*' && is_options) {
        parse->path = span_at(parse, at, 1);
        return TDH_PARSE_END;
    }
    if (line[at] != '/')
        return read_absolute(parse, line, at, length);
    split_query(parse, line, at, length);
    return TDH_PARSE_END;
}

static enum tdh_parse_step read_request_line(struct tdh_parse *parse, const char *line,
                                             size_t length)
{
    size_t method = tdh_bytes_of(line, length, TDH_BYTE_TOKEN), target;
    const char *end;

    if (method == 0 || method == length || line[method] != ' ')
        return tdh_parse_refuse(parse, 400, "the request does not begin with a method");
    if (method > TDH_PARSE_METHOD)
        return tdh_parse_refuse(parse, 501, "the method is unknown");
    parse->method = span_at(parse, 0, method);
    end = memchr(line + method + 1, ' ', length - method - 1);
    if (end == NULL)
        return tdh_parse_refuse(parse, 400, "the start line does not name a version of HTTP");
    target = (size_t)(end - line) - method - 1;
    if (read_version(parse, end + 1, length - method - target - 2) == TDH_PARSE_FAILED)
        return TDH_PARSE_FAILED;
    return read_target(parse, line, method + 1, target);
}

/* "HTTP/1.1 200 OK"; many servers leave the blank out that stands before no reason. */
static enum tdh_parse_step read_status_line(struct tdh_parse *parse, const char *line,
                                            size_t length)
{
    if (length < 12 || line[8] != ' ' || (length > 12 && line[12] != ' ') ||
        tdh_bytes_of(line + 9, 3, TDH_BYTE_DIGIT) != 3 || line[9] < '1' || line[9] > '5')
        return tdh_parse_refuse(parse, 502, "the reply does not begin with version and status");
    if (tdh_bytes_of(line + 12, length - 12, TDH_BYTE_VALUE) != length - 12)
        return tdh_parse_refuse(parse, 502, "the reason holds a control character");
    parse->status_code =
        (uint16_t)((line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0'));
    return read_version(parse, line, 8);
}

/* --- fields --- */

static enum tdh_parse_step take_length(struct tdh_parse *parse, const char *value, size_t length)
{
    uint64_t number = 0;

    if (parse->has_length)
        return tdh_parse_refuse(parse, 400, "there is more than one Content-Length");
    if (length == 0 || length > 19 || tdh_bytes_of(value, length, TDH_BYTE_DIGIT) != length)
        return tdh_parse_refuse(parse, 400, "the Content-Length is no length");
    for (size_t i = 0; i < length; i++) /* 19 digits are less than 2^64 */
        number = number * 10 + (uint64_t)(value[i] - '0');
    parse->has_length = true;
    parse->length = number;
    return TDH_PARSE_END;
}

static enum tdh_parse_step take_host(struct tdh_parse *parse, struct tdh_span value)
{
    if (parse->has_host)
        return tdh_parse_refuse(parse, 400, "there is more than one Host");
    parse->has_host = true;
    parse->host = value;
    return TDH_PARSE_END;
}

static enum tdh_parse_step take_coding(struct tdh_parse *parse, struct tdh_span value)
{
    if (parse->has_coding)
        return tdh_parse_refuse(parse, 400, "there is more than one Transfer-Encoding");
    parse->has_coding = true;
    parse->coding = value;
    return TDH_PARSE_END;
}

/* Calls `take` with each item of a list, without blanks around it. */
static void each_item(struct tdh_parse *parse, const char *value, size_t length,
                      void (*take)(struct tdh_parse *parse, const char *item, size_t length))
{
    size_t at = 0;

    while (at < length) {
        const char *comma = memchr(value + at, ',', length - at);
        size_t end = comma != NULL ? (size_t)(comma - value) : length, last = end;

        while (at < last && (value[at] == ' ' || value[at] == '\t'))
            at++;
        while (last > at && (value[last - 1] == ' ' || value[last - 1] == '\t'))
            last--;
        take(parse, value + at, last - at);
        at = end + 1;
    }
}

static void take_connection(struct tdh_parse *parse, const char *item, size_t length)
{
    parse->is_closing |= tdh_bytes_are(item, length, "close");
    parse->is_keeping |= tdh_bytes_are(item, length, "keep-alive");
}

static enum tdh_parse_step take_expect(struct tdh_parse *parse, const char *value, size_t length)
{
    if (!tdh_bytes_are(value, length, "100-continue"))
        return tdh_parse_refuse(parse, 417, "nothing but 100-continue can be expected");
    parse->expects_continue = true;
    return TDH_PARSE_END;
}

/* The fields that say how the message is read. */
static enum tdh_parse_step heed(struct tdh_parse *parse, const char *bytes,
                                const struct tdh_field *field)
{
    const char *name = bytes + field->name.at, *value = bytes + field->value.at;
    size_t name_length = field->name.length, length = field->value.length;

    switch (name_length) {
    case 4:
        if (!parse->is_reply && tdh_bytes_are(name, 4, "host"))
            return take_host(parse, field->value);
        break;
    case 6:
        if (!parse->is_reply && tdh_bytes_are(name, 6, "expect"))
            return take_expect(parse, value, length);
        break;
    case 10:
        if (tdh_bytes_are(name, 10, "connection"))
            each_item(parse, value, length, take_connection);
        break;
    case 14:
        if (tdh_bytes_are(name, 14, "content-length"))
            return take_length(parse, value, length);
        break;
    case 17:
        if (tdh_bytes_are(name, 17, "transfer-encoding"))
            return take_coding(parse, field->value);
        break;
    default:
        break;
    }
    return TDH_PARSE_END;
}

static enum tdh_parse_step take_field(struct tdh_parse *parse, const char *bytes, size_t length)
{
    struct tdh_field field;

    if (tdh_parse_field(parse, bytes + parse->line, length, &field) == TDH_PARSE_FAILED)
        return TDH_PARSE_FAILED;
    if (parse->field_count == TDH_PARSE_FIELDS)
        return tdh_parse_refuse(parse, 431, "there are too many fields");
    field.name.at = (uint16_t)(field.name.at + parse->line);
    field.value.at = (uint16_t)(field.value.at + parse->line);
    parse->fields[parse->field_count++] = field;
    return heed(parse, bytes, &field);
}

/* --- what they say together --- */

static bool is_port(const char *bytes, size_t length)
{
    unsigned port = 0;

    if (length == 0 || length > 5 || tdh_bytes_of(bytes, length, TDH_BYTE_DIGIT) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        port = port * 10 + (unsigned)(bytes[i] - '0');
    return port <= 65535;
}

/* A name, an address or "[address]", and maybe a port. */
static bool is_host(const char *bytes, size_t length)
{
    size_t name;

    if (length > 2 && bytes[0] == '[') {
        const char *end = memchr(bytes, ']', length);

        name = end != NULL ? (size_t)(end - bytes) + 1 : 0;
        for (size_t i = 1; i + 1 < name; i++)
            if (!tdh_byte_is(bytes[i], TDH_BYTE_HEX) && bytes[i] != ':' && bytes[i] != '.')
                return false;
        if (name < 4)
            return false;
    } else {
        name = tdh_bytes_of(bytes, length, TDH_BYTE_HOST);
    }
    return name > 0 &&
           (name == length || (bytes[name] == ':' && is_port(bytes + name + 1, length - name - 1)));
}

static bool is_same_host(const char *one, const char *other, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char a = (unsigned char)one[i], b = (unsigned char)other[i];

        if (a != b && ((a | 0x20) != (b | 0x20) || (a | 0x20) < 'a' || (a | 0x20) > 'z'))
            return false;
    }
    return true;
}

static enum tdh_parse_step check_host(struct tdh_parse *parse, const char *bytes)
{
    const struct tdh_span *host = &parse->host, *authority = &parse->authority;

    if (!parse->has_host)
        return parse->minor == 0 && authority->length == 0
                   ? TDH_PARSE_END
                   : tdh_parse_refuse(parse, 400, "there is no Host");
    if (!is_host(bytes + host->at, host->length))
        return tdh_parse_refuse(parse, 400, "the Host is no name, address or port");
    if (authority->length != 0 &&
        (authority->length != host->length ||
         !is_same_host(bytes + authority->at, bytes + host->at, host->length)))
        return tdh_parse_refuse(parse, 400, "the target is of another host than the Host");
    return TDH_PARSE_END;
}

static enum tdh_parse_step check_coding(struct tdh_parse *parse, const char *bytes)
{
    if (parse->minor == 0)
        return tdh_parse_refuse(parse, 400, "HTTP/1.0 has no Transfer-Encoding");
    if (parse->has_length)
        return tdh_parse_refuse(parse, 400, "there are Transfer-Encoding and Content-Length");
    if (!tdh_bytes_are(bytes + parse->coding.at, parse->coding.length, "chunked"))
        return tdh_parse_refuse(parse, 501, "the only Transfer-Encoding that is read is chunked");
    parse->is_chunked = true;
    return TDH_PARSE_END;
}

static bool has_no_body(const struct tdh_parse *parse)
{
    if (!parse->is_reply)
        return !parse->is_chunked && (!parse->has_length || parse->length == 0);
    return parse->is_bodiless || parse->status_code < 200 || parse->status_code == 204 ||
           parse->status_code == 304 || (parse->has_length && parse->length == 0);
}

static enum tdh_parse_step finish_head(struct tdh_parse *parse, const char *bytes)
{
    if (parse->has_coding && check_coding(parse, bytes) == TDH_PARSE_FAILED)
        return TDH_PARSE_FAILED;
    if (!parse->is_reply && check_host(parse, bytes) == TDH_PARSE_FAILED)
        return TDH_PARSE_FAILED;
    parse->is_kept = !parse->is_closing && (parse->minor == 1 || parse->is_keeping);
    if (has_no_body(parse)) {
        parse->state = TDH_PARSED;
        return TDH_PARSE_HEAD_DONE;
    }
    if (parse->has_length && parse->length > parse->body_limit)
        return tdh_parse_refuse(parse, 413, "the body is too long");
    parse->left = parse->length;
    parse->state = parse->is_chunked   ? TDH_PARSING_SIZE
                   : parse->has_length ? TDH_PARSING_LENGTH
                                       : TDH_PARSING_CLOSE;
    return TDH_PARSE_HEAD_DONE;
}

/* --- lines of a head --- */

static enum tdh_parse_step take_line(struct tdh_parse *parse, const char *bytes, size_t length)
{
    if (parse->state == TDH_PARSING_FIELDS)
        return length == 0 ? finish_head(parse, bytes) : take_field(parse, bytes, length);
    if (length == 0 && !parse->is_reply && parse->empty_lines++ < TDH_PARSE_EMPTY_LINES)
        return TDH_PARSE_END;
    parse->state = TDH_PARSING_FIELDS;
    return parse->is_reply ? read_status_line(parse, bytes + parse->line, length)
                           : read_request_line(parse, bytes + parse->line, length);
}

enum tdh_parse_step tdh_parse_head(struct tdh_parse *parse, const char *bytes, size_t length,
                                   size_t *ret_used)
{
    enum tdh_parse_step step = TDH_PARSE_END;
    size_t line = 0;

    if (parse->state > TDH_PARSING_FIELDS)
        return TDH_PARSE_FAILED; /* as before */
    while (step == TDH_PARSE_END) {
        step = tdh_parse_line(parse, bytes, length, TDH_PARSE_LINE,
                              parse->state == TDH_PARSING_START ? 414 : 431, &line);
        if (step == TDH_PARSE_FAILED)
            return step;
        if ((step == TDH_PARSE_MORE ? length : parse->line + line + 2) > TDH_PARSE_HEAD)
            return tdh_parse_refuse(parse, 431, "the head is too long");
        if (step == TDH_PARSE_MORE)
            return step;
        step = take_line(parse, bytes, line);
        parse->line += (uint32_t)line + 2;
        parse->scanned = parse->line;
    }
    *ret_used = parse->line;
    if (step == TDH_PARSE_HEAD_DONE)
        parse->line = parse->scanned = 0; /* from here on windows are of the body */
    return step;
}

const struct tdh_field *tdh_parse_find(const struct tdh_parse *parse, const char *bytes,
                                       const char *name)
{
    for (size_t i = 0; i < parse->field_count; i++) {
        const struct tdh_field *field = &parse->fields[i];

        if (tdh_bytes_are(bytes + field->name.at, field->name.length, name))
            return field;
    }
    return NULL;
}
