/* SPDX-License-Identifier: Apache-2.0 */
/*
 * top_print: the table of what is used, for people.
 */
#include <string.h>

#include "base/json.h"
#include "base/plain.h"
#include "cli/top.h"

enum { TIME_TEXT = 24, NAME_COLUMNS = 24 };

static double value(const json_t *row, const char *key)
{
    return json_number_value(json_object_get(row, key));
}

/* "740 us", "12.3 ms", "4.56 s", "12:34:56" */
static const char *print_time(double ms, char text[static TIME_TEXT])
{
    unsigned long seconds = ms > 0 ? (unsigned long)(ms / 1000) : 0;

    if (ms < 1)
        snprintf(text, TIME_TEXT, "%.0f us", ms * 1000);
    else if (ms < 1000)
        snprintf(text, TIME_TEXT, "%.1f ms", ms);
    else if (ms < 100000)
        snprintf(text, TIME_TEXT, "%.2f s", ms / 1000);
    else
        snprintf(text, TIME_TEXT, "%lu:%02lu:%02lu", seconds / 3600, seconds / 60 % 60,
                 seconds % 60);
    return text;
}

static const char *print_bytes(double bytes, char text[static TIME_TEXT])
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
    size_t unit = 0;

    for (; bytes >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
        bytes /= 1024;
    snprintf(text, TIME_TEXT, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
    return text;
}

static void print_spent(FILE *file, const json_t *row)
{
    const char *meter, *before = "  ";
    json_t *amount;

    json_object_foreach (json_object_get(row, "spent"), meter, amount) {
        fputs(before, file);
        tdh_print_plain(file, meter);
        fprintf(file, "=%.12g", json_number_value(amount));
        before = " ";
    }
}

static void print_name(FILE *file, const char *name)
{
    size_t length = strlen(name);

    tdh_print_plain(file, name);
    fprintf(file, "%*s", length < NAME_COLUMNS ? (int)(NAME_COLUMNS - length) : 0, "");
}

static void print_cpu(FILE *file, const json_t *row, bool is_live)
{
    char cpu[TIME_TEXT];

    if (is_live)
        fprintf(file, " %6.1f", value(row, "cpu_percent"));
    fprintf(file, " %10s", print_time(value(row, "cpu_ms"), cpu));
}

static void print_row(FILE *file, const json_t *row, bool is_live)
{
    char wall[TIME_TEXT], memory[TIME_TEXT];

    print_name(file, tdh_json_str(row, "name", ""));
    print_cpu(file, row, is_live);
    fprintf(file, " %10s %10.0f %8.0f %8.0f %8.0f %10s", print_time(value(row, "wall_ms"), wall),
            value(row, "calls"), value(row, "failures"), value(row, "retries"),
            value(row, "cache_hits"), print_bytes(value(row, "bytes"), memory));
    print_spent(file, row);
    fputc('\n', file);
}

static void print_run(FILE *file, const json_t *row, bool is_live)
{
    fprintf(file, "%-28s %-9s", tdh_json_str(row, "id", ""), tdh_json_str(row, "status", ""));
    print_cpu(file, row, is_live);
    fprintf(file, " %10.0f  ", value(row, "calls"));
    tdh_print_plain(file, tdh_json_str(row, "name", ""));
    print_spent(file, row);
    fputc('\n', file);
}

static void print_head(FILE *file, enum tdh_top_view view, bool is_live)
{
    static const char *const heads[] = { "PLUGIN", "AGENT", "RUN", "TENANT" };
    const char *percent = is_live ? "   CPU%" : "";

    if (view == TDH_TOP_RUNS)
        fprintf(file, "%-28s %-9s%s %10s %10s  NAME, SPENT\n", "RUN", "STATUS", percent, "CPU",
                "CALLS");
    else
        fprintf(file, "%-*s%s %10s %10s %10s %8s %8s %8s %10s  SPENT\n", NAME_COLUMNS, heads[view],
                percent, "CPU", "WALL", "CALLS", "FAILED", "RETRIES", "CACHED", "MEMORY");
}

static void print_processes(FILE *file, const json_t *sum, enum tdh_top_order order)
{
    const json_t *processes = json_object_get(sum, "processes"), *process;
    size_t i;

    if (json_array_size(processes) == 0) {
        fputs("no tdev has been at work on this state folder for a second\n", file);
        return;
    }
    json_array_foreach (processes, i, process)
        if (i < 8)
            fprintf(file, "%s%s %lld", i > 0 ? ", " : "", tdh_json_str(process, "program", ""),
                    (long long)json_integer_value(json_object_get(process, "tdev")));
    if (i > 8)
        fprintf(file, " and %zu more", i - 8);
    fprintf(file, "; by %s\n", tdh_top_orders[order]);
}

void tdh_top_print(FILE *file, const json_t *sum, enum tdh_top_view view, enum tdh_top_order order,
                   size_t max, bool is_live)
{
    json_t *row;
    size_t i;

    print_processes(file, sum, order);
    print_head(file, view, is_live);
    json_array_foreach (json_object_get(sum, tdh_top_lists[view]), i, row) {
        if (i == max)
            break;
        if (view == TDH_TOP_RUNS)
            print_run(file, row, is_live);
        else
            print_row(file, row, is_live);
    }
}
