# SPDX-License-Identifier: Apache-2.0
# Unit tests of errors, and of what becomes of them: policies, breakers, alerts.
if HAVE_CMOCKA

check_PROGRAMS += tests/unit/test_err_json
TESTS += tests/unit/test_err_json
tests_unit_test_err_json_SOURCES = tests/unit/test_err_json.c
tests_unit_test_err_json_CPPFLAGS = $(UNIT_CPPFLAGS) -DTEST_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_err_json_LDADD = $(UNIT_LDADD)

endif
