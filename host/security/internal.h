/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: what key.c does for signature.c alone.
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

#endif
