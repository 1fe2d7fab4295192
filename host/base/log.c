/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log: makes a line in a buffer of its own and hands it to the system in one piece.
 *
 * The settings are atomics, so that a level can be changed while every thread logs. Nothing here
 * can fail for the caller: without memory a line is lost, and a descriptor that takes no more loses
 * it too.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log_damp.h"
#include "base/plain.h"

enum { MESSAGE_MAX = 2048, FACT_MAX = 1024 };

static atomic_int log_level = TDH_LOG_WARNING;
static atomic_int log_format = TDH_LOG_TEXT;
static atomic_int log_fd = STDERR_FILENO;

static const char *const level_names[] = { "debug", "info", "warning", "error", "off" };
enum { LEVELS = sizeof(level_names) / sizeof(level_names[0]) };

/* What a line is made of. */
struct line {
    enum tdh_log_level level;
    const char *unit, *message;
    const struct tdh_fact *facts; /* NULL: none */
};

void tdh_log_setup(enum tdh_log_level level, enum tdh_log_format format, int fd)
{
    atomic_store(&log_format, format);
    atomic_store(&log_fd, fd);
    atomic_store(&log_level, level);
}

int tdh_log_level_parse(const char *text, enum tdh_log_level *ret_level, struct td_err *err)
{
    for (int i = 0; i < LEVELS; i++)
        if (strcmp(level_names[i], text) == 0) {
            *ret_level = (enum tdh_log_level)i;
            return 0;
        }
    return td_fail(err, TD_E_INVAL,
                   "log level \"%.100s\" is not one of debug, info, warning, error, off", text);
}

bool tdh_log_wants(enum tdh_log_level level)
{
    return (int)level >= atomic_load_explicit(&log_level, memory_order_relaxed) &&
           level < TDH_LOG_OFF;
}

/* "2026-11-21T10:00:00.123Z": always three digits, so that lines stand in columns. */
static void add_time(struct tdh_buf *buf)
{
    int64_t now_us = tdh_clock_us();
    char text[32];

    tdh_clock_print(now_us - now_us % 1000000, text, sizeof(text));
    tdh_buf_add(buf, text, strlen(text) - 1);
    tdh_buf_printf(buf, ".%03dZ", (int)(now_us % 1000000 / 1000));
}

static bool has_ending(const char *text, const char *ending)
{
    size_t length = strlen(text), ending_length = strlen(ending);

    return length >= ending_length && strcasecmp(text + length - ending_length, ending) == 0;
}

