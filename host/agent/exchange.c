/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange: named agents that are made anew while they are in use, as their plugin or their file is
 * another. The old one lasts as long as a call or a run holds its edition.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/keep.h"
#include "agent/life.h"
#include "agent/pool.h"
#include "agent/route.h"
#include "agent/setting.h"
#include "agent/trial.h"
#include "base/json.h"
#include "base/log.h"

void tdh_agent_retire(struct tdh_agents *agents, struct tdh_agent_template *template)
{
    if (template->tried != NULL)
        tdh_agent_retire(agents, template->tried);
    template->tried = NULL;
    template->former = agents->former;
    agents->former = template;
}

/* Out of the list, so that others may look at that while it ends. */
static struct tdh_agent_template *take_unused(struct tdh_agents *agents)
{
    struct tdh_agent_template **link = &agents->former, *template;

    while ((template = *link) != NULL &&
           atomic_load_explicit(&template->edition.users, memory_order_acquire) > 0)
        link = &template->former;
    if (template != NULL)
        *link = template->former;
    return template;
}

unsigned tdh_agents_sweep(struct tdh_agents *agents)
{
    struct tdh_agent_template *template;
    unsigned left = 0;

    tdh_agents_lock(agents);
    while ((template = take_unused(agents)) != NULL)
        tdh_agent_template_free(template);
    for (template = agents->former; template != NULL; template = template->former)
        left++;
    tdh_agents_unlock(agents);
    return left;
}

/* --- names --- */

char **tdh_agent_names(const struct tdh_agents *agents, const struct tdh_plugin *plugin)
{
    char **names = calloc(agents->named.count + 1, sizeof(char *));
    const struct tdh_map_slot *slot;
    size_t at = 0, count = 0;

    while (names != NULL && (slot = tdh_map_next(&agents->named, &at)) != NULL) {
        const struct tdh_agent_template *template = slot->value;

        if ((plugin == NULL || template->plugin == plugin) &&
            (names[count] = strdup(slot->key)) != NULL)
            count++;
    }
    return names;
}

void tdh_agent_names_free(char **names)
{
    for (size_t i = 0; names != NULL && names[i] != NULL; i++)
        free(names[i]);
    free(names);
}

/* The new one serves from now on; NULL: none does, until one is asked for. */
void tdh_agent_swap(struct tdh_agents *agents, const char *name,
                    struct tdh_agent_template *template)
{
    struct tdh_agent_template *before = tdh_map_get(&agents->named, name);
    struct tdh_life *life = tdh_map_get(&agents->lives, name);

    if (template == NULL && life != NULL)
        tdh_life_lose(life, "what it was made of is not there any more");
    if (template != NULL && template->life != NULL) {
        tdh_life_is_of(template->life, template->plugin);
        tdh_life_gate(template);
    }

    if (template == NULL && before != NULL) {
        tdh_keep_leave(before);
        before = tdh_map_get(&agents->named, name);
    }
    if (template == NULL)
        tdh_map_remove(&agents->named, name);
    else if (tdh_map_set(&agents->named, name, template, NULL) != 0)
        before = template; /* its key is there, so this takes no memory */
    if (template != NULL && before != template)
        tdh_keep_serve(template);
    if (before != NULL)
        tdh_agent_retire(agents, before);
}

/* --- another plugin --- */

/* Does the agent's file take that version? */
static int check_wish(const struct tdh_agents *agents, const char *name,
                      const struct tdh_plugin *plugin, struct td_err *err)
{
    struct tdh_agent_wish wish;
    struct tdh_yaml *yaml;
    int rc;

    if (tdh_agent_file(agents, name, &yaml, NULL, err) != 0)
        return -1;
    rc = tdh_agent_wish(yaml, name, &wish, err);
    if (rc == 0 && strcmp(wish.plugin, plugin->manifest->name) == 0)
        rc = tdh_agent_takes(&wish, plugin, err);
    tdh_yaml_free(yaml);
    return rc;
}

/* One for each name; on failure none is left. */
static int make_all(struct tdh_agents *agents, char *const *names, struct tdh_plugin *plugin,
                    struct tdh_agent_template **made, struct td_err *err)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (check_wish(agents, names[i], plugin, err) == 0)
            made[i] = tdh_agent_make_warm(agents, names[i], plugin, err);
        if (made[i] != NULL && tdh_keep_take_over(made[i], err) == 0)
            continue;
        tdh_agent_template_free(made[i]);
        while (i > 0)
            tdh_agent_template_free(made[--i]);
        return -1;
    }
    return 0;
}

static int exchange(struct tdh_agents *agents, char *const *names, struct tdh_plugin *plugin,
                    struct td_err *err)
{
    size_t count = 0;
    struct tdh_agent_template **made;
    int rc = -1;

    while (names[count] != NULL)
        count++;
    made = calloc(count + 1, sizeof(struct tdh_agent_template *));
    if (made == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the agents of plugin \"%s\"",
                       plugin->manifest->name);
    rc = make_all(agents, names, plugin, made, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        tdh_agent_swap(agents, names[i], made[i]);
    free(made);
    return rc;
}

/* While one is made others may come; so it looks again, until all are there. */
static int exchange_all(struct tdh_agents *agents, const struct tdh_plugin_entry *entry,
                        struct tdh_plugin *after, struct td_err *err)
{
    bool is_done = false;

