/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deploy: changes what is deployed: adds a version, makes another one active, takes all away.
 *
 * A change is one commit: the workflow's record, guarded by its version, the text, and the mark
 * that tells other processes to read again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/near.h"
#include "flow/version.h"

enum { OPS_MAX = TDH_FLOW_VERSIONS + 4, BEFORE_MAX = 20 };

struct change {
    struct tdh_store *store;
    const char *id;
    json_t *head;          /* the record, to be written */
    uint64_t head_version; /* guards it */
    struct td_op ops[OPS_MAX];
    char *texts[OPS_MAX]; /* that the operations point to */
    char keys[OPS_MAX][TDH_FLOW_KEY];
    size_t count;
};

static int no_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate what is to be deployed");
}

/* --- one commit --- */

static int begin(struct change *change, struct tdh_store *store, const char *id, struct td_err *err)
{
    *change = (struct change){ .store = store, .id = id, .head_version = TD_VERSION_ABSENT };
    if (tdh_store_get(store, TDH_DEPLOYED_SPACE, id, &change->head, &change->head_version, err) ==
        0)
        return 0;
    return err->code == TD_E_NOTFOUND ? 0 : -1;
}

static void end(struct change *change)
{
    for (size_t i = 0; i < change->count; i++)
        free(change->texts[i]);
    json_decref(change->head);
}

static struct td_op *add_op(struct change *change, enum td_op_kind kind, const char *space,
                            const char *key)
{
    size_t i = change->count++;

    snprintf(change->keys[i], TDH_FLOW_KEY, "%s", key);
    change->ops[i] = (struct td_op){ TD_SIZE(struct td_op),
                                     .kind = kind,
                                     .space = space,
                                     .key = change->keys[i],
                                     .version = TD_VERSION_ANY,
                                     .time_us = tdh_clock_us() };
    return &change->ops[i];
}

static int add_put(struct change *change, const char *space, const char *key, const json_t *value,
                   uint64_t version, struct td_err *err)
{
    char *text = tdh_json_text(value, 0);
    struct td_op *op;

    if (text == NULL)
        return no_memory(err);
    op = add_op(change, TD_OP_PUT, space, key);
    change->texts[change->count - 1] = text;
    op->value = (struct td_bytes){ text, strlen(text) };
    op->version = version;
    return 0;
}

static int commit(struct change *change, struct td_err *err)
{
    json_t *mark = json_pack("{s:s}", "changed", change->id);
    struct td_op *list[OPS_MAX];
    int rc = mark != NULL ? add_put(change, TDH_MARK_SPACE, TDH_MARK, mark, TD_VERSION_ANY, err)
                          : no_memory(err);

    json_decref(mark);
    for (size_t i = 0; i < change->count; i++)
        list[i] = &change->ops[i];
    if (rc == 0)
        rc = tdh_store_commit(change->store, list, change->count, NULL, err);
    if (rc != 0 && err->code == TD_E_CONFLICT) {
        td_fail(err, TD_E_CONFLICT, "workflow \"%s\" was changed by somebody else meanwhile",
                change->id);
        td_hint(err, "look at it, then try again: tdev workflow versions %s", change->id);
    }
    return rc;
}

static int put_head(struct change *change, struct td_err *err)
{
    return add_put(change, TDH_DEPLOYED_SPACE, change->id, change->head, change->head_version, err);
}

/* --- the record --- */

static const json_t *find_row(const struct change *change, const char *version)
{
    const json_t *row;
    size_t i;

    json_array_foreach (json_object_get(change->head, "versions"), i, row)
        if (strcmp(tdh_json_str(row, "version", ""), version) == 0)
            return row;
    return NULL;
}

/* The one that was active can be gone back to. */
static int make_active(struct change *change, const char *version, struct td_err *err)
{
    json_t *before = json_object_get(change->head, "before");
    const char *active = tdh_json_str(change->head, "active", NULL);
    int rc = 0;

    if (active != NULL && strcmp(active, version) == 0)
        return 0;
    if (active != NULL)
        rc = json_array_append_new(before, json_string(active));
    if (json_array_size(before) > BEFORE_MAX)
        json_array_remove(before, 0);
    if (rc != 0 || json_object_set_new(change->head, "active", json_string(version)) != 0)
        return no_memory(err);
    return 0;
}

