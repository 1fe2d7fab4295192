/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_sse: any bytes are events or too long, and the same ones however they are divided. The first
 * byte says how many come at a time.
 */
#include <assert.h>
#include <string.h>

#include "../unit/sse_feed.h"
#include "fuzz.h"

enum { LIMIT = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *text = (const char *)bytes + 1;
    struct tdh_buf whole = { 0 }, bits = { 0 }, other = { 0 };

    if (size < 2)
        return 0;
    sse_feed(text, size - 1, size - 1, LIMIT, &whole);
    sse_feed(text, size - 1, 1, LIMIT, &bits);
    sse_feed(text, size - 1, bytes[0] + 1u, LIMIT, &other);
    assert(whole.length == bits.length && whole.length == other.length);
    assert(whole.length == 0 || (memcmp(whole.data, bits.data, whole.length) == 0 &&
                                 memcmp(whole.data, other.data, whole.length) == 0));
    tdh_buf_free(&whole);
    tdh_buf_free(&bits);
    tdh_buf_free(&other);
    return 0;
}
