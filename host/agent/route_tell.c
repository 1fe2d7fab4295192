/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route_tell: what a request is about, as rules and words see it; and a choice told as data.
 */
#include <string.h>

#include "agent/route.h"
#include "base/clock.h"

/* --- what it is about --- */

/* The texts of the input, as many as fit. new */
static json_t *join_texts(const json_t *input)
{
    char text[TDH_WORDS_TEXT];
    size_t used = 0;
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)(uintptr_t)input, key, value) {
        size_t length = json_string_length(value);

        if (length == 0 || used + length + 1 > sizeof(text))
            continue;
        memcpy(text + used, json_string_value(value), length);
        text[used + length] = ' ';
        used += length + 1;
    }
    return json_stringn_nocheck(text, used > 0 ? used - 1 : 0);
}

/* One text is taken as it is, whatever its length. new */
static json_t *texts_of(const json_t *input)
{
    json_t *only = NULL, *value;
    unsigned count = 0;
    const char *key;

    json_object_foreach ((json_t *)(uintptr_t)input, key, value)
        if (json_is_string(value)) {
            only = value;
            count++;
        }
    return count == 1 ? json_incref(only) : join_texts(input);
}

static json_t *text_by_expression(struct tdh_route *route, const json_t *const *roots,
                                  struct td_err *err)
{
    struct tdh_cel_env env = { roots, TDH_ROUTER_ROOTS };
    json_t *text = tdh_cel_eval(route->text, &env, &route->router.arena, err);

    tdh_arena_reset(&route->router.arena);
    if (text != NULL && !json_is_string(text)) {
        td_fail(err, TD_E_INVAL, "it is no text");
        json_decref(text);
        text = NULL;
    }
    if (text == NULL)
        td_context(err, "agent \"%s\": \"text\" of the route", route->name);
    return text;
}

int tdh_route_ask(struct tdh_route *route, unsigned action, const json_t *input,
                  struct tdh_route_asked *ret_asked, struct td_err *err)
{
    struct tdh_route_asked asked = { .text = NULL };

    asked.roots[TDH_ROUTER_ROOT_INPUT] = input;
    asked.roots[TDH_ROUTER_ROOT_ACTION] = json_array_get(route->actions, action);
    asked.text =
        route->text != NULL ? text_by_expression(route, asked.roots, err) : texts_of(input);
    if (asked.text == NULL)
        return route->text != NULL
                   ? -1
                   : td_fail(err, TD_E_NOMEM, "could not allocate a request's text");
    asked.roots[TDH_ROUTER_ROOT_TEXT] = asked.text;
    asked.action = action;
    asked.now_ns = tdh_clock_mono_ns();
    *ret_asked = asked;
    return 0;
}

struct tdh_router_request tdh_route_request(const struct tdh_route_asked *asked)
{
    return (struct tdh_router_request){ .roots = asked->roots,
                                        .text = json_string_value(asked->text),
                                        .text_length = json_string_length(asked->text),
                                        .action = asked->action,
                                        .now_ns = asked->now_ns };
}

/* --- a choice --- */

enum { TOLD_MAX = TDH_ROUTER_TRIES + 1 }; /* candidates */

uint32_t tdh_route_order(const struct tdh_route *route, const struct tdh_choice *choice,
                         uint32_t order[static TDH_ROUTER_TRIES + 1])
{
    const uint32_t *next = route->has_fallbacks ? route->fallbacks : choice->next;
    uint32_t next_count = route->has_fallbacks ? route->fallback_count : choice->next_count;
    uint32_t count = 1;

    order[0] = choice->chosen;
    for (uint32_t i = 0; i < next_count; i++)
        if (next[i] != choice->chosen)
            order[count++] = next[i];
    return count;
}

static const char *why(const struct tdh_choice *choice)
{
    if (choice->is_full)
        return choice->is_blind ? "nothing speaks for any, and all are full"
                                : "the best, though all that something speaks for are full";
    return choice->is_blind ? "nothing speaks for any: all are alike"
                            : "the best by rules and words";
}

static json_t *tell_order(const struct tdh_route *route, const struct tdh_choice *choice)
{
    uint32_t order[TDH_ROUTER_TRIES + 1], count = tdh_route_order(route, choice, order);
    json_t *then = json_array();

    for (uint32_t i = 1; i < count; i++)
        json_array_append_new(then, json_string(route->router.candidates[order[i]].name));
    return then;
}

static json_t *tell(struct tdh_route *route, const struct tdh_route_asked *asked)
{
    struct tdh_router_request request = tdh_route_request(asked);
    struct tdh_choice choice = { 0 };
    json_t *rows = tdh_router_explain(&route->router, &request, TOLD_MAX, &choice);

    if (json_array_size(rows) == 0)
        return rows;
    return json_pack("{s:s, s:O, s:O, s:s, s:s, s:o, s:s, s:o}", "route", route->name, "action",
                     asked->roots[TDH_ROUTER_ROOT_ACTION], "text", asked->text, "balance",
                     tdh_balance_names[route->router.options.balance], "chosen",
                     route->router.candidates[choice.chosen].name, "then",
                     tell_order(route, &choice), "why", why(&choice), "candidates", rows);
}

static int find_action(struct tdh_route *route, const char *action, unsigned *ret_place,
                       struct td_err *err)
{
    const struct tdh_capability *capability =
        action != NULL ? tdh_route_capability(route, action, err) : &route->capabilities[0];

    if (capability == NULL)
        return -1;
    *ret_place = (unsigned)(capability - route->capabilities);
    return 0;
}

json_t *tdh_agents_route(struct tdh_agents *agents, const char *name, const char *action,
                         const json_t *input, struct td_err *err)
{
    struct tdh_route_asked asked;
    struct tdh_route *route;
    json_t *told;
    unsigned place;

    if (tdh_route_of(agents, name, &route, err) != 0)
        return NULL;
    if (route == NULL) {
        if (tdh_agents_entry(agents, name, err) != NULL)
            td_fail(err, TD_E_UNSUPPORTED, "agent \"%s\" is no route: its calls go to itself",
                    name);
        return NULL;
    }
    if (find_action(route, action, &place, err) != 0 ||
        tdh_route_ask(route, place, input, &asked, err) != 0)
        return NULL;
    tdh_route_count(route, asked.now_ns);
    told = tell(route, &asked);
    json_decref(asked.text);
    if (told == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate what a choice is told by");
    return told;
}
