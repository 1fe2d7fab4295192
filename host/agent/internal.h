/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: templates, their slabs of instances, named agents.
 */
#ifndef TDH_AGENT_INTERNAL_H
#define TDH_AGENT_INTERNAL_H

#include <sys/stat.h>

#include "agent/agent.h"
#include "base/map.h"
#include "base/yaml.h"

/* When an agent's state is saved, and how much of it is kept: `state` of its file. */
struct tdh_keep_policy {
    enum { TDH_KEEP_EACH_CALL, TDH_KEEP_EVERY, TDH_KEEP_END } when;
    int64_t every_ms;
    unsigned keep;
    int64_t ttl_ms; /* 0: none */
};
/* What of a template's state is in the store. Of who is at work (keep.h). */
struct tdh_kept {
    char id[TDH_STATE_ID];       /* of the version it goes on from; "": none */
    char sha256[TDH_SHA256_HEX]; /* of what was saved, or loaded; "": nothing was */
    char aside[TDH_STATE_ID];    /* of what was saved of it aside; "": nothing was */
};
struct tdh_keep;

enum { SLAB_CELLS = 256, TDH_AGENT_PATH = 4096 };

/* One instance. Its state follows. */
struct tdh_cell_agent {
    struct tdh_agent_template *template;
    uint32_t generation; /* odd while it lives */
    uint32_t next_free;  /* place + 1 of the next free cell; 0: none */
    max_align_t state[];
};

struct tdh_agent_template {
    struct tdh_agents *agents;
    struct tdh_plugin *plugin;
    struct tdh_ledger_line *line;
    char *name; /* of the agent, for messages and the log */
    struct tdh_offer offer;
    char **cast;  /* who has the roles of the plugin; NULL: it has none, or their defaults */
    void *image;  /* a state with its options filled in */
    void *block;  /* what image points to */
    void *shared; /* of prepare */
    bool is_prepared;
    struct tdh_worker *home;    /* where instances live, unless the plugin is threaded */
    struct tdh_target *targets; /* one per capability */
    size_t target_count;
    struct tdh_limiter limiter;
    struct td_policy policy;
    bool says_retry; /* its file does */
    int64_t cache_ttl_ms;
    unsigned cache_entries;
    char **slabs; /* of SLAB_CELLS cells */
    size_t slab_count, slab_room, cell_bytes;
    uint32_t first_free;               /* place + 1 */
    struct tdh_cell_agent *own;        /* the instance of a named agent */
    struct tdh_edition edition;        /* of a named agent */
    struct stat file;                  /* of its file, when it was read; zeroed: it has none */
    struct tdh_agent_template *former; /* the next one that serves no more, but may be in use */
    struct tdh_agent_template *tried;  /* beside this one; owned until it serves. NULL: none */
    _Atomic(struct tdh_trial *) trial; /* the latest that it has had a part in; NULL: none */
    atomic_uint side;                  /* of that */
    unsigned trial_place;              /* the same */
    struct tdh_keep *keep;             /* of a named agent whose state is kept; else NULL */
    struct tdh_keep_policy keep_policy;
    struct tdh_kept kept;
    unsigned running;              /* calls of it under way; under the keep's lock */
    atomic_bool is_stale;          /* a newer state is in the store: it is to be made anew */
    atomic_bool is_awaited;        /* a coroutine waits to save it */
    struct tdh_life *life;         /* of a named agent; NULL: it is governed by nobody */
    struct tdh_pool *pool;         /* NULL: one instance serves all calls */
    uint64_t set_version;          /* of what was set; 0: nothing */
    int64_t graceful_ms, force_ms; /* of its end */
    bool is_refusing;              /* calls, while it is paused */
};

/* The call that prepare, init and verify of a named agent are in: they may wait, until it is over.
 */
struct tdh_birth {
    struct tdh_target target;
    struct tdh_call call;
};

struct tdh_agents {
    struct tdh_agents_options options;
    struct tdh_map named; /* name -> template, with its own instance */
    struct tdh_agent_template *former;
    struct tdh_map templates;        /* plugin and options -> template */
    struct tdh_map routes;           /* name -> struct tdh_route */
    struct tdh_route *former_routes; /* that serve no more, but may be in use: to the end */
    struct tdh_map lives;            /* name -> struct tdh_life */
    struct tdh_map settings;         /* name -> struct tdh_setting */
    bool is_finding;                 /* the candidates of a route: routes are not listed */
    struct tdh_map keeps;            /* name -> struct tdh_keep */
    struct tdh_store *store;         /* that states are kept in; NULL: none are */
    struct tdh_map offers; /* of agents of bridges: name -> offer of the file, of offer.c */
    struct tdh_map trials; /* plugin -> struct tdh_trial */
};

