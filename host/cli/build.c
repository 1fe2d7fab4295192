/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build: an app from a sentence: runs the workflow build-app, which a user can edit, and tells what
 * came out.
 *
 * The project is written into a temporary folder beside its place and renamed at the end by the
 * workflow's last step, so that a crash leaves either nothing there or all of it, and `tdev runs
 * resume` can finish what was begun.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/explain.h"
#include "cli/follow.h"

enum { REQUEST_BYTES_MAX = 16384 };

/* Steps of the workflow, by the agent's name: what is shown while it works. */
static const char *const labels[] = {
    "understand", "nl-input",           "select",   "ui-select",  "parse", "parser",
    "decide",     "component-decision", "rate",     "match-rate", "find",  "search",
    "generate",   "generation",         "assemble", "assembly",   "pack",  "download",
    "publish",    "download",           NULL,
};

struct build {
    const struct tdh_args *args;
    struct tdh_follow follow;
    uint64_t begun_ns;
};

/* --- what goes in --- */

static int check_request(const char *request, struct td_err *err)
{
    json_t *text;

    if (request[strspn(request, " \t\r\n")] == '\0') {
        td_fail(err, TD_E_INVAL, "the request is empty");
        return td_hint(err,
                       "say what to build, such as: tdev build \"a to-do app with due dates\"");
    }
    if (strlen(request) > REQUEST_BYTES_MAX)
        return td_fail(err, TD_E_INVAL,
                       "the request has %zu bytes, at most %d are read: say it in fewer words",
                       strlen(request), REQUEST_BYTES_MAX);
    text = json_string(request);
    if (text == NULL)
        return td_fail(err, TD_E_INVAL, "the request is not UTF-8 text");
    json_decref(text);
    return 0;
}

/* The path from the root, without "/" or "/." at its end: its neighbour is named after it. */
static char *absolute(const char *path)
{
    char *whole = realpath(path, NULL), *here;

    if (whole != NULL)
        return whole;
    here = path[0] == '/' ? strdup("") : getcwd(NULL, 0);
    if (here == NULL || asprintf(&whole, "%s%s%s", here, path[0] == '/' ? "" : "/", path) < 0)
        whole = NULL;
    for (size_t end = whole != NULL ? strlen(whole) : 0; end > 1 && whole[end - 1] == '/'; end--)
        whole[end - 1] = '\0';
    free(here);
    return whole;
}

static int set_text(json_t *input, const char *key, const char *text, struct td_err *err)
{
    json_t *value = json_string(text);

    if (value == NULL)
        return td_fail(err, TD_E_INVAL, "\"%s\" is not UTF-8 text", key);
    return json_object_set_new(input, key, value) == 0
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate the inputs");
}

static int set_place(json_t *input, const char *output, struct td_err *err)
{
    char *here = absolute(output != NULL ? output : ".");
    int rc;

    if (here == NULL) {
        td_fail_sys(err, "could not find the working folder");
        return td_hint(err, "it may have been replaced or removed: cd to it again");
    }
    rc = set_text(input, output != NULL ? "out_dir" : "parent_dir", here, err);
    free(here);
    return rc;
}

static int set_inputs(struct build *build, struct td_err *err)
{
    static const char *const passed[] = { "stack", "lang", "name" };
    const struct tdh_args *args = build->args;
    json_t *input =
        json_pack("{s:s, s:b}", "request", args->words[0], "force", tdh_args_has(args, "force"));
    int rc = input != NULL ? set_place(input, tdh_args_value(args, "output", NULL), err)
                           : td_fail(err, TD_E_NOMEM, "could not allocate the inputs");

    for (size_t i = 0; rc == 0 && i < sizeof(passed) / sizeof(passed[0]); i++)
        if (tdh_args_value(args, passed[i], NULL) != NULL)
            rc = set_text(input, passed[i], tdh_args_value(args, passed[i], NULL), err);
    build->follow.input = input;
    return rc;
}

/* --- what comes out --- */

/* The project's own tests: node --test in its folder. */
static int verify(const char *dir, struct td_err *err)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        if (chdir(dir) != 0)
            _exit(126);
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execlp("node", "node", "--test", (char *)NULL);
        _exit(errno == ENOENT ? 127 : 126);
    }
    if (pid < 0)
        return td_fail_sys(err, "could not start the project's tests");
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return td_fail_sys(err, "could not wait for the project's tests");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        td_fail(err, TD_E_UNAVAILABLE, "--verify needs \"node\", which was not found");
        return td_hint(err, "install nodejs 18 or newer; the project in \"%s\" is complete", dir);
    }
    return td_fail(err, TD_E_EXEC, "the tests of the project in \"%s\" failed", dir);
}

static json_t *names_of(const json_t *list, const char *key)
{
    json_t *names = json_array(), *item;
    size_t i;

    json_array_foreach ((json_t *)list, i, item)
        json_array_append(names, json_is_string(item) ? item : json_object_get(item, key));
    return names;
}

static int print_json(const struct build *build, const json_t *output)
{
    static const char *const copied[] = { "project",   "entities",   "features",
                                          "not_built", "components", "files" };
    json_t *shown = json_pack("{s:s}", "run", build->follow.id);

    for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
        json_object_set(shown, copied[i], json_object_get(output, copied[i]));
    if (tdh_args_has(build->args, "explain"))
        json_object_set(shown, "explain", json_object_get(output, "model"));
    json_object_set_new(
        shown, "elapsed_ms",
        json_integer((json_int_t)((tdh_clock_mono_ns() - build->begun_ns) / 1000000)));
    return tdh_cli_print(shown);
}

static void print_words(const json_t *names, const char *title)
{
    json_t *name;
    size_t i;

    if (json_array_size(names) == 0)
        return;
    printf("%-10s", title);
    json_array_foreach ((json_t *)names, i, name)
        printf("%s%s", i > 0 ? ", " : "", json_string_value(name));
    putchar('\n');
}

/* As a word of a shell's command line. */
static void print_quoted(const char *dir, const char *file)
{
    putchar('\'');
    for (const char *at = dir; *at != '\0'; at++) {
        if (*at == '\'')
            fputs("'\\'", stdout);
        putchar(*at);
    }
    printf("%s'\n", file);
}

/* With -o . the shell still stands in the empty folder that was there before. */
static bool is_here_replaced(void)
{
    char *here = getcwd(NULL, 0);
    bool is_replaced = here == NULL && errno == ENOENT;

    free(here);
    return is_replaced;
}

static int print_text(const struct build *build, const json_t *output)
{
    const json_t *project = json_object_get(output, "project");
    const char *dir = tdh_json_str(project, "dir", "");
    json_t *features = names_of(json_object_get(output, "features"), "name"),
           *left = names_of(json_object_get(output, "not_built"), "from");

    if (tdh_args_has(build->args, "explain"))
        tdh_explain(output);
    print_words(features, "features");
    print_words(left, "not built");
    printf("%-10s%s\n%-10s%s\n%-10sxdg-open ", "project", dir, "zip",
           tdh_json_str(project, "zip", ""), "open");
    print_quoted(dir, "/index.html");
    if (is_here_replaced())
        printf("%-10scd .   (this folder was replaced by the project)\n", "then");
    json_decref(features);
    json_decref(left);
    return TDH_EXIT_DONE;
}

/* --- the verb --- */

static int run_build(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct build *build = arg;
    int rc = -1;

    build->follow.definition = tdh_flows_find(host->flows, "build-app", err);
    if (build->follow.definition == NULL)
        return -1;
    if (tdh_flow_check_input(build->follow.definition, build->follow.input, err) != 0)
        td_hint(err, "--lang, --name and --stack are inputs of this workflow: /lang is --lang");
    else
        rc = tdh_follow_run(host, &build->follow, err);
    tdh_definition_release(build->follow.definition);
    return rc;
}

static int build_app(struct build *build, struct td_err *err)
{
    if (check_request(build->args->words[0], err) != 0 || set_inputs(build, err) != 0)
        return -1;
    return tdh_cli_host_run(build->args, TDH_HOST_WHOLE, run_build, build, err);
}

int tdh_verb_build(const struct tdh_args *args)
{
    struct build build = {
        .args = args, .follow = { .args = args, .is_quiet = args->is_json, .labels = labels }
    };
    struct td_err err;
    json_t *output;
    int rc;

    build.begun_ns = tdh_clock_mono_ns();
    rc = build_app(&build, &err);
    json_decref(build.follow.input);
    output = build.follow.output;
    if (rc == 0 && tdh_args_has(args, "verify"))
        rc = verify(tdh_json_str(json_object_get(output, "project"), "dir", "."), &err);
    if (rc != 0)
        rc = tdh_follow_fail(&build.follow, &err);
    else
        rc = args->is_json ? print_json(&build, output) : print_text(&build, output);
    json_decref(output);
    return rc;
}
