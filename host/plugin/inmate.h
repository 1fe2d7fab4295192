/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inmate: the plugin's side of isolation: what runs in the process `tdev-runner`.
 *
 * inmate.c          its life: what it is to run, the library, frames that come, the end
 * inmate_call.c     a request: a coroutine in which the plugin's code runs
 * inmate_life.c     templates and instances
 * inmate_state.c    their state, saved, loaded and migrated
 * inmate_service.c  the services that the plugin sees; most ask the host
 * inmate_crash.c    the last words when the plugin crashes
 * confine.c         what the process may do: limits, capabilities
 * landlock.c        which files and ports
 * syscalls.c        which system calls
 */
#ifndef TDH_PLUGIN_INMATE_H
#define TDH_PLUGIN_INMATE_H

#include "base/map.h"
#include "plugin/internal.h"
#include "plugin/link.h"
#include "plugin/runner.h"

/* In front of the stack on standard error; a word may follow on the line. */
#define TDH_CRASH_MARK "\001tdev crash "

enum { TDH_INMATE_THREADS = 64 }; /* most of a plugin with `execution: blocking` */

/* What the host has written for it. */
struct tdh_paper {
    json_t *text;
    const char *folder, *copy, *hash, *data_dir;
    pid_t host;
    bool is_strict;
    struct tdh_manifest *manifest;
};

/* A plugin with options, as the host numbers it. */
struct tdh_inmate_template {
    uint64_t id;
    char *name;
    void *image, *block, *shared;
    bool is_prepared, is_released;
    unsigned uses; /* instances and requests */
};

struct tdh_inmate_instance {
    uint64_t id;
    struct tdh_inmate_template *template;
    void *state;
    bool is_dropped;
    unsigned uses; /* requests */
};

/* A request under way. Ends with its coroutine. */
struct tdh_served {
    struct tdh_frame *frame;
    struct tdh_co *co;
    struct tdh_co *inner;     /* that waits for it in a thread's stead, or NULL */
    struct tdh_co *asker;     /* that waits for an answer */
    struct tdh_frame *answer; /* of a service */
    const char *key;          /* NULL: none */
    uint64_t deadline_ns;
    bool is_call;     /* an action: what waits may */
    bool is_answered; /* the host has a request for it, so it can be asked */
    atomic_bool is_cancelled;
};

/* The one plugin of this process. */
struct tdh_inmate {
    struct tdh_paper paper;
    struct tdh_plugin *plugin;
    struct tdh_runtime *runtime;
    struct tdh_worker *worker;
    struct tdh_co *main;
    struct tdh_link_shared *shared;
    struct tdh_link link;
    struct tdh_fd_watch *watch;
    struct tdh_lookout lookout;
    struct td_services services;
    struct tdh_map templates, instances; /* by number */
    struct tdh_served *served[TDH_RUNNER_CALLS];
    unsigned lacks; /* of confinement */
    bool is_over;
};
extern struct tdh_inmate tdh_inmate;

/* inmate_call.c */
/** Takes a frame of the host. */
void tdh_inmate_take(struct tdh_frame *frame);
/* inmate_life.c */
/** The instance of that number, or NULL. */
struct tdh_inmate_instance *tdh_inmate_instance(uint64_t id);
/** What PREPARE, INIT, DROP and RELEASE ask for. */
TD_YIELDS int tdh_inmate_prepare(struct tdh_served *served, struct td_err *err);
TD_YIELDS int tdh_inmate_init(struct tdh_served *served, struct td_err *err);
TD_YIELDS void tdh_inmate_drop(struct tdh_inmate_instance *instance, struct tdh_served *served);
void tdh_inmate_release(uint64_t id);
/** Drops all instances and releases all templates. In a coroutine. */
TD_YIELDS void tdh_inmate_drop_all(void);
/** The context of one of the plugin's functions; tdh_ctx_end() it. */
void tdh_inmate_enter(struct tdh_ctx *ctx, const struct tdh_inmate_template *template, void *self,
                      struct tdh_served *served);
/** Runs fn here, or in one of the plugin's threads when its manifest says that it blocks. */
TD_YIELDS int tdh_inmate_in_place(td_blocking_fn *fn, void *arg, uint64_t until_ns,
                                  struct td_err *err);
/* inmate_state.c */
/** What SAVE, LOAD and MIGRATE ask for. */
TD_YIELDS int tdh_inmate_state(struct tdh_served *served, struct tdh_buf *payload,
                               struct td_err *err);
/* inmate_service.c */
void tdh_inmate_services(struct td_services *services);
/* inmate_crash.c */
/** From now on a crash leaves its stack. */
void tdh_inmate_watch_crashes(void);
/** Names a system call that is answered with SIGSYS. */
void tdh_inmate_name_call(int number, const char *name);
/* confine.c */
/* What could not be confined here. */
enum { TDH_LACKS_FILES = 1, TDH_LACKS_CALLS = 2 };
/**
 * From now on the process may do only what the manifest permits. Descriptors but the known ones
 * are closed. For good.
 *
 * ret_lacks  what is missing; not with paper->is_strict, which takes that for a failure
 */
int tdh_confine(const struct tdh_paper *paper, unsigned *ret_lacks, struct td_err *err);
/** Parts of it, which a program that is run is confined by, too (guard.c): core files, descriptors,
 * threads, longest file, stack. */
int tdh_confine_limits(struct td_err *err);
/** No capabilities, none to be gained. */
int tdh_confine_rights(struct td_err *err);
/* landlock.c */
/* What a process may reach. */
struct tdh_ground {
    const json_t *permissions;
    const char *const *own; /* may be read; ends with NULL */
    bool is_program;        /* what may be read may be run */
};
/** Files and ports. err TD_E_UNSUPPORTED */
int tdh_confine_files(const struct tdh_ground *ground, struct td_err *err);
/* syscalls.c */
/** The list of system calls for the manifest's permissions. err TD_E_UNSUPPORTED */
int tdh_confine_calls(const struct tdh_manifest *manifest, struct td_err *err);

#endif
