/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock: time of day, monotonic time, RFC 3339, durations and sizes as people write them.
 */
#ifndef TDH_BASE_CLOCK_H
#define TDH_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <tdev/err.h>

/** Microseconds since 1970-01-01T00:00:00Z. */
int64_t tdh_clock_us(void);
/** Nanoseconds of a clock that never steps; only differences mean something. */
uint64_t tdh_clock_mono_ns(void);
/** Nanoseconds that this thread has had of the processor. Costs a system call. */
uint64_t tdh_clock_thread_ns(void);
/** RFC 3339 in UTC, with a fraction only when there is one:
 * "2026-11-21T10:00:00.5Z". Needs 32 bytes; returns text. */
const char *tdh_clock_print(int64_t time_us, char *text, size_t size);
/** Reads RFC 3339 (any offset, "T" and "Z" in either case, leap second 60 refused); what is behind
 * the microsecond is dropped. err: TD_E_INVAL. */
int tdh_clock_parse(const char *text, int64_t *ret_time_us, struct td_err *err);
/**
 * Reads "500us", "5ms", "1.5s", "2m", "3h", "7d" or sums of them, large units first ("1h30m"); a
 * number without unit is refused. Result in ms, rounded up: at least 1 unless the duration is zero.
 * err: TD_E_INVAL.
 */
int tdh_duration_parse(const char *text, int64_t *ret_ms, struct td_err *err);
/** Reads "4096", "64KiB", "1.5MiB", "2GiB", "10kB", "1MB" into bytes;
 * rounded up. err: TD_E_INVAL. */
int tdh_size_parse(const char *text, int64_t *ret_bytes, struct td_err *err);

#endif
