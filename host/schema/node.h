/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node: what a compiled schema is made of. Private to host/schema, as everything is whose name
 * begins with tdh_js_ (JSON Schema): other folders have runs, nodes and patterns of their own.
 *
 * A document becomes nodes, one for each schema in it; a node holds rules, one for each keyword
 * that has something to check. Everything lives in the schema's arena and is written by the compile
 * only, so that threads share it freely.
 */
#ifndef TDH_SCHEMA_NODE_H
#define TDH_SCHEMA_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "schema/schema.h"

#define TDH_SCHEMA_DEPTH 128      /* most schemas inside each other in a document */
#define TDH_SCHEMA_NEST 512       /* most nodes entered at once while checking a value */
#define TDH_SCHEMA_STEPS 20000000 /* most work of a check: nodes entered, values seen in them */

struct tdh_js_compiler;
struct tdh_js_keyword;
struct tdh_js_node;
struct tdh_js_pattern;
struct tdh_js_rule;
struct tdh_js_run;

/* A value's type as a bit. What JSON Schema calls number is INTEGER | REAL. */
enum tdh_js_types {
    TDH_NULL = 1,
    TDH_BOOLEAN = 2,
    TDH_INTEGER = 4,
    TDH_REAL = 8,
    TDH_STRING = 16,
    TDH_ARRAY = 32,
    TDH_OBJECT = 64,
    TDH_NUMBER = TDH_INTEGER | TDH_REAL,
    TDH_ANY = 127
};

enum tdh_js_vocabulary {
    TDH_VOCAB_CORE = 1,
    TDH_VOCAB_APPLICATOR = 2,
    TDH_VOCAB_UNEVALUATED = 4,
    TDH_VOCAB_VALIDATION = 8,
    TDH_VOCAB_META_DATA = 16,
    TDH_VOCAB_FORMAT = 32, /* format-annotation and format-assertion have the same keyword */
    TDH_VOCAB_CONTENT = 64,
    TDH_VOCAB_ASSERTED = 128, /* format-assertion */
    TDH_VOCAB_DEFAULT = 127
};

/* Makes the rule of one keyword. object: the whole schema, for the neighbours.
 * 0: made; 1: nothing to check; -1: told. */
typedef int tdh_js_compile_fn(struct tdh_js_compiler *c, struct tdh_js_rule *rule,
                              const json_t *value, const json_t *object);
/* Says whether a value of one of the keyword's types obeys; tells why not. */
typedef bool tdh_js_check_fn(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                             const json_t *value);

/* A row of the keyword table. Rules of a node are made and checked in the order of the rows. */
struct tdh_js_keyword {
    const char *name;
    uint8_t vocabulary; /* ignored in a resource without it */
    uint8_t types;      /* of the values it looks at; others pass */
    uint8_t arg;        /* for functions that serve several rows */
    tdh_js_compile_fn *compile;
    tdh_js_check_fn *check; /* NULL: serves a neighbour, or is a note */
};

/* A $dynamicAnchor of a resource. */
struct tdh_js_dynamic {
    const char *name;
    const struct tdh_js_node *node;
    struct tdh_js_dynamic *next;
};

/* A document, or a schema inside one that has an $id. */
struct tdh_js_resource {
    const char *uri; /* absolute, without fragment; "" when nobody gave one */
    struct tdh_js_node *root;
    const json_t *value; /* of its root; compile only */
    struct tdh_js_dynamic *dynamics;
    unsigned vocabularies;
};

struct tdh_js_node {
    struct tdh_js_rule *rules;
    uint16_t rule_count; /* 0: accepts everything */
    bool is_unevaluated; /* a keyword unevaluated... is here: marks of its own are kept */
    uint8_t visit;       /* of the search for endless references; compile only */
    struct tdh_js_resource *resource;
    const struct tdh_js_node *up; /* the schema around it; NULL for a document */
    const char *path;             /* JSON Pointer from `up` */
};

