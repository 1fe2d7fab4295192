/* SPDX-License-Identifier: Apache-2.0 */
/* work: an agent for benches. Its steps have no effect, whatever its manifest says of them. */
#include <stdlib.h>
#include <string.h>
#include <tdev/plugin.h>

enum { DAY_MS = 24 * 3600 * 1000 };

static int work(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    size_t bytes = (size_t)json_integer_value(json_object_get(input, "bytes"));
    char *copy = malloc(bytes + 1);

    (void)ctx;
    if (copy == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate %zu bytes", bytes);
    memset(copy, 'x', bytes);
    copy[bytes] = '\0';
    *ret_output = json_pack("{s:o}", "text", json_stringn_nocheck(copy, bytes));
    free(copy);
    return *ret_output != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the reply");
}

/* A step that does not end before its process does. */
static int gate(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    if (getenv("TDEV_BENCH_GATE") != NULL && td_sleep(ctx, DAY_MS, err) != 0)
        return -1;
    return work(ctx, input, ret_output, err);
}

static const struct td_action *const work_actions[] = {
    TD_ACTION("none", work),
    TD_ACTION("idempotent", work),
    TD_ACTION("external", work),
    TD_ACTION("gate", gate),
    NULL,
};
static const struct td_agent work_agent = { TD_SIZE(struct td_agent), .actions = work_actions };
static const struct td_plugin work_plugin = {
    TD_SIZE(struct td_plugin), .name = "work",       .version = "1.0.0",
    .kind = TD_KIND_AGENT,     .agent = &work_agent,
};
TD_PLUGIN(work_plugin);
