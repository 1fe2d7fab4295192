/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pair: rules of the compatibility matrix for two plugins that are used together. The first rule
 * that fits the two decides, whichever of them it names first; each side has its own range, which
 * goes with its name.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "plugin/pair.h"

static bool is_first(const struct tdh_compat_rule *rule, const struct tdh_plugin_name *name)
{
    return (rule->plugin == NULL || tdh_name_covers(rule->plugin, name->name)) &&
           (rule->version_text == NULL || tdh_range_has(&rule->version, name->version));
}

static bool is_second(const struct tdh_compat_rule *rule, const struct tdh_plugin_name *name)
{
    return tdh_name_covers(rule->with_plugin, name->name) &&
           (rule->with_version_text == NULL || tdh_range_has(&rule->with_version, name->version));
}

static bool fits(const struct tdh_compat_rule *rule, const struct tdh_plugin_name *a,
                 const struct tdh_plugin_name *b)
{
    return (is_first(rule, a) && is_second(rule, b)) || (is_first(rule, b) && is_second(rule, a));
}

const struct tdh_compat_rule *tdh_compat_pair(const struct tdh_compat *compat,
                                              const struct tdh_plugin_name *a,
                                              const struct tdh_plugin_name *b,
                                              const struct tdh_terms *terms)
{
    size_t count = 0;
    const struct tdh_compat_rule *rules =
        tdh_compat_has_pairs(compat) ? tdh_compat_rules(compat, &count) : NULL;

    for (size_t i = 0; i < count; i++)
        if (rules[i].with_plugin != NULL && tdh_compat_holds(&rules[i], terms) &&
            fits(&rules[i], a, b))
            return &rules[i];
    return NULL;
}

bool tdh_compat_is_first(const struct tdh_compat_rule *rule, const struct tdh_plugin_name *name,
                         bool *ret_may_be_other)
{
    *ret_may_be_other = is_second(rule, name);
    return is_first(rule, name);
}

int tdh_compat_tell_pair(const struct tdh_compat_rule *rule, const struct tdh_plugin_name *a,
                         const struct tdh_plugin_name *b, int64_t day, struct td_err *err)
{
    bool is_blocked = tdh_compat_verdict(rule, day) == TDH_BLOCK;
    char until[TDH_DAY_TEXT], dates[64] = "";

    if (rule->until != TDH_NO_DAY)
        snprintf(dates, sizeof(dates), is_blocked ? ", since its time ended with %s" : " until %s",
                 tdh_day_print(rule->until, until));
    td_fail(err, TD_E_DEPENDENCY,
            "\"%s\" %s and \"%s\" %s are %s together, by line %u of the compatibility matrix%s: %s",
            a->name, a->version_text, b->name, b->version_text,
            is_blocked ? "not to be used" : "deprecated", rule->line, dates, rule->reason);
    return rule->replaced_by != NULL
               ? td_hint(err, "use \"%s\" instead of \"%s\"", rule->replaced_by,
                         is_first(rule, a) ? a->name : b->name)
               : -1;
}

int tdh_check_pair(const struct tdh_gate *gate, const struct tdh_manifest *a,
                   const struct tdh_manifest *b, const struct tdh_compat_rule **ret_rule,
                   struct td_err *err)
{
    const struct tdh_plugin_name first = tdh_name_of(a), second = tdh_name_of(b);
    struct tdh_terms here;

    *ret_rule = NULL;
    if (!tdh_compat_has_pairs(gate->compat))
        return 0;
    here = tdh_terms_here(gate);
    *ret_rule = tdh_compat_pair(gate->compat, &first, &second, &here);
    if (tdh_compat_verdict(*ret_rule, here.day) == TDH_BLOCK)
        return tdh_compat_tell_pair(*ret_rule, &first, &second, here.day, err);
    if (*ret_rule != NULL && (*ret_rule)->verdict == TDH_ALLOW)
        *ret_rule = NULL;
    return 0;
}

/* --- of one plugin, whatever else is there --- */

static void add_rule(struct tdh_buf *buf, const struct tdh_compat_rule *rule,
                     const struct tdh_plugin_name *name, int64_t day)
{
    bool is_with = is_first(rule, name);
    const char *other = is_with ? rule->with_plugin : rule->plugin;
    const char *range = is_with ? rule->with_version_text : rule->version_text;

    tdh_buf_printf(buf, "%s%s together with \"%s\" %s by line %u: %s", buf->length > 0 ? "; " : "",
                   tdh_compat_verdict(rule, day) == TDH_BLOCK ? "not to be used" : "deprecated",
                   other != NULL ? other : "*", range != NULL ? range : "*", rule->line,
                   rule->reason);
}

