# Stores of every release, resumed by this build.
TESTS += tests/golden/resume.sh
EXTRA_DIST += tests/golden/make.sh tests/golden/resume.sh tests/golden/0.1.0.sql tests/golden/0.1.0.want
check_PROGRAMS += tests/golden/load
tests_golden_load_SOURCES = tests/golden/load.c
tests_golden_load_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_golden_load_LDADD = $(SQLITE_LIBS)
