/* SPDX-License-Identifier: Apache-2.0 */
/*
 * head: what stands in a workflow besides its nodes, as far as it needs no more than a look.
 */
#include <string.h>

#include "base/buf.h"
#include "base/near.h"
#include "base/semver.h"
#include "flow/plan.h"

static const char *const head_keys[] = { "apiVersion",   "kind",     "id",        "version",
                                         "description",  "inputs",   "variables", "nodes",
                                         "tags",         "timeout",  "triggers",  "priority",
                                         "max_parallel", "deadline", "types",     "announce",
                                         "retention",    "budget",   "tenant" };

static bool has_nul(const json_t *value)
{
    const char *key;
    json_t *member;

    if (json_is_string(value))
        return strlen(json_string_value(value)) != json_string_length(value);
    for (size_t i = 0; i < json_array_size(value); i++)
        if (has_nul(json_array_get(value, i)))
            return true;
    json_object_foreach ((json_t *)value, key, member)
        if (has_nul(member))
            return true;
    return false;
}

/* Adds the way to a text with a NUL to the pointer. */
static void find_nul(const json_t *value, struct tdh_buf *pointer)
{
    const char *key;
    json_t *member;

    for (size_t i = 0; i < json_array_size(value); i++)
        if (has_nul(json_array_get(value, i))) {
            tdh_buf_printf(pointer, "/%zu", i);
            find_nul(json_array_get(value, i), pointer);
            return;
        }
    json_object_foreach ((json_t *)value, key, member)
        if (has_nul(member)) {
            tdh_buf_pointer(pointer, key, strlen(key));
            find_nul(member, pointer);
            return;
        }
}

/* Names, expressions and most texts end at a NUL for who reads them: what stands behind one would
 * not count. */
static int check_nul(const struct tdh_flow_reader *reader, const json_t *text, struct td_err *err)
{
    struct tdh_buf pointer = { 0 };

    if (!has_nul(text))
        return 0;
    tdh_buf_text(&pointer, "");
    find_nul(text, &pointer);
    tdh_flow_fail(reader, pointer.failed ? "" : pointer.data, err,
                  "a text of a workflow cannot hold a NUL character");
    tdh_buf_free(&pointer);
    return -1;
}

/* Before the keys: what is no workflow has others. */
static int check_kind(const struct tdh_flow_reader *reader, const json_t *text, struct td_err *err)
{
    const json_t *kind = json_object_get(text, "kind");
    static const char *const kinds[] = { TDH_FLOW_KIND, TDH_CHAIN_KIND };
    const char *name = json_string_value(kind);

    if (kind == NULL || (name != NULL && strcmp(name, TDH_FLOW_KIND) == 0))
        return 0;
    if (name == NULL)
        return tdh_flow_fail(reader, "/kind", err, "\"kind\" must be \"%s\" or \"%s\"",
                             TDH_FLOW_KIND, TDH_CHAIN_KIND);
    return tdh_flow_fail_near(reader, "/kind", NULL, tdh_near(name, kinds, 2), err,
                              "\"kind\" is \"%.60s\", must be \"%s\" or \"%s\"", name,
                              TDH_FLOW_KIND, TDH_CHAIN_KIND);
}

static int check_keys(const struct tdh_flow_reader *reader, const json_t *text, struct td_err *err)
{
    const size_t count = sizeof(head_keys) / sizeof(head_keys[0]);
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)text, key, value) {
        size_t i = 0;

        while (i < count && strcmp(head_keys[i], key) != 0)
            i++;
        if (i == count)
            return tdh_flow_fail_near(reader, "", key, tdh_near(key, head_keys, count), err,
                                      "unrecognized key \"%.100s\"", key);
    }
    return 0;
}

static int check_version(const struct tdh_flow_reader *reader, const json_t *version,
                         struct td_err *err)
{
    struct tdh_semver parsed;
    struct td_err why;

    if (version == NULL || (json_is_string(version) &&
                            tdh_semver_parse(json_string_value(version), &parsed, &why) == 0))
        return 0;
    return tdh_flow_fail(reader, "/version", err, "\"version\" must be a text such as \"1.0.0\"");
}

