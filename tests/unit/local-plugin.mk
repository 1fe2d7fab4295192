# SPDX-License-Identifier: Apache-2.0
# Unit tests of host/plugin, host/pattern and host/agent. UNIT_ALLOC_LDFLAGS stands in local-base.mk; the libraries that are refused in tests/plugins.
if HAVE_CMOCKA

check_PROGRAMS += tests/unit/test_manifest
TESTS += tests/unit/test_manifest
tests_unit_test_manifest_SOURCES = tests/unit/test_manifest.c tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_manifest_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_manifest_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_manifest_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_solve
TESTS += tests/unit/test_solve
tests_unit_test_solve_SOURCES = tests/unit/test_solve.c tests/unit/solve_case.c tests/unit/solve_case.h \
    tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_solve_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_solve_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_solve_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_solve_random
TESTS += tests/unit/test_solve_random
tests_unit_test_solve_random_SOURCES = tests/unit/test_solve_random.c tests/unit/solve_case.c \
    tests/unit/solve_case.h
tests_unit_test_solve_random_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_solve_random_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_plugin_bind
TESTS += tests/unit/test_plugin_bind
tests_unit_test_plugin_bind_SOURCES = tests/unit/test_plugin_bind.c tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_plugin_bind_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_plugin_bind_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_plugin_bind_LDADD = $(UNIT_LDADD)

PLUGIN_HOME_SOURCES = tests/unit/plugin_home.c tests/unit/plugin_home.h

check_PROGRAMS += tests/unit/test_plugin_load
TESTS += tests/unit/test_plugin_load
tests_unit_test_plugin_load_SOURCES = tests/unit/test_plugin_load.c $(PLUGIN_HOME_SOURCES) \
    tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_plugin_load_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_plugin_load_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_plugin_load_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_plugin_versions
TESTS += tests/unit/test_plugin_versions
tests_unit_test_plugin_versions_SOURCES = tests/unit/test_plugin_versions.c $(PLUGIN_HOME_SOURCES)
tests_unit_test_plugin_versions_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_plugin_versions_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_plugin_check
TESTS += tests/unit/test_plugin_check
tests_unit_test_plugin_check_SOURCES = tests/unit/test_plugin_check.c $(PLUGIN_HOME_SOURCES)
tests_unit_test_plugin_check_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_plugin_check_LDADD = $(UNIT_LDADD)

RUNNER_BED_SOURCES = tests/unit/runner_bed.c tests/unit/runner_bed.h tests/unit/held.c tests/unit/held.h

check_PROGRAMS += tests/unit/test_runner
TESTS += tests/unit/test_runner
tests_unit_test_runner_SOURCES = tests/unit/test_runner.c $(RUNNER_BED_SOURCES)
tests_unit_test_runner_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_runner_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_confine
TESTS += tests/unit/test_confine
tests_unit_test_confine_SOURCES = tests/unit/test_confine.c $(RUNNER_BED_SOURCES)
tests_unit_test_confine_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_confine_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_program
TESTS += tests/unit/test_program
tests_unit_test_program_SOURCES = tests/unit/test_program.c tests/unit/held.c tests/unit/held.h $(PLUGIN_HOME_SOURCES)
tests_unit_test_program_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_program_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_offer
TESTS += tests/unit/test_offer
tests_unit_test_offer_SOURCES = tests/unit/test_offer.c $(PLUGIN_HOME_SOURCES)
tests_unit_test_offer_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_offer_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_link
TESTS += tests/unit/test_link
tests_unit_test_link_SOURCES = tests/unit/test_link.c
tests_unit_test_link_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_link_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_plugin_elf
TESTS += tests/unit/test_plugin_elf
tests_unit_test_plugin_elf_SOURCES = tests/unit/test_plugin_elf.c
tests_unit_test_plugin_elf_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_plugin_elf_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_agent
TESTS += tests/unit/test_agent
tests_unit_test_agent_SOURCES = tests/unit/test_agent.c $(PLUGIN_HOME_SOURCES) \
    tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_agent_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_agent_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_agent_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_agent_exchange
TESTS += tests/unit/test_agent_exchange
tests_unit_test_agent_exchange_SOURCES = tests/unit/test_agent_exchange.c $(PLUGIN_HOME_SOURCES)
tests_unit_test_agent_exchange_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_agent_exchange_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_pattern
TESTS += tests/unit/test_pattern
tests_unit_test_pattern_SOURCES = tests/unit/test_pattern.c
tests_unit_test_pattern_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_pattern_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_pattern_catalogue
TESTS += tests/unit/test_pattern_catalogue
tests_unit_test_pattern_catalogue_SOURCES = tests/unit/test_pattern_catalogue.c \
    tests/unit/pattern_shelf.c tests/unit/pattern_shelf.h tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_pattern_catalogue_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_pattern_catalogue_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_pattern_catalogue_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_recommend
TESTS += tests/unit/test_recommend
tests_unit_test_recommend_SOURCES = tests/unit/test_recommend.c \
    tests/unit/pattern_shelf.c tests/unit/pattern_shelf.h
