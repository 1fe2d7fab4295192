nobase_plugin_LTLIBRARIES += plugins/patterns/blackboard/blackboard.la
nobase_dist_plugin_DATA += plugins/patterns/blackboard/plugin.yaml plugins/patterns/blackboard/conform.yaml \
    plugins/patterns/blackboard/README.md
plugins_patterns_blackboard_blackboard_la_SOURCES = plugins/patterns/blackboard/blackboard.c
plugins_patterns_blackboard_blackboard_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_blackboard_blackboard_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_blackboard_blackboard_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_blackboard_blackboard_la_LIBADD = $(TD_PATTERN_LIBADD)
