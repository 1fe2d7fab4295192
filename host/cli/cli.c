/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli: from the command line to a verb: parsing, and how failures are told.
 */
#include "cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err_json.h"
#include "base/json.h"
#include "base/near.h"
#include "base/plain.h"

enum { INPUT_BYTES_MAX = 64 << 20 };

/* --- telling --- */

static int exit_code(enum td_code code)
{
    switch (code) {
    case TD_E_INVAL:
    case TD_E_NOTFOUND:
    case TD_E_EXISTS:
    case TD_E_ABI:
    case TD_E_CONFIG:
    case TD_E_PERM:
    case TD_E_LIMIT:
    case TD_E_DEPENDENCY:
    case TD_E_UNSUPPORTED:
        return TDH_EXIT_REFUSED;
    case TD_E_UNAVAILABLE:
        return TDH_EXIT_UNAVAILABLE;
    default:
        return TDH_EXIT_FAILED;
    }
}

/* It may hold what a plugin or a file says. */
static void print_line(const char *before, const char *text)
{
    fputs(before, stderr);
    tdh_print_plain(stderr, text);
    fputc('\n', stderr);
}

int tdh_cli_fail(const struct tdh_args *args, const struct td_err *err)
{
    return tdh_cli_fail_with(args, err, NULL);
}

int tdh_cli_fail_with(const struct tdh_args *args, const struct td_err *err, const json_t *more)
{
    json_t *said = args->is_json ? json_pack("{s:o}", "error", tdh_err_json(err)) : NULL;

    if (said != NULL && more != NULL)
        json_object_update(said, (json_t *)more);
    if (args->is_json)
        tdh_cli_print(said);
    print_line("tdev: ", err->text);
    if (err->hint[0] != '\0')
        print_line("      ", err->hint);
    return exit_code(err->code);
}

int tdh_cli_usage(const struct tdh_args *args, const char *fmt, ...)
{
    va_list ap;

    fputs("tdev: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    if (args->verb != NULL)
        fprintf(stderr, "\nusage: tdev %s%s%s\n", args->verb->name,
                args->verb->words[0] != '\0' ? " " : "", args->verb->words);
    else
        fputs("\n       tdev help shows what there is\n", stderr);
    return TDH_EXIT_USAGE;
}

int tdh_cli_print(json_t *value)
{
    char *text = value != NULL ? tdh_json_text(value, TDH_JSON_PRETTY) : NULL;

    json_decref(value);
    if (text == NULL) {
        fprintf(
            stderr,
            "tdev: could not write the output: it nests deeper than %d, or there is no memory\n",
            TDH_JSON_DEPTH);
        return TDH_EXIT_FAILED;
    }
    puts(text);
    free(text);
    return TDH_EXIT_DONE;
}

/* --- arguments --- */

bool tdh_args_has(const struct tdh_args *args, const char *option)
{
    for (size_t i = 0; i < args->given_count; i++)
        if (strcmp(args->given[i]->name, option) == 0)
            return true;
    return false;
}

const char *tdh_args_value(const struct tdh_args *args, const char *option, const char *fallback)
{
    for (size_t i = args->given_count; i > 0; i--)
        if (strcmp(args->given[i - 1]->name, option) == 0)
            return args->values[i - 1];
    return fallback;
}

int tdh_args_count(const struct tdh_args *args, const char *option, uint32_t min, uint32_t max,
                   uint32_t *ret_count, struct td_err *err)
{
    const char *text = tdh_args_value(args, option, NULL);
    unsigned long long count;
    char *end;

    if (text == NULL)
        return 0;
    count = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || count < min || count > max)
        return td_fail(err, TD_E_INVAL, "--%s must be a whole number from %u to %u", option, min,
                       max);
    *ret_count = (uint32_t)count;
    return 0;
}

