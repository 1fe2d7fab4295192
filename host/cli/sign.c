/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign: keys of plugin authors, and the signatures of their plugins. host/security does the work.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

/* --- keygen --- */

int tdh_verb_plugin_keygen(const struct tdh_args *args)
{
    const char *path = tdh_args_value(args, "output", "plugin.key");
    struct tdh_public_key key;
    char line[TDH_KEY_TEXT];
    struct td_err err;

    if (tdh_private_key_make(path, &key, &err) != 0)
        return tdh_cli_fail(args, &err);
    tdh_public_key_print(&key, line);
    if (args->is_json)
        return tdh_cli_print(json_pack("{s:s, s:s}", "private", path, "public", line));
    printf("wrote %s, which stays with you, and %s.pub, which is this line:\n\n%s\n\n"
           "Whoever trusts your plugins puts the line into the setting plugins.trusted_keys; your "
           "name may\nstand behind it.\n",
           path, path, line);
    return TDH_EXIT_DONE;
}

/* --- sign --- */

/* What has no library yet is not worth a signature. */
static int check_built(const struct tdh_manifest *manifest, struct td_err *err)
{
    static const char *const places[] = { "", ".libs/" };
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s%s", manifest->folder, places[i], manifest->library);
        if (access(path, F_OK) == 0)
            return 0;
    }
    td_fail(err, TD_E_NOTFOUND, "plugin \"%s\": library \"%s\" is not in folder \"%s\"",
            manifest->name, manifest->library, manifest->folder);
    return td_hint(err, "build it first");
}

/* new: the manifest of a folder that may be given as any path. */
static struct tdh_manifest *read_manifest(const char *folder, struct td_err *err)
{
    char *real = realpath(folder, NULL);
    struct tdh_manifest *manifest;

    if (real == NULL) {
        td_fail_sys(err, "could not resolve folder \"%s\"", folder);
        return NULL;
    }
    manifest = tdh_manifest_read(real, err);
    free(real);
    return manifest;
}

static int print_signed(const struct tdh_args *args, const struct tdh_manifest *manifest,
                        const struct tdh_signature *made)
{
    char line[TDH_KEY_TEXT];

    tdh_public_key_print(&made->key, line);
    if (args->is_json)
        return tdh_cli_print(json_pack("{s:s, s:s, s:s, s:I, s:s}", "folder", args->words[0],
                                       "name", manifest->name, "version", manifest->version_text,
                                       "files", (json_int_t)made->listing.count, "key", line));
    printf("signed %s %s in %s, %zu files, with %s\n", manifest->name, manifest->version_text,
           args->words[0], made->listing.count, line);
    return TDH_EXIT_DONE;
}

int tdh_verb_plugin_sign(const struct tdh_args *args)
{
    const char *key = tdh_args_value(args, "key", NULL);
    struct tdh_signature made = { 0 };
    struct tdh_manifest *manifest;
    struct td_err err;
    int code;

    if (key == NULL)
        return tdh_cli_usage(args, "--key FILE is missing: tdev plugin keygen makes one");
    manifest = read_manifest(args->words[0], &err);
    if (manifest == NULL || check_built(manifest, &err) != 0 ||
        tdh_signature_make(manifest->folder, key, &made, &err) != 0)
        code = tdh_cli_fail(args, &err);
    else
        code = print_signed(args, manifest, &made);
    tdh_signature_free(&made);
    tdh_manifest_free(manifest);
    return code;
}

/* --- verify --- */

/* The keys that are given, else those that are configured. new */
static struct tdh_trust *make_trust(const struct tdh_args *args, struct td_err *err)
{
    struct tdh_trust *trust = tdh_trust_new(err);
    struct tdh_host *host = NULL;
    int rc = trust != NULL ? 0 : -1;

    for (size_t i = 0; i < args->given_count && rc == 0; i++)
        if (strcmp(args->given[i]->name, "trust") == 0)
            rc = tdh_trust_add(trust, args->values[i], err);
    if (rc == 0 && !tdh_args_has(args, "trust")) {
        host = tdh_cli_host(args, err);
        rc = host != NULL
                 ? tdh_trust_add_all(trust,
                                     tdh_conf_list(host->conf, TDH_CONF_PLUGINS_TRUSTED_KEYS), err)
                 : -1;
        args->hosts->free(host);
    }
    if (rc == 0)
        return trust;
    tdh_trust_free(trust);
    return NULL;
}

static int verify(const char *folder, const struct tdh_trust *trust,
                  struct tdh_signature *signature, const char **ret_owner, struct td_err *err)
{
    if (tdh_signature_read(folder, signature, err) == 0 &&
        tdh_signature_trusted(signature, trust, ret_owner, err) == 0 &&
        tdh_signature_check(signature, folder, err) == 0)
        return 0;
    return td_context(err, "%s", folder);
}

static int print_verified(const struct tdh_args *args, const struct tdh_signature *signature,
                          const char *owner)
{
    char line[TDH_KEY_TEXT];

    tdh_public_key_print(&signature->key, line);
    if (args->is_json)
        return tdh_cli_print(json_pack("{s:s, s:s, s:s, s:I}", "folder", args->words[0], "key",
                                       line, "owner", owner, "files",
                                       (json_int_t)signature->listing.count));
    printf("%s is as it was signed%s%s, %zu files, with %s\n", args->words[0],
           owner[0] != '\0' ? " by " : "", owner, signature->listing.count, line);
    return TDH_EXIT_DONE;
}

int tdh_verb_plugin_verify(const struct tdh_args *args)
{
    struct tdh_signature signature = { 0 };
    struct td_err err;
    struct tdh_trust *trust = make_trust(args, &err);
    const char *owner = "";
    int code;

    if (trust == NULL || verify(args->words[0], trust, &signature, &owner, &err) != 0)
        code = tdh_cli_fail(args, &err);
    else
        code = print_verified(args, &signature, owner);
    tdh_signature_free(&signature);
    tdh_trust_free(trust);
    return code;
}
