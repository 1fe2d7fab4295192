/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main: assembles the parts of a host in the order of knowledge, and fills the services that
 * plugins see.
 *
 * Assembly comes in two steps: what needs no worker (configuration, plugins), and what lives on one
 * (store, runs, agents, workflows), so that a verb that only looks at files starts nothing.
 */
#ifndef TDH_MAIN_MAIN_H
#define TDH_MAIN_MAIN_H

#include "cli/cli.h"

/** How `tdev` makes its host, inside its own process. */
extern const struct tdh_hosts tdh_hosts_embedded;

/* services.c */
void tdh_services_fill(struct tdh_host *host);

#endif
