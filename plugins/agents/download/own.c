/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own: the list of hashes that a build leaves names each of its files, so whatever stands in the
 * folder and not in the list is somebody's.
 */
#include "own.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "disk.h"
#include "kit/file.h"
#include "kit/json.h"
#include "pack.h"
#include "sbom.h"
#include "tree.h"

#define LIST_BYTES (1U << 20)
#define HASH_COLUMNS 66 /* 64 digits and two blanks stand before a path */

/* One look into one folder. */
struct looking {
    const char *folder;
    char *sums;     /* the list's text; NULL: no build left this folder */
    char **foreign; /* borrow: where the find goes */
    struct td_err *err;
};

/* A list of the parts that says it was tdev that wrote it. */
static bool is_from_tdev(const char *folder)
{
    struct td_err ignored;
    char *path = kit_path_join(folder, "dist/" SBOM_NAME, &ignored);
    json_t *sbom = path != NULL ? json_load_file(path, 0, NULL) : NULL;
    const json_t *tools =
        json_object_get(json_object_get(json_object_get(sbom, "metadata"), "tools"), "components");
    bool is_found = kit_list_find(tools, "name", "tdev") != NULL;

    json_decref(sbom);
    free(path);
    return is_found;
}

static char *read_sums(const char *folder)
{
    struct td_err ignored; /* a list that cannot be read is none */
    char *path = kit_path_join(folder, PACK_SUMS, &ignored);
    size_t length;
    char *sums = path != NULL ? kit_file_read(path, LIST_BYTES, &length, &ignored) : NULL;

    free(path);
    return sums;
}

/* Does a line of the list name this path, or a file below it when it is a folder's? */
static bool is_listed(const char *sums, const char *path, bool is_folder)
{
    size_t length = strlen(path);

    for (const char *line = sums; line != NULL && *line != '\0';) {
        const char *end = strchr(line, '\n');
        size_t columns = end != NULL ? (size_t)(end - line) : strlen(line);

        if (columns >= HASH_COLUMNS + length && memcmp(line + HASH_COLUMNS, path, length) == 0 &&
            (is_folder ? line[HASH_COLUMNS + length] == '/' : columns == HASH_COLUMNS + length))
            return true;
        line = end != NULL ? end + 1 : NULL;
    }
    return false;
}

static bool is_own(const struct looking *looking, const char *path, const struct stat *st)
{
    if (looking->sums == NULL)
        return false;
    if (S_ISREG(st->st_mode) && (strcmp(path, PACK_SUMS) == 0 || strcmp(path, TREE_MARK) == 0))
        return true;
    return (S_ISREG(st->st_mode) || S_ISDIR(st->st_mode)) &&
           is_listed(looking->sums, path, S_ISDIR(st->st_mode));
}

static int look_into(const struct looking *looking, const char *below);

/* One name: somebody's, a folder to look into, or a file of ours. below: path in the folder, "" at
 * its top. */
static int look_at(const struct looking *looking, const char *below, const char *name)
{
    char *path = NULL, *whole = NULL;
    struct stat st;
    int rc = -1;

    if (asprintf(&path, "%s%s%s", below, below[0] != '\0' ? "/" : "", name) < 0)
        return td_fail(looking->err, TD_E_NOMEM, "could not allocate a path");
    whole = kit_path_join(looking->folder, path, looking->err);
    if (whole == NULL)
        ;
    else if (lstat(whole, &st) != 0)
        disk_fail(looking->err, "look at", whole);
    else if (is_own(looking, path, &st))
        rc = S_ISDIR(st.st_mode) ? look_into(looking, path) : 0;
    else if (S_ISDIR(st.st_mode))
        rc = (*looking->foreign = kit_path_join(path, "", looking->err)) != NULL ? 0 : -1;
    else {
        *looking->foreign = path;
        path = NULL;
        rc = 0;
    }
    free(whole);
    free(path);
    return rc;
}

static int look_at_all(const struct looking *looking, const char *below, struct dirent **names,
                       int count)
{
    int rc = 0;

    for (int i = 0; i < count; i++) {
        const char *name = names[i]->d_name;

        if (rc == 0 && *looking->foreign == NULL && strcmp(name, ".") != 0 &&
            strcmp(name, "..") != 0)
            rc = look_at(looking, below, name);
        free(names[i]);
    }
    return rc;
}

/* Only folders that the list names are looked into, so it is no deeper than the list is. */
static int look_into(const struct looking *looking, const char *below)
{
    char *whole = kit_path_join(looking->folder, below, looking->err);
    struct dirent **names = NULL;
    int count, rc;

    if (whole == NULL)
        return -1;
    count = scandir(whole, &names, NULL, alphasort);
    rc = count < 0 ? disk_fail(looking->err, "look into", whole)
                   : look_at_all(looking, below, names, count);
    free(names);
    free(whole);
    return rc;
}

int own_check(const char *folder, char **ret_foreign, struct td_err *err)
{
    char *foreign = NULL;
    struct looking looking = { .folder = folder, .foreign = &foreign, .err = err };
    int rc;

    if (is_from_tdev(folder))
        looking.sums = read_sums(folder);
    rc = look_into(&looking, "");
    free(looking.sums);
    if (rc != 0) {
        free(foreign);
        return -1;
    }
    *ret_foreign = foreign;
    return 0;
}
