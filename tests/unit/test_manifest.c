/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest: what a manifest may say, and the words for what it may not.
 */
#include "plugin/internal.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc_fail.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* The least a manifest may be. A row replaces the line of its key, or comes behind the last. */
static const char *const least[] = {
    "apiVersion: tdev/v1",       /* line 1 */
    "kind: agent",               /* 2 */
    "name: x",                   /* 3 */
    "version: 1.0.0",            /* 4 */
    "library: x.so",             /* 5 */
    "sdk: \"^1.0\"",             /* 6 */
    "capabilities: [{name: a}]", /* 7 */
};

static bool has_same_key(const char *line, const char *other)
{
    size_t length = strcspn(line, ":");

    return strncmp(line, other, length) == 0 && other[length] == ':';
}

/* Prints the least manifest with another line, which may be NULL.
 * A line that is only a key takes the key away. */
static void compose(char *text, size_t size, const char *line)
{
    bool is_placed = line == NULL;
    size_t length = 0;

    text[0] = '\0';
    for (size_t i = 0; i < COUNT(least); i++) {
        const char *chosen = least[i];

        if (line != NULL && has_same_key(line, least[i])) {
            chosen = strchr(line, ':')[1] != '\0' ? line : "";
            is_placed = true;
        }
        length += (size_t)snprintf(text + length, size - length, "%s\n", chosen);
    }
    if (!is_placed)
        snprintf(text + length, size - length, "%s\n", line);
}

static struct tdh_manifest *parse(const char *line, struct td_err *err)
{
    char text[4096];

    compose(text, sizeof(text), line);
    return tdh_manifest_parse(text, strlen(text), "/plugins/x", err);
}

static void the_least_manifest_gets_defaults(void **state)
{
    struct td_err err;
    struct tdh_manifest *manifest = parse(NULL, &err);

    (void)state;
    assert_non_null(manifest);
    assert_string_equal(manifest->folder, "/plugins/x");
    assert_string_equal(manifest->path, "/plugins/x/plugin.yaml");
    assert_string_equal(manifest->name, "x");
    assert_string_equal(manifest->library, "x.so");
    assert_string_equal(manifest->version_text, "1.0.0");
    assert_int_equal(manifest->kind, TD_KIND_AGENT);
    assert_false(manifest->is_isolation_given || manifest->is_blocking || manifest->is_threaded);
    assert_int_equal(manifest->isolation, TDH_INLINE);
    assert_int_equal(manifest->host.count, 0);
    assert_int_equal(manifest->capability_count, 1);
    assert_ptr_equal(tdh_manifest_capability(manifest, "a"), manifest->capabilities);
    assert_null(tdh_manifest_capability(manifest, "b"));
    assert_int_equal(manifest->capabilities[0].effects, TDH_EFFECTS_EXTERNAL);
    assert_null(manifest->capabilities[0].input);
    assert_int_equal(manifest->option_count + manifest->need_count + manifest->conflict_count, 0);
    assert_null(manifest->permissions);
    assert_null(manifest->sha256);
    tdh_manifest_free(manifest);
}

