/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: the state of one open store, and what the plugin's units offer each other.
 *
 * One connection writes, under write_lock; a bounded number of others read, each lent to one call
 * at a time. A write is: txn_begin, statements, txn_end. A read is: reader_take, statements,
 * reader_give.
 */
#ifndef SQLITE_STORE_H
#define SQLITE_STORE_H

#include "sql.h"
#include "sum.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <tdev/plugin.h>

#if SQLITE_VERSION_NUMBER < 3037000
#error "sqlite 3.37 or newer is needed: STRICT tables, DROP COLUMN, RETURNING"
#endif

enum { STORE_APPLICATION_ID = 0x54444556 }; /* "TDEV", in the file's header */
enum { STORE_NEWEST = 5 };                  /* version of the tables; see migrate.c */
enum { MARK_VERSION = 5 };                  /* the first one with a mark; see mark.c */
enum { NAME_SLOTS = 64 };
/* Pages of a new store. In pages of 4096 bytes three rows of 1 KB lie and a quarter of each page is
 * empty; a larger page costs a lone small commit more than it saves. Each store keeps its own. */
enum { STORE_PAGE_BYTES = 8192 };

struct store;

/* One connection: made by conn_open, used by one thread at a time, ended by conn_close. */
struct conn {
    struct store *store;
    sqlite3 *db;
    sqlite3_stmt *stmts[SQL_COUNT_]; /* prepared at first use */
    int64_t busy_since_us;           /* when the wait for a lock began */
    int64_t busy_max_us;             /* how long it may last */
    struct conn *next;               /* in the list of idle readers */
};

/* A name the writer has met, and its number in the table `name`. */
struct name_slot {
    int64_t id; /* 0: empty */
    char name[TD_NAME_MAX + 1];
};

struct store {
    /* options */
    const char *path, *synchronous;
    int64_t busy_timeout, cache, wal_limit, readers;
    bool upgrade;

    char *file;          /* the path with its folder resolved */
    atomic_uint version; /* of the tables, as last seen */
    bool is_open;

    pthread_mutex_t write_lock; /* guards all down to the names */
    struct conn writer;
    uint64_t next_seq; /* of the log, in this transaction; 0: not asked yet */
    int64_t page_bytes;
    int wal_pages;    /* in the write-ahead log after the last commit */
    int force_pages;  /* at this many the log is cut even if commits must wait */
    uint32_t mark;    /* of the header */
    bool is_mark_due; /* the log may not have the header's page yet */
    struct name_slot names[NAME_SLOTS];

    pthread_mutex_t pool_lock; /* guards the list of idle readers */
    pthread_cond_t pool_free;
    struct conn *pool; /* `readers` of them */
    struct conn *idle;
};

/* --- error.c --- */
/* The way out when the file itself is damaged. */
#define STORE_BACKUP "go back to a backup with: tdev store restore FILE"
/** Fills err from the connection's last failure: "could not <what> of store ..." with the way out.
 * Returns -1. */
int store_fail(const struct conn *conn, const char *what, struct td_err *err);
/** err TD_E_INVAL unless `name` has 1 to TD_NAME_MAX bytes; `what` is the word for it. */
int check_name(const char *what, const char *name, struct td_err *err);
int check_value(struct td_bytes value, struct td_err *err);
/** err TD_E_CORRUPT: the checksum of a row, named by its keys, does not fit. */
int fail_damaged(const struct conn *conn, const char *table, const char *row, struct td_err *err);
/** Logs what a query passed over, if anything. */
void warn_damage(struct td_ctx *ctx, const struct td_err *damage);
/** new: malloc'ed copy with a NUL behind it, for the caller of the store. err TD_E_NOMEM */
void *copy_value(const void *data, size_t length, struct td_err *err);

/* --- holder.c --- */
/** Writes who holds the write lock, or else has the file open, as far as the system tells: `process
 * 12 ("tdevd")`; else false, and "another process or thread". */
bool holder_tell(const char *file, char *text, size_t size);

/* --- conn.c --- */
int conn_open(struct store *store, struct conn *conn, int flags, struct td_err *err);
void conn_close(struct conn *conn);
/** Waits a moment for a lock; 0 when the wait has lasted long enough. `tries` counts from 0. SQLite
 * calls it, too. */
int conn_wait(void *conn, int tries);
/** Runs SQL that returns nothing, or nothing of interest; `what` as in store_fail. */
int conn_exec(struct conn *conn, const char *what, const char *sql, struct td_err *err);
/** Makes the readers' pool; their files are opened at first use. */
int pool_open(struct store *store, struct td_err *err);
void pool_close(struct store *store);
/** Lends a reader, waits when all are lent. NULL with err; also when the tables are not of the
 * version this code knows. */
struct conn *reader_take(struct store *store, struct td_err *err);
void reader_give(struct store *store, struct conn *conn);
/** err TD_E_CONFIG when the tables are older or newer than this code. */
int check_version(const struct store *store, struct td_err *err);

