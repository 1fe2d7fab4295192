/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base64: keys and signatures as text. One text for the same bytes: what libcrypto would let pass
 * besides (spaces, loose bits at the end) is refused.
 */
#include <openssl/evp.h>
#include <string.h>

#include "security/security.h"

enum { TEXT_MAX = 89 /* a signature and the NUL */ };

void tdh_base64_write(const unsigned char *bytes, size_t length, char *text)
{
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
}

bool tdh_base64_read(const char *text, size_t text_length, unsigned char *bytes, size_t length)
{
    unsigned char found[TEXT_MAX];
    char again[TEXT_MAX];

    if (text_length >= TEXT_MAX || text_length != (length + 2) / 3 * 4 ||
        EVP_DecodeBlock(found, (const unsigned char *)text, (int)text_length) < (int)length)
        return false;
    tdh_base64_write(found, length, again);
    if (memcmp(again, text, text_length) != 0)
        return false;
    memcpy(bytes, found, length);
    return true;
}
