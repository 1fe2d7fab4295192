/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry: which plugins are there, by folder and by name. Of several versions of one name,
 * choose.c says which is meant.
 *
 * There is one entry per folder, made when somebody asks for it; exchange.c takes it away when the
 * folder is gone, or another one is meant by the name.
 * An entry that was refused is read anew each time it is asked for, so a fault that was mended is
 * found mended.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/choose.h"
#include "plugin/runner.h"

enum { KEY_MAX = TDH_PLUGIN_NAME_MAX + 16, GRACE_MS = 2000, PROCESSES_MAX = 64, CRASHES_MAX = 10 };

static int fail_nomem(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the registry of plugins");
}

/* new: the real path of a folder; as it is when it is not there yet. */
static char *resolve(const char *path)
{
    char *real = realpath(path, NULL);

    return real != NULL ? real : strdup(path);
}

/* new: a list that ends with NULL; the list NULL gives an empty one. */
static char **resolve_all(const char *const *paths)
{
    size_t count = 0;
    char **list;

    while (paths != NULL && paths[count] != NULL)
        count++;
    list = calloc(count + 1, sizeof(*list));
    for (size_t i = 0; list != NULL && i < count; i++)
        list[i] = resolve(paths[i]);
    for (size_t i = 0; list != NULL && i < count; i++)
        if (list[i] == NULL) {
            for (size_t k = 0; k < count; k++)
                free(list[k]);
            free(list);
            return NULL;
        }
    return list;
}

/* NULL stays NULL. */
static int copy_path(const char *path, char **ret_path)
{
    *ret_path = path != NULL ? strdup(path) : NULL;
    return path == NULL || *ret_path != NULL ? 0 : -1;
}

static int fill(struct tdh_plugins *plugins, const struct tdh_plugins_options *options,
                struct td_err *err)
{
    plugins->roots = resolve_all(options->roots);
    plugins->inline_roots = resolve_all(options->inline_roots);
    plugins->private_dir = strdup(options->private_dir);
    if (options->bundled_root != NULL)
        plugins->bundled_root = resolve(options->bundled_root);
    if (copy_path(options->compat_path, &plugins->compat_path) != 0 ||
        copy_path(options->runner_path, &plugins->runner_path) != 0 ||
        copy_path(options->data_dir, &plugins->data_dir) != 0)
        return fail_nomem(err);
    if (plugins->roots == NULL || plugins->inline_roots == NULL || plugins->private_dir == NULL ||
        (options->bundled_root != NULL && plugins->bundled_root == NULL))
        return fail_nomem(err);
    plugins->compat = tdh_compat_read(options->compat_path, options->is_compat_needed, err);
    if (plugins->compat == NULL)
        return -1;
    plugins->is_compat_needed = options->is_compat_needed;
    plugins->gate = (struct tdh_gate){
        .compat = plugins->compat,
        .bundled_root = plugins->bundled_root,
        .inline_roots = (const char *const *)plugins->inline_roots,
        .private_dir = plugins->private_dir,
        .runner_path = plugins->runner_path,
        .data_dir = plugins->data_dir,
        .is_strict = options->is_strict,
        .processes_max = options->processes_max > 0 ? options->processes_max : PROCESSES_MAX,
        .crashes_max = options->crashes_max > 0 ? options->crashes_max : CRASHES_MAX,
        .day = options->day,
        .signatures = options->signatures,
        .trust = options->trust
    };
    return 0;
}

struct tdh_plugins *tdh_plugins_new(const struct tdh_plugins_options *options, struct td_err *err)
{
    struct tdh_plugins *plugins = calloc(1, sizeof(*plugins));

    if (plugins == NULL) {
        fail_nomem(err);
        return NULL;
    }
    plugins->grace_ms = GRACE_MS;
    pthread_mutex_init(&plugins->lock.mutex, NULL);
    pthread_cond_init(&plugins->lock.is_free, NULL);
    if (fill(plugins, options, err) == 0)
        return plugins;
    tdh_plugins_free(plugins);
    return NULL;
}

void tdh_entry_clear(struct tdh_plugin_entry *entry)
{
    tdh_entry_free(entry->next);
    if (entry->plugin != NULL)
        tdh_plugin_release(entry->plugin); /* the manifest is the plugin's */
    else
        tdh_manifest_free(entry->manifest);
    *entry = (struct tdh_plugin_entry){ .folder = entry->folder, .name = entry->name };
}

void tdh_entry_free(struct tdh_plugin_entry *entry)
{
    if (entry == NULL)
        return;
    tdh_entry_clear(entry);
    free(entry->folder);
    free(entry->name);
    free(entry);
}

static void free_entry(void *value)
{
    tdh_entry_free(value);
}

static void free_list(char **list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++)
        free(list[i]);
    free(list);
}

