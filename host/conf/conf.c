/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf: reads all layers into one object that is never written again, and answers for it.
 *
 * Everything the object points to stands in its arena. A failed read leaves nothing behind, so the
 * caller keeps what it has.
 */
#include "conf/conf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/near.h"
#include "conf/internal.h"

extern char **environ;

static const char *const kept[] = { "TDEV_", "XDG_", "HOME=" };

static int fail_nomem(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the configuration");
}

static bool is_kept(const char *variable)
{
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        if (strncmp(variable, kept[i], strlen(kept[i])) == 0)
            return true;
    return false;
}

/* Copies of the variables that matter here, so that a reread asks the same ones. */
static int keep_env(struct tdh_conf *conf, char *const *env, struct td_err *err)
{
    size_t count = 0;
    char **copy = NULL;

    for (size_t i = 0; env[i] != NULL; i++)
        count += is_kept(env[i]);
    copy = tdh_arena_alloc(&conf->arena, (count + 1) * sizeof(*copy));
    if (copy == NULL)
        return fail_nomem(err);
    conf->source.env = copy;
    for (size_t i = 0; env[i] != NULL; i++) {
        if (!is_kept(env[i]))
            continue;
        *copy = tdh_arena_strdup(&conf->arena, env[i]);
        if (*copy++ == NULL)
            return fail_nomem(err);
    }
    return 0;
}

static int keep_text(struct tdh_conf *conf, const char *text, const char **ret_copy,
                     struct td_err *err)
{
    *ret_copy = text != NULL ? tdh_arena_strdup(&conf->arena, text) : NULL;
    return text == NULL || *ret_copy != NULL ? 0 : fail_nomem(err);
}

static int keep_source(struct tdh_conf *conf, const struct tdh_conf_source *source,
                       struct td_err *err)
{
    conf->source.is_daemon = source->is_daemon;
    conf->source.is_personal = source->is_personal;
    if (keep_env(conf, source->env != NULL ? source->env : environ, err) != 0 ||
        keep_text(conf, source->file, &conf->source.file, err) != 0)
        return -1;
    return keep_text(conf, source->profile, &conf->source.profile, err);
}

/* $VARIABLE/tdev, or ~/FALLBACK/tdev, in the arena; NULL without a home. */
static int user_dir(struct tdh_conf *conf, const char *variable, const char *fallback,
                    const char **ret_path, struct td_err *err)
{
    const char *base = tdh_conf_env(conf, variable), *home = tdh_conf_home(conf);

    *ret_path = NULL;
    if (base != NULL && base[0] == '/')
        *ret_path = tdh_arena_printf(&conf->arena, "%s/tdev", base);
    else if (home != NULL)
        *ret_path = tdh_arena_printf(&conf->arena, "%s/%s/tdev", home, fallback);
    else
        return 0;
    return *ret_path != NULL ? 0 : fail_nomem(err);
}

/* A part of the installation, in the arena. */
static int part_dir(struct tdh_conf *conf, enum tdh_part part, const char **ret_path,
                    struct td_err *err)
{
    char *path = tdh_part_find(part);
    int rc = path != NULL ? keep_text(conf, path, ret_path, err) : fail_nomem(err);

    free(path);
    return rc;
}

static bool is_of_machine(const struct tdh_conf *conf)
{
    return conf->source.is_daemon && !conf->source.is_personal;
}

/* A file of the installation's configuration, in the arena. */
static int conf_file(struct tdh_conf *conf, const char *name, const char **ret_path,
                     struct td_err *err)
{
    if (part_dir(conf, TDH_PART_CONF, ret_path, err) != 0)
        return -1;
    *ret_path = tdh_arena_printf(&conf->arena, "%s/%s", *ret_path, name);
    return *ret_path != NULL ? 0 : fail_nomem(err);
}

