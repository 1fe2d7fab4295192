/* SPDX-License-Identifier: Apache-2.0 */
/*
 * title_place: titles by where they stand in the request: in front of a colon or of the app's
 * parts, behind "로그인이 있는", "I run a", "an app for".
 */
#include "title.h"

#include <string.h>

/* "소설가를 위한 캐릭터 설정집": the token after those who it is for; 0: it does not begin so, or
 * has no other name ("동호회를 위한 앱"). */
static size_t after_audience(const struct nl_reading *reading)
{
    for (size_t at = 1; at < TITLE_WORDS && at + 1 < reading->tokens.count; at++)
        if (strcmp(nl_token_at(reading, at)->text, "위한") == 0 &&
            nl_token_at(reading, at - 1)->particle == LANG_CASE_OBJECT)
            return (nl_token_at(reading, at + 1)->tags & LANG_APP) == 0 ? at + 1 : 0;
    return 0;
}

/* ":" or a dash between blanks. */
static bool is_colon(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *mark = nl_token_at(reading, at);
    const struct lang_token *next = nl_token_at(reading, at + 1);

    return mark != NULL && mark->kind == LANG_PUNCT &&
           (mark->punct == ':' ||
            (mark->punct == '-' && !mark->is_glued && next != NULL && !next->is_glued));
}

/* "가계부: 날짜, 금액": words in front of a colon name the app. */
struct nl_title nl_before_colon(const struct nl_reading *reading)
{
    size_t first = after_audience(reading);
    size_t end;

    while (first < reading->tokens.count &&
           ((nl_token_at(reading, first)->tags & (LANG_FILLER | LANG_DETERMINER)) != 0 ||
            (first == 0 && strcmp(nl_token_at(reading, first)->text, "for") == 0)))
        first++;
    if (nl_token_at(reading, first) == NULL || nl_is_verb(reading, first))
        return nl_make_title(reading, 0, 0, 0);
    end = nl_run_end(reading, first);
    if (!is_colon(reading, end))
        return nl_make_title(reading, 0, 0, 0);
    while (end > first + 1 && (nl_token_at(reading, end - 1)->tags & LANG_APP) != 0)
        end--;
    return nl_make_title(reading, first, end, end);
}

static bool has_kind(const struct nl_reading *reading, size_t first, size_t end)
{
    for (size_t at = first; at < end; at++)
        if ((nl_token_at(reading, at)->tags & (LANG_APP | LANG_KIND)) != 0)
            return true;
    return false;
}

/* "with", "has", "for my friends", "(name, email)" */
static bool is_title_end(const struct lang_token *token)
{
    return (token->tags & (LANG_WITH | LANG_HAS)) != 0 || strcmp(token->text, "for") == 0 ||
           strcmp(token->text, "where") == 0 || (token->kind == LANG_PUNCT && token->punct == '(');
}

/* "log of wildlife with species" is about wildlife: the token after the "of", or `at`. */
static size_t after_group_of(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *of = nl_token_at(reading, at + 1);

    return of != NULL && (nl_token_at(reading, at)->tags & LANG_GROUP) != 0 &&
                   strcmp(of->text, "of") == 0 && nl_token_at(reading, at + 2) != NULL
               ? at + 2
               : at;
}

/* "a blog with posts, comments and a text editor": the noun in front of the parts names the app;
 * a word for "app" behind it is a part. */
struct nl_title nl_before_with(const struct nl_reading *reading)
{
    const struct lang_token *token;
    size_t first = 0;
    size_t end;

    while ((token = nl_token_at(reading, first)) != NULL && !token->is_hangul &&
           (token->tags & (LANG_FILLER | LANG_DETERMINER | LANG_CREATE | LANG_PRONOUN | LANG_MODAL |
                           LANG_PERSON)) != 0)
        first++;
    if (token == NULL || token->is_hangul || nl_is_verb(reading, first))
        return nl_make_title(reading, 0, 0, 0);
    first = after_group_of(reading, first);
    end = nl_run_end(reading, first);
    token = nl_token_at(reading, end);
    if (end == first || token == NULL || !is_title_end(token) || has_kind(reading, first, end))
        return nl_make_title(reading, 0, 0, 0);
    return nl_make_title(reading, first, end, end);
}

/* "있는", "없는", "검색이 되는": what is in front of it is a part of the noun behind it. */
static bool is_having(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *token = nl_token_at(reading, at);

    if (!token->is_hangul || at == 0 || (token->tags & (LANG_MANAGE | LANG_CREATE)) != 0)
        return false;
    if ((token->tags & LANG_NEGATION) != 0)
        return strcmp(token->text, "없는") == 0;
    return token->ending == LANG_END_ADNOMINAL &&
           ((token->tags & LANG_HAS) != 0 ||
            nl_token_at(reading, at - 1)->particle == LANG_CASE_SUBJECT);
}

