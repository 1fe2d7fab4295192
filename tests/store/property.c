/* SPDX-License-Identifier: Apache-2.0 */
/*
 * property: a long random sequence of calls gives the same answers from both backends.
 *
 * Each call is drawn once, made on both, and what they answer is written as text and compared. The
 * seed is printed; TDEV_SEED repeats a run.
 */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEPS = 3000, RUNS = 4, OPS_MAX = 6, ANSWER = 1 << 16 };

/* One backend, and what the caller of it remembers. */
struct side {
    struct suite suite;
    uint64_t heads[RUNS];
    uint64_t item, claim, token;
    char answer[ANSWER];
    size_t used;
};

/* What one step is made of, drawn once for both. */
struct draw {
    int call;
    uint32_t flags, limit, count;
    int64_t now_us;
    unsigned pick[OPS_MAX][4];
};

static const char *const names[] = { "a", "b/1", "b/2", "c" };

static void tell(struct side *side, const char *fmt, ...) TD_PRINTF(2, 3);
static void tell(struct side *side, const char *fmt, ...)
{
    va_list ap;
    int length;

    va_start(ap, fmt);
    length = vsnprintf(side->answer + side->used, ANSWER - side->used, fmt, ap);
    va_end(ap);
    assert_true(length >= 0 && side->used + (size_t)length < ANSWER);
    side->used += (size_t)length;
}

static void tell_rc(struct side *side, int rc)
{
    tell(side, "%s;", rc == 0 ? "ok" : td_code_info(side->suite.err.code)->name);
}

static int tell_key(void *arg, const char *key, struct td_bytes value, uint64_t version)
{
    tell(arg, "%s=%.*s/%llu ", key, (int)value.length, (const char *)value.data,
         (unsigned long long)version);
    return 0;
}

static int tell_row(void *arg, const struct td_row *row)
{
    tell(arg, "%llu:%llu:%llu:%s=%.*s ", (unsigned long long)row->seq, (unsigned long long)row->run,
         (unsigned long long)row->before, row->node != NULL ? row->node : "",
         (int)row->value.length, (const char *)row->value.data);
    return 0;
}

static int tell_entry(void *arg, uint64_t run, uint64_t seq)
{
    tell(arg, "%llu@%llu ", (unsigned long long)run, (unsigned long long)seq);
    return 0;
}

static int tell_item(void *arg, uint64_t seq, struct td_bytes value, int64_t time_us)
{
    tell(arg, "%llu=%.*s/%lld ", (unsigned long long)seq, (int)value.length,
         (const char *)value.data, (long long)time_us);
    return 0;
}

static struct td_op make_op(struct side *side, const struct draw *draw, const unsigned pick[4],
                            char text[16])
{
    unsigned run = pick[1] % RUNS;
    struct td_op op = OP((enum td_op_kind)(pick[0] % 8 + 1), .space = names[pick[1] % 4],
                         .key = names[pick[2] % 4], .run = run + 1, .head = &side->heads[run],
                         .priority = (int32_t)(pick[3] % 3), .node = pick[3] % 2 ? "n" : NULL);

    snprintf(text, 16, "%u", pick[3] % 1000);
    op.value = suite_bytes(text);
    op.time_us = op.kind == TD_OP_PUSH && pick[3] % 2 ? draw->now_us + SECOND : draw->now_us;
    if (op.kind == TD_OP_PUT && pick[3] % 3 == 0)
        op.expires_us = draw->now_us + (int64_t)(pick[3] % 5) * SECOND + 1;
    op.version = pick[3] % 4 == 0 ? pick[2] % 3 : TD_VERSION_ANY;
    if (op.kind == TD_OP_GUARD_KV && op.version == TD_VERSION_ANY)
        op.version = pick[2] % 3;
    if (op.kind == TD_OP_GUARD_LEASE)
        op.token = side->token;
    if (op.kind == TD_OP_APPEND)
        op.flags = pick[3] % 3 == 2 ? 0 : pick[3] % 3;
    if (op.kind == TD_OP_ACK) {
        op.space = "q";
        op.token = side->item;
        op.version = side->claim;
    }
    if (op.kind == TD_OP_PUSH)
        op.space = "q";
    return op;
}

