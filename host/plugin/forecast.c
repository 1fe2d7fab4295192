/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forecast: what would become of a plugin on a host, this one or another: the gates that a host's
 * version decides, each one told, and nothing opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "plugin/pair.h"

/* One forecast under way. */
struct view {
    const struct tdh_gate *gate;
    struct tdh_terms terms;
    const char *which; /* what the host is called: "this", "that" */
    struct tdh_forecast *forecast;
};

/* --- which host --- */

/* A version, whose last numbers may be left out: "0.2". */
static int parse_version(const char *text, size_t length, struct tdh_semver *version,
                         struct td_err *err)
{
    char whole[TDH_SEMVER_PRE + 64];
    unsigned dots = 0;

    if (length >= sizeof(whole) - 4)
        return td_fail(err, TD_E_INVAL, "is longer than %zu bytes", sizeof(whole) - 5);
    for (size_t i = 0; i < length && text[i] != '-' && text[i] != '+'; i++)
        dots += text[i] == '.';
    snprintf(whole, sizeof(whole), "%.*s%s", (int)length, text,
             dots == 0   ? ".0.0"
             : dots == 1 ? ".0"
                         : "");
    return tdh_semver_parse(whole, version, err);
}

static int parse_part(const char *part, size_t length, bool is_first, struct tdh_terms *terms,
                      struct td_err *err)
{
    char day[TDH_DAY_TEXT + 4];

    if (is_first)
        return parse_version(part, length, &terms->host, err);
    if (strncmp(part, "sdk=", 4) == 0) {
        if (parse_version(part + 4, length - 4, &terms->sdk, err) != 0)
            return -1;
        return terms->sdk.major <= UINT16_MAX && terms->sdk.minor <= UINT16_MAX
                   ? 0
                   : td_fail(err, TD_E_INVAL, "no SDK has a number greater than %d", UINT16_MAX);
    }
    if (strncmp(part, "on=", 3) == 0) {
        snprintf(day, sizeof(day), "%.*s", (int)(length - 3 < 12 ? length - 3 : 12), part + 3);
        return tdh_day_parse(day, &terms->day, err);
    }
    return td_fail(err, TD_E_INVAL, "\"%.*s\" is neither sdk=VERSION nor on=DATE",
                   (int)(length < 64 ? length : 64), part);
}

int tdh_terms_parse(const char *text, struct tdh_terms *terms, struct td_err *err)
{
    for (const char *part = text; part != NULL;) {
        const char *comma = strchr(part, ',');
        size_t length = comma != NULL ? (size_t)(comma - part) : strlen(part);

        if (parse_part(part, length, part == text, terms, err) != 0)
            return td_context(err, "host \"%.64s\"", text);
        part = comma != NULL ? comma + 1 : NULL;
    }
    return 0;
}

struct tdh_terms tdh_plugins_terms(const struct tdh_plugins *plugins)
{
    return tdh_terms_here(&plugins->gate);
}

/* --- rows --- */

static void add(const struct view *view, const char *gate, enum tdh_outlook outlook,
                const char *text, const char *hint)
{
    struct tdh_forecast *forecast = view->forecast;
    struct tdh_forecast_row *row;

    if (forecast->count == TDH_FORECAST_ROWS)
        return;
    row = &forecast->rows[forecast->count++];
    row->gate = gate;
    row->outlook = outlook;
    snprintf(row->text, sizeof(row->text), "%s", text);
    snprintf(row->hint, sizeof(row->hint), "%s", hint);
    if (outlook > forecast->outlook)
        forecast->outlook = outlook;
}

static void add_fine(const struct view *view, const char *gate, const char *fmt, ...)
    TD_PRINTF(3, 4);
static void add_fine(const struct view *view, const char *gate, const char *fmt, ...)
{
    char text[TD_ERR_TEXT];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    add(view, gate, TDH_PASSES, text, "");
}

static void add_fault(const struct view *view, const char *gate, const struct td_err *err)
{
    add(view, gate, TDH_FAILS, err->text, err->hint);
}

/* --- the manifest's gates --- */

