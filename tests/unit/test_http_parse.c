/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_parse: what is a message and what is refused. Each row is fed whole, byte by byte, and in
 * threes, with the same outcome.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "http_feed.h"

#define BYTES(text) text, sizeof(text) - 1
#define GET "GET / HTTP/1.1\r\nHost: a\r\n"
#define POST "POST / HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

enum { BODY_LIMIT = 64 };

struct row {
    const char *name;
    const char *bytes;
    size_t length;
    unsigned refusal; /* 0: none */
    unsigned ends;    /* messages that end */
    const char *body;
};

static void check(const struct row *row, size_t step, bool is_reply)
{
    struct fed fed;

    http_feed(row->bytes, row->length, step, is_reply, BODY_LIMIT, &fed);
    if (fed.refusal != row->refusal || fed.ends != row->ends)
        fail_msg("%s, %zu at a time: refused with %u (%s), not %u; %u messages, not %u", row->name,
                 step, fed.refusal, fed.parse.why != NULL ? fed.parse.why : "no reason",
                 row->refusal, fed.ends, row->ends);
    if (row->body != NULL &&
        (fed.body_bytes != strlen(row->body) || memcmp(fed.body, row->body, fed.body_bytes) != 0))
        fail_msg("%s, %zu at a time: the body is \"%.*s\"", row->name, step, (int)fed.body_bytes,
                 fed.body);
    assert_true((row->refusal != 0) == (fed.parse.why != NULL));
}

static void check_rows(const struct row *rows, size_t count, bool is_reply)
{
    for (size_t i = 0; i < count; i++) {
        check(&rows[i], rows[i].length, is_reply);
        check(&rows[i], 1, is_reply);
        check(&rows[i], 3, is_reply);
    }
}

#define CHECK_ROWS(rows, is_reply) check_rows(rows, sizeof(rows) / sizeof((rows)[0]), is_reply)

