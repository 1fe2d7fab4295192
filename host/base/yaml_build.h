/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_build: makes one document of libyaml's events. Private to yaml.
 */
#ifndef TDH_BASE_YAML_BUILD_H
#define TDH_BASE_YAML_BUILD_H

#include <stdbool.h>
#include <yaml.h>

#include "base/yaml.h"

struct tdh_yaml_builder;

/** Begins a document. `name` goes in front of errors.
 * Returns new; end it with tdh_yaml_builder_free(). */
struct tdh_yaml_builder *tdh_yaml_builder_new(const char *name, struct td_err *err);
/**
 * Takes in one event of the inside of a document: a scalar, an alias, or the start or end of a
 * collection.
 *
 * err  TD_E_INVAL, TD_E_LIMIT, TD_E_NOMEM, with NAME:LINE:COLUMN in front
 */
int tdh_yaml_builder_add(struct tdh_yaml_builder *builder, const yaml_event_t *event,
                         struct td_err *err);
/* A part of a text of another notation that is YAML. */
struct tdh_yaml_part {
    const char *text;
    size_t length;
    struct tdh_place place; /* of its first byte in the whole text */
    bool is_members;        /* the members of a mapping, for one that is open; else one value */
};
/** Takes in all of a part. err as tdh_yaml_builder_add. */
int tdh_yaml_builder_part(struct tdh_yaml_builder *builder, const struct tdh_yaml_part *part,
                          struct td_err *err);
/** new: the document, after its last event. The builder holds nothing of it any more. */
struct tdh_yaml *tdh_yaml_builder_end(struct tdh_yaml_builder *builder);
/** What goes in front of its errors; borrowed. */
const char *tdh_yaml_builder_name(const struct tdh_yaml_builder *builder);
void tdh_yaml_builder_free(struct tdh_yaml_builder *builder);

#endif
