/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sql: readers find a space, log, queue or topic by its name within the statement, so they need no
 * state; the writer knows numbers. A flat table.
 */
#include "sql.h"

#define ID "(SELECT id FROM name WHERE name = ?1)"

/* What the checksum is over, and the checksum. */
#define LOG "seq, log, run, type, node, time, before, data, checksum"
#define KV "space, key, version, expires, value, checksum"
#define QUEUE "item, queue, priority, value, checksum"
#define MESSAGE "topic, number, time, value, checksum"
#define BLOB "name, size, first, parts, checksum"
#define BLOB_PART "id, data, checksum"

static const struct sql_table log_table = { "log", .keys = 1, .columns = 8 };
static const struct sql_table kv_table = { "kv", .keys = 2, .columns = 5 };
static const struct sql_table queue_table = { "queue", .keys = 1, .columns = 4 };
static const struct sql_table message_table = { "message", .keys = 2, .columns = 4 };
static const struct sql_table blob_table = { "blob", .keys = 1, .columns = 4 };
static const struct sql_table part_table = { "blob_part", .keys = 1, .columns = 2 };

const struct sql_table *const sql_tables[SQL_COUNT_] = {
    [SQL_KV_PUT] = &kv_table,          [SQL_KV_GET] = &kv_table,
    [SQL_KV_SCAN_UP] = &kv_table,      [SQL_KV_SCAN_DOWN] = &kv_table,
    [SQL_KV_ALL] = &kv_table,          [SQL_LOG_APPEND] = &log_table,
    [SQL_LOG_SCAN] = &log_table,       [SQL_LOG_SCAN_RUN] = &log_table,
    [SQL_LOG_READ] = &log_table,       [SQL_LOG_NEWEST] = &log_table,
    [SQL_LOG_ALL] = &log_table,        [SQL_QUEUE_PUSH] = &queue_table,
    [SQL_QUEUE_NEXT] = &queue_table,   [SQL_QUEUE_ALL] = &queue_table,
    [SQL_TOPIC_ADD] = &message_table,  [SQL_TOPIC_READ] = &message_table,
    [SQL_TOPIC_ALL] = &message_table,  [SQL_BLOB_PUT] = &blob_table,
    [SQL_BLOB_FIND] = &blob_table,     [SQL_BLOB_ALL] = &blob_table,
    [SQL_BLOB_PUT_PART] = &part_table, [SQL_BLOB_GET] = &part_table,
    [SQL_BLOB_PART_ALL] = &part_table,
};

