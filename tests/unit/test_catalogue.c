/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue: the YAML people write, the rules of a component, the load order;
 * and that the shipped catalogue keeps them. */
#include "build_agent.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/json.h"
#include "kit/path.h"
#include "kit/resolve.h"
#include "kit/yaml.h"

static const struct {
    const char *text, *want; /* want: JSON in single quotes, or what the error says */
} yaml_rows[] = {
    { "a: 1\nb: [x, 1.0.0, '1', true, ~, 2.5, -3]\n",
      "{'a': 1, 'b': ['x', '1.0.0', '1', true, null, 2.5, -3]}" },
    { "t: {en: Yes, ko: 예}\n", "{'t': {'en': 'Yes', 'ko': '예'}}" },
    { "a: |\n  x\n  y\n", "{'a': 'x\\ny\\n'}" },
    { "a: yes\nb: 0x10\nc: 1_000\nd: 007\n",
      "{'a': 'yes', 'b': '0x10', 'c': '1_000', 'd': '007'}" },
    { "[-0, 1e3, -2.5E-1, 1., .5, -, 1234567890123456789]",
      "[0, 1000.0, -0.25, '1.', '.5', '-', '1234567890123456789']" },
    { "a: 1\na: 2\n", "f:2:1: this key stands here already" },
    { "a: &x 1\nb: *x\n", "f:1:4: anchors and tags are not read here" },
    { "a: !!str 1\n", "f:1:4: anchors and tags are not read here" },
    { "b: *x\n", "f:1:4: aliases are not read here" },
    { "<<: {a: 1}\n", "f:1:1: merge keys and NUL bytes are not read here" },
    { "? [a]\n: 1\n", "f:1:3: a key must be a plain or quoted string" },
    { "a: 1\n---\nb: 2\n", "f:2:1: one document is allowed" },
    { "", "f:1:1: the file is empty" },
    { "a: [1\n", "f:2:1: did not find expected ',' or ']'" },
};

static void yaml_is_read_or_refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(yaml_rows) / sizeof(yaml_rows[0]); i++) {
        struct td_err err = { .code = TD_OK };
        json_t *got = kit_yaml_parse(yaml_rows[i].text, strlen(yaml_rows[i].text), "f", &err);
        json_t *want = got != NULL ? agent_json(yaml_rows[i].want) : NULL;

        if (got != NULL)
            assert_true(json_equal(got, want));
        else
            assert_string_equal(err.text, yaml_rows[i].want);
        json_decref(got);
        json_decref(want);
    }
}

static void yaml_nests_to_a_bound(void **state)
{
    char text[2 * KIT_YAML_DEPTH + 10];
    struct td_err err;

    (void)state;
    memset(text, '[', KIT_YAML_DEPTH + 1);
    memset(text + KIT_YAML_DEPTH + 1, ']', KIT_YAML_DEPTH + 1);
    text[2 * KIT_YAML_DEPTH + 2] = '\0';
    assert_null(kit_yaml_parse(text, strlen(text), "f", &err));
    assert_non_null(strstr(err.text, "nested too deeply"));
}

/* `edit` is merged over a good description; a null takes a key away. */
static const struct {
    const char *edit, *want; /* want NULL: it is fine */
} component_rows[] = {
    { "{}", NULL },
    { "{'tests': [{'from': 'a.js', 'to': 'tests/a.js'}], 'strings': {'en': {'a': 'A'}, 'ko': {'a': "
      "'B'}}}",
      NULL },
    { "{'version': null}", "f: key \"version\": is missing" },
    { "{'version': 1.0}",
      "f: key \"version\": must be a string; put a version in quotes if it looks like a number" },
    { "{'name': 'b'}", "f: key \"name\": must be the name of the folder" },
    { "{'stack': 'other'}", "f: key \"stack\": must be the name of the folder above" },
    { "{'colour': 'red'}", "f: key \"colour\": a component has no such key" },
    { "{'title': {'en': 'A'}}",
      "f: key \"title\": must have a text for \"en\" and one for \"ko\"" },
    { "{'title': {'en': 'A', 'ko': 'B', 'fr': 'C'}}",
      "f: key \"title\": has a language that is not \"en\" or \"ko\"" },
    { "{'capabilities': 'a'}", "f: key \"capabilities\": must be a list of names" },
    { "{'requires': ['A b']}", "f: key \"requires\": a name has only a-z, 0-9 and \"-\"" },
    { "{'files': [{'from': 'a.js', 'to': '../a.js'}]}",
      "f: key \"files\": each \"to\" is a path in the project: relative, without \"..\"" },
    { "{'files': [{'from': '/etc/passwd', 'to': 'a'}]}",
      "f: key \"files\": each item has \"from\", a path in the component's folder, and \"to\"" },
    { "{'strings': {'en': {'a': 'A'}, 'ko': {}}}",
      "f: key \"strings\": \"a\" has no text in \"ko\"" },
    { "{'strings': {'en': {}, 'ko': {'b': 'B'}}}",
      "f: key \"strings\": \"b\" has no text in \"en\"" },
    { "{'strings': {'en': {}}}",
      "f: key \"strings\": must have exactly \"en\" and \"ko\", each a mapping" },
};

