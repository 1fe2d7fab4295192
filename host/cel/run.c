/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run: memory, faults and their words.
 */
#include "cel/run.h"

#include <stdio.h>
#include <string.h>

#include "cel/number.h"
#include "cel/program.h"

_Static_assert(TDH_CEL_BYTES == 16U << 20, "cel_claim tells this number");
_Static_assert(CEL_DEEP == 300, "cel_visit tells this number");

void cel_stop(struct cel_run *run, enum td_code code, const char *text)
{
    run->steps_left = 0;
    if (run->stop != NULL)
        return;
    run->stop = text;
    run->stop_code = code;
}

bool cel_visit(struct cel_run *run, int depth)
{
    if (depth > CEL_DEEP)
        cel_stop(run, TD_E_LIMIT, "a value of the expression is nested deeper than 300 levels");
    cel_charge(run, 1);
    return run->steps_left > 0;
}

static void *stop_at_arena(struct cel_run *run)
{
    if (run->arena->max_bytes != 0)
        cel_stop(run, TD_E_LIMIT, "expression needs more memory than its caller gives it");
    else
        cel_stop(run, TD_E_NOMEM, "could not allocate memory for an expression");
    return NULL;
}

bool cel_claim(struct cel_run *run, size_t size)
{
    if (size > run->bytes_left) {
        cel_stop(run, TD_E_LIMIT, "expression needs more than 16 MiB of memory");
        return false;
    }
    run->bytes_left -= size;
    return true;
}

void *cel_alloc(struct cel_run *run, size_t size)
{
    void *memory = cel_claim(run, size) ? tdh_arena_alloc_raw(run->arena, size) : NULL;

    return memory != NULL || run->stop != NULL ? memory : stop_at_arena(run);
}

struct cel_value cel_fault(const char *text)
{
    return (struct cel_value){ .type = CEL_FAULT, .form = CEL_PLAIN, .as.s = text };
}

struct cel_value cel_stopped(void)
{
    return cel_fault("stopped");
}

static struct cel_value fault_with(struct cel_run *run, int form, const char *text,
                                   const struct cel_value *values, size_t count)
{
    struct cel_detail *detail = cel_alloc(run, sizeof(*detail));

    if (detail == NULL)
        return cel_stopped();
    detail->text = text;
    detail->count = (uint32_t)(count < 3 ? count : 3);
    memcpy(detail->values, values, detail->count * sizeof(*values));
    return (struct cel_value){ .type = CEL_FAULT, .form = (uint8_t)form, .as.detail = detail };
}

struct cel_value cel_fault_about(struct cel_run *run, const char *text, struct cel_value subject)
{
    return subject.type == CEL_FAULT ? subject : fault_with(run, CEL_SUBJECT, text, &subject, 1);
}

struct cel_value cel_no_overload(struct cel_run *run, const char *name,
                                 const struct cel_value *args, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (args[i].type == CEL_FAULT)
            return args[i];
    return fault_with(run, CEL_NO_OVERLOAD, name, args, count);
}

/* A value as part of a sentence: scalars as they are written, the rest by type. */
static void print_subject(struct cel_value value, char *out, size_t size)
{
    char number[CEL_NUMBER_ROOM];
    int shown = value.size < 64 ? (int)value.size : 64;

    switch (value.type) {
    case CEL_STRING:
        snprintf(out, size, "\"%.*s\"%s", shown, value.as.s, value.size > 64 ? "..." : "");
        break;
    case CEL_INT:
        snprintf(out, size, "%lld", (long long)value.as.i);
        break;
    case CEL_UINT:
        snprintf(out, size, "%lluu", (unsigned long long)value.as.u);
        break;
    case CEL_DOUBLE:
        cel_print_double(value.as.d, number);
        snprintf(out, size, "%s%s", number,
                 number[strspn(number, "-0123456789")] == '\0' ? ".0" : "");
        break;
    case CEL_BOOL:
        snprintf(out, size, "%s", value.as.i ? "true" : "false");
        break;
    default:
        snprintf(out, size, "of type %s", cel_type_name((enum cel_type)value.type));
    }
}

static void print_overload(const struct cel_detail *detail, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "\"%s\" cannot be applied to ", detail->text);

    for (uint32_t i = 0; i < detail->count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s",
                                 i == 0                  ? ""
                                 : i + 1 < detail->count ? ", "
                                                         : " and ",
                                 cel_type_name((enum cel_type)detail->values[i].type));
    if (detail->count == 0 && used < size)
        snprintf(out + used, size - used, "nothing");
}

static void print_fault(struct cel_value fault, char *out, size_t size)
{
    char subject[128];

    if (fault.form == CEL_NO_OVERLOAD) {
        print_overload(fault.as.detail, out, size);
    } else if (fault.form == CEL_SUBJECT) {
        const char *text = fault.as.detail->text;
        const char *mark = strstr(text, "%s");

        print_subject(fault.as.detail->values[0], subject, sizeof(subject));
        snprintf(out, size, "%.*s%s%s", (int)(mark - text), text, subject, mark + 2);
    } else {
        snprintf(out, size, "%s", fault.as.s);
    }
}

int cel_fault_tell(const struct cel_run *run, struct cel_value fault, struct td_err *err)
{
    char text[320];
    unsigned line = 0, column = 0;

    print_fault(fault, text, sizeof(text));
    if (fault.size == 0)
        return td_fail(err, TD_E_INVAL, "%s", text);
    cel_place(run->cel, fault.size - 1, &line, &column);
    return td_fail(err, TD_E_INVAL, "%u:%u: %s", line, column, text);
}

int cel_stop_tell(const struct cel_run *run, struct td_err *err)
{
    if (run->stop != NULL)
        return td_fail(err, run->stop_code, "%s", run->stop);
    return td_fail(err, TD_E_LIMIT, "expression needs more than %u steps", TDH_CEL_STEPS);
}

struct cel_value cel_new_string(struct cel_run *run, const char *text, size_t length)
{
    char *copy = cel_alloc(run, length);

    if (copy == NULL)
        return cel_stopped();
    memcpy(copy, text, length);
    return cel_string(copy, length);
}

struct cel_value cel_new_optional(struct cel_run *run, struct cel_value value)
{
    struct cel_value *inner;

    if (value.type == CEL_FAULT)
        return value;
    inner = cel_alloc(run, sizeof(*inner));
    if (inner == NULL)
        return cel_stopped();
    *inner = value;
    return cel_optional(inner);
}
