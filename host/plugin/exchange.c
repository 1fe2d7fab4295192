/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange: plugins whose folders change while they are in use. What is in the folder now is opened
 * beside the one that serves; only when it has passed all gates, and whoever uses the plugin has
 * gone over to it, does it serve. The one before is unloaded when nobody uses it any more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "plugin/internal.h"
#include "plugin/runner.h"

enum { START_MS = 20000, GONE_LOOKS = 10 };

/* --- what a folder looks like --- */

static void add_file(struct tdh_plugin_print *print, unsigned at, const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return;
    print->words[at] = (uint64_t)status.st_ino;
    print->words[at + 1] = (uint64_t)status.st_size;
    print->words[at + 2] =
        (uint64_t)status.st_mtim.tv_sec * UINT64_C(1000000000) + (uint64_t)status.st_mtim.tv_nsec;
    print->words[at + 3] =
        (uint64_t)status.st_ctim.tv_sec * UINT64_C(1000000000) + (uint64_t)status.st_ctim.tv_nsec;
}

void tdh_print_take(const struct tdh_plugin_entry *entry, struct tdh_plugin_print *print)
{
    const char *library = entry->manifest != NULL ? entry->manifest->library : "";
    char path[PATH_MAX + 160];

    *print = (struct tdh_plugin_print){ { 0 } };
    snprintf(path, sizeof(path), "%s/plugin.yaml", entry->folder);
    add_file(print, 0, path);
    snprintf(path, sizeof(path), "%s/%s", entry->folder, library);
    add_file(print, TDH_PRINT_FILE, path);
    snprintf(path, sizeof(path), "%s/.libs/%s", entry->folder, library);
    add_file(print, 2 * TDH_PRINT_FILE, path);
}

