/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: the host's way to everything that lasts. One backend behind it, one way to write: commit.
 *
 * All writes of all workers go through one writer: while it commits, the writes that come wait, and
 * the next commit takes all of them (group commit). It never waits for more than are there. Reads
 * go to the backend where it may block: the blocking pool, unless its manifest says `execution:
 * async`.
 */
#ifndef TDH_STORE_STORE_H
#define TDH_STORE_STORE_H

#include <jansson.h>
#include <stdbool.h>
#include <tdev/storage.h>

#include "runtime/runtime.h"

struct tdh_store;

/* A storage backend that is open: where it came from is none of the store's business. */
struct tdh_store_backend {
    const struct td_storage *table;
    struct td_ctx *ctx; /* of every call of the table */
    bool is_blocking;   /* its functions run in the blocking pool */
    void (*close)(void *arg);
    void *arg;
};

/** A store on a backend. backend: take, it is closed with the store.
 * err TD_E_NOMEM. new; tdh_store_close(). */
struct tdh_store *tdh_store_new(struct tdh_runtime *runtime,
                                const struct tdh_store_backend *backend, struct td_err *err);
/** Ends it. No write may be under way. From a coroutine only on the worker that wrote: it waits for
 * the writer to end. */
TD_YIELDS void tdh_store_close(struct tdh_store *store);

enum td_durability tdh_store_durability(const struct tdh_store *store);

/* What tdh_store_ask runs: gets the backend's context. Returns 0 or -1 with err. */
typedef int tdh_store_fn(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                         struct td_err *err);
/** Runs a reading function of the backend where it may block, and waits.
 * From a coroutine, or in a plain thread directly. */
TD_YIELDS int tdh_store_ask(struct tdh_store *store, tdh_store_fn *fn, void *arg,
                            struct td_err *err);

/**
 * Writes all it holds, as it is at one moment, to the file `path`, which is there and empty, and
 * reads it again. Writers go on meanwhile. On the disk when this returns 0. err TD_E_UNSUPPORTED:
 * the backend cannot.
 */
TD_YIELDS int tdh_store_backup(struct tdh_store *store, const char *path, struct td_err *err);
/** Reads everything and checks it. err TD_E_CORRUPT: the first fault; TD_E_UNSUPPORTED. */
TD_YIELDS int tdh_store_verify(struct tdh_store *store, struct td_err *err);

/*
 * One write: operations that happen together or not at all. Owned by the sender until done ran; the
 * operations and all they point to must stay as long. Zeroed before use.
 */
struct tdh_write {
    struct tdh_task task; /* private */
    struct tdh_worker *worker;
    struct td_op *const *ops;
    size_t count;
    void (*done)(struct tdh_write *write); /* runs on `worker`, once */
    void *arg;
    int rc;        /* 0: as durable as the backend says */
    size_t failed; /* with TD_E_CONFLICT: the place of the guard that did not hold */
    struct td_err err;
};
/** Hands a write to the writer; returns at once. From any worker. */
void tdh_store_submit(struct tdh_store *store, struct tdh_write *write);
/** Commits and waits. Not cancelled half-way. ret_failed may be NULL. */
TD_YIELDS int tdh_store_commit(struct tdh_store *store, struct td_op *const *ops, size_t count,
                               size_t *ret_failed, struct td_err *err);

/* --- records as JSON --- */

/** ret_value: new. ret_version may be NULL. err TD_E_NOTFOUND, TD_E_CORRUPT. */
TD_YIELDS int tdh_store_get(struct tdh_store *store, const char *space, const char *key,
                            json_t **ret_value, uint64_t *ret_version, struct td_err *err);
/** version as guard, TD_VERSION_ABSENT or TD_VERSION_ANY. err TD_E_CONFLICT. */
TD_YIELDS int tdh_store_put(struct tdh_store *store, const char *space, const char *key,
                            const json_t *value, uint64_t version, uint64_t *ret_version,
                            struct td_err *err);
TD_YIELDS int tdh_store_delete(struct tdh_store *store, const char *space, const char *key,
                               uint64_t version, struct td_err *err);
/**
 * The records whose key begins with `prefix`, after `after` (may be NULL), at most `limit`.
 * ret_list  new: array of {"key": ..., "version": n, "value": ...}
 */
TD_YIELDS int tdh_store_list(struct tdh_store *store, const char *space, const char *prefix,
                             const char *after, uint32_t limit, uint32_t flags, json_t **ret_list,
                             struct td_err *err);

enum { TDH_STORE_WORDS = 4, TDH_STORE_KEY = 256 };
struct tdh_store_search {
    const char *words[TDH_STORE_WORDS]; /* that a record's text must hold; NULL ends */
    uint32_t seen;                      /* records that were looked at, of `limit` */
    char last[TDH_STORE_KEY];           /* the last of them */
};
/** As tdh_store_list, but only those among them whose text holds some words. search NULL: all. */
TD_YIELDS int tdh_store_search(struct tdh_store *store, const char *space, const char *prefix,
                               const char *after, uint32_t limit, uint32_t flags,
                               struct tdh_store_search *search, json_t **ret_list,
                               struct td_err *err);

#endif
