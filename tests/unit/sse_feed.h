/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sse_feed: takes a stream of events through the reader in pieces of a given size, and writes what
 * came out as text. Of the unit test and the fuzz target.
 */
#ifndef TESTS_SSE_FEED_H
#define TESTS_SSE_FEED_H

#include "http/sse.h"

/**
 * All bytes, `step` of them at a time; each piece is gone when the next comes. ret_text: a line per
 * event, "name|data|id|retry", with line ends as "\n"; then "within" when the stream ends within an
 * event, or "failed: why". Freed by the caller.
 */
void sse_feed(const char *bytes, size_t length, size_t step, size_t limit,
              struct tdh_buf *ret_text);

#endif
