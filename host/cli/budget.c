/* SPDX-License-Identifier: Apache-2.0 */
/*
 * budget: what --budget says, "cost=1,calls=100", given once or more often; and how budgets are
 * printed.
 */
#include "cli/budget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"

static int add(json_t *limits, const char *pair, size_t length, struct td_err *err)
{
    const char *equals = memchr(pair, '=', length);
    char name[TDH_METER_NAME + 1] = "", *end;
    double number;

    if (equals != NULL)
        snprintf(name, sizeof(name), "%.*s", (int)(equals - pair), pair);
    number = equals != NULL ? strtod(equals + 1, &end) : 0;
    if (equals == NULL || end != pair + length || end == equals + 1 || !(number >= 0))
        return td_fail(err, TD_E_INVAL,
                       "--budget: \"%.*s\" is no meter and its limit, such as cost=2.5",
                       (int)length, pair);
    return json_object_set_new(limits, name, json_real(number)) == 0
               ? 0
               : td_fail(err, TD_E_INVAL, "--budget: \"%s\" cannot be a meter", name);
}

static int add_all(json_t *limits, const char *text, struct td_err *err)
{
    while (*text != '\0') {
        size_t length = strcspn(text, ",");

        if (add(limits, text, length, err) != 0)
            return -1;
        text += length + (text[length] == ',');
    }
    return 0;
}

static int read(const json_t *limits, struct tdh_meters *ret_limits, struct td_err *err)
{
    struct tdh_meter_fault fault;

    if (tdh_meters_read(limits, ret_limits, &fault))
        return 0;
    return td_fail(err, TD_E_INVAL, "--budget: %s%s%s %s", fault.key != NULL ? "\"" : "",
                   fault.key != NULL ? fault.key : "it", fault.key != NULL ? "\"" : "", fault.text);
}

int tdh_args_budget(const struct tdh_args *args, struct tdh_meters *ret_limits,
                    const struct tdh_meters **ret_given, struct td_err *err)
{
    json_t *limits = json_object();
    int rc = limits != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a budget");

    *ret_given = NULL;
    for (size_t i = 0; i < args->given_count && rc == 0; i++)
        if (strcmp(args->given[i]->name, "budget") == 0)
            rc = add_all(limits, args->values[i], err);
    if (rc == 0 && json_object_size(limits) > 0) {
        rc = read(limits, ret_limits, err);
        *ret_given = ret_limits;
    }
    json_decref(limits);
    return rc;
}

int tdh_budget_check(const json_t *record, const struct tdh_meters *limits, struct td_err *err)
{
    const json_t *budget = json_object_get(record, "budget"),
                 *spent = json_object_get(record, "spent");
    const char *names[2 * TDH_METERS_MAX + 3], *near, *key;
    size_t count = 0;
    json_t *amount;

    names[count++] = "calls";
    json_object_foreach ((json_t *)(uintptr_t)budget, key, amount)
        if (count < 2 * TDH_METERS_MAX + 3)
            names[count++] = key;
    json_object_foreach ((json_t *)(uintptr_t)spent, key, amount)
        if (count < 2 * TDH_METERS_MAX + 3)
            names[count++] = key;
    for (unsigned i = 0; limits != NULL && i < limits->count; i++) {
        size_t at = 0;

        while (at < count && strcmp(names[at], limits->list[i].name) != 0)
            at++;
        if (at < count)
            continue;
        near = tdh_near(limits->list[i].name, names, count);
        return td_fail(err, TD_E_INVAL, "--budget: the run has no meter \"%s\"%s%s%s",
                       limits->list[i].name, near ? ", did you mean \"" : "", near ? near : "",
                       near ? "\"" : "");
    }
    return 0;
}

void tdh_budget_print(const json_t *record)
{
    const json_t *limits = json_object_get(record, "budget"),
                 *spent = json_object_get(record, "spent");
    const char *name, *before = "";
    json_t *amount;

    if (json_object_size(limits) + json_object_size(spent) == 0)
        return;
    printf("%-8s  ", limits != NULL ? "budget" : "spent");
    json_object_foreach ((json_t *)(uintptr_t)limits, name, amount) {
        printf("%s%s %g of %g", before, name, json_number_value(json_object_get(spent, name)),
               json_number_value(amount));
        before = ", ";
    }
    json_object_foreach ((json_t *)(uintptr_t)spent, name, amount) {
        if (json_object_get(limits, name) != NULL)
            continue;
        printf("%s%s %g", before, name, json_number_value(amount));
        before = ", ";
    }
    putchar('\n');
}
