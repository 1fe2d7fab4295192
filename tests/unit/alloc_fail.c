/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alloc_fail: a countdown in front of the real allocator.
 */
#include "alloc_fail.h"

#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static unsigned countdown;
static bool has_failed;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
void *yaml_malloc(size_t size);
void *yaml_realloc(void *old, size_t size);
unsigned char *yaml_strdup(const unsigned char *text);

static bool fails_now(void)
{
    bool fails = countdown != 0 && --countdown == 0;

    if (fails) {
        has_failed = true;
        errno = ENOMEM;
    }
    return fails;
}

/* Half of the address space is in no machine; sanitizers stop the program instead of saying so. */
static bool is_absurd(size_t size)
{
    return size > SIZE_MAX / 4;
}

void *__wrap_malloc(size_t size)
{
    return fails_now() || is_absurd(size) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails_now() || is_absurd(size) ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    char *copy = __wrap_malloc(strlen(text) + 1);

    return copy != NULL ? memcpy(copy, text, strlen(text) + 1) : NULL;
}

/* libyaml's own allocator, replaced by symbol lookup:
 * a program's definition goes before a library's. */
void *yaml_malloc(size_t size)
{
    return __wrap_malloc(size != 0 ? size : 1);
}

void *yaml_realloc(void *old, size_t size)
{
    return __wrap_realloc(old, size != 0 ? size : 1);
}

unsigned char *yaml_strdup(const unsigned char *text)
{
    return text != NULL ? (unsigned char *)__wrap_strdup((const char *)text) : NULL;
}

void alloc_fail_setup(void)
{
    json_set_alloc_funcs(__wrap_malloc, free);
}

void alloc_fail_at(unsigned n)
{
    countdown = n;
    has_failed = false;
}

bool alloc_fail_end(void)
{
    countdown = 0;
    return has_failed;
}
