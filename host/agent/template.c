/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template: a plugin with options: the image its instances are copied from, and a target per
 * action.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/cast.h"
#include "agent/keep.h"
#include "agent/life.h"
#include "agent/pool.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/said.h"

int tdh_agent_read_limit(const json_t *text, const char *where, int64_t *max, struct td_err *err)
{
    const json_t *limit = json_object_get(text, "concurrency");

    if (limit == NULL)
        return 0;
    *max = json_integer_value(limit);
    if (!json_is_integer(limit) || *max < 1 || *max > 1000000)
        return td_fail(err, TD_E_CONFIG,
                       "%s: \"concurrency\" must be a whole number from 1 to 1000000", where);
    return 0;
}

int tdh_agent_read_cache(const json_t *text, const char *where, int64_t *ttl_ms,
                         unsigned *ret_entries, struct td_err *err)
{
    const json_t *cache = json_object_get(text, "cache"),
                 *entries = json_object_get(cache, "entries");
    const char *ttl = tdh_json_str(cache, "ttl", NULL);

    if (cache == NULL)
        return 0;
    if (ttl == NULL || tdh_duration_parse(ttl, ttl_ms, err) != 0)
        return td_fail(err, TD_E_CONFIG, "%s: \"cache\" needs \"ttl\", a duration such as \"10s\"",
                       where);
    *ret_entries = entries != NULL ? (unsigned)json_integer_value(entries) : 1000;
    if (*ret_entries < 1 || *ret_entries > 1000000)
        return td_fail(err, TD_E_CONFIG,
                       "%s: \"cache.entries\" must be a whole number from 1 to 1000000", where);
    return 0;
}

enum { TAGS_MAX = 64 };

static int check_tags(const json_t *text, const char *where, struct td_err *err)
{
    const json_t *tags = json_object_get(text, "tags"), *tag;
    bool is_good = json_is_array(tags) && json_array_size(tags) <= TAGS_MAX;
    size_t i;

    json_array_foreach (tags, i, tag)
        is_good = is_good && json_string_length(tag) > 0 && json_string_length(tag) <= 255;
    if (tags == NULL || is_good)
        return 0;
    return td_fail(err, TD_E_CONFIG,
                   "%s: \"tags\" must be a list of at most %d texts of 1 to 255 bytes", where,
                   TAGS_MAX);
}

static int check_description(const json_t *text, const char *where, struct td_err *err)
{
    const json_t *description = json_object_get(text, "description");

    return description == NULL || json_is_string(description)
               ? 0
               : td_fail(err, TD_E_CONFIG, "%s: \"description\" must be a text", where);
}

int tdh_agent_text_check(const json_t *text, const char *where, struct td_err *err)
{
    struct tdh_life_settings settings;
    struct td_policy policy;
    struct tdh_keep_policy keep;
    int64_t max, ttl_ms;
    unsigned entries;

    return tdh_life_settings_read(text, where, &settings, err) == 0 &&
                   tdh_policy_read(text, where, &policy, err) == 0 &&
                   tdh_agent_read_limit(text, where, &max, err) == 0 &&
                   tdh_agent_read_cache(text, where, &ttl_ms, &entries, err) == 0 &&
                   tdh_keep_read(text, where, NULL, &keep, err) == 0 &&
                   check_tags(text, where, err) == 0 && check_description(text, where, err) == 0
               ? 0
               : -1;
}

/* What is kept is of one instance. */
static int read_keep(struct tdh_agent_template *template, const json_t *text,
                     const struct tdh_yaml *file, const char *where, struct td_err *err)
{
    const struct tdh_manifest *manifest = template->plugin->manifest;

    if (tdh_keep_read(text, where, file, &template->keep_policy, err) != 0)
        return -1;
    if (manifest->state_version > 0 && json_object_get(text, "pool") != NULL)
        return td_fail(err, TD_E_CONFIG,
                       "%s: \"pool\" does not go with plugin \"%s\", whose state is kept: that is "
                       "of one instance",
                       where, manifest->name);
    if (manifest->state_version > 0 || json_object_get(text, "state") == NULL)
        return 0;
    return td_fail(err, TD_E_CONFIG, "%s: plugin \"%s\" has no state that could be kept", where,
                   manifest->name);
}

