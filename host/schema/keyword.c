/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyword: the table of keywords. A new keyword is a row and its two functions.
 *
 * The order is the order of checking: cheap and telling rules first, what reads neighbours behind
 * them, what reads their marks last. An unknown key is told before a missing one, since a key that
 * is spelled wrong is both. $id, $schema, $anchor and $dynamicAnchor name a schema and are read in
 * resource.c.
 */
#include "schema/keyword.h"

#include <string.h>

#define CORE TDH_VOCAB_CORE
#define APPLY TDH_VOCAB_APPLICATOR
#define VALID TDH_VOCAB_VALIDATION
#define UNEVAL TDH_VOCAB_UNEVALUATED
#define NOTE TDH_VOCAB_META_DATA

static const struct tdh_js_keyword keywords[] = {
    { "type", VALID, TDH_ANY, 0, tdh_js_compile_type, tdh_js_check_type },
    { "const", VALID, TDH_ANY, 0, tdh_js_compile_const, tdh_js_check_const },
    { "enum", VALID, TDH_ANY, 0, tdh_js_compile_enum, tdh_js_check_enum },
    { "minimum", VALID, TDH_NUMBER, TDH_LEAST, tdh_js_compile_number, tdh_js_check_bound },
    { "exclusiveMinimum", VALID, TDH_NUMBER, TDH_MORE, tdh_js_compile_number, tdh_js_check_bound },
    { "maximum", VALID, TDH_NUMBER, TDH_MOST, tdh_js_compile_number, tdh_js_check_bound },
    { "exclusiveMaximum", VALID, TDH_NUMBER, TDH_LESS, tdh_js_compile_number, tdh_js_check_bound },
    { "multipleOf", VALID, TDH_NUMBER, 0, tdh_js_compile_multiple, tdh_js_check_multiple },
    { "minLength", VALID, TDH_STRING, TDH_LEAST, tdh_js_compile_count, tdh_js_check_count },
    { "maxLength", VALID, TDH_STRING, TDH_MOST, tdh_js_compile_count, tdh_js_check_count },
    { "pattern", VALID, TDH_STRING, 0, tdh_js_compile_regex, tdh_js_check_pattern },
    { "format", TDH_VOCAB_FORMAT, TDH_STRING, 0, tdh_js_compile_format, tdh_js_check_format },
    { "minProperties", VALID, TDH_OBJECT, TDH_LEAST, tdh_js_compile_count, tdh_js_check_count },
    { "maxProperties", VALID, TDH_OBJECT, TDH_MOST, tdh_js_compile_count, tdh_js_check_count },
    { "minItems", VALID, TDH_ARRAY, TDH_LEAST, tdh_js_compile_count, tdh_js_check_count },
    { "maxItems", VALID, TDH_ARRAY, TDH_MOST, tdh_js_compile_count, tdh_js_check_count },
    { "$ref", CORE, TDH_ANY, 0, tdh_js_compile_ref, tdh_js_check_ref },
    { "$dynamicRef", CORE, TDH_ANY, 0, tdh_js_compile_ref, tdh_js_check_ref },
    { "$defs", CORE, TDH_ANY, 0, tdh_js_compile_map, NULL },
    { "$comment", CORE, TDH_ANY, 0, tdh_js_compile_string, NULL },
    { "propertyNames", APPLY, TDH_OBJECT, 0, tdh_js_compile_one, tdh_js_check_property_names },
    { "properties", APPLY, TDH_OBJECT, 0, tdh_js_compile_properties, tdh_js_check_properties },
    { "patternProperties", APPLY, TDH_OBJECT, 0, tdh_js_compile_patterns, tdh_js_check_patterns },
    { "additionalProperties", APPLY, TDH_OBJECT, 0, tdh_js_compile_additional,
      tdh_js_check_additional },
    { "required", VALID, TDH_OBJECT, 0, tdh_js_compile_required, tdh_js_check_required },
    { "dependentRequired", VALID, TDH_OBJECT, 0, tdh_js_compile_dependent_required,
      tdh_js_check_dependent_required },
    { "prefixItems", APPLY, TDH_ARRAY, 0, tdh_js_compile_list, tdh_js_check_prefix_items },
    { "items", APPLY, TDH_ARRAY, 0, tdh_js_compile_items, tdh_js_check_items },
    { "minContains", VALID, TDH_ARRAY, TDH_LEAST, tdh_js_compile_count, NULL },
    { "maxContains", VALID, TDH_ARRAY, TDH_MOST, tdh_js_compile_count, NULL },
    { "contains", APPLY, TDH_ARRAY, 0, tdh_js_compile_contains, tdh_js_check_contains },
    { "uniqueItems", VALID, TDH_ARRAY, 0, tdh_js_compile_unique, tdh_js_check_unique },
    { "allOf", APPLY, TDH_ANY, 0, tdh_js_compile_list, tdh_js_check_all_of },
    { "anyOf", APPLY, TDH_ANY, TDH_SOME_OF, tdh_js_compile_list, tdh_js_check_alternatives },
    { "oneOf", APPLY, TDH_ANY, TDH_ONE_OF, tdh_js_compile_list, tdh_js_check_alternatives },
    { "not", APPLY, TDH_ANY, 0, tdh_js_compile_one, tdh_js_check_not },
    { "then", APPLY, TDH_ANY, 0, tdh_js_compile_one, NULL },
    { "else", APPLY, TDH_ANY, 0, tdh_js_compile_one, NULL },
    { "if", APPLY, TDH_ANY, 0, tdh_js_compile_if, tdh_js_check_if },
    { "dependentSchemas", APPLY, TDH_OBJECT, 0, tdh_js_compile_properties,
      tdh_js_check_dependent_schemas },
    { "unevaluatedItems", UNEVAL, TDH_ARRAY, 0, tdh_js_compile_one,
      tdh_js_check_unevaluated_items },
    { "unevaluatedProperties", UNEVAL, TDH_OBJECT, 0, tdh_js_compile_one,
      tdh_js_check_unevaluated_properties },
    { "title", NOTE, TDH_ANY, 0, tdh_js_compile_string, NULL },
    { "description", NOTE, TDH_ANY, 0, tdh_js_compile_string, NULL },
    { "deprecated", NOTE, TDH_ANY, 0, tdh_js_compile_boolean, NULL },
    { "readOnly", NOTE, TDH_ANY, 0, tdh_js_compile_boolean, NULL },
    { "writeOnly", NOTE, TDH_ANY, 0, tdh_js_compile_boolean, NULL },
    { "examples", NOTE, TDH_ANY, 0, tdh_js_compile_array, NULL },
    { "contentEncoding", TDH_VOCAB_CONTENT, TDH_ANY, 0, tdh_js_compile_string, NULL },
    { "contentMediaType", TDH_VOCAB_CONTENT, TDH_ANY, 0, tdh_js_compile_string, NULL },
    { "contentSchema", TDH_VOCAB_CONTENT, TDH_ANY, 0, tdh_js_compile_one, NULL },
};

const struct tdh_js_keyword tdh_js_keyword_false = { "false", CORE, TDH_ANY,
                                                     0,       NULL, tdh_js_check_false };

const struct tdh_js_keyword *tdh_js_keyword_at(size_t i)
{
    return i < sizeof(keywords) / sizeof(keywords[0]) ? &keywords[i] : NULL;
}

const struct tdh_js_rule *tdh_js_node_rule(const struct tdh_js_node *node, const char *keyword)
{
    for (size_t i = 0; i < node->rule_count; i++)
        if (strcmp(node->rules[i].keyword->name, keyword) == 0)
            return &node->rules[i];
    return NULL;
}
