/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base functions: size, type, dyn, and the tests on strings.
 */
#include "cel/collection.h"
#include "cel/function.h"
#include "cel/regex.h"
#include "cel/text.h"

#include <string.h>

static struct cel_value size(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)count;
    if (args->type == CEL_BYTES)
        return cel_int(args->size);
    if (args->type != CEL_STRING)
        return cel_int((int64_t)cel_count(*args));
    cel_charge(run, args->size >> 8);
    return cel_int((int64_t)tdh_utf8_count(args->as.s, args->size));
}

static struct cel_value type_of(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return cel_type((enum cel_type)args->type);
}

static struct cel_value itself(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return *args;
}

static bool stands_at(struct cel_value text, size_t offset, struct cel_value part)
{
    return part.size == 0 || memcmp(text.as.s + offset, part.as.s, part.size) == 0;
}

static struct cel_value contains(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)count;
    cel_charge(run, args[0].size >> 8);
    return cel_bool(args[1].size == 0 ||
                    memmem(args[0].as.s, args[0].size, args[1].as.s, args[1].size) != NULL);
}

static struct cel_value starts_with(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return cel_bool(args[0].size >= args[1].size && stands_at(args[0], 0, args[1]));
}

static struct cel_value ends_with(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return cel_bool(args[0].size >= args[1].size &&
                    stands_at(args[0], args[0].size - args[1].size, args[1]));
}

static struct cel_value matches(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)count;
    return cel_match_text(run, args[1], args[0]);
}

#define STRING CEL_BIT(CEL_STRING)
#define SIZED (STRING | CEL_BIT(CEL_BYTES) | CEL_BIT(CEL_LIST) | CEL_BIT(CEL_MAP))

static const struct cel_function rows[] = {
    { "size", false, 1, { SIZED }, CEL_BIT(CEL_INT), size },
    { "size", true, 1, { SIZED }, CEL_BIT(CEL_INT), size },
    { "type", false, 1, { CEL_ANY }, CEL_BIT(CEL_TYPE), type_of },
    { "dyn", false, 1, { CEL_ANY }, CEL_ANY, itself },
    { "contains", true, 2, { STRING, STRING }, CEL_BIT(CEL_BOOL), contains },
    { "startsWith", true, 2, { STRING, STRING }, CEL_BIT(CEL_BOOL), starts_with },
    { "endsWith", true, 2, { STRING, STRING }, CEL_BIT(CEL_BOOL), ends_with },
    { "matches", false, 2, { STRING, STRING }, CEL_BIT(CEL_BOOL), matches },
    { "matches", true, 2, { STRING, STRING }, CEL_BIT(CEL_BOOL), matches },
};

const struct cel_family cel_base_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
