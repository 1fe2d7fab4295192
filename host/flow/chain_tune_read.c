/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_tune_read: what is known of each step of a chain.
 *
 * A step is bound to its place when it has effects or an unknown number of them, a condition, or a
 * failure that it passes over; when hooks with effects go around it; or when a hook changes what it
 * gets from the link before.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "flow/chain_tune.h"
#include "flow/name.h"

/* --- names --- */

struct look {
    const char *id; /* NULL: any of `names` */
    const char *const *names;
    bool is_found;
};

static int find_name(void *arg, const struct tdh_name *name, char **ret_text, bool *ret_field,
                     struct td_err *err)
{
    struct look *look = arg;
    const struct tdh_name field = { .at = name->field, .length = name->field_length };

    (void)ret_text;
    (void)ret_field;
    (void)err;
    for (size_t i = 0; look->names[i] != NULL; i++)
        if (tdh_name_is(name, look->names[i]) &&
            (look->id == NULL || name->field == NULL || tdh_name_is(&field, look->id)))
            look->is_found = true;
    return 0;
}

/* Keys whose text is bare CEL; the `until` of a sleep, which is a template, reads the same names.
 */
static bool is_condition(const char *key)
{
    return strcmp(key, "when") == 0 || strcmp(key, "while") == 0 || strcmp(key, "until") == 0;
}

/* Goes through templates, and the conditions of links, which are bare. Without memory: as if it
 * were found, so that nothing is moved. */
static void look_at(const json_t *text, struct look *look)
{
    const char *key;
    json_t *member;
    struct td_err err;

    if (json_is_object(text)) {
        json_object_foreach ((json_t *)text, key, member)
            if (is_condition(key) && json_is_string(member)) {
                char *made = tdh_name_expression(json_string_value(member),
                                                 json_string_length(member), find_name, look, &err);

                look->is_found = look->is_found || made == NULL;
                free(made);
            } else {
                look_at(member, look);
            }
    } else if (json_is_array(text)) {
        for (size_t i = 0; i < json_array_size(text); i++)
            look_at(json_array_get(text, i), look);
    } else if (json_is_string(text)) {
        member = tdh_name_template(text, find_name, look, &err);
        look->is_found = look->is_found || member == NULL;
        json_decref(member);
    }
}

static bool reads(const json_t *text, const char *const *names)
{
    struct look look = { .names = names };

    look_at(text, &look);
    return look.is_found;
}

bool tdh_tune_mentions(const json_t *text, const char *id)
{
    static const char *const names[] = { "links", "nodes", NULL };
    struct look look = { .id = id, .names = names };

    look_at(text, &look);
    return look.is_found;
}

bool tdh_tune_names_node(const json_t *text, const char *id)
{
    static const char *const names[] = { "nodes", NULL };
    struct look look = { .id = id, .names = names };

    look_at(text, &look);
    return look.is_found;
}

static int exchange(void *arg, const struct tdh_name *name, char **ret_text, bool *ret_field,
                    struct td_err *err)
{
    const struct tdh_tune_words *words = arg;
    const struct tdh_name field = { .at = name->field, .length = name->field_length };
    bool is_own = words->id != NULL && name->field != NULL && tdh_name_is(&field, words->id);
    const char *text = is_own && tdh_name_is(name, "links")   ? words->link
                       : is_own && tdh_name_is(name, "nodes") ? words->node
                       : tdh_name_is(name, "prev")            ? words->prev
                                                              : NULL;

    if (text == NULL)
        return 0;
    *ret_field = is_own;
    *ret_text = strdup(text);
    return *ret_text != NULL ? 1 : td_fail(err, TD_E_NOMEM, "could not allocate an expression");
}

/* A chain that is optimized has conditions only in steps that stay; those are bare. */
json_t *tdh_tune_exchange(const json_t *text, const struct tdh_tune_words *words,
                          struct td_err *err)
{
    json_t *made = tdh_name_template(text, exchange, (void *)words, err);
    const json_t *when = json_object_get(text, "when");
    char *bare;

    if (made == NULL || !json_is_string(when))
        return made;
    bare = tdh_name_expression(json_string_value(when), json_string_length(when), exchange,
                               (void *)words, err);
    if (bare == NULL || json_object_set_new(made, "when", json_string(bare)) != 0) {
        json_decref(made);
        made = NULL;
    }
    free(bare);
    return made;
}

