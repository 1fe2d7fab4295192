# SPDX-License-Identifier: Apache-2.0
# The server, and the client of upstreams, on one strict parser: docs/http.md. And requests to servers elsewhere; what links libcurl is a module,
# opened by the first of them: docs/bridges.md.
libtdevhost_la_SOURCES += \
    host/http/accept.c \
    host/http/address.c \
    host/http/cable.c \
    host/http/cable.h \
    host/http/client.c \
    host/http/client.h \
    host/http/client_body.c \
    host/http/conn.c \
    host/http/dial.c \
    host/http/events.c \
    host/http/exchange.c \
    host/http/fetch.c \
    host/http/health.c \
    host/http/health.h \
    host/http/http.h \
    host/http/internal.h \
    host/http/module.h \
    host/http/parse.c \
    host/http/parse.h \
    host/http/parse_body.c \
    host/http/parse_line.c \
    host/http/parse_line.h \
    host/http/pool.c \
    host/http/refusal.c \
    host/http/reply.c \
    host/http/request.c \
    host/http/resolve.c \
    host/http/route.c \
    host/http/server.c \
    host/http/sse.c \
    host/http/sse.h \
    host/http/status.c \
    host/http/tls.c \
    host/http/trust.c \
    host/http/upstream.c

# Of programs with a server, or with upstreams: tdev itself has neither, so it does not load these.
TLS_LIBS = $(EVENT_SSL_LIBS) $(SSL_LIBS)

httpmoduledir = $(pkglibexecdir)
httpmodule_LTLIBRARIES = tdev-http.la
tdev_http_la_SOURCES = host/http/curl.c
tdev_http_la_CPPFLAGS = $(AM_CPPFLAGS)
tdev_http_la_CFLAGS = $(TD_PLUGIN_CFLAGS) $(CURL_CFLAGS)
tdev_http_la_LDFLAGS = -module -avoid-version -shared -export-symbols-regex '^tdh_http_module$$' -Wl,-z,now $(TD_NO_UNDEFINED)
tdev_http_la_LIBADD = libtdsdk.la $(JANSSON_LIBS) $(CURL_LIBS)
