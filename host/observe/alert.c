/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alert: counts attempts for the rules of alerts, raises them and resolves them.
 *
 * Each rule has subjects: agents, say. A subject is quiet; then, while it is as the rule says,
 * waiting (`for`); then raised, until it is so no more. Within the cool-down of a raise there is no
 * second one: when it is over, and it is still so, there is.
 *
 * Which subjects an attempt counts for is found out once per target; targets of the same names
 * share that. All is under one lock, and what is to be told is told without.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err_json.h"
#include "base/hook.h"
#include "base/log.h"
#include "base/metric.h"
#include "observe/internal.h"

enum state { QUIET, WAITING, RAISED };

struct tdh_subject {
    struct tdh_alert_rule *rule;
    struct tdh_window window;
    enum state state;
    uint64_t since_ns, raised_ns; /* waiting since; raised last, 0: never */
    char *name;                   /* behind it */
    char last[TD_ERR_HINT];       /* the newest failure */
};

/* What an attempt of a target counts for. */
struct watch {
    size_t count;
    struct tdh_subject *subjects[];
};

struct told {
    json_t *data;
    bool is_raised;
};

struct tdh_alerts {
    struct tdh_alert_rule rules[TDH_ALERTS_MAX];
    size_t rule_count;
    struct tdh_map watches; /* names of a target -> struct watch */
    pthread_mutex_t lock;
    struct tdh_timer timer;
};

static struct tdh_metric raised =
    TDH_COUNTER("tdev_alerts_raised_total", "Alerts that were raised");

/* --- telling --- */

static json_t *describe(const struct tdh_subject *subject, uint64_t calls, uint64_t bad)
{
    const struct tdh_alert_rule *rule = subject->rule;
    static const char *const kinds[] = { "rate", "count", "latency" };

    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s*}", "alert", rule->name, "severity",
                     rule->severity, "subject", subject->name, "kind", kinds[rule->kind], "calls",
                     (json_int_t)calls, rule->kind == TDH_ALERT_LATENCY ? "slow" : "failures",
                     (json_int_t)bad, "window_ms", (json_int_t)rule->window_ms, "error",
                     subject->last[0] != '\0' ? subject->last : NULL);
}

static void tell(const struct told *told)
{
    const char *name = told->is_raised ? "alert.raised" : "alert.resolved";
    const char *severity = json_string_value(json_object_get(told->data, "severity"));
    bool is_critical = severity != NULL && strcmp(severity, "critical") == 0;

    if (told->data == NULL)
        return;
    tdh_log(is_critical && told->is_raised ? TDH_LOG_ERROR : TDH_LOG_WARNING, "alerts",
            TDH_FACTS(TDH_S("alert", json_string_value(json_object_get(told->data, "alert"))),
                      TDH_S("subject", json_string_value(json_object_get(told->data, "subject"))),
                      TDH_S("severity", severity),
                      TDH_I("calls", json_integer_value(json_object_get(told->data, "calls")))),
            told->is_raised ? "an alert is raised" : "an alert is resolved");
    tdh_hook_event(name, told->data);
    json_decref(told->data);
}

/* --- states --- */

static bool is_too_much(const struct tdh_subject *subject, uint64_t calls, uint64_t bad)
{
    const struct tdh_alert_rule *rule = subject->rule;

    if (rule->kind == TDH_ALERT_COUNT)
        return bad >= rule->count;
    return calls >= rule->min_calls && (double)bad > rule->share * (double)calls;
}

static bool may_raise(const struct tdh_subject *subject, uint64_t now_ns)
{
    const struct tdh_alert_rule *rule = subject->rule;

    return now_ns - subject->since_ns >= (uint64_t)rule->for_ms * 1000000 &&
           (subject->raised_ns == 0 ||
            now_ns - subject->raised_ns >= (uint64_t)rule->cool_down_ms * 1000000);
}

/* Data NULL: nothing is to be told. */
static struct told look(struct tdh_subject *subject, uint64_t now_ns)
{
    struct told told = { NULL, false };
    uint64_t calls, bad;
    bool is_so;

    tdh_window_sum(&subject->window, subject->rule->window_ms, now_ns, &calls, &bad);
    is_so = is_too_much(subject, calls, bad);
    if (subject->state == QUIET && is_so) {
        subject->state = WAITING;
        subject->since_ns = now_ns;
    }
    if (subject->state == WAITING && !is_so) {
        subject->state = QUIET;
    } else if (subject->state == WAITING && may_raise(subject, now_ns)) {
        subject->state = RAISED;
        subject->raised_ns = now_ns;
        tdh_metric_add(&raised, 1);
        told = (struct told){ describe(subject, calls, bad), true };
    } else if (subject->state == RAISED && !is_so) {
        subject->state = QUIET;
        told = (struct told){ describe(subject, calls, bad), false };
    }
    return told;
}

