/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assembly: joins the components' files and the generated ones into one project, and lets nothing
 * pass that is not whole.
 */
#include <stdlib.h>
#include <string.h>
#include <tdev/plugin.h>

#include "check.h"
#include "gather.h"
#include "kit/file.h"
#include "kit/json.h"
#include "kit/project.h"

struct assembly {
    const char *catalogue;
};

static const struct td_binding *const assembly_bindings[] = {
    TD_BIND_STR(struct assembly, catalogue),
    NULL,
};

static int assembly_prepare(struct td_ctx *ctx, void **ret_shared, struct td_err *err)
{
    const struct assembly *self = td_self(ctx);
    char *folder = kit_data_path(self->catalogue, td_data_dir(ctx), "catalogue", err);

    *ret_shared = folder != NULL ? kit_catalogue_read(folder, err) : NULL;
    free(folder);
    return *ret_shared != NULL ? 0 : -1;
}

static void assembly_release(void *shared)
{
    kit_catalogue_free(shared);
}

/* Which component meets which need, the generated ones at the end. */
static json_t *meetings(const json_t *chosen, const json_t *generated, struct td_err *err)
{
    json_t *list = json_array();
    const json_t *item;
    size_t i;

    json_array_foreach ((json_t *)chosen, i, item)
        if (kit_push(list, json_incref((json_t *)item), err) != 0)
            goto fail;
    json_array_foreach ((json_t *)generated, i, item)
        if (kit_push(list,
                     json_pack("{s:s, s:s, s:f, s:s}", "need", kit_str(item, "need", ""),
                               "component", kit_str(item, "component", ""), "match", 1.0, "origin",
                               "generated"),
                     err) != 0)
            goto fail;
    return list;
fail:
    json_decref(list);
    return NULL;
}

static int add_part(json_t *list, const char *name, const char *version, struct td_err *err)
{
    if (kit_list_find(list, "name", name) != NULL)
        return 0;
    return kit_push(list, json_pack("{s:s, s:s}", "name", name, "version", version), err);
}

/* Every component that is in the project, in load order. */
static json_t *parts(const struct kit_order *order, const json_t *generated, struct td_err *err)
{
    json_t *list = json_array();
    const json_t *item;
    int rc = 0;
    size_t i;

    for (i = 0; rc == 0 && i < order->count; i++)
        rc = add_part(list, order->items[i]->name, order->items[i]->version, err);
    json_array_foreach ((json_t *)generated, i, item)
        if (rc == 0)
            rc = add_part(list, kit_str(item, "component", ""), kit_str(item, "version", "1.0.0"),
                          err);
    if (rc == 0)
        return list;
    json_decref(list);
    return NULL;
}

/* Puts the reply's members, each of which may have failed. */
static int fill_reply(json_t *reply, const json_t *input, const struct kit_order *order,
                      struct td_err *err)
{
    const json_t *chosen = json_object_get(input, "chosen");
    const json_t *generated = json_object_get(input, "generated");
    json_t *not_built = json_object_get(input, "not_built");
    json_t *files = NULL;
    json_t *loaded = NULL;
    int rc = -1;

    if (gather_files(order, json_object_get(input, "files"), &files, &loaded, err) != 0)
        return -1;
    if (kit_put_made(reply, "checks", check_project(files, loaded, err), err) == 0 &&
        kit_put_made(reply, "components", meetings(chosen, generated, err), err) == 0 &&
        kit_put_made(reply, "parts", parts(order, generated, err), err) == 0 &&
        kit_put(reply, "not_built", not_built != NULL ? json_incref(not_built) : json_array(),
                err) == 0)
        rc = kit_put(reply, "files", json_incref(files), err);
    json_decref(files);
    json_decref(loaded);
    return rc;
}

static int assemble(struct td_ctx *ctx, const json_t *input, json_t **ret_output,
                    struct td_err *err)
{
    const char *stack = kit_str(json_object_get(input, "selection"), "stack", "");
    struct kit_order order = { 0 };
    json_t *reply;
    json_t *id;
    int rc;

    if (kit_resolve(td_shared(ctx), stack, json_object_get(input, "chosen"),
                    json_object_get(input, "generated"), &order, err) != 0)
        return -1;
    id = kit_project_id(json_object_get(input, "understanding"), json_object_get(input, "model"),
                        err);
    reply = id != NULL ? json_pack("{s:o}", "id", id) : NULL;
    rc = reply != NULL ? fill_reply(reply, input, &order, err) : -1;
    if (id != NULL && reply == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the reply");
    kit_order_free(&order);
    if (rc == 0)
        *ret_output = reply;
    else
        json_decref(reply);
    return rc;
}

static const struct td_action *const assembly_actions[] = { TD_ACTION("assemble", assemble), NULL };
static const struct td_agent assembly_agent = { TD_SIZE(struct td_agent),
                                                .actions = assembly_actions };
static const struct td_plugin assembly_plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_AGENT,
    .name = "assembly",
    .version = "1.0.0",
    .state_size = sizeof(struct assembly),
    .bindings = assembly_bindings,
    .prepare = assembly_prepare,
    .release = assembly_release,
    .agent = &assembly_agent,
};
TD_PLUGIN(assembly_plugin);
