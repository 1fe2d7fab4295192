/* SPDX-License-Identifier: Apache-2.0 */
/*
 * data: what templates see. Members that a model may leave out are there as null, so that a
 * template may ask for them.
 */
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "kit/json.h"
#include "kit/text.h"

#define FIELD_TYPES 64 /* most types that are told of one app; there are twelve */

static json_t *no_memory(struct td_err *err)
{
    td_fail(err, TD_E_NOMEM, "could not allocate the data of the templates");
    return NULL;
}

/* A list that `fill` completes; NULL when it fails. */
typedef int fill_fn(const struct app *app, json_t *list, struct td_err *err);
static json_t *filled(const struct app *app, json_t *value, fill_fn *fill, struct td_err *err)
{
    if (value == NULL)
        return no_memory(err);
    if (fill(app, value, err) == 0)
        return value;
    json_decref(value);
    return NULL;
}

static int set_absent(json_t *object, const char *const *keys, struct td_err *err)
{
    for (; *keys != NULL; keys++)
        if (json_object_get(object, *keys) == NULL && kit_put(object, *keys, json_null(), err) != 0)
            return -1;
    return 0;
}

static const char *const field_keys[] = { "label",   "type",   "required", "role", "min",
                                          "max",     "step",   "unit",     "many", "open",
                                          "options", "target", "currency", "from", NULL };
static const char *const entity_keys[] = { "label",       "plural_name", "plural_label",
                                           "title_field", "from",        NULL };

static int push_with_all(json_t *list, const json_t *object, const char *const *keys,
                         struct td_err *err)
{
    json_t *copy = kit_copy(object, err);

    if (copy == NULL || kit_push(list, copy, err) != 0)
        return -1;
    return set_absent(copy, keys, err);
}

static json_t *fields_of(const json_t *entity, struct td_err *err)
{
    json_t *fields = json_array();
    const json_t *field;
    size_t i;

    if (fields == NULL)
        return no_memory(err);
    json_array_foreach (json_object_get(entity, "fields"), i, field)
        if (push_with_all(fields, field, field_keys, err) != 0) {
            json_decref(fields);
            return NULL;
        }
    return fields;
}

static int fill_entities(const struct app *app, json_t *list, struct td_err *err)
{
    const json_t *entity;
    size_t i;

    json_array_foreach (json_object_get(app->model, "entities"), i, entity)
        if (push_with_all(list, entity, entity_keys, err) != 0 ||
            kit_put_made(json_array_get(list, i), "fields", fields_of(entity, err), err) != 0)
            return -1;
    return 0;
}

static const struct kit_component *brings(const struct app *app, const char *feature)
{
    for (size_t i = 0; i < app_count(app); i++)
        if (kit_list_has(app_component(app, i)->features, feature))
            return app_component(app, i);
    return NULL;
}

/* Only features that some component brings: what is not built must not be promised. */
static int fill_features(const struct app *app, json_t *list, struct td_err *err)
{
    const json_t *feature;
    size_t i;

    json_array_foreach (json_object_get(app->model, "features"), i, feature) {
        const struct kit_component *component = brings(app, kit_str(feature, "name", ""));
        json_t *copy;

        if (component == NULL)
            continue;
        copy = kit_copy(feature, err);
        if (copy == NULL || kit_push(list, copy, err) != 0 ||
            kit_put(copy, "title", json_string(kit_in_lang(component->title, app->lang)), err) !=
                0 ||
            kit_put(copy, "text", json_string(kit_in_lang(component->text, app->lang)), err) != 0)
            return -1;
    }
    return 0;
}

/* The model as the app keeps it: with the features it really has, and nothing that only the build
 * needs. */
static json_t *model_of(const struct app *app, struct td_err *err)
{
    json_t *model = kit_copy(app->model, err);
    json_t *features = json_array();
    const json_t *feature;
    int rc = model != NULL ? kit_put(model, "features", features, err) : -1;
    size_t i;

    json_array_foreach (json_object_get(app->model, "features"), i, feature)
        if (rc == 0 && brings(app, kit_str(feature, "name", "")) != NULL)
            rc = kit_push(features, json_incref((json_t *)feature), err);
    if (rc == 0) {
        json_object_del(model, "stories");
        json_object_del(model, "not_built");
        return model;
    }
    if (model == NULL)
        json_decref(features);
    json_decref(model);
    return NULL;
}

/* Every text of every component; a key that two of them use must mean the same. */
static int fill_strings(const struct app *app, json_t *strings, struct td_err *err)
{
    for (size_t i = 0; i < app_count(app); i++) {
        const struct kit_component *component = app_component(app, i);
        const char *key;
        json_t *text;

        json_object_foreach (json_object_get(component->strings, app->lang), key, text) {
            const json_t *before = json_object_get(strings, key);

            if (before != NULL && !json_equal(before, text))
                return td_fail(
                    err, TD_E_CONFIG,
                    "component \"%s\": the text \"%s\" is another one in a component before it",
                    component->name, key);
            if (json_object_set(strings, key, text) != 0)
                return td_fail(err, TD_E_NOMEM, "could not allocate the texts of the app");
        }
    }
    return 0;
}

