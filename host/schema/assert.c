/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assert: rules about a value by itself: its type, size, range, text, or what it equals.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/near.h"
#include "schema/compile.h"
#include "schema/format.h"
#include "schema/keyword.h"
#include "schema/pattern.h"
#include "schema/run.h"
#include "schema/value.h"
#include "schema/words.h"

static const struct {
    const char *name, *words;
    unsigned types;
} types[] = {
    { "null", "null", TDH_NULL },          { "boolean", "a boolean", TDH_BOOLEAN },
    { "number", "a number", TDH_NUMBER },  { "integer", "an integer", TDH_INTEGER },
    { "string", "a string", TDH_STRING },  { "array", "an array", TDH_ARRAY },
    { "object", "an object", TDH_OBJECT },
};
enum { TYPE_COUNT = sizeof(types) / sizeof(types[0]) };

static int read_type(struct tdh_js_compiler *c, const struct tdh_js_rule *rule, const json_t *value,
                     unsigned *ret_types)
{
    const char *names[TYPE_COUNT], *name = json_string_value(value), *near;

    if (name == NULL)
        return tdh_js_compile_fail(c, rule, TD_E_INVAL, "must name a type, is of type %s",
                                   tdh_json_type_name(value));
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        names[i] = types[i].name;
        if (strcmp(name, names[i]) == 0) {
            *ret_types = types[i].types;
            return 0;
        }
    }
    near = tdh_near(name, names, TYPE_COUNT);
    if (near != NULL)
        return tdh_js_compile_fail(c, rule, TD_E_INVAL, "\"%s\" is not a type, did you mean \"%s\"",
                                   name, near);
    return tdh_js_compile_fail(
        c, rule, TD_E_INVAL,
        "\"%s\" is not a type: null boolean number integer string array object", name);
}

int tdh_js_compile_type(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                        const json_t *object)
{
    unsigned one = 0;

    (void)object;
    if (!json_is_array(value))
        return read_type(c, rule, value, &rule->as.types);
    if (json_array_size(value) == 0)
        return tdh_js_compile_fail(c, rule, TD_E_INVAL, "must name at least one type");
    for (size_t i = 0; i < json_array_size(value); i++) {
        for (size_t k = 0; k < i; k++)
            if (json_equal(json_array_get(value, k), json_array_get(value, i)))
                return tdh_js_compile_fail(c, rule, TD_E_INVAL, "names a type twice");
        if (read_type(c, rule, json_array_get(value, i), &one) != 0)
            return -1;
        rule->as.types |= one;
    }
    return 0;
}

/* "a string or null", out of the bits. */
static void write_types(struct tdh_buf *buf, unsigned wanted)
{
    const char *before = "";

    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if ((wanted & types[i].types) != types[i].types)
            continue;
        tdh_buf_printf(buf, "%s%s", before, types[i].words);
        before = " or ";
        wanted &= ~types[i].types; /* a number is not an integer besides */
    }
}

static bool fail_type(struct tdh_js_run *run, const struct tdh_js_rule *rule, const json_t *value)
{
    struct tdh_buf words = { 0 };

    if (run->quiet > 0)
        return false;
    write_types(&words, rule->as.types);
    tdh_buf_text(&words, ", is ");
    write_types(&words, json_is_real(value) ? TDH_NUMBER : tdh_js_type_of(value));
    return tdh_js_words_fail(run, rule, "must be ", &words);
}

bool tdh_js_check_type(struct tdh_js_run *run, const struct tdh_js_rule *rule, const json_t *value)
{
    uint8_t type = tdh_js_type_of(value);

    if ((rule->as.types & type) != 0)
        return true;
    if (type == TDH_REAL && (rule->as.types & TDH_INTEGER) != 0 &&
        floor(json_real_value(value)) == json_real_value(value))
        return true;
    return fail_type(run, rule, value);
}

/* A copy that lives as long as the schema. */
static const json_t *keep(struct tdh_js_compiler *c, const json_t *value)
{
    json_t *copy = json_deep_copy(value);

    if (copy != NULL && json_array_append_new(c->schema->values, copy) == 0)
        return copy;
    tdh_js_compile_no_memory(c);
    return NULL;
}

int tdh_js_compile_const(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                         const json_t *object)
{
    (void)object;
    rule->as.value = keep(c, value);
    return rule->as.value != NULL ? 0 : -1;
}

