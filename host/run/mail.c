/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail: signals and cancels for a run from any process. A message is a record of the store, by run
 * and then by time. Who owns the run looks for some a few times a second, and the event that a
 * message becomes is written together with the message's removal: it counts exactly once.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "run/switch.h"

enum { PERIOD_NS = 200 * 1000 * 1000, BATCH = 256, ID_LENGTH = TDH_ID_SIZE - 1 };

static const char *const kinds[] = {
    [TDH_MESSAGE_SIGNAL] = "signal", [TDH_MESSAGE_ANSWER] = "answer",
    [TDH_MESSAGE_CANCEL] = "cancel", [TDH_MESSAGE_PAUSE] = "pause",
    [TDH_MESSAGE_GO_ON] = "go_on",   [TDH_MESSAGE_MOVE] = "move"
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* --- sending --- */

/* Messages of several processes are taken in the order they were sent, whatever the clock of each.
 */
static void follow_newest(struct tdh_engine *engine, const char *run)
{
    struct td_err ignored;
    json_t *list = NULL;
    const char *key;

    if (tdh_store_list(engine->options.store, TDH_MAIL_SPACE, run, NULL, 1, TD_SCAN_DOWN, &list,
                       &ignored) != 0)
        return; /* what follows tells */
    key = tdh_json_str(json_array_get(list, 0), "key", "");
    if (strlen(key) > ID_LENGTH)
        tdh_id_after(key + ID_LENGTH + 1);
    json_decref(list);
}

int tdh_run_mail(struct tdh_engine *engine, const char *id, const struct tdh_message *message,
                 char ret_key[static TDH_MAIL_KEY], struct td_err *err)
{
    json_t *record =
        json_pack("{s:s, s:s*, s:I, s:O*}", "kind", kinds[message->kind], "signal", message->signal,
                  "ask", (json_int_t)message->ask, "payload", message->payload);
    char own[TDH_ID_SIZE];
    int rc;

    if (record == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a message for run %s", id);
    follow_newest(engine, id);
    tdh_id_new(own);
    snprintf(ret_key, TDH_MAIL_KEY, "%s/%s", id, own);
    rc = tdh_store_put(engine->options.store, TDH_MAIL_SPACE, ret_key, record, TD_VERSION_ABSENT,
                       NULL, err);
    json_decref(record);
    return rc;
}

int tdh_run_mail_is_taken(struct tdh_engine *engine, const char *key, bool *ret_taken,
                          struct td_err *err)
{
    json_t *message = NULL;
    int rc = tdh_store_get(engine->options.store, TDH_MAIL_SPACE, key, &message, NULL, err);

    json_decref(message);
    *ret_taken = rc != 0 && err->code == TD_E_NOTFOUND;
    return rc == 0 || *ret_taken ? 0 : -1;
}

int tdh_run_mail_take_back(struct tdh_engine *engine, const char *key, struct td_err *err)
{
    return tdh_store_delete(engine->options.store, TDH_MAIL_SPACE, key, TD_VERSION_ANY, err);
}

int tdh_mail_remove(struct tdh_engine *engine, const char *run, struct td_err *err)
{
    json_t *list, *row;
    size_t i;
    int rc = 0;

    if (tdh_store_list(engine->options.store, TDH_MAIL_SPACE, run, NULL, 0, TD_SCAN_SOUND, &list,
                       err) != 0)
        return -1;
    json_array_foreach (list, i, row)
        if (rc == 0)
            rc = tdh_run_mail_take_back(engine, tdh_json_str(row, "key", ""), err);
    json_decref(list);
    return rc;
}

/* --- getting --- */

static void take(struct tdh_run *run, const json_t *record)
{
    const char *kind = tdh_json_str(record, "kind", "");
    json_t *payload = json_object_get(record, "payload");
    struct tdh_meter_fault fault;
    struct tdh_meters limits;
    struct td_err ignored;
    unsigned i = 0;

    while (i < KINDS && strcmp(kinds[i], kind) != 0)
        i++;
    switch (i) {
    case TDH_MESSAGE_SIGNAL:
        tdh_run_signal(run, tdh_json_str(record, "signal", ""), payload, &ignored);
        break;
    case TDH_MESSAGE_ANSWER:
        tdh_run_answer(run, (uint32_t)json_integer_value(json_object_get(record, "ask")),
                       payload != NULL ? payload : json_null());
        break;
    case TDH_MESSAGE_CANCEL:
        if (json_is_integer(json_object_get(payload, "within_ms")))
            tdh_stop_within(run,
                            (uint32_t)json_integer_value(json_object_get(payload, "within_ms")));
        tdh_run_cancel(run);
        break;
    case TDH_MESSAGE_PAUSE:
        tdh_run_pause(run);
        break;
    case TDH_MESSAGE_GO_ON:
        if (tdh_meters_read(json_object_get(payload, "budget"), &limits, &fault))
            tdh_fold_limits(run, &limits);
        tdh_run_go_on(run);
        break;
    default: /* of a later version */
        break;
    }
}

void tdh_mail_note(struct tdh_run *run, const char *key)
{
    snprintf(run->mail, sizeof(run->mail), "%s", key);
    run->mail_space = TDH_MAIL_SPACE;
}

static bool is_move(const json_t *record)
{
    return strcmp(tdh_json_str(record, "kind", ""), kinds[TDH_MESSAGE_MOVE]) == 0;
}

/* One at a time: the next is taken when the removal of this one is durable. */
TD_YIELDS static void deliver(struct tdh_run *run, const char *key, const json_t *record)
{
    if (run->mail[0] != '\0')
        run->hub->is_mail_left = true;
    if (run->mail[0] != '\0' || !run->is_journalled)
        return;
    run->holds++; /* to the end of this function: it may end with the event */
    if (is_move(record)) {
        tdh_run_graft(run, json_object_get(record, "payload"), key);
    } else {
        tdh_mail_note(run, key);
        take(run, record);
        tdh_journal_touch(run);
    }
    tdh_run_release(run);
}

void tdh_mail_graft(struct tdh_run *run, const json_t *list)
{
    const json_t *row;
    size_t i;

    json_array_foreach (list, i, row)
        if (is_move(json_object_get(row, "value"))) {
            deliver(run, tdh_json_str(row, "key", ""), json_object_get(row, "value"));
            return;
        }
}

int tdh_mail_read(struct tdh_engine *engine, const char *run, json_t **ret_list, struct td_err *err)
{
    *ret_list = NULL;
    if (!tdh_preload_has_mail(&engine->hubs[tdh_worker_index(tdh_worker_self())], run))
        return 0;
    return tdh_store_list(engine->options.store, TDH_MAIL_SPACE, run, NULL, BATCH, TD_SCAN_SOUND,
                          ret_list, err);
}

/* What ends or pauses it comes first. */
void tdh_mail_take(struct tdh_run *run, const json_t *list)
{
    const json_t *row, *first = json_array_get(list, 0);
    size_t i;

    json_array_foreach (list, i, row) {
        const char *kind = tdh_json_str(json_object_get(row, "value"), "kind", "");

        if (strcmp(kind, kinds[TDH_MESSAGE_CANCEL]) == 0 ||
            strcmp(kind, kinds[TDH_MESSAGE_PAUSE]) == 0)
            first = row;
    }
    if (first != NULL)
        deliver(run, tdh_json_str(first, "key", ""), json_object_get(first, "value"));
}

static void deliver_all(struct tdh_hub *hub, const json_t *list)
{
    const json_t *row;
    size_t i;

    json_array_foreach (list, i, row) {
        const char *key = tdh_json_str(row, "key", "");
        struct tdh_run *run;
        char id[TDH_ID_SIZE];

        snprintf(id, sizeof(id), "%s", key);
        run = strlen(key) > ID_LENGTH ? tdh_run_here(hub->engine, id) : NULL;
        if (run != NULL)
            deliver(run, key, json_object_get(row, "value"));
    }
}

static void look(void *arg)
{
    struct tdh_hub *hub = arg;
    char after[TDH_MAIL_KEY] = "";
    size_t count = BATCH;

    hub->is_mail_left = false;
    while (count == BATCH && !hub->engine->is_stopping) {
        json_t *list = NULL;
        struct td_err err;

        if (tdh_store_list(hub->engine->options.store, TDH_MAIL_SPACE, "",
                           after[0] != '\0' ? after : NULL, BATCH, TD_SCAN_SOUND, &list, &err) != 0)
            break; /* the next look may have more luck; what writes says why not */
        count = json_array_size(list);
        deliver_all(hub, list);
        snprintf(after, sizeof(after), "%s",
                 tdh_json_str(json_array_get(list, count - 1), "key", ""));
        json_decref(list);
    }
    hub->is_reading_mail = false;
    tdh_mail_watch(hub);
}

static void look_now(struct tdh_timer *timer)
{
    struct tdh_hub *hub = (struct tdh_hub *)((char *)timer - offsetof(struct tdh_hub, mail));
    struct td_err err;

    if (hub->runs == NULL || hub->engine->is_stopping)
        return;
    hub->is_reading_mail = tdh_co_spawn(look, hub, NULL, &err) == 0;
    if (!hub->is_reading_mail)
        tdh_mail_watch(hub);
}

void tdh_mail_watch(struct tdh_hub *hub)
{
    struct td_err err;

    if (hub->engine->options.store == NULL || hub->is_reading_mail || hub->mail.place != 0 ||
        hub->runs == NULL || hub->engine->is_stopping)
        return;
    tdh_timer_set(&hub->mail, tdh_clock_mono_ns() + PERIOD_NS, look_now, &err);
}

void tdh_mail_next(struct tdh_hub *hub)
{
    struct td_err err;

    if (hub->is_mail_left && !hub->is_reading_mail)
        tdh_timer_set(&hub->mail, tdh_clock_mono_ns(), look_now, &err);
}
