/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalogue: the patterns as people read about them, in Markdown and as JSON. All of it comes from
 * the manifests; what a manifest does not tell is left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "pattern/pattern.h"

const struct tdh_manifest **tdh_patterns_all(struct tdh_plugins *plugins, size_t *ret_count,
                                             struct td_err *err)
{
    const struct tdh_plugin_entry **entries = NULL;
    const struct tdh_manifest **all = NULL;
    struct td_err ignored;
    size_t count = 0;

    if (tdh_plugins_scan(plugins, err) == 0)
        entries = tdh_plugins_list(plugins, err);
    if (entries == NULL)
        return NULL;
    while (entries[count] != NULL)
        count++;
    all = calloc(count + 1, sizeof(*all));
    if (all == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the catalogue of patterns");
    count = 0;
    for (size_t i = 0; all != NULL && entries[i] != NULL; i++)
        if (entries[i]->kind == TD_KIND_PATTERN && entries[i]->state != TDH_PLUGIN_REFUSED &&
            tdh_plugins_find(plugins, TD_KIND_PATTERN, entries[i]->name, &ignored) == entries[i])
            all[count++] = entries[i]->manifest;
    free(entries);
    *ret_count = count;
    return all;
}

const char *tdh_trait_print(const struct tdh_catalogue *catalogue, enum tdh_trait trait,
                            char text[static 64])
{
    size_t length = 0;

    text[0] = '\0';
    for (unsigned i = 0; tdh_traits[trait].words[i] != NULL; i++)
        if ((catalogue->traits[trait] & 1u << i) != 0)
            length += (size_t)snprintf(text + length, 64 - length, "%s%s", length > 0 ? ", " : "",
                                       tdh_traits[trait].words[i]);
    return text;
}

static const char *first_of(const json_t *list)
{
    const char *text = json_string_value(json_array_get(list, 0));

    return text != NULL ? text : "";
}

static const char *use_when(const struct tdh_catalogue *catalogue)
{
    return catalogue->use_when != NULL ? catalogue->use_when : first_of(catalogue->use_cases);
}

static const char *avoid_when(const struct tdh_catalogue *catalogue)
{
    return catalogue->avoid_when != NULL ? catalogue->avoid_when : first_of(catalogue->drawbacks);
}

/* --- JSON --- */

static json_t *describe_traits(const struct tdh_catalogue *catalogue)
{
    json_t *traits = json_object();

    for (int i = 0; i < TDH_TRAIT_COUNT; i++) {
        json_t *words = json_array();

        for (unsigned k = 0; tdh_traits[i].words[k] != NULL; k++)
            if ((catalogue->traits[i] & 1u << k) != 0)
                json_array_append_new(words, json_string(tdh_traits[i].words[k]));
        if (i != TDH_TRAIT_COMPLEXITY && json_array_size(words) > 0)
            json_object_set(traits, tdh_traits[i].name, words);
        json_decref(words);
    }
    return traits;
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL)
        json_object_set_new(object, key, json_string(text));
}

static void set_list(json_t *object, const char *key, json_t *list)
{
    if (list != NULL)
        json_object_set(object, key, list);
}

json_t *tdh_pattern_describe(const struct tdh_manifest *manifest)
{
    const struct tdh_catalogue *catalogue = manifest->catalogue;
    json_t *object = json_object();
    char text[64];

    if (catalogue == NULL)
        return object;
    set_text(object, "category", catalogue->category);
    set_text(object, "use_when", use_when(catalogue));
    set_text(object, "avoid_when", avoid_when(catalogue));
    set_list(object, "use_cases", catalogue->use_cases);
    set_list(object, "advantages", catalogue->advantages);
    set_list(object, "drawbacks", catalogue->drawbacks);
    set_list(object, "advice", catalogue->advice);
    set_text(object, "complexity", tdh_trait_print(catalogue, TDH_TRAIT_COMPLEXITY, text));
    set_text(object, "calls", catalogue->calls);
    set_text(object, "bounds", catalogue->bounds);
    json_object_set_new(object, "traits", describe_traits(catalogue));
    set_list(object, "words", catalogue->words);
    set_list(object, "related", catalogue->related);
    set_text(object, "example", catalogue->example);
    return object;
}

/* --- Markdown --- */

