/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf: a growing run of bytes, and the host's JSON writer into it.
 *
 * One owner, no lock. An append that finds no memory sets `failed` and later appends do nothing, so
 * a writer checks once at the end. The JSON writer prints doubles with the fewest digits that read
 * back the same, keeps whole doubles recognisable ("1.0"), writes object keys in stored or sorted
 * order, and stops at TDH_JSON_DEPTH.
 */
#ifndef TDH_BASE_BUF_H
#define TDH_BASE_BUF_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TDH_JSON_DEPTH 128

/* Zero-initialised is valid and empty. `data` is NUL-terminated whenever it is not NULL. */
struct tdh_buf {
    char *data;
    size_t length, capacity;
    bool failed;
};

enum {
    /* keys in byte order: one text per value, for hashing and files that people compare */
    TDH_JSON_SORTED = 1,
    TDH_JSON_PRETTY = 2, /* two spaces, a line per member */
    TDH_JSON_ASCII = 4,  /* non-ASCII as \u escapes */
};

/** Makes room for `more` bytes and a NUL, whatever there is;
 * false sets `failed`. Use tdh_buf_room. */
bool tdh_buf_grow(struct tdh_buf *buf, size_t more);
/** Where `more` bytes may be written, NULL when it failed.
 * Who writes there ends with tdh_buf_end. */
static inline char *tdh_buf_room(struct tdh_buf *buf, size_t more)
{
    if (buf->failed || (buf->capacity - buf->length <= more && !tdh_buf_grow(buf, more)))
        return NULL;
    return buf->data + buf->length;
}
/** Ends the content at `end`, which is in the room given. */
static inline void tdh_buf_end(struct tdh_buf *buf, char *end)
{
    *end = '\0';
    buf->length = (size_t)(end - buf->data);
}

void tdh_buf_add(struct tdh_buf *buf, const void *bytes, size_t length);
void tdh_buf_text(struct tdh_buf *buf, const char *text);
void tdh_buf_char(struct tdh_buf *buf, char c);
void tdh_buf_int(struct tdh_buf *buf, int64_t value);
void tdh_buf_printf(struct tdh_buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/** Appends "/" and a key as a step of a JSON Pointer (RFC 6901):
 * "~" becomes "~0", "/" becomes "~1". */
void tdh_buf_pointer(struct tdh_buf *buf, const char *key, size_t length);
/** Forgets the content and the failure, keeps the memory. */
void tdh_buf_clear(struct tdh_buf *buf);
void tdh_buf_free(struct tdh_buf *buf);
/** new: the bytes, to be freed with free(); the buffer is empty afterwards. NULL when it failed. */
char *tdh_buf_steal(struct tdh_buf *buf);

/** Appends a quoted JSON string; bytes that are not UTF-8 become U+FFFD. */
void tdh_buf_json_string(struct tdh_buf *buf, const char *text, size_t length);
/** Appends the shortest decimal form that reads back as `value`;
 * inf and nan are written as null. */
void tdh_buf_json_real(struct tdh_buf *buf, double value);
/**
 * May take the place of a value while it is written: returns true when it appended something
 * itself. Asked for every array, object and string, before anything of it is written.
 */
typedef bool tdh_json_ref_fn(void *arg, struct tdh_buf *buf, const json_t *value);
/** Appends a value. Deeper than TDH_JSON_DEPTH sets `failed`. */
void tdh_buf_json(struct tdh_buf *buf, const json_t *value, unsigned flags);
void tdh_buf_json_with(struct tdh_buf *buf, const json_t *value, unsigned flags,
                       tdh_json_ref_fn *ref, void *arg);
/** new: a value as text, to be freed with free(); NULL without memory or when too deep. */
char *tdh_json_text(const json_t *value, unsigned flags);

/** Text of XML and HTML, also within quotes; control characters, which they cannot hold, become
 * U+FFFD. */
void tdh_buf_xml(struct tdh_buf *buf, const char *text);

#endif
