/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: rules of alerts, and what is counted for them.
 */
#ifndef TDH_OBSERVE_INTERNAL_H
#define TDH_OBSERVE_INTERNAL_H

#include <pthread.h>

#include "base/map.h"
#include "observe/observe.h"

enum tdh_alert_kind { TDH_ALERT_RATE, TDH_ALERT_COUNT, TDH_ALERT_LATENCY };
enum tdh_alert_by { TDH_BY_AGENT, TDH_BY_ACTION, TDH_BY_PLUGIN, TDH_BY_ALL };

struct tdh_alert_rule {
    const char *name, *severity; /* of the file's text */
    struct tdh_match match;
    enum tdh_alert_kind kind;
    enum tdh_alert_by by;
    double share; /* of a rate: more is too much; of a latency, of slow calls */
    uint64_t count, min_calls;
    uint64_t slow_ns;
    int64_t window_ms, for_ms, cool_down_ms;
    struct tdh_map subjects; /* name -> struct tdh_subject */
    bool is_full;            /* which has been told */
};

/* --- window.c: a window of cells, the oldest of which leave one by one --- */

enum { TDH_WINDOW_CELLS = 12 };

struct tdh_window {
    struct {
        uint64_t time, calls, bad;
    } cells[TDH_WINDOW_CELLS];
};
void tdh_window_add(struct tdh_window *window, int64_t window_ms, uint64_t now_ns, bool is_bad);
void tdh_window_sum(const struct tdh_window *window, int64_t window_ms, uint64_t now_ns,
                    uint64_t *ret_calls, uint64_t *ret_bad);

/* --- alert_rule.c --- */

/** Reads one. err TD_E_CONFIG. Ended by tdh_alert_rule_clear, also after a failure. */
int tdh_alert_rule_read(struct tdh_alert_rule *rule, const struct tdh_yaml *yaml,
                        const char *pointer, const json_t *text, struct td_err *err);
void tdh_alert_rule_clear(struct tdh_alert_rule *rule);

#endif
