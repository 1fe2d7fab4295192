/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assembly: which files come together, which clashes are refused, and that each check finds what is
 * not whole.
 */
#include "build_agent.h"

#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "assembly/check.h"
#include "kit/json.h"

typedef int check_fn(const char *path, const char *text, size_t length, struct td_err *err);

/* want NULL: the text is fine. */
static const struct row {
    const char *text, *want;
} scripts[] = {
    { "", NULL },
    { "f(a[1], {b: `x${c ? `${d}` : '}'}`});", NULL },
    { "const r = /[/\"'`({\\]]+/gi.test(x) && a / b / c;", NULL },
    { "if (a) /\"/.test(b); while (x) /'/.exec(y);", NULL },
    { "x = (a + b) / 2; y = c[0] / 2 / 'd'.length;", NULL },
    { "return /'/.source; a.return / 2; i++ / 2; j-- / '2';", NULL },
    { "// it's (open\n/* so is [this */ 'a\\'b' + \"c\\\nd\"", NULL },
    { "a = `line\nline ${b + {c: {}}.c} $ {`;", NULL },
    { "class A { #x = 1; get y() { return this.#x / 2; } }", NULL },
    { "const \xea\xb0\x80 = 1 / \xea\xb0\x80 / 1;", NULL },
    { "f(1;", "f:1: \"(\" is not ended" },
    { "f();\n}", "f:2: \"}\" ends nothing" },
    { "f(1];", "f:1: \"]\" cannot end the \"(\" of line 1" },
    { "a = 'x\n';", "f:1: a string is not ended on its line" },
    { "a = `x ${b}\n", "f:1: a template is not ended" },
    { "a = `x ${b", "f:1: \"$\" is not ended" },
    { "\na = /x\n/;", "f:2: a regular expression is not ended on its line" },
    { "a\n/* b", "f:2: a comment is not ended" },
    { "a = '\\", "f:1: a string is not ended on its line" },
}, styles[] = {
    { "a { b: url(\"x)\"); } @media (min-width: 1px) { a[b='}'] { c: d } }", NULL },
    { "a { content: \"\\\"\"; } /* } */ .\\{ {}", NULL },
    { "a {\n b: c;\n", "f:1: \"{\" is not ended" },
    { "a { b: c) }", "f:1: \")\" cannot end the \"{\" of line 1" },
    { "a {}\n}", "f:2: \"}\" ends nothing" },
    { "a { b: 'c; }\n", "f:1: a string is not ended on its line" },
}, values[] = {
    { "{\"a\": [1, 2.5, null]}", NULL },
    { "{\"a\": 1, \"a\": 2}", "f:1: duplicate object key near '\"a\"'" },
    { "{\n\"a\": 1,\n}", "f:3: string or '}' expected near '}'" },
}, pages[] = {
    { "<!doctype html><p id=a>x &lt; y</p><label for='a'>b</label>"
      "<!-- <p id=a> --><script>if (a<b) '<p id=a>'</script>",
      NULL },
    { "<img src=\"a.png?x#y\"><a href=\"#top\">t</a>"
      "<a href='https://e.org/'>e</a><a href=mailto:a@b>m</a>",
      NULL },
    { "<img src=./sub/../a.png><a href=/sub/b.html>b</a>", NULL },
    { "<p id=x>\n<p id='x'>", "f:2: the id \"x\" is that of line 1, too" },
    { "<label\nfor=\"nobody\">x</label>",
      "f:2: a label is for \"nobody\", but nothing has this id" },
    { "\n\n<script src=\"js/gone.js\"></script>",
      "f:3: \"js/gone.js\" names the file \"js/gone.js\", which is not there" },
    { "<a href=\"../a.png\">x</a>", NULL }, /* above the root is the root, as in a browser */
    { "<a href=\"sub/c.html\">x</a>",
      "f:1: \"sub/c.html\" names the file \"sub/c.html\", which is not there" },
    { "<p title='a>", "f:1: the value of attribute \"title\" is not ended" },
    { "x\n<p class=a", "f:2: the tag <p> is not ended" },
    { "<!-- x", "f:1: a comment is not ended" },
    { "<script>x", "f:1: <script> is not ended" },
    { "a < b <3 </p><//>", NULL },
};

static int check_page(const char *path, const char *text, size_t length, struct td_err *err)
{
    json_t *files = agent_json("[{'path': 'a.png'}, {'path': 'sub/b.html'}]");
    int rc = check_html(path, text, length, files, NULL, err);

    json_decref(files);
    return rc;
}

