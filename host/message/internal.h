/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: what the units of message share.
 */
#ifndef TDH_MESSAGE_INTERNAL_H
#define TDH_MESSAGE_INTERNAL_H

#include "base/buf.h"
#include "message/message.h"

#define TDH_EVENTS_TOPIC "events"
/* By run and a hash of the call's key: the event's id. So that an event is there once. */
#define TDH_EMITTED_SPACE "emitted"
/* How long that is kept at most. Less when the event is taken away and the run has ended. */
#define TDH_EMITTED_US (INT64_C(400) * 86400 * 1000000)

struct tdh_events {
    struct tdh_events_options options;
    struct tdh_target target;
    struct tdh_schema *schema; /* of what is emitted */
    char *bell;                /* NULL: none */
    atomic_uint published;     /* by this process: now and then it looks for what is too old */
};

/* event.c: an envelope as it is published. key: what it was emitted under; NULL: nothing */
void tdh_event_print(struct tdh_buf *buf, const struct tdh_event *event, const char *id,
                     const char *key);
/* Others look for new events. */
void tdh_events_ring(const struct tdh_events *events);

/* announce.c: what runs tell of themselves */
void tdh_events_hear_runs(struct tdh_events *events);

/* read.c: one after the other, oldest first; fn returns 0 to go on. limit counts for nothing. */
typedef int tdh_event_fn(void *arg, json_t *event, struct td_err *err);
TD_YIELDS int tdh_events_each(struct tdh_events *events, const struct tdh_events_filter *filter,
                              uint64_t after, tdh_event_fn *fn, void *arg, struct td_err *err);

/* trim.c: takes away what is too old, from time to time: now and then when events are published.
 * The second is for who cannot wait. */
TD_YIELDS void tdh_events_tidy(struct tdh_events *events);
void tdh_events_tidy_soon(struct tdh_events *events, unsigned count);

#endif
