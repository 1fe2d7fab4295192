/* SPDX-License-Identifier: Apache-2.0 */
/*
 * member: who a pattern calls, and how. The host makes the attempts: a policy is only handed on.
 * It makes none of a run, so a pattern or workflow with a policy is refused.
 */
#include "kit.h"

#include <stdio.h>
#include <string.h>

enum { ATTEMPTS_MAX = 1000, ATTEMPTS_DEFAULT = 3 };

static int read_jitter(const json_t *text, double *ret_jitter, struct td_err *err)
{
    const json_t *value = json_object_get(text, "jitter");
    double jitter = json_number_value(value);

    if (value != NULL && (!json_is_number(value) || jitter < 0 || jitter > 1))
        return td_fail(err, TD_E_CONFIG, "\"jitter\" must be a number from 0 to 1");
    *ret_jitter = jitter;
    return 0;
}

int kit_retry(const json_t *text, struct td_policy *policy, struct td_err *err)
{
    static const char *const backoffs[] = { "fixed", "linear", "exponential", "fibonacci", NULL };
    unsigned backoff;
    size_t attempts;

    if (kit_count(text, "max_attempts", 1, ATTEMPTS_MAX, ATTEMPTS_DEFAULT, &attempts, err) != 0 ||
        kit_choice(text, "backoff", backoffs, TD_BACKOFF_FIXED, &backoff, err) != 0 ||
        kit_duration(text, "initial", &policy->initial_ms, err) != 0 ||
        kit_duration(text, "max", &policy->max_ms, err) != 0 ||
        read_jitter(text, &policy->jitter, err) != 0)
        return -1;
    policy->max_attempts = (uint32_t)attempts;
    policy->backoff = (enum td_backoff)backoff;
    return 0;
}

static int read_policy(struct kit_member *member, struct td_err *err)
{
    const json_t *retry = json_object_get(member->text, "retry");

    member->policy = (struct td_policy){ TD_SIZE(struct td_policy) };
    member->has_policy = retry != NULL || json_object_get(member->text, "timeout") != NULL;
    if (member->has_policy && member->target != TD_TARGET_AGENT) {
        td_fail(err, TD_E_CONFIG, "\"timeout\" and \"retry\" are of an agent's attempts");
        return td_hint(err, "put it into the pattern \"timeout\" or \"retry\"");
    }
    if (kit_duration(member->text, "timeout", &member->policy.timeout_ms, err) != 0)
        return -1;
    if (retry == NULL || kit_retry(retry, &member->policy, err) == 0)
        return 0;
    return td_context(err, "\"retry\"");
}

/* Who it is: exactly one of an agent with its action, a pattern, and a workflow. */
static int read_target(struct kit_member *member, struct td_err *err)
{
    const char *agent = json_string_value(json_object_get(member->text, "agent")),
               *pattern = json_string_value(json_object_get(member->text, "pattern")),
               *workflow = json_string_value(json_object_get(member->text, "workflow"));

    member->action = json_string_value(json_object_get(member->text, "action"));
    if ((agent != NULL) + (pattern != NULL) + (workflow != NULL) != 1 ||
        (agent != NULL) != (member->action != NULL))
        return td_fail(err, TD_E_CONFIG,
                       "needs \"agent\" and \"action\", or else \"pattern\" or \"workflow\"");
    member->target = agent != NULL     ? TD_TARGET_AGENT
                     : pattern != NULL ? TD_TARGET_PATTERN
                                       : TD_TARGET_WORKFLOW;
    member->target_name = agent != NULL ? agent : pattern != NULL ? pattern : workflow;
    return 0;
}

int kit_member_read(const json_t *text, const char *what, struct kit_member *ret_member,
                    struct td_err *err)
{
    struct kit_member member = { .text = text,
                                 .config = json_object_get(text, "config"),
                                 .input = json_object_get(text, "input"),
                                 .is_strict = json_is_true(json_object_get(text, "strict")) };

    if (read_target(&member, err) != 0 || read_policy(&member, err) != 0 ||
        kit_text(text, "name", member.target_name, &member.name, err) != 0)
        return td_context(err, "%s", what);
    if (member.name[0] == '\0')
        return td_fail(err, TD_E_CONFIG, "%s: \"name\" must not be empty", what);
    *ret_member = member;
    return 0;
}

