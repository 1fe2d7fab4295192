# SPDX-License-Identifier: Apache-2.0
# Unit tests of host/model, and of the wires.
if HAVE_CMOCKA

check_PROGRAMS += tests/unit/test_wires
TESTS += tests/unit/test_wires
tests_unit_test_wires_SOURCES = tests/unit/test_wires.c $(PLUGIN_HOME_SOURCES) \
    tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_wires_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_wires_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_wires_LDADD = $(UNIT_LDADD)

endif
EXTRA_DIST += tests/wires