static void forget_before(json_t *before, const char *version)
{
    for (size_t i = json_array_size(before); i > 0; i--)
        if (strcmp(json_string_value(json_array_get(before, i - 1)), version) == 0)
            json_array_remove(before, i - 1);
}

/* The oldest one that is not active makes room. */
static void drop_oldest(struct change *change)
{
    json_t *rows = json_object_get(change->head, "versions");
    char oldest[TDH_FLOW_KEY], key[TDH_FLOW_KEY];
    size_t i = 0;

    if (json_array_size(rows) < TDH_FLOW_VERSIONS)
        return;
    if (strcmp(tdh_json_str(json_array_get(rows, 0), "version", ""),
               tdh_json_str(change->head, "active", "")) == 0)
        i = 1;
    snprintf(oldest, sizeof(oldest), "%s", tdh_json_str(json_array_get(rows, i), "version", ""));
    if (snprintf(key, sizeof(key), "%s/%s", change->id, oldest) < (int)sizeof(key))
        add_op(change, TD_OP_DELETE, TDH_VERSION_SPACE, key);
    forget_before(json_object_get(change->head, "before"), oldest);
    json_array_remove(rows, i);
}

static int add_version(struct change *change, const struct tdh_definition *definition,
                       struct td_err *err)
{
    json_t *row = json_pack("{s:s, s:s, s:I}", "version", definition->version, "hash",
                            definition->hash, "deployed_us", (json_int_t)tdh_clock_us());
    char key[TDH_FLOW_KEY];

    snprintf(key, sizeof(key), "%s/%s", change->id, definition->version);
    if (json_array_append_new(json_object_get(change->head, "versions"), row) != 0)
        return no_memory(err);
    return add_put(change, TDH_VERSION_SPACE, key, definition->text, TD_VERSION_ANY, err);
}

/* --- deploy --- */

static int check(const struct tdh_definition *definition, struct td_err *err)
{
    struct tdh_semver number;

    if (definition->version[0] == '\0') {
        td_fail(err, TD_E_CONFIG, "workflow \"%s\" has no version", definition->name);
        return td_hint(err, "give it one, such as version: 1.0.0");
    }
    if (tdh_semver_parse(definition->version, &number, err) != 0)
        return td_context(err, "workflow \"%s\"", definition->name);
    if (strlen(definition->name) + strlen(definition->version) + 2 > TDH_FLOW_KEY)
        return td_fail(err, TD_E_LIMIT, "workflow \"%s\": its version is too long to be deployed",
                       definition->name);
    return 0;
}

static int change_deployed(struct change *change, const struct tdh_definition *definition,
                           bool *ret_is_new, struct td_err *err)
{
    const json_t *row;

    if (change->head == NULL)
        change->head = json_pack("{s:[], s:[]}", "versions", "before");
    if (change->head == NULL)
        return no_memory(err);
    row = find_row(change, definition->version);
    if (row != NULL && strcmp(tdh_json_str(row, "hash", ""), definition->hash) != 0) {
        td_fail(err, TD_E_EXISTS, "workflow \"%s\" %s is deployed already, and is another text",
                definition->name, definition->version);
        return td_hint(err, "a version never changes: give this one a new number");
    }
    if (row == NULL) {
        drop_oldest(change);
        if (add_version(change, definition, err) != 0)
            return -1;
    }
    if (make_active(change, definition->version, err) != 0 || put_head(change, err) != 0)
        return -1;
    *ret_is_new = row == NULL;
    return 0;
}

int tdh_flow_deploy(struct tdh_store *store, const struct tdh_definition *definition,
                    bool *ret_is_new, struct td_err *err)
{
    struct change change;
    int rc;

    if (check(definition, err) != 0)
        return -1;
    rc = begin(&change, store, definition->name, err);
    if (rc == 0)
        rc = change_deployed(&change, definition, ret_is_new, err);
    if (rc == 0)
        rc = commit(&change, err);
    end(&change);
    return rc;
}

