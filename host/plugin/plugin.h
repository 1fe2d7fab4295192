/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin: finds plugins, checks them, opens them, and fills the state of an instance from its
 * options.
 *
 * A plugin is known from its manifest before anything of it runs. The way in is: manifest,
 * compatibility matrix, private copy of the library, symbol, stamp, descriptor, bindings and
 * actions; the first misfit stops it, is told, and leaves the host as it was. Plugins are looked
 * for by name, when somebody needs them: a plugin's folder is called what the plugin is called,
 * either ROOT/NAME or ROOT/agents/NAME (storage, patterns, providers). The first root that has it
 * wins. docs/plugin.md tells it to users.
 *
 * struct tdh_plugins has a lock (tdh_plugins_lock); a loaded struct tdh_plugin is immutable but for
 * its count (atomic) and may be used and released by all threads.
 */
#ifndef TDH_PLUGIN_PLUGIN_H
#define TDH_PLUGIN_PLUGIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tdev/plugin.h>

#include "base/arena.h"
#include "base/ledger.h"
#include "base/semver.h"
#include "base/yaml.h"
#include "plugin/catalogue.h"
#include "plugin/exchange.h"
#include "plugin/offer.h"
#include "plugin/program.h"
#include "plugin/role.h"
#include "plugin/state.h"
#include "plugin/wish.h"
#include "runtime/runtime.h"
#include "schema/schema.h"
#include "security/security.h"
#include "store/store.h"

#define TDH_HOST_VERSION "0.1.0"

enum tdh_isolation { TDH_INLINE, TDH_PROCESS };

enum tdh_option_type {
    TDH_OPT_STRING,
    TDH_OPT_INT,
    TDH_OPT_REAL,
    TDH_OPT_BOOL,
    TDH_OPT_DURATION,
    TDH_OPT_SIZE,
    TDH_OPT_CHOICE,
    TDH_OPT_LIST
};

struct tdh_option {
    char *name, *unit, *text;
    enum tdh_option_type type;
    json_t *value;   /* default, NULL: none; durations in ms and sizes in bytes as integers */
    json_t *choices; /* array of strings, or NULL */
    double min, max; /* -INFINITY, INFINITY when not given */
    bool is_required, is_secret;
};

struct tdh_need { /* of requires and conflicts */
    char *plugin;
    enum td_kind kind; /* 0: any */
    struct tdh_range range;
    char *range_text;
    bool is_optional; /* of requires */
};

/* Read-only once read, but for compiled schemas and what was signed. End: tdh_manifest_free. */
struct tdh_manifest {
    char *folder, *path; /* of the plugin, of its plugin.yaml */
    char *name, *description, *library;
    enum td_kind kind;
    struct tdh_semver version;
    char *version_text;
    struct tdh_range sdk, host;
    enum tdh_isolation isolation;
    bool is_isolation_given;
    bool is_blocking; /* execution: blocking */
    bool is_threaded; /* concurrency: threads */
    struct tdh_need *needs, *conflicts;
    size_t need_count, conflict_count;
    struct tdh_capability *capabilities;
    size_t capability_count;
    bool is_bridge; /* capabilities: from_instance */
    /* Of a pattern: the schema of its configuration as written; NULL: anything. Of a bridge: that
     * of an action's `config`; NULL: they have none. */
    json_t *config;
    struct tdh_schema *config_schema; /* compiled when it is asked for */
    struct tdh_catalogue *catalogue;  /* of a pattern; NULL: none */
    struct tdh_option *options;
    size_t option_count;
    struct tdh_role *roles; /* of an agent: what it needs of others */
    size_t role_count;
    json_t *permissions, *limits;  /* as written; NULL: none */
    int64_t timeout_ms, max_calls; /* from limits; 0: none */
    int64_t memory_bytes;
    uint32_t state_version;              /* of the state its agents keep; 0: they keep none */
    char *sha256;                        /* integrity, or NULL */
    char hash[TDH_SHA256_HEX];           /* of the text it was read from */
    char signed_library[TDH_SHA256_HEX]; /* what the library was when it was signed; "": any */
    char signer[TDH_KEY_TEXT]; /* the public key it was found signed with; "": not looked at */
    bool is_kept;              /* of an edition that was kept, not of the folder */
    struct tdh_yaml *yaml;     /* for places in messages */
};

