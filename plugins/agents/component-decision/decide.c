/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decide: from an app's model to the list of what it needs, each with sentences that can be
 * checked.
 *
 * All knowledge is in rules.json; this file applies it from top to bottom, so the needs come in the
 * rules' order.
 */
#include <stdlib.h>
#include <string.h>
#include <tdev/plugin.h>

#include "facts.h"
#include "kit/file.h"
#include "kit/json.h"
#include "rules.h"

#define NAME_BYTES 64 /* most bytes of a feature or wish that becomes a need */

struct decide {
    const char *rules; /* option: path of another rules file */
    int64_t needs;
};

static const struct td_binding *const decide_bindings[] = {
    TD_BIND_STR(struct decide, rules),
    TD_BIND_INT(struct decide, needs),
    NULL,
};

static int decide_prepare(struct td_ctx *ctx, void **ret_shared, struct td_err *err)
{
    const struct decide *self = td_self(ctx);
    char *own = self->rules == NULL ? kit_path_join(td_folder(ctx), "rules.json", err) : NULL;

    if (self->rules == NULL && own == NULL)
        return -1;
    *ret_shared = rules_read(own != NULL ? own : self->rules, err);
    free(own);
    return *ret_shared != NULL ? 0 : -1;
}

static void decide_release(void *shared)
{
    json_decref(shared);
}

/* One call. `needs` is being filled. */
struct work {
    struct facts facts;
    json_t *needs;
    int64_t limit;
    struct td_err *err;
};

/* A copy of the list in the rule; "model" stands for the model's field types; no list is an empty
 * one. */
static json_t *listed(struct work *work, const json_t *rule, const char *key)
{
    const json_t *value = json_object_get(rule, key);

    json_t *list;

    if (strcmp(kit_str(rule, key, ""), "model") == 0)
        return facts_field_types(&work->facts, work->err);
    if (json_is_array(value))
        return kit_copy(value, work->err);
    list = json_array();
    if (list == NULL)
        td_fail(work->err, TD_E_NOMEM, "could not allocate the list \"%s\" of a need", key);
    return list;
}

static int add_acceptance(struct work *work, json_t *need, const json_t *rule, const char *name)
{
    const json_t *texts = json_object_get(rule, "acceptance");
    const json_t *text;
    json_t *list = json_object_get(need, "acceptance");
    size_t i;

    json_array_foreach (json_object_get(texts, work->facts.lang), i, text) {
        json_t *words = facts_words(&work->facts, json_object_get(rule, "when"), name,
                                    json_string_value(text), work->err);

        if (words == NULL || kit_push(list, words, work->err) != 0)
            return -1;
    }
    return 0;
}

/* Adds an empty need and gives it back, borrowed; NULL: told in err. */
static json_t *add_need(struct work *work, const char *id, const char *capability)
{
    json_t *need;

    if ((int64_t)json_array_size(work->needs) >= work->limit) {
        td_fail(work->err, TD_E_LIMIT,
                "the app has more than %lld needs, the bound of option \"needs\"",
                (long long)work->limit);
        return NULL;
    }
    need = json_pack("{s:s, s:s, s:[]}", "id", id, "capability", capability, "acceptance");
    return kit_push(work->needs, need, work->err) == 0 ? need : NULL;
}

static int fill_need(struct work *work, json_t *need, const json_t *rule, const char *name)
{
    const char *text = kit_in_lang(json_object_get(rule, "need"), work->facts.lang);
    const json_t *when = json_object_get(rule, "when");

    if (kit_put_made(need, "need", facts_words(&work->facts, when, name, text, work->err),
                     work->err) != 0 ||
        kit_put_made(need, "field_types", listed(work, rule, "field_types"), work->err) != 0 ||
        kit_put_made(need, "features", listed(work, rule, "features"), work->err) != 0 ||
        kit_put(need, "stack", json_string(kit_str(work->facts.selection, "stack", "")),
                work->err) != 0)
        return -1;
    if (json_is_true(json_object_get(rule, "layout")) &&
        kit_put(need, "layout", json_string(kit_str(work->facts.selection, "layout", "")),
                work->err) != 0)
        return -1;
    return add_acceptance(work, need, rule, name);
}