static int check_tags(const struct tdh_flow_reader *reader, const json_t *tags, struct td_err *err)
{
    char at[32];

    if (tags != NULL && !json_is_array(tags))
        return tdh_flow_fail(reader, "/tags", err, "\"tags\" must be a list of texts");
    for (size_t i = 0; i < json_array_size(tags); i++) {
        snprintf(at, sizeof(at), "/tags/%zu", i);
        if (!json_is_string(json_array_get(tags, i)))
            return tdh_flow_fail(reader, at, err, "a tag must be a text");
    }
    return 0;
}

static int check_tenant(const struct tdh_flow_reader *reader, const json_t *tenant,
                        struct td_err *err)
{
    if (tenant == NULL || (json_is_string(tenant) && tdh_run_is_tenant(json_string_value(tenant))))
        return 0;
    return tdh_flow_fail(reader, "/tenant", err,
                         "\"tenant\" must be a text of at most %d letters, digits, \"_\" or \"-\"",
                         TDH_TENANT_SIZE - 1);
}

static int check_api(const struct tdh_flow_reader *reader, const json_t *version,
                     struct td_err *err)
{
    if (version == NULL ||
        (json_is_string(version) && strcmp(json_string_value(version), "tdev/v1") == 0))
        return 0;
    return tdh_flow_fail(reader, "/apiVersion", err, "\"apiVersion\" of a workflow is \"tdev/v1\"");
}

static int check_crowd(const struct tdh_flow_reader *reader, const json_t *count,
                       struct td_err *err)
{
    json_int_t number = json_integer_value(count);

    if (count == NULL || (json_is_integer(count) && number >= 1 && number <= TDH_FLOW_NODES))
        return 0;
    return tdh_flow_fail(reader, "/max_parallel", err,
                         "\"max_parallel\" must be a whole number from 1 to %d", TDH_FLOW_NODES);
}

/* The engine reads them from the definition. */
static int check_urgency(const struct tdh_flow_reader *reader, const json_t *text,
                         struct td_err *err)
{
    const json_t *priority = json_object_get(text, "priority"),
                 *deadline = json_object_get(text, "deadline");
    const char *name = json_string_value(priority), *names[TDH_PRIORITIES];
    enum tdh_priority ignored;
    uint32_t ms;

    for (unsigned i = 0; i < TDH_PRIORITIES; i++)
        names[i] = tdh_priority_name((enum tdh_priority)i);
    if (priority != NULL && (name == NULL || !tdh_priority_parse(name, &ignored)))
        return tdh_flow_fail_near(reader, "/priority", NULL,
                                  name != NULL ? tdh_near(name, names, TDH_PRIORITIES) : NULL, err,
                                  "\"priority\" must be critical, high, normal or low");
    if (deadline != NULL && tdh_flow_duration(reader, deadline, "/deadline", &ms, err) != 0)
        return -1;
    return check_crowd(reader, json_object_get(text, "max_parallel"), err);
}

static int check_notice(const struct tdh_flow_reader *reader, const json_t *name, const char *at,
                        struct td_err *err)
{
    const char *names[TDH_NOTICES];
    enum tdh_notice_kind ignored;

    for (unsigned i = 0; i < TDH_NOTICES; i++)
        names[i] = tdh_notice_name((enum tdh_notice_kind)i);
    if (!json_is_string(name))
        return tdh_flow_fail(reader, at, err,
                             "must be started, completed, failed, cancelled or waiting");
    if (tdh_notice_parse(json_string_value(name), &ignored))
        return 0;
    return tdh_flow_fail_near(reader, at, NULL,
                              tdh_near(json_string_value(name), names, TDH_NOTICES), err,
                              "nothing of a run is called \"%.100s\": it is started, completed, "
                              "failed, cancelled or waiting",
                              json_string_value(name));
}

/* The engine reads it from the definition. */
static int check_announce(const struct tdh_flow_reader *reader, const json_t *announce,
                          struct td_err *err)
{
    char at[32];

    if (announce == NULL ||
        (json_is_string(announce) && strcmp(json_string_value(announce), "all") == 0))
        return 0;
    if (!json_is_array(announce))
        return tdh_flow_fail(reader, "/announce", err,
                             "\"announce\" must be a list such as [completed, failed], or all");
    for (size_t i = 0; i < json_array_size(announce); i++) {
        snprintf(at, sizeof(at), "/announce/%zu", i);
        if (check_notice(reader, json_array_get(announce, i), at, err) != 0)
            return -1;
    }
    return 0;
}

