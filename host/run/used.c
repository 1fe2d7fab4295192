/* SPDX-License-Identifier: Apache-2.0 */
/*
 * used: what the runs in this process's memory have used so far.
 */
#include <stdlib.h>

#include "run/internal.h"

struct usage {
    const struct tdh_run *run;
    uint64_t cpu_ns;
};

struct usage_of_hub {
    struct tdh_hub *hub;
    unsigned max;
    json_t *rows;
};

static json_t *row_of(const struct usage *usage)
{
    const struct tdh_run *run = usage->run;
    struct tdh_meters spent;
    json_t *row;

    tdh_purse_total(&run->purse, false, &spent);
    row = json_pack("{s:s, s:s, s:s, s:s*, s:I, s:I, s:o}", "id", run->id, "name",
                    run->definition->name, "status", tdh_run_status_name(run->status), "tenant",
                    run->tenant, "created_us", (json_int_t)run->created_us, "cpu_ns",
                    (json_int_t)usage->cpu_ns, "spent", tdh_meters_json(&spent));
    return row;
}

static int by_cpu(const void *a, const void *b)
{
    const struct usage *one = a, *other = b;

    return one->cpu_ns > other->cpu_ns ? -1 : one->cpu_ns < other->cpu_ns;
}

/* The `max` that used most so far: twice as many are gathered before the lesser half goes. */
static void gather(struct usage_of_hub *of, struct usage *room)
{
    size_t count = 0;

    for (const struct tdh_run *run = of->hub->runs; run != NULL; run = run->next) {
        if (run->is_ended)
            continue;
        if (count == 2 * (size_t)of->max) {
            qsort(room, count, sizeof(*room), by_cpu);
            count = of->max;
        }
        room[count++] =
            (struct usage){ run, atomic_load_explicit(&run->cpu_ns, memory_order_relaxed) };
    }
    qsort(room, count, sizeof(*room), by_cpu);
    for (size_t i = 0; i < count && i < of->max; i++)
        json_array_append_new(of->rows, row_of(&room[i]));
}

static void gather_here(void *arg)
{
    struct usage_of_hub *of = arg;
    struct usage *room = calloc(2 * (size_t)of->max, sizeof(*room));

    if (room != NULL)
        gather(of, room);
    free(room);
}

json_t *tdh_runs_used(struct tdh_engine *engine, unsigned max)
{
    unsigned workers = tdh_runtime_workers(engine->options.runtime);
    json_t *rows = json_array();
    struct td_err ignored;

    for (unsigned i = 0; i < workers && rows != NULL; i++) {
        struct usage_of_hub of = { &engine->hubs[i], max, rows };

        if (tdh_hop(engine->hubs[i].worker, gather_here, &of, &ignored) != 0)
            break;
    }
    return rows;
}
