/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_tune: what a chain could do faster, and the chain that does.
 *
 * Only links without effects are taken out, used again or moved, and none of them across one that
 * has effects. Middleware stays as it is: its hooks go around every link that runs.
 */
#include "flow/chain_tune.h"

#include <string.h>

#include "base/json.h"

static double sum_ms(const struct tdh_tune *tune)
{
    double sum = 0;

    for (size_t i = 0; i < tune->count; i++)
        sum += tune->items[i].ms;
    return sum;
}

const char *tdh_tune_basis(const struct tdh_tune *tune)
{
    if (tune->has_history)
        return tune->unknown > 0 || tune->has_estimate ? "runs, as far as there were any" : "runs";
    if (tune->has_estimate)
        return tune->unknown > 0 ? "the estimates of manifests, as far as there are any"
                                 : "the estimates of manifests";
    return "nothing: each link counts as 1 ms";
}

/* Takes links. */
static json_t *new_text(const struct tdh_tune *tune, json_t *links)
{
    json_t *text = json_object(), *value;
    const char *key;
    int rc = text != NULL ? 0 : -1;

    json_object_foreach ((json_t *)tune->chain->text, key, value) {
        if (rc == 0)
            rc = json_object_set(text, key,
                                 strcmp(key, "links") == 0    ? links
                                 : strcmp(key, "output") == 0 ? tune->output
                                                              : value);
    }
    json_decref(links);
    if (rc == 0)
        return text;
    json_decref(text);
    return NULL;
}

static int tune_chain(struct tdh_tune *tune, json_t **ret_result, struct td_err *err)
{
    double before, after;
    json_t *links, *result, *text;

    if (tdh_tune_read(tune, err) != 0)
        return -1;
    before = sum_ms(tune);
    if (tdh_tune_reuse(tune, err) != 0 || tdh_tune_remove(tune, err) != 0 ||
        (links = tdh_tune_group(tune, &after, err)) == NULL)
        return -1;
    result = json_pack("{s:O, s:f, s:f, s:f, s:s}", "proposals", tune->proposals, "before_ms",
                       before, "after_ms", after, "speedup", after > 0 ? before / after : 1.0,
                       "basis", tdh_tune_basis(tune));
    text = tune->is_changed ? new_text(tune, links) : json_incref((json_t *)tune->chain->text);
    if (!tune->is_changed)
        json_decref(links);
    if (result == NULL || json_object_set(result, "text", text) != 0) {
        json_decref(result);
        json_decref(text);
        return td_fail(err, TD_E_NOMEM, "could not allocate the proposals");
    }
    json_decref(text);
    *ret_result = result;
    return 0;
}

int tdh_chain_optimize(const struct tdh_yaml *yaml, const struct tdh_chain_facts *facts,
                       json_t **ret_result, struct td_err *err)
{
    struct tdh_chain chain;
    struct tdh_tune tune = { .chain = &chain, .facts = facts };
    int rc;

    if (!tdh_chain_is(yaml->root))
        return tdh_tune_flow(yaml, facts, ret_result, err);
    if (tdh_chain_parse(yaml, &chain, err) != 0)
        return -1;
    if (chain.strategy == CHAIN_PARALLEL)
        chain.step_count = 0; /* all are side by side already */
    rc = tune_chain(&tune, ret_result, err);
    tdh_tune_end(&tune);
    tdh_chain_end(&chain);
    return rc;
}
