/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signed: the gate that asks who made a plugin (host/security). All files of the folder are hashed
 * here; the manifest that counts is the one that was read, and the library the one that is opened:
 * the first is compared with its own hash, the second again when its private copy is made (copy.c).
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "plugin/internal.h"

/* Where library.c looks for it, in the same order. */
static const char *find_library(const struct tdh_listing *listing, const char *library)
{
    char path[TDH_PLUGIN_LIBRARY_MAX + 8];
    const char *hash = tdh_listing_find(listing, library);

    snprintf(path, sizeof(path), ".libs/%s", library);
    return hash != NULL ? hash : tdh_listing_find(listing, path);
}

static int compare(const struct tdh_signature *signature, struct tdh_manifest *manifest,
                   struct td_err *err)
{
    const char *paper = tdh_listing_find(&signature->listing, "plugin.yaml");
    const char *library = find_library(&signature->listing, manifest->library);

    if (paper == NULL || strcmp(paper, manifest->hash) != 0)
        return td_fail(err, TD_E_PERM, "file \"plugin.yaml\" was changed after it was signed");
    if (library == NULL)
        return td_fail(err, TD_E_PERM, "library \"%s\" is not among the files that were signed",
                       manifest->library);
    if (tdh_signature_check(signature, manifest->folder, err) != 0)
        return -1;
    memcpy(manifest->signed_library, library, sizeof(manifest->signed_library));
    return 0;
}

static int check_folder(const struct tdh_gate *gate, struct tdh_manifest *manifest,
                        struct td_err *err)
{
    struct tdh_signature signature;
    const char *owner;
    int rc;

    if (tdh_signature_read(manifest->folder, &signature, err) != 0) {
        err->code = err->code == TD_E_NOTFOUND ? TD_E_PERM : err->code;
        return -1;
    }
    rc = tdh_signature_trusted(&signature, gate->trust, &owner, err) == 0
             ? compare(&signature, manifest, err)
             : -1;
    if (rc == 0)
        tdh_public_key_print(&signature.key, manifest->signer);
    tdh_signature_free(&signature);
    return rc;
}

/* Nobody but the host can change an edition that it has kept, so what was found then holds still;
 * but the key may be trusted no more. */
static int check_kept(const struct tdh_gate *gate, struct tdh_manifest *manifest,
                      struct td_err *err)
{
    struct tdh_signature signature = { 0 };
    const char *owner;

    if (manifest->signer[0] == '\0')
        return td_fail(err, TD_E_PERM, "was not found signed with a trusted key when it was kept");
    return tdh_public_key_parse(manifest->signer, &signature.key, &owner, err) == 0
               ? tdh_signature_trusted(&signature, gate->trust, &owner, err)
               : -1;
}

int tdh_check_signature(const struct tdh_gate *gate, struct tdh_manifest *manifest,
                        struct td_err *err)
{
    struct td_err why;

    manifest->signed_library[0] = '\0';
    if (gate->signatures == TDH_SIGNATURES_OFF ||
        (manifest->is_kept ? check_kept : check_folder)(gate, manifest, &why) == 0)
        return 0;
    if (gate->signatures == TDH_SIGNATURES_REQUIRE || why.code == TD_E_NOMEM) {
        *err = why;
        return -1;
    }
    tdh_log(TDH_LOG_WARNING, "plugin", TDH_FACTS(TDH_S("plugin", manifest->name)), "%s", why.text);
    return 0;
}
