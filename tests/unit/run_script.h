/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_script: a reducer for tests, which follows a script out of the run's input.
 *
 * A script is an array of stages, a stage an array of wishes that are asked for at once:
 *
 *   ["call", AGENT, INPUT, POLICY]  run_bed has the agents, run_script.c the policies by number
 *   ["run", NAME, STAGES]           a child; NAME is "script", all else is not there
 *   ["timer", MS]
 *   ["wait", SIGNAL]
 *   ["ask", ABOUT]: a question
 *   ["cancel", SLOT]                takes back the wish of that place in this stage
 *   ["mute"], ["nothing"]           fails without a word; is never answered, as nothing is asked
 *   ["stop", SLOT, AFTER]           stops it, at once or when the wish AFTER is answered
 *
 * The next stage begins when all wishes of this one are answered. The output is an array of stages
 * of answers; a failure is {"failed": text or "cancelled"}, what was taken back "taken back".
 */
#ifndef TESTS_RUN_SCRIPT_H
#define TESTS_RUN_SCRIPT_H

#include "run_bed.h"

/** world: counts the states that live, and gives paths their suffix; of all scripts from now on. */
const struct td_reducer *script_reducer(struct world *world);

#endif
