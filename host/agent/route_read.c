/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route_read: `route:` of an agent's file. Each fault has its place.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/route.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/near.h"

static const struct tdh_router_options defaults = { .similarity = 1,
                                                    .margin = 0.05,
                                                    .half_life_ns = UINT64_C(600) * 1000000000,
                                                    .balance = TDH_BALANCE_ROUND_ROBIN,
                                                    .learn = 1000 };

static const char *const route_keys[] = { "candidates", "find",   "text",     "rules",
                                          "similarity", "margin", "balance",  "half_life",
                                          "slow",       "learn",  "fallbacks" };
static const char *const rule_keys[] = { "when", "match", "agent", "agents", "weight" };
static const char *const candidate_keys[] = { "agent", "weight" };

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

struct reader {
    struct tdh_route *route;
    const struct tdh_yaml *yaml;
    struct td_err *err;
};

static int fail_at(const struct reader *reader, const char *pointer, const char *fmt, ...)
    TD_PRINTF(3, 4);

static int fail_at(const struct reader *reader, const char *pointer, const char *fmt, ...)
{
    char text[TD_ERR_TEXT];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return tdh_yaml_fail(reader->yaml, pointer, reader->err, TD_E_CONFIG, "%s", text);
}

/* Puts the place in front of what was told of a value. */
static int place_at(const struct reader *reader, const char *pointer)
{
    struct tdh_place place = tdh_yaml_place(reader->yaml, pointer);

    reader->err->code = reader->err->code == TD_E_NOMEM ? TD_E_NOMEM : TD_E_CONFIG;
    return td_context(reader->err, "%s:%u:%u", reader->yaml->name, place.line, place.column);
}

/* `, did you mean "..."` or nothing. */
static const char *near_words(const char *word, const char *const *known, size_t count,
                              char out[static 128])
{
    const char *near = tdh_near(word, known, count);

    out[0] = '\0';
    if (near != NULL)
        snprintf(out, 128, ", did you mean \"%.64s\"", near);
    return out;
}

static int check_keys(const struct reader *reader, const json_t *object, const char *pointer,
                      const char *const *known, size_t count)
{
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
        char near[128], at[256];
        size_t i = 0;

        while (i < count && strcmp(known[i], key) != 0)
            i++;
        if (i < count)
            continue;
        snprintf(at, sizeof(at), "%s/%.100s", pointer, key);
        return fail_at(reader, at, "unrecognized key \"%s\"%s", key,
                       near_words(key, known, count, near));
    }
    return 0;
}

/* --- numbers and words --- */

static int read_number(const struct reader *reader, const char *key, double max, double *number)
{
    const json_t *value = json_object_get(json_object_get(reader->yaml->root, "route"), key);
    char pointer[64];

    if (value == NULL)
        return 0;
    *number = json_number_value(value);
    if (json_is_number(value) && *number >= 0 && *number <= max)
        return 0;
    snprintf(pointer, sizeof(pointer), "/route/%s", key);
    return fail_at(reader, pointer, "\"%s\" must be a number from 0 to %g", key, max);
}

static int read_time(const struct reader *reader, const char *key, uint64_t *ns)
{
    const json_t *value = json_object_get(json_object_get(reader->yaml->root, "route"), key);
    char pointer[64];
    int64_t ms = 0;

    if (value == NULL)
        return 0;
    if (json_is_string(value) &&
        tdh_duration_parse(json_string_value(value), &ms, reader->err) == 0 && ms > 0 &&
        ms <= INT64_C(366) * 86400 * 1000) {
        *ns = (uint64_t)ms * 1000000;
        return 0;
    }
    snprintf(pointer, sizeof(pointer), "/route/%s", key);
    return fail_at(reader, pointer, "\"%s\" must be a duration such as \"10m\", at most a year",
                   key);
}

static int read_balance(const struct reader *reader, enum tdh_balance *balance)
{
    const json_t *value = json_object_get(json_object_get(reader->yaml->root, "route"), "balance");
    const char *word = json_is_string(value) ? json_string_value(value) : "";
    char near[128];

    if (value == NULL)
        return 0;
    for (unsigned i = 0; i < TDH_BALANCES; i++)
        if (strcmp(tdh_balance_names[i], word) == 0) {
            *balance = (enum tdh_balance)i;
            return 0;
        }
    return fail_at(reader, "/route/balance", "\"balance\" must be one of %s, %s, %s, %s%s",
                   tdh_balance_names[0], tdh_balance_names[1], tdh_balance_names[2],
                   tdh_balance_names[3], near_words(word, tdh_balance_names, TDH_BALANCES, near));
}