static int read_text(struct tdh_agent_template *template, const json_t *text,
                     const struct tdh_yaml *file, struct td_err *err)
{
    struct td_policy policy, base = template->agents->options.policy;
    int64_t max = template->plugin->manifest->max_calls;
    char where[160];

    snprintf(where, sizeof(where), "agent \"%s\"", template->name);
    if (tdh_policy_read(text, where, &policy, err) != 0)
        return -1;
    if (template->plugin->manifest->timeout_ms > 0)
        base.timeout_ms = (uint32_t) template->plugin->manifest->timeout_ms;
    template->policy = tdh_policy_merge(&policy, &base);
    template->says_retry = policy.max_attempts > 0;
    if (tdh_agent_read_limit(text, where, &max, err) != 0 ||
        tdh_agent_read_cache(text, where, &template->cache_ttl_ms, &template->cache_entries, err) !=
            0)
        return -1;
    if (read_keep(template, text, file, where, err) != 0)
        return -1;
    if (template->life != NULL && tdh_life_govern(template, text, where, &max, err) != 0)
        return -1;
    template->limiter.max = (unsigned)max;
    template->limiter.max_waiting = TDH_AGENT_WAITING_MAX;
    template->limiter.home = template->home;
    return tdh_plugin_bind(template->plugin, json_object_get(text, "options"), where,
                           template->image, &template->block, err);
}

void tdh_agent_enter(const struct tdh_agent_template *template, void *self, struct tdh_call *call,
                     struct tdh_ctx *ctx)
{
    const struct tdh_charge charge = { &template->line->cpu_ns,
                                       call != NULL ? call->cpu_ns : NULL };

    tdh_ctx_begin(ctx, template->agents->options.services, template->plugin, template->name, self,
                  template->shared);
    ctx->offer = &template->offer;
    ctx->cast = template->cast;
    ctx->fresh = template->keep != NULL ? tdh_keep_fresh : NULL;
    ctx->fresh_arg = (void *)(uintptr_t) template;
    ctx->call = call;
    ctx->held_before = tdh_hold_for(template->plugin->manifest->name, &charge, &ctx->entered_ns);
    ctx->paused = tdh_plugins_pause(template->agents->options.plugins);
}

void tdh_agent_leave(const struct tdh_agent_template *template, struct tdh_ctx *ctx)
{
    uint64_t now_ns;

    tdh_ctx_end(ctx);
    tdh_plugins_resume(template->agents->options.plugins, ctx->paused);
    tdh_hold_again(&ctx->held_before, &now_ns);
    tdh_ledger_add(&template->line->wall_ns, now_ns - ctx->entered_ns);
}

struct preparing {
    struct tdh_agent_template *template;
    struct tdh_birth *birth;
};

static int run_prepare(void *arg, struct td_err *err)
{
    const struct preparing *preparing = arg;
    struct tdh_agent_template *template = preparing->template;
    const struct td_plugin *descriptor = &template->plugin->descriptor;
    struct tdh_ctx ctx;
    int rc;

    if (descriptor->prepare == NULL)
        return 0;
    tdh_agent_enter(template, template->image,
                    preparing->birth != NULL ? &preparing->birth->call : NULL, &ctx);
    tdh_unsaid(err);
    rc = tdh_said(descriptor->prepare(&ctx.pub, &template->shared, err), template->name, "prepare",
                  err);
    tdh_agent_leave(template, &ctx);
    template->is_prepared = rc == 0;
    return rc == 0 ? 0 : td_context(err, "agent \"%s\"", template->name);
}

int tdh_agent_in_place(const struct tdh_agent_template *template, const struct tdh_birth *birth,
                       td_blocking_fn *fn, void *arg, struct td_err *err)
{
    if (birth == NULL || !tdh_plugin_blocks(template->plugin) || tdh_co_self() == NULL)
        return fn(arg, err);
    return tdh_blocking_plugin(template->agents->options.runtime, birth->call.deadline_ns, fn, arg,
                               err);
}

const struct td_action *tdh_agent_action(const struct tdh_agent_template *template, size_t place)
{
    return template->plugin->actions[template->plugin->manifest->is_bridge ? 0 : place];
}

static int ready_target(struct tdh_agent_template *template, size_t place, struct td_err *err)
{
    const struct tdh_capability *capability = &template->offer.capabilities[place];
    struct tdh_target *target = &template->targets[place];

    *target = (struct tdh_target){
        .kind = "agent",
        .edition = &template->edition,
        .name = template->name,
        .action = capability->name,
        .effects = capability->effects,
        .uses = capability->uses,
        .has_reconcile = tdh_agent_action(template, place)->reconcile != NULL,
        .input_schema = capability->input_schema,
        .output_schema = capability->output_schema,
        .permissions = template->offer.permissions,
        .required = capability->permissions,
        .estimate_ms = capability->estimate_ms,
        .policy = template->policy,
        .says_retry = template->says_retry,
        .plugin = template->plugin->manifest->name,
        .cache_ttl_ms = template->cache_ttl_ms,
        .cache_entries = template->cache_entries,
        .limiter = &template->limiter,
        .line = template->line,
        .dispatch = tdh_agent_dispatch,
        .reconcile = tdh_agent_reconcile,
        .owner = template->own,
    };
    template->target_count = place + 1;
    return tdh_target_ready(target, err);
}

