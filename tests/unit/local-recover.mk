# SPDX-License-Identifier: Apache-2.0
# Unit tests of errors, and of what becomes of them: policies, breakers, alerts.
if HAVE_CMOCKA

check_PROGRAMS += tests/unit/test_err_json
TESTS += tests/unit/test_err_json
tests_unit_test_err_json_SOURCES = tests/unit/test_err_json.c
tests_unit_test_err_json_CPPFLAGS = $(UNIT_CPPFLAGS) -DTEST_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_err_json_LDADD = $(UNIT_LDADD)

POLICY_BED_SOURCES = tests/unit/policy_bed.c tests/unit/policy_bed.h

check_PROGRAMS += tests/unit/test_policies
TESTS += tests/unit/test_policies
tests_unit_test_policies_SOURCES = tests/unit/test_policies.c $(POLICY_BED_SOURCES)
tests_unit_test_policies_CPPFLAGS = $(UNIT_CPPFLAGS) -DTEST_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_policies_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_recover
TESTS += tests/unit/test_recover
tests_unit_test_recover_SOURCES = tests/unit/test_recover.c $(CALL_BED_SOURCES) $(POLICY_BED_SOURCES)
tests_unit_test_recover_CPPFLAGS = $(UNIT_CPPFLAGS) -DTEST_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_recover_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_breaker
TESTS += tests/unit/test_breaker
tests_unit_test_breaker_SOURCES = tests/unit/test_breaker.c $(CALL_BED_SOURCES) $(POLICY_BED_SOURCES)
tests_unit_test_breaker_CPPFLAGS = $(UNIT_CPPFLAGS) -DTEST_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_breaker_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_run_recover
TESTS += tests/unit/test_run_recover
tests_unit_test_run_recover_SOURCES = tests/unit/test_run_recover.c $(RUN_BED_SOURCES) $(POLICY_BED_SOURCES)
tests_unit_test_run_recover_CPPFLAGS = $(UNIT_CPPFLAGS) -DTEST_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_run_recover_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_alert
TESTS += tests/unit/test_alert
tests_unit_test_alert_SOURCES = tests/unit/test_alert.c $(POLICY_BED_SOURCES)
tests_unit_test_alert_CPPFLAGS = $(UNIT_CPPFLAGS) -DTEST_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_test_alert_LDADD = $(UNIT_LDADD)

endif
