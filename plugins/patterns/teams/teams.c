/* SPDX-License-Identifier: Apache-2.0 */
/*
 * teams: a lead gives subtasks to the members of its team, and a member may be a team with a lead
 * of its own: a tree. Each team below is a run of this pattern, and goes on as a supervisor does.
 *
 * All teams are read before the first is begun, so a mistake far below is told at once.
 */
#include "supervisor/crew.h"

enum { TEAMS_DEEP = 8 };

/* --- members that are teams --- */

/* [{name, description}], for the lead above. new */
static json_t *who_is_in(const json_t *team)
{
    json_t *rows = json_array();
    const json_t *member;
    size_t i;

    json_array_foreach (json_object_get(team, "members"), i, member)
        kit_add(&rows, json_pack("{s:O*, s:O*}", "name", json_object_get(member, "name"),
                                 "description", json_object_get(member, "description")));
    return rows;
}

/* A team is a run of this pattern, and one without success has failed. new */
static json_t *as_member(const json_t *text)
{
    json_t *team = json_object_get(text, "team"), *member = kit_copy(text);

    if (team == NULL)
        return member;
    kit_add_member(&member, "pattern", json_string("teams"));
    kit_add_member(&member, "config", json_incref(team));
    kit_add_member(&member, "strict", json_true());
    kit_add_member(&member, "team", who_is_in(team));
    return member;
}

/* A configuration whose members can all be called. new, NULL: told in err */
static json_t *with_teams(const json_t *config, struct td_err *err)
{
    json_t *members = json_array(), *own = kit_copy(config);
    const json_t *member;
    size_t i;

    json_array_foreach (json_object_get(config, "members"), i, member)
        kit_add(&members, as_member(member));
    kit_add_member(&own, "members", members);
    if (own == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the members of a team");
    return own;
}

/* --- the configuration --- */

/* The lead may be the one who checks, too. */
static int read_lead(struct crew *crew, struct kit_plan *kit, const json_t *config,
                     struct td_err *err)
{
    crew->planner_word = crew->checker_word = "lead";
    if (kit_member(kit, config, "lead", &crew->planner, err) != 0)
        return -1;
    if (!json_is_true(json_object_get(config, "check")))
        return 0;
    crew->checker = crew->planner;
    return crew->checker != NULL
               ? 0
               : td_fail(err, TD_E_CONFIG, "\"check\" needs a \"lead\": who checks");
}

/* What is read lives as long as `kit`, its texts as long as the configuration. */
static int read_team(struct crew *crew, struct kit_plan *kit, const json_t *config,
                     struct td_err *err)
{
    if (read_lead(crew, kit, config, err) != 0 ||
        kit_members(kit, config, "members", "member", 1, CREW_MAX, &crew->workers,
                    &crew->rules.worker_count, err) != 0 ||
        kit_members_unique(crew->workers, crew->rules.worker_count, "member", err) != 0 ||
        crew_read_bounds(crew, config, err) != 0)
        return -1;
    crew->rules.workers = crew->workers;
    return crew_read_first(crew, config, err);
}

/* The teams below, each with those below it; `deep` is how deep they are. */
static int check_teams(const struct crew *above, struct kit_plan *kit, size_t deep,
                       struct td_err *err)
{
    for (size_t i = 0; i < above->rules.worker_count; i++) {
        const struct kit_member *member = &above->workers[i];
        struct crew crew = { 0 };
        json_t *config;
        int rc;

        if (json_object_get(member->text, "team") == NULL)
            continue;
        if (deep > TEAMS_DEEP)
            return td_fail(err, TD_E_CONFIG, "team \"%s\": teams are at most %d deep", member->name,
                           TEAMS_DEEP);
        config = with_teams(member->config, err);
        rc = config != NULL && read_team(&crew, kit, config, err) == 0
                 ? check_teams(&crew, kit, deep + 1, err)
                 : -1;
        json_decref(config);
        if (rc != 0)
            return td_context(err, "team \"%s\"", member->name);
    }
    return 0;
}

static int read(void *arg, const json_t *config, struct td_err *err)
{
    struct crew *crew = arg;
    json_t *own = with_teams(config, err);

    if (own == NULL)
        return -1;
    json_decref(crew->kit.config);
    crew->kit.config = own; /* the texts of the plan are in it */
    if (read_team(crew, &crew->kit, own, err) != 0)
        return -1;
    return check_teams(crew, &crew->kit, 2, err);
}

static const struct kit_pattern teams = CREW_PATTERN(read);
KIT_PLUGIN("teams", "1.0.0", teams, struct crew_state);
