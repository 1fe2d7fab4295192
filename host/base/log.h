/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log: one line per event for people or machines, to standard error or a file.
 *
 * Text:  2026-11-21T10:00:00.123Z info store/sqlite opened the store path="/x" took_ms=3
 * JSON:  {"time":"...","level":"info","unit":"store/sqlite","message":"opened the store",
 *        "path":"/x","took_ms":3}
 *
 * A line is one write(2), with control characters escaped and long texts cut. Equal sentences of
 * one unit are damped: after 5 within 10 s the rest is counted, and the end of the damping is told
 * with the count, by the first line that is written after it or by tdh_log_flush. Thread-safe. A
 * value whose key is a secret's (password, secret, token, key, authorization, and endings in
 * _password, _secret, _token, _key) prints as "***".
 */
#ifndef TDH_BASE_LOG_H
#define TDH_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <tdev/err.h>

enum tdh_log_level { TDH_LOG_DEBUG, TDH_LOG_INFO, TDH_LOG_WARNING, TDH_LOG_ERROR, TDH_LOG_OFF };
enum tdh_log_format { TDH_LOG_TEXT, TDH_LOG_JSON };

/* A fact of a line. Made by the TDH_* macros below. */
struct tdh_fact {
    const char *key;
    enum { TDH_FACT_END, TDH_FACT_STR, TDH_FACT_INT, TDH_FACT_REAL, TDH_FACT_BOOL } type;
    union {
        const char *str;
        int64_t integer;
        double real;
        bool boolean;
    } value;
};

#define TDH_S(k, v) ((struct tdh_fact){ .key = (k), .type = TDH_FACT_STR, .value.str = (v) })
#define TDH_I(k, v)                                                                                \
    ((struct tdh_fact){ .key = (k), .type = TDH_FACT_INT, .value.integer = (int64_t)(v) })
#define TDH_R(k, v) ((struct tdh_fact){ .key = (k), .type = TDH_FACT_REAL, .value.real = (v) })
#define TDH_B(k, v) ((struct tdh_fact){ .key = (k), .type = TDH_FACT_BOOL, .value.boolean = (v) })

/** Takes effect at once. Before the first call: text, warning, standard error. fd is borrowed. */
void tdh_log_setup(enum tdh_log_level level, enum tdh_log_format format, int fd);
/** "debug", "info", "warning", "error", "off". err: TD_E_INVAL lists them. */
int tdh_log_level_parse(const char *text, enum tdh_log_level *ret_level, struct td_err *err);
bool tdh_log_wants(enum tdh_log_level level);
/** Use the macros: they cost one comparison when the level is off. */
void tdh_log_write(enum tdh_log_level level, const char *unit, const struct tdh_fact *facts,
                   const char *fmt, ...) TD_PRINTF(4, 5);
/** A failure, with its code and hint as facts. */
void tdh_log_err(enum tdh_log_level level, const char *unit, const struct td_err *err);
/** Tells what is still damped and forgets it: for the end of main. */
void tdh_log_flush(void);

/* tdh_log(TDH_LOG_INFO, "store/sqlite", TDH_FACTS(TDH_S("path", path)), "opened the store");
 * TDH_NO_FACTS for none. */
#define TDH_FACTS(...) ((const struct tdh_fact[]){ __VA_ARGS__, { .type = TDH_FACT_END } })
#define TDH_NO_FACTS ((const struct tdh_fact *)0)
#define tdh_log(level, unit, facts, ...)                                                           \
    (tdh_log_wants(level) ? tdh_log_write((level), (unit), (facts), __VA_ARGS__) : (void)0)

#endif
