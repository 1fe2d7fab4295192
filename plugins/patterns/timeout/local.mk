nobase_plugin_LTLIBRARIES += plugins/patterns/timeout/timeout.la
nobase_dist_plugin_DATA += plugins/patterns/timeout/plugin.yaml plugins/patterns/timeout/conform.yaml \
    plugins/patterns/timeout/README.md
plugins_patterns_timeout_timeout_la_SOURCES = plugins/patterns/timeout/timeout.c
plugins_patterns_timeout_timeout_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_timeout_timeout_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_timeout_timeout_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_timeout_timeout_la_LIBADD = $(TD_PATTERN_LIBADD)
