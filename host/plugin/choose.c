/* SPDX-License-Identifier: Apache-2.0 */
/*
 * choose: which of several installed versions is meant: the question for the solver, from what the
 * registry knows.
 *
 * What is in use stays: it is the only one of its name, and what it requires binds the others. Of
 * agents' files those ranges bind that can be kept together, in the order of their names; an agent
 * whose range is not among them is refused when it is asked for.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "plugin/choose.h"
#include "plugin/pair.h"

static int fail_nomem(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the choice of versions");
}

/* --- the question --- */

static int add_want(struct tdh_choice *choice, const struct tdh_solve_want *want,
                    struct td_err *err)
{
    if (choice->want_count == choice->want_room) {
        size_t room = choice->want_room > 0 ? choice->want_room * 2 : 16;
        struct tdh_solve_want *wants = realloc(choice->wants, room * sizeof(*wants));

        if (wants == NULL)
            return fail_nomem(err);
        choice->wants = wants;
        choice->want_room = room;
    }
    choice->wants[choice->want_count++] = *want;
    return 0;
}

/* Do the rules of the matrix for pairs let the two be used together? */
static bool go_together(const void *arg, const struct tdh_solve_option *a,
                        const struct tdh_solve_option *b, char ret_why[static TDH_SOLVE_NOTE_TEXT])
{
    const struct tdh_gate *gate = arg;
    const struct tdh_terms here = tdh_terms_here(gate);
    const struct tdh_plugin_name first = { a->name, a->version, a->version_text };
    const struct tdh_plugin_name second = { b->name, b->version, b->version_text };
    const struct tdh_compat_rule *rule = tdh_compat_pair(gate->compat, &first, &second, &here);

    if (tdh_compat_verdict(rule, here.day) != TDH_BLOCK)
        return true;
    snprintf(ret_why, TDH_SOLVE_NOTE_TEXT, "not together with %s %s, by line %u of the matrix: %s",
             b->name, b->version_text, rule->line, rule->reason);
    return false;
}

static const struct tdh_solve_pairs *pairs_of(struct tdh_choice *choice)
{
    choice->pairs = (struct tdh_solve_pairs){ go_together, &choice->plugins->gate };
    return tdh_compat_has_pairs(choice->plugins->compat) ? &choice->pairs : NULL;
}

static struct tdh_solve_option *add_option(struct tdh_choice *choice,
                                           struct tdh_plugin_entry *entry, struct td_err *err)
{
    if (choice->count == choice->room) {
        size_t room = choice->room > 0 ? choice->room * 2 : 16;
        struct tdh_plugin_entry **entries =
            realloc(choice->entries, room * sizeof(struct tdh_plugin_entry *));
        struct tdh_solve_option *options;

        if (entries != NULL)
            choice->entries = entries;
        options = realloc(choice->options, room * sizeof(*options));
        if (options != NULL)
            choice->options = options;
        if (entries == NULL || options == NULL) {
            fail_nomem(err);
            return NULL;
        }
        choice->room = room;
    }
    choice->entries[choice->count] = entry;
    choice->options[choice->count] = (struct tdh_solve_option){ .name = entry->name,
                                                                .kind = entry->kind,
                                                                .pairs = pairs_of(choice) };
    return &choice->options[choice->count++];
}

static bool has_entry(const struct tdh_choice *choice, const struct tdh_plugin_entry *entry)
{
    for (size_t i = 0; i < choice->count; i++)
        if (choice->entries[i] == entry)
            return true;
    return false;
}

/* Does it serve, and is it not what is looked at anew? */
static bool is_fixed(const struct tdh_choice *choice, const struct tdh_plugin_entry *entry)
{
    return entry->plugin != NULL && !tdh_entry_is_covered(choice->plugins, entry) &&
           (choice->anew == NULL || strcmp(choice->anew, entry->name) != 0);
}

/* What a plugin in use requires binds others, but brings nothing in: it has what it needs. */
static int add_fixed(struct tdh_choice *choice, const struct tdh_manifest *manifest,
                     struct td_err *err)
{
    const char *who = tdh_arena_printf(&choice->arena, "%s %s, which is in use,", manifest->name,
                                       manifest->version_text);
    struct tdh_solve_want want = { .who = who, .name = manifest->name, .kind = manifest->kind };