/* A default that the table cannot say. Without a home state.dir has none; settle_paths looks. */
static int default_place(struct tdh_conf *conf, enum tdh_conf_key key, struct td_err *err)
{
    const char *path = "/var/lib/tdev";
    int rc = 0;

    if (key == TDH_CONF_DATA_DIR)
        rc = part_dir(conf, TDH_PART_DATA, &path, err);
    else if (key == TDH_CONF_PLUGINS_RUNNER_DIR)
        rc = part_dir(conf, TDH_PART_PROGRAMS, &path, err);
    else if (key == TDH_CONF_PLUGINS_COMPAT)
        rc = conf_file(conf, "compat.yaml", &path, err);
    else if (!is_of_machine(conf))
        rc = user_dir(conf, "XDG_STATE_HOME", ".local/state", &path, err);
    if (rc == 0)
        conf->values[key] = (struct tdh_conf_value){ .text = path };
    return rc;
}

static int layer_defaults(struct tdh_conf *conf, struct td_err *err)
{
    struct tdh_conf_reader reader = { &conf->arena, "/", NULL };

    for (enum tdh_conf_key key = 0; key < TDH_CONF_KEYS_; key++) {
        const struct tdh_conf_row *row = &tdh_conf_rows[key];
        bool is_embedded = !conf->source.is_daemon && row->embedded != NULL;
        int rc = 0;

        if (row->place != NULL)
            rc = default_place(conf, key, err);
        else
            rc = tdh_conf_value_parse(row, is_embedded ? row->embedded : row->fallback, &reader,
                                      &conf->values[key], err);
        if (rc != 0)
            return -1;
    }
    return 0;
}

/* The main file that was asked for, made absolute: a reread may come from another folder. */
static int name_file(struct tdh_conf *conf, struct td_err *err)
{
    char *here = NULL;

    if (conf->source.file == NULL)
        conf->source.file = tdh_conf_env(conf, "TDEV_CONFIG");
    if (conf->source.file == NULL)
        return 0;
    here = getcwd(NULL, 0);
    conf->source.file = tdh_conf_join(&conf->arena, here != NULL ? here : "/", conf->source.file);
    free(here);
    return conf->source.file != NULL ? 0 : fail_nomem(err);
}

/* Where a main file usually stands; NULL without a home. */
static int usual_path(struct tdh_conf *conf, const char **ret_path, struct td_err *err)
{
    const char *dir = NULL;
    int rc = is_of_machine(conf) ? part_dir(conf, TDH_PART_CONF, &dir, err)
                                 : user_dir(conf, "XDG_CONFIG_HOME", ".config", &dir, err);

    if (rc != 0 || dir == NULL)
        return rc;
    *ret_path = tdh_conf_join(&conf->arena, dir, is_of_machine(conf) ? "tdevd.yaml" : "tdev.yaml");
    return *ret_path != NULL ? 0 : fail_nomem(err);
}

/* *ret_path is where the main file is or would be, and the place of profiles; NULL without a home.
 */
static int layer_main(struct tdh_conf *conf, const char **ret_path, const char **ret_profile,
                      struct td_err *err)
{
    if (name_file(conf, err) != 0)
        return -1;
    *ret_path = conf->source.file;
    if (*ret_path == NULL) {
        if (usual_path(conf, ret_path, err) != 0)
            return -1;
        if (*ret_path == NULL || access(*ret_path, F_OK) != 0)
            return 0;
    }
    if (tdh_conf_layer_file(conf, *ret_path, false, ret_profile, err) != 0)
        return -1;
    conf->file = *ret_path;
    return 0;
}

