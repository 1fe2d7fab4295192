# SPDX-License-Identifier: Apache-2.0
# Unit tests of host/runtime, host/store, host/call and host/run, which share a storage backend of paper.
if HAVE_CMOCKA

check_PROGRAMS += tests/unit/test_charge
TESTS += tests/unit/test_charge
tests_unit_test_charge_SOURCES = tests/unit/test_charge.c
tests_unit_test_charge_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_charge_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_top
TESTS += tests/unit/test_top
tests_unit_test_top_SOURCES = tests/unit/test_top.c
tests_unit_test_top_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_top_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_runtime
TESTS += tests/unit/test_runtime
tests_unit_test_runtime_SOURCES = tests/unit/test_runtime.c
tests_unit_test_runtime_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_runtime_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_pins
TESTS += tests/unit/test_pins
tests_unit_test_pins_SOURCES = tests/unit/test_pins.c
tests_unit_test_pins_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_pins_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_descriptor
TESTS += tests/unit/test_descriptor
tests_unit_test_descriptor_SOURCES = tests/unit/test_descriptor.c
tests_unit_test_descriptor_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_descriptor_LDADD = $(UNIT_LDADD)

CALL_BED_SOURCES = tests/unit/call_bed.c tests/unit/call_bed.h

check_PROGRAMS += tests/unit/test_call
TESTS += tests/unit/test_call
tests_unit_test_call_SOURCES = tests/unit/test_call.c $(CALL_BED_SOURCES)
tests_unit_test_call_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_call_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_limit
TESTS += tests/unit/test_limit
tests_unit_test_limit_SOURCES = tests/unit/test_limit.c $(CALL_BED_SOURCES)
tests_unit_test_limit_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_limit_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_required
TESTS += tests/unit/test_required
tests_unit_test_required_SOURCES = tests/unit/test_required.c $(CALL_BED_SOURCES)
tests_unit_test_required_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_required_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_policy
TESTS += tests/unit/test_policy
tests_unit_test_policy_SOURCES = tests/unit/test_policy.c
tests_unit_test_policy_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policy_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_store
TESTS += tests/unit/test_store
tests_unit_test_store_SOURCES = tests/unit/test_store.c tests/unit/fake_store.c tests/unit/fake_store.h
tests_unit_test_store_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_owner
TESTS += tests/unit/test_owner
tests_unit_test_owner_SOURCES = tests/unit/test_owner.c
tests_unit_test_owner_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_owner_LDADD = $(UNIT_LDADD)

RUN_BED_SOURCES = tests/unit/run_bed.c tests/unit/run_bed.h tests/unit/run_script.c tests/unit/run_script.h \
    tests/unit/fake_store.c tests/unit/fake_store.h

check_PROGRAMS += tests/unit/test_run
TESTS += tests/unit/test_run
tests_unit_test_run_SOURCES = tests/unit/test_run.c $(RUN_BED_SOURCES)
tests_unit_test_run_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_run_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_run_budget
TESTS += tests/unit/test_run_budget
tests_unit_test_run_budget_SOURCES = tests/unit/test_run_budget.c $(RUN_BED_SOURCES)
tests_unit_test_run_budget_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_run_budget_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_run_crash
TESTS += tests/unit/test_run_crash
tests_unit_test_run_crash_SOURCES = tests/unit/test_run_crash.c $(RUN_BED_SOURCES)
tests_unit_test_run_crash_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_run_crash_LDADD = $(UNIT_LDADD)

JOURNAL_BED_SOURCES = tests/unit/journal_bed.c tests/unit/journal_bed.h $(RUN_BED_SOURCES)

check_PROGRAMS += tests/unit/test_run_broken
TESTS += tests/unit/test_run_broken
tests_unit_test_run_broken_SOURCES = tests/unit/test_run_broken.c $(JOURNAL_BED_SOURCES)
tests_unit_test_run_broken_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_run_broken_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_run_snapshot
TESTS += tests/unit/test_run_snapshot
tests_unit_test_run_snapshot_SOURCES = tests/unit/test_run_snapshot.c $(RUN_BED_SOURCES)
tests_unit_test_run_snapshot_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_run_snapshot_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_run_mail
TESTS += tests/unit/test_run_mail
tests_unit_test_run_mail_SOURCES = tests/unit/test_run_mail.c $(RUN_BED_SOURCES)
tests_unit_test_run_mail_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_run_mail_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_run_notice
TESTS += tests/unit/test_run_notice
tests_unit_test_run_notice_SOURCES = tests/unit/test_run_notice.c $(RUN_BED_SOURCES)
tests_unit_test_run_notice_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_run_notice_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_run_keep
TESTS += tests/unit/test_run_keep
tests_unit_test_run_keep_SOURCES = tests/unit/test_run_keep.c $(RUN_BED_SOURCES)
tests_unit_test_run_keep_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_run_keep_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_run_queue
TESTS += tests/unit/test_run_queue
tests_unit_test_run_queue_SOURCES = tests/unit/test_run_queue.c $(RUN_BED_SOURCES)
tests_unit_test_run_queue_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_run_queue_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_run_resume
TESTS += tests/unit/test_run_resume
tests_unit_test_run_resume_SOURCES = tests/unit/test_run_resume.c $(RUN_BED_SOURCES)
tests_unit_test_run_resume_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_run_resume_LDADD = $(UNIT_LDADD)

endif

# FUZZ_CPPFLAGS and FUZZ_SEEDS stand in tests/fuzz/local.mk.
EXTRA_DIST += tests/fuzz/seeds/journal

check_PROGRAMS += tests/fuzz/replay_journal
TESTS += tests/fuzz/replay_journal
tests_fuzz_replay_journal_SOURCES = tests/fuzz/fuzz_journal.c tests/fuzz/driver.c tests/fuzz/fuzz.h \
    tests/unit/journal_bed.c tests/unit/journal_bed.h tests/unit/run_bed.c tests/unit/run_bed.h \
    tests/unit/run_script.c tests/unit/run_script.h tests/unit/fake_store.c tests/unit/fake_store.h
tests_fuzz_replay_journal_CPPFLAGS = $(FUZZ_CPPFLAGS) -I$(top_srcdir)/tests/unit -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/journal"'
tests_fuzz_replay_journal_LDADD = libtdevhost.la libtdsdk.la $(FUZZ_LIBS)
