/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_sse: what is an event of a stream. Each row is fed whole, byte by byte, and in threes, with
 * the same outcome.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "alloc_fail.h"
#include "sse_feed.h"

enum { LIMIT = 64 };

#define BYTES(text) text, sizeof(text) - 1

static const struct row {
    const char *name, *bytes;
    size_t length;
    const char *want;
} rows[] = {
    { "one event", BYTES("data: a\n\n"), "message|a||\n" },
    { "no blank behind the colon", BYTES("data:a\n\n"), "message|a||\n" },
    { "one blank goes, others stay", BYTES("data:  a \n\n"), "message| a ||\n" },
    { "several lines", BYTES("data: a\ndata: b\ndata\ndata:\n\n"), "message|a\\nb\\n\\n||\n" },
    { "line ends of each kind", BYTES("data: a\r\rdata: b\r\n\r\ndata: c\n\n"),
      "message|a||\nmessage|b||\nmessage|c||\n" },
    { "line ends mixed", BYTES("data: a\rdata: b\r\ndata: c\n\r\ndata: d\n\r"),
      "message|a\\nb\\nc||\nmessage|d||\n" },
    { "a mark at the begin",
      BYTES("\xEF\xBB\xBF"
            "data: a\n\n"),
      "message|a||\n" },
    { "two marks",
      BYTES("\xEF\xBB\xBF\xEF\xBB\xBF"
            "data: a\n\ndata: b\n\n"),
      "message|b||\n" },
    { "half a mark",
      BYTES("\xEF\xBB"
            "data: a\n\ndata: b\n\n"),
      "message|b||\n" },
    { "a mark later",
      BYTES("\n\xEF\xBB\xBF"
            "data: a\n\n"),
      "" },
    { "comments", BYTES(": ping\n\n:\n:x\ndata: a\n: y\n\n"), "message|a||\n" },
    { "a name, for one event", BYTES("event: add\ndata: a\n\ndata: b\n\n"),
      "add|a||\nmessage|b||\n" },
    { "the last name counts", BYTES("event: add\nevent: sub\ndata: a\n\n"), "sub|a||\n" },
    { "a name without data", BYTES("event: add\n\ndata: b\n\n"), "message|b||\n" },
    { "empty data is data", BYTES("data\n\nevent: x\ndata:\n\n"), "message|||\nx|||\n" },
    { "an id stays", BYTES("id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n"),
      "message|a|7|\nmessage|b|7|\nmessage|c||\n" },
    { "an id without data stays", BYTES("id: 7\n\ndata: b\n\n"), "message|b|7|\n" },
    { "an id with NUL is none", BYTES("id: 7\ndata: a\n\nid: 8\0\ndata: b\n\n"),
      "message|a|7|\nmessage|b|7|\n" },
    { "retry", BYTES("retry: 3000\ndata: a\n\ndata: b\n\n"), "message|a||3000\nmessage|b||\n" },
    { "retry that is no number", BYTES("retry: 3s\nretry:\nretry: -1\ndata: a\n\n"),
      "message|a||\n" },
    { "retry beyond all", BYTES("retry: 99999999999999999999\ndata: a\n\n"), "message|a||\n" },
    { "fields that nobody knows", BYTES("Data: x\nDATA: y\n data: z\nfoo\ndata: a\n\n"),
      "message|a||\n" },
    { "a colon in data", BYTES("data: {\"a\": 1}\n\n"), "message|{\"a\": 1}||\n" },
    { "nothing", BYTES(""), "" },
    { "only empty lines", BYTES("\n\r\n\r\r\n"), "" },
    { "cut behind a line of data", BYTES("data: a\n\ndata: b\n"), "message|a||\nwithin\n" },
    { "cut within a line", BYTES("data: a\n\ndat"), "message|a||\nwithin\n" },
    { "cut behind a name", BYTES("data: a\n\nevent: x\n"), "message|a||\nwithin\n" },
    { "whole, before the second byte of its last line end", BYTES("data: a\r\n\r"),
      "message|a||\n" },
    { "as long as may be",
      BYTES("data: 0123456789012345678901234567890123456789012345678901234567\n\n"),
      "message|0123456789012345678901234567890123456789012345678901234567||\n" },
    { "a line too long",
      BYTES("data: 01234567890123456789012345678901234567890123456789012345678\n\n"),
      "failed: an event is too long\n" },
    { "a comment too long",
      BYTES(":234567890123456789012345678901234567890123456789012345678901234567890\n\n"),
      "failed: an event is too long\n" },
    { "too many lines",
      BYTES("data: 01234567890123456789\ndata: 01234567890123456789\n"
            "data: 01234567890123456789\ndata: 01234567890123456789\n\n"),
      "failed: an event is too long\n" },
};

