/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frames: cuts the bytes of a stream into frames, in any division into pieces.
 */
#ifndef TDH_MODEL_FRAMES_H
#define TDH_MODEL_FRAMES_H

#include "base/buf.h"
#include "http/http.h"
#include "model/model.h"

struct tdh_frames {
    enum td_framing framing;
    struct tdh_sse sse;
    struct tdh_buf held;  /* of a line or message that is not whole; a frame's text with its NUL */
    size_t message_bytes; /* of the message that is held; 0: not known yet */
};
/* Gets each frame, borrowed for the call. */
typedef int tdh_frame_fn(void *arg, const struct td_frame *frame, struct td_err *err);

/** err TD_E_UNSUPPORTED: this host does not know that framing */
int tdh_frames_begin(struct tdh_frames *frames, enum td_framing framing, struct td_err *err);
/** err TD_E_LIMIT: a frame is too long; TD_FAULT_BROKEN: that is no such stream; what fn says */
int tdh_frames_feed(struct tdh_frames *frames, const char *bytes, size_t length, tdh_frame_fn *fn,
                    void *arg, struct td_err *err);
/** There is no more: what is left, when that is a whole frame, is given as well. err
 * TD_FAULT_BROKEN: it is none */
int tdh_frames_end(struct tdh_frames *frames, tdh_frame_fn *fn, void *arg, struct td_err *err);
void tdh_frames_free(struct tdh_frames *frames);

#endif
