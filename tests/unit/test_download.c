/* SPDX-License-Identifier: Apache-2.0 */
/*
 * download, pack: same files, same bytes; archives that others can read; nothing left behind by a
 * failure.
 */
#include "download_case.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alloc_fail.h"
#include "download/tree.h"
#include "kit/file.h"
#include "kit/json.h"
#include "kit/sha256.h"

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONG_NAME HUNDRED HUNDRED HUNDRED

static void hash_file(const char *path, char ret_hash[KIT_SHA256_TEXT])
{
    struct td_err err;
    size_t length;
    char *bytes = kit_file_read(path, 1U << 20, &length, &err);

    assert_non_null(bytes);
    assert_int_equal(kit_sha256(bytes, length, ret_hash), 0);
    free(bytes);
}

static void each_hash_of_the_list_is_that_of_its_file(void **state)
{
    char *folder = agent_folder();
    struct agent *agent = case_start();
    struct td_err err;
    json_t *output = case_pack(agent, case_project, case_at(folder, "p"), &err);
    char *sums = case_read(case_at(folder, "p/dist/SHA256SUMS"));
    size_t count = 0;

    (void)state;
    assert_non_null(output);
    for (char *line = strtok(sums, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char hash[KIT_SHA256_TEXT], path[200];

        snprintf(path, sizeof(path), "p/%s", line + 66);
        hash_file(case_at(folder, path), hash);
        assert_memory_equal(line, hash, 64);
        count++;
    }
    assert_int_equal(count, 7); /* three, the list of parts twice, two archives */
    assert_int_equal(json_integer_value(json_object_get(output, "files")), 4);
    assert_string_equal(kit_str(json_object_get(output, "zip"), "path", ""), "dist/app.zip");
    free(sums);
    json_decref(output);
    agent_free(agent);
    agent_clear(folder);
}

/* Other folders, other times, another time zone and umask: the same bytes. */
static void the_same_files_give_the_same_bytes(void **state)
{
    static const char *const zones[] = { "UTC", "Asia/Seoul", "America/Los_Angeles", "UTC-14",
                                         "UTC+12" };
    char *folder = agent_folder();
    struct agent *agent = case_start();
    json_t *first = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        char name[] = "p0";
        struct td_err err;
        json_t *output;

        name[1] = (char)('0' + i);
        setenv("TZ", zones[i], 1);
        tzset();
        umask(i % 2 == 0 ? 022 : 077);
        output = case_pack(agent, case_project, case_at(folder, name), &err);
        assert_non_null(output);
        json_object_del(output, "dir");
        if (first == NULL)
            first = json_incref(output);
        assert_true(json_equal(first, output));
        json_decref(output);
    }
    unsetenv("TZ");
    tzset();
    umask(022);
    json_decref(first);
    agent_free(agent);
    agent_clear(folder);
}

static const struct {
    const char *path, *text; /* text NULL: any */
} entries[] = {
    { "app/a.html", "<p>글</p>\n" },
    { "app/js/b.js", "b\n" },
    { "app/sbom.cdx.json", NULL },
    { "app/tests/deep/c.js", "" },
};

static void check_archive(const char *path)
{
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    size_t count = 0;

    archive_read_support_format_all(archive);
    archive_read_support_filter_all(archive);
    assert_int_equal(archive_read_open_filename(archive, path, 10240), ARCHIVE_OK);
    for (; archive_read_next_header(archive, &entry) == ARCHIVE_OK; count++) {
        char text[100] = "";

        assert_in_range(count, 0, 3);
        assert_string_equal(archive_entry_pathname(entry), entries[count].path);
        assert_int_equal(archive_entry_perm(entry), 0644);
        if (entries[count].text != NULL) {
            assert_int_equal(archive_read_data(archive, text, sizeof(text)),
                             strlen(entries[count].text));
            assert_string_equal(text, entries[count].text);
        }
    }
    assert_int_equal(count, 4);
    assert_int_equal(archive_read_free(archive), ARCHIVE_OK);
}

