/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse: HTTP/1.1 messages, requests and replies, strictly (RFC 9110, 9112). Private to http.
 *
 * The parser copies and allocates nothing: it is shown a window of bytes, keeps offsets into it and
 * remembers how far it has looked, so that any division of a message into windows gives the same
 * outcome. Where the RFC lets a server choose between mending and refusing, it refuses: two
 * programs that mend differently are how requests get smuggled.
 */
#ifndef TDH_HTTP_PARSE_H
#define TDH_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TDH_PARSE_LINE = 8192,                      /* bytes of a start line, or of a field line */
    TDH_PARSE_HEAD = 32768,                     /* of a whole head; offsets are uint16_t */
    TDH_PARSE_FIELDS = 100,                     /* fields of a head */
    TDH_PARSE_METHOD = 32,                      /* bytes of a method */
    TDH_PARSE_CHUNK_LINE = 256,                 /* of a line with a chunk's size */
    TDH_PARSE_CHUNK_EXTRAS = 4096,              /* of all extensions of chunks in a message */
    TDH_PARSE_TRAILER = 8192,                   /* of all trailer fields */
    TDH_PARSE_TRAILERS = 32,                    /* trailer fields */
    TDH_PARSE_EMPTY_LINES = 1,                  /* before a request, which are passed over */
    TDH_PARSE_LONGEST_LINE = TDH_PARSE_LINE + 2 /* a window of a body must have room for it */
};

enum tdh_parse_state {
    TDH_PARSING_START,
    TDH_PARSING_FIELDS,
    TDH_PARSING_LENGTH, /* a body whose length was told */
    TDH_PARSING_CLOSE,  /* of a reply: until the connection ends */
    TDH_PARSING_SIZE,
    TDH_PARSING_CHUNK,
    TDH_PARSING_CHUNK_END,
    TDH_PARSING_TRAILER,
    TDH_PARSED,
    TDH_PARSE_REFUSED
};

enum tdh_parse_step {
    TDH_PARSE_MORE, /* the window ends before the next step does */
    TDH_PARSE_HEAD_DONE,
    TDH_PARSE_PIECE, /* of a body */
    TDH_PARSE_END,   /* of the message */
    TDH_PARSE_FAILED /* status and why say what is wrong; the connection cannot be used again */
};

/* Bytes of a window. */
struct tdh_span {
    uint16_t at, length;
};
struct tdh_field {
    struct tdh_span name, value; /* value: without white space around it */
};

/* One message. Made by tdh_parse_begin, for each message anew. */
struct tdh_parse {
    enum tdh_parse_state state;
    bool is_reply;
    bool is_bodiless;    /* of a reply to HEAD: set before the head is parsed */
    uint64_t body_limit; /* a longer body is refused */
    uint32_t line;       /* where the line begins that is looked at */
    uint32_t scanned;    /* no line ends before this */
    unsigned empty_lines;

    /* The head, once it is done. */
    uint8_t minor;        /* HTTP/1.minor, 0 or 1 */
    uint16_t status_code; /* of a reply */
    bool has_length, is_chunked, is_kept, expects_continue;
    struct tdh_span method;
    struct tdh_span path;      /* of a request: begins with "/", or is "*"; without the query */
    struct tdh_span query;     /* behind "?", may be empty */
    struct tdh_span authority; /* of a target in absolute form */
    struct tdh_span host;      /* the field; length 0: none */
    struct tdh_span coding;
    struct tdh_field fields[TDH_PARSE_FIELDS];
    uint16_t field_count;
    bool has_host, has_coding, is_closing, is_keeping;
    uint64_t length; /* has_length: of the body */

    /* The body. */
    uint64_t left;       /* of it, or of the chunk */
    uint64_t body_bytes; /* that came */
    uint32_t extra_bytes, trailer_bytes, trailer_count;

    /* TDH_PARSE_FAILED */
    unsigned refusal; /* status of the reply to it */
    const char *why;  /* a sentence; static */
};

void tdh_parse_begin(struct tdh_parse *parse, bool is_reply, uint64_t body_limit);

/**
 * Goes on with a head. The window begins where the message does, each time, and only grows until
 * the head is done; the bytes may move between two calls.
 *
 * ret_used  TDH_PARSE_HEAD_DONE: bytes of the head; what comes then is the body, or the next
 * message
 */
enum tdh_parse_step tdh_parse_head(struct tdh_parse *parse, const char *bytes, size_t length,
                                   size_t *ret_used);

/**
 * Goes on with a body. The window begins behind what was used before.
 *
 * ret_used   bytes that are done with, whatever the step
 * ret_piece  TDH_PARSE_PIECE: bytes of the body, in the window, among those used; never empty
 */
enum tdh_parse_step tdh_parse_body(struct tdh_parse *parse, const char *bytes, size_t length,
                                   size_t *ret_used, const char **ret_piece,
                                   size_t *ret_piece_length);
/** The connection has ended: TDH_PARSE_END when the message may end so, else TDH_PARSE_FAILED. */
enum tdh_parse_step tdh_parse_eof(struct tdh_parse *parse);

/** The first field of a name (in any case), or NULL. bytes: the window of the head. */
const struct tdh_field *tdh_parse_find(const struct tdh_parse *parse, const char *bytes,
                                       const char *name);

#endif
