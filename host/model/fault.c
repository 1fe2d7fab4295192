/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault: kinds of failures of models: their words, their codes, and what a status of HTTP comes to.
 *
 * The kind travels in an error's reserved room, so that it outlasts each level that adds to the
 * text; who makes another error of it has lost it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "model/wire.h"

static const struct {
    const char *name;
    enum td_code code;
    bool is_retryable; /* there, by another attempt */
} rows[TD_FAULT_MAX_] = {
    [TD_FAULT_NONE] = { "none", TD_E_INTERNAL, false },
    [TD_FAULT_REQUEST] = { "request", TD_E_INVAL, false },
    [TD_FAULT_AUTH] = { "auth", TD_E_PERM, false },
    [TD_FAULT_MONEY] = { "money", TD_E_LIMIT, false },
    [TD_FAULT_MODEL] = { "model", TD_E_NOTFOUND, false },
    [TD_FAULT_CONTEXT] = { "context", TD_E_LIMIT, false },
    [TD_FAULT_REFUSED] = { "refused", TD_E_EXTERNAL, false },
    [TD_FAULT_RATE] = { "rate", TD_E_LIMIT, true },
    [TD_FAULT_OVERLOADED] = { "overloaded", TD_E_UNAVAILABLE, true },
    [TD_FAULT_OUTAGE] = { "outage", TD_E_UNAVAILABLE, true },
    [TD_FAULT_TIMEOUT] = { "timeout", TD_E_TIMEOUT, true },
    [TD_FAULT_BROKEN] = { "broken", TD_E_EXTERNAL, true },
};

static const char *const finishes[TD_FINISH_MAX_] = {
    [TD_FINISH_NONE] = "none",
    [TD_FINISH_STOP] = "stop",
    [TD_FINISH_LENGTH] = "length",
    [TD_FINISH_TOOL_CALLS] = "tool_calls",
    [TD_FINISH_CONTENT_FILTER] = "content_filter",
    [TD_FINISH_ERROR] = "error",
    [TD_FINISH_OTHER] = "other",
};

#define MARK UINT64_C(0x6c65646f6d) /* "model": what stands in reserved[1] beside a fault */

const char *tdh_fault_name(enum td_fault fault)
{
    return (unsigned)fault < TD_FAULT_MAX_ ? rows[fault].name : rows[TD_FAULT_NONE].name;
}

const char *tdh_finish_name(enum td_finish finish)
{
    return (unsigned)finish < TD_FINISH_MAX_ ? finishes[finish] : finishes[TD_FINISH_OTHER];
}

void tdh_fault_mark(struct td_err *err, enum td_fault fault)
{
    err->code = rows[fault].code;
    err->is_retryable = rows[fault].is_retryable;
    err->reserved[0] = fault;
    err->reserved[1] = MARK;
}

enum td_fault tdh_fault_of(const struct td_err *err)
{
    return err->reserved[1] == MARK && err->reserved[0] < TD_FAULT_MAX_
               ? (enum td_fault)err->reserved[0]
               : TD_FAULT_NONE;
}

int tdh_fault_fail(struct td_err *err, enum td_fault fault, const char *fmt, ...)
{
    char text[TD_ERR_TEXT];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    td_fail(err, rows[fault].code, "%s", text);
    tdh_fault_mark(err, fault);
    return -1;
}

/* --- a status --- */

static const struct {
    unsigned from, to;
    enum td_fault fault;
} statuses[] = {
    { 401, 401, TD_FAULT_AUTH },       { 402, 402, TD_FAULT_MONEY },
    { 403, 403, TD_FAULT_AUTH },       { 404, 404, TD_FAULT_MODEL },
    { 408, 408, TD_FAULT_TIMEOUT },    { 409, 409, TD_FAULT_OUTAGE },
    { 429, 429, TD_FAULT_RATE },       { 498, 498, TD_FAULT_AUTH },
    { 503, 503, TD_FAULT_OVERLOADED }, { 504, 504, TD_FAULT_TIMEOUT },
    { 524, 524, TD_FAULT_TIMEOUT },    { 529, 529, TD_FAULT_OVERLOADED },
    { 400, 499, TD_FAULT_REQUEST },    { 500, 599, TD_FAULT_OUTAGE },
    { 0, 999, TD_FAULT_BROKEN },
};

/* Where servers put a sentence, in the order of how much it says. */
static const char *const places[] = { "/error/message", "/0/error/message", "/message",
                                      "/error",         "/detail",          "/errors/0/message" };

static const char *find_sentence(const json_t *body)
{
    const char *found = NULL;

    for (size_t i = 0; found == NULL && i < sizeof(places) / sizeof(places[0]); i++)
        found = json_string_value(tdh_json_at(body, places[i]));
    return found;
}

void tdh_fault_of_status(unsigned status, const json_t *body, const char *text, const char *name,
                         enum td_fault *ret_fault, struct td_err *err)
{
    const char *sentence = body != NULL ? find_sentence(body) : NULL;
    size_t i = 0;

    while (status < statuses[i].from || status > statuses[i].to)
        i++;
    *ret_fault = statuses[i].fault;
    if (sentence == NULL && body == NULL)
        sentence = text;
    tdh_fault_fail(err, *ret_fault, "provider \"%s\" answers %u%s%.*s", name, status,
                   sentence != NULL && sentence[0] != '\0' ? ": " : "", 500,
                   sentence != NULL ? sentence : "");
}
