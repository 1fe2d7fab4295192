/* SPDX-License-Identifier: Apache-2.0 */
/*
 * models: finds what a call of a model is for: its provider, that one's wire, and a target for each
 * model and action that was ever called.
 *
 * A provider whose file has changed gets another wire; the one before stays until the end, as calls
 * may be within it. So it is with models of a catalogue that is edited by hand: rare, and small.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/near.h"
#include "model/served.h"

struct tdh_models {
    struct tdh_models_options options;
    pthread_mutex_t lock;      /* of what follows */
    struct tdh_map providers;  /* name -> struct tdh_served */
    struct tdh_map targets;    /* PROVIDER/MODEL ACTION -> struct tdh_model_target */
    struct tdh_served *former; /* that serve no more */
};

struct tdh_models *tdh_models_new(const struct tdh_models_options *options, struct td_err *err)
{
    struct tdh_models *models = calloc(1, sizeof(*models));

    if (models == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the models");
        return NULL;
    }
    models->options = *options;
    pthread_mutex_init(&models->lock, NULL);
    return models;
}

static void free_served(void *value)
{
    struct tdh_served *served = value;

    tdh_wire_free(served->wire);
    tdh_provider_release(served->provider);
    free(served->url);
    free(served);
}

static void free_target(void *value)
{
    struct tdh_model_target *own = value;

    tdh_target_end(&own->target);
    free(own->name);
    free(own);
}

void tdh_models_free(struct tdh_models *models)
{
    if (models == NULL)
        return;
    tdh_map_free(&models->targets, free_target);
    tdh_map_free(&models->providers, free_served);
    while (models->former != NULL) {
        struct tdh_served *next = models->former->former;

        free_served(models->former);
        models->former = next;
    }
    pthread_mutex_destroy(&models->lock);
    free(models);
}

/* --- providers --- */

/* Takes provider. */
static struct tdh_served *serve(struct tdh_models *models, struct tdh_provider *provider,
                                struct td_err *err)
{
    const struct tdh_models_options *options = &models->options;
    struct tdh_served *served = calloc(1, sizeof(*served));
    struct tdh_plugin *plugin;

    if (served == NULL) {
        tdh_provider_release(provider);
        td_fail(err, TD_E_NOMEM, "could not allocate provider");
        return NULL;
    }
    served->models = options;
    served->provider = provider;
    plugin = tdh_plugins_load(options->plugins, TD_KIND_PROVIDER, provider->wire, err);
    if (plugin != NULL)
        served->wire =
            tdh_wire_new(plugin, options->services, provider->name, provider->options, err);
    else
        td_context(err, "provider \"%s\" needs wire \"%s\"", provider->name, provider->wire);
    if (served->wire != NULL && !tdh_wire_is_native(served->wire))
        served->url = tdh_provider_url(provider, err);
    if (served->wire != NULL && (served->url != NULL || tdh_wire_is_native(served->wire)))
        return served;
    free_served(served);
    return NULL;
}

/* With the lock, and that of the plugins. Takes provider. */
static struct tdh_served *served_of(struct tdh_models *models, struct tdh_provider *provider,
                                    struct td_err *err)
{
    struct tdh_served *served = tdh_map_get(&models->providers, provider->name), *before = NULL;

    if (served != NULL && served->provider == provider) {
        tdh_provider_release(provider);
        return served;
    }
    served = serve(models, provider, err);
    if (served == NULL)
        return NULL;
    if (tdh_map_set(&models->providers, provider->name, served, (void **)&before) != 0) {
        free_served(served);
        td_fail(err, TD_E_NOMEM, "could not allocate provider");
        return NULL;
    }
    if (before != NULL) {
        before->former = models->former;
        models->former = before;
    }
    return served;
}

static struct tdh_served *find_served(struct tdh_models *models, struct tdh_provider *provider,
                                      struct td_err *err)
{
    struct tdh_served *served;

