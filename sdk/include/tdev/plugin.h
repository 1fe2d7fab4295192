/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin: the border. A plugin is a folder with plugin.yaml and one shared object that exports one
 * symbol, `td_entry`.
 *
 * The stamp is frozen for ever and compared field by field before any code of the plugin runs.
 * Everything else grows only at the end: every struct begins with its own size, arrays are arrays
 * of pointers that end with NULL.
 *
 * Change log of the ABI
 *   1.0  2026-11-21  first: agents, patterns, storage
 *   1.1  2026-11-21  td_storage: backup, restore; td_log_table: prune_runs; td_asks_ops: question;
 *                    td_reducer: flags
 *   1.2  2026-11-22  td_services: spend
 *   1.3  2026-11-22  TD_PLUGIN writes the stamp into an ELF note as well;
 *                    td_services: action, capabilities, program_open, program_call, program_close,
 *                    template_new, template_eval, template_free, http_fetch
 *   1.4  2026-11-22  td_agent: state, verify, reset; td_provider and all of provider.h;
 *                    td_services: has_use, use
 */
#ifndef TDEV_PLUGIN_H
#define TDEV_PLUGIN_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include <tdev/ctx.h>
#include <tdev/err.h>
#include <tdev/provider.h>
#include <tdev/reducer.h>
#include <tdev/storage.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TD_SDK_VERSION "1.4.0"
#define TD_ABI_MAGIC 0x56454454U /* "TDEV" */
#define TD_ABI_MAJOR 1
#define TD_ABI_MINOR 4

struct td_stamp { /* frozen for ever: 24 bytes, never reordered */
    uint32_t magic;
    uint16_t major, minor; /* of the SDK it was built with */
    /* must be equal to the host's */
    uint16_t pointer_size, time_size, off_size, jansson_major, err_size, flags;
    uint16_t reserved[2];
};
_Static_assert(sizeof(struct td_stamp) == 24, "the stamp is frozen");

#define TD_STAMP_HERE                                                                              \
    {                                                                                              \
        .magic = TD_ABI_MAGIC, .major = TD_ABI_MAJOR, .minor = TD_ABI_MINOR,                       \
        .pointer_size = sizeof(void *), .time_size = sizeof(time_t), .off_size = sizeof(off_t),    \
        .jansson_major = JANSSON_MAJOR_VERSION, .err_size = sizeof(struct td_err), .flags = 0,     \
    }

enum td_kind { TD_KIND_AGENT = 1, TD_KIND_PROVIDER = 2, TD_KIND_STORAGE = 3, TD_KIND_PATTERN = 4 };

/*
 * Options: the manifest holds name, type, default, range and prose; a binding says where in the
 * state the value goes. A member of the wrong type does not compile.
 *
 *   STR       const char *           string, choice; the host's, lives as long as the instance;
 *                                    NULL when not given
 *   INT       int64_t                int
 *   REAL      double                 real
 *   BOOL      bool                   bool
 *   DURATION  int64_t                duration, in milliseconds
 *   BYTES     int64_t                size, in bytes
 *   LIST      const char *const *    list of strings, ends with NULL; the host's
 */
enum td_bind {
    TD_BIND_STR_ = 1,
    TD_BIND_INT_,
    TD_BIND_REAL_,
    TD_BIND_BOOL_,
    TD_BIND_DURATION_,
    TD_BIND_BYTES_,
    TD_BIND_LIST_
};

struct td_binding {
    uint32_t size;
    enum td_bind type;
    const char *name; /* of the option */
    size_t offset;    /* in the state */
};

#define TD_MEMBER(state, member, type)                                                             \
    (offsetof(state, member) + 0 * sizeof((type *)NULL == &((state *)NULL)->member))
#define TD_BIND_(state, member, bind, type)                                                        \
    (&(const struct td_binding){ sizeof(struct td_binding), bind, #member,                         \
                                 TD_MEMBER(state, member, type) })
