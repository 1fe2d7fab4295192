/* SPDX-License-Identifier: Apache-2.0 */
/*
 * orchestrator: a plan that is known: steps that need each other, as many at once as may be. A step
 * that fails is done by its alternatives in turn; what needs one that was not done is skipped.
 */
#include "kit/compose.h"

static const struct compose_form form = { .key = "steps",
                                          .word = "step",
                                          .max = 200,
                                          .is_reporting = true,
                                          .is_at_once = true,
                                          .has_needs = true };

static int read(void *plan, const json_t *config, struct td_err *err)
{
    return compose_read(plan, &form, config, err);
}

static const struct kit_pattern orchestrator = COMPOSE_PATTERN(read);
KIT_PLUGIN("orchestrator", "1.0.0", orchestrator, struct compose_state);
