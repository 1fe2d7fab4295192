/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program_read: what a program reads and writes: lines of JSON, and text for the log.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/plain.h"
#include "plugin/process.h"

enum { PIECE = 64 << 10, PIECES = 16 };

/* --- to it --- */

static void on_room(void *arg)
{
    struct tdh_program *program = arg;

    tdh_program_flush(program);
}

/* Waits for room when there is something left, and no longer. */
static void wait_for_room(struct tdh_program *program)
{
    bool is_left = program->to_done < program->to.length;
    struct td_err err;

    if (is_left == (program->in_watch != NULL))
        return;
    if (!is_left) {
        tdh_fd_watch_free(program->in_watch);
        program->in_watch = NULL;
        return;
    }
    program->in_watch = tdh_fd_watch_room(program->in, on_room, program, &err);
    if (program->in_watch == NULL)
        tdh_program_kill(program, "the host has no memory");
}

void tdh_program_flush(struct tdh_program *program)
{
    ssize_t wrote = 1;

    while (wrote > 0 && program->to_done < program->to.length) {
        wrote = write(program->in, program->to.data + program->to_done,
                      program->to.length - program->to_done);
        if (wrote < 0 && errno == EINTR)
            wrote = 1;
        else if (wrote > 0) {
            program->to_done += (size_t)wrote;
            program->written += (uint64_t)wrote;
        }
    }
    if (program->to_done == program->to.length) {
        tdh_buf_clear(&program->to);
        if (program->to.capacity > PIECE)
            tdh_buf_free(&program->to);
        program->to_done = 0;
    } else if (program->to_done > PIECE && program->to_done > program->to.length / 2) {
        memmove(program->to.data, program->to.data + program->to_done,
                program->to.length - program->to_done);
        tdh_buf_end(&program->to, program->to.data + program->to.length - program->to_done);
        program->to_done = 0;
    }
    wait_for_room(program);
}

/* --- replies --- */

static void kill_for(struct tdh_program *program, const char *what, const char *line, size_t length)
{
    char shown[96];
    size_t used = 0;

    for (size_t i = 0; i < length && used < sizeof(shown) - 1; i++) {
        unsigned char c = (unsigned char)line[i];

        shown[used++] = c >= ' ' && c < 127 ? (char)c : '?';
    }
    shown[used] = '\0';
    tdh_program_kill(program, "it wrote %s: %s%s", what, shown, used < length ? "..." : "");
}

static void take_error(struct tdh_program_ask *ask, const json_t *error)
{
    const char *word = tdh_json_str(error, "code", "execution");
    enum td_code code = td_code_from_name(word);
    const json_t *retryable = json_object_get(error, "retryable");
    const json_t *after = json_object_get(error, "retry_after_ms");
    const char *text = tdh_json_str(error, "text", "it says no more");

    if (code <= TD_OK || code >= TD_E_MAX_ || code == TD_E_INTERNAL)
        code = TD_E_EXEC;
    td_fail(&ask->why, code, "%s", text);
    if (json_is_boolean(retryable))
        ask->why.is_retryable = json_is_true(retryable);
    if (json_is_integer(after) && json_integer_value(after) > 0 &&
        json_integer_value(after) <= UINT32_MAX)
        ask->why.retry_after_ms = (uint32_t)json_integer_value(after);
    if (tdh_json_str(error, "hint", NULL) != NULL)
        td_hint(&ask->why, "%s", tdh_json_str(error, "hint", ""));
}

static void take_chunk(struct tdh_program_ask *ask, json_t *chunk)
{
    if (ask->call == NULL)
        return;
    if (ask->chunks == NULL)
        ask->chunks = json_array();
    if (json_array_append(ask->chunks, chunk) != 0)
        tdh_program_kill(ask->program, "the host has no memory");
    if (json_array_size(ask->chunks) >= TDH_PROGRAM_CHUNKS)
        ask->program->is_held = true;
    tdh_co_wake(ask->co);
}

/* False: it is no reply. */
static bool take_reply(struct tdh_program *program, const json_t *reply)
{
    const json_t *id = json_object_get(reply, "id"), *error = json_object_get(reply, "error");
    json_t *output = json_object_get(reply, "output"), *chunk = json_object_get(reply, "emit");
    struct tdh_program_ask *ask;

    if (!json_is_integer(id) || json_integer_value(id) < 1 ||
        (uint64_t)json_integer_value(id) > program->next_id ||
        (output != NULL) + (chunk != NULL) + (error != NULL) != 1 ||
        (error != NULL && !json_is_object(error)))
        return false;
    ask = tdh_program_ask_of(program, (uint64_t)json_integer_value(id));
    if (ask == NULL || ask->is_done) /* of a call that was cancelled, or once more */
        return true;
    if (chunk != NULL) {
        take_chunk(ask, chunk);
        return true;
    }
    ask->is_ok = output != NULL;
    ask->output = json_incref(output);
    if (error != NULL)
        take_error(ask, error);
    program->ends = 0;
    tdh_program_finish(ask);
    return true;
}

static void take_line(struct tdh_program *program, const char *line, size_t length)
{
    struct td_err err;
    json_t *reply;

    if (length > 0 && line[length - 1] == '\r')
        length--;
    if (length == 0)
        return;
    reply = tdh_json_parse(line, length, "reply", &err);
    if (reply == NULL || !take_reply(program, reply))
        kill_for(program, "a line that is no reply", line, length);
    json_decref(reply);
}

