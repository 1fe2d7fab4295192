/* SPDX-License-Identifier: Apache-2.0 */
/*
 * window: calls and bad ones of the last so many milliseconds, to a twelfth of that.
 */
#include "observe/internal.h"

static uint64_t time_of(int64_t window_ms, uint64_t now_ns)
{
    uint64_t cell_ns = (uint64_t)window_ms * 1000000 / TDH_WINDOW_CELLS;

    return now_ns / (cell_ns > 0 ? cell_ns : 1);
}

void tdh_window_add(struct tdh_window *window, int64_t window_ms, uint64_t now_ns, bool is_bad)
{
    uint64_t time = time_of(window_ms, now_ns), place = time % TDH_WINDOW_CELLS;

    if (window->cells[place].time != time) {
        window->cells[place].time = time;
        window->cells[place].calls = window->cells[place].bad = 0;
    }
    window->cells[place].calls++;
    window->cells[place].bad += is_bad;
}

void tdh_window_sum(const struct tdh_window *window, int64_t window_ms, uint64_t now_ns,
                    uint64_t *ret_calls, uint64_t *ret_bad)
{
    uint64_t time = time_of(window_ms, now_ns);

    *ret_calls = *ret_bad = 0;
    for (unsigned i = 0; i < TDH_WINDOW_CELLS; i++)
        if (window->cells[i].time + TDH_WINDOW_CELLS > time) {
            *ret_calls += window->cells[i].calls;
            *ret_bad += window->cells[i].bad;
        }
}
