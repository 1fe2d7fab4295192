/* SPDX-License-Identifier: Apache-2.0 */
/*
 * string functions: the string extension. Positions and lengths count code points.
 */
#include "cel/collection.h"
#include "cel/format.h"
#include "cel/function.h"
#include "cel/text.h"

#include <string.h>

static struct cel_value out_of_range(struct cel_run *run, struct cel_value index)
{
    return cel_fault_about(run, "index %s is not in the string", index);
}

static void charge_text(struct cel_run *run, struct cel_value text)
{
    cel_charge(run, text.size >> 6);
}

static struct cel_value char_at(struct cel_run *run, const struct cel_value *args, size_t count)
{
    struct cel_value text = args[0];
    size_t at = tdh_utf8_offset(text.as.s, text.size, args[1].as.i);
    unsigned length = 0;

    (void)count;
    charge_text(run, text);
    if (at == TDH_UTF8_NO_OFFSET)
        return out_of_range(run, args[1]);
    if (at < text.size)
        tdh_utf8_get(text.as.s + at, text.size - at, &length);
    return cel_string(text.as.s + at, length);
}

/* The offset of `part` at or behind `from`, or TDH_UTF8_NO_OFFSET. */
static size_t find_from(struct cel_value text, struct cel_value part, size_t from)
{
    const char *found;

    if (part.size == 0)
        return from;
    found = memmem(text.as.s + from, text.size - from, part.as.s, part.size);
    return found != NULL ? (size_t)(found - text.as.s) : TDH_UTF8_NO_OFFSET;
}

static struct cel_value position_of(struct cel_value text, size_t offset)
{
    return cel_int(offset == TDH_UTF8_NO_OFFSET ? -1 : (int64_t)tdh_utf8_count(text.as.s, offset));
}

static struct cel_value index_of(struct cel_run *run, const struct cel_value *args, size_t count)
{
    struct cel_value text = args[0];
    size_t from = count > 2 ? tdh_utf8_offset(text.as.s, text.size, args[2].as.i) : 0;

    charge_text(run, text);
    if (from == TDH_UTF8_NO_OFFSET)
        return out_of_range(run, args[2]);
    return position_of(text, find_from(text, args[1], from));
}

/* Goes backwards; a match can only begin where a code point does, as `part` does. */
static size_t find_last(struct cel_run *run, struct cel_value text, struct cel_value part,
                        size_t from)
{
    if (part.size > text.size)
        return TDH_UTF8_NO_OFFSET;
    if (from > text.size - part.size)
        from = text.size - part.size;
    for (size_t at = from + 1; at-- > 0;) {
        if (part.size == 0 || memcmp(text.as.s + at, part.as.s, part.size) == 0)
            return at;
        if (at % 64 == 0)
            cel_charge(run, 1);
    }
    return TDH_UTF8_NO_OFFSET;
}

static struct cel_value last_index_of(struct cel_run *run, const struct cel_value *args,
                                      size_t count)
{
    struct cel_value text = args[0];
    size_t from = count > 2 ? tdh_utf8_offset(text.as.s, text.size, args[2].as.i) : text.size;

    charge_text(run, text);
    if (from == TDH_UTF8_NO_OFFSET)
        return out_of_range(run, args[2]);
    return position_of(text, find_last(run, text, args[1], from));
}

static struct cel_value change_case(struct cel_run *run, struct cel_value text, char first,
                                    char last)
{
    struct cel_value copy = cel_new_string(run, text.as.s, text.size);
    char *s;

    charge_text(run, text);
    if (copy.type == CEL_FAULT)
        return copy;
    s = (char *)copy.as.s; /* ours: just made */
    for (uint32_t i = 0; i < copy.size; i++)
        if (s[i] >= first && s[i] <= last)
            s[i] = (char)(s[i] ^ 0x20);
    return copy;
}

static struct cel_value lower_ascii(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)count;
    return change_case(run, args[0], 'A', 'Z');
}

