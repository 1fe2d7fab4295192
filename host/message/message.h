/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message: events: small facts that whoever wants can react to. An event is an envelope (id, name,
 * source, time, correlation, data) in a topic of the store; readers keep the number they have come
 * to. What is old, or too much, is taken away.
 *
 * A name is of words with dots between: "order.created". In a pattern "*" stands for one word, and
 * "**" as the last word for one or more.
 *
 * Events are emitted through a target of the host, TDH_EVENTS_TARGET with action "emit", so that
 * they go down the path of all calls. From a run, an event is emitted once, however often the call
 * is made: what was emitted is noted by the call's key in the commit that publishes it.
 */
#ifndef TDH_MESSAGE_MESSAGE_H
#define TDH_MESSAGE_MESSAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "call/call.h"
#include "run/run.h"
#include "store/store.h"

#define TDH_EVENTS_TARGET "tdev:events"
#define TDH_EVENTS_ACTION "emit"
/* In the state folder: its times change when there is a new event, so that another process hears of
 * it. Whoever wants to hear makes it. */
#define TDH_EVENTS_BELL "events.bell"
/* What a run tells of itself (tdh_run_announce) is the event workflow.started, and so on. */
#define TDH_EVENTS_OF_RUNS "workflow"

enum {
    TDH_EVENT_HOPS = 32,      /* most starts by triggers, one behind the other, that lead to one */
    TDH_EVENT_NAME = 128,     /* most bytes of a name */
    TDH_EVENT_DATA = 1 << 20, /* most bytes of its data, as JSON */
    TDH_EVENT_WORDS = 256,    /* most bytes of its source and its correlation */
    TDH_REPLAY_MAX = 10000,   /* most events of one replay */
    TDH_REPLAY_NAME = 64      /* most bytes of its name */
};

/** Is that a name? err TD_E_INVAL says what one is. */
int tdh_event_check_name(const char *name, struct td_err *err);
/** Is that a pattern of names? err TD_E_INVAL */
int tdh_event_check_pattern(const char *pattern, struct td_err *err);
bool tdh_event_matches(const char *pattern, const char *name);

struct tdh_events;
struct tdh_events_options {
    struct tdh_store *store;
    struct tdh_engine *engine; /* to know which runs may still emit */
    const char *state_dir;     /* for the bell; NULL: none */
    int64_t keep_ms;           /* how old an event gets */
    int64_t keep_count;        /* how many there are at most */
    struct td_policy policy;   /* of a run's call */
};
/** Registers the target. err TD_E_NOMEM. new; tdh_events_free(). */
struct tdh_events *tdh_events_new(const struct tdh_events_options *options, struct td_err *err);
void tdh_events_free(struct tdh_events *events);

struct tdh_event {
    const char *name;
    const char *source;      /* who says so: "run/ID/NODE", "cli" */
    const char *correlation; /* what belongs together; NULL: the event's id */
    const json_t *data;      /* NULL: null */
    unsigned hops;           /* starts by triggers that led to it; 0: none */
    int64_t time_us;         /* when it happened; 0: now */
    const char *replay_of;   /* the id of the event that it is once more; NULL: none */
    const char *to;          /* WORKFLOW or WORKFLOW/TRIGGER: nobody else hears it; NULL: all */
};
/**
 * Publishes an event; durable when this returns.
 *
 * key     what was published under it before is not published again; NULL: it always is
 * ret_id  of the event
 * err     TD_E_INVAL, TD_E_LIMIT: too large
 */
TD_YIELDS int tdh_event_publish(struct tdh_events *events, const struct tdh_event *event,
                                const char *key, char ret_id[static TDH_ID_SIZE],
                                struct td_err *err);

/** Wakes who listens in another process, though there may be no event. */
void tdh_events_ring(const struct tdh_events *events);

/** The number of the newest event; 0: there was none. */
TD_YIELDS int tdh_events_last(struct tdh_events *events, uint64_t *ret_number, struct td_err *err);
/**
 * Events after a number, in order: [{number, event: {id, name, source, time, correlation, data}}].
 * One that cannot be read is told in the log, and its event is null. new.
 */
TD_YIELDS int tdh_events_read(struct tdh_events *events, uint64_t after, uint32_t limit,
                              json_t **ret_list, struct td_err *err);

struct tdh_events_filter {
    const char *pattern; /* NULL: all */
    const char *id;      /* how its id begins; NULL: any */
    int64_t since_us;
    int64_t until_us;    /* 0: now */
    bool has_no_replays; /* what is a replay itself is left out */
    uint32_t limit;      /* the newest so many; 0: all */
};
/** Events for people, the oldest first. new. */
TD_YIELDS int tdh_events_list(struct tdh_events *events, const struct tdh_events_filter *filter,
                              json_t **ret_list, struct td_err *err);
/*
 * A replay gives events of the past to triggers once more, each as an event with an id of its own
 * that names the first one, and its time, source, data and all. Replays are not replayed.
 */
struct tdh_replay {
    struct tdh_events_filter filter; /* limit: most events; more are refused */
    const char *name; /* the same name gives each event once, however often it is called */
    const char *to;   /* as in struct tdh_event */
    double speed;     /* how much faster than they came; 0: at once */
    /* told of each that is published, or was before; may be NULL */
    void (*told)(void *arg, const json_t *event, const char *id);
    void *arg;
};
/** err TD_E_LIMIT: too many; TD_E_CANCELLED. */
TD_YIELDS int tdh_events_replay(struct tdh_events *events, const struct tdh_replay *replay,
                                struct td_err *err);
/** Those that it would give. new. err TD_E_LIMIT */
TD_YIELDS int tdh_events_past(struct tdh_events *events, const struct tdh_replay *replay,
                              json_t **ret_list, struct td_err *err);
/** Takes away what is too old or too much. */
TD_YIELDS int tdh_events_trim(struct tdh_events *events, int64_t now_us, struct td_err *err);

#endif
