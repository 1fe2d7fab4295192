/* SPDX-License-Identifier: Apache-2.0 */
/*
 * korean_each: what there is of each of some: "부서마다 직원이 있다", "과목별 성적", "학생별로 수업
 * 기록".
 */
#include "korean.h"

#include <string.h>

/* "부서마다": each of them, so no way to sort. */
bool ko_is_each_of(const struct ko_reader *reader, const struct ko_group *group)
{
    const struct lang_token *last =
        pa_token(reader->reading, ko_item(reader, group->first)->end - 1);
    const char *each = "마다";
    size_t length = strlen(each);

    return last->length > length && strcmp(last->text + last->length - length, each) == 0;
}

/* A noun that is a field of another kind than text or number is no record. */
static bool may_be_record(const struct ko_reader *reader, const struct pa_item *item,
                          bool is_number)
{
    const struct pa_type *type = pa_item_type(reader->reading, item);

    return type == NULL ||
           (type->role == NULL &&
            (strcmp(type->type, "text") == 0 || (is_number && strcmp(type->type, "number") == 0)));
}

/* "과목별": of each of which there are some; no period and no kind of field. */
static bool is_each_thing(const struct ko_reader *reader, const struct ko_group *group)
{
    const struct pa_item *item = ko_item(reader, group->first);

    return group->count == 1 && !ko_ends_in(reader, item, LANG_PERIOD) &&
           pa_item_is_named(reader->reading, item) && may_be_record(reader, item, false);
}

/* "학생은 과목별 성적을 가진다": a grade is of one student and in one subject. */
bool ko_say_shared(struct ko_reader *reader)
{
    const struct ko_group *owner = ko_find_group(reader, KO_CASE(TOPIC));
    const struct ko_group *each = ko_find_group(reader, KO_CASE(EACH));
    const struct ko_group *many = ko_find_group(reader, KO_CASE(OBJECT) | KO_CASE(SUBJECT));

    if (reader->group_count != 3 || owner == NULL || each == NULL || many == NULL ||
        many->count != 1 || !is_each_thing(reader, each) || ko_owner_of(reader, owner) == PA_NONE ||
        !may_be_record(reader, ko_item(reader, many->first), true))
        return false;
    pa_say_of(reader->reading, PA_RELATE, many->first, ko_owner_of(reader, owner), 1);
    pa_say_of(reader->reading, PA_RELATE, many->first, each->first, 1);
    reader->owner = many->first;
    return true;
}

/* "학생마다 과목이 있고 학생별로 기록을": what a clause was about before. */
static bool was_spoken_of(const struct ko_reader *reader, const struct ko_group *group)
{
    const struct pa_reading *reading = reader->reading;
    const char *head = pa_token(reading, ko_item(reader, group->first)->head_end - 1)->lemma;

    for (size_t s = 0; s < reading->statement_count; s++) {
        size_t owner = reading->statements[s].owner;

        if (owner != PA_NONE &&
            strcmp(pa_token(reading, reading->items[owner].head_end - 1)->lemma, head) == 0)
            return true;
    }
    return false;
}

/* "강좌마다 강사가 한 명 있고": in front of the verb that was just read. */
bool ko_is_one(const struct ko_reader *reader)
{
    return reader->at >= 3 && pa_is_word(reader->reading, reader->at - 3, "한") &&
           pa_is(reader->reading, reader->at - 3, LANG_NUMBER_WORD);
}

/* "부서마다 직원이 있다": each employee is of a department. */
bool ko_say_each(struct ko_reader *reader)
{
    const struct ko_group *each = ko_find_group(reader, KO_CASE(EACH));
    const struct ko_group *many =
        ko_find_group(reader, KO_CASE(SUBJECT) | KO_CASE(OBJECT) | KO_CASE(ALSO));

    if (reader->group_count != 2 || each == NULL || many == NULL || many->count != 1 ||
        ko_is_one(reader) ||
        !(ko_is_each_of(reader, each) || was_spoken_of(reader, each) ||
          many->particle == LANG_CASE_OBJECT) || /* "프로젝트별 할 일을 관리" */
        ko_owner_of(reader, each) == PA_NONE ||
        !pa_item_is_named(reader->reading, ko_item(reader, each->first)) ||
        !pa_item_is_named(reader->reading, ko_item(reader, many->first)) ||
        !may_be_record(reader, ko_item(reader, many->first), false))
        return false;
    pa_say_of(reader->reading, PA_RELATE, many->first, each->first, 1);
    reader->owner = many->first;
    return true;
}

bool ko_say_each_of(struct ko_reader *reader, const struct ko_group *group)
{
    const struct ko_group *each = ko_find_group(reader, KO_CASE(EACH));

    if (each == NULL || reader->group_count != 1 || !was_spoken_of(reader, each) ||
        !may_be_record(reader, ko_item(reader, group->first), false))
        return false;
    pa_say_of(reader->reading, PA_RELATE, group->first, each->first, 1);
    reader->owner = group->first;
    reader->group_count = 0;
    return true;
}
