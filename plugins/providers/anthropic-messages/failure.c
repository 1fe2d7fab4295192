/* SPDX-License-Identifier: Apache-2.0 */
/*
 * failure: what a failure means, by its type, and where the type says little, by its words.
 *
 * One type, invalid_request_error, is of a request that is too long, of an account without money,
 * and of contents that were filtered, as well as of all that is simply wrong.
 */
#include "anthropic.h"

static const struct {
    const char *type;
    enum td_fault fault;
} types[] = {
    { "invalid_request_error", TD_FAULT_REQUEST }, { "authentication_error", TD_FAULT_AUTH },
    { "billing_error", TD_FAULT_MONEY },           { "permission_error", TD_FAULT_AUTH },
    { "not_found_error", TD_FAULT_MODEL },         { "request_too_large", TD_FAULT_CONTEXT },
    { "rate_limit_error", TD_FAULT_RATE },         { "api_error", TD_FAULT_OUTAGE },
    { "timeout_error", TD_FAULT_TIMEOUT },         { "overloaded_error", TD_FAULT_OVERLOADED },
};

static const char *const money_words[] = { "credit balance", "spend limit", "usage limits",
                                           "purchase credits", NULL };
static const char *const long_words[] = { "prompt is too long", "exceed context limit",
                                          "context window",     "context length",
                                          "too many tokens",    NULL };
static const char *const filter_words[] = { "content filtering policy", "content policy", NULL };

static enum td_fault fault_of_words(const char *text)
{
    if (wire_has_word(text, money_words))
        return TD_FAULT_MONEY;
    if (wire_has_word(text, long_words))
        return TD_FAULT_CONTEXT;
    return wire_has_word(text, filter_words) ? TD_FAULT_REFUSED : TD_FAULT_REQUEST;
}

/* A limit of spending comes as one of requests, but does not end by waiting. */
static bool is_spent(const json_t *error)
{
    const char *code = json_string_value(wire_at(error, "details/error_code"));

    return code != NULL && strcmp(code, "enforced_spend_limit_reached") == 0;
}

enum td_fault anthropic_fault(const json_t *error)
{
    const char *type = wire_str(error, "type", "");
    size_t i = 0;

    while (i < sizeof(types) / sizeof(types[0]) && strcmp(types[i].type, type) != 0)
        i++;
    if (i == sizeof(types) / sizeof(types[0]))
        return TD_FAULT_NONE;
    if (types[i].fault == TD_FAULT_REQUEST)
        return fault_of_words(wire_str(error, "message", ""));
    return types[i].fault == TD_FAULT_RATE && is_spent(error) ? TD_FAULT_MONEY : types[i].fault;
}

/* What the server says of another attempt goes before what its status says. */
static void obey(const struct td_wire_failure *failure, struct td_err *err)
{
    const char *word = wire_str(failure->headers, "x-should-retry", "");

    if (strcmp(word, "true") == 0)
        err->is_retryable = true;
    else if (strcmp(word, "false") == 0)
        err->is_retryable = false;
}

void anthropic_failure(struct td_ctx *ctx, const struct td_wire_failure *failure,
                       enum td_fault *fault, struct td_err *err)
{
    enum td_fault meant = anthropic_fault(json_object_get(failure->body, "error"));

    (void)ctx;
    if (meant != TD_FAULT_NONE)
        *fault = meant;
    obey(failure, err);
}