static int add_input(json_t *inputs, const char *text, struct td_err *err)
{
    const char *equals = strchr(text, '=');
    char name[256];
    json_t *value;
    struct td_err ignored;

    if (text[0] == '@') {
        value = tdh_json_read(text + 1, INPUT_BYTES_MAX, err);
        if (value == NULL || json_object_update(inputs, value) != 0) {
            json_decref(value);
            return value == NULL ? -1
                                 : td_fail(err, TD_E_INVAL, "input file \"%s\" does not hold a map",
                                           text + 1);
        }
        json_decref(value);
        return 0;
    }
    if (equals == NULL || equals == text || (size_t)(equals - text) >= sizeof(name))
        return td_fail(err, TD_E_INVAL, "input \"%.80s\" is not of the form name=value", text);
    snprintf(name, sizeof(name), "%.*s", (int)(equals - text), text);
    if (equals[1] == '@')
        value = tdh_json_read(equals + 2, INPUT_BYTES_MAX, err);
    else
        value = tdh_json_parse(equals + 1, strlen(equals + 1), name, &ignored);
    if (value == NULL && equals[1] == '@')
        return -1;
    if (value == NULL)
        value = json_string(equals + 1);
    if (value == NULL)
        return td_fail(err, TD_E_INVAL, "input \"%s\" is not UTF-8", name);
    return json_object_set_new(inputs, name, value) == 0
               ? 0
               : td_fail(err, TD_E_INVAL, "input name is not UTF-8");
}

int tdh_args_since(const struct tdh_args *args, int64_t *ret_us, struct td_err *err)
{
    return tdh_args_time(args, "since", ret_us, err);
}

int tdh_args_time(const struct tdh_args *args, const char *option, int64_t *ret_us,
                  struct td_err *err)
{
    const char *text = tdh_args_value(args, option, NULL);
    int64_t ms;

    if (text == NULL || tdh_clock_parse(text, ret_us, err) == 0)
        return 0;
    if (tdh_duration_parse(text, &ms, err) != 0)
        return td_fail(err, TD_E_INVAL,
                       "--%s must be a time such as 2026-11-21T09:00:00Z, or how long ago, "
                       "such as 2h",
                       option);
    *ret_us = ms < tdh_clock_us() / 1000 ? tdh_clock_us() - ms * 1000 : 0;
    return 0;
}

json_t *tdh_args_inputs(const struct tdh_args *args, const char *option, struct td_err *err)
{
    json_t *inputs = json_object();

    for (size_t i = 0; i < args->given_count; i++)
        if (strcmp(args->given[i]->name, option) == 0 &&
            add_input(inputs, args->values[i], err) != 0) {
            json_decref(inputs);
            return NULL;
        }
    return inputs;
}

static const struct tdh_cli_option *find_in(const struct tdh_cli_option *table, const char *name,
                                            size_t length, char letter)
{
    for (; table != NULL && table->name != NULL; table++)
        if (letter != 0
                ? table->letter == letter
                : (strlen(table->name) == length && strncmp(table->name, name, length) == 0))
            return table;
    return NULL;
}

static const struct tdh_cli_option *find_option(const struct tdh_verb *verb, const char *name,
                                                size_t length, char letter)
{
    const struct tdh_cli_option *option = find_in(verb->options, name, length, letter);

    return option != NULL ? option : find_in(tdh_cli_common, name, length, letter);
}

static int unknown_option(const struct tdh_args *args, const char *text)
{
    const char *names[64], *near, *bare = text + strspn(text, "-");
    size_t count = 0;

    for (const struct tdh_cli_option *at = args->verb->options;
         at != NULL && at->name != NULL && count < 60; at++)
        names[count++] = at->name;
    for (const struct tdh_cli_option *at = tdh_cli_common; at->name != NULL; at++)
        names[count++] = at->name;
    near = tdh_near(bare, names, count);
    if (near != NULL)
        return tdh_cli_usage(args, "unrecognized option \"%s\", did you mean \"--%s\"", text, near);
    return tdh_cli_usage(args, "unrecognized option \"%s\"; put \"--\" before what is none", text);
}

/* Takes one option, with its value from behind "=" or from the next argument. Returns an exit code,
 * or -1 to go on. */