static void judge_ranges(const struct view *view, const struct tdh_manifest *manifest)
{
    const json_t *root = manifest->yaml->root;
    const char *host = json_string_value(json_object_get(root, "host"));
    struct td_err err = { 0 };
    char text[128];

    if (tdh_check_sdk(manifest, &view->terms, view->which, &err) != 0)
        add_fault(view, "sdk", &err);
    else
        add_fine(view, "sdk", "needs SDK %s, %s host offers %s",
                 json_string_value(json_object_get(root, "sdk")), view->which,
                 tdh_semver_print(&view->terms.sdk, text, sizeof(text)));
    if (tdh_check_host(manifest, &view->terms, view->which, &err) != 0)
        add_fault(view, "host", &err);
    else
        add_fine(view, "host", "needs host %s, %s host is %s", host != NULL ? host : "*",
                 view->which, tdh_semver_print(&view->terms.host, text, sizeof(text)));
}

static void judge_rules(const struct view *view, const struct tdh_manifest *manifest)
{
    const struct tdh_compat_rule *rule;
    struct td_err err = { 0 };
    int rc = tdh_check_rules(view->gate->compat, manifest, &view->terms, &rule, &err);

    view->forecast->rule = rule;
    if (rc != 0) {
        add_fault(view, "matrix", &err);
    } else if (rule == NULL) {
        add_fine(view, "matrix", "no rule fits it");
    } else if (rule->verdict == TDH_ALLOW) {
        add_fine(view, "matrix", "is allowed by line %u of the compatibility matrix", rule->line);
    } else {
        tdh_compat_tell(rule, manifest->version_text, view->terms.day, &err);
        add(view, "matrix", TDH_WARNS, err.text, err.hint);
    }
}

/* What is there on that host is not known: rules for pairs are told. They decide when the plugin
 * requires what it may not be used with, in whatever version that is. */
static void judge_pairs(const struct view *view, const struct tdh_manifest *manifest)
{
    const struct tdh_plugin_name name = tdh_name_of(manifest);
    char text[TD_ERR_TEXT];
    bool is_certain = false;

    for (size_t i = 0; i < manifest->need_count; i++)
        is_certain |=
            !manifest->needs[i].is_optional &&
            tdh_compat_bars(view->gate->compat, &name, manifest->needs[i].plugin, &view->terms);
    if (tdh_compat_pairs_of(view->gate->compat, &name, &view->terms, text)[0] != '\0')
        add(view, "pairs", is_certain ? TDH_FAILS : TDH_PASSES, text,
            is_certain ? "it requires that plugin" : "");
}

/* What is there on the other host is not known here. */
static void judge_needs(const struct view *view, const struct tdh_manifest *manifest)
{
    struct tdh_buf text = { 0 };

    for (size_t i = 0; i < manifest->need_count; i++)
        tdh_buf_printf(&text, "%s\"%s\" %s", i > 0 ? ", " : "", manifest->needs[i].plugin,
                       manifest->needs[i].range_text != NULL ? manifest->needs[i].range_text : "*");
    if (manifest->need_count > 0)
        add_fine(view, "requires", "must be there, too: %s",
                 text.data != NULL && !text.failed ? text.data : "several plugins");
    tdh_buf_free(&text);
}

/* --- the library's gates --- */

static void judge_stamp(const struct view *view)
{
    const struct td_note *note = &view->forecast->note;
    struct td_stamp host = tdh_stamp_own();
    struct td_err err = { 0 };

    host.major = (uint16_t)view->terms.sdk.major;
    host.minor = (uint16_t)view->terms.sdk.minor;
    if (note->size == 0 && host.major == 1 && host.minor >= TDH_UNNOTED_MINOR)
        add_fine(view, "stamp",
                 "has no note, so SDK 1.%d or before built it, and %s host offers its ABI",
                 TDH_UNNOTED_MINOR, view->which);
    else if (note->size == 0)
        add(view, "stamp", TDH_UNKNOWN,
            "has no note, so only opening it can tell which SDK built it",
            "build it with SDK 1.3 or later");
    else if (tdh_stamp_check_for(&note->stamp, &host, view->which, &err) != 0)
        add_fault(view, "stamp", &err);
    else
        add_fine(view, "stamp",
                 "was built with SDK %s, needs plugin ABI %u.%u, %s host offers %u.%u", note->sdk,
                 note->stamp.major, note->stamp.minor, view->which, host.major, host.minor);
}