    tdh_plugins_lock(models->options.plugins);
    pthread_mutex_lock(&models->lock);
    served = served_of(models, provider, err);
    pthread_mutex_unlock(&models->lock);
    tdh_plugins_unlock(models->options.plugins);
    return served;
}

/* --- targets --- */

static const char *const actions[] = { "chat", "embed" };

static int check_action(const char *name, const char *action, struct td_err *err)
{
    const char *near;

    for (size_t i = 0; i < 2; i++)
        if (strcmp(actions[i], action) == 0)
            return 0;
    near = tdh_near(action, actions, 2);
    return td_fail(err, TD_E_NOTFOUND, "model \"%s\" has no action \"%.60s\"%s%s%s", name, action,
                   near ? ", did you mean \"" : "", near ? near : "", near ? "\"" : "");
}

static struct tdh_model_target *new_target(struct tdh_models *models, struct tdh_served *served,
                                           const char *name, const char *action, struct td_err *err)
{
    struct tdh_model_target *own = calloc(1, sizeof(*own));

    if (own == NULL || asprintf(&own->name, "%s/%s", served->provider->name, name) < 0) {
        free(own);
        td_fail(err, TD_E_NOMEM, "could not allocate model \"%s\"", name);
        return NULL;
    }
    atomic_init(&own->served, served);
    own->model = own->name + strlen(served->provider->name) + 1;
    own->is_embed = strcmp(action, "embed") == 0;
    own->target = (struct tdh_target){
        .kind = "model",
        .name = own->name,
        .action = own->is_embed ? actions[1] : actions[0],
        .plugin = served->provider->wire,
        .effects = TDH_EFFECTS_IDEMPOTENT,
        .policy = models->options.policy,
        .line = tdh_ledger_line(TDH_LEDGER_AGENT, own->name, served->provider->wire),
        .dispatch = tdh_model_dispatch,
        .owner = own,
    };
    if (tdh_target_ready(&own->target, err) == 0)
        return own;
    free_target(own);
    return NULL;
}

/* With the lock. */
static struct tdh_model_target *target_of(struct tdh_models *models, struct tdh_served *served,
                                          const char *name, const char *action, struct td_err *err)
{
    char key[TDH_MODEL_NAME + 128];
    struct tdh_model_target *own;

    snprintf(key, sizeof(key), "%s/%s %s", served->provider->name, name, action);
    own = tdh_map_get(&models->targets, key);
    if (own != NULL) {
        atomic_store(&own->served, served);
        return own;
    }
    if (models->targets.count >= TDH_MODELS_MAX) {
        td_fail(err, TD_E_LIMIT, "more than %d models were called", TDH_MODELS_MAX);
        return NULL;
    }
    own = new_target(models, served, name, action, err);
    if (own != NULL && tdh_map_set(&models->targets, key, own, NULL) != 0) {
        free_target(own);
        td_fail(err, TD_E_NOMEM, "could not allocate model \"%s\"", name);
        return NULL;
    }
    return own;
}

static int resolve(void *arg, const char *name, const char *action, const char *edition,
                   struct tdh_target **ret_target, struct td_err *err)
{
    struct tdh_models *models = arg;
    struct tdh_provider *provider;
    struct tdh_model_target *own;
    struct tdh_served *served;
    const char *model;

    (void)edition;
    if (check_action(name, action, err) != 0 ||
        tdh_catalog_find(models->options.catalog, name, &provider, &model, err) != 0)
        return -1;
    served = find_served(models, provider, err);
    if (served == NULL)
        return -1;
    pthread_mutex_lock(&models->lock);
    own = target_of(models, served, model, action, err);
    pthread_mutex_unlock(&models->lock);
    if (own == NULL)
        return -1;
    *ret_target = &own->target;
    return 0;
}

void tdh_models_register(struct tdh_models *models)
{
    tdh_call_register(TDH_TARGET_MODEL, resolve, models);
}
