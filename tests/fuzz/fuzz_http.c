/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_http: any bytes are messages or a refusal, and the same ones however they are divided. The
 * first byte says whether they are replies, and how many come at a time.
 */
#include <assert.h>
#include <string.h>

#include "../unit/http_feed.h"
#include "fuzz.h"

enum { BODY_LIMIT = 4096 };

static void check_same(const struct fed *one, const struct fed *other)
{
    assert(one->step == other->step || one->step == TDH_PARSE_MORE || one->step == TDH_PARSE_END ||
           other->step != TDH_PARSE_FAILED);
    assert(one->refusal == other->refusal);
    assert(one->heads == other->heads && one->ends == other->ends);
    assert(one->body_bytes == other->body_bytes);
    assert(memcmp(one->body, other->body,
                  one->body_bytes < FEED_BODY ? one->body_bytes : FEED_BODY) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *text = (const char *)bytes + 1;
    struct fed whole, bits, other;

    if (size < 2)
        return 0;
    http_feed(text, size - 1, size - 1, bytes[0] & 1, BODY_LIMIT, &whole);
    http_feed(text, size - 1, 1, bytes[0] & 1, BODY_LIMIT, &bits);
    http_feed(text, size - 1, (bytes[0] >> 1) + 1, bytes[0] & 1, BODY_LIMIT, &other);
    check_same(&whole, &bits);
    check_same(&whole, &other);
    return 0;
}
