/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern: collaboration patterns: reducers from plugins of kind pattern, with a configuration, as
 * runs.
 */
#ifndef TDH_PATTERN_PATTERN_H
#define TDH_PATTERN_PATTERN_H

#include <jansson.h>

#include "plugin/plugin.h"
#include "run/run.h"

enum { TDH_PATTERN_NAME = 65 };
/** The plugin's name for a pattern's: plugins are called `scatter-gather`,
 * books write scatter_gather; both are understood. */
const char *tdh_pattern_name(const char *name, char text[static TDH_PATTERN_NAME]);

/**
 * A definition of a pattern with its configuration.
 * config        borrow; NULL: an empty one
 * err           TD_E_NOTFOUND, TD_E_CONFIG: what the manifest's schema, or the pattern, says of its
 *               configuration
 * Returns new.
 */
struct tdh_definition *tdh_pattern_definition(struct tdh_plugins *plugins, const char *name,
                                              const json_t *config, struct td_err *err);
/** Registers patterns with the engine, as child runs and for resuming. */
int tdh_patterns_register(struct tdh_plugins *plugins, struct tdh_engine *engine,
                          struct td_err *err);

#endif
