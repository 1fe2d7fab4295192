/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state: where a run of a workflow stands: variables, and a frame for the workflow and for each
 * round of a body under way.
 *
 * JSON values in it are shared with events, asks and snapshots: what is written is copied first
 * when others hold it too.
 */
#ifndef TDH_FLOW_STATE_H
#define TDH_FLOW_STATE_H

#include "flow/plan.h"

/* Nodes and rounds begun in one fold.
 * A loop that has more to do goes on with a timer of 0 ms, so that no fold holds its worker up. */
#define TDH_FLOW_STEPS 4096
#define TDH_FLOW_FRAMES (1U << 24) /* most rounds under way at once */
#define TDH_FLOW_UNDOS 100000      /* most steps of a run that are kept to be undone */

/* Tags of what belongs to no node; no slot is that high. */
#define TDH_TAG_TIMEOUT UINT64_MAX
#define TDH_TAG_UNDO (UINT64_MAX - 1)
#define TDH_TAG_TIMER (UINT64_C(1) << 31) /* with a node's tag: its timeout */

enum tdh_flow_phase {
    PHASE_RUNNING,
    PHASE_STOPPING, /* failed: what is under way ends */
    PHASE_UNDOING,  /* what was done is undone */
};

enum tdh_cell_status { CELL_IDLE, CELL_ACTIVE, CELL_DONE, CELL_DEAD };

/* What the variables of a body hold. */
struct tdh_vars {
    struct tdh_vars *next; /* of the same frame */
    const struct tdh_scope *scope;
    struct tdh_vars *outer; /* those around it; NULL: the workflow's */
    json_t *own;
    json_t *view;          /* these and those around, as of `seen`; NULL: nobody has read them */
    uint64_t writes, seen; /* here; in all around when view was made */
};

/* A node within a frame. */
struct tdh_cell {
    enum tdh_cell_status status;
    uint32_t live, dead;   /* edges into it that are decided */
    uint32_t next, active; /* loop and map: rounds begun; under way */
    bool is_held;          /* in a map in order: until the round before has done with it */
    uint32_t newest;       /* of a map in order: slot of its newest round */
    bool is_paused;        /* loop and map: goes on when its timer comes */
    uint32_t failed;       /* map: rounds that were lost */
    uint32_t ask, timer;   /* what it waits for; its timeout; 0: none */
    json_t *over;          /* loop and map: the list they go through; approval: what is asked */
    json_t *results;       /* map: by place; loop: the last round's; approval: the votes */
};

/* Made when a round begins, ended when nothing of it is under way.
 * The workflow's own, in slot 0, lasts as long as the run. */
struct tdh_frame {
    const struct tdh_graph *graph;
    struct tdh_frame *outer; /* NULL: the workflow itself */
    uint32_t slot;           /* in the state's table; part of the tags of its asks */
    uint32_t owner;          /* index of the loop or map in outer's graph */
    uint32_t round;
    uint32_t active; /* nodes under way */
    uint32_t *ready; /* nodes to begin, or dead ones to go on from; each enters once */
    uint32_t ready_head, ready_tail;
    struct tdh_frame *before, *after; /* rounds of a map in order, as far as they are under way */
    struct tdh_frame *dirty_next;     /* frames to look at, while a fold settles */
    bool is_dirty;                    /* in that list, or being looked at */
    struct tdh_vars *vars; /* the innermost that its expressions see; NULL: the workflow's */
    struct tdh_vars *held; /* its own, of a map's round; those of its loops under way */
    json_t *item;          /* NULL: none */
    json_t *index;         /* round, for expressions; NULL: none reads it */
    json_t *outputs; /* {id: {output: ...}} of its nodes that completed; NULL: nobody reads them */
    json_t *view;    /* the same, and those of the frames around it, as of view_count */
    uint64_t output_count, view_count; /* outputs here; in all frames around when view was made */
    json_t *last;                      /* of a body: output of the node that completed last */
    struct tdh_cell cells[];
};

struct tdh_flow_state {
    const struct tdh_plan *plan;
    json_t *input, *vars;
    uint64_t writes; /* of vars */
    json_t *output;  /* of the end that completed last */
    enum tdh_flow_phase phase;
    json_t *why;         /* of what failed, from when it stops on */
    json_t *undos;       /* [[number, path, input] ...] of steps that can be undone; NULL: none */
    json_t *undo_errors; /* of those that could not be; NULL: none */
    uint32_t undo_count; /* when it began to undo */
    uint32_t waited;     /* asks that are waited for while it stops */
    struct tdh_frame **frames;       /* by slot; NULL: free */
    uint64_t *used;                  /* a bit per slot */
    uint32_t frame_room, first_free; /* words of `used`; none before first_free has a free slot */
    struct tdh_frame *dirty, *dirty_last;
    struct tdh_misfit *misfits; /* nodes that are to fail in this fold, in order */
    uint32_t steps;             /* of the fold under way */
    int64_t now_us;
    struct td_asks *asks;   /* of the fold under way */
    struct tdh_arena arena; /* scratch of one expression */
    json_t *run, *now;      /* roots, made when wanted */
};

