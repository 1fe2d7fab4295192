/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zone: a reader of TZif files that trusts nothing in them: each count is checked against the size
 * of the file.
 */
#include "cel/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "cel/zone_rule.h"

#define ZONE_FOLDER "/usr/share/zoneinfo/"

enum { NAME_MAX_BYTES = 64, FILE_MAX_BYTES = 16384, HEADER_BYTES = 44 };

struct cel_zone {
    struct cel_value name;
    const unsigned char *times; /* 8 bytes each, ascending */
    const unsigned char *types; /* one per time: row of `rows` */
    const unsigned char *rows;  /* 6 bytes each: offset, is summer time, name */
    uint32_t time_count, row_count;
    bool has_rule;
    struct cel_rule rule; /* behind the last time */
};

/* Letters, digits, "_", "-", "+" and single slashes inside: no way up or out. */
static bool is_zone_name(struct cel_value name)
{
    if (name.size == 0 || name.size > NAME_MAX_BYTES || name.as.s[0] == '/' ||
        name.as.s[name.size - 1] == '/')
        return false;
    for (uint32_t i = 0; i < name.size; i++) {
        char c = name.as.s[i], letter = (char)(c | 0x20);

        if (!(letter >= 'a' && letter <= 'z') && !(c >= '0' && c <= '9') &&
            memchr("_-+/", c, 4) == NULL)
            return false;
    }
    return true;
}

/* Into FILE_MAX_BYTES; 0 when there is no such file, or none of a size below that. */
static size_t read_file(struct cel_value name, unsigned char *bytes)
{
    char path[sizeof(ZONE_FOLDER) + NAME_MAX_BYTES];
    FILE *file;
    size_t size;

    snprintf(path, sizeof(path), ZONE_FOLDER "%.*s", (int)name.size, name.as.s);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    size = fread(bytes, 1, FILE_MAX_BYTES, file); /* a folder opens, but gives nothing */
    fclose(file);
    return size < FILE_MAX_BYTES ? size : 0;
}

static uint32_t be32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int64_t be64(const unsigned char *bytes)
{
    return (int64_t)((uint64_t)be32(bytes) << 32 | be32(bytes + 4));
}

/*
 * The six counts of a header, and the size of the data behind it with times of `time_bytes`; false
 * when not TZif.
 */
static bool read_header(const unsigned char *bytes, size_t size, size_t time_bytes,
                        uint32_t counts[6], size_t *ret_data)
{
    if (size < HEADER_BYTES || memcmp(bytes, "TZif", 4) != 0)
        return false;
    for (int i = 0; i < 6; i++) {
        counts[i] =
            be32(bytes + 20 +
                 4 * i); /* UT marks, standard marks, leap seconds, times, rows, name bytes */
        if (counts[i] > FILE_MAX_BYTES)
            return false;
    }
    *ret_data = counts[3] * (time_bytes + 1) + counts[4] * 6U + counts[5] +
                counts[2] * (time_bytes + 4) + counts[1] + counts[0];
    return *ret_data <= size - HEADER_BYTES;
}

static void read_rule(struct cel_zone *zone, const unsigned char *bytes, size_t size)
{
    const unsigned char *end =
        size > 2 && bytes[0] == '\n' ? memchr(bytes + 1, '\n', size - 1) : NULL;

    if (end != NULL)
        zone->has_rule =
            cel_rule_parse((const char *)bytes + 1, (size_t)(end - bytes - 1), &zone->rule);
}

/*
 * The first block, with times of 32 bits, is skipped for the second, with 64 bits and the rule
 * behind it.
 */
static bool read_zone(struct cel_zone *zone, const unsigned char *bytes, size_t size)
{
    uint32_t counts[6];
    size_t data;

    if (!read_header(bytes, size, 4, counts, &data) || bytes[4] < '2')
        return false;
    bytes += HEADER_BYTES + data;
    size -= HEADER_BYTES + data;
    if (!read_header(bytes, size, 8, counts, &data) || counts[4] == 0)
        return false;
    bytes += HEADER_BYTES;
    zone->time_count = counts[3];
    zone->row_count = counts[4];
    zone->times = bytes;
    zone->types = bytes + 8 * (size_t)counts[3];
    zone->rows = zone->types + counts[3];
    read_rule(zone, bytes + data, size - HEADER_BYTES - data);
    return true;
}

static struct cel_zone *zone_of(struct cel_run *run, struct cel_value name)
{
    struct cel_zone *zone = run->zone;
    unsigned char *bytes;
    size_t size;

    if (zone != NULL && zone->name.size == name.size &&
        memcmp(zone->name.as.s, name.as.s, name.size) == 0)
        return zone;
    cel_charge(run, 1000); /* a file is read */
    bytes = cel_alloc(run, FILE_MAX_BYTES);
    size = bytes != NULL ? read_file(name, bytes) : 0;
    zone = size > 0 ? cel_alloc(run, sizeof(*zone)) : NULL;
    if (zone == NULL)
        return NULL;
    *zone = (struct cel_zone){ .name = name };
    if (!read_zone(zone, bytes, size))
        return NULL;
    run->zone = zone;
    return zone;
}

