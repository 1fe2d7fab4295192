/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust: the client's side of TLS: whom a server must be, handshakes, and why one was refused.
 *
 * Reading the authorities of a system takes longer than a loop may be held up, so it is done in the
 * blocking pool, once for each file of authorities in the life of the process.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "http/cable.h"

enum { FILES_MAX = 64 };

static struct {
    pthread_mutex_t lock;    /* only threads of the blocking pool take it */
    struct tdh_map contexts; /* by file; "" is the system's */
    BIO_METHOD *method;
} trust = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* --- bytes between OpenSSL and a socket: as OpenSSL's own, but without SIGPIPE --- */

static int bio_write(BIO *bio, const char *bytes, int length)
{
    const struct tdh_cable *cable = BIO_get_data(bio);
    ssize_t sent = send(cable->fd, bytes, (size_t)length, MSG_NOSIGNAL);

    BIO_clear_retry_flags(bio);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_write(bio);
    return (int)sent;
}

static int bio_read(BIO *bio, char *bytes, int length)
{
    const struct tdh_cable *cable = BIO_get_data(bio);
    ssize_t got = recv(cable->fd, bytes, (size_t)length, 0);

    BIO_clear_retry_flags(bio);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_read(bio);
    if (got == 0)
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return (int)got;
}

static long bio_control(BIO *bio, int what, long number, void *pointer)
{
    (void)number;
    (void)pointer;
    if (what == BIO_CTRL_EOF)
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return what == BIO_CTRL_FLUSH;
}

static BIO_METHOD *make_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "tdev cable");

    if (method != NULL) {
        BIO_meth_set_write(method, bio_write);
        BIO_meth_set_read(method, bio_read);
        BIO_meth_set_ctrl(method, bio_control);
    }
    return method;
}

/* --- loading --- */

static int load_authorities(SSL_CTX *context, const char *file, struct td_err *err)
{
    const char *why;

    if (file != NULL ? SSL_CTX_load_verify_file(context, file) == 1
                     : SSL_CTX_set_default_verify_paths(context) == 1)
        return 0;
    why = ERR_reason_error_string(ERR_peek_last_error());
    td_fail(err, TD_E_CONFIG, "could not use the authorities \"%s\": %s",
            file != NULL ? file : "of the system", why != NULL ? why : "it is not readable");
    ERR_clear_error();
    return td_hint(err, "name a readable PEM file with certificates of authorities");
}

static SSL_CTX *make_context(const char *file, struct td_err *err)
{
    static const unsigned char http[] = "\x08http/1.1";
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    if (context == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate TLS");
        return NULL;
    }
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_alpn_protos(context, http, sizeof(http) - 1);
    if (load_authorities(context, file, err) == 0)
        return context;
    SSL_CTX_free(context);
    return NULL;
}

/* Under the lock. */
static SSL_CTX *find_context(const char *file, struct td_err *err)
{
    const char *key = file != NULL ? file : "";
    SSL_CTX *context = tdh_map_get(&trust.contexts, key);

    if (context != NULL)
        return context;
    if (trust.contexts.count == FILES_MAX) {
        td_fail(err, TD_E_LIMIT, "there are more than %d files of authorities", FILES_MAX);
        return NULL;
    }
    if (trust.method == NULL)
        trust.method = make_method();
    context = trust.method != NULL ? make_context(file, err) : NULL;
    if (context != NULL && tdh_map_set(&trust.contexts, key, context, NULL) == 0)
        return context;
    SSL_CTX_free(context);
    if (trust.method == NULL || context != NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate TLS");
    return NULL;
}

static int load(void *arg, struct td_err *err)
{
    struct tdh_upstream *upstream = arg;
    SSL_CTX *context;

    pthread_mutex_lock(&trust.lock);
    context = find_context(upstream->ca_file, err);
    pthread_mutex_unlock(&trust.lock);
    if (context == NULL)
        return -1;
    atomic_store(&upstream->tls, context);
    return 0;
}

int tdh_trust_load(struct tdh_upstream *upstream, struct td_err *err)
{
    if (atomic_load(&upstream->tls) != NULL)
        return 0;
    return tdh_blocking(upstream->options.runtime, load, upstream, err);
}

/* --- sessions --- */

/* Whose certificate it must be. */
static bool expect_host(SSL *ssl, const struct tdh_upstream *upstream)
{
    X509_VERIFY_PARAM *wanted = SSL_get0_param(ssl);

    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (upstream->is_address)
        return X509_VERIFY_PARAM_set1_ip_asc(wanted, upstream->host) == 1;
    return X509_VERIFY_PARAM_set1_host(wanted, upstream->host, 0) == 1 &&
           SSL_set_tlsext_host_name(ssl, upstream->host) == 1;
}

struct ssl_st *tdh_session_new(struct tdh_cable *cable)
{
    struct tdh_upstream *upstream = cable->berth->upstream;
    SSL *ssl = SSL_new(atomic_load(&upstream->tls));
    BIO *bio = ssl != NULL ? BIO_new(trust.method) : NULL;

    if (bio == NULL) {
        SSL_free(ssl);
        return NULL;
    }
    BIO_set_data(bio, cable);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_connect_state(ssl);
    if (expect_host(ssl, upstream))
        return ssl;
    SSL_free(ssl);
    return NULL;
}

void tdh_session_free(struct ssl_st *session)
{
    if (SSL_is_init_finished(session))
        SSL_shutdown(session); /* says that nothing comes any more, and waits for no answer */
    SSL_free(session);
    ERR_clear_error();
}

static int fail_trust(const struct tdh_cable *cable, long verdict, struct td_err *err)
{
    const struct tdh_upstream *upstream = cable->berth->upstream;

    if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
        td_fail(err, TD_E_EXTERNAL, "its certificate is not for \"%s\"", upstream->host);
        td_hint(err, "write the url with a name that stands in the certificate");
    } else {
        td_fail(err, TD_E_EXTERNAL, "its certificate is not trusted: %s",
                X509_verify_cert_error_string(verdict));
        td_hint(err, verdict == X509_V_ERR_CERT_HAS_EXPIRED
                         ? "its operator has to renew it; is the clock of this machine right?"
                         : "when it is meant, name its authority's certificate as ca_file");
    }
    err->is_retryable = false;
    return -1;
}

static int fail_shake(const struct tdh_cable *cable, int code, int saved, struct td_err *err)
{
    long verdict = SSL_get_verify_result(cable->ssl);
    const char *why = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    if (verdict != X509_V_OK)
        return fail_trust(cable, verdict, err);
    if (code == SSL_ERROR_SYSCALL || saved != 0)
        return td_fail(err, TD_E_UNAVAILABLE, "the connection ended before TLS had begun: %s",
                       saved != 0 ? strerror(saved) : "it was closed");
    return td_fail(err, TD_E_EXTERNAL, "could not agree on TLS: %s",
                   why != NULL ? why : "it gave no reason");
}

enum tdh_cable_step tdh_session_shake(struct tdh_cable *cable, struct td_err *err)
{
    int rc, code;

    ERR_clear_error();
    errno = 0;
    rc = SSL_do_handshake(cable->ssl);
    if (rc == 1)
        return TDH_CABLE_DONE;
    code = SSL_get_error(cable->ssl, rc);
    if (code == SSL_ERROR_WANT_READ)
        return TDH_CABLE_AWAITS_INPUT;
    if (code == SSL_ERROR_WANT_WRITE)
        return TDH_CABLE_AWAITS_ROOM;
    fail_shake(cable, code, errno, err);
    return TDH_CABLE_BROKEN;
}
