/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eventstream: messages of AWS are cut out of a stream however it is divided, and what is damaged
 * is refused before it is believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "eventstream_make.h"
#include "model/frames.h"

enum { TEXT_ROOM = 4096 };

/* --- reading --- */

/* EVENT=TEXT; for each frame. */
static int note(void *arg, const struct td_frame *frame, struct td_err *err)
{
    struct tdh_buf *noted = arg;

    (void)err;
    assert_int_equal(frame->text[frame->length], '\0');
    tdh_buf_printf(noted, "%s=", frame->event != NULL ? frame->event : "-");
    tdh_buf_add(noted, frame->text, frame->length);
    tdh_buf_printf(noted, "%s;", frame->json != NULL ? "J" : "");
    return 0;
}

/* step: bytes at a time. Returns as the reader does. */
static int read_all(const struct tdh_buf *bytes, size_t step, struct tdh_buf *noted,
                    struct td_err *err)
{
    struct tdh_frames frames;
    int rc;

    memset(err, 0, sizeof(*err));
    assert_int_equal(tdh_frames_begin(&frames, TD_FRAMES_AWS, err), 0);
    rc = 0;
    for (size_t i = 0; rc == 0 && i < bytes->length; i += step)
        rc = tdh_frames_feed(&frames, bytes->data + i,
                             bytes->length - i < step ? bytes->length - i : step, note, noted, err);
    if (rc == 0)
        rc = tdh_frames_end(&frames, note, noted, err);
    tdh_frames_free(&frames);
    return rc;
}

/* want: what is noted; NULL: it fails as broken, and says `why`. */
static void check(const char *name, const struct tdh_buf *bytes, const char *want, const char *why)
{
    static const size_t steps[] = { 1, 2, 3, 7, 16, SIZE_MAX };

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct tdh_buf noted = { 0 };
        struct td_err err;
        int rc =
            read_all(bytes, steps[i] < bytes->length ? steps[i] : bytes->length + 1, &noted, &err);

        if (want != NULL && (rc != 0 || strcmp(noted.data != NULL ? noted.data : "", want) != 0))
            fail_msg("%s by %zu: %d %s %s", name, steps[i], rc, noted.data, rc ? err.text : "");
        if (why != NULL &&
            (rc == 0 || tdh_fault_of(&err) != TD_FAULT_BROKEN || strstr(err.text, why) == NULL))
            fail_msg("%s by %zu: %d %s", name, steps[i], rc, err.text);
        tdh_buf_free(&noted);
    }
}

/* --- recorded bytes --- */

#define DELTA                                                                                      \
    "0000009400000057b4ab9aee0b3a6576656e742d74797065070011636f6e74656e74426c6f636b44656c74610d3a" \
    "636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d7479706507" \
    "00056576656e747b22636f6e74656e74426c6f636b496e646578223a302c2264656c7461223a7b2274657874223a" \
    "224869227d7d1f944657"
#define DELTA_TEXT "contentBlockDelta={\"contentBlockIndex\":0,\"delta\":{\"text\":\"Hi\"}}J;"
#define THROTTLED                                                                                  \
    "00000090000000618e91a9b70f3a657863657074696f6e2d747970650700137468726f74746c696e674578636570" \
    "74696f6e0d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d657373616765" \
    "2d74797065070009657863657074696f6e7b226d657373616765223a22546f6f206d616e79207265717565737473" \
    "227de67f8005"
#define THROTTLED_TEXT "!throttlingException={\"message\":\"Too many requests\"}J;"

static void recorded_messages_are_read_however_they_are_divided(void **state)
{
    static const struct {
        const char *name, *hex, *want;
    } rows[] = {
        { "nothing at all", "", "" },
        { "an empty message", "000000100000000005c248eb7d98c8ff", "-=;" },
        { "a payload that is no JSON", "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936",
          "-={'foo':'bar'};" },
        { "a header of a byte", "000000170000000729860158 04 62797465 02 ff c2f869dc", "-=;" },
        { "a piece of text", DELTA, DELTA_TEXT },
        { "an exception", THROTTLED, THROTTLED_TEXT },
        { "one behind the other", DELTA "000000100000000005c248eb7d98c8ff" DELTA THROTTLED,
          DELTA_TEXT "-=;" DELTA_TEXT THROTTLED_TEXT },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tdh_buf bytes = { 0 };

        eventstream_hex(&bytes, rows[i].hex);
        check(rows[i].name, &bytes, rows[i].want, NULL);
        tdh_buf_free(&bytes);
    }
}

