/* SPDX-License-Identifier: Apache-2.0 */
/*
 * services: what the plugin may ask of the fake host, but for records (store.c).
 *
 * Each begins with enter(): a service is used within a call, and not within td_blocking.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define MILLION 1e6

static const char *const levels[] = {
    [TD_DEBUG] = "debug", [TD_INFO] = "info", [TD_WARNING] = "warning", [TD_ERROR] = "error"
};

void td_testing_end(const char *fmt, ...)
{
    va_list ap;

    fputs("tdev test: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    abort();
}

void *td_testing_must(void *pointer)
{
    if (pointer == NULL)
        td_testing_end("there is no memory");
    return pointer;
}

struct td_test *td_testing_enter(struct td_ctx *ctx, const char *service)
{
    struct td_test *test = (struct td_test *)ctx;

    if (!test->is_called)
        td_testing_end("td_%s was used when no call was under way", service);
    if (test->is_blocking)
        td_testing_end("td_%s was used within td_blocking, where no service may be", service);
    return test;
}

/* --- failures that were asked for --- */

static bool is_service(const char *name)
{
    static const char *const names[] = {
        "alloc",      "use",          "defer",        "call",       "sleep",        "check",
        "emit",       "blocking",     "spend",        "store_get",  "store_put",    "store_delete",
        "store_scan", "program_open", "program_call", "http_fetch", "template_new", "template_eval"
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

void td_test_fail(struct td_test *test, const char *service, unsigned n, enum td_code code)
{
    struct td_testing_fault *fault = td_testing_must(calloc(1, sizeof(*fault)));

    if (!is_service(service) || n == 0)
        td_testing_end("td_test_fail: \"%s\" is no service that can fail, or n is 0", service);
    fault->service = td_testing_must(strdup(service));
    fault->left = n;
    fault->code = code;
    fault->next = test->faults;
    test->faults = fault;
}

bool td_testing_fails(struct td_test *test, const char *service, struct td_err *err)
{
    for (struct td_testing_fault **at = &test->faults; *at != NULL; at = &(*at)->next) {
        struct td_testing_fault *fault = *at;

        if (strcmp(fault->service, service) != 0 || --fault->left > 0)
            continue;
        td_fail(err, fault->code, "the test has td_%s fail", service);
        *at = fault->next;
        free(fault->service);
        free(fault);
        return true;
    }
    return false;
}

/* --- log, memory --- */

static void service_log(struct td_ctx *ctx, enum td_level level, const char *text)
{
    struct td_test *test = td_testing_enter(ctx, "log");
    const char *name = (unsigned)level <= TD_ERROR ? levels[level] : "info";

    json_array_append_new(test->logs,
                          td_testing_must(json_pack("{s:s, s:s}", "level", name, "text", text)));
}

static void *service_alloc(struct td_ctx *ctx, size_t size)
{
    struct td_test *test = td_testing_enter(ctx, "alloc");
    struct td_testing_piece *piece;
    struct td_err ignored;

    if (td_testing_fails(test, "alloc", &ignored) || size > SIZE_MAX - sizeof(*piece))
        return NULL;
    piece = td_testing_must(calloc(1, sizeof(*piece) + size));
    piece->older = test->pieces;
    test->pieces = piece;
    return piece->bytes;
}

static int service_defer(struct td_ctx *ctx, td_defer_fn *fn, void *arg, struct td_err *err)
{
    struct td_test *test = td_testing_enter(ctx, "defer");
    struct td_testing_deferred *deferred;

    if (td_testing_fails(test, "defer", err)) {
        fn(arg);
        return -1;
    }
    deferred = td_testing_must(malloc(sizeof(*deferred)));
    *deferred = (struct td_testing_deferred){ test->defers, fn, arg };
    test->defers = deferred;
    return 0;
}

/* --- waiting --- */

/* Each wait is a place at which the call may be told to end. */
static int wait_place(struct td_test *test, const char *service, struct td_err *err)
{
    if (td_testing_fails(test, service, err))
        return -1;
    test->waits++;
    if (test->cancel_at != 0 && test->waits >= test->cancel_at)
        return td_fail(err, TD_E_CANCELLED, "the call was cancelled");
    if (test->now_ms >= test->deadline_ms)
        return td_fail(err, TD_E_TIMEOUT, "the call's time ran out");
    return 0;
}

static int service_sleep(struct td_ctx *ctx, uint64_t ms, struct td_err *err)
{
    struct td_test *test = td_testing_enter(ctx, "sleep");
    int64_t left = test->deadline_ms - test->now_ms;

    if (wait_place(test, "sleep", err) != 0)
        return -1;
    if (test->deadline_ms != INT64_MAX && ms >= (uint64_t)left) {
        test->now_ms = test->deadline_ms;
        return td_fail(err, TD_E_TIMEOUT, "the call's time ran out");
    }
    if (ms > (uint64_t)(INT64_MAX - 1 - test->now_ms))
        td_testing_end("td_sleep: %llu milliseconds are more than the clock has",
                       (unsigned long long)ms);
    test->now_ms += (int64_t)ms;
    return 0;
}

static int service_check(struct td_ctx *ctx, struct td_err *err)
{
    return wait_place(td_testing_enter(ctx, "check"), "check", err);
}

static int64_t service_remaining_ms(struct td_ctx *ctx)
{
    const struct td_test *test = td_testing_enter(ctx, "remaining_ms");

    if (test->deadline_ms == INT64_MAX)
        return INT64_MAX;
    return test->deadline_ms > test->now_ms ? test->deadline_ms - test->now_ms : 0;
}

static int service_blocking(struct td_ctx *ctx, td_blocking_fn *fn, void *arg, struct td_err *err)
{
    struct td_test *test = td_testing_enter(ctx, "blocking");
    int rc;

    if (td_testing_fails(test, "blocking", err))
        return -1;
    test->is_blocking = true;
    rc = fn(arg, err);
    test->is_blocking = false;
    return rc;
}

int64_t td_test_now_ms(const struct td_test *test)
{
    return test->now_ms;
}

void td_test_advance(struct td_test *test, int64_t ms)
{
    if (ms < 0 || ms > INT64_MAX - 1 - test->now_ms)
        td_testing_end("td_test_advance: %lld milliseconds cannot be", (long long)ms);
    test->now_ms += ms;
}

void td_test_set_timeout(struct td_test *test, int64_t ms)
{
    if (ms < 0)
        td_testing_end("td_test_set_timeout: %lld is less than 0", (long long)ms);
    test->timeout_ms = ms;
}

void td_test_cancel_at(struct td_test *test, unsigned n)
{
    test->cancel_at = n;
}

/* --- calls of others --- */

static void add_answer(struct td_test *test, const char *agent, const char *action,
                       struct td_testing_answer answer)
{
    struct td_testing_answer *kept = td_testing_must(malloc(sizeof(*kept))), **at = &test->answers;

    *kept = answer;
    kept->agent = td_testing_must(strdup(agent));
    kept->action = td_testing_must(strdup(action));
    while (*at != NULL)
        at = &(*at)->next;
    *at = kept;
}

void td_test_answer(struct td_test *test, const char *agent, const char *action, json_t *output)
{
    add_answer(test, agent, action,
               (struct td_testing_answer){ .output = td_testing_must(output) });
}

void td_test_answer_error(struct td_test *test, const char *agent, const char *action,
                          enum td_code code, const char *text)
{
    struct td_testing_answer answer = { .output = NULL };

    td_fail(&answer.err, code, "%s", text);
    add_answer(test, agent, action, answer);
}

void td_test_answer_with(struct td_test *test, td_test_answer_fn *fn, void *arg)
{
    test->answer = fn;
    test->answer_arg = arg;
}

static bool is_for(const struct td_testing_answer *answer, const char *agent, const char *action)
{
    return strcmp(answer->agent, agent) == 0 && strcmp(answer->action, action) == 0;
}

/* The first answer to that action leaves the table when another one follows. */
static bool take_answer(struct td_test *test, const char *agent, const char *action,
                        json_t **ret_output, struct td_err *err)
{
    struct td_testing_answer **at = &test->answers, *answer, *next;

    while (*at != NULL && !is_for(*at, agent, action))
        at = &(*at)->next;
    answer = *at;
    if (answer == NULL)
        return false;
    *ret_output = json_deep_copy(answer->output);
    *err = answer->err;
    for (next = answer->next; next != NULL && !is_for(next, agent, action);)
        next = next->next;
    if (next == NULL)
        return true;
    *at = answer->next;
    free(answer->agent);
    free(answer->action);
    json_decref(answer->output);
    free(answer);
    return true;
}

static int find_answer(struct td_test *test, const char *agent, const char *action,
                       const json_t *input, json_t **output, struct td_err *err)
{
    if (take_answer(test, agent, action, output, err))
        return *output != NULL ? 0 : -1;
    if (test->answer != NULL)
        return test->answer(test->answer_arg, agent, action, input, output, err);
    td_fail(err, TD_E_NOTFOUND, "the test has no answer of agent \"%s\" action \"%s\"", agent,
            action);
    return td_hint(err, "td_test_answer gives one");
}

int td_testing_call(struct td_ctx *ctx, const char *agent, const char *action, const json_t *input,
                    const struct td_call_options *options, json_t **ret_output, struct td_err *err)
{
    struct td_test *test = td_testing_enter(ctx, "call");
    json_t *output = NULL, *kept;

    (void)options;
    if (wait_place(test, "call", err) != 0)
        return -1;
    kept = td_testing_must(json_pack("{s:s, s:s, s:o}", "agent", agent, "action", action, "input",
                                     input != NULL ? json_deep_copy(input) : json_null()));
    json_array_append_new(test->calls, kept);
    if (find_answer(test, agent, action, input, &output, err) != 0)
        return -1;
    if (test->now_ms >= test->deadline_ms) {
        json_decref(output);
        return td_fail(err, TD_E_TIMEOUT, "the call's time ran out");
    }
    *ret_output = td_testing_must(output);
    return 0;
}

/* --- what is sent and spent --- */

static int service_emit(struct td_ctx *ctx, const json_t *chunk, struct td_err *err)
{
    struct td_test *test = td_testing_enter(ctx, "emit");

    if (td_testing_fails(test, "emit", err))
        return -1;
    json_array_append_new(test->chunks, td_testing_must(json_deep_copy(chunk)));
    return 0;
}

static int check_meter(const char *meter, double amount, struct td_err *err)
{
    size_t length = strspn(meter, "abcdefghijklmnopqrstuvwxyz0123456789_");

    if (meter[0] < 'a' || meter[0] > 'z' || meter[length] != '\0' || length > TD_TESTING_METER_NAME)
        return td_fail(err, TD_E_INVAL,
                       "meter \"%.100s\" must be a small letter, then small letters, digits and "
                       "\"_\", at most %d",
                       meter, TD_TESTING_METER_NAME);
    if (strcmp(meter, "calls") == 0)
        return td_fail(err, TD_E_INVAL, "the meter \"calls\" is the host's own: it counts them");
    if (!(amount >= 0 && amount <= 9007199254.0))
        return td_fail(err, TD_E_INVAL, "%g of \"%s\" cannot be used, only 0 to 9007199254", amount,
                       meter);
    return 0;
}

/* Eight different ones in a call. */
static int count_meter(struct td_test *test, const char *meter, struct td_err *err)
{
    for (unsigned i = 0; i < test->call_meter_count; i++)
        if (strcmp(test->call_meters[i], meter) == 0)
            return 0;
    if (test->call_meter_count == TD_TESTING_METERS)
        return td_fail(err, TD_E_LIMIT, "a call has at most %d meters, and \"%s\" is one more",
                       TD_TESTING_METERS, meter);
    snprintf(test->call_meters[test->call_meter_count++], TD_TESTING_METER_NAME + 1, "%s", meter);
    return 0;
}

static int service_spend(struct td_ctx *ctx, const char *meter, double amount, struct td_err *err)
{
    struct td_test *test = td_testing_enter(ctx, "spend");
    json_int_t before = json_integer_value(json_object_get(test->spent, meter));

    if (td_testing_fails(test, "spend", err) || check_meter(meter, amount, err) != 0 ||
        count_meter(test, meter, err) != 0)
        return -1;
    json_object_set_new(
        test->spent, meter,
        td_testing_must(json_integer(before + (json_int_t)ceil(amount * MILLION - 0.001))));
    return 0;
}

double td_test_spent(const struct td_test *test, const char *meter)
{
    return (double)json_integer_value(json_object_get(test->spent, meter)) / MILLION;
}

/* --- facts --- */

static const char *service_key(struct td_ctx *ctx)
{
    return td_testing_enter(ctx, "key")->key;
}

static const char *service_instance(struct td_ctx *ctx)
{
    return td_testing_enter(ctx, "instance")->instance;
}

static const char *service_folder(struct td_ctx *ctx)
{
    return td_testing_enter(ctx, "folder")->folder;
}

static const char *service_data_dir(struct td_ctx *ctx)
{
    return td_testing_enter(ctx, "data_dir")->data_dir;
}

/* --- what was kept --- */

const json_t *td_test_calls(const struct td_test *test)
{
    return test->calls;
}

const json_t *td_test_logs(const struct td_test *test)
{
    return test->logs;
}

const json_t *td_test_chunks(const struct td_test *test)
{
    return test->chunks;
}

bool td_test_has_log(const struct td_test *test, enum td_level level, const char *part)
{
    const json_t *line;
    size_t i;

    json_array_foreach (test->logs, i, line)
        if (strcmp(json_string_value(json_object_get(line, "level")), levels[level]) == 0 &&
            strstr(json_string_value(json_object_get(line, "text")), part) != NULL)
            return true;
    return false;
}

void td_test_forget(struct td_test *test)
{
    json_array_clear(test->calls);
    json_array_clear(test->logs);
    json_array_clear(test->chunks);
    json_object_clear(test->spent);
}

const struct td_services td_testing_services = {
    TD_SIZE(struct td_services),
    .log = service_log,
    .alloc = service_alloc,
    .defer = service_defer,
    .call = td_testing_call,
    .sleep = service_sleep,
    .check = service_check,
    .remaining_ms = service_remaining_ms,
    .emit = service_emit,
    .blocking = service_blocking,
    .key = service_key,
    .instance = service_instance,
    .folder = service_folder,
    .data_dir = service_data_dir,
    .store_get = td_testing_get,
    .store_put = td_testing_put,
    .store_delete = td_testing_delete,
    .store_scan = td_testing_scan,
    .spend = service_spend,
    .action = td_testing_action,
    .capabilities = td_testing_capabilities,
    .program_open = td_testing_program_open,
    .program_call = td_testing_program_call,
    .program_close = td_testing_program_close,
    .template_new = td_testing_template_new,
    .template_eval = td_testing_template_eval,
    .template_free = td_testing_template_free,
    .http_fetch = td_testing_fetch,
    .has_use = td_testing_has_use,
    .use = td_testing_use,
};
_Static_assert(offsetof(struct td_services, use) + sizeof(td_testing_services.use) ==
                   sizeof(struct td_services),
               "a new service needs its answer here");
