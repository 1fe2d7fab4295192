/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deps: what rests on what, as people ask for it: the versions that are chosen and why, in which
 * order they are loaded, what can be loaded at the same time, and which chain takes longest.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "plugin/choose.h"

struct node {
    struct tdh_plugin_entry *entry;
    json_t *row;
    size_t *needs; /* nodes it rests on */
    size_t need_count;
    size_t group;   /* from 0 */
    size_t slowest; /* of its needs: that on the longest chain; node_count: none */
    double total_ms;
};

struct graph {
    struct tdh_plugins *plugins;
    struct node *nodes;
    size_t count, room;
    bool is_measured;
};

static int fail_nomem(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate what plugins rest on");
}

/* --- nodes --- */

static size_t find_node(const struct graph *graph, const struct tdh_plugin_entry *entry)
{
    size_t i = 0;

    while (i < graph->count && graph->nodes[i].entry != entry)
        i++;
    return i;
}

/* What its agents use, which is found when they are made: no plugin rests on it. */
static void add_roles(json_t *row, const struct tdh_manifest *manifest)
{
    json_t *uses = manifest->role_count > 0 ? json_array() : NULL;

    for (size_t i = 0; i < manifest->role_count; i++)
        json_array_append_new(
            uses, json_pack("{s:s, s:s, s:s*, s:b}", "name", manifest->roles[i].name, "action",
                            manifest->roles[i].action, "agent", manifest->roles[i].agent,
                            "optional", manifest->roles[i].is_optional));
    if (uses != NULL)
        json_object_set_new(row, "uses", uses);
}

static int add_node(struct graph *graph, struct tdh_plugin_entry *entry, struct td_err *err)
{
    const struct tdh_manifest *manifest = entry->manifest;
    struct node *node;

    if (graph->count == graph->room) {
        size_t room = graph->room > 0 ? graph->room * 2 : 32;
        struct node *nodes = realloc(graph->nodes, room * sizeof(*nodes));

        if (nodes == NULL)
            return fail_nomem(err);
        graph->nodes = nodes;
        graph->room = room;
    }
    node = &graph->nodes[graph->count];
    *node = (struct node){ .entry = entry };
    node->needs = calloc(manifest->need_count + 1, sizeof(*node->needs));
    node->row = json_pack("{s:s, s:s, s:s, s:s, s:[], s:[]}", "name", entry->name, "kind",
                          tdh_kind_name(entry->kind), "version", manifest->version_text, "folder",
                          entry->folder, "requires", "others");
    add_roles(node->row, manifest);
    graph->count++;
    return node->needs != NULL && node->row != NULL ? 0 : fail_nomem(err);
}

static void add_others(const struct tdh_choice *choice, const struct node *node)
{
    for (size_t i = 0; i < choice->count; i++) {
        const struct tdh_solve_option *option = &choice->options[i];
        char why[TDH_SOLVE_NOTE_TEXT];

        if (choice->solved.is_taken[i] || strcmp(option->name, node->entry->name) != 0 ||
            (option->kind != 0 && option->kind != node->entry->kind))
            continue;
        tdh_solve_why_not(choice->options, choice->count, choice->wants, choice->want_count,
                          &choice->solved, i, why);
        json_array_append_new(json_object_get(node->row, "others"),
                              json_pack("{s:s, s:s, s:s}", "version", option->version_text,
                                        "folder", choice->entries[i]->folder, "why", why));
    }
}

static void add_needs(const struct graph *graph, const struct tdh_choice *choice, struct node *node)
{
    const struct tdh_manifest *manifest = node->entry->manifest;

    for (size_t i = 0; i < manifest->need_count; i++) {
        const struct tdh_need *need = &manifest->needs[i];
        const struct tdh_plugin_entry *met = tdh_choice_need(choice, node->entry, i);
        size_t other = met != NULL ? find_node(graph, met) : graph->count;
        json_t *row = json_pack("{s:s, s:s, s:b}", "plugin", need->plugin, "range",
                                need->range_text, "optional", need->is_optional);

        if (need->kind != 0)
            json_object_set_new(row, "kind", json_string(tdh_kind_name(need->kind)));
        json_object_set_new(row, "met",
                            met != NULL ? json_string(met->manifest->version_text) : json_null());
        json_array_append_new(json_object_get(node->row, "requires"), row);
        if (other < graph->count)
            node->needs[node->need_count++] = other;
    }
}

