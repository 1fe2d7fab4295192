/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resume: runs go on: those whose process is gone, one that was paused, one in doubt as a person
 * decides.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/budget.h"
#include "cli/left.h"
#include "cli/mail.h"

enum { BEGINNERS = 64 }; /* runs that are being taken over at once */

struct resuming {
    const struct tdh_args *args;
    struct tdh_resume resume;
    struct tdh_follow follow;
    unsigned done, failed;
    size_t parked;     /* that were passed over */
    bool is_elsewhere; /* the one that was named goes on in its own process */
};

/* Its process lives: it goes on there. */
static int go_on_there(struct tdh_host *host, struct resuming *resuming, const json_t *record,
                       struct td_err *err)
{
    const struct tdh_meters *budget = resuming->resume.budget;
    struct tdh_sending sending = { .args = resuming->args, .message.kind = TDH_MESSAGE_GO_ON };
    json_t *payload = NULL;
    int rc;

    resuming->is_elsewhere = true;
    snprintf(resuming->follow.id, TDH_ID_SIZE, "%s", tdh_json_str(record, "id", ""));
    if (budget != NULL)
        payload = json_pack("{s:o}", "budget", tdh_meters_json(budget));
    sending.message.payload = payload;
    rc = tdh_mail_send(host, &sending, record, err);
    json_decref(payload);
    return rc;
}

/* Paused in a process that lives; or it runs there, and is given another budget. */
static bool goes_on_there(const struct resuming *resuming, const json_t *record)
{
    const char *status = tdh_json_str(record, "status", "");

    return !json_is_true(json_object_get(record, "orphan")) &&
           (strcmp(status, "paused") == 0 ||
            (strcmp(status, "running") == 0 && resuming->resume.budget != NULL));
}

static int resume_named(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct resuming *resuming = arg;
    json_t *record;
    struct tdh_run *run;
    char id[TDH_ID_SIZE];
    int rc;

    resuming->resume.is_wanted = true;
    if (tdh_runs_find(host->engine, resuming->args->words[0], id, err) != 0 ||
        tdh_runs_record(host->engine, id, &record, err) != 0)
        return -1;
    rc = tdh_budget_check(record, resuming->resume.budget, err);
    if (rc == 0 && goes_on_there(resuming, record)) {
        rc = go_on_there(host, resuming, record, err);
    } else if (rc == 0) {
        rc = tdh_follow_resume(host, &resuming->follow, id, &resuming->resume, &run, err);
        if (rc == 0)
            rc = tdh_follow_wait(host, &resuming->follow, run, err);
    }
    json_decref(record);
    return rc;
}

static int print_named(const struct resuming *resuming)
{
    if (!resuming->is_elsewhere)
        return tdh_follow_print(&resuming->follow);
    if (resuming->args->is_json)
        return tdh_cli_print(json_pack("{s:s, s:b}", "run", resuming->follow.id, "taken", 1));
    printf("run %s goes on\n", resuming->follow.id);
    return TDH_EXIT_DONE;
}

/* One of many. */
struct resumed {
    struct tdh_run *run; /* NULL: it could not be resumed */
    struct tdh_follow follow;
};

struct many {
    struct tdh_host *host;
    struct resuming *resuming;
    const json_t *list;
    struct resumed *all;
    size_t next; /* to begin */
    unsigned beginners;
    struct tdh_co *waiter;
};

static void count_outcome(struct resuming *resuming, const struct tdh_follow *follow, int rc,
                          const struct td_err *why)
{
    const struct tdh_args one_value_only = { 0 }; /* which is told of all, in the end */
    struct tdh_follow told = *follow;

    if (rc == 0) {
        resuming->done++;
        return;
    }
    resuming->failed++;
    told.args = &one_value_only;
    tdh_follow_fail(&told, why);
}

static void begin_one(struct many *many, struct resumed *one, const char *id)
{
    struct td_err why;

    one->follow = many->resuming->follow;
    one->follow.is_one_of_many = true;
    if (tdh_follow_resume(many->host, &one->follow, id, &many->resuming->resume, &one->run, &why) !=
        0) {
        one->run = NULL;
        count_outcome(many->resuming, &one->follow, -1, &why);
    }
}

/* Several of these share the list, so that their take-overs share commits. */
static void begin_some(void *arg)
{
    struct many *many = arg;

    while (many->next < json_array_size(many->list)) {
        size_t i = many->next++;
        const json_t *run = json_array_get(many->list, i);

        if (json_object_get(run, "parent") == NULL)
            begin_one(many, &many->all[i], tdh_json_str(run, "id", ""));
    }
    if (--many->beginners == 0)
        tdh_co_wake(many->waiter);
}

/* All begin before one is waited for: what waits for a signal holds nothing up. */
static void resume_list(struct tdh_host *host, struct resuming *resuming, const json_t *list,
                        struct resumed *all)
{
    struct many many = { .host = host, .resuming = resuming, .list = list, .all = all };
    struct td_err why;

