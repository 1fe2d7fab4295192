# Unit tests of host/conf.
CLEANFILES += configuration.md # test_conf_print's, when docs/configuration.md is not what the table says

if HAVE_CMOCKA

check_PROGRAMS += tests/unit/test_conf
TESTS += tests/unit/test_conf
tests_unit_test_conf_SOURCES = tests/unit/test_conf.c tests/unit/conf_home.c tests/unit/conf_home.h \
    tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_conf_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_conf_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_conf_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_conf_print
TESTS += tests/unit/test_conf_print
tests_unit_test_conf_print_SOURCES = tests/unit/test_conf_print.c tests/unit/conf_home.c tests/unit/conf_home.h
tests_unit_test_conf_print_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_conf_print_LDADD = $(UNIT_LDADD)

endif
