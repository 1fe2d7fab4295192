/* SPDX-License-Identifier: Apache-2.0 */
/*
 * approve: what runs wait for, and the answers of people. Who answers is the system's user, with
 * its groups as "@group"; the run itself decides whether the answer counts.
 */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "base/json.h"
#include "cli/mail.h"

enum { GROUPS_MAX = 256, LIST_MAX = 100000 };

/* --- waiting --- */

struct look {
    const struct tdh_args *args;
    json_t *list;
};

static int add_waits(json_t *list, const json_t *record)
{
    json_t *wait;
    size_t i;

    json_array_foreach (json_object_get(record, "waits"), i, wait) {
        json_object_set(wait, "run", json_object_get(record, "id"));
        json_object_set(wait, "name", json_object_get(record, "name"));
        json_object_set(wait, "status", json_object_get(record, "status"));
        json_array_append(list, wait);
    }
    return 0;
}

static int find_waits(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct look *look = arg;
    const struct tdh_run_filter filter = { .limit = LIST_MAX, .is_open = true };
    json_t *records, *record;
    char id[TDH_ID_SIZE];
    size_t i;

    if (look->args->word_count == 1) {
        if (tdh_runs_find(host->engine, look->args->words[0], id, err) != 0 ||
            tdh_runs_record(host->engine, id, &record, err) != 0)
            return -1;
        add_waits(look->list, record);
        json_decref(record);
        return 0;
    }
    if (tdh_runs_list(host->engine, &filter, &records, err) != 0)
        return -1;
    json_array_foreach (records, i, record)
        add_waits(look->list, record);
    json_decref(records);
    return 0;
}

static void print_names(const json_t *by)
{
    const json_t *name;
    size_t i;

    json_array_foreach (by, i, name)
        printf("%s%s", i == 0 ? "  by " : ", ", json_string_value(name));
}

static void print_wait(const json_t *wait)
{
    const json_t *about = json_object_get(wait, "about");

    printf("%s  %-9s  %-20s %-20s ", tdh_json_str(wait, "run", ""),
           tdh_json_str(wait, "status", ""), tdh_json_str(wait, "name", ""),
           tdh_json_str(wait, "step", ""));
    if (about == NULL) {
        printf("signal %s\n", tdh_json_str(wait, "signal", ""));
        return;
    }
    printf("%s", tdh_json_str(about, "text", "go on?"));
    print_names(json_object_get(about, "by"));
    if (json_integer_value(json_object_get(about, "quorum")) > 1)
        printf("  %zu of %lld", json_array_size(json_object_get(about, "votes")),
               (long long)json_integer_value(json_object_get(about, "quorum")));
    putchar('\n');
}

int tdh_verb_runs_waiting(const struct tdh_args *args)
{
    struct look look = { .args = args, .list = json_array() };
    struct td_err err;
    json_t *wait;
    size_t i;

    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, find_waits, &look, &err) != 0) {
        json_decref(look.list);
        return tdh_cli_fail(args, &err);
    }
    if (args->is_json)
        return tdh_cli_print(look.list);
    if (json_array_size(look.list) == 0)
        puts("no run waits for anybody");
    json_array_foreach (look.list, i, wait)
        print_wait(wait);
    json_decref(look.list);
    return TDH_EXIT_DONE;
}

/* --- answering --- */

struct answering {
    struct tdh_sending sending;
    bool is_approved;
    char id[TDH_ID_SIZE]; /* of the answer */
};

static const char *user_name(void)
{
    const struct passwd *user = getpwuid(getuid());

    return user != NULL ? user->pw_name : NULL;
}

/* The user's name, and those of its groups with "@" in front. new. */
static json_t *names_of_user(const char *user)
{
    json_t *names = json_pack("[s]", user);
    gid_t groups[GROUPS_MAX];
    int count = GROUPS_MAX;

    if (getgrouplist(user, getgid(), groups, &count) < 0)
        count = GROUPS_MAX;
    for (int i = 0; i < count; i++) {
        const struct group *group = getgrgid(groups[i]);

        if (group != NULL)
            json_array_append_new(names, json_sprintf("@%s", group->gr_name));
    }
    return names;
}

/* The one question that is meant. Borrowed; NULL: err. */
static const json_t *find_question(const json_t *record, const char *step, struct td_err *err)
{
    const json_t *wait, *found = NULL;
    const char *id = tdh_json_str(record, "id", "");
    size_t i, count = 0;

    json_array_foreach (json_object_get(record, "waits"), i, wait)
        if (json_object_get(wait, "about") != NULL &&
            (step == NULL || strcmp(step, tdh_json_str(wait, "step", "")) == 0)) {
            found = wait;
            count++;
        }
    if (count == 1)
        return found;
    if (count > 1)
        td_fail(err, TD_E_INVAL, "run %s asks %zu things: name the step", id, count);
    else if (step != NULL)
        td_fail(err, TD_E_NOTFOUND, "run %s does not ask anything at step \"%s\"", id, step);
    else
        td_fail(err, TD_E_NOTFOUND, "run %s does not ask anything: it is %s", id,
                tdh_json_str(record, "status", ""));
    td_hint(err, "tdev runs waiting %s", id);
    return NULL;
}

