/* SPDX-License-Identifier: Apache-2.0 */
/*
 * family: whose models they are, and what only those know: how they are told to reason, and top_k.
 *
 * A model's name has its maker's in it, also behind the region of a profile; an application's own
 * profile has not, then an option says it.
 */
#include "converse.h"

static const struct {
    const char *name, *word; /* of the option; in a model's name */
    enum converse_family family;
} families[] = {
    { "anthropic", "anthropic.", FAMILY_ANTHROPIC },
    { "nova", "amazon.nova", FAMILY_NOVA },
    { "openai", "openai.", FAMILY_OPENAI },
    { "cohere", "cohere.", FAMILY_COHERE },
    { "other", "", FAMILY_OTHER },
};
enum { FAMILIES = sizeof(families) / sizeof(families[0]) };

enum converse_family converse_family(const struct converse *self, const json_t *request)
{
    const char *model = wire_str(request, "model", "");
    bool is_auto = strcmp(self->family, "auto") == 0;
    size_t i = 0;

    while (i < FAMILIES - 1 && (is_auto ? strstr(model, families[i].word) == NULL
                                        : strcmp(self->family, families[i].name) != 0))
        i++;
    return families[i].family;
}

/* --- top_k --- */

static void set_top_k(enum converse_family family, json_t *top_k, json_t *own,
                      struct td_wire_request *ret)
{
    if (family == FAMILY_NOVA)
        json_object_set_new(own, "inferenceConfig", json_pack("{s:O}", "topK", top_k));
    else if (family == FAMILY_OPENAI)
        wire_drop_word(ret, "top_k");
    else
        json_object_set(own, family == FAMILY_COHERE ? "k" : "top_k", top_k);
}

/* --- reasoning --- */

/* The nearest of the words that all of them know. */
static const char *nearest(const char *effort)
{
    if (strcmp(effort, "minimal") == 0)
        return "low";
    return strcmp(effort, "max") == 0 ? "high" : effort;
}

static void reason_anthropic(const char *effort, json_t *budget, json_t *own,
                             struct td_wire_request *ret)
{
    json_t *output;

    if (effort != NULL && strcmp(effort, "none") == 0) {
        json_object_set_new(own, "thinking", json_pack("{s:s}", "type", "disabled"));
        return;
    }
    if (budget != NULL)
        json_object_set_new(own, "thinking",
                            json_pack("{s:s, s:O}", "type", "enabled", "budget_tokens", budget));
    else
        json_object_set_new(own, "thinking", json_pack("{s:s}", "type", "adaptive"));
    if (effort == NULL)
        return;
    output = json_pack("{s:s}", "effort", strcmp(effort, "minimal") == 0 ? "low" : effort);
    json_object_set_new(ret->body, "outputConfig", output);
}

static void reason_nova(const char *effort, json_t *own)
{
    json_object_set_new(
        own, "reasoningConfig",
        strcmp(effort, "none") == 0
            ? json_pack("{s:s}", "type", "disabled")
            : json_pack("{s:s, s:s}", "type", "enabled", "maxReasoningEffort", nearest(effort)));
}

/* Open models take the word by itself, and cannot do without. */
static void reason_openai(const char *model, const char *effort, json_t *own,
                          struct td_wire_request *ret)
{
    bool is_open = strstr(model, "gpt-oss") != NULL;

    if (is_open && strcmp(effort, "none") == 0)
        wire_drop_word(ret, "reasoning");
    else if (is_open)
        json_object_set_new(own, "reasoning_effort", json_string(nearest(effort)));
    else
        json_object_set_new(own, "reasoning", json_pack("{s:s}", "effort", nearest(effort)));
}

static void set_reasoning(enum converse_family family, const json_t *request, json_t *own,
                          struct td_wire_request *ret)
{
    const json_t *reasoning = json_object_get(request, "reasoning");
    const char *effort = wire_str(reasoning, "effort", NULL);
    json_t *budget = json_object_get(reasoning, "budget");

    if (family == FAMILY_ANTHROPIC) {
        if (effort != NULL || budget != NULL)
            reason_anthropic(effort, budget, own, ret);
        return;
    }
    if (budget != NULL)
        wire_drop_word(ret, "reasoning.budget");
    if (effort == NULL)
        return;
    if (family == FAMILY_NOVA)
        reason_nova(effort, own);
    else if (family == FAMILY_OPENAI)
        reason_openai(wire_str(request, "model", ""), effort, own, ret);
    else
        wire_drop_word(ret, "reasoning.effort");
}

void converse_set_own(const struct converse *self, const json_t *request,
                      struct td_wire_request *ret)
{
    enum converse_family family = converse_family(self, request);
    json_t *own = json_object(), *top_k = json_object_get(request, "top_k");

    if (top_k != NULL && wire_may(self->drop, "top_k"))
        set_top_k(family, top_k, own, ret);
    else
        wire_drop(ret, request, "top_k");
    if (wire_may(self->drop, "reasoning"))
        set_reasoning(family, request, own, ret);
    else
        wire_drop(ret, request, "reasoning");
    if (json_object_size(own) > 0)
        json_object_set(ret->body, "additionalModelRequestFields", own);
    json_decref(own);
}
