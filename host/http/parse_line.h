/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_line: lines, and what each byte may be. Private to the parser.
 */
#ifndef TDH_HTTP_PARSE_LINE_H
#define TDH_HTTP_PARSE_LINE_H

#include "http/parse.h"

/* What a byte may be part of. */
enum tdh_byte_class {
    TDH_BYTE_TOKEN = 1,  /* names, methods (RFC 9110 5.6.2) */
    TDH_BYTE_VALUE = 2,  /* values: visible, blank, tab, and what is not ASCII */
    TDH_BYTE_TARGET = 4, /* targets: visible ASCII but "#" */
    TDH_BYTE_HOST = 8,   /* names and addresses of hosts, without port */
    TDH_BYTE_DIGIT = 16,
    TDH_BYTE_HEX = 32
};
extern const uint8_t tdh_byte_classes[256];

static inline bool tdh_byte_is(char byte, unsigned classes)
{
    return (tdh_byte_classes[(unsigned char)byte] & classes) != 0;
}
/** How many bytes from the first are of the class. */
size_t tdh_bytes_of(const char *bytes, size_t length, unsigned class);
/** The text, in any case, and nothing else? ASCII only. */
bool tdh_bytes_are(const char *bytes, size_t length, const char *text);

/** Refuses the message. Returns TDH_PARSE_FAILED. */
enum tdh_parse_step tdh_parse_refuse(struct tdh_parse *parse, unsigned status, const char *why);

/**
 * The line that begins at parse->line; it ends with CR LF, and with nothing else. TDH_PARSE_END: it
 * is there, and *ret_length bytes long. TDH_PARSE_MORE, TDH_PARSE_FAILED.
 */
enum tdh_parse_step tdh_parse_line(struct tdh_parse *parse, const char *bytes, size_t length,
                                   size_t limit, unsigned status_too_long, size_t *ret_length);

/** Is this line a field? The spans count from line. */
enum tdh_parse_step tdh_parse_field(struct tdh_parse *parse, const char *line, size_t length,
                                    struct tdh_field *ret_field);

#endif
