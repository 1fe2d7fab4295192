/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_bed: lives of a process that runs durable runs, for tests: a world that outlasts them, and
 * agents that count what they did to the world. run_script.h tells what a script may say.
 *
 * Agents, all with an action "do":
 *
 *   pure, idem, ext  whose effects are none, idempotent, external
 *   known, twin      as ext, and they can reconcile
 *   thrift, grand    as pure and ext; their "uses" are 2 and 5 of "tokens"
 *   gone             is not there
 *
 * Their input: "spend": so many "tokens" are used; "fail": n attempts fail first; "late": n
 * attempts wait until their time is up; "by": all fail but that agent's; "size": bytes of the
 * answer; "ms": how long it takes; "die": the process dies after the effect, in its first life.
 * They answer
 * {"echo": input}.
 *
 * JSON is written with ' for ", so that tables of it can be read.
 */
#ifndef TESTS_RUN_BED_H
#define TESTS_RUN_BED_H

#include "fake_store.h"
#include "run/run.h"

/* What outlasts a process. */
struct world {
    struct fake_disk *disk;
    json_t *effects;  /* key -> how often an effect with that key happened */
    json_t *attempts; /* key -> attempts begun */
    char state_dir[64];
    const char *budget; /* of the definition, as JSON; NULL: none */
    const char *suffix; /* of every path: to make a definition diverge; NULL: none */
    size_t snapshot_bytes, run_ahead_bytes;
    unsigned notices;     /* which are told of a script that does not say; into the disk's topic */
    const char *announce; /* what it says; NULL: nothing */
    unsigned told;        /* how many its publisher heard of */
    bool is_blocking;
    bool is_agent_gone;     /* "known" cannot be found */
    bool has_no_answer;     /* reconcile does not know */
    bool is_second;         /* a later life, in which "die": true does no harm */
    unsigned early;         /* effects that began before their intent was durable: must stay 0 */
    unsigned running, most; /* calls at once */
    const char *actor;      /* who was called last with "by"; NULL: nobody */
    unsigned changes;       /* of that */
    unsigned saves;         /* states live: made less dropped */
};

struct life {
    struct world *world;
    struct tdh_runtime *runtime;
    struct tdh_store *store;
    struct tdh_engine *engine;
    struct tdh_definition *script;
    void *arg; /* of fn */
};
typedef void life_fn(struct life *life);

void world_make(struct world *world);
void world_end(struct world *world);
/* A world around each test.
 * Whatever it did: no state of a reducer is left, and no effect ran ahead of its intent. */
int world_setup(void **state);
int world_teardown(void **state);
#define WORLD_TEST(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

/** One process: opens the store, runs fn as the first coroutine, ends everything. */
void live(struct world *world, life_fn *fn, void *arg);

/* How one run went. */
struct outcome {
    enum tdh_run_status status;
    char id[TDH_ID_SIZE];
    json_t *output;
    struct td_err err;
};
void outcome_clear(struct outcome *outcome);
/** Starts a script; the caller holds the run. */
struct tdh_run *begin(struct life *life, const char *script);
/** Waits for a run and releases it. */
void await(struct tdh_run *run, struct outcome *outcome);
/** A whole life that runs one script. */
void run_script(struct world *world, const char *script, struct outcome *outcome);
/** A whole life that resumes a run; resume may be NULL.
 * status TDH_RUN_ORPHANED: it could not be, err says why. */
void resume_run(struct world *world, const struct tdh_resume *resume, struct outcome *outcome);
/** As resume_run, with the disk going when it has had the commits it is allowed. */
void resume_run_until(struct world *world, const struct tdh_resume *resume,
                      struct outcome *outcome);
/** Same, within a life. */
void resume_here(struct life *life, const struct tdh_resume *resume, struct outcome *outcome);
/** True when the output is this JSON text; else prints it. */
bool output_is(const struct outcome *outcome, const char *text);
/** Same, of one answer within it. */
bool answer_is(const struct outcome *outcome, size_t stage, size_t slot, const char *text);
/** How often effects happened at all, and the most often one of them did. */
unsigned count_effects(const struct world *world, unsigned *ret_most);

#endif
