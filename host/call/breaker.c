/* SPDX-License-Identifier: Apache-2.0 */
/*
 * breaker: leaves an action alone that keeps failing. Closed: calls go through. Open: none does,
 * until the cool-down is over. Half open: a few do; when they succeed it closes, when one fails it
 * opens again, for longer.
 *
 * A call that finds it closed and succeeds takes no lock: it reads the state, and counts in the
 * window when there is one. Whatever changes the state holds the lock. The state has a generation,
 * and what comes back from a call that began in an earlier one counts for nothing.
 *
 * The window is a ring of cells, each a word: when it is of, failures and calls. What overflows is
 * halved, so the share stays.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hook.h"
#include "base/log.h"
#include "base/metric.h"
#include "call/internal.h"

enum { CELLS = 10, COUNT_BITS = 20, TIME_BITS = 24, BUSY_MS = 1000 };
#define COUNT_MAX ((UINT64_C(1) << COUNT_BITS) - 1)
#define TIME_MAX ((UINT64_C(1) << TIME_BITS) - 1)

enum state { CLOSED, OPEN, HALF_OPEN };

struct tdh_breaker {
    const struct tdh_breaker_rule *rule;
    const struct tdh_target *target;
    struct tdh_breaker *next; /* of all there are */
    atomic_uint word;         /* generation and state */
    atomic_uint in_row;       /* failures */
    _Atomic uint64_t cells[CELLS];
    pthread_mutex_t lock; /* for what is below, and for changing the word */
    uint64_t until_ns;    /* open until then */
    int64_t since_us;     /* when it opened first */
    double cool_down_ms;  /* of this time */
    unsigned probes_left, probes_done;
    char why[TD_ERR_HINT]; /* the failure that opened it */
};

static struct tdh_breaker *all;
static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static struct tdh_metric opened = TDH_COUNTER("tdev_breakers_opened_total", "Breakers that opened");
static struct tdh_metric refused =
    TDH_COUNTER("tdev_breaker_refusals_total", "Calls that a breaker refused");

static enum state state_of(unsigned word)
{
    return (enum state)(word & 3U);
}

static void set_state(struct tdh_breaker *breaker, enum state state)
{
    unsigned word = atomic_load(&breaker->word);

    atomic_store(&breaker->word, ((word >> 2) + 1) << 2 | state);
}

/* --- the window --- */

static uint64_t cell_time(const struct tdh_breaker *breaker, uint64_t now_ns)
{
    return now_ns / ((uint64_t)breaker->rule->window_ms * 1000000 / CELLS);
}

static uint64_t add_to(uint64_t cell, uint64_t time, bool is_failure)
{
    uint64_t calls = 0, failures = 0;

    if (cell >> (2 * COUNT_BITS) == (time & TIME_MAX)) {
        calls = cell & COUNT_MAX;
        failures = cell >> COUNT_BITS & COUNT_MAX;
    }
    if (calls == COUNT_MAX) {
        calls /= 2;
        failures /= 2;
    }
    return (time & TIME_MAX) << (2 * COUNT_BITS) | (failures + is_failure) << COUNT_BITS |
           (calls + 1);
}

