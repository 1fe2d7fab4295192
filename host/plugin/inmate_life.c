/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inmate_life: templates and instances in the process of an isolated plugin: made and ended as the
 * host says.
 *
 * What knows them is touched by the worker only; the plugin's own functions run in its threads when
 * the manifest says that it blocks. One that is ended while it is used goes with its last use.
 */
#include <stdlib.h>
#include <string.h>

#include "base/said.h"
#include "plugin/inmate.h"

static void *find(const struct tdh_map *map, uint64_t id)
{
    return tdh_map_get_n(map, (const char *)&id, sizeof(id));
}

static int keep(struct tdh_map *map, uint64_t id, void *value, struct td_err *err)
{
    if (tdh_map_set_n(map, (const char *)&id, sizeof(id), value, NULL) == 0)
        return 0;
    return td_fail(err, TD_E_NOMEM, "could not allocate an agent");
}

static void forget(struct tdh_map *map, uint64_t id)
{
    tdh_map_remove_n(map, (const char *)&id, sizeof(id));
}

struct tdh_inmate_instance *tdh_inmate_instance(uint64_t id)
{
    return find(&tdh_inmate.instances, id);
}

void tdh_inmate_enter(struct tdh_ctx *ctx, const struct tdh_inmate_template *template, void *self,
                      struct tdh_served *served)
{
    tdh_ctx_begin(ctx, &tdh_inmate.services, tdh_inmate.plugin, template->name, self,
                  template->shared);
    ctx->call = served;
}

int tdh_inmate_in_place(td_blocking_fn *fn, void *arg, uint64_t until_ns, struct td_err *err)
{
    if (tdh_inmate.plugin->manifest->is_blocking)
        return tdh_blocking_plugin(tdh_inmate.runtime, until_ns, fn, arg, err);
    return fn(arg, err);
}

/* --- the plugin's functions --- */

struct entry {
    struct tdh_inmate_template *template;
    struct tdh_inmate_instance *instance; /* NULL: prepare */
    struct tdh_served *served;
};

static int run_prepare(void *arg, struct td_err *err)
{
    const struct entry *entry = arg;
    const struct td_plugin *descriptor = &tdh_inmate.plugin->descriptor;
    struct tdh_inmate_template *template = entry->template;
    struct tdh_ctx ctx;
    int rc;

    if (descriptor->prepare == NULL)
        return 0;
    tdh_inmate_enter(&ctx, template, template->image, entry->served);
    tdh_unsaid(err);
    rc = tdh_said(descriptor->prepare(&ctx.pub, &template->shared, err), template->name, "prepare",
                  err);
    tdh_ctx_end(&ctx);
    template->is_prepared = rc == 0;
    return rc == 0 ? 0 : td_context(err, "agent \"%s\"", template->name);
}

static int run_init(void *arg, struct td_err *err)
{
    const struct entry *entry = arg;
    const struct td_plugin *descriptor = &tdh_inmate.plugin->descriptor;
    tdh_ready_fn *verify = tdh_plugin_verify(tdh_inmate.plugin);
    struct tdh_ctx ctx;
    int rc = 0;

    if (descriptor->init == NULL && verify == NULL)
        return 0;
    tdh_inmate_enter(&ctx, entry->template, entry->instance->state, entry->served);
    tdh_unsaid(err);
    if (descriptor->init != NULL)
        rc = tdh_said(descriptor->init(&ctx.pub, err), entry->template->name, "init", err);
    if (rc == 0 && verify != NULL)
        rc = tdh_said(verify(&ctx.pub, err), entry->template->name, "verify", err);
    if (rc != 0 && descriptor->drop != NULL)
        descriptor->drop(&ctx.pub);
    tdh_ctx_end(&ctx);
    return rc == 0 ? 0 : td_context(err, "agent \"%s\"", entry->template->name);
}

static int run_drop(void *arg, struct td_err *err)
{
    const struct entry *entry = arg;
    struct tdh_ctx ctx;

    (void)err;
    tdh_inmate_enter(&ctx, entry->template, entry->instance->state, entry->served);
    tdh_inmate.plugin->descriptor.drop(&ctx.pub);
    tdh_ctx_end(&ctx);
    return 0;
}

/* --- the end of one --- */

static void free_template(struct tdh_inmate_template *template)
{
    const struct td_plugin *descriptor = &tdh_inmate.plugin->descriptor;

    if (template->is_prepared && descriptor->release != NULL)
        descriptor->release(template->shared);
    free(template->name);
    free(template->image);
    free(template->block);
    free(template);
}

