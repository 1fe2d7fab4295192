/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack, publish: the two actions of the plugin. Both block; both can be repeated after a crash at
 * any point.
 */
#ifndef DOWNLOAD_PACK_H
#define DOWNLOAD_PACK_H

#include <tdev/plugin.h>

#define PACK_SUMS "dist/SHA256SUMS"

td_action_fn pack;
td_action_fn publish;

#endif