static const struct row requests[] = {
    { "the least", BYTES(GET "\r\n"), 0, 1, "" },
    { "HTTP/1.0 without Host", BYTES("GET / HTTP/1.0\r\n\r\n"), 0, 1, "" },
    { "an empty line before", BYTES("\r\n" GET "\r\n"), 0, 1, "" },
    { "two behind each other", BYTES(GET "\r\n" GET "\r\n"), 0, 2, "" },
    { "a length", BYTES(POST "Content-Length: 5\r\n\r\nhello" GET "\r\n"), 0, 2, "hello" },
    { "a length of 0", BYTES(POST "Content-Length: 0\r\n\r\n" GET "\r\n"), 0, 2, "" },
    { "zeros before it", BYTES(POST "Content-Length: 0005\r\n\r\nhello"), 0, 1, "hello" },
    { "chunks", BYTES(CHUNKED "5\r\nhello\r\n00a\r\n and again\r\n0\r\n\r\n" GET "\r\n"), 0, 2,
      "hello and again" },
    { "a chunk's extension", BYTES(CHUNKED "5;a=\"b c\"\r\nhello\r\n0;x\r\n\r\n"), 0, 1, "hello" },
    { "trailers", BYTES(CHUNKED "0\r\nDigest: x\r\nTwo: y\r\n\r\n" GET "\r\n"), 0, 2, "" },
    { "chunked in any case", BYTES(POST "transfer-ENCODING: Chunked\r\n\r\n0\r\n\r\n"), 0, 1, "" },
    { "no blank behind the colon", BYTES("GET / HTTP/1.1\r\nHost:a\r\nX:\r\n\r\n"), 0, 1, "" },
    { "a host with a port", BYTES("GET / HTTP/1.1\r\nHost: [::1]:8338\r\n\r\n"), 0, 1, "" },
    { "an absolute target", BYTES("GET http://A:80/x?y HTTP/1.1\r\nHost: a:80\r\n\r\n"), 0, 1, "" },
    { "OPTIONS *", BYTES("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), 0, 1, "" },
    { "not yet all", BYTES(GET), 0, 0, "" },
    { "not yet all of a body", BYTES(POST "Content-Length: 5\r\n\r\nhel"), 0, 0, "hel" },
    { "the longest body",
      BYTES(CHUNKED "40\r\n0123456789012345678901234567890123456789"
                    "012345678901234567890123\r\n0\r\n\r\n"),
      0, 1, NULL },
};

static void what_is_a_request_is_taken(void **state)
{
    (void)state;
    CHECK_ROWS(requests, false);
}

/* Wherever two programs may see different messages in the same bytes. */
static const struct row smuggled[] = {
    { "two lengths that differ", BYTES(POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
      400, 0, "" },
    { "two equal lengths", BYTES(POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"), 400,
      0, "" },
    { "a list of lengths", BYTES(POST "Content-Length: 5, 5\r\n\r\nhello"), 400, 0, "" },
    { "a length with a sign", BYTES(POST "Content-Length: +5\r\n\r\nhello"), 400, 0, "" },
    { "a negative length", BYTES(POST "Content-Length: -1\r\n\r\n"), 400, 0, "" },
    { "a length in hex", BYTES(POST "Content-Length: 0x5\r\n\r\nhello"), 400, 0, "" },
    { "a length with a blank", BYTES(POST "Content-Length: 1 0\r\n\r\nhello"), 400, 0, "" },
    { "an empty length", BYTES(POST "Content-Length:\r\n\r\n"), 400, 0, "" },
    { "a length of 2^64", BYTES(POST "Content-Length: 18446744073709551616\r\n\r\n"), 400, 0, "" },
    { "length, then chunked",
      BYTES(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400, 0, "" },
    { "chunked, then length",
      BYTES(POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"), 400, 0, "" },
    { "chunked in HTTP/1.0",
      BYTES("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400, 0,
      "" },
    { "two codings", BYTES(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n"), 400,
      0, "" },
    { "chunked twice", BYTES(POST "Transfer-Encoding: chunked, chunked\r\n\r\n"), 501, 0, "" },
    { "chunked not last", BYTES(POST "Transfer-Encoding: chunked, identity\r\n\r\n"), 501, 0, "" },
    { "another coding", BYTES(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"), 501, 0, "" },
    { "nearly chunked", BYTES(POST "Transfer-Encoding: xchunked\r\n\r\n"), 501, 0, "" },
    { "chunked behind a vertical tab",
      BYTES(POST "Transfer-Encoding: \x0b"
                 "chunked\r\n\r\n"),
      400, 0, "" },
    { "chunked behind a quote", BYTES(POST "Transfer-Encoding: \"chunked\"\r\n\r\n"), 501, 0, "" },
    { "an empty coding", BYTES(POST "Transfer-Encoding:\r\n\r\n"), 501, 0, "" },
    { "a blank before the colon", BYTES(POST "Content-Length : 5\r\n\r\nhello"), 400, 0, "" },
    { "a tab before the colon", BYTES(POST "Content-Length\t: 5\r\n\r\nhello"), 400, 0, "" },
    { "a field that goes on", BYTES(POST "X: a\r\n b\r\n\r\n"), 400, 0, "" },
    { "a field that goes on at once", BYTES("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), 400, 0, "" },
    { "a bare line feed in the head", BYTES("GET / HTTP/1.1\nHost: a\r\n\r\n"), 400, 0, "" },
    { "a bare line feed behind a field", BYTES("GET / HTTP/1.1\r\nHost: a\n\r\n"), 400, 0, "" },
    { "a bare line feed as the end", BYTES(GET "\n"), 400, 0, "" },
    { "a bare carriage return", BYTES(POST "X: a\rContent-Length: 5\r\n\r\n"), 400, 0, "" },
    { "a doubled carriage return", BYTES(POST "X: a\r\r\n\r\n"), 400, 0, "" },
    { "a carriage return in the start line", BYTES("GET /\r HTTP/1.1\r\nHost: a\r\n\r\n"), 400, 0,
      "" },
    { "a NUL in a value", BYTES(POST "X: a\0b\r\n\r\n"), 400, 0, "" },
    { "a NUL in a name", BYTES(POST "X\0: a\r\n\r\n"), 400, 0, "" },
    { "a NUL in the target", BYTES("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"), 400, 0, "" },
    { "a control byte in a value", BYTES(POST "X: a\x01\r\n\r\n"), 400, 0, "" },
    { "DEL in a value", BYTES(POST "X: a\x7f\r\n\r\n"), 400, 0, "" },
    { "a field without colon", BYTES(POST "Content-Length\r\n\r\n"), 400, 0, "" },
    { "a field without name", BYTES(POST ": a\r\n\r\n"), 400, 0, "" },
    { "a name that is no token", BYTES(POST "Content(Length): 5\r\n\r\n"), 400, 0, "" },
    { "a name that is not ASCII", BYTES(POST "Content-L\xc3\xa4nge: 5\r\n\r\n"), 400, 0, "" },
    { "no Host", BYTES("GET / HTTP/1.1\r\n\r\n"), 400, 0, "" },
    { "two Hosts", BYTES(GET "Host: a\r\n\r\n"), 400, 0, "" },
    { "an empty Host", BYTES("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 400, 0, "" },
    { "a Host with a path", BYTES("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400, 0, "" },
    { "a Host with a user", BYTES("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"), 400, 0, "" },
    { "two names in one Host", BYTES("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), 400, 0, "" },
    { "a Host with no port", BYTES("GET / HTTP/1.1\r\nHost: a:\r\n\r\n"), 400, 0, "" },
    { "a port too high", BYTES("GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n"), 400, 0, "" },
    { "a target of another host", BYTES("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400, 0, "" },
    { "a target with a user", BYTES("GET http://u@a/ HTTP/1.1\r\nHost: u@a\r\n\r\n"), 400, 0, "" },
    { "a target without host", BYTES("GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n"), 400, 0, "" },
    { "a target that is a host", BYTES("GET a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"), 400, 0, "" },
    { "a target of another scheme", BYTES("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400, 0, "" },
    { "* of another method", BYTES("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), 400, 0, "" },
    { "CONNECT", BYTES("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"), 501, 0, "" },
    { "a fragment", BYTES("GET /#x HTTP/1.1\r\nHost: a\r\n\r\n"), 400, 0, "" },
    { "a target that is not ASCII", BYTES("GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"), 400, 0,
      "" },
    { "two blanks", BYTES("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 400, 0, "" },
    { "a tab as a blank", BYTES("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400, 0, "" },
    { "a blank in the target", BYTES("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"), 400, 0, "" },
    { "a blank behind the version", BYTES("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"), 400, 0, "" },
    { "a blank before the method", BYTES(" GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400, 0, "" },
    { "no version", BYTES("GET /\r\nHost: a\r\n\r\n"), 400, 0, "" },
    { "a version in small letters", BYTES("GET / http/1.1\r\nHost: a\r\n\r\n"), 400, 0, "" },
    { "a version with more digits", BYTES("GET / HTTP/1.10\r\nHost: a\r\n\r\n"), 400, 0, "" },
    { "HTTP/2", BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505, 0, "" },
    { "HTTP/1.2", BYTES("GET / HTTP/1.2\r\nHost: a\r\n\r\n"), 505, 0, "" },
    { "HTTP/0.9", BYTES("GET / HTTP/0.9\r\nHost: a\r\n\r\n"), 505, 0, "" },
    { "two empty lines before", BYTES("\r\n\r\n" GET "\r\n"), 400, 0, "" },
    { "an expectation that is none", BYTES(POST "Expect: 200-ok\r\n\r\n"), 417, 0, "" },
};

static void what_could_be_smuggled_is_refused(void **state)
{
    (void)state;
    CHECK_ROWS(smuggled, false);
}

static const struct row chunks[] = {
    { "no size", BYTES(CHUNKED "\r\nhello\r\n"), 400, 0, "" },
    { "a sign", BYTES(CHUNKED "+5\r\nhello\r\n0\r\n\r\n"), 400, 0, "" },
    { "a minus", BYTES(CHUNKED "-1\r\nhello\r\n0\r\n\r\n"), 400, 0, "" },
    { "0x", BYTES(CHUNKED "0x5\r\nhello\r\n0\r\n\r\n"), 400, 0, "" },
    { "a blank before", BYTES(CHUNKED " 5\r\nhello\r\n0\r\n\r\n"), 400, 0, "" },
    { "a blank behind", BYTES(CHUNKED "5 \r\nhello\r\n0\r\n\r\n"), 400, 0, "" },
    { "a blank before the extension", BYTES(CHUNKED "5 ;a\r\nhello\r\n0\r\n\r\n"), 400, 0, "" },
    { "an underscore", BYTES(CHUNKED "1_0\r\nhello\r\n0\r\n\r\n"), 400, 0, "" },
    { "seventeen digits", BYTES(CHUNKED "00000000000000005\r\nhello\r\n0\r\n\r\n"), 400, 0, "" },
    { "2^64 - 1", BYTES(CHUNKED "ffffffffffffffff\r\nhello\r\n0\r\n\r\n"), 413, 0, "" },
    { "a sum beyond the limit",
      BYTES(CHUNKED "5\r\nhello\r\nfffffffffffffffb\r\nhello\r\n0\r\n\r\n"), 413, 0, "hello" },
    { "one byte beyond the limit", BYTES(CHUNKED "5\r\nhello\r\n3c\r\n"), 413, 0, "hello" },
    { "a bare line feed behind the size", BYTES(CHUNKED "5\nhello\r\n0\r\n\r\n"), 400, 0, "" },
    { "a bare line feed in an extension", BYTES(CHUNKED "5;a\nhello\r\n0\r\n\r\n"), 400, 0, "" },
    { "a carriage return in an extension", BYTES(CHUNKED "5;a\rb\r\nhello\r\n0\r\n\r\n"), 400, 0,
      "" },
    { "more than its size", BYTES(CHUNKED "5\r\nhello!\r\n0\r\n\r\n"), 400, 0, "hello" },
    { "less than its size", BYTES(CHUNKED "6\r\nhello\r\n0\r\n\r\n"), 400, 0, "hello\r" },
    { "a bare line feed behind the bytes", BYTES(CHUNKED "5\r\nhello\n0\r\n\r\n"), 400, 0,
      "hello" },
    { "a bare carriage return behind them", BYTES(CHUNKED "5\r\nhello\r0\r\n\r\n"), 400, 0,
      "hello" },
    { "a bare line feed as the end", BYTES(CHUNKED "0\r\n\n"), 400, 0, "" },
    { "a bare line feed behind the last", BYTES(CHUNKED "0\n\r\n"), 400, 0, "" },
    { "a trailer that goes on", BYTES(CHUNKED "0\r\nX: a\r\n b\r\n\r\n"), 400, 0, "" },
    { "a trailer without colon", BYTES(CHUNKED "0\r\nGET / HTTP/1.1\r\n\r\n"), 400, 0, "" },
    { "a trailer with a NUL", BYTES(CHUNKED "0\r\nX: \0\r\n\r\n"), 400, 0, "" },
};

static void chunks_that_are_none_are_refused(void **state)
{
    (void)state;
    CHECK_ROWS(chunks, false);
}

static const struct row replies[] = {
    { "a length", BYTES("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), 0, 1, "hello" },
    { "chunks",
      BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), 0, 1,
      "hello" },
    { "until the end", BYTES("HTTP/1.0 200 OK\r\n\r\nhello"), 0, 0, "hello" },
    { "no reason", BYTES("HTTP/1.1 204 \r\n\r\n"), 0, 1, "" },
    { "no blank behind the status", BYTES("HTTP/1.1 204\r\n\r\n"), 0, 1, "" },
    { "one of more to come", BYTES("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"),
      0, 2, "" },
    { "304 with a length", BYTES("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"), 0, 1,
      "" },
    { "two lengths",
      BYTES("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"), 400, 0, "" },
    { "a length and chunks",
      BYTES("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"), 400, 0,
      "" },
    { "another coding", BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"), 501, 0, "" },
    { "a status of two digits", BYTES("HTTP/1.1 20 OK\r\n\r\n"), 502, 0, "" },
    { "a status beyond 599", BYTES("HTTP/1.1 999 OK\r\n\r\n"), 502, 0, "" },
    { "a status with more digits", BYTES("HTTP/1.1 2000\r\n\r\n"), 502, 0, "" },
    { "no version", BYTES("200 OK and more\r\n\r\n"), 502, 0, "" },
    { "a reason with a control byte", BYTES("HTTP/1.1 200 O\x01K\r\n\r\n"), 502, 0, "" },
    { "an empty line before", BYTES("\r\nHTTP/1.1 200 OK\r\n\r\n"), 502, 0, "" },
    { "a longer body than is taken", BYTES("HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n"), 413, 0,
      "" },
};

static void replies_are_held_to_the_same(void **state)
{
    (void)state;
    CHECK_ROWS(replies, true);
}

/* Text of `count` times `unit` between begin and end. */
static char *repeat(const char *begin, const char *unit, size_t count, const char *end,
                    size_t *ret_length)
{
    size_t one = strlen(unit), at = strlen(begin);
    char *text = malloc(at + one * count + strlen(end) + 1);

    assert_non_null(text);
    strcpy(text, begin);
    for (size_t i = 0; i < count; i++, at += one)
        memcpy(text + at, unit, one);
    strcpy(text + at, end);
    *ret_length = strlen(text);
    return text;
}

static void each_bound_holds_at_its_byte(void **state)
{
    static const struct {
        const char *name, *begin, *unit;
        size_t most;
        const char *end;
        unsigned refusal; /* of one more */
    } rows[] = {
        { "start line", "GET /", "a", TDH_PARSE_LINE - 14, " HTTP/1.1\r\nHost: a\r\n\r\n", 414 },
        { "field line", GET "X: ", "a", TDH_PARSE_LINE - 3, "\r\n\r\n", 431 },
        { "fields", GET, "X: a\r\n", TDH_PARSE_FIELDS - 1, "\r\n", 431 },
        { "method", "", "A", TDH_PARSE_METHOD, " / HTTP/1.1\r\nHost: a\r\n\r\n", 501 },
        { "a chunk's line", CHUNKED "0;", "a", TDH_PARSE_CHUNK_LINE - 2, "\r\n\r\n", 400 },
        { "chunks' extensions", CHUNKED, "1;aaaaaaa\r\nx\r\n", BODY_LIMIT - 1, "0\r\n\r\n", 0 },
        { "trailers", CHUNKED "0\r\n", "X: a\r\n", TDH_PARSE_TRAILERS, "\r\n", 431 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t more = 0; more < 2; more++) {
            size_t length;
            char *text =
                repeat(rows[i].begin, rows[i].unit, rows[i].most + more, rows[i].end, &length);
            struct row row = { .name = rows[i].name,
                               .bytes = text,
                               .length = length,
                               .refusal = more != 0 ? rows[i].refusal : 0,
                               .ends = more != 0 && rows[i].refusal != 0 ? 0 : 1 };

            check(&row, length, false);
            check(&row, 1, false);
            free(text);
        }
    }
}

static void a_head_beyond_its_bound_is_refused(void **state)
{
    char unit[4100] = "X: ";
    size_t length;
    char *text;
    struct row row = { .name = "head", .refusal = 431 };

    (void)state;
    memset(unit + 3, 'a', 4093);
    memcpy(unit + 4096, "\r\n", 3);
    text = repeat(GET, unit, 8, "\r\n", &length);
    assert_true(length > TDH_PARSE_HEAD);
    row.bytes = text;
    row.length = length;
    check(&row, length, false);
    check(&row, 1, false);
    free(text);
}

static void parts_of_a_head_are_found(void **state)
{
    const char bytes[] = "GET http://a:1/x/y?q=1&r HTTP/1.1\r\nHost: a:1\r\nX-One:  1 2\t\r\n"
                         "connection: foo , Close\r\nexpect: 100-Continue\r\n\r\n";
    const struct tdh_field *field;
    struct fed fed;

    (void)state;
    http_feed(bytes, sizeof(bytes) - 1, 7, false, BODY_LIMIT, &fed);
    assert_int_equal(fed.ends, 1);
    assert_memory_equal(fed.head + fed.parse.method.at, "GET", fed.parse.method.length);
    assert_int_equal(fed.parse.path.length, 4);
    assert_memory_equal(fed.head + fed.parse.path.at, "/x/y", 4);
    assert_int_equal(fed.parse.query.length, 5);
    assert_memory_equal(fed.head + fed.parse.query.at, "q=1&r", 5);
    field = tdh_parse_find(&fed.parse, fed.head, "x-one");
    assert_non_null(field);
    assert_int_equal(field->value.length, 3);
    assert_memory_equal(fed.head + field->value.at, "1 2", 3);
    assert_null(tdh_parse_find(&fed.parse, fed.head, "x-on"));
    assert_false(fed.parse.is_kept);
    assert_true(fed.parse.expects_continue);
}

static void a_connection_may_end_only_between_messages(void **state)
{
    static const struct {
        const char *bytes;
        bool is_reply;
        enum tdh_parse_step step;
    } rows[] = {
        { GET, false, TDH_PARSE_FAILED },
        { POST "Content-Length: 5\r\n\r\nhel", false, TDH_PARSE_FAILED },
        { CHUNKED "5\r\nhello\r\n", false, TDH_PARSE_FAILED },
        { GET "\r\n", false, TDH_PARSE_END },
        { "HTTP/1.1 200 OK\r\n\r\nhello", true, TDH_PARSE_END },
        { "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", true, TDH_PARSE_FAILED },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fed fed;

        http_feed(rows[i].bytes, strlen(rows[i].bytes), 5, rows[i].is_reply, BODY_LIMIT, &fed);
        assert_int_equal(tdh_parse_eof(&fed.parse), rows[i].step);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_a_request_is_taken),
        cmocka_unit_test(what_could_be_smuggled_is_refused),
        cmocka_unit_test(chunks_that_are_none_are_refused),
        cmocka_unit_test(replies_are_held_to_the_same),
        cmocka_unit_test(each_bound_holds_at_its_byte),
        cmocka_unit_test(a_head_beyond_its_bound_is_refused),
        cmocka_unit_test(parts_of_a_head_are_found),
        cmocka_unit_test(a_connection_may_end_only_between_messages),
    };

    return cmocka_run_group_tests_name("http_parse", tests, NULL, NULL);
}