/**
 * Reads and checks one manifest; opens no library. new.
 * err: `plugin "x": ` and TD_E_CONFIG with FILE:LINE:COLUMN; TD_E_UNSUPPORTED: a kind this host has
 * not; TD_E_NOTFOUND.
 */
struct tdh_manifest *tdh_manifest_read(const char *folder, struct td_err *err);
void tdh_manifest_free(struct tdh_manifest *manifest);
const struct tdh_capability *tdh_manifest_capability(const struct tdh_manifest *manifest,
                                                     const char *action);
/** The schema of a pattern's configuration, or of an action's config of a bridge, compiled when it
 * is first asked for: NULL takes anything. Borrowed. err: TD_E_CONFIG: it is none. */
int tdh_manifest_config_schema(struct tdh_manifest *manifest, const struct tdh_schema **ret_schema,
                               struct td_err *err);
/** "agent", "storage", "pattern", "provider"; "plugin" for what is none of them. */
const char *tdh_kind_name(enum td_kind kind);
/** 0 when there is no such kind. */
enum td_kind tdh_kind_from_name(const char *name);
/** Does the pattern, in which "*" stands for any run of bytes, cover all of the name? */
bool tdh_name_covers(const char *pattern, const char *name);
/** True when a member of permissions (such as agents: ["*", "mail-*"])
 * allows the name. NULL allows nothing. */
bool tdh_permission_has(const json_t *permissions, const char *member, const char *name);
/** Is that a member of permissions and a name, such as "store:kv"? */
bool tdh_permission_is_word(const char *word);
/** As tdh_permission_has, of such a word. */
bool tdh_permission_holds(const json_t *permissions, const char *word);

/*
 * A loaded plugin: manifest, library, descriptor. Counted: tdh_plugin_hold and tdh_plugin_release;
 * the library closes with the last (under valgrind and the sanitizers it stays mapped).
 *
 * One that is isolated has a runner instead of a library: its descriptor's functions send what they
 * are asked for to a process of its own. They are called as any plugin's, in coroutines of workers
 * and never in the blocking pool (tdh_plugin_blocks); prepare and init do nothing before the first
 * call, which fails in their place.
 */
struct tdh_runner;
struct tdh_proxy;
struct tdh_plugin {
    struct tdh_manifest *manifest;
    struct td_plugin descriptor; /* copied up to its own size, the rest zero */
    /* one per capability, in the manifest's order; of a bridge one for all; NULL for other kinds */
    const struct td_action **actions;
    const struct td_binding **bindings; /* one per option, in the manifest's order */
    const struct td_agent_state *state; /* inline: of the library; NULL: it has none */
    char hash[65];                      /* SHA-256 of the library */
    char edition[TDH_EDITION_ID];       /* of manifest and library: half of a SHA-256 */
    struct td_note note;                /* of the library; size 0: it has none */
    char *copy;                         /* path of the private copy */
    void *handle;
    struct tdh_runner *runner; /* NULL: it runs inline */
    struct tdh_proxy *proxy;
    int holds;                    /* atomic */
    bool is_blocked;              /* by the matrix, since it was loaded; atomic */
    struct tdh_ledger_line *line; /* what it uses by itself; NULL: nobody counts */
    struct tdh_plugin **needs;    /* held; one per row of the manifest's needs; may be NULL */
};
struct tdh_plugin *tdh_plugin_hold(struct tdh_plugin *plugin);
void tdh_plugin_release(struct tdh_plugin *plugin);
/** Has the matrix blocked it since it was loaded? Then nobody begins anything with it. Any thread.
 */
static inline bool tdh_plugin_is_blocked(const struct tdh_plugin *plugin)
{
    return __atomic_load_n(&plugin->is_blocked, __ATOMIC_RELAXED);
}
/** Do its functions block the thread they are called in? */
static inline bool tdh_plugin_blocks(const struct tdh_plugin *plugin)
{
    return plugin->manifest->is_blocking && plugin->runner == NULL;
}

