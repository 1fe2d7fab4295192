/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index: two FTS5 tables whose rowid is a component's place in the catalogue plus one.
 */
#include "index.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/json.h"
#include "kit/text.h"

struct index {
    sqlite3 *db;
    struct kit_catalogue *catalogue;
};

static const char schema[] =
    "CREATE VIRTUAL TABLE en USING fts5(words, title, text, tokenize = 'porter unicode61 "
    "remove_diacritics 2');"
    "CREATE VIRTUAL TABLE ko USING fts5(words, title, text, tokenize = 'trigram');";

/* Names weigh more than titles, titles more than prose. */
static const char match_en[] = "SELECT rowid, bm25(en, 4.0, 2.0, 1.0) FROM en WHERE en MATCH ?1";
static const char match_ko[] = "SELECT rowid, bm25(ko, 4.0, 2.0, 1.0) FROM ko WHERE ko MATCH ?1";
static const char part_of_ko[] =
    "SELECT rowid, -0.5 FROM ko WHERE instr(title, ?1) OR instr(text, ?1)";

static int fail_db(sqlite3 *db, const char *what, struct td_err *err)
{
    enum td_code code = sqlite3_errcode(db) == SQLITE_NOMEM ? TD_E_NOMEM : TD_E_INTERNAL;

    return td_fail(err, code, "could not %s the catalogue's index: %s", what, sqlite3_errmsg(db));
}

static void add_names(struct kit_text *words, const json_t *names)
{
    const json_t *name;
    size_t i;

    json_array_foreach ((json_t *)names, i, name)
        kit_text_printf(words, " %s", json_string_value(name));
}

static int bind_text(sqlite3_stmt *insert, int at, const char *text)
{
    return sqlite3_bind_text(insert, at, text, -1, SQLITE_TRANSIENT);
}

static int insert_one(struct index *index, sqlite3_stmt *insert, size_t at, const char *lang,
                      struct td_err *err)
{
    const struct kit_component *component = &index->catalogue->items[at];
    struct kit_text words = { 0 };
    int rc = 0;

    kit_text_put(&words, component->name);
    add_names(&words, component->capabilities);
    add_names(&words, component->features);
    add_names(&words, component->field_types);
    if (words.failed)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate the words of component \"%s\"",
                     component->name);
    else if (sqlite3_reset(insert) != SQLITE_OK ||
             sqlite3_bind_int64(insert, 1, (sqlite3_int64)at + 1) != SQLITE_OK ||
             bind_text(insert, 2, words.data) != SQLITE_OK ||
             bind_text(insert, 3, kit_in_lang(component->title, lang)) != SQLITE_OK ||
             bind_text(insert, 4, kit_in_lang(component->text, lang)) != SQLITE_OK ||
             sqlite3_step(insert) != SQLITE_DONE)
        rc = fail_db(index->db, "fill", err);
    kit_text_free(&words);
    return rc;
}

static int fill(struct index *index, const char *sql, const char *lang, struct td_err *err)
{
    sqlite3_stmt *insert = NULL;
    int rc = 0;

    if (sqlite3_prepare_v2(index->db, sql, -1, &insert, NULL) != SQLITE_OK)
        return fail_db(index->db, "fill", err);
    for (size_t i = 0; rc == 0 && i < index->catalogue->count; i++)
        rc = insert_one(index, insert, i, lang, err);
    sqlite3_finalize(insert);
    return rc;
}

