nobase_plugin_LTLIBRARIES += plugins/patterns/saga/saga.la
nobase_dist_plugin_DATA += plugins/patterns/saga/plugin.yaml plugins/patterns/saga/conform.yaml \
    plugins/patterns/saga/README.md
plugins_patterns_saga_saga_la_SOURCES = plugins/patterns/saga/saga.c
plugins_patterns_saga_saga_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_saga_saga_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_saga_saga_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_saga_saga_la_LIBADD = $(TD_PATTERN_LIBADD)
