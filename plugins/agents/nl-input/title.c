/* SPDX-License-Identifier: Apache-2.0 */
/*
 * title: what the app is called: the words in front of "app", "tracker", "앱" and their like, else
 * what the first verb is about, else the first words of the request.
 */
#include "title.h"

#include <string.h>

#define NO_TITLE (LANG_APP | LANG_VERB | LANG_MANAGE | LANG_PERSON)
#define NO_NOUN                                                                                    \
    (LANG_DETERMINER | LANG_EACH | LANG_PREPOSITION | LANG_MODAL | LANG_AND | LANG_OR |            \
     LANG_PRONOUN | LANG_CREATE | LANG_WITH | LANG_BREAK | LANG_NEGATION | LANG_HAS |              \
     LANG_QUESTION | LANG_RELATE)

const struct lang_token *nl_token_at(const struct nl_reading *reading, size_t at)
{
    return at < reading->tokens.count ? &reading->tokens.all[at] : NULL;
}

static bool is_korean_verb(const struct lang_token *token)
{
    return token->ending != LANG_END_NONE ||
           (token->tags & (LANG_CREATE | LANG_VERB | LANG_NEGATION | LANG_PERSON)) != 0;
}

/* A word that may be part of a title. Korean fillers are also content where they stand alone, so
 * both are left out. */
static bool is_title_word(const struct lang_token *token)
{
    if (token == NULL || token->kind == LANG_PUNCT || token->is_negated)
        return false;
    if (token->is_hangul)
        return (token->tags & (LANG_FILLER | LANG_AND | LANG_EACH | LANG_MANY | LANG_PRONOUN |
                               LANG_NUMBER_WORD)) == 0 &&
               !is_korean_verb(token);
    return (token->tags & (NO_NOUN | LANG_FILLER)) == 0;
}

static bool is_gap(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *token = nl_token_at(reading, at);
    const struct lang_token *next = nl_token_at(reading, at + 1);

    return token->kind == LANG_PUNCT &&
           (token->punct == '-' || token->punct == '&' || token->punct == '/') && token->is_glued &&
           next != NULL && next->is_glued;
}

/* "약 먹는 시간": a verb between a bare noun and the noun it describes. */
static bool is_inner_verb(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *token = nl_token_at(reading, at);

    return at > 0 && token->is_hangul && token->ending == LANG_END_ADNOMINAL && token->length > 3 &&
           strcmp(token->text + token->length - 3, "는") == 0 &&
           (token->tags & (LANG_MANAGE | LANG_HAS | LANG_CREATE)) == 0 &&
           is_title_word(nl_token_at(reading, at - 1)) && !nl_token_at(reading, at - 1)->is_used &&
           nl_token_at(reading, at - 1)->particle == LANG_CASE_NONE &&
           is_title_word(nl_token_at(reading, at + 1)) &&
           (nl_token_at(reading, at + 1)->tags & LANG_APP) == 0;
}

/* "lost and found", "plus one": a known noun with an "and" in it that ends before `end`. */
static size_t known_start(const struct nl_reading *reading, size_t end)
{
    struct lang_frame_match match;

    if (end < 3 || (nl_token_at(reading, end - 2)->tags & LANG_AND) == 0 ||
        !lang_frame_in(reading->rules->lexicon, &reading->tokens, end - 3, 3, &match) ||
        match.first != end - 3 || match.count != 3)
        return end;
    return end - 3;
}

/* "부모님 약 복용 시간": whose it is, in front of a bare noun. */
static bool is_whose(const struct nl_reading *reading, size_t at, size_t end)
{
    const struct lang_token *token = nl_token_at(reading, at);

    return token->is_hangul && (token->tags & LANG_PERSON) != 0 &&
           (token->tags & (LANG_PRONOUN | LANG_FILLER)) == 0 && token->ending == LANG_END_NONE &&
           token->particle == LANG_CASE_NONE && token->length > 3 && at + 1 < end &&
           !token->is_used && !token->is_negated;
}

/* The start of the run of title words that ends before `end`. A Korean particle ends the noun
 * before. */
