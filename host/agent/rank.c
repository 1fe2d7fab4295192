/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rank: BM25 with k1 = 1.2 and b = 0.75, over postings of words by their hash.
 *
 * A word that more than half of eight or more documents have tells nothing and is skipped.
 */
#include "agent/rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float k1 = 1.2F, b = 0.75F;
enum { COMMON_MIN = 8, TIMES_MAX = 65535 };

int tdh_rank_start(struct tdh_rank *rank, uint32_t documents, uint32_t requests, struct td_err *err)
{
    *rank = (struct tdh_rank){ .document_count = documents, .request_room = requests };
    rank->lengths = calloc(documents + 1U, sizeof(*rank->lengths));
    rank->scores = calloc(documents + 1U, sizeof(*rank->scores));
    rank->touched = calloc(documents + 1U, sizeof(*rank->touched));
    rank->requests = calloc(requests + 1U, sizeof(*rank->requests));
    if (rank->lengths != NULL && rank->scores != NULL && rank->touched != NULL &&
        rank->requests != NULL)
        return 0;
    tdh_rank_end(rank);
    return td_fail(err, TD_E_NOMEM, "could not allocate an index of words");
}

void tdh_rank_end(struct tdh_rank *rank)
{
    for (uint32_t i = 0; i < rank->term_room; i++)
        free(rank->terms[i].postings);
    free(rank->terms);
    free(rank->lengths);
    free(rank->scores);
    free(rank->touched);
    free(rank->requests);
    *rank = (struct tdh_rank){ 0 };
}

/* --- terms --- */

static uint64_t key_of(uint64_t hash)
{
    return hash != 0 ? hash : 1;
}

/* Where the word is, or the free place for it. There is a free place. */
static struct tdh_rank_term *slot_of(const struct tdh_rank *rank, uint64_t hash)
{
    uint64_t key = key_of(hash), mask = rank->term_room - 1;
    uint64_t at = (key * 0x9E3779B97F4A7C15U >> 32) & mask;

    while (rank->terms[at].hash != 0 && rank->terms[at].hash != key)
        at = (at + 1) & mask;
    return &rank->terms[at];
}

static const struct tdh_rank_term *find_term(const struct tdh_rank *rank, uint64_t hash)
{
    const struct tdh_rank_term *term = rank->term_room > 0 ? slot_of(rank, hash) : NULL;

    return term != NULL && term->hash != 0 ? term : NULL;
}

static bool grow(struct tdh_rank *rank)
{
    struct tdh_rank_term *old = rank->terms;
    uint32_t old_room = rank->term_room, room = old_room == 0 ? 256 : old_room * 2;
    struct tdh_rank_term *grown = calloc(room, sizeof(*grown));

    if (grown == NULL)
        return false;
    rank->terms = grown;
    rank->term_room = room;
    for (uint32_t i = 0; i < old_room; i++)
        if (old[i].hash != 0)
            *slot_of(rank, old[i].hash) = old[i];
    free(old);
    return true;
}

static struct tdh_rank_term *make_term(struct tdh_rank *rank, uint64_t hash)
{
    struct tdh_rank_term *term;

    if (2 * rank->term_count >= rank->term_room && !grow(rank))
        return NULL;
    term = slot_of(rank, hash);
    if (term->hash == 0) {
        term->hash = key_of(hash);
        rank->term_count++;
    }
    return term;
}

static struct tdh_rank_posting *find_posting(const struct tdh_rank_term *term, uint32_t document)
{
    for (uint32_t i = 0; i < term->count; i++)
        if (term->postings[i].document == document)
            return &term->postings[i];
    return NULL;
}

static struct tdh_rank_posting *make_posting(struct tdh_rank *rank, uint64_t hash,
                                             uint32_t document)
{
    struct tdh_rank_term *term = make_term(rank, hash);
    struct tdh_rank_posting *posting = term != NULL ? find_posting(term, document) : NULL;

    if (term == NULL || posting != NULL)
        return posting;
    if (term->count == term->room) {
        uint32_t room = term->room == 0 ? 2 : term->room * 2;
        struct tdh_rank_posting *grown = realloc(term->postings, room * sizeof(*grown));

        if (grown == NULL)
            return NULL;
        term->postings = grown;
        term->room = room;
    }
    posting = &term->postings[term->count++];
    *posting = (struct tdh_rank_posting){ .document = document };
    return posting;
}

static void lengthen(struct tdh_rank *rank, uint32_t document, int by)
{
    rank->lengths[document] = (uint32_t)((int64_t)rank->lengths[document] + by);
    rank->total_length = (uint64_t)((int64_t)rank->total_length + by);
}