    if (who == NULL)
        return fail_nomem(err);
    if (add_want(choice, &want, err) != 0)
        return -1;
    for (size_t i = 0; i < manifest->need_count; i++) {
        const struct tdh_need *need = &manifest->needs[i];

        want = (struct tdh_solve_want){ who,          need->plugin,     need->kind,
                                        &need->range, need->range_text, true };
        if (!need->is_optional && add_want(choice, &want, err) != 0)
            return -1;
    }
    return 0;
}

static int add_entry(struct tdh_choice *choice, struct tdh_plugin_entry *entry, const char *why_out,
                     struct td_err *err)
{
    static const struct tdh_semver none = { 0 };
    const struct tdh_manifest *manifest = entry->manifest;
    struct tdh_solve_option *option;

    if (has_entry(choice, entry))
        return 0;
    option = add_option(choice, entry, err);
    if (option == NULL)
        return -1;
    option->version = &none;
    option->version_text = "?";
    option->why_out = entry->state == TDH_PLUGIN_REFUSED ? entry->why.text : why_out;
    if (manifest == NULL)
        return 0;
    option->version = &manifest->version;
    option->version_text = manifest->version_text;
    option->conflicts = manifest->conflicts;
    option->conflict_count = manifest->conflict_count;
    if (is_fixed(choice, entry)) {
        option->why_out = NULL; /* also when the matrix blocked it since */
        return add_fixed(choice, manifest, err);
    }
    option->needs = manifest->needs;
    option->need_count = manifest->need_count;
    for (size_t i = 0; i < manifest->need_count; i++)
        choice->is_plain = choice->is_plain && !manifest->needs[i].is_optional;
    return 0;
}

/* The one of that kind in use, or NULL. */
static const struct tdh_plugin_entry *
find_fixed(const struct tdh_choice *choice, const struct tdh_folders *versions, enum td_kind kind)
{
    for (size_t i = 0; i < versions->count; i++)
        if (versions->entries[i]->kind == kind && is_fixed(choice, versions->entries[i]))
            return versions->entries[i];
    return NULL;
}

/* Is another one of its kind and name what was asked for? Then it does not come into question. */
static bool is_ruled_out(const struct tdh_choice *choice, const struct tdh_plugin_entry *entry)
{
    for (size_t i = 0; i < choice->root_count; i++)
        if (choice->roots[i] != entry && choice->roots[i]->kind == entry->kind &&
            strcmp(choice->roots[i]->name, entry->name) == 0)
            return true;
    return false;
}

static int add_versions(struct tdh_choice *choice, const struct tdh_folders *versions,
                        struct td_err *err)
{
    size_t count = 0;

    for (size_t i = 0; i < versions->count; i++) {
        const struct tdh_plugin_entry *fixed =
            find_fixed(choice, versions, versions->entries[i]->kind);
        const char *why_out = NULL;

        if (is_ruled_out(choice, versions->entries[i]))
            continue;
        choice->is_plain = choice->is_plain && count++ == 0;
        if (fixed != NULL && fixed != versions->entries[i]) {
            why_out = tdh_arena_printf(&choice->arena, "%s of it is in use",
                                       fixed->manifest->version_text);
            if (why_out == NULL)
                return fail_nomem(err);
        }
        if (add_entry(choice, versions->entries[i], why_out, err) != 0)
            return -1;
    }
    return 0;
}

/* Was what the name means added already? */
static bool has_name(const struct tdh_choice *choice, enum td_kind kind, const char *name)
{
    for (size_t i = 0; i < choice->name_count; i++)
        if (strcmp(choice->names[i].name, name) == 0 &&
            (choice->names[i].kind == 0 || choice->names[i].kind == kind))
            return true;
    return false;
}

/* Of any kind: then what is there is an option already, and may not be read anew. */
static bool was_looked_for(const struct tdh_choice *choice, const char *name)
{
    for (size_t i = 0; i < choice->name_count; i++)
        if (strcmp(choice->names[i].name, name) == 0)
            return true;
    return false;
}

static int keep_name(struct tdh_choice *choice, enum td_kind kind, const char *name,
                     struct td_err *err)
{
    if (choice->name_count == choice->name_room) {
        size_t room = choice->name_room > 0 ? choice->name_room * 2 : 16;
        struct tdh_choice_name *names = realloc(choice->names, room * sizeof(*names));

        if (names == NULL)
            return fail_nomem(err);
        choice->names = names;
        choice->name_room = room;
    }
    choice->names[choice->name_count++] = (struct tdh_choice_name){ name, kind };
    return 0;
}