static bool is_same(const struct tdh_plugin_print *a, const struct tdh_plugin_print *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static bool is_changed(const struct tdh_plugin_entry *entry)
{
    struct tdh_plugin_print print;

    tdh_print_take(entry, &print);
    return !is_same(&print, &entry->print);
}

/* Is it another, and was it that at the last look already? */
static bool is_settled(struct tdh_plugin_entry *entry, unsigned *unsettled)
{
    struct tdh_plugin_print print, seen = entry->seen;

    tdh_print_take(entry, &print);
    entry->seen = print;
    if (is_same(&print, &entry->print))
        return false;
    if (is_same(&print, &seen))
        return true;
    ++*unsettled;
    return false;
}

/* Has it been the same since the last look? One that is being copied is not. */
static bool is_steady(struct tdh_plugin_entry *entry, unsigned *unsettled)
{
    struct tdh_plugin_print seen = entry->seen;

    tdh_print_take(entry, &entry->seen);
    if (is_same(&entry->seen, &seen))
        return true;
    ++*unsettled;
    return false;
}

/* What was known of it may be looked at yet by who borrowed it. */
void tdh_entry_renew(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry)
{
    struct tdh_plugin_entry *old;
    struct td_err ignored;

    if (entry->manifest == NULL || !is_changed(entry))
        return;
    old = calloc(1, sizeof(*old));
    if (old == NULL)
        return; /* it is read when there is memory again */
    *old = *entry;
    old->folder = old->name = NULL;
    entry->manifest = NULL;
    if (tdh_former_add(plugins, NULL, old, &ignored) != 0)
        tdh_entry_free(old);
    tdh_entry_clear(entry);
    tdh_entry_read(plugins, entry);
}

/* --- one that is in use --- */

struct exchange {
    struct tdh_plugins *plugins;
    tdh_exchange_fn *fn;
    void *arg;
    struct tdh_exchanged *result;
};

/* new: as the registry makes one of a folder, but not in it. */
static struct tdh_plugin_entry *new_candidate(const struct tdh_plugin_entry *meant,
                                              struct td_err *err)
{
    struct tdh_plugin_entry *candidate = calloc(1, sizeof(*candidate));

    if (candidate != NULL) {
        candidate->folder = strdup(meant->folder);
        candidate->name = strdup(meant->name);
    }
    if (candidate != NULL && candidate->folder != NULL && candidate->name != NULL)
        return candidate;
    tdh_entry_free(candidate);
    td_fail(err, TD_E_NOMEM, "could not allocate the registry of plugins");
    return NULL;
}

static int check_kind(const struct tdh_plugin_entry *entry,
                      const struct tdh_plugin_entry *candidate, struct td_err *err)
{
    if (candidate->state == TDH_PLUGIN_REFUSED) {
        *err = candidate->why;
        return -1;
    }
    if (candidate->kind != entry->kind)
        return td_fail(err, TD_E_CONFIG, "plugin \"%s\": is used as %s, the new one is %s",
                       entry->name, tdh_kind_name(entry->kind), tdh_kind_name(candidate->kind));
    return 0;
}

/* What serves the host itself cannot be exchanged under it. */
static int check_exchangeable(const struct tdh_plugin_entry *entry, struct td_err *err)
{
    if (entry->kind != TD_KIND_STORAGE)
        return 0;
    td_fail(err, TD_E_UNSUPPORTED,
            "plugin \"%s\": a store that is open stays with the plugin it has", entry->name);
    return td_hint(err, "start tdevd again");
}

/* The same build in the same folder. In another one it is exchanged: files beside the library are
 * read from the folder. */
static bool is_as_it_was(const struct tdh_plugin_entry *entry,
                         const struct tdh_plugin_entry *candidate)
{
    return strcmp(candidate->plugin->edition, entry->plugin->edition) == 0 &&
           strcmp(candidate->folder, entry->folder) == 0;
}

/* The folder has again what serves: what was tried is not there any more. */
static int stay(const struct exchange *exchange, struct tdh_plugin_entry *entry, struct td_err *err)
{
    int rc = exchange->fn(exchange->arg, entry, entry->plugin, err);

    tdh_entry_untry(exchange->plugins, entry);
    return rc;
}

static int open_candidate(const struct exchange *exchange, struct tdh_plugin_entry *entry,
                          struct tdh_plugin_entry *candidate, struct td_err *err)
{
    uint64_t until_ns = tdh_clock_mono_ns() + START_MS * UINT64_C(1000000);
    unsigned depth;
    int rc = 0;

    tdh_entry_read(exchange->plugins, candidate);
    if (check_kind(entry, candidate, err) != 0 ||
        tdh_resolve(exchange->plugins, candidate, tdh_entry_open, err) != 0)
        return -1;
    if (is_as_it_was(entry, candidate))
        return entry->next != NULL ? stay(exchange, entry, err) : 0;
    if (check_exchangeable(entry, err) != 0)
        return -1;
    depth = tdh_plugins_pause(exchange->plugins);
    if (candidate->plugin->runner != NULL)
        rc = tdh_runner_up(candidate->plugin->runner, until_ns, err);
    if (rc == 0)
        rc = exchange->fn(exchange->arg, entry, candidate->plugin, err);
    tdh_plugins_resume(exchange->plugins, depth);
    return rc;
}

static struct tdh_status status_of(const struct tdh_plugins *plugins,
                                   const struct tdh_plugin_entry *entry)
{
    return (struct tdh_status){ plugins->private_dir, entry->name, "exchange" };
}

void tdh_entry_refuse_next(const struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
                           const struct td_err *why)
{
    const struct tdh_status of = status_of(plugins, entry);
    char state[80];

    if (strcmp(entry->why_not.text, why->text) == 0)
        return;
    snprintf(state, sizeof(state), "goes on with %.60s", entry->manifest->version_text);
    tdh_log_err(TDH_LOG_ERROR, "plugin", why);
    tdh_log(TDH_LOG_WARNING, "plugin", TDH_FACTS(TDH_S("plugin", entry->name)),
            "version %s goes on serving", entry->manifest->version_text);
    tdh_status_say(&of, json_pack("{s:s, s:s, s:I, s:s}", "plugin", of.plugin, "state", state,
                                  "tdev", (json_int_t)getpid(), "why", why->text));
    entry->why_not = *why;
}

static void tell_refused(const struct exchange *exchange, struct tdh_plugin_entry *entry,
                         const struct td_err *why)
{
    exchange->result->refused++;
    tdh_entry_refuse_next(exchange->plugins, entry, why);
}

void tdh_entry_mend(const struct tdh_plugins *plugins, struct tdh_plugin_entry *entry)
{
    const struct tdh_status of = status_of(plugins, entry);

    if (entry->why_not.code != TD_OK)
        tdh_status_unsay(&of);
    entry->why_not = (struct td_err){ 0 };
}

/* What the candidate has goes to the entry of its folder; its own folder and name it keeps. */
static void move(struct tdh_plugins *plugins, struct tdh_plugin_entry *meant,
                 struct tdh_plugin_entry *candidate)
{
    char *folder = meant->folder, *name = meant->name;
    struct tdh_plugin_entry *old = calloc(1, sizeof(*old));
    struct td_err ignored;

    if (old != NULL && meant->manifest != NULL) {
        *old = *meant;
        old->folder = old->name = NULL;
        meant->manifest = NULL;
        meant->plugin = NULL;
    }
    if (old != NULL && tdh_former_add(plugins, NULL, old, &ignored) != 0)
        tdh_entry_free(old);
    tdh_entry_clear(meant);
    *meant = *candidate;
    meant->folder = folder;
    meant->name = name;
    candidate->manifest = NULL;
    candidate->plugin = NULL;
}

/* The plugin serves no more; whoever holds it goes on with it. The entry has nothing then, and is
 * to be cleared or forgotten. */
static int retire(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry, struct td_err *err)
{
    if (tdh_former_add(plugins, entry->plugin, NULL, err) != 0)
        return -1;
    entry->plugin = NULL;
    entry->manifest = NULL; /* the plugin's */
    return 0;
}

int tdh_entry_serve(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
                    struct tdh_plugin_entry *meant, struct tdh_plugin_entry *candidate,
                    struct td_err *err)
{
    struct tdh_plugin *before = entry->plugin;

    if (retire(plugins, entry, err) != 0)
        return -1;
    tdh_log(TDH_LOG_INFO, "plugin",
            TDH_FACTS(TDH_S("plugin", entry->name), TDH_S("edition", candidate->plugin->edition)),
            "version %s serves now, where %s did", candidate->manifest->version_text,
            before->manifest->version_text);
    move(plugins, meant, candidate);
    if (meant != entry) {
        tdh_entry_clear(entry);
        tdh_entry_read(plugins, entry);
    }
    return tdh_entry_name(plugins, meant, err);
}

static int exchange_one(const struct exchange *exchange, struct tdh_plugin_entry *entry,
                        struct tdh_plugin_entry *meant, struct td_err *err)
{
    struct tdh_plugin_entry *candidate = new_candidate(meant, err);
    int rc;

    if (candidate == NULL)
        return -1;
    rc = open_candidate(exchange, entry, candidate, err);
    if (candidate->manifest != NULL) /* what was read; it may be another again by now */
        meant->print = entry->print = candidate->print;
    if (rc >= 0)
        tdh_entry_mend(exchange->plugins, entry);
    entry->is_rejected = false;
    if (rc == TDH_ON_TRIAL) {
        tdh_entry_try(exchange->plugins, entry, candidate);
        return 0;
    }
    if (rc == 0 && !is_as_it_was(entry, candidate)) {
        exchange->result->exchanged++;
        rc = tdh_entry_serve(exchange->plugins, entry, meant, candidate, err);
    }
    tdh_entry_free(candidate);
    return rc;
}

static void drop(const struct exchange *exchange, struct tdh_plugin_entry *entry)
{
    struct td_err err;
    unsigned depth = tdh_plugins_pause(exchange->plugins);
    int rc = exchange->fn(exchange->arg, entry, NULL, &err);

    tdh_plugins_resume(exchange->plugins, depth);
    if (rc != 0 || retire(exchange->plugins, entry, &err) != 0) {
        tell_refused(exchange, entry, &err);
        return;
    }
    tdh_log(TDH_LOG_WARNING, "plugin", TDH_FACTS(TDH_S("plugin", entry->name)),
            "is not in folder \"%s\" any more", entry->folder);
    tdh_entry_untry(exchange->plugins, entry);
    exchange->result->gone++;
    tdh_entry_mend(exchange->plugins, entry);
    tdh_entry_forget(exchange->plugins, entry);
}

/* --- all --- */

/* Is there anything in the folder that was not looked at yet? One that was refused is looked at
 * each time, as what it requires may be there now. */
static bool is_new(struct tdh_plugin_entry *entry, struct tdh_plugin_entry *meant,
                   unsigned *unsettled)
{
    if (entry->next != NULL && strcmp(entry->next->folder, meant->folder) == 0)
        return is_settled(meant, unsettled);
    if (entry->is_rejected)
        return meant == entry ? is_settled(entry, unsettled) : is_changed(meant);
    return meant != entry || entry->why_not.code != TD_OK || is_settled(entry, unsettled);
}

static void look_at_used(const struct exchange *exchange, struct tdh_plugin_entry *entry,
                         struct tdh_plugin_entry *meant)
{
    struct td_err err;

    if (meant == NULL) {
        exchange->result->unsettled++;
        if (++entry->gone_looks >= GONE_LOOKS)
            drop(exchange, entry);
        return;
    }
    entry->gone_looks = 0;
    if (meant != entry && !is_steady(meant, &exchange->result->unsettled))
        return;
    if (is_new(entry, meant, &exchange->result->unsettled) &&
        exchange_one(exchange, entry, meant, &err) != 0)
        tell_refused(exchange, entry, &err);
}

/* Of one that is not loaded all that is known is forgotten, when it is not so any more. */
static void look_at(const struct exchange *exchange, struct tdh_plugin_entry *entry)
{
    struct tdh_plugin_entry *meant;
    struct td_err err;

    if (entry->plugin == NULL && is_changed(entry)) {
        tdh_entry_forget(exchange->plugins, entry);
        return;
    }
    if (tdh_entry_look(exchange->plugins, entry->kind, entry->name, &meant, &err) != 0)
        return;
    if (entry->plugin != NULL)
        look_at_used(exchange, entry, meant);
    else if (meant != entry)
        tdh_entry_forget(exchange->plugins, entry);
}

/* new: what is meant by the names there are; a list that ends with NULL. Entries may go meanwhile,
 * so it is their names that are kept. */
static char **take_names(const struct tdh_plugins *plugins)
{
    char **names = calloc(plugins->names.count + 1, sizeof(char *));
    const struct tdh_map_slot *slot;
    size_t at = 0, count = 0;

    while (names != NULL && (slot = tdh_map_next(&plugins->names, &at)) != NULL)
        if ((names[count] = strdup(slot->key)) != NULL)
            count++;
    return names;
}

void tdh_plugins_exchange(struct tdh_plugins *plugins, tdh_exchange_fn *fn, void *arg,
                          struct tdh_exchanged *ret_exchanged)
{
    const struct exchange exchange = { plugins, fn, arg, ret_exchanged };
    char **names;

    *ret_exchanged = (struct tdh_exchanged){ 0 };
    tdh_plugins_lock(plugins);
    names = take_names(plugins);
    for (char **name = names; name != NULL && *name != NULL; name++) {
        struct tdh_plugin_entry *entry = tdh_map_get(&plugins->names, *name);

        if (entry != NULL)
            look_at(&exchange, entry);
        free(*name);
    }
    tdh_plugins_unlock(plugins);
    free(names);
    tdh_plugins_sweep(plugins);
}
