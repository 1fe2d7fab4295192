# Faults: killed at random instants, and at each thing that is done to a file; a clock that jumps at each look at it.
fault_tests = tests/fault/kill.sh tests/fault/io.sh tests/fault/copy.sh tests/fault/clock.sh tests/fault/damage.sh tests/fault/keep.sh tests/fault/trigger.sh tests/fault/move.sh tests/fault/answer.sh tests/fault/plug.sh
TESTS += $(fault_tests)
EXTRA_DIST += $(fault_tests)

check_LTLIBRARIES += tests/fault/io.la tests/fault/clock.la
tests_fault_io_la_SOURCES = tests/fault/io.c
tests_fault_io_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
tests_fault_clock_la_SOURCES = tests/fault/clock.c
tests_fault_clock_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

# What check-long runs in its long form.
print-fault-tests:
	@echo $(fault_tests)
.PHONY: print-fault-tests