static void commit(struct side *side, const struct draw *draw)
{
    struct td_op ops[OPS_MAX];
    char texts[OPS_MAX][16];
    int rc;

    for (uint32_t i = 0; i < draw->count; i++)
        ops[i] = make_op(side, draw, draw->pick[i], texts[i]);
    rc = suite_commit(&side->suite, ops, draw->count);
    tell_rc(side, rc);
    if (rc != 0)
        tell(side, "at %zu %s;", side->suite.failed, side->suite.err.text);
    for (uint32_t i = 0; rc == 0 && i < draw->count; i++)
        tell(side, "%llu ", (unsigned long long)ops[i].ret_version);
    for (int i = 0; i < RUNS; i++)
        tell(side, "%llu ", (unsigned long long)side->heads[i]);
}

static void scan(struct side *side, const struct draw *draw)
{
    struct suite *suite = &side->suite;
    const char *after = draw->pick[0][1] % 2 ? names[draw->pick[0][2] % 4] : NULL;

    tell_rc(side, KV(suite)->scan(CTX(suite), names[draw->pick[0][0] % 4],
                                  draw->pick[0][3] % 2 ? "b/" : "", after, draw->limit,
                                  draw->flags % 2, draw->now_us, tell_key, side, &suite->err));
}

static void expire(struct side *side, const struct draw *draw)
{
    struct suite *suite = &side->suite;
    uint32_t count = 0;

    tell_rc(side, KV(suite)->expire(CTX(suite), draw->now_us, 0, &count, &suite->err));
    tell(side, "%u", count);
}

static void read_log(struct side *side, const struct draw *draw)
{
    struct suite *suite = &side->suite;
    const char *log = names[draw->pick[0][0] % 4];
    uint64_t head = side->heads[draw->pick[0][1] % RUNS], from = head > 20 ? head - 20 : 0;

    tell_rc(side, LOG(suite)->scan(CTX(suite), log, from, draw->pick[0][2] % (RUNS + 1), tell_row,
                                   side, &suite->err));
    tell_rc(side, LOG(suite)->read(CTX(suite), log, head, tell_row, side, &suite->err));
    for (uint64_t run = 1; run <= RUNS; run++)
        tell_rc(side, LOG(suite)->index(CTX(suite), log, run, tell_entry, side, &suite->err));
}

static void prune(struct side *side, const struct draw *draw)
{
    struct suite *suite = &side->suite;
    uint64_t run = draw->pick[0][1] % RUNS;
    uint64_t keep = draw->pick[0][2] % 2 && side->heads[run] > 6 ? side->heads[run] - 6 : 0;

    tell_rc(side, LOG(suite)->prune(CTX(suite), names[run], run + 1, side->heads[run], keep,
                                    &suite->err));
}

static void claim(struct side *side, const struct draw *draw)
{
    struct suite *suite = &side->suite;
    uint32_t claims = 0;
    size_t length;
    void *value;
    int rc = QUEUE(suite)->claim(CTX(suite), "q", draw->now_us, draw->now_us + 2 * SECOND,
                                 &side->item, &side->claim, &claims, &value, &length, &suite->err);

    tell_rc(side, rc);
    if (rc != 0)
        return;
    tell(side, "%llu %llu %u %s", (unsigned long long)side->item, (unsigned long long)side->claim,
         claims, (char *)value);
    free(value);
}

static void hold(struct side *side, const struct draw *draw)
{
    struct suite *suite = &side->suite;
    uint64_t count = 0;

    if (draw->flags % 2)
        tell_rc(side, QUEUE(suite)->extend(CTX(suite), "q", side->item, side->claim,
                                           draw->now_us + 3 * SECOND, &suite->err));
    else
        tell_rc(side, QUEUE(suite)->release(CTX(suite), "q", side->item, side->claim,
                                            draw->now_us + SECOND, &suite->err));
    tell_rc(side, QUEUE(suite)->count(CTX(suite), "q", &count, &suite->err));
    tell(side, "%llu", (unsigned long long)count);
}

static void read_topic(struct side *side, const struct draw *draw)
{
    struct suite *suite = &side->suite;
    const char *topic = names[draw->pick[0][0] % 4];
    uint64_t last = 0;

    tell_rc(side, TOPIC(suite)->last(CTX(suite), topic, &last, &suite->err));
    tell(side, "%llu ", (unsigned long long)last);
    tell_rc(side, TOPIC(suite)->read(CTX(suite), topic, last > 9 ? last - 9 : 0, draw->limit,
                                     tell_item, side, &suite->err));
    if (draw->flags % 4 == 0)
        tell_rc(side, TOPIC(suite)->trim(CTX(suite), topic, last - last / 4, &suite->err));
}

