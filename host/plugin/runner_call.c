/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner_call: requests to a plugin's process, and how long they may take.
 *
 * A request waits in its coroutine. When its time is over, or it is cancelled, the process is told,
 * and has TDH_RUNNER_STOP_MS to end it; then the process is ended, since nothing else stops an
 * endless loop. What the process asks for is done in the coroutine of the request, one at a time.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "plugin/runner.h"

enum { FRAMES_PER_DRAIN = 256 }; /* then others of the worker have their turn */

/* --- frames that come --- */

static struct tdh_request *find_request(const struct tdh_runner *runner, uint64_t id)
{
    struct tdh_request *request = runner->requests[id % TDH_RUNNER_CALLS];

    return request != NULL && request->id == id ? request : NULL;
}

/* One that is busy with a service looks when that is done: a wake would end some other wait. */
static void wake(const struct tdh_request *request)
{
    if (request->is_waiting)
        tdh_co_wake(request->co);
}

/* Keeps it as what the request waits for. False: it has that already, or there is none such. */
static bool give(struct tdh_runner *runner, struct tdh_frame *frame)
{
    struct tdh_request *request = find_request(runner, frame->head.call);

    if (request == NULL || request->done != NULL || request->ask != NULL)
        return false;
    if (frame->head.kind == TDH_FRAME_DONE)
        request->done = frame;
    else
        request->ask = frame;
    wake(request);
    return true;
}

/* A second's worth, then no more of it; how many were lost is told with the next second. */
bool tdh_runner_may_log(struct tdh_runner *runner)
{
    uint64_t second = tdh_clock_mono_ns() / UINT64_C(1000000000);

    if (second != runner->log_second) {
        if (runner->logs_lost > 0)
            tdh_log(TDH_LOG_WARNING, "plugin",
                    TDH_FACTS(TDH_S("plugin", runner->plugin->manifest->name),
                              TDH_I("lines", runner->logs_lost)),
                    "more lines a second than are taken: these are lost");
        runner->log_second = second;
        runner->logs = runner->logs_lost = 0;
    }
    if (runner->logs < TDH_RUNNER_LOGS) {
        runner->logs++;
        return true;
    }
    runner->logs_lost++;
    return false;
}

static bool write_log(struct tdh_runner *runner, const struct tdh_frame *frame)
{
    static const enum tdh_log_level levels[] = { TDH_LOG_DEBUG, TDH_LOG_INFO, TDH_LOG_WARNING,
                                                 TDH_LOG_ERROR };
    size_t at = 0;
    const char *instance = tdh_frame_text(frame, &at);
    const char *text = instance != NULL ? tdh_frame_text(frame, &at) : NULL;
    char unit[160];

    if (text == NULL || frame->head.place >= sizeof(levels) / sizeof(levels[0]))
        return false;
    snprintf(unit, sizeof(unit), "%s/%.80s", runner->plugin->manifest->name, instance);
    if (tdh_log_wants(levels[frame->head.place]) && tdh_runner_may_log(runner))
        tdh_log(levels[frame->head.place], unit, TDH_NO_FACTS, "%s", text);
    return true;
}

static void take(struct tdh_runner *runner, struct tdh_frame *frame)
{
    bool is_good = false, is_kept = false;

    switch (frame->head.kind) {
    case TDH_FRAME_LOG:
        is_good = write_log(runner, frame);
        break;
    case TDH_FRAME_DONE:
    case TDH_FRAME_ASK:
        is_good = is_kept = give(runner, frame);
        break;
    default:
        break;
    }
    if (!is_good)
        tdh_runner_kill(runner, "it sent a message that makes no sense here");
    if (!is_kept)
        free(frame);
}

static void drain_again(struct tdh_task *task)
{
    struct tdh_runner *runner =
        (struct tdh_runner *)((char *)task - offsetof(struct tdh_runner, again));

    runner->is_again = false;
    if (runner->generation != 0)
        tdh_runner_drain(runner);
}

static void drain_later(struct tdh_runner *runner)
{
    if (runner->is_again || tdh_worker_self() == NULL)
        return;
    runner->is_again = true;
    runner->again.run = drain_again;
    tdh_worker_defer(&runner->again);
}

void tdh_runner_drain(struct tdh_runner *runner)
{
    struct tdh_frame *frame;

    tdh_link_flush(&runner->link);
    do
        for (unsigned i = 0; (frame = tdh_link_take(&runner->link)) != NULL; i++) {
            take(runner, frame);
            if (i == FRAMES_PER_DRAIN) {
                drain_later(runner);
                return;
            }
        }
    while (runner->link.fault == NULL && tdh_link_await(&runner->link, true));
    if (runner->link.fault != NULL)
        tdh_runner_kill(runner, "%s", runner->link.fault);
}

/* --- requests --- */

