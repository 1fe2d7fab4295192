/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest: reads plugin.yaml by one table of keys. Opens no library and runs no foreign code.
 *
 * How and whether it may run here is decided by check.c.
 */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/near.h"
#include "plugin/internal.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct {
    enum td_kind kind;
    const char *name;
    const char *folder; /* of a bundled root */
} kinds[] = {
    { TD_KIND_AGENT, "agent", "agents" },
    { TD_KIND_STORAGE, "storage", "storage" },
    { TD_KIND_PATTERN, "pattern", "patterns" },
    { TD_KIND_PROVIDER, "provider", "providers" },
};

const char *tdh_kind_name(enum td_kind kind)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (kinds[i].kind == kind)
            return kinds[i].name;
    return "plugin";
}

const char *tdh_kind_folder(enum td_kind kind)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (kinds[i].kind == kind)
            return kinds[i].folder;
    return NULL;
}

enum td_kind tdh_kind_from_name(const char *name)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].kind;
    return (enum td_kind)0;
}

bool tdh_plugin_name_is_valid(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return islower((unsigned char)name[0]) && name[length] == '\0' && length <= TDH_PLUGIN_NAME_MAX;
}

static int read_api(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                    void *into, struct td_err *err)
{
    const char *text = tdh_spot_text(spot, value, 0, err);

    (void)into;
    if (text == NULL || strcmp(text, "tdev/v1") == 0)
        return text != NULL ? 0 : -1;
    return tdh_spot_fail(spot, err, "%s is \"%s\", must be tdev/v1", field->key, text);
}

static int read_kind(const struct tdh_field *field, const struct tdh_spot *spot,
                     const json_t *value, void *into, struct td_err *err)
{
    static const char *const words[] = { "agent", "storage", "pattern", "provider" };
    struct tdh_manifest *manifest = into;
    const char *text = tdh_spot_text(spot, value, 0, err), *near;

    (void)field;
    if (text == NULL)
        return -1;
    manifest->kind = tdh_kind_from_name(text);
    if (manifest->kind != 0)
        return 0;
    near = tdh_near(text, words, COUNT(words));
    return tdh_spot_fail(spot, err,
                         "kind is \"%s\", must be one of agent, storage, pattern, provider%s%s%s",
                         text, near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
                         near != NULL ? "\"" : "");
}

static int read_name(const struct tdh_field *field, const struct tdh_spot *spot,
                     const json_t *value, void *into, struct td_err *err)
{
    struct tdh_manifest *manifest = into;
    const char *slash = strrchr(manifest->folder, '/');
    const char *folder = slash != NULL ? slash + 1 : manifest->folder;

    if (tdh_field_text(field, spot, value, into, err) != 0)
        return -1;
    if (!tdh_plugin_name_is_valid(manifest->name))
        return tdh_spot_fail(
            spot, err, "name \"%s\" must be a small letter, then small letters, digits and \"-\"",
            manifest->name);
    if (strlen(manifest->name) != tdh_folder_name(folder) ||
        strncmp(folder, manifest->name, strlen(manifest->name)) != 0)
        return tdh_spot_fail(spot, err, "name \"%s\" is not that of the folder \"%s\"",
                             manifest->name, folder);
    return 0;
}

static int read_version(const struct tdh_field *field, const struct tdh_spot *spot,
                        const json_t *value, void *into, struct td_err *err)
{
    struct tdh_manifest *manifest = into;

    if (tdh_field_text(field, spot, value, into, err) != 0)
        return -1;
    return tdh_semver_parse(manifest->version_text, &manifest->version, err) == 0
               ? 0
               : tdh_spot_context(spot, err);
}

static int read_library(const struct tdh_field *field, const struct tdh_spot *spot,
                        const json_t *value, void *into, struct td_err *err)
{
    const char *text;
    size_t length, plain;

    if (tdh_field_text(field, spot, value, into, err) != 0)
        return -1;
    text = json_string_value(value);
    length = strlen(text);
    plain = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    if (strchr(text, '/') != NULL)
        return tdh_spot_fail(
            spot, err, "library \"%s\" must be a plain file name inside the plugin's folder", text);
    if (plain == length && isalnum((unsigned char)text[0]) && length > 3 &&
        strcmp(text + length - 3, ".so") == 0)
        return 0;
    return tdh_spot_fail(
        spot, err, "library \"%s\" must be letters, digits, \".\", \"_\" and \"-\", and end in .so",
        text);
}

