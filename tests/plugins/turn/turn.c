/* SPDX-License-Identifier: Apache-2.0 */
/* turn: says which build it is; built three times, to be exchanged while it is used. The third one
 * fails. */
#include <tdev/plugin.h>

#ifndef TURN
#define TURN 1
#endif
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

struct turn {
    const char *mark;
};

static const struct td_binding *const turn_bindings[] = { TD_BIND_STR(struct turn, mark), NULL };

static int say(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const struct turn *self = td_self(ctx);
    json_int_t ms = json_integer_value(json_object_get(input, "ms"));

    if (ms > 0 && td_sleep(ctx, (uint64_t)ms, err) != 0)
        return -1;
    if (TURN == 3)
        return td_fail(err, TD_E_EXEC, "this build is broken");
    *ret_output = json_pack("{s:i, s:s}", "turn", TURN, "mark", self->mark);
    return *ret_output != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the answer");
}

static const struct td_action *const turn_actions[] = { TD_ACTION("say", say), NULL };
static const struct td_agent turn_agent = { TD_SIZE(struct td_agent), .actions = turn_actions };
static const struct td_plugin turn_plugin = {
    TD_SIZE(struct td_plugin),
    .name = "turn",
    .version = TEXT(TURN) ".0.0",
    .kind = TD_KIND_AGENT,
    .agent = &turn_agent,
    .bindings = turn_bindings,
    .state_size = sizeof(struct turn),
};
TD_PLUGIN(turn_plugin);