static int read_options(const struct reader *reader, struct tdh_router_options *options)
{
    double learn = defaults.learn;

    *options = defaults;
    if (read_number(reader, "similarity", 1000, &options->similarity) != 0 ||
        read_number(reader, "margin", 1, &options->margin) != 0 ||
        read_number(reader, "learn", TDH_ROUTER_REQUESTS, &learn) != 0 ||
        read_time(reader, "half_life", &options->half_life_ns) != 0 ||
        read_time(reader, "slow", &options->slow_ns) != 0 ||
        read_balance(reader, &options->balance) != 0)
        return -1;
    options->learn = (uint32_t)learn;
    return 0;
}

/* --- candidates --- */

static int64_t place_of(const struct tdh_route *route, const char *name)
{
    const json_t *known;
    size_t i;

    json_array_foreach (route->names, i, known)
        if (strcmp(json_string_value(known), name) == 0)
            return (int64_t)i;
    return -1;
}

static int add_name(const struct reader *reader, const json_t *name, const char *pointer)
{
    struct tdh_route *route = reader->route;

    if (!json_is_string(name) || !tdh_agent_is_name(json_string_value(name)))
        return fail_at(reader, pointer, "a candidate is the name of an agent");
    if (strcmp(json_string_value(name), route->name) == 0)
        return fail_at(reader, pointer, "agent \"%s\" cannot lead to itself", route->name);
    if (place_of(route, json_string_value(name)) >= 0)
        return fail_at(reader, pointer, "agent \"%s\" is named twice", json_string_value(name));
    if (json_array_size(route->names) >= TDH_ROUTER_CANDIDATES)
        return fail_at(reader, pointer, "more than %d candidates", TDH_ROUTER_CANDIDATES);
    return json_array_append(route->names, (json_t *)(uintptr_t)name) == 0
               ? 0
               : td_fail(reader->err, TD_E_NOMEM, "could not allocate a route");
}

static int name_candidates(const struct reader *reader, const json_t *candidates)
{
    const json_t *candidate;
    char pointer[64];
    size_t i;

    if (!json_is_array(candidates) || json_array_size(candidates) == 0)
        return fail_at(reader, "/route/candidates", "\"candidates\" must be a list of agents");
    json_array_foreach (candidates, i, candidate) {
        const json_t *name =
            json_is_object(candidate) ? json_object_get(candidate, "agent") : candidate;

        snprintf(pointer, sizeof(pointer), "/route/candidates/%zu", i);
        if (json_is_object(candidate) &&
            check_keys(reader, candidate, pointer, candidate_keys, COUNT(candidate_keys)) != 0)
            return -1;
        if (add_name(reader, name, pointer) != 0)
            return -1;
    }
    return 0;
}

/* Those the registry knows now. Routes are not among them: they lead to agents. */
static int ask_registry(const struct reader *reader, const char *query)
{
    struct tdh_agents *agents = reader->route->agents;
    struct tdh_registry *registry = tdh_registry_new(reader->err);
    struct tdh_finder *finder = registry != NULL ? tdh_finder_new(registry, reader->err) : NULL;
    const struct tdh_found *found = NULL;
    json_t *rows = NULL;
    int rc = -1;

    agents->is_finding = true;
    if (finder != NULL)
        rows = tdh_agents_rows(agents, reader->err);
    agents->is_finding = false;
    if (rows != NULL && tdh_registry_set(registry, rows, reader->err) == 0)
        rc = tdh_find(finder, query, &found, reader->err);
    if (rc != 0)
        place_at(reader, "/route/find");
    for (size_t i = 0; rc == 0 && i < found->count; i++)
        if (strcmp(tdh_json_str(found->rows[i], "name", ""), reader->route->name) != 0)
            rc = add_name(reader, json_object_get(found->rows[i], "name"), "/route/find");
    json_decref(rows);
    tdh_finder_free(finder);
    tdh_registry_free(registry);
    return rc;
}

static int find_candidates(const struct reader *reader, const json_t *query)
{
    if (!json_is_string(query))
        return fail_at(reader, "/route/find", "\"find\" must be a condition in CEL");
    if (ask_registry(reader, json_string_value(query)) != 0)
        return -1;
    if (json_array_size(reader->route->names) > 0)
        return 0;
    return fail_at(reader, "/route/find", "there is no agent for which %s",
                   json_string_value(query));
}

static int list_candidates(const struct reader *reader, const json_t *text)
{
    const json_t *named = json_object_get(text, "candidates"),
                 *find = json_object_get(text, "find");

    if ((named != NULL) == (find != NULL))
        return fail_at(reader, "/route", "a route needs one of \"candidates\" and \"find\"");
    return named != NULL ? name_candidates(reader, named) : find_candidates(reader, find);
}

