/* SPDX-License-Identifier: Apache-2.0 */
/*
 * korean_say: what a verb, or the end of a sentence, makes of the groups in front of it: this has
 * these parts, these are kept, this belongs to that.
 */
#include "korean.h"
#include "model.h"

#include <string.h>

struct pa_item *ko_item(const struct ko_reader *reader, size_t item)
{
    return &reader->reading->items[item];
}

static bool all_tagged(const struct ko_reader *reader, const struct pa_item *item, uint32_t tags)
{
    for (size_t at = item->first; at < item->end; at++)
        if (!pa_is(reader->reading, at, tags))
            return false;
    return true;
}

/* "앱", "나만의 앱": names nothing. */
bool ko_is_bare_app(const struct ko_reader *reader, const struct pa_item *item)
{
    return all_tagged(reader, item, LANG_APP | LANG_FILLER | LANG_PRONOUN | LANG_PERSON);
}

bool ko_ends_in(const struct ko_reader *reader, const struct pa_item *item, uint32_t tags)
{
    return pa_is(reader->reading, item->end - 1, tags);
}

bool ko_is_list_title(const struct ko_reader *reader, const struct pa_item *item)
{
    const struct pa_rules *rules = reader->reading->rules;
    size_t count;

    return pa_find_name(rules, &rules->list_titles, &reader->reading->tokens, item->end - 1,
                        item->end, &count) != NULL;
}

/* The owner a group names, or PA_NONE when it names the app or a person who uses it. */
size_t ko_owner_of(const struct ko_reader *reader, const struct ko_group *group)
{
    const struct pa_item *item = ko_item(reader, group->first + group->count - 1);

    if (ko_is_bare_app(reader, item) || ko_is_list_title(reader, item) ||
        ko_ends_in(reader, item, LANG_APP))
        return PA_NONE;
    return group->first + group->count - 1;
}

void ko_say_topic(struct ko_reader *reader, const struct ko_group *group)
{
    pa_say_of(reader->reading, PA_TOPIC, PA_NONE, group->first, group->count);
    reader->has_topic = true;
    reader->owner = PA_NONE;
}

struct ko_group *ko_find_group(struct ko_reader *reader, uint32_t cases)
{
    for (size_t i = 0; i < reader->group_count; i++)
        if ((cases & (1U << reader->groups[i].particle)) != 0 && !reader->groups[i].is_with)
            return &reader->groups[i];
    return NULL;
}

static bool names_field(const struct ko_reader *reader, const struct ko_group *group)
{
    const struct pa_item *item = ko_item(reader, group->first);

    return pa_type_of(reader->reading->rules, &reader->reading->tokens, item->first, item->end) !=
               NULL ||
           ko_ends_in(reader, item, LANG_PERIOD);
}

/* The group the others belong to; NULL when none does. */
static struct ko_group *find_owner(struct ko_reader *reader)
{
    struct ko_group *owner = ko_find_group(reader, KO_CASE(EACH));

    if (owner != NULL && names_field(reader, owner) &&
        !ko_is_each_of(reader, owner)) /* "카테고리별로" */
        owner = NULL;
    if (owner == NULL)
        owner = ko_find_group(reader, KO_CASE(POSSESSIVE));
    if (owner == NULL)
        owner = ko_find_group(reader, KO_CASE(TOPIC));
    return owner;
}

static bool is_part(const struct ko_reader *reader, const struct ko_group *group)
{
    return ((1U << group->particle) & KO_PARTS) != 0 &&
           group < reader->groups + reader->group_count;
}

static void say_parts(struct ko_reader *reader, enum pa_says says, size_t owner,
                      const struct ko_group *but)
{
    for (size_t i = 0; i < reader->group_count; i++) {
        const struct ko_group *group = &reader->groups[i];

        if (group != but && is_part(reader, group) && !group->is_with)
            pa_say_of(reader->reading, says, owner, group->first, group->count);
    }
}

/* Parts whose noun is still to come: "이름이 있는 회원". */
static bool keep_parts(struct ko_reader *reader, enum lang_ending ending)
{
    size_t first = PA_NONE;
    size_t end = 0;

    if (ending != LANG_END_ADNOMINAL)
        return false;
    for (size_t i = 0; i < reader->group_count; i++)
        if (is_part(reader, &reader->groups[i])) {
            first = first == PA_NONE ? reader->groups[i].first : first;
            end = reader->groups[i].first + reader->groups[i].count;
        }
    if (first == PA_NONE)
        return false;
    reader->parts_first = first;
    reader->parts_count = end - first;
    return true;
}