static bool is_secret(const char *key)
{
    static const char *const names[] = { "password", "secret", "token", "key", "authorization" };
    static const char *const endings[] = { "_password", "_secret", "_token", "_key" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(key, names[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (has_ending(key, endings[i]))
            return true;
    return false;
}

static void add_string(struct tdh_buf *buf, const char *text)
{
    size_t length = tdh_log_cut(text, FACT_MAX);

    tdh_buf_json_string(buf, text, length);
    if (text[length] != '\0' && !buf->failed) {
        buf->length--; /* the quote comes after the dots */
        tdh_buf_text(buf, "...\"");
    }
}

static void add_value(struct tdh_buf *buf, const struct tdh_fact *fact)
{
    if (is_secret(fact->key)) {
        tdh_buf_text(buf, "\"***\"");
        return;
    }
    switch (fact->type) {
    case TDH_FACT_STR:
        add_string(buf, fact->value.str != NULL ? fact->value.str : "");
        break;
    case TDH_FACT_INT:
        tdh_buf_int(buf, fact->value.integer);
        break;
    case TDH_FACT_REAL:
        tdh_buf_json_real(buf, fact->value.real);
        break;
    case TDH_FACT_BOOL:
        tdh_buf_text(buf, fact->value.boolean ? "true" : "false");
        break;
    case TDH_FACT_END:
        break;
    }
}

/* The sentence as it is, but for what could end the line or steer a terminal: of that the last byte
 * is told, which names it. */
static void add_sentence(struct tdh_buf *buf, const char *text)
{
    while (*text != '\0') {
        size_t steering = tdh_steering(text);

        if (*text == '\n')
            tdh_buf_text(buf, "\\n");
        else if (steering > 0)
            tdh_buf_printf(buf, "\\x%02x", (unsigned char)text[steering - 1]);
        else
            tdh_buf_char(buf, *text);
        text += steering > 0 ? steering : 1;
    }
}

static void make_text(struct tdh_buf *buf, const struct line *line)
{
    add_time(buf);
    tdh_buf_printf(buf, " %s %s ", level_names[line->level], line->unit);
    add_sentence(buf, line->message);
    for (const struct tdh_fact *fact = line->facts; fact != NULL && fact->type != TDH_FACT_END;
         fact++) {
        tdh_buf_printf(buf, " %s=", fact->key);
        add_value(buf, fact);
    }
    tdh_buf_char(buf, '\n');
}

static void make_json(struct tdh_buf *buf, const struct line *line)
{
    tdh_buf_text(buf, "{\"time\":\"");
    add_time(buf);
    tdh_buf_printf(buf, "\",\"level\":\"%s\",\"unit\":", level_names[line->level]);
    add_string(buf, line->unit);
    tdh_buf_text(buf, ",\"message\":");
    tdh_buf_json_string(buf, line->message, strlen(line->message));
    for (const struct tdh_fact *fact = line->facts; fact != NULL && fact->type != TDH_FACT_END;
         fact++) {
        tdh_buf_char(buf, ',');
        tdh_buf_json_string(buf, fact->key, strlen(fact->key));
        tdh_buf_char(buf, ':');
        add_value(buf, fact);
    }
    tdh_buf_text(buf, "}\n");
}

static void write_line(const struct line *line)
{
    struct tdh_buf buf = { 0 };
    int fd = atomic_load(&log_fd), sys = errno;
    ssize_t done = 0;

    if (atomic_load(&log_format) == TDH_LOG_JSON)
        make_json(&buf, line);
    else
        make_text(&buf, line);
    for (size_t at = 0; !buf.failed && at<buf.length; at += done> 0 ? (size_t)done : 0) {
        done =
            write(fd, buf.data + at, buf.length - at); /* a pipe or a disk may take a part only */
        if (done < 0 && errno != EINTR)
            break;
    }
    tdh_buf_free(&buf);
    errno = sys; /* who logs a failed call still wants to look at it */
}

static void tell_ended(uint64_t now_ns)
{
    struct tdh_damped damped;
    char message[TDH_DAMP_TEXT + 64];

    while (tdh_damp_take(now_ns, &damped)) {
        snprintf(message, sizeof(message), "repeated %llu more times: %s",
                 (unsigned long long)damped.count, damped.text);
        write_line(
            &(struct line){ .level = damped.level, .unit = damped.unit, .message = message });
    }
}

void tdh_log_write(enum tdh_log_level level, const char *unit, const struct tdh_fact *facts,
                   const char *fmt, ...)
{
    struct line line = { .level = level, .unit = unit, .facts = facts };
    uint64_t now_ns = tdh_clock_mono_ns();
    char message[MESSAGE_MAX + 4];
    size_t length;
    va_list ap;

    va_start(ap, fmt);
    if (vsnprintf(message, sizeof(message), fmt, ap) < 0)
        message[0] = '\0';
    va_end(ap);
    length = tdh_log_cut(message, MESSAGE_MAX - 1);
    if (message[length] != '\0')
        memcpy(message + length, "...", 4);
    line.message = message;
    tell_ended(now_ns);
    if (tdh_damp_admits(level, unit, message, now_ns))
        write_line(&line);
}

void tdh_log_err(enum tdh_log_level level, const char *unit, const struct td_err *err)
{
    const struct tdh_fact facts[] = {
        TDH_S("code", td_code_info(err->code)->name),
        err->hint[0] != '\0' ? TDH_S("hint", err->hint) : (struct tdh_fact){ .type = TDH_FACT_END },
        { .type = TDH_FACT_END },
    };

    if (tdh_log_wants(level))
        tdh_log_write(level, unit, facts, "%s", err->text);
}

void tdh_log_flush(void)
{
    tell_ended(UINT64_MAX);
}
