/* SPDX-License-Identifier: Apache-2.0 */
/*
 * download, publish: a project comes to its place once, however often it is tried, and over nothing
 * that is not its own.
 */
#include "download_case.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum before { BEFORE_NOTHING, BEFORE_EMPTY, BEFORE_FULL, BEFORE_FILE, BEFORE_LINK, BEFORE_BUILD };

#define REPLACE_HINT                                                                               \
    "move it elsewhere, or choose another folder: --force replaces only what a build has left"
#define AGAIN_HINT "build again, or choose another folder"

static const struct {
    enum before before;
    bool is_forced;
    enum td_code want; /* TD_OK: published */
    const char *hint;
} targets[] = {
    { BEFORE_NOTHING, false, TD_OK, NULL },
    { BEFORE_NOTHING, true, TD_OK, NULL },
    { BEFORE_EMPTY, false, TD_OK, NULL },
    { BEFORE_FULL, false, TD_E_EXISTS, "choose another folder, or replace this one with --force" },
    { BEFORE_FULL, true, TD_E_EXISTS, REPLACE_HINT },
    { BEFORE_BUILD, false, TD_E_EXISTS, "choose another folder, or replace this one with --force" },
    { BEFORE_BUILD, true, TD_OK, NULL },
    { BEFORE_FILE, true, TD_E_EXISTS, AGAIN_HINT },
    { BEFORE_LINK, true, TD_E_EXISTS, AGAIN_HINT },
};

/* An earlier build, as it was left: with "old" in place of "b.js". */
static void build_before(const char *folder)
{
    struct agent *agent = case_start();
    struct td_err err;
    json_t *packed =
        case_pack(agent, "[{'path': 'js/old.js', 'text': 'b'}, {'path': 'a.html', 'text': ''}]",
                  case_at(folder, "before"), &err);
    json_t *output =
        case_publish(agent, case_at(folder, "before"), case_at(folder, "out"), false, &err);

    assert_non_null(output);
    json_decref(packed);
    json_decref(output);
    agent_free(agent);
}

static void prepare_target(const char *folder, enum before before)
{
    if (before == BEFORE_BUILD)
        build_before(folder);
    if (before == BEFORE_EMPTY || before == BEFORE_LINK)
        assert_int_equal(mkdir(case_at(folder, before == BEFORE_EMPTY ? "out" : "real"), 0777), 0);
    if (before == BEFORE_FULL)
        agent_write(folder, "out/old/file.txt", "old");
    if (before == BEFORE_FILE)
        agent_write(folder, "out", "a file");
    if (before == BEFORE_LINK)
        assert_int_equal(symlink("real", case_at(folder, "out")), 0);
}

static void a_project_comes_to_its_place_in_one_step(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        char *folder = agent_folder();
        struct agent *agent = case_start();
        struct td_err err;
        json_t *packed, *output;

        prepare_target(folder, targets[i].before);
        packed = case_pack(agent, case_project, case_at(folder, "work"), &err);
        assert_non_null(packed);
        output = case_publish(agent, case_at(folder, "work"), case_at(folder, "out"),
                              targets[i].is_forced, &err);
        assert_true((output != NULL) == (targets[i].want == TD_OK));
        if (output != NULL) {
            assert_int_equal(json_is_true(json_object_get(output, "replaced")),
                             targets[i].before == BEFORE_BUILD);
            /* a.html dist js sbom tests; no mark */
            assert_int_equal(case_count(case_at(folder, "out")), 5);
            assert_int_equal(access(case_at(folder, "out/js/old.js"), F_OK), -1);
        } else {
            assert_int_equal(err.code, targets[i].want);
            assert_string_equal(err.hint, targets[i].hint);
        }
        assert_int_equal(access(case_at(folder, "work"), F_OK), -1);
        json_decref(packed);
        json_decref(output);
        agent_free(agent);
        agent_clear(folder);
    }
}