static void each_rule_of_a_component_is_kept(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(component_rows) / sizeof(component_rows[0]); i++) {
        json_t *doc = agent_json(
            "{'name': 'a', 'version': '1', 'stack': 's', 'title': {'en': 'A', 'ko': 'B'},"
            "'text': {'en': 'A', 'ko': 'B'}, 'capabilities': ['a'], 'field_types': [],"
            "'features': [], 'layouts': [], 'requires': [], 'files': []}");
        json_t *edit = agent_json(component_rows[i].edit);
        struct kit_component component;
        struct td_err err;
        const char *key;
        json_t *value;
        int rc;

        json_object_foreach (edit, key, value)
            json_is_null(value) ? json_object_del(doc, key) : json_object_set(doc, key, value);
        rc = kit_component_check(doc, "f", "s", "a", &component, &err);
        assert_int_equal(rc, component_rows[i].want != NULL ? -1 : 0);
        if (rc != 0)
            assert_string_equal(err.text, component_rows[i].want);
        json_decref(doc);
        json_decref(edit);
    }
}

static const struct {
    const char *path, *want;
} path_rows[] = {
    { "index.html", NULL },
    { "js/a-b_c.d.js", NULL },
    { "", "is empty" },
    { "/etc/passwd", "is absolute" },
    { "../x", "has a \"..\" part" },
    { "a/../../x", "has a \"..\" part" },
    { "a//b", "has an empty or \".\" part" },
    { "./a", "has an empty or \".\" part" },
    { "a/", "has an empty or \".\" part" },
    { "a\nb", "has a character that is not A-Z, a-z, 0-9, \".\", \"_\", \"-\" or \"/\"" },
    { "a\\b", "has a character that is not A-Z, a-z, 0-9, \".\", \"_\", \"-\" or \"/\"" },
    { "C:x", "has a character that is not A-Z, a-z, 0-9, \".\", \"_\", \"-\" or \"/\"" },
    { "a/b/c/d/e/f/g/h/i/j/k/l/m", "has more than 12 parts" },
};

static void no_path_leaves_the_project(void **state)
{
    char path[KIT_PATH_LENGTH + 2];

    (void)state;
    for (size_t i = 0; i < sizeof(path_rows) / sizeof(path_rows[0]); i++) {
        const char *fault = kit_path_fault(path_rows[i].path);

        assert_true((fault == NULL) == (path_rows[i].want == NULL));
        if (fault != NULL)
            assert_string_equal(fault, path_rows[i].want);
    }
    memset(path, 'a', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_string_equal(kit_path_fault(path), "is longer than 200 bytes");
}

/* A component with nothing but a name and what it requires and excludes. */
static void write_component(const char *folder, const char *name, const char *requires,
                            const char *conflicts)
{
    char path[100], text[600];

    snprintf(path, sizeof(path), "s/%s/component.yaml", name);
    snprintf(
        text, sizeof(text),
        "name: %s\nversion: \"1\"\nstack: s\ntitle: {en: A, ko: B}\ntext: {en: A, ko: "
        "B}\ncapabilities: [%s]\n"
        "field_types: []\nfeatures: []\nlayouts: []\nrequires: [%s]\nconflicts: [%s]\nfiles: []\n",
        name, name, requires, conflicts);
    agent_write(folder, path, text);
}

static char *write_catalogue(void)
{
    char *folder = agent_folder();

    write_component(folder, "a", "c, b", "");
    write_component(folder, "b", "d", "");
    write_component(folder, "c", "", "");
    write_component(folder, "d", "", "");
    write_component(folder, "e", "", "d");
    write_component(folder, "lost", "nowhere", "");
    write_component(folder, "x", "y", "");
    write_component(folder, "y", "z", "");
    write_component(folder, "z", "y", "");
    agent_write(folder, "README.md", "a file beside the stacks");
    return folder;
}

static const struct {
    const char *chosen, *generated, *want; /* want: the order, or the error */
} order_rows[] = {
    { "[]", "[]", "" },
    { "[{'component': 'a'}]", "[]", "c d b a" },
    { "[{'component': 'd'}, {'component': 'b'}, {'component': 'd'}]", "[]", "d b" },
    { "[{'component': 'c'}]", "[{'requires': ['b']}]", "c d b" },
    { "[{'component': 'no'}]", "[]",
      "component \"no\" was chosen, but the catalogue of stack \"s\" does not have it" },
    { "[]", "[{'requires': ['no']}]",
      "component \"no\" is required by a generated one, but the catalogue of stack \"s\" does not "
      "have it" },
    { "[{'component': 'lost'}]", "[]",
      "component \"lost\" requires \"nowhere\", which the catalogue of stack \"s\" does not have" },
    { "[{'component': 'x'}]", "[]", "components require each other in a circle: y -> z -> y" },
    { "[{'component': 'e'}, {'component': 'b'}]", "[]",
      "component \"e\" cannot be in one project with \"d\": it names it in \"conflicts\"" },
};

static void components_stand_behind_what_they_require(void **state)
{
    char *folder = write_catalogue();
    struct td_err err;
    struct kit_catalogue *catalogue = kit_catalogue_read(folder, &err);

    (void)state;
    assert_non_null(catalogue);
    for (size_t i = 0; i < sizeof(order_rows) / sizeof(order_rows[0]); i++) {
        json_t *chosen = agent_json(order_rows[i].chosen);
        json_t *generated = agent_json(order_rows[i].generated);
        struct kit_order order = { 0 };
        char got[TD_ERR_TEXT] = "";

        if (kit_resolve(catalogue, "s", chosen, generated, &order, &err) != 0)
            snprintf(got, sizeof(got), "%s", err.text);
        for (size_t j = 0; j < order.count; j++)
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s", j > 0 ? " " : "",
                     order.items[j]->name);
        assert_string_equal(got, order_rows[i].want);
        kit_order_free(&order);
        json_decref(chosen);
        json_decref(generated);
    }
    kit_catalogue_free(catalogue);
    agent_clear(folder);
}

