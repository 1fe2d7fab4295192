/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compat: the compatibility matrix: rules of compat.yaml that know more than the plugins did when
 * they were built. The first rule that fits a plugin decides; a plugin that no rule fits is
 * allowed. A deprecation may have dates: before `since` its rule fits nothing, after `until` it
 * blocks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "plugin/pair.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

#define DAY_US INT64_C(86400000000)
enum { RULES_MAX = 1000 };

struct tdh_compat {
    struct tdh_compat_rule *rules;
    size_t count, pair_count;
};

/* --- dates --- */

int tdh_day_parse(const char *text, int64_t *ret_day, struct td_err *err)
{
    char time[32];
    int64_t time_us;

    snprintf(time, sizeof(time), "%.10sT00:00:00Z", text);
    if (strlen(text) != 10 || tdh_clock_parse(time, &time_us, err) != 0)
        return td_fail(err, TD_E_INVAL,
                       "date \"%.32s\" is not a day of the calendar like 2027-01-31", text);
    *ret_day = (time_us < 0 ? time_us - DAY_US + 1 : time_us) / DAY_US;
    return 0;
}

int64_t tdh_day_today(void)
{
    return tdh_clock_us() / DAY_US;
}

const char *tdh_day_print(int64_t day, char text[static TDH_DAY_TEXT])
{
    char time[32];

    snprintf(text, TDH_DAY_TEXT, "%.10s", tdh_clock_print(day * DAY_US, time, sizeof(time)));
    return text;
}

static int read_day(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                    void *into, struct td_err *err)
{
    const char *text = tdh_spot_text(spot, value, 32, err);

    if (text == NULL)
        return -1;
    if (tdh_day_parse(text, (int64_t *)(void *)((char *)into + field->offset), err) == 0)
        return 0;
    return tdh_spot_context(spot, err);
}

/* --- rules --- */

/* Reads a range twice: as what it means, and as it is written. */
static int read_range(const struct tdh_field *field, const struct tdh_spot *spot,
                      const json_t *value, void *into, size_t text_offset, struct td_err *err)
{
    const struct tdh_field text = { .key = field->key, .offset = text_offset };

    if (tdh_field_range(field, spot, value, into, err) != 0)
        return -1;
    return tdh_field_text(&text, spot, value, into, err);
}

#define RULE(member) offsetof(struct tdh_compat_rule, member)

static int read_host(const struct tdh_field *field, const struct tdh_spot *spot,
                     const json_t *value, void *into, struct td_err *err)
{
    return read_range(field, spot, value, into, RULE(host_text), err);
}

static int read_sdk(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                    void *into, struct td_err *err)
{
    return read_range(field, spot, value, into, RULE(sdk_text), err);
}

static int read_version(const struct tdh_field *field, const struct tdh_spot *spot,
                        const json_t *value, void *into, struct td_err *err)
{
    return read_range(field, spot, value, into, RULE(version_text), err);
}

static int read_with_version(const struct tdh_field *field, const struct tdh_spot *spot,
                             const json_t *value, void *into, struct td_err *err)
{
    return read_range(field, spot, value, into, RULE(with_version_text), err);
}

static const struct tdh_field with_fields[] = {
    { "plugin", true, tdh_field_text, RULE(with_plugin), TDH_PLUGIN_NAME_MAX, NULL },
    { "version", false, read_with_version, RULE(with_version), 0, NULL },
};

static int read_with(const struct tdh_field *field, const struct tdh_spot *spot,
                     const json_t *value, void *into, struct td_err *err)
{
    (void)field;
    return tdh_fields_read(with_fields, COUNT(with_fields), spot, value, into, err);
}

static const char *const verdict_words[] = {
    [TDH_ALLOW] = "allow",
    [TDH_DEPRECATED] = "deprecated",
    [TDH_BLOCK] = "block",
    NULL,
};

static const struct tdh_field rule_fields[] = {
    { "host", false, read_host, RULE(host), 0, NULL },
    { "sdk", false, read_sdk, RULE(sdk), 0, NULL },
    { "plugin", false, tdh_field_text, RULE(plugin), TDH_PLUGIN_NAME_MAX, NULL },
    { "version", false, read_version, RULE(version), 0, NULL },
    { "with", false, read_with, 0, 0, NULL },
    { "verdict", true, tdh_field_word, RULE(verdict), 0, verdict_words },
    { "reason", false, tdh_field_text, RULE(reason), 300, NULL },
    { "replaced_by", false, tdh_field_text, RULE(replaced_by), TDH_PLUGIN_NAME_MAX, NULL },
    { "since", false, read_day, RULE(since), 0, NULL },
    { "until", false, read_day, RULE(until), 0, NULL },
};

static int check_days(const struct tdh_spot *spot, const struct tdh_compat_rule *rule,
                      struct td_err *err)
{
    bool has_since = rule->since != TDH_NO_DAY, has_until = rule->until != TDH_NO_DAY;

    if ((has_since || has_until) && rule->verdict != TDH_DEPRECATED)
        return tdh_spot_fail_key(spot, has_since ? "since" : "until", err,
                                 "only a rule that says \"deprecated\" has dates, this one says "
                                 "\"%s\"",
                                 verdict_words[rule->verdict]);
    if (has_since && has_until && rule->until < rule->since)
        return tdh_spot_fail_key(spot, "until", err, "\"until\" is before \"since\"");
    return 0;
}

static int read_rule(const struct tdh_spot *spot, const json_t *item, void *into,
                     struct td_err *err)
{
    struct tdh_compat *compat = into;
    struct tdh_compat_rule *rule = &compat->rules[compat->count++];

