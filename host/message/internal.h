/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: what the units of message share.
 */
#ifndef TDH_MESSAGE_INTERNAL_H
#define TDH_MESSAGE_INTERNAL_H

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

/* trim.c: takes away what is too old, from time to time. */
void tdh_events_tidy(struct tdh_events *events);

#endif