static void count_in_window(struct tdh_breaker *breaker, uint64_t now_ns, bool is_failure)
{
    uint64_t time = cell_time(breaker, now_ns);
    _Atomic uint64_t *cell = &breaker->cells[time % CELLS];
    uint64_t old = atomic_load_explicit(cell, memory_order_relaxed);

    while (!atomic_compare_exchange_weak_explicit(cell, &old, add_to(old, time, is_failure),
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
}

static bool is_rate_reached(const struct tdh_breaker *breaker, uint64_t now_ns)
{
    uint64_t time = cell_time(breaker, now_ns), calls = 0, failures = 0;

    for (unsigned i = 0; i < CELLS; i++) {
        uint64_t cell = atomic_load_explicit(&breaker->cells[i], memory_order_relaxed);

        if (((time - (cell >> (2 * COUNT_BITS))) & TIME_MAX) >= CELLS)
            continue;
        calls += cell & COUNT_MAX;
        failures += cell >> COUNT_BITS & COUNT_MAX;
    }
    return calls >= breaker->rule->min_calls &&
           (double)failures >= breaker->rule->rate * (double)calls;
}

/* --- telling --- */

static json_t *describe(const struct tdh_breaker *breaker, uint64_t now_ns)
{
    static const char *const names[] = { "closed", "open", "half_open" };
    enum state state = state_of(atomic_load(&breaker->word));
    char since[40];
    json_t *row = json_pack("{s:s, s:s, s:s*, s:s}", "agent", breaker->target->name, "action",
                            breaker->target->action, "plugin", breaker->target->plugin, "state",
                            names[state]);

    if (row == NULL || state == CLOSED)
        return row;
    tdh_clock_print(breaker->since_us, since, sizeof(since));
    json_object_set_new(row, "since", json_string(since));
    json_object_set_new(row, "why", json_string(breaker->why));
    if (state == OPEN)
        json_object_set_new(row, "retry_after_ms",
                            json_integer(breaker->until_ns > now_ns
                                             ? (json_int_t)((breaker->until_ns - now_ns) / 1000000)
                                             : 0));
    return row;
}

/* Under the lock; what is told is told without. */
static json_t *change(struct tdh_breaker *breaker, enum state state, uint64_t now_ns)
{
    set_state(breaker, state);
    return describe(breaker, now_ns);
}

static void announce(const char *name, json_t *data)
{
    const char *agent = json_string_value(json_object_get(data, "agent")),
               *action = json_string_value(json_object_get(data, "action")),
               *why = json_string_value(json_object_get(data, "why"));

    if (data == NULL)
        return;
    tdh_log(TDH_LOG_WARNING, "breaker",
            TDH_FACTS(TDH_S("agent", agent), TDH_S("action", action), TDH_S("now", name),
                      TDH_S("why", why != NULL ? why : "")),
            "a breaker is in another state");
    tdh_hook_event(name, data);
    json_decref(data);
}

/* --- states --- */

static json_t *open_it(struct tdh_breaker *breaker, uint64_t now_ns, const struct td_err *error)
{
    const struct tdh_breaker_rule *rule = breaker->rule;
    bool is_again = state_of(atomic_load(&breaker->word)) == HALF_OPEN;

    breaker->cool_down_ms =
        is_again ? breaker->cool_down_ms * rule->growth : (double)rule->cool_down_ms;
    if (breaker->cool_down_ms > (double)rule->max_ms)
        breaker->cool_down_ms = (double)rule->max_ms;
    breaker->until_ns = now_ns + (uint64_t)(breaker->cool_down_ms * 1000000);
    if (!is_again)
        breaker->since_us = tdh_clock_us();
    snprintf(breaker->why, sizeof(breaker->why), "%.*s", (int)sizeof(breaker->why) - 1,
             error->text);
    tdh_metric_add(&opened, 1);
    return change(breaker, OPEN, now_ns);
}

static json_t *close_it(struct tdh_breaker *breaker, uint64_t now_ns)
{
    atomic_store(&breaker->in_row, 0);
    for (unsigned i = 0; i < CELLS; i++)
        atomic_store(&breaker->cells[i], 0);
    return change(breaker, CLOSED, now_ns);
}

static int refuse(const struct tdh_breaker *breaker, uint64_t now_ns, struct td_err *err)
{
    bool is_open = state_of(atomic_load(&breaker->word)) == OPEN;
    uint64_t left_ms = is_open ? (breaker->until_ns - now_ns + 999999) / 1000000 : BUSY_MS;
    char since[40];

    tdh_metric_add(&refused, 1);
    tdh_clock_print(breaker->since_us, since, sizeof(since));
    td_fail(err, TD_E_UNAVAILABLE,
            "\"%s\" action \"%s\" was not called: its breaker is %s since %s, %s in %.1f s",
            breaker->target->name, breaker->target->action, is_open ? "open" : "half open", since,
            is_open ? "the next try is" : "others are trying it; look again",
            (double)left_ms / 1000);
    td_hint(err, "it opened as it kept failing: %s", breaker->why);
    err->retry_after_ms = (uint32_t)left_ms;
    return -1;
}

/* Anything but closed. */
static int enter_slowly(struct tdh_breaker *breaker, uint64_t now_ns, unsigned *ret_ticket,
                        struct td_err *err)
{
    json_t *told = NULL;
    int rc = 0;

    pthread_mutex_lock(&breaker->lock);
    if (state_of(atomic_load(&breaker->word)) == OPEN && now_ns >= breaker->until_ns) {
        breaker->probes_left = breaker->rule->probes;
        breaker->probes_done = 0;
        told = change(breaker, HALF_OPEN, now_ns);
    }
    if (state_of(atomic_load(&breaker->word)) == HALF_OPEN && breaker->probes_left > 0)
        breaker->probes_left--;
    else if (state_of(atomic_load(&breaker->word)) != CLOSED)
        rc = refuse(breaker, now_ns, err);
    *ret_ticket = atomic_load(&breaker->word);
    pthread_mutex_unlock(&breaker->lock);
    announce("breaker.half_open", told);
    return rc;
}

int tdh_breaker_enter(struct tdh_breaker *breaker, uint64_t now_ns, unsigned *ret_ticket,
                      struct td_err *err)
{
    *ret_ticket = atomic_load_explicit(&breaker->word, memory_order_acquire);
    return state_of(*ret_ticket) == CLOSED ? 0 : enter_slowly(breaker, now_ns, ret_ticket, err);
}

/* What has succeeded, without a lock. */
static void note_success(struct tdh_breaker *breaker, uint64_t now_ns)
{
    if (atomic_load_explicit(&breaker->in_row, memory_order_relaxed) != 0)
        atomic_store_explicit(&breaker->in_row, 0, memory_order_relaxed);
    if (breaker->rule->rate > 0)
        count_in_window(breaker, now_ns, false);
}

static bool is_too_much(struct tdh_breaker *breaker, uint64_t now_ns)
{
    const struct tdh_breaker_rule *rule = breaker->rule;
    unsigned in_row = atomic_fetch_add(&breaker->in_row, 1) + 1;

    if (rule->rate > 0)
        count_in_window(breaker, now_ns, true);
    return (rule->failures > 0 && in_row >= rule->failures) ||
           (rule->rate > 0 && is_rate_reached(breaker, now_ns));
}

/* Under the lock. What it told is new, with the name of the event; NULL: nothing. */
static json_t *note_probe(struct tdh_breaker *breaker, uint64_t now_ns, const struct td_err *error,
                          bool counts, const char **ret_name)
{
    *ret_name = "breaker.closed";
    if (error == NULL)
        return ++breaker->probes_done >= breaker->rule->probes ? close_it(breaker, now_ns) : NULL;
    if (!counts) {
        breaker->probes_left++; /* it tells nothing: another one may try */
        return NULL;
    }
    *ret_name = "breaker.opened";
    return open_it(breaker, now_ns, error);
}

void tdh_breaker_leave(struct tdh_breaker *breaker, unsigned ticket, uint64_t now_ns,
                       const struct td_err *error)
{
    bool counts = error != NULL && (breaker->rule->codes & 1U << error->code) != 0;
    const char *name = "breaker.opened";
    json_t *told = NULL;

    if (state_of(ticket) == CLOSED && !counts) {
        if (error == NULL)
            note_success(breaker, now_ns);
        return;
    }
    pthread_mutex_lock(&breaker->lock);
    if (atomic_load(&breaker->word) != ticket)
        told = NULL; /* of an earlier time */
    else if (state_of(ticket) == HALF_OPEN)
        told = note_probe(breaker, now_ns, error, counts, &name);
    else if (is_too_much(breaker, now_ns))
        told = open_it(breaker, now_ns, error);
    pthread_mutex_unlock(&breaker->lock);
    announce(name, told);
}

/* The clock is looked at only when it counts. */
int tdh_stage_breaker(struct tdh_call *call, unsigned next, struct td_err *err)
{
    struct tdh_breaker *breaker = call->target->breaker;
    unsigned ticket = atomic_load_explicit(&breaker->word, memory_order_acquire);
    bool needs_time;
    int rc;

    if (state_of(ticket) != CLOSED &&
        tdh_breaker_enter(breaker, tdh_clock_mono_ns(), &ticket, err) != 0)
        return -1;
    rc = tdh_call_next(call, next, err);
    needs_time = rc != 0 || breaker->rule->rate > 0 || state_of(ticket) != CLOSED;
    tdh_breaker_leave(breaker, ticket, needs_time ? tdh_clock_mono_ns() : 0, rc != 0 ? err : NULL);
    return rc;
}

/* --- life --- */

struct tdh_breaker *tdh_breaker_new(const struct tdh_breaker_rule *rule,
                                    const struct tdh_target *target, struct td_err *err)
{
    struct tdh_breaker *breaker = calloc(1, sizeof(*breaker));

    if (breaker == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the breaker of \"%s\"", target->name);
        return NULL;
    }
    breaker->rule = rule;
    breaker->target = target;
    pthread_mutex_init(&breaker->lock, NULL);
    pthread_mutex_lock(&all_lock);
    breaker->next = all;
    all = breaker;
    pthread_mutex_unlock(&all_lock);
    return breaker;
}

void tdh_breaker_free(struct tdh_breaker *breaker)
{
    struct tdh_breaker **link = &all;

    if (breaker == NULL)
        return;
    pthread_mutex_lock(&all_lock);
    while (*link != breaker)
        link = &(*link)->next;
    *link = breaker->next;
    pthread_mutex_unlock(&all_lock);
    pthread_mutex_destroy(&breaker->lock);
    free(breaker);
}

json_t *tdh_breakers_list(void)
{
    json_t *list = json_array();
    uint64_t now_ns = tdh_clock_mono_ns();

    pthread_mutex_lock(&all_lock);
    for (struct tdh_breaker *breaker = all; breaker != NULL; breaker = breaker->next) {
        pthread_mutex_lock(&breaker->lock);
        json_array_append_new(list, describe(breaker, now_ns));
        pthread_mutex_unlock(&breaker->lock);
    }
    pthread_mutex_unlock(&all_lock);
    return list;
}
