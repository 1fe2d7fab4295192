/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resource: the names schemas have: URIs, anchors, and the dialect that says which keywords mean
 * something.
 *
 * A URI that another document has taken already is not registered again: the first document keeps
 * it, and the other is still reached by the URI it was given under. Within one document it is a
 * mistake.
 */
#include <string.h>

#include "base/json.h"
#include "schema/compile.h"
#include "schema/uri.h"

static struct tdh_js_resource *make(struct tdh_js_compiler *c, const char *uri, const json_t *value)
{
    struct tdh_js_resource *resource = tdh_js_compile_alloc(c, sizeof(*resource));

    if (resource == NULL)
        return NULL;
    resource->uri = tdh_js_compile_copy(c, uri);
    resource->value = value;
    resource->vocabularies = TDH_VOCAB_DEFAULT;
    return resource->uri != NULL ? resource : NULL;
}

static int enter(struct tdh_js_compiler *c, const char *uri, struct tdh_js_resource *resource)
{
    return tdh_map_set(&c->resources, uri, resource, NULL) == 0 ? 0 : tdh_js_compile_no_memory(c);
}

/* A string member; *ret_text NULL when there is none. */
static int read_text(struct tdh_js_compiler *c, const struct tdh_js_node *node,
                     const json_t *object, const char *key, const char **ret_text)
{
    const json_t *value = json_object_get(object, key);

    *ret_text = json_string_value(value);
    if (value == NULL || (*ret_text != NULL && strlen(*ret_text) == json_string_length(value)))
        return 0;
    if (*ret_text != NULL)
        return tdh_js_compile_fail_at(c, node, key, TD_E_INVAL, "cannot hold a NUL");
    return tdh_js_compile_fail_at(c, node, key, TD_E_INVAL, "must be a string, is of type %s",
                                  tdh_json_type_name(value));
}

/* Cuts an empty fragment; false when there is one that is not empty. */
static bool cut_fragment(char *uri)
{
    char *fragment = strchr(uri, '#');

    if (fragment == NULL)
        return true;
    if (fragment[1] != '\0')
        return false;
    *fragment = '\0';
    return true;
}

/* The node becomes the root of a resource of its own. */
static int begin_resource(struct tdh_js_compiler *c, struct tdh_js_node *node, const json_t *object,
                          const char *id)
{
    char *uri = tdh_js_uri_resolve(&c->scratch, node->resource->uri, id);
    struct tdh_js_resource *resource, *other;

    if (uri == NULL)
        return tdh_js_compile_no_memory(c);
    if (!cut_fragment(uri))
        return tdh_js_compile_fail_at(
            c, node, "$id", TD_E_INVAL,
            "\"%s\" has a fragment, a name within a document is an $anchor", id);
    resource = make(c, uri, object);
    if (resource == NULL)
        return -1;
    resource->root = node;
    resource->vocabularies = node->resource->vocabularies;
    other = tdh_map_get(&c->resources, uri);
    if (other != NULL && other->root != NULL &&
        tdh_js_node_top(other->root) == tdh_js_node_top(node) && other->root != node)
        return tdh_js_compile_fail_at(c, node, "$id", TD_E_INVAL,
                                      "\"%s\" is the $id of another schema here", uri);
    node->resource = resource;
    return other == NULL || other->root == NULL ? enter(c, uri, resource) : 0;
}

static const struct tdh_schema_resource *given_at(const struct tdh_js_compiler *c, const char *uri)
{
    size_t length = strlen(uri);

    for (size_t i = 0; i < c->options->resource_count; i++) {
        const struct tdh_schema_resource *given = &c->options->resources[i];

        if (strncmp(given->uri, uri, length) == 0 &&
            (given->uri[length] == '\0' || strcmp(given->uri + length, "#") == 0))
            return given;
    }
    return NULL;
}

/* A document that was given or is built in, by the URI it is found at. NULL in *ret_document when
 * there is none. */