void tdh_plugins_free(struct tdh_plugins *plugins)
{
    const struct tdh_map_slot *slot;
    size_t at = 0;

    if (plugins == NULL)
        return;
    while ((slot = tdh_map_next(&plugins->folders, &at)) != NULL)
        tdh_entry_mend(plugins, slot->value);
    tdh_map_free(&plugins->names, NULL);
    tdh_folders_free(plugins);
    tdh_map_free(&plugins->folders, free_entry);
    for (size_t i = 0; i < plugins->former_count; i++)
        tdh_former_free(&plugins->former[i]);
    free(plugins->former);
    pthread_cond_destroy(&plugins->lock.is_free);
    pthread_mutex_destroy(&plugins->lock.mutex);
    tdh_compat_free(plugins->compat);
    free_list(plugins->roots);
    free_list(plugins->inline_roots);
    free(plugins->bundled_root);
    free(plugins->private_dir);
    free(plugins->runner_path);
    free(plugins->data_dir);
    free(plugins->compat_path);
    free(plugins);
}

void tdh_entry_refuse(struct tdh_plugin_entry *entry, const struct td_err *why)
{
    entry->state = TDH_PLUGIN_REFUSED;
    entry->is_deprecated = false;
    entry->why = *why;
}

void tdh_entry_absolve(struct tdh_plugin_entry *entry)
{
    entry->state = TDH_PLUGIN_DISCOVERED;
    entry->why = (struct td_err){ 0 };
}

static void print_key(enum td_kind kind, const char *name, char key[static KEY_MAX])
{
    snprintf(key, KEY_MAX, "%s/%s", tdh_kind_name(kind), name);
}

bool tdh_entry_is_covered(const struct tdh_plugins *plugins, const struct tdh_plugin_entry *entry)
{
    char key[KEY_MAX];

    print_key(entry->kind, entry->name, key);
    return entry->kind != 0 && tdh_map_get(&plugins->names, key) != entry;
}

int tdh_entry_name(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry, struct td_err *err)
{
    char key[KEY_MAX];

    print_key(entry->kind, entry->name, key);
    return tdh_map_set(&plugins->names, key, entry, NULL) == 0 ? 0 : fail_nomem(err);
}

struct tdh_plugin_entry *tdh_entry_serving(const struct tdh_plugins *plugins, enum td_kind kind,
                                           const char *name)
{
    static const enum td_kind kinds[] = { TD_KIND_AGENT, TD_KIND_STORAGE, TD_KIND_PATTERN,
                                          TD_KIND_PROVIDER };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct tdh_plugin_entry *entry;
        char key[KEY_MAX];

        print_key(kinds[i], name, key);
        entry = kind == 0 || kind == kinds[i] ? tdh_map_get(&plugins->names, key) : NULL;
        if (entry != NULL && entry->plugin != NULL)
            return entry;
    }
    return NULL;
}

/* The entry is the one that its kind and name mean, unless another one is in use. */
static int name_unused(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
                       struct td_err *err)
{
    const struct tdh_plugin_entry *named;
    char key[KEY_MAX];

    print_key(entry->kind, entry->name, key);
    named = tdh_map_get(&plugins->names, key);
    return entry->kind == 0 || named == entry || (named != NULL && named->plugin != NULL)
               ? 0
               : tdh_entry_name(plugins, entry, err);
}

void tdh_entry_read(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry)
{
    struct tdh_plugin_print before;
    struct tdh_admission admission;
    struct td_err why;

    tdh_print_take(entry, &before);
    entry->manifest = tdh_manifest_read(entry->folder, &why);
    if (entry->manifest == NULL) {
        tdh_entry_refuse(entry, &why);
        return;
    }
    entry->kind = entry->manifest->kind;
    tdh_print_take(entry, &entry->print);
    /* what took its place while it was read is another */
    memcpy(entry->print.words, before.words, TDH_PRINT_FILE * sizeof(before.words[0]));
    if (tdh_check_manifest(&plugins->gate, entry->manifest, &admission, &why) != 0) {
        tdh_entry_refuse(entry, &why);
        return;
    }
    entry->is_bundled = admission.is_bundled;
    entry->isolation = admission.isolation;
    if (admission.rule != NULL)
        tdh_entry_deprecate(plugins, entry, admission.rule);
}

void tdh_entry_forget(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry)
{
    char key[KEY_MAX];
    struct td_err ignored;

    print_key(entry->kind, entry->name, key);
    if (tdh_map_get(&plugins->names, key) == entry)
        tdh_map_remove(&plugins->names, key);
    tdh_map_remove(&plugins->folders, entry->folder);
    if (tdh_former_add(plugins, NULL, entry, &ignored) != 0)
        tdh_entry_free(entry); /* without memory nobody looks at it for long */
}

static struct tdh_plugin_entry *new_entry(struct tdh_plugins *plugins, const char *folder,
                                          struct td_err *err)
{
    struct tdh_plugin_entry *entry = calloc(1, sizeof(*entry));
    const char *slash = strrchr(folder, '/');

