/* SPDX-License-Identifier: Apache-2.0 */
/*
 * semver_range: turns every way to write a range into plain comparators, so that the match is one
 * loop.
 *
 * An upper bound that stands for a whole series is written with the pre-release "0", the lowest
 * there is: `^1.2.3` ends below 2.0.0-0, so 2.0.0-rc.1 is no member of it even beside
 * `>=2.0.0-rc.1`.
 */
#include <string.h>

#include "base/semver_read.h"

/* A version of which only the first `given` numbers are written. */
struct partial {
    unsigned given;
    struct tdh_semver version;
};

/* What is being read, for the words of an error. */
struct reader {
    const char *text, *at;
    struct tdh_range *range;
};

enum sign { SIGN_NONE, SIGN_CARET, SIGN_TILDE, SIGN_GE, SIGN_LE, SIGN_GT, SIGN_LT, SIGN_EQ };

static int fail(const struct reader *reader, const char *why, struct td_err *err)
{
    return td_fail(err, TD_E_INVAL, "range \"%.100s\": %s", reader->text, why);
}

static int add(struct reader *reader, int op, const struct tdh_semver *version, struct td_err *err)
{
    struct tdh_range *range = reader->range;

    if (range->count == TDH_RANGE_PARTS)
        return fail(reader, "has more than 16 comparators", err);
    range->parts[range->count].op = op;
    range->parts[range->count].is_last = false;
    range->parts[range->count].version = *version;
    range->count++;
    return 0;
}

/* The first version behind the series that the first `given` numbers name, without a pre-release.
 */
static int next_series(const struct reader *reader, const struct tdh_semver *version,
                       unsigned given, struct tdh_semver *ret_next, struct td_err *err)
{
    struct tdh_semver next = { .major = version->major };
    uint32_t *last = &next.major;

    if (given > 1) {
        next.minor = version->minor;
        last = &next.minor;
    }
    if (given > 2) {
        next.patch = version->patch;
        last = &next.patch;
    }
    if (*last == UINT32_MAX)
        return fail(reader, "a number is too large", err);
    ++*last;
    *ret_next = next;
    return 0;
}

/* Everything from `version` on that is of the series of its first `given` numbers. */
static int add_series(struct reader *reader, const struct tdh_semver *version, unsigned given,
                      struct td_err *err)
{
    struct tdh_semver next;

    if (add(reader, TDH_GE, version, err) != 0 ||
        next_series(reader, version, given, &next, err) != 0)
        return -1;
    next.pre[0] = '0';
    return add(reader, TDH_LT, &next, err);
}

/* A version none of whose numbers is written: all, or behind < and > none. */
static int add_any(struct reader *reader, enum sign sign, struct td_err *err)
{
    const struct tdh_semver first = { 0 }, before = { .pre = "0" };

    if (sign == SIGN_GT || sign == SIGN_LT)
        return add(reader, TDH_LT, &before, err);
    return add(reader, TDH_GE, &first, err);
}

/* How many of the numbers of a ^ range must stay: up to the first that is not 0. */
static unsigned count_kept(const struct partial *partial)
{
    if (partial->version.major != 0 || partial->given == 1)
        return 1;
    return partial->version.minor != 0 || partial->given == 2 ? 2 : 3;
}

/* Comparators whose bound depends on how much of the version is written. */
static int add_bound(struct reader *reader, enum sign sign, const struct partial *partial,
                     struct td_err *err)
{
    struct tdh_semver bound = partial->version;

    if (partial->given == 3)
        return add(reader,
                   sign == SIGN_GT   ? TDH_GT
                   : sign == SIGN_LT ? TDH_LT
                                     : TDH_LE,
                   &bound, err);
    if (sign != SIGN_LT && next_series(reader, &partial->version, partial->given, &bound, err) != 0)
        return -1;
    if (sign == SIGN_GT)
        return add(reader, TDH_GE, &bound, err);
    bound.pre[0] = '0';
    return add(reader, TDH_LT, &bound, err);
}

static int add_comparator(struct reader *reader, enum sign sign, const struct partial *partial,
                          struct td_err *err)
{
    if (partial->given == 0)
        return add_any(reader, sign, err);
    switch (sign) {
    case SIGN_CARET:
        return add_series(reader, &partial->version, count_kept(partial), err);
    case SIGN_TILDE:
        return add_series(reader, &partial->version, partial->given == 1 ? 1 : 2, err);
    case SIGN_GE:
        return add(reader, TDH_GE, &partial->version, err);
    case SIGN_LE:
    case SIGN_GT:
    case SIGN_LT:
        return add_bound(reader, sign, partial, err);
    default:
        return partial->given == 3 ? add(reader, TDH_EQ, &partial->version, err)
                                   : add_series(reader, &partial->version, partial->given, err);
    }
}

static void skip_spaces(struct reader *reader)
{
    reader->at += strspn(reader->at, " \t");
}

static bool is_group_end(const struct reader *reader)
{
    return *reader->at == '\0' || strncmp(reader->at, "||", 2) == 0;
}

