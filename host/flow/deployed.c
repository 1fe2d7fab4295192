/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deployed: the versions of workflows that the store keeps, among those there are by name.
 */
#include "base/json.h"
#include "flow/flows.h"

bool tdh_flows_has(struct tdh_flows *flows, const char *id)
{
    bool is_there;

    pthread_mutex_lock(&flows->lock);
    is_there = tdh_versions_of(flows->versions, id) != NULL;
    pthread_mutex_unlock(&flows->lock);
    return is_there;
}

/* Made from the text when it is wanted first. err TD_OK: nothing of the name is deployed. */
struct tdh_definition *tdh_flows_deployed(struct tdh_flows *flows, const struct tdh_wanted *wanted,
                                          struct td_err *err)
{
    struct tdh_definition *definition = NULL;
    struct tdh_deployed *deployed;
    struct tdh_version *version = NULL;

    err->code = TD_OK;
    pthread_mutex_lock(&flows->lock);
    deployed = tdh_versions_of(flows->versions, wanted->id);
    if (deployed != NULL)
        version = wanted->range != NULL ? tdh_version_in(deployed, wanted->range)
                                        : &deployed->versions[deployed->active];
    if (version != NULL && version->definition == NULL) {
        version->definition = tdh_flow_remake_deployed(version->text, err);
        if (version->definition == NULL)
            td_context(err, "deployed workflow \"%s\" %s", wanted->id, version->name);
    }
    if (version != NULL && version->definition != NULL)
        definition = tdh_definition_hold(version->definition);
    else if (deployed != NULL && version == NULL)
        td_fail(err, TD_E_DEPENDENCY, "workflow \"%s\" has no version in %s: %s is active",
                wanted->id, wanted->words, deployed->versions[deployed->active].name);
    pthread_mutex_unlock(&flows->lock);
    if (deployed != NULL && version == NULL)
        td_hint(err, "tdev workflow versions %s lists them", wanted->id);
    return definition;
}

static int read_mark(struct tdh_store *store, uint64_t *ret_mark, struct td_err *err)
{
    json_t *mark = NULL;

    *ret_mark = 0;
    if (tdh_store_get(store, TDH_MARK_SPACE, TDH_MARK, &mark, ret_mark, err) != 0)
        return err->code == TD_E_NOTFOUND ? 0 : -1;
    json_decref(mark);
    return 0;
}

static void replace_versions(struct tdh_flows *flows, struct tdh_versions *versions)
{
    struct tdh_versions *old;

    pthread_mutex_lock(&flows->lock);
    old = flows->versions;
    tdh_versions_inherit(versions, old);
    flows->versions = versions;
    pthread_mutex_unlock(&flows->lock);
    tdh_versions_free(old);
}

/* What changes while it is read is read again. */
static struct tdh_versions *read_versions(struct tdh_store *store, uint64_t mark,
                                          struct td_err *err)
{
    for (;;) {
        struct tdh_versions *versions = tdh_versions_read(store, err);
        struct td_err why;
        uint64_t after;

        if (read_mark(store, &after, &why) != 0) {
            *err = why;
            after = mark;
            tdh_versions_free(versions);
            versions = NULL;
        }
        if (versions != NULL)
            versions->mark = mark;
        if (after == mark)
            return versions;
        tdh_versions_free(versions);
        mark = after;
    }
}

int tdh_flows_refresh(struct tdh_flows *flows, struct tdh_store *store, bool *ret_changed,
                      struct td_err *err)
{
    struct tdh_versions *versions;
    uint64_t mark;

    if (read_mark(store, &mark, err) != 0)
        return -1;
    *ret_changed = mark != (flows->versions != NULL ? flows->versions->mark : 0);
    if (!*ret_changed)
        return 0;
    versions = read_versions(store, mark, err);
    if (versions == NULL)
        return -1;
    replace_versions(flows, versions);
    return 0;
}

json_t *tdh_flows_versions(struct tdh_flows *flows, const char *id)
{
    const struct tdh_deployed *deployed;
    json_t *head = NULL;

    pthread_mutex_lock(&flows->lock);
    deployed = tdh_versions_of(flows->versions, id);
    if (deployed != NULL)
        head = json_incref(deployed->head);
    pthread_mutex_unlock(&flows->lock);
    return head;
}
