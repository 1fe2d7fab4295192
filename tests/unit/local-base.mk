# SPDX-License-Identifier: Apache-2.0
# Unit tests of host/base and of the SDK's error type.
if HAVE_CMOCKA

# alloc_fail.c stands in front of the host's allocations; test_file.c in front of its system calls.
UNIT_ALLOC_LDFLAGS = $(AM_LDFLAGS) \
    -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=strdup
UNIT_FILE_LDFLAGS = $(AM_LDFLAGS) \
    -Wl,--wrap=fsync -Wl,--wrap=close -Wl,--wrap=rename -Wl,--wrap=write -Wl,--wrap=read

check_PROGRAMS += tests/unit/test_arena
TESTS += tests/unit/test_arena
tests_unit_test_arena_SOURCES = tests/unit/test_arena.c tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_arena_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_arena_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_arena_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_buf
TESTS += tests/unit/test_buf
tests_unit_test_buf_SOURCES = tests/unit/test_buf.c tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_buf_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_buf_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_buf_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_json
TESTS += tests/unit/test_json
tests_unit_test_json_SOURCES = tests/unit/test_json.c tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_json_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_json_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_json_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_map
TESTS += tests/unit/test_map
tests_unit_test_map_SOURCES = tests/unit/test_map.c tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_map_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_map_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_map_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_yaml
TESTS += tests/unit/test_yaml
tests_unit_test_yaml_SOURCES = tests/unit/test_yaml.c tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_yaml_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_yaml_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_yaml_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_yaml_make
TESTS += tests/unit/test_yaml_make
tests_unit_test_yaml_make_SOURCES = tests/unit/test_yaml_make.c
tests_unit_test_yaml_make_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_yaml_make_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_yaml_write
TESTS += tests/unit/test_yaml_write
tests_unit_test_yaml_write_SOURCES = tests/unit/test_yaml_write.c
tests_unit_test_yaml_write_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_yaml_write_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_clock
TESTS += tests/unit/test_clock
tests_unit_test_clock_SOURCES = tests/unit/test_clock.c
tests_unit_test_clock_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_clock_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_err
TESTS += tests/unit/test_err
tests_unit_test_err_SOURCES = tests/unit/test_err.c
tests_unit_test_err_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_err_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_file
TESTS += tests/unit/test_file
tests_unit_test_file_SOURCES = tests/unit/test_file.c
tests_unit_test_file_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_file_LDFLAGS = $(UNIT_FILE_LDFLAGS)
tests_unit_test_file_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_hook
TESTS += tests/unit/test_hook
tests_unit_test_hook_SOURCES = tests/unit/test_hook.c
tests_unit_test_hook_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_hook_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_id
TESTS += tests/unit/test_id
tests_unit_test_id_SOURCES = tests/unit/test_id.c
tests_unit_test_id_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_id_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_log
TESTS += tests/unit/test_log
tests_unit_test_log_SOURCES = tests/unit/test_log.c
tests_unit_test_log_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_log_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_meter
TESTS += tests/unit/test_meter
tests_unit_test_meter_SOURCES = tests/unit/test_meter.c
tests_unit_test_meter_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_meter_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_metric
TESTS += tests/unit/test_metric
tests_unit_test_metric_SOURCES = tests/unit/test_metric.c
tests_unit_test_metric_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_metric_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_near
TESTS += tests/unit/test_near
tests_unit_test_near_SOURCES = tests/unit/test_near.c
tests_unit_test_near_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_near_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_semver
TESTS += tests/unit/test_semver
tests_unit_test_semver_SOURCES = tests/unit/test_semver.c
tests_unit_test_semver_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_semver_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_significance
TESTS += tests/unit/test_significance
tests_unit_test_significance_SOURCES = tests/unit/test_significance.c
tests_unit_test_significance_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_significance_LDADD = $(UNIT_LDADD) -lm

endif

# FUZZ_CPPFLAGS and FUZZ_SEEDS stand in tests/fuzz/local.mk.
EXTRA_DIST += tests/fuzz/seeds/json tests/fuzz/seeds/yaml

check_PROGRAMS += tests/fuzz/replay_json
TESTS += tests/fuzz/replay_json
tests_fuzz_replay_json_SOURCES = tests/fuzz/fuzz_json.c tests/fuzz/driver.c tests/fuzz/fuzz.h
tests_fuzz_replay_json_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/json"'
tests_fuzz_replay_json_LDADD = libtdevhost.la libtdsdk.la $(FUZZ_LIBS)

check_PROGRAMS += tests/fuzz/replay_yaml
TESTS += tests/fuzz/replay_yaml
tests_fuzz_replay_yaml_SOURCES = tests/fuzz/fuzz_yaml.c tests/fuzz/driver.c tests/fuzz/fuzz.h
tests_fuzz_replay_yaml_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/yaml"'
tests_fuzz_replay_yaml_LDADD = libtdevhost.la libtdsdk.la $(FUZZ_LIBS)
