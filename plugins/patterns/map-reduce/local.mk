nobase_plugin_LTLIBRARIES += plugins/patterns/map-reduce/map-reduce.la
nobase_dist_plugin_DATA += plugins/patterns/map-reduce/plugin.yaml plugins/patterns/map-reduce/conform.yaml \
    plugins/patterns/map-reduce/README.md
plugins_patterns_map_reduce_map_reduce_la_SOURCES = plugins/patterns/map-reduce/map-reduce.c
plugins_patterns_map_reduce_map_reduce_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_map_reduce_map_reduce_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_map_reduce_map_reduce_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_map_reduce_map_reduce_la_LIBADD = $(TD_PATTERN_LIBADD)
