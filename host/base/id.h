/* SPDX-License-Identifier: Apache-2.0 */
/*
 * id: names nobody else has. UUIDv7 (RFC 9562) for what people see, random 64-bit numbers inside,
 * hashes of content.
 */
#ifndef TDH_BASE_ID_H
#define TDH_BASE_ID_H

#include <stddef.h>
#include <stdint.h>

#define TDH_ID_SIZE 37    /* text of a UUID with its NUL */
#define TDH_SHA256_HEX 65 /* text of a SHA-256 with its NUL */

/** Writes a new UUIDv7, lower case;
 * later ones of this process sort after earlier ones. Thread-safe. */
void tdh_id_new(char id[static TDH_ID_SIZE]);
/** From here on the names of this process sort after that one, if it is a UUIDv7; whatever the
 * clock says. Thread-safe. */
void tdh_id_after(const char *id);
/** True for the text of a UUID of any version. */
_Bool tdh_id_is_valid(const char *id);
/** A random number that is never 0. Thread-safe. */
uint64_t tdh_id_random(void);
/** SHA-256 as lower-case hex. */
void tdh_sha256_hex(const void *bytes, size_t length, char hex[static TDH_SHA256_HEX]);
/** A fast hash of bytes for tables of this process:
 * another process hashes differently, so never store one. */
uint64_t tdh_hash(const void *bytes, size_t length);

#endif
