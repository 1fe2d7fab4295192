/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow random: thousands of random workflows, each run with its asks answered in a random order,
 * against the model of random_model.c. After every event exactly those asks are under way that the
 * model says, so each node began as soon as its join rule let it, and not before; what is dead
 * never ran; nothing ran twice; and the run ends when, and as, the model says. A second run of the
 * same, saved and loaded between any two events, does the same to the letter.
 *
 * GRAPHS=N makes N of them; SEED=N makes that one again, and prints it.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */
#include "random_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

enum { GRAPHS = 3000, FIRST_SEED = 1 };

/* --- one random workflow --- */

struct trial {
    uint64_t seed;
    struct flow *flow;
    char *text;
    struct tdh_definition *definition;
    struct host hosts[2]; /* plain; saved and loaded between any two events */
    struct tdh_map answers;
    struct model model;
    enum status status;
    uint32_t number;        /* asks when it was last running */
    char failed[PATH_SIZE]; /* the last ask that failed while it was running */
    bool is_cancelled;
    /* Outputs of nodes before and after the last event that let an end be reached: what that end
     * saw. Ends that were reached with it. */
    char seen[2][GRAPH_NODES][VALUE_SIZE];
    bool is_end[GRAPH_NODES];
};

static unsigned totals[STATUSES], asks, finished, bodies;

static void work_out(struct trial *trial)
{
    struct model *model = &trial->model;

    model->answers = &trial->answers;
    model->input = trial->flow->input;
    model->open_count = 0;
    memset(model->counts, 0, sizeof(model->counts));
    for (unsigned i = 0; i < FLOW_VARS; i++)
        strcpy(model->variables[i], "0");
    for (unsigned i = 0; i < GRAPH_NODES; i++)
        model->outputs[i][0] = '\0';
    trial->status = model_run(model, trial->flow->graph);
}

/* The model again, for what came since. */
static void follow(struct trial *trial)
{
    static char before[GRAPH_NODES][VALUE_SIZE];
    bool is_end[GRAPH_NODES] = { false }, is_any = false;

    memcpy(before, trial->model.outputs, sizeof(before));
    work_out(trial);
    for (unsigned i = 0; i < trial->flow->graph->count; i++)
        if (trial->flow->graph->nodes[i].kind == END && before[i][0] == '\0' &&
            trial->model.outputs[i][0] != '\0')
            is_any = is_end[i] = true;
    if (!is_any)
        return;
    memcpy(trial->is_end, is_end, sizeof(is_end));
    memcpy(trial->seen[0], before, sizeof(before));
    memcpy(trial->seen[1], trial->model.outputs, sizeof(before));
}

/* --- what is claimed after every event --- */

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *sorted(const char *const *paths, unsigned count)
{
    const char *list[OPEN_MAX + 1];
    struct tdh_buf buf = { 0 };

    memcpy(list, paths, count * sizeof(*list));
    qsort(list, count, sizeof(*list), compare_paths);
    tdh_buf_text(&buf, "");
    for (unsigned i = 0; i < count; i++)
        tdh_buf_printf(&buf, "%s ", list[i]);
    return tdh_buf_steal(&buf);
}

static void check_open(const struct trial *trial)
{
    const struct host *host = &trial->hosts[0];
    const struct model *model = &trial->model;
    const char *ours[OPEN_MAX], *theirs[OPEN_MAX];
    char *found, *want;

    for (unsigned i = 0; i < host->open_count; i++)
        ours[i] = host->open[i].path;
    for (unsigned i = 0; i < model->open_count; i++)
        theirs[i] = model->open[i];
    found = sorted(ours, host->open_count);
    want = sorted(theirs, model->open_count);
    if (strcmp(found, want) != 0)
        fail_msg("under way: %s, must be: %s", found, want);
    free(found);
    free(want);
}

