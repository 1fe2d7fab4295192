/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent: instances by the thousand, handles that know when theirs was ended, and named agents out
 * of files. What a call goes through on its way is in test_call.
 */
#include "plugin_home.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <malloc.h>

#include "agent/agent.h"
#include "alloc_fail.h"
#include "base/json.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* A home with the plugin "misfit", whose option "limit" is 1 to 99 and not 13. */
struct bed {
    struct plugin_home *home;
    struct td_services services;
    struct tdh_runtime *runtime;
    struct tdh_agents *agents;
    json_t *input;
    struct td_err err;
    void (*fn)(struct bed *bed);
};

static struct tdh_agents *new_agents(struct bed *bed)
{
    static char folder[96];
    static const char *const folders[] = { folder, NULL };
    struct tdh_agents_options options = { .runtime = bed->runtime,
                                          .plugins = bed->home->plugins,
                                          .services = &bed->services,
                                          .folders = folders,
                                          .policy = { .size = sizeof(struct td_policy) } };

    snprintf(folder, sizeof(folder), "%s/agents", bed->home->dir);
    return tdh_agents_new(&options, &bed->err);
}

static void run_fn(void *arg)
{
    struct bed *bed = arg;

    bed->agents = new_agents(bed);
    assert_non_null(bed->agents);
    bed->fn(bed);
    tdh_agents_free(bed->agents);
}

/* Runs fn in a coroutine of the only worker. */
static void run(void **state, void (*fn)(struct bed *bed))
{
    struct tdh_runtime_options options = { .workers = 1, .blocking_threads = 1 };
    struct bed bed = { .home = *state, .fn = fn };

    plugin_home_misfit(bed.home, "bundled/misfit", "good", NULL);
    plugin_home_open(bed.home);
    tdh_ctx_fill(&bed.services);
    bed.input = json_pack("{s:s}", "text", "hello");
    bed.runtime = tdh_runtime_new(&options, &bed.err);
    assert_int_equal(tdh_runtime_run(bed.runtime, run_fn, &bed, &bed.err), 0);
    tdh_runtime_free(bed.runtime);
    json_decref(bed.input);
}

static struct tdh_agent_template *template_of(struct bed *bed, const char *options)
{
    json_t *value = options != NULL ? json_loads(options, 0, NULL) : NULL;
    struct tdh_agent_template *template = NULL;
    int rc;

    bed->err = (struct td_err){ 0 };
    rc = tdh_agents_template(bed->agents, "misfit", value, &template, &bed->err);
    assert_int_equal(rc != 0, bed->err.text[0] != '\0');
    json_decref(value);
    return template;
}

/* Calls it and compares what comes back; "": the input does. */
static void call(struct bed *bed, struct tdh_agent_template *template, tdh_instance instance,
                 const char *action, const char *want)
{
    json_t *output = NULL;

    bed->err = (struct td_err){ 0 };
    assert_int_equal(tdh_instance_call(template, instance, action, bed->input, &output, &bed->err),
                     want[0] == '\0' ? 0 : -1);
    assert_string_equal(bed->err.text, want);
    if (want[0] == '\0')
        assert_true(json_equal(output, bed->input));
    json_decref(output);
}

#define ENDED "this instance of \"misfit\" was ended"

static void make_call_end(struct bed *bed)
{
    struct tdh_agent_template *template = template_of(bed, NULL);
    tdh_instance instance;

    assert_int_equal(tdh_instance_new(template, &instance, &bed->err), 0);
    call(bed, template, instance, "echo", "");
    call(bed, template, instance, "echo", "");
    tdh_instance_end(template, instance);
    call(bed, template, instance, "echo", ENDED);
    assert_int_equal(bed->err.code, TD_E_NOTFOUND);
    tdh_instance_end(template, instance); /* once more is fine */
    call(bed, template, 0, "echo", ENDED);
    call(bed, template, 2, "echo", ENDED); /* a cell nobody has been in */
    call(bed, template, UINT64_MAX, "echo", ENDED);
}

static void an_instance_is_called_until_it_is_ended(void **state)
{
    run(state, make_call_end);
}

static void use_a_cell_again(struct bed *bed)
{
    struct tdh_agent_template *template = template_of(bed, NULL);
    tdh_instance old, next;

    assert_int_equal(tdh_instance_new(template, &old, &bed->err), 0);
    for (int i = 0; i < 100; i++) {
        tdh_instance_end(template, old);
        assert_int_equal(tdh_instance_new(template, &next, &bed->err), 0);
        assert_int_equal((uint32_t)old, (uint32_t)next); /* the same place */
        call(bed, template, old, "echo", ENDED);
        tdh_instance_end(template, old); /* not the one that came after */
        call(bed, template, next, "echo", "");
        old = next;
    }
}

