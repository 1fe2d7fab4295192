/* SPDX-License-Identifier: Apache-2.0 */
/*
 * records: what people see of runs: lists, and one run with its events.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err_json.h"
#include "base/json.h"
#include "run/internal.h"

enum {
    PAGE = 500,      /* records read at once */
    SEARCHED = 20000 /* texts searched at once */
};

static int need_store(const struct tdh_engine *engine, struct td_err *err)
{
    return engine->options.store != NULL
               ? 0
               : td_fail(err, TD_E_UNSUPPORTED, "runs are not kept: there is no store");
}

static void set_time(json_t *record, const char *from, const char *to)
{
    const json_t *us = json_object_get(record, from);
    char text[40];

    if (us == NULL)
        return;
    json_object_set_new(record, to,
                        json_string(tdh_clock_print(json_integer_value(us), text, sizeof(text))));
    json_object_del(record, from);
}

/* A run that says it is running is so only while its owner lives. */
static void polish(struct tdh_engine *engine, json_t *record)
{
    const char *status = tdh_json_str(record, "status", "");

    if (!tdh_run_is_end(status) && !tdh_owner_is_alive(engine, tdh_json_str(record, "owner", ""))) {
        json_object_set_new(record, "orphan", json_true());
        if (strcmp(status, "running") == 0)
            json_object_set_new(record, "status", json_string("orphaned"));
    }
    set_time(record, "created_us", "created");
    set_time(record, "ended_us", "ended");
    set_time(record, "deadline_us", "deadline");
    json_object_del(record, "key");
    json_object_del(record, "owner");
}

static bool has_tag(const json_t *record, const char *wanted)
{
    const json_t *tag;
    size_t i;

    json_array_foreach (json_object_get(record, "tags"), i, tag)
        if (strcmp(json_string_value(tag), wanted) == 0)
            return true;
    return false;
}

static bool is_told(const struct tdh_run_filter *filter, const json_t *record)
{
    return (filter->status == NULL ||
            strcmp(tdh_json_str(record, "status", ""), filter->status) == 0) &&
           (filter->name == NULL || strcmp(tdh_json_str(record, "name", ""), filter->name) == 0) &&
           (filter->tag == NULL || has_tag(record, filter->tag));
}

/* Whether there is more to look for: ids begin with the time, so what is older comes behind. */
static bool add_matching(struct tdh_engine *engine, json_t *record,
                         const struct tdh_run_filter *filter, json_t *list)
{
    if (json_integer_value(json_object_get(record, "created_us")) < filter->since_us)
        return false;
    polish(engine, record);
    if (is_told(filter, record))
        json_array_append(list, record);
    return filter->limit == 0 || json_array_size(list) < filter->limit;
}

/* 1: there is more to look for. */
static int add_page(struct tdh_engine *engine, const json_t *page,
                    const struct tdh_run_filter *filter, json_t *list, struct td_err *err)
{
    bool is_more = true;
    json_t *item;
    size_t i;

    json_array_foreach (page, i, item) {
        json_t *record = json_incref(json_object_get(item, "value"));

        if (filter
                ->is_open) { /* the item is of those that have not ended; its record is elsewhere */
            json_decref(record);
            record = NULL;
            if (tdh_store_get(engine->options.store, TDH_RUN_SPACE, tdh_json_str(item, "key", ""),
                              &record, NULL, err) != 0 &&
                err->code != TD_E_NOTFOUND)
                return -1;
        }
        is_more = record == NULL || add_matching(engine, record, filter, list);
        json_decref(record);
        if (!is_more)
            return 0;
    }
    return 1;
}

/* Ids begin with the milliseconds; they may be ahead of the time, never behind. */
static bool is_before(const char *id, int64_t since_us)
{
    char least[32];
    uint64_t ms = since_us > 0 ? (uint64_t)since_us / 1000 : 0;

    snprintf(least, sizeof(least), "%08llx-%04llx", (unsigned long long)(ms >> 16),
             (unsigned long long)(ms & 0xffff));
    return strncmp(id, least, strlen(least)) < 0;
}

/* A record's text holds these when it is wanted; may hold them also when it is not. */
struct words {
    struct tdh_store_search search;
    char *own[TDH_STORE_WORDS];
    size_t count;
    bool has_failed;
};

static void add_word(struct words *words, const char *before, const char *value)
{
    struct tdh_buf buf = { 0 };

    if (value == NULL)
        return;
    tdh_buf_text(&buf, before);
    tdh_buf_json_string(&buf, value, strlen(value));
    words->own[words->count] = tdh_buf_steal(&buf);
    words->has_failed |= words->own[words->count] == NULL;
    words->search.words[words->count] = words->own[words->count];
    words->count++;
}

static int list_pages(struct tdh_engine *engine, const struct tdh_run_filter *filter,
                      struct words *words, json_t *list, struct td_err *err)
{
    const char *space = filter->is_open ? TDH_LIVE_SPACE : TDH_RUN_SPACE;
    bool is_search = words->count > 0;
    uint32_t page_size = is_search ? SEARCHED : PAGE;
    struct tdh_store_search *search = &words->search;
    json_t *page = NULL;
    int rc = 1;

