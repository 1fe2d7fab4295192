/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform_work: the rules for what several workers share: queues, leases, blobs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/conform_storage.h"

#define NOW TDH_SHOP_NOW
#define SECOND TDH_SHOP_SECOND

/* --- queues --- */

static int push(struct tdh_shop *shop, int32_t priority, int64_t time_us, const char *text,
                struct td_err *err)
{
    struct td_op op = TDH_OP(TD_OP_PUSH, .space = "q", .priority = priority, .time_us = time_us,
                             .value = tdh_shop_bytes(text));

    return tdh_shop_commit(shop, &op, 1, err);
}

/* A claim for one second: what came, its number and claim. */
struct claim {
    uint64_t item, claim;
    uint32_t claims;
};

/* want NULL: nothing may be ready. */
static int claim(struct tdh_shop *shop, int64_t now_us, const char *want, struct claim *ret_claim,
                 struct td_err *err)
{
    void *value = NULL;
    size_t length = 0;
    int rc = shop->table->queue->claim(shop->ctx, "q", now_us, now_us + SECOND, &ret_claim->item,
                                       &ret_claim->claim, &ret_claim->claims, &value, &length, err);

    if (want == NULL) {
        if (rc == 0)
            free(value);
        return tdh_shop_refused(rc, TD_E_NOTFOUND, "a claim where nothing is ready", err);
    }
    if (rc != 0)
        return -1;
    rc = tdh_shop_expect(err, length == strlen(want) && memcmp(value, want, length) == 0,
                         "a claim gave \"%.*s\", it must be \"%s\"", (int)length,
                         (const char *)value, want);
    free(value);
    return rc;
}

static int claims_go_by_priority(struct tdh_shop *shop, struct td_err *err)
{
    struct claim got;
    uint64_t count = 0;

    if (push(shop, 0, NOW, "old", err) != 0 || push(shop, 0, NOW, "young", err) != 0 ||
        push(shop, 5, NOW, "urgent", err) != 0 ||
        push(shop, 9, NOW + 10 * SECOND, "later", err) != 0)
        return -1;
    if (claim(shop, NOW, "urgent", &got, err) != 0 || claim(shop, NOW, "old", &got, err) != 0 ||
        claim(shop, NOW, "young", &got, err) != 0 || claim(shop, NOW, NULL, &got, err) != 0)
        return -1;
    if (shop->table->queue->count(shop->ctx, "q", &count, err) != 0 ||
        tdh_shop_expect(err, count == 4, "count gave %llu, claimed and delayed items count too: 4",
                        (unsigned long long)count) != 0)
        return -1;
    return claim(shop, NOW + 10 * SECOND, "later", &got, err);
}

static int ack(struct tdh_shop *shop, const struct claim *claim, struct td_err *err)
{
    struct td_op op =
        TDH_OP(TD_OP_ACK, .space = "q", .token = claim->item, .version = claim->claim);

    return tdh_shop_commit(shop, &op, 1, err);
}

static int claims_run_out(struct tdh_shop *shop, struct td_err *err)
{
    struct claim first, second;

    if (push(shop, 0, NOW, "a", err) != 0 || claim(shop, NOW, "a", &first, err) != 0 ||
        claim(shop, NOW + SECOND, "a", &second, err) != 0 ||
        tdh_shop_expect(err, second.claims == 2, "the second claim of an item is its claim %u",
                        second.claims) != 0)
        return -1;
    if (tdh_shop_refused(ack(shop, &first, err), TD_E_CONFLICT,
                         "an ack by a claim that ran out and was taken over", err) != 0 ||
        ack(shop, &second, err) != 0)
        return -1;
    return claim(shop, NOW + 10 * SECOND, NULL, &first, err);
}

static int claims_are_given_back_and_extended(struct tdh_shop *shop, struct td_err *err)
{
    const struct td_queue *queue = shop->table->queue;
    struct claim got, other;

    if (push(shop, 0, NOW, "a", err) != 0 || claim(shop, NOW, "a", &got, err) != 0 ||
        queue->extend(shop->ctx, "q", got.item, got.claim, NOW + 5 * SECOND, err) != 0 ||
        claim(shop, NOW + 4 * SECOND, NULL, &other, err) != 0 ||
        queue->release(shop->ctx, "q", got.item, got.claim, NOW + 4 * SECOND, err) != 0 ||
        claim(shop, NOW + 4 * SECOND, "a", &other, err) != 0)
        return -1;
    return tdh_shop_refused(
        queue->extend(shop->ctx, "q", got.item, got.claim, NOW + 9 * SECOND, err), TD_E_CONFLICT,
        "an extension by somebody who gave it back", err);
}

/* --- leases --- */

