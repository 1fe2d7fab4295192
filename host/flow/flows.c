/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flows: workflows by name: what is deployed, else a file. What was read is kept until its file, or
 * what is deployed, is another.
 *
 * The lock guards the tables only: reading a file may ask the world, which may give way. Two who
 * read the same file at once both do, and the table keeps what came last.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/map.h"
#include "base/near.h"
#include "base/semver.h"
#include "flow/flows.h"

/* --- names --- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What is deployed. */
static int add_deployed(struct tdh_flows *flows, struct tdh_names *names)
{
    int rc = 0;

    pthread_mutex_lock(&flows->lock);
    for (size_t i = 0; rc == 0 && flows->versions != NULL && i < flows->versions->count; i++) {
        char *name = strdup(flows->versions->list[i].id);

        rc = name != NULL ? tdh_names_add(names, name) : -1;
    }
    pthread_mutex_unlock(&flows->lock);
    return rc;
}

/* All names, of all folders and of what is deployed, each once, in order. */
static int read_names(struct tdh_flows *flows, struct tdh_names *names, struct td_err *err)
{
    size_t kept = 0;
    int rc = add_deployed(flows, names);

    for (size_t i = 0; i < flows->folder_count && rc == 0; i++)
        rc = tdh_names_read(flows->folders[i], names);
    if (rc != 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate the names of workflows");
    if (names->count > 0)
        qsort(names->list, names->count, sizeof(char *), compare_names);
    for (size_t i = 0; i < names->count; i++)
        if (kept > 0 && strcmp(names->list[kept - 1], names->list[i]) == 0)
            free(names->list[i]);
        else
            names->list[kept++] = names->list[i];
    names->count = kept;
    return 0;
}

static int not_found(struct tdh_flows *flows, const char *name, struct td_err *err)
{
    struct tdh_names names = { 0 };
    const char *near = NULL;
    struct td_err ignored;

    if (read_names(flows, &names, &ignored) == 0)
        near = tdh_near(name, (const char *const *)names.list, names.count);
    td_fail(err, TD_E_NOTFOUND, "there is no workflow \"%.200s\"%s%s%s", name,
            near ? ", did you mean \"" : "", near ? near : "", near ? "\"" : "");
    if (tdh_flow_is_path(name))
        td_hint(err, "a name that ends in .yaml or .flow, or has a slash, is a path from the "
                     "working folder");
    else if (flows->folder_count > 0)
        td_hint(err, "tdev workflow list shows what is there; your own go to %.180s",
                flows->folders[0]);
    tdh_names_free(&names);
    return -1;
}

/* --- what workflows are checked against --- */

static int ask_action(void *arg, const char *agent, const char *action, const json_t **ret_input,
                      const json_t **ret_output, struct td_err *err)
{
    const struct tdh_flow_world *outside = &((struct tdh_flows *)arg)->outside;

    return outside->action(outside->arg, agent, action, ret_input, ret_output, err);
}

static int ask_pattern(void *arg, const char *name, const struct tdh_schema **ret_config,
                       struct td_err *err)
{
    const struct tdh_flow_world *outside = &((struct tdh_flows *)arg)->outside;

    return outside->pattern(outside->arg, name, ret_config, err);
}

static int ask_together(void *arg, const struct tdh_flow_use *uses, size_t count,
                        size_t ret_places[static 2], struct td_err *err)
{
    const struct tdh_flow_world *outside = &((struct tdh_flows *)arg)->outside;

    return outside->together(outside->arg, uses, count, ret_places, err);
}

/* Only whether the workflow is there: its own text may name the one that is being read. */
static int ask_workflow(void *arg, const char *name, struct td_err *err)
{
    struct tdh_flows *flows = arg;
    char path[PATH_MAX];
    int found = 0;

    if (flows->outside.workflow != NULL)
        return flows->outside.workflow(flows->outside.arg, name, err);
    if (tdh_flow_is_path(name))
        found = tdh_flow_is_file(name);
    else if (tdh_flows_has(flows, name))
        found = 1;
    else if (tdh_flow_is_id(name))
        found = tdh_flow_find_file(flows->folders, flows->folder_count, name, path, err);
    return found == 0 ? not_found(flows, name, err) : found > 0 ? 0 : -1;
}

/* --- reading and keeping --- */

static void free_entry(void *value)
{
    struct tdh_flows_entry *entry = value;

    if (entry == NULL)
        return;
    tdh_definition_release(entry->definition);
    free(entry);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* A new hold of what was read, when the file is still the same. */
static struct tdh_definition *kept(struct tdh_flows *flows, const char *path,
                                   const struct stat *status)
{
    struct tdh_definition *definition = NULL;
    const struct tdh_flows_entry *entry;

    pthread_mutex_lock(&flows->lock);
    entry = tdh_map_get(&flows->entries, path);
    if (entry != NULL && is_same_file(&entry->status, status))
        definition = tdh_definition_hold(entry->definition);
    pthread_mutex_unlock(&flows->lock);
    return definition;
}

/* Without memory it is read again next time. */
static void keep(struct tdh_flows *flows, const char *path, const struct stat *status,
                 struct tdh_definition *definition)
{
    struct tdh_flows_entry *entry = calloc(1, sizeof(*entry));
    void *old = NULL;

    if (entry == NULL)
        return;
    entry->status = *status;
    entry->definition = tdh_definition_hold(definition);
    pthread_mutex_lock(&flows->lock);
    if (tdh_map_set(&flows->entries, path, entry, &old) != 0)
        old = entry;
    pthread_mutex_unlock(&flows->lock);
    free_entry(old);
}

static void forget(struct tdh_flows *flows, const char *path)
{
    struct tdh_flows_entry *old;

    pthread_mutex_lock(&flows->lock);
    old = tdh_map_remove(&flows->entries, path);
    pthread_mutex_unlock(&flows->lock);
    free_entry(old);
}

static struct tdh_definition *read_file(struct tdh_flows *flows, const char *path,
                                        struct td_err *err)
{
    struct tdh_yaml *yaml = tdh_flow_text(path, err);
    struct tdh_definition *definition =
        yaml != NULL ? tdh_flow_read(yaml, &flows->world, err) : NULL;

    tdh_yaml_free(yaml);
    return definition;
}

/* The file's state is taken before it is read: a change in between is seen the next time. */
static struct tdh_definition *find_path(struct tdh_flows *flows, const char *path,
                                        struct td_err *err)
{
    struct tdh_definition *definition;
    struct stat status;

    if (stat(path, &status) != 0) {
        forget(flows, path);
        if (errno == ENOENT || errno == ENOTDIR)
            td_fail(err, TD_E_NOTFOUND, "there is no workflow \"%.200s\": %s", path,
                    strerror(errno));
        else
            td_fail_sys(err, "could not read workflow \"%.200s\"", path);
        return NULL;
    }
    definition = kept(flows, path, &status);
    if (definition != NULL)
        return definition;
    definition = read_file(flows, path, err);
    if (definition != NULL)
        keep(flows, path, &status, definition);
    else
        forget(flows, path);
    return definition;
}

/* A file in a folder is called what its workflow is called, so that there is one name for both. */
static struct tdh_definition *find_name(struct tdh_flows *flows, const char *name, const char *path,
                                        struct td_err *err)
{
    struct tdh_definition *definition = find_path(flows, path, err);

    if (definition == NULL || strcmp(definition->name, name) == 0)
        return definition;
    td_fail(err, TD_E_CONFIG, "%s: the file is called \"%s\", its workflow has the id \"%s\"", path,
            name, definition->name);
    tdh_definition_release(definition);
    return NULL;
}

struct tdh_definition *tdh_flows_file(struct tdh_flows *flows, const char *name, struct td_err *err)
{
    char path[PATH_MAX];
    int found = 0;

    if (tdh_flow_is_path(name))
        return find_path(flows, name, err);
    if (tdh_flow_is_id(name))
        found = tdh_flow_find_file(flows->folders, flows->folder_count, name, path, err);
    if (found > 0)
        return find_name(flows, name, path, err);
    if (found == 0)
        not_found(flows, name, err);
    return NULL;
}

json_t *tdh_flows_faults(struct tdh_flows *flows, const char *name)
{
    struct tdh_yaml *yaml = NULL;
    char path[PATH_MAX];
    struct td_err err;
    json_t *faults;

    if (tdh_flow_is_path(name))
        yaml = tdh_flow_text(name, &err);
    else if (tdh_flow_is_id(name) &&
             tdh_flow_find_file(flows->folders, flows->folder_count, name, path, &err) > 0)
        yaml = tdh_flow_text(path, &err);
    faults = yaml != NULL ? tdh_flow_faults(yaml, &flows->world) : json_array();
    tdh_yaml_free(yaml);
    return faults;
}

/* --- what is deployed --- */

/* A file's workflow must have a version in the range. */
static int check_version(const struct tdh_definition *definition, const struct tdh_wanted *wanted,
                         struct td_err *err)
{
    struct tdh_semver version;

    if (wanted->range == NULL)
        return 0;
    if (definition->version[0] == '\0')
        return td_fail(err, TD_E_DEPENDENCY, "workflow \"%s\" has no version, %s is wanted",
                       definition->name, wanted->words);
    if (tdh_semver_parse(definition->version, &version, err) != 0)
        return td_context(err, "workflow \"%s\"", definition->name);
    return tdh_range_has(wanted->range, &version)
               ? 0
               : td_fail(err, TD_E_DEPENDENCY, "workflow \"%s\" has version %s, %s is wanted",
                         definition->name, definition->version, wanted->words);
}

static struct tdh_definition *find_wanted(struct tdh_flows *flows, const struct tdh_wanted *wanted,
                                          struct td_err *err)
{
    struct tdh_definition *definition = NULL;

    err->code = TD_OK;
    if (!tdh_flow_is_path(wanted->id))
        definition = tdh_flows_deployed(flows, wanted, err);
    if (definition != NULL || err->code != TD_OK)
        return definition;
    definition = tdh_flows_file(flows, wanted->id, err);
    if (definition == NULL || check_version(definition, wanted, err) == 0)
        return definition;
    tdh_definition_release(definition);
    return NULL;
}

static struct tdh_definition *find_in(struct tdh_flows *flows, const char *id, const char *words,
                                      struct td_err *err)
{
    struct tdh_range range;
    struct tdh_wanted wanted = { .id = id, .range = words != NULL ? &range : NULL, .words = words };

    if (words != NULL && tdh_range_parse(words, &range, err) != 0) {
        td_context(err, "workflow \"%s\"", id);
        return NULL;
    }
    return find_wanted(flows, &wanted, err);
}

struct tdh_definition *tdh_flows_find(struct tdh_flows *flows, const char *name, struct td_err *err)
{
    const char *at = tdh_flow_is_path(name) ? NULL : strchr(name, '@');
    char id[TDH_FLOW_ID + 1];

    if (at == NULL)
        return find_in(flows, name, NULL, err);
    if ((size_t)(at - name) >= sizeof(id)) {
        not_found(flows, name, err);
        return NULL;
    }
    snprintf(id, sizeof(id), "%.*s", (int)(at - name), name);
    return find_in(flows, id, at + 1, err);
}

/* --- all of them --- */

static void visit(struct tdh_flows *flows, const char *name, tdh_flows_fn *fn, void *arg)
{
    const struct tdh_wanted wanted = { .id = name };
    struct tdh_definition *definition;
    struct td_err err;
    char path[PATH_MAX] = "";
    int found = 1;

    definition = tdh_flows_deployed(flows, &wanted, &err);
    if (definition == NULL && err.code == TD_OK) {
        found = tdh_flow_find_file(flows->folders, flows->folder_count, name, path, &err);
        if (found == 0)
            return; /* gone since */
        if (found > 0)
            definition = find_name(flows, name, path, &err);
    }
    fn(arg, name, path[0] != '\0' ? path : name, definition, &err);
    tdh_definition_release(definition);
}

int tdh_flows_each(struct tdh_flows *flows, tdh_flows_fn *fn, void *arg, struct td_err *err)
{
    struct tdh_names names = { 0 };
    int rc = read_names(flows, &names, err);

    for (size_t i = 0; rc == 0 && i < names.count; i++)
        visit(flows, names.list[i], fn, arg);
    tdh_names_free(&names);
    return rc;
}

static void list_row(void *arg, const char *name, const char *path,
                     struct tdh_definition *definition, const struct td_err *err)
{
    json_t *list = arg;

    (void)name;
    if (definition == NULL)
        json_array_append_new(list, json_pack("{s:s, s:s}", "path", path, "error", err->text));
    else
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s*, s:b}", "id", definition->name,
                                              "version", definition->version, "description",
                                              tdh_flow_description(definition), "path",
                                              strchr(path, '/') != NULL ? path : NULL, "deployed",
                                              strchr(path, '/') == NULL));
}

