/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollout_file: the files of rollouts. Each has one writer, and is replaced as a whole.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/rollout.h"
#include "base/buf.h"
#include "base/json.h"

#define TAKEN "taken"
enum { SMALL = 16 * 1024, WISHES_MAX = 256 };

static void print_path(const char *dir, const char *plugin, const char *kind,
                       char path[static PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s.%s", dir, plugin, kind);
}

json_t *tdh_rollout_record(const char *dir, const char *plugin)
{
    char path[PATH_MAX];
    struct td_err ignored;

    print_path(dir, plugin, "json", path);
    return tdh_json_read(path, TDH_ROLLOUT_FILE, &ignored);
}

int tdh_rollout_write(const char *dir, const char *plugin, const json_t *record, struct td_err *err)
{
    char path[PATH_MAX];
    char *text = tdh_json_text(record, 0);
    int rc;

    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the rollout of \"%s\"", plugin);
    mkdir(dir, S_IRWXU);
    print_path(dir, plugin, "json", path);
    rc = tdh_file_write(path, text, strlen(text), S_IRUSR | S_IWUSR, err);
    free(text);
    return rc;
}

enum tdh_wish tdh_rollout_take_wish(const char *dir, const char *plugin)
{
    static const char *const words[] = { [TDH_WISH_PROMOTE] = "promote",
                                         [TDH_WISH_PROMOTE_NOW] = "promote now",
                                         [TDH_WISH_ROLLBACK] = "rollback" };
    enum tdh_wish wish = TDH_WISH_NOTHING;
    char path[PATH_MAX], taken[PATH_MAX];
    struct td_err ignored;
    json_t *text;

    print_path(dir, plugin, "wish", path);
    print_path(dir, plugin, TAKEN, taken);
    if (rename(path, taken) != 0)
        return TDH_WISH_NOTHING;
    text = tdh_json_read(taken, SMALL, &ignored);
    for (unsigned i = TDH_WISH_PROMOTE; i <= TDH_WISH_ROLLBACK; i++)
        if (strcmp(tdh_json_str(text, "wish", ""), words[i]) == 0)
            wish = (enum tdh_wish)i;
    json_decref(text);
    return wish;
}

void tdh_rollout_wish_done(const char *dir, const char *plugin)
{
    char taken[PATH_MAX];

    print_path(dir, plugin, TAKEN, taken);
    unlink(taken);
}

bool tdh_rollouts_is_wished(const char *dir, const char *plugin)
{
    char path[PATH_MAX], taken[PATH_MAX];

    print_path(dir, plugin, "wish", path);
    print_path(dir, plugin, TAKEN, taken);
    return access(path, F_OK) == 0 || access(taken, F_OK) == 0;
}

static json_t *read_plan(const char *path, const char *pointer, const char *version,
                         struct tdh_rollout_plan *ret_plan)
{
    struct td_err ignored;
    struct tdh_yaml *yaml = tdh_yaml_read(path, &ignored);
    json_t *text = yaml != NULL ? tdh_json_at(yaml->root, pointer) : NULL;

    if (text != NULL && tdh_rollout_plan_read(yaml, pointer, text, ret_plan, &ignored) == 0 &&
        (version == NULL || strcmp(tdh_json_str(text, "version", ""), version) == 0))
        text = json_deep_copy(text);
    else
        text = NULL;
    tdh_yaml_free(yaml);
    return text;
}

json_t *tdh_rollout_take_plan(const char *dir, const char *plugin, const char *version,
                              struct tdh_rollout_plan *ret_plan)
{
    char path[PATH_MAX];
    json_t *text;

    print_path(dir, plugin, "plan", path);
    if (access(path, F_OK) != 0)
        return NULL;
    text = read_plan(path, "", version, ret_plan);
    unlink(path);
    return text;
}

json_t *tdh_rollout_recorded_plan(const char *dir, const char *plugin,
                                  struct tdh_rollout_plan *ret_plan)
{
    char path[PATH_MAX];

    print_path(dir, plugin, "json", path);
    return read_plan(path, "/plan", NULL, ret_plan);
}

/* The name in front of the ending; NULL: it has another. new */
static char *name_of(const char *file, const char *ending)
{
    size_t length = strlen(file), end = strlen(ending);

    return length > end && strcmp(file + length - end, ending) == 0 ? strndup(file, length - end)
                                                                    : NULL;
}

/* What a tdevd that was killed had taken is not done twice. */
static void forget_taken(const char *dir, const char *file)
{
    char *name = name_of(file, "." TAKEN);

    if (name != NULL)
        tdh_rollout_wish_done(dir, name);
    free(name);
}

char **tdh_rollout_wished(const char *dir)
{
    char **names = calloc(WISHES_MAX + 1, sizeof(char *));
    DIR *files = names != NULL ? opendir(dir) : NULL;
    const struct dirent *file;
    size_t count = 0;

    while (files != NULL && count < WISHES_MAX && (file = readdir(files)) != NULL) {
        if ((names[count] = name_of(file->d_name, ".wish")) != NULL)
            count++;
        forget_taken(dir, file->d_name);
    }
    if (files != NULL)
        closedir(files);
    return names;
}

/* --- which edition is to be loaded --- */

static const char *edition_of(const json_t *record, const char *side)
{
    return tdh_json_str(json_object_get(record, side), "edition", "");
}

static bool is_instead(const json_t *record, const char *edition, struct tdh_instead *ret_instead)
{
    const char *state = tdh_json_str(record, "state", ""), *before = edition_of(record, "before");

    ret_instead->is_tried = strcmp(state, "trial") == 0;
    if ((!ret_instead->is_tried && strcmp(state, "rolled_back") != 0) || before[0] == '\0' ||
        strcmp(edition_of(record, "next"), edition) != 0)
        return false;
    snprintf(ret_instead->edition, sizeof(ret_instead->edition), "%s", before);
    snprintf(ret_instead->why, sizeof(ret_instead->why), "%s", tdh_json_str(record, "why", ""));
    return true;
}

bool tdh_rollout_instead(void *arg, enum td_kind kind, const char *name, const char *edition,
                         struct tdh_instead *ret_instead)
{
    json_t *record = kind == TD_KIND_AGENT ? tdh_rollout_record(arg, name) : NULL;
    bool is = record != NULL && is_instead(record, edition, ret_instead);

    json_decref(record);
    return is;
}
