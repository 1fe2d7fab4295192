/* SPDX-License-Identifier: Apache-2.0 */
/*
 * failure: what a failure means: by the reason in its details, its status, and its words.
 *
 * A wrong key comes as a request that breaks a rule, and there is no header that says how long to
 * wait: the body does.
 */
#include "gemini.h"

#include <ctype.h>

struct row {
    const char *word;
    enum td_fault fault;
};

static const struct row reasons[] = {
    { "API_KEY_INVALID", TD_FAULT_AUTH },         { "API_KEY_EXPIRED", TD_FAULT_AUTH },
    { "API_KEY_SERVICE_BLOCKED", TD_FAULT_AUTH }, { "SERVICE_DISABLED", TD_FAULT_AUTH },
    { "BILLING_DISABLED", TD_FAULT_MONEY },       { NULL, TD_FAULT_NONE },
};
static const struct row statuses[] = {
    { "INVALID_ARGUMENT", TD_FAULT_REQUEST },
    { "FAILED_PRECONDITION", TD_FAULT_REQUEST },
    { "OUT_OF_RANGE", TD_FAULT_REQUEST },
    { "UNAUTHENTICATED", TD_FAULT_AUTH },
    { "PERMISSION_DENIED", TD_FAULT_AUTH },
    { "NOT_FOUND", TD_FAULT_MODEL },
    { "RESOURCE_EXHAUSTED", TD_FAULT_RATE },
    { "INTERNAL", TD_FAULT_OUTAGE },
    { "UNKNOWN", TD_FAULT_OUTAGE },
    { "UNAVAILABLE", TD_FAULT_OVERLOADED },
    { "DEADLINE_EXCEEDED", TD_FAULT_TIMEOUT },
    { NULL, TD_FAULT_NONE },
};
/* Within a stream there is no status but this number. */
static const struct {
    int code;
    enum td_fault fault;
} codes[] = {
    { 400, TD_FAULT_REQUEST },    { 401, TD_FAULT_AUTH },    { 403, TD_FAULT_AUTH },
    { 404, TD_FAULT_MODEL },      { 429, TD_FAULT_RATE },    { 500, TD_FAULT_OUTAGE },
    { 503, TD_FAULT_OVERLOADED }, { 504, TD_FAULT_TIMEOUT },
};

static const char *const key_words[] = { "api key not valid", "api key expired",
                                         "location is not supported", NULL };
static const char *const long_words[] = { "exceeds the maximum number of tokens",
                                          "input token count", "token limit", NULL };
static const char *const money_words[] = { "credits are depleted", "spending cap",
                                           "spend limit",          "enable billing",
                                           "requires billing",     NULL };
static const char *const filter_words[] = { "responsible ai", "safety filter", "prohibited content",
                                            NULL };

static enum td_fault find(const struct row *rows, const char *word)
{
    while (rows->word != NULL && strcmp(rows->word, word) != 0)
        rows++;
    return rows->fault;
}

/* --- details --- */

static bool is_detail(const json_t *detail, const char *name)
{
    const char *type = wire_str(detail, "@type", "");
    size_t length = strlen(type), ending = strlen(name);

    return length >= ending && strcmp(type + length - ending, name) == 0;
}

/* "31.074s"; 0: it is no such time */
static uint32_t read_delay(const char *text)
{
    uint64_t ms = 0;
    unsigned scale = 1000;

    for (; isdigit((unsigned char)*text); text++)
        if (ms < UINT32_MAX)
            ms = ms * 10 + (uint64_t)(*text - '0') * 1000;
    if (*text == '.')
        for (text++; isdigit((unsigned char)*text); text++) {
            scale /= 10;
            ms += (uint64_t)(*text - '0') * scale;
        }
    if (strcmp(text, "s") != 0)
        return 0;
    return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

static bool is_daily(const json_t *detail)
{
    const json_t *violation;
    size_t i;

    json_array_foreach (json_object_get(detail, "violations"), i, violation)
        if (strstr(wire_str(violation, "quotaId", ""), "PerDay") != NULL)
            return true;
    return false;
}

static void read_details(const json_t *details, struct gemini_meaning *meaning)
{
    const json_t *detail;
    size_t i;

    json_array_foreach (details, i, detail) {
        enum td_fault fault = find(reasons, wire_str(detail, "reason", ""));

        if (fault != TD_FAULT_NONE)
            meaning->fault = fault;
        if (is_detail(detail, "RetryInfo"))
            meaning->retry_after_ms = read_delay(wire_str(detail, "retryDelay", ""));
        if (is_detail(detail, "QuotaFailure"))
            meaning->is_daily = meaning->is_daily || is_daily(detail);
    }
    if (meaning->is_daily)
        meaning->retry_after_ms = 0; /* the server says a minute all the same */
}

/* --- the whole --- */

static enum td_fault fault_of_words(enum td_fault fault, const char *text)
{
    if (fault != TD_FAULT_REQUEST && fault != TD_FAULT_RATE && fault != TD_FAULT_AUTH)
        return fault;
    if (wire_has_word(text, money_words))
        return TD_FAULT_MONEY;
    if (fault != TD_FAULT_REQUEST)
        return fault;
    if (wire_has_word(text, key_words))
        return TD_FAULT_AUTH;
    if (wire_has_word(text, long_words))
        return TD_FAULT_CONTEXT;
    return wire_has_word(text, filter_words) ? TD_FAULT_REFUSED : fault;
}

static enum td_fault fault_of_code(const json_t *error)
{
    json_int_t code = json_integer_value(json_object_get(error, "code"));

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (codes[i].code == code)
            return codes[i].fault;
    return TD_FAULT_NONE;
}

struct gemini_meaning gemini_meaning(const json_t *error)
{
    struct gemini_meaning meaning = { .fault = TD_FAULT_NONE };

    read_details(json_object_get(error, "details"), &meaning);
    if (meaning.fault != TD_FAULT_NONE)
        return meaning;
    meaning.fault = find(statuses, wire_str(error, "status", ""));
    if (meaning.fault == TD_FAULT_NONE)
        meaning.fault = fault_of_code(error);
    meaning.fault = fault_of_words(meaning.fault, wire_str(error, "message", ""));
    return meaning;
}

/* Some servers put it into a list. */
void gemini_failure(struct td_ctx *ctx, const struct td_wire_failure *failure, enum td_fault *fault,
                    struct td_err *err)
{
    const json_t *body =
        json_is_array(failure->body) ? json_array_get(failure->body, 0) : failure->body;
    struct gemini_meaning meaning = gemini_meaning(json_object_get(body, "error"));

    (void)ctx;
    if (meaning.fault != TD_FAULT_NONE)
        *fault = meaning.fault;
    if (meaning.retry_after_ms > 0 || meaning.is_daily)
        err->retry_after_ms = meaning.retry_after_ms;
    if (meaning.is_daily && meaning.fault == TD_FAULT_RATE) {
        err->is_retryable = false;
        td_hint(err, "this limit is one of a day: use another key or model until tomorrow");
    }
}
