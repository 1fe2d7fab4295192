/* SPDX-License-Identifier: Apache-2.0 */
/*
 * left: what is said of runs that go on when this process does not.
 */
#ifndef TDH_CLI_LEFT_H
#define TDH_CLI_LEFT_H

#include "cli/cli.h"

/** Does a tdevd run on the host's state folder? It takes over what nobody owns. */
bool tdh_left_to_daemon(const struct tdh_host *host);
/**
 * From now on SIGINT and SIGTERM end the process as always, but say before how the run goes on.
 *
 * id  NULL: of runs that are many
 */
void tdh_left_watch(const struct tdh_host *host, const char *id);
/** The run has ended: signals say nothing any more. */
void tdh_left_forget(void);
/** Names on standard error the runs that were begun here and have not ended, up to some.
 * From the worker that began them. except: one that is spoken of elsewhere; NULL: none. */
void tdh_left_tell(const struct tdh_host *host, const char *except);

#endif
