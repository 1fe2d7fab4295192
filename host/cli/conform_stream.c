/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform_stream: the rules for what a backend keeps in order: logs with their chains and index,
 * and topics.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/conform_storage.h"

#define NOW TDH_SHOP_NOW

static int append(struct tdh_shop *shop, uint64_t run, uint64_t *head, const char *text,
                  uint32_t flags, uint64_t *ret_seq, struct td_err *err)
{
    struct td_op op =
        TDH_OP(TD_OP_APPEND, .space = "log", .run = run, .type = 3, .node = "n", .time_us = NOW,
               .value = tdh_shop_bytes(text), .head = head, .flags = flags);

    if (tdh_shop_commit(shop, &op, 1, err) != 0)
        return -1;
    *ret_seq = op.ret_version;
    return 0;
}

static int see_row(void *arg, const struct td_row *row)
{
    return tdh_shop_see(arg, row->value.data, row->value.length);
}

static int expect_rows(struct tdh_shop *shop, uint64_t from, uint64_t run, const char *want,
                       struct td_err *err)
{
    struct tdh_shop_seen seen = { .left = 0 };

    if (shop->table->log->scan(shop->ctx, "log", from, run, see_row, &seen, err) != 0)
        return -1;
    return tdh_shop_expect(err, strcmp(seen.text, want) == 0,
                           "a scan gave \"%s\", it must be \"%s\"", seen.text, want);
}

static int rows_come_in_order(struct tdh_shop *shop, struct td_err *err)
{
    uint64_t first, second, third;
    struct tdh_shop_seen seen = { .left = 0 };

    if (append(shop, 1, NULL, "a", 0, &first, err) != 0 ||
        append(shop, 2, NULL, "b", 0, &second, err) != 0 ||
        append(shop, 1, NULL, "c", 0, &third, err) != 0)
        return -1;
    if (tdh_shop_expect(err, first < second && second < third, "numbers of rows do not grow") !=
            0 ||
        expect_rows(shop, 0, 0, " a b c", err) != 0 ||
        expect_rows(shop, second, 0, " b c", err) != 0 || expect_rows(shop, 0, 1, " a c", err) != 0)
        return -1;
    if (shop->table->log->read(shop->ctx, "log", second, see_row, &seen, err) != 0 ||
        tdh_shop_expect(err, strcmp(seen.text, " b") == 0,
                        "a row read by its number is another one") != 0)
        return -1;
    return tdh_shop_refused(
        shop->table->log->read(shop->ctx, "log", third + 1000, see_row, &seen, err), TD_E_NOTFOUND,
        "a read of a row that is not there", err);
}

static int see_before(void *arg, const struct td_row *row)
{
    *(uint64_t *)arg = row->before;
    return 0;
}

static int rows_form_chains(struct tdh_shop *shop, struct td_err *err)
{
    uint64_t head = 0, first, second, before = 99;
    struct td_op ops[] = {
        TDH_OP(TD_OP_APPEND, .space = "log", .run = 1, .value = tdh_shop_bytes("x"), .head = &head),
        TDH_OP(TD_OP_ACK, .space = "no queue", .token = 1, .version = 1),
    };

    if (append(shop, 1, &head, "a", 0, &first, err) != 0 ||
        append(shop, 1, &head, "b", 0, &second, err) != 0 ||
        tdh_shop_expect(err, head == second, "the head is %llu, it must be the newest row",
                        (unsigned long long)head) != 0 ||
        shop->table->log->read(shop->ctx, "log", second, see_before, &before, err) != 0 ||
        tdh_shop_expect(err, before == first, "a row does not know the one before it") != 0)
        return -1;
    if (tdh_shop_commit(shop, ops, 2, err) == 0)
        return td_fail(err, TD_E_EXEC, "an ack of what nobody claimed succeeded");
    return tdh_shop_expect(err, head == second, "a commit that failed left the head changed");
}

static int see_entry(void *arg, uint64_t run, uint64_t seq)
{
    uint64_t *seqs = arg;

    if (run < 4)
        seqs[run] = seq;
    return 0;
}