json_t *tdh_flows_list(struct tdh_flows *flows, struct td_err *err)
{
    json_t *list = json_array();

    if (list == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the list of workflows");
    else if (tdh_flows_each(flows, list_row, list, err) == 0)
        return list;
    json_decref(list);
    return NULL;
}

/* --- life --- */

struct tdh_flows *tdh_flows_new(const char *const *folders, const struct tdh_flow_world *world,
                                struct td_err *err)
{
    struct tdh_flows *flows = calloc(1, sizeof(*flows));
    size_t count = 0;

    while (folders != NULL && folders[count] != NULL)
        count++;
    if (flows != NULL) {
        pthread_mutex_init(&flows->lock, NULL);
        flows->folders = calloc(count + 1, sizeof(char *));
    }
    while (flows != NULL && flows->folders != NULL && flows->folder_count < count) {
        flows->folders[flows->folder_count] = strdup(folders[flows->folder_count]);
        if (flows->folders[flows->folder_count] == NULL)
            break;
        flows->folder_count++;
    }
    if (flows == NULL || flows->folders == NULL || flows->folder_count < count) {
        tdh_flows_free(flows);
        td_fail(err, TD_E_NOMEM, "could not allocate the folders of workflows");
        return NULL;
    }
    if (world != NULL)
        flows->outside = *world;
    flows->world =
        (struct tdh_flow_world){ flows, flows->outside.action != NULL ? ask_action : NULL,
                                 flows->outside.pattern != NULL ? ask_pattern : NULL, ask_workflow,
                                 flows->outside.together != NULL ? ask_together : NULL };
    return flows;
}

void tdh_flows_free(struct tdh_flows *flows)
{
    if (flows == NULL)
        return;
    tdh_map_free(&flows->entries, free_entry);
    tdh_versions_free(flows->versions);
    for (size_t i = 0; i < flows->folder_count; i++)
        free(flows->folders[i]);
    free(flows->folders);
    pthread_mutex_destroy(&flows->lock);
    free(flows);
}

/* --- as definitions of runs --- */

static int find_for_run(void *arg, const char *name, const json_t *config,
                        struct tdh_definition **ret_definition, struct td_err *err)
{
    const json_t *text = json_object_get(config, "definition");
    struct tdh_definition *definition =
        text != NULL ? tdh_flow_remake(text, err)
                     : find_in(arg, name, tdh_json_str(config, "version", NULL), err);

    if (definition == NULL)
        return -1;
    *ret_definition = definition;
    return 0;
}

/* The reducer is the host's own, so there is but one edition. */
static int remake_for_run(void *arg, const json_t *text, const char *edition,
                          struct tdh_definition **ret_definition, struct td_err *err)
{
    struct tdh_definition *definition = tdh_flow_remake(text, err);

    (void)edition;
    (void)arg;
    if (definition == NULL)
        return -1;
    *ret_definition = definition;
    return 0;
}

int tdh_flows_register(struct tdh_flows *flows, struct tdh_engine *engine, struct td_err *err)
{
    const struct tdh_run_kind kind = {
        .kind = TDH_FLOW_KIND,
        .target = TD_TARGET_WORKFLOW,
        .find = find_for_run,
        .remake = remake_for_run,
        .arg = flows,
    };

    return tdh_run_register(engine, &kind, err);
}
