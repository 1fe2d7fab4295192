/* SPDX-License-Identifier: Apache-2.0 */
/*
 * herald: publishes what the host tells of itself. What is told may come from any thread, where
 * nothing may wait: it is put into a short queue, and a coroutine, made when there is something,
 * takes it to the store. What does not fit is counted, and told in the log.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hook.h"
#include "base/log.h"
#include "observe/observe.h"

enum { NAME_MAX_BYTES = 64 };

struct news {
    char name[NAME_MAX_BYTES];
    json_t *data;
    int64_t time_us;
};

struct tdh_herald {
    struct tdh_events *events;
    bool is_of_daemon;
    struct tdh_worker *home;
    struct tdh_task task;
    pthread_mutex_t lock; /* of what follows */
    struct news queue[TDH_HERALD_QUEUE];
    size_t first, count;
    bool is_called;         /* the task is on its way */
    bool is_at_work;        /* on the home worker only: a coroutine is */
    struct tdh_co *waiting; /* for that to end */
};

/* The life of agents is news where they live on: that of each tdev that is over in a moment would
 * only fill the store. */
static bool is_news(const struct tdh_herald *herald, const char *name)
{
    static const char *const prefixes[] = { "breaker.",        "alert.",       "error.",
                                            "plugin.",         "agent.state.", "agent.config.",
                                            "agent.lifecycle." };
    size_t count = sizeof(prefixes) / sizeof(prefixes[0]) - !herald->is_of_daemon;

    for (size_t i = 0; i < count; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return strlen(name) < NAME_MAX_BYTES;
    return false;
}

static bool take(struct tdh_herald *herald, struct news *ret_news)
{
    bool is_there;

    pthread_mutex_lock(&herald->lock);
    is_there = herald->count > 0;
    if (is_there) {
        *ret_news = herald->queue[herald->first];
        herald->first = (herald->first + 1) % TDH_HERALD_QUEUE;
        herald->count--;
    }
    pthread_mutex_unlock(&herald->lock);
    return is_there;
}

static void publish(struct tdh_herald *herald, const struct news *news)
{
    const struct tdh_event event = { .name = news->name,
                                     .source = "tdev",
                                     .data = news->data,
                                     .hops = (unsigned)json_integer_value(
                                         json_object_get(news->data, "hops")),
                                     .time_us = news->time_us };
    char id[TDH_ID_SIZE];
    struct td_err err;

    if (tdh_event_publish(herald->events, &event, NULL, id, &err) != 0) {
        td_context(&err, "could not publish the event \"%s\"", news->name);
        tdh_log_err(TDH_LOG_WARNING, "herald", &err);
    }
}

static void publish_all(struct tdh_herald *herald)
{
    struct news news;

    while (take(herald, &news)) {
        publish(herald, &news);
        json_decref(news.data);
    }
}

static void work(void *arg)
{
    struct tdh_herald *herald = arg;

    publish_all(herald);
    herald->is_at_work = false;
    if (herald->waiting != NULL)
        tdh_co_wake(herald->waiting);
}

/* Without a coroutine it stays in the queue until the next one is called. */
static void called(struct tdh_task *task)
{
    struct tdh_herald *herald =
        (struct tdh_herald *)((char *)task - offsetof(struct tdh_herald, task));
    struct td_err err;

    pthread_mutex_lock(&herald->lock);
    herald->is_called = false;
    pthread_mutex_unlock(&herald->lock);
    if (herald->is_at_work)
        return;
    herald->is_at_work = true;
    if (tdh_co_spawn(work, herald, NULL, &err) != 0)
        herald->is_at_work = false;
    if (herald->waiting != NULL && !herald->is_at_work)
        tdh_co_wake(herald->waiting);
}

/* Under the lock. */
static void put(struct tdh_herald *herald, const char *name, const json_t *data)
{
    struct news *news = &herald->queue[(herald->first + herald->count) % TDH_HERALD_QUEUE];

    snprintf(news->name, sizeof(news->name), "%s", name);
    news->data = json_incref((json_t *)(uintptr_t)data);
    news->time_us = tdh_clock_us();
    herald->count++;
}

static void hear(void *arg, const char *name, const json_t *data)
{
    struct tdh_herald *herald = arg;
    bool is_to_be_called = false, is_lost;

    if (!is_news(herald, name))
        return;
    pthread_mutex_lock(&herald->lock);
    is_lost = herald->count == TDH_HERALD_QUEUE;
    if (!is_lost) {
        put(herald, name, data);
        is_to_be_called = !herald->is_called;
        herald->is_called = true;
    }
    pthread_mutex_unlock(&herald->lock);
    if (is_lost)
        tdh_log(TDH_LOG_WARNING, "herald", TDH_FACTS(TDH_S("event", name)),
                "an event is not published: too many wait for that");
    if (is_to_be_called)
        tdh_worker_post(herald->home, &herald->task);
}

struct tdh_herald *tdh_herald_new(struct tdh_events *events, bool is_of_daemon, struct td_err *err)
{
    struct tdh_herald *herald = calloc(1, sizeof(*herald));

    if (herald == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the herald");
        return NULL;
    }
    herald->events = events;
    herald->is_of_daemon = is_of_daemon;
    herald->home = tdh_worker_self();
    herald->task.run = called;
    pthread_mutex_init(&herald->lock, NULL);
    if (tdh_hook_add(hear, herald) == 0)
        return herald;
    td_fail(err, TD_E_LIMIT, "too many listen to the host's events");
    pthread_mutex_destroy(&herald->lock);
    free(herald);
    return NULL;
}

static bool is_called(struct tdh_herald *herald)
{
    bool is_so;

    pthread_mutex_lock(&herald->lock);
    is_so = herald->is_called;
    pthread_mutex_unlock(&herald->lock);
    return is_so;
}

void tdh_herald_end(struct tdh_herald *herald)
{
    if (herald == NULL)
        return;
    tdh_hook_remove(hear, herald);
    herald->waiting = tdh_co_self();
    while (herald->is_at_work || is_called(herald))
        tdh_co_park();
    herald->waiting = NULL;
    publish_all(herald);
    pthread_mutex_destroy(&herald->lock);
    free(herald);
}
