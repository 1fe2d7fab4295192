/* SPDX-License-Identifier: Apache-2.0 */
/*
 * meta: what schemas of the 2020-12 dialect may look like, as schemas: which keyword takes a value
 * of which type.
 *
 * The documents are kept as JSON with ' for ", and without what every one of them repeats; a
 * document gets its $schema, $id, $vocabulary and $dynamicAnchor when it is read. The keyword
 * functions check schemas by themselves, with better words; these are for schemas that refer to
 * them.
 */
#include "schema/compile.h"

#include <string.h>

enum { TEXT_BYTES = 2048 }; /* no text is longer */

/* name: of the document under TDH_DIALECT, and of its vocabulary under TDH_DIALECT "vocab/" */
static const struct meta {
    const char *name;
    unsigned vocabulary;
    const char *text;
} metas[] = {
    { "core", TDH_VOCAB_CORE,
      "{'properties':{'$id':{'$ref':'#/$defs/uriReferenceString','pattern':'^[^#]*#?$'},"
      "'$schema':{'$ref':'#/$defs/uriString'},'$ref':{'$ref':'#/$defs/uriReferenceString'},"
      "'$anchor':{'$ref':'#/$defs/anchorString'},'$dynamicRef':{'$ref':'#/$defs/"
      "uriReferenceString'},"
      "'$dynamicAnchor':{'$ref':'#/$defs/anchorString'},'$vocabulary':{'type':'object',"
      "'propertyNames':{'$ref':'#/$defs/uriString'},'additionalProperties':{'type':'boolean'}},"
      "'$comment':{'type':'string'},'$defs':{'type':'object','additionalProperties':{'$dynamicRef':"
      "'#meta'}}},"
      "'$defs':{'anchorString':{'type':'string','pattern':'^[A-Za-z_][-A-Za-z0-9._]*$'},"
      "'uriString':{'type':'string','format':'uri'},"
      "'uriReferenceString':{'type':'string','format':'uri-reference'}}}" },
    { "applicator", TDH_VOCAB_APPLICATOR,
      "{'properties':{'prefixItems':{'$ref':'#/$defs/schemaArray'},'items':{'$dynamicRef':'#meta'},"
      "'contains':{'$dynamicRef':'#meta'},'additionalProperties':{'$dynamicRef':'#meta'},"
      "'properties':{'type':'object','additionalProperties':{'$dynamicRef':'#meta'},'default':{}},"
      "'patternProperties':{'type':'object','additionalProperties':{'$dynamicRef':'#meta'},"
      "'propertyNames':{'format':'regex'},'default':{}},"
      "'dependentSchemas':{'type':'object','additionalProperties':{'$dynamicRef':'#meta'},'default'"
      ":{}},"
      "'propertyNames':{'$dynamicRef':'#meta'},'if':{'$dynamicRef':'#meta'},'then':{'$dynamicRef':'"
      "#meta'},"
      "'else':{'$dynamicRef':'#meta'},'allOf':{'$ref':'#/$defs/schemaArray'},"
      "'anyOf':{'$ref':'#/$defs/schemaArray'},'oneOf':{'$ref':'#/$defs/schemaArray'},"
      "'not':{'$dynamicRef':'#meta'}},"
      "'$defs':{'schemaArray':{'type':'array','minItems':1,'items':{'$dynamicRef':'#meta'}}}}" },
    { "unevaluated", TDH_VOCAB_UNEVALUATED,
      "{'properties':{'unevaluatedItems':{'$dynamicRef':'#meta'},'unevaluatedProperties':{'$"
      "dynamicRef':'#meta'}}}" },
    { "validation", TDH_VOCAB_VALIDATION,
      "{'properties':{'type':{'anyOf':[{'$ref':'#/$defs/simpleTypes'},{'type':'array',"
      "'items':{'$ref':'#/$defs/simpleTypes'},'minItems':1,'uniqueItems':true}]},'const':true,"
      "'enum':{'type':'array','items':true},'multipleOf':{'type':'number','exclusiveMinimum':0},"
      "'maximum':{'type':'number'},'exclusiveMaximum':{'type':'number'},'minimum':{'type':'number'}"
      ","
      "'exclusiveMinimum':{'type':'number'},'maxLength':{'$ref':'#/$defs/nonNegativeInteger'},"
      "'minLength':{'$ref':'#/$defs/"
      "nonNegativeIntegerDefault0'},'pattern':{'type':'string','format':'regex'},"
      "'maxItems':{'$ref':'#/$defs/nonNegativeInteger'},'minItems':{'$ref':'#/$defs/"
      "nonNegativeIntegerDefault0'},"
      "'uniqueItems':{'type':'boolean','default':false},'maxContains':{'$ref':'#/$defs/"
      "nonNegativeInteger'},"
      "'minContains':{'$ref':'#/$defs/nonNegativeInteger','default':1},"
      "'maxProperties':{'$ref':'#/$defs/nonNegativeInteger'},"
      "'minProperties':{'$ref':'#/$defs/nonNegativeIntegerDefault0'},'required':{'$ref':'#/$defs/"
      "stringArray'},"
      "'dependentRequired':{'type':'object','additionalProperties':{'$ref':'#/$defs/"
      "stringArray'}}},"
      "'$defs':{'nonNegativeInteger':{'type':'integer','minimum':0},"
      "'nonNegativeIntegerDefault0':{'$ref':'#/$defs/nonNegativeInteger','default':0},"
      "'simpleTypes':{'enum':['array','boolean','integer','null','number','object','string']},"
      "'stringArray':{'type':'array','items':{'type':'string'},'uniqueItems':true,'default':[]}}"
      "}" },
    { "meta-data", TDH_VOCAB_META_DATA,
      "{'properties':{'title':{'type':'string'},'description':{'type':'string'},'default':true,"
      "'deprecated':{'type':'boolean','default':false},'readOnly':{'type':'boolean','default':"
      "false},"
      "'writeOnly':{'type':'boolean','default':false},'examples':{'type':'array','items':true}}}" },
    { "format-annotation", TDH_VOCAB_FORMAT, "{'properties':{'format':{'type':'string'}}}" },
    { "format-assertion", TDH_VOCAB_FORMAT | TDH_VOCAB_ASSERTED,
      "{'properties':{'format':{'type':'string'}}}" },
    { "content", TDH_VOCAB_CONTENT,
      "{'properties':{'contentEncoding':{'type':'string'},'contentMediaType':{'type':'string'},"
      "'contentSchema':{'$dynamicRef':'#meta'}}}" },
};