static void run(const struct row *rows, size_t count, check_fn *check)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(rows[i].text);
        char *exact = malloc(length > 0 ? length : 1); /* so that reading past the end is seen */
        struct td_err err;
        int rc;

        memcpy(exact, rows[i].text, length);
        rc = check("f", exact, length, &err);
        if (rc != 0 && rows[i].want == NULL)
            fail_msg("%s: %s", rows[i].text, err.text);
        assert_int_equal(rc, rows[i].want != NULL ? -1 : 0);
        if (rc != 0)
            assert_string_equal(err.text, rows[i].want);
        free(exact);
    }
}

#define RUN(rows, check) run(rows, sizeof(rows) / sizeof((rows)[0]), check)

static void each_check_finds_what_is_not_whole(void **state)
{
    (void)state;
    RUN(scripts, check_javascript);
    RUN(styles, check_css);
    RUN(values, check_json);
    RUN(pages, check_page);
}

static void a_byte_of_zero_stops_no_check(void **state)
{
    static const char text[] = "a\0<p\0 id=\0x>\0";
    struct td_err err;

    (void)state;
    assert_int_equal(check_page("f", text, sizeof(text) - 1, &err), 0);
    assert_int_equal(check_javascript("f", text, sizeof(text) - 1, &err), 0);
    assert_int_equal(check_css("f", text, sizeof(text) - 1, &err), 0);
}

static struct agent *start(const char *data_dir)
{
    struct agent *agent = agent_new("plugins/agents/assembly", data_dir);
    struct td_err err;

    if (agent_start(agent, &err) != 0)
        fail_msg("%s", err.text);
    return agent;
}

static json_t *input_of(const char *chosen, const char *files)
{
    return json_pack("{s:{s:s}, s:{s:s}, s:{s:[]}, s:o, s:o, s:[{s:s, s:s}], s:[{s:s, s:s}]}",
                     "understanding", "name", "app", "selection", "stack", "static", "model",
                     "entities", "chosen", agent_json(chosen), "files", agent_json(files),
                     "generated", "need", "g", "component", "stars", "not_built", "wish", "w",
                     "from", "x");
}

static json_t *assemble(struct agent *agent, const char *chosen, const char *files,
                        struct td_err *err)
{
    return agent_call(agent, "assemble", input_of(chosen, files), err);
}

#define PAGE(scripts)                                                                              \
    "{'path': 'index.html', 'text': '<link href=css/base.css rel=stylesheet>" scripts "'}"
#define SCRIPT(name) "<script src=js/" name ".js></script>"
#define CHOSEN "[{'need': 'n', 'component': 'list', 'match': 1.0, 'origin': 'catalogue'}]"

static void a_project_has_all_files_sorted_and_checked(void **state)
{
    struct agent *agent = start("tests/data");
    struct td_err err;
    json_t *output = assemble(agent, CHOSEN,
                              "[" PAGE(SCRIPT("base") SCRIPT("own")
                                           SCRIPT("list")) ", {'path': 'js/own.js', 'text': '1'}]",
                              &err);
    json_t *want = agent_json(
        "{'components': [{'need': 'n', 'component': 'list', 'match': 1.0, 'origin': 'catalogue'},"
        " {'need': 'g', 'component': 'stars', 'match': 1.0, 'origin': 'generated'}],"
        " 'parts': [{'name': 'base', 'version': '1.0.0'}, {'name': 'list', 'version': '1.2.0'},"
        " {'name': 'stars', 'version': '1.0.0'}], 'not_built': [{'wish': 'w', 'from': 'x'}],"
        " 'checks': [{'check': 'json', 'files': 0}, {'check': 'javascript', 'files': 4},"
        " {'check': 'css', 'files': 1}, {'check': 'html', 'files': 1}]}");
    static const char *const paths[] = { "css/base.css", "index.html", "js/base.js",
                                         "js/list.js",   "js/own.js",  "tests/base.test.js" };
    const char *key;
    json_t *value;

    (void)state;
    if (output == NULL)
        fail_msg("%s", err.text);
    json_object_foreach (want, key, value)
        assert_true(json_equal(json_object_get(output, key), value));
    assert_int_equal(json_array_size(json_object_get(output, "files")), 6);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(
            kit_str(json_array_get(json_object_get(output, "files"), i), "path", ""), paths[i]);
    assert_memory_equal(kit_str(output, "id", ""), "app-", 4);
    json_decref(want);
    json_decref(output);
    agent_free(agent);
}

