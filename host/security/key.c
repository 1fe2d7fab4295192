/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key: Ed25519 keys, by libcrypto. The private one is PKCS#8 in PEM, as `openssl genpkey` writes
 * it, and never leaves its file but for the time of one signature.
 */
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "security/internal.h"

static const char algorithm[] = "ed25519 ";
enum { ALGORITHM = sizeof(algorithm) - 1, TEXT = 44, PEM_BYTES_MAX = 16 << 10 };

/* --- public --- */

void tdh_public_key_print(const struct tdh_public_key *key, char text[static TDH_KEY_TEXT])
{
    memcpy(text, algorithm, ALGORITHM);
    tdh_base64_write(key->bytes, sizeof(key->bytes), text + ALGORITHM);
}

static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            return false;
    return true;
}

int tdh_public_key_parse(const char *line, struct tdh_public_key *ret_key, const char **ret_owner,
                         struct td_err *err)
{
    const char *text = line + ALGORITHM, *owner;
    struct tdh_public_key key;

    if (strncmp(line, algorithm, ALGORITHM) != 0)
        return td_fail(err, TD_E_CONFIG, "\"%.60s\" is no public key: it must begin with ed25519",
                       line);
    owner = text + strcspn(text, " ");
    if (!tdh_base64_read(text, (size_t)(owner - text), key.bytes, sizeof(key.bytes)))
        return td_fail(err, TD_E_CONFIG,
                       "\"%.60s\" is no public key: it must have %d bytes in "
                       "base64 behind ed25519",
                       line, TDH_KEY_BYTES);
    owner += strspn(owner, " ");
    if (strlen(owner) > TDH_KEY_OWNER || !is_plain(owner))
        return td_fail(err, TD_E_CONFIG,
                       "what stands behind a public key must be at most %d bytes "
                       "without control characters",
                       TDH_KEY_OWNER);
    *ret_key = key;
    *ret_owner = owner;
    return 0;
}

bool tdh_public_key_fits(const struct tdh_public_key *key, const void *bytes, size_t length,
                         const unsigned char signature[static TDH_SIGNATURE_BYTES])
{
    EVP_PKEY *pkey =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->bytes, sizeof(key->bytes));
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool fits = pkey != NULL && context != NULL &&
                EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey) == 1 &&
                EVP_DigestVerify(context, signature, TDH_SIGNATURE_BYTES, bytes, length) == 1;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pkey);
    return fits;
}

/* --- making one --- */

static EVP_PKEY *generate(void)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, NULL);
    EVP_PKEY *pkey = NULL;

    if (context != NULL && EVP_PKEY_keygen_init(context) == 1)
        EVP_PKEY_keygen(context, &pkey); /* NULL when it fails */
    EVP_PKEY_CTX_free(context);
    return pkey;
}

/* Of the bytes of a new file; what could not be written as a whole is taken away. */
static int write_new(const char *path, const void *bytes, size_t length, mode_t mode,
                     struct td_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode), rc = 0;

    if (fd < 0 && errno == EEXIST) {
        td_fail(err, TD_E_EXISTS, "\"%s\" is there already", path);
        return td_hint(err, "a key that is lost cannot be had again: move the file away yourself");
    }
    if (fd < 0)
        return td_fail_sys(err, "could not make \"%s\"", path);
    if (fchmod(fd, mode) != 0 || write(fd, bytes, length) != (ssize_t)length || fsync(fd) != 0)
        rc = td_fail_sys(err, "could not write \"%s\"", path);
    if (close(fd) != 0 && rc == 0)
        rc = td_fail_sys(err, "could not write \"%s\"", path);
    if (rc != 0)
        unlink(path);
    return rc;
}

static int write_private(EVP_PKEY *pkey, const char *path, struct td_err *err)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    char *text = NULL;
    int rc = -1;

    if (bio != NULL && PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1) {
        long length = BIO_get_mem_data(bio, &text);

        rc = write_new(path, text, (size_t)length, S_IRUSR | S_IWUSR, err);
    } else {
        td_fail(err, TD_E_NOMEM, "could not allocate the text of a key");
    }
    BIO_free(bio);
    return rc;
}

