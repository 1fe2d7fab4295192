/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diff: what differs between two workflows: the file and what is deployed, two versions, two files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/cli.h"

enum { SHOWN = 200 }; /* bytes of a value that are printed */

struct diffing {
    const struct tdh_args *args;
    json_t *result;
};

static json_t *which(const struct tdh_definition *definition)
{
    return json_pack("{s:s, s:s, s:s}", "id", definition->name, "version", definition->version,
                     "hash", definition->hash);
}

static int diff_definitions(struct diffing *diffing, const struct tdh_definition *from,
                            const struct tdh_definition *to, struct td_err *err)
{
    diffing->result = tdh_flow_diff(from->text, to->text, err);
    if (diffing->result == NULL)
        return -1;
    json_object_set_new(diffing->result, "from", which(from));
    json_object_set_new(diffing->result, "to", which(to));
    return 0;
}

/* One name: what runs follow now, against its file. */
static int diff(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct diffing *diffing = arg;
    const struct tdh_args *args = diffing->args;
    struct tdh_definition *from = tdh_flows_find(host->flows, args->words[0], err), *to;
    int rc;

    if (from == NULL)
        return -1;
    to = args->word_count > 1 ? tdh_flows_find(host->flows, args->words[1], err)
                              : tdh_flows_file(host->flows, from->name, err);
    rc = to != NULL ? diff_definitions(diffing, from, to, err) : -1;
    tdh_definition_release(from);
    tdh_definition_release(to);
    return rc;
}

static void print_value(const json_t *value)
{
    char *text = tdh_json_text(value, 0);

    if (text != NULL)
        printf("%.*s%s", SHOWN, text, strlen(text) > SHOWN ? "..." : "");
    free(text);
}

static void print_keys(const char *before, const json_t *keys)
{
    const json_t *row;
    size_t i;

    json_array_foreach (keys, i, row) {
        const json_t *from = json_object_get(row, "from"), *to = json_object_get(row, "to");

        printf("%s%s: ", before, tdh_json_str(row, "key", ""));
        print_value(from);
        printf(" -> ");
        print_value(to);
        putchar('\n');
    }
}

static void print_names(const char *before, const json_t *names)
{
    const json_t *name;
    size_t i;

    json_array_foreach (names, i, name)
        printf("%s%s\n", before, json_string_value(name));
}

static void print_diff(const json_t *result)
{
    const json_t *from = json_object_get(result, "from"), *to = json_object_get(result, "to"), *row;
    size_t i;

    printf("%s %s -> %s %s%s\n", tdh_json_str(from, "id", ""), tdh_json_str(from, "version", ""),
           tdh_json_str(to, "id", ""), tdh_json_str(to, "version", ""),
           json_is_true(json_object_get(result, "same")) ? ": the same" : "");
    print_keys("~ ", json_object_get(result, "head"));
    print_names("- node ", json_object_get(result, "removed"));
    print_names("+ node ", json_object_get(result, "added"));
    json_array_foreach (json_object_get(result, "changed"), i, row) {
        printf("~ node %s\n", tdh_json_str(row, "node", ""));
        print_keys("    ", json_object_get(row, "keys"));
    }
}

int tdh_verb_workflow_diff(const struct tdh_args *args)
{
    struct diffing diffing = { .args = args };
    struct td_err err;

    if (tdh_cli_host_run(args, TDH_HOST_LOOKING, diff, &diffing, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(diffing.result);
    print_diff(diffing.result);
    json_decref(diffing.result);
    return TDH_EXIT_DONE;
}
