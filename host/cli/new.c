/* SPDX-License-Identifier: Apache-2.0 */
/*
 * new: writes a plugin to start from. What it holds are files of sdk/templates: those of its kind,
 * and those of the way it is built. They have a few placeholders, so a template is read, compiled
 * and mended like any other source.
 *
 * The folder is filled under another name and renamed: it is there whole, or not at all.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/cli.h"
#include "conf/conf.h"

enum { NAME_MAX_BYTES = 63, TEMPLATE_BYTES_MAX = 1 << 20 };

/* A kind that can be begun, and how one of its plugins is tried out. */
static const struct kind {
    const char *name;
    const char *first_use; /* with the placeholders of the templates */
} kinds[] = {
    { "agent", "tdev agent call @NAME@ shorten -i text='a sentence that is too long' -i limit=12" },
    { "pattern", "tdev pattern run @NAME@ -s agent=echo -s action=echo -s times=3 -i text=hello" },
    { "storage", "tdev plugin info @NAME@" },
};

/* A file of the new plugin: from sdk/templates/KIND, or from sdk/templates/build. */
struct file {
    const char *template, *name; /* what it is called in the new folder */
    bool is_of_build;
};

/* What every plugin has. */
static const struct file files[] = {
    { "plugin.yaml", "plugin.yaml", false },   { "plugin.c", "@NAME@.c", false },
    { "test.c", "test_@NAME@.c", false },      { "README.md", "README.md", false },
    { "conform.yaml", "conform.yaml", false },
};
enum { FILE_COUNT = sizeof(files) / sizeof(files[0]), BUILD_FILES = 2 };

/* A way to build one, with the commands that do it, @FOLDER@ being its folder. */
static const struct build {
    const char *name;
    struct file files[BUILD_FILES]; /* without a name: there is none */
    const char *text;               /* how the files are called where they are told */
    const char *here;               /* the command, in the folder */
    const char *make, *check;
    const char *root, *folder; /* where the plugin is then, @DIR@ being the folder of its folder */
} builds[] = {
    { "make",
      { { "Makefile", "Makefile", true } },
      "Makefile",
      "make",
      "make -C @FOLDER@",
      "make -C @FOLDER@ check",
      "@DIR@",
      "@FOLDER@" },
    { "autotools",
      { { "configure.ac", "configure.ac", true }, { "Makefile.am", "Makefile.am", true } },
      "configure.ac, Makefile.am",
      "autoreconf -i && ./configure && make",
      "(cd @FOLDER@ && autoreconf -i && ./configure && make)",
      "make -C @FOLDER@ check",
      "@DIR@",
      "@FOLDER@" },
    { "cmake",
      { { "CMakeLists.txt", "CMakeLists.txt", true } },
      "CMakeLists.txt",
      "cmake -B build && cmake --build build",
      "cmake -S @FOLDER@ -B @FOLDER@/build && cmake --build @FOLDER@/build",
      "ctest --test-dir @FOLDER@/build",
      "@DIR@/@NAME@/build",
      "@FOLDER@/build/@NAME@" },
};

/* What is made, and where. */
struct work {
    const struct kind *kind;
    const struct build *build;
    const char *name;
    char ident[NAME_MAX_BYTES + 1]; /* the name as a C identifier */
    char folder[PATH_MAX], aside[PATH_MAX];
    char dir[PATH_MAX]; /* the folder's own, resolved */
    char templates[PATH_MAX];
};

/* The n-th file; NULL: there is no more. */
static const struct file *get_file(const struct work *work, size_t n)
{
    if (n < FILE_COUNT)
        return &files[n];
    n -= FILE_COUNT;
    return n < BUILD_FILES && work->build->files[n].name != NULL ? &work->build->files[n] : NULL;
}

static const struct build *find_build(const char *name)
{
    for (size_t i = 0; i < sizeof(builds) / sizeof(builds[0]); i++)
        if (strcmp(builds[i].name, name) == 0)
            return &builds[i];
    return NULL;
}

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static int check_name(const char *name, struct td_err *err)
{
    size_t length = strlen(name);

    if (length > NAME_MAX_BYTES || name[0] < 'a' || name[0] > 'z' ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != length)
        return td_fail(
            err, TD_E_INVAL,
            "\"%.80s\" cannot name a plugin: it must be a small letter and up to %d of a-z 0-9 -",
            name, NAME_MAX_BYTES - 1);
    return 0;
}

