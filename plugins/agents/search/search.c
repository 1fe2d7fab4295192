/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search: for each need it is asked about, offers the components whose description speaks of it.
 *
 * It only offers; whether an offer is good enough is the match rate's business.
 */
#include <stdlib.h>
#include <string.h>
#include <tdev/plugin.h>

#include "index.h"
#include "kit/file.h"
#include "kit/json.h"

struct search {
    const char *catalogue;
    double floor;
    int64_t keep;
};

static const struct td_binding *const search_bindings[] = {
    TD_BIND_STR(struct search, catalogue),
    TD_BIND_REAL(struct search, floor),
    TD_BIND_INT(struct search, keep),
    NULL,
};

static int search_prepare(struct td_ctx *ctx, void **ret_shared, struct td_err *err)
{
    const struct search *self = td_self(ctx);
    char *folder = kit_data_path(self->catalogue, td_data_dir(ctx), "catalogue", err);
    struct kit_catalogue *catalogue = folder != NULL ? kit_catalogue_read(folder, err) : NULL;

    free(folder);
    *ret_shared = catalogue != NULL ? index_new(catalogue, err) : NULL;
    return *ret_shared != NULL ? 0 : -1;
}

static void search_release(void *shared)
{
    index_free(shared);
}

static void add_list(struct terms *terms, const json_t *list)
{
    const json_t *item;
    size_t i;

    json_array_foreach ((json_t *)list, i, item)
        terms_add(terms, json_string_value(item));
}

static void need_terms(const json_t *need, struct terms *terms)
{
    terms_add(terms, kit_str(need, "capability", ""));
    add_list(terms, json_object_get(need, "features"));
    terms_add(terms, kit_str(need, "need", ""));
}

/* One call; `candidates` is being filled, `hits` is room for one search. */
struct work {
    const struct index *index;
    const char *stack;
    double floor;
    int64_t keep;
    struct hit *hits;
    json_t *candidates;
    struct td_err *err;
};

static int find_need(struct work *work, const json_t *need)
{
    struct terms terms = { .count = 0 };
    int count;

    need_terms(need, &terms);
    count = index_find(work->index, work->stack, &terms, work->hits, work->err);
    for (int i = 0; i < count && i < work->keep && work->hits[i].score >= work->floor; i++) {
        const struct kit_component *component =
            &index_catalogue(work->index)->items[work->hits[i].component];
        json_t *candidate = json_pack("{s:s, s:s, s:f}", "need", kit_str(need, "id", ""),
                                      "component", component->name, "score", work->hits[i].score);

        if (kit_push(work->candidates, candidate, work->err) != 0)
            return -1;
    }
    return count < 0 ? -1 : 0;
}

static int find_all(struct work *work, const json_t *needs, struct td_ctx *ctx)
{
    const json_t *need;
    size_t i;

    json_array_foreach ((json_t *)needs, i, need)
        if (td_check(ctx, work->err) != 0 || find_need(work, need) != 0)
            return -1;
    return 0;
}

static json_t *ids_of(const json_t *needs)
{
    json_t *ids = json_array();
    const json_t *need;
    size_t i;

    json_array_foreach ((json_t *)needs, i, need)
        json_array_append_new(ids, json_string(kit_str(need, "id", "")));
    return ids;
}

static int find(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const struct search *self = td_self(ctx);
    const json_t *needs = json_object_get(input, "needs");
    struct work work = {
        .index = td_shared(ctx),
        .stack = kit_str(json_object_get(input, "selection"), "stack", ""),
        .floor = self->floor,
        .keep = self->keep,
        .candidates = json_array(),
        .err = err,
    };
    json_t *reply = NULL;
    int rc = -1;

    work.hits = calloc(index_catalogue(work.index)->count + 1, sizeof(*work.hits));
    if (work.hits == NULL || work.candidates == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the candidates");
    else
        rc = find_all(&work, needs, ctx);
    free(work.hits);
    reply = json_pack("{s:o, s:o}", "candidates", work.candidates, "searched", ids_of(needs));
    if (rc == 0 && reply != NULL &&
        json_array_size(json_object_get(reply, "searched")) == json_array_size(needs)) {
        *ret_output = reply;
        return 0;
    }
    json_decref(reply);
    return rc != 0 ? -1 : td_fail(err, TD_E_NOMEM, "could not allocate the reply");
}

static const struct td_action *const search_actions[] = { TD_ACTION("find", find), NULL };
static const struct td_agent search_agent = { TD_SIZE(struct td_agent), .actions = search_actions };
static const struct td_plugin search_plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_AGENT,
    .name = "search",
    .version = "1.0.0",
    .state_size = sizeof(struct search),
    .bindings = search_bindings,
    .prepare = search_prepare,
    .release = search_release,
    .agent = &search_agent,
};
TD_PLUGIN(search_plugin);