/* Fallbacks that are no candidates stand behind those, and are never chosen. */
static int list_fallbacks(const struct reader *reader, const json_t *fallbacks)
{
    struct tdh_route *route = reader->route;
    const json_t *name;
    char pointer[64];
    size_t i;

    if (fallbacks == NULL)
        return 0;
    route->has_fallbacks = true;
    if (!json_is_array(fallbacks) || json_array_size(fallbacks) > TDH_ROUTER_TRIES)
        return fail_at(reader, "/route/fallbacks",
                       "\"fallbacks\" must be a list of at most %d agents", TDH_ROUTER_TRIES);
    route->fallbacks = calloc(json_array_size(fallbacks) + 1, sizeof(*route->fallbacks));
    if (route->fallbacks == NULL)
        return td_fail(reader->err, TD_E_NOMEM, "could not allocate a route");
    json_array_foreach (fallbacks, i, name) {
        int64_t place = json_is_string(name) ? place_of(route, json_string_value(name)) : -1;

        snprintf(pointer, sizeof(pointer), "/route/fallbacks/%zu", i);
        if (place < 0 && add_name(reader, name, pointer) != 0)
            return -1;
        route->fallbacks[route->fallback_count++] =
            (uint32_t)(place >= 0 ? place : (int64_t)json_array_size(route->names) - 1);
    }
    return 0;
}

static int read_weights(const struct reader *reader, const json_t *candidates)
{
    const json_t *candidate;
    size_t i;

    json_array_foreach (candidates, i, candidate) {
        const json_t *weight = json_object_get(candidate, "weight");
        char pointer[64];

        snprintf(pointer, sizeof(pointer), "/route/candidates/%zu/weight", i);
        if (weight == NULL)
            continue;
        if (!json_is_integer(weight) || json_integer_value(weight) < 1 ||
            json_integer_value(weight) > 1000)
            return fail_at(reader, pointer, "\"weight\" must be a whole number from 1 to 1000");
        reader->route->router.candidates[i].weight = (uint32_t)json_integer_value(weight);
    }
    return 0;
}

/* --- rules --- */

/* new: a CEL text that holds where the pattern is found */
static char *pattern_as_cel(const char *pattern)
{
    json_t *text = json_string(pattern);
    char *quoted = text != NULL ? json_dumps(text, JSON_ENCODE_ANY) : NULL, *cel = NULL;

    if (quoted != NULL && asprintf(&cel, "text.matches(%s)", quoted) < 0)
        cel = NULL;
    free(quoted);
    json_decref(text);
    return cel;
}

static struct tdh_cel *compile(const struct reader *reader, const char *text, const char *type,
                               const char *pointer)
{
    json_t *want = json_pack("{s:s}", "type", type);
    json_t *string = json_pack("{s:s}", "type", "string");
    struct tdh_cel_root roots[TDH_ROUTER_ROOTS];
    struct tdh_cel_options options = { .roots = roots,
                                       .root_count = TDH_ROUTER_ROOTS,
                                       .want = want };
    struct tdh_cel *cel;

    memcpy(roots, tdh_router_roots, sizeof(roots));
    roots[TDH_ROUTER_ROOT_TEXT].schema = string;
    roots[TDH_ROUTER_ROOT_ACTION].schema = string;
    cel = tdh_cel_compile(text, &options, reader->err);
    if (cel == NULL)
        place_at(reader, pointer);
    json_decref(want);
    json_decref(string);
    return cel;
}

static int read_when(const struct reader *reader, const json_t *text, const char *pointer,
                     struct tdh_router_rule *rule)
{
    const char *when = tdh_json_str(text, "when", NULL), *match = tdh_json_str(text, "match", NULL);
    char at[96], *cel;

    if ((when != NULL) == (match != NULL))
        return fail_at(reader, pointer, "a rule needs one of \"when\" and \"match\", a text");
    rule->text = when != NULL ? when : match;
    snprintf(at, sizeof(at), "%s/%s", pointer, when != NULL ? "when" : "match");
    if (when != NULL) {
        rule->when = compile(reader, when, "boolean", at);
        return rule->when != NULL ? 0 : -1;
    }
    cel = pattern_as_cel(match);
    if (cel == NULL)
        return td_fail(reader->err, TD_E_NOMEM, "could not allocate a route");
    rule->when = compile(reader, cel, "boolean", at);
    free(cel);
    return rule->when != NULL ? 0 : -1;
}

static int add_rule_agent(const struct reader *reader, const json_t *name, const char *pointer,
                          struct tdh_router_rule *rule)
{
    const struct tdh_router *router = &reader->route->router;
    const char *word = json_is_string(name) ? json_string_value(name) : "", *known[64];
    int64_t place = place_of(reader->route, word);
    size_t count = router->count < COUNT(known) ? router->count : COUNT(known);
    char near[128];