static const char whole[] =
    "apiVersion: tdev/v1\nkind: agent\nname: x\nversion: 1.2.3-rc.1\ndescription: Does "
    "it\nlibrary: x.so\n"
    "sdk: \"^1.0\"\nhost: \">=0.1 <2\"\nisolation: process\nexecution: blocking\nconcurrency: "
    "threads\n"
    "requires: [{plugin: sqlite, version: \"^1\"}, {plugin: mail}]\nconflicts: [{plugin: old, "
    "version: \"*\"}]\n"
    "limits: {memory: 256MiB, cpu: 1.5, calls: 50, timeout: 300s}\n"
    "permissions: {network: [a:1], models: [\"*\"], agents: [\"mail-*\", b], store: [kv, \"*\"], "
    "files: [/tmp]}\n"
    "capabilities:\n  - {name: a, type: t, text: Does a, effects: none, estimate: 5ms, uses: "
    "{cost: 0.02}, "
    "permissions: [\"store:kv\"],\n"
    "     input: {type: object}, output: true}\n  - {name: b.c_d-1, effects: idempotent}\n"
    "options:\n  - {name: s, type: string, required: true, secret: true, text: A text}\n"
    "  - {name: i, type: int, default: 20, min: 1, max: 200, unit: things}\n  - {name: r, type: "
    "real, default: 1, max: 2.5}\n"
    "  - {name: b, type: bool, default: true}\n  - {name: d, type: duration, default: 1m30s, min: "
    "0s, max: 600000}\n"
    "  - {default: 16MiB, name: z, type: size, min: 4096}\n  - {name: c, type: choice, choices: "
    "[red, blue], default: blue}\n"
    "  - {name: l, type: list, choices: [p, q], default: [q, p]}\n"
    "integrity:\n  sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
    "tags: [one, two]\nauthor: Somebody\nlicense: MIT\nhomepage: https://example.org/\n";

static void every_key_is_read(void **state)
{
    struct td_err err = { 0 };
    struct tdh_manifest *manifest = tdh_manifest_parse(whole, strlen(whole), "/plugins/x/", &err);

    (void)state;
    assert_string_equal(err.text, "");
    assert_string_equal(manifest->description, "Does it");
    assert_string_equal(manifest->version.pre, "rc.1");
    assert_true(manifest->is_isolation_given && manifest->is_blocking && manifest->is_threaded);
    assert_int_equal(manifest->isolation, TDH_PROCESS);
    assert_int_equal(manifest->need_count, 2);
    assert_string_equal(manifest->needs[0].range_text, "^1");
    assert_string_equal(manifest->needs[1].plugin, "mail");
    assert_string_equal(manifest->needs[1].range_text, "*");
    assert_int_equal(manifest->conflict_count, 1);
    assert_int_equal(manifest->timeout_ms, 300000);
    assert_int_equal(manifest->max_calls, 50);
    assert_string_equal(json_string_value(json_object_get(manifest->limits, "memory")), "256MiB");
    assert_int_equal(manifest->capability_count, 2);
    assert_int_equal(manifest->capabilities[0].effects, TDH_EFFECTS_NONE);
    assert_int_equal(manifest->capabilities[0].estimate_ms, 5);
    assert_int_equal(tdh_meters_get(manifest->capabilities[0].uses, "cost"), 20000);
    assert_null(manifest->capabilities[1].uses);
    assert_true(json_is_object(manifest->capabilities[0].input) &&
                json_is_true(manifest->capabilities[0].output));
    assert_int_equal(manifest->capabilities[1].effects, TDH_EFFECTS_IDEMPOTENT);
    assert_int_equal(strlen(manifest->sha256), 64);
    tdh_manifest_free(manifest);
}

static void options_keep_their_values_as_numbers(void **state)
{
    struct td_err err = { 0 };
    struct tdh_manifest *manifest = tdh_manifest_parse(whole, strlen(whole), "/plugins/x", &err);
    const struct tdh_option *options = manifest->options;

    (void)state;
    assert_int_equal(manifest->option_count, 8);
    assert_true(options[0].is_required && options[0].is_secret && options[0].value == NULL);
    assert_true(isinf(options[0].min) && isinf(options[0].max));
    assert_string_equal(options[1].unit, "things");
    assert_true(options[1].min == 1 && options[1].max == 200);
    assert_true(options[2].type == TDH_OPT_REAL && isinf(options[2].min) && options[2].max == 2.5);
    assert_true(json_is_true(options[3].value));
    assert_int_equal(json_integer_value(options[4].value), 90000);
    assert_true(options[4].min == 0 && options[4].max == 600000);
    assert_int_equal(json_integer_value(options[5].value), 16 << 20);
    assert_int_equal(json_array_size(options[6].choices), 2);
    assert_int_equal(json_array_size(options[7].value), 2);
    tdh_manifest_free(manifest);
}

