/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics: the cells of the host and what its process uses, as Prometheus reads them.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/ledger.h"
#include "base/metric.h"
#include "http/http.h"
#include "observe/observe.h"

/* A backslash and a line end are escaped, in values of labels a quote as well. */
static void add_escaped(struct tdh_buf *buf, const char *text, bool is_label)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            tdh_buf_text(buf, "\\n");
        else if (*text == '\\' || (*text == '"' && is_label))
            tdh_buf_printf(buf, "\\%c", *text);
        else
            tdh_buf_char(buf, *text);
    }
}

static void add_family(struct tdh_buf *buf, const char *name, const char *help, bool is_gauge)
{
    tdh_buf_printf(buf, "# HELP %s ", name);
    add_escaped(buf, help, false);
    tdh_buf_printf(buf, "\n# TYPE %s %s\n", name, is_gauge ? "gauge" : "counter");
}

/* --- cells --- */

static int compare(const void *one, const void *other)
{
    return strcmp((*(const struct tdh_metric *const *)one)->name,
                  (*(const struct tdh_metric *const *)other)->name);
}

static size_t gather(const struct tdh_metric **cells)
{
    size_t count = 0;

    for (const struct tdh_metric *cell = tdh_metric_first(); cell != NULL; cell = cell->next)
        if (count < TDH_METRICS_MAX)
            cells[count++] = cell;
    qsort(cells, count, sizeof(*cells), compare);
    return count;
}

/* Cells of one name in several files are one metric. */
static void add_cells(struct tdh_buf *buf, const struct tdh_metric *const *cells, size_t count)
{
    for (size_t i = 0, next; i < count; i = next) {
        int64_t sum = 0;

        for (next = i; next < count && strcmp(cells[next]->name, cells[i]->name) == 0; next++)
            sum += atomic_load_explicit(&cells[next]->value, memory_order_relaxed);
        add_family(buf, cells[i]->name, cells[i]->help, cells[i]->is_gauge);
        tdh_buf_printf(buf, "%s %lld\n", cells[i]->name, (long long)sum);
    }
}

/* --- the process --- */

static void add_number(struct tdh_buf *buf, const char *name, const char *help, bool is_gauge,
                       double value)
{
    add_family(buf, name, help, is_gauge);
    tdh_buf_printf(buf, "%s %.17g\n", name, value);
}

static double count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    double count = -3; /* ".", ".." and the folder itself */

    if (folder == NULL)
        return 0;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* Since 1970, out of ticks since the machine began. */