/* What was taken, as far as it is not there from an earlier choice. */
static int add_choice(struct graph *graph, const struct tdh_choice *choice, struct td_err *err)
{
    size_t first = graph->count;

    for (size_t i = 0; i < choice->count; i++)
        if (choice->solved.is_taken[i] && choice->entries[i]->manifest != NULL &&
            find_node(graph, choice->entries[i]) == graph->count &&
            add_node(graph, choice->entries[i], err) != 0)
            return -1;
    for (size_t i = first; i < graph->count; i++) {
        add_needs(graph, choice, &graph->nodes[i]);
        add_others(choice, &graph->nodes[i]);
    }
    return 0;
}

static int ask(struct graph *graph, const struct tdh_plugin_wish *wishes, size_t count,
               struct td_err *err)
{
    struct tdh_choice choice = { .plugins = graph->plugins, .is_always_asked = true };
    int rc = tdh_choice_name(&choice, wishes, count, err);

    if (rc == 0)
        rc = add_choice(graph, &choice, err);
    if (rc == 0 && graph->is_measured)
        rc = tdh_choice_serve(&choice, err);
    tdh_choice_end(&choice);
    return rc;
}

/* --- order --- */

/* One more than the highest of what it rests on. Without circles this is done after as many rounds
 * as there are groups. */
static void set_groups(struct graph *graph)
{
    bool is_changed = true;

    for (size_t round = 0; is_changed && round <= graph->count; round++) {
        is_changed = false;
        for (size_t i = 0; i < graph->count; i++)
            for (size_t k = 0; k < graph->nodes[i].need_count; k++) {
                size_t group = graph->nodes[graph->nodes[i].needs[k]].group + 1;

                if (group > graph->nodes[i].group) {
                    graph->nodes[i].group = group;
                    is_changed = true;
                }
            }
    }
}

static int compare_nodes(const void *a, const void *b, void *arg)
{
    const struct graph *graph = arg;
    const struct node *left = &graph->nodes[*(const size_t *)a];
    const struct node *right = &graph->nodes[*(const size_t *)b];
    int order = (left->group > right->group) - (left->group < right->group);

    if (order == 0)
        order = strcmp(left->entry->name, right->entry->name);
    return order != 0 ? order : strcmp(left->entry->folder, right->entry->folder);
}

/* --- time --- */

static double load_ms(const struct node *node)
{
    return (double)node->entry->load_ns / 1e6;
}

/* Loads all, what is required first, so that each time is a plugin's own. One that cannot be loaded
 * takes none. */
static void measure(struct graph *graph, const size_t *order)
{
    for (size_t i = 0; i < graph->count; i++) {
        const struct node *node = &graph->nodes[order[i]];
        struct td_err err;

        if (tdh_plugins_load(graph->plugins, node->entry->kind, node->entry->name, &err) == NULL)
            json_object_set_new(node->row, "error", json_string(err.text));
    }
}

/* The longest chain that ends with each, its own time counted; in their order. */
static size_t find_longest(struct graph *graph, const size_t *order)
{
    size_t last = graph->count;

    for (size_t i = 0; i < graph->count; i++) {
        struct node *node = &graph->nodes[order[i]];

        node->slowest = graph->count;
        for (size_t k = 0; k < node->need_count; k++)
            if (node->slowest == graph->count ||
                graph->nodes[node->needs[k]].total_ms > graph->nodes[node->slowest].total_ms)
                node->slowest = node->needs[k];
        node->total_ms =
            load_ms(node) +
            (node->slowest < graph->count ? graph->nodes[node->slowest].total_ms : 0.0);
        if (last == graph->count || node->total_ms > graph->nodes[last].total_ms)
            last = order[i];
    }
    return last;
}

static json_t *describe_longest(struct graph *graph, const size_t *order)
{
    size_t at = find_longest(graph, order);
    json_t *chain = json_array();
    double total = at < graph->count ? graph->nodes[at].total_ms : 0.0;

    for (; at < graph->count; at = graph->nodes[at].slowest)
        json_array_insert_new(chain, 0,
                              json_pack("{s:s, s:s, s:f}", "name", graph->nodes[at].entry->name,
                                        "version", graph->nodes[at].entry->manifest->version_text,
                                        "ms", load_ms(&graph->nodes[at])));
    return json_pack("{s:f, s:o}", "ms", total, "plugins", chain);
}

