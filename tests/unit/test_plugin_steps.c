/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin steps: the agents echo and steps as the host runs them: through the gates, with a state
 * and a context.
 */
#include "plugin/plugin.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"

/* One folder for all tests, with the library's private copies in it. */
static char dir[64];
static struct tdh_plugins *plugins;
static const char *key;
static uint64_t slept_ms;

static const char *give_key(struct td_ctx *ctx)
{
    (void)ctx;
    return key;
}

static int sleep_not(struct td_ctx *ctx, uint64_t ms, struct td_err *err)
{
    (void)ctx, (void)err;
    slept_ms += ms;
    return 0;
}

static int answer_call(struct td_ctx *ctx, const char *agent, const char *action,
                       const json_t *input, const struct td_call_options *options,
                       json_t **ret_output, struct td_err *err)
{
    (void)ctx, (void)options, (void)err;
    *ret_output = json_pack("{s:s, s:s, s:O}", "agent", agent, "action", action, "input", input);
    return 0;
}

/* Lays the two plugins out: manifests from the sources, libraries from the build. */
static int make_folder(void **state)
{
    static const char *const names[] = { "plugins/agents/echo", "tests/plugins/steps" };
    const char *const roots[] = { dir, NULL };
    char private_dir[96], command[1024];
    struct tdh_plugins_options options = { .roots = roots,
                                           .bundled_root = dir,
                                           .private_dir = private_dir };
    struct td_err err = { 0 };

    (void)state;
    strcpy(dir, "/tmp/tdev-steps-XXXXXX");
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(private_dir, sizeof(private_dir), "%s/private", dir);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *name = strrchr(names[i], '/') + 1;

        snprintf(command, sizeof(command),
                 "mkdir %s/%s && cp %s/%s/plugin.yaml %s/%s/.libs/%s.so %s/%s", dir, name,
                 TEST_SRCDIR, names[i], TEST_BUILDDIR, names[i], name, dir, name);
        if (system(command) != 0)
            return -1;
    }
    plugins = tdh_plugins_new(&options, &err);
    return plugins != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[128];

    (void)state;
    tdh_plugins_free(plugins);
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    return system(command);
}

static const struct td_action *find_action(const struct tdh_plugin *plugin, const char *name)
{
    const struct tdh_capability *capability = tdh_manifest_capability(plugin->manifest, name);

    assert_non_null(capability);
    return plugin->actions[capability - plugin->manifest->capabilities];
}

/* One action, or its reconcile function, with input and output checked by its schemas.
 * Returns the output as text, new. */
static char *run(const char *agent, const char *options, const char *action, const char *input,
                 bool is_reconcile, struct td_err *err)
{
    struct td_services services = { .key = give_key, .sleep = sleep_not, .call = answer_call };
    struct tdh_plugin *plugin = tdh_plugins_load(plugins, TD_KIND_AGENT, agent, err);
    const struct tdh_capability *capability;
    json_t *in = tdh_json_parse(input, strlen(input), "input", err), *out = NULL, *set;
    enum td_reconciled answer = TD_DONE;
    void *self, *block = NULL;
    struct tdh_ctx ctx;
    char *text = NULL;
    int rc;

    assert_string_equal(err->text, "");
    capability = tdh_manifest_capability(plugin->manifest, action);
    assert_non_null(in);
    set = tdh_json_parse(options, strlen(options), "options", err);
    self = calloc(1, plugin->descriptor.state_size + 1);
    assert_int_equal(tdh_plugin_bind(plugin, set, "agent", self, &block, err), 0);
    tdh_ctx_fill(&services);
    tdh_ctx_begin(&ctx, &services, plugin, agent, self, NULL);
    assert_true(capability->input_schema == NULL ||
                tdh_schema_check(capability->input_schema, in, err) == 0);
    if (is_reconcile)
        rc = find_action(plugin, action)->reconcile(&ctx.pub, in, &answer, &out, err);
    else
        rc = find_action(plugin, action)->run(&ctx.pub, in, &out, err);
    tdh_ctx_end(&ctx);
    if (rc == 0 && answer != TD_DONE) {
        text = strdup(answer == TD_NOT_DONE ? "not done" : "unknown");
    } else if (rc == 0) {
        assert_true(capability->output_schema == NULL ||
                    tdh_schema_check(capability->output_schema, out, err) == 0);
        text = json_dumps(out, JSON_COMPACT);
    }
    json_decref(out);
    json_decref(set);
    json_decref(in);
    free(self);
    free(block);
    return text;
}

static void run_well(const char *agent, const char *options, const char *action, const char *input,
                     const char *want)
{
    struct td_err err = { 0 };
    char *text = run(agent, options, action, input, false, &err);

    assert_string_equal(err.text, "");
    assert_string_equal(text, want);
    free(text);
}