    while (!is_done) {
        char **names = tdh_agent_names(agents, entry->plugin);
        int rc = 0;

        if (names == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate the agents of plugin \"%s\"",
                           entry->name);
        is_done = names[0] == NULL;
        for (char **name = names; after == NULL && *name != NULL; name++)
            tdh_agent_swap(agents, *name, NULL);
        if (after != NULL)
            rc = exchange(agents, names, after, err);
        tdh_agent_names_free(names);
        if (rc != 0)
            return -1;
    }
    return 0;
}

int tdh_agents_exchange(void *arg, const struct tdh_plugin_entry *entry, struct tdh_plugin *after,
                        struct td_err *err)
{
    struct tdh_agents *agents = arg;
    int rc;

    tdh_agents_lock(agents);
    rc = exchange_all(agents, entry, after, err);
    tdh_agents_unlock(agents);
    return rc;
}

/* --- another file --- */

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Has the agent's file, or what was set of it, changed since it was looked at? */
static bool is_changed(const struct tdh_agents *agents, const char *name,
                       struct tdh_agent_template *template)
{
    const struct tdh_setting *setting = tdh_setting_of(agents, name);
    uint64_t version = setting != NULL ? setting->version : 0;
    struct stat file = { 0 };
    bool is_there = false;

    for (const char *const *folder = agents->options.folders;
         !is_there && folder != NULL && *folder != NULL; folder++) {
        char path[4096];

        snprintf(path, sizeof(path), "%s/%s.yaml", *folder, name);
        is_there = stat(path, &file) == 0;
    }
    if (!is_there)
        file = (struct stat){ 0 };
    if (is_same_file(&file, &template->file) && version == template->set_version)
        return false;
    template->file = file;
    template->set_version = version;
    return true;
}

static bool refresh(struct tdh_agents *agents, const char *name)
{
    struct tdh_agent_template *template = tdh_map_get(&agents->named, name), *next;
    struct td_err err;

    if (template == NULL || !is_changed(agents, name, template))
        return false;
    if (tdh_route_is(agents, name)) {
        tdh_agent_swap(agents, name, NULL); /* made when it is asked for */
        return true;
    }
    next = tdh_agent_make_warm(agents, name, NULL, &err);
    if (next != NULL && tdh_keep_take_over(next, &err) != 0) {
        tdh_agent_template_free(next);
        next = NULL;
    }
    if (next == NULL && err.code == TD_E_NOTFOUND && template->file.st_ino == 0) {
        tdh_agent_swap(agents, name, NULL);
        tdh_log(TDH_LOG_INFO, "agent", TDH_FACTS(TDH_S("agent", name)), "is not there any more");
        return true;
    }
    if (next == NULL) {
        tdh_log_err(TDH_LOG_ERROR, "agent", &err);
        tdh_log(TDH_LOG_WARNING, "agent", TDH_FACTS(TDH_S("agent", name)),
                "stays as it was before its file changed");
        return false;
    }
    tdh_agent_swap(agents, name, next);
    tdh_trial_join(agents, next);
    tdh_log(TDH_LOG_INFO, "agent", TDH_FACTS(TDH_S("agent", name)), "is as its file says it now");
    return true;
}

unsigned tdh_agents_refresh(struct tdh_agents *agents)
{
    char **names;
    unsigned count = 0;

    tdh_agents_lock(agents);
    names = tdh_agent_names(agents, NULL);
    for (char **name = names; name != NULL && *name != NULL; name++)
        count += refresh(agents, *name);
    tdh_agent_names_free(names);
    count += tdh_routes_refresh(agents);
    tdh_agents_unlock(agents);
    return count;
}

/* --- one of before --- */

static struct tdh_agent_template *find_former(const struct tdh_agents *agents, const char *name,
                                              const char *edition)
{
    struct tdh_agent_template *template = agents->former;

    while (template != NULL &&
           (strcmp(template->name, name) != 0 || strcmp(template->edition.id, edition) != 0))
        template = template->former;
    return template;
}

static struct tdh_agent_template *make_of_edition(struct tdh_agents *agents, const char *name,
                                                  const char *edition, struct td_err *err)
{
    struct tdh_agent_template *template = NULL;
    struct tdh_agent_wish wish;
    struct tdh_yaml *yaml;
    struct tdh_plugin *plugin = NULL;

    if (tdh_agent_file(agents, name, &yaml, NULL, err) != 0)
        return NULL;
    if (tdh_agent_wish(yaml, name, &wish, err) == 0)
        plugin =
            tdh_plugins_edition(agents->options.plugins, TD_KIND_AGENT, wish.plugin, edition, err);
    tdh_yaml_free(yaml);
    if (plugin != NULL)
        template = tdh_agent_make_warm(agents, name, plugin, err);
    tdh_plugin_release(plugin);
    if (template != NULL && tdh_keep_load(template, false, err) != 0) {
        tdh_agent_template_free(template);
        template = NULL;
    }
    return template;
}

struct tdh_agent_template *tdh_agent_of_edition(struct tdh_agents *agents, const char *name,
                                                const char *edition)
{
    struct tdh_agent_template *template = find_former(agents, name, edition);
    struct td_err err;

    if (template == NULL) {
        template = make_of_edition(agents, name, edition, &err);
        if (template != NULL)
            tdh_agent_retire(agents, template);
        else
            tdh_log(TDH_LOG_WARNING, "agent",
                    TDH_FACTS(TDH_S("agent", name), TDH_S("why", err.text)),
                    "is taken as it is now, not as it was when the run began");
    }
    return template;
}
