nobase_plugin_LTLIBRARIES += plugins/patterns/parallel/parallel.la
nobase_dist_plugin_DATA += plugins/patterns/parallel/plugin.yaml plugins/patterns/parallel/conform.yaml \
    plugins/patterns/parallel/README.md
plugins_patterns_parallel_parallel_la_SOURCES = plugins/patterns/parallel/parallel.c
plugins_patterns_parallel_parallel_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_parallel_parallel_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_parallel_parallel_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_parallel_parallel_la_LIBADD = $(TD_COMPOSE_LIBADD)
