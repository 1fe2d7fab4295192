# SPDX-License-Identifier: Apache-2.0
# Benches. `make bench` takes a few minutes, prints a table and writes bench.json; `make bench-long` has a million runs and the resume of
# 100 000 (bench-long.json); `make bench-peers` runs other systems beside ours (peers/README.md; bench-peers.json).
# BENCH_FLAGS: --rounds N, --percent N (of the work), --only GROUP.
check_PROGRAMS += tests/bench/bench
tests_bench_bench_SOURCES = \
    tests/bench/bench.c tests/bench/bench.h \
    tests/bench/figure.c tests/bench/figure.h \
    tests/bench/finding.c \
    tests/bench/home.c \
    tests/bench/isolated.c \
    tests/bench/parts.c \
    tests/bench/processes.c \
    tests/bench/steps.c \
    tests/bench/lone.c \
    tests/bench/length.c \
    tests/bench/fan.c \
    tests/bench/gets.c \
    tests/bench/many.c \
    tests/bench/resume.c \
    tests/bench/peer_agents.c \
    tests/bench/peer_work.c
tests_bench_bench_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_bench_bench_LDADD = libtdevhost.la libtdsdk.la $(SQLITE_LIBS) $(TLS_LIBS)

check_LTLIBRARIES += tests/bench/work/work.la
tests_bench_work_work_la_SOURCES = tests/bench/work/work.c
tests_bench_work_work_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
tests_bench_work_work_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
tests_bench_work_work_la_LDFLAGS = $(TD_TEST_PLUGIN_LDFLAGS)
tests_bench_work_work_la_LIBADD = $(TD_PLUGIN_LIBADD)

TESTS += tests/bench/short.sh
check_DATA += tests/bench/plugins-tree/stamp
EXTRA_DIST += tests/bench/short.sh tests/bench/README.md

bench_peers = README.md langgraph.sh langgraph.mjs taskflow.sh taskflow.py agents.sh agents.mjs
EXTRA_DIST += tests/bench/work/plugin.yaml tests/bench/syncs.sh tests/bench/http.sh tests/bench/client.sh tests/bench/daemon.sh $(addprefix tests/bench/peers/,$(bench_peers))

bench_tree = tests/bench/plugins-tree
bench_work_files = plugin.yaml work.so
CLEANFILES += $(bench_tree)/stamp $(addprefix $(bench_tree)/work/,$(bench_work_files)) bench.json bench-long.json bench-peers.json
$(bench_tree)/stamp: tests/bench/work/work.la tests/bench/work/plugin.yaml
	@$(MKDIR_P) $(bench_tree)/work
	$(AM_V_GEN)cp $(srcdir)/tests/bench/work/plugin.yaml $(bench_tree)/work/plugin.yaml.new && \
	    cp tests/bench/work/.libs/work.so $(bench_tree)/work/work.so.new && \
	    chmod u+w $(bench_tree)/work/plugin.yaml.new && \
	    mv $(bench_tree)/work/plugin.yaml.new $(bench_tree)/work/plugin.yaml && \
	    mv $(bench_tree)/work/work.so.new $(bench_tree)/work/work.so
	@touch $@

bench_trees = $(abs_builddir)/plugins-tree:$(abs_builddir)/$(bench_tree)
bench_run = TDEV_PLUGIN_PATH='$(bench_trees):$(abs_builddir)/tests/plugins-tree' TDEV_PLUGINS_INLINE='$(bench_trees)' \
    TDEV_PLUGINS_RUNNER_DIR='$(abs_builddir)' TDEV_DATA_DIR='$(abs_top_srcdir)/conf' \
    BENCH_TDEV='$(abs_builddir)/tdev' BENCH_SCRIPTS='$(abs_top_srcdir)/tests/bench' PEERS='$(PEERS)' \
    '$(abs_builddir)/tests/bench/bench$(EXEEXT)'
bench_needs = all tests/bench/bench$(EXEEXT) $(bench_tree)/stamp tests/plugins-tree/stamp

bench: $(bench_needs)
	$(bench_run) -o bench.json $(BENCH_FLAGS)
bench-long: $(bench_needs)
	$(bench_run) --long --rounds 1 -o bench-long.json $(BENCH_FLAGS)
bench-peers: $(bench_needs)
	$(bench_run) --peers -o bench-peers.json $(BENCH_FLAGS)

.PHONY: bench bench-long bench-peers
