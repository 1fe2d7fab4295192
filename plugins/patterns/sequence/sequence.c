/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sequence: members one after another, each with what the one before gave. By its rules it stops
 * early, and members whose condition does not hold are passed over.
 */
#include "kit/compose.h"

static const struct compose_form form = {
    .key = "steps", .word = "step", .max = 1000, .stop = COMPOSE_ON_FAILURE, .is_chain = true
};

static int read(void *plan, const json_t *config, struct td_err *err)
{
    return compose_read(plan, &form, config, err);
}

static const struct kit_pattern sequence = COMPOSE_PATTERN(read);
KIT_PLUGIN("sequence", "1.0.0", sequence, struct compose_state);