/* --- hooks --- */

bool tdh_tune_is_pure(const struct tdh_tune *tune, const json_t *text, int64_t *ret_ms)
{
    const char *agent = tdh_json_str(text, "agent", NULL),
               *action = tdh_json_str(text, "action", "");
    bool is_pure = false;

    *ret_ms = 0;
    return agent != NULL &&
           tune->facts->action(tune->facts->arg, agent, action, &is_pure, ret_ms) == 0 && is_pure;
}

struct hooks {
    bool has_effects, reads_value, changes_value;
};

static void look_at_hooks(struct tdh_tune *tune, struct hooks *before, bool *ret_effects)
{
    static const char *const names[] = { "value", "prev", NULL }, *const link[] = { "link", NULL },
                             *const steps[] = { "links", "nodes", NULL };
    const json_t *list = json_object_get(tune->chain->text, "middleware");

    for (size_t i = 0; i < 2 * json_array_size(list); i++) {
        enum tdh_chain_hook which = i % 2 == 0 ? HOOK_BEFORE_LINK : HOOK_AFTER_LINK;
        const json_t *hook = json_object_get(json_array_get(list, i / 2), tdh_chain_hooks[which]);
        bool is_call = json_object_get(hook, "agent") != NULL;
        int64_t ignored;

        if (hook == NULL)
            continue;
        tune->has_link_hooks = true;
        tune->names_link = tune->names_link || reads(hook, link);
        *ret_effects = *ret_effects || reads(hook, steps) ||
                       (is_call && !tdh_tune_is_pure(tune, hook, &ignored));
        if (which != HOOK_BEFORE_LINK)
            continue;
        before->reads_value = before->reads_value || reads(hook, names) ||
                              (is_call && json_object_get(hook, "inputs") == NULL);
        before->changes_value =
            before->changes_value || !is_call || json_object_get(hook, "outputs") != NULL;
    }
}

/* --- items --- */

/* Milliseconds of a link: what runs took, else what its manifest says, else not known (-1). */
double tdh_tune_time(struct tdh_tune *tune, const char *id, int64_t estimate_ms)
{
    const json_t *measured = json_object_get(tune->facts->durations, id);

    tune->has_history = tune->has_history || measured != NULL;
    tune->has_estimate = tune->has_estimate || (measured == NULL && estimate_ms > 0);
    tune->unknown += measured == NULL && estimate_ms <= 0;
    return measured != NULL  ? json_number_value(measured)
           : estimate_ms > 0 ? (double)estimate_ms
                             : -1;
}

/* Is something undone when the chain fails? */
static bool has_undo(const struct tdh_chain *chain)
{
    for (size_t i = 0; i < chain->link_count; i++)
        if (json_object_get(chain->links[i].text, "compensate") != NULL)
            return true;
    return false;
}

/* Where something is undone, it matters which failure comes first: after `fail` it is not. */
static bool is_free(const struct tdh_tune *tune, const struct tdh_chain_link *link)
{
    const json_t *on_error = json_object_get(link->text, "on_error");
    const char *word = tdh_json_str(link->text, "on_error", "");

    return json_object_get(link->text, "when") == NULL &&
           json_object_get(link->text, "compensate") == NULL &&
           !(on_error == NULL && tune->chain->recovery == RECOVERY_SKIP) &&
           strcmp(word, "skip") != 0 && json_object_get(on_error, "agent") == NULL &&
           !(strcmp(word, "fail") == 0 && has_undo(tune->chain));
}

static bool may_have_effects(const struct tdh_tune *tune, const json_t *call)
{
    const json_t *handler = json_object_get(call, "on_error");
    int64_t ignored;

    return !tdh_tune_is_pure(tune, call, &ignored) || (json_object_get(handler, "agent") != NULL &&
                                                       !tdh_tune_is_pure(tune, handler, &ignored));
}

/* Items of a stream are in different links at the same time, so a failure in the last link keeps
 * later items from the first. */
