/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sse: lines, what each adds to the event, and the empty line that ends it.
 */
#include "http/sse.h"

#include <string.h>

enum { BOM_BYTES = 3, BOM_OVER = 4 };
static const char bom[BOM_BYTES + 1] = "\xEF\xBB\xBF";

void tdh_sse_begin(struct tdh_sse *sse, size_t limit)
{
    struct tdh_sse next = {
        .limit = limit, .line = sse->line, .data = sse->data, .name = sse->name, .id = sse->id
    };

    tdh_buf_clear(&next.line);
    tdh_buf_clear(&next.data);
    tdh_buf_clear(&next.name);
    tdh_buf_clear(&next.id);
    *sse = next;
}

void tdh_sse_free(struct tdh_sse *sse)
{
    tdh_buf_free(&sse->line);
    tdh_buf_free(&sse->data);
    tdh_buf_free(&sse->name);
    tdh_buf_free(&sse->id);
}

bool tdh_sse_is_within(const struct tdh_sse *sse)
{
    return !sse->is_given && (sse->has_data || sse->name.length != 0 || sse->line.length != 0);
}

static enum tdh_sse_step fail(struct tdh_sse *sse, enum td_code code, const char *why)
{
    sse->code = code;
    sse->why = why;
    return TDH_SSE_FAILED;
}

/* Appends, within the limit. */
static enum tdh_sse_step add(struct tdh_sse *sse, struct tdh_buf *buf, const char *bytes,
                             size_t length)
{
    if (length > sse->limit || buf->length > sse->limit - length)
        return fail(sse, TD_E_LIMIT, "an event is too long");
    if (length != 0) /* else memory would be taken for nothing */
        tdh_buf_add(buf, bytes, length);
    return buf->failed ? fail(sse, TD_E_NOMEM, "could not allocate an event") : TDH_SSE_MORE;
}

/* The piece goes: what was borrowed of it is copied. */
static enum tdh_sse_step keep_data(struct tdh_sse *sse)
{
    const char *bytes = sse->in_piece;

    sse->in_piece = NULL;
    return bytes != NULL ? add(sse, &sse->data, bytes, sse->in_piece_bytes) : TDH_SSE_MORE;
}

static enum tdh_sse_step add_data(struct tdh_sse *sse, const char *value, size_t length,
                                  bool is_in_piece)
{
    bool is_first = !sse->has_data;

    sse->has_data = true;
    if (is_first && is_in_piece && length <= sse->limit) {
        sse->in_piece = value;
        sse->in_piece_bytes = length;
        return TDH_SSE_MORE;
    }
    if (keep_data(sse) == TDH_SSE_FAILED ||
        (!is_first && add(sse, &sse->data, "\n", 1) == TDH_SSE_FAILED))
        return TDH_SSE_FAILED;
    return add(sse, &sse->data, value, length);
}

static enum tdh_sse_step replace(struct tdh_sse *sse, struct tdh_buf *buf, const char *value,
                                 size_t length)
{
    tdh_buf_clear(buf);
    return add(sse, buf, value, length);
}

/* Milliseconds in digits; anything else is passed over. */
static void take_retry(struct tdh_sse *sse, const char *value, size_t length)
{
    uint64_t ms = 0;

    for (size_t i = 0; i < length; i++) {
        if (value[i] < '0' || value[i] > '9')
            return;
        ms = ms * 10 + (uint64_t)(value[i] - '0');
        if (ms > UINT32_MAX)
            return;
    }
    if (length == 0)
        return;
    sse->event.has_retry = true;
    sse->event.retry_ms = (uint32_t)ms;
}

static bool is_field(const char *line, size_t length, const char *name)
{
    return length == strlen(name) && memcmp(line, name, length) == 0;
}

static enum tdh_sse_step take_field(struct tdh_sse *sse, const char *line, size_t length,
                                    bool is_in_piece)
{
    const char *colon = memchr(line, ':', length);
    size_t name = colon != NULL ? (size_t)(colon - line) : length;
    size_t at = colon != NULL ? name + 1 : length;

    if (at < length && line[at] == ' ')
        at++;
    if (is_field(line, name, "data"))
        return add_data(sse, line + at, length - at, is_in_piece);
    if (is_field(line, name, "event"))
        return replace(sse, &sse->name, line + at, length - at);
    if (is_field(line, name, "id") && memchr(line + at, '\0', length - at) == NULL)
        return replace(sse, &sse->id, line + at, length - at);
    if (is_field(line, name, "retry"))
        take_retry(sse, line + at, length - at);
    return TDH_SSE_MORE;
}

