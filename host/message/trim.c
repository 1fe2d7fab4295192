/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trim: takes away events that are too old or too many, and what was noted of their emission when
 * the run that did it has ended and can do it no more.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "message/internal.h"

enum { PAGE = 256, PAGES_MAX = 64, TIDY_EVERY = 1024 };

struct trim {
    uint64_t up_to;
};

static int backend_trim(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                        struct td_err *err)
{
    struct trim *trim = arg;

    return table->topic->trim(ctx, TDH_EVENTS_TOPIC, trim->up_to, err);
}

/* Whoever cannot be found emits nothing, either. */
static bool may_emit_again(struct tdh_events *events, const char *run)
{
    json_t *record = NULL;
    struct td_err err;
    bool may = false;

    if (events->options.engine == NULL)
        return true;
    if (tdh_runs_record(events->options.engine, run, &record, &err) == 0)
        may = !tdh_run_is_end(tdh_json_str(record, "status", ""));
    else
        may = err.code != TD_E_NOTFOUND;
    json_decref(record);
    return may;
}

static int forget_emission(struct tdh_events *events, const json_t *event, struct td_err *err)
{
    const char *key = tdh_json_str(event, "key", NULL);
    char run[TDH_ID_SIZE];

    if (key == NULL)
        return 0;
    snprintf(run, sizeof(run), "%s", key);
    if (may_emit_again(events, run))
        return 0;
    return tdh_store_delete(events->options.store, TDH_EMITTED_SPACE, key, TD_VERSION_ANY, err);
}

/* The number of the last event of the page that is to go; 0: none. */
static uint64_t last_to_go(const struct tdh_events *events, const json_t *page, uint64_t newest,
                           int64_t now_us)
{
    int64_t keep = events->options.keep_count;
    uint64_t up_to = 0;
    const json_t *row;
    size_t i;

    json_array_foreach (page, i, row) {
        uint64_t number = (uint64_t)json_integer_value(json_object_get(row, "number"));
        const json_t *event = json_object_get(row, "event");
        const char *time = tdh_json_str(event, "replayed", tdh_json_str(event, "time", ""));
        int64_t time_us;
        struct td_err ignored;
        bool is_old = tdh_clock_parse(time, &time_us, &ignored) != 0 ||
                      time_us < now_us - events->options.keep_ms * 1000;

        if (!is_old && newest - number < (uint64_t)keep)
            break;
        up_to = number;
    }
    return up_to;
}

/* What stands first: false when nothing more is to go. */
static int trim_page(struct tdh_events *events, uint64_t newest, int64_t now_us, bool *ret_more,
                     struct td_err *err)
{
    struct trim trim;
    json_t *page, *row;
    size_t i;
    int rc = 0;

    if (tdh_events_read(events, 0, PAGE, &page, err) != 0)
        return -1;
    trim.up_to = last_to_go(events, page, newest, now_us);
    json_array_foreach (page, i, row)
        if (rc == 0 && (uint64_t)json_integer_value(json_object_get(row, "number")) <= trim.up_to)
            rc = forget_emission(events, json_object_get(row, "event"), err);
    if (rc == 0 && trim.up_to > 0)
        rc = tdh_store_ask(events->options.store, backend_trim, &trim, err);
    *ret_more = trim.up_to > 0 && json_array_size(page) == PAGE;
    json_decref(page);
    return rc;
}

int tdh_events_trim(struct tdh_events *events, int64_t now_us, struct td_err *err)
{
    uint64_t newest;
    bool is_more = true;

    if (tdh_events_last(events, &newest, err) != 0)
        return -1;
    for (int i = 0; is_more && i < PAGES_MAX; i++)
        if (trim_page(events, newest, now_us, &is_more, err) != 0)
            return -1;
    return 0;
}

static void tidy(void *arg)
{
    struct td_err err;

    if (tdh_events_trim(arg, tdh_clock_us(), &err) != 0 && err.code != TD_E_CANCELLED)
        tdh_log_err(TDH_LOG_WARNING, "events", &err);
}

/* With the first, and each TIDY_EVERY behind it. */
static bool is_time(struct tdh_events *events, unsigned count)
{
    unsigned before = atomic_fetch_add(&events->published, count);

    return before == 0 || before / TIDY_EVERY != (before + count) / TIDY_EVERY;
}

void tdh_events_tidy(struct tdh_events *events)
{
    if (is_time(events, 1))
        tidy(events);
}

void tdh_events_tidy_soon(struct tdh_events *events, unsigned count)
{
    struct td_err ignored; /* there will be another time */

    if (is_time(events, count))
        tdh_co_spawn(tidy, events, NULL, &ignored);
}
