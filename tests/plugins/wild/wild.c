/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wild: ends, hangs and breaks out in every way a plugin can, for tests of isolation.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <tdev/plugin.h>

#include "wild.h"

struct wild {
    const char *greeting;
    int64_t patience;
    const char *const *words;
    bool refuse;
    int calls; /* since init */
};
static const struct td_binding *const bindings[] = {
    TD_BIND_STR(struct wild, greeting),
    TD_BIND_DURATION(struct wild, patience),
    TD_BIND_LIST(struct wild, words),
    TD_BIND_BOOL(struct wild, refuse),
    NULL,
};

static int give(json_t *output, json_t **ret_output, struct td_err *err)
{
    if (output == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the reply");
    *ret_output = output;
    return 0;
}

static int echo(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    ((struct wild *)td_self(ctx))->calls++;
    return give(json_incref((json_t *)(uintptr_t)input), ret_output, err);
}

/* --- ends --- */

/* What the compiler cannot see through. */
static int *volatile nowhere = (int *)16;
static volatile int zero = 0;

__attribute__((noinline)) static void write_nowhere(void)
{
    *nowhere = 1;
}

__attribute__((noinline)) static int fill_stack(int depth)
{
    volatile char room[4096];

    room[0] = (char)depth;
    return depth == zero - 1 ? 0 : fill_stack(depth + 1) + room[0];
}

/* Noise in all the memory that it shares with the host, which then has to do without sense. */
static void scribble(unsigned seed)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512];

    while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
        unsigned long from, to;

        if (strstr(line, "tdev-link") == NULL || sscanf(line, "%lx-%lx", &from, &to) != 2)
            continue;
        for (unsigned char *at = (unsigned char *)from; at < (unsigned char *)to; at++)
            *at = (unsigned char)(seed = seed * 1103515245 + 12345);
    }
    if (maps != NULL)
        fclose(maps);
}

static void die_how(const char *how)
{
    if (strcmp(how, "scribble") == 0)
        scribble(7);
    if (strcmp(how, "hush") == 0) /* no longer to be heard */
        close_range(3, ~0U, 0);
    if (strcmp(how, "memory") == 0)
        write_nowhere();
    if (strcmp(how, "abort") == 0)
        abort();
    if (strcmp(how, "divide") == 0)
        raise(SIGFPE);
    if (strcmp(how, "stack") == 0)
        fill_stack(0);
    if (strcmp(how, "exit") == 0)
        exit(3);
    if (strcmp(how, "_exit") == 0)
        _exit(4);
    if (strcmp(how, "exit_group") == 0)
        syscall(SYS_exit_group, 5);
    if (strcmp(how, "kill") == 0)
        kill(getpid(), SIGKILL);
    if (strcmp(how, "execve") == 0)
        execl("/bin/true", "true", (char *)NULL);
    if (strcmp(how, "fork") == 0)
        for (;;)
            fork();
}

static int die(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const char *how = json_string_value(json_object_get(input, "how"));

    (void)ctx, (void)ret_output;
    die_how(how != NULL ? how : "");
    return td_fail(err, TD_E_EXEC, "is alive after \"%s\"", how != NULL ? how : "");
}

static int dice(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    static const char *const ways[] = { "memory", "abort", "exit", "kill", "divide" };
    uint64_t n = (uint64_t)json_integer_value(json_object_get(input, "n"));
    uint64_t drawn = n * UINT64_C(0x9E3779B97F4A7C15);

    (void)ctx;
    drawn ^= drawn >> 29;
    if (drawn % 10 == 0)
        die_how(ways[drawn / 10 % 5]);
    return give(json_incref((json_t *)(uintptr_t)input), ret_output, err);
}

static int loop(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const bool is_polite = json_is_true(json_object_get(input, "polite"));
    volatile uint64_t turns = 0;

    (void)ret_output;
    while (!is_polite || td_check(ctx, err) == 0)
        turns++;
    return -1;
}

/* --- services --- */

static int nap(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    int64_t ms = json_integer_value(json_object_get(input, "ms"));

    if (td_emit(ctx, input, err) != 0 || td_sleep(ctx, (uint64_t)ms, err) != 0)
        return -1;
    return give(json_pack("{s:I}", "ms", (json_int_t)ms), ret_output, err);
}

static int add_key(void *arg, const char *key, const json_t *value, uint64_t version)
{
    json_array_append_new(arg, json_pack("[s, O, I]", key, value, (json_int_t)version));
    return 0;
}

