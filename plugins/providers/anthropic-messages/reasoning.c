/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reasoning: how much a model may think, by a word or by tokens.
 *
 * Newer models know words for it, older ones a budget, which is at least 1024 tokens and within
 * max_tokens. While a model thinks, some other members are refused: those are dropped and told.
 */
#include "anthropic.h"

enum { BUDGET_MIN = 1024 };

static const struct {
    const char *effort; /* the host's */
    const char *word;
    int64_t budget;
} rows[] = {
    { "minimal", "low", BUDGET_MIN }, { "low", "low", 2048 },  { "medium", "medium", 8192 },
    { "high", "high", 16384 },        { "max", "max", 32768 },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

json_t *anthropic_object(json_t *body, const char *name)
{
    if (json_object_get(body, name) == NULL)
        json_object_set_new(body, name, json_object());
    return json_object_get(body, name);
}

static size_t row_of(const char *effort)
{
    size_t i = 0;

    while (i < ROWS && strcmp(rows[i].effort, effort) != 0)
        i++;
    return i;
}

static void set_thinking(const struct anthropic *self, json_t *body, json_t *thinking)
{
    if (strcmp(self->display, "default") != 0)
        json_object_set_new(thinking, "display", json_string(self->display));
    json_object_set_new(body, "thinking", thinking);
}

/* Who gave no max_tokens gets the room for thoughts besides. */
static void set_budget(const struct anthropic *self, int64_t budget, const json_t *request,
                       json_t *body, struct td_wire_request *ret)
{
    const json_t *limit = json_object_get(request, "max_tokens");
    int64_t most = json_integer_value(limit) - 1;

    if (budget < BUDGET_MIN) {
        wire_drop_word(ret, "a reasoning.budget of less than 1024");
        budget = BUDGET_MIN;
    }
    if (limit == NULL && budget <= INT64_MAX - self->max_tokens)
        json_object_set_new(body, "max_tokens", json_integer(budget + self->max_tokens));
    else if (budget > most) {
        wire_drop_word(ret, most < BUDGET_MIN ? "reasoning, for which max_tokens is too small"
                                              : "a reasoning.budget that is not below max_tokens");
        budget = most;
    }
    if (budget >= BUDGET_MIN)
        set_thinking(
            self, body,
            json_pack("{s:s, s:I}", "type", "enabled", "budget_tokens", (json_int_t)budget));
}

static void set_effort(const struct anthropic *self, const char *way, const char *effort,
                       const json_t *request, json_t *body, struct td_wire_request *ret)
{
    size_t row = row_of(effort);

    if (strcmp(effort, "none") == 0)
        json_object_set_new(body, "thinking", json_pack("{s:s}", "type", "disabled"));
    else if (row == ROWS)
        wire_drop_word(ret, "reasoning.effort");
    else if (strcmp(way, "budget") == 0)
        set_budget(self, rows[row].budget, request, body, ret);
    else {
        if (strcmp(effort, rows[row].word) != 0)
            wire_drop_word(ret, "a reasoning.effort of less than low");
        set_thinking(self, body, json_pack("{s:s}", "type", "adaptive"));
        json_object_set_new(anthropic_object(body, "output_config"), "effort",
                            json_string(rows[row].word));
    }
}

static void drop_member(json_t *body, const char *key, const char *name,
                        struct td_wire_request *ret)
{
    if (json_object_del(body, key) == 0)
        wire_drop_word(ret, name);
}

/* A model that thinks takes these only at their defaults. */
static void drop_others(json_t *body, struct td_wire_request *ret)
{
    if (json_number_value(json_object_get(body, "temperature")) != 1)
        drop_member(body, "temperature", "temperature", ret);
    if (json_number_value(json_object_get(body, "top_p")) < 0.95)
        drop_member(body, "top_p", "top_p", ret);
    drop_member(body, "top_k", "top_k", ret);
}

static bool is_tool_forced(const json_t *body)
{
    const char *type = wire_str(json_object_get(body, "tool_choice"), "type", "auto");

    return strcmp(type, "any") == 0 || strcmp(type, "tool") == 0;
}

void anthropic_reason(const struct anthropic *self, const json_t *request, json_t *body,
                      struct td_wire_request *ret)
{
    const json_t *reasoning = json_object_get(request, "reasoning");
    const json_t *budget = json_object_get(reasoning, "budget");
    const char *effort = wire_str(reasoning, "effort", NULL);
    const char *way =
        wire_of_model(self->reasoning_of, wire_str(request, "model", ""), self->reasoning);
    bool has_budgets = strcmp(way, "words") != 0;

    if (strcmp(way, "none") == 0) {
        if (effort == NULL || strcmp(effort, "none") != 0)
            wire_drop(ret, request, "reasoning");
        return;
    }
    if (budget != NULL && (!has_budgets || effort != NULL))
        wire_drop_word(ret, "reasoning.budget");
    if (effort != NULL)
        set_effort(self, way, effort, request, body, ret);
    else if (budget != NULL && has_budgets)
        set_budget(self, json_integer_value(budget), request, body, ret);
    if (strcmp(wire_str(json_object_get(body, "thinking"), "type", "disabled"), "disabled") == 0)
        return;
    if (is_tool_forced(body))
        drop_member(body, "thinking", "reasoning, as a tool must be used", ret);
    else
        drop_others(body, ret);
}
