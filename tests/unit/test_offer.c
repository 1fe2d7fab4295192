/* SPDX-License-Identifier: Apache-2.0 */
/*
 * offer: agents of a bridge say in their files what they offer; what is wrong there is told with
 * its place, and what an agent of the bridge is asked for comes from there.
 */
#include "plugin_home.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/agent.h"
#include "base/json.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* A home with the bridge "misfit". */
struct bed {
    struct plugin_home *home;
    struct td_services services;
    struct tdh_runtime *runtime;
    struct tdh_agents *agents;
    struct td_err err;
    void (*fn)(struct bed *bed);
};

static void write_bridge(const struct plugin_home *home, const char *library)
{
    char name[64];

    plugin_home_write(home, "bundled/misfit/plugin.yaml",
                      "apiVersion: tdev/v1\nkind: agent\nname: misfit\nversion: 1.0.0\n"
                      "library: misfit.so\nsdk: \"^1.0\"\ncapabilities: from_instance\n"
                      "permissions: {files: [\"/srv/*\"], store: [kv]}\n"
                      "config: {type: object, required: [path], properties: {path: {type: "
                      "string}}}\n"
                      "options: [{name: limit, type: int, default: 8, min: 1, max: 99}]\n");
    snprintf(name, sizeof(name), "misfit_%s", library);
    plugin_home_library(home, name, "bundled/misfit/misfit.so");
}

static void run_fn(void *arg)
{
    static char folder[96];
    static const char *const folders[] = { folder, NULL };
    struct bed *bed = arg;
    struct tdh_agents_options options = { .runtime = bed->runtime,
                                          .plugins = bed->home->plugins,
                                          .services = &bed->services,
                                          .folders = folders,
                                          .policy = { .size = sizeof(struct td_policy) } };

    snprintf(folder, sizeof(folder), "%s/agents", bed->home->dir);
    bed->agents = tdh_agents_new(&options, &bed->err);
    assert_non_null(bed->agents);
    bed->fn(bed);
    tdh_agents_free(bed->agents);
}

static void run(void **state, void (*fn)(struct bed *bed))
{
    struct tdh_runtime_options options = { .workers = 1, .blocking_threads = 1 };
    struct bed bed = { .home = *state, .fn = fn };

    write_bridge(bed.home, "bridge");
    plugin_home_open(bed.home);
    tdh_ctx_fill(&bed.services);
    bed.runtime = tdh_runtime_new(&options, &bed.err);
    assert_int_equal(tdh_runtime_run(bed.runtime, run_fn, &bed, &bed.err), 0);
    tdh_runtime_free(bed.runtime);
}

static const char good[] =
    "plugin: misfit\n"
    "permissions: {files: [/srv/a]}\n"
    "capabilities:\n"
    "  - {name: one, effects: none, input: {type: object}, config: {path: /1}}\n"
    "  - {name: two, effects: idempotent, output: {type: array}, config: {path: /2}}\n";

static void call_it(struct bed *bed)
{
    struct tdh_call call = { .input = json_object() };
    struct tdh_target *target;

    plugin_home_write(bed->home, "agents/a.yaml", good);
    assert_int_equal(tdh_agents_find(bed->agents, "a", "two", NULL, &target, &bed->err), 0);
    assert_int_equal(target->effects, TDH_EFFECTS_IDEMPOTENT);
    assert_true(tdh_permission_has(target->permissions, "files", "/srv/a"));
    assert_false(tdh_permission_has(target->permissions, "store", "kv")); /* not said by the file */
    call.target = target;
    assert_int_equal(tdh_call_run(&call, &bed->err), -1); /* its output is no array */
    assert_non_null(strstr(bed->err.text, "must be an array"));
    assert_int_equal(tdh_agents_find(bed->agents, "a", "one", NULL, &call.target, &bed->err), 0);
    assert_int_equal(tdh_call_run(&call, &bed->err), 0);
    assert_string_equal(tdh_json_str(call.output, "action", ""), "one");
    assert_string_equal(
        tdh_json_str(tdh_json_at(call.output, "/capabilities/1/config"), "path", ""), "/2");
    assert_int_equal(tdh_agents_find(bed->agents, "a", "tow", NULL, &target, &bed->err), -1);
    assert_string_equal(bed->err.hint, "did you mean \"two\"");
    json_decref(call.output);
    json_decref((json_t *)call.input);
}

static void a_bridge_is_told_which_action_it_is_and_of_what_agent(void **state)
{
    run(state, call_it);
}

