/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool: instances of a named agent that wait for calls, the one used last on top, so that those
 * nobody needs grow old at the bottom.
 *
 * The lock is held for a few instructions only; instances are made and ended on the agent's home
 * worker, whose slabs they are in, with their place in `count` taken before and given back after.
 */
#include "agent/pool.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"

static struct tdh_metric instances =
    TDH_GAUGE("tdev_pool_instances", "Instances in pools of named agents");
static struct tdh_metric instances_made =
    TDH_COUNTER("tdev_pool_instances_made_total", "Instances made for pools");
static struct tdh_metric instances_thrown = TDH_COUNTER(
    "tdev_pool_instances_thrown_total", "Instances thrown away, as their call or reset failed");

struct idle {
    struct tdh_cell_agent *cell;
    uint64_t since_ns;
};

struct tdh_pool {
    pthread_mutex_t lock; /* of what follows */
    unsigned min, max;
    uint64_t idle_ns;
    int64_t timeout_ms; /* of making one */
    bool is_reset, is_closed;
    unsigned count; /* all there are, also those being made or ended */
    unsigned idle_count, most;
    uint64_t made, reused, resets, shrunk, thrown;
    struct idle idle[]; /* of max; the top is the last one */
};

int tdh_pool_new(struct tdh_agent_template *template, const struct tdh_life_settings *settings,
                 struct td_err *err)
{
    struct tdh_pool *pool = calloc(1, sizeof(*pool) + settings->pool_max * sizeof(pool->idle[0]));

    if (pool == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the pool of agent \"%s\"",
                       template->name);
    pthread_mutex_init(&pool->lock, NULL);
    pool->min = settings->pool_min;
    pool->max = settings->pool_max;
    pool->idle_ns = (uint64_t)settings->idle_ms * 1000000;
    pool->timeout_ms = settings->timeout_ms;
    pool->is_reset = settings->is_reset;
    template->pool = pool;
    return 0;
}

void tdh_pool_free(struct tdh_agent_template *template)
{
    if (template->pool == NULL)
        return;
    tdh_metric_add(&instances, -(int64_t) template->pool->count);
    pthread_mutex_destroy(&template->pool->lock);
    free(template->pool);
    template->pool = NULL;
}

/* --- places --- */

/* Under the lock. */
static void push(struct tdh_pool *pool, struct tdh_cell_agent *cell)
{
    pool->idle[pool->idle_count++] = (struct idle){ cell, tdh_clock_mono_ns() };
}

static void count_one(struct tdh_pool *pool, bool is_more)
{
    pool->count += is_more ? 1U : -1U;
    if (pool->count > pool->most)
        pool->most = pool->count;
    tdh_metric_add(&instances, is_more ? 1 : -1);
}

static void give_place(struct tdh_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    count_one(pool, false);
    pthread_mutex_unlock(&pool->lock);
}

/* A place for another, if there are fewer than `most`. */
static bool take_place(struct tdh_pool *pool, unsigned most)
{
    bool is_taken;

    pthread_mutex_lock(&pool->lock);
    is_taken = pool->count < most && !pool->is_closed;
    if (is_taken)
        count_one(pool, true);
    pthread_mutex_unlock(&pool->lock);
    return is_taken;
}

/* --- making and ending, at home --- */

struct errand {
    struct tdh_agent_template *template;
    struct tdh_cell_agent *cell; /* NULL: one is to be made */
    uint64_t deadline_ns;
    struct td_err *err;
};

static void make_here(void *arg)
{
    struct errand *errand = arg;
    struct tdh_birth birth;

    tdh_agent_birth(&birth, errand->template, "init", errand->deadline_ns);
    errand->cell = tdh_agent_cell_new(errand->template, &birth, NULL, errand->err);
    if (errand->cell == NULL ||
        tdh_agent_verify(errand->template, errand->cell, &birth, errand->err) == 0)
        return;
    tdh_agent_cell_end(errand->template, errand->cell);
    errand->cell = NULL;
}

