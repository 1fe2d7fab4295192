/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture: a run's state as it is at one moment, and its JSON.
 *
 * Capturing is done on the run's worker, and takes what it must there: the reducer's save, and a
 * copy of the asks and of the table of results. Writing is done by any thread: it reads what was
 * captured, and JSON that is never written again.
 *
 * Results stand in the journal once: where the state holds one, the JSON has {"$r": [row, event]}
 * instead; row 0 is the one that the capture stands behind, whose number is not known yet. An
 * object of the user's that looks like a reference is wrapped in {"$q": ...}.
 */
#include <stdlib.h>
#include <string.h>

#include "base/said.h"
#include "run/snapshot.h"

enum { SMALL_ASKS = 64, SMALL_BYTES = 32 * 1024, VALUE_BYTES = 16 };
enum { NUMBER_WIDTH = 20 }; /* of the row: filled in when it is known */

/* An ask as it was. Its texts stand in the capture's, one after the other, those that are there. */
struct frozen_ask {
    uint32_t number;
    enum tdh_ask_kind kind;
    enum td_target run_target;
    unsigned attempt, before_stand_in;
    uint64_t tag;
    int64_t due_us, delay_us;
    unsigned flags;
    unsigned texts; /* a bit for each that is there */
    struct td_policy policy;
    json_t *input, *config;
};

struct tdh_capture {
    struct tdh_buf facts, pins, texts;
    unsigned version;
    uint32_t next_ask;
    int64_t created_us;
    bool is_cancel_asked, is_paused;
    bool is_base; /* a row itself: results of the same write are no rows yet */
    json_t *signals, *saved, *moved;
    struct frozen_ask *asks;
    size_t ask_count;
    struct tdh_result *results; /* the table of the run, without holds: the state has them */
    size_t result_room;
};

/* --- capturing --- */

static json_t *save(const struct tdh_run *run, struct td_err *err)
{
    const struct tdh_definition *definition = run->definition;
    struct tdh_held before = tdh_run_enter(run);
    json_t *saved;

    tdh_unsaid(err);
    saved = definition->reducer->save(run->state, definition->plan, err);
    tdh_hold_again(&before, NULL);
    if (saved != NULL)
        return saved;
    tdh_said(-1, definition->name, "save", err);
    td_context(err, "run %s: could not save its state", run->id);
    return NULL;
}

static unsigned flags_of(const struct tdh_ask_entry *ask)
{
    return (ask->state == TDH_ASK_BACKOFF ? TDH_FLAG_BACKOFF : 0U) |
           (ask->is_stopped ? TDH_FLAG_STOPPED : 0U) |
           (ask->state == TDH_ASK_PAUSED ? TDH_FLAG_PAUSED : 0U) |
           (ask->attempt > ask->counted ? TDH_FLAG_RUNNING : 0U);
}

static void freeze_ask(struct tdh_capture *capture, const struct tdh_ask_entry *ask)
{
    const struct tdh_target *target = ask->target;
    const char *texts[TDH_ASK_TEXTS] = {
        [TDH_ASK_TEXT_PATH] = ask->path,
        [TDH_ASK_TEXT_NAME] = target != NULL ? target->name : ask->name,
        [TDH_ASK_TEXT_ACTION] = target != NULL ? target->action : NULL,
        [TDH_ASK_TEXT_CHILD] = ask->child_id[0] != '\0' ? ask->child_id : NULL,
        [TDH_ASK_TEXT_KEY] = ask->key,
        [TDH_ASK_TEXT_STAND_IN] = ask->stand_in != NULL ? ask->stand_in->name : NULL,
        [TDH_ASK_TEXT_RULE] = ask->stand_in != NULL ? ask->rule : NULL,
    };
    struct frozen_ask *frozen = &capture->asks[capture->ask_count++];

    *frozen = (struct frozen_ask){ .number = ask->number,
                                   .kind = ask->kind,
                                   .run_target = ask->run_target,
                                   .attempt = ask->attempt,
                                   .before_stand_in = ask->before_stand_in,
                                   .tag = ask->tag,
                                   .due_us = ask->due_us,
                                   .delay_us = ask->delay_us,
                                   .flags = flags_of(ask),
                                   .policy = ask->policy,
                                   .input = json_incref(ask->input),
                                   .config = json_incref(ask->config) };
    for (unsigned i = 0; i < TDH_ASK_TEXTS; i++)
        if (texts[i] != NULL) {
            frozen->texts |= 1U << i;
            tdh_buf_add(&capture->texts, texts[i], strlen(texts[i]) + 1);
        }
}

