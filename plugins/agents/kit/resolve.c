/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve: a depth-first walk along `requires` finds what must come, and circles: the path that is
 * being walked is kept, so that one can be told whole. Then, as often as there are components, the
 * first that has all it requires is placed.
 */
#include "resolve.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "text.h"

enum mark { MARK_NEW, MARK_OPEN, MARK_DONE, MARK_PLACED };

/* One walk. `marks` has an entry per component of the catalogue, `path` the open ones. */
struct walk {
    const struct kit_catalogue *catalogue;
    const char *stack;
    unsigned char *marks;
    const struct kit_component **path;
    size_t depth, count;
    struct kit_order order;
    struct td_err *err;
};

static int fail_cycle(struct walk *walk, const struct kit_component *again)
{
    struct kit_text text = { 0 };
    size_t from = 0;
    int rc;

    while (walk->path[from] != again)
        from++;
    for (size_t i = from; i < walk->depth; i++)
        kit_text_printf(&text, "%s -> ", walk->path[i]->name);
    kit_text_put(&text, again->name);
    rc = td_fail(walk->err, TD_E_DEPENDENCY, "components require each other in a circle: %s",
                 text.failed ? again->name : text.data);
    kit_text_free(&text);
    return rc;
}

static int visit(struct walk *walk, const struct kit_component *component);

static int visit_required(struct walk *walk, const struct kit_component *component)
{
    const json_t *item;
    size_t i;

    json_array_foreach ((json_t *)component->requires, i, item) {
        const char *name = json_string_value(item);
        const struct kit_component *other = kit_catalogue_find(walk->catalogue, walk->stack, name);

        if (other == NULL)
            return td_fail(walk->err, TD_E_DEPENDENCY,
                           "component \"%s\" requires \"%s\", which the catalogue of stack \"%s\" "
                           "does not have",
                           component->name, name, walk->stack);
        if (visit(walk, other) != 0)
            return -1;
    }
    return 0;
}

/* Depth is bounded: a component is open once at most, and there are KIT_COMPONENTS. */
static int visit(struct walk *walk, const struct kit_component *component)
{
    unsigned char *mark = &walk->marks[component - walk->catalogue->items];

    if (*mark >= MARK_DONE)
        return 0;
    if (*mark == MARK_OPEN)
        return fail_cycle(walk, component);
    *mark = MARK_OPEN;
    walk->path[walk->depth++] = component;
    if (visit_required(walk, component) != 0)
        return -1;
    walk->depth--;
    *mark = MARK_DONE;
    walk->count++;
    return 0;
}

static int visit_named(struct walk *walk, const char *name, const char *why)
{
    const struct kit_component *component = kit_catalogue_find(walk->catalogue, walk->stack, name);

    if (component != NULL)
        return visit(walk, component);
    return td_fail(walk->err, TD_E_DEPENDENCY,
                   "component \"%s\" %s, but the catalogue of stack \"%s\" does not have it", name,
                   why, walk->stack);
}

static int visit_all(struct walk *walk, const json_t *chosen, const json_t *generated)
{
    const json_t *item, *name;
    size_t i, j;

    json_array_foreach ((json_t *)chosen, i, item)
        if (visit_named(walk, kit_str(item, "component", ""), "was chosen") != 0)
            return -1;
    json_array_foreach ((json_t *)generated, i, item)
        json_array_foreach (json_object_get(item, "requires"), j, name)
            if (visit_named(walk, json_string_value(name), "is required by a generated one") != 0)
                return -1;
    return 0;
}

static bool is_ready(const struct walk *walk, const struct kit_component *component)
{
    const json_t *item;
    size_t i;

    json_array_foreach ((json_t *)component->requires, i, item) {
        const struct kit_component *other =
            kit_catalogue_find(walk->catalogue, walk->stack, json_string_value(item));

        if (walk->marks[other - walk->catalogue->items] != MARK_PLACED)
            return false;
    }
    return true;
}

/* The catalogue is in alphabetical order. Without circles there is always one that is ready. */
static void place_all(struct walk *walk)
{
    while (walk->order.count < walk->count)
        for (size_t i = 0; i < walk->catalogue->count; i++) {
            const struct kit_component *component = &walk->catalogue->items[i];

            if (walk->marks[i] != MARK_DONE || !is_ready(walk, component))
                continue;
            walk->marks[i] = MARK_PLACED;
            walk->order.items[walk->order.count++] = component;
            break;
        }
}

static int check_conflicts(const struct kit_order *order, struct td_err *err)
{
    for (size_t i = 0; i < order->count; i++)
        for (size_t j = 0; j < order->count; j++)
            if (kit_list_has(order->items[i]->conflicts, order->items[j]->name))
                return td_fail(err, TD_E_DEPENDENCY,
                               "component \"%s\" cannot be in one project with \"%s\": it names it "
                               "in \"conflicts\"",
                               order->items[i]->name, order->items[j]->name);
    return 0;
}

int kit_resolve(const struct kit_catalogue *catalogue, const char *stack, const json_t *chosen,
                const json_t *generated, struct kit_order *ret_order, struct td_err *err)
{
    struct walk walk = { .catalogue = catalogue, .stack = stack, .err = err };
    int rc = -1;

    walk.marks = calloc(catalogue->count + 1, 1);
    walk.path = calloc(catalogue->count + 1, sizeof(struct kit_component *));
    walk.order.items = calloc(catalogue->count + 1, sizeof(struct kit_component *));
    if (walk.marks == NULL || walk.path == NULL || walk.order.items == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the order of the components");
    else if ((rc = visit_all(&walk, chosen, generated)) == 0) {
        place_all(&walk);
        rc = check_conflicts(&walk.order, err);
    }
    free(walk.marks);
    free(walk.path);
    if (rc == 0)
        *ret_order = walk.order;
    else
        kit_order_free(&walk.order);
    return rc;
}

void kit_order_free(struct kit_order *order)
{
    free(order->items);
    *order = (struct kit_order){ 0 };
}

static bool requires_any(const struct kit_order *order, const struct kit_component *component,
                         const bool *rests)
{
    const json_t *item;
    size_t i;

    json_array_foreach ((json_t *)component->requires, i, item)
        for (size_t j = 0; j < order->count; j++)
            if (rests[j] && strcmp(order->items[j]->name, json_string_value(item)) == 0)
                return true;
    return false;
}

/* What a component requires stands before it, so one pass through the order is enough. */
bool kit_order_rests_on(const struct kit_order *order, const struct kit_component *component,
                        const struct kit_component *other)
{
    bool rests[KIT_COMPONENTS] = { false };

    for (size_t i = 0; i < order->count && i < KIT_COMPONENTS; i++) {
        bool is_resting = requires_any(order, order->items[i], rests);

        if (order->items[i] == component)
            return is_resting;
        rests[i] = is_resting || order->items[i] == other;
    }
    return false;
}
