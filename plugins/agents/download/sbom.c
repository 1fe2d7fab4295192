/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sbom: one component per part of the catalogue, one per file with its hash.
 */
#include "sbom.h"

#include <stdio.h>
#include <string.h>

#include "kit/json.h"
#include "kit/sha256.h"
#include "kit/text.h"
#include "kit/write.h"

#define APP_VERSION "1.0.0"

/* The hash of all hashes, in the form of a name-based UUID (version 8: made our own way, RFC 9562).
 */
static int serial_of(const json_t *hashes, char ret_serial[64])
{
    struct kit_text lines = { 0 };
    char hash[KIT_SHA256_TEXT];
    const json_t *item;
    int rc = -1;
    size_t i;

    json_array_foreach ((json_t *)hashes, i, item)
        kit_text_printf(&lines, "%s  %s\n", kit_str(item, "sha256", ""), kit_str(item, "path", ""));
    if (!lines.failed &&
        kit_sha256(lines.data != NULL ? lines.data : "", lines.length, hash) == 0) {
        snprintf(ret_serial, 64, "urn:uuid:%.8s-%.4s-8%.3s-%c%.3s-%.12s", hash, hash + 8, hash + 13,
                 "89ab"[hash[16] & 3], hash + 17, hash + 20);
        rc = 0;
    }
    kit_text_free(&lines);
    return rc;
}

static int add_parts(json_t *list, const json_t *parts, struct td_err *err)
{
    const json_t *part;
    size_t i;

    json_array_foreach ((json_t *)parts, i, part) {
        const char *name = kit_str(part, "name", "");
        const char *version = kit_str(part, "version", "");
        json_t *ref = json_sprintf("component:%s@%s", name, version);

        if (kit_push(list,
                     json_pack("{s:s, s:o, s:s, s:s}", "type", "library", "bom-ref", ref, "name",
                               name, "version", version),
                     err) != 0)
            return -1;
    }
    return 0;
}

static int add_files(json_t *list, const json_t *hashes, struct td_err *err)
{
    const json_t *item;
    size_t i;

    json_array_foreach ((json_t *)hashes, i, item) {
        const char *path = kit_str(item, "path", "");
        json_t *ref = json_sprintf("file:%s", path);

        if (kit_push(list,
                     json_pack("{s:s, s:o, s:s, s:[{s:s, s:s}]}", "type", "file", "bom-ref", ref,
                               "name", path, "hashes", "alg", "SHA-256", "content",
                               kit_str(item, "sha256", "")),
                     err) != 0)
            return -1;
    }
    return 0;
}

static json_t *describe(const char *name, const char *serial, json_t *components)
{
    return json_pack("{s:s, s:s, s:s, s:i, s:{s:{s:[{s:s, s:s}]}, s:{s:s, s:s, s:s, s:s}}, s:O}",
                     "bomFormat", "CycloneDX", "specVersion", "1.5", "serialNumber", serial,
                     "version", 1, "metadata", "tools", "components", "type", "application", "name",
                     "tdev", "component", "type", "application", "bom-ref", "app", "name", name,
                     "version", APP_VERSION, "components", components);
}

static json_t *print(const json_t *sbom)
{
    struct kit_text out = { 0 };
    json_t *text = NULL;

    kit_write_pretty(&out, sbom, 0);
    kit_text_char(&out, '\n');
    if (!out.failed)
        text = json_stringn(out.data, out.length);
    kit_text_free(&out);
    return text;
}

json_t *sbom_text(const char *name, const json_t *hashes, const json_t *parts, struct td_err *err)
{
    char serial[64];
    json_t *components = json_array();
    json_t *sbom = NULL;
    json_t *text = NULL;

    if (serial_of(hashes, serial) == 0 && add_parts(components, parts, err) == 0 &&
        add_files(components, hashes, err) == 0)
        sbom = describe(name, serial, components);
    if (sbom != NULL)
        text = print(sbom);
    if (text == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate \"%s\"", SBOM_NAME);
    json_decref(sbom);
    json_decref(components);
    return text;
}