static int build(struct index *index, struct td_err *err)
{
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_FULLMUTEX;

    if (sqlite3_open_v2(":memory:", &index->db, flags, NULL) != SQLITE_OK)
        return fail_db(index->db, "open", err);
    if (sqlite3_exec(index->db, schema, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(index->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        return fail_db(index->db, "make", err);
    if (fill(index, "INSERT INTO en(rowid, words, title, text) VALUES(?1, ?2, ?3, ?4)", "en",
             err) != 0 ||
        fill(index, "INSERT INTO ko(rowid, words, title, text) VALUES(?1, ?2, ?3, ?4)", "ko",
             err) != 0)
        return -1;
    if (sqlite3_exec(index->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        return fail_db(index->db, "fill", err);
    return 0;
}

struct index *index_new(struct kit_catalogue *catalogue, struct td_err *err)
{
    struct index *index = calloc(1, sizeof(*index));

    if (index == NULL) {
        kit_catalogue_free(catalogue);
        td_fail(err, TD_E_NOMEM, "could not allocate the catalogue's index");
        return NULL;
    }
    index->catalogue = catalogue;
    if (build(index, err) == 0)
        return index;
    index_free(index);
    return NULL;
}

void index_free(struct index *index)
{
    if (index == NULL)
        return;
    sqlite3_close(index->db);
    kit_catalogue_free(index->catalogue);
    free(index);
}

const struct kit_catalogue *index_catalogue(const struct index *index)
{
    return index->catalogue;
}

/* One search; the arrays have an entry per component. */
struct finding {
    const struct index *index;
    const char *stack;
    double *shares, *ranks;
    unsigned char *is_hit; /* by the term at hand */
    double whole;          /* what all terms together weigh */
    struct td_err *err;
};

static bool is_short(const struct term *term)
{
    return !term->is_ascii && terms_characters(term->text) < 3;
}

static sqlite3_stmt *query_of(struct finding *finding, const struct term *term)
{
    const char *sql = term->is_ascii ? match_en : is_short(term) ? part_of_ko : match_ko;
    const char *quote = is_short(term) ? "" : "\"";
    char
        text[TERM_BYTES + 2]; /* a quoted string is the one form in which FTS5 reads no operators */
    sqlite3_stmt *query = NULL;

    snprintf(text, sizeof(text), "%s%s%s", quote, term->text, quote);
    if (sqlite3_prepare_v2(finding->index->db, sql, -1, &query, NULL) == SQLITE_OK &&
        sqlite3_bind_text(query, 1, text, -1, SQLITE_TRANSIENT) == SQLITE_OK)
        return query;
    fail_db(finding->index->db, "search", finding->err);
    sqlite3_finalize(query);
    return NULL;
}

/* Marks the components of the stack that have the term; returns how many, or -1. */
static int find_term(struct finding *finding, const struct term *term)
{
    const struct kit_catalogue *catalogue = finding->index->catalogue;
    sqlite3_stmt *query = query_of(finding, term);
    int count = 0, rc;

    if (query == NULL)
        return -1;
    memset(finding->is_hit, 0, catalogue->count);
    while ((rc = sqlite3_step(query)) == SQLITE_ROW) {
        size_t at = (size_t)sqlite3_column_int64(query, 0) - 1;

        if (strcmp(catalogue->items[at].stack, finding->stack) != 0)
            continue;
        finding->is_hit[at] = 1;
        finding->ranks[at] -=
            sqlite3_column_double(query, 1); /* bm25 is the better the more negative */
        count++;
    }
    sqlite3_finalize(query);
    return rc == SQLITE_DONE ? count : fail_db(finding->index->db, "search", finding->err);
}

/* A rare term tells more than a common one; one that nothing has counts most, against everything.
 */
static int weigh_term(struct finding *finding, const struct term *term)
{
    size_t count = finding->index->catalogue->count;
    int hits = find_term(finding, term);
    double weight;

    if (hits < 0)
        return -1;
    weight = log(1.0 + (double)count / (hits > 0 ? (double)hits : 0.5));
    finding->whole += weight;
    for (size_t i = 0; i < count; i++)
        if (finding->is_hit[i])
            finding->shares[i] += weight;
    return 0;
}

static int compare_hits(const void *a, const void *b)
{
    const struct hit *one = a;
    const struct hit *other = b;

    if (one->score != other->score)
        return one->score > other->score ? -1 : 1;
    if (one->rank != other->rank)
        return one->rank > other->rank ? -1 : 1;
    return one->component < other->component ? -1 : 1;
}

static int collect(const struct finding *finding, struct hit *hits)
{
    size_t count = 0;

    for (size_t i = 0; i < finding->index->catalogue->count; i++)
        if (finding->shares[i] > 0.0)
            hits[count++] =
                (struct hit){ .component = i,
                              .score = round(finding->shares[i] / finding->whole * 1e4) / 1e4,
                              .rank = finding->ranks[i] };
    qsort(hits, count, sizeof(*hits), compare_hits);
    return (int)count;
}

int index_find(const struct index *index, const char *stack, const struct terms *terms,
               struct hit *ret_hits, struct td_err *err)
{
    size_t count = index->catalogue->count + 1;
    struct finding finding = { .index = index, .stack = stack, .err = err };
    int rc = 0;

    finding.shares = calloc(count, sizeof(double));
    finding.ranks = calloc(count, sizeof(double));
    finding.is_hit = calloc(count, 1);
    if (finding.shares == NULL || finding.ranks == NULL || finding.is_hit == NULL)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate the hits of a search");
    for (size_t i = 0; rc == 0 && i < terms->count; i++)
        rc = weigh_term(&finding, &terms->items[i]);
    if (rc == 0)
        rc = collect(&finding, ret_hits);
    free(finding.shares);
    free(finding.ranks);
    free(finding.is_hit);
    return rc;
}
