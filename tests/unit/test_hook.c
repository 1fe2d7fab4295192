/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hook: all listeners hear all events, in order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/hook.h"

static char heard[256];

static void hear(void *arg, const char *name, const json_t *data)
{
    size_t used = strlen(heard);

    snprintf(heard + used, sizeof(heard) - used, "%s:%s:%d ", (const char *)arg, name,
             (int)json_integer_value(data));
}

static int forget(void **state)
{
    (void)state;
    tdh_hook_clear();
    heard[0] = '\0';
    return 0;
}

static void nobody_listens_at_first(void **state)
{
    (void)state;
    assert_false(tdh_hook_is_wanted());
    tdh_hook_event("a.b", NULL);
    assert_string_equal(heard, "");
}

static void listeners_hear_in_the_order_they_came(void **state)
{
    json_t *data = json_integer(7);

    (void)state;
    assert_int_equal(tdh_hook_add(hear, "1"), 0);
    assert_int_equal(tdh_hook_add(hear, "2"), 0);
    assert_true(tdh_hook_is_wanted());
    tdh_hook_event("plugin.loaded", data);
    tdh_hook_event("plugin.gone", NULL);
    assert_string_equal(heard,
                        "1:plugin.loaded:7 2:plugin.loaded:7 1:plugin.gone:0 2:plugin.gone:0 ");
    json_decref(data);
}

static void there_is_room_for_eight(void **state)
{
    (void)state;
    for (int i = 0; i < TDH_HOOKS; i++)
        assert_int_equal(tdh_hook_add(hear, "x"), 0);
    assert_int_equal(tdh_hook_add(hear, "y"), -1);
    tdh_hook_clear();
    assert_false(tdh_hook_is_wanted());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nobody_listens_at_first, forget),
        cmocka_unit_test_setup(listeners_hear_in_the_order_they_came, forget),
        cmocka_unit_test_setup(there_is_room_for_eight, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