/** What the plugin's agent says of an instance (sdk/include/tdev/plugin.h); NULL: it has no such
 * function, or is of an SDK before 1.4, or isolated. */
typedef int tdh_ready_fn(struct td_ctx *ctx, struct td_err *err);
tdh_ready_fn *tdh_plugin_verify(const struct tdh_plugin *plugin);
tdh_ready_fn *tdh_plugin_reset(const struct tdh_plugin *plugin);

/*
 * Options of an instance: checks `options` (an object, NULL: none) against the manifest's rows and
 * fills `state` through the bindings. Strings and lists are copied into one block that the caller
 * frees with free() after the state. On failure `state` holds nothing of use.
 *
 * where      what the options are of, for messages: `agent "mail"`
 * ret_block  new; NULL when no option needs it
 * err        TD_E_CONFIG: `WHERE: option "limit": 0 is not in 1 to 65536`, unrecognized names with
 *            the nearest known
 */
int tdh_plugin_bind(const struct tdh_plugin *plugin, const json_t *options, const char *where,
                    void *state, void **ret_block, struct td_err *err);
/** The same checks from the manifest alone: nothing is opened. ret_name: borrow, of the options or
 * the manifest; the option that was refused, "" when it is all of them. */
int tdh_options_check(const struct tdh_manifest *manifest, const json_t *options,
                      const char **ret_name, struct td_err *err);

/*
 * The host's side of a td_ctx: what a function of a plugin is given, with what follows for the
 * host. Set up on the stack of whoever calls into the plugin; tdh_ctx_end runs the deferred
 * functions and gives the memory back.
 */
struct tdh_deferred;
struct tdh_ctx {
    struct td_ctx pub;
    const struct tdh_plugin *plugin;
    const char *instance;          /* its name */
    const struct tdh_offer *offer; /* of the agent; NULL: what the manifest says */
    /* who has the manifest's roles, one for each, NULL: nobody; as long as the instance. NULL: the
     * default of each */
    char *const *cast;
    const char *action_name;        /* that is called; NULL: none */
    void *call;                     /* the struct tdh_call it serves, or NULL */
    const struct td_action *action; /* that is called, or reconciled; NULL: none */
    tdh_fresh_fn *fresh;            /* NULL: none; see plugin/state.h */
    void *fresh_arg;
    struct tdh_arena arena;
    struct tdh_deferred *deferred; /* newest first */
    struct tdh_held held_before;   /* who held the thread */
    uint64_t entered_ns;           /* when, on the clock of tdh_clock_mono_ns */
    unsigned paused;               /* of tdh_plugins_pause() */
};
static inline struct tdh_ctx *tdh_ctx_of(struct td_ctx *ctx)
{
    return (struct tdh_ctx *)ctx;
}
void tdh_ctx_begin(struct tdh_ctx *ctx, const struct td_services *services,
                   const struct tdh_plugin *plugin, const char *instance, void *self,
                   const void *shared);
void tdh_ctx_end(struct tdh_ctx *ctx);
/** What it may do, as its manifest or its agent's file says. Borrowed; NULL: nothing. */
const json_t *tdh_ctx_permissions(const struct tdh_ctx *ctx);
/* The services that need nothing above plugin:
 * log, alloc, defer, instance, folder, action, capabilities, has_use. main fills the rest. */
void tdh_ctx_fill(struct td_services *services);

/**
 * Opens an instance of a storage plugin for the store.
 *
 * options      as tdh_plugin_bind takes them
 * services     borrow, for as long as the backend is open
 * ret_backend  new; tdh_store_new takes it
 * err          TD_E_CONFIG, or what the plugin says
 */
int tdh_plugin_backend(struct tdh_plugin *plugin, const json_t *options,
                       const struct td_services *services, struct tdh_store_backend *ret_backend,
                       struct td_err *err);

/**
 * Has a storage plugin put a backup in the place of the store that the options lead to; the store
 * is not opened. See restore in sdk/include/tdev/storage.h.
 *
 * err  TD_E_UNSUPPORTED: the backend cannot
 */
int tdh_plugin_restore(struct tdh_plugin *plugin, const json_t *options,
                       const struct td_services *services, const char *image, const char *aside,
                       struct td_err *err);

