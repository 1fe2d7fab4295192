/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalogue: the components there are, read from <folder>/<stack>/<component>/component.yaml.
 *
 * Made by kit_catalogue_read, ended by kit_catalogue_free; read-only in between and shared by all
 * threads. Only the descriptions are read; the files of a component are read when they are needed.
 * Each description is checked whole: its keys, its name and stack against its folders, the same
 * texts in English and Korean.
 */
#ifndef KIT_CATALOGUE_H
#define KIT_CATALOGUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <tdev/err.h>

#define KIT_COMPONENTS 1000 /* most components of one stack */
#define KIT_STACKS 50

struct kit_component {
    const char *name, *version, *stack; /* borrowed from `doc` */
    const json_t *title, *text;         /* {"en", "ko"} */
    const json_t *capabilities, *field_types, *features, *layouts, *requires, *conflicts;
    const json_t *files, *tests; /* lists of {"from", "to"} */
    const json_t *strings;       /* {"en": {key: text}, "ko": ...} */
    json_t *doc;                 /* owned */
    char *folder;                /* owned */
};

/* Sorted by stack, then name. */
struct kit_catalogue {
    struct kit_component *items;
    size_t count;
};

/** err: TD_E_CONFIG names file and key; TD_E_IO, TD_E_NOTFOUND, TD_E_LIMIT. Returns new, or NULL.
 */
struct kit_catalogue *kit_catalogue_read(const char *folder, struct td_err *err);
void kit_catalogue_free(struct kit_catalogue *catalogue);

/** The component of this stack and name, borrowed; NULL when there is none. */
const struct kit_component *kit_catalogue_find(const struct kit_catalogue *catalogue,
                                               const char *stack, const char *name);

/** Checks one description and fills `component` with borrows into it; `folder` is not set. err as
 * above. */
int kit_component_check(json_t *doc, const char *path, const char *stack, const char *name,
                        struct kit_component *component, struct td_err *err);

#endif
