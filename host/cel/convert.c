/* SPDX-License-Identifier: Apache-2.0 */
/*
 * convert: int(), uint(), double(), string(), bytes(), bool(), and base64.
 */
#include "cel/base64.h"
#include "cel/function.h"
#include "cel/number.h"
#include "cel/text.h"
#include "cel/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct cel_value itself(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return *args;
}

static struct cel_value to_int(struct cel_run *run, const struct cel_value *args, size_t count)
{
    int64_t i = args->as.i;
    bool is_done = true;

    (void)count;
    if (args->type == CEL_UINT)
        is_done = args->as.u <= INT64_MAX;
    else if (args->type == CEL_DOUBLE)
        is_done = cel_double_to_int(args->as.d, &i);
    else if (args->type == CEL_STRING)
        is_done = cel_parse_int(args->as.s, args->size, &i);
    return is_done ? cel_int(i) : cel_fault_about(run, "%s cannot be an int", *args);
}

static struct cel_value to_uint(struct cel_run *run, const struct cel_value *args, size_t count)
{
    uint64_t u = args->as.u;
    bool is_done = true;

    (void)count;
    if (args->type == CEL_INT)
        is_done = args->as.i >= 0;
    else if (args->type == CEL_DOUBLE)
        is_done = cel_double_to_uint(args->as.d, &u);
    else if (args->type == CEL_STRING)
        is_done = cel_parse_uint(args->as.s, args->size, 10, &u);
    return is_done ? cel_uint(u) : cel_fault_about(run, "%s cannot be a uint", *args);
}

static struct cel_value to_double(struct cel_run *run, const struct cel_value *args, size_t count)
{
    double d = args->as.d;

    (void)count;
    if (args->type == CEL_INT)
        d = (double)args->as.i;
    else if (args->type == CEL_UINT)
        d = (double)args->as.u;
    else if (args->type == CEL_STRING && !cel_parse_double(args->as.s, args->size, &d))
        return cel_fault_about(run, "%s cannot be a double", *args);
    return cel_double(d);
}

static struct cel_value to_bool(struct cel_run *run, const struct cel_value *args, size_t count)
{
    static const char *const words[2][6] = { { "0", "f", "F", "false", "FALSE", "False" },
                                             { "1", "t", "T", "true", "TRUE", "True" } };

    (void)count;
    for (int truth = 0; truth < 2; truth++)
        for (int i = 0; i < 6; i++)
            if (strlen(words[truth][i]) == args->size &&
                memcmp(words[truth][i], args->as.s, args->size) == 0)
                return cel_bool(truth);
    return cel_fault_about(run, "%s cannot be a bool", *args);
}

static struct cel_value number_to_string(struct cel_run *run, const struct cel_value *args,
                                         size_t count)
{
    char text[CEL_NUMBER_ROOM];

    (void)count;
    if (args->type == CEL_DOUBLE)
        cel_print_double(args->as.d, text);
    else if (args->type == CEL_BOOL)
        snprintf(text, sizeof(text), "%s", args->as.i ? "true" : "false");
    else if (args->type == CEL_UINT)
        snprintf(text, sizeof(text), "%" PRIu64, args->as.u);
    else
        snprintf(text, sizeof(text), "%" PRId64, args->as.i);
    return cel_new_string(run, text, strlen(text));
}

static struct cel_value bytes_to_string(struct cel_run *run, const struct cel_value *args,
                                        size_t count)
{
    (void)count;
    cel_charge(run, args->size >> 6);
    if (!tdh_utf8_is_valid(args->as.s, args->size))
        return cel_fault_about(run, "a value %s is not UTF-8, so it cannot be a string", *args);
    return cel_string(args->as.s, args->size);
}

static struct cel_value time_to_string(struct cel_run *run, const struct cel_value *args,
                                       size_t count)
{
    char text[CEL_TIME_ROOM];

    (void)count;
    cel_time_print(*args, text);
    return cel_new_string(run, text, strlen(text));
}

static struct cel_value to_bytes(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return cel_bytes(args->as.s, args->size);
}

static struct cel_value base64_encode(struct cel_run *run, const struct cel_value *args,
                                      size_t count)
{
    char *text = cel_alloc(run, cel_base64_size(args->size));

    (void)count;
    cel_charge(run, args->size >> 6);
    return text == NULL ? cel_stopped()
                        : cel_string(text, cel_base64_encode(args->as.s, args->size, text));
}

static struct cel_value base64_decode(struct cel_run *run, const struct cel_value *args,
                                      size_t count)
{
    char *bytes = cel_alloc(run, args->size);
    size_t size;

    (void)count;
    cel_charge(run, args->size >> 6);
    if (bytes == NULL)
        return cel_stopped();
    if (!cel_base64_decode(args->as.s, args->size, bytes, &size))
        return cel_fault_about(run, "%s is not base64", *args);
    return cel_bytes(bytes, size);
}

#define BOOL CEL_BIT(CEL_BOOL)
#define INT CEL_BIT(CEL_INT)
#define UINT CEL_BIT(CEL_UINT)
#define DOUBLE CEL_BIT(CEL_DOUBLE)
#define STRING CEL_BIT(CEL_STRING)
#define BYTES CEL_BIT(CEL_BYTES)
#define TIMESTAMP CEL_BIT(CEL_TIMESTAMP)

static const struct cel_function rows[] = {
    { "int", false, 1, { CEL_NUMBERS | STRING | TIMESTAMP }, INT, to_int },
    { "uint", false, 1, { CEL_NUMBERS | STRING }, UINT, to_uint },
    { "double", false, 1, { CEL_NUMBERS | STRING }, DOUBLE, to_double },
    { "bool", false, 1, { BOOL }, BOOL, itself },
    { "bool", false, 1, { STRING }, BOOL, to_bool },
    { "string", false, 1, { STRING }, STRING, itself },
    { "string", false, 1, { CEL_NUMBERS | BOOL }, STRING, number_to_string },
    { "string", false, 1, { BYTES }, STRING, bytes_to_string },
    { "string", false, 1, { TIMESTAMP | CEL_BIT(CEL_DURATION) }, STRING, time_to_string },
    { "bytes", false, 1, { STRING | BYTES }, BYTES, to_bytes },
    { "base64.encode", false, 1, { BYTES }, STRING, base64_encode },
    { "base64.decode", false, 1, { STRING }, BYTES, base64_decode },
};

const struct cel_family cel_convert_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