struct tdh_plugins_options {
    const char *const *roots;        /* folders of plugins, first wins; ends with NULL */
    const char *const *inline_roots; /* whose plugins may run inline, too; ends with NULL */
    const char *bundled_root;        /* the one that came with tdev; may be NULL */
    const char *private_dir;         /* copies of libraries, by hash; made when needed, mode 0700 */
    const char *compat_path;         /* compat.yaml; NULL or not there: no rules */
    bool is_compat_needed;           /* it must be there */
    const char *runner_path;         /* of tdev-runner; NULL: nothing is isolated */
    const char *data_dir;            /* which isolated plugins may read; may be NULL */
    bool is_strict;                  /* what cannot be confined as a whole does not run */
    unsigned processes_max;          /* of isolated plugins; 0: 64 */
    unsigned crashes_max;            /* in a row, then one stays down; 0: 10 */
    int64_t day;                     /* that compat.yaml is held against; 0: always today */
    enum tdh_signatures signatures;
    const struct tdh_trust *trust; /* must live as long; NULL: no key is trusted */
};

enum tdh_plugin_state { TDH_PLUGIN_DISCOVERED, TDH_PLUGIN_READY, TDH_PLUGIN_REFUSED };

/* When manifest and library in a folder were written, and which files they are: the manifest, the
 * library, and where a build that is not installed has it. */
enum { TDH_PRINT_FILE = 4 }; /* words of one file */
struct tdh_plugin_print {
    uint64_t words[3 * TDH_PRINT_FILE];
};

/* What is known of one plugin folder. Owned by struct tdh_plugins, lives as long; what it leads to,
 * until the next exchange (tdh_plugins_exchange). */
struct tdh_plugin_entry {
    char *folder;
    char *name;        /* of the folder */
    enum td_kind kind; /* 0 while the manifest could not be read */
    enum tdh_plugin_state state;
    struct tdh_manifest *manifest; /* NULL when refused before it was read */
    struct tdh_plugin *plugin;     /* NULL until loaded */
    struct td_err why;             /* when refused */
    bool is_bundled;               /* it came with tdev */
    enum tdh_isolation isolation;  /* how it runs here, whatever its manifest says */
    bool is_deprecated;            /* by the compatibility matrix; `why` holds the reason */
    struct tdh_plugin_print print; /* of what was read, or tried, last */
    struct tdh_plugin_print seen;  /* at the last look, when it was another */
    unsigned gone_looks;           /* in a row that the folder was not there */
    struct td_err why_not;         /* what is in the folder now serves not, and this is why; the one
                                      before does. TD_OK: it does */
    bool is_rejected;              /* it was tried, and is not tried again until it is another */
    struct tdh_plugin_entry *next; /* what is tried beside it; NULL: nothing is */
    uint64_t load_ns;              /* that opening it took, without what it requires; 0: not open */
};

/* Days are counted from 1970-01-01, in UTC. */
#define TDH_NO_DAY INT64_MIN
enum { TDH_DAY_TEXT = 12 };
/** Reads "2027-01-31". err: TD_E_INVAL. */
int tdh_day_parse(const char *text, int64_t *ret_day, struct td_err *err);
/** Returns text. */
const char *tdh_day_print(int64_t day, char text[static TDH_DAY_TEXT]);
int64_t tdh_day_today(void);

/* What plugins are held against: this host today, or another one. */
struct tdh_terms {
    struct tdh_semver host, sdk;
    int64_t day;
};

enum tdh_verdict { TDH_ALLOW, TDH_DEPRECATED, TDH_BLOCK };

/* A row of the compatibility matrix.
 * Host and sdk are ranges of what a host is, version is one of the plugin's. */
struct tdh_compat_rule {
    char *host_text, *sdk_text, *version_text; /* as written; NULL: any */
    struct tdh_range host, sdk, version;
    char *plugin; /* its name, or a pattern with "*"; NULL: any */
    /* Of a rule for pairs: the other one of the two, in the same way; NULL: it is for one plugin.
     */
    char *with_plugin, *with_version_text;
    struct tdh_range with_version;
    enum tdh_verdict verdict;
    char *reason, *replaced_by; /* may be NULL */
    /* of a deprecation, or TDH_NO_DAY: the first day it fits; the last one before it blocks */
    int64_t since, until;
    unsigned line; /* of the file */
};