static void any_bit_that_is_another_is_noticed(void **state)
{
    struct tdh_buf bytes = { 0 }, noted = { 0 };
    struct td_err err;

    (void)state;
    eventstream_hex(&bytes, DELTA);
    for (size_t bit = 0; bit < bytes.length * 8; bit++) {
        bytes.data[bit / 8] = (char)(bytes.data[bit / 8] ^ 1 << bit % 8);
        assert_int_not_equal(read_all(&bytes, bytes.length, &noted, &err), 0);
        assert_int_equal(tdh_fault_of(&err), TD_FAULT_BROKEN);
        bytes.data[bit / 8] = (char)(bytes.data[bit / 8] ^ 1 << bit % 8);
    }
    assert_int_equal(noted.length, 0);
    tdh_buf_free(&bytes);
    tdh_buf_free(&noted);
}

static void a_stream_that_is_cut_anywhere_within_a_message_is_not_whole(void **state)
{
    struct tdh_buf bytes = { 0 }, noted = { 0 };
    struct td_err err;

    (void)state;
    eventstream_hex(&bytes, DELTA);
    for (size_t whole = bytes.length; bytes.length > 1;) {
        bytes.length--;
        assert_int_not_equal(read_all(&bytes, whole, &noted, &err), 0);
        assert_string_equal(err.text, "the stream ended within a message");
    }
    tdh_buf_free(&bytes);
    tdh_buf_free(&noted);
}

/* --- headers --- */

static void headers_of_all_types_are_passed_by(void **state)
{
    static const char all[] =
        "\1a\0\1b\1\1c\2x\1d\3xx\1e\4xxxx\1f\5xxxxxxxx\1g\6\0\2xx\1h\7\0\1x\1i\10xxxxxxxx"
        "\1j\11xxxxxxxxxxxxxxxx\13:event-type\7\0\3end";
    struct tdh_buf headers = { 0 }, bytes = { 0 };

    (void)state;
    tdh_buf_add(&headers, all, sizeof(all) - 1);
    eventstream_message(&bytes, &headers, "{}", 2);
    check("all types", &bytes, "end={}J;", NULL);
    tdh_buf_free(&headers);
    tdh_buf_free(&bytes);
}

#define H(text)                                                                                    \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
static void headers_that_do_not_fit_are_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
    } rows[] = {
        H("\5a"),          H("\1a"),          H("\1a\12x"),       H("\1a\377xxxxxxx"),
        H("\1a\7"),        H("\1a\7\0"),      H("\1a\7\0\5xx"),   H("\1a\7\377\377x"),
        H("\1a\2"),        H("\1a\5xxxxxxx"), H("\1a\11xxxxxx"),  H("\377"),
        H("\1a\0\1b\7\1"), H("\1a\6\0\1"),    H("\1a\10xxxxxxx"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tdh_buf headers = { 0 }, bytes = { 0 };
        char name[32];

        snprintf(name, sizeof(name), "row %zu", i);
        tdh_buf_add(&headers, rows[i].bytes, rows[i].length);
        eventstream_message(&bytes, &headers, "payload", 7);
        check(name, &bytes, NULL, "one of its headers is cut off, or of no known type");
        tdh_buf_free(&headers);
        tdh_buf_free(&bytes);
    }
}