size_t nl_run_start(const struct nl_reading *reading, size_t end)
{
    size_t at = end;

    while (at > 0 && end - at < TITLE_WORDS) {
        const struct lang_token *token = nl_token_at(reading, at - 1);
        size_t known = known_start(reading, at);

        if (known < at) {
            at = known;
            continue;
        }

        if (!is_gap(reading, at - 1) && !is_title_word(token) && !is_inner_verb(reading, at - 1) &&
            !is_whose(reading, at - 1, end))
            break;
        if (token->is_hangul && token->particle != LANG_CASE_NONE &&
            token->particle != LANG_CASE_POSSESSIVE)
            break;
        at--;
    }
    return at;
}

/* "매매일지 종목 매수가": the request's first words end at the kind of list, and fields follow. */
static bool ends_opening(const struct nl_reading *reading, size_t start, size_t end)
{
    const struct lang_token *next = nl_token_at(reading, end);

    return start == 0 && (nl_token_at(reading, end - 1)->tags & LANG_GROUP) != 0 && next != NULL &&
           next->kind == LANG_WORD && (next->tags & (LANG_APP | LANG_KIND)) == 0;
}

size_t nl_run_end(const struct nl_reading *reading, size_t start)
{
    size_t at = start;

    while (at < reading->tokens.count && at - start < TITLE_WORDS) {
        const struct lang_token *token = nl_token_at(reading, at);

        if (!is_title_word(token) && !(at > start && is_gap(reading, at)))
            break;
        at++;
        if (token->is_hangul &&
            ((token->particle != LANG_CASE_NONE && token->particle != LANG_CASE_POSSESSIVE) ||
             ends_opening(reading, start, at)))
            break;
    }
    return at;
}

struct nl_title nl_make_title(const struct nl_reading *reading, size_t first, size_t end,
                              size_t from_end)
{
    if (end <= first)
        return (struct nl_title){ { reading->text, 0 }, 0, 0 };
    return (struct nl_title){ lang_tokens_span(&reading->tokens, first, from_end - first), first,
                              end - first };
}

/* "프로젝트와 회의를 관리하는 앱": what "와" joins belongs to it. */
static size_t joined_start(const struct nl_reading *reading, size_t first)
{
    while (first > 0 && nl_token_at(reading, first - 1)->particle == LANG_CASE_AND) {
        if (is_title_word(nl_token_at(reading, first - 1)))
            first = nl_run_start(reading, first - 1);
        else if (nl_is_kept_person(reading, first - 1))
            first--;
        else
            break;
    }
    return first;
}

/* "a diary with mood tracking": the diary is all its name. */
static bool is_kind_alone(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *next = nl_token_at(reading, at + 1);

    return !nl_token_at(reading, at)->is_hangul &&
           (nl_token_at(reading, at)->tags & (LANG_KIND | LANG_APP)) == LANG_KIND && at > 0 &&
           (nl_token_at(reading, at - 1)->tags & LANG_DETERMINER) != 0 && next != NULL &&
           (next->tags & LANG_WITH) != 0 && /* but "share the list with my sister" */
           (at < 2 || (nl_token_at(reading, at - 2)->tags & LANG_VERB) == 0);
}

/* "bike club app": the words before "app". A kind word ("tracker") stays in the title. */
static struct nl_title before_app(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *token = nl_token_at(reading, at);
    bool is_app = (token->tags & (LANG_APP | LANG_KIND)) == LANG_APP; /* "관리앱" is both */
    size_t first = nl_run_start(reading, at);
    size_t end = at;

    while (end > first && (nl_token_at(reading, end - 1)->tags & LANG_APP) != 0)
        end--;
    if (end == first) /* nothing, or only another word for "app", is in front */
        return is_kind_alone(reading, at) ? nl_make_title(reading, at, at + 1, at + 1)
                                          : nl_make_title(reading, 0, 0, 0);
    if (token->is_hangul)
        first = joined_start(reading, first);
    return nl_make_title(reading, first, is_app ? end : at + 1, at + 1);
}

/* "선생님별로 필터링하는 앱" is not about teachers. */
static bool is_object(const struct lang_token *token)
{
    return token->particle != LANG_CASE_EACH && token->particle != LANG_CASE_TO &&
           token->particle != LANG_CASE_FROM && token->particle != LANG_CASE_UNTIL;
}

/* "시작일, 보증금이 있는 앱": a list of what it has. */
static bool ends_parts(const struct nl_reading *reading, size_t at)
{
    size_t first;

    if (at < 2 || (nl_token_at(reading, at - 1)->tags & LANG_HAS) == 0 ||
        nl_token_at(reading, at - 2)->particle != LANG_CASE_SUBJECT)
        return false;
    first = nl_run_start(reading, at - 2);
    return first > 0 && nl_token_at(reading, first - 1)->kind == LANG_PUNCT &&
           nl_token_at(reading, first - 1)->punct == ',';
}

