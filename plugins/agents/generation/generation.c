/* SPDX-License-Identifier: Apache-2.0 */
/*
 * generation: writes what no catalogue has: the app's own files, and components for needs that
 * nothing meets.
 *
 * The page names its scripts in load order, so the order is resolved here with the same function
 * that assembly uses. A need that no component and no template meets is not built, and is told: in
 * the output, and in the app's README.
 */
#include <stdlib.h>
#include <string.h>
#include <tdev/plugin.h>

#include "app.h"
#include "kit/file.h"
#include "kit/json.h"
#include "kit/project.h"
#include "stack.h"

struct generation {
    const char *catalogue, *templates;
};

static const struct td_binding *const generation_bindings[] = {
    TD_BIND_STR(struct generation, catalogue),
    TD_BIND_STR(struct generation, templates),
    NULL,
};

/* What prepare makes. */
struct shared {
    struct kit_catalogue *catalogue;
    struct stack *stacks;
    size_t count;
};

static void generation_release(void *arg)
{
    struct shared *shared = arg;

    kit_catalogue_free(shared->catalogue);
    for (size_t i = 0; i < shared->count; i++)
        stack_drop(&shared->stacks[i]);
    free(shared->stacks);
    free(shared);
}

static int read_stacks(struct shared *shared, const char *folder, struct td_err *err)
{
    struct kit_names names = { 0 };
    int rc = kit_names_read(folder, KIT_STACKS, &names, err);

    if (rc != 0)
        return td_context(err, "templates");
    shared->stacks = calloc(names.count + 1, sizeof(*shared->stacks));
    if (shared->stacks == NULL)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate the templates");
    for (size_t i = 0; rc == 0 && i < names.count; i++) {
        char *path = kit_path_join(folder, names.items[i], err);

        if (path == NULL)
            rc = -1;
        else if (kit_is_folder(path))
            rc = stack_read(&shared->stacks[shared->count++], folder, names.items[i], err);
        free(path);
    }
    kit_names_free(&names);
    return rc;
}

