/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform_paper: a host made of paper: it writes down every ask of a reducer as a line of JSON and
 * keeps what is open.
 */
#ifndef TDH_CLI_CONFORM_PAPER_H
#define TDH_CLI_CONFORM_PAPER_H

#include <tdev/reducer.h>

#include "cli/conform.h"

enum { TDH_PAPER_EVENTS = 10000 }; /* and asks, of one run */

/* One ask that waits for its answer. */
struct tdh_paper_ask {
    uint32_t number;
    enum td_event_kind kind; /* of the event that answers it, when all goes well */
    uint64_t tag;
    json_t *input; /* owned */
};

/* A run on paper. */
struct tdh_paper {
    struct td_asks asks; /* first: what the reducer gets */
    const struct td_reducer *reducer;
    const json_t *text; /* the case */
    void *plan, *state;
    json_t *lines;       /* what was asked, in order */
    json_t *output;      /* of finish */
    struct td_err error; /* of a run that failed */
    struct tdh_paper_ask *open;
    size_t open_count;
    uint32_t last;
    uint32_t answered;  /* events that were folded */
    uint32_t cancel_at; /* so many events before it is asked to end; TDH_PAPER_EVENTS: never */
    bool is_over, is_failed, is_cancelled;
};

extern const struct td_asks_ops tdh_paper_ops;
/** Takes an ask off the list of open ones; false: it is not there. Its input goes to the caller. */
bool tdh_paper_close(struct tdh_paper *paper, size_t place, struct tdh_paper_ask *ret_ask);
/** The run failed. */
void tdh_paper_fail(struct tdh_paper *paper, const struct td_err *error);

#endif
