/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy: how long to wait before which attempt, which policy counts, and how one is written.
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/near.h"
#include "call/call.h"

enum { INITIAL_DEFAULT_MS = 1000, MAX_DEFAULT_MS = 60000, ATTEMPTS_MAX = 1000 };

/* The n-th growth factor: 1, 1, 2, 3, 5 ... */
static double fibonacci(unsigned n)
{
    double a = 1, b = 1;

    for (unsigned i = 1; i < n && b < 1e12; i++) {
        double sum = a + b;

        a = b;
        b = sum;
    }
    return a;
}

static double growth(enum td_backoff backoff, unsigned retry)
{
    switch (backoff) {
    case TD_BACKOFF_LINEAR:
        return retry;
    case TD_BACKOFF_EXPONENTIAL:
        return pow(2, retry - 1 < 60 ? retry - 1 : 60);
    case TD_BACKOFF_FIBONACCI:
        return fibonacci(retry);
    case TD_BACKOFF_FIXED:
    default:
        return 1;
    }
}

uint64_t tdh_backoff_ms(const struct td_policy *policy, unsigned next, const struct td_err *error,
                        double draw)
{
    double initial = policy->initial_ms > 0 ? policy->initial_ms : INITIAL_DEFAULT_MS;
    double max = policy->max_ms > 0 ? policy->max_ms : MAX_DEFAULT_MS;
    double delay = initial * growth(policy->backoff, next > 1 ? next - 1 : 1);

    if (delay > max)
        delay = max;
    delay -= delay * policy->jitter * draw;
    if (error != NULL && delay < error->retry_after_ms)
        delay = error->retry_after_ms;
    return (uint64_t)delay;
}

struct td_policy tdh_policy_merge(const struct td_policy *over, const struct td_policy *base)
{
    struct td_policy policy = *base;

    if (over == NULL)
        return policy;
    if (over->timeout_ms > 0)
        policy.timeout_ms = over->timeout_ms;
    if (over->max_attempts > 0) {
        policy.max_attempts = over->max_attempts;
        policy.backoff = over->backoff;
        policy.initial_ms = over->initial_ms;
        policy.max_ms = over->max_ms;
        policy.jitter = over->jitter;
    }
    if (over->in_doubt != TD_DOUBT_DEFAULT)
        policy.in_doubt = over->in_doubt;
    return policy;
}

static const char *const backoffs[] = { "fixed", "linear", "exponential", "fibonacci" };
static const char *const doubts[] = { "default", "retry", "reconcile", "ask", "fail" };

static int fail_choice(const char *key, const char *text, const char *const *names, size_t count,
                       struct td_err *err)
{
    const char *near = text != NULL ? tdh_near(text, names, count) : NULL;
    char choices[128];
    size_t length = 0;

    for (size_t i = 0; i < count; i++)
        length += (size_t)snprintf(choices + length, sizeof(choices) - length, "%s%s", names[i],
                                   i + 1 == count   ? ""
                                   : i + 2 == count ? " or "
                                                    : ", ");
    return td_fail(err, TD_E_CONFIG, "\"%s\" must be %s%s%s%s", key, choices,
                   near ? ", did you mean \"" : "", near ? near : "", near ? "\"" : "");
}

static int read_choice(const json_t *value, const char *key, const char *const *names, size_t count,
                       unsigned *ret, struct td_err *err)
{
    const char *text = json_string_value(value);

    for (size_t i = 0; text != NULL && i < count; i++)
        if (strcmp(text, names[i]) == 0) {
            *ret = (unsigned)i;
            return 0;
        }
    return fail_choice(key, text, names, count, err);
}

static int read_ms(const json_t *value, const char *key, uint32_t *ret_ms, struct td_err *err)
{
    int64_t ms;

    if (json_is_string(value)) {
        if (tdh_duration_parse(json_string_value(value), &ms, err) != 0) {
            err->code = TD_E_CONFIG;
            return td_context(err, "\"%s\"", key);
        }
    } else {
        ms = json_is_integer(value) ? json_integer_value(value) : -1;
    }
    if (ms < 0 || ms > UINT32_MAX)
        return td_fail(err, TD_E_CONFIG, "\"%s\" must be a duration of at most 49d, such as \"5s\"",
                       key);
    *ret_ms = (uint32_t)ms;
    return 0;
}

static int read_attempts(const json_t *value, struct td_policy *policy, struct td_err *err)
{
    json_int_t attempts = json_integer_value(value);

    if (!json_is_integer(value) || attempts < 1 || attempts > ATTEMPTS_MAX)
        return td_fail(err, TD_E_CONFIG, "\"max_attempts\" must be a whole number from 1 to %d",
                       ATTEMPTS_MAX);
    policy->max_attempts = (uint32_t)attempts;
    return 0;
}

static int read_retry_key(const char *key, const json_t *value, struct td_policy *policy,
                          struct td_err *err)
{
    static const char *const keys[] = { "max_attempts", "backoff", "initial", "max", "jitter" };
    const char *near = tdh_near(key, keys, sizeof(keys) / sizeof(keys[0]));
    unsigned choice = 0;

    if (strcmp(key, "max_attempts") == 0)
        return read_attempts(value, policy, err);
    if (strcmp(key, "initial") == 0)
        return read_ms(value, key, &policy->initial_ms, err);
    if (strcmp(key, "max") == 0)
        return read_ms(value, key, &policy->max_ms, err);
    if (strcmp(key, "backoff") == 0) {
        if (read_choice(value, key, backoffs, 4, &choice, err) != 0)
            return -1;
        policy->backoff = (enum td_backoff)choice;
        return 0;
    }
    if (strcmp(key, "jitter") == 0) {
        policy->jitter = json_number_value(value);
        if (json_is_number(value) && policy->jitter >= 0 && policy->jitter <= 1)
            return 0;
        return td_fail(err, TD_E_CONFIG, "\"jitter\" must be a number from 0 to 1");
    }
    return td_fail(err, TD_E_CONFIG, "unrecognized key \"%.100s\" in \"retry\"%s%s%s", key,
                   near ? ", did you mean \"" : "", near ? near : "", near ? "\"" : "");
}

static int read_policy(const json_t *text, struct td_policy *policy, struct td_err *err)
{
    json_t *timeout = json_object_get(text, "timeout"), *retry = json_object_get(text, "retry");
    json_t *doubt = json_object_get(text, "in_doubt"), *value;
    unsigned choice = 0;
    const char *key;

    if (timeout != NULL && read_ms(timeout, "timeout", &policy->timeout_ms, err) != 0)
        return -1;
    if (retry != NULL && !json_is_object(retry))
        return td_fail(err, TD_E_CONFIG, "\"retry\" must be a map such as {max_attempts: 3}");
    json_object_foreach (retry, key, value)
        if (read_retry_key(key, value, policy, err) != 0)
            return -1;
    if (retry != NULL && policy->max_attempts == 0)
        policy->max_attempts = 3;
    if (doubt != NULL && read_choice(doubt, "in_doubt", doubts, 5, &choice, err) != 0)
        return -1;
    policy->in_doubt = (enum td_in_doubt)choice;
    return 0;
}

int tdh_policy_read(const json_t *text, const char *where, struct td_policy *ret_policy,
                    struct td_err *err)
{
    struct td_policy policy = { .size = sizeof(policy) };

    if (read_policy(text, &policy, err) != 0)
        return where != NULL ? td_context(err, "%s", where) : -1;
    *ret_policy = policy;
    return 0;
}