const char *tdh_compat_pairs_of(const struct tdh_compat *compat, const struct tdh_plugin_name *name,
                                const struct tdh_terms *terms, char text[static TD_ERR_TEXT])
{
    struct tdh_buf buf = { 0 };
    size_t count = 0;
    const struct tdh_compat_rule *rules =
        tdh_compat_has_pairs(compat) ? tdh_compat_rules(compat, &count) : NULL;

    for (size_t i = 0; i < count; i++)
        if (rules[i].with_plugin != NULL && rules[i].verdict != TDH_ALLOW &&
            tdh_compat_holds(&rules[i], terms) &&
            (is_first(&rules[i], name) || is_second(&rules[i], name)))
            add_rule(&buf, &rules[i], name, terms->day);
    snprintf(text, TD_ERR_TEXT, "%s", buf.data != NULL && !buf.failed ? buf.data : "");
    tdh_buf_free(&buf);
    return text;
}

/* Is the rule for that plugin by name, and for all versions of it? */
static bool covers_all(const char *pattern, const char *range, const char *name)
{
    return range == NULL && (pattern == NULL || tdh_name_covers(pattern, name));
}

/* The first rule that is for the two, in some version of the other, may allow it: then it is not
 * certain. */
bool tdh_compat_bars(const struct tdh_compat *compat, const struct tdh_plugin_name *name,
                     const char *other, const struct tdh_terms *terms)
{
    size_t count = 0;
    const struct tdh_compat_rule *rules =
        tdh_compat_has_pairs(compat) ? tdh_compat_rules(compat, &count) : NULL;

    for (size_t i = 0; i < count; i++) {
        const struct tdh_compat_rule *rule = &rules[i];
        bool is_own = rule->with_plugin != NULL && tdh_compat_holds(rule, terms) &&
                      is_first(rule, name) && tdh_name_covers(rule->with_plugin, other);
        bool is_its = rule->with_plugin != NULL && tdh_compat_holds(rule, terms) &&
                      is_second(rule, name) &&
                      (rule->plugin == NULL || tdh_name_covers(rule->plugin, other));

        if (!is_own && !is_its)
            continue;
        return tdh_compat_verdict(rule, terms->day) == TDH_BLOCK &&
               ((is_own && covers_all(rule->with_plugin, rule->with_version_text, other)) ||
                (is_its && covers_all(rule->plugin, rule->version_text, other)));
    }
    return false;
}

/* --- of all plugins there are --- */

static void add_pair(const struct tdh_plugins *plugins, const struct tdh_manifest *a,
                     const struct tdh_manifest *b, const struct tdh_terms *terms, json_t *list)
{
    static const char *const words[] = { "allow", "deprecated", "block" };
    const struct tdh_plugin_name first = tdh_name_of(a), second = tdh_name_of(b);
    const struct tdh_compat_rule *rule = tdh_compat_pair(plugins->compat, &first, &second, terms);
    struct td_err why;

    if (rule == NULL || rule->verdict == TDH_ALLOW)
        return;
    tdh_compat_tell_pair(rule, &first, &second, terms->day, &why);
    json_array_append_new(list, json_pack("{s:s, s:s, s:{s:s, s:s}, s:s, s:i, s:s}", "plugin",
                                          a->name, "version", a->version_text, "with", "plugin",
                                          b->name, "version", b->version_text, "verdict",
                                          words[tdh_compat_verdict(rule, terms->day)], "line",
                                          (int)rule->line, "why", why.text));
}

/* Two versions of one plugin are never used together. */
static bool is_pair(const struct tdh_plugin_entry *a, const struct tdh_plugin_entry *b)
{
    return a->manifest != NULL && b->manifest != NULL &&
           (a->kind != b->kind || strcmp(a->name, b->name) != 0);
}

json_t *tdh_plugins_pairs(struct tdh_plugins *plugins, const struct tdh_terms *terms)
{
    const struct tdh_terms here = terms != NULL ? *terms : tdh_terms_here(&plugins->gate);
    const struct tdh_plugin_entry **entries;
    json_t *list = json_array();
    struct td_err ignored;

    tdh_plugins_lock(plugins);
    entries = tdh_compat_has_pairs(plugins->compat) ? tdh_plugins_list(plugins, &ignored) : NULL;
    for (size_t i = 0; entries != NULL && entries[i] != NULL; i++)
        for (size_t k = i + 1; entries[k] != NULL; k++)
            if (is_pair(entries[i], entries[k]))
                add_pair(plugins, entries[i]->manifest, entries[k]->manifest, &here, list);
    free(entries);
    tdh_plugins_unlock(plugins);
    return list;
}
