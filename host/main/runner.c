/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner: the program tdev-runner, in which tdev runs a plugin with `isolation: process`. It is
 * started by tdev only; all it does is in host/plugin/inmate.c.
 */
#include "plugin/plugin.h"

int main(void)
{
    return tdh_runner_main();
}
