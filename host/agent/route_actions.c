/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route_actions: what the candidates of a route can do, from their files and manifests: the
 * route's actions, with the strongest effects of all and the schemas all agree on; the words each
 * is known by; and how many calls it takes at once.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/route.h"
#include "base/buf.h"
#include "base/json.h"

struct member {
    uint32_t number;
    const char *name;
    const struct tdh_manifest *manifest;
    struct tdh_offer offer;
    const json_t *file; /* NULL: it has none */
};

/* --- actions --- */

static struct tdh_capability *find_capability(struct tdh_route *route, const char *name)
{
    for (uint32_t i = 0; i < route->capability_count; i++)
        if (strcmp(route->capabilities[i].name, name) == 0)
            return &route->capabilities[i];
    return NULL;
}

static int copy_capability(struct tdh_route *route, const struct tdh_capability *from,
                           struct td_err *err)
{
    struct tdh_capability *to = &route->capabilities[route->capability_count];

    if (route->capability_count == TDH_ROUTE_ACTIONS)
        return td_fail(err, TD_E_CONFIG, "its candidates have more than %d different actions",
                       TDH_ROUTE_ACTIONS);
    *to = (struct tdh_capability){ .name = strdup(from->name),
                                   .effects = from->effects,
                                   .input = json_incref(from->input),
                                   .output = json_incref(from->output),
                                   .estimate_ms = from->estimate_ms };
    route->capability_count++;
    if (from->uses != NULL) {
        to->uses = malloc(sizeof(*to->uses));
        if (to->uses != NULL)
            *to->uses = *from->uses;
    }
    return to->name != NULL && (from->uses == NULL || to->uses != NULL)
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate a route");
}

static bool is_same(const json_t *a, const json_t *b)
{
    return a == b || (a != NULL && b != NULL && json_equal(a, b));
}

static void drop(json_t **schema)
{
    json_decref(*schema);
    *schema = NULL;
}

/* The most of both, meter by meter. One that says nothing of its use leaves nothing to promise. */
static void merge_uses(struct tdh_capability *to, const struct tdh_capability *from)
{
    for (unsigned i = 0; to->uses != NULL && from->uses != NULL && i < from->uses->count; i++) {
        const struct tdh_meter *meter = &from->uses->list[i];
        int64_t known = tdh_meters_get(to->uses, meter->name);

        if (meter->amount > known)
            tdh_meters_add(to->uses, meter->name, meter->amount - known);
    }
}

static void merge_capability(struct tdh_capability *to, const struct tdh_capability *from)
{
    if (from->effects > to->effects)
        to->effects = from->effects;
    if (!is_same(to->input, from->input))
        drop(&to->input);
    if (!is_same(to->output, from->output))
        drop(&to->output);
    if (from->estimate_ms > to->estimate_ms)
        to->estimate_ms = from->estimate_ms;
    merge_uses(to, from);
}

/* A spare one adds no actions: it stands in for those that the candidates have. */
static int add_actions(struct tdh_route *route, const struct member *member, bool is_spare,
                       struct td_err *err)
{
    struct tdh_candidate *candidate = &route->router.candidates[member->number];

    for (size_t i = 0; i < member->offer.capability_count; i++) {
        const struct tdh_capability *from = &member->offer.capabilities[i];
        struct tdh_capability *to = find_capability(route, from->name);

        if (to != NULL)
            merge_capability(to, from);
        else if (is_spare)
            continue;
        else if (copy_capability(route, from, err) != 0)
            return -1;
        to = find_capability(route, from->name);
        candidate->actions |= is_spare ? 0 : UINT64_C(1) << (to - route->capabilities);
    }
    return 0;
}

/* --- words --- */

static void add_text(struct tdh_buf *words, const char *text)
{
    if (text == NULL)
        return;
    tdh_buf_text(words, text);
    tdh_buf_char(words, ' ');
}

static void add_tags(struct tdh_buf *words, const json_t *tags)
{
    const json_t *tag;
    size_t i;

    json_array_foreach (tags, i, tag)
        add_text(words, json_string_value(tag));
}

