/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_pattern_memory: every case of every pattern's conform.yaml, with the n-th allocation of JSON
 * made to fail for n = 1, 2, ... Memory that is short fails the run; it never changes what comes
 * out.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tdev/plugin.h>

#include "alloc_fail.h"
#include "base/yaml.h"

#include <cmocka.h>

enum { ASKS_MAX = 1000 };

struct open_ask {
    uint64_t tag;
    json_t *input; /* NULL: answered, or taken back */
    bool is_open;
};

/* A host that allocates nothing. */
struct host {
    struct td_asks asks; /* first: what the reducer gets */
    struct open_ask open[ASKS_MAX];
    uint32_t count;
    json_t *output;
    bool is_over;
    char error[TD_ERR_TEXT];
};

static struct host *host_of(struct td_asks *asks)
{
    return (struct host *)asks;
}

static int add(struct host *host, uint64_t tag, json_t *input, uint32_t *ret_ask)
{
    assert_true(host->count < ASKS_MAX);
    host->open[host->count++] = (struct open_ask){ tag, input, true };
    if (ret_ask != NULL)
        *ret_ask = host->count;
    return 0;
}

static int ask_call(struct td_asks *asks, const struct td_ask *ask, uint32_t *ret_ask,
                    struct td_err *err)
{
    (void)err;
    assert_non_null(ask->input);
    return add(host_of(asks), ask->tag, ask->input, ret_ask);
}

static int ask_timer(struct td_asks *asks, const char *path, uint64_t tag, uint64_t delay_ms,
                     uint32_t *ret_ask, struct td_err *err)
{
    (void)path;
    (void)delay_ms;
    (void)err;
    return add(host_of(asks), tag, json_null(), ret_ask);
}

static int ask_wait(struct td_asks *asks, const char *path, uint64_t tag, const char *signal,
                    uint32_t *ret_ask, struct td_err *err)
{
    (void)signal;
    return ask_timer(asks, path, tag, 0, ret_ask, err);
}

static int ask_cancel(struct td_asks *asks, uint32_t ask, struct td_err *err)
{
    struct open_ask *open = &host_of(asks)->open[ask - 1];

    (void)err;
    assert_true(open->is_open);
    open->is_open = false;
    return 0;
}

static int ask_stop(struct td_asks *asks, uint32_t ask, struct td_err *err)
{
    (void)asks;
    (void)ask;
    (void)err;
    return 0;
}

static int ask_finish(struct td_asks *asks, json_t *output, struct td_err *err)
{
    (void)err;
    assert_non_null(output);
    host_of(asks)->output = output;
    host_of(asks)->is_over = true;
    return 0;
}

static void end_failed(struct host *host, const struct td_err *why)
{
    if (why->text[0] == '\0')
        fail_msg("a run failed without a text");
    memcpy(host->error, why->text, sizeof(host->error));
    host->is_over = true;
}

static int ask_fail(struct td_asks *asks, const struct td_err *why, struct td_err *err)
{
    (void)err;
    end_failed(host_of(asks), why);
    return 0;
}

static const char *run_id(struct td_asks *asks)
{
    (void)asks;
    return "run";
}

static const struct td_asks_ops ops = {
    TD_SIZE(struct td_asks_ops),
    .call = ask_call,
    .timer = ask_timer,
    .wait = ask_wait,
    .cancel = ask_cancel,
    .finish = ask_finish,
    .fail = ask_fail,
    .run_id = run_id,
    .stop = ask_stop,
};

/* --- a run --- */

struct run {
    const struct td_reducer *reducer;
    const json_t *text; /* the case */
    json_t *config, *input;
    struct host host;
    void *plan;
    max_align_t state[128];
    uint32_t answered;
};

/* What the case has first in its order, else the oldest; 0: nothing is open. */
static uint32_t next_ask(const struct run *run)
{
    const json_t *number;
    size_t i;

    json_array_foreach (json_object_get(run->text, "order"), i, number) {
        size_t ask = (size_t)json_integer_value(number);

        if (ask <= run->host.count && run->host.open[ask - 1].is_open)
            return (uint32_t)ask;
    }
    for (uint32_t ask = 1; ask <= run->host.count; ask++)
        if (run->host.open[ask - 1].is_open)
            return ask;
    return 0;
}

static int fold_next(struct run *run, struct td_err *err)
{
    struct td_event event = { TD_SIZE(struct td_event), .kind = TD_EVENT_DONE, .attempts = 1 };
    const json_t *cancel = json_object_get(run->text, "cancel"), *given;
    struct td_err failure = { .code = TD_E_EXEC };

    if (cancel != NULL && run->answered++ == json_integer_value(cancel)) {
        event.kind = TD_EVENT_CANCEL;
        return run->reducer->fold(run->state, run->plan, &event, &run->host.asks, err);
    }
    event.ask = next_ask(run);
    assert_int_not_equal(event.ask, 0);
    event.tag = run->host.open[event.ask - 1].tag;
    given = json_array_get(json_object_get(run->text, "answers"), event.ask - 1);
    event.output = json_object_get(given, "output");
    if (event.output == NULL)
        event.output = run->host.open[event.ask - 1].input;
    if (json_object_get(given, "error") != NULL) {
        snprintf(failure.text, sizeof(failure.text), "%s",
                 json_string_value(json_object_get(given, "error")));
        event.kind = TD_EVENT_FAILED;
        event.error = &failure;
    }
    run->host.open[event.ask - 1].is_open = false;
    return run->reducer->fold(run->state, run->plan, &event, &run->host.asks, err);
}

