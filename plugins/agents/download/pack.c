/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack: writes the project into a folder beside its place: the files, the list of its parts, both
 * archives, all hashes.
 */
#include "pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "archive.h"
#include "kit/json.h"
#include "kit/path.h"
#include "kit/project.h"
#include "kit/sha256.h"
#include "kit/text.h"
#include "sbom.h"
#include "tree.h"

/* One call. `files` is a sorted copy of the input's; the sums grow with each file written. */
struct packing {
    struct tree tree;
    const char *name;
    json_t *files;
    struct kit_text sums;
    struct archive_result zip, tar;
    char zip_path[2 * KIT_NAME_BYTES], tar_path[2 * KIT_NAME_BYTES];
    char sums_hash[KIT_SHA256_TEXT];
    struct td_err *err;
};

static int compare_files(const void *a, const void *b)
{
    return strcmp(kit_str(*(json_t *const *)a, "path", ""),
                  kit_str(*(json_t *const *)b, "path", ""));
}

/* Makes packing->files the same files in the order of their paths. files: take. */
static int sort_files(struct packing *packing, json_t *files)
{
    size_t count = json_array_size(files);
    json_t **items = calloc(count + 1, sizeof(json_t *));
    int rc = 0;

    packing->files = json_array();
    if (items == NULL || packing->files == NULL)
        rc = td_fail(packing->err, TD_E_NOMEM, "could not allocate the files");
    for (size_t i = 0; rc == 0 && i < count; i++)
        items[i] = json_array_get(files, i);
    if (rc == 0)
        qsort(items, count, sizeof(*items), compare_files);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = kit_push(packing->files, json_incref(items[i]), packing->err);
    free(items);
    json_decref(files);
    return rc;
}

static bool is_in_dist(const char *path)
{
    return strncasecmp(path, "dist/", 5) == 0 || strcasecmp(path, "dist") == 0;
}

/* Paths that packing itself writes are not the project's. */
static int check(const struct packing *packing, const json_t *files)
{
    const char *fault = kit_path_fault(packing->name);
    const json_t *file;
    size_t i;

    if (fault != NULL || strlen(packing->name) > KIT_NAME_BYTES ||
        strchr(packing->name, '/') != NULL)
        return td_fail(packing->err, TD_E_INVAL, "the project's name \"%s\" %s", packing->name,
                       fault != NULL ? fault : "must be 1 to 64 characters without \"/\"");
    if (kit_project_check(files, packing->err) != 0)
        return -1;
    json_array_foreach ((json_t *)files, i, file) {
        const char *path = kit_str(file, "path", "");

        if (is_in_dist(path) || strcasecmp(path, SBOM_NAME) == 0 || strcmp(path, TREE_MARK) == 0)
            return td_fail(packing->err, TD_E_INVAL,
                           "the path \"%s\" is kept for what packing adds", path);
    }
    return 0;
}

static json_t *hash_files(struct packing *packing)
{
    json_t *hashes = json_array();
    const json_t *file;
    size_t i;

    json_array_foreach (packing->files, i, file) {
        const json_t *text = json_object_get(file, "text");
        char hash[KIT_SHA256_TEXT] = "";

        if (kit_sha256(json_string_value(text), json_string_length(text), hash) != 0 ||
            json_array_append_new(hashes, json_pack("{s:s, s:s}", "path", kit_str(file, "path", ""),
                                                    "sha256", hash)) != 0) {
            json_decref(hashes);
            td_fail(packing->err, TD_E_NOMEM, "could not hash the file \"%s\"",
                    kit_str(file, "path", ""));
            return NULL;
        }
    }
    return hashes;
}

/* The list of the parts becomes one of the project's files. */
static int add_sbom(struct packing *packing, const json_t *parts)
{
    json_t *hashes = hash_files(packing);
    json_t *text = hashes != NULL ? sbom_text(packing->name, hashes, parts, packing->err) : NULL;

    json_decref(hashes);
    if (text == NULL)
        return -1;
    if (kit_push(packing->files, json_pack("{s:s, s:o}", "path", SBOM_NAME, "text", text),
                 packing->err) != 0)
        return -1;
    return sort_files(packing, packing->files);
}

