/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verbs_host: what tdev can do with its store, its configuration, and itself. A new verb is a row
 * here, and a file beside.
 */
#include "cli/cli.h"

static const struct tdh_cli_option expr_options[] = {
    { "data", 0, "FILE", "JSON map whose members are the variables" },
    { "bindings", 0, "FILE", "JSON map of typed values: {\"x\": {\"int\": 1}}" },
    { "typed", 0, NULL,
      "print the value tagged with its CEL type; evaluates without static checks" },
    { "container", 0, "NAME", "prefix for names, as in CEL's name resolution" },
    TDH_CLI_END,
};
static const struct tdh_cli_option migrate_options[] = {
    { "to", 0, "N", "version of the stored form; default: the newest" },
    TDH_CLI_END,
};
static const struct tdh_cli_option backup_options[] = {
    { "force", 0, NULL, "replace FILE if it is there" },
    TDH_CLI_END,
};
static const struct tdh_cli_option restore_options[] = {
    { "as-is", 0, NULL,
      "nothing has run since the backup: runs that were under way then go on as they are" },
    TDH_CLI_END,
};
static const struct tdh_cli_option top_options[] = {
    { "by", 0, "WHAT", "plugin (default), agent, run or tenant" },
    { "sort", 0, "ORDER", "cpu (default), calls, failures, wall, memory or name" },
    { "once", 0, NULL, "print the table once; so it is when standard output is no terminal" },
    TDH_CLI_END,
};

const struct tdh_verb tdh_verbs_host[] = {
    { "store verify", "", 0, 0, "read the whole store and check it", tdh_cli_none,
      tdh_verb_store_verify },
    { "store backup", "FILE|FOLDER", 1, 1,
      "write all the store holds to a file, while it is in use, and check that file",
      backup_options, tdh_verb_store_backup },
    { "store restore", "FILE", 1, 1,
      "put a backup in the store's place; what was there is kept beside it", restore_options,
      tdh_verb_store_restore },
    { "store migrate", "", 0, 0, "bring the store's form up, or down to an older one",
      migrate_options, tdh_verb_store_migrate },
    { "config show", "", 0, 0, "show every setting and where it comes from", tdh_cli_none,
      tdh_verb_config_show },
    { "config check", "", 0, 0, "check the configuration", tdh_cli_none, tdh_verb_config_check },
    { "config reference", "", 0, 0, "print the reference of all settings, in Markdown",
      tdh_cli_none, tdh_verb_config_reference },
    { "doctor", "", 0, 0, "check this installation and say what to mend", tdh_cli_none,
      tdh_verb_doctor },
    { "errors", "", 0, 0, "list the codes of errors, and what follows from each", tdh_cli_none,
      tdh_verb_errors },
    { "top", "", 0, 0,
      "show what plugins, agents and runs use, of tdevd and each tdev on the same state folder; "
      "keys: q ends, s sorts otherwise, b shows the next of the three",
      top_options, tdh_verb_top },
    { "expr", "CEL", 1, 1, "evaluate an expression", expr_options, tdh_verb_expr },
    { "schema check", "SCHEMA DATA", 2, 2, "check JSON or YAML data against a JSON Schema",
      tdh_cli_none, tdh_verb_schema_check },
    { "version", "", 0, 0, "print the version", tdh_cli_none, tdh_verb_version },
    { "help", "[VERB]", 0, 2, "show help", tdh_cli_none, tdh_verb_help },
    { NULL, NULL, 0, 0, NULL, NULL, NULL },
};