static void check_output(const struct trial *trial)
{
    const struct graph *graph = trial->flow->graph;
    struct td_err err;
    const char *text = trial->hosts[0].output;
    json_t *output = tdh_json_parse(text, strlen(text), "output", &err);
    const char *end = json_string_value(json_object_get(output, "end"));
    bool is_end = false, is_any = false;

    for (unsigned i = 0; i < graph->count; i++) {
        const struct node *node = &graph->nodes[i];
        char *value;

        is_any = is_any || trial->is_end[i];
        is_end = is_end || (trial->is_end[i] && end != NULL && strcmp(end, node->id) == 0);
        if (node->kind == END || node->kind == START || end == NULL)
            continue;
        value = tdh_json_text(json_object_get(output, node->id), 0);
        for (unsigned k = 0; k < 2; k++)
            if (strcmp(value, trial->seen[k][i][0] != '\0' ? trial->seen[k][i] : "-1") == 0)
                break;
            else if (k == 1)
                fail_msg("node %s gave %s, must give \"%s\" or \"%s\"", node->id, value,
                         trial->seen[0][i], trial->seen[1][i]);
        free(value);
    }
    if (is_any ? !is_end : strcmp(text, "null") != 0)
        fail_msg("output %s is not that of the end that was reached last", text);
    json_decref(output);
}

static void check_end(const struct trial *trial)
{
    const struct host *host = &trial->hosts[0];
    char want[TD_ERR_TEXT];

    if (trial->is_cancelled)
        snprintf(want, sizeof(want), "the run was cancelled");
    else if (strstr(trial->failed, ".timeout") != NULL)
        snprintf(want, sizeof(want), "node \"%.*s\": it took longer than its timeout of 3600000 ms",
                 (int)(strlen(trial->failed) - strlen(".timeout")), trial->failed);
    else
        snprintf(want, sizeof(want), "node \"%s\": it broke", trial->failed);
    if (trial->status == DONE && host->output == NULL)
        fail_msg("the run failed: %s", host->error);
    if (trial->status == DONE)
        check_output(trial);
    else if (strcmp(host->error, want) != 0)
        fail_msg("the run ended with \"%s\", must end with \"%s\"", host->error, want);
}

/* A run that has failed begins nothing, and waits for the runs of other workflows only. */
static void check_stopping(const struct trial *trial)
{
    const struct host *host = &trial->hosts[0];

    if (host->is_over != (host->open_count == 0) || host->number != trial->number)
        fail_msg("a run that has failed does not end");
    for (unsigned i = 0; i < host->open_count; i++)
        if (!host->open[i].is_run)
            fail_msg("%s is under way in a run that has failed", host->open[i].path);
}

static void check_running(struct trial *trial)
{
    const struct host *host = &trial->hosts[0];

    follow(trial);
    if (trial->is_cancelled)
        trial->status = LOST;
    if (trial->status != LOST)
        trial->number = host->number;
    if (host->asked_twice)
        fail_msg("a node ran twice");
    if (trial->status != LOST && host->is_over != (trial->status == DONE))
        fail_msg("the run is %s, must be %s", host->is_over ? "over" : "under way",
                 trial->status == DONE ? "over" : "under way");
    if (!host->is_over && trial->status == OPEN)
        check_open(trial);
}

static void check(struct trial *trial)
{
    const struct host *hosts = trial->hosts;

    if (trial->status != LOST)
        check_running(trial);
    if (trial->status == LOST)
        check_stopping(trial);
    if (hosts[0].is_over)
        check_end(trial);
    if (strcmp(hosts[0].trace.data, hosts[1].trace.data) != 0)
        fail_msg("saved and loaded between events it asks for something else: %s",
                 hosts[1].trace.data);
}

/* --- events --- */

/* A timer is a timeout, which comes only in a run that has failures. */
static unsigned choose(struct trial *trial)
{
    const struct host *host = &trial->hosts[0];
    unsigned place;

    do
        place = (unsigned)flow_random(trial->flow, host->open_count);
    while (strstr(host->open[place].path, ".timeout") != NULL &&
           flow_random(trial->flow, 100) >= trial->flow->failures);
    return place;
}

/* new; what an ask is answered is kept for the model. */
static struct answer *make_answer(struct trial *trial, const struct asked *asked)
{
    struct answer *answer = calloc(1, sizeof(*answer));
    bool may_fail = !asked->is_wait && !asked->is_timer;

