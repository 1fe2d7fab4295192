/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf: layers, refusals and rereading, each with a folder of its own that is the user's home.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "alloc_fail.h"
#include "base/json.h"
#include "conf/conf.h"
#include "conf/rows.h"
#include "conf_home.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
static void every_row_is_whole(void **state)
{
    (void)state;
    for (int key = 0; key < TDH_CONF_KEYS_; key++) {
        const struct tdh_conf_row *row = &tdh_conf_rows[key];

        assert_non_null(row->section);
        assert_non_null(row->key);
        assert_non_null(row->text);
        assert_true((row->fallback != NULL) != (row->place != NULL));
        assert_true((row->type == TDH_CONF_CHOICE) == (row->choices != NULL));
    }
}

static void without_any_file_the_defaults_hold(void **state)
{
    struct conf_home *home = *state;

    conf_home_read_well(home);
    assert_int_equal(tdh_conf_int(home->conf, TDH_CONF_RUNTIME_WORKERS), 1);
    assert_int_equal(tdh_conf_int(home->conf, TDH_CONF_LIMITS_INPUT_BYTES), 16 << 20);
    assert_int_equal(tdh_conf_int(home->conf, TDH_CONF_CALL_TIMEOUT), 300000);
    assert_string_equal(tdh_conf_str(home->conf, TDH_CONF_STATE_DIR),
                        conf_home_path(home, ".local/state/tdev"));
    assert_string_equal(tdh_conf_str(home->conf, TDH_CONF_STORE_PATH),
                        conf_home_path(home, ".local/state/tdev/store.db"));
    assert_null(tdh_conf_list(home->conf, TDH_CONF_PLUGINS_PATHS)[0]);
    assert_null(tdh_conf_file(home->conf));
    assert_null(tdh_conf_profile(home->conf));
}

static void a_daemon_has_defaults_of_its_own(void **state)
{
    struct conf_home *home = *state;

    home->source.is_daemon = true;
    home->source.file = conf_home_write(home, "tdevd.yaml", "");
    conf_home_read_well(home);
    assert_int_equal(tdh_conf_int(home->conf, TDH_CONF_RUNTIME_WORKERS), 0);
    assert_string_equal(tdh_conf_str(home->conf, TDH_CONF_LOG_LEVEL), "info");
    assert_string_equal(tdh_conf_str(home->conf, TDH_CONF_STORE_PATH), "/var/lib/tdev/store.db");
}

static void a_daemon_of_a_user_looks_where_the_user_does(void **state)
{
    struct conf_home *home = *state;

    home->source.is_daemon = home->source.is_personal = true;
    conf_home_write(home, ".config/tdev/tdev.yaml", "events: {max: 500}\n");
    conf_home_read_well(home);
    assert_int_equal(tdh_conf_int(home->conf, TDH_CONF_RUNTIME_WORKERS), 0);
    assert_int_equal(tdh_conf_int(home->conf, TDH_CONF_EVENTS_MAX), 500);
    assert_string_equal(tdh_conf_str(home->conf, TDH_CONF_STORE_PATH),
                        conf_home_path(home, ".local/state/tdev/store.db"));
    assert_string_equal(tdh_conf_file(home->conf), conf_home_path(home, ".config/tdev/tdev.yaml"));
}

static void each_layer_covers_the_one_before(void **state)
{
    struct conf_home *home = *state;

    conf_home_write(home, ".config/tdev/profiles/dev.yaml",
                    "log: {level: debug, format: json}\nruntime: {workers: 3}\n");
    conf_home_write(home, ".config/tdev/tdev.yaml",
                    "profile: dev\nruntime:\n  workers: 2\n  blocking_threads: 7\nlog: {format: "
                    "text}\nstore:\n");
    conf_home_set(home, "TDEV_RUNTIME_WORKERS=5");
    conf_home_set(home, "TDEV_LIMITS_RUN_AHEAD=");
    conf_home_read_well(home);
    assert_int_equal(tdh_conf_int(home->conf, TDH_CONF_RUNTIME_WORKERS), 5);
    assert_int_equal(tdh_conf_int(home->conf, TDH_CONF_RUNTIME_BLOCKING_THREADS), 7);
    assert_string_equal(tdh_conf_str(home->conf, TDH_CONF_LOG_FORMAT), "json");
    assert_string_equal(tdh_conf_str(home->conf, TDH_CONF_LOG_LEVEL), "debug");
    assert_int_equal(tdh_conf_int(home->conf, TDH_CONF_LIMITS_RUN_AHEAD), 64 << 10);
    assert_string_equal(tdh_conf_profile(home->conf), "dev");
    assert_string_equal(tdh_conf_file(home->conf), conf_home_path(home, ".config/tdev/tdev.yaml"));
}

