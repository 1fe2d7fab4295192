/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault: what failures mean, and when another attempt is worth it, where wires agree on that.
 */
#ifndef TDEV_PROVIDERS_FAULT_H
#define TDEV_PROVIDERS_FAULT_H

#include "kit/wire.h"

/* Words of a sentence, and what it means then. Rows end with a NULL word. */
struct wire_meaning {
    const char *word;
    enum td_fault fault;
};
/** The first row whose word is in the text, whatever its case; TD_FAULT_NONE: none is. */
enum td_fault wire_meaning(const struct wire_meaning *rows, const char *text);
/** OpenAI's error object, {code, type, message}; TD_FAULT_NONE: nothing special. */
enum td_fault wire_error_meaning(const json_t *error);
/** Does the sentence say that the request is too long for the model? */
bool wire_is_too_long(const char *text);

/** "1h2m3.5s", "12ms", or a number of seconds, in milliseconds; -1: it is neither. */
int64_t wire_duration_ms(const char *text);
/**
 * After how many milliseconds another attempt is worth it: retry-after-ms, x-ms-retry-after-ms,
 * retry-after in seconds, or as a date, which the reply's own `date` is taken from; 0: not told.
 * headers: may be NULL
 */
uint32_t wire_retry_after_ms(const json_t *headers);
/** The same of a header with the time, in seconds since 1970, or with a duration. */
uint32_t wire_reset_ms(const json_t *headers, const char *name);
/** The same of "... try again in 1.5s ..."; 0: it does not say. */
uint32_t wire_retry_words_ms(const char *text);

/** A FAULT; after_ms 0: not told. */
int wire_give_failure(const struct td_sink *sink, enum td_fault fault, const char *text,
                      uint32_t after_ms, struct td_err *err);

#endif