    rule->since = rule->until = TDH_NO_DAY;
    if (tdh_fields_read(rule_fields, COUNT(rule_fields), spot, item, rule, err) != 0)
        return -1;
    if (rule->verdict != TDH_ALLOW && rule->reason == NULL)
        return tdh_spot_fail(spot, err, "a rule that says \"%s\" must give its reason",
                             verdict_words[rule->verdict]);
    rule->line = tdh_spot_place(spot).line;
    compat->pair_count += rule->with_plugin != NULL;
    return check_days(spot, rule, err);
}

static int read_rules(const struct tdh_field *field, const struct tdh_spot *spot,
                      const json_t *value, void *into, struct td_err *err)
{
    struct tdh_compat *compat = into;

    (void)field;
    if (json_array_size(value) > RULES_MAX)
        return tdh_spot_fail(spot, err, "%zu rules, the most is %d", json_array_size(value),
                             RULES_MAX);
    compat->rules = calloc(json_array_size(value) + 1, sizeof(*compat->rules));
    if (compat->rules == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the compatibility matrix");
    return tdh_items_read(read_rule, spot, value, compat, err);
}

static const struct tdh_field fields[] = { { "rules", true, read_rules, 0, 0, NULL } };

static int read_file(struct tdh_compat *compat, const char *path, bool is_needed,
                     struct td_err *err)
{
    struct tdh_spot spot = { 0 };
    struct tdh_yaml *yaml = tdh_yaml_read(path, err);
    int rc;

    if (yaml == NULL && err->code == TD_E_NOTFOUND && !is_needed)
        return 0;
    if (yaml == NULL) {
        if (err->code == TD_E_INVAL || err->code == TD_E_LIMIT)
            err->code = TD_E_CONFIG;
        return -1;
    }
    spot.yaml = yaml;
    rc = tdh_fields_read(fields, COUNT(fields), &spot, yaml->root, compat, err);
    tdh_yaml_free(yaml);
    return rc;
}

struct tdh_compat *tdh_compat_read(const char *path, bool is_needed, struct td_err *err)
{
    struct tdh_compat *compat = calloc(1, sizeof(*compat));

    if (compat == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the compatibility matrix");
        return NULL;
    }
    if (path == NULL || read_file(compat, path, is_needed, err) == 0)
        return compat;
    tdh_compat_free(compat);
    return NULL;
}

void tdh_compat_free(struct tdh_compat *compat)
{
    if (compat == NULL)
        return;
    for (size_t i = 0; i < compat->count; i++) {
        free(compat->rules[i].host_text);
        free(compat->rules[i].sdk_text);
        free(compat->rules[i].version_text);
        free(compat->rules[i].plugin);
        free(compat->rules[i].with_plugin);
        free(compat->rules[i].with_version_text);
        free(compat->rules[i].reason);
        free(compat->rules[i].replaced_by);
    }
    free(compat->rules);
    free(compat);
}

const struct tdh_compat_rule *tdh_compat_rules(const struct tdh_compat *compat, size_t *ret_count)
{
    *ret_count = compat->count;
    return compat->rules;
}

bool tdh_compat_has_pairs(const struct tdh_compat *compat)
{
    return compat != NULL && compat->pair_count > 0;
}

bool tdh_compat_holds(const struct tdh_compat_rule *rule, const struct tdh_terms *terms)
{
    return (rule->since == TDH_NO_DAY || terms->day >= rule->since) &&
           (rule->host_text == NULL || tdh_range_has(&rule->host, &terms->host)) &&
           (rule->sdk_text == NULL || tdh_range_has(&rule->sdk, &terms->sdk));
}

static bool fits(const struct tdh_compat_rule *rule, const char *plugin,
                 const struct tdh_semver *version, const struct tdh_terms *terms)
{
    return rule->with_plugin == NULL && tdh_compat_holds(rule, terms) &&
           (rule->plugin == NULL || tdh_name_covers(rule->plugin, plugin)) &&
           (rule->version_text == NULL || tdh_range_has(&rule->version, version));
}

const struct tdh_compat_rule *tdh_compat_match(const struct tdh_compat *compat, const char *plugin,
                                               const struct tdh_semver *version,
                                               const struct tdh_terms *terms)
{
    for (size_t i = 0; i < compat->count; i++)
        if (fits(&compat->rules[i], plugin, version, terms))
            return &compat->rules[i];
    return NULL;
}

enum tdh_verdict tdh_compat_verdict(const struct tdh_compat_rule *rule, int64_t day)
{
    if (rule == NULL)
        return TDH_ALLOW;
    return rule->until != TDH_NO_DAY && day > rule->until ? TDH_BLOCK : rule->verdict;
}

int tdh_compat_tell(const struct tdh_compat_rule *rule, const char *version, int64_t day,
                    struct td_err *err)
{
    bool is_blocked = tdh_compat_verdict(rule, day) == TDH_BLOCK;
    char until[TDH_DAY_TEXT], dates[64] = "";

    if (rule->until != TDH_NO_DAY)
        snprintf(dates, sizeof(dates), is_blocked ? ", since its time ended with %s" : " until %s",
                 tdh_day_print(rule->until, until));
    td_fail(err, TD_E_ABI, "version %s is %s by line %u of the compatibility matrix%s: %s", version,
            is_blocked ? "blocked" : "deprecated", rule->line, dates, rule->reason);
    return rule->replaced_by != NULL ? td_hint(err, "use \"%s\" instead", rule->replaced_by) : -1;
}
