nobase_plugin_LTLIBRARIES += plugins/patterns/retry/retry.la
nobase_dist_plugin_DATA += plugins/patterns/retry/plugin.yaml plugins/patterns/retry/conform.yaml \
    plugins/patterns/retry/README.md
plugins_patterns_retry_retry_la_SOURCES = plugins/patterns/retry/retry.c
plugins_patterns_retry_retry_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_retry_retry_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_retry_retry_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_retry_retry_la_LIBADD = $(TD_PATTERN_LIBADD)
