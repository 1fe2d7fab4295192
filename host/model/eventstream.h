/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eventstream: messages of application/vnd.amazon.eventstream.
 *
 * A message is a prelude of 12 bytes (its length, that of its headers, a checksum of both),
 * headers, a payload, and a checksum of it all. Both checksums are checked before what they guard
 * is used.
 */
#ifndef TDH_MODEL_EVENTSTREAM_H
#define TDH_MODEL_EVENTSTREAM_H

#include <stddef.h>
#include <stdint.h>
#include <tdev/err.h>

enum {
    TDH_EVENTSTREAM_PRELUDE = 12,
    TDH_EVENTSTREAM_LEAST = 16, /* bytes of a message with nothing in it */
    TDH_EVENTSTREAM_NAME = 255  /* most bytes of a name of an event */
};

struct tdh_eventstream_message {
    /* what it is: ":event-type"; of a failure "!" and ":exception-type" or ":error-code"; "" when
     * none is told */
    char name[TDH_EVENTSTREAM_NAME + 2];
    size_t text_at, text_length; /* what it says: the payload, or ":error-message"; in its bytes */
};

/**
 * How long the message is whose first TDH_EVENTSTREAM_PRELUDE bytes these are.
 *
 * ret_length  at least TDH_EVENTSTREAM_LEAST, with the prelude
 * err         TD_FAULT_BROKEN: the checksum or a length is wrong; TD_E_LIMIT: longer than limit
 */
int tdh_eventstream_length(const void *prelude, size_t limit_bytes, size_t *ret_length,
                           struct td_err *err);
/** Reads a whole message of that length. err TD_FAULT_BROKEN: what is wrong with it */
int tdh_eventstream_read(const void *bytes, size_t length, struct tdh_eventstream_message *ret,
                         struct td_err *err);

#endif
