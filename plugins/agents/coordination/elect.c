/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elect: candidates register, each with a priority, for as long as they go on doing so. When nobody
 * leads, registering is open for a while; then the one of the highest priority that is still there
 * is elected, once, and leads until it has not been heard of for its time. Every leader has a
 * greater token than the one before.
 */
#include "coordination.h"

#include <string.h>

enum { CANDIDATES_MAX = 1000 };

/* Without those who were not heard of in time. */
static void forget_gone(json_t *candidates, int64_t now_ms)
{
    const char *name;
    json_t *row;
    void *next;

    json_object_foreach_safe(candidates, next, name, row) if (int_of(row, "until", 0) <= now_ms)
        json_object_del(candidates, name);
}

/* Who waits looks often, so an entry is made for an eighth longer than asked for, and made anew
 * only when no more than that is left. */
static int64_t entry_ms(const json_t *input)
{
    int64_t ttl = int_of(input, "ttl_ms", 0);

    return ttl + ttl / 8;
}

static bool is_entered(const json_t *candidates, int64_t now_ms, const json_t *input)
{
    const json_t *row = json_object_get(candidates, text_of(input, "candidate"));

    return row != NULL && int_of(row, "priority", 0) == int_of(input, "priority", 0) &&
           int_of(row, "until", 0) >= now_ms + int_of(input, "ttl_ms", 0);
}

static int enter(json_t *candidates, int64_t now_ms, const json_t *input, struct td_err *err)
{
    if (is_entered(candidates, now_ms, input))
        return 0;
    if (json_object_size(candidates) >= CANDIDATES_MAX &&
        json_object_get(candidates, text_of(input, "candidate")) == NULL)
        return td_fail(err, TD_E_LIMIT, "there are %d candidates, no more are allowed",
                       CANDIDATES_MAX);
    if (json_object_set_new(candidates, text_of(input, "candidate"),
                            json_pack("{s:I, s:I}", "priority",
                                      (json_int_t)int_of(input, "priority", 0), "until",
                                      (json_int_t)(now_ms + entry_ms(input)))) != 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate the candidate");
    return 0;
}

/* Of equal priority, the first name. */
static const char *best_of(const json_t *candidates)
{
    const char *best = NULL, *name;
    int64_t most = 0;
    json_t *row;

    json_object_foreach ((json_t *)candidates, name, row) {
        int64_t priority = int_of(row, "priority", 0);

        if (best == NULL || priority > most || (priority == most && strcmp(name, best) < 0)) {
            best = name;
            most = priority;
        }
    }
    return best;
}

static int set(json_t *record, const char *key, json_t *value, struct td_err *err)
{
    return json_object_set_new(record, key, value) == 0
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate the election");
}

/* Until when candidates may come, when nobody leads. One that was left over is from a time when
 * nobody came back. */
static int64_t window_of(const json_t *record, int64_t now_ms, const json_t *input)
{
    int64_t window = int_of(record, "window", 0);

    return window > now_ms - int_of(input, "ttl_ms", 0) ? window
                                                        : now_ms + int_of(input, "window_ms", 0);
}

/* All who are waited for are there. */
static bool is_complete(const json_t *candidates, const json_t *input)
{
    return (int64_t)json_object_size(candidates) >= int_of(input, "expected", INT64_MAX);
}

/* Nobody leads: elects, if it is time. */
static int hold_election(json_t *record, int64_t now_ms, const json_t *input, struct td_err *err)
{
    int64_t window = window_of(record, now_ms, input);
    const json_t *candidates = json_object_get(record, "candidates");
    const char *best = best_of(candidates);

    if (set(record, "leader", json_null(), err) != 0)
        return -1;
    if (window > now_ms && !is_complete(candidates, input))
        return set(record, "window", json_integer(window), err);
    if (set(record, "leader", json_string(best), err) != 0 ||
        set(record, "token", json_integer(int_of(record, "token", 0) + 1), err) != 0 ||
        set(record, "window", json_integer(0), err) != 0)
        return -1;
    return set(record, "until", json_integer(int_of(json_object_get(candidates, best), "until", 0)),
               err);
}

static int lead_on(json_t *record, int64_t now_ms, const json_t *input, struct td_err *err)
{
    const char *leader = text_of(record, "leader");

    if (leader == NULL || int_of(record, "until", 0) <= now_ms)
        return hold_election(record, now_ms, input, err);
    if (strcmp(leader, text_of(input, "candidate")) != 0)
        return 0;
    return set(record, "until", json_integer(now_ms + int_of(input, "ttl_ms", 0)), err);
}

static int answer(const json_t *record, const json_t *input, struct step *ret_step,
                  struct td_err *err)
{
    const char *leader = text_of(record, "leader");
    bool is_me = leader != NULL && strcmp(leader, text_of(input, "candidate")) == 0;

    ret_step->is_waiting = leader == NULL;
    ret_step->answer = json_pack(
        "{s:b, s:o, s:I, s:I, s:I}", "is_leader", is_me, "leader", text_or_null(leader), "token",
        (json_int_t)(leader != NULL ? int_of(record, "token", 0) : 0), "until_ms",
        (json_int_t)(leader != NULL ? int_of(record, "until", 0) : 0), "candidates",
        (json_int_t)json_object_size(json_object_get(record, "candidates")));
    return ret_step->answer != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the answer");
}

int elect_step(const json_t *old, int64_t now_ms, const json_t *input, struct step *ret_step,
               struct td_err *err)
{
    json_t *record = old != NULL ? copy_of(old)
                                 : json_pack("{s:n, s:i, s:i, s:i, s:{}}", "leader", "token", 0,
                                             "until", 0, "window", 0, "candidates");
    json_t *candidates = json_object_get(record, "candidates");
    int rc;

    if (record == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the election");
    forget_gone(candidates, now_ms);
    rc = enter(candidates, now_ms, input, err);
    if (rc == 0)
        rc = lead_on(record, now_ms, input, err);
    if (rc == 0)
        rc = answer(record, input, ret_step, err);
    if (rc == 0 && !json_equal(record, old))
        ret_step->record = json_incref(record);
    json_decref(record);
    return rc;
}