static const struct {
    const char *chosen, *files, *want;
} refusals[] = {
    { "[{'need': 'n', 'component': 'gone'}]", "[]",
      "component \"gone\" was chosen, but the catalogue of stack \"static\" does not have it" },
    { CHOSEN, "[{'path': 'js/list.js', 'text': 'mine'}]",
      "the generated file \"js/list.js\" is one of component \"list\", too" },
    { CHOSEN, "[{'path': 'a.txt', 'text': '1'}, {'path': 'a.txt', 'text': '2'}]",
      "the file \"a.txt\" is generated twice, with different texts" },
    { CHOSEN, "[{'path': '../a.txt', 'text': '1'}]", "the path \"../a.txt\" has a \"..\" part" },
    { CHOSEN, "[{'path': 'JS/list.js', 'text': '1'}]",
      "the files \"JS/list.js\" and \"js/list.js\" would be one file" },
    { CHOSEN, "[{'path': 'js/list.js/x', 'text': '1'}]",
      "the file \"js/list.js\" is a folder of the file \"js/list.js/x\", too" },
    { CHOSEN, "[{'path': 'b.js', 'text': '(\\n('}]",
      "check \"javascript\": b.js:2: \"(\" is not ended" },
    { CHOSEN, "[" PAGE(SCRIPT("base")) "]",
      "check \"html\": index.html:1: does not load \"js/list.js\", which a component brings" },
    { CHOSEN, "[" PAGE(SCRIPT("list") SCRIPT("base")) "]",
      "check \"html\": index.html:1: loads \"js/list.js\" before something that it requires" },
};

static void what_does_not_fit_is_refused_by_name(void **state)
{
    struct agent *agent = start("tests/data");

    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct td_err err;

        assert_null(assemble(agent, refusals[i].chosen, refusals[i].files, &err));
        assert_string_equal(err.text, refusals[i].want);
    }
    agent_free(agent);
}

static void write_component(const char *folder, const char *name, const char *requires,
                            const char *text)
{
    char path[100], yaml[600];

    snprintf(path, sizeof(path), "catalogue/static/%s/component.yaml", name);
    snprintf(yaml, sizeof(yaml),
             "name: %s\nversion: \"1\"\nstack: static\ntitle: {en: A, ko: B}\ntext: {en: A, ko: "
             "B}\ncapabilities: [%s]\n"
             "field_types: []\nfeatures: []\nlayouts: []\nrequires: [%s]\nfiles: [{from: x.txt, "
             "to: x.txt}]\n",
             name, name, requires);
    agent_write(folder, path, yaml);
    if (text == NULL)
        return;
    snprintf(path, sizeof(path), "catalogue/static/%s/x.txt", name);
    agent_write(folder, path, text);
}

static const struct {
    const char *chosen;
    const char *text; /* of x.txt; NULL: refused */
    const char *want;
} clashes[] = {
    { "[{'component': 'a'}, {'component': 'same'}]", "one\n", NULL },
    { "[{'component': 'over'}]", "two\n", NULL },
    { "[{'component': 'a'}, {'component': 'other'}]", NULL,
      "components \"a\" and \"other\" bring different files \"x.txt\", and neither requires the "
      "other" },
    { "[{'component': 'hollow'}]", NULL, "component \"hollow\": could not read \"" },
    { "[{'component': 'latin'}]", NULL, "component \"latin\": \"" },
};

static void the_same_path_is_one_file_or_a_conflict(void **state)
{
    char *folder = agent_folder();
    struct agent *agent;

    (void)state;
    write_component(folder, "a", "", "one\n");
    write_component(folder, "same", "", "one\n");
    write_component(folder, "over", "same, a", "two\n");
    write_component(folder, "other", "", "three\n");
    write_component(folder, "hollow", "", NULL);
    write_component(folder, "latin", "", "caf\xe9\n");
    agent = start(folder);
    for (size_t i = 0; i < sizeof(clashes) / sizeof(clashes[0]); i++) {
        struct td_err err;
        json_t *output = assemble(agent, clashes[i].chosen, "[]", &err);

        assert_true((output != NULL) == (clashes[i].text != NULL));
        if (output != NULL)
            assert_string_equal(
                kit_str(json_array_get(json_object_get(output, "files"), 0), "text", ""),
                clashes[i].text);
        else
            assert_memory_equal(err.text, clashes[i].want, strlen(clashes[i].want));
        json_decref(output);
    }
    agent_free(agent);
    agent_clear(folder);
}

static struct agent *make(void)
{
    return agent_new("plugins/agents/assembly", "tests/data");
}

static void each_lack_of_memory_is_told(void **state)
{
    (void)state;
    agent_starve(make, "assemble", input_of(CHOSEN, "[" PAGE(SCRIPT("base") SCRIPT("list")) "]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_check_finds_what_is_not_whole),
        cmocka_unit_test(a_byte_of_zero_stops_no_check),
        cmocka_unit_test(a_project_has_all_files_sorted_and_checked),
        cmocka_unit_test(what_does_not_fit_is_refused_by_name),
        cmocka_unit_test(the_same_path_is_one_file_or_a_conflict),
        cmocka_unit_test(each_lack_of_memory_is_told),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