static struct cel_value upper_ascii(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)count;
    return change_case(run, args[0], 'a', 'z');
}

/*
 * The next place at or behind `from` where text is cut by `cut`; an empty cut stands behind every
 * code point.
 */
static size_t next_cut(struct cel_value text, struct cel_value cut, size_t from)
{
    unsigned length;

    if (cut.size > 0)
        return find_from(text, cut, from);
    if (from >= text.size)
        return TDH_UTF8_NO_OFFSET;
    tdh_utf8_get(text.as.s + from, text.size - from, &length);
    return from + length;
}

static int64_t limit_of(const struct cel_value *args, size_t count, size_t position)
{
    return count <= position || args[position].as.i < 0 ? INT64_MAX : args[position].as.i;
}

static struct cel_value replace(struct cel_run *run, const struct cel_value *args, size_t count)
{
    struct cel_value text = args[0], old = args[1], new = args[2];
    struct cel_text out = { .run = run };
    int64_t left = limit_of(args, count, 3);
    size_t done = 0, at;

    charge_text(run, text);
    if (left > 0 &&
        old.size == 0) { /* an empty one is also found in front of the first code point */
        cel_text_add(&out, new.as.s, new.size);
        left--;
    }
    for (;
         left > 0 && (at = next_cut(text, old, done)) != TDH_UTF8_NO_OFFSET && run->steps_left > 0;
         left--) {
        cel_text_add(&out, text.as.s + done, at - done);
        cel_text_add(&out, new.as.s, new.size);
        done = at + old.size;
    }
    cel_text_add(&out, text.as.s + done, text.size - done);
    return cel_text_done(&out);
}

static struct cel_value split(struct cel_run *run, const struct cel_value *args, size_t count)
{
    struct cel_value text = args[0];
    struct cel_list *list = cel_list_new(run, 0);
    int64_t left = limit_of(args, count, 2);
    size_t done = 0, at;

    if (list == NULL)
        return cel_stopped();
    charge_text(run, text);
    for (; left > 1 && (at = next_cut(text, args[1], done)) != TDH_UTF8_NO_OFFSET; left--) {
        if (args[1].size == 0 && at == text.size)
            break;
        cel_charge(run, 1);
        if (cel_list_add(run, list, cel_string(text.as.s + done, at - done)) != 0)
            return cel_stopped();
        done = at + args[1].size;
    }
    if (left > 0 && (args[1].size > 0 || text.size > 0) &&
        cel_list_add(run, list, cel_string(text.as.s + done, text.size - done)) != 0)
        return cel_stopped();
    return cel_list(list);
}

static struct cel_value join(struct cel_run *run, const struct cel_value *args, size_t count)
{
    struct cel_text out = { .run = run };
    size_t items = cel_count(args[0]);

    for (size_t i = 0; i < items && run->steps_left > 0; i++) {
        struct cel_value item = cel_list_at(args[0], i);

        cel_charge(run, 1 + (item.size >> 6));
        if (item.type != CEL_STRING)
            return cel_no_overload(run, "join", &item, 1);
        if (i > 0 && count > 1)
            cel_text_add(&out, args[1].as.s, args[1].size);
        cel_text_add(&out, item.as.s, item.size);
    }
    return cel_text_done(&out);
}

static struct cel_value substring(struct cel_run *run, const struct cel_value *args, size_t count)
{
    struct cel_value text = args[0];
    size_t begin = tdh_utf8_offset(text.as.s, text.size, args[1].as.i);
    size_t end = count > 2 ? tdh_utf8_offset(text.as.s, text.size, args[2].as.i) : text.size;

    charge_text(run, text);
    if (begin == TDH_UTF8_NO_OFFSET || end == TDH_UTF8_NO_OFFSET)
        return out_of_range(run, args[begin == TDH_UTF8_NO_OFFSET ? 1 : 2]);
    if (end < begin)
        return cel_fault("a substring cannot end before it begins");
    return cel_string(text.as.s + begin, end - begin);
}

