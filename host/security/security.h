/* SPDX-License-Identifier: Apache-2.0 */
/*
 * security: who made a plugin, and is it still what they made? Ed25519 keys, the list of those that
 * are trusted, and the signature of a folder.
 *
 * A signature is the file plugin.sig in the folder it signs. It stands beside the manifest, not in
 * it: a manifest need not be written over with its comments kept, there is no form of YAML to agree
 * on, and plugin.yaml is signed like any other file. Its text:
 *
 *   tdev-signature v1
 *   key BASE64                 the public key
 *   SHA256  PATH               for each file of the folder, sorted by the bytes of PATH
 *   signature BASE64           Ed25519, of all bytes above this line
 *
 * So the files stand in the form of sha256sum, what was changed can be named, and one signature
 * covers names and contents. Empty folders do not count; what is neither a file nor a folder cannot
 * be signed.
 *
 * Nothing here is shared: any thread may use it, each object one at a time.
 */
#ifndef TDH_SECURITY_SECURITY_H
#define TDH_SECURITY_SECURITY_H

#include <stdbool.h>
#include <stddef.h>
#include <tdev/err.h>

#include "base/id.h"

#define TDH_SIGNATURE_FILE "plugin.sig"

enum {
    TDH_KEY_BYTES = 32,
    TDH_KEY_TEXT = 53,        /* "ed25519 ", 44 of base64, and the NUL */
    TDH_KEY_OWNER = 64,       /* most bytes of whose key it is */
    TDH_SIGNATURE_BYTES = 64, /* of Ed25519 */
    TDH_TRUSTED_MAX = 256,    /* keys that are trusted */
    TDH_LISTING_FILES = 4096, /* of one folder */
    TDH_LISTING_PATH = 512,   /* bytes of a path in the folder */
    TDH_LISTING_DEPTH = 16    /* folders in folders */
};
#define TDH_LISTING_BYTES INT64_C(1073741824) /* of all files of a folder */

/*
 * key.c: keys. A public key is one line that people can paste: `ed25519 BASE64 OWNER`; the owner is
 * for people and may be left out. A private key is a PEM file of its owner alone.
 */
struct tdh_public_key {
    unsigned char bytes[TDH_KEY_BYTES];
};
/** The line without an owner. */
void tdh_public_key_print(const struct tdh_public_key *key, char text[static TDH_KEY_TEXT]);
/**
 * Reads one line.
 *
 * ret_owner  a borrow of `line`: what stands behind the key, "" when nothing does
 * err        TD_E_CONFIG
 */
int tdh_public_key_parse(const char *line, struct tdh_public_key *ret_key, const char **ret_owner,
                         struct td_err *err);
/** Does the signature fit the bytes? */
bool tdh_public_key_fits(const struct tdh_public_key *key, const void *bytes, size_t length,
                         const unsigned char signature[static TDH_SIGNATURE_BYTES]);

struct tdh_private_key;
/**
 * Makes a key and writes it to the new file `path`, mode 0600, and to `path`.pub what others may
 * have. err: TD_E_EXISTS: one of them is there; TD_E_IO.
 */
int tdh_private_key_make(const char *path, struct tdh_public_key *ret_public, struct td_err *err);
/** new. err: TD_E_PERM: others can read the file; TD_E_CONFIG: it holds no such key; TD_E_IO,
 * TD_E_NOTFOUND */
struct tdh_private_key *tdh_private_key_read(const char *path, struct td_err *err);
void tdh_private_key_free(struct tdh_private_key *key);

/* What is asked of the signatures of plugins that did not come with tdev. */
enum tdh_signatures { TDH_SIGNATURES_OFF, TDH_SIGNATURES_WARN, TDH_SIGNATURES_REQUIRE };

/*
 * trust.c: the public keys that are trusted.
 */
struct tdh_trust;
/** new. err: TD_E_NOMEM */
struct tdh_trust *tdh_trust_new(struct td_err *err);
/**
 * Adds the key of a line, or, when `text` does not begin with "ed25519 ", all keys of the file with
 * that path: one a line, "#" begins a comment. err: TD_E_CONFIG with FILE:LINE, TD_E_NOTFOUND,
 * TD_E_LIMIT
 */