static void a_profile_is_named_by_caller_then_environment_then_file(void **state)
{
    struct conf_home *home = *state;

    conf_home_write(home, ".config/tdev/profiles/a.yaml", "runtime: {workers: 11}");
    conf_home_write(home, ".config/tdev/profiles/b.yaml", "runtime: {workers: 12}");
    conf_home_write(home, ".config/tdev/profiles/c.yaml", "runtime: {workers: 13}");
    conf_home_write(home, ".config/tdev/tdev.yaml", "profile: a");
    conf_home_read_well(home);
    assert_int_equal(tdh_conf_int(home->conf, TDH_CONF_RUNTIME_WORKERS), 11);
    conf_home_set(home, "TDEV_PROFILE=b");
    conf_home_read_well(home);
    assert_int_equal(tdh_conf_int(home->conf, TDH_CONF_RUNTIME_WORKERS), 12);
    home->source.profile = "c";
    conf_home_read_well(home);
    assert_int_equal(tdh_conf_int(home->conf, TDH_CONF_RUNTIME_WORKERS), 13);
}

static void paths_are_taken_from_where_they_are_said(void **state)
{
    struct conf_home *home = *state;
    const char *const *list = NULL;

    home->source.file =
        conf_home_write(home, "etc/x.yaml",
                        "state: {dir: state}\nstore: {path: a.db}\n"
                        "plugins: {paths: [own, ~/mine, /abs], private_dir: ~/p,\n"
                        "  trusted_keys: [keys, ed25519 AAAA= me]}\n");
    conf_home_set(home, "TDEV_PLUGINS_INLINE=/a::~/b");
    conf_home_read_well(home);
    assert_string_equal(tdh_conf_str(home->conf, TDH_CONF_STATE_DIR),
                        conf_home_path(home, "etc/state"));
    assert_string_equal(tdh_conf_str(home->conf, TDH_CONF_STORE_PATH),
                        conf_home_path(home, "etc/state/a.db"));
    assert_string_equal(tdh_conf_str(home->conf, TDH_CONF_PLUGINS_PRIVATE_DIR),
                        conf_home_path(home, "p"));
    list = tdh_conf_list(home->conf, TDH_CONF_PLUGINS_PATHS);
    assert_string_equal(list[0], conf_home_path(home, "etc/own"));
    assert_string_equal(list[1], conf_home_path(home, "mine"));
    assert_string_equal(list[2], "/abs");
    assert_null(list[3]);
    list = tdh_conf_list(home->conf, TDH_CONF_PLUGINS_INLINE);
    assert_string_equal(list[0], "/a");
    assert_string_equal(list[1], conf_home_path(home, "b"));
    assert_null(list[2]);
    list = tdh_conf_list(home->conf, TDH_CONF_PLUGINS_TRUSTED_KEYS);
    assert_string_equal(list[0], conf_home_path(home, "etc/keys"));
    assert_string_equal(list[1], "ed25519 AAAA= me"); /* a key is no path */
    assert_null(list[2]);
}

