/* SPDX-License-Identifier: Apache-2.0 */
/*
 * english_act: what is to be done by the app, or by a thing in it: "that predicts my spending", "a
 * mascot that dances", "confetti when a task is finished", "I can zoom". No noun in it is a field.
 */
#include "english.h"

#include <string.h>

#define KNOWN_VERBS (LANG_MANAGE | LANG_VERB | LANG_CREATE | LANG_HAS | LANG_MODAL | LANG_RELATE)

/* "suggests", of a verb that apps are asked for. */
static bool is_agent_verb(const struct pa_reading *reading, size_t at)
{
    size_t count;

    return pa_token(reading, at)->kind == LANG_WORD &&
           pa_find_name(reading->rules, &reading->rules->agent_verbs, &reading->tokens, at, at + 1,
                        &count) != NULL;
}

/* "dances": a word that no list knows, with an "s" at its end. */
static bool is_third_person(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    return token->kind == LANG_WORD && !token->is_hangul && !token->is_used &&
           (token->tags & KNOWN_VERBS) == 0 && token->length > 3 &&
           token->text[token->length - 1] == 's' && strcmp(token->text, token->lemma) != 0;
}

static size_t clause_end(const struct pa_reading *reading, size_t at, size_t end)
{
    while (at < end && pa_token(reading, at)->kind != LANG_PUNCT &&
           !pa_is(reading, at, LANG_AND | LANG_BREAK | LANG_NEGATION) &&
           !(pa_is(reading, at, LANG_WITH) && !pa_is_word(reading, at, "like")))
        at++;
    return at;
}

/* A clause with a phrase of the lists in it is told by that phrase. */
static bool has_phrase(const struct pa_reading *reading, size_t first, size_t end)
{
    for (size_t at = first; at < end; at++)
        if (pa_token(reading, at)->is_used || pa_token(reading, at)->is_negated)
            return true;
    return false;
}

/* "which students read": who does it, no verb. */
static bool is_subject(const struct pa_reading *reading, size_t at)
{
    return pa_is(reading, at + 1, LANG_VERB | LANG_MANAGE | LANG_HAS | LANG_MODAL);
}

enum pa_act en_act_at(const struct pa_reading *reading, size_t at, size_t end)
{
    if (pa_is_word(reading, at, "that") || pa_is_word(reading, at, "which")) {
        bool is_act = is_agent_verb(reading, at + 1) ||
                      (is_third_person(reading, at + 1) && !is_subject(reading, at + 1));

        if (!is_act || at + 1 >= end || pa_is_word(reading, at + 2, "it") ||
            pa_is_word(reading, at + 2, "them"))
            return PA_ACT_NONE; /* "the shop that sells it" */
        return is_agent_verb(reading, at + 1) ? PA_ACT_VERB : PA_ACT_ASIDE;
    }
    if (!pa_is_word(reading, at, "when") && !pa_is_word(reading, at, "whenever"))
        return PA_ACT_NONE;
    for (size_t i = at + 1; i < clause_end(reading, at + 1, end); i++)
        if (pa_is_word(reading, i, "is") || pa_is_word(reading, i, "are") ||
            pa_is_word(reading, i, "get") || pa_is_word(reading, i, "gets"))
            return PA_ACT_ASIDE; /* "when I bought it" names a field */
    return PA_ACT_NONE;
}

/* "scale the ingredients": a word that no list knows, in front of its object. */
static bool is_bare_verb(const struct pa_reading *reading, size_t at)
{
    return is_agent_verb(reading, at) ||
           (pa_token(reading, at)->tags == 0 && !pa_token(reading, at)->is_used &&
            pa_token(reading, at)->kind == LANG_WORD &&
            pa_is(reading, at + 1, LANG_DETERMINER | LANG_PRONOUN));
}

/* "lets me scale the ingredients" */
static size_t find_let(const struct en_reader *reader)
{
    const struct pa_reading *reading = reader->reading;
    size_t at = reader->at + 1;

    if (reader->at == reader->first || !pa_is(reading, reader->at - 1, LANG_MODAL))
        return 0;
    while (pa_is_word(reading, at, "to"))
        at++;
    return is_bare_verb(reading, at) ? at : 0;
}

/* Where the verb of such a clause stands, behind "that", "it should"; 0: none does. */
static size_t find_verb(const struct en_reader *reader)
{
    const struct pa_reading *reading = reader->reading;
    size_t at = reader->at + 1;
    bool is_app =
        reader->at > reader->first && pa_is(reading, reader->at - 1, LANG_APP | LANG_KIND);

    if (en_is_word(reader, "that") || en_is_word(reader, "which"))
        return is_app && (is_agent_verb(reading, at) ||
                          (is_third_person(reading, at) && !is_subject(reading, at)))
                   ? at
                   : 0;
    if (en_is_word(reader, "me") || en_is_word(reader, "us"))
        return find_let(reader);
    if (!en_is_word(reader, "it") && !en_is_word(reader, "i") && !en_is_word(reader, "we") &&
        !en_is_word(reader, "users"))
        return 0;
    while (pa_is(reading, at, LANG_MODAL | LANG_FILLER))
        at++;
    if (at == reader->at + 1 && !en_is_word(reader, "it"))
        return 0;
    if (en_is_word(reader, "it"))
        return is_agent_verb(reading, at) ? at : 0;
    return pa_is_word(reading, at - 1, "can") && is_bare_verb(reading, at) ? at : 0;
}

static size_t say_act(struct en_reader *reader, size_t verb)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;
    size_t end = clause_end(reading, verb + 1, reader->end);
    struct pa_item *item;

    if (has_phrase(reading, verb, end) || (item = pa_new_item(reading)) == NULL)
        return verb;
    *item = (struct pa_item){ .first = verb,
                              .end = end,
                              .head_first = verb,
                              .head_end = end,
                              .from_first = verb,
                              .from_end = end,
                              .act = PA_ACT_VERB };
    pa_say(reading, PA_LIST, reader->owner, first);
    return end;
}

bool en_read_act(struct en_reader *reader)
{
    size_t verb = find_verb(reader);
    size_t end = verb > 0 ? say_act(reader, verb) : 0;

    if (end == 0 || end == verb)
        return false;
    reader->at = end;
    while (en_is(reader, LANG_AND) &&
           (is_agent_verb(reader->reading, end + 1) || is_third_person(reader->reading, end + 1)) &&
           pa_is(reader->reading, end + 2, LANG_DETERMINER | LANG_PRONOUN | LANG_PERSON)) {
        size_t next = say_act(reader, end + 1);

        if (next == end + 1)
            break;
        reader->at = end = next;
    }
    return true;
}