/* What is in use counts, also when its folder is hidden, or gone. */
static int add_serving(struct tdh_choice *choice, enum td_kind kind, const char *name,
                       struct td_err *err)
{
    struct tdh_plugin_entry *entry = tdh_entry_serving(choice->plugins, kind, name);

    return entry == NULL || is_ruled_out(choice, entry) || !is_fixed(choice, entry)
               ? 0
               : add_entry(choice, entry, NULL, err);
}

static int add_name(struct tdh_choice *choice, enum td_kind kind, const char *name,
                    struct td_err *err)
{
    struct tdh_folders versions;
    bool was_fresh = choice->plugins->is_fresh;
    int rc;

    if (has_name(choice, kind, name))
        return 0;
    choice->plugins->is_fresh |= was_looked_for(choice, name);
    rc = tdh_folders_of(choice->plugins, kind, name, &versions, err);
    choice->plugins->is_fresh = was_fresh;
    if (rc != 0)
        return -1;
    rc = keep_name(choice, kind, name, err) == 0 ? add_versions(choice, &versions, err) : -1;
    free(versions.entries);
    return rc == 0 ? add_serving(choice, kind, name, err) : -1;
}

/* All that is required by what there is; the list grows meanwhile. */
static int follow(struct tdh_choice *choice, struct td_err *err)
{
    for (size_t at = 0; at < choice->count; at++)
        for (size_t i = 0; i < choice->options[at].need_count; i++) {
            const struct tdh_need *need = &choice->options[at].needs[i];

            if (add_name(choice, need->kind, need->plugin, err) != 0)
                return -1;
        }
    return 0;
}

/* --- what binds besides --- */

static int add_in_use(struct tdh_choice *choice, struct td_err *err)
{
    const struct tdh_map_slot *slot;
    size_t at = 0;

    while ((slot = tdh_map_next(&choice->plugins->folders, &at)) != NULL)
        if (is_fixed(choice, slot->value) && add_entry(choice, slot->value, NULL, err) != 0)
            return -1;
    return 0;
}

/* Is there a version in all ranges of the name so far, and in this one? */
static bool can_keep(const struct tdh_choice *choice, size_t first, const char *name,
                     const struct tdh_range *range)
{
    for (size_t i = 0; i < choice->count; i++) {
        const struct tdh_solve_option *option = &choice->options[i];
        bool is_in = option->kind == TD_KIND_AGENT && option->why_out == NULL &&
                     strcmp(option->name, name) == 0 && tdh_range_has(range, option->version);

        for (size_t k = first; is_in && k < choice->want_count; k++)
            is_in = tdh_range_has(choice->wants[k].range, option->version);
        if (is_in)
            return true;
    }
    return false;
}

static int add_range(struct tdh_choice *choice, size_t first, const char *name, const json_t *row,
                     struct td_err *err)
{
    const char *text = tdh_json_str(row, "range", "*");
    struct tdh_range *range = tdh_arena_alloc(&choice->arena, sizeof(*range));
    struct tdh_solve_want want = {
        .name = name, .kind = TD_KIND_AGENT, .range = range, .is_limit = true
    };
    struct td_err ignored;

    want.who = tdh_arena_strdup(&choice->arena, tdh_json_str(row, "who", ""));
    want.range_text = tdh_arena_strdup(&choice->arena, text);
    if (range == NULL || want.who == NULL || want.range_text == NULL)
        return fail_nomem(err);
    if (tdh_range_parse(text, range, &ignored) != 0 || !can_keep(choice, first, name, range))
        return 0;
    return add_want(choice, &want, err);
}

static int add_ranges_of(struct tdh_choice *choice, const char *name, struct td_err *err)
{
    const struct tdh_plugins *plugins = choice->plugins;
    json_t *rows = plugins->ranges(plugins->ranges_arg, name);
    size_t first = choice->want_count, i;
    const json_t *row;
    int rc = 0;

    json_array_foreach (rows, i, row)
        if (rc == 0)
            rc = add_range(choice, first, name, row, err);
    json_decref(rows);
    return rc;
}

