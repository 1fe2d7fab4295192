/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_damp: decides which lines are repetitions. Private to log.
 *
 * A table of the latest sentences, of fixed size: a flood of different sentences pushes old ones
 * out and is not damped.
 */
#ifndef TDH_BASE_LOG_DAMP_H
#define TDH_BASE_LOG_DAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"

#define TDH_DAMP_LINES 5U        /* written before the rest is counted */
#define TDH_DAMP_NS 10000000000U /* from the first of them */
#define TDH_DAMP_TEXT 160        /* bytes kept of a sentence, to tell the end */
#define TDH_DAMP_UNIT 48

/* The end of a damping: what is to be told. */
struct tdh_damped {
    enum tdh_log_level level;
    uint64_t count; /* lines that were not written */
    char unit[TDH_DAMP_UNIT], text[TDH_DAMP_TEXT];
};

/** Bytes of a text that fit into `max`, cut at a UTF-8 border. */
size_t tdh_log_cut(const char *text, size_t max);
/** True when a line is to be written, false when it is counted instead.
 * now_ns is monotonic. Thread-safe. */
bool tdh_damp_admits(enum tdh_log_level level, const char *unit, const char *text, uint64_t now_ns);
/** Takes out one damping that has ended by now_ns; UINT64_MAX ends all.
 * False: there is none. Thread-safe. */
bool tdh_damp_take(uint64_t now_ns, struct tdh_damped *ret_damped);

#endif
