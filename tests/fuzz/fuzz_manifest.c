/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_manifest: any bytes are a manifest, or an error with its place. A manifest has what every
 * plugin needs, and what its options may be set to follows its own rows.
 */
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "plugin/internal.h"

/* A default that was read is one that can be set. */
static void check_option(const struct tdh_option *option)
{
    struct tdh_value value;
    struct td_err err;

    assert(option->name != NULL && option->min <= option->max);
    assert(option->type != TDH_OPT_CHOICE || json_array_size(option->choices) > 0);
    if (option->value != NULL)
        assert(tdh_option_check(option, option->value, &value, &err) == 0);
}

static void check_manifest(const struct tdh_manifest *manifest)
{
    assert(strcmp(manifest->name, "x") == 0 && strchr(manifest->library, '/') == NULL);
    assert((manifest->kind == TD_KIND_AGENT) == (manifest->capability_count > 0));
    for (size_t i = 0; i < manifest->capability_count; i++)
        assert(tdh_manifest_capability(manifest, manifest->capabilities[i].name) ==
               &manifest->capabilities[i]);
    for (size_t i = 0; i < manifest->option_count; i++)
        check_option(&manifest->options[i]);
    for (size_t i = 0; i < manifest->need_count; i++)
        assert(tdh_plugin_name_is_valid(manifest->needs[i].plugin));
    tdh_permission_has(manifest->permissions, "agents", "mail");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char prefix[] = "plugin \"x\": plugin.yaml:";
    struct td_err err = { 0 };
    struct tdh_manifest *manifest = tdh_manifest_parse((const char *)bytes, size, "x", &err);

    if (manifest == NULL) {
        assert(err.code == TD_E_CONFIG || err.code == TD_E_UNSUPPORTED);
        assert(strncmp(err.text, prefix, sizeof(prefix) - 1) == 0);
        return 0;
    }
    check_manifest(manifest);
    tdh_manifest_free(manifest);
    return 0;
}
