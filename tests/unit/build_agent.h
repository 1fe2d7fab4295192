/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_agent: runs the plugin that is linked into a test, with a host that gives it folders and
 * nothing else.
 */
#ifndef BUILD_AGENT_H
#define BUILD_AGENT_H

#include <tdev/plugin.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h> /* last: its macro "fail" must not meet the SDK's members of that name */

/* One instance. Made by agent_new, options set, then agent_start; ended by agent_free. */
struct agent {
    const struct td_plugin *plugin;
    struct td_ctx ctx;
    char *folder, *data_dir;
    void *shared;
};

/** folder and data_dir are below TEST_SRCDIR; an absolute data_dir is taken as it is. */
struct agent *agent_new(const char *folder, const char *data_dir);
void agent_set_int(struct agent *agent, const char *option, int64_t value);
void agent_set_real(struct agent *agent, const char *option, double value);
void agent_set_str(struct agent *agent, const char *option, const char *value);
/** Runs prepare. 0 or -1. */
int agent_start(struct agent *agent, struct td_err *err);
void agent_free(struct agent *agent);
/** Calls an action. input: take. Returns new, or NULL. */
json_t *agent_call(struct agent *agent, const char *action, json_t *input, struct td_err *err);

/**
 * Starts an agent and calls an action again and again, with the n-th allocation failing, until all
 * succeed. Each failure must be told as TD_E_NOMEM. make: gives an agent that is not started.
 * input: take.
 */
void agent_starve(struct agent *(*make)(void), const char *action, json_t *input);

/** JSON in single quotes, for tables. Fails the test when it is none. new. */
json_t *agent_json(const char *text);
/** The file below TEST_SRCDIR as JSON. new. */
json_t *agent_file(const char *path);
/** A new empty folder below the build folder; free() the name.
 * agent_clear removes it with all that is in it. */
char *agent_folder(void);
void agent_clear(char *folder);
/** Writes FOLDER/PATH, making the folders above it. */
void agent_write(const char *folder, const char *path, const char *text);

#endif