    if (entry != NULL) {
        entry->folder = strdup(folder);
        entry->name = strndup(slash != NULL ? slash + 1 : folder,
                              tdh_folder_name(slash != NULL ? slash + 1 : folder));
        if (entry->folder != NULL && entry->name != NULL &&
            tdh_map_set(&plugins->folders, folder, entry, NULL) == 0)
            return entry;
        tdh_entry_free(entry);
    }
    fail_nomem(err);
    return NULL;
}

struct tdh_plugin_entry *tdh_entry_of(struct tdh_plugins *plugins, const char *folder,
                                      struct td_err *err)
{
    struct tdh_plugin_entry *entry = tdh_map_get(&plugins->folders, folder);

    /* what is loaded, and blocked since, is in use */
    if (entry != NULL &&
        (entry->state != TDH_PLUGIN_REFUSED || entry->plugin != NULL || plugins->is_fresh))
        return entry;
    if (entry != NULL)
        tdh_entry_clear(entry);
    else
        entry = new_entry(plugins, folder, err);
    if (entry == NULL)
        return NULL;
    tdh_entry_read(plugins, entry);
    return entry;
}

static int look(struct tdh_plugins *plugins, enum td_kind kind, const char *name, bool is_anew,
                struct tdh_plugin_entry **ret_entry, struct td_err *err)
{
    struct tdh_folders versions;
    size_t count;

    if (tdh_folders_of(plugins, kind, name, &versions, err) != 0)
        return -1;
    count = versions.count;
    *ret_entry = count == 1 ? versions.entries[0] : NULL;
    free(versions.entries);
    if (count > 1 && tdh_choose(plugins, kind, name, is_anew, ret_entry, err) != 0)
        return -1;
    return *ret_entry != NULL ? name_unused(plugins, *ret_entry, err) : 0;
}

int tdh_entry_meant(struct tdh_plugins *plugins, enum td_kind kind, const char *name,
                    struct tdh_plugin_entry **ret_entry, struct td_err *err)
{
    return look(plugins, kind, name, false, ret_entry, err);
}

int tdh_entry_look(struct tdh_plugins *plugins, enum td_kind kind, const char *name,
                   struct tdh_plugin_entry **ret_entry, struct td_err *err)
{
    return look(plugins, kind, name, true, ret_entry, err);
}

struct tdh_plugin_entry *tdh_entry_find(struct tdh_plugins *plugins, enum td_kind kind,
                                        const char *name, struct td_err *err)
{
    struct tdh_plugin_entry *entry;
    char key[KEY_MAX];

    if (!tdh_plugin_name_is_valid(name)) {
        tdh_scan_fail(plugins, kind, name, err);
        return NULL;
    }
    print_key(kind, name, key);
    entry = tdh_map_get(&plugins->names, key);
    if ((entry == NULL || entry->state == TDH_PLUGIN_REFUSED) &&
        look(plugins, kind, name, false, &entry, err) != 0)
        return NULL;
    if (entry == NULL)
        tdh_scan_fail(plugins, kind, name, err);
    else if (entry->state == TDH_PLUGIN_REFUSED)
        *err = entry->why;
    else
        return entry;
    return NULL;
}

const struct tdh_plugin_entry *tdh_plugins_find(struct tdh_plugins *plugins, enum td_kind kind,
                                                const char *name, struct td_err *err)
{
    const struct tdh_plugin_entry *entry;

    tdh_plugins_lock(plugins);
    entry = tdh_entry_find(plugins, kind, name, err);
    tdh_plugins_unlock(plugins);
    return entry;
}

const struct tdh_compat_rule *tdh_plugins_rules(const struct tdh_plugins *plugins,
                                                size_t *ret_count)
{
    return tdh_compat_rules(plugins->compat, ret_count);
}

/* --- processes --- */

static void each_runner(struct tdh_plugins *plugins, void (*fn)(struct tdh_runner *runner))
{
    const struct tdh_map_slot *slot;
    size_t at = 0;

    while ((slot = tdh_map_next(&plugins->folders, &at)) != NULL) {
        const struct tdh_plugin_entry *entry = slot->value;

        if (entry->plugin != NULL && entry->plugin->runner != NULL)
            fn(entry->plugin->runner);
    }
    for (size_t i = 0; i < plugins->former_count; i++)
        if (plugins->former[i].plugin != NULL && plugins->former[i].plugin->runner != NULL)
            fn(plugins->former[i].plugin->runner);
}

void tdh_plugins_stop(struct tdh_plugins *plugins)
{
    each_runner(plugins, tdh_runner_stop);
}

void tdh_plugins_revive(struct tdh_plugins *plugins)
{
    tdh_plugins_lock(plugins);
    each_runner(plugins, tdh_runner_revive);
    tdh_plugins_unlock(plugins);
}