/* All whole lines; false: one is too long. */
static bool take_lines(struct tdh_program *program)
{
    struct tdh_buf *from = &program->from;
    size_t done = 0;
    const char *end;

    while (program->killed[0] == '\0' && program->from_seen < from->length &&
           (end = memchr(from->data + program->from_seen, '\n',
                         from->length - program->from_seen)) != NULL) {
        size_t at = (size_t)(end - from->data);

        if (at - done > program->line_bytes)
            return false;
        take_line(program, from->data + done, at - done);
        done = program->from_seen = at + 1;
    }
    program->from_seen = from->length - done;
    if (done > 0 && done < from->length)
        memmove(from->data, from->data + done, from->length - done);
    if (done > 0)
        tdh_buf_end(from, from->data + from->length - done);
    if (from->length == 0 && from->capacity > PIECE * 2)
        tdh_buf_free(from);
    return from->length <= program->line_bytes;
}

/* Bytes that came; 0: the end; -1: nothing is there now. */
static ssize_t read_piece(struct tdh_program *program)
{
    char *room = tdh_buf_room(&program->from, PIECE);
    ssize_t got;

    if (room == NULL) {
        tdh_program_kill(program, "the host has no memory");
        return -1;
    }
    got = read(program->out, room, PIECE);
    tdh_buf_end(&program->from, room + (got > 0 ? got : 0));
    return got >= 0 ? got : errno == EINTR ? 1 : -1;
}

static void on_output(void *program)
{
    tdh_program_read(program);
}

/* While it is held, it is not watched, so that this worker does not spin. */
static void watch_output(struct tdh_program *program, bool is_wanted)
{
    struct td_err err;

    if (program->pid == 0 || is_wanted == (program->out_watch != NULL))
        return;
    if (is_wanted) {
        program->out_watch = tdh_fd_watch_new(program->out, on_output, program, &err);
        if (program->out_watch == NULL)
            tdh_program_kill(program, "the host has no memory");
        return;
    }
    tdh_fd_watch_free(program->out_watch);
    program->out_watch = NULL;
}

static void on_closed(struct tdh_timer *timer)
{
    struct tdh_program *program =
        (struct tdh_program *)((char *)timer - offsetof(struct tdh_program, closed_timer));

    tdh_program_kill(program, "it closed its standard output");
}

/* It has nothing more to say, as when it has ended; that is told then. */
static void await_end(struct tdh_program *program)
{
    struct td_err err;

    if (program->closed_timer.place == 0 && tdh_worker_self() != NULL &&
        tdh_timer_set(&program->closed_timer,
                      tdh_clock_mono_ns() + TDH_PROGRAM_CLOSED_MS * UINT64_C(1000000), on_closed,
                      &err) != 0)
        tdh_program_kill(program, "it closed its standard output");
}

void tdh_program_read(struct tdh_program *program)
{
    ssize_t got = 1;

    for (int i = 0; i < PIECES && got > 0 && !program->is_held && program->killed[0] == '\0'; i++) {
        got = read_piece(program);
        if (got > 0 && !take_lines(program))
            tdh_program_kill(program, "it wrote a line of more than %zu bytes",
                             program->line_bytes);
    }
    if (program->killed[0] != '\0') {
        tdh_buf_free(&program->from);
        program->from_seen = 0;
    }
    if (got == 0)
        await_end(program);
    watch_output(program, !program->is_held && program->killed[0] == '\0' && got != 0);
}

/* --- its standard error --- */

static bool may_log(struct tdh_program *program)
{
    uint64_t second = tdh_clock_mono_ns() / 1000000000;

    if (second != program->log_second) {
        if (program->logs_lost > 0)
            tdh_log(TDH_LOG_WARNING, program->name, TDH_NO_FACTS,
                    "%u more lines of its program were left out", program->logs_lost);
        program->log_second = second;
        program->logs = program->logs_lost = 0;
    }
    if (program->logs++ < TDH_PROGRAM_LOGS)
        return true;
    program->logs_lost++;
    return false;
}

static void end_log_line(struct tdh_program *program)
{
    program->line[program->line_length] = '\0';
    if (program->line_length > 0) {
        snprintf(program->last_line, sizeof(program->last_line), "%.*s",
                 (int)sizeof(program->last_line) - 1, program->line);
        if (tdh_log_wants(TDH_LOG_INFO) && may_log(program))
            tdh_log(TDH_LOG_INFO, program->name, TDH_NO_FACTS, "%s", program->line);
    }
    program->line_length = 0;
}

void tdh_program_read_log(struct tdh_program *program)
{
    char bytes[4096];
    ssize_t got = 1;

    for (int i = 0; i < PIECES && got > 0; i++) {
        got = read(program->err, bytes, sizeof(bytes));
        for (ssize_t k = 0; k < got; k++)
            if (bytes[k] == '\n')
                end_log_line(program);
            else if (program->line_length < sizeof(program->line) - 1)
                program->line[program->line_length++] = bytes[k];
    }
    if (got == 0) {
        end_log_line(program);
        tdh_fd_watch_free(program->err_watch);
        program->err_watch = NULL;
    }
}
