/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_tune_group: links that do not wait for each other are put side by side.
 *
 * A segment is a row of steps that are free to move. Each gets a level behind those it reads; steps
 * of one level make a group. The last of a segment stays last: its value is what goes on.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "flow/chain_tune.h"

enum { BATCH_MIN = 3 };

/* Places of the items of one segment. */
struct segment {
    const size_t *places;
    size_t count, levels;
    bool is_first_alone, is_last_alone; /* nothing may stand beside them */
};

static int no_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the steps of a chain");
}

static struct tdh_tune_item *item_of(const struct tdh_tune *tune, const struct segment *segment,
                                     size_t i)
{
    return &tune->items[segment->places[i]];
}

static void give_levels(const struct tdh_tune *tune, struct segment *segment)
{
    size_t last = segment->count - 1;

    segment->levels = 1;
    for (size_t i = 0; i < segment->count; i++) {
        struct tdh_tune_item *item = item_of(tune, segment, i);

        item->level = i > 0 && segment->is_first_alone ? 1 : 0;
        for (size_t j = 0; j < i; j++) {
            const struct tdh_tune_item *other = item_of(tune, segment, j);

            if (((item->reads_prev && j + 1 == i) || tdh_tune_mentions(item->text, other->id)) &&
                other->level >= item->level)
                item->level = other->level + 1;
        }
        if (i < last || !segment->is_last_alone)
            segment->levels = item->level >= segment->levels ? item->level + 1 : segment->levels;
    }
    segment->levels += segment->is_last_alone;
    item_of(tune, segment, last)->level = segment->levels - 1;
}

/* `prev` is what the link before gives, which may not be the one in front any more. */
static int spell_out(const struct tdh_tune *tune, const struct segment *segment, struct td_err *err)
{
    for (size_t i = 1; i < segment->count; i++) {
        struct tdh_tune_item *item = item_of(tune, segment, i);
        char value[TDH_CHAIN_NODE + 16];
        const struct tdh_tune_words words = { .prev = value };
        json_t *made;

        if (!item->reads_prev)
            continue;
        snprintf(value, sizeof(value), "links.%s", item_of(tune, segment, i - 1)->id);
        made = tdh_tune_exchange(item->text, &words, err);
        if (made == NULL)
            return -1;
        json_decref(item->text);
        item->text = made;
        if (json_object_get(made, "inputs") == NULL &&
            json_object_set_new(made, "inputs", json_sprintf("${%s}", value)) != 0)
            return no_memory(err);
    }
    return 0;
}

/* --- telling --- */

static double level_ms(const struct tdh_tune *tune, const struct segment *segment, size_t level,
                       double *ret_sum)
{
    double most = 0;

    *ret_sum = 0;
    for (size_t i = 0; i < segment->count; i++) {
        const struct tdh_tune_item *item = item_of(tune, segment, i);

        if (item->level != level)
            continue;
        *ret_sum += item->ms;
        most = item->ms > most ? item->ms : most;
    }
    return most;
}

static int propose_group(struct tdh_tune *tune, const struct segment *segment, size_t level,
                         struct td_err *err)
{
    json_t *ids = json_array();
    struct tdh_buf words = { 0 };
    double sum, most = level_ms(tune, segment, level, &sum);
    int rc = 0;

    for (size_t i = 0; i < segment->count; i++) {
        const struct tdh_tune_item *item = item_of(tune, segment, i);

        if (item->level != level)
            continue;
        tdh_buf_printf(&words, "%s\"%s\"", words.length > 0 ? ", " : "", item->id);
        json_array_append_new(ids, json_string(item->id));
    }
    if (json_array_size(ids) > 1)
        rc = tdh_tune_propose(tune, "parallel", json_incref(ids), sum, most, err,
                              "%.600s do not wait for each other, and have no effects",
                              words.data != NULL ? words.data : "");
    json_decref(ids);
    tdh_buf_free(&words);
    return rc;
}

/* A link that comes before one that it was behind. */
static int propose_moves(struct tdh_tune *tune, const struct segment *segment, struct td_err *err)
{
    for (size_t i = 1; i < segment->count; i++) {
        const struct tdh_tune_item *item = item_of(tune, segment, i);

        for (size_t j = 0; j < i; j++) {
            const struct tdh_tune_item *other = item_of(tune, segment, j);

            if (other->level <= item->level)
                continue;
            if (tdh_tune_propose(tune, "reorder", json_pack("[s, s]", item->id, other->id), 0, 0,
                                 err, "\"%s\" needs nothing of \"%s\" and goes before it", item->id,
                                 other->id) != 0)
                return -1;
            break;
        }
    }
    return 0;
}

