/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test: the life of the fake host, of its instance, and of one call.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static char *copy(const char *text)
{
    return text != NULL ? td_testing_must(strdup(text)) : NULL;
}

struct td_test *td_test_new(const struct td_entry *entry, const struct td_test_setup *setup)
{
    static const struct td_test_setup nothing = { 0 };
    struct td_test *test = td_testing_must(calloc(1, sizeof(*test)));

    if (setup == NULL)
        setup = &nothing;
    test->plugin = entry->plugin;
    test->ctx = (struct td_ctx){ .size = sizeof(test->ctx), .services = &td_testing_services };
    test->instance = copy(setup->instance != NULL ? setup->instance : test->plugin->name);
    test->folder = copy(setup->folder != NULL ? setup->folder : ".");
    test->data_dir = copy(setup->data_dir != NULL ? setup->data_dir : ".");
    test->key = copy(setup->key);
    test->timeout_ms = test->deadline_ms = INT64_MAX;
    test->calls = td_testing_must(json_array());
    test->logs = td_testing_must(json_array());
    test->chunks = td_testing_must(json_array());
    test->spent = td_testing_must(json_object());
    test->store = td_testing_must(json_object());
    test->versions = td_testing_must(json_object());
    return test;
}

static void free_answers(struct td_test *test)
{
    while (test->answers != NULL) {
        struct td_testing_answer *answer = test->answers;

        test->answers = answer->next;
        free(answer->agent);
        free(answer->action);
        json_decref(answer->output);
        free(answer);
    }
}

static void free_faults(struct td_test *test)
{
    while (test->faults != NULL) {
        struct td_testing_fault *fault = test->faults;

        test->faults = fault->next;
        free(fault->service);
        free(fault);
    }
}

static void free_roles(struct td_test *test)
{
    while (test->roles != NULL) {
        struct td_testing_role *role = test->roles;

        test->roles = role->next;
        free(role->name);
        free(role->agent);
        free(role->action);
        free(role);
    }
}

void td_test_free(struct td_test *test)
{
    if (test == NULL)
        return;
    if (test->is_called)
        td_test_end(test);
    td_test_close(test);
    free_answers(test);
    free_faults(test);
    free_roles(test);
    json_decref(test->calls);
    json_decref(test->logs);
    json_decref(test->chunks);
    json_decref(test->spent);
    json_decref(test->capabilities);
    json_decref(test->store);
    json_decref(test->versions);
    free(test->instance);
    free(test->folder);
    free(test->data_dir);
    free(test->key);
    free(test);
}

void td_test_set_key(struct td_test *test, const char *key)
{
    char *kept = copy(key);

    free(test->key);
    test->key = kept;
}

/* --- one call --- */

struct td_ctx *td_test_begin(struct td_test *test)
{
    if (!test->is_open)
        td_testing_end("td_test_begin: no instance of \"%s\" is open", test->plugin->name);
    if (test->is_called)
        td_testing_end("td_test_begin: a call is under way, td_test_end has not been called");
    test->is_called = true;
    test->waits = test->call_meter_count = 0;
    test->deadline_ms = test->timeout_ms == INT64_MAX ? INT64_MAX : test->now_ms + test->timeout_ms;
    return &test->ctx;
}

void td_test_end(struct td_test *test)
{
    if (!test->is_called)
        td_testing_end("td_test_end: no call is under way");
    while (test->defers != NULL) {
        struct td_testing_deferred *deferred = test->defers;

        test->defers = deferred->older;
        deferred->fn(deferred->arg);
        free(deferred);
    }
    while (test->pieces != NULL) {
        struct td_testing_piece *piece = test->pieces;

        test->pieces = piece->older;
        free(piece);
    }
    test->is_called = false;
    test->cancel_at = 0;
}

static const struct td_action *find_action(const struct td_test *test, const char *name,
                                           struct td_err *err)
{
    const struct td_agent *agent = test->plugin->agent;

    for (const struct td_action *const *at = agent != NULL ? agent->actions : NULL;
         at != NULL && *at != NULL; at++)
        if (strcmp((*at)->name, name) == 0 || strcmp((*at)->name, "*") == 0) /* a bridge's */
            return *at;
    td_fail(err, TD_E_NOTFOUND, "plugin \"%s\" has no action \"%s\"", test->plugin->name, name);
    return NULL;
}

/* What every function that gives an output must keep to. */
static int check_outcome(const char *action, int rc, bool wants_output, json_t **output,
                         struct td_err *err)
{
    const char *fault = NULL;

