/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalogue: walks the folders in sorted order, so the list needs no sorting of its own.
 */
#include "catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "json.h"
#include "yaml.h"

static struct kit_component *add_item(struct kit_catalogue *catalogue, struct td_err *err)
{
    struct kit_component *items = catalogue->items;

    if ((catalogue->count & (catalogue->count + 1)) == 0) /* full at 0, 1, 3, 7, ... */
        items = realloc(items, (2 * catalogue->count + 1) * sizeof(*items));
    if (items == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the catalogue");
        return NULL;
    }
    catalogue->items = items;
    items[catalogue->count] = (struct kit_component){ 0 };
    return &items[catalogue->count++];
}

static int read_component(struct kit_catalogue *catalogue, const char *stack_folder,
                          const char *stack, const char *name, struct td_err *err)
{
    struct kit_component *item = add_item(catalogue, err);
    char *path = NULL;
    int rc = -1;

    if (item == NULL || (item->folder = kit_path_join(stack_folder, name, err)) == NULL)
        return -1;
    path = kit_path_join(item->folder, "component.yaml", err);
    if (path != NULL && (item->doc = kit_yaml_read(path, err)) != NULL)
        rc = kit_component_check(item->doc, path, stack, name, item, err);
    free(path);
    return rc;
}

/* The folders in `folder`; what is not a folder (a README) is passed over. */
static int read_stack(struct kit_catalogue *catalogue, const char *folder, const char *stack,
                      struct td_err *err)
{
    char *stack_folder = kit_path_join(folder, stack, err);
    struct kit_names names = { 0 };
    int rc = -1;

    if (stack_folder == NULL)
        return -1;
    if (!kit_is_folder(stack_folder))
        rc = 0;
    else if (kit_names_read(stack_folder, KIT_COMPONENTS, &names, err) == 0)
        rc = 0;
    for (size_t i = 0; rc == 0 && i < names.count; i++) {
        char *path = kit_path_join(stack_folder, names.items[i], err);

        if (path == NULL)
            rc = -1;
        else if (kit_is_folder(path))
            rc = read_component(catalogue, stack_folder, stack, names.items[i], err);
        free(path);
    }
    kit_names_free(&names);
    free(stack_folder);
    return rc;
}

struct kit_catalogue *kit_catalogue_read(const char *folder, struct td_err *err)
{
    struct kit_catalogue *catalogue = calloc(1, sizeof(*catalogue));
    struct kit_names stacks = { 0 };
    int rc = 0;

    if (catalogue == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the catalogue");
        return NULL;
    }
    if (kit_names_read(folder, KIT_STACKS, &stacks, err) != 0)
        rc = td_context(err, "catalogue");
    for (size_t i = 0; rc == 0 && i < stacks.count; i++)
        rc = read_stack(catalogue, folder, stacks.items[i], err);
    kit_names_free(&stacks);
    if (rc == 0)
        return catalogue;
    kit_catalogue_free(catalogue);
    return NULL;
}

void kit_catalogue_free(struct kit_catalogue *catalogue)
{
    if (catalogue == NULL)
        return;
    for (size_t i = 0; i < catalogue->count; i++) {
        json_decref(catalogue->items[i].doc);
        free(catalogue->items[i].folder);
    }
    free(catalogue->items);
    free(catalogue);
}

const struct kit_component *kit_catalogue_find(const struct kit_catalogue *catalogue,
                                               const char *stack, const char *name)
{
    size_t low = 0;
    size_t high = catalogue->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct kit_component *item = &catalogue->items[middle];
        int order = strcmp(stack, item->stack);

        if (order == 0)
            order = strcmp(name, item->name);
        if (order == 0)
            return item;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
