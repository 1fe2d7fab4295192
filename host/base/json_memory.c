/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_memory: jansson's allocator, which is malloc, and remembers that it failed.
 */
#include "base/json_memory.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>

static __thread bool has_failed;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void *allocate(size_t size)
{
    void *memory = malloc(size);

    if (memory == NULL)
        has_failed = true;
    return memory;
}

/* What was made before is malloc's, too, so it may be done at any time. */
static void install(void)
{
    json_set_alloc_funcs(allocate, free);
}

bool tdh_json_memory_begin(void)
{
    bool before = has_failed;

    pthread_once(&once, install);
    has_failed = false;
    return before;
}

bool tdh_json_memory_end(bool before)
{
    bool is_failed = has_failed;

    has_failed = has_failed || before;
    return is_failed;
}

bool tdh_json_memory_failed(void)
{
    return has_failed;
}
