/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steps: an agent for tests of durable runs. Its effects are lines of files, "LINE KEY", so that a
 * test can count how often a step was done, and for which key.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <tdev/plugin.h>

enum { FILE_MAX = 64 << 20 };

static const char *text_of(const json_t *input, const char *name)
{
    return json_string_value(json_object_get(input, name));
}

/* Outside of a run there is no key. */
static const char *key_of(struct td_ctx *ctx)
{
    const char *key = td_key(ctx);

    return key != NULL ? key : "-";
}

static int give(json_t *output, json_t **ret_output, struct td_err *err)
{
    if (output == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the reply");
    *ret_output = output;
    return 0;
}

/* Appends "LINE KEY" in one write that is on the disk when this returns 0. */
static int append_line(struct td_ctx *ctx, const char *path, const char *line, struct td_err *err)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    char *text = NULL;
    int length = asprintf(&text, "%s %s\n", line, key_of(ctx)), rc = 0;

    if (fd < 0)
        rc = td_fail_sys(err, "could not open \"%s\"", path);
    else if (length < 0)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate a line");
    else if (write(fd, text, (size_t)length) != length || fsync(fd) != 0)
        rc = td_fail_sys(err, "could not write to \"%s\"", path);
    if (fd >= 0)
        close(fd);
    if (length >= 0)
        free(text);
    return rc;
}

/* *ret_has: does the file have a line that ends in " KEY"? A file that is not there has none. */
static int find_key(struct td_ctx *ctx, const char *path, bool *ret_has, struct td_err *err)
{
    FILE *file = fopen(path, "re");
    const char *key = key_of(ctx);
    size_t size = 0, key_length = strlen(key);
    char *line = NULL;
    ssize_t length;

    *ret_has = false;
    if (file == NULL)
        return errno == ENOENT ? 0 : td_fail_sys(err, "could not open \"%s\"", path);
    while (!*ret_has && (length = getline(&line, &size, file)) > 0) {
        const char *end = line + length - 1;

        *ret_has = *end == '\n' && (size_t)length > key_length + 1 &&
                   end[-(ssize_t)key_length - 1] == ' ' &&
                   memcmp(end - key_length, key, key_length) == 0;
    }
    free(line);
    fclose(file);
    return 0;
}

static int append(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    if (append_line(ctx, text_of(input, "file"), text_of(input, "line"), err) != 0)
        return -1;
    return give(json_pack("{s:s}", "line", text_of(input, "line")), ret_output, err);
}

static int reconcile_append(struct td_ctx *ctx, const json_t *input, enum td_reconciled *ret_answer,
                            json_t **ret_output, struct td_err *err)
{
    bool has;

    if (find_key(ctx, text_of(input, "file"), &has, err) != 0)
        return -1;
    if (has && give(json_pack("{s:s}", "line", text_of(input, "line")), ret_output, err) != 0)
        return -1;
    *ret_answer = has ? TD_DONE : TD_NOT_DONE;
    return 0;
}

static int put(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    bool has;

    if (find_key(ctx, text_of(input, "file"), &has, err) != 0)
        return -1;
    if (!has && append_line(ctx, text_of(input, "file"), text_of(input, "line"), err) != 0)
        return -1;
    return give(json_pack("{s:s, s:b}", "line", text_of(input, "line"), "written", !has),
                ret_output, err);
}

static int pure(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    (void)ctx;
    return give(json_pack("{s:I}", "n", json_integer_value(json_object_get(input, "n")) + 1),
                ret_output, err);
}

/* Until the file has so many bytes; without a file at once. */
static int wait_for_file(struct td_ctx *ctx, const json_t *input, struct td_err *err)
{
    const char *path = text_of(input, "file");
    json_int_t bytes = json_integer_value(json_object_get(input, "bytes"));
    struct stat status;

    while (path != NULL && (stat(path, &status) != 0 || status.st_size < bytes))
        if (td_sleep(ctx, 1, err) != 0)
            return -1;
    return 0;
}

static int slow(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    json_int_t ms = json_integer_value(json_object_get(input, "ms"));

    if (wait_for_file(ctx, input, err) != 0)
        return -1;
    if (td_sleep(ctx, (uint64_t)ms, err) != 0)
        return -1;
    return give(json_pack("{s:I}", "ms", ms), ret_output, err);
}

/* Every attempt appends one byte: the length of the file counts them. */
static int fail(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const char *path = text_of(input, "file");
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    struct stat status;
    int rc;

    (void)ctx;
    if (fd < 0)
        return td_fail_sys(err, "could not open \"%s\"", path);
    rc = write(fd, ".", 1) == 1 && fsync(fd) == 0 && fstat(fd, &status) == 0 ? 0 : -1;
    if (rc != 0)
        td_fail_sys(err, "could not write to \"%s\"", path);
    close(fd);
    if (rc != 0)
        return -1;
    if (status.st_size <= json_integer_value(json_object_get(input, "times"))) {
        const char *code = text_of(input, "code");

        td_fail(err, code != NULL ? td_code_from_name(code) : TD_E_EXEC,
                "attempt %lld fails, as it was told to", (long long)status.st_size);
        err->is_retryable = true;
        return -1;
    }
    return give(json_pack("{s:I}", "attempts", (json_int_t)status.st_size), ret_output, err);
}

