/* SPDX-License-Identifier: Apache-2.0 */
/*
 * new: writes a plugin to start from. What it holds are files of sdk/templates/KIND with two
 * placeholders, so a template is read, compiled and mended like any other source.
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

/* The files of a plugin. `name` is what a template is called in the new folder. */
static const struct {
    const char *template, *name;
} files[] = {
    { "plugin.yaml", "plugin.yaml" },   { "plugin.c", "@NAME@.c" },
    { "Makefile", "Makefile" },         { "README.md", "README.md" },
    { "conform.yaml", "conform.yaml" },
};
enum { FILE_COUNT = sizeof(files) / sizeof(files[0]) };

/* What is made, and where. */
struct work {
    const struct kind *kind;
    const char *name;
    char ident[NAME_MAX_BYTES + 1]; /* the name as a C identifier */
    char folder[PATH_MAX], aside[PATH_MAX];
    char templates[PATH_MAX];
};

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
        int length = snprintf(work->templates, sizeof(work->templates), "%s/%s/%s", data, places[i],
                              work->kind->name);

        if (length > 0 && (size_t)length < sizeof(work->templates) && is_folder(work->templates)) {
            free(data);
            return 0;
        }
    }
    td_fail(err, TD_E_NOTFOUND, "there are no templates of kind \"%s\" in \"%s/%s\"",
            work->kind->name, data, places[0]);
    free(data);
    return td_hint(err, "tdev doctor tells what else this installation lacks");
}

/* Appends a template with its placeholders filled in. */
static void fill(struct tdh_buf *buf, const struct work *work, const char *text)
{
    for (const char *at = strchr(text, '@'); at != NULL; at = strchr(text, '@')) {
        bool is_name = strncmp(at, "@NAME@", 6) == 0, is_ident = strncmp(at, "@IDENT@", 7) == 0;

        tdh_buf_add(buf, text, (size_t)(at - text));
        if (is_name || is_ident)
            tdh_buf_text(buf, is_name ? work->name : work->ident);
        else
            tdh_buf_char(buf, '@');
        text = at + (is_name ? 6 : is_ident ? 7 : 1);
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

static int write_file(const struct work *work, const char *template, const char *name,
                      struct td_err *err)
{
    char from[PATH_MAX], to[PATH_MAX];
    struct tdh_buf buf = { 0 };
    size_t length;
    char *text;
    int rc = -1;

    if (make_path(from, sizeof(from), work, work->templates, template, err) != 0 ||
        make_path(to, sizeof(to), work, work->aside, name, err) != 0)
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
    struct td_err ignored;
    char path[PATH_MAX];

    for (size_t i = 0; i < FILE_COUNT; i++)
        if (make_path(path, sizeof(path), work, work->aside, files[i].name, &ignored) == 0)
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
    if (tdh_file_mkdirs(dir, 0777, err) != 0)
        return -1;
    discard(work);
    if (mkdir(work->aside, 0777) != 0)
        return td_fail_sys(err, "could not make folder \"%s\"", work->aside);
    for (size_t i = 0; i < FILE_COUNT; i++)
        if (write_file(work, files[i].template, files[i].name, err) != 0)
            goto fail;
    if (rename(work->aside, work->folder) == 0)
        return 0;
    td_fail_sys(err, "could not rename \"%s\" to \"%s\"", work->aside, work->folder);
fail:
    discard(work);
    return -1;
}

/* --- telling --- */

static void print_steps(const struct work *work, const char *dir)
{
    char whole[PATH_MAX];
    struct tdh_buf use = { 0 };

    if (realpath(dir, whole) == NULL)
        snprintf(whole, sizeof(whole), "%s", dir);
    fill(&use, work, work->kind->first_use);
    printf("wrote %s with plugin.yaml, %s.c, Makefile, README.md and conform.yaml\n\n",
           work->folder, work->name);
    puts("Now build it, let tdev run what lies there, and try it:\n");
    printf("  make -C %s\n", work->folder);
    printf("  export TDEV_PLUGIN_PATH=%s TDEV_PLUGINS_INLINE=%s\n", whole, whole);
    printf("  tdev plugin check %s\n  tdev plugin conform %s\n", work->folder, work->folder);
    printf("  %s\n\n", use.data != NULL ? use.data : "");
    printf("For good, instead of the two variables, in ~/.config/tdev/tdev.yaml:\n\n"
           "  plugins: {paths: [\"%s\"], inline: [\"%s\"]}\n",
           whole, whole);
    tdh_buf_free(&use);
}

int tdh_verb_plugin_new(const struct tdh_args *args)
{
    struct work work = { .kind = find_kind(args->words[0]), .name = args->words[1] };
    const char *dir = tdh_args_value(args, "output", ".");
    struct td_err err;

    if (work.kind == NULL)
        return tdh_cli_usage(args,
                             "\"%.80s\" is no kind of plugin, it must be agent, pattern or storage",
                             args->words[0]);
    if (check_name(work.name, &err) != 0 || set_paths(&work, dir, &err) != 0 ||
        find_templates(&work, &err) != 0 || make_folder(&work, dir, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(json_pack("{s:s, s:s, s:s}", "folder", work.folder, "kind",
                                       work.kind->name, "name", work.name));
    print_steps(&work, dir);
    return TDH_EXIT_DONE;
}