/* --- query.c: one use of a prepared statement --- */
struct query {
    struct conn *conn;
    sqlite3_stmt *stmt;
    enum sql id;
    int count;                 /* parameters bound so far */
    int rc;                    /* the first failure to bind */
    struct td_err *ret_damage; /* NULL: a damaged row is a failure; see query_pass_damage */
    uint64_t sum;              /* of the parameters bound so far; see sum.h */
};
/** Takes the statement; bind its parameters in order, step, and end it. */
int query_begin(struct query *query, struct conn *conn, enum sql id, struct td_err *err);
void query_int(struct query *query, int64_t value);
void query_number(struct query *query, uint64_t value);
void query_text(struct query *query, const char *text); /* NULL: null */
void query_bytes(struct query *query, struct td_bytes value);
/** Binds the checksum of what was bound so far: the columns of its table, in their order. */
void query_sum(struct query *query);
/** Damaged rows are passed over; the first is told here, the code is TD_OK when there is none. */
void query_pass_damage(struct query *query, struct td_err *ret_damage);
/** 1: a row is there, and it has its checksum; 0: no more; -1: err. The statement is ended by
 * itself on 0 and -1. */
int query_step(struct query *query, struct td_err *err);
/** Steps a statement that returns no rows. */
int query_run(struct query *query, struct td_err *err);
void query_end(struct query *query);
int64_t query_get_int(const struct query *query, int column);
uint64_t query_get_number(const struct query *query, int column);
struct td_bytes query_get_bytes(const struct query *query, int column);
/** The only number a statement without parameters gives; 0 when it gives no row. */
int query_single(struct conn *conn, enum sql id, int64_t *ret_value, struct td_err *err);

/* --- txn.c --- */
/** Locks and begins; NULL with err. */
struct conn *txn_begin(struct store *store, struct td_err *err);
/** As txn_begin, whatever the version of the tables. */
struct conn *txn_begin_any(struct store *store, struct td_err *err);
/** Commits when rc is 0, else rolls back; unlocks. Returns 0, or -1 with err: that of rc, or that
 * of the commit. */
int txn_end(struct td_ctx *ctx, int rc, struct td_err *err);

/* --- name.c --- */
/** The number of a name, given one when it is new. In a write. */
int name_id(struct conn *conn, const char *name, int64_t *ret_id, struct td_err *err);
/** Forgets all numbers: a write that may have given some was rolled back. */
void name_forget(struct store *store);

/* --- open.c, migrate.c --- */
#define STORE_FOREIGN "it is a database of another program"
enum header { HEADER_NONE /* the file is empty */, HEADER_OURS, HEADER_FOREIGN, HEADER_ELSE };
/** What the file's first bytes say, on the disk; ret_mark: 0 when there is none. */
int store_read_header(const struct conn *conn, enum header *ret_header, uint32_t *ret_mark,
                      struct td_err *err);
/** Fills store->file: the folder resolved, the file's own name as given. */
int store_resolve(struct store *store, struct td_err *err);
/** An empty file, when there is none. */
int store_create_file(const struct store *store, struct td_err *err);
/** err TD_E_CONFIG: the file cannot be a store, and why. */
int store_refuse(const struct store *store, const char *why, struct td_err *err);
/** Resolves the path, makes the file when there is none, refuses what is no store of ours, opens
 * the writer. */
int store_open(struct td_ctx *ctx, struct td_err *err);
/** Moves the tables to this version, step by step. */
int store_migrate(struct td_ctx *ctx, uint32_t version, struct td_err *err);
int store_read_version(struct conn *conn, uint32_t *ret_version, struct td_err *err);

/* --- beside.c --- */
/** Are the files beside the store's those that belong there? Before any connection is opened. */
int store_check_beside(struct td_ctx *ctx, const struct store *store, struct td_err *err);

/* --- wal.c --- */
/** Warns of a write-ahead log of which SQLite will pass over commits. Before any connection is
 * opened. */
void store_look_at_log(struct td_ctx *ctx, const struct store *store);

/* --- mark.c --- */
uint32_t mark_of(uint32_t user_version);
/** A number for a store; not 0. */
uint32_t mark_new(void);
/** The header's version of the tables, and the mark, as SQLite sees them. */
int mark_read(struct conn *conn, uint32_t *ret_version, uint32_t *ret_mark, struct td_err *err);
int mark_write(struct conn *conn, uint32_t version, uint32_t mark, struct td_err *err);
/** err TD_E_CORRUPT: the file has this mark on the disk, and the write-ahead log another. */
int mark_check(struct conn *conn, uint32_t on_disk, struct td_err *err);

/* --- operations of a batch, each in its capability's file --- */
typedef int op_fn(struct conn *conn, struct td_op *op, struct td_err *err);
op_fn kv_guard, kv_put, kv_delete, lease_guard, log_append, queue_push, queue_ack, topic_publish;

/* --- functions of struct td_storage --- */
int store_commit(struct td_ctx *ctx, struct td_op *const *ops, size_t count, size_t *ret_failed,
                 struct td_err *err);
int store_verify(struct td_ctx *ctx, struct td_err *err);
int store_backup(struct td_ctx *ctx, const char *path, struct td_err *err);
int store_restore(struct td_ctx *ctx, const char *image, const char *aside, struct td_err *err);

/* --- verify.c --- */
/** Reads everything that the connection leads to, and checks it. */
int store_verify_with(struct conn *conn, struct td_err *err);
/* --- backup.c --- */
/** Makes the content of a file, or the names of the folder it is in, last. */
int store_sync(const char *path, struct td_err *err);
int store_sync_folder(const char *path, struct td_err *err);

extern const struct td_kv store_kv;
extern const struct td_log_table store_log;
extern const struct td_queue store_queue;
extern const struct td_topic store_topic;
extern const struct td_lease store_lease;
extern const struct td_blob store_blob;

#endif