/* What stands behind `plugin "x": plugin.yaml:`. */
static const struct {
    const char *line, *want;
} refusals[] = {
    { "libary: x.so", "8:1: unrecognized key \"libary\", did you mean \"library\"" },
    { "colour: red", "8:1: unrecognized key \"colour\"" },
    { "sdk: 1\nsdk: 2", "7:1: key \"sdk\" stands twice, first in line 6, column 1" },
    { "library:", "1:1: key \"library\" is missing" },
    { "sdk:", "1:1: key \"sdk\" is missing" },
    { "apiVersion: tdev/v2", "1:13: apiVersion is \"tdev/v2\", must be tdev/v1" },
    { "kind: agnet", "2:7: kind is \"agnet\", must be one of agent, storage, pattern, provider, "
                     "did you mean \"agent\"" },
    { "kind: [agent]", "2:7: \"kind\" is of type array, must be a string" },
    { "kind: provider", "7:1: a provider has no capabilities, only agents do" },
    { "kind: storage", "7:1: a storage has no capabilities, only agents do" },
    { "name: y", "3:7: name \"y\" is not that of the folder \"x\"" },
    { "name: X", "3:7: name \"X\" must be a small letter, then small letters, digits and \"-\"" },
    { "name: ''", "3:7: \"name\" is empty" },
    { "version: 1", "4:10: \"version\" is of type integer, must be a string" },
    { "version: 1.0", "4:10: \"version\" is of type number, must be a string" },
    { "version: 1.0.0.0",
      "4:10: version \"1.0.0.0\" is not like \"1.2.3\" or \"1.2.3-rc.1\" (semver.org)" },
    { "library: ../x.so",
      "5:10: library \"../x.so\" must be a plain file name inside the plugin's folder" },
    { "library: /x.so",
      "5:10: library \"/x.so\" must be a plain file name inside the plugin's folder" },
    { "library: .so",
      "5:10: library \".so\" must be letters, digits, \".\", \"_\" and \"-\", and end in .so" },
    { "library: x.dll",
      "5:10: library \"x.dll\" must be letters, digits, \".\", \"_\" and \"-\", and end in .so" },
    { "library: \"x\\0.so\"", "5:10: \"library\" has a NUL inside" },
    { "description: \"a\\e[2Jb\"", "8:14: \"description\" has a character that steers terminals" },
    { "description: \"a\\u202eb\"", "8:14: \"description\" has a character that steers terminals" },
    { "sdk: one", "6:6: range \"one\": expected a version like 1.2.3, 1.2 or 1.x" },
    { "isolation: thread", "8:12: isolation is \"thread\", must be one of inline, process" },
    { "execution: fast", "8:12: execution is \"fast\", must be one of async, blocking" },
    { "concurrency: 2", "8:14: \"concurrency\" is of type integer, must be a string" },
    { "limits: {ram: 1}", "8:10: unrecognized key \"ram\"" },
    { "limits: {memory: much}",
      "8:18: size \"much\": expected a number and a unit, like \"64KiB\"" },
    { "limits: {memory: []}", "8:18: \"memory\" is of type array, must be a size like 256MiB" },
    { "limits: {cpu: 0}", "8:15: cpu is 0, must be more than 0" },
    { "limits: {cpu: no}", "8:15: \"cpu\" is of type string, must be a number of cores" },
    { "limits: {calls: 0}", "8:17: calls are 0, must be at least 1" },
    { "limits: {timeout: 5}", "8:19: \"timeout\" is of type integer, must be a string" },
    { "limits: {timeout: 5 s}",
      "8:19: duration \"5 s\": a number needs a unit: us, ms, s, m, h or d" },
    { "permissions: {net: []}", "8:15: unrecognized key \"net\"" },
    { "permissions: {agents: all}",
      "8:23: \"agents\" is of type string, must be a list of strings" },
    { "permissions: {agents: [1]}",
      "8:24: item 1 of \"agents\" is of type integer, must be a string" },
    { "capabilities: [{name: a, permissions: [kv]}]",
      "7:40: \"kv\" must be a permission and a name, such as store:kv" },
    { "permissions: {agents: [a, b, a]}", "8:30: \"a\" stands in \"agents\" twice" },
    { "permissions: {store: [kv, kw]}",
      "8:27: store is \"kw\", must be one of kv, log, queue, topic, lease, blob, *" },
    { "requires: sqlite", "8:11: \"requires\" is of type string, must be a list" },
    { "requires: [sqlite]", "8:12: item 1 of \"requires\" is of type string, must be a mapping" },
    { "requires: [{version: '1'}]", "8:12: key \"plugin\" is missing" },
    { "requires: [{plugin: a/b}]",
      "8:21: plugin \"a/b\" must be a small letter, then small letters, digits and \"-\"" },
    { "conflicts: [{plugin: a, version: x.1}]",
      "8:34: range \"x.1\": expected a version like 1.2.3, 1.2 or 1.x" },
    { "capabilities: []", "1:1: an agent must have capabilities" },
    { "capabilities:", "1:1: an agent must have capabilities" },
    { "capabilities: {name: a}", "7:15: \"capabilities\" is of type object, must be a list" },
    { "capabilities: from_instances",
      "7:15: capabilities are \"from_instances\", must be a list or from_instance" },
    { "capabilities: [{name: a, config: {}}]", "7:26: unrecognized key \"config\"" },
    { "capabilities: [{}]", "7:16: key \"name\" is missing" },
    { "capabilities: [{name: a, uses: 3}]",
      "7:32: \"uses\" must be a map of meters to numbers, such as {tokens: 500}" },
    { "capabilities: [{name: a, uses: {tokens: -1}}]",
      "7:33: \"tokens\" must be a number from 0 to 9007199254" },
    { "capabilities: [{name: a, uses: {calls: 1}}]",
      "7:33: \"calls\" is the host's own meter: each attempt is one" },
    { "capabilities: [{name: a}, {name: a}]", "7:27: capability \"a\" stands twice" },
    { "capabilities: [{name: 1a}]",
      "7:23: name \"1a\" must be a letter, then letters, digits, \"_\", \".\" and \"-\"" },
    { "capabilities: [{name: a, efects: none}]",
      "7:26: unrecognized key \"efects\", did you mean \"effects\"" },
    { "capabilities: [{name: a, effects: some}]",
      "7:35: effects is \"some\", must be one of none, idempotent, external" },
    { "capabilities: [{name: a, input: text}]",
      "7:33: \"input\" is of type string, must be a JSON Schema" },
    { "config: {type: object}", "8:1: an agent has no config, only patterns do: it has options" },
    { "config: text", "8:9: \"config\" is of type string, must be a JSON Schema" },
    { "integrity: {sha256: abc}", "8:21: sha256 must be 64 hexadecimal digits in small letters" },
    { "integrity: {signature: abc}", "8:13: unrecognized key \"signature\"" },
    { "options: [{name: o}]", "8:11: key \"type\" is missing" },
    { "options: [{name: o, type: str}]", "8:27: type is \"str\", must be one of string, int, real, "
                                         "bool, duration, size, choice, list" },
    { "options: [{name: O, type: int}]",
      "8:18: name \"O\" must be a small letter, then small letters, digits and \"_\"" },
    { "options: [{name: o, type: int}, {name: o, type: int}]", "8:33: option \"o\" stands twice" },
    { "options: [{name: o, type: int, defalt: 1}]",
      "8:32: unrecognized key \"defalt\", did you mean \"default\"" },
    { "options: [{name: o, type: int, default: ten}]",
      "8:41: option \"o\": \"ten\" is not a whole number" },
    { "options: [{name: o, type: int, default: 0, min: 1, max: 9}]",
      "8:41: option \"o\": 0 is not in 1 to 9" },
    { "options: [{name: o, type: int, default: 0, min: 1}]",
      "8:41: option \"o\": 0 is less than 1" },
    { "options: [{name: o, type: int, default: 9, max: 1}]",
      "8:41: option \"o\": 9 is more than 1" },
    { "options: [{name: o, type: int, min: 2, max: 1}]",
      "8:45: option \"o\": max is less than min" },
    { "options: [{name: o, type: int, min: low}]",
      "8:37: option \"o\": min: \"low\" is not a whole number" },
    { "options: [{name: o, type: string, min: 1}]",
      "8:40: option \"o\" is a string, which has no min" },
    { "options: [{name: o, type: choice}]", "8:11: option \"o\" is a choice without choices" },
    { "options: [{name: o, type: int, choices: [a]}]",
      "8:41: option \"o\" is a int, which has no choices" },
    { "options: [{name: o, type: choice, choices: []}]", "8:44: choices are 0, must be 1 to 64" },
    { "options: [{name: o, type: choice, choices: [red, blue], default: bleu}]",
      "8:66: option \"o\": \"bleu\" is not one of red, blue, did you mean \"blue\"" },
    { "options: [{name: o, type: real, default: x, secret: true}]",
      "8:42: option \"o\": \"***\" is not a number" },
    { "options: [{name: o, type: bool, default: yes}]",
      "8:42: option \"o\": \"yes\" is not true or false" },
    { "options: [{name: o, type: duration, default: 20m, max: 10m}]",
      "8:46: option \"o\": \"20m\" is more than 10m" },
    { "options: [{name: o, type: size, default: 1KiB, min: 1MiB, max: 1GiB}]",
      "8:42: option \"o\": \"1KiB\" is not in 1MiB to 1GiB" },
    { "options: [{name: o, type: duration, default: -1}]",
      "8:46: option \"o\": -1 is not a duration like 10s" },
    { "options: [{name: o, type: list, default: a}]",
      "8:42: option \"o\": \"a\" is not a list of strings" },
    { "options: [{name: o, type: list, choices: [a], default: [a, up]}]",
      "8:56: option \"o\": item 2: \"up\" is not one of a" },
    { "tags: [a, a]", "8:11: \"a\" stands in \"tags\" twice" },
    { "homepage: 1", "8:11: \"homepage\" is of type integer, must be a string" },
};

