/* SPDX-License-Identifier: Apache-2.0 */
/*
 * function: finds rows by name, and the row for the arguments at hand.
 */
#include "cel/function.h"

#include <string.h>

static const struct cel_family *const families[] = {
    &cel_base_functions,     &cel_convert_functions, &cel_string_functions,  &cel_math_functions,
    &cel_optional_functions, &cel_time_functions,    &cel_version_functions,
};
enum { FAMILY_COUNT = sizeof(families) / sizeof(families[0]) };

static bool is_named(const struct cel_function *row, const char *name, size_t length,
                     bool is_member)
{
    return row->is_member == is_member && strncmp(row->name, name, length) == 0 &&
           row->name[length] == '\0';
}

static struct cel_overloads find_in(uint32_t family, const char *name, size_t length,
                                    bool is_member)
{
    const struct cel_family *table = families[family];
    struct cel_overloads found = { .family = family };

    for (uint32_t i = 0; i < table->count; i++) {
        if (!is_named(&table->rows[i], name, length, is_member))
            continue;
        if (found.count++ == 0)
            found.first = i;
    }
    return found;
}

struct cel_overloads cel_overloads_find(const char *name, size_t length, bool is_member)
{
    struct cel_overloads found = { 0 };

    for (uint32_t i = 0; i < FAMILY_COUNT && found.count == 0; i++)
        found = find_in(i, name, length, is_member);
    return found;
}

const struct cel_function *cel_overloads_row(struct cel_overloads overloads, uint32_t i)
{
    return &families[overloads.family]->rows[overloads.first + i];
}

bool cel_function_takes(const struct cel_function *function, size_t argc)
{
    return function->argc == CEL_VARIADIC ? argc > 0 : (size_t)function->argc == argc;
}

size_t cel_function_names(bool is_member, const char **names, size_t room)
{
    size_t count = 0;

    for (uint32_t i = 0; i < FAMILY_COUNT; i++)
        for (size_t row = 0; row < families[i]->count && count < room; row++)
            if (families[i]->rows[row].is_member == is_member)
                names[count++] = families[i]->rows[row].name;
    return count;
}

static bool fits(const struct cel_function *row, const struct cel_value *args, size_t count)
{
    if (!cel_function_takes(row, count))
        return false;
    for (size_t i = 0; i < count; i++)
        if ((row->args[row->argc == CEL_VARIADIC ? 0 : i] & CEL_BIT(args[i].type)) == 0)
            return false;
    return true;
}

struct cel_value cel_call(struct cel_run *run, struct cel_overloads overloads,
                          const struct cel_value *args, size_t count)
{
    const struct cel_function *rows = &families[overloads.family]->rows[overloads.first];

    for (uint32_t i = 0; i < overloads.count; i++)
        if (fits(&rows[i], args, count))
            return rows[i].call(run, args, count);
    return cel_no_overload(run, rows->name, args, count);
}
