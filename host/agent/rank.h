/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rank: how similar a text is to each of some documents (BM25), by an inverted index.
 *
 * A document has words of its own, and words of the requests it has answered: of the latest
 * requests of all documents, so what it learns is bounded. One owner, no lock.
 */
#ifndef TDH_AGENT_RANK_H
#define TDH_AGENT_RANK_H

#include <stdbool.h>
#include <tdev/err.h>

#include "agent/words.h"

enum {
    TDH_RANK_WORDS_MAX = 65536, /* different words; then those of requests are begun anew */
    TDH_RANK_KEPT_WORDS = 16    /* of a request that is kept */
};

struct tdh_rank_posting {
    uint32_t document;
    uint16_t own, learned; /* how often */
};

struct tdh_rank_term {
    uint64_t hash; /* 0: free */
    struct tdh_rank_posting *postings;
    uint32_t count, room;
};

struct tdh_rank_request {
    uint32_t document;
    unsigned count;
    uint64_t words[TDH_RANK_KEPT_WORDS];
};

struct tdh_rank {
    struct tdh_rank_term *terms; /* open addressing */
    uint32_t term_count, term_room;
    uint32_t *lengths; /* of the documents, in words */
    uint32_t document_count;
    uint64_t total_length;
    struct tdh_rank_request *requests; /* a ring */
    uint32_t request_room, request_count, request_next;
    float *scores;     /* by document; all 0 between two uses */
    uint32_t *touched; /* documents with a score */
    uint32_t touched_count;
};

/** documents: how many; requests: how many are kept, 0: none. err TD_E_NOMEM */
int tdh_rank_start(struct tdh_rank *rank, uint32_t documents, uint32_t requests,
                   struct td_err *err);
void tdh_rank_end(struct tdh_rank *rank);
/** Words of the document's own. err TD_E_NOMEM, TD_E_LIMIT */
int tdh_rank_add(struct tdh_rank *rank, uint32_t document, const struct tdh_words *words,
                 struct td_err *err);
/** A request that the document has answered well. Without memory it is not kept. */
void tdh_rank_learn(struct tdh_rank *rank, uint32_t document, const struct tdh_words *words);
/** Fills scores and touched; tdh_rank_clear afterwards. */
void tdh_rank_score(struct tdh_rank *rank, const struct tdh_words *words);
void tdh_rank_clear(struct tdh_rank *rank);
/** Does the document have the word? */
bool tdh_rank_has(const struct tdh_rank *rank, uint32_t document, uint64_t word);

#endif