/* --- back, and away --- */

static int not_deployed(const struct change *change, struct td_err *err)
{
    td_fail(err, TD_E_NOTFOUND, "workflow \"%s\" is not deployed", change->id);
    return td_hint(err, "tdev workflow list shows which are; tdev workflow deploy deploys one");
}

static const char *near_version(const struct change *change, const char *version)
{
    const char *names[TDH_FLOW_VERSIONS + 1];
    const json_t *row;
    size_t i;

    json_array_foreach (json_object_get(change->head, "versions"), i, row)
        if (i <= TDH_FLOW_VERSIONS)
            names[i] = tdh_json_str(row, "version", "");
    return tdh_near(version, names, i);
}

static int check_target(const struct change *change, const char *to, struct td_err *err)
{
    if (to == NULL) {
        td_fail(err, TD_E_CONFLICT, "no other version of workflow \"%s\" was active before %s",
                change->id, tdh_json_str(change->head, "active", "?"));
        return td_hint(err,
                       "name one: tdev workflow rollback %s --to VERSION; tdev workflow "
                       "versions %s lists them",
                       change->id, change->id);
    }
    if (find_row(change, to) == NULL) {
        const char *near = near_version(change, to);

        return td_fail(err, TD_E_NOTFOUND, "workflow \"%s\" has no version %s%s%s", change->id, to,
                       near != NULL ? ", did you mean " : "", near != NULL ? near : "");
    }
    return 0;
}

/* Without a name: to the one before, which is then no more the one before. */
static int change_back(struct change *change, const char *to, char *ret_version, struct td_err *err)
{
    json_t *before = json_object_get(change->head, "before");
    size_t count = json_array_size(before);
    bool is_named = to != NULL;

    if (!is_named && count > 0)
        to = json_string_value(json_array_get(before, count - 1));
    if (check_target(change, to, err) != 0)
        return -1;
    snprintf(ret_version, TDH_FLOW_VERSION_TEXT, "%s", to);
    if (is_named)
        return make_active(change, ret_version, err);
    json_array_remove(before, count - 1);
    return json_object_set_new(change->head, "active", json_string(ret_version)) == 0
               ? 0
               : no_memory(err);
}

int tdh_flow_rollback(struct tdh_store *store, const char *id, const char *to,
                      char ret_version[static TDH_FLOW_VERSION_TEXT], struct td_err *err)
{
    struct change change;
    int rc = begin(&change, store, id, err);

    if (rc == 0 && change.head == NULL)
        rc = not_deployed(&change, err);
    if (rc == 0)
        rc = change_back(&change, to, ret_version, err);
    if (rc == 0)
        rc = put_head(&change, err);
    if (rc == 0)
        rc = commit(&change, err);
    end(&change);
    return rc;
}

static void remove_texts(struct change *change)
{
    const json_t *row;
    char key[TDH_FLOW_KEY];
    size_t i;

    json_array_foreach (json_object_get(change->head, "versions"), i, row)
        if (i < TDH_FLOW_VERSIONS && snprintf(key, sizeof(key), "%s/%s", change->id,
                                              tdh_json_str(row, "version", "")) < (int)sizeof(key))
            add_op(change, TD_OP_DELETE, TDH_VERSION_SPACE, key);
}

int tdh_flow_undeploy(struct tdh_store *store, const char *id, size_t *ret_count,
                      struct td_err *err)
{
    struct change change;
    int rc = begin(&change, store, id, err);

    if (rc == 0 && change.head == NULL)
        rc = not_deployed(&change, err);
    if (rc == 0) {
        add_op(&change, TD_OP_DELETE, TDH_DEPLOYED_SPACE, id)->version = change.head_version;
        remove_texts(&change);
        rc = commit(&change, err);
    }
    *ret_count = json_array_size(json_object_get(change.head, "versions"));
    end(&change);
    return rc;
}
