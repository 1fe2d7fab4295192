/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve: follows what a plugin requires, and does something with each of what it rests on: what
 * is required comes first. Twice: nothing is done before it is known that all are there, in
 * versions that fit, in no circle, and that none excludes another.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "plugin/choose.h"
#include "plugin/pair.h"

enum { DEPTH_MAX = 32 }; /* how long a chain of requires may be */

/* Who is required by whom: a chain on the stack, the newest first. */
struct chain {
    const struct chain *up;
    const struct tdh_plugin_entry *entry;
};

struct member {
    struct tdh_plugin_entry *entry;
    size_t place; /* who brought it in: of those that were asked for */
};

/* All that some plugins rest on, as far as it was found, themselves counted. */
struct closure {
    struct tdh_plugins *plugins;
    struct tdh_plugin_entry *asked;   /* whose requirements are being followed */
    size_t place;                     /* of it */
    tdh_resolved_fn *fn;              /* NULL: just look */
    const struct tdh_choice *choice;  /* which versions; plain: there is one of each */
    struct tdh_plugin_entry *culprit; /* for which fn failed; NULL: none */
    struct member *members;
    size_t count, room;
};

/* --- chains --- */

/* Not the address: a folder that is checked may be in the registry, too. */
static bool is_same(const struct tdh_plugin_entry *a, const struct tdh_plugin_entry *b)
{
    return a->kind == b->kind && strcmp(a->name, b->name) == 0;
}

static int fail_circle(const struct chain *chain, const struct tdh_plugin_entry *again,
                       struct td_err *err)
{
    const char *names[DEPTH_MAX];
    struct tdh_buf text = { 0 };
    size_t count = 0;

    for (const struct chain *at = chain; at != NULL; at = at->up) {
        names[count++] = at->entry->name;
        if (is_same(at->entry, again))
            break;
    }
    while (count > 0)
        tdh_buf_printf(&text, "%s -> ", names[--count]);
    td_fail(err, TD_E_DEPENDENCY, "plugin \"%s\": requires itself: %s%s", again->name,
            text.failed ? "" : text.data, again->name);
    tdh_buf_free(&text);
    return -1;
}

/* May the entry come next in the chain? */
static int check_chain(const struct chain *chain, const struct tdh_plugin_entry *entry,
                       struct td_err *err)
{
    size_t depth = 0;

    for (const struct chain *at = chain; at != NULL; at = at->up, depth++)
        if (is_same(at->entry, entry))
            return fail_circle(chain, entry, err);
    if (depth < DEPTH_MAX)
        return 0;
    return td_fail(err, TD_E_DEPENDENCY,
                   "plugin \"%s\": is required by a chain of %d plugins, the most is %d",
                   entry->name, DEPTH_MAX + 1, DEPTH_MAX);
}

/* --- what is required --- */

/* Says that what is required cannot be had, for the reason in err. */
static int fail_need(const struct tdh_manifest *manifest, const struct tdh_need *need,
                     struct td_err *err)
{
    if (err->code == TD_E_NOMEM || err->code == TD_E_DEPENDENCY)
        return -1;
    err->code = TD_E_DEPENDENCY;
    return td_context(err, "plugin \"%s\": requires \"%s\"", manifest->name, need->plugin);
}

/* The plugin that is asked for counts as there, also when its folder is in no root. */
static struct tdh_plugin_entry *find_need(const struct closure *closure,
                                          const struct tdh_manifest *manifest,
                                          const struct tdh_need *need, struct td_err *err)
{
    struct tdh_plugin_entry *entry =
        tdh_entry_find(closure->plugins, need->kind, need->plugin, err);

    if (entry == NULL && err->code == TD_E_NOTFOUND &&
        strcmp(need->plugin, closure->asked->name) == 0)
        entry = closure->asked;
    if (entry == NULL) {
        fail_need(manifest, need, err);
        return NULL;
    }
    if (tdh_range_has(&need->range, &entry->manifest->version))
        return entry;
    td_fail(err, TD_E_DEPENDENCY, "plugin \"%s\": requires \"%s\" %s, which is %s", manifest->name,
            need->plugin, need->range_text, entry->manifest->version_text);
    return NULL;
}

/* --- the walk --- */

static bool has_member(const struct closure *closure, const struct tdh_plugin_entry *entry)
{
    for (size_t i = 0; i < closure->count; i++)
        if (closure->members[i].entry == entry)
            return true;
    return false;
}

static int add_member(struct closure *closure, struct tdh_plugin_entry *entry, struct td_err *err)
{
    if (closure->count == closure->room) {
        size_t room = closure->room > 0 ? closure->room * 2 : 8;
        struct member *members = realloc(closure->members, room * sizeof(*members));

        if (members == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate what plugin \"%s\" rests on",
                           closure->asked->name);
        closure->members = members;
        closure->room = room;
    }
    closure->members[closure->count++] = (struct member){ entry, closure->place };
    return 0;
}

static int visit(struct closure *closure, struct tdh_plugin_entry *entry, const struct chain *up,
                 struct td_err *err);

