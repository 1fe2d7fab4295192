nobase_plugin_LTLIBRARIES += plugins/patterns/barrier/barrier.la
nobase_dist_plugin_DATA += plugins/patterns/barrier/plugin.yaml plugins/patterns/barrier/conform.yaml \
    plugins/patterns/barrier/README.md
plugins_patterns_barrier_barrier_la_SOURCES = plugins/patterns/barrier/barrier.c
plugins_patterns_barrier_barrier_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_barrier_barrier_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_barrier_barrier_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_barrier_barrier_la_LIBADD = $(TD_PATTERN_LIBADD)