    snprintf(search->last, sizeof(search->last), "%s",
             filter->before != NULL ? filter->before : "");
    while (rc > 0) {
        char after[TDH_STORE_KEY];

        memcpy(after, search->last, sizeof(after));
        rc = tdh_store_search(engine->options.store, space, "", after[0] != '\0' ? after : NULL,
                              page_size, TD_SCAN_DOWN | TD_SCAN_SOUND, search, &page, err);
        if (rc != 0)
            break;
        rc = add_page(engine, page, filter, list, err);
        json_decref(page);
        if (rc > 0 && (search->seen < page_size || is_before(search->last, filter->since_us)))
            rc = 0;
    }
    return rc;
}

/* Those that have not ended are few, and what they are may show only when they are looked at. */
int tdh_runs_list(struct tdh_engine *engine, const struct tdh_run_filter *wanted, json_t **ret_list,
                  struct td_err *err)
{
    struct tdh_run_filter filter = *wanted;
    struct words words = { 0 };
    json_t *list = json_array();
    int rc;

    filter.is_open |= filter.status != NULL && !tdh_run_is_end(filter.status);
    if (!filter.is_open) {
        add_word(&words, "\"status\":", filter.status);
        add_word(&words, "\"name\":", filter.name);
        add_word(&words, "", filter.tag);
    }
    rc = words.has_failed ? td_fail(err, TD_E_NOMEM, "could not allocate a search")
                          : need_store(engine, err);
    if (rc == 0)
        rc = list_pages(engine, &filter, &words, list, err);
    for (size_t i = 0; i < words.count; i++)
        free(words.own[i]);
    if (rc == 0)
        *ret_list = list;
    else
        json_decref(list);
    return rc;
}

/* --- one run --- */

static const struct {
    char letter;
    const char *name;
    int ask, detail; /* places in the array; 0: none */
    const char *detail_name;
} shapes[] = {
    { 's', "started", 0, 2, "start" }, { 'd', "done", 2, 4, "output" },
    { 'f', "failed", 2, 4, "error" },  { 'a', "retry", 2, 4, "error" },
    { 'b', "again", 2, 0, NULL },      { 'g', "signal", 2, 4, "payload" },
    { 'c', "cancel", 0, 0, NULL },     { 'e', "ended", 0, 3, "result" },
    { 'p', "paused", 0, 3, "error" },  { 'm', "moved", 0, 3, "nodes" },
    { 'u', "cut off", 0, 2, "used" },  { 'l', "budget", 0, 2, "budget" },
};

static json_t *show_asks(const json_t *asks, json_t *paths)
{
    json_t *list = json_array(), *ask;
    size_t i;

    json_array_foreach (asks, i, ask) {
        char number[24];

        snprintf(number, sizeof(number), "%lld",
                 (long long)json_integer_value(json_array_get(ask, 0)));
        json_object_set(paths, number, json_array_get(ask, 2));
        json_array_append(list, json_array_get(ask, 2));
    }
    return list;
}

/* Amounts as decimal numbers. */
static void show_amounts(json_t *shown, const char *name, const json_t *amounts)
{
    struct tdh_meters meters;

    if (tdh_meters_parse(amounts, &meters))
        json_object_set_new(shown, name, tdh_meters_json(&meters));
}

enum { ERROR_KEYS = 5 }; /* most members of an error in the journal */

/* With what the journal leaves out. */
static void show_error(json_t *shown, const char *name, const json_t *error)
{
    struct td_err err;

    tdh_err_from_json(error, &err);
    json_object_set_new(shown, name, tdh_err_json(&err));
}

static bool is_error(const json_t *event, char letter, const json_t *detail)
{
    const char *status = json_string_value(json_array_get(event, 2));

    if (letter == 'e' && status != NULL && strcmp(status, "done") == 0)
        return false; /* an output, which may look like one */
    return strchr("fape", letter) != NULL && json_object_size(detail) <= ERROR_KEYS &&
           json_is_string(json_object_get(detail, "code")) &&
           json_is_string(json_object_get(detail, "text"));
}

static void show_detail(json_t *shown, const json_t *event, int place, const char *name)
{
    json_t *detail = place > 0 ? json_array_get(event, (size_t)place) : NULL;
    char letter = json_string_value(json_array_get(event, 0))[0];
    const char *agent, *edition, *rule;
    struct tdh_meters used;

    if (letter == 'u' || letter == 'l')
        show_amounts(shown, name, detail);
    else if (is_error(event, letter, detail))
        show_error(shown, name, detail);
    else if (detail != NULL && !(letter == 'p' && json_object_size(detail) == 0))
        json_object_set(shown, name, detail);
    if (tdh_event_stand_in(event, &agent, &edition, &rule)) {
        json_object_set_new(shown, "stand_in", json_string(agent));
        json_object_set_new(shown, "rule", json_string(rule));
    }
    if (strchr("dfa", letter) != NULL && tdh_event_used(event, &used) != NULL)
        json_object_set_new(shown, "used", tdh_meters_json(&used));
}

