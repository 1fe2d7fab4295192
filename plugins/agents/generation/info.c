/* SPDX-License-Identifier: Apache-2.0 */
/*
 * info: who the app is: names, and how it looks.
 */
#include <string.h>

#include "app.h"
#include "kit/json.h"

size_t app_count(const struct app *app)
{
    return app->order.count + app->offer_count;
}

const struct kit_component *app_component(const struct app *app, size_t i)
{
    return i < app->order.count ? app->order.items[i] : app->offers[i - app->order.count];
}

/* Any name has its accent, and always the same one. */
static const char *accent_of(const json_t *accents, const char *name)
{
    size_t sum = 0;

    if (json_array_size(accents) == 0)
        return "";
    for (; *name != '\0'; name++)
        sum += (unsigned char)*name;
    name = json_string_value(json_array_get(accents, sum % json_array_size(accents)));
    return name != NULL ? name : "";
}

/* The row of looks.yaml: the first entity's, else the domain's, else NULL. */
static const json_t *look_of(const struct app *app)
{
    const json_t *looks = app->stack->looks;
    const json_t *first = json_array_get(json_object_get(app->model, "entities"), 0);
    const json_t *row =
        json_object_get(json_object_get(looks, "entities"), kit_str(first, "name", ""));

    if (row != NULL)
        return row;
    return json_object_get(json_object_get(looks, "domains"),
                           kit_str(json_object_get(app->understanding, "domain"), "name", ""));
}

json_t *app_info(const struct app *app, struct td_err *err)
{
    const json_t *understanding = app->understanding;
    const json_t *looks = app->stack->looks;
    const char *name = kit_str(understanding, "name", "app");
    const json_t *row = look_of(app);
    const char *accent = kit_str(row, "accent", accent_of(json_object_get(looks, "accents"), name));
    const char *icon = kit_str(row, "icon", kit_str(json_object_get(looks, "default"), "icon", ""));
    json_t *info =
        json_pack("{s:O, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", app->id, "name", name, "title",
                  kit_str(json_object_get(understanding, "title"), "text", name), "lang", app->lang,
                  "layout", kit_str(app->selection, "layout", ""), "version", APP_VERSION, "accent",
                  accent, "icon", icon);

    if (info == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the app's names");
    return info;
}
