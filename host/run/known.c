/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known: definitions made again from what the store has of them; of the newest a worker keeps some,
 * as many runs follow the same.
 */
#include <string.h>

#include "base/json.h"
#include "run/internal.h"

static struct tdh_hub *own_hub(struct tdh_engine *engine)
{
    return &engine->hubs[tdh_worker_index(tdh_worker_self())];
}

static bool is_of_edition(const struct tdh_definition *definition, const char *edition)
{
    return definition->plugin == NULL ||
           (edition != NULL && strcmp(definition->plugin->edition, edition) == 0);
}

static struct tdh_definition *find_known(struct tdh_hub *hub, const char *hash, const char *edition)
{
    for (unsigned i = 0; i < TDH_KNOWN && hub->known[i] != NULL; i++)
        if (strcmp(hub->known[i]->hash, hash) == 0 && is_of_edition(hub->known[i], edition))
            return tdh_definition_hold(hub->known[i]);
    return NULL;
}

static void keep_known(struct tdh_hub *hub, struct tdh_definition *definition)
{
    tdh_definition_release(hub->known[TDH_KNOWN - 1]);
    memmove(&hub->known[1], &hub->known[0], (TDH_KNOWN - 1) * sizeof(hub->known[0]));
    hub->known[0] = tdh_definition_hold(definition);
}

static int remake(struct tdh_engine *engine, const struct tdh_run_kind *kind, const char *hash,
                  const char *edition, struct tdh_definition **ret_definition, struct td_err *err)
{
    json_t *text;
    int rc;

    if (tdh_store_get(engine->options.store, TDH_DEF_SPACE, hash, &text, NULL, err) != 0)
        return td_context(err, "the definition the run began with");
    rc = kind->remake(kind->arg, text, edition, ret_definition, err);
    json_decref(text);
    return rc;
}

/* Many runs follow the same definition. */
int tdh_definition_find(struct tdh_engine *engine, const json_t *facts, bool is_newest,
                        struct tdh_definition **ret_definition, struct td_err *err)
{
    struct tdh_hub *hub = own_hub(engine);
    const char *kind_name = tdh_json_str(facts, "kind", ""), *hash = tdh_json_str(facts, "def", "");
    const char *edition = is_newest ? NULL : tdh_json_str(facts, "edition", NULL);
    const struct tdh_run_kind *kind = tdh_run_kind_of(engine, kind_name, 0);
    unsigned sweeps;

    if (kind == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "runs of kind \"%s\" are not known to this host",
                       kind_name);
    *ret_definition = find_known(hub, hash, edition);
    if (*ret_definition != NULL)
        return 0;
    sweeps = atomic_load(&engine->sweeps);
    if (remake(engine, kind, hash, edition, ret_definition, err) != 0)
        return -1;
    (*ret_definition)->stored = sweeps;
    keep_known(hub, *ret_definition);
    return 0;
}