    tdh_left_watch(host, NULL);
    many.waiter = tdh_co_self();
    for (unsigned i = 0; i < BEGINNERS; i++)
        many.beginners += tdh_co_spawn(begin_some, &many, NULL, &why) == 0;
    if (many.beginners == 0) {
        many.beginners = 1;
        begin_some(&many);
    }
    while (many.beginners > 0)
        tdh_co_park();
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (all[i].run == NULL)
            continue;
        count_outcome(resuming, &all[i].follow,
                      tdh_follow_wait(host, &all[i].follow, all[i].run, &why), &why);
        json_decref(all[i].follow.output);
    }
    tdh_left_forget();
    if (!tdh_args_has(resuming->args, "quiet"))
        tdh_left_tell(host, NULL);
}

/* All that are orphaned and no child of another. */
static int resume_all(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct resuming *resuming = arg;
    const struct tdh_run_filter orphaned = { .status = "orphaned", .is_open = true };
    const struct tdh_run_filter parked = { .status = "parked", .is_open = true };
    struct resumed *all;
    json_t *list;

    if (tdh_runs_list(host->engine, &orphaned, &list, err) != 0)
        return -1;
    if (json_array_size(list) > 1)
        tdh_runs_preload(host->engine);
    all = calloc(json_array_size(list) + 1, sizeof(*all));
    if (all == NULL) {
        json_decref(list);
        return td_fail(err, TD_E_NOMEM, "could not allocate the runs to resume");
    }
    resume_list(host, resuming, list, all);
    free(all);
    json_decref(list);
    if (tdh_runs_list(host->engine, &parked, &list, err) != 0)
        return -1;
    resuming->parked = json_array_size(list);
    json_decref(list);
    return 0;
}

static int read_decision(struct resuming *resuming, struct td_err *err)
{
    const struct tdh_args *args = resuming->args;
    const char *done = tdh_args_value(args, "done", NULL);
    int count =
        tdh_args_has(args, "retry") + tdh_args_has(args, "done") + tdh_args_has(args, "fail");

    resuming->resume.is_forced = tdh_args_has(args, "force");
    if (count > 1)
        return td_fail(err, TD_E_INVAL, "--retry, --done and --fail exclude each other");
    if (tdh_args_has(args, "retry"))
        resuming->resume.decision = TDH_DECIDE_RETRY;
    if (tdh_args_has(args, "fail"))
        resuming->resume.decision = TDH_DECIDE_FAIL;
    if (done == NULL)
        return 0;
    resuming->resume.decision = TDH_DECIDE_DONE;
    resuming->resume.output = tdh_json_parse(done, strlen(done), "--done", err);
    return resuming->resume.output != NULL ? 0 : -1;
}

static void print_all(const struct resuming *resuming)
{
    if (resuming->args->is_json) {
        tdh_cli_print(json_pack("{s:i, s:i, s:I}", "done", (int)resuming->done, "failed",
                                (int)resuming->failed, "parked", (json_int_t)resuming->parked));
        return;
    }
    printf("%u resumed and done, %u not\n", resuming->done, resuming->failed);
    if (resuming->parked > 0)
        printf("%zu parked: tdev runs list --status parked, then tdev runs resume RUN --force\n",
               resuming->parked);
}

int tdh_verb_runs_resume(const struct tdh_args *args)
{
    struct resuming resuming = {
        .args = args,
        .follow = { .args = args, .is_quiet = args->is_json || tdh_args_has(args, "quiet") }
    };
    struct tdh_meters budget;
    struct td_err err;
    int rc;

    if (tdh_args_budget(args, &budget, &resuming.resume.budget, &err) != 0)
        return tdh_cli_usage(args, "%s", err.text);
    if (resuming.resume.budget != NULL && args->word_count == 0)
        return tdh_cli_usage(args, "--budget is of one run: name it");
    if (read_decision(&resuming, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (resuming.resume.decision != 0 && args->word_count == 0) {
        json_decref(resuming.resume.output);
        return tdh_cli_usage(args, "--retry, --done and --fail decide of one run: name it");
    }
    if (args->word_count == 1) {
        rc = tdh_cli_host_run(args, TDH_HOST_WHOLE, resume_named, &resuming, &err) == 0
                 ? print_named(&resuming)
                 : tdh_follow_fail(&resuming.follow, &err);
    } else if (tdh_cli_host_run(args, TDH_HOST_WHOLE, resume_all, &resuming, &err) != 0) {
        rc = tdh_cli_fail(args, &err);
    } else {
        rc = resuming.failed > 0 ? TDH_EXIT_FAILED : TDH_EXIT_DONE;
        print_all(&resuming);
    }
    json_decref(resuming.resume.output);
    return rc;
}
