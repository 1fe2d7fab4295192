/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match_rate: compares every need with the components that may meet it and chooses the best one
 * above the threshold.
 *
 * A component may meet a need when it names the need's capability, or when the search found it for
 * that need. Of equal matches the first name wins, so the choice does not depend on the order of
 * anything.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tdev/plugin.h>

#include "kit/catalogue.h"
#include "kit/file.h"
#include "kit/json.h"
#include "score.h"

#define KEEP_MAX 20 /* most scores told of one need; the manifest's bound of option "keep" */

struct match_rate {
    const char *catalogue;
    double threshold;
    double weight_capability, weight_field_types, weight_features, weight_place;
    int64_t keep;
};

static const struct td_binding *const match_rate_bindings[] = {
    TD_BIND_STR(struct match_rate, catalogue),
    TD_BIND_REAL(struct match_rate, threshold),
    TD_BIND_REAL(struct match_rate, weight_capability),
    TD_BIND_REAL(struct match_rate, weight_field_types),
    TD_BIND_REAL(struct match_rate, weight_features),
    TD_BIND_REAL(struct match_rate, weight_place),
    TD_BIND_INT(struct match_rate, keep),
    NULL,
};

static int match_rate_prepare(struct td_ctx *ctx, void **ret_shared, struct td_err *err)
{
    const struct match_rate *self = td_self(ctx);
    double whole = self->weight_capability + self->weight_field_types + self->weight_features +
                   self->weight_place;
    char *folder;

    if (!(whole > 0.0))
        return td_fail(err, TD_E_CONFIG, "the four weights are 0 together, one must be more");
    folder = kit_data_path(self->catalogue, td_data_dir(ctx), "catalogue", err);
    *ret_shared = folder != NULL ? kit_catalogue_read(folder, err) : NULL;
    free(folder);
    return *ret_shared != NULL ? 0 : -1;
}

static void match_rate_release(void *shared)
{
    kit_catalogue_free(shared);
}

/* One component that may meet the need at hand. */
struct rated {
    const struct kit_component *component;
    struct match match;
    bool is_found; /* by the search only */
};

/* One call; the lists are being filled. */
struct work {
    const struct kit_catalogue *catalogue;
    const json_t *candidates;
    const char *stack;
    struct weights weights;
    double threshold;
    size_t keep;
    json_t *scores, *unmet, *chosen;
    struct td_err *err;
};

static double found_score(const struct work *work, const char *need, const char *component)
{
    const json_t *item;
    size_t i;

    json_array_foreach ((json_t *)work->candidates, i, item)
        if (strcmp(kit_str(item, "need", ""), need) == 0 &&
            strcmp(kit_str(item, "component", ""), component) == 0)
            return fmin(1.0, fmax(0.0, json_number_value(json_object_get(item, "score"))));
    return 0.0;
}

/* Keeps the best `keep`, best first; a later one with the same match goes behind. */
static size_t insert(struct rated *best, size_t count, size_t keep, const struct rated *one)
{
    size_t at = count;

    while (at > 0 && best[at - 1].match.total < one->match.total)
        at--;
    if (at == keep)
        return count;
    count = count < keep ? count + 1 : keep;
    memmove(best + at + 1, best + at, (count - at - 1) * sizeof(*best));
    best[at] = *one;
    return count;
}

static size_t rate(const struct work *work, const json_t *need, struct rated *best)
{
    const char *id = kit_str(need, "id", "");
    const char *capability = kit_str(need, "capability", "");
    size_t count = 0;

    for (size_t i = 0; i < work->catalogue->count; i++) {
        const struct kit_component *component = &work->catalogue->items[i];
        bool has_it = kit_list_has(component->capabilities, capability);
        double found = has_it ? 0.0 : found_score(work, id, component->name);
        struct rated one = { .component = component, .is_found = !has_it };

        if (strcmp(component->stack, work->stack) != 0 || (!has_it && found <= 0.0))
            continue;
        one.match = score_match(&work->weights, need, component, found);
        count = insert(best, count, work->keep, &one);
    }
    return count;
}

static json_t *describe(const char *id, const struct rated *one)
{
    return json_pack("{s:s, s:s, s:f, s:s}", "need", id, "component", one->component->name, "match",
                     one->match.total, "origin", one->is_found ? "search" : "catalogue");
}

static int tell_scores(struct work *work, const json_t *need, const struct rated *best,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *score = describe(kit_str(need, "id", ""), &best[i]);

        if (kit_push(work->scores, score, work->err) != 0 ||
            kit_put_made(score, "reasons",
                         score_reasons(&best[i].match, need, best[i].component, work->err),
                         work->err) != 0)
            return -1;
    }
    return 0;
}

static int choose(struct work *work, const json_t *need)
{
    const char *id = kit_str(need, "id", "");
    struct rated best[KEEP_MAX + 1];
    size_t count = rate(work, need, best);

    if (tell_scores(work, need, best, count) != 0)
        return -1;
    if (count > 0 && best[0].match.total >= work->threshold)
        return kit_push(work->chosen, describe(id, &best[0]), work->err);
    return kit_push(work->unmet, json_string(id), work->err);
}

static int choose_all(struct work *work, const json_t *needs)
{
    const json_t *need;
    size_t i;

    json_array_foreach ((json_t *)needs, i, need) {
        const char *id = kit_str(need, "id", "");

        if (kit_list_find(needs, "id", id) != need)
            return td_fail(work->err, TD_E_INVAL, "two needs have the id \"%s\"", id);
        if (choose(work, need) != 0)
            return -1;
    }
    return 0;
}

static int score(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const struct match_rate *self = td_self(ctx);
    struct work work = {
        .catalogue = td_shared(ctx),
        .candidates = json_object_get(input, "candidates"),
        .stack = kit_str(json_object_get(input, "selection"), "stack", ""),
        .weights = { .capability = self->weight_capability,
                     .field_types = self->weight_field_types,
                     .features = self->weight_features,
                     .place = self->weight_place },
        .threshold = self->threshold,
        .keep = self->keep < KEEP_MAX ? (size_t)self->keep : KEEP_MAX,
        .scores = json_array(),
        .unmet = json_array(),
        .chosen = json_array(),
        .err = err,
    };
    int rc = choose_all(&work, json_object_get(input, "needs"));
    json_t *reply = json_pack("{s:o, s:o, s:o}", "scores", work.scores, "unmet", work.unmet,
                              "chosen", work.chosen);

    if (rc == 0 && reply != NULL) {
        *ret_output = reply;
        return 0;
    }
    json_decref(reply);
    return rc != 0 ? -1 : td_fail(err, TD_E_NOMEM, "could not allocate the reply");
}

static const struct td_action *const match_rate_actions[] = { TD_ACTION("score", score), NULL };
static const struct td_agent match_rate_agent = { TD_SIZE(struct td_agent),
                                                  .actions = match_rate_actions };
static const struct td_plugin match_rate_plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_AGENT,
    .name = "match-rate",
    .version = "1.0.0",
    .state_size = sizeof(struct match_rate),
    .bindings = match_rate_bindings,
    .prepare = match_rate_prepare,
    .release = match_rate_release,
    .agent = &match_rate_agent,
};
TD_PLUGIN(match_rate_plugin);