/* --- all --- */

static json_t *describe(struct graph *graph, const size_t *order)
{
    json_t *rows = json_array(), *groups = json_array();

    for (size_t i = 0; i < graph->count; i++) {
        struct node *node = &graph->nodes[order[i]];

        while (json_array_size(groups) <= node->group)
            json_array_append_new(groups, json_array());
        json_array_append_new(json_array_get(groups, node->group), json_string(node->entry->name));
        json_object_set_new(node->row, "group", json_integer((json_int_t)node->group + 1));
        if (node->entry->load_ns != 0)
            json_object_set_new(node->row, "ms", json_real(load_ms(node)));
        json_array_append(rows, node->row);
    }
    return json_pack("{s:o, s:o}", "plugins", rows, "groups", groups);
}

static json_t *finish(struct graph *graph, struct td_err *err)
{
    size_t *order = calloc(graph->count + 1, sizeof(*order));
    json_t *result = NULL;

    if (order == NULL) {
        fail_nomem(err);
        return NULL;
    }
    for (size_t i = 0; i < graph->count; i++)
        order[i] = i;
    set_groups(graph);
    qsort_r(order, graph->count, sizeof(*order), compare_nodes, graph);
    if (graph->is_measured)
        measure(graph, order);
    result = describe(graph, order);
    if (result == NULL)
        fail_nomem(err);
    else if (graph->is_measured)
        json_object_set_new(result, "critical", describe_longest(graph, order));
    free(order);
    return result;
}

static void end(struct graph *graph)
{
    for (size_t i = 0; i < graph->count; i++) {
        json_decref(graph->nodes[i].row);
        free(graph->nodes[i].needs);
    }
    free(graph->nodes);
}

/* All that can be used: together as far as that can be, else each by itself. */
static int ask_all(struct graph *graph, char *ret_apart, struct td_err *err)
{
    const struct tdh_plugin_entry **list =
        tdh_plugins_scan(graph->plugins, err) == 0 ? tdh_plugins_list(graph->plugins, err) : NULL;
    struct tdh_plugin_wish *wishes;
    size_t count = 0, used = 0;
    int rc = -1;

    while (list != NULL && list[count] != NULL)
        count++;
    wishes = list != NULL ? calloc(count + 1, sizeof(*wishes)) : NULL;
    if (wishes == NULL) {
        free(list);
        return fail_nomem(err);
    }
    for (size_t i = 0; i < count; i++)
        if (list[i]->state != TDH_PLUGIN_REFUSED)
            wishes[used++] =
                (struct tdh_plugin_wish){ "the list", list[i]->kind, list[i]->name, NULL, NULL };
    rc = ask(graph, wishes, used, err);
    if (rc != 0 && err->code != TD_E_NOMEM) {
        memcpy(ret_apart, err->text, TD_ERR_TEXT);
        rc = 0;
        for (size_t i = 0; rc == 0 && i < used; i++)
            rc = ask(graph, &wishes[i], 1, err);
    }
    free(wishes);
    free(list);
    return rc;
}

json_t *tdh_plugins_deps(struct tdh_plugins *plugins, const char *name, bool is_measured,
                         struct td_err *err)
{
    struct graph graph = { .plugins = plugins, .is_measured = is_measured };
    const struct tdh_plugin_wish wish = { "what is asked for", (enum td_kind)0, name, NULL, NULL };
    char apart[TD_ERR_TEXT] = "";
    json_t *result = NULL;
    int rc;

    tdh_plugins_lock(plugins);
    if (name == NULL)
        rc = ask_all(&graph, apart, err);
    else /* that says it in words of its own when there is no such plugin */
        rc = tdh_entry_find(plugins, (enum td_kind)0, name, err) != NULL
                 ? ask(&graph, &wish, 1, err)
                 : -1;
    if (rc == 0)
        result = finish(&graph, err);
    if (result != NULL && apart[0] != '\0')
        json_object_set_new(result, "apart", json_string(apart));
    end(&graph);
    tdh_plugins_unlock(plugins);
    return result;
}
