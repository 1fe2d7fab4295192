/* SPDX-License-Identifier: Apache-2.0 */
/*
 * korean: what korean.c gathers from a sentence and korean_say.c makes statements of.
 */
#ifndef PA_KOREAN_H
#define PA_KOREAN_H

#include "reading.h"

#define KO_CASE(name) (1U << LANG_CASE_##name)
#define KO_OWNERS (KO_CASE(EACH) | KO_CASE(POSSESSIVE) | KO_CASE(TOPIC))
#define KO_PARTS                                                                                   \
    (KO_CASE(SUBJECT) | KO_CASE(OBJECT) | KO_CASE(ALSO) | KO_CASE(AND) | KO_CASE(NONE) |           \
     KO_CASE(UNTIL))
#define KO_GROUPS 16
#define KO_DEED_WORDS 64 /* behind a verb, where its noun is looked for */

/* A list of items with the particle of its last one. */
struct ko_group {
    size_t first, count;
    enum lang_case particle;
    bool is_with; /* "이름, 사진과 함께" */
    bool is_each;
};

struct ko_reader {
    struct pa_reading *reading;
    size_t at, end;
    struct ko_group groups[KO_GROUPS];
    size_t group_count;
    size_t owner;                    /* the thing spoken of */
    size_t parts_first, parts_count; /* of "이름이 있는": wait for their noun */
    bool has_topic;
    struct ko_group passed; /* "다육이 키우는데": a thing that a verb was about; count 0: none */
};

/* ---- korean_trim.c: the end of the phrase [first, end) without ... ---- */

/** words that say nothing: "검색 추가"; words for "app" stay. */
size_t ko_trim_end(const struct pa_reading *reading, size_t first, size_t end);
/** a unit, which the item takes: "거리 km". */
size_t ko_trim_unit(const struct pa_reading *reading, struct pa_item *item, size_t first,
                    size_t end);
/** how many there are: "사진 여러 장". */
size_t ko_trim_count(const struct pa_reading *reading, struct pa_item *item, size_t first,
                     size_t end);
/** "연습할 곡들": whether it is some of many. */
bool ko_is_some_of_many(const struct pa_reading *reading, const struct pa_item *item);

/* ---- korean.c, korean_say.c ---- */

/** The item of a number. */
struct pa_item *ko_item(const struct ko_reader *reader, size_t item);
/** "앱", "나만의 앱": names nothing. */
bool ko_is_bare_app(const struct ko_reader *reader, const struct pa_item *item);
bool ko_ends_in(const struct ko_reader *reader, const struct pa_item *item, uint32_t tags);
/** "필드", "기능": names what the list after it is. */
bool ko_is_list_title(const struct ko_reader *reader, const struct pa_item *item);
/** The owner a group names, or PA_NONE when it names the app or a person who uses it. */
size_t ko_owner_of(const struct ko_reader *reader, const struct ko_group *group);

/** "캐릭터가 응원해주는 기능": what the app is to do, in korean_act.c; false: no such piece. */
bool ko_read_act(struct ko_reader *reader);

/** In korean_ask.c. "누구한테 얼마 언제까지", "누가 뭘 언제 빌렸고": each word asks for a field;
 * false: no such row begins here. */
bool ko_read_questions(struct ko_reader *reader);
/** The field type that the first question word among tokens [first, end) asks for. */
const char *ko_question_hint(const struct ko_reader *reader, size_t first, size_t end);
/** Groups in front of a question at `end` are a list it ends; what it asks about itself is its own.
 */
void ko_say_groups_before(struct ko_reader *reader, size_t end);

/** The first group with one of the particles; NULL: there is none. */
struct ko_group *ko_find_group(struct ko_reader *reader, uint32_t cases);

/** What the groups so far are to each other, by the verb behind them; the caller empties them. */
void ko_say_topic(struct ko_reader *reader, const struct ko_group *group);
void ko_say_has(struct ko_reader *reader, enum lang_ending ending);
void ko_say_manage(struct ko_reader *reader, const struct lang_token *verb);
void ko_say_relate(struct ko_reader *reader);
/** In korean_deed.c. "고객이 주문을 한다": two things, one of which refers to the other; false: no
 * such clause. */
bool ko_say_action(struct ko_reader *reader, const struct lang_token *verb);
/* ---- korean_each.c ---- */

/** "부서마다": whether it is each of them, so no way to sort. */
bool ko_is_each_of(const struct ko_reader *reader, const struct ko_group *group);
/** "강좌마다 강사가 한 명 있고": whether one is, in front of the verb that was just read. */
bool ko_is_one(const struct ko_reader *reader);
/** "학생은 과목별 성적을 가진다": a grade is of one student and in one subject; false: no such
 * clause. */
bool ko_say_shared(struct ko_reader *reader);
/** "부서마다 직원이 있다": each employee is of a department; false: no such clause. */
bool ko_say_each(struct ko_reader *reader);
/** "학생별로 수업 기록": one of the group to each of those that were spoken of; false: no such
 * piece. */
bool ko_say_each_of(struct ko_reader *reader, const struct ko_group *group);
/** Any other verb. */
void ko_say_other(struct ko_reader *reader, const struct lang_token *verb);
/** No verb follows. */
void ko_say_fragment(struct ko_reader *reader);

#endif