static void every_fault_is_named_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct td_err err = { 0 };
        char want[1024];

        snprintf(want, sizeof(want), "plugin \"x\": plugin.yaml:%s", refusals[i].want);
        assert_null(parse(refusals[i].line, &err));
        assert_string_equal(err.text, want);
        assert_int_equal(err.code,
                         strstr(want, "not offered") != NULL ? TD_E_UNSUPPORTED : TD_E_CONFIG);
        assert_true(err.hint[0] != '\0');
    }
}

static void what_is_no_yaml_is_refused_too(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "", "1:1: the text is empty, expected a YAML document" },
        { "[]", "1:1: the document is of type array, must be a mapping" },
        { "a: [", "2:1: expected a value" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct td_err err = { 0 };
        char want[512];

        snprintf(want, sizeof(want), "plugin \"x\": plugin.yaml:%s", cases[i].want);
        assert_null(tdh_manifest_parse(cases[i].text, strlen(cases[i].text), "x", &err));
        assert_string_equal(err.text, want);
        assert_int_equal(err.code, TD_E_CONFIG);
    }
}

static void a_hint_lists_the_keys_when_none_is_near(void **state)
{
    struct td_err err = { 0 };

    (void)state;
    assert_null(parse("limits: {ram: 1}", &err));
    assert_string_equal(err.hint, "the keys are memory, cpu, calls, timeout");
    assert_null(parse("libary: x.so", &err));
    assert_string_equal(err.hint, "the manifest is /plugins/x/plugin.yaml");
}

