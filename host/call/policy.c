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

static int read_choice(const json_t *value, const char *where, const char *key,
                       const char *const *names, size_t count, unsigned *ret, struct td_err *err)
{
    const char *text = json_string_value(value);
    const char *near;

    for (size_t i = 0; text != NULL && i < count; i++)
        if (strcmp(text, names[i]) == 0) {
            *ret = (unsigned)i;
            return 0;
        }
    near = text != NULL ? tdh_near(text, names, count) : NULL;
    td_fail(err, TD_E_CONFIG, "%s: \"%s\" is \"%s\", which is no choice", where, key,
            text != NULL ? text : "not a text");
    return near != NULL ? td_hint(err, "did you mean \"%s\"", near)
                        : td_hint(err, "see the manual for the choices");
}

static int read_ms(const json_t *value, const char *where, const char *key, uint32_t *ret_ms,
                   struct td_err *err)
{
    int64_t ms;

    if (json_is_string(value)) {
        if (tdh_duration_parse(json_string_value(value), &ms, err) != 0) {
            err->code = TD_E_CONFIG;
            return td_context(err, "%s: \"%s\"", where, key);
        }
    } else if (json_is_integer(value)) {
        ms = json_integer_value(value);
    } else {
        return td_fail(err, TD_E_CONFIG, "%s: \"%s\" must be a duration such as \"5s\"", where,
                       key);
    }
    if (ms < 0 || ms > UINT32_MAX)
        return td_fail(err, TD_E_CONFIG, "%s: \"%s\" must be at most 49 days", where, key);
    *ret_ms = (uint32_t)ms;
    return 0;
}

static int read_attempts(const json_t *value, const char *where, struct td_policy *policy,
                         struct td_err *err)
{
    json_int_t attempts = json_integer_value(value);

    if (!json_is_integer(value) || attempts < 1 || attempts > ATTEMPTS_MAX)
        return td_fail(err, TD_E_CONFIG, "%s: \"max_attempts\" must be a whole number from 1 to %d",
                       where, ATTEMPTS_MAX);
    policy->max_attempts = (uint32_t)attempts;
    return 0;
}

static int read_retry_key(const char *key, const json_t *value, const char *where,
                          struct td_policy *policy, struct td_err *err)
{
    unsigned choice = 0;

    if (strcmp(key, "max_attempts") == 0)
        return read_attempts(value, where, policy, err);
    if (strcmp(key, "initial") == 0)
        return read_ms(value, where, key, &policy->initial_ms, err);
    if (strcmp(key, "max") == 0)
        return read_ms(value, where, key, &policy->max_ms, err);
    if (strcmp(key, "backoff") == 0) {
        if (read_choice(value, where, key, backoffs, 4, &choice, err) != 0)
            return -1;
        policy->backoff = (enum td_backoff)choice;
        return 0;
    }
    if (strcmp(key, "jitter") == 0) {
        policy->jitter = json_number_value(value);
        if (json_is_number(value) && policy->jitter >= 0 && policy->jitter <= 1)
            return 0;
        return td_fail(err, TD_E_CONFIG, "%s: \"jitter\" must be a number from 0 to 1", where);
    }
    return td_fail(err, TD_E_CONFIG, "%s: unrecognized key \"%s\" in \"retry\"", where, key);
}

int tdh_policy_read(const json_t *text, const char *where, struct td_policy *ret_policy,
                    struct td_err *err)
{
    struct td_policy policy = { .size = sizeof(policy) };
    json_t *timeout = json_object_get(text, "timeout"), *retry = json_object_get(text, "retry");
    json_t *doubt = json_object_get(text, "in_doubt"), *value;
    unsigned choice = 0;
    const char *key;

    if (timeout != NULL && read_ms(timeout, where, "timeout", &policy.timeout_ms, err) != 0)
        return -1;
    if (retry != NULL && !json_is_object(retry))
        return td_fail(err, TD_E_CONFIG, "%s: \"retry\" must be a map such as {max_attempts: 3}",
                       where);
    json_object_foreach (retry, key, value)
        if (read_retry_key(key, value, where, &policy, err) != 0)
            return -1;
    if (retry != NULL && policy.max_attempts == 0)
        policy.max_attempts = 3;
    if (doubt != NULL && read_choice(doubt, where, "in_doubt", doubts, 5, &choice, err) != 0)
        return -1;
    policy.in_doubt = (enum td_in_doubt)choice;
    *ret_policy = policy;
    return 0;
}