int kit_members(struct kit_plan *plan, const json_t *config, const char *key, const char *word,
                size_t min, size_t max, struct kit_member **ret_members, size_t *ret_count,
                struct td_err *err)
{
    const json_t *list = json_object_get(config, key);
    size_t count = json_array_size(list);
    struct kit_member *members;

    if ((list != NULL && !json_is_array(list)) || count < min || count > max)
        return td_fail(err, TD_E_CONFIG, "\"%s\" must be a list of %zu to %zu %ss", key, min, max,
                       word);
    members = kit_alloc(plan, count * sizeof(*members), err);
    if (members == NULL)
        return -1;
    for (size_t i = 0; i < count; i++) {
        char what[64];

        snprintf(what, sizeof(what), "%s %zu", word, i);
        if (kit_member_read(json_array_get(list, i), what, &members[i], err) != 0)
            return -1;
    }
    *ret_members = members;
    *ret_count = count;
    return 0;
}

int kit_members_unique(const struct kit_member *members, size_t count, const char *word,
                       struct td_err *err)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(members[i].name, members[j].name) == 0)
                return td_fail(err, TD_E_CONFIG,
                               "%ss %zu and %zu are both called \"%s\", give one another \"name\"",
                               word, j, i, members[i].name);
    return 0;
}

int kit_member(struct kit_plan *plan, const json_t *config, const char *key,
               struct kit_member **ret_member, struct td_err *err)
{
    const json_t *text = json_object_get(config, key);
    char what[64];

    *ret_member = NULL;
    if (text == NULL)
        return 0;
    *ret_member = kit_alloc(plan, sizeof(**ret_member), err);
    snprintf(what, sizeof(what), "\"%s\"", key);
    return *ret_member != NULL ? kit_member_read(text, what, *ret_member, err) : -1;
}

int kit_member_needed(struct kit_plan *plan, const json_t *config, const char *key,
                      struct kit_member **ret_member, struct td_err *err)
{
    if (kit_member(plan, config, key, ret_member, err) != 0)
        return -1;
    return *ret_member != NULL ? 0 : td_fail(err, TD_E_CONFIG, "needs a \"%s\"", key);
}

/* --- asks --- */

int kit_ask(const struct kit_member *member, const char *path, uint64_t tag, const json_t *given,
            struct td_asks *asks, uint32_t *ret_ask, struct td_err *err)
{
    struct td_ask ask = {
        TD_SIZE(struct td_ask),
        .target = member->target,
        .name = member->target_name,
        .action = member->action,
        .path = path,
        .tag = member->is_strict ? tag | KIT_STRICT : tag,
        .config = member->config,
        .policy = member->has_policy ? &member->policy : NULL,
        .input =
            member->input != NULL ? kit_fill(member->input, given) : json_incref((json_t *)given),
    };

    if (ask.input == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the input of \"%s\"", member->name);
    return td_ask_call(asks, &ask, ret_ask, err);
}

static void nth_path(const struct kit_member *member, size_t nth, char path[KIT_PATH_MAX])
{
    snprintf(path, KIT_PATH_MAX, "%.*s[%zu]", KIT_NAME_BYTES, member->name, nth);
}

int kit_ask_nth(const struct kit_member *member, size_t nth, uint64_t tag, const json_t *given,
                struct td_asks *asks, uint32_t *ret_ask, struct td_err *err)
{
    char path[KIT_PATH_MAX];

    nth_path(member, nth, path);
    return kit_ask(member, path, tag, given, asks, ret_ask, err);
}

int kit_ask_made(const struct kit_member *member, const char *path, uint64_t tag, json_t *given,
                 struct td_asks *asks, uint32_t *ret_ask, struct td_err *err)
{
    int rc = given != NULL ? kit_ask(member, path, tag, given, asks, ret_ask, err)
                           : td_fail(err, TD_E_NOMEM, "could not allocate what \"%s\" is asked",
                                     member->name);

    json_decref(given);
    return rc;
}

int kit_ask_nth_made(const struct kit_member *member, size_t nth, uint64_t tag, json_t *given,
                     struct td_asks *asks, uint32_t *ret_ask, struct td_err *err)
{
    char path[KIT_PATH_MAX];

    nth_path(member, nth, path);
    return kit_ask_made(member, path, tag, given, asks, ret_ask, err);
}

int kit_finish(struct td_asks *asks, json_t *output, struct td_err *err)
{
    return output != NULL ? td_ask_finish(asks, output, err)
                          : td_fail(err, TD_E_NOMEM, "could not allocate the result");
}
