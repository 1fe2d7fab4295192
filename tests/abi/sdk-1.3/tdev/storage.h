/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage: what a storage backend offers. Six small capabilities, and one way to write: commit.
 *
 * A backend is a plugin of kind storage; its state (td_self) is one open store. Every function may
 * block, unless the manifest says `execution: async`. The host calls commit from one thread at a
 * time and every other function from any thread, also during a commit: a reader sees the state
 * before or after a batch, never a part of it; what writes besides commit (claim, acquire, expire,
 * prune, put of a blob, ...) is ordered by the backend and as durable as a commit when it returns.
 *
 * Names (of spaces, keys, logs, queues, topics, leases, blobs) are NUL-terminated UTF-8 of 1 to
 * TD_NAME_MAX bytes. Times are microseconds since 1970 UTC and come from the caller. Values are any
 * bytes, at most TD_VALUE_MAX. A `limit` of 0 is no limit.
 */
#ifndef TDEV_STORAGE_H
#define TDEV_STORAGE_H

#include <stddef.h>
#include <stdint.h>
#include <tdev/ctx.h>
#include <tdev/err.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TD_NAME_MAX 512
#define TD_VALUE_MAX (256U << 20)

struct td_bytes {
    const void *data;
    size_t length;
};

enum td_op_kind {
    /*
     * In GUARD_KV, PUT and DELETE, time_us is now: a record that has expired by then is not there.
     * 0: none has.
     */

    /* space, key, version: the batch holds only if the record has this version (0: is not there) */
    TD_OP_GUARD_KV = 1,
    /* key = lease, token: only if this token still holds it at time_us */
    TD_OP_GUARD_LEASE,
    /* space, key, value, expires_us (0: never), version as guard or TD_VERSION_ANY; ret_version */
    TD_OP_PUT,
    /* space, key, version as guard, or TD_VERSION_ANY: also if it is not there */
    TD_OP_DELETE,
    /* space = log, run, type, node, time_us, value, head, flags; ret_version = the row's seq */
    TD_OP_APPEND,
    /* space = queue, value, priority, time_us = not before; ret_version = the item's number */
    TD_OP_PUSH,
    /* space = queue, token = the item's number, version = its claim: takes it away;
     * TD_E_CONFLICT as in extend */
    TD_OP_ACK,
    /* space = topic, value, time_us */
    TD_OP_PUBLISH,
};

enum {
    TD_APPEND_INDEX = 1, /* make this row the run's entry in the log's index, in the same commit */
    TD_APPEND_FORGET = 2 /* take the run out of the index: its journal is not needed to resume it */
};

/* One operation of a batch. Only the fields named at its kind are read;
 * the host sets the rest to zero. */
struct td_op {
    uint32_t size;
    enum td_op_kind kind;
    const char *space;
    const char *key;
    struct td_bytes value;
    uint64_t version;
    uint64_t token;
    int64_t time_us, expires_us;
    uint64_t run;  /* which run a log row belongs to; not 0 */
    uint32_t type; /* of a log row: the caller's number */
    uint32_t flags;
    int32_t priority;
    uint32_t reserved;
    const char *node; /* of a log row: text column, may be NULL */
    /*
     * In: number of this run's row before (0: none), stored with the row, so that a run's rows form
     * a chain. Out: the new row's number. Several rows of a run in one batch share one head. Put
     * back by the backend when the commit fails. NULL: a row without a chain.
     */
    uint64_t *head;
    uint64_t ret_version;
};

/* One row of a log, borrowed during the callback. */
struct td_row {
    uint32_t size;
    uint32_t type;
    uint64_t seq; /* grows with every row of the log, gaps are possible */
    uint64_t run;
    uint64_t before; /* seq of the run's row before, 0: first */
    int64_t time_us;
    const char *node;
    struct td_bytes value;
};

/* Callbacks return 0 to go on, 1 to stop.
 * All arguments are borrowed for the call; no storage function may be called within. */
typedef int td_kv_fn(void *arg, const char *key, struct td_bytes value, uint64_t version);
typedef int td_row_fn(void *arg, const struct td_row *row);
typedef int td_index_fn(void *arg, uint64_t run, uint64_t seq);
typedef int td_item_fn(void *arg, uint64_t seq, struct td_bytes value, int64_t time_us);

/** Versioned records. A record past its expires_us is not there.
 * A new record has version 1; a deleted one starts anew. */
