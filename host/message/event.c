/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event: publishing, and the target through which runs and agents do it.
 *
 * A call from a run is known by its key. What calls within a call emit shares the key of that, so
 * what it says counts, too.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/json.h"
#include "message/internal.h"

enum { EMITTED_KEY = TDH_ID_SIZE + TDH_SHA256_HEX };

/* --- publishing --- */

static int check(const struct tdh_event *event, struct td_err *err)
{
    size_t bytes =
        event->data != NULL ? json_dumpb(event->data, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY) : 0;

    if (tdh_event_check_name(event->name, err) != 0)
        return -1;
    if (strlen(event->source) > TDH_EVENT_WORDS ||
        (event->correlation != NULL && strlen(event->correlation) > TDH_EVENT_WORDS))
        return td_fail(err, TD_E_LIMIT,
                       "event \"%s\": source and correlation have at most %d bytes", event->name,
                       TDH_EVENT_WORDS);
    if (bytes > TDH_EVENT_DATA)
        return td_fail(err, TD_E_LIMIT,
                       "event \"%s\": its data has %zu bytes as JSON, at most %d "
                       "are allowed",
                       event->name, bytes, TDH_EVENT_DATA);
    return 0;
}

/* What not every event has. -1: no memory. */
static int add_marks(json_t *envelope, const struct tdh_event *event)
{
    char now[40];

    if (event->hops > 0 &&
        json_object_set_new(envelope, "hops", json_integer((json_int_t)event->hops)) != 0)
        return -1;
    if (event->replay_of == NULL)
        return 0;
    tdh_clock_print(tdh_clock_us(), now, sizeof(now));
    if (event->to != NULL && json_object_set_new(envelope, "to", json_string(event->to)) != 0)
        return -1;
    return json_object_set_new(envelope, "replay_of", json_string(event->replay_of)) == 0
               ? json_object_set_new(envelope, "replayed", json_string(now))
               : -1;
}

void tdh_event_print(struct tdh_buf *buf, const struct tdh_event *event, const char *id,
                     const char *key)
{
    char time[40];
    json_t *envelope = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:O*, s:s*}", "id", id, "name", event->name, "source",
        event->source, "time", tdh_clock_print(event->time_us, time, sizeof(time)), "correlation",
        event->correlation != NULL ? event->correlation : id, "data", event->data, "key", key);

    if (envelope == NULL || add_marks(envelope, event) != 0)
        buf->failed = true;
    else
        tdh_buf_json(buf, envelope, 0);
    json_decref(envelope);
}

/* The id of the event that was emitted under the key before. */
static int find_emitted(struct tdh_events *events, const char *emitted,
                        char ret_id[static TDH_ID_SIZE], struct td_err *err)
{
    json_t *record;

    if (tdh_store_get(events->options.store, TDH_EMITTED_SPACE, emitted, &record, NULL, err) != 0)
        return -1;
    snprintf(ret_id, TDH_ID_SIZE, "%s", tdh_json_str(record, "id", ""));
    json_decref(record);
    return 0;
}

void tdh_events_ring(const struct tdh_events *events)
{
    if (events->bell != NULL)
        utimensat(AT_FDCWD, events->bell, NULL, 0); /* who listens has made it */
}

/* The event, and that it was emitted, in one commit. */
static int commit_event(struct tdh_events *events, const struct tdh_buf *event, const char *id,
                        const char *emitted, int64_t now_us, size_t *ret_failed, struct td_err *err)
{
    char record[TDH_ID_SIZE + 16];
    int length = snprintf(record, sizeof(record), "{\"id\":\"%s\"}", id);
    struct td_op publish = { TD_SIZE(struct td_op), .kind = TD_OP_PUBLISH,
                             .space = TDH_EVENTS_TOPIC, .time_us = now_us,
                             .value = { event->data, event->length } };
    struct td_op note = { TD_SIZE(struct td_op),
                          .kind = TD_OP_PUT,
                          .space = TDH_EMITTED_SPACE,
                          .key = emitted,
                          .version = TD_VERSION_ABSENT,
                          .time_us = now_us,
                          .expires_us = now_us + TDH_EMITTED_US,
                          .value = { record, (size_t)length } };
    struct td_op *ops[] = { &note, &publish };

    if (emitted == NULL)
        return tdh_store_commit(events->options.store, ops + 1, 1, NULL, err);
    return tdh_store_commit(events->options.store, ops, 2, ret_failed, err);
}

int tdh_event_publish(struct tdh_events *events, const struct tdh_event *event, const char *key,
                      char ret_id[static TDH_ID_SIZE], struct td_err *err)
{
    int64_t now_us = tdh_clock_us();
    struct tdh_event whole = *event;
    struct tdh_buf buf = { 0 };
    char id[TDH_ID_SIZE];
    size_t failed = SIZE_MAX;
    int rc = -1;

    if (check(event, err) != 0)
        return -1;
    tdh_id_new(id);
    if (whole.time_us == 0)
        whole.time_us = now_us;
    tdh_event_print(&buf, &whole, id, key);
    if (buf.failed)
        td_fail(err, TD_E_NOMEM, "could not write event \"%s\" as JSON", event->name);
    else
        rc = commit_event(events, &buf, id, key, now_us, &failed, err);
    tdh_buf_free(&buf);
    if (rc != 0 && err->code == TD_E_CONFLICT && failed == 0)
        return find_emitted(events, key, ret_id, err);
    if (rc != 0)
        return rc;
    memcpy(ret_id, id, sizeof(id));
    tdh_events_ring(events);
    tdh_events_tidy(events);
    return 0;
}

