/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refusal: what the status of a reply means as an error, and when it is worth to come again.
 */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "http/cable.h"

/* Statuses with a meaning of their own; others by their hundred. */
static const struct {
    unsigned status;
    enum td_code code;
    bool is_retryable;
} statuses[] = {
    { 400, TD_E_INVAL, false },      { 401, TD_E_PERM, false },
    { 402, TD_E_PERM, false },       { 403, TD_E_PERM, false },
    { 404, TD_E_NOTFOUND, false },   { 408, TD_E_UNAVAILABLE, true },
    { 409, TD_E_CONFLICT, false },   { 410, TD_E_NOTFOUND, false },
    { 412, TD_E_CONFLICT, false },   { 413, TD_E_LIMIT, false },
    { 422, TD_E_INVAL, false },      { 425, TD_E_UNAVAILABLE, true },
    { 429, TD_E_UNAVAILABLE, true }, { 500, TD_E_EXTERNAL, true },
    { 502, TD_E_UNAVAILABLE, true }, { 503, TD_E_UNAVAILABLE, true },
    { 504, TD_E_UNAVAILABLE, true }, { 529, TD_E_UNAVAILABLE, true },
};

/* Digits only; -1: it is something else. */
static int64_t read_number(const char *text, size_t length)
{
    int64_t number = 0;

    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        if (number < INT32_MAX)
            number = number * 10 + (text[i] - '0');
    }
    return length != 0 ? number : -1;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT", by hand: strptime goes by the locale. -1: it is something else.
 */
static int64_t read_date(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    static const char shape[] = ", .. ... .... ..:..:.. GMT";
    struct tm tm = { 0 };
    int64_t parts[5];
    unsigned month = 0;

    if (strlen(text) != 3 + sizeof(shape) - 1)
        return -1;
    for (size_t i = 0; i < sizeof(shape) - 1; i++)
        if (shape[i] != '.' && text[3 + i] != shape[i])
            return -1;
    while (month < 12 && memcmp(text + 8, months + month * 3, 3) != 0)
        month++;
    parts[0] = read_number(text + 5, 2);
    parts[1] = read_number(text + 12, 4);
    parts[2] = read_number(text + 17, 2);
    parts[3] = read_number(text + 20, 2);
    parts[4] = read_number(text + 23, 2);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (parts[i] < 0)
            return -1;
    tm.tm_mday = (int)parts[0];
    tm.tm_mon = (int)month;
    tm.tm_year = (int)parts[1] - 1900;
    tm.tm_hour = (int)parts[2];
    tm.tm_min = (int)parts[3];
    tm.tm_sec = (int)parts[4];
    return month < 12 ? (int64_t)timegm(&tm) : -1;
}

uint32_t tdh_retry_after_ms(const char *text, int64_t now_s)
{
    int64_t seconds = text != NULL ? read_number(text, strlen(text)) : 0;

    if (seconds < 0) {
        int64_t at_s = read_date(text);

        seconds = at_s >= 0 ? at_s - now_s : 0;
    }
    if (seconds < 0)
        return 0;
    return (uint32_t)(seconds < TDH_HTTP_RETRY_AFTER_S ? seconds : TDH_HTTP_RETRY_AFTER_S) * 1000;
}

int tdh_http_call_refusal(const struct tdh_http_call *call, struct td_err *err)
{
    unsigned status = call->parse.status_code;
    enum td_code code = status >= 500 ? TD_E_EXTERNAL : TD_E_INVAL;
    bool is_retryable = status >= 500;

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (statuses[i].status == status) {
            code = statuses[i].code;
            is_retryable = statuses[i].is_retryable;
        }
    td_fail(err, code, "%s: %s: the answer is %u", call->cable->berth->upstream->health.name,
            call->terms.what, status);
    err->is_retryable = is_retryable;
    if (is_retryable)
        err->retry_after_ms =
            tdh_retry_after_ms(tdh_http_call_field(call, "Retry-After"), tdh_clock_us() / 1000000);
    return -1;
}