static int read_isolation(const struct tdh_field *field, const struct tdh_spot *spot,
                          const json_t *value, void *into, struct td_err *err)
{
    struct tdh_manifest *manifest = into;

    manifest->is_isolation_given = true;
    return tdh_field_word(field, spot, value, into, err);
}

/* A word of two, kept as "is it the second": `words` says which. */
static int read_second(const struct tdh_field *field, const struct tdh_spot *spot,
                       const json_t *value, void *into, struct td_err *err)
{
    const struct tdh_field word = { .key = field->key, .words = field->words };
    int number = 0;

    if (tdh_field_word(&word, spot, value, &number, err) != 0)
        return -1;
    *(bool *)((char *)into + field->offset) = number == 1;
    return 0;
}

static int read_memory(const struct tdh_field *field, const struct tdh_spot *spot,
                       const json_t *value, void *into, struct td_err *err)
{
    struct tdh_manifest *manifest = into;

    (void)field;
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        manifest->memory_bytes = json_integer_value(value);
        return 0;
    }
    if (!json_is_string(value))
        return tdh_spot_fail_type(spot, value, "a size like 256MiB", err);
    if (tdh_size_parse(json_string_value(value), &manifest->memory_bytes, err) != 0)
        return tdh_spot_context(spot, err);
    return 0;
}

static int read_cpu(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                    void *into, struct td_err *err)
{
    (void)field, (void)into;
    if (!json_is_number(value))
        return tdh_spot_fail_type(spot, value, "a number of cores", err);
    if (json_number_value(value) > 0)
        return 0;
    return tdh_spot_fail(spot, err, "cpu is %g, must be more than 0", json_number_value(value));
}

static int read_calls(const struct tdh_field *field, const struct tdh_spot *spot,
                      const json_t *value, void *into, struct td_err *err)
{
    (void)field;
    if (!json_is_integer(value))
        return tdh_spot_fail_type(spot, value, "a whole number", err);
    if (json_integer_value(value) < 1)
        return tdh_spot_fail(spot, err, "calls are %lld, must be at least 1",
                             (long long)json_integer_value(value));
    ((struct tdh_manifest *)into)->max_calls = json_integer_value(value);
    return 0;
}

#define MANIFEST(member) offsetof(struct tdh_manifest, member)
static const struct tdh_field limits_fields[] = {
    { .key = "memory", .read = read_memory },
    { .key = "cpu", .read = read_cpu },
    { .key = "calls", .read = read_calls },
    { .key = "timeout", .read = tdh_field_duration, .offset = MANIFEST(timeout_ms) },
};

static int read_limits(const struct tdh_field *field, const struct tdh_spot *spot,
                       const json_t *value, void *into, struct td_err *err)
{
    struct tdh_manifest *manifest = into;

    (void)field;
    if (tdh_fields_read(limits_fields, COUNT(limits_fields), spot, value, into, err) != 0)
        return -1;
    manifest->limits = json_incref((json_t *)(uintptr_t)value);
    return 0;
}

static int read_sha256(const struct tdh_field *field, const struct tdh_spot *spot,
                       const json_t *value, void *into, struct td_err *err)
{
    if (tdh_field_text(field, spot, value, into, err) != 0)
        return -1;
    if (json_string_length(value) == 64 &&
        strspn(json_string_value(value), "0123456789abcdef") == 64)
        return 0;
    return tdh_spot_fail(spot, err, "sha256 must be 64 hexadecimal digits in small letters");
}

static const struct tdh_field integrity_fields[] = {
    { .key = "sha256", .read = read_sha256, .offset = MANIFEST(sha256) },
};

static int read_integrity(const struct tdh_field *field, const struct tdh_spot *spot,
                          const json_t *value, void *into, struct td_err *err)
{
    (void)field;
    return tdh_fields_read(integrity_fields, COUNT(integrity_fields), spot, value, into, err);
}

static int read_state_version(const struct tdh_field *field, const struct tdh_spot *spot,
                              const json_t *value, void *into, struct td_err *err)
{
    struct tdh_manifest *manifest = into;

    (void)field;
    if (!json_is_integer(value))
        return tdh_spot_fail_type(spot, value, "a whole number", err);
    if (json_integer_value(value) < 1 || json_integer_value(value) > INT32_MAX)
        return tdh_spot_fail(spot, err, "version of a state is %lld, must be 1 to %d",
                             (long long)json_integer_value(value), INT32_MAX);
    manifest->state_version = (uint32_t)json_integer_value(value);
    return 0;
}