int tdh_rank_add(struct tdh_rank *rank, uint32_t document, const struct tdh_words *words,
                 struct td_err *err)
{
    for (unsigned i = 0; i < words->count; i++) {
        struct tdh_rank_posting *posting;

        if (rank->term_count >= TDH_RANK_WORDS_MAX)
            return td_fail(err, TD_E_LIMIT, "the candidates have more than %d different words",
                           TDH_RANK_WORDS_MAX);
        posting = make_posting(rank, words->list[i].hash, document);
        if (posting == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate an index of words");
        posting->own = (uint16_t)(posting->own + (posting->own < TIMES_MAX));
        lengthen(rank, document, 1);
    }
    return 0;
}

/* --- what is learned --- */

static void forget(struct tdh_rank *rank, const struct tdh_rank_request *request)
{
    for (unsigned i = 0; i < request->count; i++) {
        struct tdh_rank_term *term = slot_of(rank, request->words[i]);
        struct tdh_rank_posting *posting =
            term->hash != 0 ? find_posting(term, request->document) : NULL;

        if (posting == NULL || posting->learned == 0)
            continue;
        lengthen(rank, request->document, -1);
        if (--posting->learned == 0 && posting->own == 0)
            *posting = term->postings[--term->count];
    }
}

static void forget_all(struct tdh_rank *rank)
{
    for (uint32_t i = 0; i < rank->request_count; i++)
        forget(rank, &rank->requests[i]);
    rank->request_count = 0;
    rank->request_next = 0;
}

/* Words that no document has any more make room for others. Without memory they stay. */
static void drop_empty_terms(struct tdh_rank *rank)
{
    struct tdh_rank_term *old = rank->terms;
    struct tdh_rank_term *fresh = calloc(rank->term_room, sizeof(*fresh));

    if (fresh == NULL)
        return;
    rank->terms = fresh;
    rank->term_count = 0;
    for (uint32_t i = 0; i < rank->term_room; i++)
        if (old[i].count > 0) {
            *slot_of(rank, old[i].hash) = old[i];
            rank->term_count++;
        } else {
            free(old[i].postings);
        }
    free(old);
}

static bool has_word(const struct tdh_rank_request *request, uint64_t word)
{
    for (unsigned i = 0; i < request->count; i++)
        if (request->words[i] == word)
            return true;
    return false;
}

static void keep_words(struct tdh_rank *rank, struct tdh_rank_request *request,
                       const struct tdh_words *words)
{
    for (unsigned i = 0; i < words->count && request->count < TDH_RANK_KEPT_WORDS; i++) {
        uint64_t word = words->list[i].hash;
        struct tdh_rank_posting *posting;

        if (has_word(request, word))
            continue;
        posting = make_posting(rank, word, request->document);
        if (posting == NULL)
            return;
        if (posting->learned == TIMES_MAX)
            continue;
        posting->learned++;
        lengthen(rank, request->document, 1);
        request->words[request->count++] = word;
    }
}

void tdh_rank_learn(struct tdh_rank *rank, uint32_t document, const struct tdh_words *words)
{
    struct tdh_rank_request *request;

    if (rank->request_room == 0 || words->count == 0)
        return;
    if (rank->term_count + TDH_RANK_KEPT_WORDS > TDH_RANK_WORDS_MAX) {
        drop_empty_terms(rank);
        if (rank->term_count + TDH_RANK_KEPT_WORDS > TDH_RANK_WORDS_MAX) {
            forget_all(rank);
            return;
        }
    }
    request = &rank->requests[rank->request_next];
    if (rank->request_count == rank->request_room)
        forget(rank, request);
    else
        rank->request_count++;
    rank->request_next = (rank->request_next + 1) % rank->request_room;
    *request = (struct tdh_rank_request){ .document = document };
    keep_words(rank, request, words);
}

/* --- scores --- */

static bool is_common(const struct tdh_rank *rank, const struct tdh_rank_term *term)
{
    return rank->document_count >= COMMON_MIN && term->count > rank->document_count / 2;
}

static void score_term(struct tdh_rank *rank, const struct tdh_rank_term *term, float scale)
{
    float many = (float)term->count;
    float rare = logf(1 + ((float)rank->document_count - many + 0.5F) / (many + 0.5F));

    for (uint32_t i = 0; i < term->count; i++) {
        const struct tdh_rank_posting *posting = &term->postings[i];
        float times = (float)posting->own + (float)posting->learned;
        float norm = k1 * (1 - b) + scale * (float)rank->lengths[posting->document];
        float *score = &rank->scores[posting->document];

        if (*score == 0)
            rank->touched[rank->touched_count++] = posting->document;
        *score += rare * times * (k1 + 1) / (times + norm);
    }
}

/* A word that the text has twice counts once. */
static bool came_before(const struct tdh_words *words, unsigned place)
{
    for (unsigned i = 0; i < place; i++)
        if (words->list[i].hash == words->list[place].hash)
            return true;
    return false;
}

void tdh_rank_score(struct tdh_rank *rank, const struct tdh_words *words)
{
    float scale = rank->total_length > 0
                      ? k1 * b * (float)rank->document_count / (float)rank->total_length
                      : 0;

    for (unsigned i = 0; i < words->count; i++) {
        const struct tdh_rank_term *term = find_term(rank, words->list[i].hash);

        if (term != NULL && term->count > 0 && !is_common(rank, term) && !came_before(words, i))
            score_term(rank, term, scale);
    }
}

void tdh_rank_clear(struct tdh_rank *rank)
{
    for (uint32_t i = 0; i < rank->touched_count; i++)
        rank->scores[rank->touched[i]] = 0;
    rank->touched_count = 0;
}

bool tdh_rank_has(const struct tdh_rank *rank, uint32_t document, uint64_t word)
{
    const struct tdh_rank_term *term = find_term(rank, word);

    return term != NULL && !is_common(rank, term) && find_posting(term, document) != NULL;
}