/* "식물을 관리하는 앱": what the verb before "앱" is about. */
static struct nl_title object_before(const struct nl_reading *reading, size_t at)
{
    size_t first;

    if (ends_parts(reading, at))
        return nl_make_title(reading, 0, 0, 0);
    while (at > 0 && (is_korean_verb(nl_token_at(reading, at - 1)) ||
                      (nl_token_at(reading, at - 1)->tags & (LANG_FILLER | LANG_APP)) != 0))
        at--;
    if (at == 0 || !is_title_word(nl_token_at(reading, at - 1)) ||
        !is_object(nl_token_at(reading, at - 1)))
        return nl_make_title(reading, 0, 0, 0);
    first = joined_start(reading, nl_run_start(reading, at - 1));
    for (size_t i = first + 1; i < at; i++)
        if ((nl_token_at(reading, i)->tags & LANG_ADNOMINAL) != 0 &&
            nl_token_at(reading, i)->is_hangul &&
            strcmp(nl_token_at(reading, i + 1)->lemma, "사람") == 0)
            return nl_make_title(reading, first, i, i); /* "회비 낸 사람 체크하는 앱" */
    return nl_make_title(reading, first, at, at);
}

/* "레시피에는 재료가 있고 별점도 매길 수 있는 앱": the app is about what the request first speaks
 * of, when that is a thing and what stands before "앱" is none. */
static struct nl_title spoken_of(const struct nl_reading *reading, struct nl_title object)
{
    const struct lang_lexicon *lexicon = reading->rules->lexicon;
    const struct lang_token *first = nl_token_at(reading, 0);
    struct lang_frame_match match;

    if (object.count == 0 || object.first == 0 || first->particle != LANG_CASE_TOPIC ||
        !is_title_word(first) || first->is_used ||
        lang_frame_in(lexicon, &reading->tokens, object.first, object.count, &match) ||
        !lang_frame_in(lexicon, &reading->tokens, 0, 1, &match) || !match.frame->is_thing)
        return object;
    return nl_make_title(reading, 0, 1, 1);
}

/* "a table of customers" is about customers. */
static bool is_group_of(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *next = nl_token_at(reading, at + 1);

    return (nl_token_at(reading, at)->tags & (LANG_GROUP | LANG_MANAGE | LANG_MANY)) != 0 &&
           next != NULL && strcmp(next->text, "of") == 0;
}

/* "track of", "a list of", "down": stands between a verb and its noun. */
static bool is_skipped(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *token = nl_token_at(reading, at);

    if (is_group_of(reading, at))
        return true;
    return !is_title_word(token) && (token->tags & (LANG_PRONOUN | LANG_WITH | LANG_BREAK)) == 0;
}

/* "who owes me money", "what I eat": a clause that says what is kept. */
static bool is_question(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *token = nl_token_at(reading, at);
    const struct lang_token *next = nl_token_at(reading, at + 1);

    return (strcmp(token->text, "who") == 0 || strcmp(token->text, "what") == 0) && next != NULL &&
           next->kind == LANG_WORD && (next->tags & (LANG_MODAL | LANG_HAS)) == 0;
}

static size_t question_end(const struct nl_reading *reading, size_t at)
{
    size_t start = at;

    while (at < reading->tokens.count && at - start < TITLE_WORDS &&
           nl_token_at(reading, at)->kind != LANG_PUNCT &&
           (nl_token_at(reading, at)->tags & (LANG_AND | LANG_WITH | LANG_BREAK)) == 0)
        at++;
    return at;
}

/* "maintenance of rental properties": the noun behind "of" is part of the name. */
static size_t end_with_of(const struct nl_reading *reading, size_t start)
{
    size_t end = nl_run_end(reading, start);
    const struct lang_token *of = nl_token_at(reading, end);
    size_t noun = end + 1;

    if (end == start || of == NULL || strcmp(of->text, "of") != 0)
        return end;
    while (noun < reading->tokens.count &&
           (nl_token_at(reading, noun)->tags & LANG_DETERMINER) != 0)
        noun++;
    return noun < reading->tokens.count && nl_run_end(reading, noun) > noun &&
                   nl_run_end(reading, noun) - start <= TITLE_WORDS
               ? nl_run_end(reading, noun)
               : end;
}

