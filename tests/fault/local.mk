# Faults: killed at random instants, and at each thing that is done to a file.
TESTS += tests/fault/kill.sh tests/fault/io.sh tests/fault/copy.sh
EXTRA_DIST += tests/fault/kill.sh tests/fault/io.sh tests/fault/copy.sh

check_LTLIBRARIES += tests/fault/io.la
tests_fault_io_la_SOURCES = tests/fault/io.c
tests_fault_io_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
