/* SPDX-License-Identifier: Apache-2.0 */
/*
 * solve_fit: can one version be taken beside those that are? If not, who is against it.
 *
 * What it requires must be there at all, in a version that is in the range: so most of what cannot
 * be is known before it is tried.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "plugin/solving.h"

/* What is being looked at, and what is said of it. */
struct look {
    const struct tdh_solving *solving;
    const struct tdh_solve_option *option;
    size_t number;
    struct tdh_solve_note *note;
};

TD_PRINTF(3, 4)
static bool refuse(const struct look *look, enum tdh_solve_reason reason, const char *fmt, ...)
{
    va_list ap;

    if (look->note == NULL)
        return false;
    *look->note = (struct tdh_solve_note){ .option = look->option, .reason = reason };
    va_start(ap, fmt);
    vsnprintf(look->note->text, sizeof(look->note->text), fmt, ap);
    va_end(ap);
    return false;
}

/* --- what others say of it --- */

static bool fits_wants(const struct look *look)
{
    for (size_t i = 0; i < look->solving->want_count; i++) {
        const struct tdh_solve_want *want = &look->solving->wants[i];

        if (want->range == NULL || strcmp(want->name, look->option->name) != 0 ||
            (want->kind != 0 && want->kind != look->option->kind) ||
            tdh_range_has(want->range, look->option->version))
            continue;
        return refuse(look, TDH_OUT_RANGE, "%s wants %s %s", want->who, want->name,
                      want->range_text);
    }
    return true;
}

static bool names(const struct tdh_need *need, const struct tdh_solve_option *option)
{
    return strcmp(need->plugin, option->name) == 0 &&
           (need->kind == 0 || need->kind == option->kind);
}

static bool is_met(const struct tdh_solving *solving, size_t option, size_t need)
{
    return solving->solved->is_met[solving->solved->first[option] + need];
}

static const struct tdh_need *find_conflict(const struct tdh_solve_option *option,
                                            const struct tdh_solve_option *other)
{
    for (size_t i = 0; i < option->conflict_count; i++)
        if (names(&option->conflicts[i], other) &&
            tdh_range_has(&option->conflicts[i].range, other->version))
            return &option->conflicts[i];
    return NULL;
}

static bool fits_conflicts(const struct look *look, const struct tdh_solve_option *other)
{
    const struct tdh_solve_pairs *pairs = look->option->pairs;
    char why[TDH_SOLVE_NOTE_TEXT];

    if (pairs != NULL && !pairs->fit(pairs->arg, look->option, other, why))
        return refuse(look, TDH_OUT_CONFLICT, "%s", why);
    if (find_conflict(other, look->option) != NULL)
        return refuse(look, TDH_OUT_CONFLICT, "%s %s conflicts with it", other->name,
                      other->version_text);
    if (find_conflict(look->option, other) != NULL)
        return refuse(look, TDH_OUT_CONFLICT, "it conflicts with %s %s", other->name,
                      other->version_text);
    return true;
}

/* One that is taken: is it of the same name, does it want another version, is there a conflict? */
static bool fits_member(const struct look *look, size_t member)
{
    const struct tdh_solve_option *other = &look->solving->options[member];

    if (other->kind == look->option->kind && strcmp(other->name, look->option->name) == 0)
        return refuse(look, TDH_OUT_RANGE, "%s %s is taken", other->name, other->version_text);
    for (size_t i = 0; i < other->need_count; i++)
        if (is_met(look->solving, member, i) && names(&other->needs[i], look->option) &&
            !tdh_range_has(&other->needs[i].range, look->option->version))
            return refuse(look, TDH_OUT_RANGE, "%s %s wants %s %s", other->name,
                          other->version_text, look->option->name, other->needs[i].range_text);
    return fits_conflicts(look, other);
}

/* --- what it says of others --- */

/* Nobody by that name can be taken for the need, whatever else is. */
static bool refuse_missing(const struct look *look, const struct tdh_need *need)
{
    struct tdh_solve_group group = tdh_solve_group_of(look->solving, need);
    struct tdh_buf there = { 0 };
    size_t other;

    if (look->note == NULL)
        return false;
    while (tdh_solve_next(&group, &other)) {
        const struct tdh_solve_option *option = &look->solving->options[other];

        tdh_buf_printf(&there, "%s%s", there.length > 0 ? ", " : "", option->version_text);
        if (option->why_out != NULL)
            tdh_buf_printf(&there, " (out: %.100s)", option->why_out);
    }
    if (there.length == 0)
        refuse(look, TDH_OUT_MISSING, "it requires %s, which is not there", need->plugin);
    else
        refuse(look, TDH_OUT_RANGE, "it requires %s %s, there is %s", need->plugin,
               need->range_text, there.failed ? "another" : there.data);
    tdh_buf_free(&there);
    return false;
}

