/* SPDX-License-Identifier: Apache-2.0 */
/*
 * announce: what runs tell of themselves becomes events: workflow.started and so on. The engine
 * writes them into the commit of what they tell.
 */
#include <stdio.h>

#include "message/internal.h"

static void print(void *arg, const struct tdh_notice *notice, struct tdh_buf *buf)
{
    char name[TDH_EVENT_NAME], source[TDH_EVENT_WORDS], id[TDH_ID_SIZE];
    const struct tdh_event event = { .name = name,
                                     .source = source,
                                     .correlation = notice->run,
                                     .data = notice->data,
                                     .hops = notice->hops,
                                     .time_us = notice->time_us };

    (void)arg;
    tdh_id_new(id);
    snprintf(name, sizeof(name), TDH_EVENTS_OF_RUNS ".%s", tdh_notice_name(notice->kind));
    snprintf(source, sizeof(source), "run/%s", notice->run);
    tdh_event_print(buf, &event, id, NULL);
}

static void told(void *arg, unsigned count)
{
    struct tdh_events *events = arg;

    tdh_events_ring(events);
    tdh_events_tidy_soon(events, count);
}

void tdh_events_hear_runs(struct tdh_events *events)
{
    const struct tdh_notice_port port = {
        .topic = TDH_EVENTS_TOPIC, .print = print, .told = told, .arg = events
    };

    if (events->options.engine != NULL)
        tdh_run_announce(events->options.engine, &port);
}
