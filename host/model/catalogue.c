/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalogue: providers by their names, read when they are asked for, and again when their file is
 * another.
 */
#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/near.h"
#include "model/providers.h"

enum { SCHEMA_BYTES = 1 << 20, NAME_BYTES = 64, PATH_BYTES = 4096, VARIABLES_MAX = 5 };

struct tdh_catalog *tdh_catalog_new(const char *const *folders, const char *schema_path,
                                    struct td_err *err)
{
    struct tdh_catalog *catalog = calloc(1, sizeof(*catalog));

    if (catalog == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the catalogue of models");
        return NULL;
    }
    catalog->folders = folders;
    catalog->schema_path = schema_path;
    pthread_mutex_init(&catalog->lock, NULL);
    return catalog;
}

static void release(void *provider)
{
    tdh_provider_release(provider);
}

void tdh_catalog_free(struct tdh_catalog *catalog)
{
    if (catalog == NULL)
        return;
    tdh_map_free(&catalog->providers, release);
    tdh_schema_free(catalog->schema);
    pthread_mutex_destroy(&catalog->lock);
    free(catalog);
}

/* --- one --- */

static bool is_name(const char *name)
{
    size_t length = strlen(name);

    return length > 0 && length < NAME_BYTES &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == length;
}

static bool find_file(const struct tdh_catalog *catalog, const char *name,
                      char path[static PATH_BYTES], struct stat *ret_file)
{
    for (const char *const *folder = catalog->folders; *folder != NULL; folder++) {
        snprintf(path, PATH_BYTES, "%s/%s.yaml", *folder, name);
        if (stat(path, ret_file) == 0)
            return true;
    }
    return false;
}

static int read_schema(struct tdh_catalog *catalog, struct td_err *err)
{
    json_t *text;

    if (catalog->schema != NULL)
        return 0;
    text = tdh_json_read(catalog->schema_path, SCHEMA_BYTES, err);
    if (text != NULL)
        catalog->schema = tdh_schema_compile(text, NULL, err);
    json_decref(text);
    return catalog->schema != NULL ? 0 : td_context(err, "the shape of providers");
}

static int fail_unknown(struct tdh_catalog *catalog, const char *name, struct td_err *err)
{
    struct td_err ignored;
    char **names = tdh_catalog_names(catalog, &ignored);
    const char *near = NULL;
    size_t count = 0;

    while (names != NULL && names[count] != NULL)
        count++;
    if (names != NULL)
        near = tdh_near(name, (const char *const *)names, count);
    td_fail(err, TD_E_NOTFOUND, "there is no provider \"%.64s\"%s%s%s", name,
            near ? ", did you mean \"" : "", near ? near : "", near ? "\"" : "");
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
    return td_hint(err, "\"tdev model list\" shows those there are");
}

/* With the lock. */
static struct tdh_provider *look(struct tdh_catalog *catalog, const char *name, struct td_err *err)
{
    struct tdh_provider *provider = tdh_map_get(&catalog->providers, name), *before;
    struct stat file;
    char path[PATH_BYTES];

    if (!is_name(name) || !find_file(catalog, name, path, &file)) {
        td_fail(err, TD_E_NOTFOUND, "there is no provider \"%.64s\"", name);
        return NULL;
    }
    if (provider != NULL && tdh_provider_is_of(provider, &file) &&
        strcmp(provider->path, path) == 0)
        return provider;
    if (read_schema(catalog, err) != 0)
        return NULL;
    provider = tdh_provider_read(path, name, &file, catalog->schema, err);
    if (provider == NULL)
        return NULL;
    before = NULL;
    if (tdh_map_set(&catalog->providers, name, provider, (void **)&before) != 0) {
        tdh_provider_release(provider);
        td_fail(err, TD_E_NOMEM, "could not allocate provider \"%s\"", name);
        return NULL;
    }
    tdh_provider_release(before);
    return provider;
}

struct tdh_provider *tdh_catalog_provider(struct tdh_catalog *catalog, const char *name,
                                          struct td_err *err)
{
    struct tdh_provider *provider;

    pthread_mutex_lock(&catalog->lock);
    provider = look(catalog, name, err);
    if (provider != NULL)
        tdh_provider_hold(provider);
    pthread_mutex_unlock(&catalog->lock);
    if (provider == NULL && err->code == TD_E_NOTFOUND)
        fail_unknown(catalog, name, err);
    return provider;
}

/* --- all --- */