/* state.c. Slot `none`: the lowest that is free. Returns a frame that the state owns. */
struct tdh_frame *tdh_frame_new(struct tdh_flow_state *state, const struct tdh_graph *graph,
                                struct tdh_frame *outer, uint32_t owner, uint32_t round,
                                struct td_err *err);
struct tdh_frame *tdh_frame_new_at(struct tdh_flow_state *state, const struct tdh_graph *graph,
                                   struct tdh_frame *outer, uint32_t owner, uint32_t round,
                                   uint32_t slot, struct td_err *err);
void tdh_frame_free(struct tdh_flow_state *state, struct tdh_frame *frame);
struct tdh_frame *tdh_frame_at(const struct tdh_flow_state *state, uint32_t slot);
/* Writes without changing what others hold:
 * *object is copied first when it is shared. value is taken. */
int tdh_flow_set(json_t **object, const char *key, json_t *value, struct td_err *err);
/* The same for an array that is long enough. */
int tdh_flow_set_at(json_t **array, size_t place, json_t *value, struct td_err *err);
/* Both for an array that may be NULL, and then is empty. value is taken; NULL: without memory. */
int tdh_flow_push(json_t **array, json_t *value, struct td_err *err);
int tdh_flow_pop(json_t **array, struct td_err *err);
/* One past the highest slot. */
uint32_t tdh_flow_slots(const struct tdh_flow_state *state);
void tdh_flow_drop(void *state, const void *plan);

/* save.c */
json_t *tdh_flow_save(const void *state, const void *plan, struct td_err *err);
int tdh_flow_load(void *state, const void *plan, const json_t *saved, uint32_t version,
                  struct td_err *err);

/* eval.c. result may be NULL: then that root is not there. */
json_t *tdh_frame_eval(struct tdh_flow_state *state, struct tdh_frame *frame, const json_t *result,
                       const struct tdh_template *template, struct td_err *err);
int tdh_frame_eval_bool(struct tdh_flow_state *state, struct tdh_frame *frame, const json_t *result,
                        const struct tdh_cel *cel, bool *ret_value, struct td_err *err);
/* error: NULL: it did not fail */
int tdh_frame_note_output(struct tdh_frame *frame, const struct tdh_node *node, json_t *output,
                          json_t *error, struct td_err *err);

enum { TDH_PATH_MAX = (TDH_FLOW_DEPTH + 1) * 80 + 16 };
/* "pay", or "each[3].pay": the path of a node's asks,
 * in `path` where it is not the node's own id. */
const char *tdh_frame_path(const struct tdh_frame *frame, const struct tdh_node *node,
                           char path[static TDH_PATH_MAX]);
/* "each[3]", of a round's frame. Returns path. */
const char *tdh_round_path(const struct tdh_frame *frame, char path[static TDH_PATH_MAX]);
/* Puts `node "PATH": ` in front. Returns -1. */
int tdh_frame_context(const struct tdh_frame *frame, const struct tdh_node *node,
                      struct td_err *err);
int tdh_round_context(const struct tdh_frame *frame, struct td_err *err);

/* vars.c. Variables of the body of a node with a scope, held by a frame: of a loop by that of its
 * node, of a map by each round's. _begin: with their first values, worked out in the frame; when
 * one does not fit, *ret_fits is false and err tells. _new: takes own. Both: owned by the frame.
 * NULL: err. */
struct tdh_vars *tdh_vars_begin(struct tdh_flow_state *state, struct tdh_frame *frame,
                                const struct tdh_node *node, bool *ret_fits, struct td_err *err);
struct tdh_vars *tdh_vars_new(struct tdh_frame *frame, const struct tdh_node *node, json_t *own,
                              struct td_err *err);
/* NULL: the frame holds none. */
struct tdh_vars *tdh_vars_of(const struct tdh_frame *frame, const struct tdh_node *node);
void tdh_vars_end(struct tdh_frame *frame, const struct tdh_node *node);
void tdh_vars_free(struct tdh_frame *frame);
/* All that are seen there, borrowed until the next write. vars NULL: the workflow's. NULL: without
 * memory. */
json_t *tdh_vars_view(const struct tdh_flow_state *state, struct tdh_vars *vars);
/* value is taken. */
int tdh_vars_set(struct tdh_flow_state *state, struct tdh_frame *frame,
                 const struct tdh_assign *assign, json_t *value, struct td_err *err);
/* All that a frame sees as they are now; then lets go of that, or (is_back) makes them so again. */
struct tdh_vars_kept {
    json_t *own[TDH_FLOW_DEPTH + 1];
};
void tdh_vars_keep(const struct tdh_flow_state *state, const struct tdh_frame *frame,
                   struct tdh_vars_kept *kept);
void tdh_vars_let(struct tdh_flow_state *state, const struct tdh_frame *frame,
                  const struct tdh_vars_kept *kept, bool is_back);

/* walk.c: a node completes, which decides its edges. output is borrowed. */
int tdh_frame_complete(struct tdh_flow_state *state, struct tdh_frame *frame,
                       const struct tdh_node *node, json_t *output, struct td_err *err);
