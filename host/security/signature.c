/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signature: writes and reads plugin.sig. security.h shows its text.
 *
 * What is signed is the text itself, up to the line of the signature, so there is nothing to bring
 * into a canonical form; and there is one text for the same files, since the reader wants them in
 * order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "security/internal.h"

static const char head[] = "tdev-signature v1\nkey ";
static const char tail[] = "signature ";
enum {
    HEAD = sizeof(head) - 1,
    TAIL = sizeof(tail) - 1,
    KEY_TEXT = 44,
    SIGNATURE_TEXT = 88,
    HASH = TDH_SHA256_HEX - 1,
    BYTES_MAX = 4 << 20
};

static char *print_path(const char *folder, struct td_err *err)
{
    char *path;

    if (asprintf(&path, "%s/%s", folder, TDH_SIGNATURE_FILE) >= 0)
        return path;
    td_fail(err, TD_E_NOMEM, "could not allocate the path of a signature");
    return NULL;
}

void tdh_signature_free(struct tdh_signature *signature)
{
    tdh_listing_free(&signature->listing);
}

/* --- writing --- */

static void print_signed(struct tdh_buf *buf, const struct tdh_signature *signature)
{
    char text[KEY_TEXT + 1];

    tdh_base64_write(signature->key.bytes, sizeof(signature->key.bytes), text);
    tdh_buf_printf(buf, "%s%s\n", head, text);
    for (size_t i = 0; i < signature->listing.count; i++)
        tdh_buf_printf(buf, "%s  %s\n", signature->listing.files[i].hash,
                       signature->listing.files[i].path);
}

static int print_whole(struct tdh_buf *buf, const struct tdh_signature *signature,
                       const struct tdh_private_key *key, struct td_err *err)
{
    unsigned char bytes[TDH_SIGNATURE_BYTES];
    char text[SIGNATURE_TEXT + 1];

    print_signed(buf, signature);
    if (!buf->failed) {
        if (tdh_private_key_sign(key, buf->data, buf->length, bytes, err) != 0)
            return -1;
        tdh_base64_write(bytes, sizeof(bytes), text);
        tdh_buf_printf(buf, "%s%s\n", tail, text);
    }
    return buf->failed ? td_fail(err, TD_E_NOMEM, "could not allocate a signature") : 0;
}

static int write_file(const char *folder, const struct tdh_signature *signature,
                      const struct tdh_private_key *key, struct td_err *err)
{
    char *path = print_path(folder, err);
    struct tdh_buf buf = { 0 };
    int rc = -1;

    if (path != NULL && print_whole(&buf, signature, key, err) == 0)
        rc = tdh_file_write(path, buf.data, buf.length, 0644, err);
    tdh_buf_free(&buf);
    free(path);
    return rc;
}

int tdh_signature_make(const char *folder, const char *key_path, struct tdh_signature *ret_made,
                       struct td_err *err)
{
    struct tdh_private_key *key = tdh_private_key_read(key_path, err);
    struct tdh_signature signature = { 0 };
    int rc = -1;

    if (key == NULL)
        return -1;
    signature.key = *tdh_private_key_public(key);
    if (tdh_listing_read(folder, key_path, &signature.listing, err) == 0)
        rc = write_file(folder, &signature, key, err);
    tdh_private_key_free(key);
    if (rc == 0)
        *ret_made = signature;
    else
        tdh_signature_free(&signature);
    return rc;
}

/* --- reading --- */

static int fail_text(struct td_err *err)
{
    return td_fail(err, TD_E_PERM, "%s is no signature that this version of tdev can read",
                   TDH_SIGNATURE_FILE);
}

/* One line `SHA256  PATH`; the path must come behind those that are there. */
static int read_file_line(struct tdh_listing *listing, char *line, size_t length,
                          struct td_err *err)
{
    char *path = line + HASH + 2;

    if (length <= HASH + 2 || length > HASH + 2 + TDH_LISTING_PATH ||
        strspn(line, "0123456789abcdef") != HASH || memcmp(line + HASH, "  ", 2) != 0 ||
        strlen(line) != length)
        return fail_text(err);
    if (listing->count > 0 && strcmp(listing->files[listing->count - 1].path, path) >= 0)
        return fail_text(err);
    line[HASH] = '\0';
    return tdh_listing_add(listing, path, line, err);
}

