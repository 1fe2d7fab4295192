nobase_plugin_LTLIBRARIES += plugins/patterns/scatter-gather/scatter-gather.la
nobase_dist_plugin_DATA += plugins/patterns/scatter-gather/plugin.yaml plugins/patterns/scatter-gather/conform.yaml \
    plugins/patterns/scatter-gather/README.md
plugins_patterns_scatter_gather_scatter_gather_la_SOURCES = plugins/patterns/scatter-gather/scatter-gather.c
plugins_patterns_scatter_gather_scatter_gather_la_CPPFLAGS = $(TD_PATTERN_CPPFLAGS)
plugins_patterns_scatter_gather_scatter_gather_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_patterns_scatter_gather_scatter_gather_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_patterns_scatter_gather_scatter_gather_la_LIBADD = $(TD_PATTERN_LIBADD)
