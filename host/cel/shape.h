/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shape: what is known at compile time about a value: the set of types it may have, and the JSON
 * Schema behind it.
 *
 * Everything here answers "can this ever work": only what never can is refused. A run does not rely
 * on it.
 */
#ifndef TDH_CEL_SHAPE_H
#define TDH_CEL_SHAPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cel/program.h"

struct cel_shape {
    uint32_t types;                  /* CEL_BIT of each type it may have */
    const json_t *schema;            /* or NULL */
    const json_t *document;          /* that "#/..." of the schema refers to */
    const struct cel_shape *element; /* of a list or map without schema, or NULL */
};

/** Any value. */
struct cel_shape cel_shape_any(void);
struct cel_shape cel_shape_of(uint32_t types);
/**
 * The shape of a JSON value that fits a schema. NULL: any. Looks at type, const, enum, properties,
 * $ref.
 */
struct cel_shape cel_shape_schema(const json_t *schema, const json_t *document);
/** Either of two. */
struct cel_shape cel_shape_either(struct cel_shape a, struct cel_shape b);
/** A copy in the arena, or NULL: an element nothing is known of. */
const struct cel_shape *cel_shape_keep(struct cel_shape shape, struct tdh_arena *arena);
/** An element of a list, or a value of a map. */
struct cel_shape cel_shape_element(struct cel_shape collection);

/** The shape of shape.name; false when a schema rules the name out. */
bool cel_shape_field(struct cel_shape shape, const char *name, size_t length,
                     struct cel_shape *ret_field);
/** The known properties, for "did you mean": fills at most `room`, returns how many. */
size_t cel_shape_fields(struct cel_shape shape, const char **names, size_t room);

/** The types that `left op right` may have; 0 when it can never work. right: 0 for `!` and `-`. */
uint32_t cel_shape_operator(enum cel_code code, uint32_t left, uint32_t right);
/** Whether a result of these types may become a JSON value that fits the schema. */
bool cel_shape_fits(uint32_t types, const json_t *schema);

/** "int", "int or string", "any": for errors. */
const char *cel_shape_name(uint32_t types, char *out, size_t size);

#endif
