/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_tune_rule: links that need not run: those that do what another has done already, and those
 * whose value nobody reads.
 *
 * Any call can fail, and what stands behind it then does not happen. So a link is taken out only
 * where no effect stands behind it, and where its failure undoes nothing.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "flow/chain_tune.h"

int tdh_tune_propose(struct tdh_tune *tune, const char *rule, json_t *links, double before_ms,
                     double after_ms, struct td_err *err, const char *fmt, ...)
{
    char reason[TD_ERR_TEXT];
    json_t *proposal;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(reason, sizeof(reason), fmt, ap);
    va_end(ap);
    tune->is_changed = true;
    proposal = json_pack("{s:s, s:s, s:f, s:f}", "rule", rule, "reason", reason, "before_ms",
                         before_ms, "after_ms", after_ms);
    if (proposal == NULL)
        json_decref(links);
    else if (json_object_set_new(proposal, "links", links) == 0)
        return json_array_append_new(tune->proposals, proposal) == 0
                   ? 0
                   : td_fail(err, TD_E_NOMEM, "could not allocate a proposal");
    json_decref(proposal);
    return td_fail(err, TD_E_NOMEM, "could not allocate a proposal");
}

bool tdh_tune_is_removable(const struct tdh_tune *tune, size_t place)
{
    const struct tdh_tune_item *item = &tune->items[place];
    const json_t *hooks =
        tune->chain != NULL ? json_object_get(tune->chain->text, "middleware") : NULL;

    return item->is_movable && place >= tune->guarded && !tdh_tune_mentions(hooks, item->id);
}

static bool is_read(const struct tdh_tune *tune, size_t place)
{
    const struct tdh_tune_item *item = &tune->items[place], *next = tdh_tune_next(tune, place);

    if (next == NULL || next->reads_prev)
        return true;
    for (size_t i = 0; i < tune->count; i++)
        if (i != place && !tune->items[i].is_gone &&
            tdh_tune_mentions(tune->items[i].text, item->id))
            return true;
    return tune->output != NULL && tdh_tune_mentions(tune->output, item->id);
}

int tdh_tune_remove(struct tdh_tune *tune, struct td_err *err)
{
    for (size_t i = tune->count; i-- > 0;) {
        struct tdh_tune_item *item = &tune->items[i];

        if (item->is_gone || !tdh_tune_is_removable(tune, i) || is_read(tune, i))
            continue;
        item->is_gone = true;
        if (tdh_tune_propose(tune, "remove", json_pack("[s]", item->id), item->ms, 0, err,
                             "nothing reads what \"%s\" gives, and it has no effects",
                             item->id) != 0)
            return -1;
    }
    return 0;
}

/* --- reuse --- */

/* What a link asks for, without its name, and with `prev` spelled out. new. */
static json_t *question(const struct tdh_tune *tune, size_t place, struct td_err *err)
{
    const struct tdh_tune_item *before = tdh_tune_before(tune, place);
    char value[TDH_CHAIN_NODE + 16];
    struct tdh_tune_words words = { .prev = value };
    json_t *text;

    snprintf(value, sizeof(value), "%s%s", before != NULL ? "links." : "prev",
             before != NULL ? before->id : "");
    text = tdh_tune_exchange(tune->items[place].text, &words, err);
    if (text == NULL)
        return NULL;
    json_object_del(text, "id");
    json_object_del(text, "description");
    if (json_object_get(text, "inputs") != NULL ||
        json_object_set_new(text, "inputs", json_sprintf("${%s}", value)) == 0)
        return text;
    json_decref(text);
    td_fail(err, TD_E_NOMEM, "could not allocate a link");
    return NULL;
}

/* Everyone who reads `gone` reads `kept` from now on. */
static int redirect(struct tdh_tune *tune, size_t gone, size_t kept, struct td_err *err)
{
    char link[TDH_CHAIN_NODE + 16], node[TDH_CHAIN_NODE + 16];
    struct tdh_tune_words words = { tune->items[gone].id, link, node, NULL };
    struct tdh_tune_item *next = tdh_tune_next(tune, gone);

    snprintf(link, sizeof(link), "links.%s", tune->items[kept].id);
    snprintf(node, sizeof(node), "nodes.%s", tune->items[kept].id);
    for (size_t i = gone + 1; i <= tune->count; i++) {
        json_t **text = i < tune->count ? &tune->items[i].text : &tune->output, *made;
        bool is_next = i < tune->count && &tune->items[i] == next && next->reads_prev;

        if (*text == NULL)
            continue;
        words.prev = is_next ? link : NULL;
        made = tdh_tune_exchange(*text, &words, err);
        if (made == NULL)
            return -1;
        json_decref(*text);
        *text = made;
        if (is_next && json_object_get(made, "inputs") == NULL &&
            json_object_set_new(made, "inputs", json_sprintf("${%s}", link)) != 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate a link");
    }
    if (next->reads_prev)
        next->reads_prev = false;
    return 0;
}

/* Its value goes on under another name: what follows must be able to read it by that. */
static bool is_replaceable(const struct tdh_tune *tune, size_t place)
{
    const struct tdh_tune_item *item = &tune->items[place], *next = tdh_tune_next(tune, place);

    return !item->is_gone && tdh_tune_is_removable(tune, place) && next != NULL &&
           (!next->reads_prev || (next->is_movable && !next->is_group));
}

static int reuse_one(struct tdh_tune *tune, size_t place, struct td_err *err)
{
    json_t *own = question(tune, place, err);
    int rc = own != NULL ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < place; i++) {
        struct tdh_tune_item *other = &tune->items[i], *item = &tune->items[place];
        json_t *text;

        if (other->is_gone || !other->is_movable)
            continue;
        text = question(tune, i, err);
        if (text == NULL) {
            rc = -1;
        } else if (json_equal(text, own)) {
            rc = redirect(tune, place, i, err);
            item->is_gone = true;
            if (rc == 0)
                rc = tdh_tune_propose(
                    tune, "cache", json_pack("[s, s]", other->id, item->id), item->ms, 0, err,
                    "\"%s\" asks the same as \"%s\" and has no effects: what that "
                    "gave is used again",
                    item->id, other->id);
            i = place;
        }
        json_decref(text);
    }
    json_decref(own);
    return rc;
}

/* Hooks that know the link's name may give each another value. */
int tdh_tune_reuse(struct tdh_tune *tune, struct td_err *err)
{
    for (size_t i = 1; !tune->names_link && i < tune->count; i++)
        if (is_replaceable(tune, i) && reuse_one(tune, i, err) != 0)
            return -1;
    return 0;
}