bool tdh_js_check_const(struct tdh_js_run *run, const struct tdh_js_rule *rule, const json_t *value)
{
    struct tdh_buf words = { 0 };
    size_t visits = 0;

    if (tdh_js_value_equal(rule->as.value, value, &visits))
        return tdh_js_run_spend(run, visits);
    if (run->quiet > 0)
        return tdh_js_run_spend(run, visits) && false;
    tdh_js_words_value(&words, rule->as.value);
    return tdh_js_words_fail(run, rule, "must be ", &words);
}

enum { ENUM_SEARCHED = 8 }; /* up to here values are compared one by one */

/* The values of an enum, hashed when they are many. */
struct values {
    const json_t *array;
    size_t mask;
    struct slot {
        uint64_t hash;
        const json_t *value; /* NULL: empty */
    } slots[];
};

int tdh_js_compile_enum(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                        const json_t *object)
{
    size_t count = json_array_size(value), size = 1, visits = 0;
    struct values *values;

    (void)object;
    if (!json_is_array(value))
        return tdh_js_compile_fail(c, rule, TD_E_INVAL, "must be an array of values, is of type %s",
                                   tdh_json_type_name(value));
    while (count > ENUM_SEARCHED && size < 2 * count)
        size *= 2;
    values = tdh_js_compile_alloc(c, sizeof(*values) + size * sizeof(values->slots[0]));
    if (values == NULL || (values->array = keep(c, value)) == NULL)
        return -1;
    values->mask = size - 1;
    for (size_t i = 0; count > ENUM_SEARCHED && i < count; i++) {
        const json_t *one = json_array_get(values->array, i);
        uint64_t hash = tdh_js_value_hash(one, &visits);
        size_t at = hash & values->mask;

        while (values->slots[at].value != NULL)
            at = (at + 1) & values->mask;
        values->slots[at] = (struct slot){ hash, one };
    }
    rule->as.data = values;
    return 0;
}

static bool is_listed(const struct values *values, const json_t *value, size_t *visits)
{
    uint64_t hash;

    if (values->mask == 0) {
        for (size_t i = 0; i < json_array_size(values->array); i++)
            if (tdh_js_value_equal(json_array_get(values->array, i), value, visits))
                return true;
        return false;
    }
    hash = tdh_js_value_hash(value, visits);
    for (size_t at = hash & values->mask; values->slots[at].value != NULL;
         at = (at + 1) & values->mask)
        if (values->slots[at].hash == hash &&
            tdh_js_value_equal(values->slots[at].value, value, visits))
            return true;
    return false;
}

bool tdh_js_check_enum(struct tdh_js_run *run, const struct tdh_js_rule *rule, const json_t *value)
{
    const struct values *values = rule->as.data;
    size_t visits = 0;
    bool is_valid = is_listed(values, value, &visits);

    if (!tdh_js_run_spend(run, visits))
        return false;
    return is_valid || tdh_js_words_fail_enum(run, rule, values->array, value);
}

int tdh_js_compile_number(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                          const json_t *object)
{
    (void)object;
    if (!json_is_number(value))
        return tdh_js_compile_fail(c, rule, TD_E_INVAL, "must be a number, is of type %s",
                                   tdh_json_type_name(value));
    rule->as.value = keep(c, value);
    return rule->as.value != NULL ? 0 : -1;
}

/* "must be WORDS LIMIT, is VALUE" */
static bool fail_number(struct tdh_js_run *run, const struct tdh_js_rule *rule, const char *what,
                        const json_t *limit, const json_t *value)
{
    struct tdh_buf words = { 0 };

    if (run->quiet > 0)
        return false;
    tdh_buf_text(&words, what);
    tdh_js_words_value(&words, limit);
    tdh_buf_text(&words, ", is ");
    tdh_js_words_value(&words, value);
    return tdh_js_words_fail(run, rule, "must be ", &words);
}

bool tdh_js_check_bound(struct tdh_js_run *run, const struct tdh_js_rule *rule, const json_t *value)
{
    static const struct {
        const char *words;
        bool is_allowed[3]; /* less, equal, more */
    } bounds[] = {
        [TDH_LEAST] = { "at least ", { false, true, true } },
        [TDH_MOST] = { "at most ", { true, true, false } },
        [TDH_MORE] = { "more than ", { false, false, true } },
        [TDH_LESS] = { "less than ", { true, false, false } },
    };
    uint8_t arg = rule->keyword->arg;

    return bounds[arg].is_allowed[tdh_js_number_compare(value, rule->as.value) + 1] ||
           fail_number(run, rule, bounds[arg].words, rule->as.value, value);
}