static int freeze_asks(struct tdh_capture *capture, const struct tdh_run *run)
{
    capture->asks = malloc((run->ask_count + 1) * sizeof(*capture->asks));
    if (capture->asks == NULL)
        return -1;
    for (const struct tdh_ask_entry *ask = run->first; ask != NULL; ask = ask->next)
        freeze_ask(capture, ask);
    return capture->texts.failed ? -1 : 0;
}

static int freeze_results(struct tdh_capture *capture, const struct tdh_run *run)
{
    if (run->result_room == 0)
        return 0;
    capture->results = malloc(run->result_room * sizeof(*capture->results));
    if (capture->results == NULL)
        return -1;
    memcpy(capture->results, run->results, run->result_room * sizeof(*capture->results));
    capture->result_room = run->result_room;
    return 0;
}

/* It is paused. */
static void write_why(const struct tdh_run *run, struct tdh_buf *buf)
{
    if (!run->is_paused || run->why.code == TD_OK)
        return;
    tdh_buf_text(buf, ",\"why\":");
    tdh_event_error(buf, &run->why);
}

void tdh_capture_free(struct tdh_capture *capture)
{
    if (capture == NULL)
        return;
    for (size_t i = 0; i < capture->ask_count; i++) {
        json_decref(capture->asks[i].input);
        json_decref(capture->asks[i].config);
    }
    free(capture->asks);
    free(capture->results);
    json_decref(capture->signals);
    json_decref(capture->saved);
    json_decref(capture->moved);
    tdh_buf_free(&capture->facts);
    tdh_buf_free(&capture->pins);
    tdh_buf_free(&capture->texts);
    free(capture);
}

struct tdh_capture *tdh_capture_new(const struct tdh_run *run, struct td_err *err)
{
    struct tdh_capture *capture = calloc(1, sizeof(*capture));

    if (capture == NULL)
        goto no_memory;
    capture->version = run->definition->reducer->state_version;
    capture->next_ask = run->next_ask;
    capture->created_us = run->created_us;
    capture->is_cancel_asked = run->is_cancel_asked;
    capture->is_paused = run->is_paused;
    capture->moved = json_incref(run->moved);
    tdh_facts_write(run, &capture->facts);
    tdh_purse_write_spent(&run->purse, &capture->facts);
    write_why(run, &capture->facts);
    tdh_pins_show(run, &capture->pins);
    capture->signals = json_copy(run->signals);
    if (capture->signals == NULL || capture->facts.failed || capture->pins.failed ||
        freeze_asks(capture, run) != 0 || freeze_results(capture, run) != 0)
        goto no_memory;
    capture->saved = save(run, err);
    if (capture->saved != NULL)
        return capture;
    tdh_capture_free(capture);
    return NULL;
no_memory:
    tdh_capture_free(capture);
    td_fail(err, TD_E_NOMEM, "run %s: could not allocate its snapshot", run->id);
    return NULL;
}