/* "모임마다 날짜와 읽을 책이": among fields, one of each. */
static bool has_fields(struct ko_reader *reader, const struct ko_group *owner)
{
    for (size_t i = 0; i < reader->group_count; i++)
        for (size_t n = 0; &reader->groups[i] != owner && n < reader->groups[i].count; n++) {
            const struct pa_item *item = ko_item(reader, reader->groups[i].first + n);

            if (pa_item_type(reader->reading, item) != NULL &&
                !pa_item_is_named(reader->reading, item))
                return true;
        }
    return false;
}

static void mark_per(struct ko_reader *reader, const struct ko_group *owner)
{
    ko_item(reader, owner->first)->is_each = true;
    if (has_fields(reader, owner))
        return;
    for (size_t i = 0; i < reader->group_count; i++)
        for (size_t n = 0; &reader->groups[i] != owner && n < reader->groups[i].count; n++)
            ko_item(reader, reader->groups[i].first + n)->is_per = true;
}

void ko_say_has(struct ko_reader *reader, enum lang_ending ending)
{
    struct ko_group *owner = find_owner(reader);

    if (ko_say_shared(reader) || ko_say_each(reader))
        return;
    if (owner == NULL)
        owner = ko_find_group(reader, KO_CASE(TO));
    if (owner == NULL && reader->group_count > 1 && reader->groups[0].particle == LANG_CASE_SUBJECT)
        owner = &reader->groups[0];
    if (owner == NULL) {
        if (!keep_parts(reader, ending))
            say_parts(reader, PA_HAS, reader->owner, NULL);
        return;
    }
    if (reader->group_count == 1) { /* "이름은 필요해" */
        pa_say_of(reader->reading, PA_HAS, reader->owner, owner->first, owner->count);
        return;
    }
    reader->owner = ko_owner_of(reader, owner);
    if (ko_is_each_of(reader, owner) && !ko_is_one(reader))
        mark_per(reader, owner);
    for (size_t i = 0; i < reader->group_count; i++) /* "제목과 저자로 구성된다" */
        if (reader->groups[i].particle == LANG_CASE_TO && &reader->groups[i] != owner)
            reader->groups[i].particle = LANG_CASE_NONE;
    say_parts(reader, PA_HAS, reader->owner, owner);
}

/* "구역별로", of a verb of looking. */
static bool is_shown_by(const struct ko_reader *reader, const struct ko_group *group,
                        const struct lang_token *verb)
{
    size_t count;

    return group->particle == LANG_CASE_EACH &&
           !ko_ends_in(reader, ko_item(reader, group->first), LANG_PERIOD) &&
           pa_find_name(reader->reading->rules, &reader->reading->rules->looks,
                        &reader->reading->tokens, (size_t)(verb - reader->reading->tokens.all),
                        reader->end, &count) != NULL;
}

/* "태그로 분류": sorted by. */
static void say_by(struct ko_reader *reader, const struct lang_token *verb)
{
    struct pa_reading *reading = reader->reading;

    for (size_t i = 0; i < reader->group_count; i++) {
        const struct ko_group *group = &reader->groups[i];

        if (group->particle != LANG_CASE_TO &&
            (group->particle != LANG_CASE_EACH ||
             (!names_field(reader, group) && !is_shown_by(reader, group, verb))))
            continue;
        pa_say_of(reading, PA_BY, reader->owner, group->first, group->count);
        if (reading->statement_count > 0 && is_shown_by(reader, group, verb))
            reading->statements[reading->statement_count - 1].is_shown = true;
    }
}

static void say_managed_with(struct ko_reader *reader, const struct ko_group *with)
{
    struct ko_group *object = ko_find_group(reader, KO_CASE(OBJECT));

    if (object == NULL) {
        pa_say_of(reader->reading, PA_MANAGE, reader->owner, with->first, with->count);
        return;
    }
    pa_say_of(reader->reading, PA_MANAGE, reader->owner, object->first, object->count);
    reader->owner = ko_owner_of(reader, object);
    pa_say_of(reader->reading, PA_HAS, reader->owner, with->first, with->count);
}

static const struct ko_group *find_with(const struct ko_reader *reader)
{
    for (size_t i = 0; i < reader->group_count; i++)
        if (reader->groups[i].is_with)
            return &reader->groups[i];
    return NULL;
}

