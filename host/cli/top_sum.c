/* SPDX-License-Identifier: Apache-2.0 */
/*
 * top_sum: adds up what several processes tell, by plugin and by agent.
 *
 * A share of the processor is the difference of two ledgers of one process by the time between
 * them, which stands in both: how long ago they were read does not matter.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/top.h"

#define FRESH_US (INT64_C(2500) * TDH_LEDGER_EACH_MS) /* an older one has nothing to tell */
#define KEY_BYTES (2 * TDH_LEDGER_NAME + 16)

const char *const tdh_top_views[] = { "plugin", "agent", "run", "tenant", NULL };
const char *const tdh_top_lists[] = { "plugins", "agents", "runs", "tenants" };
const char *const tdh_top_orders[] = { "cpu", "calls", "failures", "wall", "memory", "name", NULL };

static json_int_t number(const json_t *row, const char *key)
{
    return json_integer_value(json_object_get(row, key));
}

static void add(json_t *row, const char *key, double amount)
{
    json_object_set_new(row, key, json_real(json_number_value(json_object_get(row, key)) + amount));
}

static void count(json_t *row, const char *key, json_int_t amount)
{
    json_object_set_new(row, key, json_integer(number(row, key) + amount));
}

/* --- one process --- */

struct reading {
    const json_t *ledger, *before; /* before: NULL, or an earlier one of the same process */
    double span_ns;                /* between the two; 0: nothing is known, or used, now */
    json_t *earlier;               /* {key: cpu_ns} of `before` */
};

static const char *key_of(const json_t *row, char key[static KEY_BYTES])
{
    const json_t *process = json_object_get(row, "process");

    if (process != NULL)
        snprintf(key, KEY_BYTES, "process %lld", (long long)json_integer_value(process));
    else if (json_object_get(row, "id") != NULL)
        snprintf(key, KEY_BYTES, "run %.64s", tdh_json_str(row, "id", ""));
    else
        snprintf(key, KEY_BYTES, "%.8s %.*s %.*s", tdh_json_str(row, "kind", ""),
                 TDH_LEDGER_NAME - 1, tdh_json_str(row, "plugin", ""), TDH_LEDGER_NAME - 1,
                 tdh_json_str(row, "name", ""));
    return key;
}

static void begin(struct reading *reading, int64_t now_us)
{
    static const char *const lists[] = { "lines", "processes", "runs" };
    json_int_t at_us = number(reading->ledger, "at_us");
    char key[KEY_BYTES];
    json_t *row;
    size_t i;

    reading->earlier = json_object();
    if (reading->before == NULL || now_us - at_us > FRESH_US)
        return;
    reading->span_ns = (double)(at_us - number(reading->before, "at_us")) * 1000;
    for (size_t list = 0; list < sizeof(lists) / sizeof(lists[0]); list++)
        json_array_foreach (json_object_get(reading->before, lists[list]), i, row)
            json_object_set(reading->earlier, key_of(row, key), json_object_get(row, "cpu_ns"));
}

static void add_cpu(const struct reading *reading, json_t *sum, const json_t *row)
{
    json_int_t cpu_ns = number(row, "cpu_ns");
    char key[KEY_BYTES];

    add(sum, "cpu_ms", (double)cpu_ns / 1e6);
    if (reading->before == NULL)
        return;
    add(sum, "cpu_percent",
        reading->span_ns > 0
            ? 100 * (double)(cpu_ns - number(reading->earlier, key_of(row, key))) / reading->span_ns
            : 0);
}

/* --- rows --- */

static void add_spent(json_t *sum, const json_t *spent)
{
    json_t *amount, *into = json_object_get(sum, "spent");
    const char *meter;

    json_object_foreach ((json_t *)(uintptr_t)spent, meter, amount) {
        if (json_is_integer(amount) && !json_is_real(json_object_get(into, meter)))
            count(into, meter, json_integer_value(amount));
        else
            add(into, meter, json_number_value(amount));
    }
}

static json_t *row_for(json_t *rows, const char *name, const char *plugin)
{
    char key[KEY_BYTES];
    json_t *row;

    snprintf(key, sizeof(key), "%.*s %.*s", TDH_LEDGER_NAME - 1, plugin, TDH_LEDGER_NAME - 1, name);
    row = json_object_get(rows, key);
    if (row == NULL) {
        row = json_pack("{s:s, s:s, s:f, s:f, s:i, s:i, s:i, s:i, s:i, s:{}}", "name", name,
                        "plugin", plugin, "cpu_ms", 0.0, "wall_ms", 0.0, "calls", 0, "failures", 0,
                        "retries", 0, "cache_hits", 0, "bytes", 0, "spent");
        json_object_set_new(rows, key, row);
    }
    return row;
}

static void add_line(const struct reading *reading, json_t *sum, const json_t *line)
{
    static const char *const counts[] = { "calls", "failures", "retries", "cache_hits", "bytes" };

    add_cpu(reading, sum, line);
    add(sum, "wall_ms", (double)number(line, "wall_ns") / 1e6);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        count(sum, counts[i], number(line, counts[i]));
    add_spent(sum, json_object_get(line, "spent"));
}

static void add_run(const struct reading *reading, json_t *runs, const json_t *run)
{
    json_t *spent = json_deep_copy(json_object_get(run, "spent")), *row;

    row = json_pack("{s:O, s:O, s:O, s:O*, s:O, s:f, s:I, s:o}", "name",
                    json_object_get(run, "name"), "id", json_object_get(run, "id"), "status",
                    json_object_get(run, "status"), "tenant", json_object_get(run, "tenant"),
                    "tdev", json_object_get(reading->ledger, "tdev"), "cpu_ms", 0.0, "calls",
                    number(spent, "calls"), "spent", spent);
    if (row == NULL)
        return;
    json_object_del(spent, "calls");
    add_cpu(reading, row, run);
    json_array_append_new(runs, row);
}

