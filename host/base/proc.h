/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc: what the system tells of a process.
 */
#ifndef TDH_BASE_PROC_H
#define TDH_BASE_PROC_H

#include <stdbool.h>
#include <stdint.h>

/* Of a process: what it has used of the processor, what it has of memory, and when it began, in
 * ticks since the machine did. False: there is none, or it cannot be seen. */
struct tdh_proc {
    uint64_t cpu_ns, bytes, began_ticks;
};
bool tdh_proc_read(long pid, struct tdh_proc *ret_proc);

#endif
