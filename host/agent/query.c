/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query: what is asked as a tree of look-ups. What the index knows of the condition is taken from
 * its program (tdh_cel_facts); conjunctions and disjunctions are flattened, so that an intersection
 * begins with its smallest list. What is left over is judged by the expression itself, unless the
 * index alone decides.
 *
 * A query that does not speak of the status finds what is active.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/registry.h"

static const char active[] = "active";

/* --- making one --- */

static int fail_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the plan of a query");
}

static uint16_t add_node(struct tdh_query *plan, struct tdh_query_node node)
{
    plan->nodes[plan->count] = node;
    return (uint16_t)++plan->count;
}

static int add_range(struct tdh_query *plan, const struct tdh_cel_fact *fact, uint16_t *ret_node,
                     struct td_err *err)
{
    struct tdh_query_node node = { .kind = TDH_QUERY_RANGE,
                                   .field = TDH_ENTRY_VERSION,
                                   .text = fact->text,
                                   .length = fact->length,
                                   .range = calloc(1, sizeof(*node.range)) };
    char *text = strndup(fact->text, fact->length);
    int rc = -1;

    if (text == NULL || node.range == NULL)
        fail_memory(err);
    else
        rc = tdh_range_parse(text, node.range, err);
    free(text);
    if (rc == 0)
        *ret_node = add_node(plan, node);
    else
        free(node.range);
    return rc;
}

static int add_leaf(struct tdh_query *plan, const struct tdh_cel_fact *fact, uint16_t *ret_node,
                    struct td_err *err)
{
    const struct tdh_entry_row *row = &tdh_entry_rows[fact->root];
    enum tdh_entry_type want = fact->kind == TDH_CEL_FACT_HAS ? TDH_ENTRY_TEXTS : TDH_ENTRY_TEXT;
    struct tdh_query_node node = { .kind = TDH_QUERY_SCAN };

    if (fact->kind == TDH_CEL_FACT_FITS && fact->root == TDH_ENTRY_VERSION)
        return add_range(plan, fact, ret_node, err);
    if ((fact->kind == TDH_CEL_FACT_IS || fact->kind == TDH_CEL_FACT_HAS) && row->is_indexed &&
        row->type == want)
        node = (struct tdh_query_node){ .kind = TDH_QUERY_LOOK,
                                        .field = (enum tdh_entry_field)fact->root,
                                        .text = fact->text,
                                        .length = fact->length };
    plan->is_exact = plan->is_exact && node.kind == TDH_QUERY_LOOK;
    *ret_node = add_node(plan, node);
    return 0;
}

/* A node's own list of children when it is of the kind, else itself as a list of one. */
static uint16_t open_list(struct tdh_query *plan, uint16_t node, enum tdh_query_kind kind)
{
    return plan->nodes[node - 1].kind == kind ? plan->nodes[node - 1].child : node;
}

static uint16_t join(struct tdh_query *plan, enum tdh_query_kind kind, uint16_t left,
                     uint16_t right)
{
    uint16_t first = open_list(plan, left, kind), last = first;

    while (plan->nodes[last - 1].sibling != 0)
        last = plan->nodes[last - 1].sibling;
    plan->nodes[last - 1].sibling = open_list(plan, right, kind);
    if (plan->nodes[left - 1].kind == kind)
        return left;
    return add_node(plan, (struct tdh_query_node){ .kind = kind, .child = first });
}

static int build(struct tdh_query *plan, const struct tdh_cel_fact *facts, size_t count,
                 struct td_err *err)
{
    uint16_t stack[TDH_QUERY_NODES], node = 0;
    size_t depth = 0;

    for (size_t i = 0; i < count; i++) {
        if (facts[i].kind == TDH_CEL_FACT_AND || facts[i].kind == TDH_CEL_FACT_OR) {
            depth--;
            stack[depth - 1] =
                join(plan, facts[i].kind == TDH_CEL_FACT_AND ? TDH_QUERY_ALL : TDH_QUERY_ANY,
                     stack[depth - 1], stack[depth]);
            continue;
        }
        if (add_leaf(plan, &facts[i], &node, err) != 0)
            return -1;
        stack[depth++] = node;
    }
    plan->root = stack[0];
    return 0;
}

static void want_active(struct tdh_query *plan)
{
    uint16_t node = add_node(plan, (struct tdh_query_node){ .kind = TDH_QUERY_LOOK,
                                                            .field = TDH_ENTRY_STATUS,
                                                            .text = active,
                                                            .length = sizeof(active) - 1 });

    plan->root = join(plan, TDH_QUERY_ALL, (uint16_t)plan->root, node);
}

static int fill(struct tdh_query *plan, struct td_err *err)
{
    struct tdh_cel_fact *facts = calloc(TDH_QUERY_NODES, sizeof(*facts));
    size_t count;
    int rc;

    plan->nodes = calloc(TDH_QUERY_NODES + 2, sizeof(*plan->nodes));
    if (facts == NULL || plan->nodes == NULL) {
        free(facts);
        return fail_memory(err);
    }
    count = tdh_cel_facts(plan->cel, facts, TDH_QUERY_NODES);
    plan->is_exact = true;
    rc = build(plan, facts, count, err);
    if (rc == 0 && (tdh_cel_reads(plan->cel) & 1U << TDH_ENTRY_STATUS) == 0)
        want_active(plan);
    free(facts);
    return rc;
}

