/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link: frames over two rings.
 */
#include "plugin/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"

void tdh_link_begin(struct tdh_link *link, struct tdh_link_shared *shared, bool is_host,
                    int wake_fd)
{
    link->out.shared = is_host ? &shared->to_plugin : &shared->to_host;
    link->in.shared = is_host ? &shared->to_host : &shared->to_plugin;
    link->wake_fd = wake_fd;
    tdh_link_await(link, true);
}

void tdh_link_end(struct tdh_link *link)
{
    for (struct tdh_frame *frame = link->first, *next; frame != NULL; frame = next) {
        next = frame->next;
        free(frame);
    }
    free(link->coming);
    *link = (struct tdh_link){ .wake_fd = -1, .fault = "it is closed" };
}

static void fail_link(struct tdh_link *link, const char *fault)
{
    if (link->fault == NULL)
        link->fault = fault;
}

/* A pipe that is full wakes the other end as well. */
static void wake(const struct tdh_link *link)
{
    while (link->wake_fd >= 0 && write(link->wake_fd, "", 1) < 0 && errno == EINTR)
        ;
}

/* --- sending --- */

/* Writes what there is room for; moves *at. Returns true when all of it is written. */
static bool write_some(struct tdh_link *link, const void *bytes, size_t length, size_t *at)
{
    ssize_t wrote = tdh_ring_write(&link->out, (const char *)bytes + *at, length - *at);

    if (wrote < 0)
        fail_link(link, "it says it has read what was never sent");
    else
        *at += (size_t)wrote;
    return *at == length;
}

/* A frame is sent as one run of bytes: its head, then its payload. */
static bool write_frame(struct tdh_link *link, const struct tdh_frame_head *head,
                        const void *payload, size_t *sent)
{
    size_t at = *sent < sizeof(*head) ? *sent : sizeof(*head), rest = *sent - at;
    bool is_whole = write_some(link, head, sizeof(*head), &at);

    if (is_whole && head->length > 0)
        is_whole = write_some(link, payload, head->length, &rest);
    *sent = at + rest;
    return is_whole;
}

static void send_queue(struct tdh_link *link)
{
    struct tdh_frame *frame;

    while ((frame = link->first) != NULL && link->fault == NULL) {
        while (!write_frame(link, &frame->head, frame->payload, &link->sent))
            if (link->fault != NULL || !tdh_ring_await_room(&link->out))
                return;
        link->first = frame->next;
        link->sent = 0;
        free(frame);
    }
}

void tdh_link_flush(struct tdh_link *link)
{
    if (link->first == NULL || link->fault != NULL)
        return;
    send_queue(link);
    if (tdh_ring_wakes_reader(&link->out))
        wake(link);
}

static int enqueue(struct tdh_link *link, const struct tdh_frame_head *head, const void *payload,
                   size_t sent, struct td_err *err)
{
    struct tdh_frame *frame = malloc(sizeof(*frame) + head->length + 1);

    if (frame == NULL) {
        if (sent > 0)
            fail_link(link, "there was no memory for the rest of a message");
        return td_fail(err, TD_E_NOMEM, "could not allocate a message for a plugin's process");
    }
    frame->next = NULL;
    frame->head = *head;
    if (head->length > 0)
        memcpy(frame->payload, payload, head->length);
    if (link->first == NULL) {
        link->first = frame;
        link->sent = sent;
    } else {
        link->last->next = frame;
    }
    link->last = frame;
    return 0;
}

int tdh_link_send(struct tdh_link *link, const struct tdh_frame_head *head, const void *payload,
                  size_t length, struct td_err *err)
{
    struct tdh_frame_head own = *head;
    size_t sent = 0;
    int rc = 0;

    if (link->fault != NULL)
        return td_fail(err, TD_E_UNAVAILABLE, "the process cannot be reached: %s", link->fault);
    if (length > TDH_FRAME_MAX)
        return td_fail(err, TD_E_LIMIT, "a message of %zu bytes is too long, the most is %d",
                       length, TDH_FRAME_MAX);
    own.length = (uint32_t)length;
    if (link->first != NULL || !write_frame(link, &own, payload, &sent)) {
        rc = enqueue(link, &own, payload, sent, err);
        send_queue(link);
    }
    if (tdh_ring_wakes_reader(&link->out))
        wake(link);
    return rc;
}

