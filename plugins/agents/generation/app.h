/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app: one app while it is generated, and the data its templates see.
 */
#ifndef GENERATION_APP_H
#define GENERATION_APP_H

#include <jansson.h>
#include <stddef.h>
#include <tdev/err.h>

#include "kit/resolve.h"
#include "stack.h"

#define APP_VERSION "1.0.0" /* of every generated app */

/* Filled by the action; the JSON inputs are borrowed. */
struct app {
    const json_t *understanding, *selection, *model, *needs, *chosen;
    const char *lang;
    const struct stack *stack;
    struct kit_order order;              /* components of the catalogue, in load order */
    const struct kit_component **offers; /* components to be generated, behind all others */
    size_t offer_count;
    json_t *not_built; /* what the app will not have: {wish, from} */
    json_t *id;
};

/** How many components the app has; app_component gives the i-th, in load order. */
size_t app_count(const struct app *app);
const struct kit_component *app_component(const struct app *app, size_t i);

/** The member "app" of the data: id, name, title, lang, layout, version, accent, icon. Returns new,
 * or NULL. */
json_t *app_info(const struct app *app, struct td_err *err);
/**
 * Everything a template may name: docs/app-model.md, "templates". err besides a lack of memory:
 * TD_E_CONFIG when two components bring different texts for one key. Returns new, or NULL.
 */
json_t *app_data(const struct app *app, struct td_err *err);

#endif
