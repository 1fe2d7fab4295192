/* SPDX-License-Identifier: Apache-2.0 */
/*
 * english_act: what is done. By things to other things, which makes two of them and a relation:
 * "customers place orders". Or by the app, or a thing in it, which is a wish: "that predicts my
 * spending", "a mascot that dances", "I can zoom". No noun in such a clause is a field.
 */
#include "english.h"
#include "model.h"

#include <string.h>

#define ACTOR_WORDS 5
#define DEED_WORDS 64 /* behind a verb, where its noun is looked for */
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

/* "plan meals and generate a shopping list": asked of the app, behind what it is for. */
static bool is_asked(const struct en_reader *reader)
{
    const struct pa_reading *reading = reader->reading;

    return reader->at > reader->first && reading->statement_count > 0 &&
           (pa_is(reading, reader->at - 1, LANG_AND) || pa_is_mark(reading, reader->at - 1, ',')) &&
           is_agent_verb(reading, reader->at) &&
           pa_is(reading, reader->at + 1, LANG_DETERMINER | LANG_PRONOUN | LANG_PERSON);
}

static size_t say_act(struct en_reader *reader, size_t verb)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;
    size_t end = clause_end(reading, verb + 1, reader->end);
    struct pa_item *item;

    if (end > verb + LANG_SENTENCE || has_phrase(reading, verb, end) ||
        (item = pa_new_item(reading)) == NULL)
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
    size_t verb = is_asked(reader) ? reader->at : find_verb(reader);
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

/* ---- things and other things ---- */

/* "customers place orders" */
struct action {
    size_t verb, object; /* tokens */
    size_t after;        /* the token behind it */
    enum lang_act act;
    bool is_given; /* the object is a field of the actor */
};

/* "customers", "readers": people in the plural. */
static bool is_people(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);
    const struct pa_type *type;
    struct lang_frame_match match;
    size_t length = strlen(token->lemma);

    if (token->kind != LANG_WORD || strcmp(token->text, token->lemma) == 0 || length < 4)
        return false;
    if (lang_frame_in(reading->rules->lexicon, &reading->tokens, at, 1, &match))
        return match.is_named && match.frame->is_party;
    type = pa_type_of(reading->rules, &reading->tokens, at, at + 1);
    return (strcmp(token->lemma + length - 2, "er") == 0 ||
            strcmp(token->lemma + length - 2, "or") == 0) &&
           (type == NULL || (strcmp(type->type, "text") == 0 && type->role == NULL));
}

/* "teams": the plural of a thing that the frames know. */
static bool are_things(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);
    struct lang_frame_match match;

    return token->kind == LANG_WORD && !token->is_hangul &&
           strcmp(token->text, token->lemma) != 0 &&
           lang_frame_in(reading->rules->lexicon, &reading->tokens, at, 1, &match) &&
           match.is_named && match.frame->is_thing;
}

/* "readers leave comments": between people and the plural of a thing stands a verb, when it is no
 * noun: "members phone numbers". */
static bool is_any_verb(const struct pa_reading *reading, size_t at, size_t end)
{
    const struct lang_token *token = pa_token(reading, at);
    const struct lang_token *next = pa_token(reading, at + 1);
    struct lang_frame_match match;

    if (at + 1 < end && ((token->tags & LANG_VERB) != 0 || strcmp(token->text, "enter") == 0) &&
        !token->is_used && !next->is_used && (token->tags & (LANG_HAS | LANG_MODAL)) == 0 &&
        are_things(reading, at - 1) && are_things(reading, at + 1))
        return true; /* "teams play matches" */
    return at + 1 < end && is_people(reading, at - 1) && token->kind == LANG_WORD &&
           (token->tags & ~(uint32_t)LANG_VERB) == 0 && !token->is_used &&
           strcmp(token->text, token->lemma) == 0 && next->kind == LANG_WORD && !next->is_used &&
           next->tags == 0 && strcmp(next->text, next->lemma) != 0 &&
           pa_type_of(reading->rules, &reading->tokens, at, at + 1) == NULL &&
           pa_type_of(reading->rules, &reading->tokens, at, at + 2) ==
               pa_type_of(reading->rules, &reading->tokens, at + 1, at + 2) &&
           ((token->tags & LANG_VERB) != 0 ||
            !lang_frame_in(reading->rules->lexicon, &reading->tokens, at, 1, &match));
}

/* "each student in my class picks a book": behind somebody, the word in the third person in front
 * of a thing. */
