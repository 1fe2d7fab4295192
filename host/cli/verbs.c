/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verbs: the table of what tdev can do. A new verb is a row here and a file beside.
 */
#include <stdio.h>

#include "cli/cli.h"
#include "plugin/plugin.h"

#define END                                                                                        \
    {                                                                                              \
        NULL, 0, NULL, NULL                                                                        \
    }
#define INPUT                                                                                      \
    {                                                                                              \
        "input", 'i', "NAME=VALUE",                                                                \
            "one input: JSON or text; NAME=@FILE reads JSON from a file, @FILE a whole map"        \
    }

static const struct tdh_cli_option build_options[] = {
    { "output", 'o', "DIR", "where the project goes; default: its name, here" },
    { "stack", 0, "NAME", "what it is built with: static" },
    { "lang", 0, "LANG", "language of the app, en or ko; default: that of the request" },
    { "name", 0, "NAME", "name of the project; its title, too, when the request names none" },
    { "verify", 0, NULL, "run the project's own tests" },
    { "explain", 0, NULL,
      "show where the title, the layout, and each entity, field and feature came from" },
    { "force", 0, NULL, "replace the earlier build in the output folder" },
    END,
};
static const struct tdh_cli_option run_options[] = {
    INPUT,
    { "tag", 0, "TAG", "a word by which the run is found: runs list --tag; may be repeated" },
    { "priority", 0, "PRIORITY", "critical, high, normal or low; default: the workflow's" },
    { "budget", 0, "METER=AMOUNT",
      "most that the run may use, no more than its workflow allows, such as cost=2.5,calls=100; "
      "may be repeated" },
    { "quiet", 'q', NULL, "no progress" },
    END,
};
static const struct tdh_cli_option list_options[] = {
    { "status", 0, "STATUS",
      "only these: running, done, failed, cancelled, parked, in_doubt, orphaned, paused" },
    { "name", 0, "NAME", "only those of this workflow or pattern" },
    { "tag", 0, "TAG", "only those with this tag" },
    { "since", 0, "TIME", "only those begun since then: a time, or how long ago, such as 2h" },
    { "before", 0, "RUN", "only those older than this one: the next page" },
    { "limit", 'n', "N", "at most so many, newest first; default 50" },
    END,
};
static const struct tdh_cli_option resume_options[] = {
    { "retry", 0, NULL, "a step in doubt did not happen: do it again" },
    { "done", 0, "JSON", "a step in doubt happened, with this output" },
    { "fail", 0, NULL, "a step in doubt counts as failed" },
    { "force", 0, NULL, "resume a parked run" },
    { "budget", 0, "METER=AMOUNT",
      "most that the run may use from now on, what it has used included, such as "
      "cost=2.5,calls=100; may be repeated" },
    { "quiet", 'q', NULL, "no progress" },
    END,
};
static const struct tdh_cli_option signal_options[] = {
    { "input", 'i', "NAME=VALUE", "one member of what the wait gives, as with run" },
    { "quiet", 'q', NULL, "no progress" },
    END,
};
static const struct tdh_cli_option prune_options[] = {
    { "older", 0, "TIME", "those that ended so long ago, such as 12h; with the next two, 30d" },
    { "keep", 0, "N", "leave the newest N of them" },
    { "status", 0, "STATUS", "only these: done, failed, cancelled" },
    { "dry-run", 0, NULL, "say which would go, and take nothing away" },
    END,
};
static const struct tdh_cli_option cancel_options[] = {
    { "within", 0, "TIME",
      "how long a call that can be undone may go on, such as 10s; default: limits.stop" },
    { "quiet", 'q', NULL, "no progress" },
    END,
};
static const struct tdh_cli_option show_options[] = {
    { "at", 0, "N", "its steps and variables after its first N events" },
    END,
};
static const struct tdh_cli_option fork_options[] = {
    { "at", 0, "N", "the events it begins with; runs show numbers them" },
    { "budget", 0, "METER=AMOUNT",
      "most that the new run may use, what it takes over included, such as "
      "cost=2.5,calls=100; may be repeated" },
    { "quiet", 'q', NULL, "no progress" },
    END,
};
static const struct tdh_cli_option export_options[] = {
    { "output", 'o', "FILE", "write to a file" },
    END,
};
static const struct tdh_cli_option retry_options[] = {
    { "from", 0, "STEP", "the step to do again; default: the one that failed last" },
    { "budget", 0, "METER=AMOUNT",
      "most that the new run may use, what it takes over included, such as "
      "cost=2.5,calls=100; may be repeated" },
    { "quiet", 'q', NULL, "no progress" },
    END,
};
static const struct tdh_cli_option approve_options[] = {
    { "comment", 'm', "TEXT", "why; it is kept with the answer" },
    { "quiet", 'q', NULL, "no progress" },
    END,
};
static const struct tdh_cli_option convert_options[] = {
    { "to", 0, "NOTATION", "yaml or flow; default: as the file of --output ends, else the other" },
    { "output", 'o', "FILE", "write to a file instead of standard output" },
    END,
};
static const struct tdh_cli_option optimize_options[] = {
    { "history", 0, NULL, "estimate from how long its links took in the newest runs" },
    { "measure", 0, NULL,
      "run it before and after, in turns, and say how long that takes; only when nothing "
      "has effects" },
    { "write", 0, NULL,
      "put what was optimized in the file's place; comments within are not kept" },
    INPUT,
    END,
};
static const struct tdh_cli_option graph_options[] = {
    { "format", 0, "FORMAT", "svg (default) or dot" },
    { "output", 'o', "FILE", "write to a file" },
    { "plan", 0, NULL,
      "print how long each node takes, the critical path and what stands side by side; with "
      "--output that path is drawn bold" },
    { "history", 0, NULL, "with --plan: take times from earlier runs where there are any" },
    END,
};
static const struct tdh_cli_option note_options[] = {
    { "note", 'm', "TEXT", "why; it is kept with the version, which is made in any case" },
    END,
};
static const struct tdh_cli_option state_prune_options[] = {
    { "keep", 0, "N", "leave the newest N; default 10, or all with --older" },
    { "older", 0, "TIME", "only those that are so old, such as 30d" },
    { "dry-run", 0, NULL, "say which would go, and take nothing away" },
    END,
};
static const struct tdh_cli_option migrate_state_options[] = {
    { "to", 0, "N", "the version of the state's form; default: the one of the agent's plugin" },
    { "dry-run", 0, NULL, "show what would become of it, and change nothing" },
    END,
};
static const struct tdh_cli_option call_options[] = { INPUT, END };
static const struct tdh_cli_option pattern_options[] = {
    INPUT,
    { "set", 's', "NAME=VALUE", "one member of the pattern's configuration, as --input" },
    { "tag", 0, "TAG", "a word by which the run is found; may be repeated" },
    { "priority", 0, "PRIORITY", "critical, high, normal or low; default: normal" },
    { "budget", 0, "METER=AMOUNT",
      "most that the run may use, such as cost=2.5,calls=100; may be repeated" },
    { "quiet", 'q', NULL, "no progress" },
    END,
};
static const struct tdh_cli_option docs_options[] = {
    { "matrix", 0, NULL, "only the table that compares all patterns" },
    END,
};
static const struct tdh_cli_option recommend_options[] = {
    { "trait", 't', "NAME=WORD",
      "what it must be, such as cost=low; may be repeated; pattern docs tells the traits" },
    END,
};
#define AGAINST                                                                                    \
    {                                                                                              \
        "against", 0, "HOST",                                                                      \
            "another host: its version, such as 0.2.0, or 0.2,sdk=1.2,on=2027-01-31; the SDK and " \
            "the day are those of here unless given"                                               \
    }
