/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check: the gates a plugin passes before its library is touched: version ranges, the compatibility
 * matrix, whether it may run inside the host from where it lies, and its signature (signed.c).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/internal.h"

static struct tdh_semver own_version(const char *text)
{
    struct tdh_semver version = { 0 };
    struct td_err err;

    tdh_semver_parse(text, &version, &err); /* our own text: it is one */
    return version;
}

struct tdh_terms tdh_terms_here(const struct tdh_gate *gate)
{
    return (struct tdh_terms){ .host = own_version(TDH_HOST_VERSION),
                               .sdk = own_version(TD_SDK_VERSION),
                               .day = gate->day != 0 ? gate->day : tdh_day_today() };
}

/* TD_E_ABI at a key of the manifest. */
static int fail_range(const struct tdh_manifest *manifest, const char *key, const char *needs,
                      const char *which, const char *offers, const struct tdh_semver *version,
                      struct td_err *err)
{
    const struct tdh_spot root = { .yaml = manifest->yaml },
                          spot = { .up = &root, .yaml = manifest->yaml, .key = key };
    const char *range = json_string_value(json_object_get(manifest->yaml->root, key));
    char text[128];

    tdh_spot_fail(&spot, err, "needs %s %s, %s host %s %s", needs, range, which, offers,
                  tdh_semver_print(version, text, sizeof(text)));
    err->code = TD_E_ABI;
    return td_hint(
        err,
        "install a version of the plugin that was made for %s host, or another version of tdev",
        which);
}

int tdh_check_sdk(const struct tdh_manifest *manifest, const struct tdh_terms *terms,
                  const char *which, struct td_err *err)
{
    if (tdh_range_has(&manifest->sdk, &terms->sdk))
        return 0;
    return fail_range(manifest, "sdk", "SDK", which, "offers", &terms->sdk, err);
}

int tdh_check_host(const struct tdh_manifest *manifest, const struct tdh_terms *terms,
                   const char *which, struct td_err *err)
{
    if (tdh_range_has(&manifest->host, &terms->host))
        return 0;
    return fail_range(manifest, "host", "host", which, "is", &terms->host, err);
}

int tdh_check_rules(const struct tdh_compat *compat, const struct tdh_manifest *manifest,
                    const struct tdh_terms *terms, const struct tdh_compat_rule **ret_rule,
                    struct td_err *err)
{
    *ret_rule = tdh_compat_match(compat, manifest->name, &manifest->version, terms);
    if (tdh_compat_verdict(*ret_rule, terms->day) == TDH_BLOCK)
        return tdh_compat_tell(*ret_rule, manifest->version_text, terms->day, err);
    return 0;
}

/* Ranges and matrix. *ret_rule: the rule when the plugin is deprecated, else NULL. */
static int check_versions(const struct tdh_gate *gate, const struct tdh_manifest *manifest,
                          const struct tdh_compat_rule **ret_rule, struct td_err *err)
{
    const struct tdh_terms here = tdh_terms_here(gate);

    if (tdh_check_sdk(manifest, &here, "this", err) != 0 ||
        tdh_check_host(manifest, &here, "this", err) != 0 ||
        tdh_check_rules(gate->compat, manifest, &here, ret_rule, err) != 0)
        return -1;
    if (*ret_rule != NULL && (*ret_rule)->verdict == TDH_ALLOW)
        *ret_rule = NULL;
    return 0;
}

/* Is `path` below `root`? Both absolute, without "." and "..". */
static bool is_below(const char *path, const char *root)
{
    size_t length = strlen(root);

    if (strcmp(root, "/") == 0)
        return path[0] == '/';
    return strncmp(path, root, length) == 0 && path[length] == '/';
}

/* A group of one: root's, or the one the user's own files get. */
static bool is_private_group(gid_t group)
{
    return group == 0 || group == getegid();
}

const char *tdh_others_write(const struct stat *status)
{
    if (status->st_mode & S_IWOTH)
        return "everybody";
    return (status->st_mode & S_IWGRP) && !is_private_group(status->st_gid) ? "its group" : NULL;
}

/* Whose folder it is, and who can write to it, decides whether what lies in it can be trusted.
 * `where`: in front of the words. */
