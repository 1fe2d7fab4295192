/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch: opens the module, gives it the loop of each worker, and waits for the end of a request.
 *
 * A coroutine touches curl through tasks on its worker's main stack only. When it is cancelled, or
 * its time is up, it waits until a task has taken the request out of curl's hands.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/module.h"
#include "runtime/runtime.h"

enum { WORKERS_MAX = 256, SOCKETS = 1024 };

/* A descriptor that curl wants to be told of. */
struct watched {
    struct loop *loop;
    int fd;
    struct tdh_fd_watch *in, *out;
};

/* Of one worker. */
struct loop {
    struct tdh_http_engine *engine;
    struct tdh_timer timer;
    struct watched *watched; /* SOCKETS, in use when fd >= 0 */
};

static struct {
    pthread_mutex_t lock; /* of what is opened */
    const char *path;
    void *handle;
    const struct tdh_http_module *module;
    struct loop *loops[WORKERS_MAX];
} http = { .lock = PTHREAD_MUTEX_INITIALIZER };

void tdh_http_setup(const char *module)
{
    http.path = module;
}

/* --- what curl asks of the worker --- */

static void on_in(void *arg)
{
    const struct watched *watched = arg;

    http.module->happened(watched->loop->engine, watched->fd, 1);
}

static void on_out(void *arg)
{
    const struct watched *watched = arg;

    http.module->happened(watched->loop->engine, watched->fd, 2);
}

static void on_timer(struct tdh_timer *timer)
{
    struct loop *loop = (struct loop *)((char *)timer - offsetof(struct loop, timer));

    http.module->happened(loop->engine, -1, 0);
}

static struct watched *find(struct loop *loop, int fd)
{
    struct watched *room = NULL;

    for (int i = 0; i < SOCKETS; i++) {
        if (loop->watched[i].fd == fd)
            return &loop->watched[i];
        if (loop->watched[i].fd < 0 && room == NULL)
            room = &loop->watched[i];
    }
    if (room != NULL)
        room->fd = fd;
    return room;
}

static void set_watch(struct tdh_fd_watch **watch, bool is_wanted, struct watched *watched,
                      struct tdh_fd_watch *make(int, void (*)(void *), void *, struct td_err *),
                      void (*ready)(void *arg))
{
    struct td_err ignored; /* without memory the request ends by its time */

    if (is_wanted == (*watch != NULL))
        return;
    if (is_wanted) {
        *watch = make(watched->fd, ready, watched, &ignored);
        return;
    }
    tdh_fd_watch_free(*watch);
    *watch = NULL;
}

static void watch(void *arg, int fd, int what)
{
    struct loop *loop = arg;
    struct watched *watched = find(loop, fd);

    if (watched == NULL)
        return;
    watched->loop = loop;
    set_watch(&watched->in, what & 1, watched, tdh_fd_watch_new, on_in);
    set_watch(&watched->out, what & 2, watched, tdh_fd_watch_room, on_out);
    if (what == 0)
        watched->fd = -1;
}

static void timer(void *arg, long ms)
{
    struct loop *loop = arg;
    struct td_err ignored;

    if (tdh_worker_self() == NULL) /* at the end */
        return;
    tdh_timer_stop(&loop->timer);
    if (ms >= 0)
        tdh_timer_set(&loop->timer, tdh_clock_mono_ns() + (uint64_t)ms * UINT64_C(1000000),
                      on_timer, &ignored);
}

/* --- opening --- */

static int load(struct td_err *err)
{
    if (http.module != NULL)
        return 0;
    if (http.handle == NULL && http.path != NULL)
        http.handle = dlopen(http.path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (http.handle != NULL)
        http.module = dlsym(http.handle, TDH_HTTP_SYMBOL);
    if (http.module != NULL && http.module->version == TDH_HTTP_MODULE)
        return 0;
    http.module = NULL;
    if (http.handle != NULL)
        return td_fail(err, TD_E_ABI, "\"%s\" is not of this tdev", http.path);
    td_fail(err, TD_E_UNSUPPORTED, "requests cannot be sent: %s",
            http.path != NULL ? dlerror() : "this host has no module for them");
    return td_hint(err, "install tdev again as a whole, and libcurl");
}

static int load_once(struct td_err *err)
{
    int rc;

    pthread_mutex_lock(&http.lock);
    rc = load(err);
    pthread_mutex_unlock(&http.lock);
    return rc;
}

static void free_loop(struct loop *loop)
{
    if (loop == NULL)
        return;
    if (loop->engine != NULL)
        http.module->close(loop->engine);
    for (int i = 0; loop->watched != NULL && i < SOCKETS; i++) {
        tdh_fd_watch_free(loop->watched[i].in);
        tdh_fd_watch_free(loop->watched[i].out);
    }
    free(loop->watched);
    free(loop);
}

static struct loop *new_loop(void)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    struct tdh_http_loop own = { loop, watch, timer };

    if (loop != NULL)
        loop->watched = calloc(SOCKETS, sizeof(*loop->watched));
    if (loop == NULL || loop->watched == NULL) {
        free(loop);
        return NULL;
    }
    for (int i = 0; i < SOCKETS; i++)
        loop->watched[i].fd = -1;
    loop->engine = http.module->open(&own, "tdev");
    if (loop->engine != NULL)
        return loop;
    free_loop(loop);
    return NULL;
}

