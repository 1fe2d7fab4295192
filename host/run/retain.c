/* SPDX-License-Identifier: Apache-2.0 */
/*
 * retain: the policy of retention as a function: what is due, out of ages, a count of the newest
 * that stay, and the time.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "run/ended.h"

const char *const tdh_retention_keys[TDH_RETENTION_KEYS] = { "done", "failed", "cancelled",
                                                             "keep" };

int tdh_retention_age(const json_t *value, int64_t *ret_ms, struct td_err *err)
{
    int64_t ms = json_is_integer(value) ? json_integer_value(value) : -1;

    if (json_is_string(value) && tdh_duration_parse(json_string_value(value), &ms, err) != 0)
        return -1;
    if (ms < 0 || ms > TDH_RETENTION_MS_MAX)
        return td_fail(err, TD_E_INVAL,
                       "must be a duration of at most 36500d, which is for ever, such as \"30d\"");
    *ret_ms = ms;
    return 0;
}

/* The kind has checked its text. */
void tdh_retention_read(const json_t *text, struct tdh_retention *ret_own)
{
    const json_t *own = json_object_get(text, "retention"),
                 *keep = json_object_get(own, tdh_retention_keys[TDH_RUN_ENDS]);
    struct td_err ignored;

    for (unsigned i = 0; i < TDH_RUN_ENDS; i++) {
        ret_own->age_ms[i] = -1;
        tdh_retention_age(json_object_get(own, tdh_retention_keys[i]), &ret_own->age_ms[i],
                          &ignored);
    }
    ret_own->keep = json_is_integer(keep) && json_integer_value(keep) >= 0 &&
                            json_integer_value(keep) <= TDH_RETENTION_KEEP_MAX
                        ? (uint32_t)json_integer_value(keep)
                        : UINT32_MAX;
}

struct tdh_retention tdh_retention_with(const struct tdh_retention *all,
                                        const struct tdh_retention *own)
{
    struct tdh_retention both = *all;

    for (unsigned i = 0; i < TDH_RUN_ENDS; i++)
        if (own->age_ms[i] >= 0)
            both.age_ms[i] = own->age_ms[i];
    if (own->keep != UINT32_MAX)
        both.keep = own->keep;
    return both;
}

int64_t tdh_retention_due(const struct tdh_retention *retention, unsigned letter, int64_t floor_us,
                          int64_t now_us)
{
    int64_t due_us;

    if (letter >= TDH_RUN_ENDS || retention->age_ms[letter] >= TDH_RETENTION_MS_MAX ||
        floor_us == INT64_MIN)
        return INT64_MIN; /* kept by its tag; for ever; all are among the newest */
    due_us = now_us - retention->age_ms[letter] * 1000;
    return due_us < floor_us ? due_us : floor_us - 1;
}