static int check_owner(const char *path, const char *where, struct td_err *err)
{
    const char *who;
    struct stat status;

    if (stat(path, &status) != 0)
        return td_fail_sys(err, "could not look at folder \"%s\"", path);
    if (status.st_uid != 0 && status.st_uid != geteuid())
        return td_fail(err, TD_E_PERM, "%sfolder \"%s\" belongs neither to root nor to the user",
                       where, path);
    who = tdh_others_write(&status);
    if (who == NULL)
        return 0;
    td_fail(err, TD_E_PERM, "%s%s can write to folder \"%s\"", where, who, path);
    return td_hint(err, "chmod go-w \"%s\"", path);
}

/* The folder, those above it, and the root: who can write to one can change what is below. */
static int check_owners(const char *root, const char *folder, struct td_err *err)
{
    static const char where[] = "cannot run inside the host: ";
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s", folder);
    while (is_below(path, root)) {
        if (check_owner(path, where, err) != 0)
            return -1;
        *strrchr(path, '/') = '\0';
    }
    return check_owner(root, where, err);
}

static int fail_outside(const struct tdh_manifest *manifest, struct td_err *err)
{
    td_fail(err, TD_E_PERM, "cannot run inside the host from folder \"%s\"", manifest->folder);
    return td_hint(
        err,
        "put the folder above it into the setting plugins.inline if you trust what lies there");
}

/* Only agents, with actions of their own: the loop of a run cannot wait for a process between two
 * events, and a store is what everything else rests on. */
static int check_process(const struct tdh_gate *gate, const struct tdh_manifest *manifest,
                         struct td_err *err)
{
    if (gate->runner_path == NULL) {
        td_fail(err, TD_E_UNSUPPORTED, "isolation \"process\" is not offered by this host");
        return td_hint(err, "with \"isolation: inline\" it may run inside the host, from a folder "
                            "in plugins.inline");
    }
    if (manifest->kind == TD_KIND_AGENT && !manifest->is_bridge)
        return check_owner(manifest->folder, "", err);
    td_fail(err, TD_E_UNSUPPORTED, "a %s cannot run with isolation \"process\", only agents can",
            manifest->is_bridge ? "bridge" : tdh_kind_name(manifest->kind));
    return td_hint(err, "with \"isolation: inline\" it may run inside the host, from a folder in "
                        "plugins.inline");
}

/* 0: it lies where it may run inside; 1: it does not. */
static int check_inline_roots(const struct tdh_gate *gate, const struct tdh_manifest *manifest,
                              struct td_err *err)
{
    char *folder = realpath(manifest->folder, NULL);
    int rc = 1;

    if (folder == NULL)
        return td_fail_sys(err, "could not resolve folder \"%s\"", manifest->folder);
    for (const char *const *root = gate->inline_roots; *root != NULL; root++) {
        if (!is_below(folder, *root))
            continue;
        rc = check_owners(*root, folder, err);
        break;
    }
    free(folder);
    return rc;
}

bool tdh_is_bundled(const struct tdh_gate *gate, const struct tdh_manifest *manifest)
{
    return gate->bundled_root != NULL && is_below(manifest->folder, gate->bundled_root);
}

/* What the manifest says; when it says nothing, inline where that is allowed, else isolated. */
static int check_isolation(const struct tdh_gate *gate, const struct tdh_manifest *manifest,
                           struct tdh_admission *admission, struct td_err *err)
{
    int rc = 0;

    admission->is_bundled = tdh_is_bundled(gate, manifest);
    admission->isolation = manifest->isolation;
    if (manifest->isolation == TDH_PROCESS)
        return check_process(gate, manifest, err);
    if (!admission->is_bundled)
        rc = check_inline_roots(gate, manifest, err);
    if (rc <= 0)
        return rc;
    if (manifest->is_isolation_given || manifest->kind != TD_KIND_AGENT || manifest->is_bridge ||
        gate->runner_path == NULL)
        return fail_outside(manifest, err);
    admission->isolation = TDH_PROCESS;
    return check_process(gate, manifest, err);
}

int tdh_check_manifest(const struct tdh_gate *gate, struct tdh_manifest *manifest,
                       struct tdh_admission *ret_admission, struct td_err *err)
{
    struct tdh_admission admission = { .rule = NULL };

    if (check_versions(gate, manifest, &admission.rule, err) != 0 ||
        check_isolation(gate, manifest, &admission, err) != 0 ||
        (!admission.is_bundled && tdh_check_signature(gate, manifest, err) != 0))
        return td_context(err, "plugin \"%s\"", manifest->name);
    *ret_admission = admission;
    return 0;
}
