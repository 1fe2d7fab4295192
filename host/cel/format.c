/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format: one function per verb; %s walks lists and maps.
 */
#include "cel/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cel/collection.h"
#include "cel/number.h"
#include "cel/text.h"
#include "cel/time.h"

enum { PRECISION_DEFAULT = 6, PRECISION_MAX = 1000 };

struct verb;
typedef bool verb_fn(struct cel_text *out, const struct verb *verb, struct cel_value arg);

struct verb {
    char letter;
    const char *name;
    bool has_precision;
    verb_fn *print; /* false: the verb cannot print such a value */
    int precision;
};

static bool print_at(struct cel_text *out, struct cel_value value, int depth);

/* Bytes as text: each run of bytes that is not UTF-8 becomes one U+FFFD. */
static void print_bytes(struct cel_text *out, struct cel_value bytes)
{
    bool was_valid = true;

    for (uint32_t i = 0; i < bytes.size;) {
        unsigned length = tdh_utf8_length(bytes.as.s + i, bytes.size - i);

        if (length > 0)
            cel_text_add(out, bytes.as.s + i, length);
        else if (was_valid)
            cel_text_puts(out, "\xEF\xBF\xBD");
        was_valid = length > 0;
        i += length > 0 ? length : 1;
    }
}

static bool print_list(struct cel_text *out, struct cel_value list, int depth)
{
    size_t count = cel_count(list);

    cel_text_char(out, '[');
    for (size_t i = 0; i < count && out->run->steps_left > 0; i++) {
        if (i > 0)
            cel_text_puts(out, ", ");
        if (!print_at(out, cel_list_at(list, i), depth))
            return false;
    }
    cel_text_char(out, ']');
    return true;
}

struct printed_key {
    struct cel_value text, value;
};

static int compare_keys(const void *left, const void *right)
{
    const struct printed_key *a = left, *b = right;
    uint32_t shorter = a->text.size < b->text.size ? a->text.size : b->text.size;
    int order = shorter == 0 ? 0 : memcmp(a->text.as.s, b->text.as.s, shorter);

    return order != 0 ? order : a->text.size < b->text.size ? -1 : a->text.size > b->text.size;
}

/* The entries with their keys printed, in the order of the printed keys; NULL at the memory bound.
 */
static struct printed_key *sort_keys(struct cel_run *run, struct cel_value map, size_t count)
{
    struct printed_key *keys = cel_alloc(run, count * sizeof(*keys));
    struct cel_value state = cel_first(map), key;

    if (keys == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        struct cel_text text = { .run = run };

        cel_next(map, &state, &key, &keys[i].value);
        print_at(&text, key, 0);
        keys[i].text = cel_text_done(&text);
    }
    qsort(keys, count, sizeof(*keys), compare_keys);
    return keys;
}

static bool print_map(struct cel_text *out, struct cel_value map, int depth)
{
    size_t count = cel_count(map);
    struct printed_key *keys = sort_keys(out->run, map, count);

    cel_text_char(out, '{');
    for (size_t i = 0; keys != NULL && i < count && out->run->steps_left > 0; i++) {
        if (i > 0)
            cel_text_puts(out, ", ");
        cel_text_add(out, keys[i].text.as.s, keys[i].text.size);
        cel_text_puts(out, ": ");
        if (!print_at(out, keys[i].value, depth))
            return false;
    }
    cel_text_char(out, '}');
    return true;
}

static void print_number(struct cel_text *out, struct cel_value number)
{
    char text[72];

    if (number.type == CEL_DOUBLE)
        cel_text_puts(out, cel_print_double(number.as.d, text));
    else if (number.type == CEL_UINT)
        cel_text_puts(out, cel_print_base(number.as.u, false, 10, false, text));
    else
        cel_text_puts(out, cel_print_base(number.as.i < 0 ? 0 - number.as.u : number.as.u,
                                          number.as.i < 0, 10, false, text));
}

static bool print_at(struct cel_text *out, struct cel_value value, int depth)
{
    char text[CEL_TIME_ROOM];

    if (!cel_visit(out->run, depth))
        return true; /* nobody sees it */
    switch (value.type) {
    case CEL_NULL:
        cel_text_puts(out, "null");
        return true;
    case CEL_BOOL:
        cel_text_puts(out, value.as.i ? "true" : "false");
        return true;
    case CEL_INT:
    case CEL_UINT:
    case CEL_DOUBLE:
        print_number(out, value);
        return true;
    case CEL_STRING:
        cel_text_add(out, value.as.s, value.size);
        return true;
    case CEL_BYTES:
        print_bytes(out, value);
        return true;
    case CEL_TYPE:
        cel_text_puts(out, cel_type_name((enum cel_type)value.as.i));
        return true;
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        cel_text_puts(out, cel_time_print(value, text));
        return true;
    case CEL_LIST:
        return print_list(out, value, depth + 1);
    case CEL_MAP:
        return print_map(out, value, depth + 1);
    default:
        return false;
    }
}

static bool print_any(struct cel_text *out, const struct verb *verb, struct cel_value arg)
{
    (void)verb;
    return print_at(out, arg, 0);
}