static void each_stream_gives_the_same_events_in_any_division(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const size_t steps[] = { rows[i].length != 0 ? rows[i].length : 1, 1, 3 };

        for (size_t k = 0; k < 3; k++) {
            struct tdh_buf text = { 0 };

            sse_feed(rows[i].bytes, rows[i].length, steps[k], LIMIT, &text);
            if (strcmp(text.data != NULL ? text.data : "", rows[i].want) != 0)
                fail_msg("%s, %zu at a time: \"%s\", not \"%s\"", rows[i].name, steps[k],
                         text.data != NULL ? text.data : "", rows[i].want);
            tdh_buf_free(&text);
        }
    }
}

static void data_of_one_line_is_not_copied(void **state)
{
    static const char bytes[] = "event: x\ndata: hello\n\n";
    struct tdh_sse sse = { .limit = 0 };
    size_t used;

    (void)state;
    tdh_sse_begin(&sse, LIMIT);
    assert_int_equal(tdh_sse_next(&sse, bytes, sizeof(bytes) - 1, &used), TDH_SSE_EVENT);
    assert_int_equal(used, sizeof(bytes) - 1);
    assert_ptr_equal(sse.event.data, bytes + 15);
    tdh_sse_free(&sse);
}

/* 64 KiB of lines that end with CR: were the next LF looked for at each, this would take minutes.
 */
static void lines_without_line_feeds_cost_no_more(void **state)
{
    enum { LENGTH = 4 << 20 };
    char *bytes = malloc(LENGTH);
    struct tdh_sse sse = { .limit = 0 };
    size_t used;

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < LENGTH; i += 2)
        memcpy(bytes + i, ":\r", 2);
    tdh_sse_begin(&sse, LIMIT);
    assert_int_equal(tdh_sse_next(&sse, bytes, LENGTH, &used), TDH_SSE_MORE);
    assert_int_equal(used, LENGTH);
    tdh_sse_free(&sse);
    free(bytes);
}

static void without_memory_a_stream_fails(void **state)
{
    static const char bytes[] = "event: x\nid: 7\ndata: a\ndata: b\n\n";
    bool has_failed = true;

    (void)state;
    for (unsigned n = 1; has_failed; n++) {
        struct tdh_sse sse = { .limit = 0 };
        size_t used;
        enum tdh_sse_step step;

        tdh_sse_begin(&sse, LIMIT);
        alloc_fail_at(n);
        step = tdh_sse_next(&sse, bytes, sizeof(bytes) - 1, &used);
        has_failed = alloc_fail_end();
        assert_int_equal(step, has_failed ? TDH_SSE_FAILED : TDH_SSE_EVENT);
        if (has_failed)
            assert_int_equal(sse.code, TD_E_NOMEM);
        tdh_sse_free(&sse);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stream_gives_the_same_events_in_any_division),
        cmocka_unit_test(data_of_one_line_is_not_copied),
        cmocka_unit_test(lines_without_line_feeds_cost_no_more),
        cmocka_unit_test(without_memory_a_stream_fails),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
