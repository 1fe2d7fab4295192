/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake: the smallest host that can hold a storage backend.
 */
#include "fake.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char log_line[512];

const char *fake_log(void)
{
    return log_line;
}

static void take_log(struct td_ctx *ctx, enum td_level level, const char *text)
{
    (void)ctx;
    (void)level;
    snprintf(log_line, sizeof(log_line), "%s", text);
}

static const struct td_services services = { TD_SIZE(struct td_services), .log = take_log };

/* As in the manifests. */
static const struct fake_option defaults[] = {
    { "limit", NULL, INT64_C(1) << 30 },
    { "synchronous", "full", 0 },
    { "busy_timeout", NULL, 10000 },
    { "cache", NULL, 16 << 20 },
    { "wal_limit", NULL, 64 << 20 },
    { "readers", NULL, 4 },
    { "upgrade", NULL, 1 },
    { NULL, NULL, 0 },
};

static const struct fake_option *find_option(const struct fake_option *options, const char *name)
{
    for (; options->name != NULL; options++)
        if (strcmp(options->name, name) == 0)
            return options;
    return NULL;
}

static void bind(void *state, const struct td_binding *binding, const struct fake_option *options)
{
    const struct fake_option *option = find_option(options, binding->name);
    char *at = (char *)state + binding->offset;

    if (option == NULL)
        option = find_option(defaults, binding->name);
    if (option == NULL)
        return;
    if (binding->type == TD_BIND_STR_)
        *(const char **)at = option->text;
    else if (binding->type == TD_BIND_BOOL_)
        *(bool *)at = option->number != 0;
    else
        *(int64_t *)at = option->number;
}

static void load(struct fake *fake, const char *name)
{
    char path[512];
    const struct td_entry *entry;

    snprintf(path, sizeof(path), TEST_BUILDDIR "/plugins/storage/%s/.libs/%s.so", name, name);
    fake->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (fake->library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        abort();
    }
    entry = dlsym(fake->library, "td_entry");
    if (entry == NULL || entry->stamp.magic != TD_ABI_MAGIC || entry->plugin->storage == NULL)
        abort();
    fake->plugin = entry->plugin;
    fake->table = entry->plugin->storage;
}

static void make(struct fake *fake, const char *name, const struct fake_option *options)
{
    log_line[0] = '\0';
    memset(fake, 0, sizeof(*fake));
    load(fake, name);
    fake->state = calloc(1, fake->plugin->state_size);
    if (fake->state == NULL)
        abort();
    for (const struct td_binding *const *at = fake->plugin->bindings; *at != NULL; at++)
        bind(fake->state, *at, options);
    fake->ctx =
        (struct td_ctx){ TD_SIZE(struct td_ctx), .services = &services, .self = fake->state };
}

int fake_restore(const char *name, const struct fake_option *options, const char *image,
                 const char *aside, struct td_err *err)
{
    struct fake fake;
    int rc;

    make(&fake, name, options);
    rc = fake.table->restore(&fake.ctx, image, aside, err);
    fake_close(&fake);
    return rc;
}

int fake_open(struct fake *fake, const char *name, const struct fake_option *options,
              struct td_err *err)
{
    make(fake, name, options);
    if (fake->plugin->init(&fake->ctx, err) == 0)
        return 0;
    fake_close(fake);
    return -1;
}

void fake_close(struct fake *fake)
{
    if (fake->plugin == NULL)
        return;
    fake->plugin->drop(&fake->ctx);
    free(fake->state); /* the library stays: a child that became another user may not read it */
    memset(fake, 0, sizeof(*fake));
}
