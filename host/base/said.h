/* SPDX-License-Identifier: Apache-2.0 */
/*
 * said: a plugin's function that fails has to say why. Many an author forgets it once; then the
 * host says that, instead of what happened to stand in the error.
 */
#ifndef TDH_BASE_SAID_H
#define TDH_BASE_SAID_H

#include <tdev/err.h>

/** Before the plugin's function is called: nothing is said. */
static inline void tdh_unsaid(struct td_err *err)
{
    err->code = TD_OK;
    err->sys = 0;
    err->is_retryable = false;
    err->retry_after_ms = 0;
    err->text[0] = err->hint[0] = '\0';
}

/** After it, with what it returned: `who` and `what` ("agent "x"", "init") failed without a word?
 * Returns rc. */
static inline int tdh_said(int rc, const char *who, const char *what, struct td_err *err)
{
    if (rc != 0 && err->code == TD_OK)
        td_fail(err, TD_E_EXEC, "\"%s\": %s failed and did not say why", who, what);
    return rc;
}

#endif
