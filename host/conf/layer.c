/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layer: puts one file, or the environment, over the settings there are. What is no setting is
 * refused, since it is a misspelt one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/near.h"
#include "base/yaml.h"
#include "conf/internal.h"

#define MOST_BYTES ((size_t)1 << 20)
#define MOST_NAMES ((size_t)TDH_CONF_KEYS_ + 16)

/* One layer on its way in. */
struct layer {
    struct tdh_conf *conf;
    const struct tdh_yaml *yaml; /* NULL: the environment */
    struct tdh_conf_reader reader;
    struct tdh_conf_origin from; /* of every value, but for line and column */
};

const char *tdh_conf_env(const struct tdh_conf *conf, const char *name)
{
    size_t length = strlen(name);

    for (char *const *at = conf->source.env; *at != NULL; at++)
        if (strncmp(*at, name, length) == 0 && (*at)[length] == '=')
            return (*at)[length + 1] != '\0' ? *at + length + 1 : NULL;
    return NULL;
}

const char *tdh_conf_home(const struct tdh_conf *conf)
{
    const char *home = tdh_conf_env(conf, "HOME");

    return home != NULL && home[0] == '/' ? home : NULL;
}

int tdh_conf_suggest(struct td_err *err, const char *near)
{
    size_t used = strlen(err->text);

    if (near != NULL)
        snprintf(err->text + used, sizeof(err->text) - used, ", did you mean \"%s\"", near);
    return -1;
}

static bool is_section(const char *name)
{
    for (size_t i = 0; i < tdh_conf_sections_count; i++)
        if (strcmp(tdh_conf_sections[i].name, name) == 0)
            return true;
    return false;
}

static int find_row(const char *section, const char *key)
{
    for (int i = 0; i < TDH_CONF_KEYS_; i++)
        if (strcmp(tdh_conf_rows[i].section, section) == 0 &&
            strcmp(tdh_conf_rows[i].key, key) == 0)
            return i;
    return -1;
}

/* The nearest key of a section, or the nearest section when `section` is NULL; NULL: none is. */
static const char *nearest(const char *section, const char *word)
{
    const char *names[MOST_NAMES];
    size_t count = 0;

    for (size_t i = 0; section == NULL && i < tdh_conf_sections_count && count < MOST_NAMES; i++)
        names[count++] = tdh_conf_sections[i].name;
    for (size_t i = 0; section != NULL && i < TDH_CONF_KEYS_; i++)
        if (strcmp(tdh_conf_rows[i].section, section) == 0)
            names[count++] = tdh_conf_rows[i].key;
    return tdh_near(word, names, count);
}

/* Writes the JSON Pointer of `key`, or of `section` when key is NULL; cut when there is no room. */
static const char *point(char *pointer, size_t size, const char *section, const char *key)
{
    const char *parts[] = { section, key };
    size_t used = 0;

    for (size_t i = 0; i < 2 && parts[i] != NULL; i++) {
        if (used + 1 < size)
            pointer[used++] = '/';
        for (const char *at = parts[i]; *at != '\0' && used + 2 < size; at++) {
            if (*at == '~' || *at == '/') {
                pointer[used++] = '~';
                pointer[used++] = *at == '~' ? '0' : '1';
            } else {
                pointer[used++] = *at;
            }
        }
    }
    pointer[used] = '\0';
    return pointer;
}

static int fail_unknown(const struct layer *layer, const char *section, const char *key,
                        struct td_err *err)
{
    char pointer[512];
    struct tdh_place place =
        tdh_yaml_key_place(layer->yaml, point(pointer, sizeof(pointer), section, key));
    const char *near = nearest(key != NULL ? section : NULL, key != NULL ? key : section);

    td_fail(err, TD_E_CONFIG, "unrecognized %s \"%s\"", key != NULL ? "key" : "section",
            key != NULL ? key : section);
    tdh_conf_suggest(err, near);
    return td_context(err, "%s:%u:%u", layer->yaml->name, place.line, place.column);
}