/* An event for people: names instead of places. */
static json_t *show_event(const json_t *event, size_t number, json_t *paths)
{
    const char *letter = json_string_value(json_array_get(event, 0));
    const json_t *last = json_array_get(event, json_array_size(event) - 1);
    char text[40], ask[24];
    json_t *shown;

    for (size_t i = 0; letter != NULL && i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        if (shapes[i].letter != letter[0])
            continue;
        tdh_clock_print(json_integer_value(json_array_get(event, 1)), text, sizeof(text));
        shown = json_pack("{s:I, s:s, s:s}", "seq", (json_int_t)number, "time", text, "event",
                          letter[0] == 'p' && json_integer_value(json_array_get(event, 2)) == 0
                              ? "goes on"
                              : shapes[i].name);
        if (shapes[i].ask > 0) {
            snprintf(ask, sizeof(ask), "%lld",
                     (long long)json_integer_value(json_array_get(event, 2)));
            json_object_set(shown, "step", json_object_get(paths, ask));
        }
        show_detail(shown, event, shapes[i].detail, shapes[i].detail_name);
        if (json_is_array(last) && json_array_size(last) > 0 && strchr("ep", letter[0]) == NULL)
            json_object_set_new(shown, "asks", show_asks(last, paths));
        return shown;
    }
    return NULL;
}

/* What a run that was made from another had open when it began. */
static json_t *show_base(const json_t *snapshot, json_t *paths)
{
    char text[40];

    tdh_clock_print(json_integer_value(json_object_get(snapshot, "created")), text, sizeof(text));
    return json_pack("{s:i, s:s, s:s, s:o}", "seq", 0, "time", text, "event", "taken over", "asks",
                     show_asks(json_object_get(snapshot, "asks"), paths));
}

/* Numbered from 1, as --at takes them; snapshots are no events, but for the first row of a run. */
static json_t *show_events(const json_t *rows)
{
    json_t *events = json_array(), *paths = json_object(), *row, *event;
    size_t i, at, number = 0;

    json_array_foreach (rows, i, row) {
        if (json_integer_value(json_object_get(row, "type")) == TDH_ROW_SNAPSHOT) {
            json_t *base = show_base(json_object_get(row, "value"), paths);

            if (i == 0)
                json_array_append(events, base);
            json_decref(base);
            continue;
        }
        json_array_foreach (json_object_get(row, "value"), at, event) {
            json_t *shown = show_event(event, ++number, paths);

            if (shown != NULL)
                json_array_append_new(events, shown);
        }
    }
    json_decref(paths);
    return events;
}

/* The full id of a run from a unique beginning of it. */
int tdh_runs_find(struct tdh_engine *engine, const char *beginning, char id[TDH_ID_SIZE],
                  struct td_err *err)
{
    json_t *list;
    size_t count;

    if (need_store(engine, err) != 0)
        return -1;
    if (strlen(beginning) < 4)
        return td_fail(err, TD_E_INVAL,
                       "\"%s\" is too short for a run: give at least 4 letters of its id",
                       beginning);
    if (tdh_store_list(engine->options.store, TDH_RUN_SPACE, beginning, NULL, 2, 0, &list, err) !=
        0)
        return -1;
    count = json_array_size(list);
    if (count == 1)
        snprintf(id, TDH_ID_SIZE, "%s", tdh_json_str(json_array_get(list, 0), "key", ""));
    json_decref(list);
    if (count == 1)
        return 0;
    td_fail(err, TD_E_NOTFOUND,
            count == 0 ? "there is no run \"%s\"" : "more than one run begins with \"%s\"",
            beginning);
    return td_hint(err, "tdev runs list shows the runs there are");
}

int tdh_runs_record(struct tdh_engine *engine, const char *id, json_t **ret_record,
                    struct td_err *err)
{
    if (need_store(engine, err) != 0 ||
        tdh_store_get(engine->options.store, TDH_RUN_SPACE, id, ret_record, NULL, err) != 0)
        return -1;
    polish(engine, *ret_record);
    return 0;
}

int tdh_runs_definition(struct tdh_engine *engine, const char *hash, json_t **ret_text,
                        struct td_err *err)
{
    return need_store(engine, err) == 0
               ? tdh_store_get(engine->options.store, TDH_DEF_SPACE, hash, ret_text, NULL, err)
               : -1;
}

int tdh_runs_show(struct tdh_engine *engine, const char *beginning, json_t **ret_run,
                  struct td_err *err)
{
    char id[TDH_ID_SIZE];
    json_t *record = NULL, *rows;

    if (tdh_runs_find(engine, beginning, id, err) != 0 ||
        tdh_chain_read(engine, id, &record, &rows, err) != 0)
        return -1;
    polish(engine, record);
    json_object_set_new(record, "events", show_events(rows));
    json_decref(rows);
    *ret_run = record;
    return 0;
}
