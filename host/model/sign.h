/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign: requests that are signed instead of carrying a key: AWS Signature Version 4.
 *
 * The signature is of the method, the address, some headers and a hash of the body, with a time in
 * it: a server takes it for five minutes, so each attempt is signed anew.
 */
#ifndef TDH_MODEL_SIGN_H
#define TDH_MODEL_SIGN_H

#include <stddef.h>
#include <stdint.h>
#include <tdev/err.h>

#include "base/buf.h"

enum {
    TDH_SIGN_LINES = 3,        /* most headers that a signature comes to */
    TDH_SIGN_HEADERS_MAX = 64, /* of a request, that are signed */
    TDH_SIGN_HEX = 65          /* a hash as a text, with its NUL */
};

/* What is signed. All borrowed. */
struct tdh_signing {
    const char *method, *url; /* as it goes out: encoded, in whole */
    char *const *headers; /* "Name: value"; ends with NULL. Content-Type and X-Amz-* are signed */
    const void *body;
    size_t body_bytes;
    const char *service, *region;
    int64_t time_s; /* since 1970 */
};
/* By whom. */
struct tdh_signer {
    const char *access, *secret;
    const char *token; /* of a session; NULL: none */
};

/**
 * The headers to send besides: X-Amz-Date, X-Amz-Security-Token if there is one, Authorization.
 *
 * ret_lines  new, each: tdh_key_wipe() and free(); ends with NULL
 * err        TD_E_INVAL: the URL is none, or there are too many headers to sign; TD_E_NOMEM
 */
int tdh_sign(const struct tdh_signing *signing, const struct tdh_signer *signer,
             char *ret_lines[TDH_SIGN_LINES + 1], struct td_err *err);

/* --- its steps, for tests --- */

/** The text whose hash is signed. names: of the headers in it, with ';' between them. Both are
 * added to. err as tdh_sign */
int tdh_sign_canonical(const struct tdh_signing *signing, const struct tdh_signer *signer,
                       struct tdh_buf *text, struct tdh_buf *names, struct td_err *err);
/** The key of a day, a region and a service. false: libcrypto fails */
bool tdh_sign_key(const struct tdh_signing *signing, const struct tdh_signer *signer,
                  unsigned char ret_key[32]);

#endif