static int find_document(struct tdh_js_compiler *c, const char *uri, const json_t **ret_document)
{
    const struct tdh_schema_resource *given = given_at(c, uri);
    json_t *document = given == NULL ? json_object_get(c->documents, uri) : NULL;
    bool is_known = true;

    *ret_document = given != NULL ? given->document : document;
    if (*ret_document != NULL)
        return 0;
    document = tdh_js_meta_read(uri, &is_known);
    if (!is_known)
        return 0;
    if (document == NULL || json_object_set_new(c->documents, uri, document) != 0)
        return tdh_js_compile_no_memory(c);
    *ret_document = document;
    return 0;
}

static int use_vocabularies(struct tdh_js_compiler *c, struct tdh_js_node *node,
                            const json_t *vocabularies)
{
    unsigned bits = TDH_VOCAB_CORE;

    for (struct tdh_js_member m = tdh_js_member_first(vocabularies); m.key != NULL;
         tdh_js_member_next(&m)) {
        unsigned bit = tdh_js_meta_vocabulary(m.key);

        if (bit == 0 && json_is_true(m.value))
            return tdh_js_compile_fail_at(
                c, node, "$schema", TD_E_UNSUPPORTED,
                "the dialect needs the vocabulary \"%s\", which is not known here", m.key);
        bits |= bit;
    }
    node->resource->vocabularies = bits;
    return 0;
}

/* json-schema.org's other drafts are taken for 2020-12: most schemas that name one use only what
 * they share. */
static int use_dialect(struct tdh_js_compiler *c, struct tdh_js_node *node, const json_t *object,
                       const char *dialect)
{
    const json_t *document = object;
    char *uri = tdh_arena_strdup(&c->scratch, dialect);

    if (uri == NULL)
        return tdh_js_compile_no_memory(c);
    cut_fragment(uri);
    if (strcmp(uri, TDH_DIALECT "schema") == 0) {
        node->resource->vocabularies = TDH_VOCAB_DEFAULT;
        return 0;
    }
    if (strcmp(uri, node->resource->uri) != 0 && find_document(c, uri, &document) != 0)
        return -1;
    if (document == NULL && strstr(uri, "://json-schema.org/") == NULL)
        return tdh_js_compile_fail_at(c, node, "$schema", TD_E_NOTFOUND,
                                      "the dialect \"%s\" is not given", uri);
    document = json_object_get(document, "$vocabulary");
    return json_is_object(document) ? use_vocabularies(c, node, document) : 0;
}

static bool is_anchor_name(const char *name)
{
    static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char rest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-.0123456789";

    return name[0] != '\0' && strchr(first, name[0]) != NULL && strspn(name, rest) == strlen(name);
}

static int note_dynamic(struct tdh_js_compiler *c, struct tdh_js_node *node, const char *name)
{
    struct tdh_js_dynamic *dynamic = tdh_js_compile_alloc(c, sizeof(*dynamic));

    if (dynamic == NULL)
        return -1;
    *dynamic =
        (struct tdh_js_dynamic){ .name = name, .node = node, .next = node->resource->dynamics };
    node->resource->dynamics = dynamic;
    return 0;
}

static const char *anchor_key(struct tdh_js_compiler *c, const struct tdh_js_resource *resource,
                              const char *name)
{
    /* the address, for two resources without a URI are two */
    return tdh_arena_printf(&c->scratch, "%p#%s", (const void *)resource, name);
}

