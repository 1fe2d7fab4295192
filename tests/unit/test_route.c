/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route: agents whose calls go to others: what their files may say, what they promise, and who is
 * called.
 */
#include "plugin_home.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/agent.h"
#include "base/json.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/*
 * A home with the plugin "misfit", whose option "limit" is not 13, and "other", which cannot be
 * opened; agents "good" and "bad" of the first.
 */
struct bed {
    struct plugin_home *home;
    struct td_services services;
    struct tdh_runtime *runtime;
    struct tdh_agents *agents;
    json_t *input;
    struct td_err err;
    void (*fn)(struct bed *bed);
};

static const char other_manifest[] =
    "apiVersion: tdev/v1\nkind: agent\nname: other\nversion: 2.0.0\nlibrary: other.so\n"
    "sdk: \"^1.0\"\ndescription: Knows the weather\ntags: [sky]\ncapabilities:\n"
    "  - {name: echo, effects: external, output: {type: object}, uses: {tokens: 5}}\n"
    "  - {name: sum, effects: none, input: {type: object}, uses: {tokens: 5}}\n";

static void write_home(const struct plugin_home *home)
{
    plugin_home_misfit((struct plugin_home *)(uintptr_t)home, "bundled/misfit", "good", NULL);
    plugin_home_write(home, "bundled/other/plugin.yaml", other_manifest);
    plugin_home_library(home, "misfit_good", "bundled/other/other.so");
    plugin_home_write(home, "agents/good.yaml",
                      "plugin: misfit\ntags: [money]\ndescription: Invoices\nconcurrency: 4\n");
    plugin_home_write(home, "agents/bad.yaml",
                      "plugin: misfit\noptions: {limit: 13}\ndescription: Passwords\n");
    plugin_home_write(home, "agents/nested.yaml", "route: {candidates: [good]}\n");
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

    write_home(bed.home);
    plugin_home_open(bed.home);
    tdh_ctx_fill(&bed.services);
    bed.input = json_pack("{s:s}", "text", "my password");
    bed.runtime = tdh_runtime_new(&options, &bed.err);
    assert_int_equal(tdh_runtime_run(bed.runtime, run_fn, &bed, &bed.err), 0);
    tdh_runtime_free(bed.runtime);
    json_decref(bed.input);
}

/* --- files --- */

static const struct {
    const char *file, *want;
} files[] = {
    { "route: {candidates: [good, other]}\n", NULL },
    { "route: {find: '\"echo\" in capabilities'}\nretry: {max_attempts: 2}\ntimeout: 5s\n", NULL },
    { "route: 5\n", "1:8: \"route\" is a map with \"candidates\" or \"find\"" },
    { "route: {}\n", "1:8: a route needs one of \"candidates\" and \"find\"" },
    { "route: {candidates: []}\n", "1:21: \"candidates\" must be a list of agents" },
    { "route: {candidates: [good], find: 'true'}\n",
      "1:8: a route needs one of \"candidates\" and \"find\"" },
    { "route: {candidate: [good]}\n",
      "1:20: unrecognized key \"candidate\", did you mean \"candidates\"" },
    { "route: {candidates: [good, good]}\n", "1:28: agent \"good\" is named twice" },
    { "route: {candidates: [{agent: good, wieght: 2}]}\n",
      "1:44: unrecognized key \"wieght\", did you mean \"weight\"" },
    { "route: {candidates: [{agent: good, weight: 0}]}\n",
      "1:44: \"weight\" must be a whole number from 1 to 1000" },
    { "route: {candidates: [desk]}\n", "1:22: agent \"desk\" cannot lead to itself" },
    { "route: {candidates: [good, nested]}\n",
      "1:28: agent \"nested\" is a route itself, which cannot be a candidate" },
    { "route: {candidates: [good, misft]}\n",
      "1:28: agent \"misft\" is not there, did you mean \"misfit\"" },
    { "route: {find: 'nmae == \"x\"'}\n",
      "1:15: query: 1:1: variable \"nmae\" is not known, did you mean \"name\"" },
    { "route: {find: 'name == \"nobody\"'}\n",
      "1:15: there is no agent for which name == \"nobody\"" },
    { "route: {candidates: [good], balance: random}\n",
      "1:38: \"balance\" must be one of weighted_round_robin, least_connections, "
      "resource_based, power_of_two" },
    { "route: {candidates: [good], balance: power_of_too}\n",
      "1:38: \"balance\" must be one of weighted_round_robin, least_connections, "
      "resource_based, power_of_two, did you mean \"power_of_two\"" },
    { "route: {candidates: [good], margin: 2}\n", "1:37: \"margin\" must be a number from 0 to 1" },
    { "route: {candidates: [good], half_life: 0s}\n",
      "1:40: \"half_life\" must be a duration such as \"10m\", at most a year" },
    { "route: {candidates: [good], rules: [{match: '(', agent: good}]}\n",
      "1:45: 1:14: pattern \"(\" cannot be used: missing closing parenthesis at byte 2" },
    { "route: {candidates: [good], rules: [{when: 'txt == \"\"', agent: good}]}\n",
      "1:44: 1:1: variable \"txt\" is not known, did you mean \"text\"" },
    { "route: {candidates: [good], rules: [{when: 'true', match: x, agent: good}]}\n",
      "1:37: a rule needs one of \"when\" and \"match\", a text" },
    { "route: {candidates: [good], rules: [{match: x, agent: goood}]}\n",
      "1:37: agent \"goood\" is no candidate of this route, did you mean \"good\"" },
    { "route: {candidates: [good], rules: [{match: x, agents: []}]}\n",
      "1:37: a rule needs one of \"agent\" and \"agents\", a list" },
    { "route: {candidates: [good], rules: [{match: x, agent: good, weight: 0}]}\n",
      "1:37: \"weight\" of a rule must be more than 0, at most 1000" },
    { "route: {candidates: [good], text: 'input + 1 == 2'}\n",
      "1:35: 1:1: result is bool, which does not fit string" },
    { "route: {candidates: [good], fallbacks: [nobody]}\n", "1:41: agent \"nobody\" is not there" },
    { "plugin: misfit\nroute: {candidates: [good]}\n",
      "1:9: an agent with \"route\" has no \"plugin\"" },
};