static int take_option(struct tdh_args *args, char **argv, int argc, int *at)
{
    const char *text = argv[*at], *equals = strncmp(text, "--", 2) == 0 ? strchr(text, '=') : NULL;
    bool is_long = text[1] == '-';
    size_t length = is_long ? (equals != NULL ? (size_t)(equals - text - 2) : strlen(text + 2)) : 0;
    const struct tdh_cli_option *option =
        find_option(args->verb, text + 2, length, is_long ? 0 : text[1]);
    const char *value = equals != NULL ? equals + 1 : NULL;

    if (option == NULL || (!is_long && text[2] != '\0' && option->value == NULL))
        return unknown_option(args, text);
    if (!is_long && text[2] != '\0')
        value = text + 2;
    if (option->value == NULL && value != NULL)
        return tdh_cli_usage(args, "option \"--%s\" takes no value", option->name);
    if (option->value != NULL && value == NULL) {
        if (*at + 1 >= argc)
            return tdh_cli_usage(args, "option \"--%s\" needs its value, %s", option->name,
                                 option->value);
        value = argv[++*at];
    }
    if (option->value != NULL && value[0] == '\0')
        return tdh_cli_usage(args, "option \"--%s\" needs its value, %s, but got an empty one",
                             option->name, option->value);
    if (args->given_count == TDH_CLI_VALUES)
        return tdh_cli_usage(args, "more than %d options", TDH_CLI_VALUES);
    args->given[args->given_count] = option;
    args->values[args->given_count++] = value;
    return -1;
}

/* "-1 < x" is an expression. */
static bool looks_like_option(const char *word)
{
    return word[0] == '-' && (word[1] == '-' || isalpha((unsigned char)word[1]));
}

static int parse(struct tdh_args *args, int argc, char **argv, int at)
{
    bool is_over = false;

    for (; at < argc; at++) {
        int rc = -1;

        if (!is_over && strcmp(argv[at], "--") == 0)
            is_over = true;
        else if (!is_over && looks_like_option(argv[at]))
            rc = take_option(args, argv, argc, &at);
        else if (args->word_count == TDH_CLI_VALUES)
            rc = tdh_cli_usage(args, "more than %d words", TDH_CLI_VALUES);
        else
            args->words[args->word_count++] = argv[at];
        if (rc >= 0)
            return rc;
    }
    args->is_json = tdh_args_has(args, "json");
    args->config = tdh_args_value(args, "config", NULL);
    args->profile = tdh_args_value(args, "profile", NULL);
    return -1;
}

struct tdh_host *tdh_cli_host(const struct tdh_args *args, struct td_err *err)
{
    return args->hosts->open(args->config, args->profile, err);
}

int tdh_cli_host_run(const struct tdh_args *args, enum tdh_host_parts parts, tdh_host_fn *fn,
                     void *arg, struct td_err *err)
{
    struct tdh_host *host = tdh_cli_host(args, err);
    int rc = host != NULL ? args->hosts->run(host, parts, fn, arg, err) : -1;

    args->hosts->free(host);
    return rc;
}

/* What was printed has to arrive. */
static int end_output(int rc)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return rc;
    if (rc != TDH_EXIT_DONE)
        return rc;
    fprintf(stderr, "tdev: could not write the output: %s\n", strerror(errno));
    return TDH_EXIT_FAILED;
}

static int run_verb(int argc, char **argv, const struct tdh_hosts *hosts)
{
    struct tdh_args args = { .hosts = hosts };
    int words = 1, rc;

    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        tdh_verb_help(&args);
        return argc < 2 ? TDH_EXIT_USAGE : TDH_EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0)
        return tdh_verb_version(&args);
    args.verb = tdh_cli_find_verb(argc, argv, &words);
    if (args.verb == NULL)
        return tdh_cli_unknown_verb(&args, argc, argv);
    rc = parse(&args, argc, argv, 1 + words);
    if (rc >= 0)
        return rc;
    if (tdh_args_has(&args, "help"))
        return tdh_cli_help(args.verb);
    if (args.word_count < args.verb->words_min)
        return tdh_cli_usage(&args, "%s needs %s", args.verb->name, args.verb->words);
    if (args.word_count > args.verb->words_max)
        return tdh_cli_usage(&args, "one word too many: \"%.80s\"",
                             args.words[args.verb->words_max]);
    return args.verb->run(&args);
}

int tdh_cli_main(int argc, char **argv, const struct tdh_hosts *hosts)
{
    return end_output(run_verb(argc, argv, hosts));
}