/* A text in a cell or a line: what Markdown would take for its own is escaped. */
static void add_text(struct tdh_buf *buf, const char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        if (strchr("|\\`*_<>[]", *text) != NULL)
            tdh_buf_char(buf, '\\');
        tdh_buf_char(buf, *text == '\n' || *text == '\t' ? ' ' : *text);
    }
}

static void add_cell(struct tdh_buf *buf, const char *text)
{
    tdh_buf_text(buf, " ");
    add_text(buf, text);
    tdh_buf_text(buf, " |");
}

static void add_row(struct tdh_buf *buf, const struct tdh_manifest *manifest)
{
    const struct tdh_catalogue *catalogue = manifest->catalogue;
    char text[64];

    tdh_buf_printf(buf, "| [%s](#%s) |", manifest->name, manifest->name);
    add_cell(buf, use_when(catalogue));
    add_cell(buf, avoid_when(catalogue));
    for (int i = TDH_TRAIT_COMPLEXITY + 1; i < TDH_TRAIT_COUNT; i++)
        add_cell(buf, tdh_trait_print(catalogue, (enum tdh_trait)i, text));
    add_cell(buf, catalogue->calls);
    add_cell(buf, catalogue->bounds);
    add_cell(buf, tdh_trait_print(catalogue, TDH_TRAIT_COMPLEXITY, text));
    tdh_buf_text(buf, "\n");
}

void tdh_pattern_matrix(struct tdh_buf *buf, const struct tdh_manifest *const *patterns,
                        size_t count)
{
    tdh_buf_text(buf, "| pattern | use it when | avoid it when |");
    for (int i = TDH_TRAIT_COMPLEXITY + 1; i < TDH_TRAIT_COUNT; i++)
        tdh_buf_printf(buf, " %s |", tdh_traits[i].name);
    tdh_buf_text(buf, " calls, at most | bounds | complexity |\n|");
    for (int i = 0; i < TDH_TRAIT_COUNT - 1 + 6; i++)
        tdh_buf_text(buf, " --- |");
    tdh_buf_text(buf, "\n");
    for (size_t i = 0; i < count; i++)
        if (patterns[i]->catalogue != NULL)
            add_row(buf, patterns[i]);
}

/* "low: pipeline, router", of the patterns of that word; nothing when there are none. */
static void add_group(struct tdh_buf *buf, const struct tdh_manifest *const *patterns, size_t count,
                      enum tdh_trait trait, unsigned word)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        const struct tdh_catalogue *catalogue = patterns[i]->catalogue;

        if (catalogue == NULL || (catalogue->traits[trait] & 1u << word) == 0)
            continue;
        if (found++ == 0)
            tdh_buf_printf(buf, "- %s: ", tdh_traits[trait].words[word]);
        tdh_buf_printf(buf, "%s[%s](#%s)", found > 1 ? ", " : "", patterns[i]->name,
                       patterns[i]->name);
    }
    if (found > 0)
        tdh_buf_text(buf, "\n");
}

static void add_traits(struct tdh_buf *buf)
{
    for (int i = 0; i < TDH_TRAIT_COUNT; i++) {
        tdh_buf_printf(buf, "- **%s**, %s: ", tdh_traits[i].name, tdh_traits[i].text);
        for (int k = 0; tdh_traits[i].words[k] != NULL; k++)
            tdh_buf_printf(buf, "%s`%s` (%s)", k > 0 ? ", " : "", tdh_traits[i].words[k],
                           tdh_traits[i].texts[k]);
        tdh_buf_text(buf, "\n");
    }
}

void tdh_pattern_overview(struct tdh_buf *buf, const struct tdh_manifest *const *patterns,
                          size_t count)
{
    tdh_buf_printf(buf,
                   "# Patterns\n\n%zu ways for agents to work together, by what there is to "
                   "understand first:\n\n",
                   count);
    for (unsigned i = 0; tdh_traits[TDH_TRAIT_COMPLEXITY].words[i] != NULL; i++)
        add_group(buf, patterns, count, TDH_TRAIT_COMPLEXITY, i);
    tdh_buf_text(buf, "\n## Decision matrix\n\n");
    tdh_pattern_matrix(buf, patterns, count);
    tdh_buf_text(buf, "\n## Traits\n\n");
    add_traits(buf);
}

static void add_list(struct tdh_buf *buf, const char *title, const json_t *list)
{
    const json_t *item;
    size_t i;

    if (list == NULL)
        return;
    tdh_buf_printf(buf, "\n**%s**\n\n", title);
    json_array_foreach (list, i, item) {
        tdh_buf_text(buf, "- ");
        add_text(buf, json_string_value(item));
        tdh_buf_text(buf, "\n");
    }
}

