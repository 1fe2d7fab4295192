/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_body: bodies of messages: of a length that was told, in chunks, or until the end.
 */
#include <string.h>

#include "http/parse_line.h"

enum { SIZE_DIGITS = 16 };

static unsigned hex(char digit)
{
    return digit <= '9' ? (unsigned)(digit - '0') : (unsigned)((digit | 0x20) - 'a') + 10;
}

/* "1a2b" and maybe ";extension"; white space and signs have no place before the ";". */
static enum tdh_parse_step take_size(struct tdh_parse *parse, const char *line, size_t length)
{
    size_t digits = tdh_bytes_of(line, length, TDH_BYTE_HEX);
    uint64_t size = 0;

    if (digits == 0 || digits > SIZE_DIGITS || (digits < length && line[digits] != ';'))
        return tdh_parse_refuse(parse, 400, "the size of a chunk is no number");
    if (tdh_bytes_of(line + digits, length - digits, TDH_BYTE_VALUE) != length - digits)
        return tdh_parse_refuse(parse, 400, "an extension of a chunk holds a control character");
    for (size_t i = 0; i < digits; i++) /* sixteen digits are 64 bits */
        size = size << 4 | hex(line[i]);
    parse->extra_bytes += (uint32_t)(length - digits);
    if (parse->extra_bytes > TDH_PARSE_CHUNK_EXTRAS)
        return tdh_parse_refuse(parse, 400, "the extensions of the chunks are too long");
    if (size > parse->body_limit - parse->body_bytes)
        return tdh_parse_refuse(parse, 413, "the body is too long");
    parse->left = size;
    parse->state = size != 0 ? TDH_PARSING_CHUNK : TDH_PARSING_TRAILER;
    return TDH_PARSE_END;
}

/* Trailer fields are checked, and nobody reads them. */
static enum tdh_parse_step take_trailer(struct tdh_parse *parse, const char *line, size_t length)
{
    struct tdh_field field;

    if (length == 0) {
        parse->state = TDH_PARSED;
        return TDH_PARSE_END;
    }
    parse->trailer_bytes += (uint32_t)length;
    if (++parse->trailer_count > TDH_PARSE_TRAILERS || parse->trailer_bytes > TDH_PARSE_TRAILER)
        return tdh_parse_refuse(parse, 431, "there are too many trailer fields");
    return tdh_parse_field(parse, line, length, &field);
}

/* A line of the chunks' frame. *used: where it begins in the window, then where it ends. */
static enum tdh_parse_step take_frame(struct tdh_parse *parse, const char *bytes, size_t length,
                                      size_t *used)
{
    bool is_size = parse->state == TDH_PARSING_SIZE;
    const char *line = bytes + *used;
    size_t line_length;
    enum tdh_parse_step step =
        tdh_parse_line(parse, line, length - *used, is_size ? TDH_PARSE_CHUNK_LINE : TDH_PARSE_LINE,
                       is_size ? 400 : 431, &line_length);

    if (step != TDH_PARSE_END)
        return step;
    parse->scanned = 0;
    *used += line_length + 2;
    return is_size ? take_size(parse, line, line_length) : take_trailer(parse, line, line_length);
}

/* CR LF behind a chunk. */
static enum tdh_parse_step take_chunk_end(struct tdh_parse *parse, const char *bytes, size_t length,
                                          size_t *used)
{
    size_t there = length - *used;

    if ((there > 0 && bytes[*used] != '\r') || (there > 1 && bytes[*used + 1] != '\n'))
        return tdh_parse_refuse(parse, 400, "a chunk is longer than its size");
    if (there < 2)
        return TDH_PARSE_MORE;
    *used += 2;
    parse->state = TDH_PARSING_SIZE;
    return TDH_PARSE_END;
}

static enum tdh_parse_step take_piece(struct tdh_parse *parse, const char *bytes, size_t length,
                                      size_t *used, const char **ret_piece,
                                      size_t *ret_piece_length)
{
    size_t piece = length - *used;
    uint64_t most =
        parse->state == TDH_PARSING_CLOSE ? parse->body_limit - parse->body_bytes : parse->left;

    if (piece == 0)
        return TDH_PARSE_MORE;
    if (most == 0) /* only of one that has no length */
        return tdh_parse_refuse(parse, 413, "the body is too long");
    if (piece > most)
        piece = (size_t)most;
    *ret_piece = bytes + *used;
    *ret_piece_length = piece;
    *used += piece;
    parse->body_bytes += piece;
    if (parse->state == TDH_PARSING_CLOSE)
        return TDH_PARSE_PIECE;
    parse->left -= piece;
    if (parse->left == 0)
        parse->state = parse->state == TDH_PARSING_CHUNK ? TDH_PARSING_CHUNK_END : TDH_PARSED;
    return TDH_PARSE_PIECE;
}

enum tdh_parse_step tdh_parse_body(struct tdh_parse *parse, const char *bytes, size_t length,
                                   size_t *ret_used, const char **ret_piece,
                                   size_t *ret_piece_length)
{
    enum tdh_parse_step step = TDH_PARSE_END;

    *ret_used = 0;
    while (step == TDH_PARSE_END) {
        switch (parse->state) {
        case TDH_PARSING_LENGTH:
        case TDH_PARSING_CLOSE:
        case TDH_PARSING_CHUNK:
            return take_piece(parse, bytes, length, ret_used, ret_piece, ret_piece_length);
        case TDH_PARSING_CHUNK_END:
            step = take_chunk_end(parse, bytes, length, ret_used);
            break;
        case TDH_PARSING_SIZE:
        case TDH_PARSING_TRAILER:
            step = take_frame(parse, bytes, length, ret_used);
            break;
        case TDH_PARSED:
            return TDH_PARSE_END;
        default:
            return TDH_PARSE_FAILED;
        }
    }
    return step;
}

enum tdh_parse_step tdh_parse_eof(struct tdh_parse *parse)
{
    if (parse->state == TDH_PARSED)
        return TDH_PARSE_END;
    if (parse->state != TDH_PARSING_CLOSE)
        return tdh_parse_refuse(parse, parse->is_reply ? 502 : 400,
                                "the connection ended within a message");
    parse->state = TDH_PARSED;
    return TDH_PARSE_END;
}