/** new. Nothing is looked for yet. err: TD_E_CONFIG: compat.yaml has a fault; TD_E_NOMEM. */
struct tdh_plugins *tdh_plugins_new(const struct tdh_plugins_options *options, struct td_err *err);
/** Plugins that are held by others stay loaded until those release them. */
void tdh_plugins_free(struct tdh_plugins *plugins);
/**
 * The plugin's entry with its manifest read and checked, nothing opened. A plugin that was refused
 * is looked at anew. err: as tdh_plugins_load, as far as it can be known; TD_E_NOTFOUND names the
 * roots and the nearest name.
 */
const struct tdh_plugin_entry *tdh_plugins_find(struct tdh_plugins *plugins, enum td_kind kind,
                                                const char *name, struct td_err *err);
/**
 * The plugin, loaded through all gates, with what it requires loaded before it. Loaded once: later
 * calls return the same. Borrowed: tdh_plugin_hold to keep. err: TD_E_NOTFOUND, TD_E_CONFIG,
 * TD_E_ABI, TD_E_DEPENDENCY (cycles are named), TD_E_PERM (not the SHA-256 of
 * the manifest; not signed; may not run inline there), TD_E_UNSUPPORTED (cannot be isolated). The
 * gates behind the library are passed in the process of an isolated plugin, with its first call.
 */
struct tdh_plugin *tdh_plugins_load(struct tdh_plugins *plugins, enum td_kind kind,
                                    const char *name, struct td_err *err);
/* --- several workers --- */

/**
 * The registry, and the agents made of it, are one worker's at a time: all functions here that take
 * a struct tdh_plugins lock it themselves, and those above may, around several of them. It may be
 * taken again by who has it. Never held in code of a plugin, or while a coroutine waits: pause
 * gives it up as a whole, whoever has it or not, and resume takes it again as it was.
 *
 * What is borrowed from the registry outlives the lock by seconds, for who looks at it and does not
 * wait meanwhile.
 */
void tdh_plugins_lock(struct tdh_plugins *plugins);
void tdh_plugins_unlock(struct tdh_plugins *plugins);
unsigned tdh_plugins_pause(struct tdh_plugins *plugins);
void tdh_plugins_resume(struct tdh_plugins *plugins, unsigned depth);

/**
 * Can these be used together, with all they require? Opens nothing.
 *
 * ret_places  on failure: which of them; the same number twice when one cannot be used by itself
 * err         TD_E_DEPENDENCY: why that one cannot be used; or, of two that exclude each other, or
 *             require such, just `"x" 1.0.0 and "y" 2.1.0`
 */
int tdh_plugins_together(struct tdh_plugins *plugins, const struct tdh_plugin_entry *const *entries,
                         size_t count, size_t ret_places[static 2], struct td_err *err);
/** Ends all processes of isolated plugins; the next call starts them anew. In no coroutine: after
 * the last call, before the runtime is freed. */
void tdh_plugins_stop(struct tdh_plugins *plugins);
/** [{plugin, state: "up" | "down" | "given up", tdev, process, ends, why} ...]: isolated plugins
 * that any living tdev with the same private_dir has, or had to give up; and {plugin, state: "goes
 * on with VERSION", tdev, why} of those that it could not exchange. new. */
json_t *tdh_plugins_processes(const struct tdh_plugins *plugins);
/** Isolated plugins that were given up may be started again. On the worker of the registry. */
void tdh_plugins_revive(struct tdh_plugins *plugins);
/** Reads the manifests of all roots, and follows what they require. A plugin that cannot be used,
 * as far as that is known without opening it, becomes an entry that is refused; fails only without
 * memory. */
int tdh_plugins_scan(struct tdh_plugins *plugins, struct td_err *err);
/** All entries known, by name. new array of borrowed, ends with NULL; free(). */
const struct tdh_plugin_entry **tdh_plugins_list(struct tdh_plugins *plugins, struct td_err *err);
/** Checks one folder through all gates, with what it requires, also opening the library,
 * and leaves nothing loaded. For `tdev plugin check`. */
