/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test: a fake host for the unit tests of a plugin. Link the plugin's own sources, -ltdtest and
 * -ltdsdk (pkg-config tdev-test) into a program, and call the actions:
 *
 *   struct td_test *test = td_test_new(&td_entry, NULL);
 *   assert(td_test_open(test, td_test_json("{'limit': 80}"), &err) == 0);
 *   assert(td_test_call(test, "shorten", td_test_json("{'text': 'short'}"), &output, &err) == 0);
 *   assert(td_test_equal(output, "{'text': 'short', 'is_cut': false}"));
 *   json_decref(output);
 *   td_test_free(test);
 *
 * What the plugin asks of its host is answered from memory: calls by a table or a function, records
 * by a map, and time stands still but for td_sleep and td_test_advance, so no test waits. What it
 * says (log, chunks, spending, calls) is kept to be looked at. Memory of td_alloc is given back
 * when the call ends, each piece by free(), so that valgrind and the sanitizers see a use of it
 * after that, and whatever the plugin leaks.
 *
 * It is not the host: it reads no manifest, so it knows neither schemas nor permissions, limits and
 * retries. `tdev plugin conform` tries the plugin in a real one.
 *
 * One thread at a time uses a struct td_test. When there is no memory, or a function here or a
 * service is used against its rules (such as td_sleep within td_blocking), the program ends with a
 * sentence on standard error and abort().
 */
#ifndef TDEV_TEST_H
#define TDEV_TEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tdev/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What TD_PLUGIN makes of the plugin's sources, which are linked into the test. */
TD_EXPORT extern const struct td_entry td_entry;

/* --- the instance --- */

/* What the plugin is told of itself. Copied; NULL members have the values that stand here. */
struct td_test_setup {
    uint32_t size;
    uint32_t reserved_flags;
    const char *instance; /* td_instance: the plugin's name */
    const char *folder;   /* td_folder: "." */
    const char *data_dir; /* td_data_dir: "." */
    const char *key;      /* td_key: NULL, as outside of a run */
    uint64_t reserved[4];
};

/* A fake host with room for one instance of one plugin. */
struct td_test;

/** new: end it with td_test_free(). Nothing of the plugin has run yet. setup: may be NULL. */
struct td_test *td_test_new(const struct td_entry *entry, const struct td_test_setup *setup);
/** Closes the instance, and ends the host with all it has kept. NULL is fine. */
void td_test_free(struct td_test *test);
/**
 * Makes the instance: fills its state from the options, and has prepare and init run, as far as the
 * plugin has them. After a failure the instance is closed.
 *
 * options  take; NULL: there are none. Every option that the plugin binds must be given, since the
 *          defaults stand in the manifest; null is none. Durations are milliseconds, sizes bytes
 * err      TD_E_CONFIG: an option is missing, not bound, or of the wrong type; else what prepare or
 *          init says
 */
int td_test_open(struct td_test *test, json_t *options, struct td_err *err);
/** Has drop and release run. The store, and what was kept, stay: another td_test_open is what comes
 * after a restart. No instance is fine. */
void td_test_close(struct td_test *test);

/* --- calling --- */

/**
 * Calls an action of the instance that is open.
 *
 * input       take; NULL: {}
 * ret_output  new; may be NULL. NULL in it after a failure
 * err         what the action says; TD_E_NOTFOUND: there is no such action; TD_E_INTERNAL: the
 *             action broke a rule: it gave nothing and no failure, or a failure without a text or
 *             with an output
 */
int td_test_call(struct td_test *test, const char *action, json_t *input, json_t **ret_output,
                 struct td_err *err);
/** Asks the action's reconcile; as td_test_call. err: TD_E_UNSUPPORTED: it has none. */
int td_test_reconcile(struct td_test *test, const char *action, json_t *input,
                      enum td_reconciled *ret_answer, json_t **ret_output, struct td_err *err);
/**
 * A context of the instance for whatever else takes one: functions of a storage table, helpers of
 * the plugin. Ended by td_test_end, which runs what was deferred and frees what was allocated. One
 * at a time.
 */
struct td_ctx *td_test_begin(struct td_test *test);
void td_test_end(struct td_test *test);

/* --- answers of other agents --- */

/**
 * The next td_call of that action gets this output (take). Answers to one action are given in the
 * order they were set, each once, the last one again and again. A call that has no answer fails
 * with TD_E_NOTFOUND.
 */
void td_test_answer(struct td_test *test, const char *agent, const char *action, json_t *output);
/** The same: it fails. */
void td_test_answer_error(struct td_test *test, const char *agent, const char *action,
                          enum td_code code, const char *text);
/** Answers what the table does not: as the callee's action would, `output` new. It may advance the
 * clock. */
typedef int td_test_answer_fn(void *arg, const char *agent, const char *action, const json_t *input,
                              json_t **ret_output, struct td_err *err);
void td_test_answer_with(struct td_test *test, td_test_answer_fn *fn, void *arg);
/**
 * Who has a role (`uses` of the manifest) from now on, and the action that td_use calls: it is
 * answered, and kept, as a td_call of that. agent: NULL: nobody has it, as may be of an optional
 * one. A role that the test does not name is none of the plugin's.
 */
void td_test_use(struct td_test *test, const char *name, const char *agent, const char *action);
/** [{agent, action, input} ...]: all td_calls that were made. Borrowed. */
const json_t *td_test_calls(const struct td_test *test);

/* --- bridges --- */