/* "for my bike club", "to track plants": the noun after a verb or "for". */
struct nl_title nl_noun_after(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *token;
    size_t last = at + LANG_SENTENCE;

    if ((token = nl_token_at(reading, at)) != NULL && strcmp(token->text, "which") == 0)
        at++; /* "tracking which plants I have" */
    while ((token = nl_token_at(reading, at)) != NULL && token->kind == LANG_WORD && at < last &&
           is_skipped(reading, at) && !is_question(reading, at))
        at++;
    if (token != NULL && (token->tags & LANG_PERSON) != 0 &&
        is_title_word(nl_token_at(reading, at + 1)))
        token = nl_token_at(reading, ++at); /* "my kid's vaccinations" */
    if (nl_is_recorded_people(reading, at))
        return nl_make_title(reading, at, at + 1, at + 1);
    if (token == NULL || (token->tags & LANG_PERSON) != 0)
        return nl_make_title(reading, 0, 0, 0);
    if (is_question(reading, at))
        return nl_make_title(reading, at, question_end(reading, at), question_end(reading, at));
    return nl_make_title(reading, at, end_with_of(reading, at), end_with_of(reading, at));
}

static struct nl_title first_words(const struct nl_reading *reading, uint32_t but)
{
    for (size_t i = 0; i < reading->tokens.count; i++) {
        if (nl_is_kept_person(reading, i) && !nl_token_at(reading, i)->is_hangul &&
            nl_run_end(reading, i + 2) > i + 2)
            return nl_make_title(reading, i, nl_run_end(reading, i + 2),
                                 nl_run_end(reading, i + 2));
        if (is_title_word(nl_token_at(reading, i)) && !nl_token_at(reading, i)->is_used &&
            !is_group_of(reading, i) && (nl_token_at(reading, i)->tags & but) == 0)
            return nl_make_title(reading, i, nl_run_end(reading, i), nl_run_end(reading, i));
    }
    return nl_make_title(reading, 0, 0, 0);
}

/* "track", "to record": a verb that a noun follows; not the "notes" of "notes app". */
bool nl_is_verb(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *before = at > 0 ? nl_token_at(reading, at - 1) : NULL;
    const struct lang_token *next = nl_token_at(reading, at + 1);
    bool starts = before == NULL || before->kind == LANG_PUNCT ||
                  strcmp(before->text, "for") == 0 ||
                  (before->tags & (LANG_MODAL | LANG_PRONOUN | LANG_AND | LANG_FILLER)) != 0;

    return (nl_token_at(reading, at)->tags & LANG_MANAGE) != 0 && starts && next != NULL &&
           next->kind == LANG_WORD &&
           (next->tags & (LANG_APP | LANG_AND | LANG_OR | LANG_WITH | LANG_HAS)) == 0 &&
           ((next->tags & LANG_PREPOSITION) == 0 || strcmp(next->text, "down") == 0);
}

/* "a tracking app for lego sets": the word in front of "app" says nothing. */
static bool is_tracking_app_for(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *next = nl_token_at(reading, at + 1);

    return (nl_token_at(reading, at)->tags & LANG_APP) != 0 && at > 0 &&
           nl_run_start(reading, at) + 1 == at &&
           (nl_token_at(reading, at - 1)->tags & LANG_KIND) != 0 && next != NULL &&
           strcmp(next->text, "for") == 0;
}

/* "맛집을 저장하고 별점과 사진을 남기는 앱": the app is about what is kept first. */
static struct nl_title kept_first(const struct nl_reading *reading, struct nl_title object)
{
    struct lang_frame_match match;

    for (size_t at = 1; object.count > 0 && at < object.first; at++) {
        const struct lang_token *verb = nl_token_at(reading, at);
        size_t first;

        if ((verb->tags & LANG_MANAGE) == 0 || verb->ending != LANG_END_CONNECTIVE ||
            verb[-1].particle != LANG_CASE_OBJECT || !is_title_word(&verb[-1]))
            continue;
        first = joined_start(reading, nl_run_start(reading, at - 1));
        if (lang_frame_in(reading->rules->lexicon, &reading->tokens, first, at - first, &match) &&
            match.is_named && match.is_head && match.frame->is_thing)
            return nl_make_title(reading, first, at, at);
    }
    return object;
}