static int add_paths(const struct app *app, json_t *list, const char *ending, struct td_err *err)
{
    for (size_t i = 0; i < app_count(app); i++) {
        const json_t *file;
        size_t j;

        json_array_foreach ((json_t *)app_component(app, i)->files, j, file) {
            const char *path = kit_str(file, "to", "");
            const char *dot = strrchr(path, '.');

            if (dot != NULL && strcmp(dot, ending) == 0 && !kit_list_has(list, path) &&
                kit_push(list, json_string(path), err) != 0)
                return -1;
        }
    }
    return 0;
}

static int fill_styles(const struct app *app, json_t *list, struct td_err *err)
{
    return add_paths(app, list, ".css", err);
}

static int fill_scripts(const struct app *app, json_t *list, struct td_err *err)
{
    return add_paths(app, list, ".js", err);
}

static int fill_components(const struct app *app, json_t *list, struct td_err *err)
{
    for (size_t i = 0; i < app_count(app); i++) {
        const struct kit_component *component = app_component(app, i);
        json_t *item =
            json_pack("{s:s, s:s, s:s, s:s, s:[]}", "name", component->name, "version",
                      component->version, "title", kit_in_lang(component->title, app->lang), "text",
                      kit_in_lang(component->text, app->lang), "files");
        const json_t *file;
        size_t j;

        if (kit_push(list, item, err) != 0)
            return -1;
        json_array_foreach ((json_t *)component->files, j, file)
            if (kit_push(json_object_get(item, "files"), json_string(kit_str(file, "to", "")),
                         err) != 0)
                return -1;
    }
    return 0;
}

static int compare_types(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each type of the model once, sorted. */
static size_t collect_types(const struct app *app, const char **types, size_t room)
{
    size_t count = 0, i, j;
    const json_t *entity, *field;

    json_array_foreach (json_object_get(app->model, "entities"), i, entity)
        json_array_foreach (json_object_get(entity, "fields"), j, field) {
            const char *type = kit_str(field, "type", "text");
            size_t at = 0;

            while (at < count && strcmp(types[at], type) != 0)
                at++;
            if (at == count && count < room)
                types[count++] = type;
        }
    qsort(types, count, sizeof(*types), compare_types);
    return count;
}

/* Markdown: "`choice`, `date`, `text`" */
static json_t *field_types_of(const struct app *app, struct td_err *err)
{
    const char *types[FIELD_TYPES];
    size_t count = collect_types(app, types, FIELD_TYPES);
    struct kit_text text = { 0 };
    json_t *value;

    for (size_t i = 0; i < count; i++)
        kit_text_printf(&text, "%s`%s`", i > 0 ? ", " : "", types[i]);
    value = text.failed ? NULL : json_stringn(text.data != NULL ? text.data : "", text.length);
    kit_text_free(&text);
    return value != NULL ? value : no_memory(err);
}

/* The members that the templates' own file adds. */
static int add_texts(const struct app *app, json_t *data, struct td_err *err)
{
    const char *key;
    json_t *value;

    json_object_foreach (app->stack->doc, key, value)
        if (json_is_object(value) &&
            kit_put(data, key, json_string(kit_in_lang(value, app->lang)), err) != 0)
            return -1;
    return 0;
}

json_t *app_data(const struct app *app, struct td_err *err)
{
    json_t *data = json_object();

    if (data == NULL)
        return no_memory(err);
    if (add_texts(app, data, err) == 0 && kit_put_made(data, "app", app_info(app, err), err) == 0 &&
        kit_put(data, "request", json_string(kit_str(app->understanding, "request", "")), err) ==
            0 &&
        kit_put_made(data, "model", model_of(app, err), err) == 0 &&
        kit_put_made(data, "entities", filled(app, json_array(), fill_entities, err), err) == 0 &&
        kit_put_made(data, "features", filled(app, json_array(), fill_features, err), err) == 0 &&
        kit_put(data, "not_built", json_incref(app->not_built), err) == 0 &&
        kit_put_made(data, "strings", filled(app, json_object(), fill_strings, err), err) == 0 &&
        kit_put_made(data, "styles", filled(app, json_array(), fill_styles, err), err) == 0 &&
        kit_put_made(data, "scripts", filled(app, json_array(), fill_scripts, err), err) == 0 &&
        kit_put_made(data, "components", filled(app, json_array(), fill_components, err), err) ==
            0 &&
        kit_put_made(data, "field_types", field_types_of(app, err), err) == 0)
        return data;
    json_decref(data);
    return NULL;
}
