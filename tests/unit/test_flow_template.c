/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow template: ${CEL} in strings of a value.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cel/cel.h"

static const struct tdh_cel_root root = { "a", NULL };

static int at(void *arg, const char *pointer, struct td_err *err)
{
    (void)arg;
    return td_context(err, "at %s", pointer);
}

static struct tdh_template *template_of(const char *text, const char *want, struct td_err *err)
{
    json_t *value = json_of(text), *schema = want != NULL ? json_of(want) : NULL;
    const struct tdh_cel_options options = { .roots = &root, .root_count = 1, .want = schema };
    struct tdh_template *template = tdh_template_new(value, &options, "", at, NULL, err);

    json_decref(value);
    json_decref(schema);
    return template;
}

/* The result as text, or the error's. free(). */
static char *result_of(const char *text, const char *a)
{
    struct td_err err;
    struct tdh_template *template = template_of(text, NULL, &err);
    struct tdh_arena arena = { 0 };
    json_t *value = json_of(a), *result = NULL;
    const json_t *roots[] = { value };
    const struct tdh_cel_env env = { roots, 1 };
    char *shown;

    if (template != NULL)
        result = tdh_template_eval(template, &env, &arena, &err);
    shown = result != NULL ? text_of(result) : strdup(err.text);
    json_decref(result);
    json_decref(value);
    tdh_template_free(template);
    tdh_arena_free(&arena);
    return shown;
}

static void expressions_are_evaluated_where_they_stand(void **state)
{
    static const struct {
        const char *text, *a, *want;
    } rows[] = {
        /* alone it keeps its type */
        { "'${a}'", "{'x':[1,null]}", "{'x':[1,null]}" },
        { "'${a + 1}'", "1", "2" },
        { "'${ a }'", "null", "null" },
        /* within text it is printed */
        { "'x ${a}'", "'y'", "'x y'" },
        { "'${a} x ${a}'", "1.5", "'1.5 x 1.5'" },
        { "'${a}${a}'", "true", "'truetrue'" },
        { "'<${a}>'", "{'x':[1,null]}", "'<{\\'x\\':[1,null]}>'" },
        { "'<${a}>'", "null", "'<null>'" },
        /* braces and strings of CEL are seen */
        { "'${ {\\\"k\\\": a}.k }'", "1", "1" },
        { "'${ \\\"}\\\" + a }'", "'x'", "'}x'" },
        { "'${ \\\"\\\\\\\"}\\\" + a }'", "'x'", "'\\'}x'" },
        { "'${ r\\\"\\\\\\\" + a }'", "'x'", "'\\\\x'" },
        { "'${ \\\"\\\"\\\"a}\\\"b\\\"\\\"\\\" + a }'", "'x'", "'a}\\'bx'" },
        { "'${ {\\\"a\\\": {}} } x'", "1", "'{\\'a\\':{}} x'" },
        /* a plain ${ */
        { "'$${a}'", "1", "'${a}'" },
        { "'$${a} is ${a}'", "1", "'${a} is 1'" },
        { "['$${', 'x$${y}']", "1", "['${','x${y}']" },
        { "'$ {a} $'", "1", "'$ {a} $'" },
        { "'$$${a}'", "1", "'$${a}'" },
        /* in arrays and objects; keys are as they are */
        { "{'k':['${a}',{'${a}':'${a}'}],'l':{}}", "1", "{'k':[1,{'${a}':1}],'l':{}}" },
        { "[]", "1", "[]" },
        { "''", "1", "''" },
        { "'a\\u0000${a}'", "1", "'a\\u00001'" },
        /* what fails */
        { "'${a'", "1", "at : '${' without its closing '}' in '${a'" },
        { "'x ${ \\\"}'", "1", "at : '${' without its closing '}' in '${ '}'" },
        { "{'k/l':['${b}']}", "1", "at /k~1l/0: '${b}': 1:1: variable 'b' is not known" },
        { "'${a.x}'", "{}", "'${a.x}': 1:3: no such key 'x'" },
        { "'is ${a.x}'", "{}", "'${a.x}': 1:3: no such key 'x'" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *shown = result_of(rows[i].text, rows[i].a);

        for (char *c = shown; *c != '\0'; c++)
            *c = *c == '"' ? '\'' : *c;
        assert_string_equal(shown, rows[i].want);
        free(shown);
    }
}

static void types_are_held_against_the_schema(void **state)
{
    static const struct {
        const char *text, *want, *says;
    } rows[] = {
        { "'${1 + 1}'", "{'type':'string'}",
          "at : \"${1 + 1}\": 1:1: result is int, which does not fit string" },
        { "{'k':'${1}'}", "{'properties':{'k':{'type':'string'}}}",
          "at /k: \"${1}\": 1:1: result is int, which does not fit string" },
        { "['x','${1}']", "{'items':{'type':'string'}}",
          "at /1: \"${1}\": 1:1: result is int, which does not fit string" },
        { "'n ${1}'", "{'type':'integer'}",
          "at : must be of type integer, is a text with an expression in it" },
        { "'n ${1}'", "{'type':'string'}", "valid" },
        { "'${a}'", "{'type':'string'}", "valid" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct td_err err;
        struct tdh_template *template = template_of(rows[i].text, rows[i].want, &err);

        assert_string_equal(template != NULL ? "valid" : err.text, rows[i].says);
        tdh_template_free(template);
    }
}

static void parts_without_expressions_are_shared(void **state)
{
    json_t *value = json_of("{'big':{'l':[1,2,3]},'n':'${a}'}"),
           *plain = json_object_get(value, "big"), *one = json_integer(1), *results[2];
    const struct tdh_cel_options options = { .roots = &root, .root_count = 1 };
    const json_t *roots[] = { one };
    const struct tdh_cel_env env = { roots, 1 };
    struct tdh_arena arena = { 0 };
    struct td_err err;
    struct tdh_template *template = tdh_template_new(value, &options, "", at, NULL, &err);

    (void)state;
    assert_null(tdh_template_const(template));
    assert_int_equal(tdh_template_reads(template), 1);
    for (size_t i = 0; i < 2; i++) {
        results[i] = tdh_template_eval(template, &env, &arena, &err);
        assert_ptr_equal(json_object_get(results[i], "big"), plain);
        json_decref(results[i]);
    }
    tdh_template_free(template);
    template = tdh_template_new(plain, &options, "", at, NULL, &err);
    assert_ptr_equal(tdh_template_const(template), plain);
    assert_int_equal(tdh_template_reads(template), 0);
    assert_true(tdh_template_is_plain(plain));
    assert_false(tdh_template_is_plain(value));
    tdh_template_free(template);
    tdh_arena_free(&arena);
    json_decref(value);
    json_decref(one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_are_evaluated_where_they_stand),
        cmocka_unit_test(types_are_held_against_the_schema),
        cmocka_unit_test(parts_without_expressions_are_shared),
    };

    return cmocka_run_group_tests_name("flow template", tests, NULL, NULL);
}
