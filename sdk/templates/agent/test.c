/*
 * test_@NAME@: the agent's actions in a fake host (<tdev/test.h>), without tdev: for a debugger,
 * valgrind and the sanitizers. What the manifest promises is tried by `tdev plugin conform`.
 */
#undef NDEBUG
#include <assert.h>
#include <tdev/test.h>

static const struct {
    const char *input, *output;
} cases[] = {
    { "{'text': 'short'}", "{'text': 'short', 'is_cut': false}" },
    { "{'text': 'a sentence that is too long'}", "{'text': 'a sentence~', 'is_cut': true}" },
    { "{'text': 'a sentence that is too long', 'limit': 6}", "{'text': 'a~', 'is_cut': true}" },
    { "{'text': '가나다라', 'limit': 3}", "{'text': '가나다~', 'is_cut': true}" },
    { "{'text': ''}", "{'text': '', 'is_cut': false}" },
};

int main(void)
{
    struct td_test *test = td_test_new(&td_entry, NULL);
    struct td_err err;
    json_t *output;

    assert(td_test_open(test, td_test_json("{'limit': 12, 'mark': '~'}"), &err) == 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert(td_test_call(test, "shorten", td_test_json(cases[i].input), &output, &err) == 0);
        assert(td_test_equal(output, cases[i].output));
        json_decref(output);
    }
    td_test_free(test);
    return 0;
}