/* The engine reads it from the definition. */
static int check_retention(const struct tdh_flow_reader *reader, const json_t *retention,
                           struct td_err *err)
{
    const json_t *keep = json_object_get(retention, tdh_retention_keys[TDH_RUN_ENDS]);
    const char *key;
    json_t *value;
    char at[64];

    if (retention != NULL && !json_is_object(retention))
        return tdh_flow_fail(reader, "/retention", err,
                             "\"retention\" must be an object, such as {done: 30d, keep: 10}");
    json_object_foreach ((json_t *)retention, key, value) {
        unsigned i = 0;
        int64_t ignored;

        while (i < TDH_RETENTION_KEYS && strcmp(tdh_retention_keys[i], key) != 0)
            i++;
        if (i == TDH_RETENTION_KEYS)
            return tdh_flow_fail_near(reader, "/retention", key,
                                      tdh_near(key, tdh_retention_keys, TDH_RETENTION_KEYS), err,
                                      "unrecognized key \"%.100s\"", key);
        snprintf(at, sizeof(at), "/retention/%s", key);
        if (i < TDH_RUN_ENDS && tdh_retention_age(value, &ignored, err) != 0)
            return tdh_flow_at(reader, at, err);
    }
    if (keep != NULL && (!json_is_integer(keep) || json_integer_value(keep) < 0 ||
                         json_integer_value(keep) > TDH_RETENTION_KEEP_MAX))
        return tdh_flow_fail(reader, "/retention/keep", err,
                             "\"keep\" must be a whole number from 0 to %d",
                             TDH_RETENTION_KEEP_MAX);
    return 0;
}

/* Meters have any name, so what is no number and looks like the one other key is taken for that. */
static int check_budget(const struct tdh_flow_reader *reader, const json_t *budget,
                        struct td_err *err)
{
    static const char *const words[] = { "on_exhausted" };
    struct tdh_meter_fault fault;
    struct tdh_meters ignored;
    char at[TDH_METER_NAME + 64];
    const char *near;
    bool is_pausing;

    if (budget == NULL || tdh_budget_read(budget, &ignored, &is_pausing, &fault))
        return 0;
    if (fault.key == NULL)
        return tdh_flow_fail(reader, "/budget", err, "\"budget\" %s", fault.text);
    near = strcmp(fault.key, words[0]) != 0 ? tdh_near(fault.key, words, 1) : NULL;
    if (!tdh_meter_is_name(fault.key) || near != NULL)
        return tdh_flow_fail_near(reader, "/budget", fault.key, near, err,
                                  "\"%.64s\" of \"budget\" %s", fault.key, fault.text);
    snprintf(at, sizeof(at), "/budget/%s", fault.key);
    return tdh_flow_fail(reader, at, err, "\"%s\" of \"budget\" %s", fault.key, fault.text);
}

int tdh_head_check(const struct tdh_flow_reader *reader, const json_t *text, struct td_err *err)
{
    const json_t *id = json_object_get(text, "id");
    const json_t *description = json_object_get(text, "description");

    if (check_nul(reader, text, err) != 0 || check_kind(reader, text, err) != 0 ||
        check_keys(reader, text, err) != 0)
        return -1;
    if (id == NULL)
        return tdh_flow_fail(reader, "", err, "a workflow needs an \"id\"");
    if (!json_is_string(id) || !tdh_flow_is_id(json_string_value(id)))
        return tdh_flow_fail(reader, "/id", err,
                             "\"id\" must be a text of at most 64 letters, digits, \"_\" or \"-\"");
    if (check_api(reader, json_object_get(text, "apiVersion"), err) != 0 ||
        check_tags(reader, json_object_get(text, "tags"), err) != 0 ||
        check_tenant(reader, json_object_get(text, "tenant"), err) != 0 ||
        check_urgency(reader, text, err) != 0 ||
        check_announce(reader, json_object_get(text, "announce"), err) != 0 ||
        check_retention(reader, json_object_get(text, "retention"), err) != 0 ||
        check_budget(reader, json_object_get(text, "budget"), err) != 0)
        return -1;
    if (description != NULL && !json_is_string(description))
        return tdh_flow_fail(reader, "/description", err, "\"description\" must be a text");
    return check_version(reader, json_object_get(text, "version"), err);
}
