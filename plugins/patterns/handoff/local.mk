nobase_plugin_LTLIBRARIES += plugins/patterns/handoff/handoff.la
nobase_dist_plugin_DATA += plugins/patterns/handoff/plugin.yaml plugins/patterns/handoff/conform.yaml \
    plugins/patterns/handoff/README.md
plugins_patterns_handoff_handoff_la_SOURCES = plugins/patterns/handoff/handoff.c
plugins_patterns_handoff_handoff_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_handoff_handoff_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_handoff_handoff_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_handoff_handoff_la_LIBADD = $(TD_PATTERN_LIBADD)
