/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls: the server's side of TLS, by OpenSSL in bufferevents.
 */
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

#include "http/internal.h"

static int fail_tls(struct td_err *err, const char *what, const char *path)
{
    unsigned long code = ERR_peek_last_error();
    const char *why = code != 0 ? ERR_reason_error_string(code) : NULL;

    td_fail(err, TD_E_CONFIG, "could not use the %s \"%s\": %s", what, path,
            why != NULL ? why : "it is not readable");
    ERR_clear_error();
    return -1;
}

/* Of what the client offers: HTTP/1.1, or nothing. */
static int choose_protocol(SSL *ssl, const unsigned char **ret_name, unsigned char *ret_length,
                           const unsigned char *offered, unsigned length, void *arg)
{
    static const unsigned char http[] = "\x08http/1.1";
    unsigned char *chosen;

    (void)ssl;
    (void)arg;
    if (SSL_select_next_proto(&chosen, ret_length, http, sizeof(http) - 1, offered, length) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *ret_name = chosen;
    return SSL_TLSEXT_ERR_OK;
}

struct ssl_ctx_st *tdh_tls_new(const char *certificate, const char *key, struct td_err *err)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

    if (tls == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate TLS");
        return NULL;
    }
    SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
    SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                 SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(tls, choose_protocol, NULL);
    if ((SSL_CTX_use_certificate_chain_file(tls, certificate) == 1 ||
         fail_tls(err, "certificate", certificate) == 0) &&
        (SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) == 1 ||
         fail_tls(err, "key", key) == 0))
        return tls;
    SSL_CTX_free(tls);
    return NULL;
}

void tdh_tls_free(struct ssl_ctx_st *tls)
{
    SSL_CTX_free(tls);
}

struct ssl_st *tdh_tls_session(struct ssl_ctx_st *tls)
{
    return SSL_new(tls);
}

void tdh_tls_session_free(struct ssl_st *session)
{
    SSL_free(session);
}

struct bufferevent *tdh_tls_bufferevent(struct event_base *base, int fd, struct ssl_st *session)
{
    struct bufferevent *bev = bufferevent_openssl_socket_new(
        base, fd, session, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);

    if (bev == NULL)
        SSL_free(session);
    return bev;
}

void tdh_tls_bye(struct bufferevent *bev)
{
    SSL *ssl = bufferevent_openssl_get_ssl(bev);

    if (ssl != NULL && SSL_is_init_finished(ssl))
        SSL_shutdown(ssl);
    ERR_clear_error();
}