struct td_kv {
    uint32_t size;
    /* err TD_E_NOTFOUND. ret_value: new, malloc'ed, free()
     * by the caller (with a NUL behind the last byte, not counted) */
    int (*get)(struct td_ctx *ctx, const char *space, const char *key, int64_t now_us,
               void **ret_value, size_t *ret_length, uint64_t *ret_version, struct td_err *err);
    /*
     * keys with `prefix` (may be NULL) and greater than `after` (may be NULL), byte order, at most
     * `limit`; TD_SCAN_DOWN: from the end, keys less than `after`; TD_SCAN_SOUND: a record that is
     * damaged is passed over and logged, where else the scan fails with TD_E_CORRUPT
     */
    int (*scan)(struct td_ctx *ctx, const char *space, const char *prefix, const char *after,
                uint32_t limit, uint32_t flags, int64_t now_us, td_kv_fn *fn, void *arg,
                struct td_err *err);
    /* takes away what has expired, at most `limit` records; *ret_count of them */
    int (*expire)(struct td_ctx *ctx, int64_t now_us, uint32_t limit, uint32_t *ret_count,
                  struct td_err *err);
};
enum { TD_SCAN_DOWN = 1, TD_SCAN_SOUND = 2 };

/** Append-only streams. Rows are written by commit only. */
struct td_log_table {
    uint32_t size;
    /* rows with from <= seq, in order; run 0: of all runs */
    int (*scan)(struct td_ctx *ctx, const char *log, uint64_t from, uint64_t run, td_row_fn *fn,
                void *arg, struct td_err *err);
    /* one row; err TD_E_NOTFOUND */
    int (*read)(struct td_ctx *ctx, const char *log, uint64_t seq, td_row_fn *fn, void *arg,
                struct td_err *err);
    /* the index: every run's entry (run 0), in no order, or one run's; no entry is no error */
    int (*index)(struct td_ctx *ctx, const char *log, uint64_t run, td_index_fn *fn, void *arg,
                 struct td_err *err);
    /*
     * takes away a run's rows along its chain, from row `head` (with it) down to row `keep_from`
     * (which stays, as do the rows before it); keep_from 0: down to the chain's end. The run's
     * index entry goes with its row, and with keep_from 0, in the last commit. A chain that ends
     * early was pruned before. May take several commits, the oldest row first: what is left after a
     * crash can be pruned again from the same head. err TD_E_INVAL: a row on the way is of another
     * run
     */
    int (*prune)(struct td_ctx *ctx, const char *log, uint64_t run, uint64_t head,
                 uint64_t keep_from, struct td_err *err);
    /* --- since 1.1 --- */
    /*
     * as prune with keep_from 0 for each of `count` runs, from the row its index entry leads to, in
     * as few commits as their rows allow, none of them long; a run without an entry has nothing
     * there. What is left after a crash can be pruned again. May be NULL
     */
    int (*prune_runs)(struct td_ctx *ctx, const char *log, const uint64_t *runs, size_t count,
                      struct td_err *err);
};

/**
 * Work waiting: higher priority first, then older first (by number: an item that came back keeps
 * its place). A claimed item comes back when its claim runs out; until somebody else claims it, the
 * old claim is still good for ack, release and extend.
 */
struct td_queue {
    uint32_t size;
    /*
     * err TD_E_NOTFOUND: nothing is ready. *ret_item is its number, *ret_claim goes with ack,
     * *ret_claims is how often it was claimed, with this one; value new, as in kv. until_us must be
     * later than now_us
     */
    int (*claim)(struct td_ctx *ctx, const char *queue, int64_t now_us, int64_t until_us,
                 uint64_t *ret_item, uint64_t *ret_claim, uint32_t *ret_claims, void **ret_value,
                 size_t *ret_length, struct td_err *err);
    /* gives it back (ready at `until_us`), or holds it longer (until then);
     * err TD_E_CONFLICT: somebody else has it */
    int (*release)(struct td_ctx *ctx, const char *queue, uint64_t item, uint64_t claim,
                   int64_t until_us, struct td_err *err);
    int (*extend)(struct td_ctx *ctx, const char *queue, uint64_t item, uint64_t claim,
                  int64_t until_us, struct td_err *err);
    /* all that is not taken away by ack: ready, delayed and claimed */
    int (*count)(struct td_ctx *ctx, const char *queue, uint64_t *ret_count, struct td_err *err);
};