static int generation_prepare(struct td_ctx *ctx, void **ret_shared, struct td_err *err)
{
    const struct generation *self = td_self(ctx);
    struct shared *shared = calloc(1, sizeof(*shared));
    char *catalogue = kit_data_path(self->catalogue, td_data_dir(ctx), "catalogue", err);
    char *templates = kit_data_path(self->templates, td_data_dir(ctx), "templates", err);
    int rc = -1;

    if (shared == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the templates");
    else if (catalogue != NULL && templates != NULL &&
             (shared->catalogue = kit_catalogue_read(catalogue, err)) != NULL)
        rc = read_stacks(shared, templates, err);
    free(catalogue);
    free(templates);
    if (rc == 0)
        *ret_shared = shared;
    else if (shared != NULL)
        generation_release(shared);
    return rc;
}

/* One call; `files` and `generated` are being filled. */
struct work {
    struct app app;
    const struct shared *shared;
    json_t *files, *generated;
    struct td_err *err;
};

static int find_stack(struct work *work)
{
    const char *name = kit_str(work->app.selection, "stack", "");

    for (size_t i = 0; i < work->shared->count; i++)
        if (strcmp(work->shared->stacks[i].name, name) == 0)
            work->app.stack = &work->shared->stacks[i];
    if (work->app.stack != NULL)
        return 0;
    return td_fail(work->err, TD_E_NOTFOUND, "there are no templates for the stack \"%s\"", name);
}

static const struct kit_component *find_offer(const struct stack *stack, const json_t *need)
{
    for (size_t i = 0; i < stack->offer_count; i++)
        if (kit_list_has(stack->offers[i].capabilities, kit_str(need, "capability", "")))
            return &stack->offers[i];
    return NULL;
}

/* Where the request spoke of a need: its feature's words, else the need's own. */
static const char *need_source(const struct app *app, const json_t *need)
{
    const char *feature = json_string_value(json_array_get(json_object_get(need, "features"), 0));
    const json_t *found =
        feature != NULL ? kit_list_find(json_object_get(app->model, "features"), "name", feature)
                        : NULL;

    return kit_str(found, "from", kit_str(need, "need", ""));
}

static int add_not_built(struct work *work, const json_t *need)
{
    const json_t *wishes = json_object_get(work->app.model, "not_built");
    const char *wish = kit_str(need, "wish", NULL);
    const json_t *known = wish != NULL ? kit_list_find(wishes, "wish", wish) : NULL;

    if (known != NULL)
        return kit_push(work->app.not_built, json_incref((json_t *)known), work->err);
    return kit_push(work->app.not_built,
                    json_pack("{s:s, s:s}", "wish", kit_str(need, "capability", ""), "from",
                              need_source(&work->app, need)),
                    work->err);
}

static int add_offer(struct work *work, const json_t *need, const struct kit_component *offer)
{
    struct app *app = &work->app;
    bool is_there = false;

    for (size_t i = 0; i < app->offer_count; i++)
        is_there = is_there || app->offers[i] == offer;
    if (!is_there)
        app->offers[app->offer_count++] = offer;
    return kit_push(work->generated,
                    json_pack("{s:s, s:s, s:s, s:O}", "need", kit_str(need, "id", ""), "component",
                              offer->name, "version", offer->version, "requires", offer->requires),
                    work->err);
}

/* Wishes that were never made a need stay what they are. */
static int add_other_wishes(struct work *work)
{
    const json_t *item;
    size_t i;

    json_array_foreach (json_object_get(work->app.model, "not_built"), i, item)
        if (kit_list_find(work->app.needs, "wish", kit_str(item, "wish", "")) == NULL &&
            kit_push(work->app.not_built, json_incref((json_t *)item), work->err) != 0)
            return -1;
    return 0;
}

static int settle_needs(struct work *work)
{
    const json_t *need;
    size_t i;

    work->app.offers = calloc(work->app.stack->offer_count + 1, sizeof(struct kit_component *));
    if (work->app.offers == NULL)
        return td_fail(work->err, TD_E_NOMEM, "could not allocate the generated components");
    json_array_foreach ((json_t *)work->app.needs, i, need) {
        const struct kit_component *offer = find_offer(work->app.stack, need);

        if (kit_list_find(work->app.chosen, "need", kit_str(need, "id", "")) != NULL)
            continue;
        if ((offer != NULL ? add_offer(work, need, offer) : add_not_built(work, need)) != 0)
            return -1;
    }
    return add_other_wishes(work);
}

static int add_file(struct work *work, const struct template *template, const char *path,
                    const json_t *data)
{
    json_t *text = template_render(template, data, KIT_FILE_BYTES, work->err);

    if (text == NULL)
        return -1;
    return kit_push(work->files, json_pack("{s:s, s:o}", "path", path, "text", text), work->err);
}

static int write_app(struct work *work, const json_t *data)
{
    const struct stack *stack = work->app.stack;

    for (size_t i = 0; i < stack->count; i++) {
        const struct stack_file *file = &stack->files[i];

        if (file->to == NULL || (file->lang != NULL && strcmp(file->lang, work->app.lang) != 0))
            continue;
        if (add_file(work, file->template, file->to, data) != 0)
            return -1;
    }
    return 0;
}

static int write_list(struct work *work, const json_t *list, const json_t *data)
{
    const json_t *item;
    size_t i;

    json_array_foreach ((json_t *)list, i, item)
        if (add_file(work, stack_template(work->app.stack, kit_str(item, "from", "")),
                     kit_str(item, "to", ""), data) != 0)
            return -1;
    return 0;
}

/* The templates of a generated component see the need that it was made for, besides what all see.
 */
static int write_offers(struct work *work, json_t *data)
{
    for (size_t i = 0; i < work->app.offer_count; i++) {
        const struct kit_component *offer = work->app.offers[i];
        const json_t *item = kit_list_find(work->generated, "component", offer->name);
        json_t *need = kit_list_find(work->app.needs, "id", kit_str(item, "need", ""));

        if (kit_put(data, "need", json_incref(need), work->err) != 0 ||
            write_list(work, offer->files, data) != 0 || write_list(work, offer->tests, data) != 0)
            return -1;
    }
    return 0;
}

static int write_all(struct work *work)
{
    json_t *data;
    int rc = -1;

    if (find_stack(work) != 0 || settle_needs(work) != 0 ||
        kit_resolve(work->shared->catalogue, work->app.stack->name, work->app.chosen,
                    work->generated, &work->app.order, work->err) != 0)
        return -1;
    work->app.id = kit_project_id(work->app.understanding, work->app.model, work->err);
    data = work->app.id != NULL ? app_data(&work->app, work->err) : NULL;
    if (data != NULL && write_app(work, data) == 0 && write_offers(work, data) == 0)
        rc = kit_project_check(work->files, work->err);
    json_decref(data);
    return rc;
}

static int generate(struct td_ctx *ctx, const json_t *input, json_t **ret_output,
                    struct td_err *err)
{
    const json_t *understanding = json_object_get(input, "understanding");
    struct work work = {
        .app = { .understanding = understanding,
                 .selection = json_object_get(input, "selection"),
                 .model = json_object_get(input, "model"),
                 .needs = json_object_get(input, "needs"),
                 .chosen = json_object_get(input, "chosen"),
                 .lang = strcmp(kit_str(understanding, "lang", "en"), "ko") == 0 ? "ko" : "en",
                 .not_built = json_array() },
        .shared = td_shared(ctx),
        .files = json_array(),
        .generated = json_array(),
        .err = err,
    };
    int rc = write_all(&work);
    json_t *reply = NULL;

    if (rc == 0)
        reply = json_pack("{s:O, s:O, s:O, s:O}", "files", work.files, "generated", work.generated,
                          "not_built", work.app.not_built, "id", work.app.id);
    if (rc == 0 && reply == NULL)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate the reply");
    kit_order_free(&work.app.order);
    free(work.app.offers);
    json_decref(work.app.not_built);
    json_decref(work.app.id);
    json_decref(work.files);
    json_decref(work.generated);
    if (rc == 0)
        *ret_output = reply;
    return rc;
}

static const struct td_action *const generation_actions[] = { TD_ACTION("generate", generate),
                                                              NULL };
static const struct td_agent generation_agent = { TD_SIZE(struct td_agent),
                                                  .actions = generation_actions };
static const struct td_plugin generation_plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_AGENT,
    .name = "generation",
    .version = "1.0.0",
    .state_size = sizeof(struct generation),
    .bindings = generation_bindings,
    .prepare = generation_prepare,
    .release = generation_release,
    .agent = &generation_agent,
};
TD_PLUGIN(generation_plugin);
