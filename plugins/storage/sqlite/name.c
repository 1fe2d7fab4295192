/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name: spaces, logs, queues and topics are stored as small numbers; the table `name` gives them. A
 * number is never taken back, so one that was committed may be remembered for ever. The writer's
 * memory has one place per hash: the latest name wins.
 */
#include "store.h"

#include <string.h>

static struct name_slot *slot_of(struct store *store, const char *name)
{
    uint32_t hash = 2166136261U;

    for (const char *at = name; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619U;
    return &store->names[(hash ^ hash >> 16) % NAME_SLOTS];
}

static int find(struct conn *conn, const char *name, int64_t *ret_id, struct td_err *err)
{
    struct query query;
    int rc;

    if (query_begin(&query, conn, SQL_NAME_FIND, err) != 0)
        return -1;
    query_text(&query, name);
    rc = query_step(&query, err);
    if (rc <= 0) {
        *ret_id = 0;
        return rc;
    }
    *ret_id = query_get_int(&query, 0);
    query_end(&query);
    return 0;
}

static int add(struct conn *conn, const char *name, int64_t *ret_id, struct td_err *err)
{
    struct query query;

    if (query_begin(&query, conn, SQL_NAME_ADD, err) != 0)
        return -1;
    query_text(&query, name);
    if (query_run(&query, err) != 0)
        return -1;
    *ret_id = sqlite3_last_insert_rowid(conn->db);
    return 0;
}

int name_id(struct conn *conn, const char *name, int64_t *ret_id, struct td_err *err)
{
    struct name_slot *slot = slot_of(conn->store, name);
    int64_t id;

    if (slot->id != 0 && strcmp(slot->name, name) == 0) {
        *ret_id = slot->id;
        return 0;
    }
    if (find(conn, name, &id, err) != 0 || (id == 0 && add(conn, name, &id, err) != 0))
        return -1;
    slot->id = id;
    strcpy(slot->name, name); /* its length was checked: check_name */
    *ret_id = id;
    return 0;
}

void name_forget(struct store *store)
{
    for (size_t i = 0; i < NAME_SLOTS; i++)
        store->names[i].id = 0;
}