/* --- subjects --- */

static void print_subject(const struct tdh_alert_rule *rule, const struct tdh_target *target,
                          char *name, size_t size)
{
    switch (rule->by) {
    case TDH_BY_AGENT:
        snprintf(name, size, "%s", target->name);
        break;
    case TDH_BY_ACTION:
        snprintf(name, size, "%s.%s", target->name, target->action);
        break;
    case TDH_BY_PLUGIN:
        snprintf(name, size, "%s", target->plugin != NULL ? target->plugin : target->name);
        break;
    case TDH_BY_ALL:
        snprintf(name, size, "all");
        break;
    }
}

static void say_full(struct tdh_alert_rule *rule)
{
    if (!rule->is_full)
        tdh_log(TDH_LOG_WARNING, "alerts",
                TDH_FACTS(TDH_S("alert", rule->name), TDH_I("most", TDH_ALERT_SUBJECTS)),
                "an alert has no room for more subjects: those that come now are not looked at");
    rule->is_full = true;
}

/* NULL: no room, or no memory. */
static struct tdh_subject *find_subject(struct tdh_alert_rule *rule,
                                        const struct tdh_target *target)
{
    char name[300];
    struct tdh_subject *subject;
    size_t length;

    print_subject(rule, target, name, sizeof(name));
    subject = tdh_map_get(&rule->subjects, name);
    if (subject != NULL)
        return subject;
    if (rule->subjects.count >= TDH_ALERT_SUBJECTS) {
        say_full(rule);
        return NULL;
    }
    length = strlen(name) + 1;
    subject = calloc(1, sizeof(*subject) + length);
    if (subject == NULL)
        return NULL;
    subject->rule = rule;
    subject->name = memcpy(subject + 1, name, length);
    if (tdh_map_set(&rule->subjects, name, subject, NULL) == 0)
        return subject;
    free(subject);
    return NULL;
}

static struct watch *make_watch(struct tdh_alerts *alerts, const struct tdh_target *target)
{
    struct watch *watch =
        calloc(1, sizeof(*watch) + alerts->rule_count * sizeof(struct tdh_subject *));

    for (size_t i = 0; watch != NULL && i < alerts->rule_count; i++) {
        struct tdh_subject *subject = tdh_match_target(&alerts->rules[i].match, target)
                                          ? find_subject(&alerts->rules[i], target)
                                          : NULL;

        if (subject != NULL)
            watch->subjects[watch->count++] = subject;
    }
    return watch;
}

/* Under the lock. NULL: not looked at. */
static struct watch *find_watch(struct tdh_alerts *alerts, struct tdh_target *target)
{
    struct watch *watch = target->watch;
    char name[400];

    if (watch != NULL)
        return watch;
    snprintf(name, sizeof(name), "%s\n%s\n%s", target->name, target->action,
             target->plugin != NULL ? target->plugin : "");
    watch = tdh_map_get(&alerts->watches, name);
    if (watch == NULL && alerts->watches.count < TDH_ALERT_TARGETS) {
        watch = make_watch(alerts, target);
        if (watch != NULL && tdh_map_set(&alerts->watches, name, watch, NULL) != 0) {
            free(watch);
            watch = NULL;
        }
    }
    target->watch = watch;
    return watch;
}

/* --- counting --- */

static bool is_bad(const struct tdh_alert_rule *rule, const struct tdh_target *target,
                   const struct td_err *error, unsigned attempt, uint64_t took_ns)
{
    if (rule->kind == TDH_ALERT_LATENCY)
        return took_ns > rule->slow_ns;
    return error != NULL && tdh_match_failure(&rule->match, target, error, attempt);
}

static struct told count(struct tdh_subject *subject, const struct tdh_target *target,
                         const struct td_err *error, unsigned attempt, uint64_t took_ns,
                         uint64_t now_ns)
{
    const struct tdh_alert_rule *rule = subject->rule;
    bool bad = is_bad(rule, target, error, attempt, took_ns);

    tdh_window_add(&subject->window, rule->window_ms, now_ns, bad);
    if (bad && error != NULL)
        snprintf(subject->last, sizeof(subject->last), "%.*s", (int)sizeof(subject->last) - 1,
                 error->text);
    return bad ? look(subject, now_ns) : (struct told){ NULL, false };
}

void tdh_alerts_note(struct tdh_alerts *alerts, struct tdh_target *target,
                     const struct td_err *error, unsigned attempt, uint64_t took_ns,
                     uint64_t now_ns)
{
    struct told told[TDH_ALERTS_MAX];
    struct watch *watch;
    size_t told_count = 0;

    pthread_mutex_lock(&alerts->lock);
    watch = find_watch(alerts, target);
    for (size_t i = 0; watch != NULL && i < watch->count; i++) {
        told[told_count] = count(watch->subjects[i], target, error, attempt, took_ns, now_ns);
        told_count += told[told_count].data != NULL;
    }
    pthread_mutex_unlock(&alerts->lock);
    for (size_t i = 0; i < told_count; i++)
        tell(&told[i]);
}

