/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench: what design section 12 promises, measured. Prints a table and writes it as JSON.
 *
 *   bench [--long | --peers] [--rounds N] [--percent N] [--only GROUP] -o OUT.json   (environment:
 * below) bench --child GROUP [--percent N]                                one group, its figures as
 * lines
 *
 * Each group is a process of its own, in a folder of its own. Rounds go over all groups, one after
 * the other, so what else the machine does meanwhile hits all of them; the table has the medians
 * and the extremes. Ratios are taken within one process, of things that were measured in turns.
 *
 * BENCH_TDEV names the program tdev, BENCH_SCRIPTS the folder of the groups that are scripts;
 * tdev's own environment says where plugins are. A script that cannot do its work here ends with
 * 77, having said why, and is passed over.
 */
#include "bench.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum set { SHORT, LONG, PEERS, HIDDEN };
enum { SKIPPED = 77, LIMIT_SHORT_S = 600, LIMIT_LONG_S = 3600 };

static const struct group {
    const char *name;
    enum set set;
    group_fn *measure;
    const char *script; /* instead: of BENCH_SCRIPTS */
} groups[] = {
    { "parts", SHORT, group_parts, NULL },
    { "isolated", SHORT, group_isolated, NULL },
    { "processes", SHORT, group_processes, NULL },
    { "steps", SHORT, group_steps, NULL },
    { "lone", SHORT, group_lone, NULL },
    { "length", SHORT, group_length, NULL },
    { "fan", SHORT, group_fan, NULL },
    { "syncs", SHORT, NULL, "syncs.sh" },
    { "http", SHORT, NULL, "http.sh" },
    { "client", SHORT, NULL, "client.sh" },
    { "daemon", SHORT, NULL, "daemon.sh" },
    { "many", LONG, group_many, NULL },
    { "resume", LONG, group_resume, NULL },
    { "work", PEERS, group_work, NULL },
    { "agents", PEERS, group_agents, NULL },
    { "langgraph", PEERS, NULL, "peers/langgraph.sh" },
    { "taskflow", PEERS, NULL, "peers/taskflow.sh" },
    { "agents-peers", PEERS, NULL, "peers/agents.sh" },
    { "count-steps", HIDDEN, group_count_steps, NULL },
    { "gets", HIDDEN, group_gets, NULL },
};

enum { GROUPS = sizeof(groups) / sizeof(groups[0]) };

struct options {
    struct bench bench;
    enum set set;
    unsigned rounds;
    const char *only, *child, *out, *self;
};

/* --- a group as a process --- */

_Noreturn static void become(const struct options *options, const struct group *group)
{
    const char *folder = getenv("BENCH_SCRIPTS");
    char percent[16], script[4096];

    alarm(group->set == SHORT ? LIMIT_SHORT_S : LIMIT_LONG_S);
    snprintf(percent, sizeof(percent), "%u", options->bench.percent);
    setenv("BENCH_SELF", options->self, 1);
    if (group->script != NULL) {
        snprintf(script, sizeof(script), "%s/%s", folder != NULL ? folder : ".", group->script);
        execl("/bin/sh", "sh", script, percent, (char *)NULL);
    } else {
        execl(options->self, options->self, "--child", group->name, "--percent", percent,
              (char *)NULL);
    }
    perror("bench: could not start a group");
    _exit(1);
}

static FILE *start(const struct options *options, const struct group *group, pid_t *ret_pid)
{
    int ends[2];

    if (pipe(ends) != 0 || (*ret_pid = fork()) < 0) {
        perror("bench: could not start a group");
        exit(1);
    }
    if (*ret_pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        become(options, group);
    }
    close(ends[1]);
    return fdopen(ends[0], "r");
}

static void read_lines(FILE *lines, struct figures *figures)
{
    char *line = NULL;
    size_t room = 0;
    struct td_err err;

    while (getline(&line, &room, lines) > 0)
        if (figures_take(figures, line, &err) != 0)
            bench_die("figure", &err);
    free(line);
    fclose(lines);
}

/* Returns false when the group failed. */
static bool run_group(const struct options *options, const struct group *group,
                      struct figures *figures)
{
    pid_t pid;
    int status;

