/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather: components come first, in load order; then what was generated.
 */
#include "gather.h"

#include <stdlib.h>
#include <string.h>

#include "kit/file.h"
#include "kit/json.h"
#include "kit/project.h"
#include "kit/text.h"

/* `owners` has, for each of `files`, the place of its component in the order. */
struct gathering {
    const struct kit_order *order;
    json_t *files, *loaded;
    size_t owners[KIT_FILES];
    struct td_err *err;
};

static json_t *read_text(const struct kit_component *component, const char *from,
                         struct td_err *err)
{
    char *path = kit_path_join(component->folder, from, err);
    size_t length = 0;
    char *bytes = path != NULL ? kit_file_read(path, KIT_FILE_BYTES, &length, err) : NULL;
    json_t *text = NULL;

    if (bytes != NULL && memchr(bytes, '\0', length) != NULL)
        td_fail(err, TD_E_CONFIG, "\"%s\" is not a text", path);
    else if (bytes != NULL && !kit_is_utf8(bytes, length))
        td_fail(err, TD_E_CONFIG, "\"%s\" is not UTF-8", path);
    else if (bytes != NULL && (text = json_stringn_nocheck(bytes, length)) == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the text of \"%s\"", path);
    if (text == NULL && err->code == TD_E_NOTFOUND)
        err->code = TD_E_DEPENDENCY;
    free(bytes);
    free(path);
    return text;
}

static int settle(struct gathering *gathering, json_t *before, size_t owner, json_t *text)
{
    const struct kit_order *order = gathering->order;
    size_t at = 0;

    while (json_array_get(gathering->files, at) != before)
        at++;
    if (json_equal(json_object_get(before, "text"), text)) {
        json_decref(text);
        return 0;
    }
    if (kit_order_rests_on(order, order->items[owner], order->items[gathering->owners[at]])) {
        gathering->owners[at] = owner;
        return kit_put(before, "text", text, gathering->err);
    }
    json_decref(text);
    return td_fail(
        gathering->err, TD_E_CONFLICT,
        "components \"%s\" and \"%s\" bring different files \"%s\", and neither requires the other",
        order->items[gathering->owners[at]]->name, order->items[owner]->name,
        kit_str(before, "path", ""));
}

/* Takes the text. */
static int add_file(struct gathering *gathering, const char *path, size_t owner, json_t *text)
{
    json_t *before = kit_list_find(gathering->files, "path", path);
    size_t count = json_array_size(gathering->files);

    if (before != NULL)
        return settle(gathering, before, owner, text);
    if (count == KIT_FILES) {
        json_decref(text);
        return td_fail(gathering->err, TD_E_LIMIT,
                       "the project has more than %d files, with \"%s\"", KIT_FILES, path);
    }
    gathering->owners[count] = owner;
    return kit_push(gathering->files, json_pack("{s:s, s:o}", "path", path, "text", text),
                    gathering->err);
}

static int note_loaded(struct gathering *gathering, const char *path)
{
    const char *dot = strrchr(path, '.');

    if (dot == NULL || (strcmp(dot, ".js") != 0 && strcmp(dot, ".css") != 0) ||
        kit_list_has(gathering->loaded, path))
        return 0;
    return kit_push(gathering->loaded, json_string(path), gathering->err);
}

static int add_list(struct gathering *gathering, size_t owner, const json_t *list, bool is_loaded)
{
    const struct kit_component *component = gathering->order->items[owner];
    const json_t *item;
    size_t i;

    json_array_foreach ((json_t *)list, i, item) {
        const char *path = kit_str(item, "to", "");
        json_t *text = read_text(component, kit_str(item, "from", ""), gathering->err);

        if (text == NULL)
            return td_context(gathering->err, "component \"%s\"", component->name);
        if (add_file(gathering, path, owner, text) != 0 ||
            (is_loaded && note_loaded(gathering, path) != 0))
            return -1;
    }
    return 0;
}

static int add_generated(struct gathering *gathering, const json_t *generated)
{
    size_t of_components = json_array_size(gathering->files);
    const json_t *file;
    size_t i;

    json_array_foreach ((json_t *)generated, i, file) {
        const char *path = kit_str(file, "path", "");
        json_t *before = kit_list_find(gathering->files, "path", path);
        size_t at = 0;

        if (before == NULL) {
            if (kit_push(gathering->files, json_incref((json_t *)file), gathering->err) != 0)
                return -1;
            continue;
        }
        if (json_equal(before, file))
            continue;
        while (json_array_get(gathering->files, at) != before)
            at++;
        if (at >= of_components)
            return td_fail(gathering->err, TD_E_CONFLICT,
                           "the file \"%s\" is generated twice, with different texts", path);
        return td_fail(gathering->err, TD_E_CONFLICT,
                       "the generated file \"%s\" is one of component \"%s\", too", path,
                       gathering->order->items[gathering->owners[at]]->name);
    }
    return 0;
}

static int compare_files(const void *a, const void *b)
{
    return strcmp(kit_str(*(json_t *const *)a, "path", ""),
                  kit_str(*(json_t *const *)b, "path", ""));
}

/* The same files in another list, sorted. */
static json_t *sorted(const json_t *files, struct td_err *err)
{
    size_t count = json_array_size(files);
    json_t **items = calloc(count + 1, sizeof(json_t *));
    json_t *list = json_array();
    int rc = items == NULL || list == NULL
                 ? td_fail(err, TD_E_NOMEM, "could not allocate the files")
                 : 0;

    for (size_t i = 0; rc == 0 && i < count; i++)
        items[i] = json_array_get(files, i);
    if (rc == 0)
        qsort(items, count, sizeof(*items), compare_files);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = kit_push(list, json_incref(items[i]), err);
    free(items);
    if (rc == 0)
        return list;
    json_decref(list);
    return NULL;
}

static int gather(struct gathering *gathering, const json_t *generated)
{
    const struct kit_order *order = gathering->order;

    if (gathering->files == NULL || gathering->loaded == NULL)
        return td_fail(gathering->err, TD_E_NOMEM, "could not allocate the files");
    for (size_t i = 0; i < order->count; i++)
        if (add_list(gathering, i, order->items[i]->files, true) != 0 ||
            add_list(gathering, i, order->items[i]->tests, false) != 0)
            return -1;
    if (add_generated(gathering, generated) != 0)
        return -1;
    return kit_project_check(gathering->files, gathering->err);
}

int gather_files(const struct kit_order *order, const json_t *generated, json_t **ret_files,
                 json_t **ret_loaded, struct td_err *err)
{
    struct gathering gathering = {
        .order = order, .files = json_array(), .loaded = json_array(), .err = err
    };
    json_t *files = gather(&gathering, generated) == 0 ? sorted(gathering.files, err) : NULL;

    json_decref(gathering.files);
    if (files == NULL) {
        json_decref(gathering.loaded);
        return -1;
    }
    *ret_files = files;
    *ret_loaded = gathering.loaded;
    return 0;
}
