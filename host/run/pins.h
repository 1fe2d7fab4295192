/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pins: which editions of agents a run is held to. For the files of this folder.
 */
#ifndef TDH_RUN_PINS_H
#define TDH_RUN_PINS_H

#include "base/buf.h"
#include "call/call.h"

struct tdh_run;

struct tdh_pin {
    struct tdh_edition *edition; /* held */
    bool is_written;             /* the journal has it */
};

/* One for each edition of an agent that the run has called; of an agent the last one counts, those
 * before are for asks that began with them. */
struct tdh_pins {
    struct tdh_pin *list;
    unsigned count, room;
    json_t *known; /* what a snapshot has: editions by agent, not looked for yet; NULL: none */
};

/**
 * The action that an ask of the run calls: of the edition it is held to, or else of the one that
 * serves, to which it is held from now on.
 *
 * edition     what the journal says; NULL: nothing
 * ret_target  lives as long as the run
 */
int tdh_pin_find(struct tdh_run *run, const char *agent, const char *action, const char *edition,
                 struct tdh_target **ret_target, struct td_err *err);
/** Is the target's edition to be written with the ask? Then it counts as written. */
bool tdh_pin_write(struct tdh_run *run, const struct tdh_target *target);
/** Of what a run is held to, that which its journal has: `,"pins":{"agent":"edition"}`, and with it
 * tdh_edition_show(). */
void tdh_pins_show(const struct tdh_run *run, struct tdh_buf *buf);
/** `,"edition":"..."` of the plugin whose reducer it is, if that is one. */
void tdh_edition_show(const struct tdh_run *run, struct tdh_buf *buf);
/** Are "pins" of a snapshot of that shape? NULL is. */
bool tdh_pins_fit(const json_t *pins);
/** What was found for the one run counts for the other, and is in no journal yet. */
void tdh_pins_move(struct tdh_pins *from, struct tdh_pins *to);
void tdh_pins_free(struct tdh_pins *pins);

#endif