/* Nobody has to have it: what keeps it from being opened is told, and nothing else. */
static int leave_out(const struct tdh_manifest *manifest, const struct tdh_need *need,
                     const struct td_err *why)
{
    if (why->code == TD_E_NOMEM)
        return -1;
    tdh_log_err(TDH_LOG_WARNING, "plugin", why);
    tdh_log(TDH_LOG_INFO, "plugin", TDH_FACTS(TDH_S("plugin", manifest->name)),
            "does without \"%s\", which is optional", need->plugin);
    return 0;
}

static int visit_need(struct closure *closure, const struct chain *chain, size_t place,
                      struct td_err *err)
{
    const struct tdh_manifest *manifest = chain->entry->manifest;
    const struct tdh_need *need = &manifest->needs[place];
    bool is_plain = closure->choice->is_plain;
    struct tdh_plugin_entry *entry = is_plain
                                         ? find_need(closure, manifest, need, err)
                                         : tdh_choice_need(closure->choice, chain->entry, place);

    struct td_err why;

    if (entry == NULL)
        return is_plain ? -1 : 0;
    if (visit(closure, entry, chain, &why) == 0)
        return 0;
    if (need->is_optional && leave_out(manifest, need, &why) == 0) {
        closure->culprit = NULL;
        return 0;
    }
    *err = why;
    return fail_need(manifest, need, err);
}

static int visit_needs(struct closure *closure, const struct chain *chain, struct td_err *err)
{
    for (size_t i = 0; i < chain->entry->manifest->need_count; i++)
        if (visit_need(closure, chain, i, err) != 0)
            return -1;
    return 0;
}

static int do_entry(struct closure *closure, struct tdh_plugin_entry *entry, struct td_err *err)
{
    if (closure->fn == NULL || closure->fn(closure->plugins, entry, err) == 0)
        return 0;
    closure->culprit = entry;
    return -1;
}

/* What is loaded holds what it rests on. */
static int visit(struct closure *closure, struct tdh_plugin_entry *entry, const struct chain *up,
                 struct td_err *err)
{
    const struct chain chain = { up, entry };

    if (check_chain(up, entry, err) != 0)
        return -1;
    if (has_member(closure, entry))
        return 0;
    if (add_member(closure, entry, err) != 0)
        return -1;
    if (entry->plugin != NULL ||
        (visit_needs(closure, &chain, err) == 0 && do_entry(closure, entry, err) == 0))
        return 0;
    tdh_entry_refuse(entry, err);
    return -1;
}

/* --- what excludes what --- */

bool tdh_conflicts_with(const struct tdh_manifest *manifest, const struct tdh_manifest *other)
{
    for (size_t i = 0; i < manifest->conflict_count; i++)
        if (strcmp(manifest->conflicts[i].plugin, other->name) == 0 &&
            tdh_range_has(&manifest->conflicts[i].range, &other->version))
            return true;
    return false;
}

/* The first member that this one does not stand, or NULL. ret_why: what the matrix says of the two;
 * else its code is TD_OK. */
static const struct member *find_conflict(const struct closure *closure,
                                          const struct member *member, struct td_err *ret_why)
{
    const struct tdh_manifest *manifest = member->entry->manifest;

    bool has_pairs = tdh_compat_has_pairs(closure->plugins->compat);

    *ret_why = (struct td_err){ 0 };
    for (size_t i = 0; (manifest->conflict_count > 0 || has_pairs) && i < closure->count; i++) {
        const struct tdh_manifest *other = closure->members[i].entry->manifest;
        const struct tdh_compat_rule *ignored;

        if (&closure->members[i] != member &&
            (tdh_conflicts_with(manifest, other) ||
             tdh_check_pair(&closure->plugins->gate, manifest, other, &ignored, ret_why) != 0))
            return &closure->members[i];
    }
    return NULL;
}

static int fail_pair(const struct member *a, const struct member *b, const struct td_err *why,
                     struct td_err *err)
{
    const struct tdh_manifest *first = a->entry->manifest, *second = b->entry->manifest;

    if (why->code != TD_OK) {
        *err = *why;
        return -1;
    }
    return td_fail(err, TD_E_DEPENDENCY, "\"%s\" %s and \"%s\" %s", first->name,
                   first->version_text, second->name, second->version_text);
}

/* No two may exclude each other. ret_places: who brought the two in, the later one second. */
static int check_pairs(const struct closure *closure, size_t ret_places[static 2],
                       struct td_err *err)
{
    for (size_t i = 0; i < closure->count; i++) {
        struct td_err why;
        const struct member *a = &closure->members[i], *b = find_conflict(closure, a, &why);

        if (b == NULL)
            continue;
        ret_places[0] = a < b ? a->place : b->place;
        ret_places[1] = a < b ? b->place : a->place;
        return a < b ? fail_pair(a, b, &why, err) : fail_pair(b, a, &why, err);
    }
    return 0;
}

/* --- both --- */

static int fail_asked(const struct tdh_plugin_entry *entry, struct td_err *err)
{
    return td_context(err, "plugin \"%s\": needs plugins that exclude each other", entry->name);
}