    for (size_t i = 0; i < count; i++)
        known[i] = router->candidates[i].name;
    if (place < 0)
        return fail_at(reader, pointer, "agent \"%.64s\" is no candidate of this route%s", word,
                       near_words(word, known, count, near));
    for (uint32_t i = 0; i < rule->count; i++)
        if (rule->candidates[i] == place)
            return fail_at(reader, pointer, "agent \"%s\" is named twice", word);
    rule->candidates[rule->count++] = (uint32_t)place;
    return 0;
}

static int read_rule_agents(const struct reader *reader, const json_t *text, const char *pointer,
                            struct tdh_router_rule *rule)
{
    const json_t *one = json_object_get(text, "agent"), *many = json_object_get(text, "agents"),
                 *name;
    size_t i;

    if ((one != NULL) == (many != NULL) || (many != NULL && json_array_size(many) == 0))
        return fail_at(reader, pointer, "a rule needs one of \"agent\" and \"agents\", a list");
    rule->candidates = calloc(reader->route->router.count + 1U, sizeof(*rule->candidates));
    if (rule->candidates == NULL)
        return td_fail(reader->err, TD_E_NOMEM, "could not allocate a route");
    if (one != NULL)
        return add_rule_agent(reader, one, pointer, rule);
    json_array_foreach (many, i, name)
        if (add_rule_agent(reader, name, pointer, rule) != 0)
            return -1;
    return 0;
}

static int read_rule(const struct reader *reader, const json_t *text, const char *pointer)
{
    struct tdh_router *router = &reader->route->router;
    struct tdh_router_rule *rule = &router->rules[router->rule_count];
    const json_t *weight = json_object_get(text, "weight");

    if (!json_is_object(text))
        return fail_at(reader, pointer, "a rule is a map with \"when\" or \"match\", and agents");
    if (check_keys(reader, text, pointer, rule_keys, COUNT(rule_keys)) != 0)
        return -1;
    router->rule_count++;
    rule->weight = weight != NULL ? json_number_value(weight) : 0.8;
    if (!(rule->weight > 0 && rule->weight <= 1000))
        return fail_at(reader, pointer, "\"weight\" of a rule must be more than 0, at most 1000");
    return read_when(reader, text, pointer, rule) == 0 &&
                   read_rule_agents(reader, text, pointer, rule) == 0
               ? 0
               : -1;
}

static int read_rules(const struct reader *reader, const json_t *rules)
{
    const json_t *rule;
    char pointer[64];
    size_t i;

    if (rules != NULL && (!json_is_array(rules) || json_array_size(rules) > TDH_ROUTER_RULES))
        return fail_at(reader, "/route/rules", "\"rules\" must be a list of at most %d rules",
                       TDH_ROUTER_RULES);
    json_array_foreach (rules, i, rule) {
        snprintf(pointer, sizeof(pointer), "/route/rules/%zu", i);
        if (read_rule(reader, rule, pointer) != 0)
            return -1;
    }
    return 0;
}

/* --- all of it --- */

static int start_router(const struct reader *reader)
{
    struct tdh_route *route = reader->route;
    struct tdh_router_options options;
    size_t count = json_array_size(route->names);

    if (read_options(reader, &options) != 0 ||
        tdh_router_start(&route->router, (uint32_t)count, &options, reader->err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        route->router.candidates[i].name = json_string_value(json_array_get(route->names, i));
        route->router.candidates[i].weight = 1;
    }
    return 0;
}

int tdh_route_read(struct tdh_route *route, const struct tdh_yaml *yaml, struct td_err *err)
{
    const struct reader reader = { route, yaml, err };
    const json_t *text = json_object_get(yaml->root, "route");
    const char *expression = tdh_json_str(text, "text", NULL);

    if (!json_is_object(text))
        return fail_at(&reader, "/route", "\"route\" is a map with \"candidates\" or \"find\"");
    if (check_keys(&reader, text, "/route", route_keys, COUNT(route_keys)) != 0 ||
        list_candidates(&reader, text) != 0)
        return -1;
    route->chosen_count = (uint32_t)json_array_size(route->names);
    if (list_fallbacks(&reader, json_object_get(text, "fallbacks")) != 0 ||
        start_router(&reader) != 0 ||
        read_weights(&reader, json_object_get(text, "candidates")) != 0 ||
        read_rules(&reader, json_object_get(text, "rules")) != 0)
        return -1;
    if (json_object_get(text, "text") == NULL)
        return 0;
    if (expression == NULL)
        return fail_at(&reader, "/route/text", "\"text\" must be an expression in CEL");
    route->text = compile(&reader, expression, "string", "/route/text");
    return route->text != NULL ? 0 : -1;
}
