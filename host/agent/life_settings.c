/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life_settings: what an agent's file says of its life: init, stop, queue, pool, environment.
 */
#include <string.h>

#include "agent/life.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/near.h"

enum { MS_MAX = 24 * 60 * 60 * 1000 };

/* One member of a map of the file. */
struct member {
    const char *name;
    enum { OF_MS, OF_COUNT, OF_BOOL } type;
    size_t offset;
    int64_t min, max;
};
#define AT(member) offsetof(struct tdh_life_settings, member)

static const struct member init_members[] = {
    { "timeout", OF_MS, AT(timeout_ms), 1, MS_MAX },
    { "attempts", OF_COUNT, AT(attempts), 1, TDH_ATTEMPTS_MAX },
    { "delay", OF_MS, AT(delay_ms), 0, MS_MAX },
};
static const struct member stop_members[] = {
    { "graceful", OF_MS, AT(graceful_ms), 0, MS_MAX },
    { "force", OF_MS, AT(force_ms), 0, MS_MAX },
};
static const struct member pool_members[] = {
    { "min", OF_COUNT, AT(pool_min), 0, TDH_POOL_MAX },
    { "max", OF_COUNT, AT(pool_max), 1, TDH_POOL_MAX },
    { "idle", OF_MS, AT(idle_ms), 0, MS_MAX },
    { "reset", OF_BOOL, AT(is_reset), 0, 1 },
};

static int read_ms(const struct member *member, const json_t *value, int64_t *ret_ms,
                   struct td_err *err)
{
    int64_t ms;

    if (!json_is_string(value) || tdh_duration_parse(json_string_value(value), &ms, err) != 0 ||
        ms < member->min || ms > member->max)
        return td_fail(err, TD_E_CONFIG, "must be a duration of %s to 24h, such as \"10s\"",
                       member->min > 0 ? "1ms" : "0s");
    *ret_ms = ms;
    return 0;
}

static int read_member(const struct member *member, const json_t *value, void *into,
                       struct td_err *err)
{
    char *at = (char *)into + member->offset;

    if (member->type == OF_MS)
        return read_ms(member, value, (int64_t *)(void *)at, err);
    if (member->type == OF_BOOL) {
        *(bool *)at = json_is_true(value);
        return json_is_boolean(value) ? 0 : td_fail(err, TD_E_CONFIG, "must be true or false");
    }
    if (!json_is_integer(value) || json_integer_value(value) < member->min ||
        json_integer_value(value) > member->max)
        return td_fail(err, TD_E_CONFIG, "must be a whole number from %lld to %lld",
                       (long long)member->min, (long long)member->max);
    *(unsigned *)(void *)at = (unsigned)json_integer_value(value);
    return 0;
}

static int fail_key(const char *where, const char *map, const char *key,
                    const struct member *members, size_t count, struct td_err *err)
{
    const char *names[8], *near;

    for (size_t i = 0; i < count; i++)
        names[i] = members[i].name;
    near = tdh_near(key, names, count);
    return td_fail(err, TD_E_CONFIG, "%s: unrecognized key \"%s.%.64s\"%s%s%s", where, map, key,
                   near ? ", did you mean \"" : "", near ? near : "", near ? "\"" : "");
}

static int read_map(const json_t *text, const char *where, const char *map,
                    const struct member *members, size_t count, void *into, struct td_err *err)
{
    const json_t *values = json_object_get(text, map);
    const char *key;
    json_t *value;

    if (values == NULL)
        return 0;
    if (!json_is_object(values))
        return td_fail(err, TD_E_CONFIG, "%s: \"%s\" must be a map", where, map);
    json_object_foreach ((json_t *)(uintptr_t)values, key, value) {
        size_t i = 0;

        while (i < count && strcmp(members[i].name, key) != 0)
            i++;
        if (i == count)
            return fail_key(where, map, key, members, count, err);
        if (read_member(&members[i], value, into, err) != 0)
            return td_context(err, "%s: \"%s.%s\"", where, map, key);
    }
    return 0;
}

static int read_queue(const json_t *text, const char *where, struct tdh_life_settings *into,
                      struct td_err *err)
{
    const json_t *queue = json_object_get(text, "queue");
    const char *word = json_string_value(queue);

    if (queue == NULL)
        return 0;
    into->is_refusing = word != NULL && strcmp(word, "refuse") == 0;
    if (into->is_refusing || (word != NULL && strcmp(word, "wait") == 0))
        return 0;
    return td_fail(err, TD_E_CONFIG, "%s: \"queue\" must be wait or refuse", where);
}

static int read_environment(const json_t *text, const char *where, struct tdh_life_settings *into,
                            struct td_err *err)
{
    const json_t *names = json_object_get(text, "environment"), *name;
    bool is_good = json_is_array(names) && json_array_size(names) <= TDH_ENVIRONMENT_MAX;
    size_t i;

    json_array_foreach (names, i, name)
        is_good =
            is_good && json_string_length(name) > 0 && strchr(json_string_value(name), '=') == NULL;
    if (names != NULL && !is_good)
        return td_fail(err, TD_E_CONFIG,
                       "%s: \"environment\" must be a list of at most %d names of variables", where,
                       TDH_ENVIRONMENT_MAX);
    into->environment = names;
    return 0;
}

#define MAP(name) where, #name, name##_members, sizeof(name##_members) / sizeof(*name##_members)

int tdh_life_settings_read(const json_t *text, const char *where, struct tdh_life_settings *ret,
                           struct td_err *err)
{
    *ret = (struct tdh_life_settings){ .timeout_ms = 30000,
                                       .attempts = 3,
                                       .delay_ms = 1000,
                                       .graceful_ms = 30000,
                                       .force_ms = 5000,
                                       .has_pool = json_object_get(text, "pool") != NULL,
                                       .pool_max = 8,
                                       .idle_ms = 60000,
                                       .is_reset = true };
    if (read_map(text, MAP(init), ret, err) != 0 || read_map(text, MAP(stop), ret, err) != 0 ||
        read_map(text, MAP(pool), ret, err) != 0 || read_queue(text, where, ret, err) != 0 ||
        read_environment(text, where, ret, err) != 0)
        return -1;
    if (ret->pool_min > ret->pool_max)
        return td_fail(err, TD_E_CONFIG, "%s: \"pool.min\" is %u, and \"pool.max\" is %u", where,
                       ret->pool_min, ret->pool_max);
    return 0;
}
