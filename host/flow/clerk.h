/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clerk: the structs of who watches over triggers.
 *
 * A seat is a trigger under watch, with its tally and, of one for files, what is known of them. A
 * fire is a start that is due: a record of the store until the run has begun. What a turn finds
 * (events, times, files) becomes one commit: tallies, fires, the number of the newest event, states
 * of files. When that fails, memory is read from the store again.
 */
#ifndef TDH_FLOW_CLERK_H
#define TDH_FLOW_CLERK_H

#include "base/map.h"
#include "base/watch.h"
#include "flow/plan.h"
#include "flow/tally.h"

#define TDH_FIRE_SPACE "fire"       /* starts that are due, by id */
#define TDH_WATCHED_SPACE "watched" /* files: WORKFLOW/TRIGGER/NAME -> what it was like */
#define TDH_CURSOR_SPACE "cursor"   /* how far a reader of events has come */
#define TDH_CURSOR "triggers"

#define TDH_SEAT_FIRES 10000   /* most starts of one trigger that wait */
#define TDH_CLERK_FIRES 100000 /* and of all */
#define TDH_CLERK_DUE 1000     /* with so many due, events wait in their topic */
#define TDH_SEAT_FILES 10000   /* most files of one trigger */
#define TDH_CLERK_FOLDERS 8    /* of workflows that are watched; others are looked at each minute */
#define TDH_SEAT_KEY TDH_TRIGGER_ADDRESS
#define TDH_TALLY_US                                                                               \
    (INT64_C(400) * 86400 * 1000000) /* how long a tally outlasts its last change */

struct tdh_seat {
    struct tdh_seat *next;
    char key[TDH_SEAT_KEY];
    struct tdh_definition *definition;
    const struct tdh_trigger *trigger; /* of the definition */
    struct tdh_tally tally;
    uint64_t version; /* of the tally in the store; 0: it is not there */
    bool is_dirty;
    bool is_known;        /* the tally, and its files, were read */
    int64_t next_us;      /* of a cron or interval; INT64_MAX: never again */
    unsigned fires;       /* that wait */
    int wd;               /* of the folder; -1: it is not there */
    bool is_due_scan;     /* its folder is to be read as a whole */
    struct tdh_map files; /* name -> its state, malloc'ed */
};

struct tdh_fire {
    struct tdh_fire *next;
    struct tdh_clerk *clerk;
    char id[TDH_ID_SIZE]; /* key of its record */
    char run[TDH_ID_SIZE];
    char seat[TDH_SEAT_KEY];
    int64_t due_us;
    unsigned hops; /* starts by triggers that lead to this one, itself counted */
    json_t *input;
    bool is_starting, is_over;
    /* while it starts */
    struct tdh_definition *definition;
    int rc;
    struct td_err err;
};

/* Operations of one commit, with the texts they point to. */
struct tdh_batch {
    struct td_op *ops;
    size_t count, room;
    bool has_failed; /* no memory */
};

struct tdh_clerk {
    struct tdh_clerk_options options;
    struct tdh_watch *watch;
    struct tdh_seat *seats;
    struct tdh_map by_key;  /* the same seats */
    struct tdh_fire *fires; /* oldest first */
    struct tdh_fire *fresh; /* newest first, until they are durable */
    struct tdh_map told;    /* path -> the error that was told of it, malloc'ed */
    struct tdh_arena arena;
    struct tdh_batch batch;
    struct tdh_co *co;
    uint64_t cursor, cursor_version;
    bool is_cursor_moved, has_cursor;
    int64_t began_us;
    int64_t tidy_us;   /* when links, mounts and folders that were not there are looked at again */
    int64_t trim_us;   /* when what is too old is taken away again */
    int64_t reload_us; /* wall time of the next reading of workflows; 0: none */
    int64_t rescan_us; /* of the next look at files that were being written; 0: none */
    bool is_ringing;   /* there may be events */
    bool is_lost;      /* memory is not what the store has */
    bool is_ready, is_stopping;
    unsigned fire_count, starting;
    unsigned due_count;   /* fires that are due, at the end of the last turn */
    unsigned turn_worker; /* which worker gets the next run */
    int bell_wd, folder_wds[TDH_CLERK_FOLDERS];
};

/* batch.c */
void tdh_batch_put(struct tdh_batch *batch, const char *space, const char *key, json_t *value,
                   uint64_t version, int64_t expires_us); /* takes value */
void tdh_batch_delete(struct tdh_batch *batch, const char *space, const char *key);
/* Commits and empties it. ret_version of the puts come through `done` in order. */
TD_YIELDS int tdh_batch_commit(struct tdh_batch *batch, struct tdh_store *store,
                               void (*done)(void *arg, const struct td_op *op), void *arg,
                               struct td_err *err);
void tdh_batch_clear(struct tdh_batch *batch);

/* seat.c: which triggers there are, and what is known of them. */
TD_YIELDS int tdh_seats_load(struct tdh_clerk *clerk, struct td_err *err);
void tdh_seat_free(struct tdh_seat *seat);
/* Of what the store knows; it is read again. */
void tdh_seat_forget(struct tdh_seat *seat);
struct tdh_seat *tdh_seat_find(struct tdh_clerk *clerk, const char *key);
int tdh_seat_key(char key[static TDH_SEAT_KEY], const char *workflow, const char *trigger);

/* fire.c: starts that are due. */
TD_YIELDS int tdh_fires_load(struct tdh_clerk *clerk, struct td_err *err);
void tdh_fire_free(struct tdh_fire *fire);
/* Something the trigger reacts to has happened; event is borrowed. */
void tdh_seat_react(struct tdh_clerk *clerk, struct tdh_seat *seat, json_t *event, int64_t now_us);
/* An event that waited until it was quiet, if it is. */
void tdh_seat_settle(struct tdh_clerk *clerk, struct tdh_seat *seat, int64_t now_us);
/* Starts what is due, and clears away what has begun. */
void tdh_fires_begin(struct tdh_clerk *clerk, int64_t now_us);

/* news.c: events and times. */
TD_YIELDS int tdh_news_events(struct tdh_clerk *clerk, int64_t now_us, struct td_err *err);
void tdh_news_times(struct tdh_clerk *clerk, int64_t now_us);
/* An event that stands nowhere but in what it starts. new; NULL: no memory. */
json_t *tdh_event_json(const char *name, const char *source, int64_t time_us, json_t *data);

/* files.c: files that come, change and go. */
void tdh_files_watch(struct tdh_clerk *clerk); /* folders of all seats, between begin and end */
/* wd -1: any folder; name "": any file */
void tdh_files_changed(struct tdh_clerk *clerk, int wd, const char *name, int64_t now_us);
void tdh_files_scan(struct tdh_clerk *clerk, int64_t now_us);

#endif
