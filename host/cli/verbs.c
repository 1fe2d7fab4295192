/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verbs: the tables of what tdev can do as one list: help, and finding the verb of a command.
 */
#include <stdio.h>
#include <string.h>

#include "base/near.h"
#include "cli/cli.h"
#include "plugin/plugin.h"

static const struct tdh_verb *const tables[] = { tdh_verbs_runs, tdh_verbs_agents, tdh_verbs_host };

const struct tdh_cli_option tdh_cli_none[] = { TDH_CLI_END };
const struct tdh_cli_option tdh_cli_common[] = {
    { "json", 0, NULL, "print one JSON value" },
    { "config", 0, "FILE", "configuration file instead of the usual one" },
    { "profile", 0, "NAME", "profile of the configuration" },
    { "help", 'h', NULL, "this text" },
    { NULL, 0, NULL, NULL },
};

static bool is_in(const struct tdh_verb *table, const struct tdh_verb *verb)
{
    while (table->name != NULL && table != verb)
        table++;
    return table == verb;
}

/* The one behind; of NULL: the first; NULL: there are no more. */
static const struct tdh_verb *next_verb(const struct tdh_verb *verb)
{
    size_t count = sizeof(tables) / sizeof(tables[0]), i = 0;

    if (verb == NULL)
        return tables[0];
    if (verb[1].name != NULL)
        return verb + 1;
    while (i < count && !is_in(tables[i], verb))
        i++;
    return i + 1 < count ? tables[i + 1] : NULL;
}

/* --- help --- */

static void print_options(const struct tdh_cli_option *option)
{
    for (; option != NULL && option->name != NULL; option++) {
        char left[80];

        snprintf(left, sizeof(left), "%s%c%s--%s%s%s", option->letter ? "-" : "  ",
                 option->letter ? option->letter : ' ', option->letter ? ", " : " ", option->name,
                 option->value ? " " : "", option->value ? option->value : "");
        printf("  %-28s %s\n", left, option->text);
    }
}

int tdh_cli_help(const struct tdh_verb *verb)
{
    printf("usage: tdev %s%s%s\n\n%s\n\n", verb->name, verb->words[0] != '\0' ? " " : "",
           verb->words, verb->text);
    print_options(verb->options);
    print_options(tdh_cli_common);
    return TDH_EXIT_DONE;
}

/* A verb, or how the names of some begin. */
static bool is_known(const char *wanted)
{
    const struct tdh_verb *verb = NULL;

    while ((verb = next_verb(verb)) != NULL && strncmp(verb->name, wanted, strlen(wanted)) != 0)
        ;
    return verb != NULL;
}

int tdh_verb_help(const struct tdh_args *args)
{
    char wanted[128] = "";

    for (size_t i = 0; i < args->word_count; i++)
        snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), "%s%s", i > 0 ? " " : "",
                 args->words[i]);
    if (wanted[0] == '\0')
        puts("tdev: an agent host. usage: tdev VERB ...\n");
    else if (!is_known(wanted))
        return tdh_cli_usage(args, "there is no verb \"%s\"", wanted);
    for (const struct tdh_verb *verb = NULL; (verb = next_verb(verb)) != NULL;) {
        if (strcmp(verb->name, wanted) == 0)
            return tdh_cli_help(verb);
        if (wanted[0] == '\0' || strncmp(verb->name, wanted, strlen(wanted)) == 0) {
            char left[128];

            snprintf(left, sizeof(left), "%s %s", verb->name, verb->words);
            printf("  %-44s %s\n", left, verb->text);
        }
    }
    if (wanted[0] == '\0')
        puts("\ntdev help VERB tells more. Exit codes: 0 done, 1 failed, 2 usage, 3 refused, 4 "
             "unavailable.");
    return TDH_EXIT_DONE;
}

/* --- finding the verb --- */

/* Does the verb's name stand at the beginning of the command? Returns its words, 0: it does not. */
static int match_verb(const char *name, int argc, char **argv)
{
    int words = 1;

    for (; words < argc; words++) {
        size_t length = strlen(argv[words]);

        if (strncmp(name, argv[words], length) != 0)
            return 0;
        if (name[length] == '\0')
            return words;
        if (name[length] != ' ')
            return 0;
        name += length + 1;
    }
    return 0;
}

/* *ret_words: how many the verb took. */
const struct tdh_verb *tdh_cli_find_verb(int argc, char **argv, int *ret_words)
{
    for (const struct tdh_verb *verb = NULL; (verb = next_verb(verb)) != NULL;) {
        *ret_words = match_verb(verb->name, argc, argv);
        if (*ret_words > 0)
            return verb;
    }
    return NULL;
}

static bool is_group(const char *word)
{
    size_t length = strlen(word);

    for (const struct tdh_verb *verb = NULL; (verb = next_verb(verb)) != NULL;)
        if (strncmp(verb->name, word, length) == 0 && verb->name[length] == ' ')
            return true;
    return false;
}

enum { NAMES_MAX = 128 };

int tdh_cli_unknown_verb(const struct tdh_args *args, int argc, char **argv)
{
    const char *names[NAMES_MAX], *near;
    char text[128];
    size_t count = 0;

    snprintf(text, sizeof(text), is_group(argv[1]) && argc > 2 ? "%.60s %.60s" : "%.60s", argv[1],
             argc > 2 ? argv[2] : "");
    if (is_group(text)) {
        struct tdh_args help = { .words = { text }, .word_count = 1 };

        tdh_verb_help(&help);
        return TDH_EXIT_USAGE;
    }
    for (const struct tdh_verb *verb = NULL; count < NAMES_MAX && (verb = next_verb(verb)) != NULL;)
        names[count++] = verb->name;
    near = tdh_near(text, names, count);
    if (near != NULL)
        return tdh_cli_usage(args, "there is no verb \"%s\", did you mean \"%s\"", text, near);
    return tdh_cli_usage(args, "there is no verb \"%s\"", text);
}

int tdh_verb_version(const struct tdh_args *args)
{
    if (args->is_json)
        return tdh_cli_print(
            json_pack("{s:s, s:s}", "version", TDH_HOST_VERSION, "sdk", TD_SDK_VERSION));
    printf("tdev %s (SDK %s)\n", TDH_HOST_VERSION, TD_SDK_VERSION);
    return TDH_EXIT_DONE;
}
