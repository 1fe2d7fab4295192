/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_agent: the fake host's table is almost empty; a service that a plugin should not need
 * aborts the test.
 */
#include "build_agent.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc_fail.h"

/* weak: tests of a part alone link no plugin */
extern const struct td_entry td_entry __attribute__((weak));

static struct agent *agent_of(struct td_ctx *ctx)
{
    return (struct agent *)(void *)((char *)ctx - offsetof(struct agent, ctx));
}

static const char *give_folder(struct td_ctx *ctx)
{
    return agent_of(ctx)->folder;
}

static const char *give_data_dir(struct td_ctx *ctx)
{
    return agent_of(ctx)->data_dir;
}

static void take_log(struct td_ctx *ctx, enum td_level level, const char *text)
{
    (void)ctx, (void)level;
    print_message("log: %s\n", text);
}

static int check(struct td_ctx *ctx, struct td_err *err)
{
    (void)ctx, (void)err;
    return 0;
}

static const struct td_services services = {
    .size = sizeof(services),
    .log = take_log,
    .check = check,
    .folder = give_folder,
    .data_dir = give_data_dir,
};

static char *below(const char *path)
{
    char *whole = NULL;

    if (path[0] == '/')
        return strdup(path);
    assert_true(asprintf(&whole, "%s/%s", TEST_SRCDIR, path) >= 0);
    return whole;
}

struct agent *agent_new(const char *folder, const char *data_dir)
{
    struct agent *agent = calloc(1, sizeof(*agent));

    assert_non_null(agent);
    agent->plugin = td_entry.plugin;
    agent->folder = below(folder);
    agent->data_dir = below(data_dir);
    agent->ctx = (struct td_ctx){ .size = sizeof(agent->ctx), .services = &services };
    agent->ctx.self = calloc(1, agent->plugin->state_size + 1);
    return agent;
}

static void *option_of(struct agent *agent, const char *option, enum td_bind type)
{
    const struct td_binding *const *row = agent->plugin->bindings;

    while (strcmp((*row)->name, option) != 0)
        row++;
    assert_int_equal((*row)->type, type);
    return (char *)agent->ctx.self + (*row)->offset;
}

void agent_set_int(struct agent *agent, const char *option, int64_t value)
{
    *(int64_t *)option_of(agent, option, TD_BIND_INT_) = value;
}

void agent_set_real(struct agent *agent, const char *option, double value)
{
    *(double *)option_of(agent, option, TD_BIND_REAL_) = value;
}

void agent_set_str(struct agent *agent, const char *option, const char *value)
{
    *(const char **)option_of(agent, option, TD_BIND_STR_) = value;
}

int agent_start(struct agent *agent, struct td_err *err)
{
    if (agent->plugin->prepare != NULL &&
        agent->plugin->prepare(&agent->ctx, &agent->shared, err) != 0)
        return -1;
    agent->ctx.shared = agent->shared;
    return 0;
}

void agent_free(struct agent *agent)
{
    if (agent->shared != NULL)
        agent->plugin->release(agent->shared);
    free(agent->ctx.self);
    free(agent->folder);
    free(agent->data_dir);
    free(agent);
}

json_t *agent_call(struct agent *agent, const char *action, json_t *input, struct td_err *err)
{
    const struct td_action *const *row = agent->plugin->agent->actions;
    json_t *output = NULL;
    int rc;

    while (strcmp((*row)->name, action) != 0)
        row++;
    rc = (*row)->run(&agent->ctx, input, &output, err);
    json_decref(input);
    assert_true((rc == 0) == (output != NULL));
    return output;
}

/* One try; true when nothing failed any more.
 * Some allocations can be done without: then the output must be whole. */
static bool starve_once(struct agent *agent, const char *action, json_t *input, unsigned n,
                        const json_t *want)
{
    struct td_err err = { .code = TD_OK };
    json_t *output = NULL;
    bool has_failed;

    alloc_fail_at(n);
    if (agent_start(agent, &err) == 0)
        output = agent_call(agent, action, json_incref(input), &err);
    has_failed = alloc_fail_end();
    if (output == NULL && err.code != TD_E_NOMEM)
        fail_msg("allocation %u: %s", n, err.text);
    if (output != NULL && !json_equal(output, want))
        fail_msg("allocation %u: the output is not whole", n);
    json_decref(output);
    return !has_failed;
}

void agent_starve(struct agent *(*make)(void), const char *action, json_t *input)
{
    struct agent *agent = make();
    bool is_over = false;
    struct td_err err;
    json_t *want =
        agent_start(agent, &err) == 0 ? agent_call(agent, action, json_incref(input), &err) : NULL;

    if (want == NULL)
        fail_msg("%s", err.text);
    agent_free(agent);
    for (unsigned n = 1; !is_over; n++) {
        agent = make();
        is_over = starve_once(agent, action, input, n, want);
        agent_free(agent);
    }
    json_decref(want);
    json_decref(input);
}

json_t *agent_json(const char *text)
{
    char *copy = strdup(text);
    json_error_t where;
    json_t *value;

    for (char *c = copy; *c != '\0'; c++)
        *c = *c == '\'' ? '"' : *c;
    value = json_loads(copy, JSON_DECODE_ANY, &where);
    if (value == NULL)
        fail_msg("%s in %s", where.text, copy);
    free(copy);
    return value;
}

json_t *agent_file(const char *path)
{
    char *whole = below(path);
    json_error_t where;
    json_t *value = json_load_file(whole, 0, &where);

    if (value == NULL)
        fail_msg("%s:%d: %s", whole, where.line, where.text);
    free(whole);
    return value;
}

char *agent_folder(void)
{
    char *folder = NULL;

    assert_true(asprintf(&folder, "%s/build-agent-XXXXXX", TEST_BUILDDIR) >= 0);
    assert_non_null(mkdtemp(folder));
    return folder;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st, (void)type, (void)walk;
    return remove(path);
}

void agent_clear(char *folder)
{
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(folder);
}

void agent_write(const char *folder, const char *path, const char *text)
{
    char *whole = NULL;
    FILE *file;

    assert_true(asprintf(&whole, "%s/%s", folder, path) >= 0);
    for (char *slash = strchr(whole + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(whole, 0777);
        *slash = '/';
    }
    file = fopen(whole, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    free(whole);
}