static int add_anchor(struct tdh_js_compiler *c, struct tdh_js_node *node, const char *keyword,
                      const char *name)
{
    const char *key = anchor_key(c, node->resource, name);
    struct tdh_js_anchor *anchor = key != NULL ? tdh_map_get(&c->anchors, key) : NULL;

    if (key == NULL)
        return tdh_js_compile_no_memory(c);
    if (!is_anchor_name(name))
        return tdh_js_compile_fail_at(
            c, node, keyword, TD_E_INVAL,
            "\"%s\" is not a name: a letter or _, then letters, digits, - _ and .", name);
    if (anchor != NULL && anchor->node != node)
        return tdh_js_compile_fail_at(c, node, keyword, TD_E_INVAL,
                                      "\"%s\" is the anchor of another schema here", name);
    if (anchor == NULL)
        anchor = tdh_js_compile_alloc(c, sizeof(*anchor));
    if (anchor == NULL)
        return -1;
    anchor->node = node;
    anchor->is_dynamic = strcmp(keyword, "$dynamicAnchor") == 0;
    name = tdh_js_compile_copy(c, name);
    if (name == NULL || (anchor->is_dynamic && note_dynamic(c, node, name) != 0))
        return -1;
    return tdh_map_set(&c->anchors, key, anchor, NULL) == 0 ? 0 : tdh_js_compile_no_memory(c);
}

int tdh_js_resource_identify(struct tdh_js_compiler *c, struct tdh_js_node *node,
                             const json_t *object)
{
    const char *id, *dialect, *anchor, *dynamic;

    if (read_text(c, node, object, "$id", &id) != 0 ||
        read_text(c, node, object, "$schema", &dialect) != 0 ||
        read_text(c, node, object, "$anchor", &anchor) != 0 ||
        read_text(c, node, object, "$dynamicAnchor", &dynamic) != 0)
        return -1;
    if (id != NULL && begin_resource(c, node, object, id) != 0)
        return -1;
    if (dialect != NULL && (id != NULL || node->up == NULL) &&
        use_dialect(c, node, object, dialect) != 0)
        return -1;
    if (anchor != NULL && add_anchor(c, node, "$anchor", anchor) != 0)
        return -1;
    return dynamic != NULL ? add_anchor(c, node, "$dynamicAnchor", dynamic) : 0;
}

struct tdh_js_resource *tdh_js_resource_add(struct tdh_js_compiler *c, const json_t *document,
                                            const char *uri)
{
    char *base_uri = tdh_arena_strdup(&c->scratch, uri);
    struct tdh_js_resource *base;

    if (base_uri == NULL) {
        tdh_js_compile_no_memory(c);
        return NULL;
    }
    cut_fragment(base_uri);
    base = make(c, base_uri, document);
    if (base == NULL || enter(c, base_uri, base) != 0)
        return NULL;
    base->root = tdh_js_compile_schema(c, document, base, NULL, "");
    if (base->root == NULL || enter(c, base_uri, base->root->resource) != 0)
        return NULL;
    return base->root->resource;
}

/* All documents that were given and are not in yet: one of them may hold the schema under a name of
 * its own. */
static int add_all_given(struct tdh_js_compiler *c)
{
    for (size_t i = 0; i < c->options->resource_count; i++) {
        const struct tdh_schema_resource *given = &c->options->resources[i];
        char *uri = tdh_arena_strdup(&c->scratch, given->uri);

        if (uri == NULL)
            return tdh_js_compile_no_memory(c);
        cut_fragment(uri);
        if (tdh_map_get(&c->resources, uri) == NULL &&
            tdh_js_resource_add(c, given->document, uri) == NULL)
            return -1;
    }
    return 0;
}

int tdh_js_resource_find(struct tdh_js_compiler *c, const char *uri,
                         struct tdh_js_resource **ret_resource)
{
    const json_t *document;

    *ret_resource = tdh_map_get(&c->resources, uri);
    if (*ret_resource != NULL)
        return 0;
    if (find_document(c, uri, &document) != 0)
        return -1;
    if (document != NULL) {
        *ret_resource = tdh_js_resource_add(c, document, uri);
        return *ret_resource != NULL ? 0 : -1;
    }
    if (add_all_given(c) != 0)
        return -1;
    *ret_resource = tdh_map_get(&c->resources, uri);
    return 0;
}

const struct tdh_js_anchor *tdh_js_resource_anchor(struct tdh_js_compiler *c,
                                                   const struct tdh_js_resource *resource,
                                                   const char *name)
{
    const char *key = anchor_key(c, resource, name);

    return key != NULL ? tdh_map_get(&c->anchors, key) : NULL;
}