static void a_missing_manifest_is_not_found(void **state)
{
    struct td_err err = { 0 };

    (void)state;
    assert_null(tdh_manifest_read("/nowhere/x", &err));
    assert_int_equal(err.code, TD_E_NOTFOUND);
    assert_string_equal(
        err.text,
        "plugin \"x\": could not open \"/nowhere/x/plugin.yaml\": No such file or directory");
}

static void permissions_are_patterns(void **state)
{
    static const struct {
        const char *pattern, *name;
        bool has;
    } cases[] = {
        { "*", "mail", true },
        { "mail", "mail", true },
        { "mail", "mails", false },
        { "mail-*", "mail-out", true },
        { "mail-*", "mail", false },
        { "*-out", "mail-out", true },
        { "m*l*t", "mail-out", true },
        { "m*x*t", "mail-out", false },
        { "**", "", true },
        { "", "a", false },
        { "a*a", "a", false },
        { "a*ab", "aab", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *permissions = json_pack("{s:[s,s]}", "agents", "nobody", cases[i].pattern);

        assert_int_equal(tdh_permission_has(permissions, "agents", cases[i].name), cases[i].has);
        assert_false(tdh_permission_has(permissions, "files", cases[i].name));
        json_decref(permissions);
    }
    assert_false(tdh_permission_has(NULL, "agents", "mail"));
}

static void kinds_have_names(void **state)
{
    static const char *const names[] = { "agent", "storage", "pattern", "provider" };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        assert_string_equal(tdh_kind_name(tdh_kind_from_name(names[i])), names[i]);
    assert_int_equal(tdh_kind_from_name("tool"), 0);
    assert_string_equal(tdh_kind_name((enum td_kind)99), "plugin");
}

/* Reads the manifest of each folder in `parent`; returns how many there are. */
static int read_folders(const char *parent)
{
    DIR *dir = opendir(parent);
    const struct dirent *entry;
    int count = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        struct tdh_manifest *manifest;
        struct td_err err = { 0 };
        char folder[PATH_MAX];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(folder, sizeof(folder), "%s/%s", parent, entry->d_name);
        manifest = tdh_manifest_read(folder, &err);
        if (manifest == NULL && (err.code == TD_E_NOTFOUND || err.sys == ENOTDIR))
            continue; /* a file, or sources that plugins share */
        assert_string_equal(err.text, "");
        tdh_manifest_free(manifest);
        count++;
    }
    closedir(dir);
    return count;
}

