/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tally: to JSON and back.
 */
#include "flow/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

static json_t *log_json(const struct tdh_pace_log *log)
{
    json_t *list;

    if (log->count == 0)
        return NULL;
    list = json_array();
    for (size_t i = 0; i < log->count; i++)
        json_array_append_new(list, json_integer(log->starts_us[i]));
    return list;
}

json_t *tdh_tally_json(const struct tdh_tally *tally)
{
    const char *last_run = tally->last_run[0] != '\0' ? tally->last_run : NULL;

    return json_pack("{s:s, s:I, s:I, s:b, s:I, s:s*, s:I, s:I, s:O*, s:o*, s:O*, s:I}", "hash",
                     tally->hash, "since_us", (json_int_t)tally->since_us, "seen_us",
                     (json_int_t)tally->seen_us, "listed", (int)tally->is_listed, "last_us",
                     (json_int_t)tally->last_us, "last_run", last_run, "count",
                     (json_int_t)tally->count, "refused", (json_int_t)tally->refused, "refusal",
                     tally->refusal, "starts", log_json(&tally->log), "waiting", tally->waiting,
                     "waiting_us", (json_int_t)tally->waiting_us);
}

static int64_t number(const json_t *record, const char *key)
{
    return json_integer_value(json_object_get(record, key));
}

int tdh_tally_read(struct tdh_tally *tally, const json_t *record, struct td_err *err)
{
    const json_t *starts = json_object_get(record, "starts");
    size_t count = json_array_size(starts);

    if (count > TDH_TRIGGER_THROTTLE)
        count = TDH_TRIGGER_THROTTLE;
    if (count > 0 && (tally->log.starts_us = calloc(count, sizeof(int64_t))) == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate what is known of a trigger");
    for (size_t i = 0; i < count; i++)
        tally->log.starts_us[i] = json_integer_value(json_array_get(starts, i));
    tally->log.count = count;
    snprintf(tally->hash, sizeof(tally->hash), "%s", tdh_json_str(record, "hash", ""));
    tally->since_us = number(record, "since_us");
    tally->seen_us = number(record, "seen_us");
    tally->is_listed = json_is_true(json_object_get(record, "listed"));
    tally->last_us = number(record, "last_us");
    snprintf(tally->last_run, sizeof(tally->last_run), "%s", tdh_json_str(record, "last_run", ""));
    tally->count = (uint64_t)number(record, "count");
    tally->refused = (uint64_t)number(record, "refused");
    tally->refusal = json_incref(json_object_get(record, "refusal"));
    tally->waiting = json_incref(json_object_get(record, "waiting"));
    tally->waiting_us = number(record, "waiting_us");
    return 0;
}

void tdh_tally_end(struct tdh_tally *tally)
{
    free(tally->log.starts_us);
    json_decref(tally->refusal);
    json_decref(tally->waiting);
}

void tdh_tally_refuse(struct tdh_tally *tally, int64_t now_us, const char *text)
{
    char time[40];

    tally->refused++;
    json_decref(tally->refusal);
    tally->refusal =
        json_pack("{s:s, s:s}", "time", tdh_clock_print(now_us, time, sizeof(time)), "text", text);
}
