/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_flow: any YAML as a workflow; one that is valid is drawn and run with answers out of the
 * same bytes.
 *
 * Two states are folded side by side, one of them saved and loaded between any two events: both
 * must ask for the same, in the same order.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "flow/flow.h"
#include "fuzz.h"

enum { EVENTS_MAX = 200, ASKS_MAX = 20000, OPEN_MAX = 64 };

/* One of the two runs. */
struct host {
    struct td_asks asks; /* first: what the reducer gets */
    void *state;
    uint64_t hash; /* of all asks */
    struct {
        uint64_t tag;
        uint32_t number;
    } open[OPEN_MAX];
    size_t open_count;
    uint32_t count;
    bool is_over;
};

struct bytes {
    const uint8_t *at;
    size_t left, size;
};

static void mix(struct host *host, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        host->hash = (host->hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3U;
}

/* An ask past the room is never answered. */
static int note(struct host *host, const char *path, uint64_t tag, uint32_t *ret_ask,
                struct td_err *err)
{
    if (host->count == ASKS_MAX)
        return td_fail(err, TD_E_LIMIT, "more asks than this test wants");
    mix(host, path, strlen(path));
    mix(host, &tag, sizeof(tag));
    *ret_ask = ++host->count;
    if (host->open_count < OPEN_MAX) {
        host->open[host->open_count].tag = tag;
        host->open[host->open_count++].number = *ret_ask;
    }
    return 0;
}

static int ask_call(struct td_asks *asks, const struct td_ask *ask, uint32_t *ret_ask,
                    struct td_err *err)
{
    struct host *host = (struct host *)asks;
    char *text = json_dumps(ask->input, JSON_ENCODE_ANY | JSON_SORT_KEYS);

    if (text != NULL)
        mix(host, text, strlen(text));
    free(text);
    json_decref(ask->input);
    return note(host, ask->path, ask->tag, ret_ask, err);
}

static int ask_timer(struct td_asks *asks, const char *path, uint64_t tag, uint64_t delay_ms,
                     uint32_t *ret_ask, struct td_err *err)
{
    mix((struct host *)asks, &delay_ms, sizeof(delay_ms));
    return note((struct host *)asks, path, tag, ret_ask, err);
}

static int ask_wait(struct td_asks *asks, const char *path, uint64_t tag, const char *signal,
                    uint32_t *ret_ask, struct td_err *err)
{
    mix((struct host *)asks, signal, strlen(signal));
    return note((struct host *)asks, path, tag, ret_ask, err);
}

static int ask_question(struct td_asks *asks, const char *path, uint64_t tag, const json_t *about,
                        uint32_t *ret_ask, struct td_err *err)
{
    mix((struct host *)asks, about != NULL ? "?" : "", 1);
    return note((struct host *)asks, path, tag, ret_ask, err);
}

/* What had no room is not found. */
static int ask_cancel(struct td_asks *asks, uint32_t ask, struct td_err *err)
{
    struct host *host = (struct host *)asks;
    size_t place = 0;

    (void)err;
    mix(host, &ask, sizeof(ask));
    while (place < host->open_count && host->open[place].number != ask)
        place++;
    if (place < host->open_count)
        host->open[place] = host->open[--host->open_count];
    return 0;
}

static int ask_stop(struct td_asks *asks, uint32_t ask, struct td_err *err)
{
    (void)err;
    mix((struct host *)asks, &ask, sizeof(ask));
    return 0;
}

static int ask_finish(struct td_asks *asks, json_t *output, struct td_err *err)
{
    (void)err;
    assert(output != NULL);
    json_decref(output);
    ((struct host *)asks)->is_over = true;
    return 0;
}

static int ask_fail(struct td_asks *asks, const struct td_err *error, struct td_err *err)
{
    (void)err;
    assert(error->text[0] != '\0');
    ((struct host *)asks)->is_over = true;
    return 0;
}

static const char *run_id(struct td_asks *asks)
{
    (void)asks;
    return "run-1";
}

static const struct td_asks_ops ops = { .size = sizeof(ops),
                                        .call = ask_call,
                                        .timer = ask_timer,
                                        .wait = ask_wait,
                                        .cancel = ask_cancel,
                                        .stop = ask_stop,
                                        .question = ask_question,
                                        .finish = ask_finish,
                                        .fail = ask_fail,
                                        .run_id = run_id };

static void reload(struct host *host, const void *plan)
{
    struct td_err err;
    json_t *saved = tdh_flow_reducer.save(host->state, plan, &err), *read;
    char *text = json_dumps(saved, 0);

    assert(saved != NULL && text != NULL);
    json_decref(saved);
    read = json_loads(text, JSON_ALLOW_NUL, NULL);
    free(text);
    assert(read != NULL);
    tdh_flow_reducer.drop(host->state, plan);
    memset(host->state, 0, tdh_flow_reducer.state_size);
    if (tdh_flow_reducer.load(host->state, plan, read, tdh_flow_reducer.state_version, &err) != 0)
        abort();
    json_decref(read);
}

static uint8_t next_byte(struct bytes *bytes)
{
    if (bytes->left == 0) {
        bytes->at -= bytes->size;
        bytes->left = bytes->size;
    }
    bytes->left--;
    return *bytes->at++;
}

static json_t *answer(uint8_t byte)
{
    switch (byte % 6) {
    case 0:
        return json_null();
    case 1:
        return json_boolean(byte & 64);
    case 2:
        return json_integer(byte);
    case 3:
        return json_string("text");
    case 4:
        return json_pack("[i, s, {}]", byte, "x");
    default:
        return json_pack("{s:b, s:i, s:s, s:[i, i]}", "ok", byte & 64, "n", byte, "status", "valid",
                         "list", 1, 2);
    }
}

static void tell(struct host *host, const void *plan, struct td_event *event)
{
    struct td_err err;

    if (tdh_flow_reducer.fold(host->state, plan, event, &host->asks, &err) != 0)
        host->is_over = true;
}

static void step(struct host hosts[2], const void *plan, struct bytes *bytes)
{
    size_t place = next_byte(bytes) % hosts[0].open_count;
    uint8_t byte = next_byte(bytes);
    struct td_err error;
    struct td_event event = { .size = sizeof(event),
                              .kind = TD_EVENT_DONE,
                              .tag = hosts[0].open[place].tag,
                              .ask = hosts[0].open[place].number,
                              .time_us = byte };

    td_fail(&error, TD_E_EXEC, "it broke");
    if (byte >= 250)
        event.kind = byte == 255 ? TD_EVENT_CANCEL : TD_EVENT_FAILED;
    event.error = &error;
    event.output = answer(byte);
    reload(&hosts[1], plan);
    for (size_t i = 0; i < 2; i++) {
        hosts[i].open[place] = hosts[i].open[--hosts[i].open_count];
        tell(&hosts[i], plan, &event);
    }
    assert(hosts[0].hash == hosts[1].hash && hosts[0].is_over == hosts[1].is_over);
    json_decref(event.output);
}

static void run(const void *plan, struct bytes *bytes)
{
    json_t *input = json_pack("{s:i, s:b, s:s, s:[i, s, n]}", "n", 3, "ok", 1, "status", "valid",
                              "list", 1, "b");
    struct host hosts[2] = { { .asks = { &ops } }, { .asks = { &ops } } };
    struct td_err err;

    for (size_t i = 0; i < 2; i++) {
        hosts[i].state = calloc(1, tdh_flow_reducer.state_size);
        assert(hosts[i].state != NULL);
        if (tdh_flow_reducer.start(hosts[i].state, plan, input, &hosts[i].asks, &err) != 0)
            hosts[i].is_over = true;
    }
    for (unsigned n = 0; n < EVENTS_MAX && !hosts[0].is_over; n++) {
        assert(hosts[0].open_count > 0); /* a run that waits for nothing is over */
        step(hosts, plan, bytes);
        if (hosts[0].open_count == 0)
            break; /* what is open had no room */
    }
    for (size_t i = 0; i < 2; i++) {
        tdh_flow_reducer.drop(hosts[i].state, plan);
        free(hosts[i].state);
    }
    json_decref(input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct td_err err;
    struct tdh_yaml *yaml = tdh_yaml_parse((const char *)data, size, "flow", &err);
    struct tdh_definition *definition = yaml != NULL ? tdh_flow_read(yaml, NULL, &err) : NULL;
    struct bytes bytes = { data, size, size };

    assert(yaml == NULL || definition != NULL || err.text[0] != '\0');
    if (definition != NULL) {
        struct tdh_critical *critical = tdh_critical_new(definition, NULL, &err);

        json_decref(critical != NULL ? tdh_critical_json(critical, &err) : NULL);
        free(tdh_flow_svg(definition, critical, &err));
        free(tdh_flow_dot(definition, critical, &err));
        tdh_critical_free(critical);
        run(definition->plan, &bytes);
    }
    tdh_definition_release(definition);
    tdh_yaml_free(yaml);
    return 0;
}