/* From `at`, behind the head, to `end`, where the last line begins. Cuts the text into lines. */
static int read_lines(struct tdh_signature *signature, char *at, char *end, struct td_err *err)
{
    if (end - at < KEY_TEXT + 1 || at[KEY_TEXT] != '\n' ||
        !tdh_base64_read(at, KEY_TEXT, signature->key.bytes, sizeof(signature->key.bytes)))
        return fail_text(err);
    at += KEY_TEXT + 1;
    while (at < end) {
        char *stop = memchr(at, '\n', (size_t)(end - at));

        if (stop == NULL)
            return fail_text(err);
        *stop = '\0';
        if (read_file_line(&signature->listing, at, (size_t)(stop - at), err) != 0)
            return -1;
        at = stop + 1;
    }
    return 0;
}

/* Where the last line begins; NULL: it is no signature. */
static char *find_last(char *text, size_t length, unsigned char bytes[static TDH_SIGNATURE_BYTES])
{
    enum { LAST = TAIL + SIGNATURE_TEXT + 1 };
    char *last = length > HEAD + LAST ? text + length - LAST : NULL;

    if (last == NULL || last[-1] != '\n' || memcmp(last, tail, TAIL) != 0 ||
        last[LAST - 1] != '\n' ||
        !tdh_base64_read(last + TAIL, SIGNATURE_TEXT, bytes, TDH_SIGNATURE_BYTES))
        return NULL;
    return last;
}

/* The text is cut into lines in place. A failure leaves what was read to be freed. */
static int parse(struct tdh_signature *signature, char *text, size_t length, struct td_err *err)
{
    unsigned char bytes[TDH_SIGNATURE_BYTES];
    char *last = find_last(text, length, bytes), *is_signed;
    size_t signed_length;
    int rc = -1;

    if (last == NULL || strncmp(text, head, HEAD) != 0)
        return fail_text(err);
    signed_length = (size_t)(last - text);
    is_signed = malloc(signed_length);
    if (is_signed == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a signature");
    memcpy(is_signed, text, signed_length); /* the lines are cut in place */
    if (read_lines(signature, text + HEAD, last, err) == 0)
        rc =
            tdh_public_key_fits(&signature->key, is_signed, signed_length, bytes)
                ? 0
                : td_fail(err, TD_E_PERM, "%s was changed after it was signed", TDH_SIGNATURE_FILE);
    free(is_signed);
    return rc;
}

int tdh_signature_parse(char *text, size_t length, struct tdh_signature *ret_signature,
                        struct td_err *err)
{
    struct tdh_signature signature = { 0 };

    if (parse(&signature, text, length, err) != 0) {
        tdh_signature_free(&signature);
        return -1;
    }
    *ret_signature = signature;
    return 0;
}

static int fail_read(struct td_err *err)
{
    if (err->code != TD_E_NOTFOUND)
        return -1;
    td_fail(err, TD_E_NOTFOUND, "is not signed");
    return td_hint(err, "tdev plugin sign FOLDER --key FILE signs a plugin of your own");
}

int tdh_signature_read(const char *folder, struct tdh_signature *ret_signature, struct td_err *err)
{
    char *path = print_path(folder, err), *text;
    size_t length;
    int rc;

    if (path == NULL)
        return -1;
    text = tdh_file_read(path, BYTES_MAX, &length, err);
    free(path);
    if (text == NULL)
        return fail_read(err);
    rc = tdh_signature_parse(text, length, ret_signature, err);
    free(text);
    return rc;
}

/* --- judging --- */

int tdh_signature_trusted(const struct tdh_signature *signature, const struct tdh_trust *trust,
                          const char **ret_owner, struct td_err *err)
{
    const char *owner = tdh_trust_find(trust, &signature->key);
    char text[TDH_KEY_TEXT];

    if (owner == NULL) {
        tdh_public_key_print(&signature->key, text);
        td_fail(err, TD_E_PERM, "is signed with a key that is not trusted: %s", text);
        return td_hint(err, "when you know whose it is and trust them, put that line into the "
                            "setting plugins.trusted_keys");
    }
    *ret_owner = owner;
    return 0;
}

int tdh_signature_check(const struct tdh_signature *signature, const char *folder,
                        struct td_err *err)
{
    struct tdh_listing found;
    int rc;

    if (tdh_listing_read(folder, NULL, &found, err) != 0)
        return -1;
    rc = tdh_listing_compare(&signature->listing, &found, err);
    tdh_listing_free(&found);
    return rc;
}
