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

#include <limits.h>

#include "cli/cli.h"

/** How `tdev` makes its host, inside its own process. */
extern const struct tdh_hosts tdh_hosts_embedded;

/** How `tdevd` makes its own. */
extern const struct tdh_hosts tdh_hosts_daemon;
/** Reads the configuration again. A file with a fault changes nothing; what cannot change while the
 * host runs is told in the log. */
int tdh_host_reload(struct tdh_host *host, struct td_err *err);

/* daemon.c */
struct tdh_daemon {
    int signals;       /* a pipe: a byte for each signal that came, its number */
    uint64_t begun_ns; /* when the process began, for the log */
    const struct tdh_host *host;
    struct tdh_serve *serve;
    struct tdh_co *warming; /* waits until it is ready; NULL: nobody */
    bool is_ready;
};
/** Takes the lock of the state folder, which is made. ret_fd: close() lets go.
 * err TD_E_UNAVAILABLE */
int tdh_daemon_lock(const struct tdh_host *host, int *ret_fd, struct td_err *err);
/** What tdevd does, from ready to told to end; a tdh_host_fn. arg: struct tdh_daemon. */
TD_YIELDS int tdh_daemon_serve(struct tdh_host *host, void *arg, struct td_err *err);

/* keep.c: until the coroutine is cancelled; a wake begins the next pass. */
TD_YIELDS void tdh_keep_work(struct tdh_host *host);

/* serve.c: what tdevd answers over HTTP, as http.listen says. */
struct tdh_serve;
/** Listens. On worker 0, in a coroutine. err TD_E_CONFIG, TD_E_INVAL, TD_E_PERM, TD_E_IO. new;
 * tdh_serve_drain, then tdh_serve_free. */
struct tdh_serve *tdh_serve_new(struct tdh_host *host, struct td_err *err);
/** "127.0.0.1:8338", or "off". */
const char *tdh_serve_address(const struct tdh_serve *serve);
/** From now on /readyz says so. */
void tdh_serve_is_ready(struct tdh_serve *serve);
/** Reads the certificate again; what is wrong with it is told in the log. */
void tdh_serve_reload(struct tdh_serve *serve);
/** Takes no more, and lets what is in flight end. */
TD_YIELDS void tdh_serve_drain(struct tdh_serve *serve);
void tdh_serve_free(struct tdh_serve *serve);

/* hotplug.c: until the coroutine is cancelled. */
TD_YIELDS void tdh_hotplug_work(struct tdh_host *host);

/* tend.c: until the coroutine is cancelled. */
TD_YIELDS void tdh_tend_work(struct tdh_host *host);
/** Where the bell of agents is; and makes it, before anybody watches it. */
void tdh_host_bell(const struct tdh_host *host, char path[static PATH_MAX]);
void tdh_host_bell_make(const struct tdh_host *host);

/* tell.c */
/** Runs `fn(host, arg, err)`, and says meanwhile what this process uses. Returns what fn does. */
TD_YIELDS int tdh_tell_while(struct tdh_host *host, tdh_host_fn *fn, void *arg, struct td_err *err);

/* plugins.c */
/** Makes the host's registry of plugins; nothing is looked for yet. err TD_E_CONFIG, TD_E_NOMEM */
int tdh_host_plugins(struct tdh_host *host, struct td_err *err);

/* policies.c */
/** Reads them, before any target is readied, which then goes by them. err TD_E_CONFIG */
int tdh_host_policies(struct tdh_host *host, struct td_err *err);
/** After the last target has ended. */
void tdh_host_policies_end(struct tdh_host *host);
/** From now on alerts are looked at, and what is told becomes events; on this worker. */
int tdh_host_tell(struct tdh_host *host, struct td_err *err);
/** Not any more; what was told is in the store. */
TD_YIELDS void tdh_host_hush(struct tdh_host *host);

/* agents.c */
/** The agents, and what workflows may know of them; behind the policies. err TD_E_CONFIG */
int tdh_host_agents(struct tdh_host *host, struct td_err *err);
void tdh_host_agents_end(struct tdh_host *host);
/* models.c: the catalogue, nothing of it read yet, and calls of models. */
int tdh_host_models(struct tdh_host *host, struct td_err *err);
void tdh_host_models_end(struct tdh_host *host);
/** Of calls that say nothing of their own. */
struct td_policy tdh_host_call_policy(const struct tdh_conf *conf);

/* services.c */
void tdh_services_fill(struct tdh_host *host);

#endif