static int write_public(const struct tdh_public_key *key, const char *path, struct td_err *err)
{
    char text[TDH_KEY_TEXT + 1], *place;
    int length, rc;

    tdh_public_key_print(key, text);
    length = snprintf(text + TDH_KEY_TEXT - 1, 2, "\n") + TDH_KEY_TEXT - 1;
    if (asprintf(&place, "%s.pub", path) < 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate the path of a key");
    rc = write_new(place, text, (size_t)length, 0644, err);
    free(place);
    return rc;
}

int tdh_private_key_make(const char *path, struct tdh_public_key *ret_public, struct td_err *err)
{
    EVP_PKEY *pkey = generate();
    struct tdh_public_key key;
    size_t length = sizeof(key.bytes);
    int rc = -1;

    if (pkey == NULL || EVP_PKEY_get_raw_public_key(pkey, key.bytes, &length) != 1) {
        td_fail(err, TD_E_INTERNAL, "libcrypto could not make an Ed25519 key");
    } else if (write_private(pkey, path, err) == 0) {
        rc = write_public(&key, path, err);
        if (rc != 0)
            unlink(path);
    }
    EVP_PKEY_free(pkey);
    if (rc != 0)
        return -1;
    *ret_public = key;
    return 0;
}

/* --- reading one --- */

struct tdh_private_key {
    EVP_PKEY *pkey;
    struct tdh_public_key public;
};

/* libcrypto would ask at the terminal. */
static int give_no_password(char *text, int size, int is_writing, void *arg)
{
    (void)text, (void)size, (void)is_writing, (void)arg;
    return -1;
}

static int check_private(const char *path, struct td_err *err)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return errno == ENOENT
                   ? td_fail(err, TD_E_NOTFOUND, "the private key \"%s\" is not there", path)
                   : td_fail_sys(err, "could not look at the private key \"%s\"", path);
    if (!S_ISREG(status.st_mode))
        return td_fail(err, TD_E_CONFIG, "the private key \"%s\" is not a file", path);
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) == 0)
        return 0;
    td_fail(err, TD_E_PERM, "others can reach the private key \"%s\"", path);
    return td_hint(err, "chmod 600 \"%s\", and make another one if somebody may have read it",
                   path);
}

static EVP_PKEY *parse_pem(const char *text, size_t length)
{
    BIO *bio = BIO_new_mem_buf(text, (int)length);
    EVP_PKEY *pkey =
        bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, give_no_password, NULL) : NULL;

    BIO_free(bio);
    return pkey;
}

struct tdh_private_key *tdh_private_key_read(const char *path, struct td_err *err)
{
    struct tdh_private_key *key = NULL;
    size_t length = 0, raw = TDH_KEY_BYTES;
    char *text;

    if (check_private(path, err) != 0)
        return NULL;
    text = tdh_file_read(path, PEM_BYTES_MAX, &length, err);
    if (text == NULL)
        return NULL;
    key = calloc(1, sizeof(*key));
    if (key == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a key");
    } else {
        key->pkey = parse_pem(text, length);
        if (key->pkey == NULL || EVP_PKEY_get_id(key->pkey) != EVP_PKEY_ED25519 ||
            EVP_PKEY_get_raw_public_key(key->pkey, key->public.bytes, &raw) != 1) {
            td_fail(err, TD_E_CONFIG,
                    "\"%s\" holds no private key of Ed25519 in PEM without a "
                    "password",
                    path);
            td_hint(err, "tdev plugin keygen makes one");
            tdh_private_key_free(key);
            key = NULL;
        }
    }
    OPENSSL_cleanse(text, length);
    free(text);
    return key;
}

void tdh_private_key_free(struct tdh_private_key *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

const struct tdh_public_key *tdh_private_key_public(const struct tdh_private_key *key)
{
    return &key->public;
}

int tdh_private_key_sign(const struct tdh_private_key *key, const void *bytes, size_t length,
                         unsigned char ret_signature[static TDH_SIGNATURE_BYTES],
                         struct td_err *err)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t size = TDH_SIGNATURE_BYTES;
    bool is_done = context != NULL &&
                   EVP_DigestSignInit(context, NULL, NULL, NULL, key->pkey) == 1 &&
                   EVP_DigestSign(context, ret_signature, &size, bytes, length) == 1;

    EVP_MD_CTX_free(context);
    return is_done ? 0 : td_fail(err, TD_E_INTERNAL, "libcrypto could not sign");
}
