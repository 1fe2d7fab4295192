/* SPDX-License-Identifier: Apache-2.0 */
/*
 * solve_tell: why there is no way, in a person's words: what was asked for, why each version is
 * out, what to do.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "plugin/solving.h"

void tdh_solve_keep(struct tdh_solved *solved, const struct tdh_solve_note *note)
{
    for (size_t i = 0; i < solved->note_count; i++)
        if (solved->notes[i].option == note->option &&
            strcmp(solved->notes[i].text, note->text) == 0)
            return;
    if (solved->note_count < TDH_SOLVE_NOTES_MAX)
        solved->notes[solved->note_count++] = *note;
}

/* --- no way --- */

/* The first task that could not be met whatever was tried: a want. */
static const struct tdh_solve_want *find_asked(const struct tdh_solving *solving)
{
    for (size_t i = 0; i < solving->want_count; i++)
        if (!solving->wants[i].is_limit)
            return &solving->wants[i];
    return NULL;
}

static bool was_told(const struct tdh_solved *solved, size_t which)
{
    for (size_t i = 0; i < which; i++)
        if (solved->notes[i].option == solved->notes[which].option)
            return true;
    return false;
}

/* `mail 2.0.0 is out: report 1.1.0 wants mail ^1, agent "box" wants mail ^3`, for each option. */
static void print_notes(const struct tdh_solved *solved, struct tdh_buf *text)
{
    for (size_t i = 0; i < solved->note_count; i++) {
        const struct tdh_solve_note *note = &solved->notes[i];

        if (was_told(solved, i))
            continue;
        tdh_buf_printf(text, "; %s %s is out: %s", note->option->name, note->option->version_text,
                       note->text);
        for (size_t k = i + 1; k < solved->note_count; k++)
            if (solved->notes[k].option == note->option)
                tdh_buf_printf(text, ", %s", solved->notes[k].text);
    }
}

static bool is_all(const struct tdh_solved *solved, enum tdh_solve_reason reason)
{
    for (size_t i = 0; i < solved->note_count; i++)
        if (solved->notes[i].reason != reason)
            return false;
    return solved->note_count > 0;
}

/* What the notes have in common decides what to say first. */
static const char *headline(const struct tdh_solved *solved, const char **ret_hint)
{
    if (is_all(solved, TDH_OUT_MISSING)) {
        *ret_hint = "put what is missing into a folder of plugins";
        return "something that is required is missing";
    }
    if (is_all(solved, TDH_OUT_CIRCLE)) {
        *ret_hint = "plugins cannot be loaded before each other: one of them has to do without";
        return "plugins require each other in a circle";
    }
    *ret_hint = "install a version that is in all of these ranges, or ask whoever wants another "
                "for one that does not; \"tdev plugin deps\" shows what there is";
    return "there are no versions that go together";
}

int tdh_solve_fail(const struct tdh_solving *solving, struct td_err *err)
{
    const struct tdh_solve_want *asked = find_asked(solving);
    struct tdh_buf text = { 0 };
    const char *hint, *head = headline(solving->solved, &hint);

    if (solving->solved->note_count == 0 && asked != NULL)
        return td_fail(err, TD_E_NOTFOUND, "%s wants \"%s\", which is not there", asked->who,
                       asked->name);
    print_notes(solving->solved, &text);
    td_fail(err, TD_E_DEPENDENCY, "%s%s", head, text.failed || text.data == NULL ? "" : text.data);
    tdh_buf_free(&text);
    return td_hint(err, "%s", hint);
}

/* --- looking back --- */

static void copy_taken(struct tdh_solving *solving, const struct tdh_solved *solved, size_t which)
{
    const struct tdh_solve_option *option = &solving->options[which];

    for (size_t i = 0; i < solving->option_count; i++) {
        const struct tdh_solve_option *other = &solving->options[i];

        if (!solved->is_taken[i] ||
            (other->kind == option->kind && strcmp(other->name, option->name) == 0))
            continue; /* the one taken in its place */
        solving->solved->is_taken[i] = true;
        solving->members[solving->member_count++] = i;
        for (size_t k = 0; k < other->need_count; k++)
            solving->solved->is_met[solved->first[i] + k] = solved->is_met[solved->first[i] + k];
    }
}

/* Is it tried before the one that was taken of its kind and name? */
static bool comes_first(const struct tdh_solving *solving, const struct tdh_solved *solved,
                        size_t which)
{
    const struct tdh_solve_option *option = &solving->options[which];
    struct tdh_solve_group group = tdh_solve_group(solving, option->name, option->kind);
    size_t other;

    while (tdh_solve_next(&group, &other)) {
        if (other == which)
            return true;
        if (solved->is_taken[other])
            return false;
    }
    return false;
}

void tdh_solve_look_back(struct tdh_solving *solving, const struct tdh_solved *solved, size_t which,
                         char text[static TDH_SOLVE_NOTE_TEXT])
{
    struct tdh_solve_note note;

    copy_taken(solving, solved, which);
    if (!tdh_solve_fits(solving, which, &note))
        snprintf(text, TDH_SOLVE_NOTE_TEXT, "%s", note.text);
    else if (!comes_first(solving, solved, which))
        snprintf(text, TDH_SOLVE_NOTE_TEXT, "another one comes before it");
    else
        snprintf(text, TDH_SOLVE_NOTE_TEXT, "what it requires does not go with the rest");
}