static void an_old_handle_does_not_reach_who_came_after(void **state)
{
    run(state, use_a_cell_again);
}

static void misname_actions(struct bed *bed)
{
    static const struct {
        const char *action, *want, *hint;
    } rows[] = {
        { "ecko", "agent \"misfit\" has no action \"ecko\"", "did you mean \"echo\"" },
        { "shout", "agent \"misfit\" has no action \"shout\"",
          "tdev plugin info misfit shows its actions" },
    };
    struct tdh_agent_template *template = template_of(bed, NULL);
    struct tdh_target *target;
    tdh_instance instance;

    assert_int_equal(tdh_instance_new(template, &instance, &bed->err), 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        call(bed, template, instance, rows[i].action, rows[i].want);
        assert_string_equal(bed->err.hint, rows[i].hint);
        bed->err = (struct td_err){ 0 };
        assert_int_equal(
            tdh_agents_find(bed->agents, "misfit", rows[i].action, NULL, &target, &bed->err), -1);
        assert_string_equal(bed->err.text, rows[i].want);
        assert_string_equal(bed->err.hint, rows[i].hint);
        assert_int_equal(bed->err.code, TD_E_NOTFOUND);
    }
}

static void an_unknown_action_names_a_near_one(void **state)
{
    run(state, misname_actions);
}

