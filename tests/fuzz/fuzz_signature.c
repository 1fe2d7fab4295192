/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_signature: any bytes are a plugin.sig, or none. What is one has its files in order, each
 * once.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "security/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct td_err err = { 0 };
    struct tdh_signature signature;
    char *text = malloc(size + 1);

    assert(text != NULL);
    if (size > 0)
        memcpy(text, bytes, size);
    text[size] = '\0';
    if (tdh_signature_parse(text, size, &signature, &err) != 0) {
        assert(err.code == TD_E_PERM || err.code == TD_E_LIMIT);
    } else {
        for (size_t i = 0; i < signature.listing.count; i++)
            assert(tdh_listing_find(&signature.listing, signature.listing.files[i].path) ==
                   signature.listing.files[i].hash);
        tdh_signature_free(&signature);
    }
    free(text);
    return 0;
}
