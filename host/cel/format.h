/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format: text.format(list), the printf of the string extension.
 */
#ifndef TDH_CEL_FORMAT_H
#define TDH_CEL_FORMAT_H

#include "cel/run.h"

/** pattern: a string; args: a list. Verbs: %s %d %f %e %x %X %o %b %%, precision for %f and %e. */
struct cel_value cel_format(struct cel_run *run, struct cel_value pattern, struct cel_value args);

#endif
