/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_cel: any bytes are an expression or an error; an expression gives a value or an error, the
 * same each time, and the checks change nothing of it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cel/cel.h"
#include "fuzz.h"

static const char input_text[] =
    "{\"name\": \"Ann\", \"count\": 3, \"price\": 1.5, \"none\": null, \"ok\": true,"
    " \"tags\": [\"a\", \"b\"], \"people\": [{\"name\": \"Bo\", \"age\": 40}, {\"name\": \"Cy\"}],"
    " \"nul\": \"a\\u0000\\u00e9\", \"now\": \"2026-11-21T10:00:00Z\"}";

static const char typed_text[] = "{\"input\": {\"map\": [[{\"int\": 1}, {\"uint\": \"2\"}], "
                                 "[{\"bool\": true}, {\"bytes_hex\": \"00ff\"}]]},"
                                 " \"vars\": {\"optional\": [{\"duration\": \"1.5s\"}]}}";

static const char schema_text[] =
    "{\"type\": \"object\", \"properties\": {\"name\": {\"type\": \"string\"}, \"count\": "
    "{\"type\": \"integer\"},"
    " \"tags\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}}, \"people\": {\"$ref\": "
    "\"#/$defs/p\"}},"
    " \"$defs\": {\"p\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/p\"}}}}";

struct fixture {
    json_t *input, *vars, *typed, *schema;
    struct tdh_arena arena;
};

static struct fixture *fixture_once(void)
{
    static struct fixture fixture;

    if (fixture.input == NULL) {
        fixture.input = json_loads(input_text, JSON_ALLOW_NUL, NULL);
        fixture.vars = json_object();
        fixture.typed = json_loads(typed_text, 0, NULL);
        fixture.schema = json_loads(schema_text, 0, NULL);
    }
    return &fixture;
}

static struct tdh_cel *compile(struct fixture *fixture, const char *text, size_t size,
                               bool is_unchecked)
{
    const struct tdh_cel_root roots[] = { { "input", fixture->schema }, { "vars", NULL } };
    const struct tdh_cel_options options = {
        .roots = roots, .root_count = 2, .container = "in.put", .is_unchecked = is_unchecked
    };
    struct td_err err = { 0 };
    struct tdh_cel *cel = tdh_cel_compile_bytes(text, size, &options, &err);

    assert(cel != NULL || err.code == TD_E_INVAL || err.code == TD_E_LIMIT);
    return cel;
}

static json_t *run(struct fixture *fixture, const struct tdh_cel *cel, bool is_typed)
{
    const json_t *const roots[] = { fixture->input, fixture->vars };
    const struct tdh_cel_env env = { roots, 2 };
    struct td_err err = { 0 };
    json_t *value;

    tdh_arena_reset(&fixture->arena);
    if (is_typed)
        value = tdh_cel_eval_typed(cel, fixture->typed, &fixture->arena, &err);
    else
        value = tdh_cel_eval(cel, &env, &fixture->arena, &err);
    assert(value != NULL || err.code == TD_E_INVAL || err.code == TD_E_LIMIT);
    return value;
}

static void check_same(struct fixture *fixture, const struct tdh_cel *a, const struct tdh_cel *b,
                       bool is_typed)
{
    json_t *first = run(fixture, a, is_typed), *second = run(fixture, b, is_typed);

    assert((first == NULL) == (second == NULL) && (first == NULL || json_equal(first, second)));
    json_decref(first);
    json_decref(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fixture *fixture = fixture_once();
    struct tdh_cel *cel = compile(fixture, (const char *)bytes, size, true);
    struct tdh_cel *checked = compile(fixture, (const char *)bytes, size, false);

    if (cel != NULL) {
        check_same(fixture, cel, cel, true);
        check_same(fixture, cel, checked != NULL ? checked : cel, false);
    } else {
        assert(checked == NULL);
    }
    tdh_cel_free(checked);
    tdh_cel_free(cel);
    return 0;
}
