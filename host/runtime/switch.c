/* SPDX-License-Identifier: Apache-2.0 */
/*
 * switch: changes stacks. ucontext makes a stack's first frame, sigsetjmp and siglongjmp change
 * between stacks, since swapcontext costs two system calls for the signal mask. The way QEMU does
 * it.
 *
 * _FORTIFY_SOURCE is off in this unit: its longjmp check takes a jump to another stack for an
 * attack. The sanitizers and valgrind are told of every stack and switch.
 */
#undef _FORTIFY_SOURCE
#include "runtime/internal.h"

#include <setjmp.h>
#include <stdlib.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define WITH_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WITH_TSAN 1
#endif
#endif
#ifdef WITH_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef WITH_TSAN
#include <sanitizer/tsan_interface.h>
#endif

struct tdh_context {
    sigjmp_buf jump;
    struct tdh_stack stack; /* base NULL: a thread's own */
    void (*entry)(void *arg);
    void *arg;
    struct tdh_context *maker; /* where the first switch comes from */
    sigjmp_buf made;
    void *fake_stack;
    const void *stack_low;
    size_t stack_bytes;
    void *fiber;
    ucontext_t frame;
};

/* Tells ASan that this thread is about to run on another stack. */
static void announce(struct tdh_context *from, const struct tdh_context *to)
{
#ifdef WITH_ASAN
    __sanitizer_start_switch_fiber(&from->fake_stack, to->stack_low, to->stack_bytes);
#endif
#ifdef WITH_TSAN
    __tsan_switch_to_fiber(to->fiber, 0);
#endif
    (void)from;
    (void)to;
}

#ifndef WITH_TSAN
/* Tells ASan that the new stack is in use; a thread's own stack is learnt here. */
static void arrive(struct tdh_context *here, struct tdh_context *came_from)
{
#ifdef WITH_ASAN
    const void *low = NULL;
    size_t bytes = 0;

    __sanitizer_finish_switch_fiber(here->fake_stack, &low, &bytes);
    if (came_from != NULL && came_from->stack.base == NULL) {
        came_from->stack_low = low;
        came_from->stack_bytes = bytes;
    }
#endif
    (void)here;
    (void)came_from;
}

static _Thread_local struct tdh_context *coming_from;
#endif

#ifdef WITH_TSAN
void tdh_context_switch(struct tdh_context *from, struct tdh_context *to)
{
    announce(from, to);
    swapcontext(&from->frame, &to->frame);
}
#else
void tdh_context_switch(struct tdh_context *from, struct tdh_context *to)
{
    if (sigsetjmp(from->jump, 0) == 0) {
        coming_from = from;
        announce(from, to);
        siglongjmp(to->jump, 1);
    }
    arrive(from, coming_from);
}
#endif

/* The first frame of a new stack: leaves a place to jump to, and goes back to the maker.
 * makecontext passes ints only. */
static void first_frame(unsigned low, unsigned high)
{
    struct tdh_context *self =
        (struct tdh_context *)(((uintptr_t)high << 16 << 16) | (uintptr_t)low);

#ifndef WITH_TSAN
    arrive(self, coming_from);
    if (sigsetjmp(self->jump, 0) == 0) {
        announce(self, self->maker);
        siglongjmp(self->made, 1);
    }
    arrive(self, coming_from);
#endif
    self->entry(self->arg);
    abort(); /* an entry never returns: it switches away for good */
}

#ifdef WITH_TSAN
static void enter_first_frame(struct tdh_context *context)
{
    (void)context; /* the first switch enters it */
}
#else
/* Not inlined: its sigsetjmp would put the caller's variables at risk. */
__attribute__((noinline)) static void enter_first_frame(struct tdh_context *context)
{
    struct tdh_context here = { .stack.base = NULL };

    context->maker = &here;
    if (sigsetjmp(context->made, 0) == 0) {
        coming_from = &here;
        announce(&here, context);
        setcontext(&context->frame); /* ASan takes swapcontext for a reason to warn on stderr */
    }
    arrive(&here, NULL);
}
#endif

/* Readies the frame in which the stack begins. Not inlined, as getcontext counts as a function that
 * returns twice. */
__attribute__((noinline)) static void lay_frame(struct tdh_context *context, size_t stack_bytes)
{
    uintptr_t address = (uintptr_t)context;

    getcontext(&context->frame); /* cannot fail: all it could refuse is a bad address */
    context->stack_low = (char *)context->stack.base + (context->stack.bytes - stack_bytes);
    context->stack_bytes = stack_bytes;
    context->frame.uc_link = NULL;
    context->frame.uc_stack.ss_sp =
        (char *)context->stack.base + (context->stack.bytes - stack_bytes);
    context->frame.uc_stack.ss_size = stack_bytes;
    makecontext(&context->frame, (void (*)(void))first_frame, 2, (unsigned)address,
                (unsigned)(address >> 16 >> 16));
#ifdef WITH_TSAN
    context->fiber = __tsan_create_fiber(0);
#endif
}

struct tdh_context *tdh_context_new(size_t stack_bytes, void (*entry)(void *arg), void *arg,
                                    struct td_err *err)
{
    struct tdh_context *context = calloc(1, sizeof(*context));

    if (context == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a coroutine");
        return NULL;
    }
    if (tdh_stack_map(&context->stack, stack_bytes, err) != 0) {
        free(context);
        return NULL;
    }
    context->entry = entry;
    context->arg = arg;
    lay_frame(context, stack_bytes);
    enter_first_frame(context);
    return context;
}

struct tdh_context *tdh_context_main(struct td_err *err)
{
    struct tdh_context *context = calloc(1, sizeof(*context));

    if (context == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a worker's context");
#ifdef WITH_TSAN
    else
        context->fiber = __tsan_get_current_fiber();
#endif
    return context;
}

void tdh_context_free(struct tdh_context *context)
{
    if (context == NULL)
        return;
#ifdef WITH_TSAN
    if (context->stack.base != NULL)
        __tsan_destroy_fiber(context->fiber);
#endif
    if (context->stack.base != NULL)
        tdh_stack_unmap(&context->stack);
    free(context);
}