static int is_file(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return entry->d_name[0] != '.' && length > 5 && length < NAME_BYTES + 5 &&
           strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t add_names(char **names, size_t count, const char *folder)
{
    struct dirent **files = NULL;
    int found = scandir(folder, &files, is_file, NULL);

    for (int i = 0; i < found; i++) {
        char name[NAME_BYTES + 8];
        size_t at = 0;

        snprintf(name, sizeof(name), "%.*s", (int)(strlen(files[i]->d_name) - 5), files[i]->d_name);
        while (at < count && strcmp(names[at], name) != 0)
            at++;
        if (at == count && count < TDH_PROVIDERS_MAX && is_name(name) &&
            (names[count] = strdup(name)) != NULL)
            count++;
        free(files[i]);
    }
    free(files);
    return count;
}

char **tdh_catalog_names(struct tdh_catalog *catalog, struct td_err *err)
{
    char **names = calloc(TDH_PROVIDERS_MAX + 1, sizeof(char *));
    size_t count = 0;

    if (names == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the catalogue of models");
        return NULL;
    }
    for (const char *const *folder = catalog->folders; *folder != NULL; folder++)
        count = add_names(names, count, *folder);
    qsort(names, count, sizeof(char *), compare);
    return names;
}

int tdh_catalog_each(struct tdh_catalog *catalog, tdh_provider_fn *fn, void *arg,
                     struct td_err *err)
{
    char **names = tdh_catalog_names(catalog, err);
    int is_over = 0;

    if (names == NULL)
        return -1;
    pthread_mutex_lock(&catalog->lock);
    for (char **name = names; *name != NULL; name++) {
        struct tdh_provider *provider = is_over == 0 ? look(catalog, *name, err) : NULL;

        if (provider != NULL)
            is_over = fn(arg, provider);
        else if (is_over == 0)
            tdh_log_err(TDH_LOG_WARNING, "model", err);
        free(*name);
    }
    pthread_mutex_unlock(&catalog->lock);
    free(names);
    return 0;
}

/* --- whose a model is --- */

struct search {
    const char *name;
    struct tdh_provider *found;          /* held */
    char variables[128 * VARIABLES_MAX]; /* that would have given a key */
    unsigned known;
};

static int try_one(void *arg, struct tdh_provider *provider)
{
    struct search *search = arg;
    const char *variable = tdh_json_str(provider->key, "env", NULL);
    size_t used = strlen(search->variables);

    if (tdh_provider_model(provider, search->name) == NULL)
        return 0;
    if (tdh_provider_has_key(provider)) {
        search->found = tdh_provider_hold(provider);
        return 1;
    }
    if (variable != NULL && search->known++ < VARIABLES_MAX)
        snprintf(search->variables + used, sizeof(search->variables) - used, "%s%s",
                 used > 0 ? ", " : "", variable);
    return 0;
}

static int fail_nobody(const struct search *search, struct td_err *err)
{
    if (search->known == 0) {
        td_fail(err, TD_E_NOTFOUND, "no provider knows a model \"%.200s\"", search->name);
        return td_hint(err,
                       "\"tdev model list\" shows those there are; PROVIDER/MODEL asks for one "
                       "that is not among them");
    }
    td_fail(err, TD_E_NOTFOUND, "no provider of model \"%.200s\" has a key", search->name);
    return td_hint(err, "set one of %.200s", search->variables);
}

int tdh_catalog_find(struct tdh_catalog *catalog, const char *name,
                     struct tdh_provider **ret_provider, const char **ret_name, struct td_err *err)
{
    const char *slash = strchr(name, '/');
    struct search search = { .name = name };
    char owner[NAME_BYTES];
    struct td_err ignored;

    if (strlen(name) >= TDH_MODEL_NAME)
        return td_fail(err, TD_E_INVAL, "the name of a model has at most %d bytes",
                       TDH_MODEL_NAME - 1);
    if (slash != NULL && slash - name < NAME_BYTES && slash[1] != '\0') {
        snprintf(owner, sizeof(owner), "%.*s", (int)(slash - name), name);
        *ret_provider = tdh_catalog_provider(catalog, owner, err);
        *ret_name = slash + 1;
        if (*ret_provider != NULL || err->code != TD_E_NOTFOUND)
            return *ret_provider != NULL ? 0 : -1;
    }
    if (tdh_catalog_each(catalog, try_one, &search, slash != NULL ? &ignored : err) != 0)
        return -1;
    *ret_provider = search.found;
    *ret_name = name;
    if (search.found != NULL || (slash != NULL && search.known == 0 && err->code == TD_E_NOTFOUND))
        return search.found != NULL ? 0 : -1; /* there is no such provider */
    return fail_nobody(&search, err);
}