/* What is going to be opened is what its name means. */
static int name_members(const struct closure *closure, struct td_err *err)
{
    for (size_t i = 0; i < closure->count; i++) {
        struct tdh_plugin_entry *entry = closure->members[i].entry;

        if (entry->plugin == NULL && tdh_entry_is_covered(closure->plugins, entry) &&
            tdh_map_get(&closure->plugins->folders, entry->folder) == entry &&
            tdh_entry_name(closure->plugins, entry, err) != 0)
            return -1;
    }
    return 0;
}

static int resolve(struct closure *closure, tdh_resolved_fn *fn, struct td_err *err)
{
    size_t places[2];

    if (visit(closure, closure->asked, NULL, err) != 0)
        return -1;
    if (check_pairs(closure, places, err) != 0) {
        fail_asked(closure->asked, err);
        tdh_entry_refuse(closure->asked, err);
        return -1;
    }
    if (fn == tdh_entry_open && !closure->choice->is_plain && name_members(closure, err) != 0)
        return -1;
    closure->count = 0;
    closure->fn = fn;
    return visit(closure, closure->asked, NULL, err);
}

static int resolve_once(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
                        tdh_resolved_fn *fn, struct tdh_plugin_entry **ret_culprit,
                        struct td_err *err)
{
    struct tdh_choice choice = { .plugins = plugins, .anew = entry->name };
    struct closure closure = { .plugins = plugins, .asked = entry, .choice = &choice };
    int rc = tdh_choice_of(&choice, &entry, 1, err);

    if (rc != 0) {
        td_context(err, "plugin \"%s\"", entry->name);
        tdh_entry_refuse(entry, err);
    } else {
        rc = resolve(&closure, fn, err);
    }
    *ret_culprit = choice.is_plain ? NULL : closure.culprit;
    for (size_t i = 0; rc != 0 && *ret_culprit != NULL && i < closure.count; i++)
        if (closure.members[i].entry != *ret_culprit && closure.members[i].entry->plugin == NULL)
            tdh_entry_absolve(closure.members[i].entry);
    free(closure.members);
    tdh_choice_end(&choice);
    return rc;
}

/* A version that is required and cannot be opened is out; there may be another. */
int tdh_resolve(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry, tdh_resolved_fn *fn,
                struct td_err *err)
{
    bool was_fresh = plugins->is_fresh;
    struct tdh_plugin_entry *culprit;
    struct td_err first = { 0 }, why = { 0 };
    int rc;

    for (;;) {
        rc = resolve_once(plugins, entry, fn, &culprit, &why);
        if (rc == 0 || culprit == NULL || culprit == entry || why.code == TD_E_NOMEM)
            break;
        if (first.code == TD_OK)
            first = why;
        plugins->is_fresh = true; /* what is refused now stays so */
    }
    plugins->is_fresh = was_fresh;
    if (rc == 0)
        return 0;
    *err = first.code == TD_OK || why.code == TD_E_NOMEM ? why : first;
    if (first.code != TD_OK)
        tdh_entry_refuse(entry, err);
    return -1;
}

/* All of them in one closure: what was brought in by an earlier one is not followed again. */
static int visit_all(struct closure *closure, const struct tdh_plugin_entry *const *entries,
                     size_t count, struct td_err *err)
{
    for (size_t i = 0; i < count; i++) {
        closure->place = i;
        closure->asked = tdh_map_get(&closure->plugins->folders, entries[i]->folder);
        if (visit(closure, closure->asked, NULL, err) != 0)
            return -1;
    }
    return 0;
}

static int choose_all(struct closure *closure, struct tdh_choice *choice,
                      const struct tdh_plugin_entry *const *entries, size_t count,
                      struct td_err *err)
{
    struct tdh_plugin_entry **own = calloc(count + 1, sizeof(*own));
    int rc;

    if (own == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the plugins that go together");
    for (size_t i = 0; i < count; i++)
        own[i] = tdh_map_get(&closure->plugins->folders, entries[i]->folder);
    rc = tdh_choice_of(choice, own, count, err);
    free(own);
    return rc;
}

int tdh_plugins_together(struct tdh_plugins *plugins, const struct tdh_plugin_entry *const *entries,
                         size_t count, size_t ret_places[static 2], struct td_err *err)
{
    struct tdh_choice choice = { .plugins = plugins };
    struct closure closure = { .plugins = plugins, .choice = &choice };
    int rc;

    tdh_plugins_lock(plugins);
    rc = choose_all(&closure, &choice, entries, count, err);
    if (rc == 0)
        rc = visit_all(&closure, entries, count, err);
    ret_places[0] = ret_places[1] = closure.place;
    if (rc == 0 && check_pairs(&closure, ret_places, err) != 0)
        rc = ret_places[0] != ret_places[1] ? -1 : fail_asked(entries[ret_places[0]], err);
    tdh_plugins_unlock(plugins);
    free(closure.members);
    tdh_choice_end(&choice);
    return rc;
}