/* False as soon as it has more than `left` bytes, about. */
static bool has_at_most(const json_t *value, size_t *left)
{
    size_t bytes = VALUE_BYTES + (json_is_string(value) ? json_string_length(value) : 0), i;
    const char *key;
    json_t *member;

    if (value == NULL)
        return true;
    if (bytes > *left)
        return false;
    *left -= bytes;
    json_array_foreach (value, i, member)
        if (!has_at_most(member, left))
            return false;
    json_object_foreach ((json_t *)value, key, member)
        if (!has_at_most(member, left))
            return false;
    return true;
}

bool tdh_capture_is_small(const struct tdh_capture *capture)
{
    size_t left = SMALL_BYTES;
    bool is_small = capture->ask_count <= SMALL_ASKS && has_at_most(capture->signals, &left) &&
                    has_at_most(capture->saved, &left);

    for (size_t i = 0; i < capture->ask_count && is_small; i++)
        is_small = has_at_most(capture->asks[i].input, &left) &&
                   has_at_most(capture->asks[i].config, &left);
    return is_small;
}

/* --- writing --- */

static bool looks_like_reference(const json_t *value)
{
    const char *key = json_object_iter_key(json_object_iter((json_t *)value));

    return json_object_size(value) == 1 && (strcmp(key, "$r") == 0 || strcmp(key, "$q") == 0);
}

struct writing {
    const struct tdh_capture *capture;
    const json_t *wrapped; /* an object being written within its wrapping */
};

static bool write_reference(void *arg, struct tdh_buf *buf, const json_t *value)
{
    struct writing *writing = arg;
    const struct tdh_result *result =
        tdh_results_find(writing->capture->results, writing->capture->result_room, value);

    if (result != NULL && (result->seq != 0 || !writing->capture->is_base)) {
        tdh_buf_text(buf, "{\"$r\":[");
        tdh_buf_int(buf, (int64_t)result->seq);
        tdh_buf_char(buf, ',');
        tdh_buf_int(buf, result->place);
        tdh_buf_text(buf, "]}");
        return true;
    }
    if (json_is_object(value) && value != writing->wrapped && looks_like_reference(value)) {
        writing->wrapped = value;
        tdh_buf_text(buf, "{\"$q\":");
        tdh_buf_json_with(buf, value, 0, write_reference, writing);
        tdh_buf_char(buf, '}');
        return true;
    }
    return false;
}

static void write_value(const struct tdh_capture *capture, struct tdh_buf *buf, const json_t *value)
{
    struct writing writing = { capture, NULL };

    if (value == NULL)
        tdh_buf_text(buf, "null");
    else
        tdh_buf_json_with(buf, value, 0, write_reference, &writing);
}

static void add_number(struct tdh_buf *buf, int64_t number)
{
    tdh_buf_int(buf, number);
    tdh_buf_char(buf, ',');
}

static void write_policy(struct tdh_buf *buf, const struct td_policy *policy)
{
    tdh_buf_char(buf, '[');
    add_number(buf, policy->timeout_ms);
    add_number(buf, policy->max_attempts);
    add_number(buf, policy->backoff);
    add_number(buf, policy->initial_ms);
    add_number(buf, policy->max_ms);
    tdh_buf_json_real(buf, policy->jitter);
    tdh_buf_char(buf, ',');
    tdh_buf_int(buf, policy->in_doubt);
    tdh_buf_text(buf, "],");
}

/* The text and a comma; *text goes on to the one behind it. */
static void add_text(struct tdh_buf *buf, const struct frozen_ask *ask, unsigned which,
                     const char **text)
{
    size_t length;

    if ((ask->texts & 1U << which) == 0) {
        tdh_buf_text(buf, "null,");
        return;
    }
    length = strlen(*text);
    tdh_buf_json_string(buf, *text, length);
    tdh_buf_char(buf, ',');
    *text += length + 1;
}

/* [number, kind, path, tag, attempt, due, target, name, action, child, policy, input, config, key,
 * flags, delay], and where an agent stands in: its name, the rule, attempts before. *text is the
 * first of its texts. */