static void end_here(void *arg)
{
    struct errand *errand = arg;

    tdh_agent_cell_end(errand->template, errand->cell);
}

/* Its place is taken, and is given back when that fails. */
static struct tdh_cell_agent *make(struct tdh_agent_template *template, uint64_t deadline_ns,
                                   struct td_err *err)
{
    struct tdh_pool *pool = template->pool;
    uint64_t until_ns = tdh_clock_mono_ns() + (uint64_t)pool->timeout_ms * 1000000;
    struct errand errand = { template, NULL, until_ns < deadline_ns ? until_ns : deadline_ns, err };

    if (template->home == tdh_worker_self())
        make_here(&errand);
    else
        tdh_hop(template->home, make_here, &errand, err);
    if (errand.cell == NULL) {
        give_place(pool);
        return NULL;
    }
    pthread_mutex_lock(&pool->lock);
    pool->made++;
    pthread_mutex_unlock(&pool->lock);
    tdh_metric_add(&instances_made, 1);
    return errand.cell;
}

static void end(struct tdh_agent_template *template, struct tdh_cell_agent *cell)
{
    struct td_err ignored; /* it ends with the template then */
    struct errand errand = { template, cell, TDH_NEVER, &ignored };

    if (template->home == tdh_worker_self() || tdh_worker_self() == NULL)
        end_here(&errand);
    else
        tdh_hop(template->home, end_here, &errand, &ignored);
    give_place(template->pool);
}

/* Until there are `min`. */
static int fill(struct tdh_agent_template *template, struct td_err *err)
{
    struct tdh_pool *pool = template->pool;

    while (take_place(pool, pool->min)) {
        struct tdh_cell_agent *cell = make(template, TDH_NEVER, err);

        if (cell == NULL)
            return -1;
        pthread_mutex_lock(&pool->lock);
        push(pool, cell);
        pthread_mutex_unlock(&pool->lock);
    }
    return 0;
}

int tdh_pool_warm(struct tdh_agent_template *template, struct td_err *err)
{
    struct tdh_pool *pool = template->pool;
    unsigned depth;
    int rc;

    if (pool == NULL)
        return 0;
    pthread_mutex_lock(&pool->lock);
    push(pool, template->own);
    count_one(pool, true);
    pool->made++;
    pthread_mutex_unlock(&pool->lock);
    depth = tdh_plugins_pause(template->agents->options.plugins);
    rc = fill(template, err);
    tdh_plugins_resume(template->agents->options.plugins, depth);
    return rc;
}

/* --- calls --- */

static struct tdh_cell_agent *of_ancestor(const struct tdh_agent_template *template,
                                          const struct tdh_call *call)
{
    for (const struct tdh_call *at = call->parent; at != NULL; at = at->parent) {
        struct tdh_cell_agent *cell = at->subject;

        if (cell != NULL && at->target->limiter == &template->limiter)
            return cell;
    }
    return NULL;
}

int tdh_pool_take(struct tdh_agent_template *template, const struct tdh_call *call,
                  struct tdh_cell_agent **ret_cell, bool *ret_is_taken, struct td_err *err)
{
    struct tdh_pool *pool = template->pool;
    struct tdh_cell_agent *cell = NULL;

    pthread_mutex_lock(&pool->lock);
    if (pool->idle_count > 0) {
        cell = pool->idle[--pool->idle_count].cell;
        pool->reused++;
    }
    pthread_mutex_unlock(&pool->lock);
    *ret_is_taken = true;
    if (cell == NULL && take_place(pool, pool->max)) {
        cell = make(template, call->deadline_ns, err);
        if (cell == NULL)
            return -1;
    }
    if (cell == NULL) {
        *ret_is_taken = false;
        cell = of_ancestor(template, call);
    }
    if (cell == NULL)
        return td_fail(err, TD_E_UNAVAILABLE, "agent \"%s\": all %u instances are in use",
                       template->name, pool->max);
    *ret_cell = cell;
    return 0;
}