static void the_archives_hold_the_project(void **state)
{
    char *folder = agent_folder();
    struct agent *agent = case_start();
    struct td_err err;
    json_t *output = case_pack(agent, case_project, case_at(folder, "p"), &err);
    json_t *sbom;

    (void)state;
    assert_non_null(output);
    check_archive(case_at(folder, "p/dist/app.zip"));
    check_archive(case_at(folder, "p/dist/app.tar.gz"));
    sbom = json_load_file(case_at(folder, "p/sbom.cdx.json"), 0, NULL);
    assert_string_equal(kit_str(sbom, "specVersion", ""), "1.5");
    assert_memory_equal(kit_str(sbom, "serialNumber", ""), "urn:uuid:", 9);
    assert_int_equal(strlen(kit_str(sbom, "serialNumber", "")), 45);
    assert_int_equal(json_array_size(json_object_get(sbom, "components")), 4);
    json_decref(sbom);
    json_decref(output);
    agent_free(agent);
    agent_clear(folder);
}

static const struct {
    const char *files, *name, *want;
} refusals[] = {
    { "[{'path': '../x', 'text': ''}]", "app", "the path \"../x\" has a \"..\" part" },
    { "[{'path': '/x', 'text': ''}]", "app", "the path \"/x\" is absolute" },
    { "[{'path': 'a/../../x', 'text': ''}]", "app", "the path \"a/../../x\" has a \"..\" part" },
    { "[{'path': 'a\\u0007', 'text': ''}]", "app",
      "the path \"a\x07\" has a character that is not A-Z, a-z, 0-9, \".\", \"_\", \"-\" or "
      "\"/\"" },
    { "[{'path': 'a', 'text': ''}, {'path': 'A', 'text': ''}]", "app",
      "the files \"A\" and \"a\" would be one file" },
    { "[{'path': 'a', 'text': ''}, {'path': 'a/b', 'text': ''}]", "app",
      "the file \"a\" is a folder of the file \"a/b\", too" },
    { "[{'path': 'dist/x', 'text': ''}]", "app",
      "the path \"dist/x\" is kept for what packing adds" },
    { "[{'path': '.tdev-pack', 'text': ''}]", "app",
      "the path \".tdev-pack\" is kept for what packing adds" },
    { "[{'path': 'sbom.cdx.json', 'text': ''}]", "app",
      "the path \"sbom.cdx.json\" is kept for what packing adds" },
    { "[{'path': 'a', 'text': ''}]", "../app", "the project's name \"../app\" has a \"..\" part" },
    { "[{'path': 'a', 'text': ''}]", "a/b",
      "the project's name \"a/b\" must be 1 to 64 characters without \"/\"" },
};

static void a_path_that_could_leave_the_folder_is_refused(void **state)
{
    char *folder = agent_folder();
    struct agent *agent = case_start();

    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct td_err err;
        json_t *input = json_pack("{s:o, s:s, s:s}", "files", agent_json(refusals[i].files), "dir",
                                  case_at(folder, "p"), "name", refusals[i].name);

        assert_null(agent_call(agent, "pack", input, &err));
        assert_string_equal(err.text, refusals[i].want);
        assert_int_equal(case_count(folder), 0);
    }
    agent_free(agent);
    agent_clear(folder);
}

