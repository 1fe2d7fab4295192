/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_cron: any bytes are a cron or an error; the times of a cron grow, and end only far away.
 *
 * The first eight bytes are the time to begin at, the next one chooses a zone.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "flow/cron.h"
#include "fuzz.h"

enum { TIMES = 8, HEAD = 9 };

static const char *const names[] = { "UTC", "Asia/Seoul", "Europe/Berlin", "Australia/Lord_Howe" };

static const struct tdh_zone *zone_once(unsigned which)
{
    static struct tdh_zone *zones[4];
    struct td_err err;

    if (zones[which] == NULL)
        zones[which] = tdh_zone_new(names[which], &err);
    return zones[which]; /* NULL without a database: UTC */
}

static void follow(const struct tdh_cron *cron, const struct tdh_zone *zone, int64_t at_us)
{
    for (int i = 0; i < TIMES; i++) {
        int64_t next_us;

        if (!tdh_cron_next(cron, zone, at_us, &next_us))
            return;
        assert(next_us > at_us && next_us % 1000000 == 0);
        at_us = next_us;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    int64_t at_us = 0;
    struct tdh_cron cron;
    struct td_err err;
    char *text;

    if (size < HEAD)
        return 0;
    memcpy(&at_us, bytes, sizeof(at_us));
    text = calloc(1, size - HEAD + 1);
    assert(text != NULL);
    memcpy(text, bytes + HEAD, size - HEAD);
    if (tdh_cron_parse(text, &cron, &err) == 0)
        follow(&cron, zone_once(bytes[8] % 4), at_us / 4); /* some time from its ends */
    else
        assert(err.code == TD_E_INVAL);
    free(text);
    return 0;
}