static void what_a_message_is_follows_from_its_headers_in_any_order(void **state)
{
    static const struct {
        const char *headers[4][2], *payload, *want;
    } rows[] = {
        { { { ":message-type", "event" }, { ":event-type", "a" } }, "{}", "a={}J;" },
        { { { ":event-type", "a" } }, "{}", "a={}J;" },
        { { { ":message-type", "exception" }, { ":exception-type", "b" } }, "{}", "!b={}J;" },
        { { { ":exception-type", "b" }, { ":message-type", "exception" } }, "{}", "!b={}J;" },
        { { { ":event-type", "a" }, { ":message-type", "exception" } }, "{}", "!={}J;" },
        { { { ":message-type", "error" }, { ":error-code", "E" }, { ":error-message", "why" } },
          "",
          "!E=why;" },
        { { { ":error-message", "why" }, { ":error-code", "E" } }, "", "!E=why;" },
        { { { ":error-message", "why" }, { ":error-code", "E" } }, "more", "!E=more;" },
        { { { ":message-type", "news" }, { ":event-type", "a" } }, "", "a=;" },
        { { { ":event-typ", "a" }, { "event-type", "b" } }, "", "-=;" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tdh_buf headers = { 0 }, bytes = { 0 };

        for (size_t j = 0; j < 4 && rows[i].headers[j][0] != NULL; j++)
            eventstream_header(&headers, rows[i].headers[j][0], rows[i].headers[j][1]);
        eventstream_message(&bytes, &headers, rows[i].payload, strlen(rows[i].payload));
        check(rows[i].want, &bytes, rows[i].want, NULL);
        tdh_buf_free(&headers);
        tdh_buf_free(&bytes);
    }
}

static void a_name_too_long_for_one_is_refused(void **state)
{
    struct tdh_buf headers = { 0 }, bytes = { 0 };
    char name[302] = "";

    (void)state;
    memset(name, 'n', 256);
    eventstream_header(&headers, ":event-type", name);
    eventstream_message(&bytes, &headers, "", 0);
    check("256 bytes", &bytes, NULL, "the name of its event is none");
    tdh_buf_free(&headers);
    tdh_buf_free(&bytes);
}

/* --- lengths --- */

static void add_prelude(struct tdh_buf *bytes, uint32_t length, uint32_t headers)
{
    uint32_t numbers[3] = { __builtin_bswap32(length), __builtin_bswap32(headers), 0 };

    numbers[2] = __builtin_bswap32(eventstream_checksum(numbers, 8));
    tdh_buf_add(bytes, numbers, sizeof(numbers));
}

static void hostile_lengths_are_refused_with_the_prelude(void **state)
{
    static const struct {
        uint32_t length, headers;
        enum td_code code;
        const char *why;
    } rows[] = {
        { 0, 0, TD_E_EXTERNAL, "its headers do not fit into it" },
        { 15, 0, TD_E_EXTERNAL, "its headers do not fit into it" },
        { 16, 1, TD_E_EXTERNAL, "its headers do not fit into it" },
        { 100, UINT32_MAX, TD_E_EXTERNAL, "its headers do not fit into it" },
        { UINT32_MAX, 0, TD_E_LIMIT, "longer than 16777216 bytes" },
        { (16 << 20) + 1, 0, TD_E_LIMIT, "longer than 16777216 bytes" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tdh_buf bytes = { 0 }, noted = { 0 };
        struct td_err err;

        add_prelude(&bytes, rows[i].length, rows[i].headers);
        assert_int_not_equal(read_all(&bytes, 12, &noted, &err), 0);
        assert_int_equal(err.code, rows[i].code);
        assert_non_null(strstr(err.text, rows[i].why));
        tdh_buf_free(&bytes);
        tdh_buf_free(&noted);
    }
}

/* A length alone takes no memory: what is held is what has come. */
static void a_long_message_takes_memory_as_it_comes(void **state)
{
    struct tdh_frames frames;
    struct tdh_buf bytes = { 0 };
    struct td_err err;

    (void)state;
    add_prelude(&bytes, 16 << 20, 0);
    assert_int_equal(tdh_frames_begin(&frames, TD_FRAMES_AWS, &err), 0);
    assert_int_equal(tdh_frames_feed(&frames, bytes.data, bytes.length, note, NULL, &err), 0);
    assert_true(frames.held.capacity < TEXT_ROOM);
    tdh_frames_free(&frames);
    tdh_buf_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_messages_are_read_however_they_are_divided),
        cmocka_unit_test(any_bit_that_is_another_is_noticed),
        cmocka_unit_test(a_stream_that_is_cut_anywhere_within_a_message_is_not_whole),
        cmocka_unit_test(headers_of_all_types_are_passed_by),
        cmocka_unit_test(headers_that_do_not_fit_are_refused),
        cmocka_unit_test(what_a_message_is_follows_from_its_headers_in_any_order),
        cmocka_unit_test(a_name_too_long_for_one_is_refused),
        cmocka_unit_test(hostile_lengths_are_refused_with_the_prelude),
        cmocka_unit_test(a_long_message_takes_memory_as_it_comes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
