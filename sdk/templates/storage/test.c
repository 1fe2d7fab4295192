/*
 * test_@NAME@: the backend's functions with a fake host (<tdev/test.h>), without tdev: for a
 * debugger, valgrind and the sanitizers. The rules of a store are tried by `tdev plugin conform`.
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <tdev/test.h>

/* One put of "key", if the record has that version. */
static int put(struct td_ctx *ctx, const char *text, uint64_t version, struct td_err *err)
{
    struct td_op op = { TD_SIZE(struct td_op), .kind = TD_OP_PUT,
                        .space = "space",      .key = "key",
                        .version = version,    .value = { text, strlen(text) } };
    struct td_op *const ops[] = { &op };
    size_t failed;

    return td_entry.plugin->storage->commit(ctx, ops, 1, &failed, err);
}

static void check(struct td_ctx *ctx, const char *text, uint64_t version)
{
    struct td_err err;
    uint64_t found;
    size_t length;
    void *value;

    assert(td_entry.plugin->storage->kv->get(ctx, "space", "key", 0, &value, &length, &found,
                                             &err) == 0);
    assert(strcmp(value, text) == 0 && length == strlen(text) && found == version);
    free(value);
}

int main(void)
{
    struct td_test *test = td_test_new(&td_entry, NULL);
    struct td_ctx *ctx;
    struct td_err err;

    assert(td_test_open(test, td_test_json("{'records': 2}"), &err) == 0);
    ctx = td_test_begin(test);
    assert(put(ctx, "one", TD_VERSION_ABSENT, &err) == 0);
    check(ctx, "one", 1);
    assert(put(ctx, "two", TD_VERSION_ABSENT, &err) == -1 && err.code == TD_E_CONFLICT);
    check(ctx, "one", 1);
    assert(put(ctx, "two", 1, &err) == 0);
    check(ctx, "two", 2);
    td_test_end(test);
    td_test_free(test);
    return 0;
}
