/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail: sends a run a signal, or asks it to end. A run whose process lives takes it there; one
 * whose process is gone goes on here with it.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/follow.h"

enum { LOOK_MS = 50, PATIENCE_MS = 10000 };

struct sending {
    const struct tdh_args *args;
    const char *signal; /* NULL: cancel */
    json_t *payload;
    struct tdh_follow follow;
    bool is_here; /* the run went on here */
};

static int fail_ended(const char *id, const char *status, struct td_err *err)
{
    return td_fail(err, TD_E_CONFLICT, "run %s has ended: it is %s", id, status);
}

/* Ended with the message untaken, perhaps as another came first: then it is taken back. */
static int check_end(struct tdh_host *host, const char *id, const char *key, struct td_err *err)
{
    json_t *record;
    char status[32];
    bool is_taken;

    if (tdh_runs_record(host->engine, id, &record, err) != 0)
        return -1;
    snprintf(status, sizeof(status), "%s", tdh_json_str(record, "status", ""));
    json_decref(record);
    if (!tdh_run_is_end(status))
        return 0;
    if (tdh_run_mail_is_taken(host->engine, key, &is_taken, err) != 0 || is_taken)
        return is_taken ? 0 : -1;
    return tdh_run_mail_take_back(host->engine, key, err) == 0 ? fail_ended(id, status, err) : -1;
}

/* Until its process has taken the message, and that is durable. */
static int wait_until_taken(struct tdh_host *host, const char *id, const char *key,
                            struct td_err *err)
{
    uint64_t until_ns = tdh_clock_mono_ns() + PATIENCE_MS * UINT64_C(1000000);
    bool is_taken = false;

    while (tdh_run_mail_is_taken(host->engine, key, &is_taken, err) == 0) {
        if (is_taken)
            return 0;
        if (check_end(host, id, key, err) != 0)
            return -1;
        if (tdh_clock_mono_ns() > until_ns) {
            td_fail(err, TD_E_TIMEOUT, "run %s has not taken it in %d s", id, PATIENCE_MS / 1000);
            return td_hint(err, "it is kept: the run takes it when its process does, or when it is "
                                "resumed");
        }
        if (tdh_co_wait(tdh_clock_mono_ns() + LOOK_MS * UINT64_C(1000000)) == TDH_WAIT_CANCELLED)
            return td_fail(err, TD_E_CANCELLED, "stopped waiting");
    }
    return -1;
}

static int go_on_here(struct tdh_host *host, struct sending *sending, const char *id,
                      struct td_err *err)
{
    struct tdh_resume resume = { .watch = tdh_follow_watch, .watch_arg = &sending->follow };
    struct tdh_run *run;

    if (tdh_run_resume(host->engine, id, &resume, &run, err) != 0)
        return -1;
    sending->is_here = true;
    return tdh_follow_wait(&sending->follow, run, err);
}

static int send_to(struct tdh_host *host, struct sending *sending, const char *id,
                   const char *status, struct td_err *err)
{
    char key[TDH_MAIL_KEY];

    if (tdh_run_is_end(status))
        return fail_ended(id, status, err);
    if (tdh_run_mail(host->engine, id, sending->signal, sending->payload, key, err) != 0)
        return -1;
    if (strcmp(status, "orphaned") == 0)
        return go_on_here(host, sending, id, err);
    if (strcmp(status, "running") == 0)
        return wait_until_taken(host, id, key, err);
    td_fail(err, TD_E_UNAVAILABLE, "run %s is %s: it takes the message when it is resumed", id,
            status);
    return td_hint(err, "tdev runs show %s says why", id);
}

static int send_found(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct sending *sending = arg;
    char id[TDH_ID_SIZE];
    json_t *record;
    int rc;

    if (tdh_runs_find(host->engine, sending->args->words[0], id, err) != 0 ||
        tdh_runs_record(host->engine, id, &record, err) != 0)
        return -1;
    snprintf(sending->follow.id, sizeof(sending->follow.id), "%s", id);
    rc = send_to(host, sending, id, tdh_json_str(record, "status", ""), err);
    json_decref(record);
    return rc;
}

/* A cancel has done what it should when the run ended as cancelled. */
static int send_mail(struct sending *sending)
{
    const struct tdh_args *args = sending->args;
    struct td_err err;

    sending->follow.args = args;
    sending->follow.is_quiet = args->is_json || tdh_args_has(args, "quiet");
    if (tdh_cli_host_run(args, true, send_found, sending, &err) != 0) {
        if (sending->signal != NULL || !sending->is_here ||
            sending->follow.status != TDH_RUN_CANCELLED)
            return tdh_cli_fail(args, &err);
    } else if (sending->is_here) {
        return tdh_follow_print(&sending->follow);
    }
    if (args->is_json)
        return tdh_cli_print(json_pack("{s:s, s:b}", "run", sending->follow.id, "taken", 1));
    printf("run %s %s\n", sending->follow.id,
           sending->signal != NULL ? "took the signal"
           : sending->is_here      ? "is cancelled"
                                   : "was told to end");
    return TDH_EXIT_DONE;
}

int tdh_verb_runs_signal(const struct tdh_args *args)
{
    struct sending sending = { .args = args, .signal = args->words[1] };
    struct td_err err;
    int rc;

    if (tdh_args_has(args, "input")) {
        sending.payload = tdh_args_inputs(args, "input", &err);
        if (sending.payload == NULL)
            return tdh_cli_fail(args, &err);
    }
    rc = send_mail(&sending);
    json_decref(sending.payload);
    return rc;
}

int tdh_verb_runs_cancel(const struct tdh_args *args)
{
    struct sending sending = { .args = args };

    return send_mail(&sending);
}
