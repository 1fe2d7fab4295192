/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parallel: different members at the same time, all with the same input. Their results stay apart,
 * by name.
 */
#include "kit/compose.h"

static const struct compose_form form = {
    .key = "members", .word = "member", .max = 1000, .is_at_once = true
};

static int read(void *plan, const json_t *config, struct td_err *err)
{
    return compose_read(plan, &form, config, err);
}

static const struct kit_pattern parallel = COMPOSE_PATTERN(read);
KIT_PLUGIN("parallel", "1.0.0", parallel, struct compose_state);
