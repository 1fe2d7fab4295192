/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mail: sends a run a signal, or asks it to end, to pause, to go on. A run whose process lives
 * takes it there; one whose process is gone goes on here with it.
 */
#include "cli/mail.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

enum { LOOK_MS = 50, PATIENCE_MS = 10000 };

/* Of each kind: what the run did with it, and what that is called when it goes on here with it;
 * NULL: it ends with it. */
static const struct {
    const char *happened, *took;
} words[] = { [TDH_MESSAGE_SIGNAL] = { "took the signal", "took the signal" },
              [TDH_MESSAGE_ANSWER] = { "took the answer", "took the answer" },
              [TDH_MESSAGE_CANCEL] = { "was told to end", NULL },
              [TDH_MESSAGE_PAUSE] = { "is paused", NULL },
              [TDH_MESSAGE_GO_ON] = { "goes on", NULL },
              [TDH_MESSAGE_MOVE] = { "was told to go over", "was told to go over" } };

static int fail_ended(const char *id, const char *status, struct td_err *err)
{
    return td_fail(err, TD_E_EXISTS, "run %s has ended: it is %s", id, status);
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

/* Until its process has taken the message, and that is durable. It is looked for soon, then less
 * often. */
static int wait_until_taken(struct tdh_host *host, const char *id, const char *key,
                            struct td_err *err)
{
    uint64_t until_ns = tdh_clock_mono_ns() + PATIENCE_MS * UINT64_C(1000000);
    unsigned look_ms = 1;
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
        if (tdh_co_wait(tdh_clock_mono_ns() + look_ms * UINT64_C(1000000)) == TDH_WAIT_CANCELLED)
            return td_fail(err, TD_E_CANCELLED, "stopped waiting");
        look_ms = 2 * look_ms < LOOK_MS ? 2 * look_ms : LOOK_MS;
    }
    return -1;
}

/* Who has answered need not stay for what the run does next. */
static void tell_taken(struct tdh_host *host, const struct tdh_sending *sending, const char *id,
                       const char *key)
{
    const char *took = words[sending->message.kind].took;
    struct td_err ignored; /* what becomes of the run says more */

    if (took == NULL || sending->follow.is_quiet || wait_until_taken(host, id, key, &ignored) != 0)
        return;
    fprintf(stderr, "run %s %s; it goes on here (Ctrl-C leaves it to tdevd or tdev runs resume)\n",
            id, took);
}

/* A run that is parked goes on to be cancelled whatever it was parked for: nothing of it begins. */
static int go_on_here(struct tdh_host *host, struct tdh_sending *sending, const char *id,
                      const char *key, struct td_err *err)
{
    const struct tdh_resume resume = { .is_forced = sending->message.kind == TDH_MESSAGE_CANCEL };
    struct tdh_run *run;

    if (tdh_follow_resume(host, &sending->follow, id, &resume, &run, err) != 0)
        return -1;
    sending->is_here = true;
    tell_taken(host, sending, id, key);
    return tdh_follow_wait(host, &sending->follow, run, err);
}

/* Of many that would take the run over, one does, and the run of that one takes the messages of
 * all. */
static bool is_too_late(const struct tdh_sending *sending, const struct td_err *err)
{
    return !sending->is_here && (err->code == TD_E_CONFLICT || err->code == TD_E_EXISTS);
}

/* Only to be cancelled goes one on that was paused, parked, or is in doubt. */
static bool can_go_on_here(const char *status, bool is_orphan, enum tdh_message_kind kind)
{
    return strcmp(status, "orphaned") == 0 || (is_orphan && kind == TDH_MESSAGE_CANCEL);
}

/* Its journal, or what it needs, is not there: it stays as it is, and so does what it did. */
static int fail_cancel(struct tdh_host *host, const char *id, const char *key, struct td_err *err)
{
    struct td_err ignored;

    tdh_run_mail_take_back(host->engine, key, &ignored);
    td_context(err, "run %s could not be cancelled", id);
    if (err->hint[0] == '\0')
        td_hint(err, "bring back what it needs, then: tdev runs cancel %s", id);
    return -1;
}

int tdh_mail_send(struct tdh_host *host, struct tdh_sending *sending, const json_t *record,
                  struct td_err *err)
{
    const char *id = tdh_json_str(record, "id", ""), *status = tdh_json_str(record, "status", "");
    bool is_orphan = json_is_true(json_object_get(record, "orphan"));
    enum tdh_message_kind kind = sending->message.kind;
    char key[TDH_MAIL_KEY];

