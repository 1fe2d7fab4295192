/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act: verbs that join two nouns: "customers place orders", "학생이 강의를 듣는다". Most leave a
 * thing that refers to who made it; those of the second list go the other way, to many: "students
 * attend classes".
 */
#include "lexicon.h"

#include <stdlib.h>
#include <string.h>

enum { ACT_BASE = 1, ACT_THIRD = 2, ACT_JOINS = 4 };

static int keep(struct lang_lexicon *lexicon, const char *form, size_t length, uint32_t bits)
{
    const char *kept = lang_keep(lexicon, form, length);

    return kept != NULL ? lang_add_tag(&lexicon->acts, kept, bits) : -1;
}

/* English in both of its present forms, Korean as it begins. */
static int add(struct lang_lexicon *lexicon, const char *verb, uint32_t bits)
{
    char third[LANG_KEY];

    if (keep(lexicon, verb, strlen(verb), ACT_BASE | bits) != 0)
        return -1;
    if (lang_has_hangul(lang_span_of(verb)))
        return 0;
    lang_plural(lexicon, verb, third, sizeof(third));
    return keep(lexicon, third, strlen(third), ACT_THIRD | bits);
}

static int load_list(struct lang_lexicon *lexicon, const json_t *file, const char *name,
                     const char *key, uint32_t bits, struct td_err *err)
{
    json_t *list = lang_data_member(file, name, key, JSON_ARRAY, err);
    size_t i;
    json_t *verb;

    if (list == NULL || lang_data_check_texts(list, name, key, err) != 0)
        return -1;
    json_array_foreach (list, i, verb) {
        if (add(lexicon, json_string_value(verb), bits) != 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate the word lists");
    }
    return 0;
}

static int load_deeds(struct lang_lexicon *lexicon, const json_t *file, const char *name,
                      struct td_err *err)
{
    json_t *rows = lang_data_member(file, name, "deeds", JSON_OBJECT, err);
    const char *verb;
    json_t *noun;

    if (rows == NULL)
        return -1;
    json_object_foreach (rows, verb, noun) {
        if (json_string_length(noun) == 0)
            return td_fail(err, TD_E_CONFIG, "%s: key \"deeds\": \"%s\" must be a word", name,
                           verb);
        if (lang_map_set(&lexicon->deeds, verb, strlen(verb), json_string_value(noun)) != 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate the word lists");
    }
    return 0;
}

int lang_acts_load(struct lang_lexicon *lexicon, struct td_err *err)
{
    return load_list(lexicon, lexicon->english, "english.json", "act_verbs", 0, err) == 0 &&
                   load_list(lexicon, lexicon->english, "english.json", "join_verbs", ACT_JOINS,
                             err) == 0 &&
                   load_list(lexicon, lexicon->korean, "korean.json", "act_verbs", 0, err) == 0 &&
                   load_list(lexicon, lexicon->korean, "korean.json", "join_verbs", ACT_JOINS,
                             err) == 0 &&
                   load_deeds(lexicon, lexicon->english, "english.json", err) == 0 &&
                   load_deeds(lexicon, lexicon->korean, "korean.json", err) == 0
               ? 0
               : -1;
}

static bool is_plural(const struct lang_token *token)
{
    return token->kind == LANG_WORD && strcmp(token->text, token->lemma) != 0;
}

/* The noun after the verb starts with an article, ends in a plural, or is one that frames know
 * ("homework"). */
static bool is_object(const struct lang_lexicon *lexicon, const struct lang_tokens *tokens,
                      size_t at)
{
    size_t last = at + 3 < tokens->count ? at + 3 : tokens->count;
    struct lang_frame_match match;

    if (at < tokens->count && (tokens->all[at].tags & (LANG_DETERMINER | LANG_MANY)) != 0)
        return true;
    if (at < tokens->count && lang_frame_in(lexicon, tokens, at, 1, &match) && match.is_named &&
        match.frame->is_thing)
        return true;
    for (; at < last && tokens->all[at].kind == LANG_WORD &&
           (tokens->all[at].tags & (LANG_PREPOSITION | LANG_AND | LANG_PRONOUN)) == 0;
         at++)
        if (is_plural(&tokens->all[at]))
            return true;
    return false;
}

enum lang_act lang_english_act(const struct lang_lexicon *lexicon, const struct lang_tokens *tokens,
                               size_t at, size_t *ret_object)
{
    const struct lang_token *verb = &tokens->all[at];
    uint32_t bits = at > 0 ? lang_tags_of(&lexicon->acts, verb->text, verb->length) : 0;
    size_t object = at + 1;

    if (bits == 0 || verb->is_hangul || verb[-1].kind != LANG_WORD ||
        (bits & (is_plural(&verb[-1]) ? ACT_BASE : ACT_THIRD)) == 0)
        return LANG_ACT_NONE;
    while ((bits & ACT_JOINS) != 0 && object < at + 3 && object < tokens->count &&
           (tokens->all[object].tags & LANG_PREPOSITION) != 0)
        object++; /* "work on", "sign up for" */
    if (!is_object(lexicon, tokens, object))
        return LANG_ACT_NONE;
    *ret_object = object;
    return (bits & ACT_JOINS) != 0 ? LANG_ACT_JOINS : LANG_ACT_MAKES;
}

const char *lang_english_deed(const struct lang_lexicon *lexicon, const char *verb)
{
    return lang_map_get(&lexicon->deeds, verb, strlen(verb));
}

enum lang_act lang_korean_act(const struct lang_lexicon *lexicon, const struct lang_token *verb)
{
    for (size_t n = verb->length < LANG_KEY ? verb->length : LANG_KEY; n > 0; n--) {
        uint32_t bits = lang_tags_of(&lexicon->acts, verb->text, n);

        if (bits != 0)
            return (bits & ACT_JOINS) != 0 ? LANG_ACT_JOINS : LANG_ACT_MAKES;
    }
    return LANG_ACT_NONE;
}

const char *lang_korean_deed(const struct lang_lexicon *lexicon, const struct lang_token *verb)
{
    for (size_t n = verb->length < LANG_KEY ? verb->length : LANG_KEY; n > 0; n--) {
        const char *noun = lang_map_get(&lexicon->deeds, verb->text, n);

        if (noun != NULL)
            return noun;
    }
    return NULL;
}
