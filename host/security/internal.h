/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: what key.c does for signature.c alone, and the reader of a signature's text.
 */
#ifndef TDH_SECURITY_INTERNAL_H
#define TDH_SECURITY_INTERNAL_H

#include <errno.h>

#include "security/security.h"

/** Borrowed. */
const struct tdh_public_key *tdh_private_key_public(const struct tdh_private_key *key);
/** err: TD_E_INTERNAL */
int tdh_private_key_sign(const struct tdh_private_key *key, const void *bytes, size_t length,
                         unsigned char ret_signature[static TDH_SIGNATURE_BYTES],
                         struct td_err *err);

/** As tdh_signature_read, of a text, which is cut into its lines. err: TD_E_PERM, TD_E_LIMIT,
 * TD_E_NOMEM */
int tdh_signature_parse(char *text, size_t length, struct tdh_signature *ret_signature,
                        struct td_err *err);

#endif
