/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry: a plan never finds anything else than the expression by itself would, and what a thread
 * reads stays while the registry changes.
 *
 * QUERIES=N asks N random ones.
 */
#include "agent/registry.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

struct bed {
    struct tdh_registry *registry;
    struct tdh_finder *finder;
    struct td_err err;
};

static int set_up(void **state)
{
    static struct bed bed;

    bed.registry = tdh_registry_new(&bed.err);
    assert_non_null(bed.registry);
    bed.finder = tdh_finder_new(bed.registry, &bed.err);
    assert_non_null(bed.finder);
    *state = &bed;
    return 0;
}

static int tear_down(void **state)
{
    struct bed *bed = *state;

    tdh_finder_free(bed->finder);
    tdh_registry_free(bed->registry);
    return 0;
}

static uint64_t seed;

static unsigned draw(unsigned count)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)((seed >> 33) % count);
}

static const char *const words[] = { "a", "b", "c", "d", "e", "f" };
static const char *const versions[] = { "0.1.0", "1.0.0", "1.2.3", "1.2.4-rc.1", "2.0.0", "none" };
static const char *const statuses[] = { "active", "active", "active", "deprecated", "refused" };

static json_t *draw_words(void)
{
    json_t *list = json_array();

    for (unsigned left = draw(4); left > 0; left--)
        json_array_append_new(list, json_string(words[draw(COUNT(words))]));
    return list;
}

static json_t *draw_rows(unsigned count)
{
    json_t *rows = json_array();

    for (unsigned i = 0; i < count; i++) {
        char name[16];

        snprintf(name, sizeof(name), "%s%u", words[draw(COUNT(words))], i);
        json_array_append_new(rows,
                              json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:i}", "name", name, "kind",
                                        draw(3) == 0 ? "pattern" : "agent", "version",
                                        versions[draw(COUNT(versions))], "status",
                                        statuses[draw(COUNT(statuses))], "capabilities",
                                        draw_words(), "tags", draw_words(), "calls", (int)draw(5)));
    }
    return rows;
}

/* A condition; when it has two parts, a word stands between them. */
static const struct {
    const char *before, *after;
} leaves[] = {
    { "'", "' in tags" },
    { "'", "' in capabilities" },
    { "name.startsWith('", "')" },
    { "tags[0] == '", "'" },
    { "tags.exists(t, t == '", "')" },
    { "kind == 'agent'", NULL },
    { "'pattern' == kind", NULL },
    { "status == 'deprecated'", NULL },
    { "version.satisfies('^1')", NULL },
    { "version.satisfies('>=1.2')", NULL },
    { "version == '1.2.3'", NULL },
    { "calls > 2", NULL },
    { "kind in ['x', 'agent']", NULL },
    { "status in ['active', 'refused']", NULL },
    { "true", NULL },
};

/* Appends a random condition. */
static void draw_query(char *out, unsigned depth)
{
    static const char *const operators[] = { " && ", " && ", " || " };
    unsigned kind = depth == 0 ? 0 : draw(5);

    if (kind < 2) {
        unsigned leaf = draw(COUNT(leaves));

        strcat(out, leaves[leaf].before);
        if (leaves[leaf].after != NULL)
            strcat(strcat(out, words[draw(COUNT(words))]), leaves[leaf].after);
        return;
    }
    strcat(out, kind == 2 ? "!(" : "(");
    draw_query(out, depth - 1);
    if (kind > 2) {
        strcat(out, operators[draw(3)]);
        draw_query(out, depth - 1);
    }
    strcat(out, ")");
}

static const char *last_query; /* for messages */

/* What the expression says of one entry, found without plan or index. */
static bool is_wanted(const struct tdh_cel *cel, const struct tdh_snapshot *snapshot,
                      uint32_t place)
{
    const json_t **values = &snapshot->values[(size_t)place * TDH_ENTRY_FIELDS];
    struct tdh_cel_env env = { values, TDH_ENTRY_FIELDS };
    struct tdh_arena arena = { 0 };
    struct td_err err;
    bool is_true = false;
    int rc = tdh_cel_eval_bool(cel, &env, &arena, &is_true, &err);

    tdh_arena_free(&arena);
    if (strstr(last_query, "status") == NULL &&
        strcmp(json_string_value(values[TDH_ENTRY_STATUS]), "active") != 0)
        return false;
    return rc == 0 && is_true;
}

