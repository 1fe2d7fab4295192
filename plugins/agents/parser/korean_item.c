/* SPDX-License-Identifier: Apache-2.0 */
/*
 * korean_item: noun phrases of Korean: words without particles up to one with a particle, which
 * says what the phrase is for in its clause. "마지막 물 준 날짜", "분류(식비, 교통, 주거)를",
 * "난이도 1~5".
 */
#include "korean.h"

#include <string.h>

#define STOPS                                                                                      \
    (LANG_AND | LANG_OR | LANG_NEGATION | LANG_EACH | LANG_BREAK | LANG_WITH | LANG_QUESTION)
#define TRIMMED                                                                                    \
    (LANG_FILLER | LANG_MANY | LANG_OPTIONAL | LANG_REQUIRED | LANG_NUMBER_WORD | LANG_PRONOUN |   \
     LANG_PERSON)

/* "앱", "웹사이트": ends the phrase that names the app. */
static bool is_app_end(const struct pa_reading *reading, size_t at)
{
    return pa_is(reading, at, LANG_APP) && !pa_is(reading, at, LANG_SYSTEM);
}

/* "돌려 읽어요", "보러 다니는": how something is done, a verb that no list knows in front of one.
 */
static bool is_adverbial(const struct pa_reading *reading, size_t at)
{
    static const char *const ends[] = { "러", "려", "켜", "겨", "쳐", "워" };
    const struct lang_token *token = pa_token(reading, at);
    const struct lang_token *verb = pa_token(reading, at + 1);

    if (token->tags != 0 || token->particle != LANG_CASE_NONE || token->length < 6 ||
        !verb->is_hangul ||
        (verb->ending == LANG_END_NONE && verb->particle != LANG_CASE_IS &&
         (verb->tags & LANG_ADNOMINAL) == 0))
        return false;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (memcmp(token->text + token->length - 3, ends[i], 3) == 0)
            return true;
    return false;
}

/* "읽어요", "읽습니다": the end of a sentence, of a verb that no list knows; "다니는 중이라". */
static bool is_verb_form(const struct pa_reading *reading, size_t at)
{
    static const char *const ends[] = { "어요", "아요", "워요", "와요", "려요", "겨요", "습니다" };
    const struct lang_token *token = pa_token(reading, at);

    if ((token->tags & LANG_ADNOMINAL) != 0 && pa_is(reading, at + 1, LANG_BREAK))
        return true;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]) && token->tags == 0; i++) {
        size_t n = strlen(ends[i]);

        if (token->length > n && memcmp(token->text + token->length - n, ends[i], n) == 0)
            return true;
    }
    return false;
}

/* A word that may be part of a noun phrase. Verb forms before nouns are, when the lists know them
 * as such. */
static bool is_content(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    if (token->kind == LANG_PUNCT || token->is_used || token->is_negated ||
        pa_is_korean_verb(reading, at) || pa_is_whether(reading, at))
        return false;
    if (token->is_hangul && ((token->tags & LANG_QUESTION) != 0 || is_adverbial(reading, at) ||
                             is_verb_form(reading, at)))
        return false;
    if (!token->is_hangul && token->kind == LANG_WORD)
        return (token->tags &
                (LANG_AND | LANG_OR | LANG_WITH | LANG_NEGATION | LANG_PREPOSITION)) == 0;
    return (token->tags & STOPS) == 0 || (token->tags & (LANG_KIND | LANG_APP | LANG_KNOWN)) != 0;
}

/* "약 먹는 시간": a verb between a bare noun and the noun it describes. */
bool pa_is_inner_verb(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    return at > 0 && token->ending == LANG_END_ADNOMINAL && !token->is_used &&
           (token->tags & (LANG_VERB | LANG_HAS | LANG_MANAGE | LANG_CREATE | LANG_RELATE)) ==
               LANG_VERB &&
           token->length > 3 && strcmp(token->text + token->length - 3, "는") == 0 &&
           is_content(reading, at - 1) && pa_token(reading, at - 1)->particle == LANG_CASE_NONE &&
           is_content(reading, at + 1) && !pa_is(reading, at + 1, LANG_APP | LANG_FILLER);
}