static size_t guarded_items(const struct tdh_tune *tune)
{
    const json_t *hooks = json_object_get(tune->chain->text, "middleware");
    size_t end = has_undo(tune->chain) ? tune->count : 0;

    for (size_t i = 0; i < tune->count; i++)
        if (tune->items[i].has_effects)
            end = tune->chain->strategy == CHAIN_PIPELINE || end == tune->count ? tune->count : i;
    for (size_t i = 0; i < json_array_size(hooks); i++) {
        const json_t *hook =
            json_object_get(json_array_get(hooks, i), tdh_chain_hooks[HOOK_AFTER_CHAIN]);

        if (json_object_get(hook, "agent") != NULL && may_have_effects(tune, hook))
            end = tune->count;
    }
    return end;
}

/* Where the link is skipped, or passed over, the value from before goes on. */
static bool passes_on(const struct tdh_chain *chain, const struct tdh_chain_link *link)
{
    return json_object_get(link->text, "when") != NULL || tdh_chain_is_skipped(chain, link);
}

static void read_item(struct tdh_tune *tune, const struct tdh_chain_step *step,
                      struct tdh_tune_item *item, const struct hooks *before, bool has_effects)
{
    static const char *const prev[] = { "prev", NULL };
    const struct tdh_chain_link *link = &tune->chain->links[step->first];
    int64_t ms;

    item->is_group = step->is_group;
    snprintf(item->id, sizeof(item->id), "%s", step->is_group ? step->id : link->id);
    item->text = json_incref((json_t *)step->text);
    for (size_t i = 0; i < step->count; i++) {
        bool is_pure = tdh_tune_is_pure(tune, link[i].text, &ms);
        double one = tdh_tune_time(tune, link[i].id, ms);

        item->ms = one > item->ms || (i == 0 && one < 0) ? one : item->ms;
        item->has_effects = item->has_effects || may_have_effects(tune, link[i].text);
        item->is_movable = is_pure && is_free(tune, &link[i]) && !step->is_group && !has_effects;
        item->reads_prev = item->reads_prev || reads(link[i].text, prev) ||
                           (!step->is_group && passes_on(tune->chain, &link[i])) ||
                           json_object_get(link[i].text, "inputs") == NULL;
    }
    if (item->reads_prev && before->changes_value)
        item->is_movable = false;
    item->reads_prev = item->reads_prev || (has_effects && before->reads_value);
}

/* What is not known takes as long as the others do on average, or 1 ms. */
void tdh_tune_fill_times(struct tdh_tune *tune)
{
    double sum = 0;
    unsigned known = 0;

    for (size_t i = 0; i < tune->count; i++)
        if (tune->items[i].ms >= 0) {
            sum += tune->items[i].ms;
            known++;
        }
    for (size_t i = 0; i < tune->count; i++)
        if (tune->items[i].ms < 0)
            tune->items[i].ms = known > 0 ? sum / known : 1;
}

int tdh_tune_read(struct tdh_tune *tune, struct td_err *err)
{
    const json_t *output = json_object_get(tune->chain->text, "output");
    struct hooks before = { 0 };
    bool has_effects = false;

    tune->count = tune->chain->step_count;
    tune->items = calloc(tune->count, sizeof(*tune->items));
    tune->proposals = json_array();
    tune->output = output != NULL ? json_incref((json_t *)output) : NULL;
    if (tune->items == NULL || tune->proposals == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the steps of a chain");
    look_at_hooks(tune, &before, &has_effects);
    for (size_t i = 0; i < tune->count; i++)
        read_item(tune, &tune->chain->steps[i], &tune->items[i], &before, has_effects);
    tdh_tune_fill_times(tune);
    tune->guarded = guarded_items(tune);
    return 0;
}

void tdh_tune_end(struct tdh_tune *tune)
{
    for (size_t i = 0; tune->items != NULL && i < tune->count; i++)
        json_decref(tune->items[i].text);
    free(tune->items);
    json_decref(tune->output);
    json_decref(tune->proposals);
}

struct tdh_tune_item *tdh_tune_next(const struct tdh_tune *tune, size_t place)
{
    while (++place < tune->count)
        if (!tune->items[place].is_gone)
            return &tune->items[place];
    return NULL;
}

struct tdh_tune_item *tdh_tune_before(const struct tdh_tune *tune, size_t place)
{
    while (place-- > 0)
        if (!tune->items[place].is_gone)
            return &tune->items[place];
    return NULL;
}
