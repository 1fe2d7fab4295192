/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest_rows: the lists of a manifest: what it requires and conflicts with, its capabilities,
 * its options.
 */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/internal.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
enum { WORD_MAX = 64, TEXT_MAX = 1000 };

/* True for a text of the characters that a name is made of, with a letter first. */
static bool is_word(const char *text, const char *first, const char *rest)
{
    return text[0] != '\0' && strchr(first, text[0]) != NULL && text[strspn(text, rest)] == '\0';
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* Also the type of a capability. */
int tdh_field_action(const struct tdh_field *field, const struct tdh_spot *spot,
                     const json_t *value, void *into, struct td_err *err)
{
    if (tdh_field_text(field, spot, value, into, err) != 0)
        return -1;
    if (is_word(json_string_value(value), LOWER UPPER, LOWER UPPER DIGITS "_.-"))
        return 0;
    return tdh_spot_fail(spot, err,
                         "%s \"%s\" must be a letter, then letters, digits, \"_\", \".\" and \"-\"",
                         field->key, json_string_value(value));
}

int tdh_field_option_name(const struct tdh_field *field, const struct tdh_spot *spot,
                          const json_t *value, void *into, struct td_err *err)
{
    if (tdh_field_text(field, spot, value, into, err) != 0)
        return -1;
    if (is_word(json_string_value(value), LOWER, LOWER DIGITS "_"))
        return 0;
    return tdh_spot_fail(spot, err,
                         "name \"%s\" must be a small letter, then small letters, digits and \"_\"",
                         json_string_value(value));
}

static int read_plugin_name(const struct tdh_field *field, const struct tdh_spot *spot,
                            const json_t *value, void *into, struct td_err *err)
{
    if (tdh_field_text(field, spot, value, into, err) != 0)
        return -1;
    if (tdh_plugin_name_is_valid(json_string_value(value)))
        return 0;
    return tdh_spot_fail(spot, err,
                         "%s \"%s\" must be a small letter, then small letters, digits and \"-\"",
                         field->key, json_string_value(value));
}

static int read_need_range(const struct tdh_field *field, const struct tdh_spot *spot,
                           const json_t *value, void *into, struct td_err *err)
{
    struct tdh_need *need = into;
    const struct tdh_field text = { .key = field->key,
                                    .offset = offsetof(struct tdh_need, range_text) };

    if (tdh_field_range(field, spot, value, into, err) != 0)
        return -1;
    return tdh_field_text(&text, spot, value, need, err);
}

static int read_need_kind(const struct tdh_field *field, const struct tdh_spot *spot,
                          const json_t *value, void *into, struct td_err *err)
{
    static const char *const words[] = { "agent", "storage", "pattern", "provider", NULL };
    const struct tdh_field word = { .key = field->key, .words = words };
    struct tdh_need *need = into;
    int number = 0;

    if (tdh_field_word(&word, spot, value, &number, err) != 0)
        return -1;
    need->kind = tdh_kind_from_name(words[number]);
    return 0;
}

#define NEED(member) offsetof(struct tdh_need, member)
static const struct tdh_field need_fields[] = {
    { "plugin", true, read_plugin_name, NEED(plugin), WORD_MAX, NULL },
    { "version", false, read_need_range, NEED(range), 0, NULL },
    { "kind", false, read_need_kind, 0, 0, NULL },
    { "optional", false, tdh_field_bool, NEED(is_optional), 0, NULL },
};
static const size_t conflict_fields = COUNT(need_fields) - 1; /* without "optional" */

/* The list that is being filled, and how many of its items are in use. */
struct list {
    void *items;
    size_t *count;
    size_t keys; /* of needs: how many of the table there are */
};

static int read_need(const struct tdh_spot *spot, const json_t *item, void *into,
                     struct td_err *err)
{
    struct list *list = into;
    struct tdh_need *need = (struct tdh_need *)list->items + (*list->count)++;

    if (tdh_fields_read(need_fields, list->keys, spot, item, need, err) != 0)
        return -1;
    if (need->range_text != NULL)
        return 0;
    need->range_text = strdup("*");
    return need->range_text != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a range");
}

/* An array of zeroed items for the list at the spot; one more than needed, since none at all is
 * allowed, too. */
static void *new_items(const json_t *value, size_t size, struct td_err *err)
{
    void *items = calloc(json_array_size(value) + 1, size);

    if (items == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a list of the manifest");
    return items;
}

int tdh_manifest_needs(const struct tdh_field *field, const struct tdh_spot *spot,
                       const json_t *value, void *into, struct td_err *err)
{
    struct tdh_manifest *manifest = into;
    struct list list = { NULL, &manifest->need_count, COUNT(need_fields) };

    (void)field;
    list.items = manifest->needs = new_items(value, sizeof(*manifest->needs), err);
    return list.items != NULL ? tdh_items_read(read_need, spot, value, &list, err) : -1;
}

int tdh_manifest_conflicts(const struct tdh_field *field, const struct tdh_spot *spot,
                           const json_t *value, void *into, struct td_err *err)
{
    struct tdh_manifest *manifest = into;
    struct list list = { NULL, &manifest->conflict_count, conflict_fields };

    (void)field;
    list.items = manifest->conflicts = new_items(value, sizeof(*manifest->conflicts), err);
    return list.items != NULL ? tdh_items_read(read_need, spot, value, &list, err) : -1;
}

/* The schema is compiled when the plugin is loaded; here only what it is made of counts. */
int tdh_field_schema(const struct tdh_field *field, const struct tdh_spot *spot,
                     const json_t *value, void *into, struct td_err *err)
{
    if (!json_is_object(value) && !json_is_boolean(value))
        return tdh_spot_fail_type(spot, value, "a JSON Schema", err);
    *(json_t **)((char *)into + field->offset) = json_incref((json_t *)(uintptr_t)value);
    return 0;
}

static const char *const effects_words[] = {
    [TDH_EFFECTS_NONE] = "none",
    [TDH_EFFECTS_IDEMPOTENT] = "idempotent",
    [TDH_EFFECTS_EXTERNAL] = "external",
    NULL,
};

/* What it may be, its bridge's manifest says. */
static int read_config(const struct tdh_field *field, const struct tdh_spot *spot,
                       const json_t *value, void *into, struct td_err *err)
{
    (void)spot, (void)err;
    *(json_t **)((char *)into + field->offset) = json_incref((json_t *)(uintptr_t)value);
    return 0;
}

/* What a caller must hold: members of `permissions`, each with a name: "store:kv". */
static int read_required(const struct tdh_field *field, const struct tdh_spot *spot,
                         const json_t *value, void *into, struct td_err *err)
{
    size_t count = json_array_size(value);

    if (tdh_field_words(field, spot, value, into, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct tdh_spot at = { .up = spot, .yaml = spot->yaml, .index = i };
        const char *word = json_string_value(json_array_get(value, i));

        if (!tdh_permission_is_word(word))
            return tdh_spot_fail(
                &at, err, "\"%.64s\" must be a permission and a name, such as store:kv", word);
    }
    *(json_t **)((char *)into + field->offset) = json_incref((json_t *)(uintptr_t)value);
    return 0;
}

#define CAPABILITY(member) offsetof(struct tdh_capability, member)
static const struct tdh_field capability_fields[] = {
    { "name", true, tdh_field_action, CAPABILITY(name), WORD_MAX, NULL },
    { "type", false, tdh_field_action, CAPABILITY(type), WORD_MAX, NULL },
    { "text", false, tdh_field_text, CAPABILITY(text), TEXT_MAX, NULL },
    { "effects", false, tdh_field_word, CAPABILITY(effects), 0, effects_words },
    { "input", false, tdh_field_schema, CAPABILITY(input), 0, NULL },
    { "output", false, tdh_field_schema, CAPABILITY(output), 0, NULL },
    { "permissions", false, read_required, CAPABILITY(permissions), 255, NULL },
    { "estimate", false, tdh_field_duration, CAPABILITY(estimate_ms), 0, NULL },
    { "uses", false, tdh_field_meters, CAPABILITY(uses), 0, NULL },
    { "config", false, read_config, CAPABILITY(config), 0, NULL }, /* last: not in a manifest */
};

struct capability_list {
    struct tdh_capability *items;
    size_t *count, field_count;
};

static int read_capability(const struct tdh_spot *spot, const json_t *item, void *into,
                           struct td_err *err)
{
    struct capability_list *list = into;
    struct tdh_capability *capability = list->items + (*list->count)++;

    capability->effects = TDH_EFFECTS_EXTERNAL; /* who says nothing is taken to do the worst */
    if (tdh_fields_read(capability_fields, list->field_count, spot, item, capability, err) != 0)
        return -1;
    for (const struct tdh_capability *other = list->items; other < capability; other++)
        if (strcmp(other->name, capability->name) == 0)
            return tdh_spot_fail(spot, err, "capability \"%s\" stands twice", capability->name);
    return 0;
}

int tdh_capabilities_read(const struct tdh_spot *spot, const json_t *value, bool is_of_agent,
                          struct tdh_capability **ret_capabilities, size_t *ret_count,
                          struct td_err *err)
{
    struct capability_list list = { NULL, ret_count, COUNT(capability_fields) - !is_of_agent };

    *ret_count = 0;
    list.items = *ret_capabilities = new_items(value, sizeof(**ret_capabilities), err);
    return list.items != NULL ? tdh_items_read(read_capability, spot, value, &list, err) : -1;
}

int tdh_manifest_capabilities(const struct tdh_field *field, const struct tdh_spot *spot,
                              const json_t *value, void *into, struct td_err *err)
{
    struct tdh_manifest *manifest = into;
    const char *word = json_string_value(value);

    (void)field;
    if (word == NULL)
        return tdh_capabilities_read(spot, value, false, &manifest->capabilities,
                                     &manifest->capability_count, err);
    manifest->is_bridge = strcmp(word, "from_instance") == 0;
    if (manifest->is_bridge)
        return 0;
    return tdh_spot_fail(spot, err, "capabilities are \"%.64s\", must be a list or from_instance",
                         word);
}

/* A row of options while it is read: default and bounds need the type, which may stand behind them.
 */
struct row {
    struct tdh_option *option;
    const json_t *value, *min, *max, *choices;
    char *name, *unit, *text;
    enum tdh_option_type type;
    bool is_required, is_secret;
};

static int keep(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                void *into, struct td_err *err)
{
    (void)spot, (void)err;
    *(const json_t **)((char *)into + field->offset) = value;
    return 0;
}

static int keep_choices(const struct tdh_field *field, const struct tdh_spot *spot,
                        const json_t *value, void *into, struct td_err *err)
{
    size_t count = json_array_size(value);

    if (tdh_field_words(field, spot, value, into, err) != 0)
        return -1;
    if (count == 0 || count > TDH_CHOICES_MAX)
        return tdh_spot_fail(spot, err, "choices are %zu, must be 1 to %d", count, TDH_CHOICES_MAX);
    return keep(field, spot, value, into, err);
}

#define ROW(member) offsetof(struct row, member)
static const struct tdh_field option_fields[] = {
    { "name", true, tdh_field_option_name, ROW(name), WORD_MAX, NULL },
    { "type", true, tdh_field_word, ROW(type), 0, tdh_option_types },
    { "default", false, keep, ROW(value), 0, NULL },
    { "min", false, keep, ROW(min), 0, NULL },
    { "max", false, keep, ROW(max), 0, NULL },
    { "choices", false, keep_choices, ROW(choices), 255, NULL },
    { "unit", false, tdh_field_text, ROW(unit), 32, NULL },
    { "required", false, tdh_field_bool, ROW(is_required), 0, NULL },
    { "secret", false, tdh_field_bool, ROW(is_secret), 0, NULL },
    { "text", false, tdh_field_text, ROW(text), 500, NULL },
};

static bool has_range(enum tdh_option_type type)
{
    return type == TDH_OPT_INT || type == TDH_OPT_REAL || type == TDH_OPT_DURATION ||
           type == TDH_OPT_SIZE;
}

/* Puts the bound of that key into *ret_bound, which keeps its value when there is none. */
static int read_bound(const struct tdh_spot *spot, const char *key, const struct tdh_option *option,
                      const json_t *value, double *ret_bound, struct td_err *err)
{
    struct tdh_spot at = { .up = spot, .yaml = spot->yaml, .key = key };
    struct tdh_value number;

    if (value == NULL)
        return 0;
    if (!has_range(option->type))
        return tdh_spot_fail(&at, err, "option \"%s\" is a %s, which has no %s", option->name,
                             tdh_option_types[option->type], key);
    if (tdh_option_number(option, value, &number, err) != 0) {
        td_context(err, "option \"%s\": %s", option->name, key);
        return tdh_spot_context(&at, err);
    }
    *ret_bound = number.real;
    return 0;
}

static int read_bounds(const struct tdh_spot *spot, const struct row *row,
                       struct tdh_option *option, struct td_err *err)
{
    struct tdh_spot at = { .up = spot, .yaml = spot->yaml, .key = "max" };

    option->min = -INFINITY;
    option->max = INFINITY;
    if (read_bound(spot, "min", option, row->min, &option->min, err) != 0 ||
        read_bound(spot, "max", option, row->max, &option->max, err) != 0)
        return -1;
    if (option->min > option->max)
        return tdh_spot_fail(&at, err, "option \"%s\": max is less than min", option->name);
    return 0;
}

static int read_choices(const struct tdh_spot *spot, const struct row *row,
                        struct tdh_option *option, struct td_err *err)
{
    struct tdh_spot at = { .up = spot, .yaml = spot->yaml, .key = "choices" };

    if (row->choices == NULL && option->type == TDH_OPT_CHOICE)
        return tdh_spot_fail(spot, err, "option \"%s\" is a choice without choices", option->name);
    if (row->choices != NULL && option->type != TDH_OPT_CHOICE && option->type != TDH_OPT_LIST)
        return tdh_spot_fail(&at, err, "option \"%s\" is a %s, which has no choices", option->name,
                             tdh_option_types[option->type]);
    option->choices = json_incref((json_t *)(uintptr_t)row->choices);
    return 0;
}

/* The default follows the rules of its own row. Durations and sizes are kept as numbers. */
static int read_default(const struct tdh_spot *spot, const struct row *row,
                        struct tdh_option *option, struct td_err *err)
{
    struct tdh_spot at = { .up = spot, .yaml = spot->yaml, .key = "default" };
    struct tdh_value value;

    if (row->value == NULL)
        return 0;
    if (tdh_option_check(option, row->value, &value, err) != 0)
        return tdh_spot_context(&at, err);
    if (option->type == TDH_OPT_DURATION || option->type == TDH_OPT_SIZE)
        option->value = json_integer(value.integer);
    else
        option->value = json_incref((json_t *)(uintptr_t)row->value);
    return option->value != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a default");
}

static int read_option(const struct tdh_spot *spot, const json_t *item, void *into,
                       struct td_err *err)
{
    struct list *list = into;
    struct tdh_option *options = list->items, *option = options + (*list->count)++;
    struct row row = { 0 };
    int rc = tdh_fields_read(option_fields, COUNT(option_fields), spot, item, &row, err);

    *option = (struct tdh_option){ .name = row.name,
                                   .unit = row.unit,
                                   .text = row.text,
                                   .type = row.type,
                                   .is_required = row.is_required,
                                   .is_secret = row.is_secret };
    if (rc != 0)
        return -1;
    for (const struct tdh_option *other = options; other < option; other++)
        if (strcmp(other->name, option->name) == 0)
            return tdh_spot_fail(spot, err, "option \"%s\" stands twice", option->name);
    if (read_choices(spot, &row, option, err) != 0 || read_bounds(spot, &row, option, err) != 0)
        return -1;
    return read_default(spot, &row, option, err);
}

int tdh_manifest_options(const struct tdh_field *field, const struct tdh_spot *spot,
                         const json_t *value, void *into, struct td_err *err)
{
    struct tdh_manifest *manifest = into;
    struct list list = { NULL, &manifest->option_count, 0 };

    (void)field;
    list.items = manifest->options = new_items(value, sizeof(*manifest->options), err);
    return list.items != NULL ? tdh_items_read(read_option, spot, value, &list, err) : -1;
}

static void free_needs(struct tdh_need *needs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(needs[i].plugin);
        free(needs[i].range_text);
    }
    free(needs);
}

static void free_capability(struct tdh_capability *capability)
{
    free(capability->name);
    free(capability->type);
    free(capability->text);
    json_decref(capability->input);
    json_decref(capability->output);
    json_decref(capability->config);
    free(capability->uses);
    json_decref(capability->permissions);
    tdh_schema_free(capability->input_schema);
    tdh_schema_free(capability->output_schema);
}

void tdh_capabilities_free(struct tdh_capability *capabilities, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free_capability(&capabilities[i]);
    free(capabilities);
}

static void free_option(struct tdh_option *option)
{
    free(option->name);
    free(option->unit);
    free(option->text);
    json_decref(option->value);
    json_decref(option->choices);
}

void tdh_manifest_rows_free(struct tdh_manifest *manifest)
{
    free_needs(manifest->needs, manifest->need_count);
    free_needs(manifest->conflicts, manifest->conflict_count);
    tdh_capabilities_free(manifest->capabilities, manifest->capability_count);
    for (size_t i = 0; i < manifest->option_count; i++)
        free_option(&manifest->options[i]);
    free(manifest->options);
    tdh_roles_free(manifest->roles, manifest->role_count);
}