static const char *error_of(struct bed *bed, const char *name, json_t **ret_list)
{
    json_t *row;
    size_t i;

    *ret_list = tdh_agents_list(bed->agents, &bed->err);
    json_array_foreach (*ret_list, i, row)
        if (strcmp(tdh_json_str(row, "name", ""), name) == 0)
            return tdh_json_str(row, "error", "");
    return "not there";
}

static void list_files(struct bed *bed)
{
    for (size_t i = 0; i < COUNT(files); i++) {
        char want[TD_ERR_TEXT] = "";
        const char *error;
        json_t *list;

        plugin_home_write(bed->home, "agents/desk.yaml", files[i].file);
        if (files[i].want != NULL)
            snprintf(want, sizeof(want), "~/agents/desk.yaml:%s", files[i].want);
        error = plugin_home_shown(bed->home, error_of(bed, "desk", &list));
        if (strcmp(error, want) != 0)
            fail_msg("%sgives %s\nwant  %s", files[i].file, error, want);
        json_decref(list);
    }
}

static void each_fault_of_a_file_is_told_with_its_place(void **state)
{
    run(state, list_files);
}

/* --- promises --- */

static void read_capabilities(struct bed *bed)
{
    const struct tdh_capability *capability;
    json_t *rows, *list;

    plugin_home_write(bed->home, "agents/desk.yaml", "route: {candidates: [good, other]}\n");
    assert_int_equal(tdh_agents_capability(bed->agents, "desk", "sum", &capability, &bed->err), 0);
    assert_int_equal(capability->effects, TDH_EFFECTS_NONE);
    assert_non_null(capability->input); /* one has it */
    assert_int_equal(tdh_agents_capability(bed->agents, "desk", "echo", &capability, &bed->err), 0);
    assert_int_equal(capability->effects, TDH_EFFECTS_EXTERNAL);
    assert_null(capability->output); /* the two do not agree */
    assert_int_equal(tdh_agents_capability(bed->agents, "desk", "ecko", &capability, &bed->err),
                     -1);
    assert_string_equal(
        bed->err.text, "no candidate of agent \"desk\" has action \"ecko\", did you mean \"echo\"");
    assert_string_equal(error_of(bed, "desk", &list), "");
    json_decref(list);
    rows = tdh_agents_rows(bed->agents, &bed->err);
    assert_int_equal(json_array_size(rows), 6);
    json_decref(rows);
}

static void a_route_promises_what_all_its_candidates_keep(void **state)
{
    run(state, read_capabilities);
}

/* --- calls --- */

static json_t *call(struct bed *bed, const char *name, const char *action)
{
    struct tdh_call call = { .input = bed->input };

    int rc;

    if (tdh_agents_find(bed->agents, name, action, NULL, &call.target, &bed->err) != 0)
        return NULL;
    rc = tdh_call_run(&call, &bed->err);
    tdh_edition_release(call.target->edition);
    return rc == 0 ? call.output : NULL;
}

/* The account of an agent's action: calls, failures. */
static uint64_t calls_of(struct bed *bed, const char *name)
{
    struct tdh_target *target;

    assert_int_equal(tdh_agents_find(bed->agents, name, "echo", NULL, &target, &bed->err), 0);
    tdh_edition_release(target->edition);
    return atomic_load(&target->account.calls);
}

static const char *chosen(struct bed *bed, const char *name, json_t **ret_told)
{
    *ret_told = tdh_agents_route(bed->agents, name, NULL, bed->input, &bed->err);
    if (*ret_told == NULL)
        fail_msg("%s", bed->err.text);
    return tdh_json_str(*ret_told, "chosen", "");
}