static void add_capabilities(struct tdh_buf *words, const struct tdh_offer *offer)
{
    for (size_t i = 0; i < offer->capability_count; i++) {
        add_text(words, offer->capabilities[i].name);
        add_text(words, offer->capabilities[i].type);
        add_text(words, offer->capabilities[i].text);
    }
}

static int add_words(struct tdh_route *route, const struct member *member, struct td_err *err)
{
    const struct tdh_manifest *manifest = member->manifest;
    const char *own = tdh_json_str(member->file, "description", NULL);
    const json_t *tags = json_object_get(member->file, "tags");
    struct tdh_words *words = &route->router.words;
    struct tdh_buf text = { 0 };
    int rc;

    add_text(&text, member->name);
    add_text(&text, own != NULL ? own : manifest->description);
    add_tags(&text, tags != NULL ? tags : json_object_get(manifest->yaml->root, "tags"));
    add_capabilities(&text, &member->offer);
    if (text.failed)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate the words of a route");
    else {
        tdh_words_read(text.data, text.length, words);
        rc = tdh_rank_add(&route->router.rank, member->number, words, err);
    }
    tdh_buf_free(&text);
    return rc;
}

/* --- members --- */

static uint32_t capacity_of(const struct member *member)
{
    const json_t *limit = json_object_get(member->file, "concurrency");
    int64_t most = json_is_integer(limit) ? json_integer_value(limit) : member->manifest->max_calls;

    return most > 0 && most <= UINT32_MAX ? (uint32_t)most : 0;
}

static int add_member(struct tdh_route *route, struct member *member, bool is_spare,
                      struct td_err *err)
{
    struct tdh_candidate *candidate = &route->router.candidates[member->number];

    candidate->capacity = capacity_of(member);
    if (add_actions(route, member, is_spare, err) != 0)
        return -1;
    return is_spare ? 0 : add_words(route, member, err);
}

static int read_member(struct tdh_route *route, uint32_t number, bool is_spare, struct td_err *err)
{
    struct member member = { .number = number, .name = route->router.candidates[number].name };
    const struct tdh_plugin_entry *entry;
    struct tdh_yaml *yaml;
    int rc = -1;

    if (tdh_agent_file(route->agents, member.name, &yaml, NULL, err) != 0)
        return -1;
    member.file = yaml != NULL ? yaml->root : NULL;
    if (json_object_get(member.file, "route") != NULL) {
        td_fail(err, TD_E_CONFIG, "agent \"%s\" is a route itself, which cannot be a candidate",
                member.name);
        tdh_yaml_free(yaml);
        return -1;
    }
    entry = tdh_agent_plugin(route->agents, yaml, member.name, err);
    if (entry != NULL &&
        tdh_agent_offer(entry->manifest, member.name, yaml, &member.offer, err) == 0) {
        member.manifest = entry->manifest;
        rc = add_member(route, &member, is_spare, err);
        tdh_offer_end(&member.offer);
    }
    tdh_yaml_free(yaml);
    return rc;
}

/* Where the file names the candidate. */
static void print_place(const struct tdh_route *route, uint32_t number, uint32_t candidates,
                        char pointer[static 64])
{
    if (json_object_get(json_object_get(route->file, "route"), "find") != NULL)
        snprintf(pointer, 64, "/route/find");
    else
        snprintf(pointer, 64, "/route/candidates/%u", number);
    for (uint32_t i = 0; i < route->fallback_count && number >= candidates; i++)
        if (route->fallbacks[i] == number)
            snprintf(pointer, 64, "/route/fallbacks/%u", i);
}

int tdh_route_learn_actions(struct tdh_route *route, const struct tdh_yaml *yaml,
                            struct td_err *err)
{
    route->capabilities = calloc(TDH_ROUTE_ACTIONS, sizeof(*route->capabilities));
    if (route->capabilities == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a route");
    for (uint32_t number = 0; number < route->router.count; number++) {
        struct tdh_place place;
        char pointer[64];

        if (read_member(route, number, number >= route->chosen_count, err) == 0)
            continue;
        print_place(route, number, route->chosen_count, pointer);
        place = tdh_yaml_place(yaml, pointer);
        err->code = err->code == TD_E_NOMEM ? TD_E_NOMEM : TD_E_CONFIG;
        return td_context(err, "%s:%u:%u", yaml->name, place.line, place.column);
    }
    return 0;
}