/* A state that was saved and loaded takes the place of the first. */
static int save_and_load(struct run *run, struct td_err *err)
{
    json_t *saved = run->reducer->save(run->state, run->plan, err);
    int rc;

    if (saved == NULL)
        return -1;
    run->reducer->drop(run->state, run->plan);
    memset(run->state, 0, sizeof(run->state));
    rc = run->reducer->load(run->state, run->plan, saved, run->reducer->state_version, err);
    json_decref(saved);
    return rc;
}

static void run_through(struct run *run)
{
    struct td_err err = { 0 };
    int rc = run->reducer->prepare(run->config, &run->plan, &err);

    if (rc == 0)
        rc = run->reducer->start(run->state, run->plan, run->input, &run->host.asks, &err);
    while (rc == 0 && !run->host.is_over) {
        rc = save_and_load(run, &err);
        if (rc == 0)
            rc = fold_next(run, &err);
    }
    if (rc != 0 && !run->host.is_over)
        end_failed(&run->host, &err);
}

static void run_end(struct run *run)
{
    if (run->plan != NULL) {
        run->reducer->drop(run->state, run->plan);
        run->reducer->release(run->plan);
    }
    for (uint32_t i = 0; i < run->host.count; i++)
        json_decref(run->host.open[i].input);
    json_decref(run->host.output);
}

/* --- the cases --- */

static void run_begin(struct run *run, const struct td_reducer *reducer, const json_t *text,
                      json_t *config, json_t *input)
{
    memset(run, 0, sizeof(*run));
    run->host.asks.ops = &ops;
    run->reducer = reducer;
    run->text = text;
    run->config = config;
    run->input = input;
    assert_true(reducer->state_size <= sizeof(run->state));
}

static unsigned lies;

static void tell(const char *name, const json_t *text, unsigned n, const json_t *output)
{
    char *dump = json_dumps(output, 0);

    print_error("%s: %s: when allocation %u fails, something else comes out: %s\n", name,
                json_string_value(json_object_get(text, "name")), n, dump);
    free(dump);
    lies++;
}

/* Each failing allocation fails the run, or has no consequence. */
static unsigned try_case(const struct td_reducer *reducer, const char *name, const json_t *text)
{
    static struct run run;
    json_t *config = json_incref(json_object_get(text, "config")),
           *input = json_incref(json_object_get(text, "input"));
    const json_t *want = json_object_get(text, "output");
    unsigned n = 0;
    bool has_failed;

    config = config != NULL ? config : json_object();
    input = input != NULL ? input : json_object();
    do {
        run_begin(&run, reducer, text, config, input);
        alloc_fail_at(++n);
        run_through(&run);
        has_failed = alloc_fail_end();
        if (run.host.output != NULL && want != NULL && !json_equal(run.host.output, want))
            tell(name, text, n, run.host.output);
        if (!has_failed && (want != NULL) != (run.host.output != NULL))
            fail_msg("%s: %s: %s", name, json_string_value(json_object_get(text, "name")),
                     run.host.error);
        run_end(&run);
    } while (has_failed);
    json_decref(config);
    json_decref(input);
    return n - 1;
}

static unsigned try_pattern(const char *name)
{
    char path[1024];
    struct td_err err;
    struct tdh_yaml *yaml;
    const struct td_entry *entry;
    const json_t *text;
    unsigned failures = 0;
    void *library;
    size_t i;

    snprintf(path, sizeof(path), "%s/plugins-tree/patterns/%s/%s.so", TEST_BUILDDIR, name, name);
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        fail_msg("%s", dlerror());
    entry = dlsym(library, "td_entry");
    assert_non_null(entry);
    snprintf(path, sizeof(path), "%s/plugins-tree/patterns/%s/conform.yaml", TEST_BUILDDIR, name);
    yaml = tdh_yaml_read(path, &err);
    if (yaml == NULL)
        fail_msg("%s", err.text);
    json_array_foreach (json_object_get(yaml->root, "cases"), i, text)
        failures += try_case(entry->plugin->pattern->reducer, name, text);
    tdh_yaml_free(yaml);
    return failures; /* the library stays: sanitizers name its functions in the end */
}

static void short_memory_fails_a_run_and_never_changes_it(void **state)
{
    DIR *folder = opendir(TEST_BUILDDIR "/plugins-tree/patterns");
    const struct dirent *entry;
    unsigned patterns = 0;

    (void)state;
    if (folder == NULL)
        skip();
    while ((entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.') {
            assert_true(try_pattern(entry->d_name) > 0);
            patterns++;
        }
    closedir(folder);
    assert_true(patterns >= 21);
    assert_int_equal(lies, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_memory_fails_a_run_and_never_changes_it),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
