# SPDX-License-Identifier: Apache-2.0
# The recorded numbers of the plugin border. Needs nothing but the SDK's headers.
check_PROGRAMS += tests/abi/test_abi
TESTS += tests/abi/test_abi
tests_abi_test_abi_SOURCES = tests/abi/sizes.h tests/abi/test_abi.c

# Headers of the SDKs there were, as they were; a new minor adds those of the one before it, a library of each kind, and a host.
EXTRA_DIST += tests/abi/sdk-1.0/tdev/ctx.h \
    tests/abi/sdk-1.0/tdev/err.h \
    tests/abi/sdk-1.0/tdev/plugin.h \
    tests/abi/sdk-1.0/tdev/reducer.h \
    tests/abi/sdk-1.0/tdev/storage.h \
    tests/abi/sdk-1.1/tdev/ctx.h \
    tests/abi/sdk-1.1/tdev/err.h \
    tests/abi/sdk-1.1/tdev/plugin.h \
    tests/abi/sdk-1.1/tdev/reducer.h \
    tests/abi/sdk-1.1/tdev/storage.h \
    tests/abi/sdk-1.2/tdev/ctx.h \
    tests/abi/sdk-1.2/tdev/err.h \
    tests/abi/sdk-1.2/tdev/plugin.h \
    tests/abi/sdk-1.2/tdev/reducer.h \
    tests/abi/sdk-1.2/tdev/storage.h \
    tests/abi/sdk-1.3/tdev/ctx.h \
    tests/abi/sdk-1.3/tdev/err.h \
    tests/abi/sdk-1.3/tdev/plugin.h \
    tests/abi/sdk-1.3/tdev/reducer.h \
    tests/abi/sdk-1.3/tdev/storage.h

check_LTLIBRARIES += tests/abi/age_1_0.la
tests_abi_age_1_0_la_SOURCES = tests/abi/age.c
tests_abi_age_1_0_la_CPPFLAGS = -I$(top_srcdir)/tests/abi/sdk-1.0 $(TD_PLUGIN_CPPFLAGS)
tests_abi_age_1_0_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_abi_age_1_0_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_abi_age_1_0_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/abi/age_pattern_1_0.la
tests_abi_age_pattern_1_0_la_SOURCES = tests/abi/age.c
tests_abi_age_pattern_1_0_la_CPPFLAGS = -I$(top_srcdir)/tests/abi/sdk-1.0 $(TD_PLUGIN_CPPFLAGS) -DAGE_PATTERN
tests_abi_age_pattern_1_0_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_abi_age_pattern_1_0_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_abi_age_pattern_1_0_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/abi/age_1_1.la
tests_abi_age_1_1_la_SOURCES = tests/abi/age.c
tests_abi_age_1_1_la_CPPFLAGS = -I$(top_srcdir)/tests/abi/sdk-1.1 $(TD_PLUGIN_CPPFLAGS)
tests_abi_age_1_1_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_abi_age_1_1_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_abi_age_1_1_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/abi/age_pattern_1_1.la
tests_abi_age_pattern_1_1_la_SOURCES = tests/abi/age.c
tests_abi_age_pattern_1_1_la_CPPFLAGS = -I$(top_srcdir)/tests/abi/sdk-1.1 $(TD_PLUGIN_CPPFLAGS) -DAGE_PATTERN
tests_abi_age_pattern_1_1_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_abi_age_pattern_1_1_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_abi_age_pattern_1_1_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/abi/age_1_2.la
tests_abi_age_1_2_la_SOURCES = tests/abi/age.c
tests_abi_age_1_2_la_CPPFLAGS = -I$(top_srcdir)/tests/abi/sdk-1.2 $(TD_PLUGIN_CPPFLAGS)
tests_abi_age_1_2_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_abi_age_1_2_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_abi_age_1_2_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/abi/age_pattern_1_2.la
tests_abi_age_pattern_1_2_la_SOURCES = tests/abi/age.c
tests_abi_age_pattern_1_2_la_CPPFLAGS = -I$(top_srcdir)/tests/abi/sdk-1.2 $(TD_PLUGIN_CPPFLAGS) -DAGE_PATTERN
tests_abi_age_pattern_1_2_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_abi_age_pattern_1_2_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_abi_age_pattern_1_2_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/abi/age_1_3.la
tests_abi_age_1_3_la_SOURCES = tests/abi/age.c
tests_abi_age_1_3_la_CPPFLAGS = -I$(top_srcdir)/tests/abi/sdk-1.3 $(TD_PLUGIN_CPPFLAGS)
tests_abi_age_1_3_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_abi_age_1_3_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_abi_age_1_3_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/abi/age_pattern_1_3.la
tests_abi_age_pattern_1_3_la_SOURCES = tests/abi/age.c
tests_abi_age_pattern_1_3_la_CPPFLAGS = -I$(top_srcdir)/tests/abi/sdk-1.3 $(TD_PLUGIN_CPPFLAGS) -DAGE_PATTERN
tests_abi_age_pattern_1_3_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_abi_age_pattern_1_3_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_abi_age_pattern_1_3_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/abi/age_1_4.la
tests_abi_age_1_4_la_SOURCES = tests/abi/age.c
tests_abi_age_1_4_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
tests_abi_age_1_4_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_abi_age_1_4_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_abi_age_1_4_la_LIBADD = $(TD_PLUGIN_LIBADD)