static enum sign read_sign(struct reader *reader)
{
    static const struct {
        const char *text;
        enum sign sign;
    } rows[] = {
        { ">=", SIGN_GE }, { "<=", SIGN_LE },   { ">", SIGN_GT },    { "<", SIGN_LT },
        { "==", SIGN_EQ }, { "=", SIGN_EQ },    { "^", SIGN_CARET }, { "~", SIGN_TILDE },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strncmp(reader->at, rows[i].text, strlen(rows[i].text)) == 0) {
            reader->at += strlen(rows[i].text);
            skip_spaces(reader);
            return rows[i].sign;
        }
    return SIGN_NONE;
}

/* Reads numbers and wildcards. Once there is a wildcard, only wildcards may follow. */
static int read_partial(struct reader *reader, struct partial *ret_partial, struct td_err *err)
{
    struct partial partial = { 0 };
    uint32_t *const numbers[] = { &partial.version.major, &partial.version.minor,
                                  &partial.version.patch };
    bool is_wild = false;

    for (unsigned i = 0; i < 3; i++) {
        if (i > 0 && *reader->at != '.')
            break;
        reader->at += i > 0;
        if (*reader->at != '\0' && strchr("xX*", *reader->at) != NULL) {
            is_wild = true;
            reader->at++;
            continue;
        }
        reader->at = is_wild ? NULL : tdh_semver_number(reader->at, numbers[i]);
        if (reader->at == NULL)
            return fail(reader, "expected a version like 1.2.3, 1.2 or 1.x", err);
        partial.given++;
    }
    if (partial.given == 3)
        reader->at = tdh_semver_tail(reader->at, partial.version.pre);
    if (reader->at == NULL || (!is_group_end(reader) && *reader->at != ' ' && *reader->at != '\t'))
        return fail(reader, "expected a version like 1.2.3, 1.2 or 1.x", err);
    *ret_partial = partial;
    return 0;
}

/* True when the dash of a span comes next; moves past it. */
static bool skip_dash(struct reader *reader)
{
    size_t spaces = strspn(reader->at, " \t");
    const char *dash = reader->at + spaces;

    if (spaces == 0 || dash[0] != '-' || (dash[1] != ' ' && dash[1] != '\t'))
        return false;
    reader->at = dash + 1;
    skip_spaces(reader);
    return true;
}

static int read_comparator(struct reader *reader, struct td_err *err)
{
    enum sign sign = read_sign(reader);
    struct partial first, last;

    if (read_partial(reader, &first, err) != 0)
        return -1;
    if (sign != SIGN_NONE || !skip_dash(reader))
        return add_comparator(reader, sign, &first, err);
    if (read_partial(reader, &last, err) != 0)
        return -1;
    if (add_comparator(reader, SIGN_GE, &first, err) != 0)
        return -1;
    return add_comparator(reader, SIGN_LE, &last, err);
}

static int read_group(struct reader *reader, struct td_err *err)
{
    unsigned before = reader->range->count;

    for (skip_spaces(reader); !is_group_end(reader); skip_spaces(reader))
        if (read_comparator(reader, err) != 0)
            return -1;
    if (reader->range->count == before && add_any(reader, SIGN_NONE, err) != 0)
        return -1;
    reader->range->parts[reader->range->count - 1].is_last = true;
    return 0;
}

int tdh_range_parse(const char *text, struct tdh_range *ret_range, struct td_err *err)
{
    struct tdh_range range = { 0 };
    struct reader reader = { .text = text, .at = text, .range = &range };

    for (;;) {
        if (read_group(&reader, err) != 0)
            return -1;
        if (*reader.at == '\0')
            break;
        reader.at += 2; /* "||" */
    }
    *ret_range = range;
    return 0;
}

static bool part_has(const struct tdh_range_part *part, const struct tdh_semver *version)
{
    int order = tdh_semver_compare(version, &part->version);

    switch (part->op) {
    case TDH_LT:
        return order < 0;
    case TDH_LE:
        return order <= 0;
    case TDH_GE:
        return order >= 0;
    case TDH_GT:
        return order > 0;
    default:
        return order == 0;
    }
}

/* True when a comparator invites pre-releases of this very version. */
static bool part_invites(const struct tdh_range_part *part, const struct tdh_semver *version)
{
    return part->version.pre[0] != '\0' && part->version.major == version->major &&
           part->version.minor == version->minor && part->version.patch == version->patch;
}

bool tdh_range_has(const struct tdh_range *range, const struct tdh_semver *version)
{
    bool is_in = true, is_invited = version->pre[0] == '\0';

    if (range->count == 0)
        return is_invited;
    for (unsigned i = 0; i < range->count; i++) {
        is_in = is_in && part_has(&range->parts[i], version);
        is_invited = is_invited || part_invites(&range->parts[i], version);
        if (!range->parts[i].is_last)
            continue;
        if (is_in && is_invited)
            return true;
        is_in = true;
        is_invited = version->pre[0] == '\0';
    }
    return false;
}
