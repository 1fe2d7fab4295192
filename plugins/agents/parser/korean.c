/* SPDX-License-Identifier: Apache-2.0 */
/*
 * korean: clauses of Korean. The verb comes last, so noun phrases are gathered in groups by their
 * particles until a verb, or the end of the sentence, says what they are to each other.
 */
#include "korean.h"

#include <string.h>

/* The noun that parts waited for: "이름이 있는 회원", "검색이 되는 메모 앱". */
static void give_parts(struct ko_reader *reader, const struct ko_group *group)
{
    if (reader->parts_count == 0)
        return;
    reader->owner = ko_owner_of(reader, group);
    pa_say_of(reader->reading, PA_HAS, reader->owner, reader->parts_first, reader->parts_count);
    reader->parts_count = 0;
}

/* "이름과 유통기한 관리": the last field of a list is no management. */
static void drop_kind(struct ko_reader *reader, struct pa_item *item)
{
    while (item->end > item->first + 1 && ko_ends_in(reader, item, LANG_KIND | LANG_APP) &&
           (!ko_ends_in(reader, item, LANG_SYSTEM) ||
            pa_is(reader->reading, item->end - 2, LANG_KIND))) /* "관리 프로그램" */
        item->end--;
    item->head_end = item->end;
}

/* "투표 결과 남겨두는 게시판", at the end of a sentence: the app itself. */
static bool is_kind_behind_verb(const struct ko_reader *reader, const struct pa_item *item)
{
    const struct pa_reading *reading = reader->reading;

    return item->end == item->first + 1 && item->first > 0 && reading->statement_count > 0 &&
           pa_is(reading, item->first, LANG_KIND) &&
           pa_token(reading, item->first - 1)->ending == LANG_END_ADNOMINAL &&
           item->particle == LANG_CASE_NONE &&
           (item->end >= reader->end || pa_token(reading, item->end)->kind == LANG_PUNCT);
}

/* "독서 기록 앱", "회원 관리, 책 관리": true when the group is said and done with. */
static bool take_app(struct ko_reader *reader, struct ko_group *group)
{
    const struct pa_item *last = ko_item(reader, group->first + group->count - 1);
    const struct pa_item *head = ko_item(reader, group->first);
    bool is_app = ko_ends_in(reader, last, LANG_APP);

    if (!reader->has_topic && group->count > 1 && ko_ends_in(reader, head, LANG_KIND) &&
        head->end > head->first + 1 && !ko_ends_in(reader, last, LANG_KIND | LANG_APP) &&
        head->particle == LANG_CASE_NONE) {
        pa_say_of(reader->reading, PA_TOPIC, PA_NONE, group->first,
                  1); /* "글감 메모장, 제목, 내용" */
        reader->has_topic = true;
        group->first++;
        group->count--;
        return false;
    }
    if (!is_app && group->count == 1 && is_kind_behind_verb(reader, last)) {
        reader->group_count = 0;
        return true;
    }
    if (!is_app && (!(ko_ends_in(reader, last, LANG_KIND) && last->end > last->first + 1) ||
                    (last->particle == LANG_CASE_TOPIC && reader->has_topic)))
        return false; /* "후원 내역엔 금액, 날짜": a subject */
    if (ko_is_bare_app(reader, last) && group->count == 1) {
        if (reader->group_count > 0 && !reader->has_topic) /* "동호회를 위한 앱" */
            ko_say_topic(reader, &reader->groups[reader->group_count - 1]);
        else if (reader->passed.count > 0 && !reader->has_topic)
            ko_say_topic(reader, &reader->passed);
        reader->group_count = 0;
        return true;
    }
    if (group->count > 1 &&
        (ko_item(reader, group->first + group->count - 2)->particle == LANG_CASE_AND ||
         pa_is_mark(reader->reading, last->first - 1, '/')))
        drop_kind(reader, ko_item(reader, group->first + group->count - 1));
    if (!is_app && group->count == 1 && ko_say_each_of(reader, group))
        return true; /* "학생별로 수업 기록도" */
    if (group->count > 1 || (reader->has_topic && !is_app))
        pa_say_of(reader->reading, PA_MANAGE, PA_NONE, group->first, group->count);
    else
        ko_say_topic(reader, group);
    return true;
}

static void add_group(struct ko_reader *reader, struct ko_group group)
{
    if (reader->group_count < KO_GROUPS)
        reader->groups[reader->group_count++] = group;
}

/* "도서관처럼": what the app is to be like is no part of it. */
static bool is_likeness(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct lang_token *last = pa_token(reading, item->end - 1);
    const char *like = "처럼";
    size_t n = strlen(like);

    return item->particle == LANG_CASE_TO && last->length > n &&
           memcmp(last->text + last->length - n, like, n) == 0;
}

