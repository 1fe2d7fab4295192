/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_derive: places of a document that was made out of another. Private to yaml.
 */
#ifndef TDH_BASE_YAML_DERIVE_H
#define TDH_BASE_YAML_DERIVE_H

#include "base/yaml.h"

typedef struct tdh_place tdh_yaml_place_fn(const struct tdh_yaml *yaml, const char *pointer);

/** Asks `place` of the source, at the pointer that this one is made of. */
struct tdh_place tdh_yaml_derived_place(const struct tdh_yaml_derived *derived, const char *pointer,
                                        tdh_yaml_place_fn *place);
/** NULL is fine. */
void tdh_yaml_derived_free(struct tdh_yaml_derived *derived);

#endif