static const struct tdh_field state_fields[] = {
    { .key = "version", .is_required = true, .read = read_state_version },
};

static int read_state(const struct tdh_field *field, const struct tdh_spot *spot,
                      const json_t *value, void *into, struct td_err *err)
{
    (void)field;
    return tdh_fields_read(state_fields, COUNT(state_fields), spot, value, into, err);
}

static const char *const isolation_words[] = {
    [TDH_INLINE] = "inline", [TDH_PROCESS] = "process", NULL
};
static const char *const execution_words[] = { "async", "blocking", NULL };
static const char *const concurrency_words[] = { "one", "threads", NULL };

static const struct tdh_field fields[] = {
    { "apiVersion", true, read_api, 0, 0, NULL },
    { "kind", true, read_kind, 0, 0, NULL },
    { "name", true, read_name, MANIFEST(name), TDH_PLUGIN_NAME_MAX, NULL },
    { "version", true, read_version, MANIFEST(version_text), 64, NULL },
    { "description", false, tdh_field_text, MANIFEST(description), 500, NULL },
    { "library", true, read_library, MANIFEST(library), TDH_PLUGIN_LIBRARY_MAX, NULL },
    { "sdk", true, tdh_field_range, MANIFEST(sdk), 0, NULL },
    { "host", false, tdh_field_range, MANIFEST(host), 0, NULL },
    { "requires", false, tdh_manifest_needs, 0, 0, NULL },
    { "conflicts", false, tdh_manifest_conflicts, 0, 0, NULL },
    { "uses", false, tdh_manifest_roles, 0, 0, NULL },
    { "isolation", false, read_isolation, MANIFEST(isolation), 0, isolation_words },
    { "execution", false, read_second, MANIFEST(is_blocking), 0, execution_words },
    { "concurrency", false, read_second, MANIFEST(is_threaded), 0, concurrency_words },
    { "limits", false, read_limits, 0, 0, NULL },
    { "permissions", false, tdh_field_permissions, MANIFEST(permissions), 0, NULL },
    { "capabilities", false, tdh_manifest_capabilities, 0, 0, NULL },
    { "config", false, tdh_field_schema, MANIFEST(config), 0, NULL },
    { "catalogue", false, tdh_manifest_catalogue, 0, 0, NULL },
    { "options", false, tdh_manifest_options, 0, 0, NULL },
    { "state", false, read_state, 0, 0, NULL },
    { "integrity", false, read_integrity, 0, 0, NULL },
    { "tags", false, tdh_field_words, 0, 255, NULL },
    { "author", false, tdh_field_note, 0, 200, NULL },
    { "license", false, tdh_field_note, 0, 100, NULL },
    { "homepage", false, tdh_field_note, 0, 500, NULL },
};

/* In a folder NAME@VERSION. */
static int check_folder(const struct tdh_manifest *manifest, const struct tdh_spot *spot,
                        struct td_err *err)
{
    const char *at = strrchr(manifest->folder, '@');

    if (at == NULL || strchr(at, '/') != NULL || strcmp(at + 1, manifest->version_text) == 0)
        return 0;
    return tdh_spot_fail_key(spot, "version", err,
                             "version \"%s\" is not that of the folder \"%s\"",
                             manifest->version_text, strrchr(manifest->folder, '/') + 1);
}

/* What no single key can tell. */
static int check_whole(const struct tdh_manifest *manifest, const struct tdh_spot *spot,
                       struct td_err *err)
{
    if (check_folder(manifest, spot, err) != 0)
        return -1;
    if (manifest->kind == TD_KIND_AGENT && manifest->capability_count == 0 && !manifest->is_bridge)
        return tdh_spot_fail(spot, err, "an agent must have capabilities");
    if (manifest->kind != TD_KIND_AGENT && (manifest->capabilities != NULL || manifest->is_bridge))
        return tdh_spot_fail_key(spot, "capabilities", err,
                                 "a %s has no capabilities, only agents do",
                                 tdh_kind_name(manifest->kind));
    if (manifest->kind != TD_KIND_PATTERN && manifest->config != NULL && !manifest->is_bridge)
        return tdh_spot_fail_key(
            spot, "config", err, "%s %s has no config, only patterns do: it has options",
            manifest->kind == TD_KIND_AGENT ? "an" : "a", tdh_kind_name(manifest->kind));
    if (manifest->kind != TD_KIND_AGENT && manifest->role_count > 0)
        return tdh_spot_fail_key(spot, "uses", err, "a %s uses nobody, only agents do",
                                 tdh_kind_name(manifest->kind));
    if (manifest->kind != TD_KIND_AGENT && manifest->state_version > 0)
        return tdh_spot_fail_key(spot, "state", err,
                                 "a %s has no state that is kept, only agents do",
                                 tdh_kind_name(manifest->kind));
    if (manifest->kind != TD_KIND_PATTERN && manifest->catalogue != NULL)
        return tdh_spot_fail_key(spot, "catalogue", err, "%s %s has no catalogue, only patterns do",
                                 manifest->kind == TD_KIND_AGENT ? "an" : "a",
                                 tdh_kind_name(manifest->kind));
    return 0;
}