static void call_past_the_bad(struct bed *bed)
{
    json_t *told, *output;

    plugin_home_write(bed->home, "agents/desk.yaml", "route: {candidates: [good, bad]}\n");
    assert_string_equal(chosen(bed, "desk", &told), "bad"); /* it knows passwords */
    json_decref(told);
    output = call(bed, "desk", "echo");
    assert_null(output); /* nobody else is spoken for: only bad is asked */
    assert_string_equal(
        bed->err.text,
        "initialization, step 5 of 6 (init): agent \"bad\": limit 13 brings bad luck");

    plugin_home_write(bed->home, "agents/help.yaml",
                      "route: {candidates: [good, bad], fallbacks: [misfit, good]}\n");
    output = call(bed, "help", "echo");
    assert_non_null(output);
    json_decref(output);
    assert_int_equal(calls_of(bed, "misfit"), 1);
    assert_int_equal(calls_of(bed, "good"), 0);
}

static void who_cannot_be_opened_is_passed_over(void **state)
{
    run(state, call_past_the_bad);
}

static void call_twice(struct bed *bed)
{
    json_t *told;

    plugin_home_write(bed->home, "agents/desk.yaml", "route: {candidates: [good, misfit]}\n");
    for (int i = 0; i < 4; i++)
        json_decref(call(bed, "desk", "echo"));
    assert_int_equal(calls_of(bed, "good"), 2);
    assert_int_equal(calls_of(bed, "misfit"), 2);
    json_object_set_new(bed->input, "text", json_string("about invoices"));
    assert_string_equal(chosen(bed, "desk", &told), "good");
    json_decref(told);
    json_object_set_new(bed->input, "text", json_string("invoices for my card"));
    json_decref(call(bed, "desk", "echo"));
    json_object_set_new(bed->input, "text", json_string("the card"));
    assert_string_equal(chosen(bed, "desk", &told), "good"); /* it has learned of cards */
    assert_string_equal(tdh_json_str(told, "why", ""), "the best by rules and words");
    json_decref(told);
    assert_null(tdh_agents_route(bed->agents, "good", NULL, bed->input, &bed->err));
    assert_string_equal(bed->err.text, "agent \"good\" is no route: its calls go to itself");
    json_object_set_new(bed->input, "text", json_string("sunny weather"));
    json_decref(call(bed, "desk", "echo"));
    assert_int_equal(calls_of(bed, "good") + calls_of(bed, "misfit"), 6);
}

static void calls_go_down_the_path_of_who_is_chosen(void **state)
{
    run(state, call_twice);
}

/* --- files that change --- */

static void want_chosen(struct bed *bed, const char *name, const char *want)
{
    json_t *told;

    assert_string_equal(chosen(bed, name, &told), want);
    json_decref(told);
}

static void change_files(struct bed *bed)
{
    plugin_home_write(bed->home, "agents/desk.yaml", "route: {candidates: [good]}\n");
    plugin_home_write(bed->home, "agents/any.yaml", "route: {find: '\"money\" in tags'}\n");
    want_chosen(bed, "desk", "good");
    want_chosen(bed, "any", "good");
    assert_int_equal(tdh_agents_refresh(bed->agents), 0); /* nothing has changed */
    plugin_home_write(bed->home, "agents/desk.yaml", "route: {candidates: [misfit]}\n");
    assert_int_equal(tdh_agents_refresh(bed->agents), 1);
    want_chosen(bed, "desk", "misfit");
    plugin_home_write(bed->home, "agents/desk.yaml", "route: {candidates: [nobody]}\n");
    assert_int_equal(tdh_agents_refresh(bed->agents), 0);
    want_chosen(bed, "desk", "misfit"); /* as it was */
    plugin_home_write(bed->home, "agents/rich.yaml",
                      "plugin: misfit\ntags: [money]\ndescription: Passwords\n");
    assert_int_equal(tdh_agents_refresh(bed->agents), 1);
    want_chosen(bed, "any", "rich"); /* it knows passwords */
    plugin_home_write(bed->home, "agents/desk.yaml", "plugin: misfit\n");
    assert_int_equal(tdh_agents_refresh(bed->agents), 1);
    json_decref(call(bed, "desk", "echo"));
    assert_null(tdh_agents_route(bed->agents, "desk", NULL, bed->input, &bed->err));
    plugin_home_write(bed->home, "agents/desk.yaml", "route: {candidates: [good, rich]}\n");
    assert_int_equal(tdh_agents_refresh(bed->agents), 1);
    want_chosen(bed, "desk", "rich");
}

static void a_route_follows_its_file_and_the_registry(void **state)
{
    run(state, change_files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(each_fault_of_a_file_is_told_with_its_place),
        PLUGIN_HOME_TEST(a_route_promises_what_all_its_candidates_keep),
        PLUGIN_HOME_TEST(who_cannot_be_opened_is_passed_over),
        PLUGIN_HOME_TEST(calls_go_down_the_path_of_who_is_chosen),
        PLUGIN_HOME_TEST(a_route_follows_its_file_and_the_registry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
