/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner: the program tdev-runner, in which tdev runs a plugin with `isolation: process`. It is
 * started by tdev only; all it does is in host/plugin/inmate.c.
 */
#include "plugin/plugin.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/* What the sanitizers do when a process ends, or crashes, is not permitted here. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:handle_segv=0:handle_abort=0:handle_sigbus=0:handle_sigfpe=0:"
           "handle_sigill=0:handle_sigtrap=0";
}
#endif

int main(void)
{
    return tdh_runner_main();
}
