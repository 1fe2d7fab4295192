/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyword: the functions the keyword table is filled with, by the file that has them. Private to
 * host/schema.
 */
#ifndef TDH_SCHEMA_KEYWORD_H
#define TDH_SCHEMA_KEYWORD_H

#include "schema/node.h"

/* The table's `arg`. */
enum tdh_js_bound { TDH_LEAST, TDH_MOST, TDH_MORE, TDH_LESS };
enum tdh_js_alternatives { TDH_SOME_OF, TDH_ONE_OF };

/* child.c: schemas below a keyword, and notes */
extern tdh_js_compile_fn tdh_js_compile_one, tdh_js_compile_list, tdh_js_compile_map,
    tdh_js_compile_string, tdh_js_compile_boolean, tdh_js_compile_array;

/* assert.c: the value by itself */
extern tdh_js_compile_fn tdh_js_compile_type, tdh_js_compile_const, tdh_js_compile_enum,
    tdh_js_compile_number, tdh_js_compile_multiple, tdh_js_compile_count, tdh_js_compile_regex,
    tdh_js_compile_format;
extern tdh_js_check_fn tdh_js_check_type, tdh_js_check_const, tdh_js_check_enum, tdh_js_check_bound,
    tdh_js_check_multiple, tdh_js_check_count, tdh_js_check_pattern, tdh_js_check_format;

/* object.c: members */
extern tdh_js_compile_fn tdh_js_compile_required, tdh_js_compile_dependent_required,
    tdh_js_compile_properties, tdh_js_compile_patterns, tdh_js_compile_additional;
extern tdh_js_check_fn tdh_js_check_required, tdh_js_check_dependent_required,
    tdh_js_check_properties, tdh_js_check_patterns, tdh_js_check_additional,
    tdh_js_check_property_names, tdh_js_check_dependent_schemas,
    tdh_js_check_unevaluated_properties;

/* array.c: items */
extern tdh_js_compile_fn tdh_js_compile_items, tdh_js_compile_contains, tdh_js_compile_unique;
extern tdh_js_check_fn tdh_js_check_prefix_items, tdh_js_check_items, tdh_js_check_contains,
    tdh_js_check_unique, tdh_js_check_unevaluated_items;

/* logic.c: schemas for the same value */
extern tdh_js_compile_fn tdh_js_compile_ref, tdh_js_compile_if;
extern tdh_js_check_fn tdh_js_check_ref, tdh_js_check_all_of, tdh_js_check_alternatives,
    tdh_js_check_not, tdh_js_check_if, tdh_js_check_false;

#endif