static bool is_required(const json_t *schema, const char *key)
{
    const json_t *name;
    size_t i;

    json_array_foreach (json_object_get(schema, "required"), i, name)
        if (json_is_string(name) && strcmp(json_string_value(name), key) == 0)
            return true;
    return false;
}

static void add_keys(struct tdh_buf *buf, const json_t *schema)
{
    json_t *properties = json_object_get(schema, "properties"), *property;
    const char *key;

    if (json_object_size(properties) == 0)
        return;
    tdh_buf_text(buf, "\n**Configuration**\n\n| key | default | meaning |\n| --- | --- | --- |\n");
    json_object_foreach (properties, key, property) {
        const json_t *value = json_object_get(property, "default");
        char *text = value != NULL ? tdh_json_text(value, 0) : NULL;

        tdh_buf_text(buf, "|");
        add_cell(buf, key);
        add_cell(buf, text != NULL ? text : is_required(schema, key) ? "required" : "");
        add_cell(buf, tdh_json_str(property, "description", ""));
        tdh_buf_text(buf, "\n");
        free(text);
    }
}

static void add_related(struct tdh_buf *buf, const json_t *related)
{
    const json_t *item;
    size_t i;

    json_array_foreach (related, i, item)
        tdh_buf_printf(buf, "%s[%s](#%s)", i == 0 ? "\nRelated: " : ", ", json_string_value(item),
                       json_string_value(item));
    if (json_array_size(related) > 0)
        tdh_buf_text(buf, "\n");
}

/* The fence is longer than any within. */
static void add_example(struct tdh_buf *buf, const char *name, const char *example)
{
    char fence[64] = "```";

    if (name == NULL)
        return;
    tdh_buf_printf(buf, "\n**Example**: workflows/patterns/%s.yaml\n", name);
    if (example == NULL)
        return;
    while (strstr(example, fence) != NULL && strlen(fence) < sizeof(fence) - 1)
        strcat(fence, "`");
    tdh_buf_printf(buf, "\n%syaml\n%s%s%s\n", fence, example,
                   example[0] == '\0' || example[strlen(example) - 1] == '\n' ? "" : "\n", fence);
}

static void add_facts(struct tdh_buf *buf, const struct tdh_catalogue *catalogue)
{
    char text[64];

    tdh_buf_text(buf, "\n| | |\n| --- | --- |\n");
    for (int i = 0; i < TDH_TRAIT_COUNT; i++)
        if (catalogue->traits[i] != 0)
            tdh_buf_printf(buf, "| %s | %s |\n", tdh_traits[i].name,
                           tdh_trait_print(catalogue, (enum tdh_trait)i, text));
    if (catalogue->calls != NULL) {
        tdh_buf_text(buf, "| calls, at most |");
        add_cell(buf, catalogue->calls);
        tdh_buf_text(buf, "\n");
    }
    if (catalogue->bounds != NULL) {
        tdh_buf_text(buf, "| bounds |");
        add_cell(buf, catalogue->bounds);
        tdh_buf_text(buf, "\n");
    }
}

void tdh_pattern_page(struct tdh_buf *buf, const struct tdh_manifest *manifest, const char *example)
{
    const struct tdh_catalogue *catalogue = manifest->catalogue;

    tdh_buf_printf(buf, "## %s\n\n", manifest->name);
    add_text(buf, manifest->description);
    tdh_buf_printf(buf, "%sVersion %s", manifest->description != NULL ? ". " : "",
                   manifest->version_text);
    if (catalogue != NULL && catalogue->category != NULL) {
        tdh_buf_text(buf, ", ");
        add_text(buf, catalogue->category);
    }
    tdh_buf_text(buf, ".\n");
    if (catalogue != NULL) {
        add_facts(buf, catalogue);
        add_list(buf, "Use it for", catalogue->use_cases);
        add_list(buf, "Advantages", catalogue->advantages);
        add_list(buf, "Drawbacks", catalogue->drawbacks);
        add_list(buf, "Advice", catalogue->advice);
    }
    add_keys(buf, manifest->config);
    if (catalogue != NULL) {
        add_example(buf, catalogue->example, example);
        add_related(buf, catalogue->related);
    }
}
