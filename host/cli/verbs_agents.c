/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verbs_agents: what tdev can do with plugins, agents and patterns. A new verb is a row here, and a
 * file beside.
 */
#include "cli/cli.h"

#define AGAINST                                                                                    \
    {                                                                                              \
        "against", 0, "HOST",                                                                      \
            "another host: its version, such as 0.2.0, or 0.2,sdk=1.2,on=2027-01-31; the SDK and " \
            "the day are those of here unless given"                                               \
    }
static const struct tdh_cli_option export_options[] = {
    { "output", 'o', "FILE", "write to a file" },
    TDH_CLI_END,
};
static const struct tdh_cli_option note_options[] = {
    { "note", 'm', "TEXT", "why; it is kept with the version, which is made in any case" },
    TDH_CLI_END,
};
static const struct tdh_cli_option state_prune_options[] = {
    { "keep", 0, "N", "leave the newest N; default 10, or all with --older" },
    { "older", 0, "TIME", "only those that are so old, such as 30d" },
    { "dry-run", 0, NULL, "say which would go, and take nothing away" },
    TDH_CLI_END,
};
static const struct tdh_cli_option migrate_state_options[] = {
    { "to", 0, "N", "the version of the state's form; default: the one of the agent's plugin" },
    { "dry-run", 0, NULL, "show what would become of it, and change nothing" },
    TDH_CLI_END,
};
static const struct tdh_cli_option chat_options[] = {
    { "system", 's', "TEXT", "instructions that stand before the question" },
    { "stream", 0, NULL, "ask for it as a stream, and print its pieces; as yet when it has ended" },
    { "input", 'i', "NAME=VALUE",
      "a member of the request, such as temperature=0.2 or max_tokens=100; @FILE: a whole one" },
    TDH_CLI_END,
};
static const struct tdh_cli_option sync_state_options[] = {
    { "with", 0, "STORE", "the other store: its file, or the state folder that it is in" },
    { "direction", 0, "WAY",
      "both, push (change only the other) or pull (only this); default: both" },
    { "conflict", 0, "CHOICE",
      "when both went on: ask (change nothing and tell), newest, ours, theirs, or merge; default: "
      "ask" },
    { "tie", 0, "CHOICE",
      "with merge, where both changed one place: ask, newest, ours or theirs; default: ask" },
    { "create", 0, NULL, "make the other store when it is not there" },
    { "dry-run", 0, NULL, "say what would become of both, and change nothing" },
    TDH_CLI_END,
};
static const struct tdh_cli_option call_options[] = { TDH_CLI_INPUT, TDH_CLI_END };
static const struct tdh_cli_option pattern_options[] = {
    TDH_CLI_INPUT,
    { "set", 's', "NAME=VALUE", "one member of the pattern's configuration, as --input" },
    { "tag", 0, "TAG", "a word by which the run is found; may be repeated" },
    { "tenant", 0, "NAME", "on whose account the run is: top --by tenant" },
    { "priority", 0, "PRIORITY", "critical, high, normal or low; default: normal" },
    { "budget", 0, "METER=AMOUNT",
      "most that the run may use, such as cost=2.5,calls=100; may be repeated" },
    { "quiet", 'q', NULL, "no progress" },
    TDH_CLI_END,
};
static const struct tdh_cli_option docs_options[] = {
    { "matrix", 0, NULL, "only the table that compares all patterns" },
    TDH_CLI_END,
};
static const struct tdh_cli_option recommend_options[] = {
    { "trait", 't', "NAME=WORD",
      "what it must be, such as cost=low; may be repeated; pattern docs tells the traits" },
    TDH_CLI_END,
};
static const struct tdh_cli_option check_options[] = { AGAINST, TDH_CLI_END };
static const struct tdh_cli_option matrix_options[] = {
    AGAINST,
    { "html", 0, "FILE", "write it to a file as a page of HTML" },
    TDH_CLI_END,
};
static const struct tdh_cli_option deps_options[] = {
    { "order", 0, NULL, "print what can be loaded at the same time, line by line" },
    { "tree", 0, NULL, "print what each rests on below it" },
    { "critical", 0, NULL, "load them, and print the chain that takes longest, in ms" },
    TDH_CLI_END,
};
static const struct tdh_cli_option new_options[] = {
    { "output", 'o', "DIR", "folder the plugin's folder is made in; default: here" },
    { "build", 0, "HOW", "what it is built with: make, autotools or cmake; default: make" },
    TDH_CLI_END,
};
static const struct tdh_cli_option deploy_plugin_options[] = {
    { "strategy", 0, "HOW",
      "all_at_once, rolling, canary, blue_green or shadow; default: as the policies say" },
    { "shares", 0, "LIST", "of a canary, or of rolling: how much it gets in each phase: 5%,25%" },
    { "watch", 0, "TIME", "how long each phase is watched; default: 5m" },
    { "keep", 0, "TIME", "how long the version before is ready at the end; default: as watch" },
    { "min-calls", 0, "N", "so many calls to judge by; default: 20" },
    { "promote", 0, "HOW", "auto or manual: whether phases follow by themselves" },
    { "to", 0, "DIR", "folder of plugins to put it into; default: where one of its name is" },
    TDH_CLI_END,
};
static const struct tdh_cli_option promote_options[] = {
    { "now", 0, NULL, "without the phases that are left" },
    TDH_CLI_END,
};
static const struct tdh_cli_option find_options[] = {
    { "explain", 0, NULL, "print how it is found: what the index leaves over, what is judged" },
    TDH_CLI_END,
};
static const struct tdh_cli_option keygen_options[] = {
    { "output", 'o', "FILE",
      "the private key; the public one goes to FILE.pub; default: plugin.key" },
    TDH_CLI_END,
};
static const struct tdh_cli_option sign_options[] = {
    { "key", 'k', "FILE", "the private key" },
    TDH_CLI_END,
};
static const struct tdh_cli_option verify_options[] = {
    { "trust", 0, "KEY",
      "a public key, or a file of them, instead of plugins.trusted_keys; may be repeated" },
    TDH_CLI_END,
};
static const struct tdh_cli_option set_options[] = {
    { "source", 0, "TEXT", "who says so, for the history; default: cli" },
    TDH_CLI_END,
};

