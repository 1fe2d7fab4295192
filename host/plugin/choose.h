/* SPDX-License-Identifier: Apache-2.0 */
/*
 * choose: which of several installed versions is meant, by what the registry knows. All under its
 * lock.
 */
#ifndef TDH_PLUGIN_CHOOSE_H
#define TDH_PLUGIN_CHOOSE_H

#include "base/arena.h"
#include "plugin/internal.h"
#include "plugin/solve.h"

struct tdh_choice_name {
    const char *name;
    enum td_kind kind;
};

/* One question and its answer. Made with `plugins` and perhaps `anew`, the rest zero;
 * tdh_choice_end() also after a failure. Good as long as the registry does not change. */
struct tdh_choice {
    struct tdh_plugins *plugins;
    const char *anew; /* what is in use of this name binds nobody; NULL: no name */
    /* nothing is to be chosen: there is one version of each, none of them optional. Then nothing
     * was asked */
    bool is_plain;
    bool is_always_asked;                  /* it is asked also then, and is no plain one */
    struct tdh_plugin_entry *const *roots; /* borrowed: entries that were asked for */
    size_t root_count;
    struct tdh_plugin_entry **entries; /* one for each option */
    struct tdh_solve_option *options;
    size_t count, room;
    struct tdh_solve_want *wants;
    size_t want_count, want_room;
    struct tdh_choice_name *names; /* that were looked for */
    size_t name_count, name_room;
    struct tdh_solve_pairs pairs;
    struct tdh_solved solved;
    struct tdh_arena arena;
};

/** What goes with these entries. err: TD_E_DEPENDENCY tells who wants what. */
int tdh_choice_of(struct tdh_choice *choice, struct tdh_plugin_entry *const *roots, size_t count,
                  struct td_err *err);
/** The same for what is asked for by name. */
int tdh_choice_name(struct tdh_choice *choice, const struct tdh_plugin_wish *wishes, size_t count,
                    struct td_err *err);
void tdh_choice_end(struct tdh_choice *choice);
/** What was taken serves from now on. Not of a plain one. err TD_E_NOMEM */
int tdh_choice_serve(const struct tdh_choice *choice, struct td_err *err);
/** What was taken of that kind (0: any) and name; NULL: nothing. */
struct tdh_plugin_entry *tdh_choice_entry(const struct tdh_choice *choice, enum td_kind kind,
                                          const char *name);
/** What was taken for a need of an entry; NULL: it is optional and left out. Not of a plain one. */
struct tdh_plugin_entry *tdh_choice_need(const struct tdh_choice *choice,
                                         const struct tdh_plugin_entry *entry, size_t place);
/**
 * Which version a name means, of which there are several. When none goes together with the rest,
 * the entry is refused and says why, unless it serves.
 *
 * is_anew  as if none of them were in use
 */
int tdh_choose(struct tdh_plugins *plugins, enum td_kind kind, const char *name, bool is_anew,
               struct tdh_plugin_entry **ret_entry, struct td_err *err);

#endif
