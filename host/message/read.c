/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read: events out of the store.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "message/internal.h"

enum { PAGE = 1000 };

static int need_topic(const struct td_storage *table, struct td_err *err)
{
    return table->topic != NULL
               ? 0
               : td_fail(err, TD_E_UNSUPPORTED, "the store has no topics, so it keeps no events");
}

static int backend_last(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                        struct td_err *err)
{
    if (need_topic(table, err) != 0)
        return -1;
    return table->topic->last(ctx, TDH_EVENTS_TOPIC, arg, err);
}

int tdh_events_last(struct tdh_events *events, uint64_t *ret_number, struct td_err *err)
{
    return tdh_store_ask(events->options.store, backend_last, ret_number, err);
}

struct page {
    uint64_t after;
    uint32_t limit;
    json_t *list;
};

static int add_event(void *arg, uint64_t number, struct td_bytes value, int64_t time_us)
{
    struct page *page = arg;
    struct td_err err;
    json_t *event = tdh_json_parse(value.data, value.length, "event", &err);

    (void)time_us;
    if (event == NULL)
        tdh_log(TDH_LOG_WARNING, "events",
                TDH_FACTS(TDH_I("number", number), TDH_S("why", err.text)),
                "an event cannot be read and is passed over");
    json_array_append_new(page->list, json_pack("{s:I, s:o}", "number", (json_int_t)number, "event",
                                                event != NULL ? event : json_null()));
    return 0;
}

static int backend_read(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                        struct td_err *err)
{
    struct page *page = arg;

    if (need_topic(table, err) != 0)
        return -1;
    return table->topic->read(ctx, TDH_EVENTS_TOPIC, page->after, page->limit, add_event, page,
                              err);
}

int tdh_events_read(struct tdh_events *events, uint64_t after, uint32_t limit, json_t **ret_list,
                    struct td_err *err)
{
    struct page page = { after, limit, json_array() };

    if (page.list == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of events");
    if (tdh_store_ask(events->options.store, backend_read, &page, err) != 0) {
        json_decref(page.list);
        return -1;
    }
    *ret_list = page.list;
    return 0;
}

/* --- for people --- */

static bool is_wanted(const struct tdh_events_filter *filter, const json_t *event)
{
    struct td_err ignored;
    int64_t time_us = 0;

    if (!json_is_object(event))
        return false;
    if (filter->pattern != NULL &&
        !tdh_event_matches(filter->pattern, tdh_json_str(event, "name", "")))
        return false;
    return filter->since_us == 0 ||
           (tdh_clock_parse(tdh_json_str(event, "time", ""), &time_us, &ignored) == 0 &&
            time_us >= filter->since_us);
}

/* The last `limit` of what is wanted stay. */
static void add_wanted(const struct tdh_events_filter *filter, const json_t *page, json_t *list)
{
    json_t *row;
    size_t i;

    json_array_foreach (page, i, row) {
        json_t *event = json_object_get(row, "event");

        if (!is_wanted(filter, event))
            continue;
        json_object_del(event, "key");
        json_object_set(event, "number", json_object_get(row, "number"));
        json_array_append(list, event);
        if (filter->limit != 0 && json_array_size(list) > filter->limit)
            json_array_remove(list, 0);
    }
}

int tdh_events_list(struct tdh_events *events, const struct tdh_events_filter *filter,
                    json_t **ret_list, struct td_err *err)
{
    json_t *list = json_array(), *page = NULL;
    uint64_t after = 0;
    size_t count = PAGE;

    if (list == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of events");
    if (filter->pattern == NULL && filter->limit != 0) {
        if (tdh_events_last(events, &after, err) != 0)
            goto fail;
        after = after > filter->limit ? after - filter->limit : 0;
    }
    while (count == PAGE) {
        if (tdh_events_read(events, after, PAGE, &page, err) != 0)
            goto fail;
        count = json_array_size(page);
        after = (uint64_t)json_integer_value(
            json_object_get(json_array_get(page, count > 0 ? count - 1 : 0), "number"));
        add_wanted(filter, page, list);
        json_decref(page);
    }
    *ret_list = list;
    return 0;
fail:
    json_decref(list);
    return -1;
}