    read_lines(start(options, group, &pid), figures);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == SKIPPED))
        return true;
    fprintf(stderr, "bench: group %s %s %d\n", group->name,
            WIFSIGNALED(status) ? "was ended by signal" : "ended with",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    return false;
}

static bool is_wanted(const struct options *options, const struct group *group)
{
    return options->only != NULL ? strcmp(group->name, options->only) == 0
                                 : group->set == options->set;
}

static bool run_rounds(const struct options *options, struct figures *figures)
{
    bool is_good = true;

    for (unsigned round = 0; round < options->rounds; round++)
        for (size_t i = 0; i < GROUPS; i++) {
            if (!is_wanted(options, &groups[i]))
                continue;
            fprintf(stderr, "round %u of %u: %s\n", round + 1, options->rounds, groups[i].name);
            is_good = run_group(options, &groups[i], figures) && is_good;
        }
    return is_good;
}

/* --- the command --- */

static const struct option long_options[] = {
    { "long", no_argument, NULL, 'l' },          { "peers", no_argument, NULL, 'p' },
    { "rounds", required_argument, NULL, 'r' },  { "percent", required_argument, NULL, '%' },
    { "only", required_argument, NULL, 'y' },    { "child", required_argument, NULL, 'c' },
    { "runs", required_argument, NULL, 'R' },    { "steps", required_argument, NULL, 'S' },
    { "effects", required_argument, NULL, 'e' }, { NULL, 0, NULL, 0 },
};

static int usage(void)
{
    fprintf(stderr, "usage: bench [--long | --peers] [--rounds N] [--percent N] [--only GROUP] "
                    "-o OUT.json\ngroups:");
    for (size_t i = 0; i < GROUPS; i++)
        if (groups[i].set != HIDDEN)
            fprintf(stderr, " %s", groups[i].name);
    fprintf(stderr, "\n");
    return 2;
}

static bool read_number(const char *text, unsigned most, unsigned *ret_number)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    *ret_number = (unsigned)number;
    return *end == '\0' && number >= 1 && number <= most;
}

static bool read_option(struct options *options, int letter)
{
    switch (letter) {
    case 'l':
        options->set = LONG;
        return true;
    case 'p':
        options->set = PEERS;
        return true;
    case 'r':
        return read_number(optarg, FIGURE_ROUNDS_MAX, &options->rounds);
    case '%':
        return read_number(optarg, 1000, &options->bench.percent);
    case 'R':
        return read_number(optarg, 10000, &options->bench.runs);
    case 'S':
        return read_number(optarg, 1000000, &options->bench.steps);
    case 'e':
        options->bench.effects = optarg;
        return true;
    case 'y':
        options->only = optarg;
        return true;
    case 'c':
        options->child = optarg;
        return true;
    case 'o':
        options->out = optarg;
        return true;
    }
    return false;
}

static int be_child(struct options *options)
{
    for (size_t i = 0; i < GROUPS; i++)
        if (strcmp(groups[i].name, options->child) == 0 && groups[i].measure != NULL) {
            groups[i].measure(&options->bench);
            return 0;
        }
    return usage();
}

static int measure(const struct options *options)
{
    static struct figures figures;
    bool is_good = run_rounds(options, &figures);
    struct td_err err;

    if (figures.count == 0) {
        fprintf(stderr, "bench: nothing was measured\n");
        return 1;
    }
    if (options->set == PEERS)
        figures_compare(&figures);
    else
        figures_print(&figures);
    if (figures_write(&figures, options->out, &err) != 0)
        bench_die(options->out, &err);
    return is_good ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct options options = { .bench = { .percent = 100, .runs = 1, .steps = 100 }, .rounds = 3 };
    int letter;

    options.self = argv[0];
    options.bench.effects = "external";
    options.bench.tdev = getenv("BENCH_TDEV");
    while ((letter = getopt_long(argc, argv, "o:", long_options, NULL)) != -1)
        if (!read_option(&options, letter))
            return usage();
    if (optind != argc || options.bench.tdev == NULL)
        return usage();
    if (options.child != NULL)
        return be_child(&options);
    return options.out != NULL ? measure(&options) : usage();
}
