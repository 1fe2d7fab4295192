/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state: where a run of a workflow stands: variables, and a frame for the workflow and for each round of a body under way.
 */
#ifndef TDH_FLOW_STATE_H
#define TDH_FLOW_STATE_H

#include "flow/plan.h"

enum tdh_cell_status { CELL_IDLE, CELL_ACTIVE, CELL_DONE, CELL_DEAD };

/* A node within a frame. */
struct tdh_cell {
    enum tdh_cell_status status;
    uint32_t live, dead;   /* edges into it that are decided */
    json_t *over;          /* loop and map: the list they go through */
    json_t *results;       /* map: by place; loop: the last round's */
    uint32_t next, active; /* rounds begun; under way */
};

struct tdh_frame {
    const struct tdh_graph *graph;
    uint32_t slot;              /* in the state's table */
    struct tdh_frame *outer;    /* NULL: the workflow itself */
    uint32_t owner;             /* index of the loop or map in outer's graph */
    uint32_t round;
    json_t *item;               /* NULL: none */
    json_t *nodes;              /* {id: {output: ...}}, seen by expressions; only when some reads it */
    json_t *last;               /* output of the node that completed last */
    uint32_t active;            /* nodes under way */
    uint32_t *ready;            /* nodes to begin, or dead ones to go on from; each enters once */
    uint32_t ready_head, ready_tail;
    struct tdh_frame *dirty_next; /* frames to look at, while a fold settles */
    bool is_dirty;
    json_t *index;              /* round, for expressions */
    char *prefix;               /* of paths: "each[3]." */
    struct tdh_cell cells[];
};

struct tdh_flow_state {
    const struct tdh_plan *plan;
    json_t *input, *vars;
    json_t *output;             /* of the end that completed last */
    struct tdh_frame **frames;  /* by slot; NULL: free */
    uint32_t frame_room, first_free; /* no slot below first_free is free */
    struct tdh_frame *dirty;
    int64_t now_us;
    struct td_asks *asks;       /* of the fold under way */
    struct tdh_arena arena;     /* scratch of the fold under way */
    json_t *run;                /* {id} */
    json_t *now;                /* text of now_us, made when wanted */
};

struct tdh_frame *tdh_frame_new(struct tdh_flow_state *state, const struct tdh_graph *graph, struct tdh_frame *outer, uint32_t owner,
                                uint32_t round, json_t *item, struct td_err *err);
void tdh_frame_free(struct tdh_flow_state *state, struct tdh_frame *frame);
/* Writes without changing what others hold: *object is copied first when it is shared. value is taken. */
int tdh_flow_set(json_t **object, const char *key, json_t *value, struct td_err *err);
json_t *tdh_flow_save(const void *state, const void *plan, struct td_err *err);
int tdh_flow_load(void *state, const void *plan, const json_t *saved, uint32_t version, struct td_err *err);
void tdh_flow_drop(void *state, const void *plan);

#endif