static const struct tdh_cli_option check_options[] = { AGAINST, END };
static const struct tdh_cli_option matrix_options[] = {
    AGAINST,
    { "html", 0, "FILE", "write it to a file as a page of HTML" },
    END,
};
static const struct tdh_cli_option deps_options[] = {
    { "order", 0, NULL, "print what can be loaded at the same time, line by line" },
    { "tree", 0, NULL, "print what each rests on below it" },
    { "critical", 0, NULL, "load them, and print the chain that takes longest, in ms" },
    END,
};
static const struct tdh_cli_option new_options[] = {
    { "output", 'o', "DIR", "folder the plugin's folder is made in; default: here" },
    { "build", 0, "HOW", "what it is built with: make, autotools or cmake; default: make" },
    END,
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
    END,
};
static const struct tdh_cli_option promote_options[] = {
    { "now", 0, NULL, "without the phases that are left" },
    END,
};
static const struct tdh_cli_option find_options[] = {
    { "explain", 0, NULL, "print how it is found: what the index leaves over, what is judged" },
    END,
};
static const struct tdh_cli_option keygen_options[] = {
    { "output", 'o', "FILE",
      "the private key; the public one goes to FILE.pub; default: plugin.key" },
    END,
};
static const struct tdh_cli_option sign_options[] = {
    { "key", 'k', "FILE", "the private key" },
    END,
};
static const struct tdh_cli_option verify_options[] = {
    { "trust", 0, "KEY",
      "a public key, or a file of them, instead of plugins.trusted_keys; may be repeated" },
    END,
};
static const struct tdh_cli_option expr_options[] = {
    { "data", 0, "FILE", "JSON map whose members are the variables" },
    { "bindings", 0, "FILE", "JSON map of typed values: {\"x\": {\"int\": 1}}" },
    { "typed", 0, NULL,
      "print the value tagged with its CEL type; evaluates without static checks" },
    { "container", 0, "NAME", "prefix for names, as in CEL's name resolution" },
    END,
};
static const struct tdh_cli_option migrate_options[] = {
    { "to", 0, "N", "version of the stored form; default: the newest" },
    END,
};
static const struct tdh_cli_option backup_options[] = {
    { "force", 0, NULL, "replace FILE if it is there" },
    END,
};
static const struct tdh_cli_option restore_options[] = {
    { "as-is", 0, NULL,
      "nothing has run since the backup: runs that were under way then go on as they are" },
    END,
};
static const struct tdh_cli_option emit_options[] = {
    { "input", 'i', "NAME=VALUE", "one member of the event's data, as with run" },
    { "correlation", 0, "TEXT", "what belongs together; default: the event's id" },
    END,
};
static const struct tdh_cli_option event_options[] = {
    { "name", 0, "PATTERN", "only those, such as order.* or order.**" },
    { "since", 0, "TIME", "only those since then: a time, or how long ago, such as 2h" },
    { "until", 0, "TIME", "only those before then" },
    { "limit", 'n', "N", "the newest so many; default 50, 0: all" },
    END,
};
static const struct tdh_cli_option replay_options[] = {
    { "since", 0, "TIME", "those since then: a time, or how long ago, such as 2h; must be given" },
    { "until", 0, "TIME", "those before then; default: now" },
    { "name", 0, "PATTERN", "only those, such as order.* or order.**" },
    { "to", 0, "WORKFLOW[/TRIGGER]", "only that workflow, or trigger, hears them; default: all" },
    { "speed", 0, "N", "with the pauses there were between them, N times as fast; default: none" },
    { "as", 0, "NAME", "the replay's name: under the same one no event is given twice" },
    { "limit", 'n', "N", "most events; more are refused; default 1000" },
    { "dry-run", 0, NULL, "only list them" },
    END,
};
static const struct tdh_cli_option fire_options[] = {
    { "input", 'i', "NAME=VALUE", "one member of the event's data, as with run" },
    { "quiet", 'q', NULL, "no progress" },
    END,
};
static const struct tdh_cli_option move_options[] = {
    { "to", 0, "WORKFLOW", "what it follows from now on: FILE, ID or ID@VERSION" },
    { "map", 0, "OLD=NEW",
      "a node has another name; one of a body by path, each.pay; may be repeated" },
    { "drop", 0, "OLD", "let go of what a node did, or is doing; may be repeated" },
    { "dry-run", 0, NULL, "say what would be, and change nothing" },
    { "quiet", 'q', NULL, "no progress" },
    END,
};
static const struct tdh_cli_option rollback_options[] = {
    { "to", 0, "VERSION", "this one; default: the one that was active before" },
    END,
};
static const struct tdh_cli_option top_options[] = {
    { "by", 0, "WHAT", "plugin (default), agent or run" },
    { "sort", 0, "ORDER", "cpu (default), calls, failures, wall, memory or name" },
    { "once", 0, NULL, "print the table once; so it is when standard output is no terminal" },
    END,
};
static const struct tdh_cli_option set_options[] = {
    { "source", 0, "TEXT", "who says so, for the history; default: cli" },
    END,
};
static const struct tdh_cli_option none[] = { END };

