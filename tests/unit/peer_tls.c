/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer_tls: an authority and a certificate, made when they are needed.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "peer.h"

#include <cmocka.h> /* needs what stands above */

enum { DAY_S = 24 * 3600 };

static void add_extension(X509 *certificate, int what, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, what, value);

    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

/* Not signed yet. */
static X509 *make(EVP_PKEY *key, const char *common_name, long from_s, long to_s)
{
    X509 *certificate = X509_new();
    X509_NAME *name;

    assert_non_null(certificate);
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), rand());
    X509_gmtime_adj(X509_getm_notBefore(certificate), from_s);
    X509_gmtime_adj(X509_getm_notAfter(certificate), to_s);
    name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)common_name, -1, -1,
                               0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    return certificate;
}

static void write_file(const X509 *certificate, const char *path)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    assert_int_equal(fclose(file), 0);
}

struct ssl_ctx_st *peer_tls_new(const char *name, enum peer_fault fault, const char *ca_file)
{
    EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
    X509 *ca = make(ca_key, "authority of a test", -DAY_S, DAY_S);
    long from_s = fault == PEER_EXPIRED ? -2L * DAY_S : -DAY_S;
    X509 *own = make(key, "server of a test", from_s, fault == PEER_EXPIRED ? -DAY_S : DAY_S);
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

    add_extension(ca, NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(ca, ca_key, EVP_sha256());
    add_extension(own, NID_subject_alt_name, name);
    if (fault != PEER_SELF_SIGNED)
        X509_set_issuer_name(own, X509_get_subject_name(ca));
    X509_sign(own, fault != PEER_SELF_SIGNED ? ca_key : key, EVP_sha256());
    write_file(ca, ca_file);
    assert_int_equal(SSL_CTX_use_certificate(tls, own), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(tls, key), 1);
    X509_free(ca);
    X509_free(own);
    EVP_PKEY_free(ca_key);
    EVP_PKEY_free(key);
    return tls;
}

void peer_tls_free(struct ssl_ctx_st *tls)
{
    SSL_CTX_free(tls);
}
