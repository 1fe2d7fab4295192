/* SPDX-License-Identifier: Apache-2.0 */
/*
 * solve: which version of each plugin, when there are several, so that all that is required is
 * there, in versions that fit, in no circle, and nothing excludes anything else. A pure function:
 * no files, no registry, the same answer for the same question.
 *
 * Of each kind and name at most one version is taken. What is wanted is decided in the order it was
 * given, each time by the newest version that leads to a whole; releases come before pre-releases,
 * of equal versions the one given first. Then what is required by what was taken, in the order it
 * came up, and at last what is required optionally: that never changes what was taken before.
 */
#ifndef TDH_PLUGIN_SOLVE_H
#define TDH_PLUGIN_SOLVE_H

#include "plugin/plugin.h"

enum {
    TDH_SOLVE_OPTIONS_MAX = 4096,
    TDH_SOLVE_STEPS_MAX = 20000, /* versions that are tried before it is given up */
    TDH_SOLVE_NOTES_MAX = 64,
    TDH_SOLVE_NOTE_TEXT = 240
};

struct tdh_solve_option;
/* What else excludes two versions. ret_why: that; "mail 1.4.0 and fax 2.0.0 ..." */
struct tdh_solve_pairs {
    bool (*fit)(const void *arg, const struct tdh_solve_option *a, const struct tdh_solve_option *b,
                char ret_why[static TDH_SOLVE_NOTE_TEXT]);
    const void *arg;
};

/* One version that is there. All is borrowed. */
struct tdh_solve_option {
    const char *name;
    enum td_kind kind;
    const struct tdh_semver *version;
    const char *version_text;
    const struct tdh_need *needs, *conflicts;
    size_t need_count, conflict_count;
    const struct tdh_solve_pairs *pairs; /* the same of all options; NULL: nothing */
    const char *why_out;                 /* it cannot be taken; NULL: it can */
};

/* What is asked for, or demanded of it. */
struct tdh_solve_want {
    const char *who; /* for messages: `agent "box"` */
    const char *name;
    enum td_kind kind;             /* 0: any */
    const struct tdh_range *range; /* NULL: any version, pre-releases as well */
    const char *range_text;        /* NULL with range */
    bool is_limit;                 /* only if it is taken for another reason */
};

enum tdh_solve_reason {
    TDH_OUT_ITSELF,   /* why_out */
    TDH_OUT_RANGE,    /* somebody wants another version */
    TDH_OUT_CONFLICT, /* one excludes the other */
    TDH_OUT_MISSING,  /* what it requires is not there */
    TDH_OUT_CIRCLE    /* it requires itself */
};
/* Why a version was not taken where it was tried; without an option, what is not there at all. */
struct tdh_solve_note {
    const struct tdh_solve_option *option;
    enum tdh_solve_reason reason;
    char text[TDH_SOLVE_NOTE_TEXT]; /* `report 1.1.0 wants mail ^1` */
};

/* All members are NULL or 0 before; tdh_solved_end() gives the memory back, also after a failure.
 */
struct tdh_solved {
    bool *is_taken; /* for each option, as they were given */
    bool *is_met;   /* for each need of each option: it is required, or taken all the same */
    size_t *first;  /* of an option's needs in is_met */
    unsigned steps;
    struct tdh_solve_note *notes; /* each once, as they came up */
    size_t note_count;
};

/**
 * ret_solved  filled in on success; after a failure only with the notes
 * err         TD_E_DEPENDENCY: there is no way; text and hint tell who wants what, and what to do.
 *             TD_E_LIMIT: none was found in TDH_SOLVE_STEPS_MAX steps; TD_E_NOMEM
 */
int tdh_solve(const struct tdh_solve_option *options, size_t option_count,
              const struct tdh_solve_want *wants, size_t want_count, struct tdh_solved *ret_solved,
              struct td_err *err);
void tdh_solved_end(struct tdh_solved *solved);
/**
 * Why an option that was not taken was not, as things have come to stand.
 *
 * text  at least TDH_SOLVE_NOTE_TEXT; `report 1.1.0 wants mail ^1`. Returns it
 */
const char *tdh_solve_why_not(const struct tdh_solve_option *options, size_t option_count,
                              const struct tdh_solve_want *wants, size_t want_count,
                              const struct tdh_solved *solved, size_t which,
                              char text[static TDH_SOLVE_NOTE_TEXT]);

#endif
