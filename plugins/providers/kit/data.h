/* SPDX-License-Identifier: Apache-2.0 */
/*
 * data: what a part carries with it: pictures, sounds and files, as Base64 or by an address.
 */
#ifndef TDEV_PROVIDERS_DATA_H
#define TDEV_PROVIDERS_DATA_H

#include "kit/wire.h"

enum { WIRE_MIME_MAX = 128 };

/* What stands within a part. */
struct wire_blob {
    char mime[WIRE_MIME_MAX]; /* "": not told */
    const char *data;         /* Base64; of the part */
};
/** Has the part its contents with it, in `data` or in a data: URL of Base64? */
bool wire_blob(const json_t *part, struct wire_blob *ret_blob);
/** The text that a Base64 is of, as a string. new; NULL: it is none, or no UTF-8 */
json_t *wire_blob_text(const char *data);
/** What the end of an address says it is: "image/png"; NULL: nothing. */
const char *wire_mime_of_url(const char *url);

#endif
