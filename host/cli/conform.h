/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform: what the suites of `tdev plugin conform` share.
 *
 * A suite is a list of rules. A rule is a function that returns 0 when the plugin keeps it, and
 * else says in `err` how it does not. All rules run in a process of their own, so that a plugin
 * that crashes or hangs breaks one rule and is named.
 */
#ifndef TDH_CLI_CONFORM_H
#define TDH_CLI_CONFORM_H

#include <limits.h>

#include "cli/cli.h"

struct tdh_conform_part;

/* One try of one plugin. Lives in the child process. */
struct tdh_conform {
    const struct tdh_args *args;
    struct tdh_host *host;
    struct tdh_plugin *plugin;      /* held by the host's plugins */
    json_t *script;                 /* conform.yaml; an empty object when there is none */
    struct tdh_offer offer;         /* of the manifest; of a bridge, of conform.yaml */
    struct tdh_conform_part *parts; /* who stands in for each role; NULL: the plugin has none */
    char **cast;                    /* their names, as of struct tdh_ctx */
    const char *temp;               /* a folder that is taken away in the end */
    unsigned opened;                /* how many instances were made */
    int fd;                         /* where the rules are told: one JSON object a line */
    bool is_pooled; /* rules run in the blocking pool, as the plugin's functions do */
};

/* An instance of the plugin, made with the options of conform.yaml. Zeroed is valid and empty. */
struct tdh_conform_instance {
    struct tdh_ctx ctx;
    void *state, *block, *shared;
    bool is_prepared, is_begun, is_initialised;
};

typedef int tdh_rule_fn(struct tdh_conform *conform, void *arg, struct td_err *err);

/** Tries one rule and tells how it went. Returns what fn returns. */
TD_YIELDS int tdh_conform_rule(struct tdh_conform *conform, tdh_rule_fn *fn, void *arg,
                               const char *fmt, ...) TD_PRINTF(4, 5);
/** Tells that a part of the suite does not concern this plugin. */
void tdh_conform_skip(struct tdh_conform *conform, const char *fmt, ...) TD_PRINTF(2, 3);
/** What the child does: opens the folder, runs the suites, tells.
 * Returns the exit code of the child. */
int tdh_conform_run(struct tdh_conform *conform, const char *folder);

/** Makes an instance: options, prepare, init. Also after a failure: tdh_conform_close(). */
int tdh_conform_open(struct tdh_conform *conform, struct tdh_conform_instance *instance,
                     struct td_err *err);
void tdh_conform_close(struct tdh_conform *conform, struct tdh_conform_instance *instance);

/**
 * A small value that a schema describes: const, enum, default and examples first, then the least of
 * its type with what is required. new; it may not fit a schema that is too clever (the caller
 * checks).
 */
json_t *tdh_conform_value(const json_t *schema);
/** A copy in whose texts ${TMP} is the folder `temp`. new; NULL without memory. */
json_t *tdh_conform_fill(const json_t *value, const char *temp);
/**
 * 0 when `wanted` is a part of `output`: an object has at least these members, a list for each of
 * these items one that includes it ([] is empty), all else is equal. err names the first that is
 * not.
 */
int tdh_conform_includes(const json_t *output, const json_t *wanted, struct td_err *err);

/** A rule: somebody has each role of the agent. Before the first instance; and the end of it. */
int tdh_conform_cast(struct tdh_conform *conform, void *arg, struct td_err *err);
void tdh_conform_cast_end(struct tdh_conform *conform);

/* The suites, one per kind. */
void tdh_conform_life(struct tdh_conform *conform);
void tdh_conform_agent(struct tdh_conform *conform);
/** Of agents whose state is kept. */
void tdh_conform_state(struct tdh_conform *conform);
void tdh_conform_pattern(struct tdh_conform *conform);
void tdh_conform_provider(struct tdh_conform *conform);
void tdh_conform_storage(struct tdh_conform *conform);

#endif
