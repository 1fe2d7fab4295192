/* SPDX-License-Identifier: Apache-2.0 */
/*
 * korean: clauses of Korean. The verb comes last, so noun phrases are gathered in groups by their
 * particles until a verb, or the end of the sentence, says what they are to each other.
 */
#include "reading.h"

#include <string.h>

#define GROUPS 16
#define VERBS (LANG_HAS | LANG_MANAGE | LANG_CREATE | LANG_RELATE | LANG_VERB)

/* A list of items with the particle of its last one. */
struct group {
    size_t first, count;
    enum lang_case particle;
    bool is_with; /* "이름, 사진과 함께" */
    bool is_each;
};

struct reader {
    struct pa_reading *reading;
    size_t at, end;
    struct group groups[GROUPS];
    size_t group_count;
    size_t owner;                    /* the thing spoken of */
    size_t parts_first, parts_count; /* of "이름이 있는": wait for their noun */
    bool has_topic;
};

static struct pa_item *item_of(const struct reader *reader, size_t item)
{
    return &reader->reading->items[item];
}

static bool all_tagged(const struct reader *reader, const struct pa_item *item, uint32_t tags)
{
    for (size_t at = item->first; at < item->end; at++)
        if (!pa_is(reader->reading, at, tags))
            return false;
    return true;
}

/* "앱", "나만의 앱": names nothing. */
static bool is_bare_app(const struct reader *reader, const struct pa_item *item)
{
    return all_tagged(reader, item, LANG_APP | LANG_FILLER | LANG_PRONOUN | LANG_PERSON);
}

static bool ends_in(const struct reader *reader, const struct pa_item *item, uint32_t tags)
{
    return pa_is(reader->reading, item->end - 1, tags);
}

static bool is_list_title(const struct reader *reader, const struct pa_item *item)
{
    const struct pa_rules *rules = reader->reading->rules;
    size_t count;

    return pa_find_name(rules, &rules->list_titles, &reader->reading->tokens, item->end - 1,
                        item->end, &count) != NULL;
}

/* The owner a group names, or PA_NONE when it names the app or a person who uses it. */
static size_t owner_of(const struct reader *reader, const struct group *group)
{
    const struct pa_item *item = item_of(reader, group->first + group->count - 1);

    if (is_bare_app(reader, item) || is_list_title(reader, item) || ends_in(reader, item, LANG_APP))
        return PA_NONE;
    return group->first + group->count - 1;
}

static void say_topic(struct reader *reader, const struct group *group)
{
    pa_say_of(reader->reading, PA_TOPIC, PA_NONE, group->first, group->count);
    reader->has_topic = true;
    reader->owner = PA_NONE;
}

/* ---- what a verb makes of the groups ---- */

static struct group *find_group(struct reader *reader, uint32_t cases)
{
    for (size_t i = 0; i < reader->group_count; i++)
        if ((cases & (1U << reader->groups[i].particle)) != 0 && !reader->groups[i].is_with)
            return &reader->groups[i];
    return NULL;
}

#define CASE(name) (1U << LANG_CASE_##name)
#define OWNERS (CASE(EACH) | CASE(POSSESSIVE) | CASE(TOPIC))
#define PARTS (CASE(SUBJECT) | CASE(OBJECT) | CASE(ALSO) | CASE(AND) | CASE(NONE) | CASE(UNTIL))

static bool names_field(const struct reader *reader, const struct group *group)
{
    const struct pa_item *item = item_of(reader, group->first);

    return pa_type_of(reader->reading->rules, &reader->reading->tokens, item->first, item->end) !=
               NULL ||
           ends_in(reader, item, LANG_PERIOD);
}

/* The group the others belong to; NULL when none does. */
static struct group *find_owner(struct reader *reader)
{
    struct group *owner = find_group(reader, CASE(EACH));

    if (owner != NULL && names_field(reader, owner)) /* "카테고리별로" */
        owner = NULL;
    if (owner == NULL)
        owner = find_group(reader, CASE(POSSESSIVE));
    if (owner == NULL)
        owner = find_group(reader, CASE(TOPIC));
    return owner;
}

static bool is_part(const struct reader *reader, const struct group *group)
{
    return ((1U << group->particle) & PARTS) != 0 && group < reader->groups + reader->group_count;
}

