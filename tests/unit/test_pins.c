/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pins: which editions of an agent a run holds, and for how long.
 */
#include "run/internal.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

/* Two editions of agent "turn"; the second one serves. */
static struct tdh_target targets[2];
static struct tdh_edition editions[2];

static struct tdh_target *find_action(struct tdh_edition *edition, const char *action,
                                      struct td_err *err)
{
    (void)action, (void)err;
    return &targets[edition - editions];
}

static int resolve(void *arg, const char *name, const char *action, const char *edition,
                   struct tdh_target **ret_target, struct td_err *err)
{
    bool is_first = edition != NULL && strcmp(edition, "first") == 0;

    (void)arg, (void)name, (void)action, (void)err;
    *ret_target = &targets[is_first ? 0 : 1];
    tdh_edition_hold((*ret_target)->edition);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        editions[i] = (struct tdh_edition){ .agent = "turn",
                                            .id = i == 0 ? "first" : "second",
                                            .find = find_action };
        targets[i] = (struct tdh_target){ .name = "turn", .edition = &editions[i] };
    }
    tdh_call_register(TD_TARGET_AGENT, resolve, NULL);
    return 0;
}

/* Which edition an ask gets for which the journal has that one, or none (NULL). */
static const char *ask(struct tdh_run *run, const char *edition)
{
    struct tdh_target *target;
    struct td_err err;

    assert_int_equal(tdh_pin_find(run, "turn", "say", edition, &target, &err), 0);
    return target->edition->id;
}

static void check_users(unsigned first, unsigned second)
{
    assert_int_equal(atomic_load(&editions[0].users), first);
    assert_int_equal(atomic_load(&editions[1].users), second);
}

static void a_run_stays_with_the_edition_it_called_first(void **state)
{
    struct tdh_run run = { .definition = NULL };

    (void)state;
    assert_string_equal(ask(&run, "first"), "first");
    assert_string_equal(ask(&run, NULL), "first");
    check_users(1, 0);
    tdh_pins_free(&run.pins);
    check_users(0, 0);
}

/* The first ask may still be open: its target must not go. */
static void an_edition_that_an_ask_began_with_is_held_to_the_end(void **state)
{
    static const char *const journal[] = { "first", "second", "first", "second", "second" };
    struct tdh_run run = { .definition = NULL };

    (void)state;
    for (size_t i = 0; i < sizeof(journal) / sizeof(journal[0]); i++)
        assert_string_equal(ask(&run, journal[i]), journal[i]);
    check_users(1, 1);
    assert_string_equal(ask(&run, NULL), "second");
    assert_int_equal(run.pins.count, 2);
    tdh_pins_free(&run.pins);
    check_users(0, 0);
}

/* `runs move`: steps under way go on, what is new takes what serves. */
static void a_run_that_was_moved_holds_what_its_steps_began_with(void **state)
{
    struct tdh_run run = { .definition = NULL }, next = { .definition = NULL };

    (void)state;
    ask(&run, "first");
    ask(&next, NULL);
    tdh_pins_move(&next.pins, &run.pins);
    tdh_pins_free(&next.pins);
    check_users(1, 1);
    assert_string_equal(ask(&run, NULL), "second");
    tdh_pins_free(&run.pins);
    check_users(0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_stays_with_the_edition_it_called_first),
        cmocka_unit_test(an_edition_that_an_ask_began_with_is_held_to_the_end),
        cmocka_unit_test(a_run_that_was_moved_holds_what_its_steps_began_with),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
