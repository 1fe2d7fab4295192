/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score: shares and their weighted sum. No state, no memory but the sentences.
 */
#include "score.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kit/json.h"

/* The share of `wanted` that `offered` has; 1 when nothing is wanted. */
static double share(const json_t *wanted, const json_t *offered)
{
    size_t count = 0;
    const json_t *item;
    size_t i;

    if (json_array_size(wanted) == 0)
        return 1.0;
    json_array_foreach ((json_t *)wanted, i, item)
        count += kit_list_has(offered, json_string_value(item));
    return (double)count / (double)json_array_size(wanted);
}

static double place_share(const json_t *need, const struct kit_component *component)
{
    const char *stack = kit_str(need, "stack", "");
    const char *layout = kit_str(need, "layout", "");
    double stack_share = stack[0] == '\0' || strcmp(stack, component->stack) == 0;
    double layout_share = layout[0] == '\0' || json_array_size(component->layouts) == 0 ||
                          kit_list_has(component->layouts, layout);

    return (stack_share + layout_share) / 2.0;
}

struct match score_match(const struct weights *weights, const json_t *need,
                         const struct kit_component *component, double found)
{
    double whole = weights->capability + weights->field_types + weights->features + weights->place;
    struct match match = {
        .field_types = share(json_object_get(need, "field_types"), component->field_types),
        .features = share(json_object_get(need, "features"), component->features),
        .place = place_share(need, component),
    };

    match.capability =
        kit_list_has(component->capabilities, kit_str(need, "capability", "")) ? 1.0 : found;
    if (match.field_types <= 0.0 || match.features <= 0.0)
        match.capability = 0.0;
    match.total = weights->capability * match.capability +
                  weights->field_types * match.field_types + weights->features * match.features +
                  weights->place * match.place;
    match.total = round(match.total / whole * 1e4) / 1e4;
    return match;
}

/* "2 of 3 field types, not: image" */
static json_t *share_reason(const json_t *wanted, const json_t *offered, const char *what)
{
    char missing[200] = "";
    size_t length = 0, count = 0, i;
    const json_t *item;

    json_array_foreach ((json_t *)wanted, i, item) {
        const char *name = json_string_value(item);
        int printed;

        if (kit_list_has(offered, name)) {
            count++;
            continue;
        }
        printed = snprintf(missing + length, sizeof(missing) - length, "%s%s",
                           length > 0 ? ", " : ", not: ", name);
        length = printed < 0 || length + (size_t)printed >= sizeof(missing)
                     ? length
                     : length + (size_t)printed;
        missing[length] = '\0'; /* a name that did not fit is left out whole */
    }
    return json_sprintf("%zu of %zu %s%s", count, json_array_size(wanted), what, missing);
}

static json_t *capability_reason(const struct match *match, const json_t *need,
                                 const struct kit_component *component)
{
    const char *capability = kit_str(need, "capability", "");

    if (kit_list_has(component->capabilities, capability))
        return json_sprintf(
            "%s \"%s\"", match->capability > 0.0 ? "capability" : "nothing asked for of capability",
            capability);
    return match->capability > 0.0 ? json_sprintf("found by its words for \"%s\", as sure as %.2f",
                                                  capability, match->capability)
                                   : json_sprintf("no capability \"%s\"", capability);
}

json_t *score_reasons(const struct match *match, const json_t *need,
                      const struct kit_component *component, struct td_err *err)
{
    const json_t *types = json_object_get(need, "field_types");
    const json_t *features = json_object_get(need, "features");
    const char *layout = kit_str(need, "layout", "");
    json_t *reasons = json_array();
    int rc = reasons == NULL ? td_fail(err, TD_E_NOMEM, "could not allocate the reasons") : 0;

    if (rc == 0)
        rc = kit_push(reasons, capability_reason(match, need, component), err);
    if (rc == 0 && json_array_size(types) > 0)
        rc = kit_push(reasons, share_reason(types, component->field_types, "field types"), err);
    if (rc == 0 && json_array_size(features) > 0)
        rc = kit_push(reasons, share_reason(features, component->features, "features"), err);
    if (rc == 0 && match->place < 1.0)
        rc = kit_push(reasons, json_sprintf("not made for layout \"%s\"", layout), err);
    if (rc == 0)
        return reasons;
    json_decref(reasons);
    return NULL;
}
