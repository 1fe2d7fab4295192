# SPDX-License-Identifier: Apache-2.0
# Unit tests of host/http.
HTTP_FEED_SOURCES = tests/unit/http_feed.c tests/unit/http_feed.h
if HAVE_CMOCKA

check_PROGRAMS += tests/unit/test_http_parse
TESTS += tests/unit/test_http_parse
tests_unit_test_http_parse_SOURCES = tests/unit/test_http_parse.c $(HTTP_FEED_SOURCES)
tests_unit_test_http_parse_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_http_parse_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_http_server
TESTS += tests/unit/test_http_server
tests_unit_test_http_server_SOURCES = tests/unit/test_http_server.c tests/unit/http_bed.c tests/unit/http_bed.h
tests_unit_test_http_server_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_http_server_LDADD = $(UNIT_LDADD) $(TLS_LIBS)

endif

# FUZZ_CPPFLAGS and FUZZ_SEEDS stand in tests/fuzz/local.mk.
EXTRA_DIST += tests/fuzz/seeds/http

check_PROGRAMS += tests/fuzz/replay_http
TESTS += tests/fuzz/replay_http
tests_fuzz_replay_http_SOURCES = tests/fuzz/fuzz_http.c tests/fuzz/driver.c tests/fuzz/fuzz.h $(HTTP_FEED_SOURCES)
tests_fuzz_replay_http_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/http"'
tests_fuzz_replay_http_LDADD = libtdevhost.la libtdsdk.la $(FUZZ_LIBS)
