/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_memory: did JSON values run out of memory?
 *
 * A tree of values is built by many calls, each of which may fail for want of memory and leave out
 * a branch. Who builds one between a begin and an end, without giving way, need not look at each:
 * when any failed, the whole is thrown away. For code of plugins that is the only way to know.
 */
#ifndef TDH_BASE_JSON_MEMORY_H
#define TDH_BASE_JSON_MEMORY_H

#include <stdbool.h>

/** From now on: in this thread. */
void tdh_json_memory_begin(void);
/** Has one failed since, in this thread? */
bool tdh_json_memory_failed(void);

#endif
