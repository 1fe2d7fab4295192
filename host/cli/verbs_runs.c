/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verbs_runs: what tdev can do with workflows, runs, and what starts them. A new verb is a row
 * here, and a file beside.
 */
#include "cli/cli.h"

static const struct tdh_cli_option build_options[] = {
    { "output", 'o', "DIR", "where the project goes; default: its name, here" },
    { "stack", 0, "NAME", "what it is built with: static" },
    { "lang", 0, "LANG", "language of the app, en or ko; default: that of the request" },
    { "name", 0, "NAME", "name of the project; its title, too, when the request names none" },
    { "verify", 0, NULL, "run the project's own tests" },
    { "explain", 0, NULL,
      "show where the title, the layout, and each entity, field and feature came from" },
    { "force", 0, NULL, "replace the earlier build in the output folder" },
    TDH_CLI_END,
};
static const struct tdh_cli_option run_options[] = {
    TDH_CLI_INPUT,
    { "tag", 0, "TAG", "a word by which the run is found: runs list --tag; may be repeated" },
    { "tenant", 0, "NAME",
      "on whose account the run is: top --by tenant; default: the workflow's" },
    { "priority", 0, "PRIORITY", "critical, high, normal or low; default: the workflow's" },
    { "budget", 0, "METER=AMOUNT",
      "most that the run may use, no more than its workflow allows, such as cost=2.5,calls=100; "
      "may be repeated" },
    { "quiet", 'q', NULL, "no progress" },
    TDH_CLI_END,
};
static const struct tdh_cli_option list_options[] = {
    { "status", 0, "STATUS",
      "only these: running, done, failed, cancelled, parked, in_doubt, orphaned, paused" },
    { "name", 0, "NAME", "only those of this workflow or pattern" },
    { "tag", 0, "TAG", "only those with this tag" },
    { "since", 0, "TIME", "only those begun since then: a time, or how long ago, such as 2h" },
    { "before", 0, "RUN", "only those older than this one: the next page" },
    { "limit", 'n', "N", "at most so many, newest first; default 50" },
    TDH_CLI_END,
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
    TDH_CLI_END,
};
static const struct tdh_cli_option signal_options[] = {
    { "input", 'i', "NAME=VALUE", "one member of what the wait gives, as with run" },
    { "quiet", 'q', NULL, "no progress" },
    TDH_CLI_END,
};
static const struct tdh_cli_option prune_options[] = {
    { "older", 0, "TIME", "those that ended so long ago, such as 12h; with the next two, 30d" },
    { "keep", 0, "N", "leave the newest N of them" },
    { "status", 0, "STATUS", "only these: done, failed, cancelled" },
    { "dry-run", 0, NULL, "say which would go, and take nothing away" },
    TDH_CLI_END,
};
static const struct tdh_cli_option cancel_options[] = {
    { "within", 0, "TIME",
      "how long a call that can be undone may go on, such as 10s; default: limits.stop" },
    { "quiet", 'q', NULL, "no progress" },
    TDH_CLI_END,
};
static const struct tdh_cli_option show_options[] = {
    { "at", 0, "N", "its steps and variables after its first N events" },
    TDH_CLI_END,
};
static const struct tdh_cli_option fork_options[] = {
    { "at", 0, "N", "the events it begins with; runs show numbers them" },
    { "budget", 0, "METER=AMOUNT",
      "most that the new run may use, what it takes over included, such as "
      "cost=2.5,calls=100; may be repeated" },
    { "quiet", 'q', NULL, "no progress" },
    TDH_CLI_END,
};
static const struct tdh_cli_option export_options[] = {
    { "output", 'o', "FILE", "write to a file" },
    TDH_CLI_END,
};
static const struct tdh_cli_option retry_options[] = {
    { "from", 0, "STEP", "the step to do again; default: the one that failed last" },
    { "budget", 0, "METER=AMOUNT",
      "most that the new run may use, what it takes over included, such as "
      "cost=2.5,calls=100; may be repeated" },
    { "quiet", 'q', NULL, "no progress" },
    TDH_CLI_END,
};
static const struct tdh_cli_option approve_options[] = {
    { "comment", 'm', "TEXT", "why; it is kept with the answer" },
    { "quiet", 'q', NULL, "no progress" },
    TDH_CLI_END,
};
static const struct tdh_cli_option convert_options[] = {
    { "to", 0, "NOTATION", "yaml or flow; default: as the file of --output ends, else the other" },
    { "output", 'o', "FILE", "write to a file instead of standard output" },
    TDH_CLI_END,
};
static const struct tdh_cli_option optimize_options[] = {
    { "history", 0, NULL, "estimate from how long its links took in the newest runs" },
    { "measure", 0, NULL,
      "run it before and after, in turns, and say how long that takes; only when nothing "
      "has effects" },
    { "write", 0, NULL,
      "put what was optimized in the file's place; comments within are not kept" },
    TDH_CLI_INPUT,
    TDH_CLI_END,
};
static const struct tdh_cli_option graph_options[] = {
    { "format", 0, "FORMAT", "svg (default) or dot" },
    { "output", 'o', "FILE", "write to a file" },
    { "plan", 0, NULL,
      "print how long each node takes, the critical path and what stands side by side; with "
      "--output that path is drawn bold" },
    { "history", 0, NULL, "with --plan: take times from earlier runs where there are any" },
    TDH_CLI_END,
};
static const struct tdh_cli_option emit_options[] = {
    { "input", 'i', "NAME=VALUE", "one member of the event's data, as with run" },
    { "correlation", 0, "TEXT", "what belongs together; default: the event's id" },
    TDH_CLI_END,
};
static const struct tdh_cli_option event_options[] = {
    { "name", 0, "PATTERN", "only those, such as order.* or order.**" },
    { "since", 0, "TIME", "only those since then: a time, or how long ago, such as 2h" },
    { "until", 0, "TIME", "only those before then" },
    { "limit", 'n', "N", "the newest so many; default 50, 0: all" },
    TDH_CLI_END,
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
    TDH_CLI_END,
};
static const struct tdh_cli_option fire_options[] = {
    { "input", 'i', "NAME=VALUE", "one member of the event's data, as with run" },
    { "quiet", 'q', NULL, "no progress" },
    TDH_CLI_END,
};
static const struct tdh_cli_option move_options[] = {
    { "to", 0, "WORKFLOW", "what it follows from now on: FILE, ID or ID@VERSION" },
    { "map", 0, "OLD=NEW",
      "a node has another name; one of a body by path, each.pay; may be repeated" },
    { "drop", 0, "OLD", "let go of what a node did, or is doing; may be repeated" },
    { "dry-run", 0, NULL, "say what would be, and change nothing" },
    { "quiet", 'q', NULL, "no progress" },
    TDH_CLI_END,
};
static const struct tdh_cli_option rollback_options[] = {
    { "to", 0, "VERSION", "this one; default: the one that was active before" },
    TDH_CLI_END,
};