/* One rule after the other, so that what is told at once is bounded. */
static size_t look_at_rule(struct tdh_alerts *alerts, struct tdh_alert_rule *rule, uint64_t now_ns,
                           struct told told[static TDH_ALERT_SUBJECTS])
{
    const struct tdh_map_slot *slot;
    size_t at = 0, told_count = 0;

    pthread_mutex_lock(&alerts->lock);
    while ((slot = tdh_map_next(&rule->subjects, &at)) != NULL) {
        told[told_count] = look(slot->value, now_ns);
        told_count += told[told_count].data != NULL;
    }
    pthread_mutex_unlock(&alerts->lock);
    return told_count;
}

void tdh_alerts_look(struct tdh_alerts *alerts, uint64_t now_ns)
{
    struct told *told = calloc(TDH_ALERT_SUBJECTS + 1, sizeof(*told));

    for (size_t i = 0; told != NULL && i < alerts->rule_count; i++) {
        size_t told_count = look_at_rule(alerts, &alerts->rules[i], now_ns, told);

        for (size_t at = 0; at < told_count; at++)
            tell(&told[at]);
    }
    free(told);
}

/* --- life --- */

static void hear_attempt(void *arg, const struct tdh_call *call, bool is_end,
                         const struct td_err *error)
{
    uint64_t now_ns;

    if (!is_end)
        return;
    now_ns = tdh_clock_mono_ns();
    tdh_alerts_note(arg, call->target, error, call->attempt, now_ns - call->begun_ns, now_ns);
}

void tdh_alerts_listen(struct tdh_alerts *alerts)
{
    if (alerts->rule_count > 0)
        tdh_call_trace(hear_attempt, alerts);
}

static void look_and_go_on(struct tdh_timer *timer)
{
    struct tdh_alerts *alerts =
        (struct tdh_alerts *)((char *)timer - offsetof(struct tdh_alerts, timer));
    struct td_err err;

    tdh_alerts_look(alerts, tdh_clock_mono_ns());
    if (tdh_alerts_watch(alerts, &err) != 0)
        tdh_log_err(TDH_LOG_ERROR, "alerts", &err);
}

int tdh_alerts_watch(struct tdh_alerts *alerts, struct td_err *err)
{
    uint64_t due_ns = tdh_clock_mono_ns() + TDH_ALERT_LOOK_MS * UINT64_C(1000000);

    return alerts->rule_count > 0 ? tdh_timer_set(&alerts->timer, due_ns, look_and_go_on, err) : 0;
}

void tdh_alerts_rest(struct tdh_alerts *alerts)
{
    if (alerts->timer.place != 0)
        tdh_timer_stop(&alerts->timer);
}

static int read_file(struct tdh_alerts *alerts, const struct tdh_yaml *yaml, struct td_err *err)
{
    json_t *texts = json_object_get(yaml->root, "alerts"), *text;
    char pointer[64];
    size_t i;

    json_array_foreach (texts, i, text) {
        snprintf(pointer, sizeof(pointer), "/alerts/%zu", i);
        if (alerts->rule_count == TDH_ALERTS_MAX)
            return tdh_yaml_fail(yaml, pointer, err, TD_E_CONFIG, "there are at most %d alerts",
                                 TDH_ALERTS_MAX);
        if (tdh_alert_rule_read(&alerts->rules[alerts->rule_count++], yaml, pointer, text, err) !=
            0)
            return -1;
    }
    return 0;
}

struct tdh_alerts *tdh_alerts_new(const struct tdh_policies *policies, struct td_err *err)
{
    struct tdh_alerts *alerts = calloc(1, sizeof(*alerts));

    if (alerts == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the alerts");
        return NULL;
    }
    pthread_mutex_init(&alerts->lock, NULL);
    for (size_t i = 0; i < tdh_policies_count(policies); i++)
        if (read_file(alerts, tdh_policies_file(policies, i), err) != 0) {
            tdh_alerts_free(alerts);
            return NULL;
        }
    return alerts;
}

void tdh_alerts_free(struct tdh_alerts *alerts)
{
    if (alerts == NULL)
        return;
    if (alerts->rule_count > 0)
        tdh_call_untrace(hear_attempt, alerts);
    for (size_t i = 0; i < alerts->rule_count; i++)
        tdh_alert_rule_clear(&alerts->rules[i]);
    tdh_map_free(&alerts->watches, free);
    pthread_mutex_destroy(&alerts->lock);
    free(alerts);
}