static void judge_library(const struct view *view, int fd, const char *name)
{
    struct td_err err = { 0 };

    if (tdh_elf_check(fd, name, &view->forecast->note, &err) != 0) {
        add_fault(view, "library", &err);
        return;
    }
    add_fine(view, "library", "\"%s\" is of this machine, and whole", name);
    judge_stamp(view);
}

static void judge_integrity(const struct view *view, const struct tdh_manifest *manifest,
                            const char *path)
{
    char hash[TDH_SHA256_HEX];
    struct td_err err = { 0 };
    size_t length;
    char *bytes = tdh_file_read(path, TDH_LIBRARY_BYTES_MAX, &length, &err);

    if (bytes == NULL) {
        add_fault(view, "integrity", &err);
        return;
    }
    tdh_sha256_hex(bytes, length, hash);
    free(bytes);
    if (tdh_check_integrity(manifest, hash, &err) != 0)
        add_fault(view, "integrity", &err);
    else
        add_fine(view, "integrity", "has the SHA-256 that the manifest vouches for");
}

static void judge_own_library(const struct view *view, const struct tdh_manifest *manifest)
{
    char path[PATH_MAX];
    struct td_err err = { 0 };
    int fd = tdh_library_open(manifest, tdh_is_bundled(view->gate, manifest), path, &err);

    if (fd < 0) {
        add_fault(view, "library", &err);
        return;
    }
    judge_library(view, fd, manifest->library);
    close(fd);
    if (manifest->sha256 != NULL)
        judge_integrity(view, manifest, path);
}

/* --- all --- */

static void judge_folder(const struct view *view, const char *folder)
{
    struct td_err err = { 0 };
    struct tdh_manifest *manifest = tdh_manifest_read(folder, &err);
    struct tdh_forecast *forecast = view->forecast;

    if (manifest == NULL) {
        add_fault(view, "manifest", &err);
        return;
    }
    snprintf(forecast->name, sizeof(forecast->name), "%s", manifest->name);
    snprintf(forecast->version, sizeof(forecast->version), "%s", manifest->version_text);
    forecast->kind = manifest->kind;
    add_fine(view, "manifest", "%s \"%s\" %s", tdh_kind_name(manifest->kind), manifest->name,
             manifest->version_text);
    judge_ranges(view, manifest);
    judge_rules(view, manifest);
    judge_pairs(view, manifest);
    judge_needs(view, manifest);
    judge_own_library(view, manifest);
    tdh_manifest_free(manifest);
}

static int judge_file(const struct view *view, const char *path, struct td_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    const char *slash = strrchr(path, '/');
    struct stat status;
    int rc = 0;

    if (fd < 0)
        return td_fail_sys(err, "could not open library \"%s\"", path);
    if (fstat(fd, &status) != 0)
        rc = td_fail_sys(err, "could not look at library \"%s\"", path);
    else if (!S_ISREG(status.st_mode))
        rc = td_fail(err, TD_E_INVAL, "\"%s\" is neither a plugin's folder nor a library", path);
    else
        judge_library(view, fd, slash != NULL ? slash + 1 : path);
    close(fd);
    return rc;
}

int tdh_plugins_forecast(const struct tdh_plugins *plugins, const char *path,
                         const struct tdh_terms *terms, struct tdh_forecast *ret_forecast,
                         struct td_err *err)
{
    const struct view view = { .gate = &plugins->gate,
                               .terms = terms != NULL ? *terms : tdh_terms_here(&plugins->gate),
                               .which = terms != NULL ? "that" : "this",
                               .forecast = ret_forecast };
    char *real = realpath(path, NULL);
    struct stat status;
    int rc = 0;

    memset(ret_forecast, 0, sizeof(*ret_forecast));
    if (real == NULL)
        return td_fail_sys(err, "could not resolve \"%s\"", path);
    if (stat(real, &status) == 0 && S_ISDIR(status.st_mode))
        judge_folder(&view, real);
    else
        rc = judge_file(&view, real, err);
    free(real);
    return rc;
}