/* rows.c: the words of enum tdh_effects */
extern const char *const tdh_agent_effects[];
/* What is known of agents is one worker's at a time, with the registry of plugins. */
static inline void tdh_agents_lock(struct tdh_agents *agents)
{
    tdh_plugins_lock(agents->options.plugins);
}
static inline void tdh_agents_unlock(struct tdh_agents *agents)
{
    tdh_plugins_unlock(agents->options.plugins);
}

/* wish.c: the plugin that an agent asks for. It points into itself: not to be copied. */
struct tdh_agent_wish {
    char who[96], plugin[80], range_text[136];
    struct tdh_range range;
    struct tdh_plugin_wish wish;
};
/* file: NULL: the agent has none, its plugin is called what it is called. */
int tdh_agent_wish(const struct tdh_yaml *file, const char *name, struct tdh_agent_wish *ret_wish,
                   struct td_err *err);
/* The plugin that is meant, nothing opened; borrowed. */
const struct tdh_plugin_entry *tdh_agent_plugin(struct tdh_agents *agents,
                                                const struct tdh_yaml *file, const char *name,
                                                struct td_err *err);
/* Is the plugin's version one that the agent asks for? */
int tdh_agent_takes(const struct tdh_agent_wish *wish, const struct tdh_plugin *plugin,
                    struct td_err *err);
tdh_ranges_fn tdh_agents_ranges;
/* The names of agents that have files, as keys of an object. new */
json_t *tdh_agents_files(const struct tdh_agents *agents);
/* agent.c */
bool tdh_agent_is_name(const char *name);
/* The agent's file with its keys checked, new; NULL when it has none. ret_file: which it is, zeroed
 * then; may be NULL. */
int tdh_agent_file(const struct tdh_agents *agents, const char *name, struct tdh_yaml **ret_yaml,
                   struct stat *ret_file, struct td_err *err);
/* life_step.c */
/* A named agent as its file says it, with its own instance; not registered. plugin: what it is to
 * be made of, if that is the file's plugin; NULL: what serves. new */
TD_YIELDS struct tdh_agent_template *tdh_agent_make(struct tdh_agents *agents, const char *name,
                                                    struct tdh_plugin *plugin, struct td_err *err);
/* The same with its pool, if it has one. */
TD_YIELDS struct tdh_agent_template *tdh_agent_make_warm(struct tdh_agents *agents,
                                                         const char *name,
                                                         struct tdh_plugin *plugin,
                                                         struct td_err *err);
/* The same of a text; take. yaml: the file, NULL: it has none. is_scratch: it is made to be looked
 * at, and its life knows nothing of it. */
TD_YIELDS struct tdh_agent_template *tdh_agent_make_of(struct tdh_agents *agents, const char *name,
                                                       struct tdh_plugin *plugin,
                                                       struct tdh_yaml *yaml, json_t *text,
                                                       bool is_scratch, struct td_err *err);
/* One to be looked at, made as its file says: its life knows nothing of it, and its state is not
 * kept. */
TD_YIELDS struct tdh_agent_template *tdh_agent_make_scratch(struct tdh_agents *agents,
                                                            const char *name, struct td_err *err);
/* exchange.c */
/* new: the names of agents that are made of the plugin (NULL: all); a list that ends with NULL. */
char **tdh_agent_names(const struct tdh_agents *agents, const struct tdh_plugin *plugin);
void tdh_agent_names_free(char **names);
/* It serves no more, nor does what is tried beside it; both end when nobody uses them. */
void tdh_agent_retire(struct tdh_agents *agents, struct tdh_agent_template *template);
/* The template of a named agent with that edition of its plugin, or NULL with the reason logged. */
struct tdh_agent_template *tdh_agent_of_edition(struct tdh_agents *agents, const char *name,
                                                const char *edition);
/* The path of the agent's file; false: it has none. */
bool tdh_agent_path(const struct tdh_agents *agents, const char *name,
                    char path[static TDH_AGENT_PATH]);