static int set_from_json(struct layer *layer, int row, const json_t *json, struct td_err *err)
{
    char pointer[512];
    const struct tdh_conf_row *setting = &tdh_conf_rows[row];
    struct tdh_place place = tdh_yaml_place(
        layer->yaml, point(pointer, sizeof(pointer), setting->section, setting->key));
    struct tdh_conf_value value = { 0 };

    if (tdh_conf_value_from_json(setting, json, &layer->reader, &value, err) != 0)
        return td_context(err, "%s:%u:%u", layer->yaml->name, place.line, place.column);
    value.from = layer->from;
    value.from.line = place.line;
    value.from.column = place.column;
    layer->conf->values[row] = value;
    return 0;
}

static int apply_section(struct layer *layer, const char *section, const json_t *members,
                         struct td_err *err)
{
    char pointer[512];
    const char *key = NULL;
    json_t *json = NULL;

    if (json_is_null(members))
        return 0;
    if (!json_is_object(members))
        return tdh_yaml_fail(layer->yaml, point(pointer, sizeof(pointer), section, NULL), err,
                             TD_E_CONFIG, "section \"%s\" must hold keys and values", section);
    json_object_foreach ((json_t *)members, key, json) {
        int row = find_row(section, key);

        if (row < 0)
            return fail_unknown(layer, section, key, err);
        if (set_from_json(layer, row, json, err) != 0)
            return -1;
    }
    return 0;
}

static int take_profile(struct layer *layer, const json_t *json, const char **ret_profile,
                        struct td_err *err)
{
    if (!json_is_string(json))
        return tdh_yaml_fail(layer->yaml, "/profile", err, TD_E_CONFIG, "profile must be a string");
    *ret_profile = tdh_arena_strdup(&layer->conf->arena, json_string_value(json));
    return *ret_profile != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a setting");
}

static int apply_file(struct layer *layer, const char **ret_profile, struct td_err *err)
{
    const char *section = NULL;
    json_t *members = NULL;

    if (json_is_null(layer->yaml->root))
        return 0;
    if (!json_is_object(layer->yaml->root))
        return tdh_yaml_fail(layer->yaml, "", err, TD_E_CONFIG,
                             "a configuration must hold sections");
    json_object_foreach (layer->yaml->root, section, members) {
        int rc = 0;

        if (ret_profile != NULL && strcmp(section, "profile") == 0)
            rc = take_profile(layer, members, ret_profile, err);
        else if (!is_section(section))
            rc = fail_unknown(layer, section, NULL, err);
        else
            rc = apply_section(layer, section, members, err);
        if (rc != 0)
            return -1;
    }
    return 0;
}

/* A file whose settings all stand behind "#" is as good as none; for YAML it would be no document.
 */
static bool is_blank(const char *text)
{
    while (*text != '\0') {
        text += strspn(text, " \t\r\n");
        if (*text != '#')
            return *text == '\0';
        text += strcspn(text, "\n");
    }
    return true;
}

static int apply_text(struct layer *layer, const char *text, size_t length,
                      const char **ret_profile, struct td_err *err)
{
    struct tdh_yaml *yaml = NULL;
    int rc = -1;

    if (is_blank(text) && strlen(text) == length)
        return 0;
    yaml = tdh_yaml_parse(text, length, layer->from.name, err);
    if (yaml != NULL) {
        layer->yaml = yaml;
        rc = apply_file(layer, ret_profile, err);
    } else if (err->code == TD_E_INVAL) {
        err->code = TD_E_CONFIG;
    }
    tdh_yaml_free(yaml);
    return rc;
}

