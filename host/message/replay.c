/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay: events of the past, published once more.
 *
 * Each is noted under the name of the replay and its own id, as what a run emits is: one that was
 * given is not given again under that name, so a replay that was cut off can be begun again.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "message/internal.h"

struct player {
    struct tdh_events *events;
    const struct tdh_replay *replay;
    uint32_t count;
    int64_t first_us; /* when the first of them happened */
    uint64_t began_ns;
};

/* --- how many --- */

static int count_one(void *arg, json_t *event, struct td_err *err)
{
    struct player *player = arg;
    uint32_t limit = player->replay->filter.limit;

    (void)event;
    if (++player->count <= limit)
        return 0;
    td_fail(err, TD_E_LIMIT, "there are more than %u events to replay", limit);
    return td_hint(err, "take a shorter time or a narrower name, or a larger --limit, up to %d",
                   TDH_REPLAY_MAX);
}

/* --- one after the other --- */

/* As long behind the first as it was then, but for the speed. */
static int wait_for(const struct player *player, int64_t time_us, struct td_err *err)
{
    double apart_us = (double)(time_us - player->first_us) / player->replay->speed;
    uint64_t due_ns = player->began_ns + (apart_us > 0 ? (uint64_t)(apart_us * 1000) : 0);

    while (tdh_clock_mono_ns() < due_ns)
        if (tdh_co_wait(due_ns) == TDH_WAIT_CANCELLED)
            return td_fail(err, TD_E_CANCELLED, "the replay was stopped");
    return 0;
}

static int give_one(void *arg, json_t *event, struct td_err *err)
{
    struct player *player = arg;
    const struct tdh_replay *replay = player->replay;
    const char *id = tdh_json_str(event, "id", "");
    struct tdh_event again = { .name = tdh_json_str(event, "name", ""),
                               .source = tdh_json_str(event, "source", ""),
                               .correlation = tdh_json_str(event, "correlation", NULL),
                               .data = json_object_get(event, "data"),
                               .hops = (unsigned)json_integer_value(json_object_get(event, "hops")),
                               .replay_of = id,
                               .to = replay->to };
    char key[TDH_REPLAY_NAME + TDH_ID_SIZE + 8], new_id[TDH_ID_SIZE];

    if (tdh_clock_parse(tdh_json_str(event, "time", ""), &again.time_us, err) != 0)
        return -1;
    if (player->count++ == 0)
        player->first_us = again.time_us;
    if (replay->speed > 0 && wait_for(player, again.time_us, err) != 0)
        return -1;
    snprintf(key, sizeof(key), "%s/%s", replay->name, id);
    if (tdh_event_publish(player->events, &again, key, new_id, err) != 0)
        return -1;
    if (replay->told != NULL)
        replay->told(replay->arg, event, new_id);
    return 0;
}

/* What comes meanwhile is none of the past, nor are replays. */
static struct tdh_events_filter past_of(const struct tdh_replay *replay)
{
    struct tdh_events_filter filter = replay->filter;

    filter.has_no_replays = true;
    if (filter.until_us == 0)
        filter.until_us = tdh_clock_us();
    return filter;
}

int tdh_events_past(struct tdh_events *events, const struct tdh_replay *replay, json_t **ret_list,
                    struct td_err *err)
{
    struct player player = { .events = events, .replay = replay };
    struct tdh_events_filter filter = past_of(replay);

    return tdh_events_each(events, &filter, 0, count_one, &player, err) == 0
               ? tdh_events_list(events, &filter, ret_list, err)
               : -1;
}

int tdh_events_replay(struct tdh_events *events, const struct tdh_replay *replay,
                      struct td_err *err)
{
    struct player player = { .events = events, .replay = replay };
    struct tdh_events_filter filter = past_of(replay);

    if (tdh_events_each(events, &filter, 0, count_one, &player, err) != 0)
        return -1;
    player.count = 0;
    player.began_ns = tdh_clock_mono_ns();
    return tdh_events_each(events, &filter, 0, give_one, &player, err);
}
