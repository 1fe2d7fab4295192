/* SPDX-License-Identifier: Apache-2.0 */
/*
 * moody: an agent for tests of the life of agents. Each of its functions writes a word into a file,
 * and fails as often as it is told.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <tdev/plugin.h>

struct moody {
    const char *file;   /* of words */
    const char *fails;  /* which function; NULL: none */
    int64_t times;      /* how often, in this process; -1: always */
    bool is_worth_more; /* its failures are worth another attempt */
    int64_t wait;       /* ms that init waits */
    const char *secret;
    int64_t limit;
    /* not options */
    int64_t calls;
};

static const struct td_binding *const moody_bindings[] = {
    TD_BIND_STR(struct moody, file),      TD_BIND_STR(struct moody, fails),
    TD_BIND_INT(struct moody, times),     TD_BIND_BOOL(struct moody, is_worth_more),
    TD_BIND_DURATION(struct moody, wait), TD_BIND_STR(struct moody, secret),
    TD_BIND_INT(struct moody, limit),     NULL,
};

static atomic_int failed;

static void say(const char *path, const char *word)
{
    int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;

    if (fd >= 0 && dprintf(fd, "%s ", word) < 0)
        fd = -1;
    if (fd >= 0)
        close(fd);
}

static int mood(const struct moody *self, const char *word, struct td_err *err)
{
    say(self->file, word);
    if (self->fails == NULL || strcmp(self->fails, word) != 0 ||
        (self->times >= 0 && atomic_fetch_add(&failed, 1) >= self->times))
        return 0;
    td_fail(err, self->is_worth_more ? TD_E_UNAVAILABLE : TD_E_EXEC, "no mood to %s", word);
    return -1;
}

static char shared_path[4096];

static int prepare(struct td_ctx *ctx, void **ret_shared, struct td_err *err)
{
    const struct moody *self = td_self(ctx);

    atomic_store(&failed, self->times < 0 ? 0 : atomic_load(&failed));
    snprintf(shared_path, sizeof(shared_path), "%s", self->file != NULL ? self->file : "");
    *ret_shared = shared_path;
    return mood(self, "prepare", err);
}

static void release(void *shared)
{
    const char *path = shared;

    say(path[0] != '\0' ? path : NULL, "release");
}

static int init(struct td_ctx *ctx, struct td_err *err)
{
    const struct moody *self = td_self(ctx);

    if (self->wait > 0 && td_sleep(ctx, (uint64_t)self->wait, err) != 0)
        return -1;
    return mood(self, "init", err);
}

static void drop(struct td_ctx *ctx)
{
    const struct moody *self = td_self(ctx);

    say(self->file, "drop");
}

static int verify(struct td_ctx *ctx, struct td_err *err)
{
    return mood(td_self(ctx), "verify", err);
}

#ifdef MOODY_RESET
static int reset(struct td_ctx *ctx, struct td_err *err)
{
    struct moody *self = td_self(ctx);

    self->calls = 0;
    return mood(self, "reset", err);
}
#endif

static int count(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    struct moody *self = td_self(ctx);
    json_int_t ms = json_integer_value(json_object_get(input, "ms"));

    self->calls++;
    if (ms > 0 && td_sleep(ctx, (uint64_t)ms, err) != 0)
        return -1;
    *ret_output =
        json_pack("{s:I, s:I}", "calls", (json_int_t)self->calls, "limit", (json_int_t)self->limit);
    return *ret_output != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the answer");
}

static int wait_at_gate(void *arg, struct td_err *err)
{
    const char *gate = arg;
    int fd = open(gate, O_RDONLY | O_CLOEXEC);
    char byte;

    if (fd < 0)
        return td_fail_sys(err, "could not open \"%s\"", gate);
    while (read(fd, &byte, 1) > 0)
        ;
    close(fd);
    return 0;
}

/* Waits until somebody who has opened the pipe "gate" closes it, where nothing can cut it. */
static int sulk(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    char gate[4096];

    snprintf(gate, sizeof(gate), "%s", json_string_value(json_object_get(input, "gate")));
    *ret_output = NULL;
    if (td_blocking(ctx, wait_at_gate, gate, err) != 0)
        return -1;
    *ret_output = json_object();
    return 0;
}

static int spoil(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    (void)ctx, (void)ret_output;
    return td_fail(err, td_code_from_name(json_string_value(json_object_get(input, "code"))),
                   "spoilt");
}

/* Whatever becomes of the other, it waits a moment and answers. */
static int ask(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    json_t *output = NULL;
    int rc = td_call(ctx, json_string_value(json_object_get(input, "agent")), "count", input, NULL,
                     &output, err);

    json_decref(output);
    if (td_sleep(ctx, 1, err) != 0)
        return -1;
    *ret_output = json_pack("{s:b}", "answered", rc == 0);
    return *ret_output != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the answer");
}

static const struct td_action *const moody_actions[] = {
    TD_ACTION("count", count),
    TD_ACTION("sulk", sulk),
    TD_ACTION("spoil", spoil),
    TD_ACTION("ask", ask),
    NULL,
};
#ifdef MOODY_RESET
static const struct td_agent moody_agent = { TD_SIZE(struct td_agent), .actions = moody_actions,
                                             .verify = verify, .reset = reset };
#else
static const struct td_agent moody_agent = { TD_SIZE(struct td_agent), .actions = moody_actions,
                                             .verify = verify };
#endif
static const struct td_plugin moody_plugin = {
    TD_SIZE(struct td_plugin),
    .name = "moody",
    .version = "1.0.0",
    .kind = TD_KIND_AGENT,
    .agent = &moody_agent,
    .bindings = moody_bindings,
    .state_size = sizeof(struct moody),
    .prepare = prepare,
    .release = release,
    .init = init,
    .drop = drop,
};
TD_PLUGIN(moody_plugin);
