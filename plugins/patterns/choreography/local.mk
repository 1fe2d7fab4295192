nobase_plugin_LTLIBRARIES += plugins/patterns/choreography/choreography.la
nobase_dist_plugin_DATA += plugins/patterns/choreography/plugin.yaml plugins/patterns/choreography/conform.yaml \
    plugins/patterns/choreography/README.md
plugins_patterns_choreography_choreography_la_SOURCES = plugins/patterns/choreography/choreography.c
plugins_patterns_choreography_choreography_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_choreography_choreography_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_choreography_choreography_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_choreography_choreography_la_LIBADD = $(TD_PATTERN_LIBADD)
