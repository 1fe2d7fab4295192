/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life_step: how a named agent is made: six steps, in order, within one time for all of them and
 * all attempts. What fails is given back as a whole, in reverse; another attempt is made only of
 * what may be tried again.
 *
 * prepare, init and verify get the context of a call, so they may wait, and call others: until
 * then. Code that does not wait cannot be interrupted; when it comes back too late, it has failed.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/cast.h"
#include "agent/keep.h"
#include "agent/life.h"
#include "agent/pool.h"
#include "agent/setting.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/said.h"

struct making {
    struct tdh_agents *agents;
    const char *name;
    struct tdh_plugin *meant; /* NULL: what serves */
    struct tdh_yaml *yaml;    /* NULL: there is no file */
    json_t *text;             /* of the file, with what was set */
    bool is_scratch;
    struct tdh_life_settings settings;
    uint64_t deadline_ns;
    struct tdh_agent_template *template;
    struct tdh_birth birth; /* of the step that runs */
    struct tdh_life *life;  /* NULL: nobody is told */
};

/* --- the steps --- */

static int check_environment(struct making *making, struct td_err *err)
{
    const json_t *name;
    size_t i;

    json_array_foreach (making->settings.environment, i, name) {
        const char *value = getenv(json_string_value(name));

        if (value != NULL && value[0] != '\0')
            continue;
        td_fail(err, TD_E_CONFIG, "agent \"%s\": environment variable %s is not set", making->name,
                json_string_value(name));
        return td_hint(err, "set it for this program, or take it out of \"environment\"");
    }
    return 0;
}

/* The plugin that serves, if the agent takes it. Found before it is loaded: that chooses among
 * versions. */
static struct tdh_plugin *load_plugin(struct tdh_agents *agents, const struct tdh_agent_wish *wish,
                                      struct td_err *err)
{
    struct tdh_plugin *plugin = NULL;

    if (wish->wish.range == NULL ||
        tdh_plugins_find_in(agents->options.plugins, &wish->wish, err) != NULL)
        plugin = tdh_plugins_load(agents->options.plugins, TD_KIND_AGENT, wish->plugin, err);
    return plugin != NULL && tdh_agent_takes(wish, plugin, err) == 0 ? plugin : NULL;
}

/* The plugin, open, and memory for the state; and a place for what is kept of that. */
static int acquire_resources(struct making *making, struct td_err *err)
{
    struct tdh_plugin *plugin = making->meant;
    struct tdh_agent_wish wish;

    if (tdh_agent_wish(making->yaml, making->name, &wish, err) != 0)
        return -1;
    if (plugin == NULL || strcmp(plugin->manifest->name, wish.plugin) != 0)
        plugin = load_plugin(making->agents, &wish, err);
    if (plugin != NULL)
        making->template =
            tdh_agent_template_begin(making->agents, making->name, plugin, making->yaml, err);
    if (making->template == NULL)
        return -1;
    making->template->life = making->life;
    return making->is_scratch ? 0 : tdh_keep_attach(making->template, err);
}

/* What the plugin requires was opened with it. Here: the agents that it may call by name, and those
 * that have its roles. */
static int resolve_dependencies(struct making *making, struct td_err *err)
{
    const json_t *agents = json_object_get(making->template->offer.permissions, "agents"), *name;
    size_t i;

    json_array_foreach (agents, i, name) {
        const char *word = json_string_value(name);

        if (strpbrk(word, "*:") != NULL || strcmp(word, making->name) == 0)
            continue;
        if (tdh_agents_entry(making->agents, word, err) != NULL)
            continue;
        td_context(err, "agent \"%s\" depends on agent \"%s\"", making->name, word);
        err->code = TD_E_DEPENDENCY;
        return -1;
    }
    return tdh_cast_read(making->agents, making->name, making->yaml,
                         making->template->plugin->manifest, &making->template->cast, err);
}

static int configure(struct making *making, struct td_err *err)
{
    return tdh_agent_template_configure(making->template, &making->birth, making->text,
                                        making->yaml, err);
}

static int init(struct making *making, struct td_err *err)
{
    struct tdh_agent_template *template = making->template;

    template->own = tdh_agent_cell_new(template, &making->birth, NULL, err);
    if (template->own == NULL)
        return -1;
    for (size_t i = 0; i < template->target_count; i++)
        template->targets[i].owner = template->own;
    return 0;
}

static int verify(struct making *making, struct td_err *err)
{
    return tdh_agent_verify(making->template, making->template->own, &making->birth, err);
}

static const struct {
    const char *name;
    int (*run)(struct making *making, struct td_err *err);
} steps[] = {
    { "environment", check_environment },
    { "resources", acquire_resources },
    { "dependencies", resolve_dependencies },
    { "configure", configure },
    { "init", init },
    { "verify", verify },
};
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

/* --- all of them --- */

static int check_time(const struct making *making, struct td_err *err)
{
    struct tdh_co *co = tdh_co_self();

    if (co != NULL && tdh_co_is_cancelled(co))
        return td_fail(err, TD_E_CANCELLED, "agent \"%s\": was cancelled", making->name);
    if (tdh_clock_mono_ns() < making->deadline_ns)
        return 0;
    return td_fail(err, TD_E_TIMEOUT, "agent \"%s\": took longer than %lld ms", making->name,
                   (long long)making->settings.timeout_ms);
}