static int put(struct packing *packing, const char *path, const json_t *text)
{
    const char *bytes = json_string_value(text);
    char hash[KIT_SHA256_TEXT];

    if (kit_sha256(bytes, json_string_length(text), hash) != 0)
        return td_fail(packing->err, TD_E_NOMEM, "could not hash the file \"%s\"", path);
    kit_text_printf(&packing->sums, "%s  %s\n", hash, path);
    return tree_put(&packing->tree, path, bytes, json_string_length(text), packing->err);
}

static int write_files(struct packing *packing)
{
    const json_t *file;
    size_t i;

    json_array_foreach (packing->files, i, file)
        if (put(packing, kit_str(file, "path", ""), json_object_get(file, "text")) != 0)
            return -1;
    return put(packing, "dist/" SBOM_NAME,
               json_object_get(kit_list_find(packing->files, "path", SBOM_NAME), "text"));
}

static int write_archive(struct packing *packing, enum archive_kind kind, const char *path,
                         struct archive_result *result)
{
    if (archive_pack(&packing->tree, path, kind, packing->name, packing->files, result,
                     packing->err) != 0)
        return -1;
    kit_text_printf(&packing->sums, "%s  %s\n", result->sha256, path);
    return 0;
}

static int write_sums(struct packing *packing)
{
    const struct kit_text *sums = &packing->sums;

    if (sums->failed || kit_sha256(sums->data, sums->length, packing->sums_hash) != 0)
        return td_fail(packing->err, TD_E_NOMEM, "could not allocate \"%s\"", PACK_SUMS);
    return tree_put(&packing->tree, PACK_SUMS, sums->data, sums->length, packing->err);
}

static int fill_folder(struct packing *packing)
{
    snprintf(packing->zip_path, sizeof(packing->zip_path), "dist/%s.zip", packing->name);
    snprintf(packing->tar_path, sizeof(packing->tar_path), "dist/%s.tar.gz", packing->name);
    if (write_files(packing) != 0 ||
        write_archive(packing, ARCHIVE_ZIP, packing->zip_path, &packing->zip) != 0 ||
        write_archive(packing, ARCHIVE_TAR_GZ, packing->tar_path, &packing->tar) != 0)
        return -1;
    return write_sums(packing);
}

static json_t *describe(const struct packing *packing, const char *dir)
{
    return json_pack("{s:s, s:{s:s, s:s, s:I}, s:{s:s, s:s, s:I}, s:{s:s, s:s}, s:I}", "dir", dir,
                     "zip", "path", packing->zip_path, "sha256", packing->zip.sha256, "bytes",
                     (json_int_t)packing->zip.bytes, "tar", "path", packing->tar_path, "sha256",
                     packing->tar.sha256, "bytes", (json_int_t)packing->tar.bytes, "sums", "path",
                     PACK_SUMS, "sha256", packing->sums_hash, "files",
                     (json_int_t)json_array_size(packing->files));
}

/* The reply is made before the folder is finished: a folder that nobody hears of is not left
 * behind. */
static json_t *write_folder(struct packing *packing, const char *dir)
{
    json_t *reply = NULL;

    if (tree_begin(&packing->tree, dir, packing->err) == 0 && fill_folder(packing) == 0) {
        reply = describe(packing, dir);
        if (reply == NULL)
            td_fail(packing->err, TD_E_NOMEM, "could not allocate the reply");
        else if (tree_end(&packing->tree, packing->sums_hash, packing->err) == 0)
            return reply;
    }
    json_decref(reply);
    tree_cancel(&packing->tree);
    return NULL;
}

/* A person knows the folder that was asked for, not the one beside it. */
static int tell_place(const char *place, struct td_err *err)
{
    if (place == NULL || err->code != TD_E_IO)
        return -1;
    return td_context(err, "could not write the project to \"%s\"", place);
}

int pack(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    json_t *files = json_object_get(input, "files");
    struct packing packing = { .tree = { .fd = -1 },
                               .name = kit_str(input, "name", ""),
                               .err = err };
    json_t *reply = NULL;

    (void)ctx;
    if (check(&packing, files) == 0 && sort_files(&packing, json_incref(files)) == 0 &&
        add_sbom(&packing, json_object_get(input, "parts")) == 0)
        reply = write_folder(&packing, kit_str(input, "dir", ""));
    json_decref(packing.files);
    kit_text_free(&packing.sums);
    if (reply == NULL)
        return tell_place(kit_str(input, "to", NULL), err);
    *ret_output = reply;
    return 0;
}
