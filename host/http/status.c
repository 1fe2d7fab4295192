/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status: words of replies: reasons, the statuses of errors, dates.
 */
#include <stdio.h>

#include "http/internal.h"

static const struct {
    unsigned status;
    const char *text;
} texts[] = {
    { 100, "Continue" },
    { 200, "OK" },
    { 201, "Created" },
    { 202, "Accepted" },
    { 204, "No Content" },
    { 206, "Partial Content" },
    { 301, "Moved Permanently" },
    { 302, "Found" },
    { 303, "See Other" },
    { 304, "Not Modified" },
    { 307, "Temporary Redirect" },
    { 308, "Permanent Redirect" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 402, "Payment Required" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 406, "Not Acceptable" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 410, "Gone" },
    { 411, "Length Required" },
    { 412, "Precondition Failed" },
    { 413, "Content Too Large" },
    { 414, "URI Too Long" },
    { 415, "Unsupported Media Type" },
    { 417, "Expectation Failed" },
    { 422, "Unprocessable Content" },
    { 428, "Precondition Required" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 502, "Bad Gateway" },
    { 503, "Service Unavailable" },
    { 504, "Gateway Timeout" },
    { 505, "HTTP Version Not Supported" },
};

const char *tdh_status_text(unsigned status)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i].status == status)
            return texts[i].text;
    return "Unknown";
}

unsigned tdh_status_of(enum td_code code)
{
    switch (code) {
    case TD_E_INVAL:
        return 400;
    case TD_E_PERM:
        return 403;
    case TD_E_NOTFOUND:
        return 404;
    case TD_E_EXISTS:
    case TD_E_CONFLICT:
    case TD_E_DOUBT:
        return 409;
    case TD_E_LIMIT:
        return 429;
    case TD_E_UNSUPPORTED:
        return 501;
    case TD_E_EXTERNAL:
    case TD_E_DEPENDENCY:
        return 502;
    case TD_E_UNAVAILABLE:
    case TD_E_CANCELLED:
        return 503;
    case TD_E_TIMEOUT:
        return 504;
    default:
        return 500;
    }
}

/* By hand: strftime goes by the locale. */
void tdh_date_print(time_t now, char text[static TDH_DATE])
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm tm;

    gmtime_r(&now, &tm);
    snprintf(text, TDH_DATE, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT", days + tm.tm_wday * 3,
             (unsigned)tm.tm_mday % 100, months + tm.tm_mon * 3,
             ((unsigned)tm.tm_year + 1900) % 10000, (unsigned)tm.tm_hour % 100,
             (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
}