static bool has_subject(const struct ko_reader *reader)
{
    for (size_t i = 0; i < reader->group_count; i++)
        if (reader->groups[i].particle == LANG_CASE_TOPIC)
            return true;
    return false;
}

/* "과외 선생님인데": who asks. */
static bool is_somebody(const struct ko_reader *reader, const struct pa_item *item)
{
    struct lang_frame_match match;

    return lang_frame_in(reader->reading->rules->lexicon, &reader->reading->tokens, item->first,
                         item->end - item->first, &match) &&
           match.is_head && match.frame->is_people;
}

/* "원고는 제목, 분량, 마감일이고 회원은": what it consists of. */
static void end_copula(struct ko_reader *reader)
{
    struct ko_group *last = &reader->groups[reader->group_count - 1];

    if (last->particle == LANG_CASE_IS && last->count == 1 && reader->group_count == 1 &&
        reader->reading->statement_count == 0 && !reader->has_topic && reader->at < reader->end) {
        if (!is_somebody(reader, ko_item(reader, last->first)))
            ko_say_topic(reader, last); /* "자전거 대여점인데 고객이": whose app it is */
        reader->group_count = 0;
        return;
    }
    if (last->particle != LANG_CASE_IS || last->count < 2)
        return;
    last->particle = LANG_CASE_NONE;
    if (reader->group_count < 2 || reader->at >= reader->end || !has_subject(reader))
        return;
    ko_say_has(reader, LANG_END_NONE);
    reader->group_count = 0;
}

static void read_group(struct ko_reader *reader)
{
    struct pa_reading *reading = reader->reading;
    struct ko_group group = { .first = reading->item_count };

    reader->at = pa_korean_list(reading, reader->at, reader->end);
    group.count = reading->item_count - group.first;
    if (group.count == 0)
        return;
    group.particle = ko_item(reader, reading->item_count - 1)->particle;
    if (is_likeness(reading, ko_item(reader, reading->item_count - 1)))
        return;
    group.is_each = ko_item(reader, group.first)->is_each;
    group.is_with = group.particle == LANG_CASE_AND && pa_is(reading, reader->at, LANG_WITH);
    if (group.is_each && group.particle == LANG_CASE_NONE && group.count > 1)
        group.is_each = false;
    give_parts(reader, &group);
    for (size_t i = group.first; i < group.first + group.count; i++)
        if (pa_item_declares(reading, ko_item(reader, i)) ||
            (ko_item(reader, i)->is_upload && group.count == 1))
            pa_say_of(reading, PA_LIST, reader->owner, i, 1); /* whatever the clause says */
    if (take_app(reader, &group))
        return;
    if (group.count > 1 && group.particle == LANG_CASE_TOPIC && has_subject(reader)) {
        struct ko_group before = group; /* "밭은 번호와 넓이, 작물은 이름" */

        before.count--;
        before.particle = LANG_CASE_NONE;
        add_group(reader, before);
        ko_say_has(reader, LANG_END_NONE);
        reader->group_count = 0;
        group.first += before.count;
        group.count = 1;
    }
    if (group.count > 1 &&
        (group.particle == LANG_CASE_EACH || group.particle == LANG_CASE_TO ||
         group.particle == LANG_CASE_POSSESSIVE)) { /* only the last has that particle */
        struct ko_group before = group;

        before.count--;
        before.particle = LANG_CASE_NONE;
        group.first += before.count;
        group.count = 1;
        add_group(reader, before);
    }
    add_group(reader, group);
    end_copula(reader);
}

/* "품목(이름), 품목은 창고에", "도서관: 책은 저자에게": what the next clause is about is no part of
 * the list. */
static void keep_subject(struct ko_reader *reader, size_t first)
{
    size_t count = reader->reading->item_count - first;
    struct pa_item *last;

    if (count > 0 && reader->at < reader->end &&
        ko_item(reader, first + count - 1)->end == reader->at &&
        pa_is_whether(reader->reading, reader->at))
        count--; /* "금액, 계산서 발행했는지": of the question */
    last = count > 0 ? ko_item(reader, first + count - 1) : NULL;
    if (last != NULL && reader->at < reader->end &&
        (last->particle == LANG_CASE_TOPIC ||
         (count == 1 && last->particle == LANG_CASE_SUBJECT))) {
        count--;
        add_group(reader, (struct ko_group){ .first = first + count,
                                             .count = 1,
                                             .particle = last->particle,
                                             .is_each = last->is_each });
    }
    pa_say_of(reader->reading, PA_HAS, reader->owner, first, count);
}