static bool is_third_person_act(const struct pa_reading *reading, size_t actor, size_t at,
                                size_t end)
{
    const struct lang_token *token = pa_token(reading, at);
    struct lang_frame_match match;
    size_t object = at + 1;

    if (at + 2 >= end || actor == 0 || !pa_is(reading, actor - 1, LANG_EACH | LANG_DETERMINER) ||
        token->kind != LANG_WORD || token->is_used || token->is_hangul ||
        strcmp(token->text, token->lemma) == 0 ||
        (token->tags & ~(uint32_t)(LANG_VERB | LANG_MANAGE)) != 0 ||
        (token->tags & (LANG_HAS | LANG_MODAL)) != 0 || !pa_is(reading, object, LANG_DETERMINER) ||
        !lang_frame_in(reading->rules->lexicon, &reading->tokens, actor, 1, &match) ||
        !match.is_named || !match.frame->is_people || en_is_plural(reading, actor))
        return false;
    object++;
    return lang_frame_in(reading->rules->lexicon, &reading->tokens, object, 1, &match) &&
           match.is_named && match.frame->is_thing;
}

/* "in my class", behind an actor: the token after it. */
static size_t skip_where(const struct pa_reading *reading, size_t at, size_t end)
{
    size_t noun = at + 1;

    if (!(pa_is_word(reading, at, "in") || pa_is_word(reading, at, "of")) ||
        !pa_is(reading, noun, LANG_DETERMINER))
        return at;
    while (noun < end && pa_is(reading, noun, LANG_DETERMINER))
        noun++;
    return noun + 1 < end && en_is_content(reading, noun) ? noun + 1 : at;
}

/* Where the verb stands between two nouns that begin at `at`; false: none does. */
static bool find_action(const struct pa_reading *reading, size_t at, size_t end,
                        struct action *ret_action)
{
    while (pa_is(reading, at, LANG_DETERMINER | LANG_EACH))
        at++;
    for (size_t verb = at + 1; verb < end && verb < at + ACTOR_WORDS; verb++) {
        verb = skip_where(reading, verb, end);
        if (verb >= end || pa_token(reading, verb)->kind != LANG_WORD ||
            pa_token(reading, verb)->is_used ||
            pa_is(reading, verb - 1, LANG_PREPOSITION | LANG_AND | LANG_MODAL | LANG_WITH))
            return false;
        ret_action->act =
            lang_english_act(reading->rules->lexicon, &reading->tokens, verb, &ret_action->object);
        ret_action->verb = verb;
        if (ret_action->act == LANG_ACT_NONE &&
            (is_any_verb(reading, verb, end) || is_third_person_act(reading, at, verb, end))) {
            ret_action->act = LANG_ACT_MAKES;
            ret_action->object = verb + 1;
        }
        if (ret_action->act != LANG_ACT_NONE && ret_action->object < end)
            return true;
    }
    return false;
}

/* "schools": no field but a text could be of that name. */
static bool is_plain_text(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct pa_type *type = pa_item_type(reading, item);

    return type == NULL ||
           (item->is_plural && type->role == NULL && strcmp(type->type, "text") == 0);
}

/* "customers", "a doctor", "users"; not "people", who are anybody, nor users who keep something for
 * themselves. */
static bool is_actor(const struct pa_reading *reading, const struct pa_item *item, size_t verb)
{
    if (pa_is(reading, item->head_end - 1, LANG_PERSON))
        return strcmp(pa_token(reading, item->head_end - 1)->lemma, "user") == 0 &&
               !pa_is_word(reading, verb, "log") && !pa_is_word(reading, verb, "track");
    if (pa_is(reading, item->head_end - 1, LANG_APP))
        return false;
    return pa_item_is_named(reading, item) || is_plain_text(reading, item) ||
           is_people(reading, item->head_end - 1) ||
           pa_item_has_plural(reading, (size_t)(item - reading->items));
}

/* What is made is a thing that the frames know, or that no field is. */
static bool is_result(const struct pa_reading *reading, const struct pa_item *item)
{
    return item->option_count < 2 && !pa_is(reading, item->head_end - 1, LANG_APP) &&
           (pa_item_is_named(reading, item) || pa_item_is_about(reading, item) ||
            (item->is_plural && pa_item_type(reading, item) == NULL));
}

/* "orders contain a customer, a date and a total": a list of parts, no other thing. */
static bool is_part(const struct pa_reading *reading, size_t verb, size_t after)
{
    return en_is_recorded(reading, verb) ||
           (pa_is(reading, verb, LANG_HAS) &&
            (!reading->items[reading->item_count - 1].is_plural ||
             pa_is_mark(reading, after, ',') || pa_is(reading, after, LANG_AND)));
}

