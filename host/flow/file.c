/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file: which names are files of workflows, where they stand, and in which notation they are.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "flow/flows.h"

static bool ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name), size = strlen(ending);

    return length > size && strcmp(name + length - size, ending) == 0;
}

bool tdh_flow_is_text(const char *path)
{
    return ends_in(path, TDH_FLOW_TEXT);
}

bool tdh_flow_is_path(const char *name)
{
    return strchr(name, '/') != NULL || ends_in(name, TDH_FLOW_YAML) || ends_in(name, ".yml") ||
           ends_in(name, TDH_FLOW_TEXT);
}

char *tdh_flow_file_id(const char *file)
{
    const char *ending = ends_in(file, TDH_FLOW_YAML)   ? TDH_FLOW_YAML
                         : ends_in(file, TDH_FLOW_TEXT) ? TDH_FLOW_TEXT
                                                        : NULL;
    char *id = ending != NULL ? strndup(file, strlen(file) - strlen(ending)) : NULL;

    if (id != NULL && tdh_flow_is_id(id))
        return id;
    free(id);
    return NULL;
}

bool tdh_flow_is_file(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

int tdh_flow_find_file(char *const *folders, size_t folder_count, const char *name,
                       char path[static PATH_MAX], struct td_err *err)
{
    static const char *const endings[] = { TDH_FLOW_YAML, TDH_FLOW_TEXT };

    for (size_t i = 0; i < folder_count; i++) {
        const char *folder = folders[i];
        bool is_there[2];

        for (size_t e = 0; e < 2; e++)
            is_there[e] =
                snprintf(path, PATH_MAX, "%s/%s%s", folder, name, endings[e]) < PATH_MAX &&
                tdh_flow_is_file(path);
        if (is_there[0] && is_there[1])
            return td_fail(err, TD_E_CONFIG,
                           "workflow \"%s\" is there twice: %s/%s" TDH_FLOW_YAML
                           " and %s/%s" TDH_FLOW_TEXT ", keep one of them",
                           name, folder, name, folder, name);
        if (is_there[0])
            snprintf(path, PATH_MAX, "%s/%s" TDH_FLOW_YAML, folder, name);
        if (is_there[0] || is_there[1])
            return 1;
    }
    return 0;
}

/* What is too large can be said in parts. */
static struct tdh_yaml *say_how(struct td_err *err)
{
    if (err->code == TD_E_LIMIT && err->hint[0] == '\0')
        td_hint(err, "parts of it can be workflows of their own: subworkflow");
    return NULL;
}

struct tdh_yaml *tdh_flow_text(const char *path, struct td_err *err)
{
    struct tdh_yaml *yaml;
    size_t length;
    char *text;

    if (!tdh_flow_is_text(path)) {
        yaml = tdh_yaml_read(path, err);
        return yaml != NULL ? yaml : say_how(err);
    }
    text = tdh_file_read(path, TDH_YAML_BYTES, &length, err);
    if (text == NULL)
        return say_how(err);
    yaml = tdh_flow_parse(text, length, path, err);
    free(text);
    return yaml;
}

/* --- names --- */

enum { LIST_MAX = 10000 }; /* files of one folder */

void tdh_names_free(struct tdh_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->list[i]);
    free(names->list);
}

int tdh_names_add(struct tdh_names *names, char *name)
{
    if (names->count == names->room) {
        size_t room = names->room > 0 ? names->room * 2 : 16;
        char **list = realloc(names->list, room * sizeof(char *));

        if (list == NULL) {
            free(name);
            return -1;
        }
        names->list = list;
        names->room = room;
    }
    names->list[names->count++] = name;
    return 0;
}

int tdh_names_read(const char *folder, struct tdh_names *names)
{
    DIR *dir = opendir(folder);
    const struct dirent *row;
    int rc = 0;

    while (rc == 0 && dir != NULL && names->count < LIST_MAX && (row = readdir(dir)) != NULL) {
        char *name = tdh_flow_file_id(row->d_name);

        if (name != NULL)
            rc = tdh_names_add(names, name);
    }
    if (dir != NULL)
        closedir(dir);
    return rc;
}
