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

#include "agent/agent.h"
#include "conf/conf.h"
#include "flow/flow.h"
#include "pattern/pattern.h"
#include "plugin/plugin.h"
#include "run/run.h"
#include "runtime/runtime.h"
#include "store/store.h"

struct tdh_host {
    struct tdh_conf *conf;
    struct tdh_plugins *plugins;
    char **plugin_folders;
    char *data_dir;
    char **flow_folders, **agent_folders; /* in the order they are searched; end with NULL */
    struct td_services services;
    struct tdh_runtime *runtime;
    struct tdh_store *store;
    struct tdh_engine *engine;
    struct tdh_agents *agents;
    struct tdh_flows *flows;
    struct tdh_flow_world world;
};

struct tdh_host_options {
    bool is_daemon;
    const char *config, *profile; /* NULL: the usual places */
};

/** Configuration, log, plugins known by their folders. err TD_E_CONFIG, TD_E_IO. new;
 * tdh_host_free(). */
struct tdh_host *tdh_host_new(const struct tdh_host_options *options, struct td_err *err);
void tdh_host_free(struct tdh_host *host);

typedef int tdh_host_fn(struct tdh_host *host, void *arg, struct td_err *err);
/**
 * Starts the runtime and the rest, runs `fn(host, arg, err)` in a coroutine of the first worker,
 * and ends them when it has returned. with_store: also store and runs. Returns what fn returns.
 */
int tdh_host_run(struct tdh_host *host, bool with_store, tdh_host_fn *fn, void *arg,
                 struct td_err *err);

/* services.c */
void tdh_services_fill(struct tdh_host *host);

#endif
