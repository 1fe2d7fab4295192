/* SPDX-License-Identifier: Apache-2.0 */
/*
 * news: events of the store, and times that have come.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "flow/clerk.h"

enum { PAGE = 64 };

json_t *tdh_event_json(const char *name, const char *source, int64_t time_us, json_t *data)
{
    char id[TDH_ID_SIZE], time[40];

    tdh_id_new(id);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", id, "name", name, "source", source,
                     "time", tdh_clock_print(time_us, time, sizeof(time)), "correlation", id,
                     "data", data);
}

/* --- events --- */

/* Is the seat the one, or of the workflow, that a replay is for? */
static bool is_meant(const struct tdh_seat *seat, const char *to)
{
    size_t length = strlen(to);

    return strncmp(seat->key, to, length) == 0 &&
           (seat->key[length] == '\0' || seat->key[length] == '/');
}

/* What happened before somebody was there to hear it is heard only when it is replayed. */
static bool hears(const struct tdh_seat *seat, const json_t *event, int64_t time_us)
{
    const char *to = tdh_json_str(event, "to", NULL);

    return seat->trigger->kind == TRIGGER_EVENT && (to == NULL || is_meant(seat, to)) &&
           (time_us >= seat->tally.since_us || json_object_get(event, "replay_of") != NULL) &&
           tdh_event_matches(seat->trigger->source, tdh_json_str(event, "name", ""));
}

static void tell_seats(struct tdh_clerk *clerk, json_t *event, int64_t now_us)
{
    struct td_err ignored;
    int64_t time_us;

    if (tdh_clock_parse(tdh_json_str(event, "time", ""), &time_us, &ignored) != 0)
        return;
    json_object_del(event, "key");
    if (json_object_get(event, "data") == NULL)
        json_object_set_new(event, "data", json_null());
    for (struct tdh_seat *seat = clerk->seats; seat != NULL; seat = seat->next)
        if (hears(seat, event, time_us))
            tdh_seat_react(clerk, seat, event, now_us);
}

/* Where it begins when nobody has read events yet: with those that come. */
static int find_cursor(struct tdh_clerk *clerk, struct td_err *err)
{
    json_t *record;

    if (tdh_store_get(clerk->options.store, TDH_CURSOR_SPACE, TDH_CURSOR, &record,
                      &clerk->cursor_version, err) == 0) {
        clerk->cursor = (uint64_t)json_integer_value(json_object_get(record, "number"));
        json_decref(record);
    } else if (err->code != TD_E_NOTFOUND ||
               tdh_events_last(clerk->options.events, &clerk->cursor, err) != 0) {
        return -1;
    } else {
        clerk->cursor_version = TD_VERSION_ABSENT;
        clerk->is_cursor_moved = true;
    }
    clerk->has_cursor = true;
    return 0;
}

int tdh_news_events(struct tdh_clerk *clerk, int64_t now_us, struct td_err *err)
{
    json_t *page, *row;
    size_t i;

    if (!clerk->has_cursor && find_cursor(clerk, err) != 0)
        return -1;
    if (!clerk->is_ringing || clerk->due_count >= TDH_CLERK_DUE)
        return 0;
    clerk->is_ringing = false;
    if (tdh_events_read(clerk->options.events, clerk->cursor, PAGE, &page, err) != 0)
        return -1;
    json_array_foreach (page, i, row) {
        uint64_t number = (uint64_t)json_integer_value(json_object_get(row, "number"));

        if (number > clerk->cursor + 1 && clerk->cursor > 0)
            tdh_log(TDH_LOG_WARNING, "triggers",
                    TDH_FACTS(TDH_I("events", number - clerk->cursor - 1)),
                    "events were taken away before their triggers saw them");
        tell_seats(clerk, json_object_get(row, "event"), now_us);
        clerk->cursor = number;
        clerk->is_cursor_moved = true;
    }
    clerk->is_ringing = json_array_size(page) == PAGE;
    json_decref(page);
    return 0;
}

/* --- times --- */

static void tell_time(struct tdh_clerk *clerk, struct tdh_seat *seat,
                      const struct tdh_pace_time *time, int64_t now_us)
{
    char text[40];
    json_t *event = tdh_event_json(tdh_trigger_kind_name(seat->trigger->kind), "clock", time->at_us,
                                   json_pack("{s:s, s:I}", "time",
                                             tdh_clock_print(time->at_us, text, sizeof(text)),
                                             "missed", (json_int_t)time->left_out));

    if (event != NULL)
        tdh_seat_react(clerk, seat, event, now_us);
    else
        clerk->batch.has_failed = true;
    json_decref(event);
}

static void look_at_clock(struct tdh_clerk *clerk, struct tdh_seat *seat,
                          struct tdh_pace_time *times, int64_t now_us)
{
    const struct tdh_pace_span span = { .since_us = seat->tally.since_us,
                                        .seen_us = seat->tally.seen_us,
                                        .began_us = clerk->began_us,
                                        .now_us = now_us };
    size_t count = tdh_pace_times(seat->trigger, &span, times);

    for (size_t i = 0; i < count; i++)
        tell_time(clerk, seat, &times[i], now_us);
    seat->tally.seen_us = now_us;
    seat->is_dirty = true;
    if (!tdh_pace_next(seat->trigger, span.since_us, now_us, &seat->next_us))
        seat->next_us = INT64_MAX;
}

static bool is_time(const struct tdh_seat *seat, int64_t now_us)
{
    return (seat->trigger->kind == TRIGGER_CRON || seat->trigger->kind == TRIGGER_INTERVAL) &&
           seat->next_us <= now_us;
}

void tdh_news_times(struct tdh_clerk *clerk, int64_t now_us)
{
    struct tdh_pace_time *times = NULL;

    for (struct tdh_seat *seat = clerk->seats; seat != NULL; seat = seat->next) {
        if (!is_time(seat, now_us))
            continue;
        if (times == NULL)
            times = calloc(TDH_PACE_ROOM, sizeof(*times));
        if (times == NULL)
            return; /* the next turn has more */
        look_at_clock(clerk, seat, times, now_us);
    }
    free(times);
}
