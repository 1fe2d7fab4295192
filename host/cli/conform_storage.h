/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform_storage: what the rules for storage backends share. Each rule gets an open, empty store
 * and a time that is given, never waited for.
 */
#ifndef TDH_CLI_CONFORM_STORAGE_H
#define TDH_CLI_CONFORM_STORAGE_H

#include "cli/conform.h"

#define TDH_SHOP_NOW INT64_C(1790000000000000)
#define TDH_SHOP_SECOND INT64_C(1000000)

/* One open store under trial. */
struct tdh_shop {
    struct tdh_conform *conform;
    struct tdh_conform_instance instance;
    const struct td_storage *table;
    struct td_ctx *ctx;
    size_t failed; /* of the last commit */
};

/* Texts that a callback collected, each behind a blank. */
struct tdh_shop_seen {
    char text[512];
    int left; /* so many more, then stop; 0: no end */
};

typedef int tdh_shop_fn(struct tdh_shop *shop, struct td_err *err);

enum tdh_shop_need {
    TDH_NEED_KV = 1,
    TDH_NEED_LOG = 2,
    TDH_NEED_QUEUE = 4,
    TDH_NEED_TOPIC = 8,
    TDH_NEED_LEASE = 16,
    TDH_NEED_BLOB = 32,
    TDH_NEED_COMMIT = 64
};

struct tdh_shop_rule {
    unsigned needs; /* of enum tdh_shop_need */
    tdh_shop_fn *fn;
    const char *rule;
};

/* Each ends with a row without a function. */
extern const struct tdh_shop_rule tdh_shop_records[], tdh_shop_streams[], tdh_shop_work[];

#define TDH_OP(of, ...) ((struct td_op){ TD_SIZE(struct td_op), .kind = (of), __VA_ARGS__ })

struct td_bytes tdh_shop_bytes(const char *text);
/** Commits operations as one batch. */
int tdh_shop_commit(struct tdh_shop *shop, struct td_op *ops, size_t count, struct td_err *err);
/** Fails with these words unless `holds`. */
int tdh_shop_expect(struct td_err *err, bool holds, const char *fmt, ...) TD_PRINTF(3, 4);
/** 0 when rc is a failure with that code; else says what went wrong with `what`. */
int tdh_shop_refused(int rc, enum td_code code, const char *what, struct td_err *err);
/** A record's text must be this; NULL: it must not be there. */
int tdh_shop_holds(struct tdh_shop *shop, const char *key, int64_t now_us, const char *text,
                   struct td_err *err);
int tdh_shop_put(struct tdh_shop *shop, const char *key, const char *text, uint64_t version,
                 struct td_err *err);
/** Adds a text to what was seen; returns what a callback returns. */
int tdh_shop_see(struct tdh_shop_seen *seen, const void *text, size_t length);

#endif