/* "가계부:", "필드:": what comes before a list. */
static void read_colon(struct ko_reader *reader)
{
    const struct ko_group *group =
        reader->group_count > 0 ? &reader->groups[reader->group_count - 1] : NULL;

    reader->at++;
    if (group == NULL)
        return;
    if (!ko_is_list_title(reader, ko_item(reader, group->first + group->count - 1))) {
        if (!reader->has_topic && reader->reading->statement_count == 0)
            ko_say_topic(reader, group);
        else
            reader->owner = ko_owner_of(reader, group);
    }
    reader->group_count = 0;
    if (reader->at < reader->end && !pa_is_korean_verb(reader->reading, reader->at)) {
        size_t first = reader->reading->item_count;

        reader->at = pa_korean_list(reader->reading, reader->at, reader->end);
        keep_subject(reader, first);
    }
}

void ko_say_groups_before(struct ko_reader *reader, size_t end)
{
    for (size_t i = 0; i < reader->group_count; i++) {
        struct ko_group *group = &reader->groups[i];

        while (group->count > 0 && ko_item(reader, group->first + group->count - 1)->end > end)
            group->count--;
        pa_say_of(reader->reading, PA_LIST, reader->owner, group->first, group->count);
    }
    reader->group_count = 0;
}

/* "네고 가능한지": what the question is about, without a particle. */
static bool is_bare_noun(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    return token->kind == LANG_WORD && token->is_hangul && token->particle == LANG_CASE_NONE &&
           token->ending == LANG_END_NONE &&
           (token->tags & (LANG_AND | LANG_OR | LANG_APP | LANG_FILLER | LANG_BREAK)) == 0;
}

/* "전기, 가스, 수도 중": the option in front of the one that begins at `at`; `at`: there is none.
 */
static size_t option_before(const struct pa_reading *reading, size_t at)
{
    size_t noun = at > 1 && pa_is_mark(reading, at - 1, ',') ? at - 2 : at - 1;

    return at > 0 && noun < at &&
                   (is_bare_noun(reading, noun) ||
                    (noun == at - 1 && pa_token(reading, noun)->is_hangul &&
                     pa_token(reading, noun)->particle == LANG_CASE_AND)) &&
                   (noun == at - 1 ||
                    pa_type_of(reading->rules, &reading->tokens, noun, noun + 1) == NULL)
               ? noun
               : at;
}

/* "아침 점심 저녁 중 언제 먹는지": where the options of the question at `first` begin; `first`: it
 * has none. */
static size_t options_start(const struct ko_reader *reader, size_t first)
{
    const struct pa_reading *reading = reader->reading;
    size_t among = first > 0 ? first - 1 : 0;
    size_t start = among;

    if (first == 0 || (!pa_is_word(reading, among, "중") && !pa_is_word(reading, among, "중에") &&
                       !pa_is_word(reading, among, "중에서")))
        return first;
    while (among - start < LANG_SENTENCE && option_before(reading, start) < start)
        start = option_before(reading, start);
    return among - start > 1 ? start : first;
}

/* "월별로 얼마 썼는지 그래프로": asks for a chart, and for no field. */
static bool ask_shown(struct ko_reader *reader, size_t first)
{
    struct pa_reading *reading = reader->reading;
    bool is_of_period =
        pa_is(reading, first, LANG_PERIOD) && pa_token(reading, first)->particle == LANG_CASE_EACH;

    if (!is_of_period || !pa_is(reading, first + 1, LANG_QUESTION))
        return false;
    pa_ask(reading, "chart", lang_tokens_span(&reading->tokens, first, reader->at + 1 - first));
    reader->at++;
    return true;
}

/* "물을 줬는지", "어디서 샀는지": a field whose name is the question. */
static void read_whether(struct ko_reader *reader)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reader->at;
    size_t start;
    struct pa_item *item;
    size_t after;

    while (first > 0 && reader->at - first < 3 &&
           (pa_is(reading, first - 1, LANG_QUESTION) || is_bare_noun(reading, first - 1) ||
            (first > 1 && pa_token(reading, first - 1)->particle == LANG_CASE_UNTIL &&
             pa_is(reading, first - 2, LANG_QUESTION)) ||
            pa_token(reading, first - 1)->particle == LANG_CASE_OBJECT ||
            pa_token(reading, first - 1)->particle == LANG_CASE_SUBJECT) &&
           !pa_token(reading, first - 1)->is_used)
        first--;
    start = options_start(reader, first);
    ko_say_groups_before(reader, start);
    if (ask_shown(reader, first))
        return;
    item = pa_new_item(reading);
    reader->at += 1;
    after = reader->at +
            (pa_is_word(reading, reader->at, "여부") || pa_is_word(reading, reader->at, "체크"));
    reader->at += pa_is_word(reading, reader->at, "여부");
    if (item == NULL)
        return;
    *item = (struct pa_item){ .first = first,
                              .end = reader->at,
                              .head_first = first,
                              .head_end = reader->at,
                              .from_first = start,
                              .from_end = reader->at,
                              .is_question = true,
                              .hint = ko_question_hint(reader, first, reader->at) };
    for (size_t at = start; at + 1 < first; at++)
        if (!pa_is_mark(reading, at, ','))
            pa_add_option(reading, item, at, at + 1);
    pa_say(reading, PA_LIST, reader->owner, reading->item_count - 1);
    reader->at = after;
}

