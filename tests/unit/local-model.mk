# SPDX-License-Identifier: Apache-2.0
# Unit tests of host/model, and of the wires.
if HAVE_CMOCKA

check_PROGRAMS += tests/unit/test_wires
TESTS += tests/unit/test_wires
tests_unit_test_wires_SOURCES = tests/unit/test_wires.c tests/unit/eventstream_make.c tests/unit/eventstream_make.h $(PLUGIN_HOME_SOURCES) \
    tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_wires_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_wires_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_wires_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_eventstream
TESTS += tests/unit/test_eventstream
tests_unit_test_eventstream_SOURCES = tests/unit/test_eventstream.c tests/unit/eventstream_make.c tests/unit/eventstream_make.h
tests_unit_test_eventstream_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_eventstream_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_sign
TESTS += tests/unit/test_sign
tests_unit_test_sign_SOURCES = tests/unit/test_sign.c
tests_unit_test_sign_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sign_LDADD = $(UNIT_LDADD)

endif

# FUZZ_CPPFLAGS and FUZZ_SEEDS stand in tests/fuzz/local.mk.
EXTRA_DIST += tests/fuzz/seeds/wires

check_PROGRAMS += tests/fuzz/replay_wires
TESTS += tests/fuzz/replay_wires
tests_fuzz_replay_wires_SOURCES = tests/fuzz/fuzz_wires.c tests/fuzz/driver.c tests/fuzz/fuzz.h
tests_fuzz_replay_wires_CPPFLAGS = $(FUZZ_CPPFLAGS) -DTEST_BUILDDIR='"$(abs_top_builddir)"' -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/wires"'
tests_fuzz_replay_wires_LDADD = libtdevhost.la libtdsdk.la $(FUZZ_LIBS)
EXTRA_DIST += tests/wires tests/data/converse.eventstream

# FUZZ_CPPFLAGS and FUZZ_SEEDS stand in tests/fuzz/local.mk.
EXTRA_DIST += tests/fuzz/seeds/eventstream

check_PROGRAMS += tests/fuzz/replay_eventstream
TESTS += tests/fuzz/replay_eventstream
tests_fuzz_replay_eventstream_SOURCES = tests/fuzz/fuzz_eventstream.c tests/fuzz/driver.c tests/fuzz/fuzz.h \
    tests/unit/eventstream_make.c tests/unit/eventstream_make.h plugins/providers/bedrock-converse/fault.c \
    plugins/providers/bedrock-converse/reply.c plugins/providers/bedrock-converse/stream.c
tests_fuzz_replay_eventstream_CPPFLAGS = $(FUZZ_CPPFLAGS) -I$(top_srcdir)/plugins/providers -I$(top_srcdir)/tests \
    -I$(top_srcdir)/tests/unit -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/eventstream"'
tests_fuzz_replay_eventstream_LDADD = libwire.la libtdevhost.la libtdsdk.la $(JANSSON_LIBS) $(FUZZ_LIBS)