static int runs_are_indexed(struct tdh_shop *shop, struct td_err *err)
{
    uint64_t seqs[4] = { 0, 0, 0, 0 }, one, other, head = 0;

    if (append(shop, 1, NULL, "a", TD_APPEND_INDEX, &one, err) != 0 ||
        append(shop, 1, NULL, "b", TD_APPEND_INDEX, &one, err) != 0 ||
        append(shop, 2, &head, "c", TD_APPEND_INDEX, &other, err) != 0)
        return -1;
    if (shop->table->log->index(shop->ctx, "log", 0, see_entry, seqs, err) != 0 ||
        tdh_shop_expect(err, seqs[1] == one && seqs[2] == other,
                        "the index does not hold the newest entry of each run") != 0)
        return -1;
    seqs[1] = seqs[2] = 0;
    if (append(shop, 1, NULL, "d", TD_APPEND_FORGET, &one, err) != 0 ||
        shop->table->log->index(shop->ctx, "log", 0, see_entry, seqs, err) != 0)
        return -1;
    return tdh_shop_expect(err, seqs[1] == 0 && seqs[2] == other,
                           "a run that was forgotten is still in the index");
}

static int chains_are_pruned(struct tdh_shop *shop, struct td_err *err)
{
    uint64_t head = 0, other_head = 0, seqs[4], other;

    for (size_t i = 0; i < 4; i++) {
        char text[2] = { (char)('a' + i), 0 };

        if (append(shop, 1, &head, text, 0, &seqs[i], err) != 0)
            return -1;
    }
    if (append(shop, 2, &other_head, "x", 0, &other, err) != 0 ||
        shop->table->log->prune(shop->ctx, "log", 1, seqs[2], seqs[0], err) != 0 ||
        expect_rows(shop, 0, 0, " a d x", err) != 0)
        return -1;
    if (tdh_shop_refused(shop->table->log->prune(shop->ctx, "log", 1, other, 0, err), TD_E_INVAL,
                         "a prune of another run's row", err) != 0)
        return -1;
    return shop->table->log->prune(shop->ctx, "log", 1, head, 0, err) == 0
               ? expect_rows(shop, 0, 2, " x", err)
               : -1;
}

/* --- topics --- */

static int see_item(void *arg, uint64_t seq, struct td_bytes value, int64_t time_us)
{
    (void)seq;
    (void)time_us;
    return tdh_shop_see(arg, value.data, value.length);
}

static int read_topic(struct tdh_shop *shop, uint64_t after, uint32_t limit, const char *want,
                      struct td_err *err)
{
    struct tdh_shop_seen seen = { .left = 0 };

    if (shop->table->topic->read(shop->ctx, "t", after, limit, see_item, &seen, err) != 0)
        return -1;
    return tdh_shop_expect(err, strcmp(seen.text, want) == 0,
                           "a read gave \"%s\", it must be \"%s\"", seen.text, want);
}

static int subscribers_read_on(struct tdh_shop *shop, struct td_err *err)
{
    static const char *const texts[] = { "a", "b", "c" };
    uint64_t last = 99, seqs[3];

    if (shop->table->topic->last(shop->ctx, "t", &last, err) != 0 ||
        tdh_shop_expect(err, last == 0, "a topic without items has a last one") != 0)
        return -1;
    for (size_t i = 0; i < 3; i++) {
        struct td_op op =
            TDH_OP(TD_OP_PUBLISH, .space = "t", .value = tdh_shop_bytes(texts[i]), .time_us = NOW);

        if (tdh_shop_commit(shop, &op, 1, err) != 0 ||
            shop->table->topic->last(shop->ctx, "t", &seqs[i], err) != 0)
            return -1;
    }
    if (read_topic(shop, 0, 0, " a b c", err) != 0 ||
        read_topic(shop, seqs[0], 1, " b", err) != 0 ||
        shop->table->topic->trim(shop->ctx, "t", seqs[2], err) != 0 ||
        read_topic(shop, 0, 0, "", err) != 0 ||
        shop->table->topic->last(shop->ctx, "t", &last, err) != 0)
        return -1;
    return tdh_shop_expect(err, last == seqs[2], "trim made the number of the last item go back");
}

const struct tdh_shop_rule tdh_shop_streams[] = {
    { TDH_NEED_LOG | TDH_NEED_COMMIT, rows_come_in_order,
      "log: rows come in order, of all runs or one" },
    { TDH_NEED_LOG | TDH_NEED_COMMIT, rows_form_chains,
      "log: a run's rows form a chain, also past a commit that fails" },
    { TDH_NEED_LOG | TDH_NEED_COMMIT, runs_are_indexed,
      "log: the index holds each run's entry until it is forgotten" },
    { TDH_NEED_LOG | TDH_NEED_COMMIT, chains_are_pruned,
      "log: prune follows the chain and keeps the rest" },
    { TDH_NEED_TOPIC | TDH_NEED_COMMIT, subscribers_read_on,
      "topic: subscribers read on from what they saw" },
    { 0, NULL, NULL },
};
