/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner_bed: a host with the plugin "wild" in a folder of its own.
 */
#include "runner_bed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"

#define TREE TEST_BUILDDIR "/tests/plugins-tree/wild"

static char *read_text(const char *path)
{
    struct td_err err;
    size_t length;
    char *text = tdh_file_read(path, 1 << 28, &length, &err);

    assert_non_null(text);
    return text;
}

static void copy_file(const char *from, const char *to)
{
    struct td_err err;
    size_t length;
    char *bytes = tdh_file_read(from, 1 << 28, &length, &err);

    assert_non_null(bytes);
    assert_int_equal(tdh_file_write(to, bytes, length, 0755, &err), 0);
    free(bytes);
}

/* The line that begins with `key` becomes another one. */
static char *change_line(char *text, const char *key, const char *line)
{
    char *at = strstr(text, key), *end, *changed;

    assert_non_null(at);
    end = strchr(at, '\n');
    assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - text), text, line, end) > 0);
    free(text);
    return changed;
}

void runner_bed_change(const struct runner_bed *bed, const char *key, const char *line)
{
    const char *path = runner_bed_path(bed, "plugins/wild/plugin.yaml");
    char *text = change_line(read_text(path), key, line);
    struct td_err err;

    assert_int_equal(tdh_file_write(path, text, strlen(text), 0644, &err), 0);
    free(text);
}

void runner_bed_plugin(const struct runner_bed *bed, const char *change, const char *permissions)
{
    char *text = read_text(TREE "/plugin.yaml");
    struct td_err err;

    if (change != NULL)
        text = change_line(text, "isolation:", change);
    if (permissions != NULL)
        text = change_line(text, "permissions:", permissions);
    tdh_file_mkdirs(runner_bed_path(bed, "plugins/wild"), 0755, &err);
    assert_int_equal(tdh_file_write(runner_bed_path(bed, "plugins/wild/plugin.yaml"), text,
                                    strlen(text), 0644, &err),
                     0);
    free(text);
    copy_file(TREE "/wild.so", runner_bed_path(bed, "plugins/wild/wild.so"));
}

const char *runner_bed_path(const struct runner_bed *bed, const char *name)
{
    static char paths[2][256];
    static unsigned turn;
    char *path = paths[turn++ % 2];

    snprintf(path, sizeof(paths[0]), "%s/%s", bed->dir, name);
    return path;
}

int runner_bed_setup(void **state)
{
    struct runner_bed *bed = calloc(1, sizeof(*bed));

    assert_non_null(bed);
    strcpy(bed->dir, "/var/tmp/tdev-runner-XXXXXX");
    assert_non_null(mkdtemp(bed->dir));
    setenv("HOME", bed->dir, 1);
    setenv("XDG_CONFIG_HOME", bed->dir, 1);
    setenv("XDG_DATA_HOME", bed->dir, 1);
    setenv("TDEV_STATE_DIR", runner_bed_path(bed, "state"), 1);
    setenv("TDEV_STORE_DURABILITY", "memory", 1);
    setenv("TDEV_PLUGINS_PATHS", runner_bed_path(bed, "plugins"), 1);
    setenv("TDEV_PLUGIN_PATH", TEST_BUILDDIR "/plugins-tree", 1);
    setenv("TDEV_PLUGINS_INLINE", TEST_BUILDDIR "/plugins-tree", 1);
    setenv("TDEV_PLUGINS_RUNNER_DIR", TEST_BUILDDIR, 1);
    setenv("TDEV_DATA_DIR", TEST_SRCDIR "/conf", 1);
    setenv("TDEV_LOG_LEVEL", "off", 1);
    setenv("TDEV_CALL_TIMEOUT", "20s", 1); /* one that hangs is told */
    unsetenv("TDEV_PLUGINS_CRASHES");
    *state = bed;
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status, (void)type, (void)ftw;
    return remove(path);
}

int runner_bed_teardown(void **state)
{
    struct runner_bed *bed = *state;

    nftw(bed->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    json_decref(bed->chunks);
    free(bed);
    return 0;
}

static int run_fn(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct runner_bed *bed = arg;

    (void)host, (void)err;
    bed->fn(bed);
    return 0;
}

void runner_bed_run(struct runner_bed *bed, void (*fn)(struct runner_bed *bed))
{
    bed->fn = fn;
    bed->host = tdh_hosts_embedded.open(NULL, NULL, &bed->err);
    if (bed->host == NULL)
        fail_msg("%s", bed->err.text);
    if (tdh_hosts_embedded.run(bed->host, TDH_HOST_WHOLE, run_fn, bed, &bed->err) != 0)
        fail_msg("%s", bed->err.text);
    tdh_hosts_embedded.free(bed->host);
    assert_int_equal(runner_bed_children(), 0);
}

TD_PRINTF(1, 0) static json_t *read_input(const char *fmt, va_list ap)
{
    char text[512];
    json_t *input;

    vsnprintf(text, sizeof(text), fmt, ap);
    for (char *at = text; *at != '\0'; at++)
        if (*at == '\'')
            *at = '"';
    input = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert_non_null(input);
    return input;
}

static int keep_chunk(void *arg, const json_t *chunk, struct td_err *err)
{
    struct runner_bed *bed = arg;

    (void)err;
    if (bed->watcher != NULL)
        tdh_co_wake(bed->watcher);
    return json_array_append_new(bed->chunks, json_deep_copy(chunk));
}

json_t *runner_bed_call(struct runner_bed *bed, const char *agent, const char *action,
                        unsigned timeout_ms, const char *input_fmt, ...)
{
    struct td_policy policy = { .size = sizeof(policy), .timeout_ms = timeout_ms };
    struct tdh_call call = { .policy = &policy, .is_single = true, .emit = keep_chunk };
    json_t *input;
    va_list ap;

    va_start(ap, input_fmt);
    input = read_input(input_fmt, ap);
    va_end(ap);
    json_decref(bed->chunks);
    bed->chunks = json_array();
    bed->err = (struct td_err){ 0 };
    call.emit_arg = bed;
    call.input = input;
    if (tdh_call_resolve(TD_TARGET_AGENT, agent, action, NULL, &call.target, &bed->err) == 0)
        tdh_call_run(&call, &bed->err);
    json_decref(input);
    if (call.output != NULL)
        bed->err = (struct td_err){ 0 }; /* what it said on its way is no error */
    return call.output;
}

unsigned runner_bed_children(void)
{
    char path[64];
    unsigned count = 0;
    int pid;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    while (fscanf(file, "%d", &pid) == 1)
        count++;
    fclose(file);
    return count;
}