/* "저는 공방을 운영해요": whose app it is. */
static bool runs_place(const struct ko_reader *reader, const struct lang_token *verb)
{
    const struct ko_group *group = &reader->groups[reader->group_count - 1];
    const char *run = "운영";
    size_t n = strlen(run);

    return !reader->has_topic && reader->reading->statement_count == 0 && group->count == 1 &&
           group->particle == LANG_CASE_OBJECT && verb->length > n &&
           memcmp(verb->text, run, n) == 0 &&
           !pa_item_is_named(reader->reading, ko_item(reader, group->first));
}

/* "플레이리스트에 노래를 담고": one thing has many of the other. */
static bool say_gathered(struct ko_reader *reader)
{
    const struct ko_group *to = ko_find_group(reader, KO_CASE(TO));
    const struct ko_group *what = ko_find_group(reader, KO_CASE(OBJECT));

    if (reader->group_count != 2 || to == NULL || what == NULL || to->count != 1 ||
        what->count != 1 || !pa_item_is_named(reader->reading, ko_item(reader, what->first)) ||
        !pa_item_is_named(reader->reading, ko_item(reader, to->first)))
        return false;
    pa_say_of(reader->reading, PA_JOIN, to->first, what->first, 1);
    reader->owner = what->first;
    return true;
}

/* "학부모가 신청한 수업": who does it. */
static bool is_doer(const struct ko_reader *reader, const struct ko_group *group,
                    const struct lang_token *verb)
{
    return group->particle == LANG_CASE_SUBJECT && verb->ending == LANG_END_ADNOMINAL &&
           strstr(verb->text, "되") == NULL && strstr(verb->text, "된") == NULL &&
           (pa_item_frame(reader->reading, ko_item(reader, group->first), NULL) != NULL ||
            pa_item_type(reader->reading, ko_item(reader, group->first)) == NULL);
}

/* "소설 쓰는 사람을 위한": what those do whose app it is. */
static bool is_of_audience(const struct ko_reader *reader)
{
    return strcmp(pa_token(reader->reading, reader->at)->lemma, "사람") == 0 &&
           (pa_is_word(reader->reading, reader->at + 1, "위한") ||
            pa_is_word(reader->reading, reader->at + 1, "위해"));
}

void ko_say_manage(struct ko_reader *reader, const struct lang_token *verb)
{
    struct ko_group *owner = find_owner(reader);
    const struct ko_group *with = find_with(reader);
    bool has_object = ko_find_group(reader, KO_CASE(OBJECT) | KO_CASE(ALSO) | KO_CASE(NONE) |
                                                KO_CASE(AND)) != NULL;

    if (verb->ending == LANG_END_ADNOMINAL && is_of_audience(reader))
        return;
    if (with != NULL) {
        say_managed_with(reader, with);
        return;
    }
    if (runs_place(reader, verb)) {
        ko_say_topic(reader, &reader->groups[reader->group_count - 1]);
        return;
    }
    if (say_gathered(reader) || ko_say_each(reader))
        return;
    if (owner != NULL && ko_owner_of(reader, owner) != PA_NONE && reader->group_count > 1) {
        for (size_t i = 1; i < reader->group_count; i++) /* "날짜, 난이도로 기록" */
            if (reader->groups[i].particle == LANG_CASE_TO && &reader->groups[i - 1] != owner &&
                reader->groups[i - 1].particle == LANG_CASE_NONE)
                reader->groups[i].particle = LANG_CASE_NONE;
        reader->owner = ko_owner_of(reader, owner);
        say_parts(reader, PA_HAS, reader->owner, owner);
        return;
    }
    for (size_t i = 0; i < reader->group_count; i++) {
        const struct ko_group *group = &reader->groups[i];

        if (is_doer(reader, group, verb))
            continue;
        if (group == owner
                ? reader->group_count == 1
                : is_part(reader, group) && (!has_object || group->particle != LANG_CASE_SUBJECT))
            pa_say_of(reader->reading, PA_MANAGE, reader->owner, group->first, group->count);
    }
    say_by(reader, verb);
}

