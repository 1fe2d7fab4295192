nobase_plugin_LTLIBRARIES += plugins/patterns/reflection/reflection.la
nobase_dist_plugin_DATA += plugins/patterns/reflection/plugin.yaml plugins/patterns/reflection/conform.yaml \
    plugins/patterns/reflection/README.md
plugins_patterns_reflection_reflection_la_SOURCES = plugins/patterns/reflection/reflection.c
plugins_patterns_reflection_reflection_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_reflection_reflection_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_reflection_reflection_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_reflection_reflection_la_LIBADD = $(TD_PATTERN_LIBADD)
