/* SPDX-License-Identifier: Apache-2.0 */
/*
 * solve: the search. Tasks are met one after the other; where one cannot be met, the choice made
 * last is taken back, and the next version is tried in its place. No recursion: a stack of a
 * coroutine is small, and a chain of requirements may be long.
 */
#include "plugin/solve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/solving.h"

/* --- the order in which versions are tried --- */

static int compare_options(const void *a, const void *b, void *arg)
{
    const struct tdh_solve_option *options = arg;
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    const struct tdh_semver *x = options[left].version, *y = options[right].version;
    int order = strcmp(options[left].name, options[right].name);

    if (order == 0)
        order = (x->pre[0] != '\0') - (y->pre[0] != '\0');
    if (order == 0)
        order = tdh_semver_compare(y, x);
    return order != 0 ? order : (left > right) - (left < right);
}

struct tdh_solve_group tdh_solve_group(const struct tdh_solving *solving, const char *name,
                                       enum td_kind kind)
{
    size_t low = 0, high = solving->option_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(solving->options[solving->order[middle]].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return (struct tdh_solve_group){ solving, name, kind, low };
}

bool tdh_solve_next(struct tdh_solve_group *group, size_t *ret_option)
{
    const struct tdh_solving *solving = group->solving;

    while (group->at < solving->option_count) {
        size_t option = solving->order[group->at];

        if (strcmp(solving->options[option].name, group->name) != 0)
            return false;
        group->at++;
        *ret_option = option;
        if (group->kind == 0 || solving->options[option].kind == group->kind)
            return true;
    }
    return false;
}

/* --- tasks --- */

static int add_task(struct tdh_solving *solving, int owner, size_t place, struct td_err *err)
{
    if (solving->task_count == solving->task_room) {
        size_t room = solving->task_room > 0 ? solving->task_room * 2 : 32;
        struct tdh_solve_task *tasks = realloc(solving->tasks, room * sizeof(*tasks));

        if (tasks == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate the search for versions");
        solving->tasks = tasks;
        solving->task_room = room;
    }
    solving->tasks[solving->task_count++] =
        (struct tdh_solve_task){ .owner = owner, .place = place, .taken = TDH_SOLVE_NOBODY };
    return 0;
}

static const struct tdh_need *need_of(const struct tdh_solving *solving,
                                      const struct tdh_solve_task *task)
{
    return task->owner != TDH_SOLVE_NOBODY ? &solving->options[task->owner].needs[task->place]
                                           : NULL;
}

/* All that the task may be met by. */
static struct tdh_solve_group group_of(const struct tdh_solving *solving,
                                       const struct tdh_solve_task *task)
{
    const struct tdh_need *need = need_of(solving, task);
    const struct tdh_solve_want *want = need == NULL ? &solving->wants[task->place] : NULL;

    return need != NULL ? tdh_solve_group_of(solving, need)
                        : tdh_solve_group(solving, want->name, want->kind);
}

/* What was taken fits whoever named it: that is seen to when it, or the other, is taken. */
static bool is_met(const struct tdh_solving *solving, const struct tdh_solve_task *task)
{
    struct tdh_solve_group group = group_of(solving, task);
    size_t option;

    while (tdh_solve_next(&group, &option))
        if (solving->solved->is_taken[option])
            return true;
    return false;
}

static void set_met(const struct tdh_solving *solving, size_t option, size_t need, bool is_met)
{
    solving->solved->is_met[solving->solved->first[option] + need] = is_met;
}

static int take(struct tdh_solving *solving, size_t option, struct td_err *err)
{
    solving->solved->is_taken[option] = true;
    solving->members[solving->member_count++] = option;
    for (size_t i = 0; i < solving->options[option].need_count; i++) {
        if (solving->options[option].needs[i].is_optional)
            continue;
        set_met(solving, option, i, true);
        if (add_task(solving, (int)option, i, err) != 0)
            return -1;
    }
    return 0;
}

static void give_back(struct tdh_solving *solving, struct tdh_solve_task *task)
{
    size_t option = (size_t)task->taken;

    solving->solved->is_taken[option] = false;
    solving->member_count--;
    for (size_t i = 0; i < solving->options[option].need_count; i++)
        set_met(solving, option, i, false);
    task->taken = TDH_SOLVE_NOBODY;
    solving->task_count = task->tasks;
}

/* The next version that can be taken for the task; false: there is no more. */
static bool find_next(struct tdh_solving *solving, struct tdh_solve_task *task, size_t *ret_option)
{
    struct tdh_solve_group group = group_of(solving, task);

    if (task->next > group.at)
        group.at = task->next;
    while (tdh_solve_next(&group, ret_option)) {
        struct tdh_solve_note note;

        task->next = group.at;
        solving->solved->steps++;
        if (tdh_solve_fits(solving, *ret_option, &note))
            return true;
        tdh_solve_keep(solving->solved, &note);
    }
    return false;
}

/* Back to the last task from `floor` on whose choice can be another. Returns its place, or false:
 * there is none. */
static bool go_back(struct tdh_solving *solving, size_t floor, size_t *at)
{
    while (*at > floor) {
        struct tdh_solve_task *task = &solving->tasks[--*at];

        if (task->taken == TDH_SOLVE_NOBODY)
            continue;
        give_back(solving, task);
        return true;
    }
    return false;
}

static int fail_steps(const struct tdh_solving *solving, struct td_err *err)
{
    td_fail(err, TD_E_LIMIT, "no versions that go together were found in %u steps, among %zu",
            solving->solved->steps, solving->option_count);
    return td_hint(err, "take away versions that nobody needs, or narrow the ranges");
}

/*
 * Meets the tasks from `floor` on. 1: all are met; 0: that cannot be, and what was taken for them
 * is given back; -1: err.
 */
static int search(struct tdh_solving *solving, size_t floor, struct td_err *err)
{
    size_t at = floor;
    bool is_new = true; /* the task was not come to yet */

    while (at < solving->task_count) {
        struct tdh_solve_task *task = &solving->tasks[at];
        size_t option;

        if (is_new && is_met(solving, task)) {
            at++;
            continue;
        }
        if (is_new) {
            task->next = 0;
            task->tasks = solving->task_count;
        }
        is_new = find_next(solving, task, &option);
        if (solving->solved->steps > TDH_SOLVE_STEPS_MAX)
            return fail_steps(solving, err);
        if (is_new) {
            task->taken = (int)option;
            at++;
            if (take(solving, option, err) != 0)
                return -1;
        } else if (!go_back(solving, floor, &at)) {
            return 0;
        }
    }
    return 1;
}

/* --- what is required optionally --- */

/* Is it taken, in a version that fits, and would the need close no circle? */
static bool can_meet(const struct tdh_solving *solving, size_t option, const struct tdh_need *need)
{
    struct tdh_solve_group group = tdh_solve_group_of(solving, need);
    bool is_there = false;
    size_t other;

    while (tdh_solve_next(&group, &other)) {
        if (!solving->solved->is_taken[other])
            continue;
        if (!tdh_range_has(&need->range, solving->options[other].version))
            return false;
        is_there = true;
    }
    return is_there && !tdh_solve_circles(solving, option, need);
}

/* One more task, which may bring in others; what it takes for that is given back when it cannot be
 * met. */
static int try_optional(struct tdh_solving *solving, size_t option, size_t place,
                        struct td_err *err)
{
    const struct tdh_need *need = &solving->options[option].needs[place];
    struct tdh_solve_task *task;
    int rc;

    if (can_meet(solving, option, need)) {
        set_met(solving, option, place, true);
        return 0;
    }
    if (add_task(solving, (int)option, place, err) != 0)
        return -1;
    task = &solving->tasks[solving->task_count - 1];
    if (is_met(solving, task)) { /* in a version that does not fit */
        solving->task_count--;
        return 0;
    }
    set_met(solving, option, place, true); /* so that a circle shows */
    rc = search(solving, solving->task_count - 1, err);
    if (rc == 0) {
        solving->task_count--;
        set_met(solving, option, place, false);
    }
    return rc < 0 ? -1 : 0;
}

/* In the order in which things were taken; what an optional one brings in comes behind. */
static int take_optional(struct tdh_solving *solving, struct td_err *err)
{
    for (size_t at = 0; at < solving->task_count; at++) {
        int option = solving->tasks[at].taken;

        if (option == TDH_SOLVE_NOBODY)
            continue;
        for (size_t i = 0; i < solving->options[option].need_count; i++)
            if (solving->options[option].needs[i].is_optional &&
                try_optional(solving, (size_t)option, i, err) != 0)
                return -1;
    }
    return 0;
}

/* What came in after an optional need was given up may meet it yet. */
static void meet_late(const struct tdh_solving *solving)
{
    for (size_t at = 0; at < solving->member_count; at++) {
        size_t option = solving->members[at];

        for (size_t i = 0; i < solving->options[option].need_count; i++)
            if (!solving->solved->is_met[solving->solved->first[option] + i] &&
                can_meet(solving, option, &solving->options[option].needs[i]))
                set_met(solving, option, i, true);
    }
}

/* --- all --- */

static int set_up(struct tdh_solving *solving, struct td_err *err)
{
    struct tdh_solved *solved = solving->solved;
    size_t count = solving->option_count, needs = 0;

    if (count > TDH_SOLVE_OPTIONS_MAX)
        return td_fail(err, TD_E_LIMIT, "%zu versions of plugins are to be chosen from, at most %d",
                       count, TDH_SOLVE_OPTIONS_MAX);
    solved->first = calloc(count + 1, sizeof(*solved->first));
    solved->is_taken = calloc(count + 1, sizeof(bool));
    solved->notes = calloc(TDH_SOLVE_NOTES_MAX, sizeof(*solved->notes));
    solving->order = calloc(count + 1, sizeof(*solving->order));
    solving->members = calloc(count + 1, sizeof(*solving->members));
    solving->parents = calloc(count + 1, sizeof(*solving->parents));
    solving->walk = calloc(count + 1, sizeof(*solving->walk));
    if (solved->first != NULL && solving->order != NULL) {
        for (size_t i = 0; i < count; i++) {
            solving->order[i] = i;
            solved->first[i] = needs;
            needs += solving->options[i].need_count;
        }
        solved->is_met = calloc(needs + 1, sizeof(bool));
    }
    if (solved->is_met == NULL || solved->is_taken == NULL || solved->notes == NULL ||
        solving->members == NULL || solving->parents == NULL || solving->walk == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the search for versions");
    qsort_r(solving->order, count, sizeof(*solving->order), compare_options,
            (void *)(uintptr_t)solving->options);
    return 0;
}

static int solve(struct tdh_solving *solving, struct td_err *err)
{
    int rc;

    if (set_up(solving, err) != 0)
        return -1;
    for (size_t i = 0; i < solving->want_count; i++)
        if (!solving->wants[i].is_limit && add_task(solving, TDH_SOLVE_NOBODY, i, err) != 0)
            return -1;
    rc = search(solving, 0, err);
    if (rc <= 0)
        return rc < 0 ? -1 : tdh_solve_fail(solving, err);
    if (take_optional(solving, err) != 0)
        return -1;
    meet_late(solving);
    return 0;
}

static void tear_down(struct tdh_solving *solving)
{
    free(solving->order);
    free(solving->members);
    free(solving->tasks);
    free(solving->parents);
    free(solving->walk);
}

int tdh_solve(const struct tdh_solve_option *options, size_t option_count,
              const struct tdh_solve_want *wants, size_t want_count, struct tdh_solved *ret_solved,
              struct td_err *err)
{
    struct tdh_solving solving = { .options = options,
                                   .wants = wants,
                                   .option_count = option_count,
                                   .want_count = want_count,
                                   .solved = ret_solved };
    int rc = solve(&solving, err);

    tear_down(&solving);
    return rc;
}

const char *tdh_solve_why_not(const struct tdh_solve_option *options, size_t option_count,
                              const struct tdh_solve_want *wants, size_t want_count,
                              const struct tdh_solved *solved, size_t which,
                              char text[static TDH_SOLVE_NOTE_TEXT])
{
    struct tdh_solved now = { 0 };
    struct tdh_solving solving = { .options = options,
                                   .wants = wants,
                                   .option_count = option_count,
                                   .want_count = want_count,
                                   .solved = &now };
    struct td_err err;

    if (set_up(&solving, &err) == 0)
        tdh_solve_look_back(&solving, solved, which, text);
    else
        snprintf(text, TDH_SOLVE_NOTE_TEXT, "%.200s", err.text);
    tear_down(&solving);
    tdh_solved_end(&now);
    return text;
}

void tdh_solved_end(struct tdh_solved *solved)
{
    free(solved->is_taken);
    free(solved->is_met);
    free(solved->first);
    free(solved->notes);
    *solved = (struct tdh_solved){ 0 };
}