/* A phrase of several words that the types know: "하고 싶은 말", "좋은 점". */
static size_t known_phrase_end(const struct pa_reading *reading, size_t at, size_t end)
{
    size_t count = 0;

    if (pa_token(reading, at)->is_used || pa_token(reading, at)->is_negated ||
        lang_find(reading->rules->lexicon, &reading->rules->type_words, &reading->tokens, at, end,
                  &count) == NULL)
        return at;
    for (size_t i = at; i < at + count; i++)
        if (pa_is_mark(reading, i, '/'))
            return at; /* "상품/재고" are two */
    return count > 1 ? at + count : at;
}

static void read_flags(const struct pa_reading *reading, struct pa_item *item, size_t at)
{
    item->is_many = item->is_many || pa_is(reading, at, LANG_MANY);
    item->is_optional = item->is_optional || pa_is(reading, at, LANG_OPTIONAL);
    item->is_required = item->is_required || pa_is(reading, at, LANG_REQUIRED);
}

/* "친구들이랑 돈 빌려주고": with whom, no part of a list. */
static bool is_company(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);
    const char *with = "랑";
    size_t n = strlen(with);

    return (token->tags & LANG_PERSON) != 0 && token->particle == LANG_CASE_AND &&
           token->length > n && memcmp(token->text + token->length - n, with, n) == 0 &&
           is_content(reading, at + 1);
}

/* "대여 앱. 사용자, 장비": a piece of a list, and nobody's audience. */
static bool is_alone(const struct pa_reading *reading, size_t at)
{
    return pa_is(reading, at, LANG_PERSON) && pa_is_mark(reading, at + 1, ',') && at > 0 &&
           pa_token(reading, at - 1)->kind == LANG_PUNCT;
}

static size_t skip_front(const struct pa_reading *reading, struct pa_item *item, size_t at,
                         size_t end)
{
    while (at < end && pa_is(reading, at, TRIMMED) && !pa_is(reading, at, LANG_KIND | LANG_APP) &&
           (pa_token(reading, at)->particle == LANG_CASE_NONE || is_company(reading, at)) &&
           !is_alone(reading, at) && known_phrase_end(reading, at, end) == at) {
        read_flags(reading, item, at);
        at++;
    }
    return at;
}

/* "시간당", "인당" */
static bool is_per(const struct lang_token *token)
{
    const char *per = "당";
    size_t n = strlen(per);

    return token->length > n && memcmp(token->text + token->length - n, per, n) == 0;
}

/* "역까지 거리": such particles go on inside a phrase when a noun follows. */
static bool ends_phrase(const struct pa_reading *reading, size_t at)
{
    enum lang_case particle = pa_token(reading, at)->particle;

    if ((particle == LANG_CASE_UNTIL || particle == LANG_CASE_FROM) && is_content(reading, at + 1))
        return false;
    if (particle == LANG_CASE_EACH && is_per(pa_token(reading, at)) && is_content(reading, at + 1))
        return false; /* "시간당 단가" */
    return particle != LANG_CASE_NONE && particle != LANG_CASE_POSSESSIVE;
}

/* Whether "책의" is an owner of what follows, not part of its name as "물의" in "물의 양". */
static bool is_owner(const struct pa_reading *reading, size_t first, size_t at)
{
    struct lang_frame_match match;

    if (pa_token(reading, at)->particle != LANG_CASE_POSSESSIVE)
        return false;
    if (first > 0 && pa_is(reading, first - 1, LANG_EACH))
        return true;
    return lang_frame_in(reading->rules->lexicon, &reading->tokens, first, at + 1 - first,
                         &match) &&
           match.is_named && match.frame->is_thing;
}

/* "수입/지출": known as one thing. */
static bool is_known_pair(const struct pa_reading *reading, size_t at)
{
    struct lang_frame_match match;

    return at > 0 && pa_is_mark(reading, at, '/') && at + 1 < reading->tokens.count &&
           lang_frame_in(reading->rules->lexicon, &reading->tokens, at - 1, 3, &match) &&
           match.first == at - 1 && match.count == 3;
}