static void lease(struct side *side, const struct draw *draw)
{
    struct suite *suite = &side->suite;
    const char *name = names[draw->pick[0][0] % 4];
    int64_t until = draw->now_us + 2 * SECOND;

    if (draw->flags % 3 == 0)
        tell_rc(side, LEASE(suite)->acquire(CTX(suite), name, names[draw->pick[0][1] % 2],
                                            draw->now_us, until, &side->token, &suite->err));
    else if (draw->flags % 3 == 1)
        tell_rc(side, LEASE(suite)->renew(CTX(suite), name, side->token, draw->now_us, until,
                                          &suite->err));
    else
        tell_rc(side, LEASE(suite)->release(CTX(suite), name, side->token, &suite->err));
    tell(side, "%llu", (unsigned long long)side->token);
}

static void blob(struct side *side, const struct draw *draw)
{
    static char data[600000];
    struct suite *suite = &side->suite;
    const char *name = names[draw->pick[0][0] % 4];
    size_t length = draw->pick[0][1] % sizeof(data), got;
    uint64_t total, sum = 0;
    void *value;

    if (draw->flags % 4 == 0) {
        memset(data, (int)('a' + draw->pick[0][2] % 26), length);
        tell_rc(side,
                BLOB(suite)->put(CTX(suite), name, (struct td_bytes){ data, length }, &suite->err));
    } else if (draw->flags % 4 == 1) {
        tell_rc(side, BLOB(suite)->remove(CTX(suite), name, &suite->err));
    } else if (BLOB(suite)->get(CTX(suite), name, draw->pick[0][3] % sizeof(data), length, &value,
                                &got, &total, &suite->err) == 0) {
        for (size_t i = 0; i < got; i++)
            sum = sum * 31 + ((unsigned char *)value)[i];
        tell(side, "%zu of %llu: %llx", got, (unsigned long long)total, (unsigned long long)sum);
        free(value);
    } else {
        tell_rc(side, -1);
    }
}

static void (*const calls[])(struct side *side, const struct draw *draw) = {
    commit,   commit,   commit, commit, commit, commit, commit,     scan,  scan,  expire,
    read_log, read_log, prune,  claim,  claim,  hold,   read_topic, lease, lease, blob,
};

/* The next number of the sequence (splitmix64). */
static unsigned next_random(uint64_t *state)
{
    uint64_t mix = *state += 0x9E3779B97F4A7C15U;

    mix = (mix ^ mix >> 30) * 0xBF58476D1CE4E5B9U;
    mix = (mix ^ mix >> 27) * 0x94D049BB133111EBU;
    return (unsigned)((mix ^ mix >> 31) >> 33);
}

static void draw_step(struct draw *draw, uint64_t *random)
{
    draw->call = (int)(next_random(random) % (sizeof(calls) / sizeof(calls[0])));
    draw->flags = next_random(random);
    draw->limit = next_random(random) % 4;
    draw->count = next_random(random) % OPS_MAX + 1;
    draw->now_us += next_random(random) % SECOND;
    for (size_t i = 0; i < OPS_MAX; i++)
        for (size_t j = 0; j < 4; j++)
            draw->pick[i][j] = next_random(random);
}

static struct side *side_open(const struct suite *suite, const char *backend)
{
    struct side *side = calloc(1, sizeof(*side));

    assert_non_null(side);
    side->suite = *suite;
    suite_backend = backend;
    suite_ok(&side->suite, suite_open(&side->suite));
    return side;
}

static void both_backends_give_the_same_answers(void **state)
{
    const char *given = getenv("TDEV_SEED");
    uint64_t random = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)getpid();
    struct side *memory = side_open(*state, "memory"), *sqlite = side_open(*state, "sqlite");
    struct draw draw = { .now_us = NOW };

    print_message("TDEV_SEED=%llu\n", (unsigned long long)random);
    for (int step = 0; step < STEPS; step++) {
        draw_step(&draw, &random);
        memory->used = sqlite->used = 0;
        calls[draw.call](memory, &draw);
        calls[draw.call](sqlite, &draw);
        if (strcmp(memory->answer, sqlite->answer) != 0)
            fail_msg("step %d, call %d: memory \"%s\", sqlite \"%s\"", step, draw.call,
                     memory->answer, sqlite->answer);
    }
    suite_ok(&sqlite->suite,
             sqlite->suite.store.table->verify(CTX(&sqlite->suite), &sqlite->suite.err));
    suite_close(&memory->suite);
    suite_close(&sqlite->suite);
    free(memory);
    free(sqlite);
}

int property(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_backends_give_the_same_answers, suite_setup_closed,
                                        suite_teardown),
    };

    return cmocka_run_group_tests_name("property", tests, NULL, NULL);
}