static void more_than_the_bounds_is_refused(void **state)
{
    char *folder = agent_folder();
    struct agent *agent = case_start();
    json_t *files = json_array();
    char *large = malloc((1U << 20) + 2);
    struct td_err err;

    (void)state;
    for (int i = 0; i <= 500; i++)
        json_array_append_new(files,
                              json_pack("{s:o, s:s}", "path", json_sprintf("f%d", i), "text", ""));
    assert_null(agent_call(
        agent, "pack",
        json_pack("{s:o, s:s, s:s}", "files", files, "dir", case_at(folder, "p"), "name", "app"),
        &err));
    assert_string_equal(err.text, "the project has 501 files, the limit is 500");
    memset(large, 'x', (1U << 20) + 1);
    large[(1U << 20) + 1] = '\0';
    files = json_pack("[{s:s, s:s}]", "path", "f", "text", large);
    assert_null(agent_call(
        agent, "pack",
        json_pack("{s:o, s:s, s:s}", "files", files, "dir", case_at(folder, "p"), "name", "app"),
        &err));
    assert_string_equal(err.text, "the file \"f\" has 1048577 bytes, the limit is 1048576");
    assert_int_equal(err.code, TD_E_LIMIT);
    large[1U << 20] = '\0';
    files = json_array();
    for (int i = 0; i < 17; i++)
        json_array_append_new(
            files, json_pack("{s:o, s:s}", "path", json_sprintf("f%d", i), "text", large));
    assert_null(agent_call(
        agent, "pack",
        json_pack("{s:o, s:s, s:s}", "files", files, "dir", case_at(folder, "p"), "name", "app"),
        &err));
    assert_string_equal(err.text, "the files up to \"f16\" have more than 16777216 bytes together");
    free(large);
    agent_free(agent);
    agent_clear(folder);
}

/* In a child: files may have `limit` bytes, as if the disk were full there.
 * 0 when all is as it should be. */
static int pack_with_little_room(const char *folder, rlim_t limit)
{
    struct rlimit room = { limit, limit };
    struct agent *agent = case_start();
    json_t *input = json_pack("{s:[{s:s, s:s}, {s:s, s:o}], s:s, s:s}", "files", "path", "a.txt",
                              "text", "a", "path", "b.txt", "text", json_sprintf("%5000s", "b"),
                              "dir", case_at(folder, "new/above/p"), "name", "app");
    struct td_err err = { .code = TD_OK };
    json_t *output;

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &room) != 0)
        return 2;
    output = agent_call(agent, "pack", input, &err);
    agent_free(agent);
    if (output != NULL || err.code != TD_E_IO || err.sys != EFBIG || err.is_retryable)
        return 3;
    if (strstr(err.text, "could not write \"") == NULL || strstr(err.text, folder) == NULL)
        return 4;
    return case_count(folder) == 0 ? 0 : 5;
}

static void a_full_disk_leaves_nothing_behind(void **state)
{
    static const rlim_t limits[] = { 0, 1, 10, 600, 2000, 4999 };
    char *folder = agent_folder();

    (void)state;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        pid_t pid = fork();
        int status;

        assert_true(pid >= 0);
        if (pid == 0)
            _exit(pack_with_little_room(folder, limits[i]));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    agent_clear(folder);
}

/* `there` is made first: a folder, or a file when it ends in "!". */
static const struct {
    const char *there, *dir;
    int sys;
    const char *hint;
} lasting[] = {
    { "x!", "x/p", ENOTDIR, "a part of the path is a file: choose another folder" },
    { "x!", "x/y/p", ENOTDIR, "a part of the path is a file: choose another folder" },
    { "circle>", "circle/p", ELOOP,
      "the links in the path lead in a circle: choose another folder" },
    { "x/", "new/above/" LONG_NAME, ENAMETOOLONG, "choose a folder with a shorter name" },
    { "x/", "/proc/1/none/p", ENOENT, "" },
};

static void prepare(const char *folder, const char *there)
{
    char name[32];

    snprintf(name, sizeof(name), "%.*s", (int)strlen(there) - 1, there);
    if (there[strlen(there) - 1] == '!')
        agent_write(folder, name, "a file");
    else if (there[strlen(there) - 1] == '>')
        assert_int_equal(symlink(name, case_at(folder, name)), 0);
    else
        assert_int_equal(mkdir(case_at(folder, name), 0777), 0);
}