/*
 * Nothing is run or sent: td_program_call is answered, and kept, as a td_call of an agent called as
 * the program's path, td_http_fetch as one called as the URL, with the method as its action,
 * {headers, body} as its input and {status, headers, body} as its output. There is no CEL here:
 * templates without ${...} are their own value, others are TD_E_UNSUPPORTED.
 */
/** What td_capabilities gives, of an agent of a bridge; take. Such a plugin's action "*" is called
 * by any name. */
void td_test_set_capabilities(struct td_test *test, json_t *capabilities);

/* --- time, and the end of a call --- */

/** Milliseconds since td_test_new. */
int64_t td_test_now_ms(const struct td_test *test);
void td_test_advance(struct td_test *test, int64_t ms);
/** Each call from the next one on must end within so many milliseconds; INT64_MAX: no deadline, as
 * in the beginning. */
void td_test_set_timeout(struct td_test *test, int64_t ms);
/** Has the n-th wait (td_sleep, td_check, td_call; 1 is the first) of the next call, and all that
 * come after it, fail with TD_E_CANCELLED. */
void td_test_cancel_at(struct td_test *test, unsigned n);
/** Has the n-th next use of a service fail with that code, once. service: a member of struct
 * td_services that can fail, such as "store_put"; "alloc" gives NULL. */
void td_test_fail(struct td_test *test, const char *service, unsigned n, enum td_code code);
/** What td_key gives from now on; NULL: as outside of a run. */
void td_test_set_key(struct td_test *test, const char *key);

/* --- records --- */

/** Puts a record into the store, as another would; value: take. */
void td_test_store_put(struct td_test *test, const char *key, json_t *value);
/** {key: value ...} as it is now. Borrowed. */
const json_t *td_test_store(const struct td_test *test);

/* --- what is kept --- */

/* Of an agent that has a state (td_agent_state); of others these end the program. */

/** What the instance that is open would have kept. ret_saved: new; NULL after a failure. */
int td_test_save(struct td_test *test, json_t **ret_saved, struct td_err *err);
/** Gives it to the instance, which was just opened; saved: take. */
int td_test_load(struct td_test *test, json_t *saved, struct td_err *err);
/** Saves, closes, opens with the same options, and loads: as a restart does. */
int td_test_restart(struct td_test *test, struct td_err *err);
/** One migration of the plugin, up or down. saved: take; ret_saved: new; NULL after a failure. err:
 * TD_E_NOTFOUND: no single one leads there */
int td_test_migrate(struct td_test *test, uint32_t from, uint32_t to, json_t *saved,
                    json_t **ret_saved, struct td_err *err);

/* --- what was said --- */

/** [{level: "debug" | "info" | "warning" | "error", text} ...]. Borrowed. */
const json_t *td_test_logs(const struct td_test *test);
/** Has a line of that level with `part` in it been written? */
bool td_test_has_log(const struct td_test *test, enum td_level level, const char *part);
/** All chunks of td_emit. Borrowed. */
const json_t *td_test_chunks(const struct td_test *test);
/** The sum of td_spend, a millionth being the least. */
double td_test_spent(const struct td_test *test, const char *meter);
/** Forgets what was kept of calls, log, chunks and spending. */
void td_test_forget(struct td_test *test);

/* --- patterns --- */

/* One run of a reducer, folded by hand: the test says what happens, and looks at what is asked. */
struct td_test_fold;

/**
 * Begins a run: prepare with the configuration, then start.
 *
 * config, input  take; NULL: {}
 * err            what prepare says; what start says is told by td_test_fold_error
 * Returns new, or NULL; end it with td_test_fold_free().
 */
struct td_test_fold *td_test_fold_new(const struct td_entry *entry, json_t *config, json_t *input,
                                      struct td_err *err);
void td_test_fold_free(struct td_test_fold *fold);
/**
 * What is open, oldest first: [{ask, kind, path, tag, ...} ...]. kind "call" (or "pattern",
 * "workflow") has name, action, input; "timer" has delay_ms, "wait" has signal, "question" has
 * about. One that is only to end has is_stopped. Borrowed until the next event.
 */
const json_t *td_test_fold_asks(const struct td_test_fold *fold);
/** The ask is done, or its signal or answer has come. output: take; NULL: null. */
void td_test_fold_done(struct td_test_fold *fold, uint32_t ask, json_t *output);
/** The call has failed for good. */
void td_test_fold_failed(struct td_test_fold *fold, uint32_t ask, enum td_code code,
                         const char *text);
/** The run is to end. */
void td_test_fold_cancel(struct td_test_fold *fold);
/** The process was restarted: the state is saved, written as JSON, dropped, and loaded. err: what
 * save or load says */
int td_test_fold_reload(struct td_test_fold *fold, struct td_err *err);
/** What the run ended with. NULL: it has not, or it failed. Borrowed. */
const json_t *td_test_fold_output(const struct td_test_fold *fold);
/** What the run failed with; also when it asked for nothing, with nothing open, and did not finish.
 * NULL: it did not. Borrowed. */
const struct td_err *td_test_fold_error(const struct td_test_fold *fold);

/* --- JSON --- */

/** new: the value of a text in which ' may stand for ". What is no JSON ends the program. */
json_t *td_test_json(const char *text);
/** Is the value that of the text (as in td_test_json)? When it is not, both are printed to standard
 * error. value: NULL is equal to nothing. */
bool td_test_equal(const json_t *value, const char *want);

#ifdef __cplusplus
}
#endif
#endif