/* offer.c */
/**
 * What an agent offers: as its plugin says, or, of a bridge, its file.
 *
 * file       NULL: it has none
 * ret_offer  new; tdh_offer_end()
 */
int tdh_agent_offer(struct tdh_manifest *manifest, const char *name, const struct tdh_yaml *file,
                    struct tdh_offer *ret_offer, struct td_err *err);
/** The same of a named agent, kept until its file changes. Borrowed. */
int tdh_agent_offer_kept(struct tdh_agents *agents, const char *name,
                         const struct tdh_plugin_entry *entry, struct tdh_offer *ret_offer,
                         struct td_err *err);
void tdh_agent_offers_free(struct tdh_agents *agents);
/* template.c */
/* What a file says besides its plugin and the options: each is left as it is when the file does not
 * say it. */
int tdh_agent_read_limit(const json_t *text, const char *where, int64_t *max, struct td_err *err);
int tdh_agent_read_cache(const json_t *text, const char *where, int64_t *ttl_ms,
                         unsigned *ret_entries, struct td_err *err);
enum { TDH_AGENT_WAITING_MAX = 10000 }; /* calls that wait for an agent */
int tdh_agent_text_check(const json_t *text, const char *where, struct td_err *err);
/* plugin: held by the template from now on. text: {options}. new */
struct tdh_agent_template *tdh_agent_template_new(struct tdh_agents *agents, const char *name,
                                                  struct tdh_plugin *plugin, const json_t *text,
                                                  struct td_err *err);
/* Of a named agent, in two parts: what needs no settings, then what the text says. file: NULL when
 * the agent has none. new */
struct tdh_agent_template *tdh_agent_template_begin(struct tdh_agents *agents, const char *name,
                                                    struct tdh_plugin *plugin,
                                                    const struct tdh_yaml *file,
                                                    struct td_err *err);
int tdh_agent_template_configure(struct tdh_agent_template *template, struct tdh_birth *birth,
                                 const json_t *text, const struct tdh_yaml *file,
                                 struct td_err *err);
/* Runs fn, which enters the plugin, where that may block; birth NULL: here. */
int tdh_agent_in_place(const struct tdh_agent_template *template, const struct tdh_birth *birth,
                       td_blocking_fn *fn, void *arg, struct td_err *err);
/* step: what it is for; borrowed. In the thread that waits for it. */
void tdh_agent_birth(struct tdh_birth *birth, const struct tdh_agent_template *template,
                     const char *step, uint64_t deadline_ns);
void tdh_agent_template_free(struct tdh_agent_template *template);
/* What does the action of that place. */
const struct td_action *tdh_agent_action(const struct tdh_agent_template *template, size_t place);
struct tdh_target *tdh_agent_target(struct tdh_agent_template *template, const char *action,
                                    struct td_err *err);
/* Into the plugin's code, and out of it: `self` is an instance's state, or the image. */
/* The time until then is the agent's, and the call's. call: that it serves; NULL: none. */
void tdh_agent_enter(const struct tdh_agent_template *template, void *self, struct tdh_call *call,
                     struct tdh_ctx *ctx);
void tdh_agent_leave(const struct tdh_agent_template *template, struct tdh_ctx *ctx);
/* instance.c */
struct tdh_cell_agent *tdh_agent_cell_new(struct tdh_agent_template *template,
                                          struct tdh_birth *birth, tdh_instance *ret_instance,
                                          struct td_err *err);
/* Ends an instance. */
void tdh_agent_cell_end(struct tdh_agent_template *template, struct tdh_cell_agent *cell);
/* Asks an instance whether it is as it should be, and has it made as new; each when the plugin has
 * a function for that, else 0. err: what it says */
int tdh_agent_verify(struct tdh_agent_template *template, struct tdh_cell_agent *cell,
                     struct tdh_birth *birth, struct td_err *err);
int tdh_agent_reset(struct tdh_agent_template *template, struct tdh_cell_agent *cell,
                    struct td_err *err);
bool tdh_agent_can_reset(const struct tdh_agent_template *template);
void tdh_agent_slabs_free(struct tdh_agent_template *template);
/* life_end.c: what the text says of its life, from now on. max: of calls at once; may get less. */
int tdh_life_govern(struct tdh_agent_template *template, const json_t *text, const char *where,
                    int64_t *max, struct td_err *err);
/* dispatch.c */
tdh_dispatch_fn tdh_agent_dispatch;
tdh_reconcile_fn tdh_agent_reconcile;

#endif
