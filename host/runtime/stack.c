/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stack: memory for coroutines: virtual until touched, a guard page below, known to valgrind.
 */
#include "runtime/internal.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>
#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif
#ifndef VALGRIND_STACK_REGISTER
#define VALGRIND_STACK_REGISTER(low, high) 0U
#define VALGRIND_STACK_DEREGISTER(id) ((void)(id))
#endif

int tdh_stack_map(struct tdh_stack *stack, size_t usable_bytes, struct td_err *err)
{
    size_t guard = (size_t)sysconf(_SC_PAGESIZE);
    size_t bytes = usable_bytes + guard;
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);

    if (base == MAP_FAILED)
        return td_fail_sys(err, "could not map a stack of %zu bytes", bytes);
    if (mprotect(base, guard, PROT_NONE) != 0) {
        td_fail_sys(err, "could not protect the guard page of a stack");
        munmap(base, bytes);
        return -1;
    }
    stack->base = base;
    stack->bytes = bytes;
    stack->valgrind_id = VALGRIND_STACK_REGISTER((char *)base + guard, (char *)base + bytes);
    return 0;
}

void tdh_stack_unmap(struct tdh_stack *stack)
{
    VALGRIND_STACK_DEREGISTER(stack->valgrind_id);
    munmap(stack->base, stack->bytes);
    stack->base = NULL;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
void tdh_stack_for_signals(void)
{
    /* the sanitizer has one of its own for each thread, and frees what it finds there */
}
#else
void tdh_stack_for_signals(void)
{
    static _Thread_local char stack[32 * 1024];
    stack_t place = { .ss_sp = stack, .ss_size = sizeof(stack) };

    sigaltstack(&place, NULL);
}
#endif