static void each_fault_of_a_file_is_named(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "runtme: {}\n",
          "~/x.yaml:1:1: unrecognized section \"runtme\", did you mean \"runtime\"" },
        { "zzz: {}\n", "~/x.yaml:1:1: unrecognized section \"zzz\"" },
        { "runtime:\n  workrs: 1\n",
          "~/x.yaml:2:3: unrecognized key \"workrs\", did you mean \"workers\"" },
        { "runtime:\n  a/b~c: 1\n", "~/x.yaml:2:3: unrecognized key \"a/b~c\"" },
        { "runtime: 7\n", "~/x.yaml:1:10: section \"runtime\" must hold keys and values" },
        { "- 7\n", "~/x.yaml:1:1: a configuration must hold sections" },
        { "profile: 7\n", "~/x.yaml:1:10: profile must be a string" },
        { "profile: ../x\n", "profile \"../x\" is no name: a-z, 0-9, - and _, at most 64" },
        { "runtime:\n  workers: 5000\n",
          "~/x.yaml:2:12: runtime.workers is 5000, must be 0 to 1024" },
        { "runtime: {workers: \"5\"}\n",
          "~/x.yaml:1:20: runtime.workers is of type string, must be a whole number" },
        { "runtime: {workers: null}\n",
          "~/x.yaml:1:20: runtime.workers is of type null, must be a whole number" },
        { "runtime: {workers: 1.5}\n",
          "~/x.yaml:1:20: runtime.workers is of type number, must be a whole number" },
        { "limits: {input_bytes: 1}\n",
          "~/x.yaml:1:23: limits.input_bytes is 1, must be 1KiB to 1GiB" },
        { "call: {timeout: 30}\n",
          "~/x.yaml:1:17: call.timeout is of type integer, must be a duration" },
        { "call: {timeout: 8d}\n", "~/x.yaml:1:17: call.timeout is 8d, must be 1ms to 7d" },
        { "log: {level: loud}\n",
          "~/x.yaml:1:14: log.level is \"loud\", must be one of debug|info|warning|error|off" },
        { "log: {level: inf}\n",
          "~/x.yaml:1:14: log.level is \"inf\", must be one of debug|info|warning|error|off" },
        { "store: {backend: \"\"}\n", "~/x.yaml:1:18: store.backend is empty" },
        { "store: {path: \"\"}\n", "~/x.yaml:1:15: store.path is empty" },
        { "plugins: {paths: /a}\n",
          "~/x.yaml:1:18: plugins.paths is of type string, must be a list of paths" },
        { "plugins: {paths: [/a, 7]}\n", "~/x.yaml:1:18: plugins.paths: item 2 is no string" },
        { "call: {retry_initial: 2m}\n",
          "call.retry_initial is 2m, more than call.retry_max, which is 1m" },
        { "http: {certificate: a.pem}\n",
          "http.certificate is set, and http.key is not: TLS takes both" },
        { "http: {certificate: \"\", key: a.pem}\n",
          "http.key is set, and http.certificate is not: TLS takes both" },
    };
    struct conf_home *home = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        home->source.file = conf_home_write(home, "x.yaml", cases[i].text);
        assert_int_equal(conf_home_read(home), -1);
        assert_string_equal(conf_home_shown(home, home->err.text), cases[i].want);
        assert_int_equal(home->err.code, TD_E_CONFIG);
    }
}

static void faults_of_yaml_itself_have_their_place(void **state)
{
    struct conf_home *home = *state;

    home->source.file = conf_home_write(home, "x.yaml", "log:\n  level: info\n  level: debug\n");
    assert_int_equal(conf_home_read(home), -1);
    assert_int_equal(home->err.code, TD_E_CONFIG);
    assert_int_equal(strncmp(conf_home_shown(home, home->err.text), "~/x.yaml:3:3: ", 14), 0);
    assert_non_null(strstr(home->err.text, "\"level\""));
}

static void what_was_asked_for_must_be_there(void **state)
{
    struct conf_home *home = *state;

    home->source.profile = "gone";
    assert_int_equal(conf_home_read(home), -1);
    assert_int_equal(home->err.code, TD_E_NOTFOUND);
    assert_non_null(strstr(home->err.text, "profile \"gone\": "));
    home->source.profile = NULL;
    conf_home_set(home, "TDEV_CONFIG=/gone/x.yaml");
    assert_int_equal(conf_home_read(home), -1);
    assert_int_equal(home->err.code, TD_E_NOTFOUND);
    assert_non_null(strstr(home->err.text, "/gone/x.yaml"));
}

static void each_fault_of_the_environment_is_named(void **state)
{
    static const struct {
        char *variable;
        const char *want;
    } cases[] = {
        { "TDEV_RUNTIME_WORKRS=1",
          "environment: TDEV_RUNTIME_WORKRS: there is no setting \"runtime.workrs\", did "
          "you mean \"workers\"" },
        { "TDEV_STORE_X=1", "environment: TDEV_STORE_X: there is no setting \"store.x\"" },
        { "TDEV_RUNTIME_WORKERS=x",
          "environment: TDEV_RUNTIME_WORKERS: runtime.workers is \"x\", not a whole number" },
        { "TDEV_RUNTIME_WORKERS=99999999999999999999",
          "environment: TDEV_RUNTIME_WORKERS: runtime.workers is "
          "99999999999999999999, must be 0 to 1024" },
        { "TDEV_LOG_FORMAT=xml",
          "environment: TDEV_LOG_FORMAT: log.format is \"xml\", must be one of text|json" },
        { "TDEV_RUNTIME=1", NULL },
        { "TDEV_SERVER=http://localhost", NULL },
        { "TDEV_log_level=loud", NULL },
        { "tdev_LOG_LEVEL=loud", NULL },
        { "TDEV_PLUGIN_PATH=/x", NULL },
        { "TDEVRUNTIME_X=1", NULL },
    };
    struct conf_home *home = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        home->env[1] = cases[i].variable;
        assert_int_equal(conf_home_read(home), cases[i].want != NULL ? -1 : 0);
        if (cases[i].want != NULL)
            assert_string_equal(home->err.text, cases[i].want);
    }
}