static bool is_glue(const struct pa_reading *reading, size_t at)
{
    return (pa_is_mark(reading, at, '-') || pa_is_mark(reading, at, '&') ||
            is_known_pair(reading, at)) &&
           pa_token(reading, at)->is_glued && pa_token(reading, at + 1)->is_glued &&
           is_content(reading, at + 1);
}

/* The token after the words of the phrase; *ret_particle says how the last one ends. */
static size_t content_end(const struct pa_reading *reading, size_t at, size_t end,
                          enum lang_case *ret_particle)
{
    size_t first = at;

    *ret_particle = LANG_CASE_NONE;
    if (end > first + LANG_SENTENCE)
        end = first + LANG_SENTENCE; /* nobody's noun is longer */
    while (at < end) {
        size_t known = known_phrase_end(reading, at, end);
        const struct lang_token *token;

        if (known > at)
            at = known - 1;
        else if (!is_content(reading, at) &&
                 !(at > first && (is_glue(reading, at) || pa_is_inner_verb(reading, at))))
            break;
        if (at > first && first == 0 && pa_is(reading, at - 1, LANG_GROUP) &&
            is_content(reading, at))
            break; /* "선물 리스트 받는 사람, 예산": the request's first words end at the kind */
        if (at > first && (pa_is_mark(reading, at + 1, '~') || pa_is_mark(reading, at + 1, '-')) &&
            pa_token(reading, at)->kind == LANG_NUMBER)
            break;
        if (at > first && pa_token(reading, at)->kind == LANG_NUMBER &&
            (pa_is_word(reading, at + 2, "만점") ||
             pa_token(reading, at + 1)->particle != LANG_CASE_NONE ||
             pa_is_word(reading, at + 1, "부터")))
            break;
        if (at > first && pa_is_bound(reading, at, end))
            break;
        token = pa_token(reading, at++);
        if (is_app_end(reading, at - 1) || ends_phrase(reading, at - 1) ||
            is_owner(reading, first, at - 1)) {
            *ret_particle = token->particle;
            break;
        }
    }
    return at;
}

/* A particle that stands behind a parenthesis or a number. */
static size_t read_lone_particle(const struct pa_reading *reading, struct pa_item *item, size_t at,
                                 size_t end)
{
    const struct lang_token *token = pa_token(reading, at);
    enum lang_case particle;

    if (at >= end || !token->is_glued || !token->is_hangul)
        return at;
    particle = lang_particle(reading->rules->lexicon, token->text, token->length);
    if (particle == LANG_CASE_NONE)
        return at;
    item->particle = particle;
    return at + 1;
}

static size_t read_behind(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    size_t after = at;

    if (item->particle != LANG_CASE_NONE)
        return at;
    if (at < end && pa_is_mark(reading, at, '('))
        after = pa_read_parentheses(reading, item, at, end);
    else {
        after = pa_read_range(reading, item, at, end);
        if (after == at)
            after = pa_read_bound(reading, item, at, end);
        if (after > at && pa_token(reading, after - 1)->is_hangul)
            item->particle = pa_token(reading, after - 1)->particle;
    }
    if (after > at)
        after = read_lone_particle(reading, item, after, end);
    return after;
}

static bool is_exact_type(const struct pa_reading *reading, size_t at, size_t end)
{
    size_t count = 0;
    const struct pa_type *type;

    if (lang_find(reading->rules->lexicon, &reading->rules->type_words, &reading->tokens, at, end,
                  &count) != NULL &&
        at + count == end)
        return true;
    type = pa_type_of(reading->rules, &reading->tokens, at, end);
    return type != NULL && end == at + 1 && pa_token(reading, at)->is_hangul &&
           pa_token(reading, at)->stem.length >= 9 &&
           (strcmp(type->type, "date") == 0 || strcmp(type->type, "money") == 0); /* "매수일" */
}

/* "회원 이름/생년월일/전화번호": most pieces between slashes name fields. */
static bool are_fields(const struct pa_reading *reading, size_t first, size_t end)
{
    size_t fields = 0;
    size_t count = 0;

    for (size_t i = first; i < end; i += 2, count++)
        fields += is_exact_type(reading, i, i + 1);
    return 2 * fields > count;
}