static void leave_template(struct tdh_inmate_template *template)
{
    if (--template->uses == 0 && template->is_released)
        free_template(template);
}

void tdh_inmate_release(uint64_t id)
{
    struct tdh_inmate_template *template = find(&tdh_inmate.templates, id);

    if (template == NULL)
        return;
    forget(&tdh_inmate.templates, id);
    template->is_released = true;
    template->uses++;
    leave_template(template);
}

static void free_instance(struct tdh_inmate_instance *instance)
{
    leave_template(instance->template);
    free(instance->state);
    free(instance);
}

void tdh_inmate_drop(struct tdh_inmate_instance *instance, struct tdh_served *served)
{
    struct entry entry = { instance->template, instance, served };
    struct td_err err;

    instance->is_dropped = true;
    if (instance->uses > 0)
        return;
    instance->uses++;
    if (tdh_inmate.plugin->descriptor.drop != NULL)
        tdh_inmate_in_place(run_drop, &entry, TDH_NEVER, &err);
    forget(&tdh_inmate.instances, instance->id);
    free_instance(instance);
}

void tdh_inmate_drop_all(void)
{
    struct tdh_frame nothing = { .next = NULL };
    struct tdh_served served = { .frame = &nothing, .deadline_ns = TDH_NEVER };
    const struct tdh_map_slot *slot;
    size_t at = 0;

    while ((slot = tdh_map_next(&tdh_inmate.instances, &at)) != NULL) {
        tdh_inmate_drop(slot->value, &served);
        at = 0; /* the map is another one now */
    }
    at = 0;
    while ((slot = tdh_map_next(&tdh_inmate.templates, &at)) != NULL) {
        tdh_inmate_release(((struct tdh_inmate_template *)slot->value)->id);
        at = 0;
    }
}

/* --- made --- */

static int fill_template(struct tdh_inmate_template *template, const struct tdh_frame *frame,
                         struct td_err *err)
{
    size_t at = 0, size = tdh_inmate.plugin->descriptor.state_size;
    const char *name = tdh_frame_text(frame, &at);
    json_t *options = name != NULL ? tdh_frame_json(frame, at, err) : NULL;
    char where[160];
    int rc;

    if (options == NULL)
        return td_fail(err, TD_E_INTERNAL, "a template without options");
    template->name = strdup(name);
    template->image = calloc(1, size > 0 ? size : 1);
    snprintf(where, sizeof(where), "agent \"%s\"", name);
    if (template->name == NULL || template->image == NULL)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate agent \"%s\"", name);
    else
        rc = tdh_plugin_bind(tdh_inmate.plugin, options, where, template->image, &template->block,
                             err);
    json_decref(options);
    return rc;
}

int tdh_inmate_prepare(struct tdh_served *served, struct td_err *err)
{
    struct tdh_inmate_template *template = calloc(1, sizeof(*template));
    struct entry entry = { template, NULL, served };

    if (template == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a template");
    template->id = served->frame->head.subject;
    if (fill_template(template, served->frame, err) == 0 &&
        tdh_inmate_in_place(run_prepare, &entry, TDH_NEVER, err) == 0 &&
        keep(&tdh_inmate.templates, template->id, template, err) == 0)
        return 0;
    free_template(template);
    return -1;
}

static struct tdh_inmate_instance *new_instance(struct tdh_inmate_template *template, uint64_t id)
{
    size_t size = tdh_inmate.plugin->descriptor.state_size;
    struct tdh_inmate_instance *instance = calloc(1, sizeof(*instance));

    if (instance == NULL)
        return NULL;
    *instance = (struct tdh_inmate_instance){ .id = id, .template = template };
    template->uses++;
    instance->state = calloc(1, size > 0 ? size : 1);
    if (instance->state != NULL) {
        memcpy(instance->state, template->image, size);
        return instance;
    }
    free_instance(instance);
    return NULL;
}

int tdh_inmate_init(struct tdh_served *served, struct td_err *err)
{
    const struct tdh_frame_head *head = &served->frame->head;
    struct entry entry = { find(&tdh_inmate.templates, head->number), NULL, served };

    if (entry.template == NULL)
        return td_fail(err, TD_E_INTERNAL, "an instance without a template");
    entry.instance = new_instance(entry.template, head->subject);
    if (entry.instance == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate agent \"%s\"", entry.template->name);
    if (tdh_inmate_in_place(run_init, &entry, TDH_NEVER, err) == 0 &&
        keep(&tdh_inmate.instances, head->subject, entry.instance, err) == 0)
        return 0;
    free_instance(entry.instance);
    return -1;
}