#define TD_BIND_STR(state, member) TD_BIND_(state, member, TD_BIND_STR_, const char *)
#define TD_BIND_INT(state, member) TD_BIND_(state, member, TD_BIND_INT_, int64_t)
#define TD_BIND_REAL(state, member) TD_BIND_(state, member, TD_BIND_REAL_, double)
#define TD_BIND_BOOL(state, member) TD_BIND_(state, member, TD_BIND_BOOL_, bool)
#define TD_BIND_DURATION(state, member) TD_BIND_(state, member, TD_BIND_DURATION_, int64_t)
#define TD_BIND_BYTES(state, member) TD_BIND_(state, member, TD_BIND_BYTES_, int64_t)
#define TD_BIND_LIST(state, member) TD_BIND_(state, member, TD_BIND_LIST_, const char *const *)

/**
 * Does the work of one action, written straight down.
 *
 * input       borrow; it fits the capability's input schema
 * ret_output  new; must fit the output schema. Set only on success
 * err         what is retryable is retried as the policy says
 */
typedef int td_action_fn(struct td_ctx *ctx, const json_t *input, json_t **ret_output,
                         struct td_err *err);

enum td_reconciled { TD_NOT_DONE, TD_DONE, TD_UNKNOWN };
/**
 * After a crash: was the step with the key td_key(ctx) done? Changes nothing.
 * ret_output: new, the result the lost attempt would have given; set only with TD_DONE.
 */
typedef int td_reconcile_fn(struct td_ctx *ctx, const json_t *input, enum td_reconciled *ret_answer,
                            json_t **ret_output, struct td_err *err);

/* One row per capability of the manifest; of a bridge (`capabilities: from_instance`) one, "*",
 * that does whatever td_action_name() says. */
struct td_action {
    uint32_t size;
    const char *name;
    td_action_fn *run;
    td_reconcile_fn *reconcile;       /* may be NULL */
    const struct td_reducer *reducer; /* no host of SDK 1.0 runs an action as a reducer: NULL */
};
#define TD_ACTION(name, run)                                                                       \
    (&(const struct td_action){ sizeof(struct td_action), name, run, NULL, NULL })
#define TD_ACTION_RECONCILED(name, run, reconcile)                                                 \
    (&(const struct td_action){ sizeof(struct td_action), name, run, reconcile, NULL })

/*
 * What an instance knows and its host keeps for it: saved to the store as JSON, and loaded into the
 * next instance, after a restart, a crash, or with another version of the plugin. The manifest says
 * `state: {version: N}`.
 *
 * The form of that JSON has a version, a whole number from 1. A plugin loads its own form only;
 * migrations lead to it from others, step by step along the shortest path, and back. All these
 * functions are pure: they wait for nothing (no service of TD_YIELDS), and the same state gives the
 * same JSON. One that fails has changed nothing.
 *
 * save and load run where actions run. save may come whenever a function of the instance gives way,
 * and with `concurrency: threads` or `execution: blocking` beside them, as other actions do. load
 * comes once, directly after init, before any action.
 */
#define TD_STATE_BYTES_MAX (16U << 20)
#define TD_STATE_MIGRATIONS_MAX 64

/** What saved is in another form. saved: borrow, never changed. Returns new, or NULL with err. */
typedef json_t *td_state_migrate_fn(const json_t *saved, struct td_err *err);

struct td_state_migration {
    uint32_t size;
    uint32_t from, to;         /* forms, from 1, that differ */
    td_state_migrate_fn *up;   /* from `from` to `to` */
    td_state_migrate_fn *down; /* and back; NULL: there is no way back */
};

struct td_agent_state {
    uint32_t size;
    uint32_t version; /* of the form that save gives and load takes, as in the manifest */
    /** new: all that is to be kept, at most TD_STATE_BYTES_MAX bytes as JSON; NULL with err. */
    json_t *(*save)(struct td_ctx *ctx, struct td_err *err);
    /** Fills the state that init has made. saved: borrow; of this version. */
    int (*load)(struct td_ctx *ctx, const json_t *saved, struct td_err *err);
    /* at most TD_STATE_MIGRATIONS_MAX, no two between the same forms; ends with NULL; may be NULL
     */
    const struct td_state_migration *const *migrations;
};