/** Publish and subscribe: a subscriber remembers the last number it saw and reads on from there. */
struct td_topic {
    uint32_t size;
    int (*read)(struct td_ctx *ctx, const char *topic, uint64_t after, uint32_t limit,
                td_item_fn *fn, void *arg, struct td_err *err);
    /* number of the newest item ever published, also if it is trimmed; 0: none */
    int (*last)(struct td_ctx *ctx, const char *topic, uint64_t *ret_seq, struct td_err *err);
    /* takes away the items up to and with that number */
    int (*trim)(struct td_ctx *ctx, const char *topic, uint64_t up_to, struct td_err *err);
};

/** Locks with a time to live (held while now < until)
 * and a fencing token that only grows, also across release and reopening. */
struct td_lease {
    uint32_t size;
    /* err TD_E_CONFLICT: held by somebody else.
     * The holder itself gets its token again, extended; a new one if it had run out. */
    int (*acquire)(struct td_ctx *ctx, const char *lease, const char *holder, int64_t now_us,
                   int64_t until_us, uint64_t *ret_token, struct td_err *err);
    /* both: err TD_E_CONFLICT: this token does not hold it; renew also when it has run out */
    int (*renew)(struct td_ctx *ctx, const char *lease, uint64_t token, int64_t now_us,
                 int64_t until_us, struct td_err *err);
    int (*release)(struct td_ctx *ctx, const char *lease, uint64_t token, struct td_err *err);
};

/** Large values by name, written whole and read in parts. */
struct td_blob {
    uint32_t size;
    int (*put)(struct td_ctx *ctx, const char *name, struct td_bytes value, struct td_err *err);
    /* err TD_E_NOTFOUND. ret_value as in kv; fewer bytes than asked for at the end */
    int (*get)(struct td_ctx *ctx, const char *name, uint64_t offset, size_t length,
               void **ret_value, size_t *ret_length, uint64_t *ret_total, struct td_err *err);
    /* a blob that is not there is fine */
    int (*remove)(struct td_ctx *ctx, const char *name, struct td_err *err);
};

enum td_durability { TD_DURABLE_MEMORY = 1, TD_DURABLE_NORMAL, TD_DURABLE_FULL };

/*
 * The table of a backend. Capabilities it does not have are NULL; without commit it can hold no
 * journal.
 */
struct td_storage {
    uint32_t size;
    const struct td_kv *kv;
    const struct td_log_table *log;
    const struct td_queue *queue;
    const struct td_topic *topic;
    const struct td_lease *lease;
    const struct td_blob *blob;
    /*
     * Applies all operations in their order (a later one sees what an earlier one did), or none. On
     * return 0 the batch is as durable as durability() says. err TD_E_CONFLICT: a guard did not
     * hold. On failure *ret_failed is the place of the operation in the batch; `count` when it was
     * no single one's fault.
     */
    int (*commit)(struct td_ctx *ctx, struct td_op *const *ops, size_t count, size_t *ret_failed,
                  struct td_err *err);
    enum td_durability (*durability)(struct td_ctx *ctx);
    /* Version of the stored form now; and moving it up or down,
     * step by step, each step in one transaction. */
    int (*version)(struct td_ctx *ctx, uint32_t *ret_version, uint32_t *ret_newest,
                   struct td_err *err);
    int (*migrate)(struct td_ctx *ctx, uint32_t version, struct td_err *err);
    /* Reads everything and checks it: err TD_E_CORRUPT names the first fault. May be NULL. */
    int (*verify)(struct td_ctx *ctx, struct td_err *err);
    /* --- since 1.1 --- */
    /*
     * Writes all it holds, as it is at one moment, to the file `path`, which is there and empty;
     * commits and readers go on meanwhile. On return 0 it is on the disk, and a backend whose
     * options lead to that file opens it as a store. May be NULL.
     */
    int (*backup)(struct td_ctx *ctx, const char *path, struct td_err *err);
    /*
     * Puts what the file `image` holds (made by backup, used by nobody) in the place of what is
     * kept where the options lead to, all or nothing; `image` may be gone afterwards. What was kept
     * there, if anything, stands before that in the new file `aside`, also when it was damaged. The
     * one function that is called instead of init, so that a store that cannot be opened can be
     * mended; drop follows. May be NULL, as backup. err TD_E_UNAVAILABLE: somebody has the store
     * open
     */
    int (*restore)(struct td_ctx *ctx, const char *image, const char *aside, struct td_err *err);
};

#ifdef __cplusplus
}
#endif
#endif