/* --- batches --- */

/* Only what is called, and with what. */
static bool is_bare(const json_t *text)
{
    static const char *const keys[] = { "id", "agent", "action", "inputs", "description" };
    size_t count = 0;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        count += json_object_get(text, keys[i]) != NULL;
    return count == json_object_size(text) && json_object_get(text, "inputs") != NULL;
}

static bool is_taken(const struct tdh_tune *tune, const char *id)
{
    for (size_t i = 0; i < tune->count; i++)
        if (strcmp(tune->items[i].id, id) == 0)
            return true;
    return false;
}

/* What a batch is called that begins with this link. */
static void name_batch(const struct tdh_tune_item *item, char id[static TDH_CHAIN_ID])
{
    snprintf(id, TDH_CHAIN_ID, "%.34s_batch", item->id);
}

static bool names_node(const struct tdh_tune *tune, const char *id)
{
    const json_t *hooks = json_object_get(tune->chain->text, "middleware");
    bool is_named = (tune->output != NULL && tdh_tune_names_node(tune->output, id)) ||
                    tdh_tune_mentions(hooks, id);

    for (size_t i = 0; i < tune->count; i++)
        is_named =
            is_named || (!tune->items[i].is_gone && tdh_tune_names_node(tune->items[i].text, id));
    return is_named;
}

/* Three calls of one action or more, that nothing tells apart but their inputs. */
static bool is_batch(const struct tdh_tune *tune, const struct segment *segment, size_t level)
{
    const struct tdh_tune_item *first = NULL;
    char id[TDH_CHAIN_ID];
    size_t count = 0;

    for (size_t i = 0; i < segment->count; i++) {
        const struct tdh_tune_item *item = item_of(tune, segment, i);

        if (item->level != level)
            continue;
        first = first != NULL ? first : item;
        count++;
        if (!is_bare(item->text) ||
            strcmp(tdh_json_str(item->text, "agent", ""), tdh_json_str(first->text, "agent", "")) !=
                0 ||
            strcmp(tdh_json_str(item->text, "action", ""),
                   tdh_json_str(first->text, "action", "")) != 0 ||
            names_node(tune, item->id))
            return false;
    }
    if (count < BATCH_MIN || tune->has_link_hooks)
        return false;
    name_batch(first, id);
    return !is_taken(tune, id);
}

/* Who read the n-th of the batch reads its place in the list. */
static int exchange_member(struct tdh_tune *tune, const char *id, const char *batch, size_t n,
                           struct td_err *err)
{
    char link[TDH_CHAIN_NODE + 48];
    const struct tdh_tune_words words = { .id = id, .link = link };

    snprintf(link, sizeof(link), "nodes.%s.output[%zu]", batch, n);
    for (size_t i = 0; i <= tune->count; i++) {
        json_t **text = i < tune->count ? &tune->items[i].text : &tune->output, *made;

        if (*text == NULL || (i < tune->count && tune->items[i].is_gone))
            continue;
        made = tdh_tune_exchange(*text, &words, err);
        if (made == NULL)
            return -1;
        json_decref(*text);
        *text = made;
    }
    return 0;
}

/* One link with a list in place of the members; its value is that of the last. */
static int add_batch(struct tdh_tune *tune, const struct segment *segment, size_t level,
                     json_t *links, struct td_err *err)
{
    json_t *first = NULL, *over = json_array(), *ids = json_array(), *batch;
    char id[TDH_CHAIN_ID];
    size_t count = 0;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < segment->count; i++) {
        const struct tdh_tune_item *item = item_of(tune, segment, i);

        if (item->level != level)
            continue;
        if (first == NULL)
            name_batch(item, id);
        first = first != NULL ? first : json_incref(item->text);
        rc = json_array_append(over, json_object_get(item->text, "inputs")) |
             json_array_append_new(ids, json_string(item->id));
        if (rc == 0)
            rc = exchange_member(tune, item->id, id, count++, err);
    }
    batch = json_pack("{s:s, s:s, s:s, s:O, s:s, s:o}", "id", id, "agent",
                      tdh_json_str(first, "agent", ""), "action", tdh_json_str(first, "action", ""),
                      "over", over, "inputs", "${item}", "outputs",
                      json_sprintf("${result[%zu]}", count - 1));
    json_decref(over);
    json_decref(first);
    if (rc != 0)
        json_decref(batch);
    if (rc == 0 && json_array_append_new(links, batch) == 0)
        return tdh_tune_propose(tune, "batch", ids, 0, 0, err,
                                "%zu calls of the same action become one link with a list", count);
    json_decref(ids);
    return rc == 0 ? no_memory(err) : -1;
}