static void say_parts(struct reader *reader, enum pa_says says, size_t owner,
                      const struct group *but)
{
    for (size_t i = 0; i < reader->group_count; i++) {
        const struct group *group = &reader->groups[i];

        if (group != but && is_part(reader, group) && !group->is_with)
            pa_say_of(reader->reading, says, owner, group->first, group->count);
    }
}

/* Parts whose noun is still to come: "이름이 있는 회원". */
static bool keep_parts(struct reader *reader, enum lang_ending ending)
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

static void say_has(struct reader *reader, enum lang_ending ending)
{
    struct group *owner = find_owner(reader);

    if (owner == NULL)
        owner = find_group(reader, CASE(TO));
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
    reader->owner = owner_of(reader, owner);
    for (size_t i = 0; i < reader->group_count; i++) /* "제목과 저자로 구성된다" */
        if (reader->groups[i].particle == LANG_CASE_TO && &reader->groups[i] != owner)
            reader->groups[i].particle = LANG_CASE_NONE;
    say_parts(reader, PA_HAS, reader->owner, owner);
}

/* "태그로 분류": sorted by. */
static void say_by(struct reader *reader)
{
    for (size_t i = 0; i < reader->group_count; i++)
        if (reader->groups[i].particle == LANG_CASE_TO ||
            (reader->groups[i].particle == LANG_CASE_EACH &&
             names_field(reader, &reader->groups[i])))
            pa_say_of(reader->reading, PA_BY, reader->owner, reader->groups[i].first,
                      reader->groups[i].count);
}

static void say_managed_with(struct reader *reader, const struct group *with)
{
    struct group *object = find_group(reader, CASE(OBJECT));

    if (object == NULL) {
        pa_say_of(reader->reading, PA_MANAGE, reader->owner, with->first, with->count);
        return;
    }
    pa_say_of(reader->reading, PA_MANAGE, reader->owner, object->first, object->count);
    reader->owner = owner_of(reader, object);
    pa_say_of(reader->reading, PA_HAS, reader->owner, with->first, with->count);
}

static const struct group *find_with(const struct reader *reader)
{
    for (size_t i = 0; i < reader->group_count; i++)
        if (reader->groups[i].is_with)
            return &reader->groups[i];
    return NULL;
}

static void say_manage(struct reader *reader)
{
    struct group *owner = find_owner(reader);
    const struct group *with = find_with(reader);
    bool has_object =
        find_group(reader, CASE(OBJECT) | CASE(ALSO) | CASE(NONE) | CASE(AND)) != NULL;

    if (with != NULL) {
        say_managed_with(reader, with);
        return;
    }
    if (owner != NULL && owner_of(reader, owner) != PA_NONE && reader->group_count > 1) {
        reader->owner = owner_of(reader, owner);
        say_parts(reader, PA_HAS, reader->owner, owner);
        return;
    }
    for (size_t i = 0; i < reader->group_count; i++) {
        const struct group *group = &reader->groups[i];

        if (group == owner
                ? reader->group_count == 1
                : is_part(reader, group) && (!has_object || group->particle != LANG_CASE_SUBJECT))
            pa_say_of(reader->reading, PA_MANAGE, reader->owner, group->first, group->count);
    }
    say_by(reader);
}

/* "대여는 회원에 속한다" */
static void say_relate(struct reader *reader)
{
    struct group *owner = find_group(reader, OWNERS | CASE(SUBJECT) | CASE(OBJECT));
    struct group *target = find_group(reader, CASE(TO));

    if (target == NULL && owner != NULL)
        for (size_t i = 0; i < reader->group_count && target == NULL; i++)
            if (&reader->groups[i] != owner)
                target = &reader->groups[i];
    if (owner == NULL || target == NULL || owner_of(reader, owner) == PA_NONE)
        return;
    reader->owner = owner_of(reader, owner);
    pa_say_of(reader->reading, PA_RELATE, reader->owner, target->first, target->count);
}

/* Other verbs: only fields they name stay: "읽은 책의 별점을 볼 수 있는"; "태그로 찾기". */
static void say_other(struct reader *reader, bool is_listed)
{
    if (is_listed)
        say_by(reader);
    for (size_t i = 0; i < reader->group_count; i++) {
        const struct group *group = &reader->groups[i];

        if (is_part(reader, group) && (group->count > 1 || group->particle == LANG_CASE_ALSO))
            pa_say_of(reader->reading, PA_MANAGE, reader->owner, group->first, group->count);
    }
}

