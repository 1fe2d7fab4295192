/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_memory: did JSON values run out of memory?
 *
 * A tree of values is built by many calls, each of which may fail for want of memory and leave out
 * a branch. Who builds one between a begin and an end need not look at each: when any failed, the
 * whole is thrown away. For code of plugins that is the only way to know, and for jansson's own
 * reader, which leaves out letters of a text when a buffer cannot grow.
 */
#ifndef TDH_BASE_JSON_MEMORY_H
#define TDH_BASE_JSON_MEMORY_H

#include <stdbool.h>

/** From now on, in this thread. Returns what tdh_json_memory_end() is to be given. */
bool tdh_json_memory_begin(void);
/** Has one failed since? It counts for who began before, too. */
bool tdh_json_memory_end(bool before);
/** Has one failed so far? */
bool tdh_json_memory_failed(void);

#endif
