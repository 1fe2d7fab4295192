# SPDX-License-Identifier: Apache-2.0
# Fuzz targets: built as they are they replay their seeds; configured with --enable-fuzzing (clang) they look for more,
# FUZZ_SECONDS each, with `make check-fuzz`. What they find is left in BUILD/found/TARGET.
FUZZ_CPPFLAGS = $(AM_CPPFLAGS) $(FUZZ_DEFS) -I$(top_srcdir)/tests/fuzz
FUZZ_SEEDS = $(abs_top_srcdir)/tests/fuzz/seeds
FUZZ_SECONDS = 60

check-fuzz: $(fuzz_targets)
	@test -n '$(FUZZ_LIBS)' || { echo "this build cannot fuzz: configure with CC=clang --enable-fuzzing"; exit 1; }
	@for target in $(fuzz_targets); do \
	    name=$${target##*replay_}; $(MKDIR_P) found/$$name && echo "== fuzz $$name" && \
	    ASAN_OPTIONS=detect_leaks=1 $$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	        -artifact_prefix=found/$$name/ found/$$name $(FUZZ_SEEDS)/$$name 2>found/$$name.log || \
	        { tail -n 40 found/$$name.log; exit 1; }; \
	    grep -E 'number_of_executed_units' found/$$name.log; \
	done

fuzz_targets = $(filter tests/fuzz/replay_%,$(check_PROGRAMS))

.PHONY: check-fuzz
