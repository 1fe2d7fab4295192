/* SPDX-License-Identifier: Apache-2.0 */
/*
 * solving: what the files of the solver share: solve.c searches, solve_fit.c says whether a version
 * can be taken beside others, solve_tell.c why there is no way.
 */
#ifndef TDH_PLUGIN_SOLVING_H
#define TDH_PLUGIN_SOLVING_H

#include "plugin/solve.h"

enum { TDH_SOLVE_NOBODY = -1 };

/* Something that is to be taken: a want, or a need of what was taken. */
struct tdh_solve_task {
    int owner;    /* an option, or TDH_SOLVE_NOBODY */
    size_t place; /* of its needs, or of the wants */
    size_t next;  /* in `order`: what is to be tried next */
    size_t tasks; /* that there were before its choice */
    int taken;    /* for it; TDH_SOLVE_NOBODY: it is met by what was there */
};

struct tdh_solving {
    const struct tdh_solve_option *options;
    const struct tdh_solve_want *wants;
    size_t option_count, want_count;
    size_t *order;   /* options by name, then as they are tried */
    size_t *members; /* options that are taken, the latest last */
    size_t member_count;
    struct tdh_solve_task *tasks;
    size_t task_count, task_room;
    int *parents; /* of a walk along what is required; TDH_SOLVE_NOBODY: not come to */
    size_t *walk;
    struct tdh_solved *solved;
};

/* Options of one name and kind (0: any), in the order they are tried. */
struct tdh_solve_group {
    const struct tdh_solving *solving;
    const char *name;
    enum td_kind kind;
    size_t at;
};
struct tdh_solve_group tdh_solve_group(const struct tdh_solving *solving, const char *name,
                                       enum td_kind kind);
/** The next one's number; false: there is no more. */
bool tdh_solve_next(struct tdh_solve_group *group, size_t *ret_option);
static inline struct tdh_solve_group tdh_solve_group_of(const struct tdh_solving *solving,
                                                        const struct tdh_need *need)
{
    return tdh_solve_group(solving, need->plugin, need->kind);
}
/**
 * Can it be taken beside what is?
 *
 * ret_note  why not; NULL: nobody asks
 */
bool tdh_solve_fits(const struct tdh_solving *solving, size_t option,
                    struct tdh_solve_note *ret_note);
/** Would the need, that is not met yet, lead from its option back to it? */
bool tdh_solve_circles(const struct tdh_solving *solving, size_t option,
                       const struct tdh_need *need);
/** Why the option was not taken, as `solved` says what was; the memory of `solving` is ready. */
void tdh_solve_look_back(struct tdh_solving *solving, const struct tdh_solved *solved, size_t which,
                         char text[static TDH_SOLVE_NOTE_TEXT]);
/** Keeps a note, unless it is there. */
void tdh_solve_keep(struct tdh_solved *solved, const struct tdh_solve_note *note);
/** Fills err with TD_E_DEPENDENCY and what the notes say. Returns -1. */
int tdh_solve_fail(const struct tdh_solving *solving, struct td_err *err);

#endif