/* "members pay a yearly fee": what is given is a field of who gives it. */
static bool is_given(const struct pa_reading *reading, size_t actor, const struct action *action)
{
    const struct pa_item *who = &reading->items[actor];
    const struct pa_type *type = pa_item_type(reading, &reading->items[actor + 1]);

    return action->act == LANG_ACT_MAKES && type != NULL && strcmp(type->type, "text") != 0 &&
           !pa_is(reading, action->verb, LANG_HAS) &&
           (pa_item_is_named(reading, who) || is_people(reading, who->head_end - 1));
}

/* Whether the actor ends in front of the verb, or where he is does ("in my class"). */
static bool ends_at(const struct pa_reading *reading, struct pa_item *actor, size_t verb)
{
    size_t after = actor->from_end > actor->end ? actor->from_end : actor->end;

    if (after == verb || actor->end == verb)
        return true;
    if (skip_where(reading, actor->head_end, verb) != verb)
        return false;
    actor->end = actor->from_end = actor->head_end;
    return true;
}

/* Reads actor and result as two new items; false, and none: there is no such clause. */
static bool read_action(struct pa_reading *reading, size_t at, size_t end,
                        struct action *ret_action)
{
    size_t first = reading->item_count;
    size_t options = reading->option_count;

    if (!find_action(reading, at, end, ret_action))
        return false;
    if (pa_english_item(reading, at, ret_action->verb) > at && reading->item_count == first + 1 &&
        ends_at(reading, &reading->items[first], ret_action->verb) &&
        is_actor(reading, &reading->items[first], ret_action->verb)) {
        ret_action->after = pa_english_item(reading, ret_action->object, end);
        if (reading->item_count == first + 2 &&
            !is_part(reading, ret_action->verb, ret_action->after)) {
            ret_action->is_given = !is_result(reading, &reading->items[first + 1]);
            if (!ret_action->is_given || is_given(reading, first, ret_action))
                return true;
        }
    }
    reading->item_count = first;
    reading->option_count = options;
    return false;
}

bool en_action_at(struct pa_reading *reading, size_t at, size_t end)
{
    size_t first = reading->item_count;
    size_t options = reading->option_count;
    struct action action;
    bool is_there = read_action(reading, at, end, &action);

    reading->item_count = first;
    reading->option_count = options;
    return is_there;
}

/* "customers order cakes, each order has": where the deed is spoken of as a thing, that is what is
 * made; PA_NONE: it is not. */
static size_t find_deed(struct en_reader *reader, size_t verb)
{
    struct pa_reading *reading = reader->reading;
    const char *base = pa_token(reading, verb)->lemma;
    const char *other = lang_english_deed(reading->rules->lexicon, base);
    struct lang_frame_match match;

    for (size_t at = verb + 1; at < reading->tokens.count && at < verb + DEED_WORDS; at++) {
        const char *noun = pa_token(reading, at)->lemma;
        struct pa_item *item;

        if (pa_token(reading, at)->is_used ||
            (strcmp(noun, base) != 0 && (other == NULL || strcmp(noun, other) != 0)) ||
            !lang_frame_in(reading->rules->lexicon, &reading->tokens, at, 1, &match) ||
            !match.is_named || !match.frame->is_thing || (item = pa_new_item(reading)) == NULL)
            continue;
        *item = (struct pa_item){ .first = at,
                                  .end = at + 1,
                                  .head_first = at,
                                  .head_end = at + 1,
                                  .from_first = at,
                                  .from_end = at + 1 };
        return reading->item_count - 1;
    }
    return PA_NONE;
}

static void say_action(struct en_reader *reader, size_t actor, size_t result,
                       const struct action *action)
{
    size_t deed = action->act == LANG_ACT_JOINS ? PA_NONE : find_deed(reader, action->verb);

    if (deed != PA_NONE) {
        pa_say_of(reader->reading, PA_RELATE, deed, actor, 1);
        pa_say_of(reader->reading, PA_RELATE, deed, result, 1);
        result = deed;
    } else if (action->act == LANG_ACT_JOINS)
        pa_say_of(reader->reading, PA_JOIN, actor, result, 1);
    else
        pa_say_of(reader->reading, PA_RELATE, result, actor, 1);
    reader->owner = result;
}

bool en_read_action(struct en_reader *reader)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;
    struct action action;

    if (!read_action(reading, reader->at, reader->end, &action))
        return false;
    if (action.is_given) {
        reading->item_count = first + 1;
        reader->owner = first;
        reader->at = action.object;
        en_read_list(reader, PA_HAS, first);
        return true;
    }
    reader->at = action.after;
    reading->items[first].is_actor = !pa_is(reading, action.verb, LANG_HAS);
    say_action(reader, first, first + 1, &action);
    return true;
}
