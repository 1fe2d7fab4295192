/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sha256: through libcrypto, whose SHA-256 uses what the processor has.
 */
#include "sha256.h"

#include <openssl/evp.h>

void kit_hex(const unsigned char *bytes, size_t length, char *ret_text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++) {
        ret_text[2 * i] = digits[bytes[i] >> 4];
        ret_text[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret_text[2 * length] = '\0';
}

int kit_sha256(const void *bytes, size_t length, char ret_text[KIT_SHA256_TEXT])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_length = 0;

    if (EVP_Digest(bytes, length, digest, &digest_length, EVP_sha256(), NULL) != 1 ||
        digest_length != 32)
        return -1;
    kit_hex(digest, digest_length, ret_text);
    return 0;
}