/* --- the target --- */

/* RUN/HASH: by run, so that it is known when it is of no use any more. */
static int emitted_key(const struct tdh_call *call, char key[static EMITTED_KEY],
                       struct td_err *err)
{
    struct tdh_buf buf = { 0 };
    int length = (int)strcspn(call->key, "/");
    char hash[TDH_SHA256_HEX];

    tdh_buf_text(&buf, call->key);
    if (call->parent != NULL)
        tdh_buf_json(&buf, call->input, TDH_JSON_SORTED);
    if (buf.failed || length >= TDH_ID_SIZE) {
        tdh_buf_free(&buf);
        return td_fail(err, TD_E_NOMEM, "could not write the key of an event");
    }
    tdh_sha256_hex(buf.data, buf.length, hash);
    tdh_buf_free(&buf);
    snprintf(key, EMITTED_KEY, "%.*s/%s", length, call->key, hash);
    return 0;
}

/* run/ID/PATH: a call's key without its number. */
static void print_source(const struct tdh_call *call, char source[static TDH_EVENT_WORDS])
{
    const char *end = call->key != NULL ? strrchr(call->key, '/') : NULL;

    if (end != NULL)
        snprintf(source, TDH_EVENT_WORDS, "run/%.*s", (int)(end - call->key), call->key);
    else
        snprintf(source, TDH_EVENT_WORDS, "%s",
                 call->parent != NULL ? call->parent->target->name : "call");
}

static int dispatch(struct tdh_call *call, struct td_err *err)
{
    struct tdh_events *events = call->target->owner;
    char source[TDH_EVENT_WORDS], key[EMITTED_KEY], run[TDH_ID_SIZE], id[TDH_ID_SIZE];
    struct tdh_event event = { .name = tdh_json_str(call->input, "event", ""),
                               .source = source,
                               .correlation = tdh_json_str(call->input, "correlation", NULL),
                               .data = json_object_get(call->input, "payload"),
                               .hops = call->hops };

    print_source(call, source);
    if (call->key != NULL && emitted_key(call, key, err) != 0)
        return -1;
    if (call->key != NULL && event.correlation == NULL) {
        snprintf(run, sizeof(run), "%.*s", (int)strcspn(call->key, "/"), call->key);
        event.correlation = run;
    }
    if (tdh_event_publish(events, &event, call->key != NULL ? key : NULL, id, err) != 0)
        return -1;
    call->output = json_pack("{s:s}", "id", id);
    return call->output != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate an output");
}

static const char input_schema[] =
    "{\"type\": \"object\", \"required\": [\"event\"], \"additionalProperties\": false,"
    " \"properties\": {\"event\": {\"type\": \"string\"}, \"payload\": {},"
    " \"correlation\": {\"type\": \"string\"}}}";

static int make_target(struct tdh_events *events, struct td_err *err)
{
    json_t *text = tdh_json_parse(input_schema, strlen(input_schema), "schema of events", err);

    if (text == NULL)
        return -1;
    events->schema = tdh_schema_compile(text, NULL, err);
    json_decref(text);
    if (events->schema == NULL)
        return -1;
    events->target = (struct tdh_target){ .kind = "host",
                                          .name = TDH_EVENTS_TARGET,
                                          .action = TDH_EVENTS_ACTION,
                                          .effects = TDH_EFFECTS_IDEMPOTENT,
                                          .input_schema = events->schema,
                                          .policy = events->options.policy,
                                          .dispatch = dispatch,
                                          .owner = events };
    if (tdh_target_ready(&events->target, err) != 0)
        return -1;
    tdh_call_provide(&events->target);
    return 0;
}

struct tdh_events *tdh_events_new(const struct tdh_events_options *options, struct td_err *err)
{
    struct tdh_events *events = calloc(1, sizeof(*events));

    if (events == NULL ||
        (options->state_dir != NULL &&
         asprintf(&events->bell, "%s/" TDH_EVENTS_BELL, options->state_dir) < 0)) {
        free(events);
        td_fail(err, TD_E_NOMEM, "could not allocate the events");
        return NULL;
    }
    events->options = *options;
    if (make_target(events, err) == 0) {
        tdh_events_hear_runs(events);
        return events;
    }
    tdh_events_free(events);
    return NULL;
}

void tdh_events_free(struct tdh_events *events)
{
    if (events == NULL)
        return;
    if (events->options.engine != NULL)
        tdh_run_announce(events->options.engine, NULL);
    tdh_call_withdraw(&events->target);
    if (events->schema != NULL)
        tdh_target_end(&events->target);
    tdh_schema_free(events->schema);
    free(events->bell);
    free(events);
}