static int apply_one(struct work *work, const json_t *rule)
{
    const char *id = kit_str(rule, "id", NULL);
    json_t *need;

    if (!facts_hold(&work->facts, json_object_get(rule, "when")))
        return 0;
    if (id == NULL) {
        need = kit_list_find(work->needs, "id", kit_str(rule, "to", ""));
        return need == NULL ? 0 : add_acceptance(work, need, rule, "");
    }
    need = add_need(work, id, kit_str(rule, "capability", ""));
    return need == NULL ? -1 : fill_need(work, need, rule, "");
}

/* A feature or wish that no rule names: a need of its own, which a component of that very name may
 * meet. */
static int add_named(struct work *work, const json_t *rule, const char *name, bool is_wish)
{
    json_t *id = json_sprintf("%s%s", is_wish ? "wish-" : "", name);
    json_t *need = id != NULL ? add_need(work, json_string_value(id), name) : NULL;
    int rc = -1;

    if (id == NULL)
        td_fail(work->err, TD_E_NOMEM, "could not allocate the name of a need");
    if (need != NULL && fill_need(work, need, rule, name) == 0)
        rc = kit_push(json_object_get(need, "features"), json_string(name), work->err);
    if (rc == 0 && is_wish)
        rc = kit_put(need, "wish", json_string(name), work->err);
    json_decref(id);
    return rc;
}

/* A wish in a person's words is no capability that a component could name. */
static bool is_name(const char *text)
{
    size_t length = strlen(text);

    return length > 0 && length <= NAME_BYTES &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static int apply_each(struct work *work, const json_t *rule, const json_t *rules)
{
    bool is_wish = strcmp(kit_str(rule, "each", ""), "wish") == 0;
    const json_t *list = json_object_get(work->facts.model, is_wish ? "not_built" : "features");
    const char *key = is_wish ? "wish" : "name";
    const json_t *item;
    size_t i;

    json_array_foreach ((json_t *)list, i, item) {
        const char *name = kit_str(item, key, "");
        bool is_first = kit_list_find(list, key, name) == item;

        if (!is_first || !is_name(name) || (!is_wish && rules_name_feature(rules, name)))
            continue;
        if (add_named(work, rule, name, is_wish) != 0)
            return -1;
    }
    return 0;
}

static int apply_all(struct work *work, const json_t *rules)
{
    const json_t *rule;
    size_t i;

    json_array_foreach (json_object_get(rules, "rules"), i, rule) {
        bool is_repeated = json_object_get(rule, "each") != NULL;

        if ((is_repeated ? apply_each(work, rule, rules) : apply_one(work, rule)) != 0)
            return -1;
    }
    return 0;
}

static int decide(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const struct decide *self = td_self(ctx);
    const json_t *understanding = json_object_get(input, "understanding");
    struct work work = {
        .facts = { .understanding = understanding,
                   .selection = json_object_get(input, "selection"),
                   .model = json_object_get(input, "model"),
                   .lang = strcmp(kit_str(understanding, "lang", "en"), "ko") == 0 ? "ko" : "en" },
        .needs = json_array(),
        .limit = self->needs,
        .err = err,
    };

    if (work.needs == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the needs");
    if (apply_all(&work, td_shared(ctx)) != 0) {
        json_decref(work.needs);
        return -1;
    }
    *ret_output = json_pack("{s:o}", "needs", work.needs);
    return *ret_output != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the reply");
}

static const struct td_action *const decide_actions[] = { TD_ACTION("decide", decide), NULL };
static const struct td_agent decide_agent = { TD_SIZE(struct td_agent), .actions = decide_actions };
static const struct td_plugin decide_plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_AGENT,
    .name = "component-decision",
    .version = "1.0.0",
    .state_size = sizeof(struct decide),
    .bindings = decide_bindings,
    .prepare = decide_prepare,
    .release = decide_release,
    .agent = &decide_agent,
};
TD_PLUGIN(decide_plugin);
