/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coordination: what its files share: a step for each action.
 */
#ifndef COORDINATION_H
#define COORDINATION_H

#include "record.h"

/* lock/NAME: {holder, token, until, released}; `until` is 0 when nobody holds it */
step_fn lock_step, unlock_step;
/* barrier/NAME: {parties, arrived: [NAME], until, ends} */
step_fn barrier_step;
/* vote/NAME: {voters, needed, votes: {VOTER: CHOICE}, decision, until, ends} */
step_fn vote_step;
/* election/NAME: {leader, token, until, window, candidates: {NAME: {priority, until}}} */
step_fn elect_step;

#endif