static bool print_decimal(struct cel_text *out, const struct verb *verb, struct cel_value arg)
{
    (void)verb;
    if (!cel_is_number(arg))
        return false;
    print_number(out, arg);
    return true;
}

static bool print_real(struct cel_text *out, const struct verb *verb, struct cel_value arg)
{
    char text[PRECISION_MAX + 400]; /* 309 digits before the point */
    double d = arg.type == CEL_INT    ? (double)arg.as.i
               : arg.type == CEL_UINT ? (double)arg.as.u
                                      : arg.as.d;

    if (!cel_is_number(arg))
        return false;
    if (!isfinite(d))
        cel_print_double(d, text);
    else if (verb->letter == 'f')
        snprintf(text, sizeof(text), "%.*f", verb->precision, d);
    else
        snprintf(text, sizeof(text), "%.*e", verb->precision, d);
    cel_text_puts(out, text);
    return true;
}

static bool print_in_base(struct cel_text *out, struct cel_value arg, unsigned base, bool is_upper)
{
    char text[72];
    bool is_negative = arg.type == CEL_INT && arg.as.i < 0;

    if (arg.type != CEL_INT && arg.type != CEL_UINT)
        return false;
    cel_text_puts(out, cel_print_base(is_negative ? 0 - arg.as.u : arg.as.u, is_negative, base,
                                      is_upper, text));
    return true;
}

static bool print_hex(struct cel_text *out, const struct verb *verb, struct cel_value arg)
{
    const char *digits = verb->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";

    if (arg.type != CEL_STRING && arg.type != CEL_BYTES)
        return print_in_base(out, arg, 16, verb->letter == 'X');
    cel_charge(out->run, arg.size >> 6);
    for (uint32_t i = 0; i < arg.size; i++) {
        cel_text_char(out, digits[(unsigned char)arg.as.s[i] >> 4]);
        cel_text_char(out, digits[(unsigned char)arg.as.s[i] & 15]);
    }
    return true;
}

static bool print_octal(struct cel_text *out, const struct verb *verb, struct cel_value arg)
{
    (void)verb;
    return print_in_base(out, arg, 8, false);
}

static bool print_binary(struct cel_text *out, const struct verb *verb, struct cel_value arg)
{
    (void)verb;
    return print_in_base(out, arg.type == CEL_BOOL ? cel_int(arg.as.i) : arg, 2, false);
}

static const struct verb verbs[] = {
    { 's', "%s", false, print_any, 0 },   { 'd', "%d", false, print_decimal, 0 },
    { 'f', "%f", true, print_real, 0 },   { 'e', "%e", true, print_real, 0 },
    { 'x', "%x", false, print_hex, 0 },   { 'X', "%X", false, print_hex, 0 },
    { 'o', "%o", false, print_octal, 0 }, { 'b', "%b", false, print_binary, 0 },
};

/*
 * Reads what stands behind a '%' up to its letter; the position behind it, or NULL when there is no
 * such verb.
 */
static const char *read_verb(const char *at, const char *end, struct verb *ret_verb)
{
    int precision = -1;

    if (at < end && *at == '.') {
        precision = 0;
        for (at++; at < end && *at >= '0' && *at <= '9' && precision <= PRECISION_MAX; at++)
            precision = precision * 10 + (*at - '0');
        if (at[-1] == '.' || precision > PRECISION_MAX)
            return NULL;
    }
    for (size_t i = 0; at < end && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (verbs[i].letter != *at || (precision >= 0 && !verbs[i].has_precision))
            continue;
        *ret_verb = verbs[i];
        ret_verb->precision = precision >= 0 ? precision : PRECISION_DEFAULT;
        return at + 1;
    }
    return NULL;
}

/* One verb at `at`, behind its '%'; moves *at behind it. A fault, or null. */
static struct cel_value format_verb(struct cel_text *out, const char **at, const char *end,
                                    struct cel_value args, size_t *next)
{
    struct cel_value arg;
    struct verb verb;

    if (*at < end && **at == '%') {
        cel_text_char(out, '%');
        ++*at;
        return cel_null();
    }
    *at = read_verb(*at, end, &verb);
    if (*at == NULL)
        return cel_fault("format has a verb that is not one of %s %d %f %e %x %X %o %b, with .N "
                         "only for %f and %e");
    if (*next >= cel_count(args))
        return cel_fault_about(out->run, "format wants more than %s values",
                               cel_int((int64_t)*next));
    arg = cel_list_at(args, (*next)++);
    if (!verb.print(out, &verb, arg))
        return cel_no_overload(out->run, verb.name, &arg, 1);
    return cel_null();
}

struct cel_value cel_format(struct cel_run *run, struct cel_value pattern, struct cel_value args)
{
    struct cel_text out = { .run = run };
    const char *at = pattern.as.s, *end = at + pattern.size;
    size_t next = 0;

    cel_charge(run, pattern.size >> 6);
    while (at < end && run->steps_left > 0) {
        const char *mark = memchr(at, '%', (size_t)(end - at));
        struct cel_value done;

        cel_text_add(&out, at, (size_t)((mark != NULL ? mark : end) - at));
        if (mark == NULL)
            break;
        at = mark + 1;
        done = format_verb(&out, &at, end, args, &next);
        if (done.type == CEL_FAULT)
            return done;
    }
    return cel_text_done(&out);
}