/* A node that failed, and deals with it itself, counts as done; error is taken. */
int tdh_frame_settle(struct tdh_flow_state *state, struct tdh_frame *frame,
                     const struct tdh_node *node, json_t *error, struct td_err *err);
/* A frame that is to be freed is none of those to look at any more. */
void tdh_frame_unmark(struct tdh_flow_state *state, struct tdh_frame *frame);
void tdh_frame_begin_entries(struct tdh_flow_state *state, struct tdh_frame *frame);
void tdh_frame_leave_dead(struct tdh_flow_state *state, struct tdh_frame *frame,
                          const struct tdh_node *node);

/* round.c: loops and maps begin; go on when their timer came;
 * a round has nothing under way any more (the frame is freed). */
int tdh_round_begin(struct tdh_flow_state *state, struct tdh_frame *frame,
                    const struct tdh_node *node, struct td_err *err);
int tdh_round_resume(struct tdh_flow_state *state, struct tdh_frame *frame,
                     const struct tdh_node *node, struct td_err *err);
int tdh_round_end(struct tdh_flow_state *state, struct tdh_frame *frame, struct td_err *err);

/* approval.c: a question to people; what they answer. */
int tdh_approval_begin(struct tdh_flow_state *state, struct tdh_frame *frame,
                       const struct tdh_node *node, struct td_err *err);
int tdh_approval_answer(struct tdh_flow_state *state, struct tdh_frame *frame,
                        const struct tdh_node *node, const json_t *answer, struct td_err *err);

/* Puts a node into the list of what its frame begins. */
void tdh_frame_enter(struct tdh_flow_state *state, struct tdh_frame *frame, uint32_t node);

/* order.c: must the node wait for the round before? Let go of one, or of all, that need not any
 * more (frame may be NULL). A frame begins; is over. */
bool tdh_order_holds(const struct tdh_frame *frame, uint32_t node);
void tdh_order_let(struct tdh_flow_state *state, struct tdh_frame *frame, uint32_t node);
void tdh_order_let_all(struct tdh_flow_state *state, struct tdh_frame *frame);
void tdh_order_link(struct tdh_flow_state *state, struct tdh_frame *frame);
void tdh_order_unlink(struct tdh_frame *frame);
/* Links what was loaded. */
int tdh_order_load(struct tdh_flow_state *state, bool *ret_fits, struct td_err *err);

/* first.c: a `join: first` begins: what is under way before it, and what was yet to come there,
 * is of no account any more. */
int tdh_first_let_go(struct tdh_flow_state *state, struct tdh_frame *frame,
                     const struct tdh_node *node, struct td_err *err);

/* fail.c: takes back what a node waits for, and its rounds. A node failed; a round did, by no
 * node of it; the run is to end, for that reason. */
int tdh_node_take_back(struct tdh_flow_state *state, struct tdh_frame *frame,
                       const struct tdh_node *node, struct td_err *err);
int tdh_node_failed(struct tdh_flow_state *state, struct tdh_frame *frame,
                    const struct tdh_node *node, const struct td_err *error, struct td_err *err);
int tdh_round_failed(struct tdh_flow_state *state, struct tdh_frame *frame,
                     const struct td_err *error, struct td_err *err);
int tdh_flow_stop(struct tdh_flow_state *state, const struct td_err *why, struct td_err *err);
/* Then: an ask was answered; a step was undone, or could not be. */
int tdh_flow_stopped(struct tdh_flow_state *state, struct tdh_frame *frame,
                     const struct tdh_node *node, const struct td_event *event, struct td_err *err);
int tdh_undo_answer(struct tdh_flow_state *state, const struct td_event *event, struct td_err *err);
/* A node is done: how it can be undone, if it can. */
int tdh_undo_note(struct tdh_flow_state *state, struct tdh_frame *frame,
                  const struct tdh_node *node, const json_t *output, struct td_err *err);
/* It is done, or may be, and will not be undone: why, which gets the node in front. */
int tdh_undo_fail(struct tdh_flow_state *state, struct tdh_frame *frame,
                  const struct tdh_node *node, struct td_err *why, struct td_err *err);

/* types.c: a node that gave what a variable cannot take fails once all frames are worked off:
 * _note puts it down (node NULL: the round could not begin), _fail lets the first of them fail,
 * _forget drops those of a frame that ends (NULL: all), or of one node in it (NULL: all of it). */
int tdh_misfit_note(struct tdh_flow_state *state, struct tdh_frame *frame,
                    const struct tdh_node *node, const struct td_err *why, struct td_err *err);
int tdh_misfit_fail(struct tdh_flow_state *state, struct td_err *err);
void tdh_misfit_forget(struct tdh_flow_state *state, const struct tdh_frame *frame,
                       const struct tdh_node *node);

/* The tag of a node's asks. */
static inline uint64_t tdh_frame_tag(const struct tdh_frame *frame, const struct tdh_node *node)
{
    return (uint64_t)frame->slot << 32 | node->index;
}

#endif