/* --- templates --- */

static bool is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* An installation has the templates among its data; beside a program that was only built, the data
 * is the source's conf. */
static int find_templates(struct work *work, struct td_err *err)
{
    static const char *const places[] = { "sdk-templates", "../sdk/templates" };
    char *data = tdh_part_find(TDH_PART_DATA);

    if (data == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the path of the templates");
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        char kind[PATH_MAX + NAME_MAX_BYTES];
        int length = snprintf(work->templates, sizeof(work->templates), "%s/%s", data, places[i]);

        if (length <= 0 || (size_t)length >= sizeof(work->templates) - NAME_MAX_BYTES)
            continue;
        snprintf(kind, sizeof(kind), "%s/%s", work->templates, work->kind->name);
        if (is_folder(kind)) {
            free(data);
            return 0;
        }
    }
    td_fail(err, TD_E_NOTFOUND, "there are no templates of kind \"%s\" in \"%s/%s\"",
            work->kind->name, data, places[0]);
    free(data);
    return td_hint(err, "tdev doctor tells what else this installation lacks");
}

/* What stands for the placeholder that `at` begins with; NULL: it is none. */
static const char *find_value(const struct work *work, const char *at, size_t *ret_length)
{
    const struct {
        const char *name, *value;
    } rows[] = {
        { "@NAME@", work->name },     { "@IDENT@", work->ident }, { "@BUILD@", work->build->here },
        { "@FOLDER@", work->folder }, { "@DIR@", work->dir },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        *ret_length = strlen(rows[i].name);
        if (strncmp(at, rows[i].name, *ret_length) == 0)
            return rows[i].value;
    }
    return NULL;
}

/* Appends a template with its placeholders filled in. */
static void fill(struct tdh_buf *buf, const struct work *work, const char *text)
{
    for (const char *at = strchr(text, '@'); at != NULL; at = strchr(text, '@')) {
        size_t length;
        const char *value = find_value(work, at, &length);

        tdh_buf_add(buf, text, (size_t)(at - text));
        tdh_buf_text(buf, value != NULL ? value : "@");
        text = at + (value != NULL ? length : 1);
    }
    tdh_buf_text(buf, text);
}

/* A path of `size` bytes, FOLDER/NAME, the name with its placeholders filled in. */
static int make_path(char *path, size_t size, const struct work *work, const char *folder,
                     const char *name, struct td_err *err)
{
    struct tdh_buf buf = { 0 };
    int length;

    fill(&buf, work, name);
    length = buf.failed ? -1 : snprintf(path, size, "%s/%s", folder, buf.data);
    tdh_buf_free(&buf);
    if (length < 0 || (size_t)length >= size)
        return td_fail(err, TD_E_LIMIT, "a path in \"%.200s\" is longer than %zu bytes", folder,
                       size - 1);
    return 0;
}

static int write_file(const struct work *work, const struct file *file, struct td_err *err)
{
    char place[PATH_MAX], from[PATH_MAX], to[PATH_MAX];
    struct tdh_buf buf = { 0 };
    size_t length;
    char *text;
    int rc = -1;

    if (make_path(place, sizeof(place), work, work->templates,
                  file->is_of_build ? "build" : work->kind->name, err) != 0 ||
        make_path(from, sizeof(from), work, place, file->template, err) != 0 ||
        make_path(to, sizeof(to), work, work->aside, file->name, err) != 0)
        return -1;
    text = tdh_file_read(from, TEMPLATE_BYTES_MAX, &length, err);
    if (text == NULL)
        return -1;
    fill(&buf, work, text);
    if (buf.failed)
        td_fail(err, TD_E_NOMEM, "could not allocate \"%s\"", to);
    else
        rc = tdh_file_write(to, buf.data, buf.length, 0666, err);
    tdh_buf_free(&buf);
    free(text);
    return rc;
}

/* --- the folder --- */

/* Takes away what a try left, this one's or one that was interrupted. */
static void discard(const struct work *work)
{
    const struct file *file;
    struct td_err ignored;
    char path[PATH_MAX];

    for (size_t i = 0; (file = get_file(work, i)) != NULL; i++)
        if (make_path(path, sizeof(path), work, work->aside, file->name, &ignored) == 0)
            unlink(path);
    rmdir(work->aside);
}

