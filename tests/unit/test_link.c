/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link: frames of any size come out as they went in, and nothing the other side writes into the
 * shared memory leads out of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plugin/link.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Both ends in one process. */
struct bed {
    struct tdh_link_shared *shared;
    struct tdh_link host, plugin;
    struct td_err err;
};

static int begin(void **state)
{
    struct bed *bed = calloc(1, sizeof(*bed));

    assert_non_null(bed);
    assert_int_equal(posix_memalign((void **)&bed->shared, 64, sizeof(*bed->shared)), 0);
    memset(bed->shared, 0, sizeof(*bed->shared));
    tdh_link_begin(&bed->host, bed->shared, true, -1);
    tdh_link_begin(&bed->plugin, bed->shared, false, -1);
    *state = bed;
    return 0;
}

static int end(void **state)
{
    struct bed *bed = *state;

    tdh_link_end(&bed->host);
    tdh_link_end(&bed->plugin);
    free(bed->shared);
    free(bed);
    return 0;
}

static void fill(char *bytes, size_t length, unsigned seed)
{
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)(i * 31 + seed);
}

static void frames_of_any_size_come_out_as_they_went_in(void **state)
{
    static const size_t sizes[] = { 0,
                                    1,
                                    100,
                                    4096,
                                    TDH_RING_BYTES - 41,
                                    TDH_RING_BYTES - 40,
                                    TDH_RING_BYTES,
                                    TDH_RING_BYTES * 5 + 7,
                                    3,
                                    0,
                                    250000 };
    struct bed *bed = *state;
    char *bytes = malloc(TDH_RING_BYTES * 6), *want = malloc(TDH_RING_BYTES * 6);

    for (unsigned i = 0; i < COUNT(sizes); i++) {
        const struct tdh_frame_head head = { .kind = i + 1, .call = i, .rc = -1 };

        fill(bytes, sizes[i], i);
        assert_int_equal(tdh_link_send(&bed->host, &head, bytes, sizes[i], &bed->err), 0);
    }
    for (unsigned i = 0; i < COUNT(sizes); i++) {
        struct tdh_frame *frame;

        while ((frame = tdh_link_take(&bed->plugin)) == NULL)
            tdh_link_flush(&bed->host);
        fill(want, sizes[i], i);
        assert_int_equal(frame->head.kind, i + 1);
        assert_int_equal(frame->head.rc, -1);
        assert_int_equal(frame->head.length, sizes[i]);
        assert_memory_equal(frame->payload, want, sizes[i]);
        free(frame);
    }
    assert_null(tdh_link_take(&bed->plugin));
    assert_null(bed->host.fault);
    assert_null(bed->plugin.fault);
    free(bytes);
    free(want);
}

static void a_frame_that_is_too_long_is_not_sent(void **state)
{
    struct bed *bed = *state;
    const struct tdh_frame_head head = { .kind = 1 };

    assert_int_equal(tdh_link_send(&bed->host, &head, "", (size_t)TDH_FRAME_MAX + 1, &bed->err),
                     -1);
    assert_string_equal(bed->err.text,
                        "a message of 67108865 bytes is too long, the most is 67108864");
}

/* --- a hostile other side --- */

static void say_more_than_fits(struct bed *bed)
{
    bed->shared->to_host.written = TDH_RING_BYTES + 1;
}

static void say_less_than_before(struct bed *bed)
{
    bed->shared->to_host.written = (uint64_t)-1;
}

static void send_a_head(struct bed *bed, uint32_t length)
{
    const struct tdh_frame_head head = { .kind = 1, .length = length };

    memcpy(bed->shared->to_host.bytes, &head, sizeof(head));
    bed->shared->to_host.written = sizeof(head);
}

static void announce_too_much(struct bed *bed)
{
    send_a_head(bed, UINT32_MAX);
}

static void read_what_was_never_sent(struct bed *bed)
{
    const struct tdh_frame_head head = { .kind = 1 };

    bed->shared->to_plugin.taken = 1000;
    tdh_link_send(&bed->host, &head, NULL, 0, &bed->err);
}

static const struct {
    void (*lie)(struct bed *bed);
    const char *fault;
} lies[] = {
    { say_more_than_fits, "it says it has sent more than fits" },
    { say_less_than_before, "it says it has sent more than fits" },
    { announce_too_much, "it sent a message that is too long" },
    { read_what_was_never_sent, "it says it has read what was never sent" },
};

static void a_lie_breaks_the_link_and_nothing_else(void **state)
{
    for (size_t i = 0; i < COUNT(lies); i++) {
        const struct tdh_frame_head head = { .kind = 1 };
        void *own = NULL;
        struct bed *bed;

        begin(&own);
        bed = own;
        lies[i].lie(bed);
        assert_null(tdh_link_take(&bed->host));
        assert_string_equal(bed->host.fault, lies[i].fault);
        assert_int_equal(tdh_link_send(&bed->host, &head, NULL, 0, &bed->err), -1);
        assert_int_equal(bed->err.code, TD_E_UNAVAILABLE);
        assert_null(tdh_link_take(&bed->host));
        end(&own);
    }
    (void)state;
}

/* Every value in every word of what it can write to: the sanitizers would tell. */
static void noise_in_the_shared_memory_is_survived(void **state)
{
    uint64_t seed = 88172645463325252;

    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        void *own = NULL;
        struct bed *bed;
        struct tdh_frame *frame;

        begin(&own);
        bed = own;
        for (size_t i = 0; i < sizeof(struct tdh_frame_head) * 4; i++) {
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
            bed->shared->to_host.bytes[i] = (char)(seed & (i % 8 < 6 ? 0 : 0xff));
        }
        bed->shared->to_host.written = seed % (round % 2 ? 400 : TDH_RING_BYTES + 400);
        bed->shared->to_plugin.taken = round % 3 ? 0 : seed;
        for (int i = 0; i < 8 && (frame = tdh_link_take(&bed->host)) != NULL; i++) {
            struct td_err err;
            size_t at = 0;

            tdh_frame_get_err(frame, &err);
            while (tdh_frame_text(frame, &at) != NULL)
                ;
            json_decref(tdh_frame_json(frame, 0, &err));
            free(frame);
        }
        end(&own);
    }
}

static void an_error_comes_back_as_it_was(void **state)
{
    struct bed *bed = *state;
    const struct tdh_frame_head head = { .kind = 1 };
    struct td_err told = { 0 }, got;
    struct tdh_buf payload = { 0 };
    struct tdh_frame *frame;

    td_fail(&told, TD_E_LIMIT, "too many");
    td_hint(&told, "fewer");
    told.is_retryable = true;
    told.retry_after_ms = 5;
    tdh_frame_put_err(&payload, &told);
    assert_int_equal(tdh_link_send(&bed->host, &head, payload.data, payload.length, &bed->err), 0);
    frame = tdh_link_take(&bed->plugin);
    tdh_frame_get_err(frame, &got);
    assert_int_equal(got.code, TD_E_LIMIT);
    assert_string_equal(got.text, "too many");
    assert_string_equal(got.hint, "fewer");
    assert_true(got.is_retryable);
    assert_int_equal(got.retry_after_ms, 5);
    free(frame);
    tdh_buf_free(&payload);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(frames_of_any_size_come_out_as_they_went_in, begin, end),
        cmocka_unit_test_setup_teardown(a_frame_that_is_too_long_is_not_sent, begin, end),
        cmocka_unit_test(a_lie_breaks_the_link_and_nothing_else),
        cmocka_unit_test(noise_in_the_shared_memory_is_survived),
        cmocka_unit_test_setup_teardown(an_error_comes_back_as_it_was, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