/* The dialect itself is all of the above but format-assertion, and refuses nothing of earlier
 * drafts that is in use. */
static const char schema_text[] =
    "{'allOf':[{'$ref':'meta/core'},{'$ref':'meta/applicator'},{'$ref':'meta/unevaluated'},"
    "{'$ref':'meta/validation'},{'$ref':'meta/meta-data'},{'$ref':'meta/format-annotation'},"
    "{'$ref':'meta/content'}],"
    "'properties':{'definitions':{'type':'object','additionalProperties':{'$dynamicRef':'#meta'},"
    "'deprecated':true,'default':{}},'dependencies':{'type':'object',"
    "'additionalProperties':{'anyOf':[{'$dynamicRef':'#meta'},{'$ref':'meta/validation#/$defs/"
    "stringArray'}]},"
    "'deprecated':true,'default':{}},"
    "'$recursiveAnchor':{'$ref':'meta/core#/$defs/anchorString','deprecated':true},"
    "'$recursiveRef':{'$ref':'meta/core#/$defs/uriReferenceString','deprecated':true}}}";

/* The text behind `uri`'s dialect part when that is `room` and a name; else NULL. */
static const char *name_in(const char *uri, const char *room)
{
    size_t dialect = strlen(TDH_DIALECT), length = strlen(room);

    if (strncmp(uri, TDH_DIALECT, dialect) != 0 || strncmp(uri + dialect, room, length) != 0)
        return NULL;
    return uri + dialect + length;
}

static const struct meta *find(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof(metas) / sizeof(metas[0]); i++)
        if (strcmp(metas[i].name, name) == 0)
            return &metas[i];
    return NULL;
}

unsigned tdh_js_meta_vocabulary(const char *uri)
{
    const struct meta *meta = find(name_in(uri, "vocab/"));

    return meta != NULL ? meta->vocabulary : 0;
}

/* jansson loses characters of a string when memory runs out inside it, and tells nobody: what was
 * read is written again and compared. */
static json_t *parse(const char *text)
{
    char json[TEXT_BYTES], again[TEXT_BYTES];
    size_t length = strlen(text);
    json_t *document;

    memcpy(json, text, length + 1);
    for (char *c = strchr(json, '\''); c != NULL; c = strchr(c, '\''))
        *c = '"';
    document = json_loadb(json, length, 0, NULL);
    if (json_dumpb(document, again, sizeof(again), JSON_COMPACT) == length &&
        memcmp(json, again, length) == 0)
        return document;
    json_decref(document);
    return NULL;
}

static int add_vocabulary(json_t *document, const char *name)
{
    json_t *vocabulary = json_object_get(document, "$vocabulary");
    char uri[96] = TDH_DIALECT "vocab/";

    strncat(uri, name, sizeof(uri) - strlen(uri) - 1);
    return json_object_set_new(vocabulary, uri, json_true());
}

/* What all have; `meta` NULL is the dialect's own document. */
static int add_head(json_t *document, const char *uri, const struct meta *meta)
{
    int rc = json_object_set_new(document, "$schema", json_string(TDH_DIALECT "schema"));

    rc |= json_object_set_new(document, "$id", json_string(uri));
    rc |= json_object_set_new(document, "$vocabulary", json_object());
    rc |= json_object_set_new(document, "$dynamicAnchor", json_string("meta"));
    rc |= json_object_set_new(document, "type", json_pack("[s, s]", "object", "boolean"));
    for (size_t i = 0; rc == 0 && i < sizeof(metas) / sizeof(metas[0]); i++)
        if (meta == &metas[i] || (meta == NULL && (metas[i].vocabulary & TDH_VOCAB_ASSERTED) == 0))
            rc |= add_vocabulary(document, metas[i].name);
    return rc;
}

json_t *tdh_js_meta_read(const char *uri, bool *ret_known)
{
    const char *whole = name_in(uri, "schema");
    const struct meta *meta = find(name_in(uri, "meta/"));
    json_t *document;

    *ret_known = meta != NULL || (whole != NULL && *whole == '\0');
    if (!*ret_known)
        return NULL;
    document = parse(meta != NULL ? meta->text : schema_text);
    if (document != NULL && add_head(document, uri, meta) != 0) {
        json_decref(document);
        document = NULL;
    }
    return document;
}