const struct tdh_verb tdh_verbs_runs[] = {
    { "build", "REQUEST", 1, 1, "build an app from a sentence, in English or Korean", build_options,
      tdh_verb_build },
    { "run", "FILE|ID", 1, 1, "run a workflow, durably", run_options, tdh_verb_run },
    { "runs list", "", 0, 0, "list runs", list_options, tdh_verb_runs_list },
    { "runs show", "RUN", 1, 1, "show a run and its events", show_options, tdh_verb_runs_show },
    { "runs report", "RUN", 1, 1,
      "show where a run's time went, how far it is, and what holds it up", tdh_cli_none,
      tdh_verb_runs_report },
    { "runs watch", "RUN", 1, 1, "show the events of a run as they come, until it ends",
      tdh_cli_none, tdh_verb_runs_watch },
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
    { "runs import", "FILE", 1, 1, "take a run that was exported into this store", tdh_cli_none,
      tdh_verb_runs_import },
    { "runs pause", "RUN", 1, 1,
      "let what is under way end, and begin nothing until runs resume RUN", cancel_options,
      tdh_verb_runs_pause },
    { "runs waiting", "[RUN]", 0, 1, "list the signals and approvals that runs wait for",
      tdh_cli_none, tdh_verb_runs_waiting },
    { "runs approve", "RUN [STEP]", 1, 2, "say yes to what a run asks", approve_options,
      tdh_verb_runs_approve },
    { "runs reject", "RUN [STEP]", 1, 2, "say no to what a run asks", approve_options,
      tdh_verb_runs_reject },
    { "runs prune", "", 0, 0,
      "take away runs that have ended: those that are due by the configuration and their "
      "workflows, or those that options name",
      prune_options, tdh_verb_runs_prune },
    { "workflow list", "", 0, 0, "list workflows", tdh_cli_none, tdh_verb_workflow_list },
    { "workflow validate", "FILE|ID...", 1, TDH_CLI_VALUES, "check workflows as a whole",
      tdh_cli_none, tdh_verb_workflow_validate },
    { "workflow convert", "FILE", 1, 1, "write a workflow in the other notation, YAML or text",
      convert_options, tdh_verb_workflow_convert },
    { "workflow graph", "FILE|ID", 1, 1, "draw a workflow", graph_options,
      tdh_verb_workflow_graph },
    { "workflow optimize", "FILE", 1, 1,
      "say what a chain or a workflow could do faster, and change it", optimize_options,
      tdh_verb_workflow_optimize },
    { "workflow deploy", "FILE|ID", 1, 1,
      "keep a workflow in the store, as its version; runs that begin from now on follow it",
      tdh_cli_none, tdh_verb_workflow_deploy },
    { "workflow rollback", "ID", 1, 1, "let runs that begin from now on follow another version",
      rollback_options, tdh_verb_workflow_rollback },
    { "workflow undeploy", "ID", 1, 1, "take all its versions out of the store: its file counts",
      tdh_cli_none, tdh_verb_workflow_undeploy },
    { "workflow versions", "ID", 1, 1,
      "list the versions that are deployed; * marks the active one", tdh_cli_none,
      tdh_verb_workflow_versions },
    { "workflow diff", "WORKFLOW [WORKFLOW]", 1, 2,
      "say what differs: FILE, ID or ID@VERSION; of one, what runs follow against its file",
      tdh_cli_none, tdh_verb_workflow_diff },
    { "workflow show", "FILE|ID", 1, 1,
      "print a workflow as runs follow it, in JSON; a chain as it is written out", tdh_cli_none,
      tdh_verb_workflow_show },
    { "event emit", "NAME", 1, 1, "publish an event", emit_options, tdh_verb_event_emit },
    { "event list", "", 0, 0, "list events", event_options, tdh_verb_event_list },
    { "event show", "ID", 1, 1, "show an event; the first letters of its id are enough",
      tdh_cli_none, tdh_verb_event_show },
    { "event replay", "", 0, 0, "give events of the past to triggers once more", replay_options,
      tdh_verb_event_replay },
    { "trigger list", "", 0, 0,
      "list what starts workflows: when last and next, and why it did not", tdh_cli_none,
      tdh_verb_trigger_list },
    { "trigger fire", "WORKFLOW [N]", 1, 2,
      "start a workflow as its N-th trigger would; without N: its manual one", fire_options,
      tdh_verb_trigger_fire },
    { NULL, NULL, 0, 0, NULL, NULL, NULL },
};
