/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_make: says to the builder what libyaml would say of the same values.
 */
#include "base/yaml_make.h"

#include <string.h>

#include "base/yaml_build.h"

struct tdh_yaml_builder *tdh_yaml_make_new(const char *name, struct td_err *err)
{
    return tdh_yaml_builder_new(name, err);
}

static int add(struct tdh_yaml_builder *builder, yaml_event_t *event, struct tdh_place place,
               struct td_err *err)
{
    event->start_mark.line = place.line - 1;
    event->start_mark.column = place.column - 1;
    return tdh_yaml_builder_add(builder, event, err);
}

int tdh_yaml_make_map(struct tdh_yaml_builder *builder, struct tdh_place place, struct td_err *err)
{
    yaml_event_t event = { .type = YAML_MAPPING_START_EVENT };

    return add(builder, &event, place, err);
}

int tdh_yaml_make_list(struct tdh_yaml_builder *builder, struct tdh_place place, struct td_err *err)
{
    yaml_event_t event = { .type = YAML_SEQUENCE_START_EVENT };

    return add(builder, &event, place, err);
}

int tdh_yaml_make_end(struct tdh_yaml_builder *builder, struct td_err *err)
{
    yaml_event_t event = { .type = YAML_MAPPING_END_EVENT }; /* ends lists as well */

    return tdh_yaml_builder_add(builder, &event, err);
}

static int add_scalar(struct tdh_yaml_builder *builder, const char *text, yaml_scalar_style_t style,
                      struct tdh_place place, struct td_err *err)
{
    yaml_event_t event = { .type = YAML_SCALAR_EVENT };

    event.data.scalar.value = (yaml_char_t *)(uintptr_t)text; /* which is not written */
    event.data.scalar.length = strlen(text);
    event.data.scalar.style = style;
    return add(builder, &event, place, err);
}

int tdh_yaml_make_text(struct tdh_yaml_builder *builder, const char *text, struct tdh_place place,
                       struct td_err *err)
{
    return add_scalar(builder, text, YAML_DOUBLE_QUOTED_SCALAR_STYLE, place, err);
}

int tdh_yaml_make_word(struct tdh_yaml_builder *builder, const char *text, struct tdh_place place,
                       struct td_err *err)
{
    return add_scalar(builder, text, YAML_PLAIN_SCALAR_STYLE, place, err);
}

int tdh_yaml_make_value(struct tdh_yaml_builder *builder, const char *text, size_t length,
                        struct tdh_place place, struct td_err *err)
{
    const struct tdh_yaml_part part = { text, length, place, false };

    return tdh_yaml_builder_part(builder, &part, err);
}

int tdh_yaml_make_members(struct tdh_yaml_builder *builder, const char *text, size_t length,
                          struct tdh_place place, struct td_err *err)
{
    const struct tdh_yaml_part part = { text, length, place, true };

    return tdh_yaml_builder_part(builder, &part, err);
}

struct tdh_yaml *tdh_yaml_make_done(struct tdh_yaml_builder *builder)
{
    struct tdh_yaml *yaml = tdh_yaml_builder_end(builder);

    tdh_yaml_builder_free(builder);
    return yaml;
}

void tdh_yaml_make_free(struct tdh_yaml_builder *builder)
{
    tdh_yaml_builder_free(builder);
}