/* The times at or before `seconds`. */
static uint32_t count_before(const struct cel_zone *zone, int64_t seconds)
{
    uint32_t low = 0, high = zone->time_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (be64(zone->times + 8 * (size_t)middle) <= seconds)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int64_t offset_at(const struct cel_zone *zone, int64_t seconds)
{
    uint32_t count = count_before(zone, seconds), row;

    if (count == zone->time_count && zone->has_rule)
        return cel_rule_offset(&zone->rule, seconds);
    row = count > 0 ? zone->types[count - 1] : 0;
    return row < zone->row_count ? (int32_t)be32(zone->rows + 6 * (size_t)row) : 0;
}

/* [+-]hh:mm */
static bool read_fixed(struct cel_value name, int64_t *ret_offset_s)
{
    const char *s = name.as.s;
    bool is_signed = name.size > 0 && (s[0] == '+' || s[0] == '-');
    int hours, minutes;

    s += is_signed;
    if (name.size - is_signed != 5 || s[2] != ':')
        return false;
    for (int i = 0; i < 5; i++)
        if (i != 2 && (s[i] < '0' || s[i] > '9'))
            return false;
    hours = (s[0] - '0') * 10 + s[1] - '0';
    minutes = (s[3] - '0') * 10 + s[4] - '0';
    *ret_offset_s = (name.as.s[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
}

bool cel_zone_offset(struct cel_run *run, struct cel_value name, int64_t seconds,
                     int64_t *ret_offset_s)
{
    const struct cel_zone *zone;

    *ret_offset_s = 0;
    if (read_fixed(name, ret_offset_s) || (name.size == 3 && memcmp(name.as.s, "UTC", 3) == 0))
        return true;
    zone = is_zone_name(name) ? zone_of(run, name) : NULL;
    if (zone != NULL)
        *ret_offset_s = offset_at(zone, seconds);
    return zone != NULL;
}

/* --- for the rest of the host --- */

#define ZONE_LIST ZONE_FOLDER "tzdata.zi" /* all names, in lines such as "Z Asia/Seoul ..." */

enum { LIST_MAX = 1000, LINE_MAX_BYTES = 256 };

struct tdh_zone {
    bool is_fixed;
    int64_t offset_s; /* when it is */
    struct cel_zone zone;
    unsigned char bytes[]; /* of the file */
};

/* Names of the zones there are into list, each to be freed; returns how many. */
static size_t list_names(char *list[LIST_MAX])
{
    FILE *file = fopen(ZONE_LIST, "re");
    char line[LINE_MAX_BYTES], name[LINE_MAX_BYTES];
    size_t count = 0;

    while (file != NULL && count < LIST_MAX && fgets(line, sizeof(line), file) != NULL)
        if ((sscanf(line, "Z %255s", name) == 1 || sscanf(line, "L %*s %255s", name) == 1) &&
            (list[count] = strdup(name)) != NULL)
            count++;
    if (file != NULL)
        fclose(file);
    return count;
}

static void fail_near(const char *name, struct td_err *err)
{
    char *list[LIST_MAX];
    size_t count = list_names(list);
    const char *near = tdh_near(name, (const char *const *)list, count);

    td_fail(err, TD_E_INVAL, "there is no time zone \"%.80s\"%s%s%s", name,
            near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
            near != NULL ? "\"" : "");
    while (count-- > 0)
        free(list[count]);
}

struct tdh_zone *tdh_zone_new(const char *name, struct td_err *err)
{
    struct cel_value text = { .size = (uint32_t)strnlen(name, NAME_MAX_BYTES + 1), .as.s = name };
    struct tdh_zone *zone = calloc(1, sizeof(*zone) + FILE_MAX_BYTES), *fit;
    size_t size;

    if (zone == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a time zone");
        return NULL;
    }
    zone->is_fixed = read_fixed(text, &zone->offset_s) || strcmp(name, "UTC") == 0;
    size = !zone->is_fixed && is_zone_name(text) ? read_file(text, zone->bytes) : 0;
    fit = realloc(zone, sizeof(*zone) + size);
    zone = fit != NULL ? fit : zone;
    if (zone->is_fixed || read_zone(&zone->zone, zone->bytes, size))
        return zone;
    free(zone);
    fail_near(name, err);
    return NULL;
}

void tdh_zone_free(struct tdh_zone *zone)
{
    free(zone);
}

int64_t tdh_zone_offset_s(const struct tdh_zone *zone, int64_t seconds)
{
    return zone->is_fixed ? zone->offset_s : offset_at(&zone->zone, seconds);
}