static int count(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const char *key = json_string_value(json_object_get(input, "key"));
    uint64_t version = TD_VERSION_ABSENT;
    json_t *value = NULL, *next, *rows = json_array();
    int rc;

    if (td_store_get(ctx, key, &value, &version, err) != 0 && err->code != TD_E_NOTFOUND) {
        json_decref(rows);
        return -1;
    }
    next = json_integer(json_integer_value(value) + 1);
    json_decref(value);
    rc = td_store_put(ctx, key, next, version, NULL, err);
    json_decref(next);
    if (rc == 0)
        rc = td_store_scan(ctx, "", 0, add_key, rows, err);
    if (rc == 0 && json_is_true(json_object_get(input, "delete")))
        rc = td_store_delete(ctx, key, TD_VERSION_ANY, err);
    if (rc == 0)
        return give(rows, ret_output, err);
    json_decref(rows);
    return rc;
}

static int ask(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    return td_call(ctx, json_string_value(json_object_get(input, "agent")),
                   json_string_value(json_object_get(input, "action")),
                   json_object_get(input, "input"), NULL, ret_output, err);
}

static int tell(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    for (int i = 0; i < 3; i++) {
        json_t *chunk = json_pack("{s:i}", "piece", i);
        int rc = td_emit(ctx, chunk, err);

        json_decref(chunk);
        if (rc != 0)
            return -1;
    }
    td_log(ctx, TD_WARNING, "a line from the wild");
    return give(json_incref((json_t *)(uintptr_t)input), ret_output, err);
}

static void note_defer(void *arg)
{
    fprintf(stderr, "deferred %s\n", (const char *)arg);
}

static int run_aside(void *arg, struct td_err *err)
{
    (void)err;
    *(int *)arg = 42;
    return 0;
}

static int facts(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    struct wild *self = td_self(ctx);
    const char *key = td_key(ctx);
    char *memory = td_alloc(ctx, 10);
    int64_t left_ms = td_remaining_ms(ctx);
    int aside = 0;

    (void)input;
    if (memory == NULL || td_defer(ctx, note_defer, (void *)"one", err) != 0 ||
        td_blocking(ctx, run_aside, &aside, err) != 0)
        return -1;
    return give(json_pack("{s:s, s:I, s:s, s:s, s:b, s:s, s:s, s:s, s:i, s:i, s:b}", "greeting",
                          self->greeting, "patience", (json_int_t)self->patience, "word",
                          self->words[0] != NULL ? self->words[0] : "", "shared",
                          (const char *)td_shared(ctx), "is_timed", left_ms != INT64_MAX,
                          "instance", td_instance(ctx), "folder", td_folder(ctx), "data_dir",
                          td_data_dir(ctx), "calls", ++self->calls, "aside", aside, "has_key",
                          key != NULL),
                ret_output, err);
}

static int big(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    size_t bytes = (size_t)json_integer_value(json_object_get(input, "bytes"));
    char *text = malloc(bytes + 1);
    json_t *output = NULL;

    (void)ctx;
    if (text != NULL) {
        memset(text, 'x', bytes);
        output = json_pack("{s:s#}", "text", text, (int)bytes);
    }
    free(text);
    return give(output, ret_output, err);
}

static int escape(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const char *what = json_string_value(json_object_get(input, "what"));

    (void)ctx;
    return give(wild_escape(what != NULL ? what : "", input), ret_output, err);
}

/* --- the plugin --- */

static int prepare(struct td_ctx *ctx, void **ret_shared, struct td_err *err)
{
    *ret_shared = strdup(((const struct wild *)td_self(ctx))->greeting);
    return *ret_shared != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate");
}

static int init(struct td_ctx *ctx, struct td_err *err)
{
    const struct wild *self = td_self(ctx);

    return self->refuse ? td_fail(err, TD_E_CONFIG, "does not want to") : 0;
}

static const struct td_action *const actions[] = {
    TD_ACTION("echo", echo),
    TD_ACTION("die", die),
    TD_ACTION("pay", die),
    TD_ACTION("dice", dice),
    TD_ACTION("loop", loop),
    TD_ACTION("nap", nap),
    TD_ACTION("count", count),
    TD_ACTION("ask", ask),
    TD_ACTION("tell", tell),
    TD_ACTION("facts", facts),
    TD_ACTION("big", big),
    TD_ACTION("escape", escape),
    NULL,
};
static const struct td_agent agent = { TD_SIZE(struct td_agent), .actions = actions };
static const struct td_plugin plugin = {
    TD_SIZE(struct td_plugin),
    .name = "wild",
    .version = "1.0.0",
    .kind = TD_KIND_AGENT,
    .state_size = sizeof(struct wild),
    .bindings = bindings,
    .prepare = prepare,
    .release = free,
    .init = init,
    .agent = &agent,
};
TD_PLUGIN(plugin);