/* Its own fault, which the next call would meet again. */
static bool is_spoilt(const struct td_err *error)
{
    return error != NULL && !error->is_retryable &&
           (error->code == TD_E_INTERNAL || error->code == TD_E_CORRUPT);
}

static bool make_as_new(struct tdh_agent_template *template, struct tdh_cell_agent *cell)
{
    struct td_err err;

    if (!template->pool->is_reset)
        return true;
    if (!tdh_agent_can_reset(template))
        return false;
    if (tdh_agent_reset(template, cell, &err) == 0)
        return true;
    tdh_log_err(TDH_LOG_WARNING, "agent", &err);
    return false;
}

void tdh_pool_give(struct tdh_agent_template *template, struct tdh_cell_agent *cell,
                   const struct td_err *error)
{
    struct tdh_pool *pool = template->pool;
    bool is_good = !is_spoilt(error), is_kept = is_good && make_as_new(template, cell);

    pthread_mutex_lock(&pool->lock);
    pool->resets += is_kept && pool->is_reset;
    pool->thrown += !is_good;
    is_kept = is_kept && !pool->is_closed;
    if (is_kept)
        push(pool, cell);
    pthread_mutex_unlock(&pool->lock);
    if (!is_good)
        tdh_metric_add(&instances_thrown, 1);
    if (!is_kept)
        end(template, cell);
}

/* --- now and then --- */

/* The oldest, when it is idle for too long and not needed; NULL: none. */
static struct tdh_cell_agent *take_oldest(struct tdh_pool *pool, uint64_t now_ns)
{
    struct tdh_cell_agent *cell = NULL;

    pthread_mutex_lock(&pool->lock);
    if (pool->idle_count > 0 &&
        (pool->is_closed ||
         (pool->count > pool->min && now_ns - pool->idle[0].since_ns >= pool->idle_ns))) {
        cell = pool->idle[0].cell;
        pool->idle_count--;
        for (unsigned i = 0; i < pool->idle_count; i++)
            pool->idle[i] = pool->idle[i + 1];
        pool->shrunk += !pool->is_closed;
    }
    pthread_mutex_unlock(&pool->lock);
    return cell;
}

void tdh_pool_tend(struct tdh_agent_template *template)
{
    uint64_t now_ns = tdh_clock_mono_ns();
    struct tdh_cell_agent *cell;
    struct td_err err;

    while ((cell = take_oldest(template->pool, now_ns)) != NULL)
        end(template, cell);
    if (fill(template, &err) != 0)
        tdh_log_err(TDH_LOG_WARNING, "agent", &err);
}

void tdh_pool_close(struct tdh_agent_template *template)
{
    struct tdh_cell_agent *cell;

    pthread_mutex_lock(&template->pool->lock);
    template->pool->is_closed = true;
    pthread_mutex_unlock(&template->pool->lock);
    while ((cell = take_oldest(template->pool, 0)) != NULL)
        end(template, cell);
}

json_t *tdh_pool_status(const struct tdh_agent_template *template)
{
    struct tdh_pool *pool = template->pool;
    json_t *status;

    if (pool == NULL)
        return NULL;
    pthread_mutex_lock(&pool->lock);
    status = json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:I}", "min",
                       (int)pool->min, "max", (int)pool->max, "instances", (int)pool->count, "idle",
                       (int)pool->idle_count, "busy", (int)(pool->count - pool->idle_count), "most",
                       (int)pool->most, "made", (json_int_t)pool->made, "reused",
                       (json_int_t)pool->reused, "resets", (json_int_t)pool->resets, "shrunk",
                       (json_int_t)pool->shrunk, "thrown", (json_int_t)pool->thrown);
    pthread_mutex_unlock(&pool->lock);
    return status;
}