/* A word list with a node each, for lookups by key. Also a set of names, with nodes NULL. */
struct tdh_js_name {
    uint32_t hash;
    uint32_t length;
    const char *key; /* NULL: empty slot */
    const struct tdh_js_node *node;
};
struct tdh_js_names {
    struct tdh_js_name *slots;
    size_t mask;
    const char **keys; /* in the order of the document */
    size_t count;
};

struct tdh_js_nodes {
    const struct tdh_js_node **at;
    size_t count;
};

struct tdh_js_ref {
    const struct tdh_js_node *node;
    const char *anchor; /* not NULL: looked up in the dynamic scope first */
};

struct tdh_js_rule {
    tdh_js_check_fn *check; /* as keyword->check, kept near */
    uint8_t types;          /* as keyword->types */
    const struct tdh_js_keyword *keyword;
    const struct tdh_js_node *node; /* it belongs to */
    union {
        unsigned types;
        size_t count;
        const json_t *value;
        const struct tdh_js_node *schema;
        struct tdh_js_nodes schemas;
        struct tdh_js_ref ref;
        struct tdh_js_names *names;
        struct tdh_js_pattern *pattern;
        const void *data; /* a struct known to the keyword's two functions only */
    } as;
};

struct tdh_schema {
    struct tdh_arena arena;
    const struct tdh_js_node *root;
    json_t *values;                  /* copies of const and enum values */
    struct tdh_js_pattern *patterns; /* all, for the end */
    bool is_dynamic;                 /* some $dynamicRef is here: checks keep the dynamic scope */
};

/* Stands for the schema `false`, which has no keyword. */
extern const struct tdh_js_keyword tdh_js_keyword_false;
/** Row `i` of the keyword table, or NULL behind the last. */
const struct tdh_js_keyword *tdh_js_keyword_at(size_t i);

static inline bool tdh_js_node_is_false(const struct tdh_js_node *node)
{
    return node->rule_count == 1 && node->rules[0].keyword == &tdh_js_keyword_false;
}

/** The node of the document a node stands in. */
static inline const struct tdh_js_node *tdh_js_node_top(const struct tdh_js_node *node)
{
    while (node->up != NULL)
        node = node->up;
    return node;
}

/** The rule a node has for a keyword, or NULL. */
const struct tdh_js_rule *tdh_js_node_rule(const struct tdh_js_node *node, const char *keyword);

/** The bit of a value's type; a number without fraction is REAL when written as one. */
static inline uint8_t tdh_js_type_of(const json_t *value)
{
    static const uint8_t bits[] = {
        [JSON_OBJECT] = TDH_OBJECT,   [JSON_ARRAY] = TDH_ARRAY, [JSON_STRING] = TDH_STRING,
        [JSON_INTEGER] = TDH_INTEGER, [JSON_REAL] = TDH_REAL,   [JSON_TRUE] = TDH_BOOLEAN,
        [JSON_FALSE] = TDH_BOOLEAN,   [JSON_NULL] = TDH_NULL,
    };

    return bits[json_typeof(value)];
}

/* A walk over the members of an object.
 * jansson's iterators want a pointer to a changeable object and change nothing. */
struct tdh_js_member {
    json_t *object;
    void *iter;
    const char *key; /* NULL: behind the last */
    const json_t *value;
    size_t index;
};

static inline void tdh_js_member_load(struct tdh_js_member *member)
{
    member->key = member->iter != NULL ? json_object_iter_key(member->iter) : NULL;
    member->value = member->iter != NULL ? json_object_iter_value(member->iter) : NULL;
}

static inline struct tdh_js_member tdh_js_member_first(const json_t *object)
{
    struct tdh_js_member member = { .object = (json_t *)object };

    member.iter = json_object_iter(member.object);
    tdh_js_member_load(&member);
    return member;
}

static inline void tdh_js_member_next(struct tdh_js_member *member)
{
    member->iter = json_object_iter_next(member->object, member->iter);
    member->index++;
    tdh_js_member_load(member);
}

#endif