/* What happened to an earlier build, and what force says to it. */
static const struct {
    const char *write, *remove, *foreign; /* foreign NULL: it is replaced */
} changes[] = {
    { "a.html", NULL, NULL },         /* an edit */
    { NULL, "js/old.js", NULL },      /* a file less */
    { "precious", NULL, "precious" }, /* a file more, wherever it is */
    { "js/deep/x.js", NULL, "js/deep/" },
    { "js/old.js.orig", NULL, "js/old.js.orig" },
    { "dist/notes", NULL, "dist/notes" },
    { ".git/config", NULL, ".git/" },
    { NULL, "dist/SHA256SUMS", "a.html" }, /* no sign that this is a build */
    { NULL, "dist/sbom.cdx.json", "a.html" },
    { "dist/sbom.cdx.json", NULL, "a.html" },
};

static void force_replaces_nothing_that_no_build_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        char *folder = agent_folder();
        struct agent *agent = case_start();
        struct td_err err;
        json_t *packed = case_pack(agent, case_project, case_at(folder, "work"), &err);
        json_t *output;
        char want[128];

        build_before(folder);
        if (changes[i].write != NULL)
            agent_write(case_at(folder, "out"), changes[i].write, "mine");
        if (changes[i].remove != NULL)
            assert_int_equal(unlink(case_at(case_at(folder, "out"), changes[i].remove)), 0);
        output = case_publish(agent, case_at(folder, "work"), case_at(folder, "out"), true, &err);
        assert_true((output != NULL) == (changes[i].foreign == NULL));
        if (output == NULL) {
            snprintf(want, sizeof(want), "/out\": \"%s\" in it is not from a tdev build",
                     changes[i].foreign);
            assert_non_null(strstr(err.text, want));
            assert_int_equal(err.code, TD_E_EXISTS);
        }
        assert_int_equal(access(case_at(folder, "work"), F_OK), -1);
        json_decref(output);
        json_decref(packed);
        agent_free(agent);
        agent_clear(folder);
    }
}

/* What a crash can leave, put together by hand. */
static void a_publish_that_was_cut_off_is_finished(void **state)
{
    char *folder = agent_folder();
    struct agent *agent = case_start();
    struct td_err err;
    json_t *packed = case_pack(agent, case_project, case_at(folder, "work"), &err);
    json_t *output;

    (void)state;
    /* The folders have been exchanged, the old one is still there, the mark too. */
    agent_write(folder, "old/file.txt", "old");
    assert_int_equal(rename(case_at(folder, "work"), case_at(folder, "out")), 0);
    assert_int_equal(rename(case_at(folder, "old"), case_at(folder, "work")), 0);
    output = case_publish(agent, case_at(folder, "work"), case_at(folder, "out"), true, &err);
    assert_non_null(output);
    assert_int_equal(case_count(case_at(folder, "out")), 5);
    assert_int_equal(access(case_at(folder, "work"), F_OK), -1);
    json_decref(output);
    /* Everything was done, only nobody heard of it. */
    output = case_publish(agent, case_at(folder, "work"), case_at(folder, "out"), true, &err);
    assert_non_null(output);
    json_decref(output);
    /* Another project is not this one. */
    assert_null(agent_call(
        agent, "publish",
        json_pack("{s:s, s:s, s:s}", "from", case_at(folder, "work"), "to", case_at(folder, "out"),
                  "sums", "0000000000000000000000000000000000000000000000000000000000000000"),
        &err));
    assert_int_equal(err.code, TD_E_NOTFOUND);
    assert_non_null(strstr(err.text, "/work\": it is not a packed project"));
    assert_int_equal(case_count(case_at(folder, "out")), 5);
    json_decref(packed);
    agent_free(agent);
    agent_clear(folder);
}

