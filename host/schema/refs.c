/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refs: follows references when all names of a document are known.
 *
 * A JSON Pointer may lead to a place that no keyword knows as a schema ("definitions" of earlier
 * drafts); its node is made then. References that come back to themselves whatever the value is are
 * refused here; those that depend on the value run into TDH_SCHEMA_NEST.
 */
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "schema/compile.h"
#include "schema/keyword.h"
#include "schema/uri.h"

enum { NEAR_KEYS = 200 }; /* most keys looked through for a name that may have been meant */

/* A walk along a JSON Pointer. */
struct walk {
    const json_t *value;
    const struct tdh_js_node *node; /* last schema passed */
    const char *rest;               /* of the pointer, behind that schema */
};

static int lead_nowhere(struct tdh_js_compiler *c, const struct tdh_js_reference *ref,
                        const json_t *object, const char *token)
{
    const char *keys[NEAR_KEYS], *near;
    size_t count = 0;

    for (struct tdh_js_member m = tdh_js_member_first(object); m.key != NULL && count < NEAR_KEYS;
         tdh_js_member_next(&m))
        keys[count++] = m.key;
    near = tdh_near(token, keys, count);
    if (near != NULL)
        return tdh_js_compile_fail(c, ref->rule, TD_E_INVAL,
                                   "\"%s\" leads nowhere: no \"%s\" is there, did you mean \"%s\"",
                                   ref->text, token, near);
    return tdh_js_compile_fail(c, ref->rule, TD_E_INVAL, "\"%s\" leads nowhere: no \"%s\" is there",
                               ref->text, token);
}

/* Takes ~0 and ~1 back in place. */
static void unescape(char *token)
{
    char *out = token;

    for (const char *in = token; *in != '\0'; in++) {
        bool is_escape = in[0] == '~' && (in[1] == '0' || in[1] == '1');

        *out++ = !is_escape ? *in : in[1] == '0' ? '~' : '/';
        in += is_escape;
    }
    *out = '\0';
}

static const json_t *item_at(const json_t *array, const char *token)
{
    size_t digits = strspn(token, "0123456789");

    if (digits == 0 || digits > 9 || token[digits] != '\0' || (token[0] == '0' && digits > 1))
        return NULL;
    return json_array_get(array, (size_t)atol(token));
}

/* One step; *at is behind its "/". */
static int walk_on(struct tdh_js_compiler *c, const struct tdh_js_reference *ref, struct walk *walk,
                   const char **at)
{
    size_t length = strcspn(*at, "/");
    char *token = tdh_arena_copy(&c->scratch, *at, length);
    const struct tdh_js_node *known;
    const json_t *child;

    if (token == NULL)
        return tdh_js_compile_no_memory(c);
    unescape(token);
    child = json_is_array(walk->value) ? item_at(walk->value, token)
                                       : json_object_get(walk->value, token);
    if (child == NULL)
        return lead_nowhere(c, ref, walk->value, token);
    *at += length;
    walk->value = child;
    known = tdh_js_compile_known(c, child, walk->node->resource);
    if (known != NULL) {
        walk->node = known;
        walk->rest = *at;
    }
    return 0;
}

static const struct tdh_js_node *at_pointer(struct tdh_js_compiler *c,
                                            const struct tdh_js_reference *ref,
                                            const struct tdh_js_resource *resource,
                                            const char *pointer)
{
    struct walk walk = { .value = resource->value, .node = resource->root, .rest = pointer };
    const char *path;

    for (const char *at = pointer; *at != '\0';) {
        at++;
        if (walk_on(c, ref, &walk, &at) != 0)
            return NULL;
    }
    if (*walk.rest == '\0')
        return walk.node;
    path = tdh_js_compile_copy(c, walk.rest);
    return path != NULL ? tdh_js_compile_schema(c, walk.value, walk.node->resource, walk.node, path)
                        : NULL;
}

static const struct tdh_js_node *at_anchor(struct tdh_js_compiler *c,
                                           const struct tdh_js_reference *ref,
                                           const struct tdh_js_resource *resource, const char *name)
{
    const struct tdh_js_anchor *anchor = tdh_js_resource_anchor(c, resource, name);

    if (anchor == NULL) {
        tdh_js_compile_fail(c, ref->rule, TD_E_INVAL,
                            "\"%s\" leads nowhere: no schema there has the anchor \"%s\"",
                            ref->text, name);
        return NULL;
    }
    if (anchor->is_dynamic && strcmp(ref->rule->keyword->name, "$dynamicRef") == 0) {
        ref->rule->as.ref.anchor = tdh_js_compile_copy(c, name);
        if (ref->rule->as.ref.anchor == NULL)
            return NULL;
    }
    return anchor->node;
}

