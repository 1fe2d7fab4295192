/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compose_read: the configuration of a composition. What cannot work is refused here: two members
 * of one name, a need that is nobody, members that wait for each other.
 */
#include "compose.h"

#include <string.h>

/* --- what a member needs --- */

static int find(const struct compose *plan, const json_t *name, size_t *ret_place)
{
    const char *text = json_string_value(name);

    for (size_t i = 0; text != NULL && i < plan->count; i++)
        if (strcmp(plan->members[i].name, text) == 0) {
            *ret_place = i;
            return 0;
        }
    return -1;
}

static int read_needs(struct compose *plan, size_t place, struct td_err *err)
{
    const struct kit_member *member = &plan->members[place];
    const json_t *names = json_object_get(member->text, "needs"), *name;
    size_t count = json_array_size(names), i, *needs;

    if (names == NULL)
        return 0;
    if (!json_is_array(names) || count > COMPOSE_NEEDS_MAX)
        return td_fail(err, TD_E_CONFIG, "%s \"%s\": \"needs\" must be a list of at most %d ids",
                       plan->form->word, member->name, COMPOSE_NEEDS_MAX);
    needs = kit_alloc(&plan->kit, count * sizeof(*needs), err);
    if (needs == NULL)
        return -1;
    json_array_foreach (names, i, name)
        if (find(plan, name, &needs[i]) != 0)
            return td_fail(err, TD_E_CONFIG, "%s \"%s\" needs \"%s\", which is no %s",
                           plan->form->word, member->name,
                           json_is_string(name) ? json_string_value(name) : "", plan->form->word);
    plan->steps[place].needs = needs;
    plan->steps[place].need_count = count;
    return 0;
}

static bool is_free(const struct compose_step *step, const bool *is_ready)
{
    for (size_t i = 0; i < step->need_count; i++)
        if (!is_ready[step->needs[i]])
            return false;
    return true;
}

/* Members become ready one after another; in a circle none does. */
static int check_circles(struct compose *plan, struct td_err *err)
{
    bool *is_ready = kit_alloc(&plan->kit, plan->count * sizeof(*is_ready), err);
    size_t left = plan->count, before, i;

    if (is_ready == NULL)
        return -1;
    do {
        before = left;
        for (i = 0; i < plan->count; i++)
            if (!is_ready[i] && is_free(&plan->steps[i], is_ready)) {
                is_ready[i] = true;
                left--;
            }
    } while (left > 0 && left < before);
    if (left == 0)
        return 0;
    for (i = 0; is_ready[i];)
        i++;
    return td_fail(err, TD_E_CONFIG, "%s \"%s\" needs itself, or one that needs it",
                   plan->form->word, plan->members[i].name);
}

/* --- members --- */

/* An `id` is a name that others can be told to need. */
static int read_id(const struct compose *plan, struct kit_member *member, struct td_err *err)
{
    if (kit_text(member->text, "id", NULL, &member->name, err) != 0)
        return -1;
    return member->name != NULL && member->name[0] != '\0'
               ? 0
               : td_fail(err, TD_E_CONFIG, "%s %td needs an \"id\"", plan->form->word,
                         member - plan->members);
}

static int read_step(struct compose *plan, size_t place, struct td_err *err)
{
    struct compose_step *step = &plan->steps[place];
    const struct kit_member *member = &plan->members[place];

    if (kit_rules(member->text, "when", &step->when, err) != 0 ||
        kit_members(&plan->kit, member->text, "instead", "alternative", 0, COMPOSE_INSTEAD_MAX,
                    &step->instead, &step->instead_count, err) != 0)
        return td_context(err, "%s \"%s\"", plan->form->word, member->name);
    return plan->form->has_needs ? read_needs(plan, place, err) : 0;
}

/* The default is one member more. */
static int add_default(struct compose *plan, const json_t *config, struct td_err *err)
{
    struct kit_member *fallback, *members;

    if (!plan->form->has_choice)
        return 0;
    if (kit_member(&plan->kit, config, "default", &fallback, err) != 0)
        return -1;
    if (fallback == NULL)
        return 0;
    members = kit_alloc(&plan->kit, (plan->count + 1) * sizeof(*members), err);
    if (members == NULL)
        return -1;
    memcpy(members, plan->members, plan->count * sizeof(*members));
    members[plan->count] = *fallback;
    if (json_object_get(fallback->text, "name") == NULL)
        members[plan->count].name = "default";
    plan->members = members;
    plan->count++;
    plan->has_default = true;
    return 0;
}

static int read_members(struct compose *plan, const json_t *config, struct td_err *err)
{
    const struct compose_form *form = plan->form;

    if (kit_members(&plan->kit, config, form->key, form->word, 1, form->max, &plan->members,
                    &plan->count, err) != 0 ||
        add_default(plan, config, err) != 0)
        return -1;
    for (size_t i = 0; form->has_needs && i < plan->count; i++)
        if (read_id(plan, &plan->members[i], err) != 0)
            return -1;
    if (kit_members_unique(plan->members, plan->count, form->word, err) != 0)
        return -1;
    plan->steps = kit_alloc(&plan->kit, plan->count * sizeof(*plan->steps), err);
    if (plan->steps == NULL)
        return -1;
    for (size_t i = 0; i < plan->count; i++)
        if (read_step(plan, i, err) != 0)
            return -1;
    return form->has_needs ? check_circles(plan, err) : 0;
}

/* --- all of it --- */

static int read_stop(struct compose *plan, const json_t *config, struct td_err *err)
{
    static const char *const stops[] = { "never", "failure", "success", NULL };
    static const char *const on_failures[] = { "fail", "report", NULL };

    if (kit_choice(config, "stop_on", stops, plan->form->stop, &plan->stop, err) != 0 ||
        kit_choice(config, "on_failure", on_failures, plan->form->is_reporting, &plan->is_reporting,
                   err) != 0 ||
        kit_rules(config, "stop_when", &plan->stop_when, err) != 0)
        return -1;
    return kit_count(config, "min_success", 1, plan->count, plan->stop == COMPOSE_ON_SUCCESS,
                     &plan->min_success, err);
}

int compose_read(struct compose *plan, const struct compose_form *form, const json_t *config,
                 struct td_err *err)
{
    static const char *const matches[] = { "first", "all", NULL };

    plan->form = form;
    plan->width = 1;
    if (read_members(plan, config, err) != 0 || read_stop(plan, config, err) != 0)
        return -1;
    if (form->has_choice && kit_choice(config, "match", matches, 0, &plan->is_all, err) != 0)
        return -1;
    return form->is_at_once ? kit_count(config, "max_parallel", 1, COMPOSE_PARALLEL_MAX,
                                        COMPOSE_PARALLEL_DEFAULT, &plan->width, err)
                            : 0;
}