const struct tdh_verb tdh_verbs_agents[] = {
    { "plugin list", "", 0, 0, "list plugins, with what keeps them from being used", tdh_cli_none,
      tdh_verb_plugin_list },
    { "plugin find", "CEL", 1, 1,
      "find plugins by what they are: 'kind == \"agent\" && \"text\" in tags'", find_options,
      tdh_verb_plugin_find },
    { "plugin info", "NAME", 1, 1, "show a plugin's manifest: actions, options; opens no library",
      tdh_cli_none, tdh_verb_plugin_info },
    { "plugin check", "FOLDER|FILE...", 1, TDH_CLI_VALUES,
      "check plugins through all gates, opening their libraries; a library alone, or all of them "
      "with --against, without opening anything",
      check_options, tdh_verb_plugin_check },
    { "plugin matrix", "", 0, 0,
      "show the rules of the compatibility matrix, and what becomes of each plugin by them",
      matrix_options, tdh_verb_plugin_matrix },
    { "plugin deps", "[NAME]", 0, 1,
      "show what plugins rest on: the versions that are chosen, and why others are not; opens no "
      "library without --critical",
      deps_options, tdh_verb_plugin_deps },
    { "plugin new", "KIND NAME", 2, 2, "write a plugin to start from: agent, pattern or storage",
      new_options, tdh_verb_plugin_new },
    { "plugin conform", "FOLDER", 1, 1, "run the conformance suite of a plugin's kind",
      tdh_cli_none, tdh_verb_plugin_conform },
    { "plugin deploy", "FOLDER", 1, 1,
      "check a plugin and put it into the folder of plugins; it serves as its rollout says",
      deploy_plugin_options, tdh_verb_plugin_deploy },
    { "plugin status", "[NAME]", 0, 1, "show how new versions of plugins come to serve",
      tdh_cli_none, tdh_verb_plugin_status },
    { "plugin promote", "NAME", 1, 1,
      "take a rollout on to its next phase; have a version serve that was rolled back",
      promote_options, tdh_verb_plugin_promote },
    { "plugin rollback", "NAME", 1, 1, "have the version before serve again", tdh_cli_none,
      tdh_verb_plugin_rollback },
    { "plugin keygen", "", 0, 0, "make a key to sign plugins with", keygen_options,
      tdh_verb_plugin_keygen },
    { "plugin sign", "FOLDER", 1, 1, "sign all files of a plugin, into its plugin.sig",
      sign_options, tdh_verb_plugin_sign },
    { "plugin verify", "FOLDER", 1, 1,
      "check that a plugin is what somebody who is trusted has signed", verify_options,
      tdh_verb_plugin_verify },
    { "agent list", "", 0, 0, "list agents", tdh_cli_none, tdh_verb_agent_list },
    { "agent find", "CEL", 1, 1,
      "find agents by what they are: '\"echo\" in capabilities && version.satisfies(\"^1\")'",
      find_options, tdh_verb_agent_find },
    { "agent route", "NAME [ACTION]", 1, 2,
      "show which agent a route would choose for an input, and why; calls nobody", call_options,
      tdh_verb_agent_route },
    { "agent state list", "[AGENT]", 0, 1,
      "list the versions of an agent's state: * the newest, ~ kept aside; or agents that have one",
      tdh_cli_none, tdh_verb_agent_state_list },
    { "agent state show", "AGENT [VERSION]", 1, 2, "print a state; default: the newest",
      tdh_cli_none, tdh_verb_agent_state_show },
    { "agent state diff", "AGENT [[VERSION] VERSION]", 1, 3,
      "show what makes a version another than its parent, or than the first of two", tdh_cli_none,
      tdh_verb_agent_state_diff },
    { "agent state save", "AGENT", 1, 1,
      "have an agent's state saved now, if it is another than the newest", note_options,
      tdh_verb_agent_state_save },
    { "agent state rollback", "AGENT VERSION", 2, 2,
      "make what a version was the newest again, as a version of its own", note_options,
      tdh_verb_agent_state_rollback },
    { "agent state prune", "AGENT", 1, 1, "take versions away; never the newest",
      state_prune_options, tdh_verb_agent_state_prune },
    { "agent state export", "AGENT [VERSION]", 1, 2,
      "write a state and what is known of it as JSON", export_options,
      tdh_verb_agent_state_export },
    { "agent state import", "AGENT FILE", 2, 2,
      "make what was exported, here or elsewhere, the newest", tdh_cli_none,
      tdh_verb_agent_state_import },
    { "agent state migrate", "AGENT", 1, 1,
      "bring an agent's state to another version of its form, and try whether its plugin takes it",
      migrate_state_options, tdh_verb_agent_state_migrate },
    { "agent state sync", "AGENT", 1, 1,
      "make this store and another know the same newest state of an agent; what loses is kept "
      "aside",
      sync_state_options, tdh_verb_agent_state_sync },
    { "agent call", "NAME ACTION", 2, 2, "call an agent's action", call_options,
      tdh_verb_agent_call },
    { "agent status", "[NAME]", 0, 1,
      "show the life of agents in tdevd: state, calls, pool; of one its history as well",
      tdh_cli_none, tdh_verb_agent_status },
    { "agent pause", "NAME", 1, 1,
      "let no call come to an agent of tdevd: they wait, or are refused when its file says so",
      tdh_cli_none, tdh_verb_agent_pause },
    { "agent resume", "NAME", 1, 1, "let calls come to a paused agent again", tdh_cli_none,
      tdh_verb_agent_resume },
    { "agent stop", "NAME", 1, 1,
      "end an agent of tdevd: what runs may end, then it is cut; calls are refused", tdh_cli_none,
      tdh_verb_agent_stop },
    { "agent start", "NAME", 1, 1, "make an agent of tdevd that was stopped, or was not called yet",
      tdh_cli_none, tdh_verb_agent_start },
    { "agent restart", "NAME", 1, 1, "stop an agent of tdevd, and start it", tdh_cli_none,
      tdh_verb_agent_restart },
    { "agent set", "NAME KEY=VALUE...", 2, TDH_CLI_VALUES,
      "set something of an agent besides its file, once it could be made with that", set_options,
      tdh_verb_agent_set },
    { "agent unset", "NAME KEY...", 2, TDH_CLI_VALUES, "let the agent's file say it again",
      set_options, tdh_verb_agent_unset },
    { "agent history", "NAME", 1, 1, "show what was set of an agent, and when", tdh_cli_none,
      tdh_verb_agent_history },
    { "agent rollback", "NAME [N]", 1, 2,
      "let hold again what held after change N, 0: only the file; without N: before the last one",
      set_options, tdh_verb_agent_rollback },
    { "model list", "[PROVIDER]", 0, 1, "list models, with what they can do and cost", tdh_cli_none,
      tdh_verb_model_list },
    { "model chat", "MODEL [PROMPT]", 1, 2,
      "ask a model, by PROVIDER/MODEL, or by its name alone: then of whom there is a key for",
      chat_options, tdh_verb_model_chat },
    { "pattern list", "", 0, 0, "list patterns", tdh_cli_none, tdh_verb_pattern_list },
    { "pattern show", "NAME", 1, 1, "show what a pattern is good for, and its configuration",
      tdh_cli_none, tdh_verb_pattern_show },
    { "pattern docs", "[NAME]", 0, 1, "print a pattern, or the whole catalogue, in Markdown",
      docs_options, tdh_verb_pattern_docs },
    { "pattern recommend", "[SENTENCE]", 0, 1,
      "say which patterns fit a sentence, in English or Korean, or traits, and why",
      recommend_options, tdh_verb_pattern_recommend },
    { "pattern run", "NAME", 1, 1, "run a pattern, durably", pattern_options,
      tdh_verb_pattern_run },
    { NULL, NULL, 0, 0, NULL, NULL, NULL },
};