/* "집안일 나눠서 하는 앱", "다육이 키우는데": what the request first speaks of, when nothing else
 * says what it is for. */
static void keep_passed(struct ko_reader *reader)
{
    const struct ko_group *group = &reader->groups[0];
    const struct pa_item *item = ko_item(reader, group->first);

    if (reader->has_topic || reader->passed.count > 0 || reader->reading->statement_count > 0 ||
        reader->group_count != 1 || group->count != 1 || item->option_count > 1 ||
        (group->particle != LANG_CASE_NONE && group->particle != LANG_CASE_OBJECT) ||
        !pa_item_is_named(reader->reading, item))
        return;
    reader->passed = *group;
}

/* "이름과 주소로 되어 있다": what it has, by the verb that follows. */
static bool is_made_of(const struct ko_reader *reader)
{
    const struct lang_token *verb = pa_token(reader->reading, reader->at - 1);

    return reader->at < reader->end && pa_is(reader->reading, reader->at, LANG_HAS) &&
           (pa_is_word(reader->reading, reader->at - 1, "되어") || strcmp(verb->text, "돼") == 0) &&
           reader->groups[reader->group_count - 1].particle == LANG_CASE_TO;
}

static void read_verb(struct ko_reader *reader)
{
    const struct lang_token *token = pa_token(reader->reading, reader->at);

    if (token->ending == LANG_END_WHETHER && (token->tags & (LANG_MANAGE | LANG_CREATE)) == 0) {
        read_whether(reader);
        return;
    }
    reader->at++;
    if (reader->group_count == 0 || is_made_of(reader))
        return;
    if (ko_say_action(reader, token)) {
        reader->group_count = 0;
        return;
    }
    if ((token->tags & LANG_RELATE) != 0)
        ko_say_relate(reader);
    else if ((token->tags & LANG_HAS) != 0)
        ko_say_has(reader, token->ending);
    else if ((token->tags & LANG_MANAGE) != 0)
        ko_say_manage(reader, token);
    else if ((token->tags & LANG_CREATE) != 0)
        ko_say_fragment(reader);
    else {
        keep_passed(reader);
        ko_say_other(reader, token);
    }
    reader->group_count = 0;
}

/* ":" or a dash between blanks. */
static bool is_colon(const struct ko_reader *reader)
{
    return pa_is_mark(reader->reading, reader->at, ':') ||
           (pa_is_mark(reader->reading, reader->at, '-') &&
            !pa_token(reader->reading, reader->at + 1)->is_glued);
}

/* "소설 쓰는 사람을 위한 노트": whose app it is, no thing; but "동호회를 위한 앱" has no other
 * name. */
static bool is_audience(const struct ko_reader *reader)
{
    return (pa_is_word(reader->reading, reader->at, "위한") ||
            pa_is_word(reader->reading, reader->at, "위해")) &&
           !pa_is(reader->reading, reader->at + 1, LANG_APP);
}

static void read_step(struct ko_reader *reader)
{
    const struct lang_token *token = pa_token(reader->reading, reader->at);
    size_t before = reader->at;

    if (ko_read_act(reader) || ko_read_questions(reader))
        return;
    if (is_audience(reader))
        reader->group_count = 0;
    if (is_colon(reader))
        read_colon(reader);
    else if (token->is_used && token->particle == LANG_CASE_TO && token->ending == LANG_END_NONE)
        reader->at = pa_korean_list(reader->reading, reader->at, reader->end);
    else if (token->kind == LANG_PUNCT ||
             ((token->is_used || token->is_negated) && token->ending == LANG_END_NONE))
        reader->at++;
    else if (pa_is_whether(reader->reading, reader->at) && token->ending == LANG_END_NONE)
        read_whether(reader);
    else if (pa_is_korean_verb(reader->reading, reader->at))
        read_verb(reader);
    else
        read_group(reader);
    if (reader->at == before)
        reader->at++;
}

void pa_read_korean(struct pa_reading *reading, size_t first, size_t end)
{
    struct ko_reader reader = { .reading = reading,
                                .at = first,
                                .end = end,
                                .owner = PA_NONE,
                                .has_topic = reading->statement_count > 0 };

    while (reader.at < end)
        read_step(&reader);
    if (reader.passed.count > 0 && !reader.has_topic)
        pa_say_of(reading, PA_TOPIC, PA_NONE, reader.passed.first, 1);
    if (reader.parts_count > 0)
        pa_say_of(reading, PA_HAS, reader.owner, reader.parts_first, reader.parts_count);
    if (reader.group_count > 0)
        ko_say_fragment(&reader);
}
