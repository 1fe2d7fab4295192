/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile: from documents to nodes, as the keyword functions see it. Private to host/schema.
 *
 * Nodes are made top down, a whole document at once; references are noted and followed afterwards,
 * which may bring further documents in. A compiler lives during tdh_schema_compile only.
 */
#ifndef TDH_SCHEMA_COMPILE_H
#define TDH_SCHEMA_COMPILE_H

#include "base/map.h"
#include "schema/node.h"

/* A $ref or $dynamicRef that waits to be followed. */
struct tdh_js_reference {
    struct tdh_js_rule *rule;
    const char *text;
    struct tdh_js_reference *next;
};

/* What an $anchor or $dynamicAnchor names. */
struct tdh_js_anchor {
    const struct tdh_js_node *node;
    bool is_dynamic;
};

struct tdh_js_compiler {
    struct tdh_schema *schema;
    const struct tdh_schema_options *options; /* never NULL */
    struct td_err *err;
    struct tdh_map nodes;     /* address of the JSON value and of its resource -> tdh_js_node */
    struct tdh_map resources; /* URI -> tdh_js_resource */
    struct tdh_map anchors;   /* URI#NAME -> tdh_js_anchor */
    struct tdh_js_reference *waiting, *followed;
    struct tdh_arena scratch;
    json_t *documents; /* built-in ones, by URI */
    unsigned depth;
};

/* compile.c */

/**
 * The node of a schema, made at its first use. NULL: told.
 *
 * resource  the one around it; the schema's own $id may begin another
 * up, path  where it stands: the schema around it (NULL: a document) and the JSON Pointer from
 *           there, in the arena
 */
struct tdh_js_node *tdh_js_compile_schema(struct tdh_js_compiler *c, const json_t *value,
                                          struct tdh_js_resource *resource,
                                          const struct tdh_js_node *up, const char *path);
/** The node a schema has already, or NULL. */
struct tdh_js_node *tdh_js_compile_known(struct tdh_js_compiler *c, const json_t *value,
                                         const struct tdh_js_resource *resource);
/** The node of a schema below a keyword:
 * its value (token NULL), a member or an item of it. NULL: told. */
const struct tdh_js_node *tdh_js_compile_child(struct tdh_js_compiler *c,
                                               const struct tdh_js_rule *rule, const json_t *value,
                                               const char *token);
/** Fails with the JSON Pointer of a rule's keyword in front. Returns -1. */
int tdh_js_compile_fail(struct tdh_js_compiler *c, const struct tdh_js_rule *rule,
                        enum td_code code, const char *fmt, ...) TD_PRINTF(4, 5);
/** As tdh_js_compile_fail, for a keyword that has no rule. */
int tdh_js_compile_fail_at(struct tdh_js_compiler *c, const struct tdh_js_node *node,
                           const char *keyword, enum td_code code, const char *fmt, ...)
    TD_PRINTF(5, 6);
int tdh_js_compile_no_memory(struct tdh_js_compiler *c);
/** Zeroed memory of the schema's arena. NULL: told. */
void *tdh_js_compile_alloc(struct tdh_js_compiler *c, size_t size);
/** A copy in the schema's arena. NULL: told. */
char *tdh_js_compile_copy(struct tdh_js_compiler *c, const char *text);
/** A JSON Pointer step: "/" and the token with ~ and / escaped, new in the arena. NULL: told. */
char *tdh_js_compile_step(struct tdh_js_compiler *c, const char *token);
/** A name list of an object's keys or an array's strings, with nodes NULL. NULL: told. */
struct tdh_js_names *tdh_js_compile_names(struct tdh_js_compiler *c, const json_t *words);
/** A compiled pattern, owned by the schema. NULL: told. */
struct tdh_js_pattern *tdh_js_compile_pattern(struct tdh_js_compiler *c,
                                              const struct tdh_js_rule *rule, const char *text,
                                              size_t length);

/* resource.c: documents, $id, $schema, anchors */

/** Makes the nodes of a document that was found at `uri`. Returns its resource; NULL: told. */
struct tdh_js_resource *tdh_js_resource_add(struct tdh_js_compiler *c, const json_t *document,
                                            const char *uri);
/** Takes note of the names a schema gives itself. */
int tdh_js_resource_identify(struct tdh_js_compiler *c, struct tdh_js_node *node,
                             const json_t *object);
/** The resource at an absolute URI; brings its document in when it was given or is built in. NULL
 * in *ret_resource when there is none; -1: told. */
int tdh_js_resource_find(struct tdh_js_compiler *c, const char *uri,
                         struct tdh_js_resource **ret_resource);
/** What a resource calls by this name, or NULL. */
const struct tdh_js_anchor *tdh_js_resource_anchor(struct tdh_js_compiler *c,
                                                   const struct tdh_js_resource *resource,
                                                   const char *name);

/* refs.c: $ref and $dynamicRef */

/** Follows every noted reference, and those of the documents that come in by it. */
int tdh_js_refs_follow(struct tdh_js_compiler *c);

/* meta.c: the documents of the 2020-12 dialect */

#define TDH_DIALECT "https://json-schema.org/draft/2020-12/"

/** Reads the built-in document at `uri`, new.
 * NULL without memory, or, with *ret_known false, when there is none. */
json_t *tdh_js_meta_read(const char *uri, bool *ret_known);
/** The bit of a vocabulary's URI; 0 when it is not known. */
unsigned tdh_js_meta_vocabulary(const char *uri);

#endif