struct divisor {
    const json_t *value;
    json_int_t whole; /* 0: not an integer */
    struct tdh_js_decimal decimal;
};

int tdh_js_compile_multiple(struct tdh_js_compiler *c, struct tdh_js_rule *rule,
                            const json_t *value, const json_t *object)
{
    struct divisor *divisor = tdh_js_compile_alloc(c, sizeof(*divisor));

    if (divisor == NULL || tdh_js_compile_number(c, rule, value, object) != 0)
        return -1;
    if (json_number_value(value) <= 0)
        return tdh_js_compile_fail(c, rule, TD_E_INVAL, "must be more than 0");
    *divisor = (struct divisor){ .value = rule->as.value,
                                 .whole = json_integer_value(value),
                                 .decimal = tdh_js_decimal_of(value) };
    rule->as.data = divisor;
    return 0;
}

bool tdh_js_check_multiple(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                           const json_t *value)
{
    const struct divisor *divisor = rule->as.data;
    bool is_valid;

    if (divisor->whole != 0 && json_is_integer(value))
        is_valid = json_integer_value(value) % divisor->whole == 0;
    else
        is_valid = tdh_js_decimal_is_multiple(tdh_js_decimal_of(value), divisor->decimal);
    return is_valid || fail_number(run, rule, "a multiple of ", divisor->value, value);
}

int tdh_js_compile_count(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                         const json_t *object)
{
    double real = json_number_value(value);

    (void)object;
    if (!json_is_number(value) || real < 0 || floor(real) != real)
        return tdh_js_compile_fail(c, rule, TD_E_INVAL, "must be a whole number of at least 0");
    if (json_is_integer(value))
        rule->as.count = (size_t)json_integer_value(value);
    else
        rule->as.count = real < 9e18 ? (size_t)real : SIZE_MAX;
    return 0;
}

/* Code points, not bytes. */
static size_t count_characters(const json_t *string)
{
    const char *text = json_string_value(string);
    size_t length = json_string_length(string), count = 0;

    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xC0U) != 0x80U;
    return count;
}

static size_t count_of(const json_t *value)
{
    if (json_is_string(value))
        return count_characters(value);
    return json_is_array(value) ? json_array_size(value) : json_object_size(value);
}

bool tdh_js_check_count(struct tdh_js_run *run, const struct tdh_js_rule *rule, const json_t *value)
{
    bool is_least = rule->keyword->arg == TDH_LEAST;
    size_t count = count_of(value), limit = rule->as.count;
    const char *what = json_is_string(value) ? "character" : json_is_array(value) ? "item" : "key";

    if (is_least ? count >= limit : count <= limit)
        return true;
    return tdh_js_run_fail(run, rule, "must have at %s %zu %s%s, has %zu",
                           is_least ? "least" : "most", limit, what, limit == 1 ? "" : "s", count);
}

int tdh_js_compile_regex(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                         const json_t *object)
{
    (void)object;
    if (!json_is_string(value))
        return tdh_js_compile_fail(c, rule, TD_E_INVAL, "must be a string, is of type %s",
                                   tdh_json_type_name(value));
    rule->as.pattern =
        tdh_js_compile_pattern(c, rule, json_string_value(value), json_string_length(value));
    return rule->as.pattern != NULL ? 0 : -1;
}

bool tdh_js_check_pattern(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                          const json_t *value)
{
    if (tdh_js_run_match(run, rule->as.pattern, json_string_value(value),
                         json_string_length(value)))
        return true;
    return tdh_js_run_fail(run, rule, "does not match the pattern \"%s\"",
                           tdh_js_pattern_text(rule->as.pattern));
}

int tdh_js_compile_format(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                          const json_t *object)
{
    bool is_asserted = c->options->is_format_asserted ||
                       (rule->node->resource->vocabularies & TDH_VOCAB_ASSERTED) != 0;

    (void)object;
    if (!json_is_string(value))
        return tdh_js_compile_fail(c, rule, TD_E_INVAL, "must be a string, is of type %s",
                                   tdh_json_type_name(value));
    rule->as.data = is_asserted ? tdh_js_format_find(json_string_value(value)) : NULL;
    return rule->as.data != NULL ? 0 : 1;
}

bool tdh_js_check_format(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                         const json_t *value)
{
    const struct tdh_js_format *format = rule->as.data;

    return format->is_valid(json_string_value(value), json_string_length(value)) ||
           tdh_js_run_fail(run, rule, "must be of the format %s", format->name);
}
