/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform_life: the rules for plugins of all kinds: what the manifest tells, options, and the life
 * of an instance.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "cli/conform.h"

enum { TEXT_MIN = 20 };

/* --- instances --- */

/* The options of conform.yaml, with a folder of their own for what the instance writes. new. */
static json_t *make_options(struct tdh_conform *conform, struct td_err *err)
{
    const json_t *options = json_object_get(conform->script, "options");
    json_t *filled;
    char temp[PATH_MAX];

    if (snprintf(temp, sizeof(temp), "%s/%u", conform->temp, ++conform->opened) >= PATH_MAX ||
        tdh_file_mkdirs(temp, 0700, err) != 0)
        return NULL;
    filled = options != NULL ? tdh_conform_fill(options, temp) : json_object();
    if (filled == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the options");
    return filled;
}

static int fill_state(struct tdh_conform *conform, struct tdh_conform_instance *instance,
                      struct td_err *err)
{
    size_t size = conform->plugin->descriptor.state_size;
    json_t *options = make_options(conform, err);
    int rc;

    if (options == NULL)
        return -1;
    instance->state = calloc(1, size > 0 ? size : 1);
    if (instance->state == NULL)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate an instance");
    else
        rc = tdh_plugin_bind(conform->plugin, options, "conform.yaml", instance->state,
                             &instance->block, err);
    json_decref(options);
    return rc;
}

int tdh_conform_open(struct tdh_conform *conform, struct tdh_conform_instance *instance,
                     struct td_err *err)
{
    const struct td_plugin *descriptor = &conform->plugin->descriptor;
    const struct td_services *services = &conform->host->services;
    const char *name = conform->plugin->manifest->name;
    struct tdh_ctx ctx;

    *instance = (struct tdh_conform_instance){ 0 };
    if (fill_state(conform, instance, err) != 0)
        return -1;
    if (descriptor->prepare != NULL) {
        tdh_ctx_begin(&ctx, services, conform->plugin, name, instance->state, NULL);
        ctx.offer = &conform->offer;
        ctx.cast = conform->cast;
        instance->is_prepared = descriptor->prepare(&ctx.pub, &instance->shared, err) == 0;
        tdh_ctx_end(&ctx);
        if (!instance->is_prepared)
            return td_context(err, "prepare");
    }
    tdh_ctx_begin(&instance->ctx, services, conform->plugin, name, instance->state,
                  instance->shared);
    instance->ctx.offer = &conform->offer;
    instance->ctx.cast = conform->cast;
    instance->is_begun = true;
    if (descriptor->init != NULL && descriptor->init(&instance->ctx.pub, err) != 0)
        return td_context(err, "init");
    return 0;
}

void tdh_conform_close(struct tdh_conform *conform, struct tdh_conform_instance *instance)
{
    const struct td_plugin *descriptor = &conform->plugin->descriptor;

    if (instance->is_begun) {
        if (descriptor->drop != NULL)
            descriptor->drop(&instance->ctx.pub);
        tdh_ctx_end(&instance->ctx);
    }
    if (instance->is_prepared && descriptor->release != NULL)
        descriptor->release(instance->shared);
    free(instance->state);
    free(instance->block);
    *instance = (struct tdh_conform_instance){ 0 };
}

/* --- manifest --- */

static int has_texts(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    const struct tdh_manifest *manifest = conform->plugin->manifest;

    (void)arg;
    if (manifest->description == NULL || strlen(manifest->description) < TEXT_MIN)
        return td_fail(err, TD_E_CONFIG,
                       "\"description\" must tell in %d characters or more what the plugin is for",
                       TEXT_MIN);
    for (size_t i = 0; i < manifest->option_count; i++)
        if (manifest->options[i].text == NULL || manifest->options[i].text[0] == '\0')
            return td_fail(err, TD_E_CONFIG, "option \"%s\" has no \"text\"",
                           manifest->options[i].name);
    for (size_t i = 0; i < manifest->role_count; i++)
        if (manifest->roles[i].text == NULL)
            return td_fail(err, TD_E_CONFIG, "role \"%s\" has no \"text\"",
                           manifest->roles[i].name);
    return 0;
}

static int has_readme(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    char path[PATH_MAX];
    struct stat status;

    (void)arg;
    snprintf(path, sizeof(path), "%s/README.md", conform->plugin->manifest->folder);
    if (stat(path, &status) != 0 || status.st_size == 0)
        return td_fail(err, TD_E_NOTFOUND, "there is no README.md beside plugin.yaml");
    return 0;
}

/* --- options --- */

static int bind_with(struct tdh_conform *conform, const char *name, json_t *value,
                     struct td_err *err)
{
    size_t size = conform->plugin->descriptor.state_size;
    json_t *options = make_options(conform, err);
    void *state = calloc(1, size > 0 ? size : 1), *block = NULL;
    int rc = -1;

    if (options == NULL || state == NULL ||
        (name != NULL && json_object_set(options, name, value) != 0))
        td_fail(err, TD_E_NOMEM, "could not allocate the options");
    else
        rc = tdh_plugin_bind(conform->plugin, options, "options", state, &block, err);
    json_decref(value);
    json_decref(options);
    free(block);
    free(state);
    return rc;
}

static int binds_defaults(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    (void)arg;
    return bind_with(conform, NULL, NULL, err);
}

static int refuses_unknown(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    (void)arg;
    if (bind_with(conform, "no-such-option", json_true(), err) == 0)
        return td_fail(err, TD_E_EXEC, "an option \"no-such-option\" was taken");
    return 0;
}

/* A value that breaks the option's row; NULL: everything of its type is good. new. */
static json_t *wrong_value(const struct tdh_option *option)
{
    switch (option->type) {
    case TDH_OPT_CHOICE:
        return json_string("no such choice");
    case TDH_OPT_STRING:
    case TDH_OPT_BOOL:
    case TDH_OPT_LIST:
        return json_integer(7);
    case TDH_OPT_REAL:
        return isfinite(option->max) ? json_real(option->max * 2 + 1) : json_string("no number");
    default:
        return isfinite(option->max) && option->max < 9e15
                   ? json_integer((json_int_t)option->max + 1)
                   : json_string("no number");
    }
}

static int refuses_wrong(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    const struct tdh_manifest *manifest = conform->plugin->manifest;

    (void)arg;
    for (size_t i = 0; i < manifest->option_count; i++) {
        const struct tdh_option *option = &manifest->options[i];

        if (bind_with(conform, option->name, wrong_value(option), err) == 0)
            return td_fail(err, TD_E_EXEC, "option \"%s\" took a value that its row does not allow",
                           option->name);
    }
    return 0;
}

/* --- life --- */

static int lives_twice(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    struct tdh_conform_instance instance;

    (void)arg;
    for (int i = 0; i < 2; i++) {
        int rc = tdh_conform_open(conform, &instance, err);

        tdh_conform_close(conform, &instance);
        if (rc != 0)
            return td_context(err, i == 0 ? "the first instance"
                                          : "an instance after the first was ended");
    }
    return 0;
}

static int lives_side_by_side(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    struct tdh_conform_instance one, other = { 0 };
    int rc = tdh_conform_open(conform, &one, err);

    (void)arg;
    if (rc == 0)
        rc = tdh_conform_open(conform, &other, err);
    tdh_conform_close(conform, &one);
    tdh_conform_close(conform, &other);
    return rc == 0 ? 0 : td_context(err, "two instances at once");
}

void tdh_conform_life(struct tdh_conform *conform)
{
    static const struct {
        tdh_rule_fn *fn;
        const char *rule;
    } rules[] = {
        { has_texts, "the manifest tells what plugin and options are for" },
        { has_readme, "there is a README.md" },
        { binds_defaults, "options: the defaults are good" },
        { refuses_unknown, "options: unrecognized names are refused" },
        { refuses_wrong, "options: values that their rows do not allow are refused" },
        { lives_twice, "an instance starts and ends, twice" },
        { lives_side_by_side, "two instances live side by side" },
    };

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        tdh_conform_rule(conform, rules[i].fn, NULL, "%s", rules[i].rule);
}