static void give_options(struct bed *bed)
{
    static const struct {
        const char *options, *want;
    } rows[] = {
        { "{\"limit\": 99}", "" },
        { "{\"limit\": 100}", "agent \"misfit\": option \"limit\": 100 is not in 1 to 99" },
        { "{\"limit\": \"ten\"}",
          "agent \"misfit\": option \"limit\": \"ten\" is not a whole number" },
        { "{\"limt\": 1}",
          "agent \"misfit\": unrecognized option \"limt\", did you mean \"limit\"" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(template_of(bed, rows[i].options) != NULL, rows[i].want[0] == '\0');
        assert_string_equal(bed->err.text, rows[i].want);
        assert_int_equal(bed->err.code, rows[i].want[0] == '\0' ? TD_OK : TD_E_CONFIG);
    }
    assert_ptr_equal(template_of(bed, "{\"limit\": 9}"), template_of(bed, "{\"limit\": 9}"));
    assert_ptr_not_equal(template_of(bed, "{\"limit\": 9}"), template_of(bed, NULL));
}

static void options_are_checked_once_for_all_instances(void **state)
{
    run(state, give_options);
}

static void refuse_in_init(struct bed *bed)
{
    struct tdh_agent_template *template = template_of(bed, "{\"limit\": 13}");
    tdh_instance instance = 7;

    for (int i = 0; i < 1000; i++) { /* no cell is lost on the way */
        bed->err = (struct td_err){ 0 };
        assert_int_equal(tdh_instance_new(template, &instance, &bed->err), -1);
        assert_string_equal(bed->err.text, "agent \"misfit\": limit 13 brings bad luck");
        assert_int_equal(instance, 7);
    }
}

static void init_may_refuse_an_instance(void **state)
{
    run(state, refuse_in_init);
}

/* Bytes under way in malloc; 0 where another allocator stands in for it. */
static size_t bytes_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

enum { MANY = 100000, BYTES_MAX = 256, SLACK = 64 << 10 };

static void make_many(struct bed *bed)
{
    tdh_instance *live = calloc(MANY, sizeof(*live));
    struct tdh_agent_template *template = template_of(bed, NULL);
    size_t before = bytes_in_use();

    assert_true(tdh_instance_bytes(template) <= BYTES_MAX);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(tdh_instance_new(template, &live[i], &bed->err), 0);
    assert_true(bytes_in_use() <= before + (size_t)MANY * BYTES_MAX);
    for (size_t i = 0; i < MANY; i++)
        call(bed, template, live[i], "echo", "");
    for (size_t i = 0; i < MANY; i += 2)
        tdh_instance_end(template, live[i]);
    for (size_t i = 0; i < MANY; i += 1000) {
        call(bed, template, live[i], "echo", ENDED);
        call(bed, template, live[i + 1], "echo", "");
    }
    tdh_agents_free(bed->agents);
    bed->agents = NULL;
    assert_true(bytes_in_use() <= before + SLACK);
    free(live);
}

static int reread(struct bed *bed, const char *rules)
{
    plugin_home_write(bed->home, "compat.yaml", rules);
    return tdh_plugins_reread(bed->home->plugins, &bed->err);
}

static void block_and_allow(struct bed *bed)
{
    struct tdh_target *target;

    assert_int_equal(tdh_agents_find(bed->agents, "misfit", "echo", NULL, &target, &bed->err), 0);
    assert_int_equal(reread(bed, "rules: [{plugin: misfit, verdict: block, reason: broken}]"), 0);
    assert_int_equal(tdh_agents_find(bed->agents, "misfit", "echo", NULL, &target, &bed->err), -1);
    assert_string_equal(bed->err.text,
                        "plugin \"misfit\": version 1.0.0 is blocked by line 1 of the "
                        "compatibility matrix: broken");
    assert_int_equal(reread(bed, "rules: [{plugin: misfit, verdict: deprecated, reason: old}]"), 0);
    assert_int_equal(tdh_agents_find(bed->agents, "misfit", "echo", NULL, &target, &bed->err), 0);
}

static void an_agent_is_not_called_while_its_plugin_is_blocked(void **state)
{
    run(state, block_and_allow);
}

static void a_hundred_thousand_live_at_once_and_leave_nothing(void **state)
{
    run(state, make_many);
}

/* --- named agents --- */

#define CONFIGURE "initialization, step 4 of 6 (configure): agent \"a\": "
#define RESOURCES "initialization, step 2 of 6 (resources): "

static void find_named(struct bed *bed)
{
    static const struct {
        const char *file, *want; /* behind "agents/a.yaml:", or the whole when it begins so */
    } rows[] = {
        { "plugin: misfit\noptions: {limit: 9}\nconcurrency: 4\n", "" },
        { "plugin: misfit\nplugn: misfit\n",
          "~/agents/a.yaml:2:1: unrecognized key \"plugn\", did you mean \"plugin\"" },
        { "plugin: misfit\noptions: {limit: 0}\n",
          CONFIGURE "option \"limit\": 0 is not in 1 to 99" },
        { "plugin: misfit\noptions: {limit: 13}\n",
          "initialization, step 5 of 6 (init): agent \"a\": limit 13 brings bad luck" },
        { "plugin: misfit\nconcurrency: 0\n",
          CONFIGURE "\"concurrency\" must be a whole number from 1 to 1000000" },
        { "plugin: misfit\ncache: {ttl: soon}\n",
          CONFIGURE "\"cache\" needs \"ttl\", a duration such as \"10s\"" },
        { "plugin: misfits\n",
          RESOURCES "agent \"misfits\" is not there, did you mean \"misfit\"" },
        { "plugin: misfit\npermissions: {}\n", RESOURCES
          "~/agents/a.yaml:2:14: the permissions of plugin \"misfit\" are those of its manifest" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct tdh_agents *agents = new_agents(bed);
        struct tdh_target *target = NULL;

        plugin_home_write(bed->home, "agents/a.yaml", rows[i].file);
        bed->err = (struct td_err){ 0 };
        assert_int_equal(tdh_agents_find(agents, "a", "echo", NULL, &target, &bed->err),
                         rows[i].want[0] == '\0' ? 0 : -1);
        assert_string_equal(plugin_home_shown(bed->home, bed->err.text), rows[i].want);
        tdh_agents_free(agents);
    }
}

static void a_named_agent_is_what_its_file_says(void **state)
{
    run(state, find_named);
}

static void list_broken(struct bed *bed)
{
    static const struct {
        const char *file, *want; /* its row; NULL: it is as good as any */
    } rows[] = {
        { "plugin: misfit\noptions: {limit: 9}\nconcurrency: 4\n", NULL },
        { "plugin: misfit\nplugn: misfit\n",
          "~/agents/misfit.yaml:2:1: unrecognized key \"plugn\", did you mean \"plugin\"" },
        { "plugin: misfit\noptions:\n  limt: 1\n",
          "~/agents/misfit.yaml:3:9: unrecognized option \"limt\", did you mean \"limit\"" },
        { "plugin: misfit\noptions: {limit: 0}\n",
          "~/agents/misfit.yaml:2:18: option \"limit\": 0 is not in 1 to 99" },
        { "options: 5\n", "~/agents/misfit.yaml:1:10: options must be a mapping" },
        { "plugin: misfit\nconcurrency: 0\n", "~/agents/misfit.yaml:2:14: agent \"misfit\": "
                                              "\"concurrency\" must be a whole number from "
                                              "1 to 1000000" },
        { "plugin: misfits\n",
          "~/agents/misfit.yaml:1:9: agent \"misfits\" is not there, did you mean \"misfit\"" },
        { "plugin: \"\xff\"\n", "~/agents/misfit.yaml:1:10: invalid leading UTF-8 octet (0xFF)" },
        { "- misfit\n", "~/agents/misfit.yaml:1:1: an agent is a map with \"plugin\"" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        json_t *list, *row;
        const char *error;

        plugin_home_write(bed->home, "agents/misfit.yaml", rows[i].file);
        list = tdh_agents_list(bed->agents, &bed->err);
        assert_int_equal(json_array_size(list), 1); /* the plugin of that name is hidden */
        row = json_array_get(list, 0);
        assert_string_equal(tdh_json_str(row, "name", ""), "misfit");
        error = tdh_json_str(row, "error", NULL);
        assert_true((error == NULL) == (rows[i].want == NULL));
        if (error != NULL)
            assert_string_equal(plugin_home_shown(bed->home, error), rows[i].want);
        json_decref(list);
    }
}

static void a_broken_file_is_listed_with_its_place_and_the_reason(void **state)
{
    run(state, list_broken);
}

static void list_misnamed(struct bed *bed)
{
    json_t *list;

    plugin_home_write(bed->home, "agents/My Mail.yaml", "plugin: misfit\n");
    list = tdh_agents_list(bed->agents, &bed->err);
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(
        plugin_home_shown(bed->home, tdh_json_str(json_array_get(list, 0), "error", "")),
        "~/agents/My Mail.yaml: the name of an agent is 1 to 64 of a to z, 0 to 9, \"-\" and "
        "\"_\"");
    json_decref(list);
}

static void a_file_that_no_agent_can_have_is_listed(void **state)
{
    run(state, list_misnamed);
}

/* --- without memory --- */

/* All an agent goes through; false: something was refused. */
static bool live_and_die(struct bed *bed, const json_t *options)
{
    struct tdh_agents *agents = new_agents(bed);
    struct tdh_agent_template *template;
    struct tdh_target *target;
    tdh_instance instance;
    json_t *output = NULL;
    bool is_done =
        agents != NULL && tdh_agents_find(agents, "a", "echo", NULL, &target, &bed->err) == 0 &&
        tdh_agents_template(agents, "misfit", options, &template, &bed->err) == 0 &&
        tdh_instance_new(template, &instance, &bed->err) == 0 &&
        tdh_instance_call(template, instance, "echo", bed->input, &output, &bed->err) == 0;

    json_decref(output);
    tdh_agents_free(agents);
    return is_done;
}

static void run_out_of_memory(struct bed *bed)
{
    json_t *options = json_pack("{s:i}", "limit", 9);
    size_t before = 0;

    plugin_home_load_well(bed->home, "misfit");
    plugin_home_write(bed->home, "agents/a.yaml", "plugin: misfit\noptions: {limit: 9}\n");
    for (unsigned n = 1;; n++) {
        bool is_done;

        bed->err = (struct td_err){ 0 };
        alloc_fail_at(n);
        is_done = live_and_die(bed, options);
        if (!alloc_fail_end()) {
            assert_true(is_done);
            break;
        }
        if (!is_done)
            assert_string_equal(bed->err.code == TD_E_NOMEM ? "" : bed->err.text, "");
        if (!is_done)
            assert_int_equal(bed->err.code, TD_E_NOMEM);
        if (n == 1)
            before = bytes_in_use();
    }
    assert_true(bytes_in_use() <= before + SLACK);
    json_decref(options);
}

static void without_memory_it_is_told_and_nothing_is_left_over(void **state)
{
    run(state, run_out_of_memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(an_instance_is_called_until_it_is_ended),
        PLUGIN_HOME_TEST(an_old_handle_does_not_reach_who_came_after),
        PLUGIN_HOME_TEST(an_unknown_action_names_a_near_one),
        PLUGIN_HOME_TEST(options_are_checked_once_for_all_instances),
        PLUGIN_HOME_TEST(init_may_refuse_an_instance),
        PLUGIN_HOME_TEST(an_agent_is_not_called_while_its_plugin_is_blocked),
        PLUGIN_HOME_TEST(a_hundred_thousand_live_at_once_and_leave_nothing),
        PLUGIN_HOME_TEST(a_named_agent_is_what_its_file_says),
        PLUGIN_HOME_TEST(a_broken_file_is_listed_with_its_place_and_the_reason),
        PLUGIN_HOME_TEST(a_file_that_no_agent_can_have_is_listed),
        PLUGIN_HOME_TEST(without_memory_it_is_told_and_nothing_is_left_over),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