/* White_Space of Unicode. */
static bool is_space(uint32_t code)
{
    return (code >= 9 && code <= 13) || code == ' ' || code == 0x85 || code == 0xA0 ||
           code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 ||
           code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

static struct cel_value trim(struct cel_run *run, const struct cel_value *args, size_t count)
{
    const char *text = args[0].as.s;
    size_t begin = 0, end = args[0].size, last;
    unsigned length;

    (void)count;
    charge_text(run, args[0]);
    while (begin < end && is_space(tdh_utf8_get(text + begin, end - begin, &length)))
        begin += length;
    while (end > begin) {
        for (last = end - 1; last > begin && ((unsigned char)text[last] & 0xC0U) == 0x80U; last--)
            continue;
        if (!is_space(tdh_utf8_get(text + last, end - last, &length)))
            break;
        end = last;
    }
    return cel_string(text + begin, end - begin);
}

static struct cel_value quote(struct cel_run *run, const struct cel_value *args, size_t count)
{
    static const char plain[] = "\a\b\f\n\r\t\v\\\"", escaped[] = "abfnrtv\\\"";
    struct cel_text out = { .run = run };

    (void)count;
    charge_text(run, args[0]);
    cel_text_char(&out, '"');
    for (uint32_t i = 0; i < args[0].size; i++) {
        char c = args[0].as.s[i];
        const char *found = c != '\0' ? strchr(plain, c) : NULL;

        if (found != NULL)
            cel_text_char(&out, '\\');
        cel_text_char(&out, found != NULL ? escaped[found - plain] : c);
    }
    cel_text_char(&out, '"');
    return cel_text_done(&out);
}

static struct cel_value reverse(struct cel_run *run, const struct cel_value *args, size_t count)
{
    struct cel_value text = args[0];
    char *copy = cel_alloc(run, text.size), *to;
    unsigned length;

    (void)count;
    charge_text(run, text);
    if (copy == NULL)
        return cel_stopped();
    to = copy + text.size;
    for (uint32_t i = 0; i < text.size; i += length) {
        tdh_utf8_get(text.as.s + i, text.size - i, &length);
        to -= length;
        memcpy(to, text.as.s + i, length);
    }
    return cel_string(copy, text.size);
}

static struct cel_value format(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)count;
    return cel_format(run, args[0], args[1]);
}

#define INT CEL_BIT(CEL_INT)
#define STRING CEL_BIT(CEL_STRING)
#define LIST CEL_BIT(CEL_LIST)

static const struct cel_function rows[] = {
    { "charAt", true, 2, { STRING, INT }, STRING, char_at },
    { "indexOf", true, 2, { STRING, STRING }, INT, index_of },
    { "indexOf", true, 3, { STRING, STRING, INT }, INT, index_of },
    { "lastIndexOf", true, 2, { STRING, STRING }, INT, last_index_of },
    { "lastIndexOf", true, 3, { STRING, STRING, INT }, INT, last_index_of },
    { "lowerAscii", true, 1, { STRING }, STRING, lower_ascii },
    { "upperAscii", true, 1, { STRING }, STRING, upper_ascii },
    { "replace", true, 3, { STRING, STRING, STRING }, STRING, replace },
    { "replace", true, 4, { STRING, STRING, STRING, INT }, STRING, replace },
    { "split", true, 2, { STRING, STRING }, LIST, split },
    { "split", true, 3, { STRING, STRING, INT }, LIST, split },
    { "join", true, 1, { LIST }, STRING, join },
    { "join", true, 2, { LIST, STRING }, STRING, join },
    { "substring", true, 2, { STRING, INT }, STRING, substring },
    { "substring", true, 3, { STRING, INT, INT }, STRING, substring },
    { "trim", true, 1, { STRING }, STRING, trim },
    { "reverse", true, 1, { STRING }, STRING, reverse },
    { "format", true, 2, { STRING, LIST }, STRING, format },
    { "strings.quote", false, 1, { STRING }, STRING, quote },
};

const struct cel_family cel_string_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