    snprintf(sending->follow.id, sizeof(sending->follow.id), "%s", id);
    if (tdh_run_is_end(status))
        return fail_ended(id, status, err);
    if (is_orphan && kind == TDH_MESSAGE_PAUSE)
        return td_fail(err, TD_E_CONFLICT, "run %s is %s: nothing of it is under way", id, status);
    if (tdh_run_mail(host->engine, id, &sending->message, key, err) != 0)
        return -1;
    if (can_go_on_here(status, is_orphan, kind)) {
        if (go_on_here(host, sending, id, key, err) == 0)
            return 0;
        if (is_too_late(sending, err))
            return wait_until_taken(host, id, key, err);
        return sending->is_here || kind != TDH_MESSAGE_CANCEL ? -1
                                                              : fail_cancel(host, id, key, err);
    }
    if (!is_orphan && strcmp(status, "parked") != 0)
        return wait_until_taken(host, id, key, err);
    td_fail(err, TD_E_UNAVAILABLE, "run %s is %s: it takes the message when it is resumed", id,
            status);
    return td_hint(err, "tdev runs show %s says why", id);
}

static int send_found(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct tdh_sending *sending = arg;
    char id[TDH_ID_SIZE];
    json_t *record;
    int rc;

    if (tdh_runs_find(host->engine, sending->args->words[0], id, err) != 0 ||
        tdh_runs_record(host->engine, id, &record, err) != 0)
        return -1;
    rc = tdh_mail_send(host, sending, record, err);
    json_decref(record);
    return rc;
}

static const char *what_happened(const struct tdh_sending *sending)
{
    return sending->is_here && sending->message.kind == TDH_MESSAGE_CANCEL
               ? "is cancelled"
               : words[sending->message.kind].happened;
}

/* A cancel has done what it should when the run ended as cancelled. */
static int send_mail(struct tdh_sending *sending)
{
    const struct tdh_args *args = sending->args;
    struct td_err err;

    sending->follow.args = args;
    sending->follow.is_quiet = args->is_json || tdh_args_has(args, "quiet");
    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, send_found, sending, &err) != 0) {
        if (sending->message.kind != TDH_MESSAGE_CANCEL || !sending->is_here ||
            sending->follow.status != TDH_RUN_CANCELLED)
            return tdh_follow_fail(&sending->follow, &err);
        if (strstr(err.text, "could not be undone") != NULL)
            fprintf(stderr, "tdev: %s\n", err.text);
    } else if (sending->is_here) {
        return tdh_follow_print(&sending->follow);
    }
    if (args->is_json)
        return tdh_cli_print(json_pack("{s:s, s:b}", "run", sending->follow.id, "taken", 1));
    printf("run %s %s\n", sending->follow.id, what_happened(sending));
    return TDH_EXIT_DONE;
}

int tdh_verb_runs_signal(const struct tdh_args *args)
{
    struct tdh_sending sending = { .args = args, .message.signal = args->words[1] };
    json_t *payload = NULL;
    struct td_err err;
    int rc;

    if (tdh_args_has(args, "input")) {
        payload = tdh_args_inputs(args, "input", &err);
        if (payload == NULL)
            return tdh_cli_fail(args, &err);
    }
    sending.message.payload = payload;
    rc = send_mail(&sending);
    json_decref(payload);
    return rc;
}

int tdh_verb_runs_cancel(const struct tdh_args *args)
{
    struct tdh_sending sending = { .args = args, .message.kind = TDH_MESSAGE_CANCEL };
    const char *within = tdh_args_value(args, "within", NULL);
    json_t *payload = NULL;
    struct td_err err;
    int64_t ms;
    int rc;

    if (within != NULL && (tdh_duration_parse(within, &ms, &err) != 0 || ms > UINT32_MAX))
        return tdh_cli_usage(args, "--within: %.200s is no length of time, such as 10s", within);
    if (within != NULL)
        payload = json_pack("{s:I}", "within_ms", (json_int_t)ms);
    sending.message.payload = payload;
    rc = send_mail(&sending);
    json_decref(payload);
    return rc;
}

int tdh_verb_runs_pause(const struct tdh_args *args)
{
    struct tdh_sending sending = { .args = args, .message.kind = TDH_MESSAGE_PAUSE };

    return send_mail(&sending);
}
