/* SPDX-License-Identifier: Apache-2.0 */
/*
 * branch: a conditional composition: the first of the members whose condition holds, or all of them
 * one after another; conditions may look at what those before gave.
 */
#include "kit/compose.h"

static const struct compose_form form = {
    .key = "branches", .word = "branch", .max = 100, .stop = COMPOSE_ON_FAILURE, .has_choice = true
};

static int read(void *plan, const json_t *config, struct td_err *err)
{
    return compose_read(plan, &form, config, err);
}

static const struct kit_pattern branch = COMPOSE_PATTERN(read);
KIT_PLUGIN("branch", "1.0.0", branch, struct compose_state);