const struct sql_row sql_rows[SQL_COUNT_] = {
    [SQL_BEGIN] = { "begin a write", "BEGIN IMMEDIATE" },
    [SQL_COMMIT] = { "commit a write", "COMMIT" },
    [SQL_ROLLBACK] = { "roll a write back", "ROLLBACK" },
    [SQL_VERSION] = { "read the version", "PRAGMA user_version" },
    [SQL_PAGE_BYTES] = { "read the size of a page", "PRAGMA page_size" },
    [SQL_NAME_FIND] = { "find a name", "SELECT id FROM name WHERE name = ?1" },
    [SQL_NAME_ADD] = { "add a name", "INSERT INTO name (name) VALUES (?1)" },

    [SQL_KV_VERSION] = { "read a record's version",
                         "SELECT version, expires FROM kv WHERE space = ?1 AND key = ?2" },
    [SQL_KV_PUT] = { "put a record",
                     "INSERT OR REPLACE INTO kv (" KV ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)" },
    [SQL_KV_DELETE] = { "delete a record", "DELETE FROM kv WHERE space = ?1 AND key = ?2" },
    [SQL_KV_GET] = { "read a record", "SELECT " KV " FROM kv WHERE space = " ID " AND key = ?2" },
    [SQL_KV_SCAN_UP] = { "scan records",
                         "SELECT " KV " FROM kv "
                         "WHERE space = " ID " AND key >= ?2 AND key < ?3 ORDER BY key" },
    [SQL_KV_SCAN_DOWN] = { "scan records",
                           "SELECT " KV " FROM kv "
                           "WHERE space = " ID " AND key >= ?2 AND key < ?3 ORDER BY key DESC" },
    [SQL_KV_EXPIRE] = { "take expired records away",
                        "DELETE FROM kv WHERE (space, key) IN (SELECT space, key FROM kv "
                        "WHERE expires > 0 AND expires <= ?1 ORDER BY expires LIMIT ?2)" },

    [SQL_LOG_NEXT] = { "read a log's end",
                       "SELECT 1 + max((SELECT value FROM counter WHERE what = 'log'), "
                       "coalesce((SELECT max(seq) FROM log), 0))" },
    [SQL_LOG_APPEND] = { "append a row", "INSERT INTO log (" LOG ") "
                                         "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)" },
    [SQL_LOG_SCAN] = { "scan a log", "SELECT " LOG " FROM log "
                                     "WHERE seq >= ?2 AND log = " ID " ORDER BY seq" },
    [SQL_LOG_SCAN_RUN] = { "scan a log",
                           "SELECT " LOG " FROM log "
                           "WHERE seq >= ?2 AND log = " ID " AND run = ?3 ORDER BY seq" },
    [SQL_LOG_READ] = { "read a row", "SELECT " LOG " FROM log "
                                     "WHERE seq = ?2 AND log = " ID },
    [SQL_LOG_CHAIN] = { "follow a run's rows",
                        "SELECT before, run FROM log WHERE seq = ?2 AND log = " ID },
    [SQL_LOG_NEWEST] = { "read a log's end", "SELECT " LOG " FROM log ORDER BY seq DESC LIMIT ?1" },
    [SQL_LOG_FLOOR] = { "keep a log's end",
                        "UPDATE counter SET value = max(value, "
                        "coalesce((SELECT max(seq) FROM log), 0)) WHERE what = 'log'" },
    [SQL_LOG_REMOVE] = { "take a row away", "DELETE FROM log WHERE seq = ?1" },
    [SQL_INDEX_PUT] = { "index a run",
                        "INSERT OR REPLACE INTO log_index (log, run, seq) VALUES (?1, ?2, ?3)" },
    [SQL_INDEX_REMOVE] = { "forget a run", "DELETE FROM log_index WHERE log = ?1 AND run = ?2" },
    [SQL_INDEX_REMOVE_ROW] = { "forget a run",
                               "DELETE FROM log_index WHERE log = ?1 AND run = ?2 AND seq = ?3" },
    [SQL_INDEX_ALL] = { "read a log's index", "SELECT run, seq FROM log_index WHERE log = " ID },
    [SQL_INDEX_RUN] = { "read a log's index",
                        "SELECT run, seq FROM log_index WHERE log = " ID " AND run = ?2" },

    [SQL_QUEUE_NUMBER] = { "number an item", "SELECT 1 + coalesce((SELECT seq FROM sqlite_sequence "
                                             "WHERE name = 'queue'), 0)" },
    [SQL_QUEUE_PUSH] = { "push an item", "INSERT INTO queue (" QUEUE ", waits, ready) "
                                         "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)" },
    [SQL_QUEUE_HOLDS] = { "check a claim",
                          "SELECT 1 FROM queue WHERE item = ?1 AND queue = ?2 AND claim = ?3" },
    [SQL_QUEUE_REMOVE] = { "take an item away", "DELETE FROM queue WHERE item = ?1" },
    [SQL_QUEUE_PEEK] = { "look for a ready item",
                         "SELECT EXISTS (SELECT 1 FROM queue WHERE queue = " ID
                         " AND waits = 0) OR "
                         "EXISTS (SELECT 1 FROM queue WHERE queue = " ID
                         " AND waits = 1 AND ready <= ?2)" },
    [SQL_QUEUE_PROMOTE] = { "make waiting items ready",
                            "UPDATE queue SET waits = 0 "
                            "WHERE queue = ?1 AND waits = 1 AND ready <= ?2" },
    [SQL_QUEUE_NEXT] = { "find a ready item",
                         "SELECT " QUEUE ", claim + 1, claims + 1 FROM queue "
                         "WHERE queue = ?1 AND waits = 0 ORDER BY priority DESC, item LIMIT 1" },
    [SQL_QUEUE_CLAIM] = { "claim an item",
                          "UPDATE queue SET waits = 1, ready = ?2, claim = claim + 1, "
                          "claims = claims + 1 WHERE item = ?1" },
    [SQL_QUEUE_MOVE] = { "move an item",
                         "UPDATE queue SET waits = 1, ready = ?2, claim = claim + ?3 "
                         "WHERE item = ?1" },
    [SQL_QUEUE_COUNT] = { "count a queue",
                          "SELECT (SELECT count(*) FROM queue WHERE queue = " ID
                          " AND waits = 0) + "
                          "(SELECT count(*) FROM queue WHERE queue = " ID " AND waits = 1)" },

    [SQL_TOPIC_NEXT] = { "number a message",
                         "INSERT INTO topic (topic, last) VALUES (?1, 1) "
                         "ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last" },
    [SQL_TOPIC_ADD] = { "publish a message", "INSERT INTO message (" MESSAGE ") "
                                             "VALUES (?1, ?2, ?3, ?4, ?5)" },
    [SQL_TOPIC_READ] = { "read a topic",
                         "SELECT " MESSAGE " FROM message "
                         "WHERE topic = " ID " AND number > ?2 ORDER BY number LIMIT ?3" },
    [SQL_TOPIC_LAST] = { "read a topic's end", "SELECT last FROM topic WHERE topic = " ID },
    [SQL_TOPIC_TRIM] = { "trim a topic", "DELETE FROM message WHERE topic = ?1 AND number <= ?2" },

    [SQL_LEASE_GET] = { "read a lease", "SELECT token, until, holder FROM lease WHERE name = ?1" },
    [SQL_LEASE_TOKEN] = { "number a lease's holder",
                          "UPDATE counter SET value = value + 1 WHERE what = 'lease' "
                          "RETURNING value" },
    [SQL_LEASE_PUT] = { "take a lease", "INSERT OR REPLACE INTO lease (name, token, until, holder) "
                                        "VALUES (?1, ?2, ?3, ?4)" },
    [SQL_LEASE_EXTEND] = { "extend a lease", "UPDATE lease SET until = ?2 WHERE name = ?1" },
    [SQL_LEASE_REMOVE] = { "release a lease", "DELETE FROM lease WHERE name = ?1" },

    [SQL_BLOB_FIND] = { "find a blob", "SELECT " BLOB " FROM blob WHERE name = ?1" },
    [SQL_BLOB_NEXT] = { "find room for a blob", "SELECT coalesce(max(id), 0) + 1 FROM blob_part" },
    [SQL_BLOB_PUT] = { "put a blob", "INSERT OR REPLACE INTO blob (" BLOB ") "
                                     "VALUES (?1, ?2, ?3, ?4, ?5)" },
    [SQL_BLOB_PUT_PART] = { "put a part of a blob",
                            "INSERT INTO blob_part (" BLOB_PART ") VALUES (?1, ?2, ?3)" },
    [SQL_BLOB_GET] = { "read a blob",
                       "SELECT p.id, p.data, p.checksum, p.id - b.first, b.size, "
                       "b.checksum = row_sum(b.name, b.size, b.first, b.parts) "
                       "FROM blob b LEFT JOIN blob_part p "
                       "ON p.id BETWEEN b.first + ?2 AND min(b.first + ?3, b.first + b.parts - 1) "
                       "WHERE b.name = ?1 ORDER BY p.id" },
    [SQL_BLOB_REMOVE] = { "remove a blob", "DELETE FROM blob WHERE name = ?1" },
    [SQL_BLOB_REMOVE_PARTS] = { "remove a blob's parts",
                                "DELETE FROM blob_part WHERE id >= ?1 AND id < ?1 + ?2" },

    [SQL_LOG_ALL] = { "verify the log", "SELECT " LOG " FROM log" },
    [SQL_KV_ALL] = { "verify the records", "SELECT " KV " FROM kv" },
    [SQL_QUEUE_ALL] = { "verify the queues", "SELECT " QUEUE " FROM queue" },
    [SQL_TOPIC_ALL] = { "verify the topics", "SELECT " MESSAGE " FROM message" },
    [SQL_BLOB_ALL] = { "verify the blobs", "SELECT " BLOB " FROM blob" },
    [SQL_BLOB_PART_ALL] = { "verify the blobs", "SELECT " BLOB_PART " FROM blob_part" },
};