int tdh_trust_add(struct tdh_trust *trust, const char *text, struct td_err *err);
/** tdh_trust_add for each; `texts` ends with NULL. */
int tdh_trust_add_all(struct tdh_trust *trust, const char *const *texts, struct td_err *err);
/** Whose key it is, "" when that is not told; NULL: it is not trusted, as nothing is when `trust`
 * is NULL. Borrowed. */
const char *tdh_trust_find(const struct tdh_trust *trust, const struct tdh_public_key *key);
void tdh_trust_free(struct tdh_trust *trust);

/*
 * listing.c: the files of a folder with their hashes.
 */
struct tdh_listed {
    char *path; /* in the folder, such as "locale/ko.yaml" */
    char hash[TDH_SHA256_HEX];
};
struct tdh_listing {
    struct tdh_listed *files; /* sorted by the bytes of their paths, no path twice */
    size_t count, room;
};
/**
 * Reads all files of a folder but plugin.sig.
 *
 * avoid        a file that must not be among them, such as the private key; NULL: none
 * ret_listing  new; end it with tdh_listing_free()
 * err          TD_E_INVAL: a link, a pipe, a name with control characters; TD_E_LIMIT; TD_E_IO
 */
int tdh_listing_read(const char *folder, const char *avoid, struct tdh_listing *ret_listing,
                     struct td_err *err);
/** Puts a file behind the others. err: TD_E_LIMIT, TD_E_NOMEM */
int tdh_listing_add(struct tdh_listing *listing, const char *path,
                    const char hash[static TDH_SHA256_HEX], struct td_err *err);
/** The hash of the file with that path; NULL: there is none. Borrowed. */
const char *tdh_listing_find(const struct tdh_listing *listing, const char *path);
/** err: TD_E_PERM: the first file that is in one of them only, or is another: `file "x" was added
 * after it was signed` */
int tdh_listing_compare(const struct tdh_listing *is_signed, const struct tdh_listing *found,
                        struct td_err *err);
/** The listing is empty afterwards. */
void tdh_listing_free(struct tdh_listing *listing);

/*
 * signature.c: plugin.sig.
 */
struct tdh_signature {
    struct tdh_public_key key;
    struct tdh_listing listing;
};
/** Signs all files of the folder; a plugin.sig that is there is replaced as a whole.
 * err: as tdh_listing_read */
int tdh_signature_make(const char *folder, const char *key_path, struct tdh_signature *ret_made,
                       struct td_err *err);
/**
 * Reads plugin.sig and checks that its own bytes are those that were signed with its key. Says
 * nothing yet of the files, and nothing of whether the key is to be trusted.
 *
 * ret_signature  new; end it with tdh_signature_free()
 * err            TD_E_NOTFOUND: `is not signed`; TD_E_PERM: it is no signature, or a damaged one
 */
int tdh_signature_read(const char *folder, struct tdh_signature *ret_signature, struct td_err *err);
/** err: TD_E_PERM: `is signed with a key that is not trusted: ed25519 ...` */
int tdh_signature_trusted(const struct tdh_signature *signature, const struct tdh_trust *trust,
                          const char **ret_owner, struct td_err *err);
/** Are the files of the folder those that were signed? err: as tdh_listing_compare and
 * tdh_listing_read */
int tdh_signature_check(const struct tdh_signature *signature, const char *folder,
                        struct td_err *err);
void tdh_signature_free(struct tdh_signature *signature);

/*
 * base64.c
 */
/** Writes the text and a NUL: 4 bytes for each 3, rounded up, and one. */
void tdh_base64_write(const unsigned char *bytes, size_t length, char *text);
/** The bytes of a text that is exactly what tdh_base64_write makes of them; false: it is not. */
bool tdh_base64_read(const char *text, size_t text_length, unsigned char *bytes, size_t length);

#endif
