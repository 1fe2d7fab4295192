/*
 * test_@NAME@: runs of the pattern, folded by hand (<tdev/test.h>), without tdev: for a debugger,
 * valgrind and the sanitizers. `tdev plugin conform` folds the cases of conform.yaml in many ways.
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>
#include <tdev/test.h>

static struct td_test_fold *begin(void)
{
    struct td_err err;
    struct td_test_fold *run = td_test_fold_new(
        &td_entry, td_test_json("{'agent': 'any', 'action': 'work', 'times': 2}"),
        td_test_json("{'n': 0}"), &err);

    assert(run != NULL);
    return run;
}

static void test_each_call_gets_what_the_one_before_gave(void)
{
    struct td_test_fold *run = begin();
    struct td_err err;

    td_test_fold_done(run, 1, td_test_json("{'n': 1}"));
    assert(td_test_fold_reload(run, &err) == 0); /* as after a restart */
    assert(td_test_equal(td_test_fold_asks(run),
                         "[{'ask': 2, 'tag': 0, 'kind': 'call', 'name': 'any', 'action': 'work',"
                         " 'path': 'call[1]', 'input': {'n': 1}}]"));
    td_test_fold_done(run, 2, td_test_json("{'n': 2}"));
    assert(td_test_equal(td_test_fold_output(run), "{'output': {'n': 2}, 'calls': 2}"));
    td_test_fold_free(run);
}

static void test_the_first_failure_ends_it(void)
{
    struct td_test_fold *run = begin();

    td_test_fold_failed(run, 1, TD_E_EXTERNAL, "no more");
    assert(strcmp(td_test_fold_error(run)->text, "call 1 of 2: no more") == 0);
    td_test_fold_free(run);
}

static void test_a_configuration_that_makes_no_sense_is_refused(void)
{
    struct td_err err;

    assert(td_test_fold_new(&td_entry, td_test_json("{'agent': 'any'}"), NULL, &err) == NULL);
    assert(err.code == TD_E_CONFIG);
}

int main(void)
{
    test_each_call_gets_what_the_one_before_gave();
    test_the_first_failure_ends_it();
    test_a_configuration_that_makes_no_sense_is_refused();
    return 0;
}