static void without_a_home_it_is_said_what_is_missing(void **state)
{
    struct conf_home *home = *state;

    home->env[0] = "TDEV_LOG_LEVEL=off";
    assert_int_equal(conf_home_read(home), -1);
    assert_string_equal(
        home->err.text,
        "state.dir has no default: neither HOME nor XDG_STATE_HOME is set to a folder");
    conf_home_set(home, "TDEV_STATE_DIR=/s");
    conf_home_read_well(home);
    assert_string_equal(tdh_conf_str(home->conf, TDH_CONF_STORE_PATH), "/s/store.db");
    conf_home_set(home, "TDEV_PLUGINS_PATHS=~/p");
    assert_int_equal(conf_home_read(home), -1);
    assert_string_equal(
        home->err.text,
        "environment: TDEV_PLUGINS_PATHS: plugins.paths is \"~/p\", but HOME is not set");
}

static void a_reread_changes_what_may_change_and_names_the_rest(void **state)
{
    struct conf_home *home = *state;
    struct tdh_conf *next = NULL;

    home->source.file = conf_home_write(home, "x.yaml", "log: {level: info}\nstore: {path: /a}\n");
    conf_home_read_well(home);
    conf_home_write(home, "x.yaml", "log: {level: debug}\nstore: {path: /b}\n");
    assert_int_equal(tdh_conf_reread(home->conf, &next, &home->err), 0);
    assert_string_equal(tdh_conf_str(next, TDH_CONF_LOG_LEVEL), "debug");
    assert_true(tdh_conf_differs(home->conf, next, TDH_CONF_LOG_LEVEL));
    assert_string_equal(tdh_conf_str(next, TDH_CONF_STORE_PATH), "/a");
    assert_true(tdh_conf_pending(next, TDH_CONF_STORE_PATH));
    assert_false(tdh_conf_pending(next, TDH_CONF_LOG_LEVEL));
    tdh_conf_unref(next);
    next = NULL;
    conf_home_write(home, "x.yaml", "log: {level: debug\n");
    assert_int_equal(tdh_conf_reread(home->conf, &next, &home->err), -1);
    assert_null(next);
    assert_string_equal(tdh_conf_str(home->conf, TDH_CONF_LOG_LEVEL), "info");
}

static void a_reread_finds_a_relative_file_from_elsewhere(void **state)
{
    struct conf_home *home = *state;
    struct tdh_conf *next = NULL;
    char *here = getcwd(NULL, 0);

    conf_home_write(home, "x.yaml", "log: {level: info}\n");
    assert_int_equal(chdir(home->dir), 0);
    home->source.file = "x.yaml";
    conf_home_read_well(home);
    assert_int_equal(chdir(here), 0);
    assert_int_equal(tdh_conf_reread(home->conf, &next, &home->err), 0);
    assert_string_equal(tdh_conf_file(next), conf_home_path(home, "x.yaml"));
    tdh_conf_unref(next);
    free(here);
}

static void a_reference_keeps_it_alive(void **state)
{
    struct conf_home *home = *state;
    struct tdh_conf *other = NULL;

    conf_home_read_well(home);
    other = tdh_conf_ref(home->conf);
    tdh_conf_unref(home->conf);
    home->conf = NULL;
    assert_int_equal(tdh_conf_int(other, TDH_CONF_LIMITS_INPUT_BYTES), 16 << 20);
    tdh_conf_unref(other);
}

static void a_setting_is_found_by_its_name(void **state)
{
    enum tdh_conf_key key = TDH_CONF_KEYS_;
    struct td_err err;
    char name[64];

    (void)state;
    assert_int_equal(tdh_conf_find("store.path", &key, &err), 0);
    assert_int_equal(key, TDH_CONF_STORE_PATH);
    assert_string_equal(tdh_conf_name(key, name, sizeof(name)), "store.path");
    assert_int_equal(tdh_conf_find("store.pth", &key, &err), -1);
    assert_string_equal(err.text, "there is no setting \"store.pth\", did you mean \"store.path\"");
}