struct tdh_query *tdh_query_new(const struct tdh_registry *registry, const char *query,
                                struct td_err *err)
{
    struct tdh_cel_options options = { .roots = registry->roots, .root_count = TDH_ENTRY_FIELDS };
    struct tdh_query *plan = calloc(1, sizeof(*plan));
    json_t *want = json_pack("{s:s}", "type", "boolean");
    int rc = -1;

    options.want = want;
    if (plan == NULL || want == NULL)
        fail_memory(err);
    else
        plan->cel = tdh_cel_compile(query, &options, err);
    if (plan != NULL && plan->cel != NULL)
        rc = fill(plan, err);
    json_decref(want);
    if (rc == 0)
        return plan;
    tdh_query_free(plan);
    td_context(err, "query");
    return NULL;
}

void tdh_query_free(struct tdh_query *plan)
{
    if (plan == NULL)
        return;
    for (unsigned i = 0; i < plan->count; i++)
        free(plan->nodes[i].range);
    free(plan->nodes);
    tdh_cel_free(plan->cel);
    free(plan);
}

/* --- lists of places --- */

/* The first place from `at` on that is not less; gallops, as the other list is shorter. */
static uint32_t seek(const struct tdh_places *in, uint32_t at, uint32_t place)
{
    uint32_t step = 1, end;

    while (at + step < in->count && in->list[at + step] < place)
        step *= 2;
    end = at + step < in->count ? at + step : in->count;
    for (at += step / 2; at < end;) {
        uint32_t middle = at + (end - at) / 2;

        if (in->list[middle] < place)
            at = middle + 1;
        else
            end = middle;
    }
    return at;
}

/* small: no longer than large. The result may stand in the place of small. */
static uint32_t intersect(const struct tdh_places *small, const struct tdh_places *large,
                          uint32_t *out)
{
    uint32_t count = 0, at = 0;

    for (uint32_t i = 0; i < small->count && at < large->count; i++) {
        at = seek(large, at, small->list[i]);
        if (at < large->count && large->list[at] == small->list[i])
            out[count++] = small->list[i];
    }
    return count;
}

static uint32_t unite(const struct tdh_places *a, const struct tdh_places *b, uint32_t *out)
{
    uint32_t i = 0, j = 0, count = 0;

    while (i < a->count || j < b->count) {
        if (j == b->count || (i < a->count && a->list[i] < b->list[j]))
            out[count++] = a->list[i++];
        else if (i == a->count || b->list[j] < a->list[i])
            out[count++] = b->list[j++];
        else {
            out[count++] = a->list[i++];
            j++;
        }
    }
    return count;
}

/* --- carrying one out --- */

struct work {
    const struct tdh_query *plan;
    const struct tdh_snapshot *snapshot;
    struct tdh_arena *arena;
    bool has_no_memory;
};

static const struct tdh_places all_there_are = { .is_all = true };

static uint32_t *new_list(struct work *work, size_t count)
{
    uint32_t *list = tdh_arena_alloc_raw(work->arena, (count + 1) * sizeof(*list));

    work->has_no_memory = work->has_no_memory || list == NULL;
    return list;
}

static struct tdh_places of_postings(const struct tdh_postings *postings)
{
    return postings != NULL ? (struct tdh_places){ postings->places, postings->count, false }
                            : (struct tdh_places){ 0 };
}

static struct tdh_places add_places(struct work *work, struct tdh_places a, struct tdh_places b)
{
    struct tdh_places both = { .list = NULL };
    uint32_t *list;

    if (a.is_all || b.is_all)
        return all_there_are;
    if (a.count == 0 || b.count == 0)
        return a.count == 0 ? b : a;
    list = new_list(work, (size_t)a.count + b.count);
    if (list == NULL)
        return all_there_are;
    both.list = list;
    both.count = unite(&a, &b, list);
    return both;
}

static struct tdh_places keep_places(struct work *work, struct tdh_places a, struct tdh_places b)
{
    struct tdh_places both = { .list = NULL };
    const struct tdh_places *small = a.count < b.count ? &a : &b;
    uint32_t *list;

    if (a.is_all || b.is_all)
        return a.is_all ? b : a;
    list = new_list(work, small->count);
    if (list == NULL)
        return all_there_are;
    both.list = list;
    both.count = intersect(small, small == &a ? &b : &a, list);
    return both;
}

/* The set bits of a map, in order. */
static struct tdh_places list_bits(struct work *work, const uint64_t *bits, size_t words,
                                   uint32_t count)
{
    struct tdh_places places = { .count = count };
    uint32_t *list = new_list(work, count);

    if (list == NULL)
        return all_there_are;
    places.list = list;
    for (size_t word = 0; word < words; word++)
        for (uint64_t left = bits[word]; left != 0; left &= left - 1)
            *list++ = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(left);
    return places;
}

