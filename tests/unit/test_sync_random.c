/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sync_random: three stores that save and are synchronised at random, held against a model in which
 * a version is a bit and what it comes from a set of bits. SEED=N: only the N-th history.
 */
#include "sync_bed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"

/* --- random histories --- */

/* What the model knows of a store: the versions that its newest comes from, as bits; 0: none. */
struct model {
    uint64_t line[STORES];
    uint64_t head[STORES]; /* the newest; of two with one state the later counts for both */
    int text[STORES];      /* of the newest state; no two saves have the same */
    int time[STORES];
    unsigned versions;
    int now;
};

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void model_new(struct model *model, int at, uint64_t from, int text)
{
    model->head[at] = (uint64_t)1 << model->versions++;
    model->line[at] = from | model->head[at];
    model->text[at] = text;
    model->time[at] = ++model->now;
}

static void model_copy(struct model *model, int from, int to)
{
    model->line[to] = model->line[from];
    model->head[to] = model->head[from];
    model->text[to] = model->text[from];
    model->time[to] = model->time[from];
}

static const char *model_relation(const struct model *model, int here, int there)
{
    bool is_ahead = model->line[here] != 0 &&
                    (model->line[here] & model->head[there]) == model->head[there],
         is_behind = model->line[there] != 0 &&
                     (model->line[there] & model->head[here]) == model->head[here];

    if (model->head[here] == model->head[there])
        return model->head[here] != 0 ? "same" : "none";
    return is_ahead ? "ahead" : is_behind ? "behind" : "conflict";
}

static void model_sync(struct model *model, int here, int there, const struct tdh_sync *sync)
{
    const char *relation = model_relation(model, here, there);
    bool may[2] = { sync->way != TDH_SYNC_PUSH, sync->way != TDH_SYNC_PULL };

    if (strcmp(relation, "ahead") == 0 && may[THERE])
        model_copy(model, here, there);
    if (strcmp(relation, "behind") == 0 && may[HERE])
        model_copy(model, there, here);
    if (strcmp(relation, "conflict") == 0) {
        struct model made = *model;
        int winner = sync->conflict == TDH_SYNC_OURS          ? here
                     : sync->conflict == TDH_SYNC_THEIRS      ? there
                     : model->time[here] > model->time[there] ? here
                                                              : there;

        if (model->text[here] != model->text[there]) {
            model_new(&made, here, made.line[here] | made.line[there], made.text[winner]);
        } else { /* the same state: the later one counts, and knows the other from now on */
            winner = model->time[here] > model->time[there] ? here : there;
            model_copy(&made, winner, here);
            made.line[here] |= model->line[here] | model->line[there];
        }
        if (may[THERE])
            model_copy(&made, here, there);
        if (!may[HERE]) {
            made.line[here] = model->line[here];
            made.head[here] = model->head[here];
            made.text[here] = model->text[here];
            made.time[here] = model->time[here];
        }
        *model = made;
    }
}

static void assert_as_model(struct sync_bed *bed, const struct model *model)
{
    for (int at = 0; at < STORES; at++) {
        char want[32];

        snprintf(want, sizeof(want), "{\"n\":%d}", model->text[at]);
        sync_bed_assert_newest(bed, at, model->line[at] != 0 ? want : "-");
    }
}

static void random_step(struct sync_bed *bed, struct model *model, uint64_t *seed, int step)
{
    int here = (int)(next_random(seed) % STORES), there = (here + 1) % STORES;
    struct tdh_sync sync = { .way = (enum tdh_sync_way)(next_random(seed) % 3),
                             .conflict = (enum tdh_sync_choice)(1 + next_random(seed) % 3),
                             .keep = TDH_STATES_KEEP_MAX };
    char text[32];

    if (next_random(seed) % 2 == 0) {
        snprintf(text, sizeof(text), "{\"n\":%d}", step);
        sync_bed_save_text(bed, here, text);
        model_new(model, here, model->line[here], step);
        return;
    }
    if (next_random(seed) % 2 == 0)
        there = (here + 2) % STORES;
    snprintf(text, sizeof(text), "%s", model_relation(model, here, there));
    assert_int_equal(sync_bed_sync_of(bed, here, there, &sync), 0);
    assert_string_equal(sync_bed_told(bed, "relation"), text);
    model_sync(model, here, there, &sync);
    assert_as_model(bed, model);
}

static void random_history(struct sync_bed *bed, uint64_t seed)
{
    struct model model = { 0 };
    char ids[STORES][TDH_STATE_ID];

    sync_bed_begin_anew(bed);
    for (int step = 1; step <= 24; step++)
        random_step(bed, &model, &seed, step);
    for (int i = 0; i < 2 * STORES; i++)
        assert_int_equal(sync_bed_sync_plain(bed, i % STORES, (i + 1) % STORES, TDH_SYNC_NEWEST),
                         0);
    for (int at = 0; at < STORES; at++)
        json_decref(sync_bed_newest(bed, at, ids[at]));
    assert_string_equal(ids[0], ids[1]);
    assert_string_equal(ids[1], ids[2]);
}

static void random_histories(struct sync_bed *bed)
{
    const char *said = getenv("SEED");
    uint64_t seed = said != NULL ? strtoull(said, NULL, 10) : 1;

    for (uint64_t i = 0; i < (said != NULL ? 1 : 300); i++) {
        print_message("SEED=%llu\n", (unsigned long long)(seed + i));
        random_history(bed, (seed + i) * UINT64_C(0x9e3779b97f4a7c15));
    }
}

static void random_histories_of_three_stores_are_as_in_the_model_and_come_together(void **state)
{
    (void)state;
    sync_bed_run(random_histories);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_histories_of_three_stores_are_as_in_the_model_and_come_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