#define FILE_ "~/agents/a.yaml:"
static const struct {
    const char *file, *want;
} faults[] = {
    { "plugin: misfit\n",
      FILE_ "1:1: an agent of plugin \"misfit\" needs \"capabilities\": a list of its actions" },
    { "plugin: misfit\ncapabilities: []\n",
      FILE_ "2:15: an agent of plugin \"misfit\" needs \"capabilities\": a list of its actions" },
    { "plugin: misfit\ncapabilities: [{name: a, efects: none}]\n",
      FILE_ "2:26: unrecognized key \"efects\", did you mean \"effects\"" },
    { "plugin: misfit\ncapabilities: [{name: a, input: {type: objekt}, config: {path: x}}]\n",
      FILE_ "2:33: input of capability \"a\": /type: \"objekt\" is not a type, did you mean "
            "\"object\"" },
    { "plugin: misfit\ncapabilities: [{name: a, config: {path: x}}, {name: a}]\n",
      FILE_ "2:46: capability \"a\" stands twice" },
    { "plugin: misfit\ncapabilities: [{name: a, config: {path: 5}}]\n",
      FILE_ "2:41: /path: must be a string" },
    { "plugin: misfit\ncapabilities: [{name: a}]\n", FILE_ "2:16: " },
    { "plugin: misfit\ncapabilities: [{name: a, config: {path: x}}]\npermissions: {files: "
      "[/etc]}\n",
      FILE_ "3:23: plugin \"misfit\" may not do so itself: files \"/etc\"" },
    { "plugin: misfit\ncapabilities: [{name: a, config: {path: x}}]\npermissions: {fles: [/etc]}\n",
      FILE_ "3:15: unrecognized key \"fles\", did you mean \"files\"" },
};

#define RESOURCES "initialization, step 2 of 6 (resources): "

/* before: what stands in front of that, or "" */
static void check_begins(const char *text, const char *before, const char *want)
{
    char wanted[256], begin[256];

    snprintf(wanted, sizeof(wanted), "%s%s", before, want);
    snprintf(begin, sizeof(begin), "%.*s", (int)strlen(wanted), text);
    assert_string_equal(begin, wanted);
}

static void find_faults(struct bed *bed)
{
    for (size_t i = 0; i < COUNT(faults); i++) {
        const struct tdh_capability *capability;
        struct tdh_target *target;
        json_t *list;
        const char *told;

        plugin_home_write(bed->home, "agents/a.yaml", faults[i].file);
        assert_int_equal(tdh_agents_find(bed->agents, "a", "a", NULL, &target, &bed->err), -1);
        check_begins(plugin_home_shown(bed->home, bed->err.text), RESOURCES, faults[i].want);
        assert_int_equal(bed->err.code, TD_E_CONFIG);
        bed->err = (struct td_err){ 0 };
        assert_int_equal(tdh_agents_capability(bed->agents, "a", "a", &capability, &bed->err), -1);
        check_begins(plugin_home_shown(bed->home, bed->err.text), "", faults[i].want);
        list = tdh_agents_list(bed->agents, &bed->err);
        assert_int_equal(json_array_size(list), 1); /* a bridge without a file is no agent */
        told = tdh_json_str(json_array_get(list, 0), "error", "");
        check_begins(plugin_home_shown(bed->home, told), "", faults[i].want);
        json_decref(list);
    }
}

static void each_fault_of_an_offer_is_told_with_its_place(void **state)
{
    run(state, find_faults);
}

static void change_file(struct bed *bed)
{
    const struct tdh_capability *capability;
    struct tdh_target *target;
    json_t *list;

    plugin_home_write(bed->home, "agents/a.yaml", good);
    assert_int_equal(tdh_agents_capability(bed->agents, "a", "one", &capability, &bed->err), 0);
    assert_int_equal(capability->effects, TDH_EFFECTS_NONE);
    list = tdh_agents_list(bed->agents, &bed->err);
    assert_int_equal(json_array_size(json_object_get(json_array_get(list, 0), "actions")), 2);
    json_decref(list);
    plugin_home_write(bed->home, "agents/a.yaml",
                      "plugin: misfit\ncapabilities: [{name: three, config: {path: x}}]\n");
    assert_int_equal(tdh_agents_capability(bed->agents, "a", "three", &capability, &bed->err), 0);
    assert_int_equal(tdh_agents_capability(bed->agents, "a", "one", &capability, &bed->err), -1);
    assert_int_equal(tdh_agents_find(bed->agents, "misfit", "one", NULL, &target, &bed->err), -1);
    assert_string_equal(bed->err.text, RESOURCES
                        "\"misfit\" is no agent: plugin \"misfit\" takes actions from files");
}

static void what_is_known_of_an_agent_follows_its_file(void **state)
{
    run(state, change_file);
}

static void a_bridge_has_one_action_for_all(void **state)
{
    struct plugin_home *home = *state;

    write_bridge(home, "good");
    plugin_home_open(home);
    plugin_home_load_badly(
        home, "misfit", TD_E_ABI,
        "plugin \"misfit\": has action \"echo\", a bridge has one action, \"*\"");
}

static void an_agent_of_another_plugin_offers_what_that_does(void **state)
{
    struct plugin_home *home = *state;
    struct tdh_offer offer;

    plugin_home_misfit(home, "bundled/misfit", "good", "permissions: {store: [kv]}");
    plugin_home_open(home);
    offer = tdh_manifest_offer(plugin_home_load_well(home, "misfit")->manifest);
    assert_non_null(tdh_offer_find(&offer, "echo"));
    assert_null(offer.rows);
    assert_true(tdh_permission_has(offer.permissions, "store", "kv"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(a_bridge_is_told_which_action_it_is_and_of_what_agent),
        PLUGIN_HOME_TEST(each_fault_of_an_offer_is_told_with_its_place),
        PLUGIN_HOME_TEST(what_is_known_of_an_agent_follows_its_file),
        PLUGIN_HOME_TEST(a_bridge_has_one_action_for_all),
        PLUGIN_HOME_TEST(an_agent_of_another_plugin_offers_what_that_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