void tdh_agent_birth(struct tdh_birth *birth, const struct tdh_agent_template *template,
                     const char *step, uint64_t deadline_ns)
{
    *birth = (struct tdh_birth){
        .target = { .kind = "agent",
                    .name = template->name,
                    .plugin = template->plugin->manifest->name,
                    .action = step,
                    .effects = TDH_EFFECTS_EXTERNAL,
                    .permissions = template->offer.permissions },
        .call = { .target = &birth->target,
                  .deadline_ns = deadline_ns,
                  .worker = tdh_worker_self() },
    };
}

static int run_step(struct making *making, unsigned number, struct td_err *err)
{
    if (making->template != NULL)
        tdh_agent_birth(&making->birth, making->template, steps[number].name, making->deadline_ns);
    return steps[number].run(making, err) == 0 ? check_time(making, err) : -1;
}

/* What fails is given back, and the step is noted. */
static int try_once(struct making *making, struct td_err *err)
{
    int rc = check_time(making, err);

    for (unsigned i = 0; rc == 0 && i < STEPS; i++) {
        rc = run_step(making, i, err);
        if (rc == 0)
            continue;
        td_context(err, "initialization, step %u of %d (%s)", i + 1, STEPS, steps[i].name);
        if (making->life != NULL)
            tdh_life_note(making->life, steps[i].name, err);
    }
    if (rc != 0) {
        tdh_agent_template_free(making->template);
        making->template = NULL;
    }
    return rc;
}

/* False: there is no time for another attempt. */
static bool wait_before(const struct making *making, const struct td_err *err)
{
    int64_t delay_ms = making->settings.delay_ms > (int64_t)err->retry_after_ms
                           ? making->settings.delay_ms
                           : (int64_t)err->retry_after_ms;
    uint64_t until_ns = tdh_clock_mono_ns() + (uint64_t)delay_ms * 1000000;
    enum tdh_woken woken = TDH_WOKEN;
    unsigned depth;

    if (tdh_co_self() == NULL || until_ns >= making->deadline_ns)
        return false;
    depth = tdh_plugins_pause(making->agents->options.plugins);
    while (woken != TDH_WAIT_CANCELLED && tdh_clock_mono_ns() < until_ns)
        woken = tdh_co_wait(until_ns);
    tdh_plugins_resume(making->agents->options.plugins, depth);
    return woken != TDH_WAIT_CANCELLED;
}

static int try_all(struct making *making, struct td_err *err)
{
    unsigned attempt = 1;

    while (try_once(making, err) != 0) {
        if (!err->is_retryable || attempt >= making->settings.attempts || !wait_before(making, err))
            return attempt > 1 ? td_context(err, "after %u attempts", attempt) : -1;
        attempt++;
        tdh_log(TDH_LOG_WARNING, "agent",
                TDH_FACTS(TDH_S("agent", making->name), TDH_I("attempt", attempt),
                          TDH_S("why", err->text)),
                "is initialized once more");
    }
    return 0;
}

/* Takes text. */
struct tdh_agent_template *tdh_agent_make_of(struct tdh_agents *agents, const char *name,
                                             struct tdh_plugin *plugin, struct tdh_yaml *yaml,
                                             json_t *text, bool is_scratch, struct td_err *err)
{
    struct making making = { .agents = agents,
                             .name = name,
                             .meant = plugin,
                             .yaml = yaml,
                             .text = text,
                             .is_scratch = is_scratch,
                             .life = is_scratch ? NULL : tdh_map_get(&agents->lives, name) };
    char where[160];

    snprintf(where, sizeof(where), "agent \"%s\"", name);
    if (tdh_life_settings_read(text, where, &making.settings, err) == 0) {
        making.deadline_ns = tdh_clock_mono_ns() + (uint64_t)making.settings.timeout_ms * 1000000;
        try_all(&making, err);
    }
    json_decref(text);
    return making.template;
}

static struct tdh_agent_template *make(struct tdh_agents *agents, const char *name,
                                       struct tdh_plugin *plugin, bool is_scratch,
                                       struct td_err *err)
{
    const struct tdh_setting *setting = tdh_setting_of(agents, name);
    uint64_t version = setting != NULL ? setting->version : 0; /* it may change meanwhile */
    struct tdh_agent_template *template;
    struct tdh_yaml *yaml;
    struct stat file;
    json_t *text;

    if (tdh_agent_file(agents, name, &yaml, &file, err) != 0)
        return NULL;
    text = tdh_setting_lay(yaml != NULL ? yaml->root : NULL, setting != NULL ? setting->set : NULL);
    template =
        text != NULL ? tdh_agent_make_of(agents, name, plugin, yaml, text, is_scratch, err) : NULL;
    if (text == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate agent \"%s\"", name);
    tdh_yaml_free(yaml);
    if (template != NULL) {
        template->file = file;
        template->set_version = version;
    }
    return template;
}

struct tdh_agent_template *tdh_agent_make(struct tdh_agents *agents, const char *name,
                                          struct tdh_plugin *plugin, struct td_err *err)
{
    return make(agents, name, plugin, false, err);
}

struct tdh_agent_template *tdh_agent_make_scratch(struct tdh_agents *agents, const char *name,
                                                  struct td_err *err)
{
    return make(agents, name, NULL, true, err);
}

struct tdh_agent_template *tdh_agent_make_warm(struct tdh_agents *agents, const char *name,
                                               struct tdh_plugin *plugin, struct td_err *err)
{
    struct tdh_agent_template *template = make(agents, name, plugin, false, err);

    if (template == NULL || tdh_pool_warm(template, err) == 0)
        return template;
    tdh_agent_template_free(template);
    return NULL;
}
