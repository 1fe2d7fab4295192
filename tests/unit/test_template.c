/* SPDX-License-Identifier: Apache-2.0 */
/* template: what each mark writes, and what each mistake is told as. */
#include "build_agent.h"

#include <stdlib.h>
#include <string.h>

#include "generation/template.h"

static const char data[] = "{'a': 'A', 'n': 3, 'r': 0.1, 'yes': true, 'no': false, 'nil': null, "
                           "'empty': [], 'o': {'x': {'y': 'deep'}, 'p.q': 'dotted'},"
                           " 'list': [{'a': 'one', 'b': true}, {'a': 'two'}], 'words': ['x', 'y'], "
                           "'bad': '<b> & \\u2028 </script>',"
                           " 'md': '# a|b_c* [x](y)\\n1. `z`', 'item': '- x', 'digits': '12. x'}";

static char *render(const char *text, size_t limit, struct td_err *err)
{
    struct template *template = template_parse(strdup(text), strlen(text), "t.tpl", err);
    json_t *values = agent_json(data);
    json_t *result = template != NULL ? template_render(template, values, limit, err) : NULL;
    char *copy = result != NULL ? strdup(json_string_value(result)) : NULL;

    json_decref(result);
    json_decref(values);
    template_free(template);
    return copy;
}

static const struct {
    const char *text, *want;
} rows[] = {
    { "", "" },
    { "plain } { text", "plain } { text" },
    { "{{text a}}-{{text n}}-{{text r}}-{{text yes}}-{{text nil}}", "A-3-0.1-true-" },
    { "{{text o.x.y}} {{text o.p.q}}", "deep dotted" },
    { "{{html bad}}", "&lt;b&gt; &amp; \xe2\x80\xa8 &lt;/script&gt;" },
    { "{{json bad}}", "\"\\u003cb\\u003e \\u0026 \\u2028 \\u003c/script\\u003e\"" },
    { "{{json list}}", "[{\"a\": \"one\", \"b\": true}, {\"a\": \"two\"}]" },
    { "{{json r}}", "0.1" },
    { "{{md md}}", "\\# a\\|b\\_c\\* \\[x\\](y) 1. \\`z\\`" },
    { "{{md item}} {{md digits}}", "\\- x 12\\. x" },
    { "{{#list}}{{text a}}{{#b}}!{{/b}},{{/list}}", "one!,two," },
    { "{{#list}}{{text n}}{{/list}}", "33" },
    { "{{#words}}{{text .}}{{/words}}", "xy" },
    { "{{#empty}}x{{/empty}}{{^empty}}none{{/empty}}", "none" },
    { "{{#no}}x{{/no}}{{#nil}}x{{/nil}}{{#a}}a{{/a}}{{^yes}}x{{/yes}}", "a" },
    { "{{#absent}}x{{/absent}}{{^absent}}y{{/absent}}", "y" },
    { "{{#o}}{{text x.y}}{{/o}}", "deep" },
    { "a\n  {{#yes}}\nb\n  {{/yes}}  \nc\n", "a\nb\nc\n" },
    { "{{#words}}\n- {{text .}}\n{{/words}}\n", "- x\n- y\n" },
    { "a {{#yes}}\nb{{/yes}}\n", "a \nb\n" },
};

static void each_mark_writes_its_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct td_err err;
        char *got = render(rows[i].text, 10000, &err);

        assert_non_null(got);
        assert_string_equal(got, rows[i].want);
        free(got);
    }
}

static const struct {
    const char *text, *want;
} mistakes[] = {
    { "a\nb {{text absent}}", "t.tpl:2:10: there is no value \"absent\"" },
    { "\xea\xb8\x80 {{html o.z}}", "t.tpl:1:10: there is no value \"o.z\"" },
    { "{{text list}}", "t.tpl:1:8: a list or an object has no text; use json for \"list\"" },
    { "{{a}}", "t.tpl:1:3: a mark begins with html, json, md, text, #, ^ or /, this one is \"a\"" },
    { "caf\xe9", "t.tpl: the template is not UTF-8" },
    { "\xed\xa0\x80", "t.tpl: the template is not UTF-8" },
    { "\xc0\xaf", "t.tpl: the template is not UTF-8" },
    { "{{text a b}}", "t.tpl:1:3: this is no name: \"a b\"" },
    { "{{text .a}}", "t.tpl:1:3: this is no name: \".a\"" },
    { "x {{text a", "t.tpl:1:3: this mark does not end" },
    { "{{#yes}}\n", "t.tpl:1:4: this section does not end: \"yes\"" },
    { "{{/yes}}", "t.tpl:1:4: this ends no section: \"yes\"" },
    { "{{#yes}}{{#no}}{{/yes}}{{/no}}",
      "t.tpl:1:19: another section is to be ended first: \"no\"" },
    { "{{#words}}0123456789{{/words}}", "t.tpl: gives more than 15 bytes" },
};

static void each_mistake_is_told_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        struct td_err err;

        assert_null(render(mistakes[i].text, 15, &err));
        assert_string_equal(err.text, mistakes[i].want);
    }
}

static void a_long_value_is_broken_and_moved_in(void **state)
{
    json_t *values = json_object();
    const char *text = "  x = {{json list}};\n";
    struct template *template;
    struct td_err err;
    char word[81];
    json_t *got;

    (void)state;
    memset(word, 'w', 80);
    word[80] = '\0';
    json_object_set_new(values, "list", json_pack("[s, {s:s}]", word, "a", word));
    template = template_parse(strdup(text), strlen(text), "t.tpl", &err);
    got = template_render(template, values, 1000, &err);
    assert_memory_equal(json_string_value(got), "  x = [\n    \"wwww", 16);
    assert_non_null(strstr(json_string_value(got), "\",\n    {\"a\": \"w"));
    assert_non_null(strstr(json_string_value(got), "\"}\n  ];\n"));
    json_decref(got);
    json_decref(values);
    template_free(template);
}

static void sections_nest_to_a_bound(void **state)
{
    char text[2000] = "";
    struct td_err err;

    (void)state;
    for (int i = 0; i < TEMPLATE_DEPTH + 1; i++)
        strcat(text, "{{#yes}}");
    assert_null(render(text, 100, &err));
    assert_non_null(strstr(err.text, "sections are too deep here"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mark_writes_its_value),
        cmocka_unit_test(each_mistake_is_told_with_its_place),
        cmocka_unit_test(a_long_value_is_broken_and_moved_in),
        cmocka_unit_test(sections_nest_to_a_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