    if (rc == 0 && wants_output && *output == NULL)
        fault = "returned 0 and gave no output";
    else if (rc != 0 && *output != NULL)
        fault = "failed and gave an output";
    else if (rc != 0 && (err->code == TD_OK || err->text[0] == '\0'))
        fault = "failed without saying why";
    if (fault == NULL)
        return rc;
    json_decref(*output);
    *output = NULL;
    return td_fail(err, TD_E_INTERNAL, "action \"%s\" %s", action, fault);
}

static int run(struct td_test *test, const struct td_action *action, const char *name,
               const json_t *input, enum td_reconciled *ret_answer, json_t **output,
               struct td_err *err)
{
    struct td_ctx *ctx = td_test_begin(test);
    struct td_err said = { 0 };
    int rc;

    test->action = name;
    rc = ret_answer == NULL ? action->run(ctx, input, output, &said)
                            : action->reconcile(ctx, input, ret_answer, output, &said);
    test->action = NULL;
    td_test_end(test);
    rc = check_outcome(name, rc, ret_answer == NULL || *ret_answer == TD_DONE, output, &said);
    if (rc != 0)
        *err = said;
    return rc;
}

static int call(struct td_test *test, const char *name, json_t *input,
                enum td_reconciled *ret_answer, json_t **ret_output, struct td_err *err)
{
    const struct td_action *action = find_action(test, name, err);
    json_t *output = NULL;
    int rc = -1;

    if (input == NULL)
        input = td_testing_must(json_object());
    if (action != NULL && ret_answer != NULL && action->reconcile == NULL)
        td_fail(err, TD_E_UNSUPPORTED, "action \"%s\" has no reconcile", name);
    else if (action != NULL)
        rc = run(test, action, name, input, ret_answer, &output, err);
    json_decref(input);
    if (ret_output != NULL)
        *ret_output = output;
    else
        json_decref(output);
    return rc;
}

int td_test_call(struct td_test *test, const char *action, json_t *input, json_t **ret_output,
                 struct td_err *err)
{
    return call(test, action, input, NULL, ret_output, err);
}

int td_test_reconcile(struct td_test *test, const char *action, json_t *input,
                      enum td_reconciled *ret_answer, json_t **ret_output, struct td_err *err)
{
    *ret_answer = TD_UNKNOWN;
    return call(test, action, input, ret_answer, ret_output, err);
}

/* --- the instance --- */

/* What prepare sees is a state of its own: the options, nothing more. */
static int prepare(struct td_test *test, struct td_err *err)
{
    void *state, *shared = NULL;
    int rc;

    if (test->plugin->prepare == NULL)
        return 0;
    state = td_testing_must(calloc(1, test->plugin->state_size + 1));
    test->ctx.self = state;
    rc = td_testing_fill(test, state, err);
    if (rc == 0) {
        td_test_begin(test);
        rc = test->plugin->prepare(&test->ctx, &shared, err);
        td_test_end(test);
    }
    test->ctx.self = NULL;
    test->ctx.shared = rc == 0 ? shared : NULL;
    td_testing_unfill(test);
    free(state);
    return rc;
}

static int init(struct td_test *test, struct td_err *err)
{
    int rc = 0;

    test->ctx.self = td_testing_must(calloc(1, test->plugin->state_size + 1));
    if (td_testing_fill(test, test->ctx.self, err) != 0) {
        free(test->ctx.self);
        test->ctx.self = NULL;
        return -1;
    }
    if (test->plugin->init != NULL) {
        td_test_begin(test);
        rc = test->plugin->init(&test->ctx, err);
        td_test_end(test);
    }
    return rc;
}

int td_test_open(struct td_test *test, json_t *options, struct td_err *err)
{
    struct td_err said = { 0 };

    if (test->is_open)
        td_testing_end("td_test_open: an instance of \"%s\" is open already", test->plugin->name);
    test->options = options != NULL ? options : td_testing_must(json_object());
    test->is_open = true;
    if (prepare(test, &said) == 0 && init(test, &said) == 0)
        return 0;
    td_test_close(test);
    *err = said;
    return -1;
}

void td_test_close(struct td_test *test)
{
    if (!test->is_open)
        return;
    if (test->ctx.self != NULL && test->plugin->drop != NULL) {
        td_test_begin(test);
        test->plugin->drop(&test->ctx);
        td_test_end(test);
    }
    free(test->ctx.self);
    test->ctx.self = NULL;
    if (test->ctx.shared != NULL && test->plugin->release != NULL)
        test->plugin->release((void *)(uintptr_t)test->ctx.shared);
    test->ctx.shared = NULL;
    td_testing_unfill(test);
    json_decref(test->options);
    test->options = NULL;
    test->is_open = false;
}
