/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollout: shows how new versions of plugins come to serve, takes them further, and back. tdevd
 * does it; this writes down what is wanted, and waits until it was taken.
 */
#include "cli/rollout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "cli/left.h"

enum { WAIT_MS = 10000, LOOK_MS = 20 };

char *tdh_cli_rollouts(const struct tdh_host *host)
{
    char *path;

    return asprintf(&path, "%s/rollouts", tdh_conf_str(host->conf, TDH_CONF_PLUGINS_PRIVATE_DIR)) >=
                   0
               ? path
               : NULL;
}

/* --- status --- */

static void print_side(const char *title, const json_t *side)
{
    const json_t *seen = json_object_get(side, "seen");

    printf("  %-7s %-10s", title, tdh_json_str(side, "version", ""));
    if (seen != NULL)
        printf(" %7lld calls, %lld failed, half within %.3g ms, 95 of 100 within %.3g ms",
               (long long)json_integer_value(json_object_get(seen, "calls")),
               (long long)json_integer_value(json_object_get(seen, "failures")),
               (double)json_integer_value(json_object_get(seen, "p50_ns")) / 1e6,
               (double)json_integer_value(json_object_get(seen, "p95_ns")) / 1e6);
    putchar('\n');
}

static void print_mirror(const json_t *mirror)
{
    const json_t *example;
    size_t i;

    if (mirror == NULL)
        return;
    printf("  mirrored: %lld the same, %lld different, %lld left out\n",
           (long long)json_integer_value(json_object_get(mirror, "same")),
           (long long)json_integer_value(json_object_get(mirror, "different")),
           (long long)json_integer_value(json_object_get(mirror, "skipped")));
    json_array_foreach (json_object_get(mirror, "examples"), i, example)
        printf("    %s.%s at \"%s\": %s, not %s\n", tdh_json_str(example, "agent", ""),
               tdh_json_str(example, "action", ""), tdh_json_str(example, "at", ""),
               tdh_json_str(example, "is", "nothing"), tdh_json_str(example, "was", "nothing"));
}

static void print_one(const json_t *record)
{
    const char *state = tdh_json_str(record, "state", ""), *why = tdh_json_str(record, "why", "");
    const char *waits = tdh_json_str(record, "waits", "");
    bool is_trial = strcmp(state, "trial") == 0;

    printf("%s  %s  %s", tdh_json_str(record, "plugin", ""), tdh_json_str(record, "strategy", ""),
           state);
    if (is_trial)
        printf(", phase %lld of %zu: %g %%",
               (long long)json_integer_value(json_object_get(record, "phase")) + 1,
               json_array_size(json_object_get(record, "shares")),
               100 * json_number_value(json_object_get(record, "share")));
    putchar('\n');
    print_side("before", json_object_get(record, "before"));
    print_side("next", json_object_get(record, "next"));
    print_mirror(json_object_get(record, "mirror"));
    if (why[0] != '\0')
        printf("  %s\n", why);
    if (is_trial && waits[0] != '\0')
        printf("  %s\n", waits);
}

/* Those that are asked for, of all. Takes list. */
static json_t *pick(json_t *list, const struct tdh_args *args)
{
    json_t *picked, *record;
    size_t i;

    if (args->word_count == 0)
        return list;
    picked = json_array();
    json_array_foreach (list, i, record)
        if (strcmp(tdh_json_str(record, "plugin", ""), args->words[0]) == 0)
            json_array_append(picked, record);
    json_decref(list);
    return picked;
}

static int show(const struct tdh_args *args, const char *dir)
{
    struct td_err err;
    json_t *list = tdh_rollouts_list(dir, &err), *record;
    size_t i;

    if (list == NULL)
        return tdh_cli_fail(args, &err);
    list = pick(list, args);
    if (args->is_json)
        return tdh_cli_print(list);
    json_array_foreach (list, i, record)
        print_one(record);
    if (json_array_size(list) == 0)
        puts("nothing was rolled out");
    json_decref(list);
    return TDH_EXIT_DONE;
}

int tdh_verb_plugin_status(const struct tdh_args *args)
{
    struct td_err err;
    struct tdh_host *host = tdh_cli_host(args, &err);
    char *dir = host != NULL ? tdh_cli_rollouts(host) : NULL;
    int rc = dir != NULL ? show(args, dir) : tdh_cli_fail(args, &err);

    free(dir);
    if (host != NULL)
        args->hosts->free(host);
    return rc;
}

/* --- wishes --- */

static int wait_taken(const char *dir, const char *plugin, struct td_err *err)
{
    const struct timespec pause = { 0, LOOK_MS * 1000000L };

    for (unsigned ms = 0; ms < WAIT_MS; ms += LOOK_MS) {
        if (!tdh_rollouts_is_wished(dir, plugin))
            return 0;
        nanosleep(&pause, NULL);
    }
    td_fail(err, TD_E_TIMEOUT, "tdevd has not taken it within %d s", WAIT_MS / 1000);
    return td_hint(err, "it is written down, and tdevd will; its log says what it is at");
}

static int wish(const struct tdh_args *args, struct tdh_host *host, const char *what)
{
    const char *plugin = args->words[0];
    bool is_served = tdh_left_to_daemon(host);
    char *dir = tdh_cli_rollouts(host);
    struct td_err err;
    int rc = dir != NULL ? tdh_rollouts_wish(dir, plugin, what, is_served, &err)
                         : td_fail(&err, TD_E_NOMEM, "could not allocate a path");

    if (rc == 0 && is_served)
        rc = wait_taken(dir, plugin, &err);
    rc = rc == 0 ? show(args, dir) : tdh_cli_fail(args, &err);
    free(dir);
    return rc;
}

static int run_wish(const struct tdh_args *args, const char *what)
{
    struct td_err err;
    struct tdh_host *host = tdh_cli_host(args, &err);
    int rc;

    if (host == NULL)
        return tdh_cli_fail(args, &err);
    rc = wish(args, host, what);
    args->hosts->free(host);
    return rc;
}

int tdh_verb_plugin_promote(const struct tdh_args *args)
{
    return run_wish(args, tdh_args_has(args, "now") ? "promote now" : "promote");
}

int tdh_verb_plugin_rollback(const struct tdh_args *args)
{
    return run_wish(args, "rollback");
}