static struct nl_title title_at(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *token = nl_token_at(reading, at);
    struct nl_title title = nl_make_title(reading, 0, 0, 0);

    if ((token->tags & (LANG_APP | LANG_KIND)) != 0) {
        const struct lang_token *next = nl_token_at(reading, at + 1);

        if (next != NULL && (next->tags & (LANG_APP | LANG_KIND)) != 0)
            return title; /* "log book app": the last one counts */
        if (at == 1 && !token->is_hangul && nl_is_verb(reading, 0) && next != NULL &&
            is_title_word(next) && strcmp(next->text, next->lemma) != 0)
            return title; /* "track library books" */
        if (is_tracking_app_for(reading, at))
            return nl_noun_after(reading, at + 2);
        title = before_app(reading, at);
        if (title.count == 0 && token->is_hangul && (token->tags & LANG_APP) != 0)
            title = kept_first(reading, spoken_of(reading, object_before(reading, at)));
    }
    return title;
}

/* "출판사가 계약을 관리한다": who does it, not what it is about. */
static bool is_subject(const struct nl_reading *reading, struct nl_title words)
{
    return words.count > 0 &&
           nl_token_at(reading, words.first + words.count - 1)->particle == LANG_CASE_SUBJECT;
}

/* "번역 일감": a noun in front of the title's, though a wish may be of that name. */
static bool is_bare_noun(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *token = nl_token_at(reading, at);

    return is_title_word(token) && token->is_hangul && token->particle == LANG_CASE_NONE &&
           token->is_used;
}

/* What the first verb that tracks something is about. */
static struct nl_title managed_at(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *token = nl_token_at(reading, at);

    if (!token->is_hangul && nl_is_verb(reading, at))
        return nl_noun_after(reading, at + 1);
    if (token->is_hangul && (token->tags & LANG_MANAGE) != 0 && token->ending != LANG_END_NONE) {
        struct nl_title words = first_words(reading, NO_TITLE);
        struct nl_title object;

        if (words.first == 1 && words.count > 0 && is_bare_noun(reading, 0))
            words = nl_make_title(reading, 0, words.count + 1, words.count + 1);
        object = is_subject(reading, words) ? object_before(reading, at) : words;

        return object.count > 0 ? object : words;
    }
    return nl_make_title(reading, 0, 0, 0);
}

/* "Customers place orders" is about the orders, "students take courses" about students. */
static struct nl_title object_of_act(const struct nl_reading *reading, struct nl_title title)
{
    for (size_t at = title.first + 1;
         title.count > 0 && at <= title.first + title.count && at < reading->tokens.count; at++) {
        size_t object;
        enum lang_act act =
            lang_english_act(reading->rules->lexicon, &reading->tokens, at, &object);

        if (act == LANG_ACT_NONE)
            continue;
        if (act == LANG_ACT_JOINS)
            return nl_make_title(reading, title.first, at, at);
        while (object < reading->tokens.count &&
               (nl_token_at(reading, object)->tags & (LANG_DETERMINER | LANG_MANY)) != 0)
            object++;
        return nl_make_title(reading, object, nl_run_end(reading, object),
                             nl_run_end(reading, object));
    }
    return title;
}

struct nl_title nl_title_of(const struct nl_reading *reading)
{
    struct nl_title title = nl_after_each(reading);

    if (title.count == 0)
        title = nl_after_owning(reading);
    if (title.count == 0)
        title = nl_before_colon(reading);
    if (title.count == 0)
        title = nl_before_with(reading);
    if (title.count == 0)
        title = nl_after_having(reading);
    if (title.count == 0)
        title = nl_after_app_to(reading);
    for (size_t i = 0; i < reading->tokens.count && title.count == 0; i++)
        if (nl_token_at(reading, i)->kind == LANG_WORD)
            title = title_at(reading, i);
    for (size_t i = 0; i < reading->tokens.count && title.count == 0; i++)
        if (nl_token_at(reading, i)->kind == LANG_WORD)
            title = managed_at(reading, i);
    if (title.count == 0)
        title = nl_after_for(reading);
    if (title.count == 0)
        title = first_words(reading, NO_TITLE);
    title = object_of_act(reading, title);
    return title.count > 0 ? title : first_words(reading, LANG_APP); /* "journal" */
}
