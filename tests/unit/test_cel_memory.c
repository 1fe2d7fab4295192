/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cel memory: the n-th allocation of a compile or a run is made to fail, for n = 1, 2, ... until
 * both succeed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_fail.h"
#include "cel/cel.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char *const texts[] = {
    "a.x + 1 == 2 ? [a.x, 'b', {'k': [1, 2, 3]}] : []",
    "a.list.map(v, {'v': v}).filter(m, m.v > 1)",
    "a.list.transformMap(i, v, string(i) + 'x')",
    "'%s %d'.format([a, 5]) + 'a,b'.split(',').join('-') + a.text.replace('e', 'ee')",
    "a.text.matches('^h.*') && a.text.matches(a.text + '.*')",
    "cel.bind(o, a.?none, o.optMap(v, v).or(optional.of(b'xyz')).value())",
    "timestamp('2026-01-01T00:00:00Z').getHours('Europe/Paris')",
    "a.list + [1.5, 2u, null, duration('1s')] + [type(a)]",
};

static json_t *run(const char *text, const json_t *a, const json_t *typed_roots, struct td_err *err)
{
    const struct tdh_cel_root root = { .name = "a" };
    const struct tdh_cel_options options = { .roots = &root,
                                             .root_count = 1,
                                             .is_unchecked = typed_roots != NULL };
    const struct tdh_cel_env env = { &a, 1 };
    struct tdh_arena arena = { 0 };
    struct tdh_cel *cel = tdh_cel_compile(text, &options, err);
    json_t *value = NULL;

    if (cel != NULL && typed_roots == NULL)
        value = tdh_cel_eval(cel, &env, &arena, err);
    else if (cel != NULL)
        value = tdh_cel_eval_typed(cel, typed_roots, &arena, err);
    tdh_arena_free(&arena);
    tdh_cel_free(cel);
    return value;
}

static void fail_each_allocation(const char *text, const json_t *a, const json_t *typed_roots)
{
    bool has_failed = true;

    for (unsigned n = 1; has_failed; n++) {
        struct td_err err = { 0 };
        json_t *value;

        alloc_fail_at(n);
        value = run(text, a, typed_roots, &err);
        has_failed = alloc_fail_end();
        if (value == NULL && (!has_failed || err.code != TD_E_NOMEM))
            fail_msg("%s: allocation %u: %s", text, n, err.text);
        json_decref(value);
    }
}

static void no_allocation_is_taken_for_granted(void **state)
{
    json_t *a = json_pack("{s:i, s:[i,i,i], s:s}", "x", 1, "list", 1, 2, 3, "text", "hello");
    json_t *typed_roots = json_loads(
        "{\"a\": {\"map\": [[{\"string\": \"x\"}, {\"int\": 1}], [{\"string\": \"list\"},"
        " {\"list\": [{\"int\": 2}]}], [{\"string\": \"text\"}, {\"string\": \"hello\"}]]}}",
        0, NULL);

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        fail_each_allocation(texts[i], a, NULL);
        fail_each_allocation(texts[i], a, typed_roots);
    }
    json_decref(typed_roots);
    json_decref(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(no_allocation_is_taken_for_granted) };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