static const char *text_or(const struct tdh_buf *buf, const char *otherwise)
{
    return buf->length != 0 ? buf->data : otherwise;
}

/* An event without data is none. */
static enum tdh_sse_step finish_event(struct tdh_sse *sse)
{
    struct tdh_sse_event *event = &sse->event;

    if (!sse->has_data) {
        tdh_buf_clear(&sse->name);
        return TDH_SSE_MORE;
    }
    event->name = text_or(&sse->name, "message");
    event->id = text_or(&sse->id, "");
    event->data = sse->in_piece != NULL ? sse->in_piece : text_or(&sse->data, "");
    event->data_bytes = sse->in_piece != NULL ? sse->in_piece_bytes : sse->data.length;
    sse->is_given = true;
    return TDH_SSE_EVENT;
}

static enum tdh_sse_step take_line(struct tdh_sse *sse, const char *line, size_t length)
{
    enum tdh_sse_step step = TDH_SSE_MORE;

    if (sse->line.length != 0) {
        if (add(sse, &sse->line, line, length) == TDH_SSE_FAILED)
            return TDH_SSE_FAILED;
        if (sse->line.data[0] != ':')
            step = take_field(sse, sse->line.data, sse->line.length, false);
        tdh_buf_clear(&sse->line);
        return step;
    }
    if (length == 0)
        return finish_event(sse);
    if (length > sse->limit)
        return fail(sse, TD_E_LIMIT, "an event is too long");
    return line[0] != ':' ? take_field(sse, line, length, true) : TDH_SSE_MORE;
}

/* The first bytes of a stream: a byte order mark is passed over, its begin alone is text. */
static size_t pass_mark(struct tdh_sse *sse, const char *bytes, size_t length)
{
    size_t at = 0;

    while (sse->bom < BOM_BYTES && at < length) {
        if (bytes[at] != bom[sse->bom]) {
            if (sse->bom != 0)
                tdh_buf_add(&sse->line, bom, sse->bom);
            sse->bom = BOM_OVER;
            return at;
        }
        sse->bom++;
        at++;
    }
    if (sse->bom == BOM_BYTES)
        sse->bom = BOM_OVER;
    return at;
}

static void begin_event(struct tdh_sse *sse)
{
    sse->is_given = sse->has_data = sse->event.has_retry = false;
    sse->in_piece = NULL;
    tdh_buf_clear(&sse->data);
    tdh_buf_clear(&sse->name);
}

/* Where the line ends that begins at `at`; `length` when that has not come. *lf: the next line feed
 * there is, which is looked for only once, so that the time is linear. */
static size_t find_end(const char *bytes, size_t at, size_t length, size_t *lf)
{
    const char *cr;

    if (*lf < at || *lf == SIZE_MAX) {
        const char *found = memchr(bytes + at, '\n', length - at);

        *lf = found != NULL ? (size_t)(found - bytes) : length;
    }
    cr = memchr(bytes + at, '\r', *lf - at);
    return cr != NULL ? (size_t)(cr - bytes) : *lf;
}

static enum tdh_sse_step end_piece(struct tdh_sse *sse, const char *rest, size_t length)
{
    if (keep_data(sse) == TDH_SSE_FAILED)
        return TDH_SSE_FAILED;
    return add(sse, &sse->line, rest, length);
}

enum tdh_sse_step tdh_sse_next(struct tdh_sse *sse, const char *bytes, size_t length,
                               size_t *ret_used)
{
    enum tdh_sse_step step = TDH_SSE_MORE;
    size_t at = sse->bom < BOM_BYTES ? pass_mark(sse, bytes, length) : 0, lf = SIZE_MAX;

    if (sse->is_given)
        begin_event(sse);
    while (at < length && step == TDH_SSE_MORE) {
        size_t end;

        if (sse->is_after_cr && bytes[at] == '\n')
            at++;
        sse->is_after_cr = false;
        end = find_end(bytes, at, length, &lf);
        if (end == length)
            break;
        sse->is_after_cr = bytes[end] == '\r';
        step = take_line(sse, bytes + at, end - at);
        at = end + 1;
    }
    if (step == TDH_SSE_MORE) {
        step = end_piece(sse, bytes + at, length - at);
        at = length;
    }
    *ret_used = at;
    return step;
}