struct td_agent {
    uint32_t size;
    const struct td_action *const *actions; /* ends with NULL */
    /* --- since 1.4 --- */
    const struct td_agent_state *state; /* NULL: the host keeps nothing of its instances */
    /** Is an instance that init has made as it should be? Called once, before its first call; both
     * may be NULL. In a plugin with `execution: blocking` they run in the blocking pool. */
    int (*verify)(struct td_ctx *ctx, struct td_err *err);
    /** Makes an instance of a pool as new again, between two calls. One for which this is NULL, or
     * fails, is dropped, and another is made. */
    int (*reset)(struct td_ctx *ctx, struct td_err *err);
};

/* A pattern is a reducer over its configuration: `config:` of the node or of `tdev pattern run`. */
struct td_pattern {
    uint32_t size;
    const struct td_reducer *reducer;
};

/*
 * The descriptor. prepare runs once per plugin and options, when the first instance is made: what
 * it returns is shared by all instances and never written again. init and drop run per instance;
 * all of them may be NULL. In a plugin with `execution: blocking` all run in the blocking pool.
 */
struct td_plugin {
    uint32_t size;
    enum td_kind kind;
    const char *name, *version; /* as in the manifest */
    size_t state_size;          /* bytes per instance, zeroed, options filled in before init */
    const struct td_binding *const *bindings; /* ends with NULL; may be NULL */
    int (*prepare)(struct td_ctx *ctx, void **ret_shared, struct td_err *err);
    void (*release)(void *shared);
    int (*init)(struct td_ctx *ctx, struct td_err *err);
    void (*drop)(struct td_ctx *ctx);   /* also after an init that failed */
    const struct td_agent *agent;       /* of the kind, one is set */
    const struct td_provider *provider; /* since 1.4 */
    const struct td_storage *storage;
    const struct td_pattern *pattern;
};

struct td_entry {
    struct td_stamp stamp;
    const struct td_plugin *plugin;
};

/*
 * The stamp once more, where it can be read without opening the library: an ELF note of the owner
 * "tdev" in a segment that no tool strips. A host compares it before it opens the library, and
 * `tdev plugin check --against` with that of other hosts. What opens must have the same stamp.
 * Libraries of SDK 1.2 and before have none.
 */
#define TD_NOTE_OWNER "tdev"
enum { TD_NOTE_STAMP = 1 }; /* the type of the note that holds a struct td_note */

struct td_note { /* grows at the end only; 4 bytes are its greatest alignment */
    uint32_t size;
    struct td_stamp stamp;
    char sdk[16]; /* TD_SDK_VERSION; ends with NUL */
};
_Static_assert(sizeof(struct td_note) == 44, "a note is not padded");

struct td_note_section { /* as ELF lays a note out */
    uint32_t owner_size, note_size, type;
    char owner[8];
    struct td_note note;
};

#ifdef __clang__ /* AddressSanitizer must not lay a red zone between notes */
#define TD_NOTE_BARE __attribute__((no_sanitize("address")))
#else
#define TD_NOTE_BARE
#endif
/** In front of a struct td_note_section: keeps it, and where it belongs. */
#define TD_NOTE_PLACE __attribute__((used, section(".note.tdev"), aligned(4))) TD_NOTE_BARE
#define TD_NOTE_HERE                                                                               \
    {                                                                                              \
        .owner_size = sizeof(TD_NOTE_OWNER), .note_size = sizeof(struct td_note),                  \
        .type = TD_NOTE_STAMP, .owner = TD_NOTE_OWNER,                                             \
        .note = { sizeof(struct td_note), TD_STAMP_HERE, TD_SDK_VERSION },                         \
    }

/** Writes the one symbol of a plugin, and its note. */
#define TD_PLUGIN(descriptor)                                                                      \
    TD_NOTE_PLACE static const struct td_note_section td_note_here = TD_NOTE_HERE;                 \
    TD_EXPORT extern const struct td_entry td_entry;                                               \
    const struct td_entry td_entry = { TD_STAMP_HERE, &(descriptor) }

#ifdef __cplusplus
}
#endif
#endif