static double begin_of(uint64_t ticks)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (double)(tdh_clock_us() / 1000) / 1e3 - (double)now.tv_sec - (double)now.tv_nsec / 1e9 +
           (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

static void add_build(struct tdh_buf *buf)
{
    add_family(buf, "tdev_build_info", "What runs here, as labels", true);
    tdh_buf_text(buf, "tdev_build_info{version=\"");
    add_escaped(buf, TDH_HOST_VERSION, true);
    tdh_buf_text(buf, "\",sdk=\"");
    add_escaped(buf, TD_SDK_VERSION, true);
    tdh_buf_text(buf, "\",compiler=\"");
    add_escaped(buf, __VERSION__, true);
    tdh_buf_text(buf, "\"} 1\n");
}

static void add_process(struct tdh_buf *buf)
{
    struct rlimit files;
    struct tdh_proc proc;

    if (tdh_proc_read(getpid(), &proc)) {
        add_number(buf, "process_cpu_seconds_total", "Time of the processor", false,
                   (double)proc.cpu_ns / 1e9);
        add_number(buf, "process_resident_memory_bytes", "Memory that is in use", true,
                   (double)proc.bytes);
        add_number(buf, "process_start_time_seconds", "When the process began, since 1970", true,
                   begin_of(proc.began_ticks));
    }
    add_number(buf, "process_open_fds", "Descriptors that are open", true, count_descriptors());
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        add_number(buf, "process_max_fds", "Descriptors that may be open", true,
                   (double)files.rlim_cur);
}

/* --- servers that are asked --- */

/* Of all upstreams of one name. */
struct upstream_row {
    char name[TDH_HEALTH_NAME];
    uint64_t up, calls, faults, connections;
};

struct upstream_rows {
    size_t count;
    struct upstream_row list[TDH_METRICS_UPSTREAMS];
};

static void gather_upstream(const struct tdh_health *health, void *arg)
{
    struct upstream_rows *rows = arg;
    struct upstream_row *row = rows->list;

    while (row < rows->list + rows->count && strcmp(row->name, health->name) != 0)
        row++;
    if (row == rows->list + TDH_METRICS_UPSTREAMS)
        return;
    if (row == rows->list + rows->count) {
        *row = (struct upstream_row){ .up = 1 };
        memcpy(row->name, health->name, sizeof(row->name));
        rows->count++;
    }
    row->up &= !tdh_health_is_down(health);
    row->calls += atomic_load_explicit(&health->calls, memory_order_relaxed);
    row->faults += atomic_load_explicit(&health->faults, memory_order_relaxed);
    row->connections += atomic_load_explicit(&health->connections, memory_order_relaxed);
}

static const struct {
    const char *name, *help;
    bool is_gauge;
    size_t place;
} upstream_families[] = {
    { "tdev_upstream_up", "1: calls go there; 0: it could not be reached and is left alone", true,
      offsetof(struct upstream_row, up) },
    { "tdev_upstream_requests_total", "Calls of one upstream", false,
      offsetof(struct upstream_row, calls) },
    { "tdev_upstream_faults_total", "Calls that could not reach it", false,
      offsetof(struct upstream_row, faults) },
    { "tdev_upstream_open", "Connections to it", true, offsetof(struct upstream_row, connections) },
};

static void add_upstream(struct tdh_buf *buf, const char *name, const struct upstream_row *row,
                         size_t place)
{
    uint64_t value;

    memcpy(&value, (const char *)row + place, sizeof(value));
    tdh_buf_printf(buf, "%s{upstream=\"", name);
    add_escaped(buf, row->name, true);
    tdh_buf_printf(buf, "\"} %llu\n", (unsigned long long)value);
}

/* None: nothing is told of them. */
static void add_upstreams(struct tdh_buf *buf)
{
    struct upstream_rows *rows = calloc(1, sizeof(*rows));

    if (rows == NULL) {
        buf->failed = true;
        return;
    }
    tdh_health_each(gather_upstream, rows);
    for (size_t f = 0; f < sizeof(upstream_families) / sizeof(upstream_families[0]); f++) {
        const char *name = upstream_families[f].name;

        if (rows->count != 0)
            add_family(buf, name, upstream_families[f].help, upstream_families[f].is_gauge);
        for (size_t i = 0; i < rows->count; i++)
            add_upstream(buf, name, &rows->list[i], upstream_families[f].place);
    }
    free(rows);
}

/* --- tenants --- */

static void add_tenants(struct tdh_buf *buf, const json_t *rows, const char *name, const char *help,
                        const char *key, double unit)
{
    const json_t *row;
    bool is_first = true;
    size_t i;

    json_array_foreach (rows, i, row) {
        if (strcmp(tdh_json_str(row, "kind", ""), "tenant") != 0)
            continue;
        if (is_first)
            add_family(buf, name, help, false);
        is_first = false;
        tdh_buf_printf(buf, "%s{tenant=\"", name);
        add_escaped(buf, tdh_json_str(row, "name", ""), true);
        tdh_buf_printf(buf, "\"} %.17g\n",
                       (double)json_integer_value(json_object_get(row, key)) / unit);
    }
}

/* As many as the ledger has lines for (TDH_LEDGER_TENANTS); the others share one. */
static void add_all_tenants(struct tdh_buf *buf)
{
    json_t *rows = tdh_ledger_rows();

    add_tenants(buf, rows, "tdev_tenant_call_failures_total", "Calls of a tenant that failed",
                "failures", 1);
    add_tenants(buf, rows, "tdev_tenant_calls_total", "Calls made for a tenant", "calls", 1);
    add_tenants(buf, rows, "tdev_tenant_cpu_seconds_total",
                "Time of the processor in plugins' code for a tenant", "cpu_ns", 1e9);
    json_decref(rows);
}

void tdh_metrics_print(struct tdh_buf *buf)
{
    const struct tdh_metric **cells = calloc(TDH_METRICS_MAX, sizeof(*cells));

    if (cells == NULL) {
        buf->failed = true;
        return;
    }
    add_process(buf);
    add_build(buf);
    add_cells(buf, cells, gather(cells));
    add_upstreams(buf);
    add_all_tenants(buf);
    free(cells);
}
