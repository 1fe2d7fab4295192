/* SPDX-License-Identifier: Apache-2.0 */
/*
 * optional functions: making and reading optionals. or(), orValue(), optMap() and optFlatMap() are
 * macros: they do not evaluate what is not needed.
 */
#include "cel/collection.h"
#include "cel/function.h"

static struct cel_value none(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)args;
    (void)count;
    return cel_optional(NULL);
}

static struct cel_value of(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)count;
    return cel_new_optional(run, args[0]);
}

static struct cel_value of_non_zero(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)count;
    return cel_is_zero(args[0]) ? cel_optional(NULL) : cel_new_optional(run, args[0]);
}

static struct cel_value has_value(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return cel_bool(args[0].as.inner != NULL);
}

static struct cel_value value_of(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return args[0].as.inner != NULL ? *args[0].as.inner : cel_fault("optional.none() has no value");
}

static struct cel_value unwrap(struct cel_run *run, const struct cel_value *args, size_t count)
{
    struct cel_list *list = cel_list_new(run, 0);
    size_t items = cel_count(args[0]);

    (void)count;
    if (list == NULL)
        return cel_stopped();
    for (size_t i = 0; i < items && run->steps_left > 0; i++) {
        struct cel_value item = cel_list_at(args[0], i);

        cel_charge(run, 1);
        if (item.type != CEL_OPTIONAL)
            return cel_no_overload(run, "optional.unwrap", &item, 1);
        if (item.as.inner != NULL && cel_list_add(run, list, *item.as.inner) != 0)
            return cel_stopped();
    }
    return cel_list(list);
}

#define LIST CEL_BIT(CEL_LIST)
#define OPTIONAL CEL_BIT(CEL_OPTIONAL)

static const struct cel_function rows[] = {
    { "optional.none", false, 0, { 0 }, OPTIONAL, none },
    { "optional.of", false, 1, { CEL_ANY }, OPTIONAL, of },
    { "optional.ofNonZeroValue", false, 1, { CEL_ANY }, OPTIONAL, of_non_zero },
    { "optional.unwrap", false, 1, { LIST }, LIST, unwrap },
    { "unwrapOpt", true, 1, { LIST }, LIST, unwrap },
    { "hasValue", true, 1, { OPTIONAL }, CEL_BIT(CEL_BOOL), has_value },
    { "value", true, 1, { OPTIONAL }, CEL_ANY, value_of },
};

const struct cel_family cel_optional_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