int tdh_plugins_check(struct tdh_plugins *plugins, const char *folder, struct td_err *err);
/** As tdh_plugins_check, in a child process: a library that ends the process while it is opened,
 * or does not come back in time and is ended, is told as TD_E_ABI. Call it only while the process
 * has one thread. */
int tdh_plugins_check_apart(struct tdh_plugins *plugins, const char *folder, int limit_ms,
                            struct td_err *err);
/** What plugins are held against here. */
struct tdh_terms tdh_plugins_terms(const struct tdh_plugins *plugins);
/**
 * Reads "0.2.0", "0.2,sdk=1.2" or "0.2.0,sdk=1.2.0,on=2027-01-31": the last numbers of a version
 * may be left out; what is not named stays as it is in *terms. err: TD_E_INVAL.
 */
int tdh_terms_parse(const char *text, struct tdh_terms *terms, struct td_err *err);

enum tdh_outlook { TDH_PASSES, TDH_WARNS, TDH_UNKNOWN, TDH_FAILS };
enum { TDH_FORECAST_ROWS = 8 };

/* What would become of a plugin on a host: one row for each gate that was looked at, in their
 * order, also behind one that fails. */
struct tdh_forecast {
    char name[72], version[136]; /* "" when there is no manifest that can be read */
    enum td_kind kind;
    struct td_note note;                /* of its library; size 0: none */
    const struct tdh_compat_rule *rule; /* that fits; NULL: none. As of tdh_plugins_rules */
    enum tdh_outlook outlook;           /* the worst of the rows */
    size_t count;
    struct tdh_forecast_row {
        const char *gate;
        enum tdh_outlook outlook;
        char text[TD_ERR_TEXT], hint[TD_ERR_HINT]; /* hint: may be "" */
    } rows[TDH_FORECAST_ROWS];
};
/**
 * Opens nothing, and changes nothing.
 *
 * path   a plugin's folder, or a library, of which only ELF and stamp can be told
 * terms  NULL: this host
 * err    the path leads to nothing that could be looked at; a plugin that fails is no failure
 */
int tdh_plugins_forecast(const struct tdh_plugins *plugins, const char *path,
                         const struct tdh_terms *terms, struct tdh_forecast *ret_forecast,
                         struct td_err *err);
/* Private copies of libraries. */
struct tdh_plugin_copies {
    unsigned removed, count; /* count: that are left */
    uint64_t bytes;          /* of those */
};
/** Takes away those that nobody has opened for 30 days; another process may hold that up until the
 * next time. Those of loaded plugins count as opened now. err TD_E_IO. */
int tdh_plugins_tidy(struct tdh_plugins *plugins, struct tdh_plugin_copies *ret_copies,
                     struct td_err *err);
/**
 * Reads the compatibility matrix anew, and holds the plugins that are known against it. What is
 * loaded and blocked now is given to nobody, and its agents are not called any more; what is under
 * way ends as it would. On the registry's worker.
 *
 * err  TD_E_CONFIG with FILE:LINE:COLUMN, TD_E_IO: nothing has changed
 */
int tdh_plugins_reread(struct tdh_plugins *plugins, struct td_err *err);
/** The rules of the compatibility matrix, in their order. Borrowed until tdh_plugins_reread. */
const struct tdh_compat_rule *tdh_plugins_rules(const struct tdh_plugins *plugins,
                                                size_t *ret_count);

/**
 * The pairs of plugins there are that a rule deprecates or blocks: [{plugin, version, with:
 * {plugin, version}, verdict, line, why}]. new. After tdh_plugins_scan.
 *
 * terms  NULL: this host
 */
json_t *tdh_plugins_pairs(struct tdh_plugins *plugins, const struct tdh_terms *terms);

/** The version of Landlock that this kernel offers, which keeps isolated plugins to their files;
 * less than 1: none. 4 and more keep ports, too. */
int tdh_landlock_version(void);
/** Was tdev built with libseccomp, which keeps them to their system calls? */
bool tdh_has_call_lists(void);
/** All of the program tdev-runner: an isolated plugin's process. Returns its exit code. */
int tdh_runner_main(void);

#endif
