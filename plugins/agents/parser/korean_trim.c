/* SPDX-License-Identifier: Apache-2.0 */
/*
 * korean_trim: what stands at the end of a Korean noun phrase and is no part of its name: "검색
 * 추가", "무게 킬로그램", "사진 여러 장".
 */
#include "korean.h"

#include <string.h>

/* Trims words that say nothing at the end: "검색 추가". Kind words stay: the builder needs them. */
size_t ko_trim_end(const struct pa_reading *reading, size_t first, size_t end)
{
    size_t count;

    if (pa_find_name(reading->rules, &reading->rules->wish_ends, &reading->tokens, end - 1, end,
                     &count) != NULL &&
        end > first + 1 && pa_type_of(reading->rules, &reading->tokens, first, end - 1) == NULL)
        return end; /* "랜덤 퀴즈 기능": a wish, not a field */
    while (end > first + 1 && pa_type_of(reading->rules, &reading->tokens, end - 1, end) == NULL &&
           pa_is(reading, end - 1, LANG_FILLER | LANG_PRONOUN) &&
           !pa_is(reading, end - 1, LANG_KIND | LANG_APP))
        end--;
    return end;
}

/* "무게 킬로그램", "시간 분", "가격 원": behind what has one; not "거리 시간", which are two. */
static bool may_have_unit(const struct pa_reading *reading, size_t first, size_t last)
{
    const struct pa_type *type = pa_type_of(reading->rules, &reading->tokens, first, last);

    if (!pa_token(reading, last)->is_hangul)
        return true;
    return type != NULL &&
           (strcmp(type->type, "number") == 0 || strcmp(type->type, "time") == 0 ||
            strcmp(type->type, "money") == 0) &&
           (pa_token(reading, last)->length <= 3 || /* "면적 평" */
            pa_type_of(reading->rules, &reading->tokens, last, last + 1) == NULL);
}

/* "거리 km": a unit as the last word. */
size_t ko_trim_unit(const struct pa_reading *reading, struct pa_item *item, size_t first,
                    size_t end)
{
    size_t last = end;

    if (last > first + 1 && pa_is_word(reading, last - 1, "단위"))
        last--;
    item->head_first = first; /* a currency is told from a unit by what it is of */
    item->head_end = last - 1;
    if (last > first + 1 && may_have_unit(reading, first, last - 1) &&
        pa_read_unit(reading, item, last - 1, last) == last)
        return last - 1;
    return end;
}

/* "사진 여러 장", "사진 한 장": how many there are is no part of the name. */
size_t ko_trim_count(const struct pa_reading *reading, struct pa_item *item, size_t first,
                     size_t end)
{
    if (end > first + 1 && pa_is(reading, end - 1, LANG_MANY)) { /* "사진 여러장" */
        item->is_many = true;
        return end - 1;
    }
    if (end < first + 3 || !pa_is(reading, end - 2, LANG_MANY | LANG_NUMBER_WORD) ||
        pa_token(reading, end - 1)->stem.length > 3)
        return end;
    item->is_many = pa_is(reading, end - 2, LANG_MANY);
    return end - 2;
}

/* "연습할 곡들": of those that there are, so many. */
bool ko_is_some_of_many(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct lang_token *last = pa_token(reading, item->end - 1);
    const char *plural = "들";
    size_t n = strlen(plural);

    return (pa_token(reading, item->first)->ending == LANG_END_ADNOMINAL ||
            item->end > item->first + 1) && /* "참가 회원들" */
           last->span.length >= last->stem.length + n &&
           memcmp(last->stem.at + last->stem.length, plural, n) == 0;
}
