# SPDX-License-Identifier: Apache-2.0
# Unit tests of host/http, and of what tdevd tells over it.
HTTP_FEED_SOURCES = tests/unit/http_feed.c tests/unit/http_feed.h
SSE_FEED_SOURCES = tests/unit/sse_feed.c tests/unit/sse_feed.h
if HAVE_CMOCKA

check_PROGRAMS += tests/unit/test_http_parse
TESTS += tests/unit/test_http_parse
tests_unit_test_http_parse_SOURCES = tests/unit/test_http_parse.c $(HTTP_FEED_SOURCES)
tests_unit_test_http_parse_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_http_parse_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_http_sse
TESTS += tests/unit/test_http_sse
tests_unit_test_http_sse_SOURCES = tests/unit/test_http_sse.c $(SSE_FEED_SOURCES) tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_http_sse_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_http_sse_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_http_sse_LDADD = $(UNIT_LDADD)

HTTP_BED_SOURCES = tests/unit/http_bed.c tests/unit/http_bed.h tests/unit/http_handlers.c tests/unit/http_handlers.h

check_PROGRAMS += tests/unit/test_http_server
TESTS += tests/unit/test_http_server
tests_unit_test_http_server_SOURCES = tests/unit/test_http_server.c $(HTTP_BED_SOURCES)
tests_unit_test_http_server_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_http_server_LDADD = $(UNIT_LDADD) $(TLS_LIBS)

check_PROGRAMS += tests/unit/test_http_clients
TESTS += tests/unit/test_http_clients
tests_unit_test_http_clients_SOURCES = tests/unit/test_http_clients.c $(HTTP_BED_SOURCES)
tests_unit_test_http_clients_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_http_clients_LDADD = $(UNIT_LDADD) $(TLS_LIBS)

PEER_SOURCES = tests/unit/peer.c tests/unit/peer.h tests/unit/peer_tls.c

check_PROGRAMS += tests/unit/test_http_client
TESTS += tests/unit/test_http_client
tests_unit_test_http_client_SOURCES = tests/unit/test_http_client.c $(PEER_SOURCES)
tests_unit_test_http_client_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_http_client_LDADD = $(UNIT_LDADD) $(TLS_LIBS)

check_PROGRAMS += tests/unit/test_http_upstream
TESTS += tests/unit/test_http_upstream
tests_unit_test_http_upstream_SOURCES = tests/unit/test_http_upstream.c $(PEER_SOURCES) tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_http_upstream_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_http_upstream_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_http_upstream_LDADD = $(UNIT_LDADD) $(TLS_LIBS)

check_PROGRAMS += tests/unit/test_http_given_up
TESTS += tests/unit/test_http_given_up
tests_unit_test_http_given_up_SOURCES = tests/unit/test_http_given_up.c $(PEER_SOURCES) tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_http_given_up_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_http_given_up_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_http_given_up_LDADD = $(UNIT_LDADD) $(TLS_LIBS)

check_PROGRAMS += tests/unit/test_http_reach
TESTS += tests/unit/test_http_reach
tests_unit_test_http_reach_SOURCES = tests/unit/test_http_reach.c $(PEER_SOURCES)
tests_unit_test_http_reach_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_http_reach_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getaddrinfo
tests_unit_test_http_reach_LDADD = $(UNIT_LDADD) $(TLS_LIBS)

check_PROGRAMS += tests/unit/test_metrics
TESTS += tests/unit/test_metrics
tests_unit_test_metrics_SOURCES = tests/unit/test_metrics.c
tests_unit_test_metrics_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_metrics_LDADD = $(UNIT_LDADD)

endif

# FUZZ_CPPFLAGS and FUZZ_SEEDS stand in tests/fuzz/local.mk.
EXTRA_DIST += tests/fuzz/seeds/http tests/fuzz/seeds/sse

check_PROGRAMS += tests/fuzz/replay_http
TESTS += tests/fuzz/replay_http
tests_fuzz_replay_http_SOURCES = tests/fuzz/fuzz_http.c tests/fuzz/driver.c tests/fuzz/fuzz.h $(HTTP_FEED_SOURCES)
tests_fuzz_replay_http_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/http"'
tests_fuzz_replay_http_LDADD = libtdevhost.la libtdsdk.la $(FUZZ_LIBS)

check_PROGRAMS += tests/fuzz/replay_sse
TESTS += tests/fuzz/replay_sse
tests_fuzz_replay_sse_SOURCES = tests/fuzz/fuzz_sse.c tests/fuzz/driver.c tests/fuzz/fuzz.h $(SSE_FEED_SOURCES)
tests_fuzz_replay_sse_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/sse"'
tests_fuzz_replay_sse_LDADD = libtdevhost.la libtdsdk.la $(FUZZ_LIBS)