/* "우선순위 높음/중간/낮음": slashes list options. */
static size_t read_slashes(struct pa_reading *reading, struct pa_item *item, size_t end)
{
    size_t first = item->end - 1;
    size_t at = item->end;

    if (!pa_is_mark(reading, at, '/') || !pa_token(reading, at)->is_glued ||
        item->end <= item->first + 1)
        return at;
    while (at + 1 < end && pa_is_mark(reading, at, '/') && is_content(reading, at + 1))
        at += 2;
    if (are_fields(reading, first, at))
        return item->end;
    for (size_t i = first; i < at; i += 2)
        pa_add_option(reading, item, i, i + 1);
    item->end = item->head_end = first;
    item->particle = pa_token(reading, at - 1)->particle;
    return at;
}

/* "수입/지출 구분": options in front of the noun they are of; where the noun is, or `at`. */
static size_t after_options(const struct pa_reading *reading, size_t at, size_t end)
{
    const struct pa_type *type;
    size_t noun = at;

    if (end > at + LANG_SENTENCE)
        end = at + LANG_SENTENCE;
    while (noun + 1 < end && is_content(reading, noun) &&
           pa_token(reading, noun)->particle == LANG_CASE_NONE &&
           pa_is_mark(reading, noun + 1, '/') && pa_token(reading, noun + 1)->is_glued)
        noun += 2;
    if (noun == at || noun + 1 >= end || pa_token(reading, noun)->particle != LANG_CASE_NONE ||
        pa_token(reading, noun + 1)->kind != LANG_WORD)
        return at;
    type = pa_type_of(reading->rules, &reading->tokens, noun + 1, noun + 2);
    return type != NULL && strcmp(type->type, "choice") == 0 ? noun + 1 : at;
}

/* "이름 위치 가격 별점": a list without commas, when each word is a field's: the end of its first,
 * else `end`. */
static size_t first_of_row(const struct pa_reading *reading, size_t first, size_t end,
                           bool is_in_row)
{
    size_t exact = 0;
    size_t at = first;

    for (size_t i = first; i < end; i++)
        exact += pa_token(reading, i)->kind == LANG_WORD && is_exact_type(reading, i, i + 1);
    if (is_in_row && end == first + 2 && is_exact_type(reading, first, first + 1))
        return first + 1;
    if (exact < (is_in_row ? 2 : 3) || (end - first) > 2 * exact)
        return end;
    while (at + 1 < end && !is_exact_type(reading, at, at + 1))
        at++;
    return at + 1;
}

/* "한 명", "두 마리": so many, and no noun of its own. */
static bool is_count(const struct pa_reading *reading, size_t start, size_t at, size_t end)
{
    return at == start + 1 && end == at + 1 && pa_is(reading, start, LANG_NUMBER_WORD) &&
           pa_token(reading, at)->stem.length <= 6 &&
           pa_token(reading, at)->particle == LANG_CASE_NONE && pa_is(reading, end, LANG_HAS) &&
           pa_token(reading, end)->is_hangul;
}

static size_t read_item(struct pa_reading *reading, size_t at, size_t end, bool *ret_in_row)
{
    struct pa_item *item = pa_new_item(reading);
    size_t start = at;
    size_t after;

    if (item == NULL)
        return at;
    item->from_first = at;
    at = skip_front(reading, item, at, end);
    after = after_options(reading, at, end);
    for (size_t i = at; i < after; i += 2)
        pa_add_option(reading, item, i, i + 1);
    at = after;
    after = content_end(reading, at, end, &item->particle);
    if (after == at) {
        reading->item_count--;
        return start;
    }
    if (is_count(reading, start, at, after)) {
        reading->item_count--;
        return after; /* "강사가 한 명 있고" */
    }
    *ret_in_row = first_of_row(reading, at, after, *ret_in_row) < after;
    if (*ret_in_row) {
        after = first_of_row(reading, at, after, true);
        item->particle = LANG_CASE_AND; /* the row goes on */
    }
    item->first = item->head_first = at;
    item->end = ko_trim_end(reading, at, ko_trim_count(reading, item, at, after));
    item->end = ko_trim_unit(reading, item, at, item->end);
    item->head_end = item->end;
    pa_drop_upload(reading, item);
    item->is_each = start > 0 && pa_is(reading, start - 1, LANG_EACH);
    item->is_counted = ko_is_some_of_many(reading, item);
    if (item->end == after && item->particle == LANG_CASE_NONE)
        after = read_slashes(reading, item, end);
    after = read_behind(reading, item, after, end);
    item->from_end = after;
    while (item->from_end > item->end &&
           pa_token(reading, item->from_end - 1)->kind != LANG_NUMBER &&
           !pa_is_mark(reading, item->from_end - 1, ')'))
        item->from_end--;
    return after;
}

