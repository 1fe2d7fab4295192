/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay: events of the journal, folded again as they were; fold.c holds what the reducer asks for
 * against what the journal has.
 */
#include <string.h>

#include "base/err_json.h"
#include "run/recover.h"

static int replay_ask(struct tdh_run *run, const json_t *event, struct tdh_ask_entry **ret_ask,
                      struct td_err *err)
{
    uint32_t number = (uint32_t)json_integer_value(json_array_get(event, 2));

    *ret_ask = tdh_ask_find(run, number);
    if (*ret_ask == NULL)
        return td_fail(err, TD_E_CORRUPT,
                       "the journal tells of ask %u, which was never made or is done", number);
    if ((*ret_ask)->kind == TDH_ASK_WAIT)
        return td_fail(err, TD_E_CORRUPT, "the journal has an answer for \"%s\", which is a wait",
                       (*ret_ask)->path);
    (*ret_ask)->attempt = (unsigned)json_integer_value(json_array_get(event, 3));
    return 0;
}

const struct tdh_meters *tdh_event_used(const json_t *event, struct tdh_meters *room)
{
    enum { WITH_USED = 7, WITH_STAND_IN = 10, PLACE = 5 };
    size_t count = json_array_size(event);

    return (count == WITH_USED || count == WITH_STAND_IN) &&
                   tdh_meters_parse(json_array_get(event, PLACE), room)
               ? room
               : NULL;
}

bool tdh_event_stand_in(const json_t *event, const char **ret_agent, const char **ret_edition,
                        const char **ret_rule)
{
    enum { FEWEST = 9 };
    size_t count = json_array_size(event);

    if (count < FEWEST || json_string_value(json_array_get(event, 0))[0] != 'a')
        return false;
    *ret_agent = json_string_value(json_array_get(event, count - 4));
    *ret_edition = json_string_value(json_array_get(event, count - 3));
    *ret_rule = json_string_value(json_array_get(event, count - 2));
    return true;
}

static void replay_attempt(struct tdh_ask_entry *ask, const json_t *event)
{
    const char *agent, *edition, *rule;

    ask->state = TDH_ASK_BACKOFF;
    tdh_budget_settle(ask);
    if (tdh_event_stand_in(event, &agent, &edition, &rule))
        tdh_recover_again(ask, agent, edition, rule);
    ask->due_us = json_integer_value(json_array_get(event, json_array_size(event) - 1));
    ask->delay_us = ask->due_us - json_integer_value(json_array_get(event, 1));
    ask->due_ns = 0;
}

static int replay_signal(struct tdh_run *run, const json_t *event, struct td_err *err)
{
    uint32_t number = (uint32_t)json_integer_value(json_array_get(event, 2));
    struct tdh_ask_entry *ask = tdh_ask_find(run, number);

    if (number != 0 && (ask == NULL || ask->kind != TDH_ASK_WAIT))
        return td_fail(err, TD_E_CORRUPT,
                       "the journal tells of wait %u, which was never made or is done", number);
    tdh_fold_signal(run, ask, json_string_value(json_array_get(event, 3)),
                    json_array_get(event, 4));
    return 0;
}

static int replay_answer(struct tdh_run *run, char letter, const json_t *event, struct td_err *err)
{
    struct tdh_ask_entry *ask;
    struct tdh_meters used;
    struct td_err error;

    if (replay_ask(run, event, &ask, err) != 0)
        return -1;
    ask->used = tdh_event_used(event, &used);
    if (letter == 'b') {
        ask->state = TDH_ASK_OPEN;
    } else if (letter == 'd') {
        tdh_fold_done(ask, json_array_get(event, 4));
    } else if (letter == 'f') {
        tdh_err_from_json(json_array_get(event, 4), &error);
        tdh_fold_failed(ask, &error);
    } else {
        replay_attempt(ask, event);
    }
    return 0;
}

static void replay_start(struct tdh_run *run, const json_t *facts)
{
    tdh_facts_read(run, facts);
    tdh_fold_start(run, json_object_get(facts, "input"));
}

/* What never began does not begin either, until it goes on. */
static void replay_pause(struct tdh_run *run, const json_t *event)
{
    const json_t *why = json_array_get(event, 3), *number;
    size_t i;

    if (json_object_size(why) > 0)
        tdh_err_from_json(why, &run->why);
    tdh_fold_pause(run, json_integer_value(json_array_get(event, 2)) != 0);
    json_array_foreach (json_array_get(event, 4), i, number) {
        struct tdh_ask_entry *ask = tdh_ask_find(run, (uint32_t)json_integer_value(number));

        if (ask != NULL && tdh_ask_is_work(ask))
            ask->state = TDH_ASK_PAUSED;
    }
}

static void replay_amounts(struct tdh_run *run, char letter, const json_t *amounts)
{
    struct tdh_meters meters = { .count = 0 };

    tdh_meters_parse(amounts, &meters);
    if (letter == 'u')
        tdh_fold_lost(run, &meters);
    else
        tdh_fold_limits(run, &meters);
}

/* An event of that shape can come now. */
static int check_event(const struct tdh_run *run, const json_t *event, struct td_err *err)
{
    const char *letter = json_string_value(json_array_get(event, 0));

    if (!tdh_event_fits(event))
        return td_fail(err, TD_E_CORRUPT,
                       "event \"%.20s\" of the journal is not of a shape known to this version",
                       letter != NULL ? letter : "");
    if (run->is_started != (letter[0] != 's'))
        return td_fail(err, TD_E_CORRUPT,
                       run->is_started ? "the journal has the run's start twice"
                                       : "the journal does not begin with the run's start");
    if (run->is_finish_asked)
        return td_fail(err, TD_E_CORRUPT, "the journal goes on behind the run's end");
    return 0;
}

int tdh_fold_replay(struct tdh_run *run, const json_t *event, struct td_err *err)
{
    const char *letter = json_string_value(json_array_get(event, 0));
    size_t count = json_array_size(event);

    if (check_event(run, event, err) != 0)
        return -1;
    run->now_us = json_integer_value(json_array_get(event, 1));
    run->expected = json_array_get(event, count - 1);
    run->expected_at = 0;
    switch (letter[0]) {
    case 's':
        replay_start(run, json_array_get(event, 2));
        break;
    case 'd':
    case 'f':
    case 'a':
    case 'b':
        if (replay_answer(run, letter[0], event, err) != 0)
            return -1;
        break;
    case 'g':
        if (replay_signal(run, event, err) != 0)
            return -1;
        break;
    case 'm':
        return td_fail(err, TD_E_CONFLICT,
                       "with this event the run went over to another definition, whose first "
                       "state is that after the next");
    case 'p':
        replay_pause(run, event);
        break;
    case 'u':
    case 'l':
        replay_amounts(run, letter[0], json_array_get(event, 2));
        break;
    default:
        tdh_fold_cancel(run);
        break;
    }
    if (run->is_broken)
        return td_fail(err, TD_E_CORRUPT, "%s", run->why.text);
    if (strchr("abp", letter[0]) == NULL && run->expected_at < json_array_size(run->expected) &&
        !(letter[0] == 'g' && count == 5))
        return td_fail(err, TD_E_CORRUPT,
                       "the journal has more asks after this event than the definition now makes");
    return 0;
}