static int enter(struct tdh_request *request, struct td_err *err)
{
    struct tdh_runner *runner = request->runner;

    if (runner->request_count == TDH_RUNNER_CALLS)
        return td_fail(err, TD_E_LIMIT, "plugin \"%s\": %d calls are under way already",
                       runner->plugin->manifest->name, TDH_RUNNER_CALLS);
    do
        request->id = ++runner->request_serial;
    while (runner->requests[request->id % TDH_RUNNER_CALLS] != NULL);
    runner->requests[request->id % TDH_RUNNER_CALLS] = request;
    runner->request_count++;
    return 0;
}

static void leave(struct tdh_request *request)
{
    struct tdh_runner *runner = request->runner;

    tdh_timer_stop(&request->timer);
    free(request->ask);
    if (request->is_gone)
        return;
    runner->requests[request->id % TDH_RUNNER_CALLS] = NULL;
    runner->request_count--;
}

void tdh_runner_end_requests(struct tdh_runner *runner)
{
    for (size_t i = 0; i < TDH_RUNNER_CALLS; i++) {
        struct tdh_request *request = runner->requests[i];

        if (request == NULL)
            continue;
        runner->requests[i] = NULL;
        request->is_gone = true;
        wake(request);
    }
    runner->request_count = 0;
}

static void on_late(struct tdh_timer *timer)
{
    struct tdh_request *request =
        (struct tdh_request *)((char *)timer - offsetof(struct tdh_request, timer));

    tdh_runner_kill(request->runner, "%s did not end within %d s after it was told to",
                    request->what, TDH_RUNNER_STOP_MS / 1000);
}

static void tell_to_stop(struct tdh_request *request)
{
    const struct tdh_frame_head head = { .kind = TDH_FRAME_CANCEL, .call = request->id };
    uint64_t at_ns = tdh_clock_mono_ns() + TDH_RUNNER_STOP_MS * UINT64_C(1000000);
    struct td_err err;

    if (tdh_link_send(&request->runner->link, &head, NULL, 0, &err) != 0 ||
        tdh_timer_set(&request->timer, at_ns, on_late, &err) != 0)
        tdh_runner_kill(request->runner, "it could not be told to stop: %s", err.text);
}

static bool has_news(const struct tdh_request *request)
{
    return request->ask != NULL || request->done != NULL || request->is_gone;
}

static void wait_for_news(struct tdh_request *request, uint64_t until_ns)
{
    while (!has_news(request)) {
        enum tdh_woken woken = TDH_WOKEN;

        request->is_waiting = true;
        if (request->told != TD_OK)
            tdh_co_park();
        else
            woken = tdh_co_wait(until_ns);
        request->is_waiting = false;
        if (woken == TDH_WOKEN || has_news(request))
            continue;
        request->told = woken == TDH_WAIT_CANCELLED ? TD_E_CANCELLED : TD_E_TIMEOUT;
        tell_to_stop(request);
    }
}

static void converse(struct tdh_request *request, struct tdh_ctx *ctx, uint64_t until_ns)
{
    for (;;) {
        struct tdh_frame *ask;

        wait_for_news(request, until_ns);
        if (request->done != NULL || request->is_gone)
            return;
        ask = request->ask;
        request->ask = NULL;
        tdh_runner_serve(request, ask, ctx);
        free(ask);
    }
}

static int fail_gone(const struct tdh_request *request, struct td_err *err)
{
    *err = request->runner->why;
    if (request->told != TD_OK) {
        err->code = request->told;
        err->is_retryable = td_code_info(request->told)->is_retryable;
    }
    return -1;
}

static int take_done(const struct tdh_request *request, struct tdh_frame **ret_done,
                     struct td_err *err)
{
    if (request->done == NULL)
        return fail_gone(request, err);
    if (request->done->head.rc == 0) {
        *ret_done = request->done;
        return 0;
    }
    tdh_frame_get_err(request->done, err);
    free(request->done);
    return -1;
}

int tdh_runner_request(struct tdh_runner *runner, const struct tdh_frame_head *head,
                       const struct tdh_buf *payload, struct tdh_ctx *ctx, uint64_t until_ns,
                       const char *what, bool *ret_is_gone, struct tdh_frame **ret_done,
                       struct td_err *err)
{
    struct tdh_request request = { .runner = runner, .co = tdh_co_self(), .what = what };
    struct tdh_frame_head own = *head;
    int rc;

    *ret_is_gone = false;
    if (payload->failed)
        return td_fail(err, TD_E_NOMEM, "could not allocate a message for a plugin's process");
    if (runner->generation == 0) { /* it ended since the caller looked */
        *err = runner->why;
        return -1;
    }
    if (enter(&request, err) != 0)
        return -1;
    own.call = request.id;
    rc = tdh_link_send(&runner->link, &own, payload->data, payload->length, err);
    if (rc == 0) {
        runner->lookout.is_hopeful = true;
        converse(&request, ctx, until_ns);
        rc = take_done(&request, ret_done, err);
        *ret_is_gone = request.done == NULL;
        if (request.done != NULL && head->kind == TDH_FRAME_CALL)
            runner->crashes = 0;
    }
    leave(&request);
    return rc;
}