static void check_query(struct bed *bed, const char *query)
{
    const struct tdh_snapshot *snapshot = atomic_load(&bed->registry->current);
    struct tdh_cel_options options = { .roots = bed->registry->roots,
                                       .root_count = TDH_ENTRY_FIELDS };
    struct tdh_cel *cel = tdh_cel_compile(query, &options, &bed->err);
    const struct tdh_found *found;
    size_t at = 0;

    if (cel == NULL)
        fail_msg("%s: %s", query, bed->err.text);
    last_query = query;
    if (tdh_find(bed->finder, query, &found, &bed->err) != 0)
        fail_msg("%s: %s", query, bed->err.text);
    for (uint32_t place = 0; place < snapshot->count; place++) {
        bool is_found = at < found->count && found->rows[at] == snapshot->rows[place];

        if (is_found != is_wanted(cel, snapshot, place))
            fail_msg("%s: %s is %sfound", query, json_dumps(snapshot->rows[place], 0),
                     is_found ? "" : "not ");
        at += is_found;
    }
    assert_int_equal(at, found->count);
    tdh_cel_free(cel);
}

static void a_plan_finds_what_the_expression_alone_would(void **state)
{
    struct bed *bed = *state;
    const char *count = getenv("QUERIES");

    for (uint64_t trial = 1; trial <= (count != NULL ? strtoull(count, NULL, 10) : 2000); trial++) {
        char query[4096] = "";

        seed = trial;
        if (trial % 50 == 1) {
            json_t *rows = draw_rows(draw(80));

            assert_int_equal(tdh_registry_set(bed->registry, rows, &bed->err), 0);
            json_decref(rows);
        }
        draw_query(query, 4);
        check_query(bed, query);
    }
}

/* --- threads --- */

static atomic_bool is_over;

/* Each registry has entries of one word, so a result must not mix them. */
static void *read_on(void *arg)
{
    struct bed *bed = arg;
    struct td_err err;
    struct tdh_finder *finder = tdh_finder_new(bed->registry, &err);
    uintptr_t count = 0;

    while (!atomic_load(&is_over)) {
        const struct tdh_found *found;

        if (tdh_find(finder, "kind == 'agent' && calls >= 0", &found, &err) != 0)
            return NULL;
        for (size_t i = 1; i < found->count; i++)
            if (json_object_get(found->rows[i], "tags") != json_object_get(found->rows[0], "tags"))
                return NULL;
        count++;
    }
    tdh_finder_free(finder);
    return (void *)(count + 1);
}

static json_t *rows_of_one_word(unsigned count)
{
    json_t *rows = json_array(), *tags = json_pack("[s]", "t");

    for (unsigned i = 0; i < count; i++)
        json_array_append_new(rows,
                              json_pack("{s:o, s:s, s:s, s:O}", "name", json_sprintf("n%u", i),
                                        "kind", "agent", "status", "active", "tags", tags));
    json_decref(tags);
    return rows;
}

static void a_reader_keeps_what_it_reads_while_the_registry_changes(void **state)
{
    struct bed *bed = *state;
    pthread_t threads[3];
    json_t *first = rows_of_one_word(1);

    assert_int_equal(tdh_registry_set(bed->registry, first, &bed->err), 0);
    json_decref(first);
    atomic_store(&is_over, false);
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, bed), 0);
    for (unsigned i = 0; i < 300; i++) {
        json_t *rows = rows_of_one_word(1 + i % 40);

        assert_int_equal(tdh_registry_set(bed->registry, rows, &bed->err), 0);
        json_decref(rows);
    }
    atomic_store(&is_over, true);
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *count;

        pthread_join(threads[i], &count);
        assert_non_null(count);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_plan_finds_what_the_expression_alone_would),
        TEST(a_reader_keeps_what_it_reads_while_the_registry_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