static void write_ask(const struct tdh_capture *capture, struct tdh_buf *buf,
                      const struct frozen_ask *ask, const char **text)
{
    char tag[24];

    tdh_buf_char(buf, '[');
    add_number(buf, ask->number);
    add_number(buf, ask->kind);
    add_text(buf, ask, TDH_ASK_TEXT_PATH, text);
    snprintf(tag, sizeof(tag), "\"%llx\",", (unsigned long long)ask->tag);
    tdh_buf_text(buf, tag);
    add_number(buf, ask->attempt);
    add_number(buf, ask->due_us);
    add_number(buf, ask->run_target);
    add_text(buf, ask, TDH_ASK_TEXT_NAME, text);
    add_text(buf, ask, TDH_ASK_TEXT_ACTION, text);
    add_text(buf, ask, TDH_ASK_TEXT_CHILD, text);
    write_policy(buf, &ask->policy);
    write_value(capture, buf, ask->input);
    tdh_buf_char(buf, ',');
    write_value(capture, buf, ask->config);
    tdh_buf_char(buf, ',');
    add_text(buf, ask, TDH_ASK_TEXT_KEY, text);
    add_number(buf, ask->flags);
    tdh_buf_int(buf, ask->delay_us);
    if ((ask->texts & 1U << TDH_ASK_TEXT_STAND_IN) != 0) {
        tdh_buf_char(buf, ',');
        add_text(buf, ask, TDH_ASK_TEXT_STAND_IN, text);
        add_text(buf, ask, TDH_ASK_TEXT_RULE, text);
        tdh_buf_int(buf, ask->before_stand_in);
    }
    tdh_buf_char(buf, ']');
}

void tdh_capture_write(const struct tdh_capture *capture, struct tdh_buf *buf)
{
    const char *text = capture->texts.data;

    tdh_buf_printf(buf, "{\"after\":%*d,", NUMBER_WIDTH, 0);
    tdh_buf_add(buf, capture->facts.data, capture->facts.length);
    if (!capture->is_base)
        tdh_buf_add(buf, capture->pins.data, capture->pins.length);
    tdh_buf_printf(buf, ",\"version\":%u,\"next\":%u,\"created\":%lld,\"cancel\":%s,\"paused\":%s",
                   capture->version, capture->next_ask, (long long)capture->created_us,
                   capture->is_cancel_asked ? "true" : "false",
                   capture->is_paused ? "true" : "false");
    if (capture->moved != NULL) {
        tdh_buf_text(buf, ",\"moved\":");
        tdh_buf_json(buf, capture->moved, 0);
    }
    tdh_buf_text(buf, ",\"signals\":");
    write_value(capture, buf, capture->signals);
    tdh_buf_text(buf, ",\"asks\":[");
    for (size_t i = 0; i < capture->ask_count; i++) {
        if (i > 0)
            tdh_buf_char(buf, ',');
        write_ask(capture, buf, &capture->asks[i], &text);
    }
    tdh_buf_text(buf, "],\"state\":");
    write_value(capture, buf, capture->saved);
    tdh_buf_char(buf, '}');
}

void tdh_capture_say_after(struct tdh_buf *buf, uint64_t after)
{
    char number[NUMBER_WIDTH + 1];

    snprintf(number, sizeof(number), "%*llu", NUMBER_WIDTH, (unsigned long long)after);
    memcpy(buf->data + strlen("{\"after\":"), number, NUMBER_WIDTH);
}

int tdh_capture_base(const struct tdh_run *run, struct tdh_buf *buf, struct td_err *err)
{
    struct tdh_capture *capture = tdh_capture_new(run, err);

    if (capture == NULL)
        return -1;
    capture->is_base = true;
    tdh_capture_write(capture, buf);
    tdh_capture_free(capture);
    return buf->failed ? td_fail(err, TD_E_NOMEM,
                                 "run %s: its snapshot cannot be written: there is no memory, or a "
                                 "value nests too deep",
                                 run->id)
                       : 0;
}
