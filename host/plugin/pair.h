/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pair: rules of the compatibility matrix for two plugins that are used together.
 */
#ifndef TDH_PLUGIN_PAIR_H
#define TDH_PLUGIN_PAIR_H

#include "plugin/internal.h"

/* What rules are for. All is borrowed. */
struct tdh_plugin_name {
    const char *name;
    const struct tdh_semver *version;
    const char *version_text;
};
/** Has it rules for pairs? */
bool tdh_compat_has_pairs(const struct tdh_compat *compat);
/** Does the rule hold on those terms, whatever plugin it is for? */
bool tdh_compat_holds(const struct tdh_compat_rule *rule, const struct tdh_terms *terms);
/** The first that fits the two, whichever of them is named first; NULL: none. */
const struct tdh_compat_rule *tdh_compat_pair(const struct tdh_compat *compat,
                                              const struct tdh_plugin_name *a,
                                              const struct tdh_plugin_name *b,
                                              const struct tdh_terms *terms);
/** Is that the plugin which the rule names first, and may it be the other, too? */
bool tdh_compat_is_first(const struct tdh_compat_rule *rule, const struct tdh_plugin_name *name,
                         bool *ret_may_be_other);
/** Fills err with TD_E_DEPENDENCY: `"a" 1.0.0 and "b" 2.0.0 are not to be used together, by line 3
 * of the compatibility matrix: why`. Returns -1. */
int tdh_compat_tell_pair(const struct tdh_compat_rule *rule, const struct tdh_plugin_name *a,
                         const struct tdh_plugin_name *b, int64_t day, struct td_err *err);
/** Do they go together here? err: as tdh_compat_tell_pair. *ret_rule: deprecates them; else NULL.
 */
int tdh_check_pair(const struct tdh_gate *gate, const struct tdh_manifest *a,
                   const struct tdh_manifest *b, const struct tdh_compat_rule **ret_rule,
                   struct td_err *err);
/** Rules for pairs that name the plugin, and say something against it on those terms, in words;
 * "": none. Returns text. */
const char *tdh_compat_pairs_of(const struct tdh_compat *compat, const struct tdh_plugin_name *name,
                                const struct tdh_terms *terms, char text[static TD_ERR_TEXT]);
/** Does a rule for pairs block it with the other one, in every version of that? */
bool tdh_compat_bars(const struct tdh_compat *compat, const struct tdh_plugin_name *name,
                     const char *other, const struct tdh_terms *terms);
static inline struct tdh_plugin_name tdh_name_of(const struct tdh_manifest *manifest)
{
    return (struct tdh_plugin_name){ manifest->name, &manifest->version, manifest->version_text };
}

#endif
