/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text: definitions in the write that a worker is building.
 */
#ifndef TDH_RUN_TEXT_H
#define TDH_RUN_TEXT_H

#include "run/internal.h"

/* The next operation of the write; there is room, reserved for so many runs. */
struct td_op *tdh_write_op(struct tdh_hub *hub, enum td_op_kind kind, const char *space);
/* The run's definition, unless it is in the store, or in the write. -1: without memory. */
int tdh_write_definition(struct tdh_hub *hub, struct tdh_run *run);
/* When the run has just gone over: what it followed before stays as long as the run. Same. */
int tdh_write_was(struct tdh_hub *hub, struct tdh_run *run);
/* The write has ended. */
void tdh_texts_settle(struct tdh_hub *hub, bool is_stored);

#endif