check_LTLIBRARIES += tests/abi/age_pattern_1_4.la
tests_abi_age_pattern_1_4_la_SOURCES = tests/abi/age.c
tests_abi_age_pattern_1_4_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -DAGE_PATTERN
tests_abi_age_pattern_1_4_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_abi_age_pattern_1_4_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_abi_age_pattern_1_4_la_LIBADD = $(TD_PLUGIN_LIBADD)

if HAVE_CMOCKA
ABI_HOST_SOURCES = tests/abi/host.c tests/abi/later.h host/plugin/check.c host/plugin/stamp.c \
    tests/unit/plugin_home.c tests/unit/plugin_home.h
ABI_HOST_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/tests/unit -include $(top_srcdir)/tests/abi/later.h

check_PROGRAMS += tests/abi/host_1_0
TESTS += tests/abi/host_1_0
tests_abi_host_1_0_SOURCES = $(ABI_HOST_SOURCES)
tests_abi_host_1_0_CPPFLAGS = -I$(top_srcdir)/tests/abi/sdk-1.0 $(ABI_HOST_CPPFLAGS)
tests_abi_host_1_0_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/abi/host_1_1
TESTS += tests/abi/host_1_1
tests_abi_host_1_1_SOURCES = $(ABI_HOST_SOURCES)
tests_abi_host_1_1_CPPFLAGS = -I$(top_srcdir)/tests/abi/sdk-1.1 $(ABI_HOST_CPPFLAGS)
tests_abi_host_1_1_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/abi/host_1_2
TESTS += tests/abi/host_1_2
tests_abi_host_1_2_SOURCES = $(ABI_HOST_SOURCES)
tests_abi_host_1_2_CPPFLAGS = -I$(top_srcdir)/tests/abi/sdk-1.2 $(ABI_HOST_CPPFLAGS)
tests_abi_host_1_2_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/abi/host_1_3
TESTS += tests/abi/host_1_3
tests_abi_host_1_3_SOURCES = $(ABI_HOST_SOURCES)
tests_abi_host_1_3_CPPFLAGS = -I$(top_srcdir)/tests/abi/sdk-1.3 $(ABI_HOST_CPPFLAGS)
tests_abi_host_1_3_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/abi/host_1_4
TESTS += tests/abi/host_1_4
tests_abi_host_1_4_SOURCES = $(ABI_HOST_SOURCES)
tests_abi_host_1_4_CPPFLAGS = $(ABI_HOST_CPPFLAGS)
tests_abi_host_1_4_LDADD = $(UNIT_LDADD)
endif