static void the_shipped_manifests_are_well(void **state)
{
    (void)state;
    assert_true(read_folders(TEST_SRCDIR "/plugins/agents") > 0);
    assert_true(read_folders(TEST_SRCDIR "/plugins/storage") > 0);
    assert_true(read_folders(TEST_SRCDIR "/plugins/patterns") > 0);
    assert_true(read_folders(TEST_SRCDIR "/tests/plugins") > 0);
}

static void without_memory_nothing_is_left_over(void **state)
{
    struct tdh_manifest *manifest = NULL;
    unsigned n = 0;

    (void)state;
    while (manifest == NULL) {
        struct td_err err = { 0 };

        alloc_fail_at(++n);
        manifest = tdh_manifest_parse(whole, strlen(whole), "/plugins/x", &err);
        if (!alloc_fail_end())
            break;
        assert_true(manifest != NULL || err.code == TD_E_NOMEM);
        tdh_manifest_free(manifest);
        manifest = NULL;
    }
    assert_non_null(manifest);
    tdh_manifest_free(manifest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_manifest_gets_defaults),
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(options_keep_their_values_as_numbers),
        cmocka_unit_test(every_fault_is_named_with_its_place),
        cmocka_unit_test(what_is_no_yaml_is_refused_too),
        cmocka_unit_test(a_hint_lists_the_keys_when_none_is_near),
        cmocka_unit_test(a_missing_manifest_is_not_found),
        cmocka_unit_test(permissions_are_patterns),
        cmocka_unit_test(kinds_have_names),
        cmocka_unit_test(the_shipped_manifests_are_well),
        cmocka_unit_test(without_memory_nothing_is_left_over),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
