/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse: from an understanding to the model of an app (docs/app-model.md): entities, fields,
 * relations, features, stories, and what was wished for but is not built. Keeps nothing: the same
 * understanding always gives the same model.
 */
#ifndef PA_PARSE_H
#define PA_PARSE_H

#include <jansson.h>
#include <tdev/err.h>

/* Word lists and the knowledge about fields, types and stories. Read-only after pa_rules_read(). */
struct pa_rules;

/** ret: new; end it with pa_rules_free(). err: TD_E_IO, TD_E_CONFIG, with file and key. */
struct pa_rules *pa_rules_read(const char *folder, struct td_err *err);
void pa_rules_free(struct pa_rules *rules);

/* Named bounds; what is past them goes to not_built. At most PA_ENTITIES, PA_FIELDS and PA_OPTIONS.
 */
#define PA_ENTITIES 32
#define PA_FIELDS 64
#define PA_OPTIONS 64
struct pa_limits {
    size_t bytes, entities, fields, options;
};

/** ret_model: new. err: TD_E_INVAL when the understanding has no text, TD_E_LIMIT when it has too
 * much. */
int pa_parse(const struct pa_rules *rules, const struct pa_limits *limits,
             const json_t *understanding, json_t **ret_model, struct td_err *err);

#endif