/* It is not tried again, names the folder that was asked for, and takes back what was made. */
static void a_refusal_that_stays_is_told_with_the_way_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(lasting) / sizeof(lasting[0]); i++) {
        char *folder = agent_folder();
        struct agent *agent = case_start();
        struct td_err err;
        const char *dir =
            lasting[i].dir[0] == '/' ? lasting[i].dir : case_at(folder, lasting[i].dir);

        prepare(folder, lasting[i].there);
        assert_null(agent_call(agent, "pack",
                               json_pack("{s:o, s:s, s:s, s:s}", "files", agent_json(case_project),
                                         "dir", dir, "to", "the/place", "name", "app"),
                               &err));
        assert_int_equal(err.sys, lasting[i].sys);
        assert_true(err.is_retryable == (lasting[i].hint[0] == '\0'));
        assert_string_equal(err.hint, lasting[i].hint);
        assert_ptr_equal(
            strstr(err.text, "could not write the project to \"the/place\": could not "), err.text);
        assert_int_equal(case_count(folder), 1);
        agent_free(agent);
        agent_clear(folder);
    }
}

static void a_folder_that_is_not_ours_is_never_touched(void **state)
{
    char *folder = agent_folder();
    struct agent *agent = case_start();
    struct td_err err;
    char *text;

    (void)state;
    agent_write(folder, "p/mine.txt", "mine");
    assert_null(case_pack(agent, case_project, case_at(folder, "p"), &err));
    assert_int_equal(err.code, TD_E_EXISTS);
    assert_non_null(
        strstr(err.text, "/p\": it is there already and is not from a build that was cut off"));
    text = case_read(case_at(folder, "p/mine.txt"));
    assert_string_equal(text, "mine");
    free(text);
    agent_write(folder, "file", "x");
    assert_null(case_pack(agent, case_project, case_at(folder, "file"), &err));
    assert_int_equal(err.code, TD_E_EXISTS);
    agent_free(agent);
    agent_clear(folder);
}

/* A folder with the mark is ours, however it looks: packing again gives the same. */
static void packing_again_replaces_what_was_cut_off(void **state)
{
    char *folder = agent_folder();
    struct agent *agent = case_start();
    struct td_err err;
    json_t *first = case_pack(agent, case_project, case_at(folder, "new/p"), &err);
    json_t *second;

    (void)state;
    assert_non_null(first);
    agent_write(folder, "new/p/left/over.txt", "x");
    assert_int_equal(symlink("/etc/passwd", case_at(folder, "new/p/link")), 0);
    second = case_pack(agent, case_project, case_at(folder, "new/p"), &err);
    assert_true(json_equal(first, second));
    assert_int_equal(access(case_at(folder, "new/p/left"), F_OK), -1);
    assert_int_equal(access("/etc/passwd", F_OK), 0);
    json_decref(first);
    json_decref(second);
    agent_free(agent);
    agent_clear(folder);
}

static char *starving;

static struct agent *make(void)
{
    char mark[KIT_SHA256_TEXT];
    struct td_err err;

    /* What was begun before is gone;
     * jansson can do without some of its memory, then the folder is finished. */
    if (tree_mark(case_at(starving, "p"), mark, sizeof(mark)) && strlen(mark) == 64)
        assert_int_equal(tree_remove(case_at(starving, "p"), &err), 0);
    assert_int_equal(case_count(starving), 0);
    return case_start();
}

static void each_lack_of_memory_is_told_and_leaves_nothing(void **state)
{
    (void)state;
    starving = agent_folder();
    agent_starve(make, "pack",
                 json_pack("{s:o, s:s, s:s}", "files", agent_json(case_project), "dir",
                           case_at(starving, "p"), "name", "app"));
    agent_clear(starving);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_hash_of_the_list_is_that_of_its_file),
        cmocka_unit_test(the_same_files_give_the_same_bytes),
        cmocka_unit_test(the_archives_hold_the_project),
        cmocka_unit_test(a_path_that_could_leave_the_folder_is_refused),
        cmocka_unit_test(more_than_the_bounds_is_refused),
        cmocka_unit_test(a_full_disk_leaves_nothing_behind),
        cmocka_unit_test(a_refusal_that_stays_is_told_with_the_way_out),
        cmocka_unit_test(a_folder_that_is_not_ours_is_never_touched),
        cmocka_unit_test(packing_again_replaces_what_was_cut_off),
        cmocka_unit_test(each_lack_of_memory_is_told_and_leaves_nothing),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
