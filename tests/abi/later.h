/* SPDX-License-Identifier: Apache-2.0 */
/*
 * later: what the host's own headers need of an SDK, for a host that is built with the headers of
 * an older one: types that came later, which no plugin of that time has.
 */
#ifndef TDEV_TESTS_ABI_LATER_H
#define TDEV_TESTS_ABI_LATER_H

#include <tdev/plugin.h>

#if TD_ABI_MINOR < 3
struct td_note {
    uint32_t size;
    struct td_stamp stamp;
    char sdk[16];
};
#endif

#endif
