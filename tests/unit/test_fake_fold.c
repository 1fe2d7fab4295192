/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_fold: libtdtest with a pattern: one that asks for what its input says, then finishes with
 * what it got.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tdev/test.h>

struct fold_state {
    json_int_t done;
};

static int start(void *state, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    const char *what = json_string_value(json_object_get(input, "what"));
    struct td_ask ask = { TD_SIZE(struct td_ask),  .target = TD_TARGET_AGENT,
                          .name = "other",         .action = "work",
                          .path = "work",          .tag = 7,
                          .input = json_integer(1) };

    (void)state, (void)plan;
    if (strcmp(what, "call") == 0)
        return td_ask_call(asks, &ask, NULL, err);
    json_decref(ask.input);
    if (strcmp(what, "wait") == 0)
        return td_ask_wait(asks, "wait", 0, "go", NULL, err);
    if (strcmp(what, "timer") == 0)
        return td_ask_timer(asks, "timer", 0, 50, NULL, err);
    if (strcmp(what, "fail") == 0)
        return td_fail(err, TD_E_INVAL, "not that");
    return 0;
}

static int fold(void *state, const void *plan, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct fold_state *self = state;

    (void)plan;
    if (event->kind == TD_EVENT_FAILED)
        return td_ask_fail(asks, event->error, err);
    if (event->kind == TD_EVENT_CANCEL)
        return td_fail(err, TD_E_CANCELLED, "cancelled");
    self->done++;
    return td_ask_finish(asks,
                         json_pack("{s:O, s:I, s:i, s:I}", "got", event->output, "done", self->done,
                                   "kind", (int)event->kind, "tag", (json_int_t)event->tag),
                         err);
}

static json_t *save(const void *state, const void *plan, struct td_err *err)
{
    (void)plan, (void)err;
    return json_integer(((const struct fold_state *)state)->done + 10);
}

static int load(void *state, const void *plan, const json_t *saved, uint32_t version,
                struct td_err *err)
{
    (void)plan, (void)version, (void)err;
    ((struct fold_state *)state)->done = json_integer_value(saved);
    return 0;
}

static const struct td_reducer reducer = { TD_SIZE(struct td_reducer),
                                           .state_size = sizeof(struct fold_state),
                                           .start = start,
                                           .fold = fold,
                                           .save = save,
                                           .load = load };
static const struct td_pattern pattern = { TD_SIZE(struct td_pattern), .reducer = &reducer };
static const struct td_plugin pattern_plugin = { TD_SIZE(struct td_plugin), .kind = TD_KIND_PATTERN,
                                                 .name = "folded", .pattern = &pattern };
static const struct td_entry pattern_entry = { TD_STAMP_HERE, &pattern_plugin };

static struct td_test_fold *begin(const char *input)
{
    struct td_err err = { 0 };
    struct td_test_fold *run = td_test_fold_new(&pattern_entry, NULL, td_test_json(input), &err);

    assert_non_null(run);
    return run;
}

static void a_run_is_folded_by_hand(void **state)
{
    struct td_test_fold *run = begin("{'what': 'call'}");
    struct td_err err;

    (void)state;
    assert_true(td_test_equal(td_test_fold_asks(run),
                              "[{'kind': 'call', 'name': 'other', 'action': 'work', 'path': 'work',"
                              " 'input': 1, 'ask': 1, 'tag': 7}]"));
    assert_int_equal(td_test_fold_reload(run, &err), 0);
    assert_null(td_test_fold_output(run));
    td_test_fold_done(run, 1, td_test_json("'it'"));
    assert_true(
        td_test_equal(td_test_fold_output(run), "{'got': 'it', 'done': 11, 'kind': 1, 'tag': 7}"));
    assert_null(td_test_fold_error(run));
    assert_true(td_test_equal(td_test_fold_asks(run), "[]"));
    td_test_fold_free(run);
}

static void a_signal_comes_as_one(void **state)
{
    struct td_test_fold *run = begin("{'what': 'wait'}");

    (void)state;
    td_test_fold_done(run, 1, NULL);
    assert_true(
        td_test_equal(td_test_fold_output(run), "{'got': null, 'done': 1, 'kind': 3, 'tag': 0}"));
    td_test_fold_free(run);
}

static void a_run_that_fails_says_why(void **state)
{
    struct td_test_fold *run = begin("{'what': 'call'}");

    (void)state;
    td_test_fold_failed(run, 1, TD_E_EXTERNAL, "no");
    assert_string_equal(td_test_fold_error(run)->text, "no");
    td_test_fold_free(run);
    run = begin("{'what': 'timer'}");
    td_test_fold_cancel(run);
    assert_int_equal(td_test_fold_error(run)->code, TD_E_CANCELLED);
    td_test_fold_free(run);
    run = begin("{'what': 'fail'}");
    assert_string_equal(td_test_fold_error(run)->text, "not that");
    td_test_fold_free(run);
    run = begin("{'what': 'nothing'}");
    assert_string_equal(td_test_fold_error(run)->text,
                        "the reducer asked for nothing, with nothing open, and did not finish");
    td_test_fold_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_folded_by_hand),
        cmocka_unit_test(a_signal_comes_as_one),
        cmocka_unit_test(a_run_that_fails_says_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