tests_unit_test_recommend_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_recommend_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_plugin_require
TESTS += tests/unit/test_plugin_require
tests_unit_test_plugin_require_SOURCES = tests/unit/test_plugin_require.c $(PLUGIN_HOME_SOURCES)
tests_unit_test_plugin_require_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_plugin_require_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_plugin_find
TESTS += tests/unit/test_plugin_find
tests_unit_test_plugin_find_SOURCES = tests/unit/test_plugin_find.c $(PLUGIN_HOME_SOURCES)
tests_unit_test_plugin_find_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_plugin_find_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_signature
TESTS += tests/unit/test_signature
tests_unit_test_signature_SOURCES = tests/unit/test_signature.c $(PLUGIN_HOME_SOURCES) \
    tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_signature_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_signature_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_signature_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_fake_fold
TESTS += tests/unit/test_fake_fold
tests_unit_test_fake_fold_SOURCES = tests/unit/test_fake_fold.c
tests_unit_test_fake_fold_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_fake_fold_LDADD = libtdtest.a libtdsdk.la $(JANSSON_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_fake_outside
TESTS += tests/unit/test_fake_outside
tests_unit_test_fake_outside_SOURCES = tests/unit/test_fake_outside.c
tests_unit_test_fake_outside_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_fake_outside_LDADD = libtdtest.a libtdsdk.la $(JANSSON_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_fake_host
TESTS += tests/unit/test_fake_host
tests_unit_test_fake_host_SOURCES = tests/unit/test_fake_host.c
tests_unit_test_fake_host_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_fake_host_LDADD = libtdtest.a libtdsdk.la $(JANSSON_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_exchange
TESTS += tests/unit/test_exchange
tests_unit_test_exchange_SOURCES = tests/unit/test_exchange.c $(PLUGIN_HOME_SOURCES)
tests_unit_test_exchange_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_exchange_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_compat
TESTS += tests/unit/test_compat
tests_unit_test_compat_SOURCES = tests/unit/test_compat.c $(PLUGIN_HOME_SOURCES)
tests_unit_test_compat_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_compat_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_forecast
TESTS += tests/unit/test_forecast
tests_unit_test_forecast_SOURCES = tests/unit/test_forecast.c $(PLUGIN_HOME_SOURCES)
tests_unit_test_forecast_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_forecast_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_plugin_steps
TESTS += tests/unit/test_plugin_steps
tests_unit_test_plugin_steps_SOURCES = tests/unit/test_plugin_steps.c
tests_unit_test_plugin_steps_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_plugin_steps_LDADD = $(UNIT_LDADD)

endif

# FUZZ_CPPFLAGS and FUZZ_SEEDS stand in tests/fuzz/local.mk.
EXTRA_DIST += tests/fuzz/seeds/manifest

EXTRA_DIST += tests/fuzz/seeds/signature
check_PROGRAMS += tests/fuzz/replay_signature
TESTS += tests/fuzz/replay_signature
tests_fuzz_replay_signature_SOURCES = tests/fuzz/fuzz_signature.c tests/fuzz/driver.c tests/fuzz/fuzz.h
tests_fuzz_replay_signature_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/signature"'
tests_fuzz_replay_signature_LDADD = libtdevhost.la libtdsdk.la $(FUZZ_LIBS)

check_PROGRAMS += tests/fuzz/replay_manifest
TESTS += tests/fuzz/replay_manifest
tests_fuzz_replay_manifest_SOURCES = tests/fuzz/fuzz_manifest.c tests/fuzz/driver.c tests/fuzz/fuzz.h
tests_fuzz_replay_manifest_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/manifest"'
tests_fuzz_replay_manifest_LDADD = libtdevhost.la libtdsdk.la $(FUZZ_LIBS)

EXTRA_DIST += tests/fuzz/seeds/elf

check_PROGRAMS += tests/fuzz/replay_elf
TESTS += tests/fuzz/replay_elf
tests_fuzz_replay_elf_SOURCES = tests/fuzz/fuzz_elf.c tests/fuzz/driver.c tests/fuzz/fuzz.h
tests_fuzz_replay_elf_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/elf"'
tests_fuzz_replay_elf_LDADD = libtdevhost.la libtdsdk.la $(FUZZ_LIBS)

check_PROGRAMS += tests/unit/test_role
TESTS += tests/unit/test_role
tests_unit_test_role_SOURCES = tests/unit/test_role.c
tests_unit_test_role_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_role_LDADD = $(UNIT_LDADD)


check_PROGRAMS += tests/unit/test_fake_role
TESTS += tests/unit/test_fake_role
tests_unit_test_fake_role_SOURCES = tests/unit/test_fake_role.c
tests_unit_test_fake_role_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_fake_role_LDADD = libtdtest.a libtdsdk.la $(JANSSON_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_pair
TESTS += tests/unit/test_pair
tests_unit_test_pair_SOURCES = tests/unit/test_pair.c $(PLUGIN_HOME_SOURCES)
tests_unit_test_pair_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_pair_LDADD = $(UNIT_LDADD)
