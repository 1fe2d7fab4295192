/* SPDX-License-Identifier: Apache-2.0 */
/*
 * download: the project on the disk: `pack` writes it beside its place, `publish` brings it there.
 */
#include <tdev/plugin.h>

#include "pack.h"

static const struct td_action *const download_actions[] = {
    TD_ACTION("pack", pack),
    TD_ACTION("publish", publish),
    NULL,
};
static const struct td_agent download_agent = { TD_SIZE(struct td_agent),
                                                .actions = download_actions };
static const struct td_plugin download_plugin = {
    TD_SIZE(struct td_plugin), .kind = TD_KIND_AGENT,    .name = "download",
    .version = "1.0.0",        .agent = &download_agent,
};
TD_PLUGIN(download_plugin);
