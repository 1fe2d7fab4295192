/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault: words of servers for failures, and for how long to wait.
 *
 * What the time is nobody here knows: a date is taken as a distance from the reply's own.
 */
#include "kit/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* --- meanings --- */

enum td_fault wire_meaning(const struct wire_meaning *rows, const char *text)
{
    while (rows->word != NULL && strcasestr(text, rows->word) == NULL)
        rows++;
    return rows->word != NULL ? rows->fault : TD_FAULT_NONE;
}

static const struct {
    const char *code; /* of `code` or `type` */
    enum td_fault fault;
} codes[] = {
    { "context_length_exceeded", TD_FAULT_CONTEXT },
    { "string_above_max_length", TD_FAULT_CONTEXT },
    { "content_filter", TD_FAULT_REFUSED },
    { "content_policy_violation", TD_FAULT_REFUSED },
    { "image_content_policy_violation", TD_FAULT_REFUSED },
    { "invalid_prompt", TD_FAULT_REFUSED },
    { "insufficient_quota", TD_FAULT_MONEY },
    { "credit_balance_exhausted", TD_FAULT_MONEY },
    { "billing_hard_limit_reached", TD_FAULT_MONEY },
    { "invalid_api_key", TD_FAULT_AUTH },
    { "model_not_found", TD_FAULT_MODEL },
    { "server_is_overloaded", TD_FAULT_OVERLOADED },
    { "service_unavailable_error", TD_FAULT_OVERLOADED },
    { "slow_down", TD_FAULT_RATE },
    { "rate_limit_exceeded", TD_FAULT_RATE },
    { "server_error", TD_FAULT_OUTAGE },
};
static const char *const long_words[] = { "context length",     "context window",
                                          "maximum context",    "too many tokens",
                                          "prompt is too long", NULL };

bool wire_is_too_long(const char *text)
{
    return wire_has_word(text, long_words);
}

enum td_fault wire_error_meaning(const json_t *error)
{
    const char *code = wire_str(error, "code", ""), *type = wire_str(error, "type", "");

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (strcmp(codes[i].code, code) == 0)
            return codes[i].fault;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (strcmp(codes[i].code, type) == 0)
            return codes[i].fault;
    return wire_is_too_long(wire_str(error, "message", "")) ? TD_FAULT_CONTEXT : TD_FAULT_NONE;
}

/* --- durations --- */

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Digits with a point among them, whatever the locale says. */
static bool read_number(const char **text, double *ret_number)
{
    double number = 0, scale = 1;
    const char *at = *text;

    if (!is_digit(*at))
        return false;
    for (; is_digit(*at); at++)
        number = number * 10 + (*at - '0');
    if (*at == '.' && is_digit(at[1]))
        for (at++; is_digit(*at); at++)
            number += (*at - '0') * (scale /= 10);
    *text = at;
    *ret_number = number;
    return true;
}

static const struct {
    const char *word;
    double ms;
} units[] = { { "ms", 1 },      { "milliseconds", 1 }, { "hours", 3600000 },
              { "h", 3600000 }, { "minutes", 60000 },  { "minute", 60000 },
              { "m", 60000 },   { "seconds", 1000 },   { "second", 1000 },
              { "s", 1000 } };

/* The unit at the text, which is moved behind it; 0: there is none. */
static double read_unit(const char **text)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t length = strlen(units[i].word);
        char next = strncmp(*text, units[i].word, length) == 0 ? (*text)[length] : 'x';

        if ((next < 'a' || next > 'z') && (next < 'A' || next > 'Z')) {
            *text += length;
            return units[i].ms;
        }
    }
    return 0;
}

/* Numbers with units, one behind the other. ret_end: what is behind them. */
static int64_t read_duration(const char *text, const char **ret_end)
{
    double sum = 0, number, unit;
    const char *at = text;

    *ret_end = text;
    while (read_number(&at, &number)) {
        at += *at == ' ';
        unit = read_unit(&at);
        if (unit <= 0)
            break;
        sum += number * unit;
        *ret_end = at;
    }
    if (*ret_end == text)
        return -1;
    return sum < (double)UINT32_MAX ? (int64_t)sum : UINT32_MAX;
}

int64_t wire_duration_ms(const char *text)
{
    const char *end = text;
    double number;
    int64_t ms;

    if (read_number(&end, &number) && *end == '\0')
        return number * 1000 < (double)UINT32_MAX ? (int64_t)(number * 1000) : UINT32_MAX;
    ms = read_duration(text, &end);
    return *end == '\0' ? ms : -1;
}

/* --- headers --- */

/* "Sun, 06 Nov 1994 08:49:37 GMT"; -1: it is none. */
static int64_t date_seconds(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm tm = { 0 };
    char month[4];
    const char *found;

    if (sscanf(text, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &tm.tm_mday, month, &tm.tm_year,
               &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
        return -1;
    found = strstr(months, month);
    if (strlen(month) != 3 || found == NULL || (found - months) % 3 != 0)
        return -1;
    tm.tm_mon = (int)(found - months) / 3;
    tm.tm_year -= 1900;
    return timegm(&tm);
}

static uint32_t until_ms(const json_t *headers, int64_t then)
{
    int64_t now = date_seconds(wire_str(headers, "date", ""));

    if (now < 0 || then <= now)
        return 0;
    return then - now < UINT32_MAX / 1000 ? (uint32_t)((then - now) * 1000) : UINT32_MAX;
}

uint32_t wire_retry_after_ms(const json_t *headers)
{
    static const char *const names[] = { "retry-after-ms", "x-ms-retry-after-ms" };
    const char *text;
    double number;
    int64_t ms;

    for (size_t i = 0; i < 2; i++) {
        text = wire_str(headers, names[i], "");
        if (read_number(&text, &number) && *text == '\0' && number < (double)UINT32_MAX)
            return (uint32_t)number;
    }
    text = wire_str(headers, "retry-after", "");
    ms = wire_duration_ms(text);
    return ms >= 0 ? (uint32_t)ms : until_ms(headers, date_seconds(text));
}

uint32_t wire_reset_ms(const json_t *headers, const char *name)
{
    enum { YEAR_2001 = 1000000000 }; /* smaller numbers are no dates */
    const char *text = wire_str(headers, name, ""), *end = text;
    double number;
    int64_t ms;

    if (read_number(&end, &number) && *end == '\0' && number >= YEAR_2001)
        return number < 1e15 ? until_ms(headers, (int64_t)number) : 0;
    ms = wire_duration_ms(text);
    return ms > 0 ? (uint32_t)ms : 0;
}

uint32_t wire_retry_words_ms(const char *text)
{
    static const char words[] = "try again in ";
    const char *at = strcasestr(text, words), *end;
    int64_t ms = at != NULL ? read_duration(at + sizeof(words) - 1, &end) : 0;

    return ms > 0 ? (uint32_t)ms : 0;
}

int wire_give_failure(const struct td_sink *sink, enum td_fault fault, const char *text,
                      uint32_t after_ms, struct td_err *err)
{
    const struct td_delta delta = { .size = sizeof(delta),
                                    .type = TD_DELTA_FAULT,
                                    .fault = fault,
                                    .retry_after_ms = after_ms,
                                    .text = text,
                                    .length = strlen(text) };

    return sink->take(sink, &delta, err);
}