/* Of names that there are several versions of: for one there is nothing to choose. */
static int add_ranges(struct tdh_choice *choice, struct td_err *err)
{
    for (size_t i = 0; choice->plugins->ranges != NULL && i < choice->name_count; i++) {
        const char *name = choice->names[i].name;
        size_t count = 0;

        for (size_t k = 0; k < choice->count; k++)
            count += choice->options[k].kind == TD_KIND_AGENT &&
                     strcmp(choice->options[k].name, name) == 0;
        if (count > 1 && add_ranges_of(choice, name, err) != 0)
            return -1;
    }
    return 0;
}

/* --- the answer --- */

static int ask(struct tdh_choice *choice, struct td_err *err)
{
    tdh_solved_end(&choice->solved);
    return tdh_solve(choice->options, choice->count, choice->wants, choice->want_count,
                     &choice->solved, err);
}

/* Ranges of agents' files give way before nothing can be used at all. */
static int settle(struct tdh_choice *choice, struct td_err *err)
{
    size_t before;
    struct td_err first, ignored;

    if (follow(choice, err) != 0)
        return -1;
    choice->is_plain = choice->is_plain && !choice->is_always_asked;
    if (choice->is_plain)
        return 0;
    if (add_in_use(choice, err) != 0)
        return -1;
    before = choice->want_count;
    if (add_ranges(choice, err) != 0)
        return -1;
    if (ask(choice, &first) == 0)
        return 0;
    if (before != choice->want_count && first.code == TD_E_DEPENDENCY) {
        choice->want_count = before;
        if (ask(choice, &ignored) == 0)
            return 0;
    }
    *err = first;
    return -1;
}

int tdh_choice_of(struct tdh_choice *choice, struct tdh_plugin_entry *const *roots, size_t count,
                  struct td_err *err)
{
    choice->is_plain = true;
    choice->roots = roots;
    choice->root_count = count;
    for (size_t i = 0; i < count; i++) {
        struct tdh_solve_want want = { .who = "what is asked for",
                                       .name = roots[i]->name,
                                       .kind = roots[i]->kind };

        if (has_name(choice, want.kind, want.name))
            continue;
        if (keep_name(choice, want.kind, want.name, err) != 0 ||
            add_entry(choice, roots[i], NULL, err) != 0 || add_want(choice, &want, err) != 0)
            return -1;
    }
    return settle(choice, err);
}

int tdh_choice_name(struct tdh_choice *choice, const struct tdh_plugin_wish *wishes, size_t count,
                    struct td_err *err)
{
    choice->is_plain = true;
    for (size_t i = 0; i < count; i++) {
        const struct tdh_solve_want want = { .who = wishes[i].who,
                                             .name = wishes[i].plugin,
                                             .kind = wishes[i].kind,
                                             .range = wishes[i].range,
                                             .range_text = wishes[i].range_text };

        if (add_name(choice, want.kind, want.name, err) != 0 || add_want(choice, &want, err) != 0)
            return -1;
    }
    return settle(choice, err);
}

struct tdh_plugin_entry *tdh_choice_entry(const struct tdh_choice *choice, enum td_kind kind,
                                          const char *name)
{
    for (size_t i = 0; i < choice->count; i++)
        if ((choice->is_plain || choice->solved.is_taken[i]) &&
            strcmp(choice->options[i].name, name) == 0 &&
            (kind == 0 || choice->options[i].kind == kind))
            return choice->entries[i];
    return NULL;
}

struct tdh_plugin_entry *tdh_choice_need(const struct tdh_choice *choice,
                                         const struct tdh_plugin_entry *entry, size_t place)
{
    const struct tdh_need *need = &entry->manifest->needs[place];

    for (size_t i = 0; i < choice->count; i++)
        if (choice->entries[i] == entry && !choice->solved.is_met[choice->solved.first[i] + place])
            return NULL;
    return tdh_choice_entry(choice, need->kind, need->plugin);
}

int tdh_choice_serve(const struct tdh_choice *choice, struct td_err *err)
{
    for (size_t i = 0; i < choice->count; i++)
        if (choice->solved.is_taken[i] && choice->entries[i]->kind != 0 &&
            tdh_entry_is_covered(choice->plugins, choice->entries[i]) &&
            tdh_entry_name(choice->plugins, choice->entries[i], err) != 0)
            return -1;
    return 0;
}

void tdh_choice_end(struct tdh_choice *choice)
{
    tdh_solved_end(&choice->solved);
    free(choice->entries);
    free(choice->options);
    free(choice->wants);
    free(choice->names);
    tdh_arena_free(&choice->arena);
}