/* Makes HOME/FOLDER and asks a program in HOME/PROGRAM for its data. */
static void expect_data(struct conf_home *home, const char *program, const char *folder,
                        const char *want)
{
    struct td_err err;
    char *path = NULL;

    if (folder != NULL)
        assert_int_equal(tdh_file_mkdirs(conf_home_path(home, folder), 0755, &err), 0);
    path = tdh_part_find_from(TDH_PART_DATA, conf_home_path(home, program));
    assert_string_equal(path, folder != NULL ? conf_home_path(home, folder) : want);
    free(path);
}

static void a_moved_program_finds_its_parts_beside_it(void **state)
{
    struct conf_home *home = *state;
    char *path = tdh_part_find_from(TDH_PART_DATA, TDH_BIN_DIR);

    assert_string_equal(path, TDH_DATA_DIR);
    free(path);
    expect_data(home, "stage" TDH_BIN_DIR, NULL, TDH_DATA_DIR);
    expect_data(home, "stage" TDH_BIN_DIR, "stage" TDH_DATA_DIR, NULL);
    expect_data(home, "build", NULL, TDH_DATA_DIR);
    expect_data(home, "build", "build/data-tree", NULL);
}

static void plugins_are_searched_in_order(void **state)
{
    struct conf_home *home = *state;
    char **folders = NULL;
    size_t bundled = 0;

    conf_home_set(home, "TDEV_PLUGIN_PATH=/one:/two");
    conf_home_set(home, "TDEV_PLUGINS_PATHS=/three");
    conf_home_read_well(home);
    folders = tdh_conf_plugin_folders(home->conf, &bundled);
    assert_int_equal(bundled, 4);
    assert_string_equal(folders[0], "/one");
    assert_string_equal(folders[1], "/two");
    assert_string_equal(folders[2], "/three");
    assert_string_equal(folders[3], conf_home_path(home, ".local/share/tdev/plugins"));
    assert_non_null(strstr(folders[4], "plugins"));
    assert_null(folders[5]);
    free(folders);
}

static void no_lack_of_memory_does_harm(void **state)
{
    struct conf_home *home = *state;
    unsigned n = 1;
    bool has_failed = true;

    conf_home_write(home, ".config/tdev/profiles/dev.yaml", "log: {level: debug}\n");
    conf_home_write(home, ".config/tdev/tdev.yaml", "profile: dev\nplugins: {paths: [a, b]}\n");
    conf_home_set(home, "TDEV_PLUGINS_INLINE=/a:/b");
    for (; has_failed; n++) {
        struct tdh_conf *conf = NULL;
        char **folders = NULL;
        size_t bundled = 0;
        int rc = 0;

        alloc_fail_at(n);
        rc = tdh_conf_read(&home->source, &conf, &home->err);
        folders = rc == 0 ? tdh_conf_plugin_folders(conf, &bundled) : NULL;
        has_failed = alloc_fail_end();
        if (rc != 0)
            assert_int_equal(home->err.code, TD_E_NOMEM);
        free(folders);
        tdh_conf_unref(conf);
    }
    assert_true(n > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_whole),
        CONF_HOME_TEST(without_any_file_the_defaults_hold),
        CONF_HOME_TEST(a_daemon_has_defaults_of_its_own),
        CONF_HOME_TEST(a_daemon_of_a_user_looks_where_the_user_does),
        CONF_HOME_TEST(each_layer_covers_the_one_before),
        CONF_HOME_TEST(a_profile_is_named_by_caller_then_environment_then_file),
        CONF_HOME_TEST(paths_are_taken_from_where_they_are_said),
        CONF_HOME_TEST(each_fault_of_a_file_is_named),
        CONF_HOME_TEST(faults_of_yaml_itself_have_their_place),
        CONF_HOME_TEST(what_was_asked_for_must_be_there),
        CONF_HOME_TEST(each_fault_of_the_environment_is_named),
        CONF_HOME_TEST(without_a_home_it_is_said_what_is_missing),
        CONF_HOME_TEST(a_reread_changes_what_may_change_and_names_the_rest),
        CONF_HOME_TEST(a_reread_finds_a_relative_file_from_elsewhere),
        CONF_HOME_TEST(a_reference_keeps_it_alive),
        cmocka_unit_test(a_setting_is_found_by_its_name),
        CONF_HOME_TEST(a_moved_program_finds_its_parts_beside_it),
        CONF_HOME_TEST(plugins_are_searched_in_order),
        CONF_HOME_TEST(no_lack_of_memory_does_harm),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