static void a_catalogue_that_cannot_be_read_says_why(void **state)
{
    char *folder = agent_folder();
    struct td_err err;

    (void)state;
    assert_null(kit_catalogue_read("/nowhere/at/all", &err));
    assert_int_equal(err.code, TD_E_NOTFOUND);
    assert_string_equal(err.text,
                        "catalogue: could not read \"/nowhere/at/all\": No such file or directory");
    agent_write(folder, "s/a/component.yaml", "name: [a\n");
    assert_null(kit_catalogue_read(folder, &err));
    assert_int_equal(err.code, TD_E_CONFIG);
    assert_non_null(strstr(err.text, "/s/a/component.yaml:2:1: "));
    agent_clear(folder);
}

static void check_files(const struct kit_component *component, const json_t *files)
{
    const json_t *file;
    size_t i;

    json_array_foreach ((json_t *)files, i, file) {
        char *path = NULL;

        assert_true(asprintf(&path, "%s/%s", component->folder, kit_str(file, "from", "")) >= 0);
        if (access(path, R_OK) != 0)
            fail_msg("component \"%s\": there is no \"%s\"", component->name, path);
        free(path);
    }
}

/* kit_catalogue_read checks each description, both languages included. */
static void the_shipped_catalogue_is_whole(void **state)
{
    struct td_err err;
    struct kit_catalogue *catalogue = kit_catalogue_read(TEST_SRCDIR "/conf/catalogue", &err);

    (void)state;
    if (catalogue == NULL)
        fail_msg("%s", err.text);
    assert_true(catalogue->count > 0);
    for (size_t i = 0; i < catalogue->count; i++) {
        const struct kit_component *component = &catalogue->items[i];
        json_t *chosen = json_pack("[{s:s}]", "component", component->name);
        struct kit_order order = { 0 };

        if (kit_resolve(catalogue, component->stack, chosen, NULL, &order, &err) != 0)
            fail_msg("%s", err.text);
        assert_ptr_equal(order.items[order.count - 1], component);
        check_files(component, component->files);
        check_files(component, component->tests);
        kit_order_free(&order);
        json_decref(chosen);
    }
    kit_catalogue_free(catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yaml_is_read_or_refused_with_its_place),
        cmocka_unit_test(yaml_nests_to_a_bound),
        cmocka_unit_test(each_rule_of_a_component_is_kept),
        cmocka_unit_test(no_path_leaves_the_project),
        cmocka_unit_test(components_stand_behind_what_they_require),
        cmocka_unit_test(a_catalogue_that_cannot_be_read_says_why),
        cmocka_unit_test(the_shipped_catalogue_is_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