/* "로그인과 다크 모드가 있는 메모장", "광고 없는 일기장": the noun behind its parts names the app,
 * when nothing follows it. */
struct nl_title nl_after_having(const struct nl_reading *reading)
{
    struct lang_frame_match match;

    for (size_t at = 0; at < reading->tokens.count; at++) {
        const struct lang_token *after;
        size_t end;

        if (!is_having(reading, at))
            continue;
        end = nl_run_end(reading, at + 1);
        after = nl_token_at(reading, end);
        if (end == at + 1 || (nl_token_at(reading, end - 1)->tags & LANG_APP) != 0 ||
            nl_token_at(reading, end - 1)->particle != LANG_CASE_NONE ||
            (after != NULL && after->kind != LANG_PUNCT) ||
            !lang_frame_in(reading->rules->lexicon, &reading->tokens, at + 1, end - at - 1, &match))
            return nl_make_title(reading, 0, 0, 0);
        return nl_make_title(reading, at + 1, end, end);
    }
    return nl_make_title(reading, 0, 0, 0);
}

/* "an app to plan meals and make a shopping list" is about meals. */
struct nl_title nl_after_app_to(const struct nl_reading *reading)
{
    for (size_t at = 0; at + 2 < reading->tokens.count; at++) {
        const struct lang_token *token = nl_token_at(reading, at);

        if ((token->tags & (LANG_APP | LANG_KIND)) != 0 &&
            strcmp(nl_token_at(reading, at + 1)->text, "to") != 0)
            return nl_make_title(reading, 0, 0, 0);
        if ((token->tags & LANG_APP) != 0 &&
            (nl_token_at(reading, at + 2)->tags & (LANG_MANAGE | LANG_KIND)) == LANG_MANAGE)
            return nl_run_start(reading, at) == at ? nl_noun_after(reading, at + 3)
                                                   : nl_make_title(reading, 0, 0, 0);
    }
    return nl_make_title(reading, 0, 0, 0);
}

/* An app "for" something, when nothing else names it. */
struct nl_title nl_after_for(const struct nl_reading *reading)
{
    struct nl_title title = nl_make_title(reading, 0, 0, 0);

    for (size_t i = 0; i + 1 < reading->tokens.count && title.count == 0; i++) {
        const struct lang_token *token = nl_token_at(reading, i);

        if (strcmp(token->text, "for") == 0 || strcmp(token->text, "about") == 0)
            title = nl_noun_after(reading, i + 1);
    }
    return title;
}

/* "I run a dog grooming salon and need to manage clients": the app is the salon's. */
struct nl_title nl_after_owning(const struct nl_reading *reading)
{
    const struct lang_token *who = nl_token_at(reading, 0);
    const struct lang_token *verb = nl_token_at(reading, 1);
    const struct lang_token *article = nl_token_at(reading, 2);
    size_t at = 3;
    size_t end;

    if (article == NULL || (strcmp(who->text, "i") != 0 && strcmp(who->text, "we") != 0) ||
        (verb->tags & LANG_OWNS) == 0 || (article->tags & LANG_DETERMINER) == 0)
        return nl_make_title(reading, 0, 0, 0);
    while (at < reading->tokens.count && (nl_token_at(reading, at)->tags & LANG_FILLER) != 0)
        at++;
    end = nl_run_end(reading, at);
    return nl_make_title(reading, at, end, end);
}

/* "For every wine I want to store" is about wine, "each order has a date" about orders. */
struct nl_title nl_after_each(const struct nl_reading *reading)
{
    const struct lang_token *first = nl_token_at(reading, 0);
    size_t each = first != NULL && strcmp(first->text, "for") == 0 ? 1 : 0;
    const struct lang_token *token = nl_token_at(reading, each);

    if (token == NULL || token->is_hangul || (token->tags & LANG_EACH) == 0)
        return nl_make_title(reading, 0, 0, 0);
    return nl_noun_after(reading, each + 1);
}

bool nl_is_kept_person(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *token = nl_token_at(reading, at);
    const struct lang_token *next = nl_token_at(reading, at + 1);
    struct lang_frame_match match;

    return token != NULL && next != NULL && (token->tags & LANG_PERSON) != 0 &&
           (token->particle == LANG_CASE_AND ||
            (!token->is_hangul && (next->tags & LANG_AND) != 0 &&
             strcmp(token->text, token->lemma) != 0)) &&
           lang_frame_in(reading->rules->lexicon, &reading->tokens, at, 1, &match) &&
           match.is_named && strcmp(match.frame->name, "user") == 0;
}

bool nl_is_recorded_people(const struct nl_reading *reading, size_t at)
{
    const struct lang_token *token = nl_token_at(reading, at);
    const struct lang_token *next = nl_token_at(reading, at + 1);

    return token != NULL && next != NULL && (token->tags & LANG_PERSON) != 0 &&
           strcmp(token->text, token->lemma) != 0 && (next->tags & LANG_WITH) != 0;
}
