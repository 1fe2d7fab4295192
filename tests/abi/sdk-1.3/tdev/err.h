/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err: the one error type, on both sides of the plugin border.
 *
 * The text is an array inside, so telling a failure needs no memory and copying an error is an
 * assignment. Functions that can fail take `struct td_err *err` as their last parameter, never
 * NULL, and return 0 or -1, or an object or NULL.
 */
#ifndef TDEV_ERR_H
#define TDEV_ERR_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* bytes, with the final NUL; longer texts are cut at a UTF-8 border and end in "..." */
#define TD_ERR_TEXT 768
#define TD_ERR_HINT 256

#if defined(__GNUC__)
#define TD_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define TD_EXPORT __attribute__((visibility("default")))
#else
#define TD_PRINTF(fmt, args)
#define TD_EXPORT
#endif

/*
 * What went wrong. The code alone gives category, severity and whether a later attempt may succeed
 * (td_code_info). The numbers are part of the ABI: new codes are appended.
 */
enum td_code {
    TD_OK = 0,
    TD_E_NOMEM,       /* memory could not be allocated */
    TD_E_INVAL,       /* an input breaks a rule; the text names the thing and the rule */
    TD_E_NOTFOUND,    /* what was named is not there */
    TD_E_EXISTS,      /* what was to be made is there already */
    TD_E_ABI,         /* two binaries do not fit each other */
    TD_E_IO,          /* the system refused; `sys` holds errno */
    TD_E_CONFIG,      /* a file the user wrote cannot be used */
    TD_E_PERM,        /* not permitted */
    TD_E_TIMEOUT,     /* the deadline passed */
    TD_E_CANCELLED,   /* the caller no longer wants it */
    TD_E_LIMIT,       /* a named bound was reached */
    TD_E_CONFLICT,    /* a guard of a commit did not hold: somebody else was first */
    TD_E_UNAVAILABLE, /* a peer or service cannot be reached now */
    TD_E_EXTERNAL,    /* a peer answered with a failure */
    TD_E_DEPENDENCY,  /* something this rests on is missing or failed */
    TD_E_EXEC,        /* the work itself failed */
    TD_E_CORRUPT,     /* stored bytes do not make sense */
    TD_E_UNSUPPORTED, /* this host or backend does not offer it */
    TD_E_DOUBT,       /* an external effect may or may not have happened */
    TD_E_INTERNAL,    /* a bug of ours, told instead of aborting */
    TD_E_MAX_
};

struct td_err {
    enum td_code code;
    int sys;                 /* errno when code is TD_E_IO, else 0 */
    bool is_retryable;       /* set from the code; the failing side may change it */
    uint32_t retry_after_ms; /* 0: not told */
    char hint[TD_ERR_HINT];  /* the way out, as a sentence; may be empty */
    char text[TD_ERR_TEXT];  /* what was tried, on what, why it failed */
    uint64_t reserved[4];
};

/* One row per code. `name` is the word in JSON ("not_found");
 * `category` and `severity` are those of design section 5. */
struct td_code_info {
    enum td_code code;
    const char *name;
    const char *category;
    const char *severity; /* "low", "medium", "high", "critical" */
    bool is_retryable;
};

/** The row of a code; never NULL: what is out of range gets the row of TD_E_INTERNAL. */
const struct td_code_info *td_code_info(enum td_code code);
/** The code with this name; TD_E_INTERNAL when there is none. */
enum td_code td_code_from_name(const char *name);

/* Each fills `err` anew and returns -1.
 * The words: lower case, no full stop, quoted things in double quotes; bytes that are no UTF-8
 * become question marks. */
int td_fail(struct td_err *err, enum td_code code, const char *fmt, ...) TD_PRINTF(3, 4);
/** As td_fail with TD_E_IO and errno; adds ": " and the system's words.
 * ENOMEM becomes TD_E_NOMEM. */
int td_fail_sys(struct td_err *err, const char *fmt, ...) TD_PRINTF(2, 3);
/** Puts "...: " in front of the text that is there; keeps code, hint and the rest. Returns -1. */
int td_context(struct td_err *err, const char *fmt, ...) TD_PRINTF(2, 3);
/** Sets the hint: one sentence that tells the way out. Returns -1. */
int td_hint(struct td_err *err, const char *fmt, ...) TD_PRINTF(2, 3);

#ifdef __cplusplus
}
#endif
#endif