static bool fits_need(const struct look *look, const struct tdh_need *need)
{
    struct tdh_solve_group group = tdh_solve_group_of(look->solving, need);
    bool is_possible = false;
    size_t other;

    while (tdh_solve_next(&group, &other)) {
        const struct tdh_solve_option *option = &look->solving->options[other];
        bool is_in = tdh_range_has(&need->range, option->version);

        if (look->solving->solved->is_taken[other] && !is_in)
            return refuse(look, TDH_OUT_RANGE, "it wants %s %s, and %s is taken", need->plugin,
                          need->range_text, option->version_text);
        is_possible |= is_in && option->why_out == NULL;
    }
    return is_possible || refuse_missing(look, need);
}

/* --- circles --- */

/* Is the need one along which the walk goes? */
static bool counts(const struct tdh_solving *solving, size_t start, size_t option, size_t place,
                   const struct tdh_need *only)
{
    const struct tdh_need *need = &solving->options[option].needs[place];

    if (option != start)
        return is_met(solving, option, place);
    return only != NULL ? need == only : !need->is_optional;
}

/* Those that are taken and not come to yet, which the need names. */
static void go_on(const struct tdh_solving *solving, size_t from, const struct tdh_need *need,
                  size_t *count)
{
    struct tdh_solve_group group = tdh_solve_group_of(solving, need);
    size_t other;

    while (tdh_solve_next(&group, &other))
        if (solving->solved->is_taken[other] && solving->parents[other] == TDH_SOLVE_NOBODY) {
            solving->parents[other] = (int)from;
            solving->walk[(*count)++] = other;
        }
}

/* From `start` along what is required, until something requires `start`: which, or
 * TDH_SOLVE_NOBODY. only: the need to begin with; NULL: all that are not optional. */
static int find_circle(const struct tdh_solving *solving, size_t start, const struct tdh_need *only)
{
    size_t count = 1;

    for (size_t i = 0; i < solving->option_count; i++)
        solving->parents[i] = TDH_SOLVE_NOBODY;
    solving->parents[start] = (int)start;
    solving->walk[0] = start;
    for (size_t at = 0; at < count; at++) {
        size_t option = solving->walk[at];

        for (size_t i = 0; i < solving->options[option].need_count; i++) {
            const struct tdh_need *need = &solving->options[option].needs[i];

            if (!counts(solving, start, option, i, only))
                continue;
            if (names(need, &solving->options[start]))
                return (int)option;
            go_on(solving, option, need, &count);
        }
    }
    return TDH_SOLVE_NOBODY;
}

/* The walk from the start to `last`, and back to the start. */
static bool refuse_circle(const struct look *look, int last)
{
    const struct tdh_solving *solving = look->solving;
    struct tdh_buf text = { 0 };
    size_t count = 0;

    if (look->note == NULL)
        return false;
    for (size_t at = (size_t)last; at != look->number; at = (size_t)solving->parents[at])
        solving->walk[count++] = at;
    tdh_buf_printf(&text, "%s -> ", look->option->name);
    while (count > 0)
        tdh_buf_printf(&text, "%s -> ", solving->options[solving->walk[--count]].name);
    refuse(look, TDH_OUT_CIRCLE, "it requires itself: %s%s", text.failed ? "" : text.data,
           look->option->name);
    tdh_buf_free(&text);
    return false;
}

bool tdh_solve_circles(const struct tdh_solving *solving, size_t option,
                       const struct tdh_need *need)
{
    return find_circle(solving, option, need) != TDH_SOLVE_NOBODY;
}

/* --- all --- */

bool tdh_solve_fits(const struct tdh_solving *solving, size_t option,
                    struct tdh_solve_note *ret_note)
{
    const struct look look = { solving, &solving->options[option], option, ret_note };
    int last;

    if (look.option->why_out != NULL)
        return refuse(&look, TDH_OUT_ITSELF, "%s", look.option->why_out);
    if (!fits_wants(&look))
        return false;
    for (size_t i = 0; i < solving->member_count; i++)
        if (!fits_member(&look, solving->members[i]))
            return false;
    last = find_circle(solving, option, NULL);
    if (last != TDH_SOLVE_NOBODY)
        return refuse_circle(&look, last);
    for (size_t i = 0; i < look.option->need_count; i++)
        if (!look.option->needs[i].is_optional && !fits_need(&look, &look.option->needs[i]))
            return false;
    return true;
}
