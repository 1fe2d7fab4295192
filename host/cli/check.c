/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check: checks plugins: through all gates of this host, opening their libraries, or through those
 * of another version of it, opening nothing.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "cli/forecast.h"

enum { CHECK_MS_MAX = 60000 }; /* of one folder */

/* What all words are checked with. */
struct checking {
    const struct tdh_args *args;
    struct tdh_host *host;
    struct tdh_terms terms;
    bool is_other; /* the host of --against */
    bool is_refused;
    json_t *rows;
};

static bool is_file(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static void refuse(struct checking *checking, json_t *row, const struct td_err *err)
{
    checking->is_refused = true;
    json_object_set_new(row, "error", json_string(err->text));
    if (!checking->args->is_json)
        tdh_cli_fail(checking->args, err);
}

static void check_here(struct checking *checking, const char *folder)
{
    struct td_err err;
    bool is_ok = tdh_plugins_check_apart(checking->host->plugins, folder, CHECK_MS_MAX, &err) == 0;
    json_t *row = json_pack("{s:s, s:b}", "folder", folder, "valid", is_ok);

    if (!is_ok)
        refuse(checking, row, &err);
    else if (!checking->args->is_json)
        printf("%s is in order\n", folder);
    json_array_append_new(checking->rows, row);
}

/* Of a library alone, without its manifest, no more than this can be told on this host, either. */
static void foresee(struct checking *checking, const char *path)
{
    struct tdh_forecast forecast;
    struct td_err err;
    json_t *row, *terms = tdh_cli_terms(&checking->terms);

    if (tdh_plugins_forecast(checking->host->plugins, path,
                             checking->is_other ? &checking->terms : NULL, &forecast, &err) != 0) {
        row = json_pack("{s:s}", "path", path);
        refuse(checking, row, &err);
    } else {
        row = tdh_cli_forecast(path, &forecast);
        json_object_set(row, "on", terms);
        checking->is_refused = checking->is_refused || forecast.outlook == TDH_FAILS;
        if (!checking->args->is_json)
            tdh_cli_print_forecast(row, terms);
    }
    json_decref(terms);
    json_array_append_new(checking->rows, row);
}

static void check_all(struct checking *checking)
{
    const struct tdh_args *args = checking->args;

    for (size_t i = 0; i < args->word_count; i++)
        if (checking->is_other || is_file(args->words[i]))
            foresee(checking, args->words[i]);
        else
            check_here(checking, args->words[i]);
}

int tdh_verb_plugin_check(const struct tdh_args *args)
{
    struct td_err err;
    struct checking checking = { .args = args, .host = tdh_cli_host(args, &err) };

    if (checking.host == NULL)
        return tdh_cli_fail(args, &err);
    if (tdh_args_against(args, checking.host->plugins, &checking.terms, &checking.is_other, &err) !=
        0) {
        args->hosts->free(checking.host);
        return tdh_cli_usage(args, "%s", err.text);
    }
    checking.rows = json_array();
    check_all(&checking);
    args->hosts->free(checking.host);
    if (args->is_json)
        tdh_cli_print(checking.rows);
    else
        json_decref(checking.rows);
    return checking.is_refused ? TDH_EXIT_REFUSED : TDH_EXIT_DONE;
}