/* Each attempt appends one byte, when it begins. */
static int note_attempt(const char *path, struct td_err *err)
{
    int fd = path != NULL ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR)
                          : -1;
    int rc = path == NULL || (fd >= 0 && write(fd, ".", 1) == 1)
                 ? 0
                 : td_fail_sys(err, "could not write to \"%s\"", path);

    if (fd >= 0)
        close(fd);
    return rc;
}

static int spend_all(struct td_ctx *ctx, const json_t *amounts, struct td_err *err)
{
    const char *meter;
    json_t *amount;

    json_object_foreach ((json_t *)amounts, meter, amount)
        if (td_spend(ctx, meter, json_number_value(amount), err) != 0)
            return -1;
    return 0;
}

static int spend(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    json_int_t ms = json_integer_value(json_object_get(input, "ms"));

    if (note_attempt(text_of(input, "file"), err) != 0 ||
        spend_all(ctx, json_object_get(input, "amounts"), err) != 0)
        return -1;
    if (ms > 0 && td_sleep(ctx, (uint64_t)ms, err) != 0)
        return -1;
    return give(json_object(), ret_output, err);
}

static long long burnt_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int burn(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    long long until = burnt_ms() + json_integer_value(json_object_get(input, "ms"));

    (void)ctx;
    while (burnt_ms() < until)
        ;
    return give(json_object(), ret_output, err);
}

static int big(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    size_t size = (size_t)json_integer_value(json_object_get(input, "bytes"));
    char *text = size <= FILE_MAX ? malloc(size + 1) : NULL;
    json_t *output;

    (void)ctx;
    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate %zu bytes", size);
    for (size_t i = 0; i < size; i++)
        text[i] = (char)('a' + i % 26);
    text[size] = '\0';
    output = json_pack("{s:o}", "text", json_stringn_nocheck(text, size));
    free(text);
    return give(output, ret_output, err);
}

static int nest(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const json_t *inner = json_object_get(input, "input");
    json_t *empty = inner == NULL ? json_object() : NULL;
    int rc = td_call(ctx, text_of(input, "agent"), text_of(input, "action"),
                     inner != NULL ? inner : empty, NULL, ret_output, err);

    json_decref(empty);
    return rc;
}

/* Deeper than any stack; the address escapes, so that no compiler turns it into a loop. */
static int deeper(volatile char *above)
{
    volatile char here[4096];

    here[0] = above[0];
    return here[0] == 1 ? 0 : deeper(here) + here[0];
}

static void end_by_memory(void)
{
    *(volatile int *)NULL = 1;
}

static void end_by_abort(void)
{
    abort();
}

static void end_by_stack(void)
{
    deeper((volatile char[]){ 0 });
}

static void end_by_exit(void)
{
    exit(0);
}

static void end_by_exit_now(void)
{
    _exit(0);
}

static void end_by_thread_exit(void)
{
    pthread_exit(NULL);
}

static void end_by_quick_exit(void)
{
    quick_exit(0);
}

static const struct {
    const char *how;
    void (*end)(void);
} ends[] = {
    { "memory", end_by_memory },
    { "abort", end_by_abort },
    { "stack", end_by_stack },
    { "exit", end_by_exit },
    { "_exit", end_by_exit_now },
    { "quick_exit", end_by_quick_exit },
    { "pthread_exit", end_by_thread_exit },
};

/* Ends the process. */
static int end(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    (void)ctx;
    (void)ret_output;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (strcmp(ends[i].how, text_of(input, "how")) == 0)
            ends[i].end();
    return td_fail(err, TD_E_INVAL, "\"how\" is not a way to end");
}

static const struct td_action *const steps_actions[] = {
    TD_ACTION_RECONCILED("append", append, reconcile_append),
    TD_ACTION("put", put),
    TD_ACTION("pure", pure),
    TD_ACTION("slow", slow),
    TD_ACTION("fail", fail),
    TD_ACTION("spend", spend),
    TD_ACTION("big", big),
    TD_ACTION("nest", nest),
    TD_ACTION("burn", burn),
    TD_ACTION("end", end),
    NULL,
};
static const struct td_agent steps_agent = { TD_SIZE(struct td_agent), .actions = steps_actions };
static const struct td_plugin steps_plugin = {
    TD_SIZE(struct td_plugin), .name = "steps",       .version = "1.0.0",
    .kind = TD_KIND_AGENT,     .agent = &steps_agent,
};
TD_PLUGIN(steps_plugin);