const struct tdh_verb tdh_verbs[] = {
    { "build", "REQUEST", 1, 1, "build an app from a sentence, in English or Korean", build_options,
      tdh_verb_build },
    { "run", "FILE|ID", 1, 1, "run a workflow, durably", run_options, tdh_verb_run },
    { "runs list", "", 0, 0, "list runs", list_options, tdh_verb_runs_list },
    { "runs show", "RUN", 1, 1, "show a run and its events", show_options, tdh_verb_runs_show },
    { "runs report", "RUN", 1, 1,
      "show where a run's time went, how far it is, and what holds it up", none,
      tdh_verb_runs_report },
    { "runs watch", "RUN", 1, 1, "show the events of a run as they come, until it ends", none,
      tdh_verb_runs_watch },
    { "runs resume", "[RUN]", 0, 1,
      "go on with a run that is paused, or whose process is gone; without RUN: with all of the "
      "latter",
      resume_options, tdh_verb_runs_resume },
    { "runs signal", "RUN SIGNAL", 2, 2, "give a run a signal that a wait of it is for",
      signal_options, tdh_verb_runs_signal },
    { "runs cancel", "RUN", 1, 1, "end a run: what it did is undone where its workflow says how",
      cancel_options, tdh_verb_runs_cancel },
    { "runs move", "RUN...", 1, TDH_CLI_VALUES,
      "let runs go over to another version of their workflow, with all they have done",
      move_options, tdh_verb_runs_move },
    { "runs fork", "RUN", 1, 1,
      "begin a new run with a run's first events: all that came later is done anew", fork_options,
      tdh_verb_runs_fork },
    { "runs retry", "RUN", 1, 1,
      "do the step again that failed, or another, and go on from there, as a new run",
      retry_options, tdh_verb_runs_retry },
    { "runs export", "RUN", 1, 1, "write a run with its journal and children as JSON",
      export_options, tdh_verb_runs_export },
    { "runs import", "FILE", 1, 1, "take a run that was exported into this store", none,
      tdh_verb_runs_import },
    { "runs pause", "RUN", 1, 1,
      "let what is under way end, and begin nothing until runs resume RUN", cancel_options,
      tdh_verb_runs_pause },
    { "runs waiting", "[RUN]", 0, 1, "list the signals and approvals that runs wait for", none,
      tdh_verb_runs_waiting },
    { "runs approve", "RUN [STEP]", 1, 2, "say yes to what a run asks", approve_options,
      tdh_verb_runs_approve },
    { "runs reject", "RUN [STEP]", 1, 2, "say no to what a run asks", approve_options,
      tdh_verb_runs_reject },
    { "runs prune", "", 0, 0,
      "take away runs that have ended: those that are due by the configuration and their "
      "workflows, or those that options name",
      prune_options, tdh_verb_runs_prune },
    { "workflow list", "", 0, 0, "list workflows", none, tdh_verb_workflow_list },
    { "workflow validate", "FILE|ID...", 1, TDH_CLI_VALUES, "check workflows as a whole", none,
      tdh_verb_workflow_validate },
    { "workflow convert", "FILE", 1, 1, "write a workflow in the other notation, YAML or text",
      convert_options, tdh_verb_workflow_convert },
    { "workflow graph", "FILE|ID", 1, 1, "draw a workflow", graph_options,
      tdh_verb_workflow_graph },
    { "workflow optimize", "FILE", 1, 1,
      "say what a chain or a workflow could do faster, and change it", optimize_options,
      tdh_verb_workflow_optimize },
    { "workflow deploy", "FILE|ID", 1, 1,
      "keep a workflow in the store, as its version; runs that begin from now on follow it", none,
      tdh_verb_workflow_deploy },
    { "workflow rollback", "ID", 1, 1, "let runs that begin from now on follow another version",
      rollback_options, tdh_verb_workflow_rollback },
    { "workflow undeploy", "ID", 1, 1, "take all its versions out of the store: its file counts",
      none, tdh_verb_workflow_undeploy },
    { "workflow versions", "ID", 1, 1,
      "list the versions that are deployed; * marks the active one", none,
      tdh_verb_workflow_versions },
    { "workflow diff", "WORKFLOW [WORKFLOW]", 1, 2,
      "say what differs: FILE, ID or ID@VERSION; of one, what runs follow against its file", none,
      tdh_verb_workflow_diff },
    { "workflow show", "FILE|ID", 1, 1,
      "print a workflow as runs follow it, in JSON; a chain as it is written out", none,
      tdh_verb_workflow_show },
    { "plugin list", "", 0, 0, "list plugins, with what keeps them from being used", none,
      tdh_verb_plugin_list },
    { "plugin find", "CEL", 1, 1,
      "find plugins by what they are: 'kind == \"agent\" && \"text\" in tags'", find_options,
      tdh_verb_plugin_find },
    { "plugin info", "NAME", 1, 1, "show a plugin's manifest: actions, options; opens no library",
      none, tdh_verb_plugin_info },
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
    { "plugin conform", "FOLDER", 1, 1, "run the conformance suite of a plugin's kind", none,
      tdh_verb_plugin_conform },
    { "plugin deploy", "FOLDER", 1, 1,
      "check a plugin and put it into the folder of plugins; it serves as its rollout says",
      deploy_plugin_options, tdh_verb_plugin_deploy },
    { "plugin status", "[NAME]", 0, 1, "show how new versions of plugins come to serve", none,
      tdh_verb_plugin_status },
    { "plugin promote", "NAME", 1, 1,
      "take a rollout on to its next phase; have a version serve that was rolled back",
      promote_options, tdh_verb_plugin_promote },
    { "plugin rollback", "NAME", 1, 1, "have the version before serve again", none,
      tdh_verb_plugin_rollback },
    { "plugin keygen", "", 0, 0, "make a key to sign plugins with", keygen_options,
      tdh_verb_plugin_keygen },
    { "plugin sign", "FOLDER", 1, 1, "sign all files of a plugin, into its plugin.sig",
      sign_options, tdh_verb_plugin_sign },
    { "plugin verify", "FOLDER", 1, 1,
      "check that a plugin is what somebody who is trusted has signed", verify_options,
      tdh_verb_plugin_verify },
    { "agent list", "", 0, 0, "list agents", none, tdh_verb_agent_list },
    { "agent find", "CEL", 1, 1,
      "find agents by what they are: '\"echo\" in capabilities && version.satisfies(\"^1\")'",
      find_options, tdh_verb_agent_find },
    { "agent route", "NAME [ACTION]", 1, 2,
      "show which agent a route would choose for an input, and why; calls nobody", call_options,
      tdh_verb_agent_route },
    { "agent state list", "[AGENT]", 0, 1,
      "list the versions of an agent's state: * the newest, ~ kept aside; or agents that have one",
      none, tdh_verb_agent_state_list },
    { "agent state show", "AGENT [VERSION]", 1, 2, "print a state; default: the newest", none,
      tdh_verb_agent_state_show },
    { "agent state diff", "AGENT [[VERSION] VERSION]", 1, 3,
      "show what makes a version another than its parent, or than the first of two", none,
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
      "make what was exported, here or elsewhere, the newest", none, tdh_verb_agent_state_import },
    { "agent state migrate", "AGENT", 1, 1,
      "bring an agent's state to another version of its form, and try whether its plugin takes it",
      migrate_state_options, tdh_verb_agent_state_migrate },
    { "agent call", "NAME ACTION", 2, 2, "call an agent's action", call_options,
      tdh_verb_agent_call },
    { "agent status", "[NAME]", 0, 1,
      "show the life of agents in tdevd: state, calls, pool; of one its history as well", none,
      tdh_verb_agent_status },
    { "agent pause", "NAME", 1, 1,
      "let no call come to an agent of tdevd: they wait, or are refused when its file says so",
      none, tdh_verb_agent_pause },
    { "agent resume", "NAME", 1, 1, "let calls come to a paused agent again", none,
      tdh_verb_agent_resume },
    { "agent stop", "NAME", 1, 1,
      "end an agent of tdevd: what runs may end, then it is cut; calls are refused", none,
      tdh_verb_agent_stop },
    { "agent start", "NAME", 1, 1, "make an agent of tdevd that was stopped, or was not called yet",
      none, tdh_verb_agent_start },
    { "agent restart", "NAME", 1, 1, "stop an agent of tdevd, and start it", none,
      tdh_verb_agent_restart },
    { "agent set", "NAME KEY=VALUE...", 2, TDH_CLI_VALUES,
      "set something of an agent besides its file, once it could be made with that", set_options,
      tdh_verb_agent_set },
    { "agent unset", "NAME KEY...", 2, TDH_CLI_VALUES, "let the agent's file say it again",
      set_options, tdh_verb_agent_unset },
    { "agent history", "NAME", 1, 1, "show what was set of an agent, and when", none,
      tdh_verb_agent_history },
    { "agent rollback", "NAME [N]", 1, 2,
      "let hold again what held after change N, 0: only the file; without N: before the last one",
      set_options, tdh_verb_agent_rollback },
    { "pattern list", "", 0, 0, "list patterns", none, tdh_verb_pattern_list },
    { "pattern show", "NAME", 1, 1, "show what a pattern is good for, and its configuration", none,
      tdh_verb_pattern_show },
    { "pattern docs", "[NAME]", 0, 1, "print a pattern, or the whole catalogue, in Markdown",
      docs_options, tdh_verb_pattern_docs },
    { "pattern recommend", "[SENTENCE]", 0, 1,
      "say which patterns fit a sentence, in English or Korean, or traits, and why",
      recommend_options, tdh_verb_pattern_recommend },
    { "pattern run", "NAME", 1, 1, "run a pattern, durably", pattern_options,
      tdh_verb_pattern_run },
    { "event emit", "NAME", 1, 1, "publish an event", emit_options, tdh_verb_event_emit },
    { "event list", "", 0, 0, "list events", event_options, tdh_verb_event_list },
    { "event show", "ID", 1, 1, "show an event; the first letters of its id are enough", none,
      tdh_verb_event_show },
    { "event replay", "", 0, 0, "give events of the past to triggers once more", replay_options,
      tdh_verb_event_replay },
    { "trigger list", "", 0, 0,
      "list what starts workflows: when last and next, and why it did not", none,
      tdh_verb_trigger_list },
    { "trigger fire", "WORKFLOW [N]", 1, 2,
      "start a workflow as its N-th trigger would; without N: its manual one", fire_options,
      tdh_verb_trigger_fire },
    { "store verify", "", 0, 0, "read the whole store and check it", none, tdh_verb_store_verify },
    { "store backup", "FILE|FOLDER", 1, 1,
      "write all the store holds to a file, while it is in use, and check that file",
      backup_options, tdh_verb_store_backup },
    { "store restore", "FILE", 1, 1,
      "put a backup in the store's place; what was there is kept beside it", restore_options,
      tdh_verb_store_restore },
    { "store migrate", "", 0, 0, "bring the store's form up, or down to an older one",
      migrate_options, tdh_verb_store_migrate },
    { "config show", "", 0, 0, "show every setting and where it comes from", none,
      tdh_verb_config_show },
    { "config check", "", 0, 0, "check the configuration", none, tdh_verb_config_check },
    { "config reference", "", 0, 0, "print the reference of all settings, in Markdown", none,
      tdh_verb_config_reference },
    { "doctor", "", 0, 0, "check this installation and say what to mend", none, tdh_verb_doctor },
    { "errors", "", 0, 0, "list the codes of errors, and what follows from each", none,
      tdh_verb_errors },
    { "top", "", 0, 0,
      "show what plugins, agents and runs use, of tdevd and each tdev on the same state folder; "
      "keys: q ends, s sorts otherwise, b shows the next of the three",
      top_options, tdh_verb_top },
    { "expr", "CEL", 1, 1, "evaluate an expression", expr_options, tdh_verb_expr },
    { "schema check", "SCHEMA DATA", 2, 2, "check JSON or YAML data against a JSON Schema", none,
      tdh_verb_schema_check },
    { "version", "", 0, 0, "print the version", none, tdh_verb_version },
    { "help", "[VERB]", 0, 2, "show help", none, tdh_verb_help },
    { NULL, NULL, 0, 0, NULL, NULL, NULL },
};

int tdh_verb_version(const struct tdh_args *args)
{
    if (args->is_json)
        return tdh_cli_print(
            json_pack("{s:s, s:s}", "version", TDH_HOST_VERSION, "sdk", TD_SDK_VERSION));
    printf("tdev %s (SDK %s)\n", TDH_HOST_VERSION, TD_SDK_VERSION);
    return TDH_EXIT_DONE;
}