/* --- the new links --- */

static int add_level(struct tdh_tune *tune, const struct segment *segment, size_t level,
                     json_t *links, struct td_err *err)
{
    json_t *members;
    int rc = 0;

    if (is_batch(tune, segment, level))
        return add_batch(tune, segment, level, links, err);
    members = json_array();
    for (size_t i = 0; i < segment->count; i++)
        if (item_of(tune, segment, i)->level == level)
            rc |= json_array_append(members, item_of(tune, segment, i)->text);
    if (rc == 0 && json_array_size(members) == 1)
        rc = json_array_extend(links, members);
    else if (rc == 0)
        rc = json_array_append_new(links,
                                   json_pack("{s:O, s:s}", "parallel", members, "merge", "last"));
    json_decref(members);
    return rc == 0 ? 0 : no_memory(err);
}

static int add_segment(struct tdh_tune *tune, const size_t *places, size_t count, json_t *links,
                       double *ms, struct td_err *err)
{
    struct segment segment = { .places = places, .count = count };
    double ignored;

    if (count == 0)
        return 0;
    give_levels(tune, &segment);
    if (segment.levels < count &&
        (spell_out(tune, &segment, err) != 0 || propose_moves(tune, &segment, err) != 0))
        return -1;
    for (size_t level = 0; level < segment.levels; level++) {
        *ms += level_ms(tune, &segment, level, &ignored);
        if (propose_group(tune, &segment, level, err) != 0 ||
            add_level(tune, &segment, level, links, err) != 0)
            return -1;
    }
    return 0;
}

/* A link keeps its name when its place changes. */
static int keep_names(struct tdh_tune *tune)
{
    for (size_t i = 0; i < tune->count; i++) {
        json_t *text = tune->items[i].text, *named = json_pack("{s:s}", "id", tune->items[i].id);

        if (named == NULL || json_object_update(named, text) != 0) {
            json_decref(named);
            return -1;
        }
        json_decref(text);
        tune->items[i].text = named;
    }
    return 0;
}

json_t *tdh_tune_group(struct tdh_tune *tune, double *ret_ms, struct td_err *err)
{
    size_t *places = calloc(tune->count, sizeof(*places)), count = 0;
    json_t *links = json_array();
    int rc = places != NULL && links != NULL && keep_names(tune) == 0 ? 0 : no_memory(err);

    *ret_ms = 0;
    for (size_t i = 0; rc == 0 && i < tune->count; i++) {
        if (tune->items[i].is_gone)
            continue;
        if (tune->items[i].is_movable) {
            places[count++] = i;
            continue;
        }
        rc = add_segment(tune, places, count, links, ret_ms, err);
        count = 0;
        *ret_ms += tune->items[i].ms;
        if (rc == 0 && json_array_append(links, tune->items[i].text) != 0)
            rc = no_memory(err);
    }
    if (rc == 0)
        rc = add_segment(tune, places, count, links, ret_ms, err);
    free(places);
    if (rc == 0)
        return links;
    json_decref(links);
    return NULL;
}

int tdh_tune_level(struct tdh_tune *tune, bool is_first_alone, bool is_last_alone,
                   size_t *ret_levels, double *ret_ms, struct td_err *err)
{
    size_t *places = calloc(tune->count, sizeof(*places));
    struct segment segment = { places, 0, 0, is_first_alone, is_last_alone };
    double ignored;
    int rc = places != NULL ? 0 : no_memory(err);

    for (size_t i = 0; rc == 0 && i < tune->count; i++)
        if (!tune->items[i].is_gone)
            places[segment.count++] = i;
    if (rc == 0) {
        give_levels(tune, &segment);
        rc = propose_moves(tune, &segment, err);
    }
    *ret_ms = 0;
    for (size_t level = 0; rc == 0 && level < segment.levels; level++) {
        *ret_ms += level_ms(tune, &segment, level, &ignored);
        rc = propose_group(tune, &segment, level, err);
    }
    *ret_levels = segment.levels;
    free(places);
    return rc;
}