static int leases_are_held_by_one(struct tdh_shop *shop, struct td_err *err)
{
    const struct td_lease *lease = shop->table->lease;
    uint64_t token = 0, again = 0, later = 0;

    if (lease->acquire(shop->ctx, "l", "one", NOW, NOW + SECOND, &token, err) != 0 ||
        tdh_shop_refused(lease->acquire(shop->ctx, "l", "other", NOW, NOW + SECOND, &later, err),
                         TD_E_CONFLICT, "a lease that somebody else holds", err) != 0)
        return -1;
    if (lease->acquire(shop->ctx, "l", "one", NOW, NOW + 2 * SECOND, &again, err) != 0 ||
        tdh_shop_expect(err, again == token, "the holder got another token") != 0 ||
        lease->renew(shop->ctx, "l", token, NOW + SECOND, NOW + 3 * SECOND, err) != 0)
        return -1;
    if (lease->acquire(shop->ctx, "l", "other", NOW + 3 * SECOND, NOW + 4 * SECOND, &later, err) !=
            0 ||
        tdh_shop_expect(err, later > token, "a token did not grow") != 0 ||
        tdh_shop_refused(
            lease->renew(shop->ctx, "l", token, NOW + 3 * SECOND, NOW + 9 * SECOND, err),
            TD_E_CONFLICT, "a renewal of what ran out", err) != 0)
        return -1;
    token = later;
    if (lease->release(shop->ctx, "l", later, err) != 0 ||
        lease->acquire(shop->ctx, "l", "one", NOW + 3 * SECOND, NOW + 4 * SECOND, &later, err) != 0)
        return -1;
    return tdh_shop_expect(err, later > token, "a token did not grow past a release");
}

static int leases_guard(struct tdh_shop *shop, struct td_err *err)
{
    struct td_op guard = TDH_OP(TD_OP_GUARD_LEASE, .key = "l", .time_us = NOW);

    if (shop->table->lease->acquire(shop->ctx, "l", "one", NOW, NOW + SECOND, &guard.token, err) !=
            0 ||
        tdh_shop_commit(shop, &guard, 1, err) != 0)
        return -1;
    guard.time_us = NOW + SECOND;
    if (tdh_shop_refused(tdh_shop_commit(shop, &guard, 1, err), TD_E_CONFLICT,
                         "a guard by a lease that ran out", err) != 0)
        return -1;
    guard.time_us = NOW;
    guard.token++;
    return tdh_shop_refused(tdh_shop_commit(shop, &guard, 1, err), TD_E_CONFLICT,
                            "a guard by a token that is none", err);
}

/* --- blobs --- */

static int expect_part(struct tdh_shop *shop, uint64_t offset, size_t length, const char *want,
                       struct td_err *err)
{
    void *value = NULL;
    size_t got = 0;
    uint64_t total = 0;
    int rc;

    if (shop->table->blob->get(shop->ctx, "b", offset, length, &value, &got, &total, err) != 0)
        return -1;
    rc = tdh_shop_expect(err, got == strlen(want) && memcmp(value, want, got) == 0 && total == 6,
                         "%zu bytes from %llu are not \"%s\" of 6", length,
                         (unsigned long long)offset, want);
    free(value);
    return rc;
}

static int blobs_are_read_in_parts(struct tdh_shop *shop, struct td_err *err)
{
    const struct td_blob *blob = shop->table->blob;
    void *value = NULL;
    size_t length;
    uint64_t total;
    int rc;

    if (blob->put(shop->ctx, "b", tdh_shop_bytes("old"), err) != 0 ||
        blob->put(shop->ctx, "b", tdh_shop_bytes("abcdef"), err) != 0 ||
        expect_part(shop, 0, 6, "abcdef", err) != 0 || expect_part(shop, 2, 2, "cd", err) != 0 ||
        expect_part(shop, 4, 9, "ef", err) != 0)
        return -1;
    if (blob->remove(shop->ctx, "b", err) != 0 || blob->remove(shop->ctx, "b", err) != 0)
        return -1;
    rc = blob->get(shop->ctx, "b", 0, 6, &value, &length, &total, err);
    if (rc == 0)
        free(value);
    return tdh_shop_refused(rc, TD_E_NOTFOUND, "get of a blob that was removed", err);
}

const struct tdh_shop_rule tdh_shop_work[] = {
    { TDH_NEED_QUEUE | TDH_NEED_COMMIT, claims_go_by_priority,
      "queue: higher priority first, then older first, none before its time" },
    { TDH_NEED_QUEUE | TDH_NEED_COMMIT, claims_run_out,
      "queue: an item comes back when its claim runs out, and goes with its ack" },
    { TDH_NEED_QUEUE | TDH_NEED_COMMIT, claims_are_given_back_and_extended,
      "queue: claims are extended and given back" },
    { TDH_NEED_LEASE, leases_are_held_by_one, "lease: one holder at a time, tokens only grow" },
    { TDH_NEED_LEASE | TDH_NEED_COMMIT, leases_guard, "lease: guards a commit while it is held" },
    { TDH_NEED_BLOB, blobs_are_read_in_parts, "blob: written whole, read in parts" },
    { 0, NULL, NULL },
};