/* --- receiving --- */

static bool read_some(struct tdh_link *link, void *bytes, size_t length, size_t *at)
{
    ssize_t got = tdh_ring_read(&link->in, (char *)bytes + *at, length - *at);

    if (got < 0)
        fail_link(link, "it says it has sent more than fits");
    else
        *at += (size_t)got;
    return *at == length;
}

static bool begin_frame(struct tdh_link *link)
{
    if (link->head.length > TDH_FRAME_MAX) {
        fail_link(link, "it sent a message that is too long");
        return false;
    }
    link->coming = malloc(sizeof(*link->coming) + link->head.length + 1);
    if (link->coming == NULL) {
        fail_link(link, "there was no memory for what it sent");
        return false;
    }
    *link->coming = (struct tdh_frame){ .head = link->head };
    link->coming->payload[link->head.length] = '\0';
    link->got = 0;
    return true;
}

/* True when a frame has come as a whole. */
static bool receive(struct tdh_link *link)
{
    if (link->coming == NULL &&
        (!read_some(link, &link->head, sizeof(link->head), &link->got) || !begin_frame(link)))
        return false;
    return link->head.length == 0 ||
           read_some(link, link->coming->payload, link->head.length, &link->got);
}

struct tdh_frame *tdh_link_take(struct tdh_link *link)
{
    struct tdh_frame *frame = NULL;

    if (link->fault != NULL || !tdh_ring_has_bytes(&link->in))
        return NULL;
    while (!receive(link))
        if (link->fault != NULL || !tdh_ring_has_bytes(&link->in))
            break;
    if (link->fault == NULL && link->coming != NULL && link->got == link->head.length) {
        frame = link->coming;
        link->coming = NULL;
        link->got = 0;
    }
    if (tdh_ring_wakes_writer(&link->in))
        wake(link);
    return frame;
}

bool tdh_link_await(struct tdh_link *link, bool is_waiting)
{
    return tdh_ring_await_bytes(&link->in, is_waiting);
}

/* --- payloads --- */

const char *tdh_frame_text(const struct tdh_frame *frame, size_t *at)
{
    const char *text = frame->payload + *at;
    size_t length = strnlen(text, frame->head.length - *at);

    if (length == frame->head.length - *at)
        return NULL;
    *at += length + 1;
    return text;
}

json_t *tdh_frame_json(const struct tdh_frame *frame, size_t at, struct td_err *err)
{
    return tdh_json_parse(frame->payload + at, frame->head.length - at, "message", err);
}

void tdh_frame_put_err(struct tdh_buf *buf, const struct td_err *error)
{
    tdh_buf_add(buf, error, sizeof(*error));
}

void tdh_frame_get_err(const struct tdh_frame *frame, struct td_err *ret_err)
{
    struct td_err told;
    unsigned code;

    if (frame->head.length != sizeof(told)) {
        td_fail(ret_err, TD_E_EXEC, "failed and did not say why");
        return;
    }
    memcpy(&told, frame->payload, sizeof(told));
    told.text[sizeof(told.text) - 1] = told.hint[sizeof(told.hint) - 1] = '\0';
    memcpy(&code, &told.code, sizeof(code));
    td_fail(ret_err, code > TD_OK && code < TD_E_MAX_ ? (enum td_code)code : TD_E_EXEC, "%s",
            told.text);
    td_hint(ret_err, "%s", told.hint);
    ret_err->sys = told.sys;
    ret_err->is_retryable = frame->payload[offsetof(struct td_err, is_retryable)] != 0;
    ret_err->retry_after_ms = told.retry_after_ms;
}
