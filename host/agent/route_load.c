/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route_load: what candidates have done, from the accounts of their actions, and what they have to
 * do: calls by anybody, and what their processes use. Looked at now and then, not with each choice.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/route.h"
#include "base/json.h"
#include "base/proc.h"

static const uint64_t count_each_ns = 100000000;   /* calls */
static const uint64_t sample_each_ns = 1000000000; /* processes */

static void count_one(struct tdh_route *route, uint32_t number, uint64_t now_ns)
{
    struct tdh_candidate *candidate = &route->router.candidates[number];
    const struct tdh_agent_template *template = tdh_map_get(&route->agents->named, candidate->name);
    uint64_t calls = 0, failures = 0;
    unsigned ours, all;

    if (template == NULL)
        return;
    for (size_t i = 0; i < template->target_count; i++) {
        const struct tdh_account *account = &template->targets[i].account;

        calls += atomic_load_explicit(&account->calls, memory_order_relaxed);
        failures += atomic_load_explicit(&account->failures, memory_order_relaxed);
    }
    tdh_router_account(&route->router, number, calls, failures, now_ns);
    ours = atomic_load_explicit(&candidate->running, memory_order_relaxed);
    all = atomic_load_explicit(&template->limiter.in_use, memory_order_relaxed);
    candidate->others = all > ours ? all - ours : 0;
}

void tdh_route_count_one(struct tdh_route *route, uint32_t number, uint64_t now_ns)
{
    tdh_agents_lock(route->agents);
    count_one(route, number, now_ns);
    tdh_agents_unlock(route->agents);
}

/* --- processes --- */

static double share(double part, double whole)
{
    double its = whole > 0 ? part / whole : 0;

    return its < 0 ? 0 : its > 1 ? 1 : its;
}

static void take_sample(struct tdh_route *route, uint32_t number, long pid,
                        const struct tdh_manifest *manifest, double seconds)
{
    struct tdh_candidate *candidate = &route->router.candidates[number];
    double most = (double)manifest->memory_bytes;
    struct tdh_proc proc;

    if (!tdh_proc_read(pid, &proc))
        return;
    if (most <= 0)
        most = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    candidate->memory = share((double)proc.bytes, most);
    candidate->cpu = route->cpu_ns[number] > 0 && proc.cpu_ns >= route->cpu_ns[number]
                         ? share((double)(proc.cpu_ns - route->cpu_ns[number]), seconds * 1e9)
                         : 0;
    route->cpu_ns[number] = proc.cpu_ns;
}

/* The process that this tdev has of the plugin, or 0. */
static long process_of(const json_t *processes, const char *plugin)
{
    const json_t *process;
    size_t i;

    json_array_foreach (processes, i, process)
        if (strcmp(tdh_json_str(process, "plugin", ""), plugin) == 0 &&
            json_integer_value(json_object_get(process, "tdev")) == getpid() &&
            strcmp(tdh_json_str(process, "state", ""), "up") == 0)
            return (long)json_integer_value(json_object_get(process, "process"));
    return 0;
}

/* Candidates inside the host share its process, so that says nothing of them. */
static void sample_processes(struct tdh_route *route, double seconds)
{
    json_t *processes = tdh_plugins_processes(route->agents->options.plugins);

    tdh_agents_lock(route->agents);
    for (uint32_t number = 0; number < route->router.count; number++) {
        const struct tdh_agent_template *template =
            tdh_map_get(&route->agents->named, route->router.candidates[number].name);
        long pid = template != NULL && template->plugin->runner != NULL
                       ? process_of(processes, template->plugin->manifest->name)
                       : 0;

        if (pid > 0)
            take_sample(route, number, pid, template->plugin->manifest, seconds);
    }
    tdh_agents_unlock(route->agents);
    json_decref(processes);
}

static void sample(struct tdh_route *route, uint64_t now_ns)
{
    double seconds = (double)(now_ns - route->sampled_at_ns) / 1e9;

    if (route->cpu_ns == NULL)
        route->cpu_ns = calloc(route->router.count + 1U, sizeof(*route->cpu_ns));
    route->sampled_at_ns = now_ns;
    if (route->cpu_ns != NULL)
        sample_processes(route, seconds);
}

void tdh_route_count(struct tdh_route *route, uint64_t now_ns)
{
    if (now_ns - route->counted_at_ns < count_each_ns)
        return;
    route->counted_at_ns = now_ns;
    for (uint32_t number = 0; number < route->router.count; number++)
        tdh_route_count_one(route, number, now_ns);
    if (route->router.options.balance == TDH_BALANCE_RESOURCES &&
        now_ns - route->sampled_at_ns >= sample_each_ns)
        sample(route, now_ns);
}