static int set_paths(struct work *work, const char *dir, struct td_err *err)
{
    char aside[NAME_MAX_BYTES + 8];
    struct stat status;

    snprintf(work->ident, sizeof(work->ident), "%s", work->name);
    for (char *at = work->ident; *at != '\0'; at++)
        if (*at == '-')
            *at = '_';
    snprintf(aside, sizeof(aside), ".%s.new", work->name);
    if (make_path(work->folder, sizeof(work->folder), work, dir, work->name, err) != 0 ||
        make_path(work->aside, sizeof(work->aside), work, dir, aside, err) != 0)
        return -1;
    if (lstat(work->folder, &status) == 0)
        return td_fail(err, TD_E_EXISTS, "\"%s\" is there already", work->folder);
    return 0;
}

static int make_folder(const struct work *work, const char *dir, struct td_err *err)
{
    const struct file *file;

    if (tdh_file_mkdirs(dir, 0777, err) != 0)
        return -1;
    discard(work);
    if (mkdir(work->aside, 0777) != 0)
        return td_fail_sys(err, "could not make folder \"%s\"", work->aside);
    for (size_t i = 0; (file = get_file(work, i)) != NULL; i++)
        if (write_file(work, file, err) != 0)
            goto fail;
    if (rename(work->aside, work->folder) == 0)
        return 0;
    td_fail_sys(err, "could not rename \"%s\" to \"%s\"", work->aside, work->folder);
fail:
    discard(work);
    return -1;
}

/* --- telling --- */

static void print_filled(const struct work *work, const char *before, const char *text,
                         const char *after)
{
    struct tdh_buf buf = { 0 };

    fill(&buf, work, text);
    printf("%s%s%s", before, buf.data != NULL && !buf.failed ? buf.data : "", after);
    tdh_buf_free(&buf);
}

static void print_steps(const struct work *work)
{
    const struct build *build = work->build;

    printf("wrote %s with plugin.yaml, %s.c, test_%s.c, %s, README.md and conform.yaml\n\n",
           work->folder, work->name, work->name, build->text);
    puts("Now build it, let tdev run what lies there, and try it:\n");
    print_filled(work, "  ", build->make, "\n");
    print_filled(work, "  export TDEV_PLUGIN_PATH=", build->root, "");
    print_filled(work, " TDEV_PLUGINS_INLINE=", build->root, "\n");
    print_filled(work, "  tdev plugin check ", build->folder, "\n");
    print_filled(work, "  ", build->check, "\n");
    print_filled(work, "  ", work->kind->first_use, "\n\n");
    puts("For good, instead of the two variables, in ~/.config/tdev/tdev.yaml:\n");
    print_filled(work, "  plugins: {paths: [\"", build->root, "\"], ");
    print_filled(work, "inline: [\"", build->root, "\"]}\n");
}

static int fail_kind(const struct tdh_args *args)
{
    return tdh_cli_usage(args,
                         "\"%.80s\" is no kind of plugin that there is a template of: agent, "
                         "pattern or storage",
                         args->words[0]);
}

int tdh_verb_plugin_new(const struct tdh_args *args)
{
    struct work work = { .kind = find_kind(args->words[0]),
                         .build = find_build(tdh_args_value(args, "build", "make")),
                         .name = args->words[1] };
    const char *dir = tdh_args_value(args, "output", ".");
    struct td_err err;

    if (work.kind == NULL)
        return fail_kind(args);
    if (work.build == NULL)
        return tdh_cli_usage(args, "--build is \"%.80s\", it must be make, autotools or cmake",
                             tdh_args_value(args, "build", ""));
    if (check_name(work.name, &err) != 0 || set_paths(&work, dir, &err) != 0 ||
        find_templates(&work, &err) != 0 || make_folder(&work, dir, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(json_pack("{s:s, s:s, s:s, s:s}", "folder", work.folder, "kind",
                                       work.kind->name, "name", work.name, "build",
                                       work.build->name));
    if (realpath(dir, work.dir) == NULL)
        snprintf(work.dir, sizeof(work.dir), "%s", dir);
    print_steps(&work);
    return TDH_EXIT_DONE;
}
