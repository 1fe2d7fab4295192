# Benches: `make bench` prints a table and writes bench.json in the build folder.
EXTRA_PROGRAMS += tests/bench/bench
tests_bench_bench_SOURCES = tests/bench/bench.c
tests_bench_bench_LDADD = libtdevhost.la libtdsdk.la

bench: tests/bench/bench$(EXEEXT) all
	TDEV_PLUGIN_PATH='$(abs_builddir)/plugins-tree' TDEV_PLUGINS_INLINE='$(abs_builddir)/plugins-tree' \
	    TDEV_DATA_DIR='$(abs_top_srcdir)/conf' \
	    tests/bench/bench$(EXEEXT) '$(abs_builddir)/tdev' '$(abs_builddir)/plugins-tree' bench.json

.PHONY: bench
