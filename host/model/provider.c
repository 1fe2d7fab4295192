/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider: one file of conf/models, read and checked, and what its address and prices come to.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/yaml.h"
#include "model/providers.h"

const char *const tdh_abilities[] = { "chat",      "stream",     "tools", "json",
                                      "schema",    "vision",     "audio", "files",
                                      "reasoning", "embeddings", NULL };

/* --- its life --- */

struct tdh_provider *tdh_provider_hold(struct tdh_provider *provider)
{
    __atomic_add_fetch(&provider->holds, 1, __ATOMIC_RELAXED);
    return provider;
}

void tdh_provider_release(struct tdh_provider *provider)
{
    if (provider == NULL || __atomic_sub_fetch(&provider->holds, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    for (size_t i = 0; i < provider->model_count; i++)
        free(provider->models[i].name);
    free(provider->models);
    free(provider->name);
    free(provider->title);
    free(provider->wire);
    free(provider->base_url);
    free(provider->path);
    free(provider->ca_file);
    json_decref(provider->values);
    json_decref(provider->key);
    json_decref(provider->headers);
    json_decref(provider->options);
    tdh_key_free(provider->secret);
    free(provider);
}

const struct tdh_model *tdh_provider_model(const struct tdh_provider *provider, const char *name)
{
    for (size_t i = 0; i < provider->model_count; i++)
        if (strcmp(provider->models[i].name, name) == 0)
            return &provider->models[i];
    return NULL;
}

/* --- its file, which fits the schema --- */

static int fail_memory(const char *name, struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate provider \"%s\"", name);
}

static double read_price(const json_t *price, const char *key)
{
    const json_t *value = json_object_get(price, key);

    return json_is_number(value) ? json_number_value(value) : -1;
}

static unsigned read_abilities(const json_t *words)
{
    unsigned abilities = 0;
    const json_t *word;
    size_t i;

    json_array_foreach (words, i, word)
        for (unsigned bit = 0; tdh_abilities[bit] != NULL; bit++)
            if (strcmp(tdh_abilities[bit], json_string_value(word)) == 0)
                abilities |= 1U << bit;
    return abilities;
}

static int read_model(const json_t *row, struct tdh_model *model)
{
    const json_t *price = json_object_get(row, "price");

    *model = (struct tdh_model){
        .name = strdup(json_string_value(json_object_get(row, "name"))),
        .context = json_integer_value(json_object_get(row, "context")),
        .output = json_integer_value(json_object_get(row, "output")),
        .abilities = read_abilities(json_object_get(row, "abilities")),
        .price = { read_price(price, "input"), read_price(price, "output"),
                   read_price(price, "cache_read"), read_price(price, "cache_write") },
    };
    return model->name != NULL ? 0 : -1;
}

static int read_models(struct tdh_provider *provider, const struct tdh_yaml *yaml,
                       struct td_err *err)
{
    const json_t *rows = json_object_get(yaml->root, "models"), *row;
    size_t i;

    provider->models = calloc(json_array_size(rows) + 1, sizeof(*provider->models));
    if (provider->models == NULL)
        return fail_memory(provider->name, err);
    json_array_foreach (rows, i, row) {
        char pointer[48];

        snprintf(pointer, sizeof(pointer), "/models/%zu/name", i);
        if (tdh_provider_model(provider, json_string_value(json_object_get(row, "name"))) != NULL)
            return tdh_yaml_fail(yaml, pointer, err, TD_E_CONFIG, "the model stands here twice");
        if (read_model(row, &provider->models[provider->model_count]) != 0)
            return fail_memory(provider->name, err);
        provider->model_count++;
    }
    return 0;
}

static char *text_of(const json_t *root, const char *key, const char *fallback)
{
    const char *text = tdh_json_str(root, key, fallback);

    return text != NULL ? strdup(text) : NULL;
}

static int check_values(const struct tdh_provider *provider, const struct tdh_yaml *yaml,
                        const char *text, const char *pointer, struct td_err *err)
{
    const char *at = text;

    while (at != NULL && (at = strchr(at, '{')) != NULL) {
        size_t length = strcspn(at + 1, "}");
        char name[64];

        snprintf(name, sizeof(name), "%.*s", (int)length, at + 1);
        if (at[length + 1] != '}' || json_object_get(provider->values, name) == NULL)
            return tdh_yaml_fail(yaml, pointer, err, TD_E_CONFIG,
                                 "\"values\" does not say what {%s} is", name);
        at += length + 1;
    }
    return 0;
}

static int fill(struct tdh_provider *provider, const char *name, const struct tdh_yaml *yaml,
                struct td_err *err)
{
    const json_t *root = yaml->root;

    provider->name = strdup(name);
    provider->title = text_of(root, "title", name);
    provider->wire = text_of(root, "wire", "");
    provider->base_url = text_of(root, "base_url", NULL);
    provider->ca_file = text_of(root, "ca_file", NULL);
    provider->path = strdup(yaml->name);
    provider->values = json_incref(json_object_get(root, "values"));
    provider->key = json_incref(json_object_get(root, "key"));
    provider->headers = json_incref(json_object_get(root, "headers"));
    provider->options = json_incref(json_object_get(root, "options"));
    provider->secret = tdh_key_new();
    if (provider->name == NULL || provider->title == NULL || provider->wire == NULL ||
        provider->path == NULL || provider->secret == NULL)
        return fail_memory(name, err);
    if (check_values(provider, yaml, provider->base_url, "/base_url", err) != 0 ||
        check_values(provider, yaml,
                     tdh_json_str(json_object_get(provider->key, "sign"), "region", NULL),
                     "/key/sign/region", err) != 0)
        return -1;
    return read_models(provider, yaml, err);
}

static int64_t mtime_of(const struct stat *file)
{
    return file->st_mtim.tv_sec * INT64_C(1000000000) + file->st_mtim.tv_nsec;
}

bool tdh_provider_is_of(const struct tdh_provider *provider, const struct stat *file)
{
    return provider->mtime_ns == mtime_of(file) && provider->size == file->st_size;
}

struct tdh_provider *tdh_provider_read(const char *path, const char *name, const struct stat *file,
                                       const struct tdh_schema *schema, struct td_err *err)
{
    struct tdh_yaml *yaml = tdh_yaml_read(path, err);
    struct tdh_provider *provider = yaml != NULL ? calloc(1, sizeof(*provider)) : NULL;
    int rc = -1;

    if (provider == NULL) {
        if (yaml != NULL)
            fail_memory(name, err);
        tdh_yaml_free(yaml);
        return NULL;
    }
    provider->holds = 1;
    provider->mtime_ns = mtime_of(file);
    provider->size = file->st_size;
    if (tdh_schema_check_yaml(schema, yaml, err) == 0)
        rc = fill(provider, name, yaml, err);
    else if (err->code == TD_E_INVAL)
        err->code = TD_E_CONFIG;
    tdh_yaml_free(yaml);
    if (rc == 0)
        return provider;
    tdh_provider_release(provider);
    return NULL;
}