/* There may be many versions, and an entry has one of them: their places go through a map of bits.
 */
static struct tdh_places look_range(struct work *work, const struct tdh_range *range)
{
    const struct tdh_snapshot *snapshot = work->snapshot;
    size_t words = snapshot->count / 64 + 1;
    uint64_t *bits = tdh_arena_alloc(work->arena, words * sizeof(*bits));
    uint32_t count = 0;

    if (bits == NULL) {
        work->has_no_memory = true;
        return all_there_are;
    }
    for (size_t i = 0; i < snapshot->version_count; i++) {
        const struct tdh_postings *postings = snapshot->versions[i].postings;

        if (!tdh_range_has(range, &snapshot->versions[i].version))
            continue;
        for (uint32_t at = 0; at < postings->count; at++)
            bits[postings->places[at] / 64] |= UINT64_C(1) << postings->places[at] % 64;
        count += postings->count;
    }
    return list_bits(work, bits, words, count);
}

static struct tdh_places carry_out(struct work *work, const struct tdh_query_node *node);

static const struct tdh_query_node *next_of(const struct work *work, uint16_t node)
{
    return node != 0 ? &work->plan->nodes[node - 1] : NULL;
}

static struct tdh_places unite_children(struct work *work, const struct tdh_query_node *node)
{
    struct tdh_places places = { 0 };

    for (const struct tdh_query_node *child = next_of(work, node->child);
         child != NULL && !places.is_all; child = next_of(work, child->sibling))
        places = add_places(work, places, carry_out(work, child));
    return places;
}

/* The smallest first: what it leaves over is looked up in the others. */
static struct tdh_places intersect_children(struct work *work, const struct tdh_query_node *node)
{
    struct tdh_places *lists, places = all_there_are;
    size_t count = 0, room = 0;

    for (const struct tdh_query_node *child = next_of(work, node->child); child != NULL;
         child = next_of(work, child->sibling))
        room++;
    lists = tdh_arena_alloc_raw(work->arena, room * sizeof(*lists));
    if (lists == NULL) {
        work->has_no_memory = true;
        return places;
    }
    for (const struct tdh_query_node *child = next_of(work, node->child); child != NULL;
         child = next_of(work, child->sibling)) {
        size_t at = count;
        struct tdh_places found = carry_out(work, child);

        if (found.is_all)
            continue;
        for (count++; at > 0 && lists[at - 1].count > found.count; at--)
            lists[at] = lists[at - 1];
        lists[at] = found;
    }
    for (size_t i = 0; i < count; i++)
        places = keep_places(work, places, lists[i]);
    return places;
}

static struct tdh_places carry_out(struct work *work, const struct tdh_query_node *node)
{
    switch (node->kind) {
    case TDH_QUERY_LOOK:
        return of_postings(
            tdh_snapshot_look(work->snapshot, node->field, node->text, node->length));
    case TDH_QUERY_RANGE:
        return look_range(work, node->range);
    case TDH_QUERY_ALL:
        return intersect_children(work, node);
    case TDH_QUERY_ANY:
        return unite_children(work, node);
    case TDH_QUERY_SCAN:
        break;
    }
    return all_there_are;
}

bool tdh_query_places(const struct tdh_query *plan, const struct tdh_snapshot *snapshot,
                      struct tdh_arena *arena, struct tdh_places *ret_places)
{
    struct work work = { .plan = plan, .snapshot = snapshot, .arena = arena };

    *ret_places = carry_out(&work, &plan->nodes[plan->root - 1]);
    return !work.has_no_memory;
}

/* --- telling it --- */

static json_t *describe(struct work *work, const struct tdh_query_node *node)
{
    static const char *const words[] = { [TDH_QUERY_SCAN] = "scan",
                                         [TDH_QUERY_LOOK] = "index",
                                         [TDH_QUERY_RANGE] = "range",
                                         [TDH_QUERY_ALL] = "intersection",
                                         [TDH_QUERY_ANY] = "union" };
    struct tdh_places places = carry_out(work, node);
    json_t *step = json_pack("{s:s}", "step", words[node->kind]), *children;

    if (node->kind == TDH_QUERY_LOOK || node->kind == TDH_QUERY_RANGE) {
        json_object_set_new(step, "field", json_string(tdh_entry_rows[node->field].name));
        json_object_set_new(step, "value", json_stringn(node->text, node->length));
    }
    json_object_set_new(step, "entries",
                        json_integer(places.is_all ? work->snapshot->count : places.count));
    if (node->child == 0)
        return step;
    children = json_array();
    for (const struct tdh_query_node *child = next_of(work, node->child); child != NULL;
         child = next_of(work, child->sibling))
        json_array_append_new(children, describe(work, child));
    json_object_set_new(step, "of", children);
    return step;
}

json_t *tdh_query_describe(const struct tdh_query *plan, const struct tdh_snapshot *snapshot,
                           struct tdh_arena *arena)
{
    struct work work = { .plan = plan, .snapshot = snapshot, .arena = arena };

    return describe(&work, &plan->nodes[plan->root - 1]);
}
