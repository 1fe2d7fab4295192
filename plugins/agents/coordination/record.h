/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record: one record of the store that several processes change by turns, and waiting for what
 * others do with it.
 *
 * A step looks at the record and the clock, and says what it is to become, what is answered, and
 * whether there is something to wait for. The record is written only if nobody else has changed it
 * meanwhile; else the step is taken again. A step does nothing but that, so it may be taken often.
 */
#ifndef COORDINATION_RECORD_H
#define COORDINATION_RECORD_H

#include <tdev/plugin.h>

enum {
    KEY_MAX = 160,       /* bytes of a kind and a name */
    SESSIONS_MAX = 1000, /* barriers, or votes, at once */
    LOCKS_MAX = 10000,   /* names of locks, or elections, ever used */
    CHANGES_MAX = 1000,  /* times a step is taken again since others were first */
    POLL_MIN_MS = 10,    /* between two looks, when waiting */
    POLL_MAX_MS = 250,
    ANSWER_MS = 2 * POLL_MAX_MS, /* left of a call's own time, when it ends waiting */
};

/* What a step makes; both are new. */
struct step {
    json_t *record;  /* what it is to become; NULL: it stays */
    json_t *answer;  /* what the caller gets */
    bool is_waiting; /* somebody else may still change the answer */
};

/**
 * old     borrow; NULL: there is none
 * now_ms  since 1970
 */
typedef int step_fn(const json_t *old, int64_t now_ms, const json_t *input, struct step *ret_step,
                    struct td_err *err);

/* A kind of records. Those with tokens are kept for ever, since a token must go on growing; others
 * are taken away some time after their `ends`. */
struct kind {
    const char *name;
    uint32_t most; /* records of this kind */
    step_fn *step;
};

/**
 * Takes the step for the record input["name"], until there is nothing to wait for or
 * input["wait_ms"] are over, or all but ANSWER_MS of the call's own time.
 *
 * err  TD_E_LIMIT: there are too many records; TD_E_CONFLICT: others were first all the time
 */
int coordinate(struct td_ctx *ctx, const struct kind *kind, const json_t *input,
               json_t **ret_answer, struct td_err *err);

/** A whole number of the input or of a record; `fallback` when it is not there. */
int64_t int_of(const json_t *object, const char *key, int64_t fallback);
const char *text_of(const json_t *object, const char *key);
/** All of a record. new, NULL on a lack of memory, where json_deep_copy leaves parts out. */
json_t *copy_of(const json_t *record);
/** A text, or null for NULL. new, NULL on a lack of memory, where "s?" of json_pack gives null. */
json_t *text_or_null(const char *text);

#endif