static const struct tdh_js_node *at_fragment(struct tdh_js_compiler *c,
                                             const struct tdh_js_reference *ref,
                                             const struct tdh_js_resource *resource, char *fragment)
{
    if (!tdh_js_uri_decode(fragment)) {
        tdh_js_compile_fail(c, ref->rule, TD_E_INVAL, "\"%s\" has a %% without a byte behind it",
                            ref->text);
        return NULL;
    }
    if (*fragment == '\0')
        return resource->root;
    return *fragment == '/' ? at_pointer(c, ref, resource, fragment)
                            : at_anchor(c, ref, resource, fragment);
}

static int find_resource(struct tdh_js_compiler *c, const struct tdh_js_reference *ref,
                         const char *uri, struct tdh_js_resource **ret_resource)
{
    struct tdh_js_resource *own = ref->rule->node->resource;

    *ret_resource = own;
    if (strcmp(uri, own->uri) == 0)
        return 0;
    if (tdh_js_resource_find(c, uri, ret_resource) != 0)
        return -1;
    if (*ret_resource != NULL)
        return 0;
    return tdh_js_compile_fail(c, ref->rule, TD_E_NOTFOUND,
                               "\"%s\" refers to the document \"%s\", which is not given",
                               ref->text, uri);
}

static int follow(struct tdh_js_compiler *c, const struct tdh_js_reference *ref)
{
    char *uri = tdh_js_uri_resolve(&c->scratch, ref->rule->node->resource->uri, ref->text);
    char *fragment = uri != NULL ? strchr(uri, '#') : NULL;
    struct tdh_js_resource *resource;

    if (uri == NULL)
        return tdh_js_compile_no_memory(c);
    if (fragment != NULL)
        *fragment++ = '\0';
    if (find_resource(c, ref, uri, &resource) != 0)
        return -1;
    ref->rule->as.ref.node =
        at_fragment(c, ref, resource, fragment != NULL ? fragment : uri + strlen(uri));
    return ref->rule->as.ref.node != NULL ? 0 : -1;
}

enum { UNSEEN, ACTIVE, DONE };

static int visit(struct tdh_js_compiler *c, struct tdh_js_node *node, unsigned depth);

static int visit_rule(struct tdh_js_compiler *c, const struct tdh_js_rule *rule, unsigned depth)
{
    int rc = 0;

    if (rule->check == tdh_js_check_all_of)
        for (size_t i = 0; rc == 0 && i < rule->as.schemas.count; i++)
            rc = visit(c, (struct tdh_js_node *)rule->as.schemas.at[i],
                       depth); /* still the compiler's to write */
    if (rule->check != tdh_js_check_ref || rule->as.ref.anchor != NULL)
        return rc;
    if (rule->as.ref.node->visit == ACTIVE)
        return tdh_js_compile_fail(c, rule, TD_E_INVAL, "refers to itself without end");
    return visit(c, (struct tdh_js_node *)rule->as.ref.node, depth);
}

/* Looks for a way by $ref and allOf alone from a node to itself. */
static int visit(struct tdh_js_compiler *c, struct tdh_js_node *node, unsigned depth)
{
    if (node->visit == DONE)
        return 0;
    if (depth == TDH_SCHEMA_NEST)
        return tdh_js_compile_fail_at(c, node, NULL, TD_E_LIMIT,
                                      "more than %d references one behind the other", (int)depth);
    node->visit = ACTIVE;
    for (size_t i = 0; i < node->rule_count; i++)
        if (visit_rule(c, &node->rules[i], depth + 1) != 0)
            return -1;
    node->visit = DONE;
    return 0;
}

int tdh_js_refs_follow(struct tdh_js_compiler *c)
{
    while (c->waiting != NULL) {
        struct tdh_js_reference *ref = c->waiting;

        c->waiting = ref->next;
        ref->next = c->followed;
        c->followed = ref;
        if (follow(c, ref) != 0)
            return -1;
    }
    for (const struct tdh_js_reference *ref = c->followed; ref != NULL; ref = ref->next)
        if (visit(c, (struct tdh_js_node *)ref->rule->node, 0) != 0)
            return -1;
    return 0;
}