/* "대여는 회원에 속한다" */
void ko_say_relate(struct ko_reader *reader)
{
    struct ko_group *owner = ko_find_group(reader, KO_OWNERS | KO_CASE(SUBJECT) | KO_CASE(OBJECT));
    struct ko_group *target = ko_find_group(reader, KO_CASE(TO));

    if (target == NULL && owner != NULL)
        for (size_t i = 0; i < reader->group_count && target == NULL; i++)
            if (&reader->groups[i] != owner)
                target = &reader->groups[i];
    if (owner == NULL || target == NULL || ko_owner_of(reader, owner) == PA_NONE)
        return;
    reader->owner = ko_owner_of(reader, owner);
    pa_say_of(reader->reading, PA_RELATE, reader->owner, target->first, target->count);
}

/* "미입금만 보기": some of them are looked at. */
static bool is_only(const struct ko_reader *reader, const struct ko_group *group,
                    const struct lang_token *verb)
{
    const struct lang_token *last =
        pa_token(reader->reading, ko_item(reader, group->first)->end - 1);
    const char *only = "만";
    size_t n = strlen(only);
    size_t count;

    for (size_t at = ko_item(reader, group->first)->first, left = 2; at > 0 && left > 0; left--)
        if (pa_token(reader->reading, --at)->is_used)
            return false; /* "좋아요 누른 노래만": what the feature has */
    return group->count == 1 && group->particle == LANG_CASE_ALSO && last->length > n &&
           memcmp(last->text + last->length - n, only, n) == 0 &&
           pa_find_name(reader->reading->rules, &reader->reading->rules->looks,
                        &reader->reading->tokens, (size_t)(verb - reader->reading->tokens.all),
                        reader->end, &count) != NULL;
}

/* Other verbs: only fields they name stay: "읽은 책의 별점을 볼 수 있는"; "태그로 찾기". */
void ko_say_other(struct ko_reader *reader, const struct lang_token *verb)
{
    if ((verb->tags & LANG_KNOWN) == 0) /* one of the lists */
        say_by(reader, verb);
    for (size_t i = 0; i < reader->group_count; i++) {
        const struct ko_group *group = &reader->groups[i];

        if (is_only(reader, group, verb))
            pa_ask(reader->reading, "filter",
                   pa_words_of(reader->reading, ko_item(reader, group->first)));
        else if (is_part(reader, group) && (group->count > 1 || group->particle == LANG_CASE_ALSO))
            pa_say_of(reader->reading, PA_MANAGE, reader->owner, group->first, group->count);
    }
}

/* "가계부, 금액, 즐겨찾기": the request's first noun says what it is about, and no field is of that
 * name; the rest are fields. */
static void say_opening(struct ko_reader *reader, struct ko_group *group)
{
    const struct pa_item *item = ko_item(reader, group->first);
    struct ko_group topic = *group;

    if (reader->has_topic || reader->reading->statement_count > 0 || group->count < 2 ||
        item->option_count > 1 || item->particle != LANG_CASE_NONE ||
        pa_token(reader->reading, item->first)->ending == LANG_END_ADNOMINAL ||
        pa_item_type(reader->reading, item) != NULL ||
        !lang_frame_in(reader->reading->rules->lexicon, &reader->reading->tokens, item->first,
                       item->end - item->first, &(struct lang_frame_match){ 0 }))
        return;
    topic.count = 1;
    ko_say_topic(reader, &topic);
    group->first++;
    group->count--;
}

/* Groups that no verb follows. */
void ko_say_fragment(struct ko_reader *reader)
{
    struct ko_group *owner = find_owner(reader);

    if (owner != NULL && reader->group_count > 1) {
        ko_say_has(reader, LANG_END_NONE);
        return;
    }
    if (reader->group_count > 0)
        say_opening(reader, &reader->groups[0]);
    for (size_t i = 0; i < reader->group_count; i++) {
        const struct ko_group *group = &reader->groups[i];
        bool is_bearer = group->first == reader->owner && group->particle == LANG_CASE_NONE;
        bool is_first = !reader->has_topic && (reader->reading->statement_count == 0 || is_bearer);

        if (is_bearer && !is_first)
            continue; /* it has its parts */
        if (is_first && group->particle == LANG_CASE_TO && i + 1 < reader->group_count)
            continue; /* "모임에서 원고를": where */
        if (is_first && group->count == 1 && ko_item(reader, group->first)->option_count < 2)
            ko_say_topic(reader, group);
        else if (((1U << group->particle) & (KO_CASE(TO) | KO_CASE(FROM) | KO_CASE(EACH))) == 0)
            pa_say_of(reader->reading, PA_LIST, reader->owner, group->first, group->count);
    }
}