/* new; NULL: err. */
static json_t *make_answer(struct answering *answering, const json_t *question, struct td_err *err)
{
    const json_t *about = json_object_get(question, "about");
    const char *user = user_name();
    json_t *as;

    if (user == NULL) {
        td_fail(err, TD_E_PERM, "user %u has no name on this system, and an answer needs one",
                (unsigned)getuid());
        return NULL;
    }
    as = names_of_user(user);
    tdh_id_new(answering->id);
    if (tdh_approval_has_voted(json_object_get(about, "votes"), user))
        td_fail(err, TD_E_CONFLICT, "%s has answered already", user);
    else if (!tdh_approval_may(about, as))
        td_fail(err, TD_E_PERM, "%s is none of those who may answer", user);
    else
        return json_pack("{s:s, s:b, s:s, s:o, s:s}", "id", answering->id, "approved",
                         (int)answering->is_approved, "by", user, "as", as, "comment",
                         tdh_args_value(answering->sending.args, "comment", ""));
    json_decref(as);
    return NULL;
}

/* The run takes one answer to a question; when it took another first, ours is in no event. */
static int check_counted(struct tdh_host *host, const struct answering *answering,
                         const char *run_id, struct td_err *err)
{
    json_t *run, *event;
    bool is_counted = false;
    size_t i;

    if (tdh_runs_show(host->engine, run_id, &run, err) != 0)
        return -1;
    json_array_foreach (json_object_get(run, "events"), i, event)
        is_counted = is_counted || strcmp(tdh_json_str(json_object_get(event, "payload"), "id", ""),
                                          answering->id) == 0;
    json_decref(run);
    if (is_counted)
        return 0;
    td_fail(err, TD_E_CONFLICT, "run %s: somebody else answered first", run_id);
    return td_hint(err, "tdev runs waiting %s shows what it still asks", run_id);
}

static int answer(struct tdh_host *host, struct answering *answering, const json_t *record,
                  struct td_err *err)
{
    const struct tdh_args *args = answering->sending.args;
    const char *id = tdh_json_str(record, "id", "");
    const json_t *question =
        find_question(record, args->word_count > 1 ? args->words[1] : NULL, err);
    json_t *payload = question != NULL ? make_answer(answering, question, err) : NULL;
    struct td_err ignored;
    int rc = -1;

    if (payload == NULL)
        return -1;
    answering->sending.message =
        (struct tdh_message){ .kind = TDH_MESSAGE_ANSWER,
                              .ask = (uint32_t)json_integer_value(json_object_get(question, "ask")),
                              .payload = payload };
    rc = tdh_mail_send(host, &answering->sending, record, err);
    if (rc == 0)
        rc = check_counted(host, answering, id, err);
    else if (answering->sending.is_here && !answering->is_approved) /* so the run failed, here */
        rc = check_counted(host, answering, id, &ignored);
    json_decref(payload);
    return rc;
}

static int answer_found(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct answering *answering = arg;
    char id[TDH_ID_SIZE];
    json_t *record;
    int rc;

    if (tdh_runs_find(host->engine, answering->sending.args->words[0], id, err) != 0 ||
        tdh_runs_record(host->engine, id, &record, err) != 0)
        return -1;
    rc = answer(host, answering, record, err);
    json_decref(record);
    return rc;
}

static int answer_run(const struct tdh_args *args, bool is_approved)
{
    bool is_quiet = args->is_json || tdh_args_has(args, "quiet");
    struct answering answering = { .sending = { .args = args,
                                                .follow = { .args = args, .is_quiet = is_quiet } },
                                   .is_approved = is_approved };
    struct td_err err;

    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, answer_found, &answering, &err) != 0)
        return tdh_follow_fail(&answering.sending.follow, &err);
    if (answering.sending.is_here && answering.sending.follow.status == TDH_RUN_DONE)
        return tdh_follow_print(&answering.sending.follow);
    if (args->is_json)
        return tdh_cli_print(
            json_pack("{s:s, s:b}", "run", answering.sending.follow.id, "taken", 1));
    printf("run %s: %s\n", answering.sending.follow.id, is_approved ? "approved" : "rejected");
    return TDH_EXIT_DONE;
}

int tdh_verb_runs_approve(const struct tdh_args *args)
{
    return answer_run(args, true);
}

int tdh_verb_runs_reject(const struct tdh_args *args)
{
    return answer_run(args, false);
}
