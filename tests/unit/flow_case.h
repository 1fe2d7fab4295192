/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_case: workflows out of text, and a host that records what they ask for, for tests of
 * host/flow.
 *
 * JSON is written with ' for ", so that tables of it can be read. What cannot be made fails the
 * test.
 */
#ifndef TDEV_TESTS_FLOW_CASE_H
#define TDEV_TESTS_FLOW_CASE_H

#include "flow/flow.h"

/** new: a value. */
json_t *json_of(const char *text);
/** new: a text with ' for ", free(). */
char *text_of(const json_t *value);

/** Reads a workflow; NULL: refused. world may be NULL. */
struct tdh_definition *read_flow(const char *yaml, const struct tdh_flow_world *world,
                                 struct td_err *err);
/** As read_flow, and it is not refused. */
struct tdh_definition *flow_of(const char *yaml);

/*
 * Agents "echo" (action echo: text, a string that must be there, nothing else; gives text), "shop"
 * (action charge: amount, a number that must be there, currency, one of KRW and USD; gives ok) and
 * "any" (action do: anything); pattern "debate"; workflow "other".
 */
extern const struct tdh_flow_world fake_world;

enum run_mode { RUN_PLAIN, RUN_SAVED /* saved and loaded between any two events */ };

/* One run on the recording host. */
struct flow_run;
/** Starts a run; input is JSON. new; run_free(). */
struct flow_run *run_new(struct tdh_definition *definition, const char *input, enum run_mode mode);
void run_free(struct flow_run *run);
/** Answers the open ask of that path; output is taken. */
void run_done(struct flow_run *run, const char *path, json_t *output);
/** Answers the ask that has been open longest with its own input. False when none is open. */
bool run_echo(struct flow_run *run);
/** The n-th ask, from 0, in the order in which they were made: its path, its input (NULL: a timer
 * or a wait) and whether it is open. Borrowed; NULL: there are no more. */
const char *run_ask(const struct flow_run *run, size_t n, const json_t **ret_input, bool *ret_open);
/** The open ask of that path has failed: "it broke". */
void run_fail(struct flow_run *run, const char *path);
bool run_is_over(const struct flow_run *run);
/** What it gave; NULL: it is not over, or failed. Borrowed. */
const json_t *run_output(const struct flow_run *run);
/** How many asks are open. */
size_t run_open(const struct flow_run *run);
/** How many events the run was told. */
size_t run_events(const struct flow_run *run);
/** new: what the reducer saves now. */
json_t *run_save(struct flow_run *run);
/** Goes on from what that version of the reducer saved. */
void run_load(struct flow_run *run, const json_t *saved, uint32_t version);
/** What was asked for and how it ended, as run_script says. Borrowed. */
const char *run_trace(const struct flow_run *run);
/** Checked: the run is over with that output. */
void run_is_done(const struct flow_run *run, const char *output);

/**
 * Runs a workflow three times: plain, plain again, and saved and loaded between any two events; the
 * three must ask for the same.
 *
 * script  what happens, separated by "; ": `PATH` is done with null, `PATH=JSON` with that, `!PATH`
 *         failed, `cancel`, `*` all that are open are done with their inputs, `**` the same until
 *         the run is over
 * Returns the asks after each event, in order, separated by " | ": `PATH` with its input when that
 * is not {}, `PATH:timer` of 0 ms, `PATH:20ms`, `PATH?SIGNAL`, `-PATH` taken back, `~PATH` stopped;
 * at the end `= OUTPUT` or `! ERROR`. new; free().
 */
char *run_script(const char *yaml, const char *input, const char *script);

#endif
