/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_retry: how long the pattern retry waits behind which attempt. What comes of the attempts
 * stands in its conform.yaml.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <tdev/plugin.h>

#include <cmocka.h>

extern const struct td_entry td_entry;

/* A host that fails every call, and writes down every wait. */
struct host {
    struct td_asks asks; /* first: what the reducer gets */
    char waits[256];
    uint64_t tag; /* of the newest ask */
    bool is_waiting;
};

static int ask_call(struct td_asks *asks, const struct td_ask *ask, uint32_t *ret_ask,
                    struct td_err *err)
{
    struct host *host = (struct host *)asks;

    (void)ret_ask;
    (void)err;
    host->tag = ask->tag;
    host->is_waiting = false;
    json_decref(ask->input);
    return 0;
}

static int ask_timer(struct td_asks *asks, const char *path, uint64_t tag, uint64_t delay_ms,
                     uint32_t *ret_ask, struct td_err *err)
{
    struct host *host = (struct host *)asks;
    size_t used = strlen(host->waits);

    (void)path;
    (void)ret_ask;
    (void)err;
    snprintf(host->waits + used, sizeof(host->waits) - used, "%llu ", (unsigned long long)delay_ms);
    host->tag = tag;
    host->is_waiting = true;
    return 0;
}

static const struct td_asks_ops ops = { TD_SIZE(struct td_asks_ops), .call = ask_call,
                                        .timer = ask_timer };

/* Until the attempts are used up; the error of the end. */
static void run(struct host *host, const json_t *config, struct td_err *ret_error)
{
    const struct td_reducer *reducer = td_entry.plugin->pattern->reducer;
    const struct td_err why = { .code = TD_E_EXEC, .text = "no" };
    max_align_t state[16] = { 0 };
    void *plan = NULL;
    int rc = reducer->prepare(config, &plan, ret_error);

    assert_int_equal(rc, 0);
    assert_true(reducer->state_size <= sizeof(state));
    rc = reducer->start(state, plan, json_null(), &host->asks, ret_error);
    while (rc == 0) {
        struct td_event event = { TD_SIZE(struct td_event), .tag = host->tag,
                                  .kind = host->is_waiting ? TD_EVENT_DONE : TD_EVENT_FAILED };

        event.error = host->is_waiting ? NULL : &why;
        event.output = json_null();
        rc = reducer->fold(state, plan, &event, &host->asks, ret_error);
    }
    reducer->drop(state, plan);
    reducer->release(plan);
}

static void the_waits_grow_as_the_configuration_says(void **state)
{
    static const struct {
        const char *policy, *want;
    } cases[] = {
        { "\"max_attempts\": 3", "" },
        { "\"max_attempts\": 4, \"initial\": \"10ms\"", "10 10 10 " },
        { "\"max_attempts\": 5, \"initial\": \"10ms\", \"backoff\": \"linear\"", "10 20 30 40 " },
        { "\"max_attempts\": 6, \"initial\": \"10ms\", \"backoff\": \"exponential\"",
          "10 20 40 80 160 " },
        { "\"max_attempts\": 7, \"initial\": \"10ms\", \"backoff\": \"fibonacci\"",
          "10 10 20 30 50 80 " },
        { "\"max_attempts\": 5, \"initial\": \"10ms\", \"backoff\": \"exponential\", \"max\": "
          "\"30ms\"",
          "10 20 30 30 " },
        { "\"max_attempts\": 3, \"initial\": \"40d\", \"backoff\": \"exponential\"",
          "3456000000 4294967295 " },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct host host = { .asks = { &ops } };
        struct td_err err = { 0 };
        char text[512];
        json_error_t error;
        json_t *config;

        snprintf(text, sizeof(text), "{\"member\": {\"workflow\": \"w\"}, %s}", cases[i].policy);
        config = json_loads(text, 0, &error);
        assert_non_null(config);
        run(&host, config, &err);
        assert_string_equal(host.waits, cases[i].want);
        assert_non_null(strstr(err.text, "failed after "));
        json_decref(config);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_waits_grow_as_the_configuration_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
