/* SPDX-License-Identifier: Apache-2.0 */
/*
 * offer: what an agent offers, for those who only want to know it: from files and manifests.
 *
 * Of an agent of a bridge its file is read, and what it says is kept until the file is another one.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/internal.h"

/* By what a file is told from the one that was read. */
struct stamp {
    dev_t device;
    ino_t inode;
    off_t bytes;
    struct timespec changed;
};

struct kept {
    struct stamp stamp;
    struct tdh_offer offer;
};

/* Only the agents of a bridge say so themselves. */
static int check_plain(const struct tdh_manifest *manifest, const struct tdh_yaml *file,
                       struct td_err *err)
{
    static const char *const keys[] = { "capabilities", "permissions" };

    for (size_t i = 0; file != NULL && i < sizeof(keys) / sizeof(keys[0]); i++) {
        char pointer[32];

        if (json_object_get(file->root, keys[i]) == NULL)
            continue;
        snprintf(pointer, sizeof(pointer), "/%s", keys[i]);
        return tdh_yaml_fail(file, pointer, err, TD_E_CONFIG,
                             "the %s of plugin \"%s\" are those of its manifest", keys[i],
                             manifest->name);
    }
    return 0;
}

int tdh_agent_offer(struct tdh_manifest *manifest, const char *name, const struct tdh_yaml *file,
                    struct tdh_offer *ret_offer, struct td_err *err)
{
    if (manifest->is_bridge && file != NULL)
        return tdh_offer_read(manifest, file, ret_offer, err);
    if (manifest->is_bridge) {
        td_fail(err, TD_E_CONFIG, "\"%s\" is no agent: plugin \"%s\" takes actions from files",
                name, manifest->name);
        return td_hint(err, "write agents/NAME.yaml with plugin: %s, and its capabilities",
                       manifest->name);
    }
    *ret_offer = tdh_manifest_offer(manifest);
    return check_plain(manifest, file, err);
}

/* --- kept --- */

static void read_stamp(const struct tdh_agents *agents, const char *name, struct stamp *ret_stamp)
{
    char path[TDH_AGENT_PATH];
    struct stat status;

    memset(ret_stamp, 0, sizeof(*ret_stamp));
    if (!tdh_agent_path(agents, name, path) || stat(path, &status) != 0)
        return;
    ret_stamp->device = status.st_dev;
    ret_stamp->inode = status.st_ino;
    ret_stamp->bytes = status.st_size;
    ret_stamp->changed = status.st_ctim;
}

static bool is_same(const struct stamp *a, const struct stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->bytes == b->bytes &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

static void free_kept(void *value)
{
    struct kept *kept = value;

    tdh_offer_end(&kept->offer);
    free(kept);
}

void tdh_agent_offers_free(struct tdh_agents *agents)
{
    tdh_map_free(&agents->offers, free_kept);
}

/* What is written while it is read has another stamp the next time. */
static int keep(struct tdh_agents *agents, const char *name, struct tdh_manifest *manifest,
                const struct stamp *stamp, struct kept **ret_kept, struct td_err *err)
{
    struct kept *kept = calloc(1, sizeof(*kept));
    struct tdh_yaml *file = NULL;
    void *old = NULL;
    int rc;

    if (kept == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate what agent \"%s\" offers", name);
    kept->stamp = *stamp;
    rc = tdh_agent_file(agents, name, &file, NULL, err);
    if (rc == 0)
        rc = tdh_agent_offer(manifest, name, file, &kept->offer, err);
    if (rc == 0 && tdh_map_set(&agents->offers, name, kept, &old) != 0)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate what agent \"%s\" offers", name);
    if (old != NULL)
        free_kept(old);
    if (rc != 0)
        free_kept(kept);
    else
        *ret_kept = kept;
    tdh_yaml_free(file);
    return rc;
}

int tdh_agent_offer_kept(struct tdh_agents *agents, const char *name,
                         const struct tdh_plugin_entry *entry, struct tdh_offer *ret_offer,
                         struct td_err *err)
{
    struct kept *kept = tdh_map_get(&agents->offers, name);
    struct stamp stamp;

    if (!entry->manifest->is_bridge) {
        *ret_offer = tdh_manifest_offer(entry->manifest);
        return 0;
    }
    read_stamp(agents, name, &stamp);
    if ((kept == NULL || !is_same(&kept->stamp, &stamp)) &&
        keep(agents, name, entry->manifest, &stamp, &kept, err) != 0)
        return -1;
    *ret_offer = kept->offer;
    return 0;
}