static void echo_answers_with_its_prefix(void **state)
{
    struct td_err err = { 0 };

    (void)state;
    run_well("echo", "{}", "echo", "{\"text\": \"hello\"}", "{\"text\":\"hello\"}");
    run_well("echo", "{\"prefix\": \"> \"}", "echo", "{\"text\": \"a\\u0000b\"}",
             "{\"text\":\"> a\\u0000b\"}");
    assert_null(run("echo", "{\"limit\": 4}", "echo", "{\"text\": \"hello\"}", false, &err));
    assert_string_equal(err.text, "\"text\" must be a string of at most 4 bytes");
    assert_int_equal(err.code, TD_E_INVAL);
}

/* The input of actions that write to a file in the folder. */
static const char *input_of(const char *file, const char *more)
{
    static char input[256];

    snprintf(input, sizeof(input), "{\"file\": \"%s/%s\", %s}", dir, file, more);
    return input;
}

static void file_has(const char *file, const char *want)
{
    char path[128];
    struct td_err err = { 0 };
    size_t length;
    char *text;

    snprintf(path, sizeof(path), "%s/%s", dir, file);
    text = tdh_file_read(path, 4096, &length, &err);
    assert_string_equal(text, want);
    free(text);
}

static void append_is_known_by_its_key(void **state)
{
    struct td_err err = { 0 };
    char *text;

    (void)state;
    key = "run/a/1";
    text = run("steps", "{}", "append", input_of("log", "\"line\": \"one\""), true, &err);
    assert_string_equal(text, "not done");
    free(text);
    run_well("steps", "{}", "append", input_of("log", "\"line\": \"one\""), "{\"line\":\"one\"}");
    run_well("steps", "{}", "append", input_of("log", "\"line\": \"one\""), "{\"line\":\"one\"}");
    file_has("log", "one run/a/1\none run/a/1\n");
    text = run("steps", "{}", "append", input_of("log", "\"line\": \"one\""), true, &err);
    assert_string_equal(text, "{\"line\":\"one\"}");
    free(text);
    key = "a/1"; /* the end of a key is not a key */
    text = run("steps", "{}", "append", input_of("log", "\"line\": \"one\""), true, &err);
    assert_string_equal(text, "not done");
    free(text);
}

static void put_writes_once(void **state)
{
    (void)state;
    key = "run/b/1";
    run_well("steps", "{}", "put", input_of("once", "\"line\": \"one\""),
             "{\"line\":\"one\",\"written\":true}");
    run_well("steps", "{}", "put", input_of("once", "\"line\": \"one\""),
             "{\"line\":\"one\",\"written\":false}");
    key = "run/b/2";
    run_well("steps", "{}", "put", input_of("once", "\"line\": \"two\""),
             "{\"line\":\"two\",\"written\":true}");
    file_has("once", "one run/b/1\ntwo run/b/2\n");
}

static void fail_fails_as_often_as_it_is_told(void **state)
{
    struct td_err err = { 0 };

    (void)state;
    assert_null(run("steps", "{}", "fail", input_of("count", "\"times\": 1"), false, &err));
    assert_string_equal(err.text, "attempt 1 fails, as it was told to");
    assert_true(err.is_retryable);
    run_well("steps", "{}", "fail", input_of("count", "\"times\": 1"), "{\"attempts\":2}");
}

static void the_others_answer(void **state)
{
    (void)state;
    run_well("steps", "{}", "pure", "{\"n\": 41}", "{\"n\":42}");
    run_well("steps", "{}", "slow", "{\"ms\": 250}", "{\"ms\":250}");
    assert_int_equal(slept_ms, 250);
    run_well("steps", "{}", "big", "{\"bytes\": 30}",
             "{\"text\":\"abcdefghijklmnopqrstuvwxyzabcd\"}");
    run_well("steps", "{}", "big", "{\"bytes\": 0}", "{\"text\":\"\"}");
    run_well("steps", "{}", "nest",
             "{\"agent\": \"echo\", \"action\": \"echo\", \"input\": {\"text\": \"a\"}}",
             "{\"agent\":\"echo\",\"action\":\"echo\",\"input\":{\"text\":\"a\"}}");
    run_well("steps", "{}", "nest", "{\"agent\": \"b\", \"action\": \"c\"}",
             "{\"agent\":\"b\",\"action\":\"c\",\"input\":{}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(echo_answers_with_its_prefix),
        cmocka_unit_test(append_is_known_by_its_key),
        cmocka_unit_test(put_writes_once),
        cmocka_unit_test(fail_fails_as_often_as_it_is_told),
        cmocka_unit_test(the_others_answer),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