static bool is_profile_name(const char *name)
{
    return name[0] != '\0' && name[0] != '-' && strlen(name) <= 64 &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

static int layer_profile(struct tdh_conf *conf, const char *main_file, const char *name,
                         struct td_err *err)
{
    const char *slash = main_file != NULL ? strrchr(main_file, '/') : NULL;
    const char *path = NULL;

    if (!is_profile_name(name))
        return td_fail(err, TD_E_CONFIG, "profile \"%s\" is no name: a-z, 0-9, - and _, at most 64",
                       name);
    if (slash == NULL)
        return td_fail(err, TD_E_NOTFOUND,
                       "profile \"%s\": without HOME there is no folder of profiles", name);
    path = tdh_arena_printf(&conf->arena, "%.*s/profiles/%s.yaml", (int)(slash - main_file),
                            main_file, name);
    conf->profile = tdh_arena_strdup(&conf->arena, name);
    if (path == NULL || conf->profile == NULL)
        return fail_nomem(err);
    if (tdh_conf_layer_file(conf, path, true, NULL, err) == 0)
        return 0;
    return err->code == TD_E_NOTFOUND ? td_context(err, "profile \"%s\"", name) : -1;
}

static int layer_files(struct tdh_conf *conf, struct td_err *err)
{
    const char *path = NULL, *profile = NULL;

    if (layer_main(conf, &path, &profile, err) != 0)
        return -1;
    if (tdh_conf_env(conf, "TDEV_PROFILE") != NULL)
        profile = tdh_conf_env(conf, "TDEV_PROFILE");
    if (conf->source.profile != NULL)
        profile = conf->source.profile;
    return profile != NULL ? layer_profile(conf, path, profile, err) : 0;
}

/* Relative paths that belong to state.dir, now that all layers are there. */
static int settle_paths(struct tdh_conf *conf, struct td_err *err)
{
    const char *dir = conf->values[TDH_CONF_STATE_DIR].text;

    if (dir == NULL) {
        td_fail(err, TD_E_CONFIG,
                "state.dir has no default: neither HOME nor XDG_STATE_HOME is set to a folder");
        return td_hint(err, "set TDEV_STATE_DIR to a folder of yours, or state.dir");
    }
    for (enum tdh_conf_key key = 0; key < TDH_CONF_KEYS_; key++) {
        struct tdh_conf_value *value = &conf->values[key];

        if (!(tdh_conf_rows[key].flags & TDH_CONF_IN_STATE))
            continue;
        value->text = tdh_conf_join(&conf->arena, dir, value->text);
        if (value->text == NULL)
            return fail_nomem(err);
    }
    return 0;
}

/* TLS takes both. */
static int check_tls(const struct tdh_conf *conf, struct td_err *err)
{
    bool has_certificate = conf->values[TDH_CONF_HTTP_CERTIFICATE].text[0] != '\0';
    bool has_key = conf->values[TDH_CONF_HTTP_KEY].text[0] != '\0';

    if (has_certificate == has_key)
        return 0;
    return td_fail(err, TD_E_CONFIG, "http.%s is set, and http.%s is not: TLS takes both",
                   has_key ? "key" : "certificate", has_key ? "certificate" : "key");
}

/* Rules between settings. */
static int check_whole(const struct tdh_conf *conf, struct td_err *err)
{
    const struct tdh_conf_value *initial = &conf->values[TDH_CONF_CALL_RETRY_INITIAL];
    const struct tdh_conf_value *most = &conf->values[TDH_CONF_CALL_RETRY_MAX];

    if (initial->number > most->number)
        return td_fail(err, TD_E_CONFIG,
                       "call.retry_initial is %s, more than call.retry_max, which is %s",
                       initial->text, most->text);
    return check_tls(conf, err);
}

static int read_layers(struct tdh_conf *conf, const struct tdh_conf_source *source,
                       struct td_err *err)
{
    if (keep_source(conf, source, err) != 0 || layer_defaults(conf, err) != 0 ||
        layer_files(conf, err) != 0 || tdh_conf_layer_env(conf, err) != 0 ||
        settle_paths(conf, err) != 0)
        return -1;
    return check_whole(conf, err);
}

int tdh_conf_read(const struct tdh_conf_source *source, struct tdh_conf **ret_conf,
                  struct td_err *err)
{
    struct tdh_conf *conf = calloc(1, sizeof(*conf));

    if (conf == NULL)
        return fail_nomem(err);
    atomic_init(&conf->refs, 1);
    if (read_layers(conf, source, err) != 0) {
        tdh_conf_unref(conf);
        return -1;
    }
    *ret_conf = conf;
    return 0;
}

static int keep_list(struct tdh_conf *conf, const char *const *list, const char *const **ret_list,
                     struct td_err *err)
{
    size_t count = 0;
    const char **copy;

    while (list != NULL && list[count] != NULL)
        count++;
    copy = tdh_arena_alloc(&conf->arena, (count + 1) * sizeof(*copy));
    if (copy == NULL)
        return fail_nomem(err);
    for (size_t i = 0; i < count; i++)
        if (keep_text(conf, list[i], &copy[i], err) != 0)
            return -1;
    copy[count] = NULL;
    *ret_list = copy;
    return 0;
}

/* Copies a value of another object into this one's arena. */
static int take_value(struct tdh_conf *conf, enum tdh_conf_key key,
                      const struct tdh_conf_value *value, struct td_err *err)
{
    struct tdh_conf_value copy = *value;

    if (keep_text(conf, value->text, &copy.text, err) != 0 ||
        keep_text(conf, value->from.name, &copy.from.name, err) != 0)
        return -1;
    if (tdh_conf_rows[key].type == TDH_CONF_LIST &&
        keep_list(conf, value->list, &copy.list, err) != 0)
        return -1;
    conf->values[key] = copy;
    conf->is_pending[key] = true;
    return 0;
}

int tdh_conf_reread(const struct tdh_conf *conf, struct tdh_conf **ret_conf, struct td_err *err)
{
    struct tdh_conf *next = NULL;

    if (tdh_conf_read(&conf->source, &next, err) != 0)
        return -1;
    for (enum tdh_conf_key key = 0; key < TDH_CONF_KEYS_; key++) {
        if (tdh_conf_rows[key].flags & TDH_CONF_RELOADABLE || !tdh_conf_differs(conf, next, key))
            continue;
        if (take_value(next, key, &conf->values[key], err) != 0) {
            tdh_conf_unref(next);
            return -1;
        }
    }
    *ret_conf = next;
    return 0;
}

struct tdh_conf *tdh_conf_ref(struct tdh_conf *conf)
{
    atomic_fetch_add_explicit(&conf->refs, 1, memory_order_relaxed);
    return conf;
}

void tdh_conf_unref(struct tdh_conf *conf)
{
    if (conf == NULL || atomic_fetch_sub_explicit(&conf->refs, 1, memory_order_acq_rel) != 1)
        return;
    tdh_arena_free(&conf->arena);
    free(conf);
}

int64_t tdh_conf_int(const struct tdh_conf *conf, enum tdh_conf_key key)
{
    assert(tdh_conf_rows[key].type == TDH_CONF_INT || tdh_conf_rows[key].type == TDH_CONF_SIZE ||
           tdh_conf_rows[key].type == TDH_CONF_DURATION);
    return conf->values[key].number;
}

const char *tdh_conf_str(const struct tdh_conf *conf, enum tdh_conf_key key)
{
    assert(tdh_conf_rows[key].type == TDH_CONF_STRING ||
           tdh_conf_rows[key].type == TDH_CONF_CHOICE || tdh_conf_rows[key].type == TDH_CONF_PATH);
    return conf->values[key].text;
}

const char *const *tdh_conf_list(const struct tdh_conf *conf, enum tdh_conf_key key)
{
    assert(tdh_conf_rows[key].type == TDH_CONF_LIST);
    return conf->values[key].list;
}

const char *tdh_conf_name(enum tdh_conf_key key, char *text, size_t size)
{
    snprintf(text, size, "%s.%s", tdh_conf_rows[key].section, tdh_conf_rows[key].key);
    return text;
}

int tdh_conf_find(const char *name, enum tdh_conf_key *ret_key, struct td_err *err)
{
    char names[TDH_CONF_KEYS_][64];
    const char *candidates[TDH_CONF_KEYS_];

    for (enum tdh_conf_key key = 0; key < TDH_CONF_KEYS_; key++) {
        candidates[key] = tdh_conf_name(key, names[key], sizeof(names[key]));
        if (strcmp(candidates[key], name) == 0) {
            *ret_key = key;
            return 0;
        }
    }
    td_fail(err, TD_E_NOTFOUND, "there is no setting \"%s\"", name);
    return tdh_conf_suggest(err, tdh_near(name, candidates, TDH_CONF_KEYS_));
}

bool tdh_conf_differs(const struct tdh_conf *conf, const struct tdh_conf *other,
                      enum tdh_conf_key key)
{
    return !tdh_conf_value_equal(&tdh_conf_rows[key], &conf->values[key], &other->values[key]);
}

bool tdh_conf_pending(const struct tdh_conf *conf, enum tdh_conf_key key)
{
    return conf->is_pending[key];
}

const char *tdh_conf_file(const struct tdh_conf *conf)
{
    return conf->file;
}

const char *tdh_conf_profile(const struct tdh_conf *conf)
{
    return conf->profile;
}