static int ready_targets(struct tdh_agent_template *template, struct td_err *err)
{
    size_t count = template->offer.capability_count;

    template->targets = calloc(count > 0 ? count : 1, sizeof(*template->targets));
    if (template->targets == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the actions of agent \"%s\"",
                       template->name);
    for (size_t i = 0; i < count; i++)
        if (ready_target(template, i, err) != 0)
            return -1;
    return 0;
}

static int make_image(struct tdh_agent_template *template, struct td_err *err)
{
    size_t bytes = template->plugin->descriptor.state_size, align = _Alignof(max_align_t);

    template->image = calloc(1, bytes > 0 ? bytes : 1);
    template->cell_bytes = (sizeof(struct tdh_cell_agent) + bytes + align - 1) / align *align;
    return template->image != NULL
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate agent \"%s\"", template->name);
}

static int fill(struct tdh_agent_template *template, const char *name, const struct tdh_yaml *file,
                struct td_err *err)
{
    template->name = strdup(name);
    if (template->name == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate agent \"%s\"", name);
    template->edition.agent = template->name;
    template->line = tdh_ledger_line(TDH_LEDGER_AGENT, name, template->plugin->manifest->name);
    return tdh_agent_offer(template->plugin->manifest, name, file, &template->offer, err) == 0
               ? make_image(template, err)
               : -1;
}

int tdh_agent_template_configure(struct tdh_agent_template *template, struct tdh_birth *birth,
                                 const json_t *text, const struct tdh_yaml *file,
                                 struct td_err *err)
{
    struct preparing preparing = { template, birth };

    if (read_text(template, text, file, err) != 0 ||
        tdh_agent_in_place(template, birth, run_prepare, &preparing, err) != 0)
        return -1;
    return ready_targets(template, err);
}

static struct tdh_target *find_action(struct tdh_edition *edition, const char *action,
                                      struct td_err *err)
{
    return tdh_agent_target(
        (struct tdh_agent_template *)((char *)edition -
                                      offsetof(struct tdh_agent_template, edition)),
        action, err);
}

struct tdh_agent_template *tdh_agent_template_begin(struct tdh_agents *agents, const char *name,
                                                    struct tdh_plugin *plugin,
                                                    const struct tdh_yaml *file, struct td_err *err)
{
    struct tdh_agent_template *template = calloc(1, sizeof(*template));

    if (template == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate agent \"%s\"", name);
        return NULL;
    }
    template->agents = agents;
    template->plugin = tdh_plugin_hold(plugin);
    template->home = tdh_worker_self();
    template->edition = (struct tdh_edition){ .id = plugin->edition, .find = find_action };
    if (fill(template, name, file, err) == 0)
        return template;
    tdh_agent_template_free(template);
    return NULL;
}

struct tdh_agent_template *tdh_agent_template_new(struct tdh_agents *agents, const char *name,
                                                  struct tdh_plugin *plugin, const json_t *text,
                                                  struct td_err *err)
{
    struct tdh_agent_template *template = tdh_agent_template_begin(agents, name, plugin, NULL, err);

    if (template == NULL || tdh_agent_template_configure(template, NULL, text, NULL, err) == 0)
        return template;
    tdh_agent_template_free(template);
    return NULL;
}

void tdh_agent_template_free(struct tdh_agent_template *template)
{
    if (template == NULL)
        return;
    tdh_agent_template_free(template->tried);
    tdh_keep_detach(template);
    tdh_pool_free(template);
    tdh_agent_slabs_free(template);
    for (size_t i = 0; i < template->target_count; i++)
        tdh_target_end(&template->targets[i]);
    if (template->is_prepared && template->plugin->descriptor.release != NULL)
        template->plugin->descriptor.release(template->shared);
    free(template->targets);
    free(template->limiter.entries);
    free(template->image);
    free(template->block);
    free(template->name);
    tdh_cast_free(template->cast, template->plugin->manifest);
    tdh_offer_end(&template->offer);
    tdh_plugin_release(template->plugin);
    free(template);
}

static void hint_actions(const struct tdh_agent_template *template, const char *action,
                         struct td_err *err)
{
    const char *near = tdh_offer_near(&template->offer, action);

    if (near != NULL)
        td_hint(err, "did you mean \"%s\"", near);
    else if (template->offer.is_own)
        td_hint(err, "tdev agent list shows its actions");
    else
        td_hint(err, "tdev plugin info %s shows its actions", template->plugin->manifest->name);
}

struct tdh_target *tdh_agent_target(struct tdh_agent_template *template, const char *action,
                                    struct td_err *err)
{
    for (size_t i = 0; i < template->target_count; i++)
        if (strcmp(template->targets[i].action, action) == 0)
            return &template->targets[i];
    td_fail(err, TD_E_NOTFOUND, "agent \"%s\" has no action \"%s\"", template->name, action);
    hint_actions(template, action, err);
    return NULL;
}