/* Publishes "work" where the system does not let it, and compares what is told. */
static void publish_in_vain(const char *folder, const char *to, const char *reason,
                            const char *hint)
{
    struct agent *agent = case_start();
    struct td_err err;
    json_t *packed = case_pack(agent, case_project, case_at(folder, "work"), &err);
    char want[64];

    assert_non_null(packed);
    snprintf(want, sizeof(want), "/%s\": %s", to, reason);
    assert_null(case_publish(agent, case_at(folder, "work"), case_at(folder, to), false, &err));
    assert_non_null(strstr(err.text, want));
    assert_string_equal(err.hint, hint);
    assert_false(err.is_retryable);
    assert_int_equal(access(case_at(folder, "work"), F_OK), -1);
    json_decref(packed);
    agent_free(agent);
}

static void what_cannot_be_brought_is_removed_and_not_tried_again(void **state)
{
    char *folder = agent_folder();

    (void)state;
    publish_in_vain(folder, "work/inside", "Invalid argument", AGAIN_HINT);
    publish_in_vain(folder, "gone/out", "No such file or directory", AGAIN_HINT);
    assert_int_equal(case_count(folder), 0);
    agent_clear(folder);
}

/* Mounts are this process's own from here on, so this test is the last. */
static void a_folder_that_is_mounted_is_not_replaced(void **state)
{
    char *folder;

    (void)state;
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0)
        skip(); /* only root may mount */
    folder = agent_folder();
    assert_int_equal(mkdir(case_at(folder, "out"), 0777), 0);
    assert_int_equal(mount("none", case_at(folder, "out"), "tmpfs", 0, NULL), 0);
    publish_in_vain(folder, "out", "Device or resource busy",
                    "something is mounted there: choose a folder in it");
    assert_int_equal(umount(case_at(folder, "out")), 0);
    assert_int_equal(case_count(folder), 1);
    agent_clear(folder);
}

static void what_was_never_finished_is_not_published(void **state)
{
    char *folder = agent_folder();
    struct agent *agent = case_start();
    struct td_err err;

    (void)state;
    agent_write(folder, "work/.tdev-pack", "");
    assert_null(case_publish(agent, case_at(folder, "work"), case_at(folder, "out"), false, &err));
    assert_non_null(
        strstr(err.text, "it was never finished, or is not the project that was packed"));
    assert_int_equal(access(case_at(folder, "work"), F_OK), -1);
    agent_write(folder, "other/file.txt", "x");
    assert_null(case_publish(agent, case_at(folder, "other"), case_at(folder, "out"), false, &err));
    assert_non_null(strstr(err.text, "/other\": it is not a packed project"));
    assert_int_equal(access(case_at(folder, "other/file.txt"), F_OK), 0);
    assert_int_equal(access(case_at(folder, "out"), F_OK), -1);
    agent_free(agent);
    agent_clear(folder);
}

static void the_home_folder_is_never_replaced(void **state)
{
    char *folder = agent_folder();
    char *home = strdup(getenv("HOME") != NULL ? getenv("HOME") : "/");
    struct agent *agent = case_start();
    struct td_err err;
    json_t *packed = case_pack(agent, case_project, case_at(folder, "work"), &err);

    (void)state;
    agent_write(folder, "out/letters.txt", "dear");
    setenv("HOME", case_at(folder, "out"), 1);
    assert_null(case_publish(agent, case_at(folder, "work"), case_at(folder, "out"), true, &err));
    assert_int_equal(err.code, TD_E_PERM);
    assert_int_equal(access(case_at(folder, "out/letters.txt"), F_OK), 0);
    setenv("HOME", home, 1);
    free(home);
    json_decref(packed);
    agent_free(agent);
    agent_clear(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_project_comes_to_its_place_in_one_step),
        cmocka_unit_test(force_replaces_nothing_that_no_build_left),
        cmocka_unit_test(a_publish_that_was_cut_off_is_finished),
        cmocka_unit_test(what_was_never_finished_is_not_published),
        cmocka_unit_test(the_home_folder_is_never_replaced),
        cmocka_unit_test(what_cannot_be_brought_is_removed_and_not_tried_again),
        cmocka_unit_test(a_folder_that_is_mounted_is_not_replaced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