/* Groups that no verb follows. */
static void say_fragment(struct reader *reader)
{
    struct group *owner = find_owner(reader);

    if (owner != NULL && reader->group_count > 1) {
        say_has(reader, LANG_END_NONE);
        return;
    }
    for (size_t i = 0; i < reader->group_count; i++) {
        const struct group *group = &reader->groups[i];
        bool is_first = !reader->has_topic && reader->reading->statement_count == 0;

        if (is_first && group->count == 1 && item_of(reader, group->first)->option_count < 2)
            say_topic(reader, group);
        else if (((1U << group->particle) & (CASE(TO) | CASE(FROM) | CASE(EACH))) == 0)
            pa_say_of(reader->reading, PA_LIST, reader->owner, group->first, group->count);
    }
}

/* ---- reading ---- */

/* The noun that parts waited for: "이름이 있는 회원", "검색이 되는 메모 앱". */
static void give_parts(struct reader *reader, const struct group *group)
{
    if (reader->parts_count == 0)
        return;
    reader->owner = owner_of(reader, group);
    pa_say_of(reader->reading, PA_HAS, reader->owner, reader->parts_first, reader->parts_count);
    reader->parts_count = 0;
}

/* "독서 기록 앱", "회원 관리, 책 관리": true when the group is said and done with. */
static bool take_app(struct reader *reader, struct group *group)
{
    const struct pa_item *last = item_of(reader, group->first + group->count - 1);
    const struct pa_item *head = item_of(reader, group->first);
    bool is_app = ends_in(reader, last, LANG_APP);

    if (!reader->has_topic && group->count > 1 && ends_in(reader, head, LANG_KIND) &&
        head->end > head->first + 1 && !ends_in(reader, last, LANG_KIND | LANG_APP) &&
        head->particle == LANG_CASE_NONE) {
        pa_say_of(reader->reading, PA_TOPIC, PA_NONE, group->first,
                  1); /* "글감 메모장, 제목, 내용" */
        reader->has_topic = true;
        group->first++;
        group->count--;
        return false;
    }
    if (!is_app && !(ends_in(reader, last, LANG_KIND) && last->end > last->first + 1))
        return false;
    if (is_bare_app(reader, last) && group->count == 1) {
        if (reader->group_count > 0 && !reader->has_topic) /* "동호회를 위한 앱" */
            say_topic(reader, &reader->groups[reader->group_count - 1]);
        reader->group_count = 0;
        return true;
    }
    if (group->count > 1 || (reader->has_topic && !is_app))
        pa_say_of(reader->reading, PA_MANAGE, PA_NONE, group->first, group->count);
    else
        say_topic(reader, group);
    return true;
}

static void add_group(struct reader *reader, struct group group)
{
    if (reader->group_count < GROUPS)
        reader->groups[reader->group_count++] = group;
}

static void read_group(struct reader *reader)
{
    struct pa_reading *reading = reader->reading;
    struct group group = { .first = reading->item_count };

    reader->at = pa_korean_list(reading, reader->at, reader->end);
    group.count = reading->item_count - group.first;
    if (group.count == 0)
        return;
    group.particle = item_of(reader, reading->item_count - 1)->particle;
    group.is_each = item_of(reader, group.first)->is_each;
    group.is_with = group.particle == LANG_CASE_AND && pa_is(reading, reader->at, LANG_WITH);
    if (group.is_each && group.particle == LANG_CASE_NONE && group.count > 1)
        group.is_each = false;
    give_parts(reader, &group);
    if (take_app(reader, &group))
        return;
    if (group.count > 1 &&
        (group.particle == LANG_CASE_EACH || group.particle == LANG_CASE_TO ||
         group.particle == LANG_CASE_POSSESSIVE)) { /* only the last has that particle */
        struct group before = group;

        before.count--;
        before.particle = LANG_CASE_NONE;
        group.first += before.count;
        group.count = 1;
        add_group(reader, before);
    }
    add_group(reader, group);
}

/* "가계부:", "필드:": what comes before a list. */
static void read_colon(struct reader *reader)
{
    const struct group *group =
        reader->group_count > 0 ? &reader->groups[reader->group_count - 1] : NULL;

    reader->at++;
    if (group == NULL)
        return;
    if (!is_list_title(reader, item_of(reader, group->first + group->count - 1))) {
        if (!reader->has_topic && reader->reading->statement_count == 0)
            say_topic(reader, group);
        else
            reader->owner = owner_of(reader, group);
    }
    reader->group_count = 0;
    if (reader->at < reader->end && !pa_is_korean_verb(reader->reading, reader->at)) {
        size_t first = reader->reading->item_count;

        reader->at = pa_korean_list(reader->reading, reader->at, reader->end);
        pa_say(reader->reading, PA_HAS, reader->owner, first);
    }
}