static void add_process(const struct reading *reading, json_t *processes)
{
    char time[40];

    json_array_append_new(
        processes,
        json_pack("{s:O, s:O, s:s}", "tdev", json_object_get(reading->ledger, "tdev"), "program",
                  json_object_get(reading->ledger, "program"), "began",
                  tdh_clock_print(number(reading->ledger, "began_us"), time, sizeof(time))));
}

/* {KEY: ROW}, but of runs: [RUN] */
struct sums {
    json_t *plugins, *agents, *runs, *tenants;
};

static void add_lines(const struct reading *reading, const struct sums *sums)
{
    json_t *row;
    size_t i;

    json_array_foreach (json_object_get(reading->ledger, "lines"), i, row) {
        const char *name = tdh_json_str(row, "name", "?"),
                   *plugin = tdh_json_str(row, "plugin", "?"),
                   *kind = tdh_json_str(row, "kind", "");

        if (strcmp(kind, "tenant") == 0) { /* the same once more, on another's account */
            add_line(reading, row_for(sums->tenants, name, ""), row);
            continue;
        }
        add_line(reading, row_for(sums->plugins, plugin, plugin), row);
        if (strcmp(kind, "agent") == 0)
            add_line(reading, row_for(sums->agents, name, plugin), row);
    }
}

static void add_ledger(const struct reading *reading, const struct sums *sums)
{
    json_t *row;
    size_t i;

    add_lines(reading, sums);
    json_array_foreach (json_object_get(reading->ledger, "processes"), i, row) {
        const char *plugin = tdh_json_str(row, "plugin", "?");
        json_t *sum = row_for(sums->plugins, plugin, plugin);

        add_cpu(reading, sum, row);
        count(sum, "bytes", number(row, "bytes"));
    }
    json_array_foreach (json_object_get(reading->ledger, "runs"), i, row)
        add_run(reading, sums->runs, row);
}

/* Takes rows. */
static json_t *values_of(json_t *rows)
{
    json_t *list = json_array(), *row;
    const char *key;

    json_object_foreach (rows, key, row)
        json_array_append(list, row);
    json_decref(rows);
    return list;
}

json_t *tdh_top_sum(const json_t *ledgers, const json_t *before, int64_t now_us)
{
    const struct sums sums = { json_object(), json_object(), json_array(), json_object() };
    json_t *processes = json_array(), *ledger, *sum;
    size_t i;

    json_array_foreach (ledgers, i, ledger) {
        struct reading reading = { .ledger = ledger };
        char pid[32];

        snprintf(pid, sizeof(pid), "%lld", (long long)number(ledger, "tdev"));
        reading.before = json_object_get(before, pid);
        begin(&reading, now_us);
        add_process(&reading, processes);
        add_ledger(&reading, &sums);
        json_decref(reading.earlier);
    }
    sum = json_pack("{s:o, s:o, s:o, s:o, s:o}", "processes", processes, "plugins",
                    values_of(sums.plugins), "agents", values_of(sums.agents), "runs", sums.runs,
                    "tenants", values_of(sums.tenants));
    for (int view = 0; sum != NULL && view < TDH_TOP_VIEWS; view++)
        tdh_top_sort(sum, (enum tdh_top_view)view, TDH_TOP_CPU);
    return sum;
}

/* --- order --- */

static const char *const sort_keys[] = {
    [TDH_TOP_CPU] = "cpu_ms",   [TDH_TOP_CALLS] = "calls",  [TDH_TOP_FAILURES] = "failures",
    [TDH_TOP_WALL] = "wall_ms", [TDH_TOP_MEMORY] = "bytes", [TDH_TOP_NAME] = NULL
};

static int by_number(const json_t *a, const json_t *b, const char *key)
{
    double one = json_number_value(json_object_get(a, key)),
           other = json_number_value(json_object_get(b, key));

    return one > other ? -1 : one < other;
}

static int compare(const void *a, const void *b, void *arg)
{
    const json_t *one = *(json_t *const *)a, *other = *(json_t *const *)b;
    enum tdh_top_order order = *(const enum tdh_top_order *)arg;
    int rc = order == TDH_TOP_CPU ? by_number(one, other, "cpu_percent") : 0;

    if (rc == 0 && sort_keys[order] != NULL)
        rc = by_number(one, other, sort_keys[order]);
    if (rc == 0)
        rc = strcmp(tdh_json_str(one, "name", ""), tdh_json_str(other, "name", ""));
    return rc != 0 ? rc : strcmp(tdh_json_str(one, "id", ""), tdh_json_str(other, "id", ""));
}

void tdh_top_sort(json_t *sum, enum tdh_top_view view, enum tdh_top_order order)
{
    json_t *rows = json_object_get(sum, tdh_top_lists[view]), *sorted = json_array();
    size_t count_of = json_array_size(rows);
    json_t **list = calloc(count_of + 1, sizeof(json_t *));

    for (size_t i = 0; list != NULL && i < count_of; i++)
        list[i] = json_array_get(rows, i);
    if (list != NULL)
        qsort_r(list, count_of, sizeof(json_t *), compare, &order);
    for (size_t i = 0; list != NULL && i < count_of; i++)
        json_array_append(sorted, list[i]);
    if (list != NULL)
        json_object_set(sum, tdh_top_lists[view], sorted);
    json_decref(sorted);
    free(list);
}
