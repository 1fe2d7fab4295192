/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read: events out of the store.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "message/internal.h"

enum { PAGE = 256 };

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
    if (filter->id != NULL &&
        strncmp(tdh_json_str(event, "id", ""), filter->id, strlen(filter->id)) != 0)
        return false;
    if (filter->has_no_replays && json_object_get(event, "replay_of") != NULL)
        return false;
    if (filter->since_us == 0 && filter->until_us == 0)
        return true;
    return tdh_clock_parse(tdh_json_str(event, "time", ""), &time_us, &ignored) == 0 &&
           time_us >= filter->since_us && (filter->until_us == 0 || time_us < filter->until_us);
}

static int each_wanted(const struct tdh_events_filter *filter, const json_t *page, tdh_event_fn *fn,
                       void *arg, struct td_err *err)
{
    json_t *row;
    size_t i;

    json_array_foreach (page, i, row) {
        json_t *event = json_object_get(row, "event");

        if (!is_wanted(filter, event))
            continue;
        json_object_del(event, "key");
        json_object_set(event, "number", json_object_get(row, "number"));
        if (fn(arg, event, err) != 0)
            return -1;
    }
    return 0;
}

static uint64_t last_number(const json_t *page)
{
    size_t count = json_array_size(page);

    return (uint64_t)json_integer_value(
        json_object_get(json_array_get(page, count > 0 ? count - 1 : 0), "number"));
}

/* Ends with what was the newest when it began: what comes meanwhile is none of it. */
int tdh_events_each(struct tdh_events *events, const struct tdh_events_filter *filter,
                    uint64_t after, tdh_event_fn *fn, void *arg, struct td_err *err)
{
    uint64_t newest;
    int rc = tdh_events_last(events, &newest, err);

    while (rc == 0 && after < newest) {
        uint64_t left = newest - after;
        json_t *page;

        if (tdh_events_read(events, after, left < PAGE ? (uint32_t)left : PAGE, &page, err) != 0)
            return -1;
        after = json_array_size(page) > 0 ? last_number(page) : newest;
        rc = each_wanted(filter, page, fn, arg, err);
        json_decref(page);
    }
    return rc;
}

struct list {
    json_t *list;
    uint32_t limit;
};

/* The last `limit` of what is wanted stay. */
static int add_to_list(void *arg, json_t *event, struct td_err *err)
{
    struct list *list = arg;

    if (json_array_append(list->list, event) != 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of events");
    if (list->limit != 0 && json_array_size(list->list) > list->limit)
        json_array_remove(list->list, 0);
    return 0;
}

int tdh_events_list(struct tdh_events *events, const struct tdh_events_filter *filter,
                    json_t **ret_list, struct td_err *err)
{
    struct list list = { json_array(), filter->limit };
    bool is_newest = filter->pattern == NULL && filter->id == NULL && filter->until_us == 0 &&
                     !filter->has_no_replays && filter->limit != 0;
    uint64_t after = 0;

    if (list.list == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of events");
    if (is_newest && tdh_events_last(events, &after, err) != 0)
        goto fail;
    after = after > filter->limit ? after - filter->limit : 0;
    if (tdh_events_each(events, filter, after, add_to_list, &list, err) != 0)
        goto fail;
    *ret_list = list.list;
    return 0;
fail:
    json_decref(list.list);
    return -1;
}
