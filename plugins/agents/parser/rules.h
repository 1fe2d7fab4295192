/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules: the parser's own knowledge: what words say of a field's type (types.json), what fields
 * frames and features are made of (fields.json), and how stories are told (stories.json).
 */
#ifndef PA_RULES_H
#define PA_RULES_H

#include "parse.h"

#include <lang.h>

/* A row of types.json, or a field of fields.json, which has a label too. */
struct pa_type {
    const char *name, *type, *role, *unit, *feature;
    const char *label_en, *label_ko;
    const json_t *options; /* [{"value", "en", "ko"}] or NULL */
    bool is_many, is_open, is_required, has_min, has_max, has_step;
    double min, max, step;
};

/* A word of "units", "currencies", "hints" or "questions": its row's name. */
/* Marks behind the names of a frame's fields. */
#define PA_MARKS "!?~"

struct pa_rules {
    struct lang_lexicon *lexicon;
    json_t *types_file, *fields_file, *stories_file, *made;
    struct pa_type *types, *fields;
    size_t type_count, field_count;
    struct lang_map type_words; /* phrase key -> pa_type */
    struct lang_map fields_map; /* name -> pa_type */
    struct lang_map units, currencies, hints, questions, list_titles, near_times, wish_ends,
        phrase_tails, stand_ins, averaged, self_questions, gathers, described, logs, checks,
        names_it, looks, shows, wish_words, wish_marks, ing_nouns, agent_verbs, uploads, wish_tools,
        wish_plurals, views, measures, arranged, obligations, late, what_it_is, paying, changes,
        bounds;
};

/** What the last words of tokens [first, end) say of a field's type; NULL when nothing. */
const struct pa_type *pa_type_of(const struct pa_rules *rules, const struct lang_tokens *tokens,
                                 size_t first, size_t end);
/** A field of fields.json; NULL when there is none of that name. */
const struct pa_type *pa_field_named(const struct pa_rules *rules, const char *name, size_t length);
/** The field a feature needs, or NULL. */
const struct pa_type *pa_field_implied(const struct pa_rules *rules, const char *feature);
/** Whether the phrase at `first` of a map of names; the name, and how many tokens. */
const char *pa_find_name(const struct pa_rules *rules, const struct lang_map *map,
                         const struct lang_tokens *tokens, size_t first, size_t end,
                         size_t *ret_count);

#endif