int tdh_conf_layer_file(struct tdh_conf *conf, const char *path, bool is_profile,
                        const char **ret_profile, struct td_err *err)
{
    const char *slash = strrchr(path, '/');
    struct layer layer = {
        .conf = conf,
        .reader = { &conf->arena, NULL, tdh_conf_home(conf) },
        .from = { .kind = is_profile ? TDH_CONF_PROFILE : TDH_CONF_FILE },
    };
    size_t length = 0;
    char *text = NULL;
    int rc = -1;

    layer.from.name = tdh_arena_strdup(&conf->arena, path);
    layer.reader.base_dir =
        slash == path ? "/" : tdh_arena_copy(&conf->arena, path, (size_t)(slash - path));
    if (layer.from.name == NULL || layer.reader.base_dir == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a setting");
    text = tdh_file_read(path, MOST_BYTES, &length, err);
    if (text != NULL)
        rc = apply_text(&layer, text, length, ret_profile, err);
    free(text);
    return rc;
}

/* Whatever the locale says of letters. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* True when `name` begins with `text` in capitals. */
static bool is_capital(const char *name, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (lower(name[i]) != text[i] || (text[i] != '_' && name[i] == text[i]))
            return false;
    return true;
}

/* True when `name`, of `length` bytes, is TDEV_SECTION_KEY of this row. */
static bool is_variable(const struct tdh_conf_row *row, const char *name, size_t length)
{
    char want[64];
    size_t used = (size_t)snprintf(want, sizeof(want), "tdev_%s_%s", row->section, row->key);

    return used == length && is_capital(name, want, used);
}

/* The section that a variable speaks of, or NULL: then it is somebody else's. */
static const char *section_of(const char *name, size_t length)
{
    char want[64];

    for (size_t i = 0; i < tdh_conf_sections_count; i++) {
        size_t used = (size_t)snprintf(want, sizeof(want), "tdev_%s_", tdh_conf_sections[i].name);

        if (length > used && is_capital(name, want, used))
            return tdh_conf_sections[i].name;
    }
    return NULL;
}

static int fail_unknown_variable(const char *section, const char *name, size_t length,
                                 struct td_err *err)
{
    char key[64] = "";
    size_t start = 5 + strlen(section) + 1;

    for (size_t i = 0; start + i < length && i + 1 < sizeof(key); i++)
        key[i] = lower(name[start + i]);
    td_fail(err, TD_E_CONFIG, "environment: %.*s: there is no setting \"%s.%s\"", (int)length, name,
            section, key);
    return tdh_conf_suggest(err, nearest(section, key));
}

static int apply_variable(struct layer *layer, const char *variable, struct td_err *err)
{
    size_t length = strcspn(variable, "=");
    const char *section = section_of(variable, length);

    if (section == NULL || variable[length] == '\0' || variable[length + 1] == '\0')
        return 0;
    for (int row = 0; row < TDH_CONF_KEYS_; row++) {
        struct tdh_conf_value value = { 0 };

        if (!is_variable(&tdh_conf_rows[row], variable, length))
            continue;
        if (tdh_conf_value_parse(&tdh_conf_rows[row], variable + length + 1, &layer->reader, &value,
                                 err) != 0)
            return td_context(err, "environment: %.*s", (int)length, variable);
        value.from = layer->from;
        value.from.name = tdh_arena_copy(&layer->conf->arena, variable, length);
        if (value.from.name == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate a setting");
        layer->conf->values[row] = value;
        return 0;
    }
    return fail_unknown_variable(section, variable, length, err);
}

int tdh_conf_layer_env(struct tdh_conf *conf, struct td_err *err)
{
    char *here = getcwd(NULL, 0);
    struct layer layer = {
        .conf = conf,
        .reader = { &conf->arena, here != NULL ? here : "/", tdh_conf_home(conf) },
        .from = { .kind = TDH_CONF_ENV },
    };
    int rc = 0;

    for (char *const *at = conf->source.env; rc == 0 && *at != NULL; at++)
        rc = apply_variable(&layer, *at, err);
    free(here);
    return rc;
}
