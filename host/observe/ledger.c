/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger: writes what this process has used into its file, when that has changed.
 *
 * The rows are made on the worker, where runs are; the file is written beside it. A file is made
 * under another name first, so that who reads sees it whole; it need not last, so nothing is
 * synced.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/ledger.h"
#include "base/log.h"
#include "observe/observe.h"

struct telling {
    const struct tdh_ledger_of *of;
    int64_t began_us;
    char *last; /* the rows that were told last, as text; NULL: none */
    char *text; /* the whole file, on its way */
    bool is_written, has_failed;
};

/* --- what is told --- */

static int by_cpu(const void *a, const void *b)
{
    json_int_t one = json_integer_value(json_object_get(*(json_t *const *)a, "cpu_ns")),
               other = json_integer_value(json_object_get(*(json_t *const *)b, "cpu_ns"));

    return one > other ? -1 : one < other;
}

/* Those that used most. Takes rows; new; NULL without memory. */
static json_t *keep_most(json_t *rows, size_t max)
{
    size_t count = json_array_size(rows);
    json_t **sorted, *kept;

    if (rows == NULL || count <= max)
        return rows;
    sorted = calloc(count, sizeof(*sorted));
    kept = sorted != NULL ? json_array() : NULL;
    for (size_t i = 0; kept != NULL && i < count; i++)
        sorted[i] = json_array_get(rows, i);
    if (kept != NULL)
        qsort(sorted, count, sizeof(*sorted), by_cpu);
    for (size_t i = 0; kept != NULL && i < max; i++)
        json_array_append(kept, sorted[i]);
    free(sorted);
    json_decref(rows);
    return kept;
}

/* The processes of plugins that are up. */
static json_t *processes(const struct tdh_plugins *plugins)
{
    json_t *list = tdh_plugins_processes(plugins), *rows = json_array(), *process;
    struct tdh_proc proc;
    size_t i;

    json_array_foreach (list, i, process) {
        long pid = (long)json_integer_value(json_object_get(process, "process"));

        if (json_integer_value(json_object_get(process, "tdev")) == getpid() &&
            strcmp(tdh_json_str(process, "state", ""), "up") == 0 && tdh_proc_read(pid, &proc))
            json_array_append_new(rows,
                                  json_pack("{s:O, s:I, s:I, s:I}", "plugin",
                                            json_object_get(process, "plugin"), "process",
                                            (json_int_t)pid, "cpu_ns", (json_int_t)proc.cpu_ns,
                                            "bytes", (json_int_t)proc.bytes));
    }
    json_decref(list);
    return rows;
}

static json_t *used(const struct tdh_ledger_of *of)
{
    json_t *runs = of->engine != NULL ? tdh_runs_used(of->engine, TDH_LEDGER_RUNS) : json_array();

    return json_pack("{s:o, s:o, s:o}", "lines", keep_most(tdh_ledger_rows(), TDH_LEDGER_ROWS),
                     "processes", processes(of->plugins), "runs", keep_most(runs, TDH_LEDGER_RUNS));
}

/* --- the file --- */

static void print_path(const struct tdh_ledger_of *of, const char *ending,
                       char path[static PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/ledger/%d%s", of->state_dir, (int)getpid(), ending);
}

static int write_text(const char *path, const char *text, struct td_err *err)
{
    size_t length = strlen(text);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int rc = fd >= 0 && write(fd, text, length) == (ssize_t)length
                 ? 0
                 : td_fail_sys(err, "could not write the ledger \"%s\"", path);

    if (fd >= 0)
        close(fd);
    return rc;
}

static int write_file(void *arg, struct td_err *err)
{
    struct telling *telling = arg;
    char path[PATH_MAX], fresh[PATH_MAX];

    snprintf(path, sizeof(path), "%s/ledger", telling->of->state_dir);
    if (!telling->is_written && tdh_file_mkdirs(path, 0700, err) != 0)
        return -1;
    print_path(telling->of, "", path);
    print_path(telling->of, ".new", fresh);
    if (write_text(fresh, telling->text, err) == 0 && rename(fresh, path) == 0)
        return 0;
    unlink(fresh);
    return -1;
}

static int remove_file(void *arg, struct td_err *err)
{
    const struct telling *telling = arg;
    char path[PATH_MAX];

    (void)err;
    print_path(telling->of, "", path);
    unlink(path);
    return 0;
}

/* --- now and then --- */

/* new; NULL: there is nothing new to tell, or no memory. Takes rows. */
static char *text_of(struct telling *telling, json_t *rows)
{
    char *same = rows != NULL ? tdh_json_text(rows, 0) : NULL, *text = NULL;
    json_t *whole = NULL;

    if (same != NULL && (telling->last == NULL || strcmp(same, telling->last) != 0)) {
        struct tdh_proc self = { 0 };

        tdh_proc_read(getpid(), &self);
        whole = json_pack("{s:i, s:I, s:s, s:I, s:I, s:O}", "tdev", (int)getpid(), "ticks",
                          (json_int_t)self.began_ticks, "program", telling->of->program, "began_us",
                          (json_int_t)telling->began_us, "at_us", (json_int_t)tdh_clock_us(),
                          "used", rows);
        text = whole != NULL ? tdh_json_text(whole, 0) : NULL;
        free(telling->last);
        telling->last = same;
        same = NULL;
    }
    free(same);
    json_decref(whole);
    json_decref(rows);
    return text;
}

/* A full disk is told once: then nobody is told what is used. */
static void tell(struct telling *telling)
{
    struct td_err err = { 0 };

    telling->text = text_of(telling, used(telling->of));
    if (telling->text == NULL || strlen(telling->text) > TDH_LEDGER_BYTES) {
        free(telling->text);
        return;
    }
    if (tdh_blocking(telling->of->runtime, write_file, telling, &err) == 0) {
        telling->is_written = true;
        telling->has_failed = false;
    } else if (!telling->has_failed) {
        telling->has_failed = true;
        tdh_log_err(TDH_LOG_WARNING, "ledger", &err);
    }
    free(telling->text);
}

void tdh_ledger_tell(const struct tdh_ledger_of *of)
{
    struct telling telling = { .of = of, .began_us = tdh_clock_us() };
    struct td_err ignored;

    while (tdh_co_wait(tdh_clock_mono_ns() + TDH_LEDGER_EACH_MS * UINT64_C(1000000)) !=
           TDH_WAIT_CANCELLED)
        tell(&telling);
    if (telling.is_written)
        tdh_blocking(of->runtime, remove_file, &telling, &ignored);
    free(telling.last);
}