    answer->is_failed = may_fail && flow_random(trial->flow, 100) < trial->flow->failures;
    if (answer->is_failed || asked->is_timer)
        strcpy(answer->value, "null");
    else
        sprintf(answer->value, "%u", (unsigned)flow_random(trial->flow, 8));
    assert_int_equal(tdh_map_set(&trial->answers, asked->path, answer, NULL), 0);
    if (trial->status != LOST && (answer->is_failed || strstr(asked->path, ".timeout") != NULL))
        strcpy(trial->failed, asked->path);
    return answer;
}

static void step(struct trial *trial)
{
    unsigned place = choose(trial);
    const struct asked *asked = &trial->hosts[0].open[place];
    struct td_event event = { .size = sizeof(event), .kind = TD_EVENT_DONE };
    struct td_err broken;
    const struct answer *answer;

    td_fail(&broken, TD_E_EXEC, "it broke");
    if (trial->status == OPEN && flow_random(trial->flow, 400) == 0) {
        trial->is_cancelled = true;
        event.kind = TD_EVENT_CANCEL;
    } else {
        answer = make_answer(trial, asked);
        event.kind = answer->is_failed ? TD_EVENT_FAILED
                     : asked->is_wait  ? TD_EVENT_SIGNAL
                                       : TD_EVENT_DONE;
        event.error = &broken;
        event.output = json_of(answer->value);
    }
    host_reload(&trial->hosts[1]);
    for (unsigned i = 0; i < 2; i++)
        host_tell(&trial->hosts[i], place, &event);
    json_decref(event.output);
}

/* --- all --- */

static struct trial trial; /* told of when a claim fails */

static void try_one(uint64_t seed)
{
    struct td_err err;

    trial.seed = seed;
    trial.flow = flow_new(seed);
    trial.text = flow_text(trial.flow);
    trial.definition = read_flow(trial.text, NULL, &err);
    if (trial.definition == NULL)
        fail_msg("refused: %s", err.text);
    for (unsigned i = 0; i < 2; i++)
        host_begin(&trial.hosts[i], trial.definition->plan, trial.flow->input);
    check(&trial);
    while (!trial.hosts[0].is_over) {
        step(&trial);
        check(&trial);
    }
    for (unsigned i = 0; i < STATUSES; i++)
        totals[i] += trial.model.counts[i];
    asks += trial.hosts[0].number;
    finished += trial.hosts[0].output != NULL;
    bodies += trial.flow->bodies;
}

static int end_trial(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2 && trial.definition != NULL; i++)
        host_end(&trial.hosts[i]);
    tdh_map_free(&trial.answers, free);
    tdh_definition_release(trial.definition);
    if (trial.flow != NULL)
        flow_free(trial.flow);
    free(trial.text);
    memset(&trial, 0, sizeof(trial));
    return 0;
}

/* What failed has not been ended yet. */
static int tell_trial(void **state)
{
    if (trial.flow != NULL)
        fprintf(stderr, "SEED=%llu input.n=%u\n%s%s\n", (unsigned long long)trial.seed,
                trial.flow->input, trial.text,
                trial.definition != NULL ? trial.hosts[0].trace.data : "");
    return end_trial(state);
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void random_workflows_run_as_the_model_says(void **state)
{
    uint64_t first = number_from("SEED", FIRST_SEED);
    uint64_t count = number_from("GRAPHS", getenv("SEED") != NULL ? 1 : GRAPHS);

    for (uint64_t seed = first; seed < first + count; seed++) {
        try_one(seed);
        if (getenv("SEED") != NULL && count == 1)
            printf("%s%s\n", trial.text, trial.hosts[0].trace.data);
        end_trial(state);
    }
    print_message("%llu workflows, %u finished; %u asks; %u nodes done, %u dead, %u skipped, %u "
                  "left by goto, %u lost; %u bodies with variables\n",
                  (unsigned long long)count, finished, asks, totals[DONE], totals[DEAD],
                  totals[SKIPPED], totals[LEFT], totals[LOST], bodies);
    for (unsigned i = DONE; i < STATUSES && count >= GRAPHS; i++)
        assert_in_range(totals[i], count / 10, UINT32_MAX); /* or little would be proved */
    if (count >= GRAPHS)
        assert_in_range(bodies, count / 10, UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(random_workflows_run_as_the_model_says, tell_trial),
    };

    return cmocka_run_group_tests_name("flow random", tests, NULL, NULL);
}
