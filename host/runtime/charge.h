/* SPDX-License-Identifier: Apache-2.0 */
/*
 * charge: how long a thread was at work for somebody, by the cheapest clock that is right.
 *
 * The thread's own clock costs a system call, so a stint goes by the clock on the wall, which is a
 * read of memory. Where the two can differ by much, as the thread had to give way to others, the
 * stint was long: then the thread's own clock is asked, too, and the lesser counts. What that clock
 * said before is known from a look at most TDH_LOOK_EACH_NS before the stint began, so a stint of a
 * thread that gives way is too long by no more than that.
 */
#ifndef TDH_RUNTIME_CHARGE_H
#define TDH_RUNTIME_CHARGE_H

#include "runtime/runtime.h"

enum {
    TDH_LOOK_EACH_NS = 250000, /* between two looks at the thread's clock, while it is charged */
    TDH_STINT_LONG_NS = 100000 /* a longer one is held against it */
};

/* Of one thread, zeroed at its begin. */
struct tdh_stint {
    struct tdh_charge charge; /* whose it is; nobody's: there is none */
    uint64_t since_ns;
    uint64_t seen_ns, worked_ns; /* both clocks at the last look */
    bool is_exact;               /* the thread may wait within a stint: it looks each time */
};

typedef uint64_t tdh_thread_clock_fn(void);

/** Ends the stint, if there is one, and begins one for `next`. worked: the thread's own clock. */
void tdh_stint_turn(struct tdh_stint *stint, const struct tdh_charge *next, uint64_t now_ns,
                    tdh_thread_clock_fn *worked);
/** The same by the clocks of this thread, when a coroutine that is charged gets on, and gives way.
 */
void tdh_stint_go_on(struct tdh_stint *stint, const struct tdh_charge *charge);
void tdh_stint_pause(struct tdh_stint *stint);

#endif
