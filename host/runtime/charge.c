/* SPDX-License-Identifier: Apache-2.0 */
/*
 * charge: stints of a thread's work, each charged to whom it was for.
 */
#include "runtime/charge.h"

#include "base/clock.h"

static void look(struct tdh_stint *stint, uint64_t now_ns, tdh_thread_clock_fn *worked)
{
    stint->worked_ns = worked();
    stint->seen_ns = now_ns;
}

static uint64_t length_of(struct tdh_stint *stint, uint64_t now_ns, tdh_thread_clock_fn *worked)
{
    uint64_t took_ns = now_ns - stint->since_ns, before_ns = stint->worked_ns;

    if (took_ns <= TDH_STINT_LONG_NS && !stint->is_exact)
        return took_ns;
    look(stint, now_ns, worked);
    return stint->worked_ns - before_ns < took_ns ? stint->worked_ns - before_ns : took_ns;
}

static void pay(struct tdh_stint *stint, uint64_t now_ns, tdh_thread_clock_fn *worked)
{
    uint64_t length_ns = length_of(stint, now_ns, worked);

    atomic_fetch_add_explicit(stint->charge.to, length_ns, memory_order_relaxed);
    if (stint->charge.also != NULL)
        atomic_fetch_add_explicit(stint->charge.also, length_ns, memory_order_relaxed);
}

void tdh_stint_turn(struct tdh_stint *stint, const struct tdh_charge *next, uint64_t now_ns,
                    tdh_thread_clock_fn *worked)
{
    if (stint->charge.to != NULL)
        pay(stint, now_ns, worked);
    stint->charge = *next;
    stint->since_ns = now_ns;
    if (next->to != NULL && now_ns != stint->seen_ns &&
        (stint->is_exact || now_ns - stint->seen_ns > TDH_LOOK_EACH_NS))
        look(stint, now_ns, worked);
}

void tdh_stint_go_on(struct tdh_stint *stint, const struct tdh_charge *charge)
{
    tdh_stint_turn(stint, charge, tdh_clock_mono_ns(), tdh_clock_thread_ns);
}

void tdh_stint_pause(struct tdh_stint *stint)
{
    const struct tdh_charge nobody = { NULL, NULL };

    tdh_stint_turn(stint, &nobody, tdh_clock_mono_ns(), tdh_clock_thread_ns);
}
