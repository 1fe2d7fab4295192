/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eventstream_make: messages of application/vnd.amazon.eventstream for tests, written from the
 * format's description, with a checksum of its own.
 */
#ifndef TDEV_TESTS_EVENTSTREAM_MAKE_H
#define TDEV_TESTS_EVENTSTREAM_MAKE_H

#include "base/buf.h"

uint32_t eventstream_checksum(const void *bytes, size_t length);
/** Adds a header with a text. */
void eventstream_header(struct tdh_buf *headers, const char *name, const char *text);
/** Adds a whole message. headers: may be empty */
void eventstream_message(struct tdh_buf *to, const struct tdh_buf *headers, const char *payload,
                         size_t length);
/** Bytes written as hexadecimal digits, with spaces and ends of lines between them. */
void eventstream_hex(struct tdh_buf *to, const char *text);

#endif