static bool separates(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    if (token->kind == LANG_PUNCT)
        return token->punct == ',' || token->punct == '/' || token->punct == '+' ||
               token->punct == '&' || token->punct == '|' ||
               (token->punct == '-' && pa_token(reading, at + 1)->is_glued);
    return token->is_hangul && (token->tags & (LANG_AND | LANG_OR)) != 0;
}

static bool is_skipped(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    return token->kind != LANG_PUNCT && (token->is_used || token->is_negated) &&
           !pa_is_korean_verb(reading, at);
}

/* The item names the app: "독서 기록 앱", or "후기 모음 사이트" before a comma. */
static bool is_app_item(const struct pa_reading *reading, const struct pa_item *item, size_t after)
{
    return is_app_end(reading, item->end - 1) ||
           (pa_is(reading, item->end - 1, LANG_APP) && item->end > item->first + 1 &&
            pa_is_mark(reading, after, ','));
}

/* "마인드맵 보기", "발음 듣기": a way to look at it that nobody has a list of, at the end of a
 * piece; the token after it, or `at`. */
static size_t read_view(struct pa_reading *reading, size_t at, size_t end)
{
    struct pa_item *item = &reading->items[reading->item_count - 1];

    if (at >= end || (!pa_is_word(reading, at, "보기") && !pa_is_word(reading, at, "듣기")) ||
        (at + 1 < end && pa_token(reading, at + 1)->kind != LANG_PUNCT) || item->end != at ||
        item->particle != LANG_CASE_NONE ||
        pa_type_of(reading->rules, &reading->tokens, item->first, at) != NULL)
        return at;
    item->end = item->head_end = item->from_end = at + 1;
    item->act = PA_ACT_VERB;
    return at + 1;
}

size_t pa_korean_list(struct pa_reading *reading, size_t at, size_t end)
{
    bool is_in_row = false;

    while (at < end) {
        size_t next = read_item(reading, at, end, &is_in_row);
        bool is_read = next > at;
        enum lang_case particle =
            is_read ? reading->items[reading->item_count - 1].particle : LANG_CASE_NONE;

        while (!is_read && next < end && is_skipped(reading, next))
            particle = pa_token(reading, next++)->particle;
        if (!is_read &&
            particle == LANG_CASE_TO) /* "지도에 경로 표시": what is done there is no field */
            while (next < end && is_content(reading, next))
                next++;
        at = is_read ? read_view(reading, next, end) : next;
        next = at;
        if (is_read && is_app_item(reading, &reading->items[reading->item_count - 1], at))
            return at;
        if (particle != LANG_CASE_NONE && particle != LANG_CASE_AND && particle != LANG_CASE_ALSO)
            return at;
        while (next < end && separates(reading, next))
            next++;
        if ((next == at && particle != LANG_CASE_AND && particle != LANG_CASE_ALSO) || next == end)
            return at;
        if (pa_is_korean_verb(reading, next) || pa_is(reading, next, LANG_EACH | LANG_BREAK) ||
            (pa_is(reading, next, LANG_WITH) && !pa_is(reading, next + 1, LANG_ADNOMINAL)))
            return at; /* but "같이 간 사람" */
        at = next;
    }
    return at;
}