static struct tdh_manifest *new_manifest(const char *folder, struct td_err *err)
{
    struct tdh_manifest *manifest = calloc(1, sizeof(*manifest));
    size_t length = strlen(folder);

    while (length > 1 && folder[length - 1] == '/')
        length--;
    if (manifest != NULL)
        manifest->folder = strndup(folder, length);
    if (manifest != NULL && manifest->folder != NULL &&
        asprintf(&manifest->path, "%s/plugin.yaml", manifest->folder) >= 0)
        return manifest;
    if (manifest != NULL)
        manifest->path = NULL; /* asprintf leaves it undefined */
    tdh_manifest_free(manifest);
    td_fail(err, TD_E_NOMEM, "could not allocate a manifest");
    return NULL;
}

static int parse(struct tdh_manifest *manifest, const char *text, size_t length, struct td_err *err)
{
    struct tdh_spot spot = { 0 };

    tdh_sha256_hex(text, length, manifest->hash);
    manifest->yaml = tdh_yaml_parse(text, length, "plugin.yaml", err);
    if (manifest->yaml == NULL) {
        err->code = err->code == TD_E_NOMEM ? TD_E_NOMEM : TD_E_CONFIG;
        return -1;
    }
    spot.yaml = manifest->yaml;
    if (tdh_fields_read(fields, COUNT(fields), &spot, manifest->yaml->root, manifest, err) != 0)
        return -1;
    return check_whole(manifest, &spot, err);
}

/* In front of every refusal: whose manifest it is. The folder is called what the plugin is called.
 */
static void *fail(struct tdh_manifest *manifest, struct td_err *err)
{
    const char *slash = strrchr(manifest->folder, '/');

    if (err->hint[0] == '\0')
        td_hint(err, "the manifest is %s", manifest->path);
    td_context(err, "plugin \"%s\"", slash != NULL ? slash + 1 : manifest->folder);
    tdh_manifest_free(manifest);
    return NULL;
}

struct tdh_manifest *tdh_manifest_parse(const char *text, size_t length, const char *folder,
                                        struct td_err *err)
{
    struct tdh_manifest *manifest = new_manifest(folder, err);

    if (manifest == NULL)
        return NULL;
    return parse(manifest, text, length, err) == 0 ? manifest : fail(manifest, err);
}

struct tdh_manifest *tdh_manifest_read(const char *folder, struct td_err *err)
{
    struct tdh_manifest *manifest = new_manifest(folder, err);
    char *text;
    size_t length;
    int rc;

    if (manifest == NULL)
        return NULL;
    text = tdh_file_read(manifest->path, TDH_YAML_BYTES, &length, err);
    if (text == NULL)
        return fail(manifest, err);
    rc = parse(manifest, text, length, err);
    free(text);
    return rc == 0 ? manifest : fail(manifest, err);
}

void tdh_manifest_free(struct tdh_manifest *manifest)
{
    if (manifest == NULL)
        return;
    tdh_manifest_rows_free(manifest);
    tdh_catalogue_free(manifest->catalogue);
    json_decref(manifest->permissions);
    json_decref(manifest->limits);
    json_decref(manifest->config);
    tdh_schema_free(manifest->config_schema);
    free(manifest->folder);
    free(manifest->path);
    free(manifest->name);
    free(manifest->description);
    free(manifest->library);
    free(manifest->version_text);
    free(manifest->sha256);
    tdh_yaml_free(manifest->yaml);
    free(manifest);
}

const struct tdh_capability *tdh_manifest_capability(const struct tdh_manifest *manifest,
                                                     const char *action)
{
    for (size_t i = 0; i < manifest->capability_count; i++)
        if (strcmp(manifest->capabilities[i].name, action) == 0)
            return &manifest->capabilities[i];
    return NULL;
}