/* Of this worker, made when there is none. On its main stack. */
static struct loop *loop_here(struct td_err *err)
{
    unsigned place = tdh_worker_index(tdh_worker_self());

    if (place < WORKERS_MAX && http.loops[place] == NULL) {
        pthread_mutex_lock(&http.lock); /* curl's global part is made by one */
        http.loops[place] = new_loop();
        pthread_mutex_unlock(&http.lock);
    }
    if (place < WORKERS_MAX && http.loops[place] != NULL)
        return http.loops[place];
    td_fail(err, TD_E_NOMEM, "could not allocate the sender of requests");
    return NULL;
}

void tdh_http_end(void)
{
    for (int i = 0; i < WORKERS_MAX; i++) {
        free_loop(http.loops[i]);
        http.loops[i] = NULL;
    }
}

/* --- a request --- */

struct fetch {
    struct tdh_http_exchange pub; /* first */
    struct tdh_task begin, end;   /* on the main stack, in this order */
    struct tdh_co *co;
    bool is_dropped;
};

static void wake(struct tdh_http_exchange *exchange)
{
    tdh_co_wake(((struct fetch *)exchange)->co);
}

static void begin(struct tdh_task *task)
{
    struct fetch *fetch = (struct fetch *)((char *)task - offsetof(struct fetch, begin));
    struct loop *loop = loop_here(&fetch->pub.err);

    if (loop != NULL) {
        http.module->send(loop->engine, &fetch->pub);
        return;
    }
    fetch->pub.rc = -1;
    fetch->pub.is_done = true;
    tdh_co_wake(fetch->co);
}

static void give_up(struct tdh_task *task)
{
    struct fetch *fetch = (struct fetch *)((char *)task - offsetof(struct fetch, end));
    const struct loop *loop = http.loops[tdh_worker_index(tdh_worker_self())];

    if (!fetch->pub.is_done && loop != NULL)
        http.module->drop(loop->engine, &fetch->pub);
    fetch->is_dropped = true;
    tdh_co_wake(fetch->co);
}

/* Nobody waits any more: curl lets go of it. */
static void leave(struct fetch *fetch, enum tdh_woken woken)
{
    fetch->end.run = give_up;
    tdh_worker_defer(&fetch->end);
    while (!fetch->is_dropped)
        tdh_co_park();
    if (woken == TDH_WAIT_CANCELLED)
        fetch->pub.rc = td_fail(&fetch->pub.err, TD_E_CANCELLED, "the call was cancelled");
    else
        fetch->pub.rc = td_fail(&fetch->pub.err, TD_E_TIMEOUT, "no reply in time");
}

int tdh_http_fetch(const struct tdh_http_request *request, struct tdh_http_reply *ret_reply,
                   bool *ret_is_sent, struct td_err *err)
{
    struct fetch fetch = { .pub = { .request = request, .done = wake },
                           .begin = { .run = begin },
                           .co = tdh_co_self() };
    enum tdh_woken woken = TDH_WOKEN;

    *ret_is_sent = false;
    if (load_once(err) != 0)
        return -1;
    tdh_worker_defer(&fetch.begin);
    while (!fetch.pub.is_done && woken == TDH_WOKEN)
        woken = tdh_co_wait(request->deadline_ns);
    if (!fetch.pub.is_done)
        leave(&fetch, woken);
    *ret_is_sent = fetch.pub.is_sent;
    if (fetch.pub.rc == 0) {
        *ret_reply = fetch.pub.reply;
        return 0;
    }
    json_decref(fetch.pub.reply.headers);
    free(fetch.pub.reply.body);
    *err = fetch.pub.err;
    return -1;
}