static const char *question_hint(const struct reader *reader, size_t first, size_t end)
{
    const struct pa_rules *rules = reader->reading->rules;
    size_t count;

    for (size_t at = first; at < end; at++) {
        const char *hint =
            pa_find_name(rules, &rules->questions, &reader->reading->tokens, at, end, &count);

        if (hint != NULL)
            return hint;
    }
    return "boolean";
}

/* Groups in front of a question are a list it ends; what it asks about itself is its own. */
static void say_groups_before(struct reader *reader, size_t end)
{
    for (size_t i = 0; i < reader->group_count; i++) {
        struct group *group = &reader->groups[i];

        while (group->count > 0 && item_of(reader, group->first + group->count - 1)->end > end)
            group->count--;
        pa_say_of(reader->reading, PA_LIST, reader->owner, group->first, group->count);
    }
    reader->group_count = 0;
}

/* "물을 줬는지", "어디서 샀는지": a field whose name is the question. */
static void read_whether(struct reader *reader)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reader->at;
    struct pa_item *item;

    while (first > 0 && reader->at - first < 3 &&
           (pa_is(reading, first - 1, LANG_QUESTION) ||
            pa_token(reading, first - 1)->particle == LANG_CASE_OBJECT ||
            pa_token(reading, first - 1)->particle == LANG_CASE_SUBJECT) &&
           !pa_token(reading, first - 1)->is_used)
        first--;
    say_groups_before(reader, first);
    item = pa_new_item(reading);
    reader->at += pa_is_word(reading, reader->at + 1, "여부") ? 2 : 1;
    if (item == NULL)
        return;
    *item = (struct pa_item){ .first = first,
                              .end = reader->at,
                              .head_first = first,
                              .head_end = reader->at,
                              .from_first = first,
                              .from_end = reader->at,
                              .is_question = true,
                              .hint = question_hint(reader, first, reader->at) };
    pa_say(reading, PA_LIST, reader->owner, reading->item_count - 1);
}

static void read_verb(struct reader *reader)
{
    const struct lang_token *token = pa_token(reader->reading, reader->at);

    if (token->ending == LANG_END_WHETHER && (token->tags & (LANG_MANAGE | LANG_CREATE)) == 0) {
        read_whether(reader);
        return;
    }
    reader->at++;
    if (reader->group_count == 0)
        return;
    if ((token->tags & LANG_RELATE) != 0)
        say_relate(reader);
    else if ((token->tags & LANG_HAS) != 0)
        say_has(reader, token->ending);
    else if ((token->tags & LANG_MANAGE) != 0)
        say_manage(reader);
    else if ((token->tags & LANG_CREATE) != 0)
        say_fragment(reader);
    else
        say_other(reader, (token->tags & LANG_KNOWN) == 0);
    reader->group_count = 0;
}

/* ":" or a dash between blanks. */
static bool is_colon(const struct reader *reader)
{
    return pa_is_mark(reader->reading, reader->at, ':') ||
           (pa_is_mark(reader->reading, reader->at, '-') &&
            !pa_token(reader->reading, reader->at + 1)->is_glued);
}

/* "소설 쓰는 사람을 위한 노트": whose app it is, no thing; but "동호회를 위한 앱" has no other
 * name. */
static bool is_audience(const struct reader *reader)
{
    return (pa_is_word(reader->reading, reader->at, "위한") ||
            pa_is_word(reader->reading, reader->at, "위해")) &&
           !pa_is(reader->reading, reader->at + 1, LANG_APP);
}

static void read_step(struct reader *reader)
{
    const struct lang_token *token = pa_token(reader->reading, reader->at);
    size_t before = reader->at;

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
    struct reader reader = { .reading = reading,
                             .at = first,
                             .end = end,
                             .owner = PA_NONE,
                             .has_topic = reading->statement_count > 0 };

    while (reader.at < end)
        read_step(&reader);
    if (reader.parts_count > 0)
        pa_say_of(reading, PA_HAS, reader.owner, reader.parts_first, reader.parts_count);
    if (reader.group_count > 0)
        say_fragment(&reader);
}
